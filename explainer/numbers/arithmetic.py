"""Two arithmetics behind one generated source: exact decimals and machine floats."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    """How literals are made and how elementary functions are evaluated."""

    constant: Callable[[str], Any]
    functions: Mapping[str, Callable[..., Any]]


@lru_cache(maxsize=64)
def context(precision: int) -> Context:
    """A decimal context that is wide in range and reports what has no value; shared, so to be used through a copy."""
    return Context(prec=precision, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[DivisionByZero, InvalidOperation, Overflow])


LARGEST_ANGLE = 5_000
"""The most digits before the point that a sine is worked out for."""
FLAT_FROM = 20
"""A number of more digits than this is as good as infinite for a function that levels off."""


def _through_mpmath(
    name: str,
    *,
    zero: int | None = None,
    ends: tuple[int, int] | None = None,
    lost: Callable[[Decimal], int] = lambda x: 0,
) -> Callable[[Decimal], Decimal]:
    """A function that ``decimal`` lacks, by mpmath at the same number of digits and a few more.

    ``zero`` is its value at 0 where that is exact; ``ends`` are the values it levels off at; without them it is
    periodic, and the digits before the point are digits lost. ``lost`` says how many more are.
    """

    def evaluated(x: Decimal) -> Decimal:
        import mpmath

        if not x and zero is not None:
            return Decimal(zero)
        current = decimal.getcontext()
        size = max(0, x.adjusted())
        current.flags[Inexact] = True
        if ends is not None and size > FLAT_FROM:
            return Decimal(ends[x > 0])
        if size > LARGEST_ANGLE:
            raise Overflow
        digits = current.prec + 10 + size + lost(x)
        with mpmath.workdps(digits):
            text = mpmath.nstr(getattr(mpmath, name)(mpmath.mpf(str(x))), digits)
        return current.create_decimal(text)

    return evaluated


def _close_to_1(x: Decimal) -> int:
    """The zeros behind the 1 of 1.000…: what is left of the digits decides the logarithm."""
    return max(0, -(x - 1).adjusted())


MPMATH_FROM = 200
"""From so many digits on, mpmath finds an exponential or a logarithm sooner than ``decimal`` does: 50 times at 2000."""
MODERATE = 15
"""The most digits before the point, or zeros behind it, of the arguments that are left to mpmath."""


def _sooner(
    own: Callable[[Decimal], Decimal],
    by_mpmath: Callable[[Decimal], Decimal],
    exact_at: int,
    domain: Callable[[Decimal], bool],
) -> Callable[[Decimal], Decimal]:
    """A function of ``decimal``; at many digits, the same by mpmath. ``exact_at`` is where its value is exact."""

    def evaluated(x: Decimal) -> Decimal:
        if decimal.getcontext().prec < MPMATH_FROM or x == exact_at or abs(x.adjusted()) > MODERATE or not domain(x):
            return own(x)
        return by_mpmath(x)

    return evaluated


def _saturating(function: Callable[[float], float]) -> Callable[[float], float]:
    """Overflow gives infinity, as in every floating-point unit: the logistic of -1000 is then 0, not an error."""

    def evaluated(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return math.inf

    return evaluated


def _pi() -> Decimal:
    """π at the digits in use."""
    import mpmath

    current = decimal.getcontext()
    current.flags[Inexact] = True
    with mpmath.workdps(current.prec + 10):
        return current.create_decimal(mpmath.nstr(+mpmath.pi, current.prec + 10))


SPARE_DIGITS = 4
"""So many digits at the end are not trusted where a function jumps: 0.999… of 30 nines is 1/3 of 3, and 1."""


def _floor(x: Decimal) -> Decimal:
    return context(decimal.getcontext().prec - SPARE_DIGITS).plus(x).to_integral_value(decimal.ROUND_FLOOR)


DECIMAL = Arithmetic(
    Decimal,
    {
        "exp": _sooner(Decimal.exp, _through_mpmath("exp"), 0, Decimal.is_finite),
        "log": _sooner(Decimal.ln, _through_mpmath("log", lost=_close_to_1), 1, lambda x: x > 0),
        "sqrt": Decimal.sqrt,
        "sin": _through_mpmath("sin", zero=0),
        "cos": _through_mpmath("cos", zero=1),
        "tanh": _through_mpmath("tanh", zero=0, ends=(-1, 1)),
        "atan": _through_mpmath("atan", zero=0),
        "log10": Decimal.log10,
        "normal_cdf": _through_mpmath("ncdf", ends=(0, 1)),
        "normal_pdf": _through_mpmath("npdf", ends=(0, 0)),
        "pi": _pi,
        "floor": _floor,
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
        "pi": lambda: math.pi,
        "floor": math.floor,
    },
)
"""Raises OverflowError where a value is out of range, such as exp(1000)."""

SATURATING = Arithmetic(float, {**FLOAT.functions, "exp": _saturating(math.exp)})
"""Machine floats that go on with infinity; a little slower, so used where FLOAT overflows."""
