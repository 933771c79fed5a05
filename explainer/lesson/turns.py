"""Derivation → what is written out of each training step: the lines of each sample, those of all together, the update.

Holds ids only, like the outline.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct, field

from ..calculus.derive import Derivation, Kind, Phase, Step
from ..calculus.marks import marked, parsed


class Pass(Struct):
    """The lines of one sample in one step; sample 0 where there is but one."""

    sample: int
    forward: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    backward: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)


class WrittenStep(Struct):
    """A training step that is written out; its number is counted from 1."""

    number: int
    passes: list[Pass]
    total: list[str] = field(default_factory=list)
    """The loss of all samples."""
    gradients: list[str] = field(default_factory=list)
    """The gradients of all samples together."""
    updates: list[str] = field(default_factory=list)
    total_again: list[str] = field(default_factory=list)

    def by_sample(self, sample: int) -> Pass:
        """The lines of a sample; what belongs to none goes to the first."""
        return next((own for own in self.passes if own.sample == sample), self.passes[0])


@lru_cache(maxsize=8)
def written_steps(derivation: Derivation) -> tuple[WrittenStep, ...]:
    """The steps that are written out, in order."""
    found = {
        turn.number: WrittenStep(turn.number + 1, [Pass(sample) for sample in turn.samples or (0,)])
        for turn in derivation.turns
    }
    for step in derivation.steps:
        number = parsed(step.of).state - (step.phase is Phase.AGAIN)
        _place(found.get(number) or found[derivation.turns[0].number], step)
    return tuple(found.values())


def _place(turn: WrittenStep, step: Step) -> None:
    if step.phase is Phase.UPDATE:
        turn.updates.append(step.id)
    elif step.kind is Kind.SAMPLES:
        {Phase.LOSS: turn.total, Phase.BACKWARD: turn.gradients, Phase.AGAIN: turn.total_again}[step.phase].append(
            step.id
        )
    else:
        own = turn.by_sample(parsed(step.id).sample)
        {Phase.FORWARD: own.forward, Phase.LOSS: own.errors, Phase.BACKWARD: own.backward, Phase.AGAIN: own.again}[
            step.phase
        ].append(step.id)


def for_sample(ids: Iterable[str], sample: int) -> list[str]:
    """The same lines for another sample; a line that belongs to none stays."""
    return [
        marked(name, state, sample, kept="+" in id) if own else id for id in ids for name, state, own in [parsed(id)]
    ]
