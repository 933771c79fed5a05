"""A blank of a sheet, with its answer."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from .masks import Part


class Blank(Struct, frozen=True):
    """One blank of a sheet, with its answer."""

    number: int
    id: str
    """The line that it stands in."""
    part: Part
    tex: str
    """The answer in TeX."""
    text: str
    """The answer of a result as printed, with a point; empty for a formula."""
    value: Decimal | None
    """The exact value of a result, as far as it is worked out; None for a formula."""
    tolerance: Decimal
    """By how much a result may differ from the printed answer."""
    other: str
    """What the figures printed in the line give, where that is another result; empty where it is not."""
    points: Decimal
