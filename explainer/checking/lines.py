"""The lines that can be checked: those that the document writes out, and the same lines for later states of training.

The first few states are written out one after another. States further on begin with the parameters that training gives
there; their lines are checked one by one too.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from ..calculus.derive import Derivation, Step, Turn
from ..calculus.marks import parsed
from ..calculus.unroll import samples_of_step, unroll
from ..formulas.problems import ExplainerError
from ..numbers.arithmetic import DECIMAL, context
from ..numbers.compiling import shape_function
from ..numbers.course import later_states
from ..numbers.evaluate import Evaluation, evaluate
from .intervals import enclosing
from .scales import FLOATS, Enclosing, Scale

PRECISION = 50
MOST_WRITTEN_OUT = 4
"""States up to this one are written out; a person with a pencil goes no further."""


class Lines(Struct, frozen=True, eq=False):
    """Steps in order, the numbers that they start from, and the exact value of each."""

    derivation: Derivation
    values: Mapping[str, Decimal]
    exact: frozenset[str]
    floats: Mapping[str, float]
    far: frozenset[str] = frozenset()
    """Lines of states that nobody works out by hand: nothing is rounded on the way to them."""
    states: tuple[int, ...] = ()
    """The later states that were asked for."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The Steps in order."""
        return self.derivation.steps

    @property
    def step(self) -> Mapping[str, Step]:
        """The Steps by id."""
        return self.derivation.step

    @property
    def starts(self) -> tuple[str, ...]:
        """What has a value and no formula: givens and parameters, those that a later state begins with included."""
        return tuple(source.name for source in self.derivation.graph.sources)

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
        return _lines(self.exact.derivation, self.exact.values, self.exact.exact)

    def lines(self, ids: Iterable[str]) -> Lines:
        """The lines with the later states that some ids speak of."""
        return self.with_states(tuple(sorted({parsed(id).state for id in ids if id not in self.first.values})))

    def with_states(self, states: tuple[int, ...]) -> Lines:
        """The lines with those states as well.

        Raises:
            ExplainerError: where training has no value on the way there.
        """
        if not states:
            return self.first
        if states not in self._later:
            self._later[states] = self._with_states(states)
        return self._later[states]

    def _with_states(self, states: tuple[int, ...]) -> Lines:
        """The document's steps and those that lead to the states; a far one comes with its neighbours."""
        derivation = self.exact.derivation
        base = derivation.single
        near = max((state for state in states if state <= MOST_WRITTEN_OUT), default=0)
        far = {number for state in states if state > MOST_WRITTEN_OUT for number in (state - 1, state)}
        numbers = {*(turn.number for turn in derivation.turns), *range(near), *far}
        turns = [Turn(number, samples_of_step(base.graph, number)) for number in sorted(numbers)]
        unrolled = unroll(base, turns)
        values = _values(unrolled, self.exact)
        first_far = min(far, default=None)
        late = (s.id for s in unrolled.steps if first_far is not None and parsed(s.id).state >= first_far)
        return _lines(unrolled, values, self.exact.exact, states, frozenset(late))


def _values(derivation: Derivation, exact: Evaluation) -> Mapping[str, Decimal]:
    """Every line of a derivation with states further on; one run of many digits is enough to judge figures by."""
    functions = derivation.graph.functions
    with decimal.localcontext(context(PRECISION)):
        try:
            later = later_states(derivation, exact.sources, exact.display, PRECISION)
            values = {name: literal.value for name, literal in exact.sources.items()}
            values |= {name: value for name, (value, _) in later.items()}
            for step in derivation.steps:
                function = shape_function(step.shape, functions, DECIMAL)
                values[step.id] = function(*[values[used] for used in step.uses])
        except decimal.DecimalException:
            raise ExplainerError("training has no value on the way to a state that the sheet asks for") from None
    return values


def _lines(
    derivation: Derivation,
    values: Mapping[str, Decimal],
    exact: frozenset[str],
    states: tuple[int, ...] = (),
    far: frozenset[str] = frozenset(),
) -> Lines:
    return Lines(derivation, values, exact, {id: float(value) for id, value in values.items()}, far, states)
