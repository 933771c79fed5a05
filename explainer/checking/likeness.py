"""Which explanations are the same by algebra, though they are told differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from random import Random

from msgspec.structs import replace

from .candidates import Candidate
from .intervals import enclosing
from .kin import Kin
from .scales import FLOATS

PLACES = (1, 2)
"""Formulas that agree with two different sets of numbers are taken to be the same."""


class Likeness:
    """The whole calculation worked out with other numbers, to tell formulas apart that agree with these by chance."""

    def __init__(self, kin: Kin) -> None:
        self.kin = kin

    @cached_property
    def _numbers(self) -> list[Mapping[str, float]]:
        return [self._worked_out(place) for place in PLACES]

    def _worked_out(self, place: int) -> Mapping[str, float]:
        """Every line from random givens; a line without a value there gets one of its own."""
        lines = self.kin.lines
        found = {id: _somewhere(id, place) for id in lines.starts}
        for step, enclose in lines.enclosures(FLOATS):
            low, high = enclose([(found[used], found[used]) for used in step.uses])
            middle = low + (high - low) / 2
            found[step.id] = middle if -1e6 < middle < 1e6 and middle else _somewhere(step.id, place)
        return found

    def signature(self, candidate: Candidate) -> tuple[str, ...]:
        """What the written line gives with the edit, for each set of numbers; a slip of the pen is like no other."""
        if candidate.shape is None:
            return (candidate.mistake.name, *candidate.part)
        functions = self.kin.graph.functions
        given = []
        for numbers in self._numbers:
            changed: dict[str, float] = {}
            shape, uses, id = candidate.shape, candidate.uses, candidate.line
            for step in (None, *candidate.way):
                if step is not None:
                    shape, uses, id = step.shape, step.uses, step.id
                box = [(x, x) for x in (changed.get(used, numbers[used]) for used in uses)]
                low, high = enclosing(shape, functions, FLOATS)(box)
                changed[id] = low + (high - low) / 2
            given.append(f"{changed[id]:.9e}")
        return tuple(given)

    def distinct(self, candidates: Sequence[Candidate], line: str) -> list[Candidate]:
        """The candidates, most likely first and at the line itself before further up; those alike, or told alike, as
        one."""
        kept: dict[tuple[str, ...], Candidate] = {}
        for found in sorted(candidates, key=lambda c: (-c.mistake.weight, c.line != line)):
            key = self.signature(found)
            if key not in kept:
                kept[key] = found
            elif found.mistake.name not in [row.name for row in kept[key].mistakes]:
                kept[key] = replace(kept[key], also=(*kept[key].also, found.mistake))
        told = {(c.mistake.name, c.line, c.part, c.instead): c for c in reversed(kept.values())}
        return [c for c in kept.values() if told[c.mistake.name, c.line, c.part, c.instead] is c]


def _somewhere(name: str, place: int) -> float:
    return 0.5 + Random(f"{name} {place}").random()
