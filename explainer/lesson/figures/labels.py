"""Finds places for the labels of edges: along their own edge, clear of one another and of the units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import inf, sqrt

from msgspec import Struct

from .drawing import Point

_POSITIONS = 13
"""Places tried along an edge."""
_COLUMNS_TRIED = 4
"""How many of the best common places are looked at closely before every label goes its own way."""
_TAIL = 5.0
_HEAD = 10.0
"""Room between a label and the ends of its edge; the arrowhead needs more."""
_PARALLEL = 1e-9
_CLEARANCE = 1.5
"""Room around a label."""


class Block(Struct, frozen=True):
    """A rectangle around a centre, with its width along the unit vector ``(ux, uy)``."""

    x: float
    y: float
    half_width: float
    half_height: float
    ux: float = 1
    uy: float = 0

    def point(self, along: float, across: float) -> Point:
        """A point of the block, measured from its centre along its width and downwards across it."""
        return self.x + along * self.ux - across * self.uy, self.y + along * self.uy + across * self.ux

    def corners(self) -> tuple[Point, ...]:
        """The four corners, in turn."""
        w, h = self.half_width, self.half_height
        return self.point(-w, -h), self.point(w, -h), self.point(w, h), self.point(-w, h)


class Track(Struct, frozen=True):
    """A straight edge as ``y = base + slope * x``, and the range of x in which its label's centre may be."""

    base: float
    slope: float
    ux: float
    uy: float
    low: float
    high: float
    half_width: float
    half_height: float

    @classmethod
    def of(cls, start: Point, end: Point, half_width: float, half_height: float) -> Track:
        """The track from ``start`` to ``end`` of a label of that half size."""
        (x0, y0), (x1, y1) = start, end
        dx, dy = x1 - x0, y1 - y0
        length = sqrt(dx * dx + dy * dy)
        ux, uy, slope = dx / length, dy / length, dy / dx
        low, high = x0 + (half_width + _TAIL) * ux, x1 - (half_width + _HEAD) * ux
        return cls(y0 - slope * x0, slope, ux, uy, low, high, half_width, half_height)

    def block(self, x: float, clearance: float = 0) -> Block:
        """The label's area, with its centre at that x."""
        y = self.base + self.slope * x
        return Block(x, y, self.half_width + clearance, self.half_height + clearance, self.ux, self.uy)


def overlap(a: Block, b: Block) -> bool:
    """Whether two blocks share any area: not if one of their four sides' directions separates them."""
    dx, dy = b.x - a.x, b.y - a.y
    reach = a.half_width + a.half_height + b.half_width + b.half_height
    if dx * dx + dy * dy >= reach * reach:
        return False
    cosine, sine = abs(a.ux * b.ux + a.uy * b.uy), abs(a.ux * b.uy - a.uy * b.ux)
    return (
        abs(dx * a.ux + dy * a.uy) < a.half_width + b.half_width * cosine + b.half_height * sine
        and abs(dy * a.ux - dx * a.uy) < a.half_height + b.half_width * sine + b.half_height * cosine
        and abs(dx * b.ux + dy * b.uy) < b.half_width + a.half_width * cosine + a.half_height * sine
        and abs(dy * b.ux - dx * b.uy) < b.half_height + a.half_width * sine + a.half_height * cosine
    )


def place_labels(tracks: Sequence[Track], obstacles: Sequence[Block], *, aligned: bool) -> list[Block] | None:
    """A place for every label between two columns, or None if they do not fit.

    All at the same x if possible; otherwise, unless they must be ``aligned``, each where its edge has room.
    """
    if not tracks:
        return []
    if any(track.low > track.high for track in tracks):
        return None
    return _aligned(tracks, obstacles) or (None if aligned else _one_by_one(tracks, obstacles))


def _aligned(tracks: Sequence[Track], obstacles: Sequence[Block]) -> list[Block] | None:
    """All labels at the same x, where their edges stand widest apart."""
    low, high = max(track.low for track in tracks), min(track.high for track in tracks)
    if low > high:
        return None
    reach = max(track.half_width * track.ux for track in tracks)
    by_room = sorted(_positions(low, high), key=lambda x: _room(tracks, x - reach, x + reach), reverse=True)
    for x in by_room[:_COLUMNS_TRIED]:
        if not _any_overlap([track.block(x, _CLEARANCE) for track in tracks], obstacles):
            return [track.block(x) for track in tracks]
    return None


def _room(tracks: Sequence[Track], left: float, right: float) -> float:
    """How near edges come at either end; rounded, so that of equal places the one nearest to the middle is first."""
    return round(min(_least_distance(tracks, left), _least_distance(tracks, right)), 3)


def _least_distance(tracks: Sequence[Track], x: float) -> float:
    heights = sorted([track.base + track.slope * x for track in tracks])
    return min([below - above for above, below in pairwise(heights)], default=inf)


def _any_overlap(blocks: Sequence[Block], obstacles: Sequence[Block]) -> bool:
    return any(
        any(overlap(block, other) for other in obstacles) or any(overlap(block, other) for other in blocks[:index])
        for index, block in enumerate(blocks)
    )


def _one_by_one(tracks: Sequence[Track], obstacles: Sequence[Block]) -> list[Block] | None:
    """Each label where the fewest other edges cross its own, the labels with the least room first."""
    taken = list(obstacles)
    placed: dict[int, Block] = {}
    for index in sorted(range(len(tracks)), key=lambda index: tracks[index].high - tracks[index].low):
        track = tracks[index]
        x = next((x for x in _best_first(track, tracks) if _is_free(track.block(x, _CLEARANCE), taken)), None)
        if x is None:
            return None
        placed[index] = track.block(x)
        taken.append(track.block(x, _CLEARANCE))
    return [placed[index] for index in range(len(tracks))]


def _is_free(block: Block, taken: Iterable[Block]) -> bool:
    return not any(overlap(block, other) for other in taken)


def _best_first(track: Track, tracks: Sequence[Track]) -> list[float]:
    crossings = [
        (track.base - other.base) / (other.slope - track.slope)
        for other in tracks
        if abs(other.slope - track.slope) > _PARALLEL
    ]
    reach = (track.half_width + track.half_height) * track.ux
    return sorted(_positions(track.low, track.high), key=lambda x: sum([abs(x - at) < reach for at in crossings]))


def _positions(low: float, high: float) -> list[float]:
    """Places from the middle outwards."""
    middle, step = (low + high) / 2, (high - low) / (_POSITIONS - 1)
    return [middle + step * offset for offset in sorted(range(-(_POSITIONS // 2), _POSITIONS // 2 + 1), key=abs)]
