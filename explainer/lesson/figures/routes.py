"""Runs edges between units: straight, bulging out within a column, or in a lane above or below all columns."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

from msgspec import Struct

from .drawing import Point
from .labels import Block, overlap
from .places import Place

BULGE = 30.0
"""How far an edge within a column bulges out of it."""


class Route(Struct, frozen=True):
    """How an edge runs, in the manner of a Path."""

    start: Point
    parts: tuple[tuple[float, ...], ...]

    @property
    def end(self) -> Point:
        """The last point."""
        return self.parts[-1][-2], self.parts[-1][-1]

    @property
    def direction(self) -> Point:
        """The unit vector along which the edge arrives."""
        before = (*self.start, *(number for part in self.parts for number in part))[-4:-2]
        dx, dy = self.end[0] - before[0], self.end[1] - before[1]
        length = sqrt(dx * dx + dy * dy)
        return dx / length, dy / length

    def reversed(self) -> Route:
        """The same way back."""
        numbers = [*self.start, *(number for part in self.parts for number in part)]
        points = list(zip(numbers[-2::-2], numbers[::-2], strict=True))
        parts, at = [], 1
        for part in reversed(self.parts):
            parts.append(tuple(number for point in points[at : at + len(part) // 2] for number in point))
            at += len(part) // 2
        return Route(self.end, tuple(parts))


def straight(source: Place, target: Place) -> Route:
    """From border to border along the line between the centres."""
    return Route(source.border(target.x, target.y), (target.border(source.x, source.y),))


def is_clear(route: Route, blocks: Iterable[Block]) -> bool:
    """Whether a straight route passes all blocks at a small distance."""
    (x0, y0), (x1, y1) = route.start, route.end
    dx, dy = (x1 - x0) / 2, (y1 - y0) / 2
    half = sqrt(dx * dx + dy * dy)
    line = Block(x0 + dx, y0 + dy, half, 3, dx / half, dy / half)
    return not any(overlap(line, block) for block in blocks)


def bulge(source: Place, target: Place) -> Route:
    """Between two units of a column, out to the right and back."""
    start, end = (source.x + source.x_radius, source.y), (target.x + target.x_radius, target.y)
    out = max(start[0], end[0]) + BULGE
    return Route(start, ((out, start[1], out, end[1], *end),))


def lane(source: Place, target: Place, between: tuple[float, float], y: float) -> Route:
    """Past the columns within ``between`` (from one x to another), along a line at height ``y``."""
    left, right = between
    start, end = (source.x + source.x_radius, source.y), (target.x - target.x_radius, target.y)
    up, down = (start[0] + left) / 2, (right + end[0]) / 2
    return Route(start, ((up, start[1], up, y, left, y), (right, y), (down, y, down, end[1], *end)))
