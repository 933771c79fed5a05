"""Moves the values and notes of units aside where edges would run through them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import sqrt

from msgspec.structs import replace

from .labels import Block, overlap
from .places import MARGIN, MAX_WIDTH, Place, aside

_NEAR = 25.0
"""Half of how far from a unit's middle an edge may meet its texts."""


def texts_aside(places: Mapping[str, Place], pairs: Iterable[tuple[str, str]]) -> dict[str, Place]:
    """The places, with the texts of a column moved aside if edges would cross them and there is room."""
    columns: dict[float, dict[str, list[Place]]] = defaultdict(dict)
    for id_, place in places.items():
        if place.unit.value or place.unit.note:
            columns[place.x][id_] = []
    for left, right in pairs:
        for end, other in ((places[left], places[right]), (places[right], places[left])):
            if end.unit.id in columns[end.x]:
                columns[end.x][end.unit.id].append(other)
    moved = dict(places)
    for column in columns.values():
        moved |= _column_aside(moved, column)
    return moved


def _column_aside(places: Mapping[str, Place], neighbours: Mapping[str, Sequence[Place]]) -> dict[str, Place]:
    column = {id_: places[id_] for id_ in neighbours}
    wires = [wire for id_, place in column.items() for wire in _beginnings(place, neighbours[id_])]
    if not wires or not _crossed(column, wires):
        return column
    others = [block for id_, place in places.items() if id_ not in column for block in place.blocks()]
    shift = max(aside(block.half_width, place.x_radius) for place in column.values() for _, block in place.texts())
    asides = [{id_: replace(place, text_shift=way) for id_, place in column.items()} for way in (shift, -shift)]
    return min([column, *(aside for aside in asides if _has_room(aside, others))], key=lambda c: _crossed(c, wires))


def _crossed(column: Mapping[str, Place], wires: Sequence[Block]) -> int:
    return sum(overlap(block, wire) for place in column.values() for _, block in place.texts() for wire in wires)


def _has_room(column: Mapping[str, Place], others: Sequence[Block]) -> bool:
    blocks = [block for place in column.values() for _, block in place.texts()]
    return all(
        block.half_width + MARGIN <= block.x <= MAX_WIDTH - MARGIN - block.half_width for block in blocks
    ) and not any(overlap(block, other) for block in blocks for other in others)


def _beginnings(place: Place, others: Iterable[Place]) -> Iterator[Block]:
    """The parts of the straight edges to other units that may come near the place's texts: edges that are steep."""
    reach = max(block.half_width for _, block in place.texts())
    for other in others:
        dx, dy = other.x - place.x, other.y - place.y
        if abs(dy) * reach > abs(dx) * place.y_radius:
            length = sqrt(dx * dx + dy * dy)
            half, ux, uy = min(length / 2, _NEAR), dx / length, dy / length
            yield Block(place.x + half * ux, place.y + half * uy, half, 1.5, ux, uy)
