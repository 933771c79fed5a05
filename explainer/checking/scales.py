"""Intervals, the two kinds of numbers that they are made of, and what is known of the elementary functions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from ..numbers.arithmetic import DECIMAL, FLOAT, Arithmetic

Interval = tuple[Any, Any]
"""Lowest and highest value, both included."""
Box = Sequence[Interval]
Enclosing = Callable[[Box], Interval]


class Scale(Struct, frozen=True, eq=False):
    """A kind of numbers: how literals are made, and how far a single operation may be off, relatively."""

    arithmetic: Arithmetic
    slack: Any
    infinity: Any
    """Larger than any value; for decimals a number, since their context reports what comes of infinities."""
    tiny: Any

    def constant(self, text: str) -> Any:
        """A literal as a number of this kind."""
        return self.arithmetic.constant(text)

    @property
    def everything(self) -> Interval:
        """What is said where nothing can be said."""
        return (-self.infinity, self.infinity)


FLOATS = Scale(FLOAT, 4e-16, math.inf, 1e-300)
DECIMALS = Scale(DECIMAL, Decimal("1e-48"), Decimal("1e100000"), Decimal("1e-300000"))
FLOAT_DIGITS = 12
"""Figures of more significant digits are judged in decimals of 50."""

RISING = frozenset({"exp", "log", "log10", "sqrt", "tanh", "atan", "normal_cdf", "floor"})
"""Elementary functions that never fall."""
PERIODIC = {"sin": 0.25, "cos": 0.0}
"""Elementary functions of period 2π, and where in the period their maximum lies."""
PEAKED = {"normal_pdf": "0"}
"""Elementary functions that rise up to a place and fall behind it."""

STEEP = frozenset({"normal_cdf"})
"""Rising functions whose relative error in machine floats grows with the square of the argument."""
