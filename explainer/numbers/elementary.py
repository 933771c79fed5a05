"""Elementary functions of decimals at any number of digits, through mpmath: what ``decimal`` lacks or finds later.

mpmath works with binary fractions. A decimal is handed over as the fraction that it is and comes back by one shift, so
that nothing is written out as text on the way.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal, Inexact, Overflow
from functools import lru_cache

import mpmath
from mpmath import libmp

Binary = tuple[int, int, int, int]
"""A number of mpmath: sign, digits, exponent of 2, length in bits."""

_WIDE = decimal.Context(prec=10_000, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
GUARD_DIGITS = 10
BITS_A_DIGIT = 3.3219280948873626
LARGEST_ANGLE = 5_000
"""The most digits before the point that a sine is worked out for."""
FLAT_FROM = 20
"""A number of more digits than this is as good as infinite for a function that levels off."""
OWN_BELOW = 40
"""``decimal``'s own exponential is the quicker one up to so many digits; its logarithm never is."""
MODERATE = 15
"""The most digits before the point, or zeros behind it, of a number whose logarithm mpmath is asked; zeros behind it of
one whose exponential it is asked."""
LARGEST_EXPONENT = 3
"""A power of e beyond e^9999 has so many digits before the point that shifting them takes longer than the rest."""


@lru_cache(maxsize=1024)
def _power_of_ten(exponent: int) -> int:
    return int(10**exponent)


def _binary(x: Decimal, bits: int) -> Binary:
    """x with at least so many bits, cut off."""
    numerator, denominator = x.as_integer_ratio()
    shift = bits - numerator.bit_length() + denominator.bit_length() + 1
    whole = (numerator << shift) // denominator if shift >= 0 else numerator // (denominator << -shift)
    found: Binary = libmp.from_man_exp(whole, -shift)
    return found


def _decimal(number: Binary, digits: int) -> Decimal:
    """So many digits of it, cut off."""
    sign, whole, exponent, length = number
    places = digits - int((exponent + length) / BITS_A_DIGIT)
    if places >= 0:
        whole *= _power_of_ten(places)
    scaled = whole << exponent if exponent >= 0 else whole >> -exponent
    if places < 0:
        scaled //= _power_of_ten(-places)
    return Decimal(-scaled if sign else scaled).scaleb(-places, context=_WIDE)


def _worked_out(function: Callable[[Binary, int], Binary], x: Decimal, extra: int) -> Decimal:
    """The value at the digits in use, from ``extra`` and a few more; it counts as inexact."""
    current = decimal.getcontext()
    current.flags[Inexact] = True
    digits = current.prec + GUARD_DIGITS + extra
    bits = int(digits * BITS_A_DIGIT) + 1
    return current.plus(_decimal(function(_binary(x, bits), bits), current.prec + GUARD_DIGITS))


def _smallest() -> int:
    """The size of a number of which, at the digits in use, a function sees no more than its first term."""
    return -2 * decimal.getcontext().prec


def odd(function: Callable[[Decimal], Decimal]) -> Callable[[Decimal], Decimal]:
    """A function with odd(-x) = -odd(x) and slope 1 at 0: 0 at 0, and as good as its argument close to it."""

    def evaluated(x: Decimal) -> Decimal:
        if not x:
            return Decimal(0)
        if x.adjusted() >= _smallest():
            return function(x)
        current = decimal.getcontext()
        current.flags[Inexact] = True
        return current.plus(x)

    return evaluated


def even(function: Callable[[Decimal], Decimal]) -> Callable[[Decimal], Decimal]:
    """A function that hardly moves close to 0: what is smaller than anything seen is taken as just too small to see."""

    def evaluated(x: Decimal) -> Decimal:
        smallest = _smallest()
        return function(x if x.adjusted() >= smallest else Decimal((0, (1,), smallest)))

    return evaluated


def levelling(function: Callable[[Binary, int], Binary], below: int, above: int) -> Callable[[Decimal], Decimal]:
    """A function that levels off at two values."""

    def evaluated(x: Decimal) -> Decimal:
        if x.adjusted() <= FLAT_FROM:
            return _worked_out(function, x, max(0, x.adjusted()))
        decimal.getcontext().flags[Inexact] = True
        return Decimal(above if x > 0 else below)

    return evaluated


def periodic(function: Callable[[Binary, int], Binary]) -> Callable[[Decimal], Decimal]:
    """A sine or a cosine: of a large angle, the digits before the point are digits lost."""

    def evaluated(x: Decimal) -> Decimal:
        size = max(0, x.adjusted())
        if size > LARGEST_ANGLE:
            raise Overflow
        return _worked_out(function, x, size)

    return evaluated


def arctangent(x: Decimal) -> Decimal:
    """The angle with this tangent; from some size on, nothing but a right angle is seen."""
    largest = -_smallest()
    within = x if x.adjusted() <= largest else Decimal((x.is_signed(), (1,), largest))
    return _worked_out(libmp.mpf_atan, within, 0)


def cosine(x: Decimal) -> Decimal:
    """cos(x), exactly 1 at 0."""
    return even(periodic(libmp.mpf_cos))(x) if x else Decimal(1)


def exponential(x: Decimal) -> Decimal:
    """exp(x)."""
    if decimal.getcontext().prec < OWN_BELOW or not (x and x.is_finite()):
        return x.exp()
    if not -MODERATE <= x.adjusted() <= LARGEST_EXPONENT:
        return x.exp()
    return _worked_out(libmp.mpf_exp, x, max(0, x.adjusted()))


def logarithm(x: Decimal) -> Decimal:
    """The natural logarithm; close to 1, what follows the zeros or nines decides it."""
    if x <= 0 or x == 1 or not x.is_finite() or abs(x.adjusted()) > MODERATE:
        return x.ln()
    return _worked_out(libmp.mpf_log, x, max(0, -(x - 1).adjusted()))


def _of_mpmath(name: str) -> Callable[[Binary, int], Binary]:
    """A function that mpmath has for its own numbers only."""

    def worked_out(number: Binary, bits: int) -> Binary:
        with mpmath.workprec(bits):
            value: Binary = getattr(mpmath, name)(mpmath.make_mpf(number))._mpf_
            return value

    return worked_out


def pi() -> Decimal:
    """π at the digits in use."""
    return _worked_out(lambda _, bits: libmp.mpf_pi(bits), Decimal(1), 0)


ELEMENTARY: dict[str, Callable[..., Decimal]] = {
    "exp": exponential,
    "log": logarithm,
    "sin": odd(periodic(libmp.mpf_sin)),
    "cos": cosine,
    "tanh": odd(levelling(libmp.mpf_tanh, -1, 1)),
    "atan": odd(arctangent),
    "normal_cdf": even(levelling(_of_mpmath("ncdf"), 0, 1)),
    "normal_pdf": even(levelling(_of_mpmath("npdf"), 0, 0)),
    "pi": pi,
}
