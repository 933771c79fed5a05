"""Gradients against finite differences at high precision: the check that knows no calculus."""

from __future__ import annotations

import decimal
import hashlib
from collections.abc import Iterator, Mapping
from decimal import Decimal, DecimalException, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from ..calculus.derive import TURNED, Derivation, derive
from ..calculus.marks import parsed
from ..calculus.unroll import unroll
from ..spec.types import Display, Literal
from .arithmetic import DECIMAL, context
from .compiling import Program
from .evaluate import Evaluation, evaluate

DIGITS, NUDGE = 50, Decimal("1e-24")
"""Of a difference from where the evaluation stands to one side: its error is of the order of the nudge."""
CENTRAL = ((90, Decimal("1e-28")), (400, Decimal("1e-120")), (2000, Decimal("1e-600")))
"""The same of central differences, whose error is of the order of the nudge squared: for gradients too small, and for
losses that bend too sharply, for the first to show them."""
SEEN_DIGITS = 28
"""Of a value that is looked at itself."""
DIRECTIONS = 2
"""One shows any single wrong derivative; a second, with other components, shows two that cancel in the first."""
MOST_DIGITS = 20
AGREEMENT = 15
"""Digits that must agree for a gradient to count as confirmed."""
ZERO = Decimal("1e-50")
"""A difference that is smaller agrees with a gradient of 0."""


class Comparison(Struct, frozen=True):
    """One derivative, found twice."""

    name: str
    gradient: Decimal
    difference: Decimal

    @property
    def digits(self) -> int:
        """How many significant digits agree, at most 20; none where the difference has no value."""
        if self.difference.is_nan():
            return 0
        size = max(abs(self.gradient), abs(self.difference))
        gap = abs(self.gradient - self.difference)
        if not gap or (not self.gradient and size < ZERO):
            return MOST_DIGITS
        return min(MOST_DIGITS, max(0, size.adjusted() - gap.adjusted()))

    @property
    def agrees(self) -> bool:
        """Whether the two are the same for all that differences can show."""
        return self.digits >= AGREEMENT


@lru_cache(maxsize=8)
def _from_the_start(derivation: Derivation) -> Derivation:
    """The Derivation with every gradient formed from the original values."""
    if derivation.graph.training.update == "simultaneous":
        return derivation
    graph = derivation.single.graph
    plain = derive(replace(graph, training=replace(graph.training, update="simultaneous")))
    return plain if derivation.base is None else unroll(plain, derivation.turns[:1])


def exactly(evaluation: Evaluation) -> Evaluation:
    """The evaluation with full precision carried, whatever the document carries."""
    if evaluation.display.carry == "exact":
        return evaluation
    return evaluate(evaluation.derivation, evaluation.sources, Display(), for_print=False)


def _checkable(evaluation: Evaluation) -> Evaluation:
    """Full precision carried, and gradients formed from the original values."""
    derivation = _from_the_start(evaluation.derivation)
    if derivation is evaluation.derivation:
        return exactly(evaluation)
    return evaluate(derivation, evaluation.sources, Display(), as_reached=True, for_print=False)


def _slope(exact: Evaluation, name: str) -> Decimal:
    """The gradient of a quantity as the lines give it, with its own sign."""
    id = exact.derivation.gradient[name]
    return exact.values[id].copy_negate() if id.startswith(TURNED) else exact.values[id]


def every_gradient(evaluation: Evaluation) -> Iterator[Comparison]:
    """Each wanted gradient of a source against its own finite difference."""
    exact = _checkable(evaluation)
    derivation, sources = exact.derivation, exact.sources
    for name in derivation.graph.wanted:
        if name in sources and name in derivation.gradient:
            id, loss = derivation.gradient[name].removeprefix(TURNED), _loss_of(derivation, name)
            yield _compared(id, _slope(exact, name), exact, loss, {name: Decimal(1)})


def _loss_of(derivation: Derivation, name: str) -> str:
    """What a gradient is the gradient of: the loss of all samples, or for a sample's own quantity the loss of it."""
    return derivation.graph.loss if parsed(name).sample else derivation.total


