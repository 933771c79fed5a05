"""Another method from the start: the whole Derivation rewritten, and worked out from the givens.

A person who updates each weight at once, who trains the biases although they are frozen, or who makes the same mistake
at every unit, has figures that no single edit of one line explains; one rewrite explains them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal as OneOf

from msgspec import Struct
from msgspec.structs import replace

from ..calculus.derive import Derivation
from ..calculus.graph import Listing, Role, build
from ..calculus.unroll import derive_written
from ..calculus.updates import ZERO
from ..formulas.problems import ExplainerError
from ..numbers.evaluate import evaluate
from ..spec.types import Display, Literal, Training
from .candidates import Edited, Editor
from .habits import Habit, Precision
from .intervals import enclosing
from .kin import Kin
from .lines import Checkable, Lines
from .mistakes import BY_EDIT, Mistake
from .scales import Interval, Scale

THROUGHOUT = (
    "sign of the error",
    "slope left out",
    "slope at net",
    "gradient added",
    "rate left out",
    "two not cancelled",
    "two left out",
    "bias left out",
    "transposed weights",
    "sign of the exponent",
    "half left out",
)
"""Mistakes that a person makes at every line of a kind alike."""

_EXACT = Display(decimals=12)


class Rewrite(Struct, frozen=True):
    """Another method: the mistake that it is, and what every line gives by it."""

    mistake: Mistake
    lines: Lines
    edited: Mapping[str, Edited]
    """Lines that are edited, for a mistake made throughout."""

    def intervals(self, habit: Habit, precision: Precision, scale: Scale) -> dict[str, Interval]:
        """Every line from the givens, widened at each as the person's habit has it."""
        numbers: Mapping[str, object] = self.lines.floats if isinstance(scale.infinity, float) else self.lines.values
        found: dict[str, Interval] = {id: (numbers[id], numbers[id]) for id in self.lines.starts}
        exact: dict[str, Interval] = dict(found)
        functions = self.lines.derivation.graph.functions
        for step in self.lines.steps:
            edit = self.edited.get(step.id)
            shape, uses = (edit.shape, edit.uses) if edit else (step.shape, step.uses)
            if not all(used in found for used in uses):
                shape, uses = step.shape, step.uses
            exact[step.id] = enclosing(shape, functions, scale)([found[used] for used in uses])
            found[step.id] = (
                exact[step.id]
                if step.trivial or step.id in self.lines.far
                else habit.widened(exact[step.id], precision)
            )
        return exact


class Rewrites:
    """The other methods that are worth comparing with, each derived once."""

    def __init__(
        self,
        listing: Listing,
        training: Training,
        lines: Lines,
        sources: Mapping[str, Literal],
        states: Sequence[int] = (),
    ) -> None:
        self.listing, self.training, self.lines, self.sources = listing, training, lines, sources
        self.states = states

    @cached_property
    def all(self) -> tuple[Rewrite, ...]:
        """Other trainings, and mistakes made throughout."""
        return (*self._other_trainings(), *self._throughout())

    def _other_trainings(self) -> Iterator[Rewrite]:
        if not self.lines.derivation.graph.trained:
            return
        sequential = self.training.update == "sequential"
        other: OneOf["simultaneous", "sequential"] = "simultaneous" if sequential else "sequential"
        alone = all(len(turn.samples) < 2 for turn in self.lines.derivation.turns)
        if alone and "clip_norm" not in self.training.settings:  # else no parameter can be updated before the others
            yield from self._derived(BY_EDIT[other], replace(self.training, update=other))
        if any(quantity.role is Role.BIAS for quantity, _ in self.listing.sources) and not self.training.gradients:
            kind = "biases frozen" if self.training.train_biases else "biases trained"
            yield from self._derived(BY_EDIT[kind], replace(self.training, train_biases=not self.training.train_biases))

    def _derived(self, mistake: Mistake, training: Training) -> Iterator[Rewrite]:
        derivation = derive_written(build(self.listing, training, self.lines.derivation.graph.functions))
        if not derivation.graph.trained:
            return
        try:
            found = Checkable(evaluate(derivation, self._sources(derivation), _EXACT)).lines(self._wanted(derivation))
        except ExplainerError:  # this method has no values here
            return
        yield Rewrite(mistake, found, {})

    def _sources(self, derivation: Derivation) -> Mapping[str, Literal]:
        """What the other method starts from: it may keep what this one does not."""
        return {q.name: self.sources.get(q.name, ZERO) for q in derivation.graph.sources}

    def _wanted(self, derivation: Derivation) -> list[str]:
        """A line of each later state that the sheet asks for."""
        loss = derivation.single.graph.loss
        return [f"{loss}@{state}" for state in self.states]

    def _throughout(self) -> Iterator[Rewrite]:
        editor = Editor(Kin(self.lines))
        rows: dict[str, dict[str, Edited]] = {name: {} for name in THROUGHOUT}
        for step in self.lines.steps:
            for edited in editor.of(step):
                if edited.mistake.name in rows:
                    rows[edited.mistake.name].setdefault(step.id, edited)
        for edits in rows.values():
            if len(edits) > 1:
                yield Rewrite(next(iter(edits.values())).mistake, self.lines, edits)
