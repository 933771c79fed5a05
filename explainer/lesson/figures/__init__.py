"""Figures: a network, a path through it, the graph of a calculation, a training curve; as SVG and as TikZ.

One layout, two writers: a picture is a Drawing, and either writer only spells it out.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from .curve import curve_drawing
from .drawing import Drawing
from .graph import Edge, Unit, columns_by_depth
from .network import layered_drawing
from .svg import svg
from .tikz import tikz

__all__ = ["Drawing", "Edge", "Figure", "Unit", "columns_by_depth", "curve_drawing", "layered_drawing"]


class Figure(Struct, frozen=True):
    """A picture with its name (for a file), its title, and in ``alt`` what it shows for those who don't see it.

    ``draw`` makes the drawing; it is not called before a format shows the picture.
    """

    name: str
    title: str
    alt: str
    draw: Callable[[], Drawing]

    def svg(self) -> str:
        """The picture as a self-contained SVG document."""
        return svg(self.draw(), self.title, self.alt)

    def tikz(self) -> str:
        """The picture as a ``tikzpicture``."""
        return tikz(self.draw())
