"""The lines that can be checked: the Steps of a Derivation, and the same Steps again for later states of training.

The first few states are written out line by line. States further on begin with the parameters that training gives
there; their forward pass is checked line by line too.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property

from ..calculus.derive import Derivation, Phase, Step
from ..numbers.arithmetic import DECIMAL, context
from ..numbers.compiling import shape_function
from ..numbers.evaluate import Evaluation, evaluate
from ..numbers.training import trajectory
from ..spec.types import Display
from .intervals import FLOATS, Enclosing, Scale, enclosing

MOST_WRITTEN_OUT = 4
"""States up to this one are written out; a person with a pencil goes no further."""
KEY_DIGITS = 20
PRECISION = 50


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Steps in order, the numbers that they start from, and the exact value of each."""

    derivation: Derivation
    steps: tuple[Step, ...]
    step: Mapping[str, Step]
    starts: tuple[str, ...]
    """Givens and parameters, those of later states included: what has a value and no formula."""
    values: Mapping[str, Decimal]
    exact: frozenset[str]
    floats: Mapping[str, float] = field(repr=False)
    far: frozenset[str] = frozenset()
    """Lines of states that nobody works out by hand: nothing is rounded on the way to them."""

    def enclosures(self, scale: Scale = FLOATS) -> list[tuple[Step, Enclosing]]:
        """Each Step with the function that encloses it."""
        functions = self.derivation.graph.functions
        return [(step, enclosing(step.shape, functions, scale)) for step in self.steps]


@dataclass(eq=False)
class Checkable:
    """All that can be checked of one calculation; later states are worked out when a sheet asks for them."""

    evaluation: Evaluation

    def __post_init__(self) -> None:
        self._later: dict[tuple[int, ...], Lines] = {}

    @cached_property
    def exact(self) -> Evaluation:
        """The evaluation with full precision carried, whatever the document shows."""
        display = self.evaluation.display
        if display.carry == "exact":
            return self.evaluation
        return evaluate(self.evaluation.derivation, self.evaluation.sources, replace(display, carry="exact"))

    @cached_property
    def first(self) -> Lines:
        """The lines of the calculation itself."""
        found, derivation = self.exact, self.exact.derivation
        floats = {id: float(value) for id, value in found.values.items()}
        starts = tuple(source.name for source in derivation.graph.sources)
        return Lines(derivation, derivation.steps, derivation.step, starts, found.values, found.exact, floats)

    def lines(self, ids: Iterable[str]) -> Lines:
        """The lines with the later states that some ids speak of."""
        states = sorted({state_of(id) for id in ids if id not in self.first.step} - {0, 1})
        return self.with_states(tuple(states)) if states else self.first

    def with_states(self, states: tuple[int, ...]) -> Lines:
        """The lines with those states as well."""
        if states not in self._later:
            with decimal.localcontext(context(PRECISION)):
                self._later[states] = self._with_states(states)
        return self._later[states]

    def _with_states(self, states: tuple[int, ...]) -> Lines:
        derivation, first = self.exact.derivation, self.first
        near = max((state for state in states if state <= MOST_WRITTEN_OUT), default=1)
        steps, values, starts = list(first.steps), dict(first.values), list(first.starts)
        written = [step for state in range(1, near) for step in _next_update(derivation, state)]
        far = [state for state in states if state > MOST_WRITTEN_OUT]
        far_lines = set[str]()
        for state, parameters in self._parameters(far).items():
            names = [f"{name}@{state}" for name in derivation.graph.trained]
            values.update(zip(names, parameters, strict=True))
            starts += names
            later = list(_forward(derivation, state))
            far_lines.update(step.id for step in later)
            written += later
        for step in written:
            if step.id in values:
                continue
            steps.append(step)
            function = shape_function(step.shape, derivation.graph.functions, DECIMAL)
            values[step.id] = function(*[values[used] for used in step.uses])
        return Lines(
            derivation,
            tuple(steps),
            {step.id: step for step in steps},
            tuple(starts),
            values,
            first.exact,
            {id: float(value) for id, value in values.items()},
            frozenset(far_lines),
        )

    def _parameters(self, states: list[int]) -> dict[int, list[Decimal]]:
        """The trained parameters at those states; a neighbour of each comes along, for it costs nothing."""
        if not states:
            return {}
        derivation = self.exact.derivation
        at = tuple(sorted({near for state in states for near in (state - 1, state, state + 1)}))
        shown = Display(decimals=None, significant=KEY_DIGITS)
        found = trajectory(derivation, self.exact.sources, shown, at, derivation.graph.trained)
        rows = dict(zip(found.checkpoints, found.texts, strict=True))
        return {state: [Decimal(text) for text in rows[state]] for state in at}


def state_of(id: str) -> int:
    """The number of updates behind an id: 0 for ``w5``, 1 for ``w5+``, 10000 for ``E_total@10000``."""
    _, _, state = id.partition("@")
    return int(state) if state.isdecimal() else int(id.endswith("+"))


def at_state(derivation: Derivation, id: str, state: int) -> str:
    """The same line after so many more updates: ``w5`` and 1 give ``w5+``; what never changes keeps its name."""
    if id.endswith("+"):
        return f"{id[:-1]}@{state + 1}"
    if state == 0 or (id in derivation.graph.quantity and not _changes(derivation, id)):
        return id
    if state == 1 and f"{id}+" in derivation.step:
        return f"{id}+"
    return f"{id}@{state}"


def _changes(derivation: Derivation, name: str) -> bool:
    return f"{name}+" in derivation.step or f"{name}@1" in derivation.step


def _next_update(derivation: Derivation, state: int) -> Iterable[Step]:
    """The backward pass at a state, the update after it, and the forward pass with the new values."""
    for step in derivation.steps:
        if step.phase in (Phase.BACKWARD, Phase.UPDATE):
            yield _moved(derivation, step, state)
    yield from _forward(derivation, state + 1)


def _forward(derivation: Derivation, state: int) -> Iterable[Step]:
    for step in derivation.steps:
        if step.id in derivation.graph.node and _changes(derivation, step.id):
            yield replace(_moved(derivation, step, state), phase=Phase.AGAIN)


def _moved(derivation: Derivation, step: Step, state: int) -> Step:
    uses = tuple(at_state(derivation, used, state) for used in step.uses)
    return replace(step, id=at_state(derivation, step.id, state), uses=uses)
