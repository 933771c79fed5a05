"""Numbers as people write them: ``0,593``, ``5.93×10^-1``, ``1/2``, ``≈ .59``, ``59 %``. Nothing is run as code."""

from __future__ import annotations

import re
import unicodedata
from decimal import Context, Decimal

from msgspec import Struct

LONGEST = 60
"""The most characters that a figure may have."""
LARGEST_EXPONENT = 400
_CONTEXT = Context(prec=100)

_SPACES = re.compile(r"[\s\u00a0\u2000-\u200b\u202f\u205f\u2060\ufeff]+")
_MINUS = str.maketrans(dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d", "-") | {"\uff0b": "+"})
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_POWER_OF_TEN = re.compile(r"(?:[·⋅*×xX∙•]|\\cdot|\\times)10(?:\^|\*\*)?[({]?([-+]?\d{1,4})[)}]?$")
_LEADING = re.compile(r"^(?:[≈≃≅~=]|\\approx|ca\.|approx\.?|about)+", re.I)
_PLAIN = re.compile(r"([-+]?)(\d*)(?:([.,])(\d*))?(?:[eE]([-+]?\d{1,4}))?$")
_FRACTION = re.compile(r"([-+]?)(\d{1,20})/(\d{1,20})$")
_GROUPED = re.compile(r"([-+]?\d{1,3})((?:[.,'’]\d{3})+)([.,]\d+)?$")


class Figure(Struct, frozen=True):
    """A number that was written down, with as many digits as were written."""

    text: str
    """As written."""
    value: Decimal
    unit: Decimal
    """One unit of the last digit that was written; 0 for a fraction, which is exact."""
    significant: int
    """Number of significant digits written; 0 for a plain zero."""
    decimals: int
    """Number of digits behind the decimal point; negative for 1.2e5."""
    digits: str = ""
    """The digits as written, without sign, point and exponent."""

    @property
    def exact(self) -> bool:
        """Whether the figure is a fraction."""
        return not self.unit


def read_figure(text: str) -> Figure | None:
    """The figure that a text means, or None where it is not a number.

    A lone comma is a decimal comma; of a point and a comma the last one is decimal.
    """
    if not 0 < len(text) <= LONGEST:
        return None
    plain = _plain(text)
    percent = plain.endswith(("%", "％"))
    figure = _fraction(text, plain) or _decimal(text, plain.rstrip("%％"))
    return _shifted(figure, -2) if figure and percent else figure


def _plain(text: str) -> str:
    """The text with one kind of minus and of power, and without blanks and signs of approximation."""
    text = text.strip().strip("`$").translate(_MINUS)
    text = unicodedata.normalize(
        "NFKC", re.sub(r"(?<=10)[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda m: "^" + m[0].translate(_POWERS), text)
    )
    text = _SPACES.sub("", text.translate(_MINUS))
    text = _LEADING.sub("", text)
    return _POWER_OF_TEN.sub(lambda match: f"e{match[1]}", text)


def _fraction(text: str, plain: str) -> Figure | None:
    found = _FRACTION.fullmatch(plain)
    if not found or not int(found[3]):
        return None
    value = _CONTEXT.divide(Decimal(f"{found[1]}{found[2]}"), Decimal(found[3]))
    return Figure(text, value, Decimal(0), _CONTEXT.prec, _CONTEXT.prec)


def _decimal(text: str, plain: str) -> Figure | None:
    sign, whole, _, behind, exponent = _parts(_ungrouped(plain))
    power = int(exponent or 0)
    if not whole + behind or abs(power) > LARGEST_EXPONENT:
        return None
    value = Decimal(f"{sign}{whole or '0'}.{behind or '0'}e{power}")
    digits = whole + behind
    unit = Decimal((0, (1,), power - len(behind)))
    return Figure(text, value, unit, len(digits.lstrip("0")), len(behind) - power, digits)


def _parts(plain: str) -> tuple[str, str, str, str, str]:
    found = _PLAIN.fullmatch(plain)
    if not found or not plain.isascii():
        return "", "", "", "", ""
    sign, whole, mark, behind, exponent = (part or "" for part in found.groups())
    return sign, whole, mark, behind, exponent


def _ungrouped(plain: str) -> str:
    """``1.234,5`` and ``1'234'567`` without the marks between thousands; ``1,234`` is left: a lone comma is decimal."""
    found = _GROUPED.fullmatch(plain)
    if not found:
        return plain
    first, groups, rest = found.groups()
    marks = set(re.findall(r"\D", groups))
    lone = groups.count(groups[0]) == 1 and groups[0] in ".,"
    if len(marks) > 1 or (rest or " ")[0] in marks or (lone and not rest):
        return plain
    return first + re.sub(r"\D", "", groups) + (rest or "")


def _shifted(figure: Figure, places: int) -> Figure:
    return Figure(
        figure.text,
        figure.value.scaleb(places, _CONTEXT),
        figure.unit.scaleb(places, _CONTEXT),
        figure.significant,
        figure.decimals - places,
        figure.digits,
    )
