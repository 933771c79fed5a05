"""Many training steps: compiled from the same Derivation, in floats for speed and in decimals for printed figures."""

from __future__ import annotations

import contextlib
import decimal
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any

from ..calculus.derive import Derivation
from ..calculus.graph import Role
from ..spec.types import Display, Literal
from .arithmetic import DECIMAL, FLOAT, SATURATING, Arithmetic, context
from .compiling import Program
from .digits import exceptions, of_quantity
from .evaluate import EvaluationError
from .rounding import carried, shown

PRECISIONS = ((34, 30), (68, 60), (136, 120), (272, 240))
"""Digits of a run, and the digits to which its values are rounded before they are shown."""
TRUSTED_AMPLIFICATION = 1e-6
"""Floats that stay this close to the decimals show that errors grow by less than 1e10: the decimals are then good."""
ONE = Decimal(1)
DOUBT = Decimal("1e-22")
"""What a run of 34 digits may be off by, relative to values around 1, when errors grow by less than 1e10."""
VANISHED = Decimal("1e-100")
"""A value that shrinks below this is shown as 0 where its digits cannot be decided any more."""
CURVE_POINTS = 120


@dataclass(frozen=True, slots=True)
class Trajectory:
    """The observed quantities after so many updates; ``texts[i]`` belongs to ``checkpoints[i]`` and ``observed``."""

    observed: tuple[str, ...]
    checkpoints: tuple[int, ...]
    texts: tuple[tuple[str, ...], ...]


class FloatTraining:
    """Training in machine floats, as fast as Python goes."""

    def __init__(self, derivation: Derivation, sources: Mapping[str, Literal], observed: Sequence[str]) -> None:
        self.derivation = derivation
        self.program = Program(derivation, FLOAT, observed)
        self.start = [float(sources[q.name].value) for q in derivation.graph.sources]

    def after(self, steps: int) -> list[float]:
        """The observed quantities after that many steps."""
        try:
            return self.program.forward(self.program.train(self.start, steps))
        except OverflowError:
            self.program = Program(self.derivation, SATURATING, self.program.observed)
            return self.program.forward(self.program.train(self.start, steps))


def observed_quantities(derivation: Derivation) -> tuple[str, ...]:
    """What is worth watching: the outputs and the loss."""
    graph = derivation.graph
    outputs = tuple(node.name for node in graph.nodes if node.quantity.role is Role.OUTPUT)
    return (*outputs, graph.loss)


def checkpoints(steps: int) -> tuple[int, ...]:
    """0, 1, 10, 100, … and the last step."""
    powers = [0]
    power = 1
    while power < steps:
        powers.append(power)
        power *= 10
    return (*powers, steps)


def trajectory(
    derivation: Derivation,
    sources: Mapping[str, Literal],
    display: Display,
    at: Sequence[int],
    observed: Sequence[str] = (),
) -> Trajectory:
    """The observed quantities after each number of steps in ``at`` (rising), every shown digit right.

    Raises:
        EvaluationError: where a line has no value on the way.
    """
    names = tuple(observed) or observed_quantities(derivation)
    literals = tuple(sources[q.name] for q in derivation.graph.sources)
    return _trajectory(derivation, literals, display, tuple(at), names)


@lru_cache(maxsize=8)
def _trajectory(
    derivation: Derivation, literals: tuple[Literal, ...], display: Display, at: tuple[int, ...], names: tuple[str, ...]
) -> Trajectory:
    """The same, kept for the next format of the same document."""
    sources = {q.name: literal for q, literal in zip(derivation.graph.sources, literals, strict=True)}
    contracts = [of_quantity(derivation, display, name) for name in names]
    before: Texts = ()
    refused: EvaluationError | None = None
    rows: Rows = []
    texts: Texts = ()
    for level in range(len(PRECISIONS)):
        try:
            rows = _decimal_rows(derivation, sources, display, at, names, level)
        except EvaluationError as error:  # a zero on the way may be none with more digits
            refused = error
            continue
        before, texts = texts, _texts(rows, contracts, level)
        good_at_once = level == 0 and display.carry == "exact" and _decided(rows, contracts)
        if texts == before or (good_at_once and _tame(derivation, sources, at, names, rows)):
            return Trajectory(names, at, texts)
    if refused is not None and not texts:
        raise refused
    texts = _without_traces(rows, texts)
    if texts == _without_traces(rows, before):
        return Trajectory(names, at, texts)
    raise EvaluationError("the training's later figures cannot be decided; use fewer steps or a smaller learning rate")


