"""What a quiz asks, for every format alike: plain data, made of a calculation by ``questions``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, Context, Decimal

from msgspec import Struct

from ...formulas.expression import Expression
from ...numbers.rounding import significant
from ..calculated import Calculated
from ..sections import Section

DIGITS = Context(prec=6, rounding=ROUND_CEILING)
"""A relative tolerance as an absolute one, where a format knows no other: to so many digits, rather too wide."""
PLAY_DIGITS = 12
"""Significant digits of a tolerance."""


class Tolerance(Struct, frozen=True):
    """By how much a figure may differ from the answer."""

    size: Decimal
    relative: bool = False
    """Whether it is a part of the answer rather than a number of its own."""

    def absolute(self, answer: Decimal) -> Decimal:
        """The same as a number, for formats that know no other kind."""
        return DIGITS.multiply(abs(answer), self.size) if self.relative else self.size


def play_text(value: Decimal) -> str:
    """A tolerance as a text, such as ``1e-6``, without idle zeros."""
    mantissa, mark, exponent = significant(value, PLAY_DIGITS).partition("e")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + mark + exponent


class Given(Struct, frozen=True):
    """A quantity that a line is worked out from."""

    id: str
    tex: str
    text: str
    """Its value as printed."""


class Wrong(Struct, frozen=True):
    """A figure that named mistakes give, with what is said of it."""

    text: str
    unit: Decimal
    """By how much a figure may differ to be taken for it."""
    mistakes: tuple[str, ...]
    feedback: str
    """HTML, with no number of the key in it."""
    formula: Expression
    """How the commonest of them works the figure out, over the quantities in ``uses``."""
    uses: tuple[str, ...]


class Blank(Struct, frozen=True):
    """One number that is asked for."""

    id: str
    left: str
    """What is asked for, in TeX."""
    formula: str
    """In TeX; empty where finding it is part of the task."""
    givens: tuple[Given, ...]
    text: str
    """The answer as printed, with a point."""
    others: tuple[str, ...]
    """What the printed figures of the line give, where that is another number: right as well."""
    tolerance: Tolerance
    digits: int
    """How many are asked for."""
    significant: bool
    """Whether these are significant digits rather than decimals."""
    points: int
    wrong: tuple[Wrong, ...]

    @property
    def answer(self) -> Decimal:
        """The answer as a number."""
        return Decimal(self.text)

    @property
    def right(self) -> tuple[str, ...]:
        """Every figure that earns all points, the answer first."""
        return (self.text, *self.others)


class Part(Struct, frozen=True):
    """Blanks that can be asked on one page: none of them is worked out from another one's answer."""

    number: int
    section: Section
    blanks: tuple[Blank, ...]


class Variant(Struct, frozen=True):
    """A set of numbers, in parts."""

    number: int
    """0: the numbers of the file itself."""
    calculation: Calculated
    parts: tuple[Part, ...]

    @property
    def blanks(self) -> tuple[Blank, ...]:
        """All blanks in order."""
        return tuple(blank for part in self.parts for blank in part.blanks)


class Quiz(Struct, frozen=True):
    """All variants of a calculation."""

    name: str
    title: str
    fingerprint: str
    seed: int
    variants: tuple[Variant, ...]
    picture: str
    """An SVG with the names of everything and the value of nothing; empty where there is none."""

    @property
    def pools(self) -> Mapping[int, list[tuple[Variant, Part]]]:
        """Part number → that part of every variant."""
        found: dict[int, list[tuple[Variant, Part]]] = {}
        for variant in self.variants:
            for part in variant.parts:
                found.setdefault(part.number, []).append((variant, part))
        return found