def along_directions(evaluation: Evaluation, count: int = DIRECTIONS) -> list[Comparison]:
    """The whole gradient at once: its component along a few random directions against finite differences.

    The components of a direction are whole numbers from -9 to 9, drawn by a hash, so that a document is the same on
    every machine.
    """
    exact = _checkable(evaluation)
    derivation, sources = exact.derivation, exact.sources
    names = [name for name in derivation.graph.wanted if name in sources and name in derivation.gradient]
    losses = {_loss_of(derivation, name) for name in names}
    loss = derivation.total if derivation.total in losses else derivation.graph.loss
    names = [name for name in names if _loss_of(derivation, name) == loss]
    found = []
    for number in range(count if names else 0):
        direction = dict(zip(names, _components(f"direction {number}", len(names)), strict=True))
        with decimal.localcontext(context(CENTRAL[0][0])):
            slope = sum((part * _slope(exact, name) for name, part in direction.items()), Decimal(0))
        found.append(_compared(f"direction {number + 1}", slope, exact, loss, direction))
    return found


def value_at(
    derivation: Derivation,
    name: str,
    sources: Mapping[str, Literal],
    moved: Mapping[str, Decimal],
    precision: int = SEEN_DIGITS,
) -> Decimal:
    """A quantity with some sources moved by so much, at high precision."""
    with decimal.localcontext(context(precision)):
        start = [
            sources[name].value + moved[name] if name in moved else sources[name].value
            for name in _source_names(derivation)
        ]
        value: Decimal = _forward(derivation, name).forward(start)[0]
        if not value.is_finite():
            raise InvalidOperation
        return value


def _compared(
    name: str, gradient: Decimal, exact: Evaluation, loss: str, direction: Mapping[str, Decimal]
) -> Comparison:
    """A derivative along a direction against its finite difference, with more digits where the first do not do."""
    for slope in _Point(exact, loss, direction).slopes():
        found = Comparison(name, gradient, slope)
        if found.agrees:
            break
    return found


class _Point(NamedTuple):
    """Where the evaluation stands, and a direction in which its sources are moved. No slope is NaN."""

    exact: Evaluation
    loss: str
    direction: Mapping[str, Decimal]

    def moved(self, by: Decimal, digits: int) -> Decimal:
        """The loss after a move."""
        moved = {name: by * part for name, part in self.direction.items()}
        try:
            return value_at(self.exact.derivation, self.loss, self.exact.sources, moved, digits)
        except DecimalException:
            return Decimal("NaN")

    def slopes(self) -> Iterator[Decimal]:
        """The finite differences, one by one: with more and more digits, and to each side, since at a kink the slopes
        of the two sides differ."""
        yield self.ahead_of(self.exact.values[self.loss], DIGITS, NUDGE)
        for digits, nudge in CENTRAL:
            yield self.around(digits, nudge)
            here = self.moved(Decimal(0), digits)
            for side in (nudge, -nudge):
                yield self.ahead_of(here, digits, side)

    def ahead_of(self, here: Decimal, digits: int, nudge: Decimal) -> Decimal:
        """The slope between here and a point to one side."""
        with decimal.localcontext(context(digits)):
            return (self.moved(nudge, digits) - here) / nudge

    def around(self, digits: int, nudge: Decimal) -> Decimal:
        """The slope between a point before and one behind."""
        with decimal.localcontext(context(digits)):
            return (self.moved(nudge, digits) - self.moved(-nudge, digits)) / (2 * nudge)


@lru_cache(maxsize=8)
def _source_names(derivation: Derivation) -> tuple[str, ...]:
    return tuple(quantity.name for quantity in derivation.graph.sources)


@lru_cache(maxsize=8)
def _forward(derivation: Derivation, name: str) -> Program:
    return Program(derivation, DECIMAL, (name,))


@lru_cache(maxsize=64)
def _components(seed: str, count: int) -> list[Decimal]:
    """Whole numbers from -9 to 9 without 0."""
    digests = (hashlib.sha256(f"{seed} {block}".encode()).digest() for block in range(count // 32 + 1))
    drawn = [byte % 18 for digest in digests for byte in digest][:count]
    return [Decimal(number - 9 if number < 9 else number - 8) for number in drawn]
