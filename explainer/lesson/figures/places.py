"""Measures units and sets them out in columns within the width of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from math import sqrt

from msgspec import Struct

from .drawing import Point
from .graph import Column, Unit
from .labels import Block
from .mathtext import math_width

MAX_WIDTH = 425.0
"""In points: just under 150 mm, the text width of a page."""
MARGIN = 6.0
UNIT_SIZE = 10
VALUE_SIZE = 8
LINE = 1.15
"""The height of a line of text, relative to its size."""

_RADIUS = 13.0
_BIAS_RADIUS = 8.0
_TEXT_GAP = 2.0
_EDGE_ROOM = 18.0
"""The least an edge needs besides its label: a little tail and the arrowhead."""
_FAN = 8.0
_LABELLED_FAN = 12.0
"""What more a gap gets for every unit beside it, so that its edges don't become steep."""
_DOT_STEP = 5.0


class Place(Struct, frozen=True):
    """A unit on the sheet: its centre and half its size."""

    unit: Unit
    x: float
    y: float
    x_radius: float
    y_radius: float
    text_shift: float = 0
    """How far to the right of the middle the texts stand."""

    def blocks(self) -> Iterator[Block]:
        """The areas that the unit, its value and its note take."""
        yield Block(self.x, self.y, self.x_radius, self.y_radius)
        yield from (block for _, block in self.texts())

    def texts(self) -> Iterator[tuple[str, Block]]:
        """The value above and the note below, as far as there are any, with their areas."""
        distance, half_height = self.y_radius + _TEXT_GAP + VALUE_SIZE * LINE / 2, VALUE_SIZE * LINE / 2
        if value := self.unit.value:
            yield value, Block(self.x + self.text_shift, self.y - distance, text_reach(value), half_height)
        if note := self.unit.note:
            yield note, Block(self.x + self.text_shift, self.y + distance, text_reach(note), half_height)

    def border(self, x: float, y: float) -> Point:
        """Where a line from the centre to that point leaves the unit."""
        dx, dy = x - self.x, y - self.y
        across, down = abs(dx) / self.x_radius, abs(dy) / self.y_radius
        part = 1 / (sqrt(across * across + down * down) if self.unit.shape == "circle" else max(across, down))
        return self.x + dx * part, self.y + dy * part


class Dots(Struct, frozen=True):
    """An ellipsis: the middle dot, and the step to the next."""

    middle: Point
    step: Point


class Measures(Struct, frozen=True):
    """Half the width and height of each unit, and half the width of each column."""

    sizes: Mapping[str, tuple[float, float]]
    solid: tuple[float, ...]
    reach: tuple[float, ...]
    """The same as ``solid``, with the values and notes of the units."""
    rows: tuple[int, ...]
    """The number of units of each column."""
    pitch: float
    """The least distance between the middles of two units of a column."""

    @property
    def side_room(self) -> float:
        """What the picture needs left of the first column's middle and right of the last one's."""
        solid, reach = self.solid[-1], self.reach[-1]
        return self.reach[0] + (reach + aside(reach, solid) if reach > solid else solid) + 2 * MARGIN

    @classmethod
    def of(cls, columns: Sequence[Column]) -> Measures:
        """Measures all columns."""
        units = [[unit for unit in column if unit] for column in columns]
        sizes = {unit.id: _half_size(unit) for column in units for unit in column}
        solid = tuple(max((sizes[unit.id][0] for unit in column), default=_RADIUS) for column in units)
        texts = (
            max((text_reach(t) for unit in column for t in (unit.value, unit.note)), default=0) for column in units
        )
        reach = tuple(map(max, solid, texts))
        rows = tuple(map(len, columns))
        return cls(
            sizes, solid, reach, rows, 8 + max((_height(unit) for column in units for unit in column), default=0)
        )


class Gap(Struct, frozen=True):
    """A distance between the middles of two columns: the least that will do, and what looks well."""

    least: float
    wanted: float
    labelled: bool

    @classmethod
    def between(cls, measures: Measures, left: int, label_width: float) -> Gap:
        """The gap right of a column, with labels of that width on its edges."""
        solid = measures.solid[left] + measures.solid[left + 1]
        texts = measures.reach[left] + measures.reach[left + 1] + 6
        least = max(solid + label_width + _EDGE_ROOM, texts)
        fan = (_LABELLED_FAN if label_width else _FAN) * (measures.rows[left] + measures.rows[left + 1] - 2)
        return cls(least, max(least, solid + 1.5 * label_width + 30 + fan), label_width > 0)

    def grown(self, growth: float) -> float:
        """What more it takes than the least; growth is to make room for labels."""
        return self.wanted * (growth if self.labelled else 1) - self.least


def column_middles(measures: Measures, gaps: Sequence[Gap], growth: float, side_room: float) -> list[float]:
    """The x of every column: spaced as wanted if the page is wide enough for it, else evenly less."""
    spare = MAX_WIDTH - side_room - sum(gap.least for gap in gaps)
    more = sum(gap.grown(growth) for gap in gaps)
    part = max(0.0, min(1.0, spare / more)) if more > 0 else 0.0
    return list(accumulate((gap.least + gap.grown(growth) * part for gap in gaps), initial=measures.reach[0] + MARGIN))


def set_out(
    columns: Sequence[Column], measures: Measures, middles: Sequence[float], pitch: float
) -> tuple[dict[str, Place], tuple[Dots, ...]]:
    """Every unit in its place: columns around the middle line y = 0, bias units beneath."""
    places: dict[str, Place] = {}
    dots: list[Dots] = []
    for x, column in zip(middles, columns, strict=True):
        first = (1 - sum(not (unit and unit.shape == "bias") for unit in column)) / 2
        for row, unit in enumerate(column):
            y = (first + row) * pitch
            if unit:
                places[unit.id] = Place(unit, x, y, *measures.sizes[unit.id])
            else:
                dots.append(Dots((x, y), (_DOT_STEP, 0) if len(column) == 1 else (0, _DOT_STEP)))
    return places, tuple(dots)


def aside(reach: float, radius: float) -> float:
    """How far a text moves aside: until it begins a little before the middle of its unit."""
    return reach - 0.3 * radius


def text_reach(tex: str) -> float:
    """Half the width of a value or a note."""
    return math_width(tex) * VALUE_SIZE / 2


def _half_size(unit: Unit) -> tuple[float, float]:
    text = math_width(unit.tex) * UNIT_SIZE / 2
    if unit.shape == "bias":
        return max(_BIAS_RADIUS, text + 4), _BIAS_RADIUS
    return max(_RADIUS, text + 5), _RADIUS


def _height(unit: Unit) -> float:
    radius = _BIAS_RADIUS if unit.shape == "bias" else _RADIUS
    return 2 * radius + (bool(unit.value) + bool(unit.note)) * (VALUE_SIZE * LINE + _TEXT_GAP)
