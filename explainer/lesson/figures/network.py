"""Draws a network, a path through it or the graph of a calculation from its layout.

What is highlighted is drawn thick and black, the rest thin and grey, so that it reads in black and white.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from math import atan2, degrees

from msgspec import Struct
from msgspec.structs import replace

from .drawing import BLACK, WHITE, Box, Drawing, Oval, Path, Primitive, Text
from .graph import Edge, Unit, abridged
from .labels import Block
from .layout import LABELLED_EDGES, Label, Layout, arrange
from .places import LINE, UNIT_SIZE, VALUE_SIZE, Dots, Place
from .routes import Route
from .styles import STACK_GAP

_BASELINE = 0.32
"""How far below the middle of a line of text its baseline is, relative to the size."""
_DOT_RADIUS = 1.2


class Pen(Struct, frozen=True):
    """How a line and the text on it look: the line's width, the shade of either, and the length of an arrowhead."""

    width: float
    ink: int
    text_ink: int
    head: float


PLAIN = Pen(0.7, BLACK, BLACK, 5)
LIT = Pen(2.2, BLACK, BLACK, 8)
FINE = Pen(0.5, BLACK, BLACK, 4)
PALE = Pen(0.4, 40, 60, 4)


def layered_drawing(
    columns: Sequence[Sequence[Unit]], edges: Sequence[Edge], *, lit_units: Collection[str] = frozenset()
) -> Drawing:
    """The units in columns from left to right, the edges between them, and a path lit through them if there is one.

    Edges carry their names and values up to about 30; long columns and long rows of columns are cut with an ellipsis.

    Raises:
        ValueError: An edge names a unit that is in no column, or joins a unit to itself.
    """
    _check(columns, edges)
    lit = {*lit_units, *(end for edge in edges if edge.lit for end in (edge.source, edge.target))}
    unlit_edges = tuple(replace(edge, lit=False) if edge.lit else edge for edge in edges)
    layout = arrange(abridged(columns, lit), unlit_edges)
    other = PALE if lit else FINE if len(layout.routes) > LABELLED_EDGES else PLAIN
    pens = {number: LIT if edges[number].lit else other for number in layout.routes}
    unit_pens = {id_: LIT if id_ in lit else other for id_ in layout.places}
    return Drawing(layout.width, layout.height, tuple(_primitives(layout, pens, unit_pens)), layout.top)


def _check(columns: Sequence[Sequence[Unit]], edges: Sequence[Edge]) -> None:
    known = {unit.id for column in columns for unit in column}
    for edge in edges:
        if edge.source not in known or edge.target not in known or edge.source == edge.target:
            raise ValueError(f"an edge must join two units of the columns, not {edge.source!r} and {edge.target!r}")


def _primitives(layout: Layout, pens: dict[int, Pen], unit_pens: dict[str, Pen]) -> Iterator[Primitive]:
    """Lines first, then labels on a white ground, then units. What is lit lies above what is not."""
    for number in sorted(layout.routes, key=lambda number: pens[number].width):
        yield from _edge(layout.routes[number], pens[number])
    for number in sorted(layout.labels, key=lambda number: pens[number].width):
        yield from _label(layout.labels[number], pens[number])
    for place in layout.places.values():
        yield from _unit(place, unit_pens[place.unit.id])
    for dots in layout.dots:
        yield from _dots(dots)


def _edge(route: Route, pen: Pen) -> Iterator[Primitive]:
    """The line ends within the arrowhead, so that the tip stays sharp."""
    (x, y), (ux, uy), length = route.end, route.direction, pen.head
    *before, last = route.parts
    yield Path(route.start, (*before, (*last[:-2], x - ux * length / 2, y - uy * length / 2)), pen.width, pen.ink)
    back = Block(x - ux * length, y - uy * length, 0, length * 0.38, ux, uy).corners()
    yield Path((x, y), (back[0], back[3]), 0, fill=pen.ink)


def _label(label: Label, pen: Pen) -> Iterator[Primitive]:
    block, line_height = label.block, label.size * LINE
    middle = (len(label.lines) - 1) / 2
    angle = degrees(atan2(block.uy, block.ux))
    for number, line in enumerate(label.lines):
        across = (number - middle) * (line_height + 2 * STACK_GAP)
        yield _ground(block, across, line_height / 2)
        x, y = block.point(0, across + _BASELINE * label.size)
        yield Text(x, y, line, label.size, angle=angle, ink=pen.text_ink)


def _ground(block: Block, across: float, half_height: float) -> Path:
    x, y = block.point(0, across)
    start, *corners = replace(block, x=x, y=y, half_height=half_height).corners()
    return Path(start, tuple(corners), 0, fill=WHITE)


def _unit(place: Place, pen: Pen) -> Iterator[Primitive]:
    unit, x, y = place.unit, place.x, place.y
    if unit.shape == "circle":
        yield Oval(x, y, place.x_radius, place.y_radius, pen.width, pen.ink)
    else:
        yield Box(x, y, place.x_radius, place.y_radius, 3, pen.width, pen.ink)
    yield Text(x, y + _BASELINE * UNIT_SIZE, unit.tex, UNIT_SIZE, ink=pen.text_ink)
    for text, block in place.texts():
        yield _ground(block, 0, block.half_height)
        yield Text(block.x, block.y + _BASELINE * VALUE_SIZE, text, VALUE_SIZE, ink=pen.text_ink)


def _dots(dots: Dots) -> Iterator[Primitive]:
    (x, y), (dx, dy) = dots.middle, dots.step
    for number in (-1, 0, 1):
        yield Oval(x + number * dx, y + number * dy, _DOT_RADIUS, _DOT_RADIUS, 0, fill=BLACK)
