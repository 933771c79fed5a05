"""Puts together what was found about one sheet: verdicts, slips, points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ..numbers.evaluate import Evaluation
from ..spec.types import Spec
from .candidates import Candidate
from .conventions import Turned
from .diagnosis import Confidence, Diagnosis
from .figures import Figure
from .kin import Kin
from .lines import Lines
from .marking import CLEARLY_OFF, Marking, Verdict, Written, units_off
from .mistakes import OTHER_METHODS
from .names import Names
from .policy import Policy
from .report import Explanation, LineReport, Report, Slip
from .rounding_habits import contract_of, rounded_on_the_way
from .sheets import Answer, Sheet
from .workings import Workbook

MOST_REDONE = 4


@dataclass(frozen=True, slots=True)
class Told:
    """A sheet with its names understood."""

    sheet: Sheet
    answers: Mapping[str, Answer]
    """Id → what was written."""
    figures: Mapping[str, Figure]
    renamed: Mapping[str, str]


@dataclass(slots=True)
class Reporting:
    """Puts what was found about one sheet into words' raw material."""

    spec: Spec
    names: Names
    evaluation: Evaluation
    variants: Mapping[str, Lines]
    told: Told
    policy: Policy
    written: Written
    marking: Marking
    diagnoses: list[Diagnosis]
    turned: Turned | None
    order: Mapping[str, int]
    kin: Kin
    workbook: Workbook = field(init=False)

    def report(self) -> Report:
        """Everything that is to be said."""
        spec, told = self.spec, self.told
        self.workbook = Workbook(self.written, self.marking, self.evaluation)
        slips = tuple(self._slip(number, found) for number, found in enumerate(self.diagnoses, 1))
        ids = sorted(told.answers, key=lambda id: self.order[id])
        if self.policy.expected == "all":
            missing = [
                s.id
                for s in self.written.lines.derivation.steps
                if not s.trivial and s.id not in told.answers and "@" not in s.id
            ]
            ids = sorted({*ids, *missing}, key=lambda id: self.order[id])
        lines = tuple(self._line(id, slips) for id in ids)
        return Report(
            spec.name,
            spec.title,
            told.sheet.student,
            told.sheet.variant,
            lines,
            slips,
            contract_of(self.written, self.marking, self.workbook) if self.marking.marks else None,
            self.turned.classes if self.turned else (),
            told.renamed,
            self._redo(slips),
            told.sheet.extras,
        )

    # ------------------------------------------------------------ lines

    def _line(self, id: str, slips: Sequence[Slip]) -> LineReport:
        answer = self.told.answers.get(id)
        mark = self.marking.marks.get(id)
        step = self.written.lines.step.get(id)
        worth = self.policy.worth(id, step.kind if step else None)
        if mark is None:
            verdict = Verdict.UNREADABLE if answer and answer.text.strip() else Verdict.MISSING
            part_of = self._part_of(id, slips) if verdict is Verdict.MISSING else 0
            line = LineReport(
                id,
                answer.text if answer else "",
                verdict,
                self.workbook.key(id),
                Decimal(0),
                worth,
                counted=not part_of,
                part_of=part_of,
            )
            return self._earned(line, slips, False)
        verdict = mark.verdict
        if verdict is Verdict.WRONG and any(
            id in (s.line, *s.again, *s.explained) and s.confidence is not Confidence.NONE for s in slips
        ):
            verdict = Verdict.SLIP
        if self.turned and id in self.turned.ids and verdict in (Verdict.RIGHT, Verdict.ROUNDING):
            verdict = Verdict.CONVENTION
        assert answer is not None
        figure = self.told.figures[id]
        too_few = self._too_few(id, figure)
        line = LineReport(
            id,
            answer.text.strip(),
            verdict,
            self.workbook.key(id),
            Decimal(0),
            worth,
            tuple(sorted(mark.follows, key=lambda other: self.order[other])),
            self._slips_behind(mark.follows, slips),
            too_few,
            mark.wide and verdict in (Verdict.ROUNDING, Verdict.FOLLOWS),
        )
        if verdict is Verdict.ROUNDING:
            rounded, value = rounded_on_the_way(self.written, self.marking, self.workbook, id)
            line = replace(
                line,
                key=self._told_key(id),
                rounded=rounded,
                rounded_value=value,
                way=self.workbook.line(id, {rounded: value}),
            )
        return self._earned(line, slips, too_few)

    @staticmethod
    def _slips_behind(follows: frozenset[str], slips: Sequence[Slip]) -> tuple[int, ...]:
        """The numbers of the slips that a line follows from."""
        found = []
        for slip in slips:
            lines = {slip.line, *slip.again, *slip.explained, *(e.line for e in slip.explanations[:1])}
            if follows & lines:
                found.append(slip.number)
        return tuple(found)

    def _told_key(self, id: str) -> str:
        """The exact value to the digits of the sheet, or to all where that is what the person has."""
        key = self.workbook.short_key(id)
        return self.workbook.key(id) if Decimal(key) == self.told.figures[id].value else key

    def _too_few(self, id: str, figure: Figure) -> bool:
        if not figure.significant and self.written.lines.values[id]:
            return True
        exact = figure.value == self.written.lines.values[id]
        return self.policy.digits is not None and figure.significant < self.policy.digits and not exact

    def _earned(self, line: LineReport, slips: Sequence[Slip], too_few: bool) -> LineReport:
        """The line with its points."""
        decided = self.policy.overrides.get(self.told.sheet.student, {})
        own = next((value for name, value in decided.items() if self.names.find(name) == line.id), None)
        if own is not None:
            return replace(line, points=own, overridden=True, counted=True)
        return replace(line, points=line.worth * self._credit(line, slips, too_few))

    def _credit(self, line: LineReport, slips: Sequence[Slip], too_few: bool) -> Decimal:
        credit = self.policy.credit
        match line.verdict:
            case Verdict.RIGHT | Verdict.ROUNDING | Verdict.CONVENTION | Verdict.FOLLOWS:
                name = "rounding" if line.verdict is Verdict.ROUNDING else line.verdict.value
                return min(credit[name], credit["too_few_digits"]) if too_few else credit[name]
            case Verdict.SLIP | Verdict.WRONG:
                slip = next(s for s in slips if line.id in (s.line, *s.again, *s.explained))
                if line.id != slip.line:
                    return credit["again"]
                return credit[slip.cost] if slip.confidence is not Confidence.NONE else credit["unexplained"]
        return credit[line.verdict.value]

    def _part_of(self, id: str, slips: Sequence[Slip]) -> int:
        """The slip that a blank line is part of: the slip was made there, or lies in leaving it out."""
        for slip in slips:
            parts = {
                part
                for e in slip.explanations[:1]
                for part in (*e.part, e.line)
                if slip.confidence is not Confidence.NONE
            }
            if id in parts or id in {self.kin.base(part) for part in parts}:
                return slip.number
        return 0

    # ------------------------------------------------------------ slips

    def _slip(self, number: int, found: Diagnosis) -> Slip:
        marking, id = self.marking, found.line
        mark = marking.marks[id]
        marks = marking.marks
        roots = {id, *(c.line for c in found.candidates[:1])}
        followers = tuple(i for i, m in marks.items() if m.follows & roots)
        used, carried = self._use(id, followers)
        best = found.best
        unwritten = best is not None and best.line != id
        cost = best.mistake.cost if best else "method"
        if not carried and used and not unwritten:
            cost = "copying"
        off = units_off(mark)
        return Slip(
            number,
            id,
            self.told.answers[id].text.strip(),
            self.workbook.short_key(id),
            found.confidence,
            tuple(self._explanation(candidate, id) for candidate in found.candidates),
            ()
            if best and best.mistake in OTHER_METHODS
            else self.workbook.worked(best.line if best and unwritten and best.line in self.written.lines.step else id),
            found.again,
            found.explained,
            found.contrary,
            followers,
            carried or unwritten,
            used or unwritten,
            self._right_at(best),
            cost,
            self._variant(id),
            round(off) if not found.candidates and off < CLEARLY_OFF else 0,
            mark.wide,
        )

    def _use(self, id: str, followers: Sequence[str]) -> tuple[bool, bool]:
        """Whether any written line comes from it, and whether its wrong value was carried on."""
        reached, used = {id}, False
        for step in self.written.lines.steps:
            if step.id != id and any(u in reached for u in step.uses):
                if step.id in self.marking.marks:
                    used = True
                else:
                    reached.add(step.id)
        return used, bool(followers) or not used

    def _explanation(self, candidate: Candidate, written_line: str) -> Explanation:
        step = self.written.lines.step.get(candidate.line)
        figure = self.told.figures.get(written_line)
        kin = self.kin
        unwritten = candidate.line != written_line
        parts = candidate.part if candidate.shape is None else tuple(map(kin.base, candidate.part))
        blank = any(self._is_blank(part) for part in parts)
        way = None
        if step is not None and candidate.shape is not None and not unwritten:
            way = self.workbook.edited(candidate, written_line)
        same = ""
        if figure is not None and step is not None and not unwritten:
            same = next(
                (u for u in step.uses if u in self.told.figures and self.told.figures[u].value == figure.value), ""
            )
        return Explanation(
            candidate.mistake.name,
            candidate.line,
            kin.line_type(step) if step else "given",
            unwritten,
            parts,
            blank,
            candidate.instead,
            self.workbook.text(candidate.instead) if candidate.instead in self.marking.own else "",
            same,
            way,
            tuple(row.name for row in candidate.also),
        )

    def _is_blank(self, part: str) -> bool:
        return part in self.told.answers and part not in self.told.figures

    def _right_at(self, best: Candidate | None) -> str:
        """A sibling line that is right: the person knows how it goes."""
        if best is None or best.line not in self.written.lines.step or best.mistake.cost != "method":
            return ""
        good = (Verdict.RIGHT, Verdict.ROUNDING, Verdict.FOLLOWS)
        marks = self.marking.marks
        return next((o for o in self.kin.siblings(best.line) if o in marks and marks[o].verdict in good), "")

    def _variant(self, id: str) -> str:
        window = self.marking.windows[id]
        figure = self.told.figures[id]
        if figure.significant < 3:
            return ""
        for code, lines in self.variants.items():
            value = lines.values.get(id)
            if value is not None and window[0] <= self.written.number(value) <= window[1]:
                return code
        return ""

    def _redo(self, slips: Sequence[Slip]) -> tuple[tuple[str, str], ...]:
        """A few lines that follow from the first slip, evenly spread, with the values to meet."""
        if not slips:
            return ()
        lines = [id for id in slips[0].followers if id in self.order]
        if len(lines) > MOST_REDONE:
            lines = [lines[i * (len(lines) - 1) // (MOST_REDONE - 1)] for i in range(MOST_REDONE)]
        return tuple((id, self.workbook.short_key(id)) for id in lines)
