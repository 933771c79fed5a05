"""A picture as a few primitives, measured in points with y downwards. The writers for SVG and TikZ read only this."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Point: TypeAlias = tuple[float, float]
Anchor: TypeAlias = Literal["start", "middle", "end"]

BLACK = 100
WHITE = 0


class Path(Struct, frozen=True):
    """A line from ``start`` through ``parts``: two numbers lead straight to a point, six along a cubic Bézier curve.

    ``ink`` and ``fill`` are percentages of black. A ``width`` of 0 draws no outline; a ``fill`` of None leaves the
    inside as it is.
    """

    start: Point
    parts: tuple[tuple[float, ...], ...]
    width: float = 0.7
    ink: int = BLACK
    fill: int | None = None


class Oval(Struct, frozen=True):
    """A circle or an ellipse around a centre."""

    x: float
    y: float
    x_radius: float
    y_radius: float
    width: float = 0.7
    ink: int = BLACK
    fill: int | None = WHITE


class Box(Struct, frozen=True):
    """A rectangle around a centre, with rounded corners."""

    x: float
    y: float
    half_width: float
    half_height: float
    corner: float = 0
    width: float = 0.7
    ink: int = BLACK
    fill: int | None = WHITE


class Text(Struct, frozen=True):
    """A formula in TeX (or plain words) whose baseline goes through ``(x, y)``, turned clockwise around that point."""

    x: float
    y: float
    content: str
    size: int
    anchor: Anchor = "middle"
    angle: float = 0
    ink: int = BLACK
    words: bool = False
    """Plain words: upright and taken literally. Otherwise ``content`` is TeX as between dollar signs."""


Primitive: TypeAlias = Path | Oval | Box | Text


class Drawing(Struct, frozen=True):
    """Primitives on a sheet that begins at x = 0 and y = ``top``; later ones cover earlier ones."""

    width: float
    height: float
    primitives: tuple[Primitive, ...]
    top: float = 0


def coordinate(value: float) -> str:
    """A coordinate as text with at most two decimals: the same on every machine, and never ``-0``."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
