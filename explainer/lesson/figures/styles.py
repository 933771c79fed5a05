"""The ways to write names and values on edges, from the richest to the barest."""

from __future__ import annotations

from msgspec import Struct

from .drawing import Point
from .graph import Edge
from .mathtext import math_width
from .places import LINE

STACK_GAP = 1.2
"""Room between a stacked label and its edge, which runs through its middle."""
_HALO = 1.5


class LabelStyle(Struct, frozen=True):
    """A way to write on edges: the size of the text, what is shown, and whether the value goes beneath the name."""

    size: int
    stacked: bool = False
    names: bool = True
    values: bool = True

    def lines(self, edge: Edge) -> tuple[str, ...]:
        """The lines of an edge's label."""
        parts = [text for text, shown in ((edge.tex, self.names), (edge.value, self.values)) if text and shown]
        return tuple(parts) if self.stacked or not parts else (" = ".join(parts),)

    def half_size(self, edge: Edge) -> Point:
        """Half the width and height of an edge's label."""
        lines = self.lines(edge)
        width = max(map(math_width, lines), default=0) * self.size
        return width / 2 + _HALO, len(lines) * self.size * LINE / 2 + (STACK_GAP if len(lines) > 1 else 0)


LABEL_STYLES = (
    LabelStyle(8),
    LabelStyle(8, stacked=True),
    LabelStyle(7),
    LabelStyle(7, stacked=True),
    LabelStyle(6, stacked=True),
    LabelStyle(8, values=False),
    LabelStyle(6, values=False),
)
"""From the richest to the barest."""
BARE = LabelStyle(8, names=False, values=False)
