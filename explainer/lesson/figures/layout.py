"""Lays a network out in columns: where every unit stands, how every edge runs and where its label goes.

Ways to show the labels are tried from the richest to the barest, and for each one ever wider spacings, until no label
touches another or a unit. The result knows nothing of line widths and shades.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from msgspec import Struct
from msgspec.structs import replace

from .asides import texts_aside
from .graph import Column, Edge
from .labels import Block, Track, overlap, place_labels
from .places import MARGIN, MAX_WIDTH, Dots, Gap, Measures, Place, column_middles, set_out
from .routes import BULGE, Route, bulge, is_clear, lane, straight
from .styles import BARE, LABEL_STYLES, LabelStyle

MAX_HEIGHT = 560.0
LABELLED_EDGES = 30
"""Up to so many edges carry labels; those from bias units do not count."""

_LABELLED_PITCH = 54.0
_BARE_PITCH = 34.0
_LANE = 13.0
_SPACINGS = (
    (1.0, 1.0),
    (1.15, 1.15),
    (1.4, 1.3),
    (1.8, 1.5),
    (2.2, 1.8),
    (2.7, 2.2),
    (3.2, 2.7),
)
"""How much wider than wanted, and how much higher than needed, a picture may get to make room for labels."""
_ALIGNED_SPACINGS = ((1.0, 1.3), (1.4, 1.6))
"""What labels that stand in line are worth."""
_ATTEMPTS = (*((spacing, True) for spacing in _ALIGNED_SPACINGS), *((spacing, False) for spacing in _SPACINGS))


class Label(Struct, frozen=True):
    """An edge's label: its lines of TeX, the size of the text and the area it takes."""

    lines: tuple[str, ...]
    size: int
    block: Block


class Layout(Struct, frozen=True):
    """A whole picture, from x = 0 and y = ``top`` on. Routes and labels are given by the edge's number."""

    top: float
    width: float
    height: float
    places: Mapping[str, Place]
    routes: Mapping[int, Route]
    labels: Mapping[int, Label]
    dots: tuple[Dots, ...]


@lru_cache(maxsize=64)
def arrange(columns: tuple[Column, ...], edges: tuple[Edge, ...]) -> Layout:
    """The layout of the columns. Edges from or to units that are not there are left out."""
    plan = _Plan.of(columns, edges)
    biases = {unit.id for column in columns for unit in column if unit and unit.shape == "bias"}
    labelled = sum(bool(edge.tex or edge.value) and edge.source not in biases for edge in edges)
    for style in LABEL_STYLES if 0 < labelled <= LABELLED_EDGES else ():
        gaps = plan.gaps(style)
        if plan.side_room + sum(gap.least for gap in gaps) <= MAX_WIDTH:
            for spacing, aligned in _ATTEMPTS:
                if layout := _attempt(plan, style, gaps, spacing, aligned):
                    return layout
    return _bare(plan)


class _Plan(Struct, frozen=True):
    """The columns measured, and the edges (by number, from left to right) sorted by what they join."""

    columns: tuple[Column, ...]
    measures: Measures
    near: tuple[dict[int, Edge], ...]
    """For each gap the edges between its two columns."""
    lateral: dict[int, Edge]
    """Edges within a column."""
    far: dict[int, Edge]
    """Edges that pass columns by, the shortest first."""
    home: dict[str, int]
    """The number of each unit's column."""
    backward: frozenset[int]
    """Edges that in truth run from right to left."""

    @classmethod
    def of(cls, columns: tuple[Column, ...], edges: tuple[Edge, ...]) -> _Plan:
        home = {unit.id: number for number, column in enumerate(columns) for unit in column if unit}
        shown = {n: edge for n, edge in enumerate(edges) if edge.source in home and edge.target in home}
        backward = frozenset(n for n, edge in shown.items() if home[edge.target] < home[edge.source])
        for n in backward:
            shown[n] = replace(shown[n], source=shown[n].target, target=shown[n].source)
        span = {n: home[edge.target] - home[edge.source] for n, edge in shown.items()}
        near: tuple[dict[int, Edge], ...] = tuple({} for _ in columns[1:])
        for n, edge in shown.items():
            if span[n] == 1:
                near[home[edge.source]][n] = edge
        lateral = {n: edge for n, edge in shown.items() if span[n] == 0}
        far = {n: shown[n] for n in sorted(shown, key=span.__getitem__) if span[n] > 1}
        return cls(columns, Measures.of(columns), near, lateral, far, home, backward)

    @property
    def side_room(self) -> float:
        """What the picture needs left of the first column's middle and right of the last one's."""
        return self.measures.side_room + (BULGE if self.lateral else 0)

    def near_pairs(self) -> Iterator[tuple[str, str]]:
        """The units that a straight edge joins."""
        return ((edge.source, edge.target) for edges in self.near for edge in edges.values())

    def gaps(self, style: LabelStyle) -> list[Gap]:
        """The distances between columns, with labels in that style."""
        widths = (
            max((2 * style.half_size(edge)[0] for edge in edges.values() if style.lines(edge)), default=0)
            for edges in self.near
        )
        return [Gap.between(self.measures, left, width) for left, width in enumerate(widths)]


