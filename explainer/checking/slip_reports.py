"""Slips as a report tells them."""

from __future__ import annotations

from msgspec import Struct

from .candidates import Candidate
from .diagnosis import Diagnosis
from .findings import Findings
from .marking import CLEARLY_OFF, Verdict, off_in_the_last_digit, units_off
from .mistakes import OTHER_METHODS
from .report import Explanation, Slip, Working

ENOUGH_DIGITS = 3
"""A figure of fewer digits agrees with another variant's by chance."""


def slips_of(findings: Findings) -> tuple[Slip, ...]:
    """Every own error, numbered in the order of the calculation."""
    return tuple(_Slips(findings).slip(number, found) for number, found in enumerate(findings.diagnoses, 1))


class _Slips(Struct, frozen=True):
    findings: Findings

    def slip(self, number: int, found: Diagnosis) -> Slip:
        findings, id, best = self.findings, found.line, found.best
        mark = findings.marking.marks[id]
        unwritten = best is not None and best.line != id
        followers = self.followers(found)
        used = unwritten or self.used(id)
        carried = unwritten or bool(followers) or not used
        off = units_off(mark)
        return Slip(
            number=number,
            line=id,
            answer=findings.told.answers[id].text.strip(),
            key=findings.workbook.short_key(id),
            confidence=found.confidence,
            explanations=tuple(self.explanation(candidate, id) for candidate in found.candidates),
            should=self.should(id, best),
            again=found.again,
            explained=found.explained,
            contrary=found.contrary,
            followers=followers,
            carried_on=carried,
            used=used,
            right_at=self.right_at(best),
            cost="copying" if not carried else best.mistake.cost if best else "method",
            variant=self.variant(id),
            off=round(off) if not found.candidates and off_in_the_last_digit(mark, CLEARLY_OFF) else 0,
            wide=mark.wide,
        )

    def followers(self, found: Diagnosis) -> tuple[str, ...]:
        """The lines that follow from the wrong one, or from the unwritten one above it."""
        roots = {found.line, *(candidate.line for candidate in found.candidates[:1])}
        return tuple(id for id, mark in self.findings.marking.marks.items() if mark.follows & roots)

    def used(self, id: str) -> bool:
        """Whether any written line comes from it, directly or by way of unwritten ones."""
        reached = {id}
        for step in self.findings.written.lines.steps:
            if step.id != id and any(used in reached for used in step.uses):
                if step.id in self.findings.marking.marks:
                    return True
                reached.add(step.id)
        return False

    def should(self, id: str, best: Candidate | None) -> tuple[Working, ...]:
        """How the line should go, or the unwritten one in which the slip lies."""
        if best is not None and best.mistake in OTHER_METHODS:
            return ()
        line = best.line if best is not None and best.line in self.findings.written.lines.step else id
        return self.findings.workbook.worked(line)

    def explanation(self, candidate: Candidate, line: str) -> Explanation:
        """One candidate as it is told."""
        findings = self.findings
        step, unwritten = findings.written.lines.step.get(candidate.line), candidate.line != line
        parts = candidate.part if candidate.shape is None else tuple(map(findings.kin.base, candidate.part))
        here = step is not None and not unwritten
        return Explanation(
            mistake=candidate.mistake.name,
            line=candidate.line,
            kind=findings.kin.line_type(step) if step else "given",
            unwritten=unwritten,
            part=parts,
            part_blank=any(map(self.blank, parts)),
            instead=candidate.instead,
            instead_value=findings.workbook.text(candidate.instead)
            if candidate.instead in findings.marking.own
            else "",
            same_as=self.same_as(line) if here else "",
            way=findings.workbook.edited(candidate, line) if here and candidate.shape is not None else None,
            also=tuple(row.name for row in candidate.also),
        )

    def same_as(self, line: str) -> str:
        """A line that this one is made from and whose very figure it has."""
        figures = self.findings.told.figures
        uses = self.findings.written.lines.step[line].uses
        return next((used for used in uses if used in figures and figures[used].value == figures[line].value), "")

    def blank(self, part: str) -> bool:
        """Whether a line stands on the sheet without a figure."""
        return part in self.findings.told.answers and part not in self.findings.told.figures

    def right_at(self, best: Candidate | None) -> str:
        """A line of the same kind that is right: the person knows how it goes."""
        if best is None or best.line not in self.findings.written.lines.step or best.mistake.cost != "method":
            return ""
        good, marks = (Verdict.RIGHT, Verdict.ROUNDING, Verdict.FOLLOWS), self.findings.marking.marks
        siblings = self.findings.kin.siblings(best.line)
        return next((other for other in siblings if other in marks and marks[other].verdict in good), "")

    def variant(self, id: str) -> str:
        """The variant whose value the figure is."""
        if self.findings.told.figures[id].significant < ENOUGH_DIGITS:
            return ""
        low, high = self.findings.marking.windows[id]
        number = self.findings.written.number
        values = ((code, lines.values.get(id)) for code, lines in self.findings.variants.items())
        return next((code for code, value in values if value is not None and low <= number(value) <= high), "")