Carry = Callable[[int, Any], Any]
Rows = list[list[Decimal]]
Texts = tuple[tuple[str, ...], ...]


def _decimal_rows(
    derivation: Derivation,
    sources: Mapping[str, Literal],
    display: Display,
    at: Sequence[int],
    names: tuple[str, ...],
    level: int,
) -> Rows:
    precision, digits = PRECISIONS[level]
    tidy = context(digits)
    carry = _carry(derivation, display, tidy) if display.carry == "rounded" else None
    start = [sources[q.name].value for q in derivation.graph.sources]
    with decimal.localcontext(context(precision)):
        return list(_rows(derivation, DECIMAL, start, at, names, carry))


def _carry(derivation: Derivation, display: Display, tidy: decimal.Context) -> Carry:
    """What rounds the value of a line, given by its number among the Steps, before it goes into the next."""
    own = exceptions(derivation, display)
    contracts = [own.get(step.id, display) for step in derivation.steps]
    return lambda number, value: carried(tidy.plus(value), contracts[number])


def _texts(rows: Rows, contracts: Sequence[Display], level: int) -> Texts:
    tidy = context(PRECISIONS[level][1])
    return tuple(tuple(shown(tidy.plus(value), own) for value, own in zip(row, contracts, strict=True)) for row in rows)


def _without_traces(rows: Rows, texts: Texts) -> Texts:
    """The texts with 0 for values that have all but vanished, such as an error after far too many steps."""
    return tuple(
        tuple("0" if abs(value) < VANISHED else text for value, text in zip(values, row, strict=True))
        for values, row in zip(rows, texts, strict=True)
    )


def _decided(rows: Rows, contracts: Sequence[Display]) -> bool:
    """Whether the first run's values are far enough from where their texts would change, and none has vanished."""
    with decimal.localcontext(context(PRECISIONS[-1][0])):
        return all(
            bool(value)
            and shown(value - DOUBT * max(ONE, abs(value)), own) == shown(value + DOUBT * max(ONE, abs(value)), own)
            for row in rows
            for value, own in zip(row, contracts, strict=True)
        )


def _rows(
    derivation: Derivation,
    arithmetic: Arithmetic,
    start: list[Any],
    at: Sequence[int],
    names: tuple[str, ...],
    carry: Carry | None = None,
) -> Iterable[list[Any]]:
    program = Program(derivation, arithmetic, names, carry)
    sources, done = start, 0
    for steps in at:
        try:
            sources, done = program.train(sources, steps - done), steps
            row = program.forward(sources)
            if arithmetic is DECIMAL and not all(value.is_finite() for value in row):
                raise ValueError("infinite")
        except (DecimalException, ValueError, ZeroDivisionError, OverflowError) as error:
            kind = type(error).__name__
            raise EvaluationError(
                f"training: a line has no value before step {steps} ({kind}); a smaller learning rate may help"
            ) from None
        yield row


def _tame(
    derivation: Derivation, sources: Mapping[str, Literal], at: Sequence[int], names: tuple[str, ...], rows: Rows
) -> bool:
    """Whether machine floats follow the decimals closely, so that no rounding error grows out of hand."""
    start = [float(sources[q.name].value) for q in derivation.graph.sources]
    try:
        floats = list(_rows(derivation, SATURATING, start, at, names))
    except EvaluationError:
        return False
    return all(
        abs(float(exact) - value) <= TRUSTED_AMPLIFICATION * max(1.0, abs(value))
        for row, float_row in zip(rows, floats, strict=True)
        for exact, value in zip(row, float_row, strict=True)
    )


def error_curve(derivation: Derivation, sources: Mapping[str, Literal], steps: int) -> list[tuple[float, float]]:
    """The loss against the number of steps, at points evenly spread on a logarithmic scale; for a picture."""
    at = sorted({round(steps ** (i / (CURVE_POINTS - 1))) for i in range(CURVE_POINTS)} | {0})
    start = [float(sources[q.name].value) for q in derivation.graph.sources]
    points: list[tuple[float, float]] = []
    with contextlib.suppress(EvaluationError):  # the curve ends where the floats do
        for step, row in zip(at, _rows(derivation, SATURATING, start, at, (derivation.graph.loss,)), strict=True):
            points.append((float(step), row[0]))
    return [point for point in points if math.isfinite(point[1])]
