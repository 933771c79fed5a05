"""Slips in lines that were not written down: looked for above a wrong line, and carried down to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from ..calculus.derive import Step
from .candidates import Candidate, Editor, candidate, explains
from .intervals import enclosing, meets
from .kin import Kin
from .marking import Marking, Written, mark
from .scales import Interval

MOST_SCORED = 12
"""So many explanations further up are weighed against all other lines."""
MOST_ANCESTORS = 40
"""So many unwritten lines above a wrong one are searched."""


class Above(Struct, frozen=True):
    """An explanation that lies further up: what the unwritten line stands for with it, and what it leaves open."""

    candidate: Candidate
    stand_in: Interval
    score: int
    """How many other lines stay wrong, and how many right ones speak against it."""


class Search(Struct):
    """The search above one wrong line of one sheet."""

    kin: Kin
    editor: Editor
    written: Written
    marking: Marking
    line: str
    assumed: Mapping[str, Interval]
    explained: Collection[str]
    """Lines that are explained already."""

    def ancestors(self) -> list[Step]:
        """The lines that this one comes from by way of unwritten ones only, nearest first.

        Those of far states are left out: nobody makes a slip in one line of the ten-thousandth round.
        """
        step = self.kin.lines.step
        waiting, seen, found = [self.line], {self.line}, list[Step]()
        while waiting and len(found) < MOST_ANCESTORS:
            current = step.get(waiting.pop(0))
            for used in current.uses if current else ():
                if used in step and used not in self.marking.windows and used not in seen | self.kin.lines.far:
                    seen.add(used)
                    waiting.append(used)
                    if not step[used].trivial:
                        found.append(step[used])
        return found

    def tried(self) -> Iterator[tuple[Candidate, Interval]]:
        """Every edit of every ancestor: what the wrong line gives with it, and what the ancestor does."""
        ancestors = self.ancestors()
        between = {step.id for step in ancestors} | {self.line}
        for ancestor in ancestors:
            if ancestor.id in self.assumed:
                continue
            way = self._way_down(ancestor.id, between)
            for edited in self.editor.of(ancestor):
                found = candidate(edited, self.marking.own, self.kin.graph.functions, self.marking.scale)
                stand_in = self._widened(found.value)
                yield replace(found, value=self._carried_down(ancestor.id, stand_in, way), way=way), stand_in

    def fitting(self, tried: list[tuple[Candidate, Interval]]) -> list[Above]:
        """Those that give the figure and make a difference where they are made; of very many the likeliest."""
        window, own = self.marking.windows[self.line], self.marking.own
        fitting = [
            (found, stand_in)
            for found, stand_in in tried
            if explains(found.value, window) and not meets(stand_in, own[found.line])
        ]
        fitting.sort(key=lambda pair: -pair[0].mistake.weight)
        return [Above(found, stand_in, self._open(found.line, stand_in)) for found, stand_in in fitting[:MOST_SCORED]]

    def _way_down(self, start: str, between: set[str]) -> tuple[Step, ...]:
        """The unwritten Steps from an ancestor down to the line, in order."""
        reached, way = {start}, list[Step]()
        steps, place = self.kin.lines.steps, self.kin.place
        for step in steps[place[start] + 1 : place[self.line] + 1]:
            if any(used in reached for used in step.uses) and (step.id in between or step.trivial):
                reached.add(step.id)
                way.append(step)
        return tuple(way)

    def _carried_down(self, start: str, stand_in: Interval, way: tuple[Step, ...]) -> Interval:
        changed, value, own = {start: stand_in}, stand_in, self.marking.own
        for step in way:
            enclose = enclosing(step.shape, self.kin.graph.functions, self.marking.scale)
            value = enclose([changed[used] if used in changed else own[used] for used in step.uses])
            changed[step.id] = value if step.trivial else self._widened(value)
        return value

    def _widened(self, value: Interval) -> Interval:
        return self.marking.habit.widened(value, self.marking.precision)

    def _open(self, id: str, stand_in: Interval) -> int:
        again = mark(self.written, self.marking.habit, {**self.assumed, id: stand_in})
        done = {self.line, *self.explained}
        return sum(other not in done for other in again.wrong) + sum(other not in done for other in again.against)
