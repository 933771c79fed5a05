"""Findings → Report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .findings import Findings
from .line_reports import line_reports
from .names import Names
from .policy import Policy
from .report import Report, Slip
from .rounding_habits import contract_of
from .slip_reports import slips_of

MOST_REDONE = 4
ENOUGH = 3
"""So many figures of another variant are no chance."""


def report_of(findings: Findings, policy: Policy, names: Names) -> Report:
    """Everything that is to be said of a sheet."""
    sheet, slips = findings.told.sheet, slips_of(findings)
    policy = policy.under_ids(names)
    marked = findings.marking if findings.marking.marks else None
    sheet_of, swapped = _of_another_sheet(slips)
    return Report(
        calculation=findings.spec.name,
        title=findings.spec.title,
        student=sheet.student,
        variant=sheet.variant,
        lines=line_reports(findings, slips, policy, names),
        slips=slips,
        contract=contract_of(findings.written, marked, findings.workbook) if marked else None,
        turned=findings.turned.classes if findings.turned else (),
        renamed=findings.told.renamed,
        redo=_redo(findings, slips),
        extras=sheet.extras,
        comma=findings.spec.notation.decimal == "comma",
        sheet_of=sheet_of,
        swapped=swapped,
    )


def _of_another_sheet(slips: Sequence[Slip]) -> tuple[str, tuple[str, ...]]:
    """The variant that most of the slips are right for, and where; nothing where they are few."""
    codes = Counter(slip.variant for slip in slips if slip.variant)
    code, count = codes.most_common(1)[0] if codes else ("", 0)
    if count < ENOUGH or 2 * count <= len(slips):
        return "", ()
    return code, tuple(slip.line for slip in slips if slip.variant == code)


def _redo(findings: Findings, slips: Sequence[Slip]) -> tuple[tuple[str, str], ...]:
    """A few lines that follow from the first slip, evenly spread, with the values to meet."""
    lines = slips[0].followers if slips else ()
    if len(lines) > MOST_REDONE:
        lines = tuple(lines[i * (len(lines) - 1) // (MOST_REDONE - 1)] for i in range(MOST_REDONE))
    return tuple((id, findings.workbook.short_key(id)) for id in lines)
