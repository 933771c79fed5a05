"""The table of named mistakes. A row says which edit of which line it is; its explanation is in the templates.

Whatever edit no row names is told by what was done ("a factor is missing"). ``weight`` is how common a mistake is among
those that a row names, roughly; it only decides what is listed first.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Cost = Literal["method", "copying"]
ANY: frozenset[str] = frozenset()


class Mistake(Struct, frozen=True):
    """One row. ``lines`` are the kinds of line, ``parts`` the roles of what is left out or mistaken; empty: any."""

    name: str
    edit: str
    lines: frozenset[str] = ANY
    parts: frozenset[str] = ANY
    weight: float = 1.0
    cost: Cost = "method"

    def names(self, edit: str, line: str, part: str) -> bool:
        """Whether this row names that edit."""
        return edit == self.edit and (not self.lines or line in self.lines) and (not self.parts or part in self.parts)


def _row(name: str, edit: str, lines: str = "", parts: str = "", weight: float = 1.0, cost: Cost = "method") -> Mistake:
    return Mistake(name, edit, _words(lines), _words(parts), weight, cost)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


WHOLE = "whole"
"""The role of a part that is the whole formula: without its activation, an output is the net input unchanged."""

MISTAKES: tuple[Mistake, ...] = (
    # the forward pass
    _row("bias left out", "drop term", "net", "bias", 5),
    _row("another unit's weights", "unit", "net", weight=3),
    _row("transposed weights", "transpose", weight=4),
    _row("activation left out", "uncalled", "out", WHOLE, 3),
    _row("sign of the exponent", "exponent", weight=4),
    _row("logarithm to another base", "logarithm", weight=4),
    _row("degrees for radians", "degrees", weight=4),
    _row("brackets missing", "brackets", weight=3),
    # the error
    _row("half left out", "drop", "error", "literal", 5),
    _row("minus under the square", "minus square", weight=3),
    _row("square left out", "root", "error", weight=3),
    _row("doubled for squared", "doubled", weight=2),
    _row("mean for sum", "mean", "total, error, sum", weight=3),
    _row("sum for mean", "drop", "total, error slope", "literal", 3),
    # the backward pass
    _row("sign of the error", "flip", "error slope", weight=6),
    _row("two not cancelled", "double", "error slope", weight=4),
    _row("two left out", "drop", "error slope", "literal", 4),
    _row("two left out", "halve", "error slope", weight=2),
    _row("slope left out", "drop", "delta, share, gradient", "slope", 6),
    _row("slope at net", "net for out", "slope", weight=4),
    _row("path left out", "drop term", "sum, total", weight=5),
    _row("updated weight", "new for old", "share, delta, gradient, slope, error slope", weight=4),
    _row("weight left out", "drop", "share", "weight", 4),
    _row("input left out", "drop", "gradient", "given, out, node", 4),
    # updates
    _row("gradient added", "flip", "update", "gradient, sum, share, delta, error slope, slope, rate", 6),
    _row("rate left out", "drop", "update", "rate", 6),
    _row("rate twice", "square", "update", "rate", 3),
    _row("update left out", "drop term", "update", weight=3),
    _row("bias correction left out", "undivided", "on the way", weight=4),
    _row("sign of the momentum", "flip", "state, update", "several, state, setting", 3),
    # what was taken for what
    _row("net for out", "net for out", weight=4),
    _row("out for net", "out for net", weight=2),
    _row("wrong given", "sibling", parts="given", weight=3, cost="copying"),
    _row("wrong target", "sibling", parts="target", weight=3, cost="copying"),
    _row("another weight", "sibling", parts="weight", weight=3),
    _row("another gradient", "sibling", "update", weight=3, cost="copying"),
    _row("another quantity", "sibling", weight=2, cost="copying"),
    _row("old for new", "old for new", weight=4),
    _row("new for old", "new for old", weight=3),
    _row("one iteration off", "state", weight=4),
    # slips of the pen and of the keys
    _row("line above copied", "copied", weight=2, cost="copying"),
    _row("decimal point", "decimal point", weight=3, cost="copying"),
    _row("digits swapped", "digits swapped", weight=3, cost="copying"),
    _row("e for ten", "e for ten", weight=3, cost="copying"),
    # another method from the start
    _row("sequential update", "sequential", weight=5),
    _row("simultaneous update", "simultaneous", weight=5),
    _row("biases trained", "biases trained", weight=5),
    _row("biases frozen", "biases frozen", weight=5),
    # whatever else a single edit may be
    _row("term left out", "drop term", weight=1.5),
    _row("factor left out", "drop", weight=1.5),
    _row("sign lost", "flip", weight=2.5),
    _row("factor left out", "undivided", weight=1.5),
    _row("power left out", "root", weight=1),
    _row("square too many", "square", weight=0.5),
    _row("divided", "divided", weight=0.5),
    _row("multiplied", "multiplied", weight=0.5),
    _row("twice", "double", weight=0.7),
    _row("half", "halve", weight=0.7),
    _row("mean for sum", "mean", weight=0.5),
    _row("function left out", "uncalled", weight=1),
)


def named(edit: str, line: str, part: str) -> Mistake:
    """The first row that names an edit of that kind of line, done to a part of that role."""
    return next(row for row in MISTAKES if row.names(edit, line, part))


OTHER_METHODS = tuple(
    row for row in MISTAKES if row.edit in ("sequential", "simultaneous", "biases trained", "biases frozen")
)
"""Mistakes of no single line."""

BY_EDIT = {row.edit: row for row in reversed(MISTAKES)}
