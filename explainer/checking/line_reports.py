"""Each line of a sheet as a report tells it, with its points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from .blank import asked as lines_asked
from .diagnosis import Confidence
from .findings import Findings
from .marking import Mark, Verdict
from .names import Names
from .policy import Policy
from .report import LineReport, Slip
from .rounding_habits import rounded_on_the_way


def line_reports(findings: Findings, slips: Sequence[Slip], policy: Policy, names: Names) -> tuple[LineReport, ...]:
    """Every line that the sheet lists, and those that the policy asks for as well, in the order of the calculation."""
    asked = dict.fromkeys(findings.told.answers)
    if policy.expected == "all":
        asked |= dict.fromkeys(lines_asked(findings.evaluation.derivation))
    decided = policy.overrides.get(findings.told.sheet.student, {})
    given = {names.find(name): points for name, points in decided.items()}
    reports = _LineReports(findings, slips, policy, given)
    return tuple(reports.line(id) for id in sorted(asked, key=findings.order.__getitem__))


class _LineReports(Struct, frozen=True):
    findings: Findings
    slips: Sequence[Slip]
    policy: Policy
    given: Mapping[str, Decimal]
    """Line → points that the teacher gives."""

    def line(self, id: str) -> LineReport:
        mark = self.findings.marking.marks.get(id)
        line = self.unmarked(id) if mark is None else self.marked(id, mark)
        if id in self.given:
            return replace(line, points=self.given[id], overridden=True, counted=True)
        return replace(line, points=line.worth * self.credit(line))

    def plain(self, id: str, verdict: Verdict) -> LineReport:
        answer = self.findings.told.answers.get(id)
        step = self.findings.written.lines.step.get(id)
        worth = self.policy.worth(id, step.kind if step else None)
        key = self.findings.workbook.key(id)
        return LineReport(id, answer.text.strip() if answer else "", verdict, key, Decimal(0), worth)

    # without a figure

    def unmarked(self, id: str) -> LineReport:
        line = self.plain(id, Verdict.MISSING)
        if line.answer:
            return replace(line, verdict=Verdict.UNREADABLE)
        part_of = self.part_of(id)
        return replace(line, counted=not part_of, part_of=part_of)

    def part_of(self, id: str) -> int:
        """The slip that a blank line is part of: the slip was made there, or lies in leaving it out."""
        for slip in self.slips:
            told = slip.explanations[:1] if slip.confidence is not Confidence.NONE else ()
            parts = {part for explanation in told for part in (*explanation.part, explanation.line)}
            if id in parts or id in {self.findings.kin.base(part) for part in parts}:
                return slip.number
        return 0

    # with one

    def marked(self, id: str, mark: Mark) -> LineReport:
        verdict = self.verdict(id, mark)
        line = replace(
            self.plain(id, verdict),
            follows=tuple(sorted(mark.follows, key=self.findings.order.__getitem__)),
            behind=self.slips_behind(mark.follows),
            too_few=self.too_few(id),
            wide=mark.wide and verdict in (Verdict.ROUNDING, Verdict.FOLLOWS),
        )
        return self.with_rounding(line) if verdict is Verdict.ROUNDING else line

    def verdict(self, id: str, mark: Mark) -> Verdict:
        turned = self.findings.turned
        if mark.verdict is Verdict.WRONG and self.slip_of(id).confidence is not Confidence.NONE:
            return Verdict.SLIP
        if turned and id in turned.ids and mark.verdict in (Verdict.RIGHT, Verdict.ROUNDING):
            return Verdict.CONVENTION
        if mark.verdict is Verdict.ROUNDING and self.is_the_key(id, mark):
            return Verdict.RIGHT
        return mark.verdict

    def is_the_key(self, id: str, mark: Mark) -> bool:
        """Whether a figure is that of the key, where rounded values are carried as the file asks."""
        book = self.findings.workbook
        return book.by_contract(id) and Decimal(book.key(id)) == mark.figure.value

    def slip_of(self, id: str) -> Slip:
        """The slip that a wrong line shows."""
        return next(slip for slip in self.slips if id in (slip.line, *slip.again, *slip.explained))

    def with_rounding(self, line: LineReport) -> LineReport:
        """How a line that is right for the person's rounding comes about."""
        findings, id = self.findings, line.id
        rounded, value = rounded_on_the_way(findings.written, findings.marking, findings.workbook, id)
        short = findings.workbook.short_key(id)
        key = line.key if Decimal(short) == findings.told.figures[id].value else short
        way = findings.workbook.line(id, {rounded: value})
        if way is not None and way.result and Decimal(way.result) != findings.told.figures[id].value:
            way = None  # from a figure that was replaced by the right one, or by digits that nobody wrote
        return replace(line, key=key, rounded=rounded, rounded_value=value, way=way)

    def slips_behind(self, follows: frozenset[str]) -> tuple[int, ...]:
        """The numbers of the slips that a line follows from."""
        return tuple(
            slip.number
            for slip in self.slips
            if follows & {slip.line, *slip.again, *slip.explained, *(e.line for e in slip.explanations[:1])}
        )

    def too_few(self, id: str) -> bool:
        """Whether a figure has fewer digits than asked for; a bare 0 for what is not 0 never has enough."""
        figure, exact = self.findings.told.figures[id], self.findings.written.lines.values[id]
        if not figure.significant and exact:
            return True
        return self.policy.digits is not None and figure.significant < self.policy.digits and figure.value != exact

    # points

    def credit(self, line: LineReport) -> Decimal:
        """The part of its points that a line earns."""
        credit = self.policy.credit
        if line.verdict in (Verdict.SLIP, Verdict.WRONG):
            slip = self.slip_of(line.id)
            unexplained = slip.confidence is Confidence.NONE
            return credit["again" if line.id != slip.line else "unexplained" if unexplained else slip.cost]
        earned = credit["rounding" if line.verdict is Verdict.ROUNDING else line.verdict.value]
        return min(earned, credit["too_few_digits"]) if line.too_few else earned