def _attempt(
    plan: _Plan, style: LabelStyle, gaps: Sequence[Gap], spacing: tuple[float, float], aligned: bool
) -> Layout | None:
    """The layout at one spacing, or None where the labels do not fit."""
    wider, higher = spacing
    middles = column_middles(plan.measures, gaps, wider, plan.side_room)
    places, dots = set_out(plan.columns, plan.measures, middles, max(_LABELLED_PITCH, plan.measures.pitch) * higher)
    places = texts_aside(places, plan.near_pairs())
    labels = _near_labels(plan, style, places, aligned)
    if labels is None:
        return None
    layout = _Router(plan, style, places, labels).layout(dots)
    fits = layout.height <= MAX_HEIGHT and (not plan.lateral or _is_clear(layout))
    return layout if fits else None


def _bare(plan: _Plan) -> Layout:
    """The layout without labels on the edges."""
    middles = column_middles(plan.measures, plan.gaps(BARE), 1, plan.side_room)
    places, dots = set_out(plan.columns, plan.measures, middles, max(_BARE_PITCH, plan.measures.pitch))
    return _Router(plan, BARE, texts_aside(places, plan.near_pairs()), {}).layout(dots)


def _near_labels(plan: _Plan, style: LabelStyle, places: Mapping[str, Place], aligned: bool) -> dict[int, Label] | None:
    """The labels between neighbouring columns, gap by gap."""
    labels: dict[int, Label] = {}
    before: list[Block] = []
    blocks = [[block for unit in column if unit for block in places[unit.id].blocks()] for column in plan.columns]
    for edges, left, right in zip(plan.near, blocks, blocks[1:], strict=False):
        named = {number: edge for number, edge in edges.items() if style.lines(edge)}
        tracks = [_track(edge, style, places) for edge in named.values()]
        placed = place_labels(tracks, [*left, *right, *before], aligned=aligned)
        if placed is None:
            return None
        for (number, edge), block in zip(named.items(), placed, strict=True):
            labels[number] = Label(style.lines(edge), style.size, block)
        before = placed
    return labels


def _track(edge: Edge, style: LabelStyle, places: Mapping[str, Place]) -> Track:
    route = straight(places[edge.source], places[edge.target])
    return Track.of(route.start, route.end, *style.half_size(edge))


class _Router:
    """Draws every edge of a plan, and gives those that pass columns by a lane of their own above or below."""

    def __init__(self, plan: _Plan, style: LabelStyle, places: dict[str, Place], labels: dict[int, Label]) -> None:
        self.plan, self.style, self.places, self.labels = plan, style, places, labels
        self.routes: dict[int, Route] = {}
        blocks = [block for place in places.values() for block in place.blocks()]
        self.top = min((block.y - block.half_height for block in blocks), default=0)
        self.bottom = max((block.y + block.half_height for block in blocks), default=0)

    def layout(self, dots: tuple[Dots, ...]) -> Layout:
        """The finished picture."""
        for edges in self.plan.near:
            for number, edge in edges.items():
                self.routes[number] = straight(self.places[edge.source], self.places[edge.target])
        for number, edge in self.plan.lateral.items():
            self._bulge(number, edge)
        for number, edge in self.plan.far.items():
            self._pass_columns(number, edge)
        for number in self.plan.backward:
            self.routes[number] = self.routes[number].reversed()
        right = max((b.x + b.half_width for place in self.places.values() for b in place.blocks()), default=0)
        width = right + MARGIN + (BULGE if self.plan.lateral else 0)
        top, bottom = self.top - MARGIN, self.bottom + MARGIN
        return Layout(top, width, bottom - top, self.places, self.routes, self.labels, dots)

    def _bulge(self, number: int, edge: Edge) -> None:
        source, target = self.places[edge.source], self.places[edge.target]
        self.routes[number] = bulge(source, target)
        self._label(number, edge, source.x + source.x_radius + 0.75 * BULGE, (source.y + target.y) / 2)

    def _pass_columns(self, number: int, edge: Edge) -> None:
        source, target = self.places[edge.source], self.places[edge.target]
        passed = [place for place in self.places.values() if source.x < place.x < target.x]
        direct = straight(source, target)
        if not self.style.lines(edge) and is_clear(direct, (block for place in passed for block in place.blocks())):
            self.routes[number] = direct
            return
        left = min(place.x - place.x_radius for place in passed)
        right = max(place.x + place.x_radius for place in passed)
        y = self._lane(source.y + target.y <= 0, max(_LANE, 2 * self.style.half_size(edge)[1] + 4))
        self.routes[number] = lane(source, target, (left, right), y)
        self._label(number, edge, (left + right) / 2, y)

    def _lane(self, above: bool, height: float) -> float:
        """The middle of the next free lane."""
        if above:
            self.top -= height
            return self.top + height / 2
        self.bottom += height
        return self.bottom - height / 2

    def _label(self, number: int, edge: Edge, x: float, y: float) -> None:
        if lines := self.style.lines(edge):
            self.labels[number] = Label(lines, self.style.size, Block(x, y, *self.style.half_size(edge)))


def _is_clear(layout: Layout) -> bool:
    """Whether no label touches another or a unit."""
    labels = [label.block for label in layout.labels.values()]
    units = [block for place in layout.places.values() for block in place.blocks()]
    return not any(overlap(a, b) for a, b in combinations(labels, 2)) and not any(
        overlap(label, unit) for label in labels for unit in units
    )
