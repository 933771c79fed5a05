"""Two arithmetics behind one generated source: exact decimals and machine floats."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    """How literals are made and how elementary functions are evaluated."""

    constant: Callable[[str], Any]
    functions: Mapping[str, Callable[..., Any]]


def context(precision: int) -> Context:
    """A decimal context that is wide in range and reports what has no value."""
    return Context(prec=precision, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[DivisionByZero, InvalidOperation, Overflow])


def _through_mpmath(name: str, zero_at_zero: bool) -> Callable[[Decimal], Decimal]:
    """A function that ``decimal`` lacks, by mpmath at the same number of digits and a few more."""

    def evaluated(x: Decimal) -> Decimal:
        import mpmath

        if not x and zero_at_zero:
            return Decimal(0)
        current = decimal.getcontext()
        digits = current.prec + 10 + max(0, x.adjusted())
        with mpmath.workdps(digits):
            text = mpmath.nstr(getattr(mpmath, name)(mpmath.mpf(str(x))), digits)
        current.flags[Inexact] = True
        return current.create_decimal(text)

    return evaluated


def _saturating(function: Callable[[float], float]) -> Callable[[float], float]:
    """Overflow gives infinity, as in every floating-point unit: the logistic of -1000 is then 0, not an error."""

    def evaluated(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return math.inf

    return evaluated


DECIMAL = Arithmetic(
    Decimal,
    {
        "exp": Decimal.exp,
        "log": Decimal.ln,
        "sqrt": Decimal.sqrt,
        "sin": _through_mpmath("sin", True),
        "cos": _through_mpmath("cos", False),
        "tanh": _through_mpmath("tanh", True),
        "atan": _through_mpmath("atan", True),
        "log10": Decimal.log10,
        "normal_cdf": _through_mpmath("ncdf", False),
        "normal_pdf": _through_mpmath("npdf", False),
    },
)

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
    },
)
"""Raises OverflowError where a value is out of range, such as exp(1000)."""

SATURATING = Arithmetic(float, {**FLOAT.functions, "exp": _saturating(math.exp)})
"""Machine floats that go on with infinity; a little slower, so used where FLOAT overflows."""
