"""Derivation → the sections of a sheet: lines that belong together, in the order in which they are worked out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from msgspec import Struct

from ..calculus.derive import Derivation, Phase, Step
from ..calculus.marks import parsed, plain
from .rules import asked


class Section(Struct, frozen=True):
    """Some lines under one heading."""

    phase: Phase
    step: int
    """The training step, counted from 1."""
    sample: int
    """0 where the lines belong to none, or to all."""
    layer: int
    """The layer of a network, counted from 1; 0 where there is none."""
    ids: tuple[str, ...]


@lru_cache(maxsize=64)
def sections(derivation: Derivation) -> tuple[Section, ...]:
    """The sections in order."""
    return tuple(_sections(derivation))


def _sections(derivation: Derivation) -> Iterator[Section]:
    layers = _layers(derivation)

    def key(step: Step) -> tuple[Phase, int, int, int]:
        found = step.by or step.of
        _, state, sample = parsed(step.id)
        updated = step.phase is Phase.UPDATE
        layer = 0 if updated or step.phase is Phase.LOSS else layers.get(plain(found), 0)
        return step.phase, max(0, state - updated), sample, layer

    for (phase, state, sample, layer), steps in groupby(asked(derivation), key):
        yield Section(phase, state + 1, sample, layer, tuple(step.id for step in steps))


def _layers(derivation: Derivation) -> dict[str, int]:
    """Quantity → the layer it belongs to; an error belongs to the output layer."""
    found = dict.fromkeys(derivation.single.graph.error_terms, len(derivation.graph.blocks))
    for number, block in enumerate(derivation.single.graph.blocks, 1):
        for unit in block.units:
            found.update(
                dict.fromkeys((unit.net, unit.out, *unit.weights, *([unit.bias] if unit.bias else ())), number)
            )
    return found
