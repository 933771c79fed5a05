"""How a person rounds: to how many digits, to the nearest or cut off, and whether the rounded value is carried on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from statistics import median
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from ..spec.types import Display
from .figures import Figure
from .scales import Interval

Rounding = Literal["half up", "cut off"]
Carry = Literal["rounded", "exact", "either"]


class Precision(Struct, frozen=True):
    """The usual number of digits of a sheet; both are given where the sheet does not tell which one it keeps to."""

    significant: int | None
    decimals: int | None

    def unit(self, size: float) -> float:
        """One unit of the last digit that a value of this size would be written with."""
        units = []
        if self.significant is not None:
            units.append(10.0 ** (math.floor(math.log10(size)) - self.significant + 1) if size else 0.0)
        if self.decimals is not None:
            units.append(10.0**-self.decimals)
        return max(units, default=0.0)

    def display(self) -> Display:
        """The same as a rounding contract, for showing values beside the person's."""
        if self.significant is not None:
            return Display(decimals=None, significant=min(20, max(1, self.significant)))
        return Display(decimals=min(20, max(0, self.decimals or 0)))


class Habit(Struct, frozen=True):
    """One way of rounding."""

    rounding: Rounding
    carry: Carry

    def widened(self, interval: Interval, precision: Precision) -> Interval:
        """What may be carried on from a line that was worked out and not written down."""
        if self.carry == "exact":
            return interval
        low, high = interval
        size = float(max(abs(low), abs(high)))
        unit = precision.unit(size) if size < math.inf else 0.0  # nobody writes what is beyond machine numbers
        step: Any = unit if isinstance(low, float) else Decimal(unit)
        if self.rounding == "half up":
            return (low - step / 2, high + step / 2)
        return (low - step if low > 0 else low, high + step if high < 0 else high)


def window(figure: Figure, rounding: Rounding) -> tuple[Decimal, Decimal]:
    """The values that a figure may be written for."""
    value, unit = figure.value, figure.unit
    if rounding == "half up":
        return (value - unit / 2, value + unit / 2)
    if not value:
        return (-unit, unit)
    return (value, value + unit) if value > 0 else (value - unit, value)


TELLING, LEAST_CARRIED = 3, 3
"""Fewer figures do not tell how many digits a person keeps; then nobody is taken to go on with fewer than that."""
STRICT = tuple(Habit(rounding, carry) for rounding in ("half up", "cut off") for carry in ("rounded", "exact"))
MIXED = tuple(Habit(rounding, "either") for rounding in ("half up", "cut off"))


def as_meant(figure: Figure, precision: Precision) -> Figure:
    """``1250`` on a sheet of 3 significant digits ends with its 5: zeros before a missing point are often no digits."""
    digits, most = figure.digits, precision.significant
    zeros = len(digits) - len(digits.rstrip("0"))
    if most is None or figure.unit != 1 or figure.significant <= most or not zeros:
        return figure
    dropped = min(zeros, figure.significant - most)
    return replace(figure, unit=figure.unit.scaleb(dropped), significant=figure.significant - dropped)


def precision_of(figures: Iterable[Figure]) -> Precision:
    """The median number of significant digits or of decimals, whichever varies less."""
    counted = [figure for figure in figures if figure.significant and not figure.exact]
    if not counted:
        return Precision(None, None)
    significant = [figure.significant for figure in counted]
    if len(counted) < TELLING:
        return Precision(max(LEAST_CARRIED, *significant, 0), None)
    decimals = [figure.decimals for figure in counted]
    by_significant, by_decimals = _variation(significant), _variation(decimals)
    return Precision(
        int(median(significant)) if by_significant <= by_decimals else None,
        int(median(decimals)) if by_decimals <= by_significant else None,
    )


def _variation(counts: list[int]) -> float:
    middle = median(counts)
    return sum(abs(count - middle) for count in counts) / len(counts)
