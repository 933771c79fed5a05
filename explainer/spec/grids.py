"""The numbers that a quantity of a variant may be drawn from, as the calculation file says it."""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from ..formulas.problems import Problems
from .types import Grid, Literal
from .values import Key, Number, Table, described

MOST_ON_GRID = 10**12
USUAL_STEP = Decimal("0.01")

GRID = Table(
    (
        Key("from", Number(), "the smallest number", required=True),
        Key("to", Number(), "the largest number", required=True),
        Key("step", Number(), "from one number to the next; default: 0.01"),
    )
)


class Varying(Struct, frozen=True):
    """Whether a quantity varies, or from which grid."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """A Grid, or the boolean."""
        if isinstance(value, bool):
            return value
        if not isinstance(value, dict):
            hint = "true: around the given value; or for example { from = 0.1, to = 0.9, step = 0.1 }"
            return problems.add(where, f"expected true, false or a grid, found {described(value)}", hint)
        before = len(problems.found)
        values = GRID.read(value, where, problems)
        return _grid(values, where, problems) if len(problems.found) == before else None

    def schema(self) -> dict[str, Any]:
        """A boolean or an object."""
        return {"anyOf": [{"type": "boolean"}, GRID.schema()]}


def _grid(values: Mapping[str, Literal], where: str, problems: Problems) -> Any:
    step = values["step"].value if "step" in values else USUAL_STEP
    lowest, highest = values["from"].value, values["to"].value
    if step <= 0:
        return problems.add(f"{where}.step", f"expected a number above 0, found {step}")
    if lowest >= highest:
        what = "leaves nothing to vary" if lowest == highest else f"{lowest} is above {highest}"
        return problems.add(where, what, "from is the smallest of the numbers, to the largest")
    with decimal.localcontext(decimal.Context(prec=1000)):
        if (highest - lowest) / step >= MOST_ON_GRID:
            return problems.add(where, "has too many numbers", f"at most {MOST_ON_GRID}")
        if (highest - lowest) % step:
            return problems.add(where, f"steps of {step} lead from {lowest} past {highest}", "choose a step that fits")
    return Grid(lowest, highest, step)
