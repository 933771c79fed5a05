"""Which lines of a sheet show how its person rounds."""

from __future__ import annotations

from decimal import Decimal

from ..numbers.rounding import shown
from ..spec.types import Display
from .intervals import enclosing, meets
from .marking import Marking, Verdict, Written
from .report import Contract
from .scales import Interval
from .workings import Workbook, middle

EXTRA = 2
"""A tie is shown with so many digits more than the figure has."""
NEAR = 1e-9


def contract_of(written: Written, marking: Marking, workbook: Workbook) -> Contract:
    """The rounding contract that the person followed, with an example of each part where one is to be seen."""
    habit, precision = marking.habit, written.precision
    carry_line, carry = _carried(written, marking)
    line, long, short = _rounding_example(written, marking)
    return Contract(
        precision.significant,
        precision.decimals if precision.significant is None else None,
        habit.rounding,
        carry,
        line,
        long,
        short,
        carry_line,
        workbook.text(carry_line) if carry_line else "",
        asked=workbook.evaluation.display.rounding,
    )


def _carried(written: Written, marking: Marking) -> tuple[str, str]:
    """A line that shows whether rounded values were carried on, and the answer."""
    if marking.habit.carry == "either":
        return "", "either"
    if marking.habit.carry == "rounded":
        line = next((id for id, mark in marking.marks.items() if mark.verdict is Verdict.ROUNDING), "")
        return line, "rounded" if line else "unknown"
    return "", "exact"


def _rounding_example(written: Written, marking: Marking) -> tuple[str, str, str]:
    """A line whose figure shows the way of rounding: a tie that went up, or digits that were cut off."""
    for id, mark in marking.marks.items():
        if mark.verdict is Verdict.WRONG or id not in written.lines.step or mark.figure.exact:
            continue
        low, high = mark.expected
        unit = mark.figure.unit
        if not float(high) - float(low) <= NEAR * float(unit):
            continue
        value = middle(mark.expected)
        beyond = abs(value) / unit % 1
        tie = abs(beyond - Decimal("0.5")) < Decimal("1e-6")
        cut = marking.habit.rounding == "cut off" and beyond > Decimal("0.55")
        up = tie and abs(mark.figure.value) > abs(value)
        if (up and marking.habit.rounding == "half up") or cut:
            digits = mark.figure.significant + (1 if tie else EXTRA)
            long = shown(
                value, Display(decimals=None, significant=min(20, digits), rounding="half up" if tie else "cut off")
            )
            return id, long, mark.figure.text.strip()
    return "", "", ""


def rounded_on_the_way(written: Written, marking: Marking, workbook: Workbook, id: str) -> tuple[str, str]:
    """The unwritten line whose value, rounded as the person does it, gives the figure; and that value."""
    step = written.lines.step.get(id)
    if step is None:
        return "", ""
    functions = written.lines.derivation.graph.functions
    for used in step.uses:
        needed = written.lines.step.get(used)
        if used in written.figures or needed is None or needed.trivial:
            continue
        value = workbook.text(used)
        numbers = (written.number(Decimal(workbook.text(other))) for other in step.uses)
        box: list[Interval] = [(number, number) for number in numbers]
        if meets(enclosing(step.shape, functions, marking.scale)(box), marking.windows[id]):
            return used, value
    return "", ""
