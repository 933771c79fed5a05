"""The course of a training: which samples each step takes, and one compiled step that is taken again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, Inexact, getcontext
from functools import cached_property
from typing import Any, NamedTuple

from msgspec.structs import replace

from ..calculus.derive import Derivation, Phase, Turn
from ..calculus.marks import marked, parsed
from ..calculus.unroll import samples_of_step, unroll
from ..calculus.updates import COUNT
from ..spec.types import Display, Literal
from .arithmetic import DECIMAL, Arithmetic, context
from .compiling import Program
from .digits import exceptions
from .rounding import carried

States = list[Any]
"""A value for each of the course's ``sources``."""
PRECISIONS = ((34, 30), (68, 60), (136, 120), (272, 240))
"""Digits of a run, and the digits to which its values are rounded before they are shown."""
TRUSTED_AMPLIFICATION = 1e-6
"""Floats that stay this close to the decimals show that errors grow by less than 1e10: the decimals are then good."""
DOUBT = Decimal("1e-22")
"""What a run of 34 digits may be off by, relative to values around 1, when errors grow by less than 1e10."""


class Carried(NamedTuple):
    """Rounded values are carried, in a run that is good for so many digits."""

    display: Display
    digits: int

    def line(self, derivation: Derivation) -> Callable[[int, Any], Any]:
        """What rounds the value of a line, given by its number among the Steps, before it goes into the next."""
        own, tidy = exceptions(derivation, self.display), context(self.digits)
        contracts = [own.get(step.id, self.display) for step in derivation.steps]
        return lambda number, value: carried(tidy.plus(value), contracts[number])


def carrying(display: Display, digits: int) -> Carried | None:
    """What is done to every line's value of a run that is good for so many digits; None for nothing."""
    return Carried(display, digits) if display.carry == "rounded" else None


class Course:
    """Training from the original values on. ``observed`` are quantities of all samples together, or of one (``#2``)."""

    def __init__(
        self,
        derivation: Derivation,
        arithmetic: Arithmetic,
        observed: Sequence[str],
        carry: Carried | None = None,
    ) -> None:
        single = derivation.single
        self.graph, self.observed = single.graph, tuple(observed)
        self.arithmetic, self.carry = arithmetic, carry
        everything = tuple(range(1, self.graph.samples + 1)) if self.graph.columns else ()
        taken = samples_of_step(self.graph, 0)
        self.whole = taken == everything
        watched = single if self.whole else _forward_alone(single)
        self.all_samples = unroll(watched, [Turn(0, everything)]) if everything else single
        numbered = tuple(range(1, len(taken) + 1))
        fewer = replace(single, graph=replace(self.graph, samples=len(taken)))
        self.one_step = self.all_samples if self.whole else unroll(fewer, [Turn(0, numbered)])
        self.sources = [quantity.name for quantity in self.all_samples.graph.sources]

    def start(self, sources: Mapping[str, Literal], number: Callable[[Decimal], Any] = lambda value: value) -> States:
        """The states before any step."""
        return [number(sources[name].value) for name in self.sources]

    @cached_property
    def _observe(self) -> Callable[[States], list[Any]]:
        return self._program(self.all_samples, self.observed).forward

    @cached_property
    def _train(self) -> Callable[[States, int], States]:
        return self._program(self.one_step, ()).train

    def _program(self, derivation: Derivation, observed: Sequence[str]) -> Program:
        return Program(derivation, self.arithmetic, observed, self.carry.line(derivation) if self.carry else None)

    def observe(self, states: States) -> list[Any]:
        """The observed quantities, with the parameters as they stand."""
        return self._observe(states)

    def train(self, states: States, done: int, steps: int) -> States:
        """The states after that many more steps; ``done`` have been taken already."""
        if self.whole:
            return self._train(states, steps)
        states = list(states)
        for step in range(done, done + steps):
            picked = self._places(step)
            local = self._train([states[place] for place in picked], 1)
            for place, value in zip(picked, local, strict=True):
                states[place] = value
        return states

    def _places(self, step: int) -> list[int]:
        """Where the sources of one step stand among all, for the samples that the step takes."""
        taken = samples_of_step(self.graph, step)
        if taken not in self._known_places:
            place = {name: i for i, name in enumerate(self.sources)}
            self._known_places[taken] = [
                place[f"{name}#{taken[sample - 1]}" if sample else name]
                for name, _, sample in map(parsed, (q.name for q in self.one_step.graph.sources))
            ]
        return self._known_places[taken]

    @cached_property
    def _known_places(self) -> dict[tuple[int, ...], list[int]]:
        return {}


def _forward_alone(derivation: Derivation) -> Derivation:
    """The lines that find the loss: all that there is to watch for samples that no step takes together."""
    steps = tuple(step for step in derivation.steps if step.phase in (Phase.FORWARD, Phase.LOSS))
    return replace(derivation, steps=steps, step={step.id: step for step in steps}, gradient={}, shares={})


def later_names(derivation: Derivation) -> list[str]:
    """The sources of a derivation that stand for states after steps that are not written out."""
    return [quantity.name for quantity in derivation.graph.sources if parsed(quantity.name).state]


def later_states(
    derivation: Derivation, sources: Mapping[str, Literal], display: Display, digits: int
) -> dict[str, tuple[Decimal, bool]]:
    """Their values, with as many digits as the current context has, and whether they are exact.

    ``digits`` are those that a value is rounded to before it is shown.

    Raises:
        decimal.DecimalException: where a step on the way has no value.
    """
    names = later_names(derivation)
    if not names:
        return {}
    course = Course(derivation, DECIMAL, (), carrying(display, digits))
    states, done, found = course.start(sources), 0, dict[str, tuple[Decimal, bool]]()
    flags = getcontext().flags
    flags[Inexact] = False
    for number in sorted({parsed(name).state for name in names}):
        states, done = course.train(states, done, number - done), number
        for name, kept, _ in map(parsed, names):
            if kept == number:
                exact = name == COUNT or not flags[Inexact]
                found[marked(name, number, 0, kept=True)] = states[course.sources.index(name)], exact
    return found
