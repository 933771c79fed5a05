"""Many training steps: compiled from the same Derivation, in floats for speed and in decimals for printed figures."""

from __future__ import annotations

import contextlib
import decimal
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, DecimalException, Inexact
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ..calculus.derive import Derivation
from ..calculus.graph import Role, descendants
from ..calculus.marks import marked
from ..spec.types import Display, Literal
from .arithmetic import DECIMAL, FLOAT, SATURATING, Arithmetic, context
from .course import DOUBT, PRECISIONS, TRUSTED_AMPLIFICATION, Carried, Course, carrying
from .digits import of_quantity
from .passing import EvaluationError
from .rounding import shown
from .stopping import stopping_step

ONE = Decimal(1)
VANISHED = Decimal("1e-100")
"""A value that shrinks below this is shown as 0 where its digits cannot be decided any more."""
CURVE_POINTS = 120
FEW_STEPS = 5
MOST_OUTPUTS = 6
"""Up to so many outputs of all samples together are watched one by one."""


class Trajectory(Struct, frozen=True):
    """The observed quantities after so many updates; ``texts[i]`` belongs to ``checkpoints[i]`` and ``observed``."""

    observed: tuple[str, ...]
    checkpoints: tuple[int, ...]
    texts: tuple[tuple[str, ...], ...]
    stopped_at: int | None = None
    """The step after which training ends before its last one: the loss is below ``stop_below``, or the perceptron rule
    has gone through a whole pass without an error."""


class FloatTraining:
    """Training in machine floats, as fast as Python goes."""

    def __init__(self, derivation: Derivation, sources: Mapping[str, Literal], observed: Sequence[str]) -> None:
        self.derivation, self.observed = derivation, tuple(observed)
        self.course = Course(derivation, FLOAT, observed)
        self.start = self.course.start(sources, float)

    def after(self, steps: int) -> list[float]:
        """The observed quantities after that many steps."""
        try:
            return self.course.observe(self.course.train(self.start, 0, steps))
        except OverflowError:
            self.course = Course(self.derivation, SATURATING, self.observed)
            return self.course.observe(self.course.train(self.start, 0, steps))


def observed_quantities(derivation: Derivation) -> tuple[str, ...]:
    """What is worth watching: the outputs and the loss; without a loss the parameters."""
    graph = derivation.single.graph
    if not graph.loss:
        return graph.trained
    outputs = [node.name for node in graph.nodes if node.quantity.role is Role.OUTPUT]
    if not graph.blocks and len(graph.trained) <= MOST_OUTPUTS:
        return (*graph.trained, graph.loss)
    if graph.columns:
        differing = descendants(graph, graph.columns)
        outputs = [
            marked(name, 0, sample)
            for name in outputs
            for sample in (range(1, graph.samples + 1) if name in differing else (0,))
        ]
        outputs = outputs if len(outputs) <= MOST_OUTPUTS else []
    return (*outputs, graph.loss)


def checkpoints(steps: int) -> tuple[int, ...]:
    """0, 1, 10, 100, … and the last step; every one where they are few."""
    if steps <= FEW_STEPS:
        return tuple(range(steps + 1))
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

    Where training ends early, that step stands in place of all later ones.

    Raises:
        EvaluationError: where a line has no value on the way.
    """
    names = tuple(observed) or observed_quantities(derivation)
    literals = tuple(sources[q.name] for q in derivation.graph.sources)
    end = stopping_step(derivation, sources, display)
    return replace(_trajectory(derivation, literals, display, _cut(at, end), names), stopped_at=end)


def _cut(at: Sequence[int], end: int | None) -> tuple[int, ...]:
    if end is None or not at or max(at) <= end:
        return tuple(at)
    return (*(step for step in at if step < end), end)


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
            rows, exact = _decimal_rows(derivation, sources, display, at, names, level)
        except EvaluationError as error:  # a zero on the way may be none with more digits
            refused = error
            continue
        before, texts = texts, _texts(rows, exact, contracts, level)
        good_at_once = level == 0 and display.carry == "exact" and _decided(rows, contracts)
        if texts == before or (good_at_once and _tame(derivation, sources, at, names, rows)):
            return Trajectory(names, at, texts)
    if refused is not None and not texts:
        raise refused
    texts = _without_traces(rows, texts)
    if texts == _without_traces(rows, before):
        return Trajectory(names, at, texts)
    raise EvaluationError("the training's later figures cannot be decided; use fewer steps or a smaller learning rate")


Rows = list[list[Decimal]]
Texts = tuple[tuple[str, ...], ...]


def _decimal_rows(
    derivation: Derivation,
    sources: Mapping[str, Literal],
    display: Display,
    at: Sequence[int],
    names: tuple[str, ...],
    level: int,
) -> tuple[Rows, list[bool]]:
    """The values at each checkpoint, and whether everything up to there is exact."""
    precision, digits = PRECISIONS[level]
    rows, exact = [], []
    with decimal.localcontext(context(precision)) as current:
        current.clear_flags()
        for row in _rows(derivation, DECIMAL, sources, at, names, carrying(display, digits)):
            rows.append(row)
            exact.append(not current.flags[Inexact])
    return rows, exact


def _texts(rows: Rows, exact: list[bool], contracts: Sequence[Display], level: int) -> Texts:
    tidy = context(PRECISIONS[level][1])
    return tuple(
        tuple(
            shown(value if is_exact else tidy.plus(value), own, is_exact)
            for value, own in zip(row, contracts, strict=True)
        )
        for row, is_exact in zip(rows, exact, strict=True)
    )


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
    sources: Mapping[str, Literal],
    at: Sequence[int],
    names: tuple[str, ...],
    carry: Carried | None = None,
    number: Callable[[Decimal], Any] = lambda value: value,
) -> Iterable[list[Any]]:
    course = Course(derivation, arithmetic, names, carry)
    states, done = course.start(sources, number), 0
    for steps in at:
        try:
            states, done = course.train(states, done, steps - done), steps
            row = course.observe(states)
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
    try:
        floats = list(_rows(derivation, SATURATING, sources, at, names, number=float))
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
    loss = (derivation.single.graph.loss,)
    points: list[tuple[float, float]] = []
    with contextlib.suppress(EvaluationError):  # the curve ends where the floats do
        for step, row in zip(at, _rows(derivation, SATURATING, sources, at, loss, number=float), strict=True):
            points.append((float(step), row[0]))
    return [point for point in points if math.isfinite(point[1])]
