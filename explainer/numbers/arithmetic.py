"""Two arithmetics behind one generated source: exact decimals and machine floats."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache
from typing import Any

from msgspec import Struct

from .elementary import ELEMENTARY


class Arithmetic(Struct, frozen=True, eq=False):
    """How literals are made and how elementary functions are evaluated."""

    constant: Callable[[str], Any]
    functions: Mapping[str, Callable[..., Any]]


@lru_cache(maxsize=64)
def context(precision: int) -> Context:
    """A decimal context that is wide in range and reports what has no value; shared, so to be used through a copy."""
    return Context(prec=precision, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[DivisionByZero, InvalidOperation, Overflow])


def _saturating(function: Callable[[float], float]) -> Callable[[float], float]:
    """Overflow gives infinity, as in every floating-point unit: the logistic of -1000 is then 0, not an error."""

    def evaluated(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return math.inf

    return evaluated


SPARE_DIGITS = 4
"""So many digits at the end are not trusted where a function jumps: 0.999… of 30 nines is 1/3 of 3, and 1."""


def _floor(x: Decimal) -> Decimal:
    return context(decimal.getcontext().prec - SPARE_DIGITS).plus(x).to_integral_value(decimal.ROUND_FLOOR)


DECIMAL = Arithmetic(Decimal, {**ELEMENTARY, "sqrt": Decimal.sqrt, "log10": Decimal.log10, "floor": _floor})

FLOAT = Arithmetic(
    float,
    {
        "exp": math.exp,
        "log": math.log,
        "sqrt": math.sqrt,
        "sin": math.sin,
        "cos": math.cos,
        "tanh": math.tanh,
        "atan": math.atan,
        "log10": math.log10,
        "normal_cdf": lambda x: math.erfc(-x / math.sqrt(2)) / 2,
        "normal_pdf": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
        "pi": lambda: math.pi,
        "floor": math.floor,
    },
)
"""Raises OverflowError where a value is out of range, such as exp(1000)."""

SATURATING = Arithmetic(float, {**FLOAT.functions, "exp": _saturating(math.exp)})
"""Machine floats that go on with infinity; a little slower, so used where FLOAT overflows."""
