"""When training ends before its last step: below a threshold, or after a whole pass over the samples without an error.

Machine floats point to the step; decimals decide. Where floats stray from the decimals, or the decimals lie on the
threshold, decimals go through every step alone, with more and more digits until two runs stop at the same step.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any

from msgspec import Struct

from ..calculus.derive import Derivation
from ..calculus.graph import Role
from ..calculus.marks import marked
from ..spec.types import Display, Literal
from .arithmetic import DECIMAL, SATURATING, context
from .course import DOUBT, PRECISIONS, TRUSTED_AMPLIFICATION, Course, carrying

ONE = Decimal(1)
SMALLEST = 1e-3
"""Floats are trusted no further than for thresholds of this size; below it they are off by more than their share."""


def stopping_step(derivation: Derivation, sources: Mapping[str, Literal], display: Display) -> int | None:
    """The number of the step after which training ends early; None where it goes on to its last step."""
    literals = tuple(sources[quantity.name] for quantity in derivation.graph.sources)
    return _stopping_step(derivation, literals, display)


@lru_cache(maxsize=8)
def _stopping_step(derivation: Derivation, literals: tuple[Literal, ...], display: Display) -> int | None:
    """The same, kept for the next question about the same training."""
    graph = derivation.single.graph
    names = (quantity.name for quantity in derivation.graph.sources)
    training = _Training(derivation, dict(zip(names, literals, strict=True)), display, graph.training.steps)
    try:
        if graph.training.stop_below is not None and graph.trained:
            return _first_below(training, graph.training.stop_below.value)
        if graph.trained and not graph.loss:
            return _after_a_pass_without_error(training)
    except (DecimalException, ZeroDivisionError, ValueError):  # told where the training's figures are asked for
        pass
    return None


class _Training(Struct, frozen=True):
    """A training that may end early."""

    derivation: Derivation
    sources: Mapping[str, Literal]
    display: Display
    steps: int

    def decimals(self, level: int, observed: Sequence[str]) -> _Decimals:
        return _Decimals(self, level, observed)

    def losses(self) -> Iterator[tuple[int, float]]:
        """The loss in machine floats after each step."""
        course = Course(self.derivation, SATURATING, (self.derivation.single.graph.loss,))
        states = course.start(self.sources, float)
        for step in range(1, self.steps + 1):
            try:
                states = course.train(states, step - 1, 1)
                loss = course.observe(states)[0]
            except (ArithmeticError, ValueError):
                loss = math.nan
            yield step, loss


class _Decimals:
    """The training in decimals, taken further as later steps are asked for."""

    def __init__(self, training: _Training, level: int, observed: Sequence[str]) -> None:
        precision, digits = PRECISIONS[level]
        self.context = context(precision)
        self.course = Course(training.derivation, DECIMAL, observed, carrying(training.display, digits))
        self.states, self.done = self.course.start(training.sources), 0

    def after(self, step: int) -> list[Any]:
        """The observed quantities after that step, which must not lie before one that was asked for already."""
        with decimal.localcontext(self.context):
            self.states, self.done = self.course.train(self.states, self.done, step - self.done), step
            return self.course.observe(self.states)


# below a threshold


def _first_below(training: _Training, threshold: Decimal) -> int | None:
    try:
        return _pointed_out(training, threshold)
    except _UndecidedError:
        return _agreed(training, threshold)


class _UndecidedError(Exception):
    """Floats and the first decimals do not settle it."""


def _pointed_out(training: _Training, threshold: Decimal) -> int | None:
    """The first step whose loss is below the threshold, where floats are good guides."""
    if training.display.carry == "rounded":
        raise _UndecidedError  # floats do not round on the way
    exact = training.decimals(0, (training.derivation.single.graph.loss,))
    margin = TRUSTED_AMPLIFICATION * max(SMALLEST, abs(float(threshold)))
    for step, loss in training.losses():
        if loss > float(threshold) + margin and math.isfinite(loss):
            continue
        found = exact.after(step)[0]
        if not abs(float(found) - loss) <= margin or abs(found - threshold) <= DOUBT * max(ONE, abs(threshold)):
            raise _UndecidedError
        if found < threshold:
            return step
    return None


def _agreed(training: _Training, threshold: Decimal) -> int | None:
    """The first step that two runs of different precision find below the threshold."""
    before, found = None, _by_decimals(training, threshold, 0)
    for level in range(1, len(PRECISIONS)):
        before, found = found, _by_decimals(training, threshold, level)
        if before == found:
            break
    return found


def _by_decimals(training: _Training, threshold: Decimal, level: int) -> int | None:
    run = training.decimals(level, (training.derivation.single.graph.loss,))
    return next((step for step in range(1, training.steps + 1) if run.after(step)[0] < threshold), None)


# the perceptron rule


def _after_a_pass_without_error(training: _Training) -> int | None:
    """The end of the first pass in which nothing has to be corrected; None where the same weights come round again."""
    graph = training.derivation.single.graph
    order = graph.training.order or tuple(range(1, graph.samples + 1))
    errors = [node.name for node in graph.nodes if node.quantity.role is Role.ERROR]
    samples = dict.fromkeys(order) if graph.columns else (0,)
    run = training.decimals(len(PRECISIONS) - 1, [marked(name, 0, sample) for name in errors for sample in samples])
    seen: set[tuple[Any, ...]] = set()
    for start in range(0, training.steps - len(order) + 1, len(order)):
        if not any(run.after(start)):
            return start + len(order)
        if tuple(run.states) in seen:
            return None
        seen.add(tuple(run.states))
    return None
