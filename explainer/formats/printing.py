"""How a document is printed: the paper, the size of the type, the typesetter. Nothing is imported here but errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from explainer.formulas.problems import nearest

from .document import FormatError

MM_PER_POINT = 25.4 / 72
LARGE_PRINT = 17.0
"""The size of type, in points, that makes a page large print."""
SMALLEST, LARGEST = 8.0, 24.0
PAPERS: Mapping[str, tuple[float, float]] = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""The width and the height of each paper, in millimetres."""
ENGINES = ("typst", "tex")
ORDINARY_MARGIN, NARROW_MARGIN = 25.0, 18.0
"""In millimetres; the narrow one leaves room for large type."""
SPARE = 1.5
"""How much of a line displays leave free, in em, since their width is an estimate when they are broken."""


class Print(Struct, frozen=True):
    """How a document is printed."""

    paper: str = "a4"
    size: float = 11.0
    """Of the type, in points."""
    engine: str = "typst"

    def __post_init__(self) -> None:
        """Raises: FormatError, for a paper, a typesetter or a size that there is not."""
        _known("paper", self.paper, PAPERS)
        _known("PDF engine", self.engine, ENGINES)
        if not SMALLEST <= self.size <= LARGEST:
            raise FormatError(f"{self.size:g} is not a size of type: from {SMALLEST:g} to {LARGEST:g} points")

    @property
    def margin(self) -> float:
        """On each side, in millimetres."""
        return NARROW_MARGIN if self.size >= LARGE_PRINT else ORDINARY_MARGIN

    @property
    def text_width(self) -> float:
        """How wide a display may be, in em: the width to ask a walkthrough for."""
        return self.room[0] - SPARE

    @property
    def room(self) -> tuple[float, float]:
        """The width and the height of the text on a page, in em."""
        return self.room_within(self.margin)

    def room_within(self, margin: float, flipped: bool = False) -> tuple[float, float]:
        """The same within a margin in millimetres, on upright paper or on its long side."""
        sides = PAPERS[self.paper][::-1] if flipped else PAPERS[self.paper]
        width, height = ((side - 2 * margin) / (self.size * MM_PER_POINT) for side in sides)
        return width, height


def _known(what: str, name: str, known: Iterable[str]) -> None:
    if name not in known:
        raise FormatError(f'"{name}" is not a {what}\n    {nearest(name, known)}')
