"""What a picture of a network or a calculation shows: units in columns, and edges between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

SHOWN_UNITS = 8
SHOWN_COLUMNS = 8


class Unit(Struct, frozen=True):
    """A node of the picture. ``tex`` stands in it, ``value`` above it and ``note`` (a target, a gradient) below it.

    All three are TeX as between dollar signs; a number is given as it is to be shown. A ``bias`` unit stands beneath
    its column.
    """

    id: str
    tex: str
    value: str = ""
    note: str = ""
    shape: Literal["circle", "box", "bias"] = "circle"


class Edge(Struct, frozen=True):
    """An arrow between two units, with a name and a value on it. ``lit`` edges are part of a highlighted path."""

    source: str
    target: str
    tex: str = ""
    value: str = ""
    lit: bool = False


Column: TypeAlias = tuple[Unit | None, ...]
"""Units from top to bottom; None stands for those left out."""


def columns_by_depth(units: Sequence[Unit], edges: Iterable[Edge]) -> tuple[tuple[Unit, ...], ...]:
    """The units of a calculation without layers in columns, each to the right of all it uses.

    A unit that uses nothing stands just before its first consumer. Units come in the order of the calculation: a
    unit that uses another stands after it.
    """
    sources, consumers = defaultdict(list), defaultdict(list)
    for edge in edges:
        sources[edge.target].append(edge.source)
        consumers[edge.source].append(edge.target)
    depth: dict[str, int] = {}
    for unit in units:
        depth[unit.id] = max((depth[source] + 1 for source in sources[unit.id]), default=0)
    for unit in units:
        if not sources[unit.id] and consumers[unit.id]:
            depth[unit.id] = min(depth[consumer] for consumer in consumers[unit.id]) - 1
    return tuple(tuple(unit for unit in units if depth[unit.id] == level) for level in sorted(set(depth.values())))


def abridged(columns: Sequence[Sequence[Unit]], lit: Collection[str]) -> tuple[Column, ...]:
    """The first few columns and units and the last ones, with None for the rest; ``lit`` units stay."""
    if len(columns) <= SHOWN_COLUMNS:
        return tuple(_abridged_column(column, lit) for column in columns)
    *first, border = columns[:3]
    without_bias = [unit for unit in border if unit.shape != "bias"]
    return (*abridged([*first, without_bias], lit), (None,), *abridged(columns[-2:], lit))


def _abridged_column(column: Sequence[Unit], lit: Collection[str]) -> Column:
    units = [unit for unit in column if unit.shape != "bias"]
    if len(units) <= SHOWN_UNITS:
        return tuple(column)
    middle = [index for index in range(3, len(units) - 1) if units[index].id in lit][:3]
    shown: list[Unit | None] = []
    before = -1
    for index in [0, 1, 2, *middle, len(units) - 1]:
        if index != before + 1:
            shown.append(None)
        shown.append(units[index])
        before = index
    return (*shown, *(unit for unit in column if unit.shape == "bias"))
