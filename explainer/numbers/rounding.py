"""The one place where a value becomes text. Nobody else formats a number."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from ..spec.types import Display

MODES = {"half up": ROUND_HALF_UP, "half even": ROUND_HALF_EVEN, "cut off": ROUND_DOWN}
SMALL_DIGITS = 3
"""Significant digits of a nonzero value that the decimals asked for would show as 0."""
PLAIN_UP_TO = 15
"""Values of more integer digits than this are shown in scientific form."""

_WIDE = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN)
ROUNDERS = {name: Context(prec=1000, rounding=mode, Emax=MAX_EMAX, Emin=MIN_EMIN) for name, mode in MODES.items()}


def shown(value: Decimal, display: Display, exact: bool = False) -> str:
    """The text of a value under a rounding contract: ``0.593269992``, ``-3``, ``1.23e-12``. Never ``-0.00``.

    An exact whole number that fits is shown without decimals.
    """
    if not value:
        return "0"
    if exact and value == value.to_integral_value() and _fits(value, display):
        return str(int(value))
    if display.significant is not None:
        return _significant(value, display.significant, display)
    decimals = display.decimals or 0
    if value.adjusted() >= PLAIN_UP_TO:
        return _scientific(value, decimals + 1, display)
    rounded = ROUNDERS[display.rounding].quantize(value, _unit(-decimals))
    if not rounded:
        return _scientific(value, SMALL_DIGITS, display)
    text = str(rounded)
    return text if "E" not in text else format(rounded, "f")


def carried(value: Decimal, display: Display, exact: bool = False) -> Decimal:
    """The value that goes into the next line when rounded values are carried."""
    return Decimal(shown(value, display, exact))


def significant(value: Decimal, digits: int) -> str:
    """A side remark's figure at so many significant digits, halves up."""
    return shown(value, Display(decimals=None, significant=digits))


def _fits(value: Decimal, display: Display) -> bool:
    most = PLAIN_UP_TO if display.significant is None else display.significant
    return value.adjusted() < most


@lru_cache(maxsize=256)
def _unit(exponent: int) -> Decimal:
    """One unit of the last digit shown."""
    return Decimal((0, (1,), exponent))


def _significant(value: Decimal, digits: int, display: Display) -> str:
    rounded = _to_digits(value, digits, display)
    if -5 < rounded.adjusted() < digits:
        return format(rounded, "f")
    return _scientific(value, digits, display)


def _to_digits(value: Decimal, digits: int, display: Display) -> Decimal:
    context = ROUNDERS[display.rounding]
    rounded = value.quantize(_unit(value.adjusted() - digits + 1), context=context)
    if rounded.adjusted() > value.adjusted():  # 9.996 became 10.00
        rounded = rounded.quantize(_unit(rounded.adjusted() - digits + 1), context=context)
    return rounded


def _scientific(value: Decimal, digits: int, display: Display) -> str:
    rounded = _to_digits(value, digits, display)
    exponent = rounded.adjusted()
    return f"{format(rounded.scaleb(-exponent, context=_WIDE), 'f')}e{exponent}"
