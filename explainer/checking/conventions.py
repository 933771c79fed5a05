"""Routes that differ from the calculation's and are just as valid: named, and not counted as slips."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from ..calculus.derive import Kind, Phase, Step
from ..calculus.marks import plain
from .figures import Figure
from .intervals import meets
from .kin import Kin
from .marking import Marking, Verdict, Written, mark

ENOUGH = 2
"""So many lines must show a convention, unless there are fewer of their kind."""
MOST_ROUNDS = 12
"""A turned sign is found layer by layer."""


class Turned(Struct, frozen=True):
    """Gradients written with the opposite sign throughout, as (target - out) makes them; the updates then add."""

    classes: tuple[str, ...]
    """``output``, ``delta`` or ``parameter``: what the gradients are taken of."""
    ids: tuple[str, ...]


def turned_signs(written: Written, marking: Marking, kin: Kin) -> tuple[Written, Marking, Turned] | None:
    """The sheet with those gradients turned round, where that makes it right and later lines bear it out."""
    groups = _groups(kin)
    turned = set[str]()
    other, found = written, marking
    for _ in range(MOST_ROUNDS):
        more = {id for id in found.wrong if id in groups and id not in turned and _is_turned(found, other, id)}
        if not more:
            break
        turned |= more
        other = _negated(written, turned)
        found = mark(other, marking.habit)
    if not turned or len(found.wrong) >= len(marking.wrong):
        return None
    if not _throughout(turned, written, groups) or not _borne_out(found, turned, kin):
        return None
    ids = tuple(id for id in written.figures if id in turned)
    return other, found, Turned(tuple(dict.fromkeys(groups[id][0] for id in ids)), ids)


def _groups(kin: Kin) -> Mapping[str, tuple[str, int]]:
    """The gradients of the error, each with what it is taken of and in which layer."""
    graph = kin.graph
    tops = {graph.loss, *graph.error_terms}
    layers: dict[str, int] = {
        name: place
        for place, block in enumerate(graph.blocks)
        for unit in block.units
        for name in (unit.net, unit.out, unit.bias, *unit.weights)
    }
    return {
        step.id: (_class_of(step, kin), layers.get(plain(step.by), 0))
        for step in kin.lines.steps
        if step.phase is Phase.BACKWARD and plain(step.of) in tops and not step.trivial
    }


def _class_of(step: Step, kin: Kin) -> str:
    if not kin.is_node(step.by):
        return "parameter"
    return "delta" if step.by in kin.out_of else "output"


def _is_turned(marking: Marking, written: Written, id: str) -> bool:
    low, high = marking.windows[id]
    turned = (-high, -low)
    key = written.keys()[id]
    return meets(turned, marking.marks[id].expected) or bool(turned[0] <= key <= turned[1])


def _negated(written: Written, ids: set[str]) -> Written:
    figures: dict[str, Figure] = dict(written.figures)
    for id in ids:
        figures[id] = replace(figures[id], value=-figures[id].value)
    return Written(written.lines, figures, written.precision, written.scale)


def _throughout(turned: set[str], written: Written, groups: Mapping[str, tuple[str, int]]) -> bool:
    """Whether every group that holds a turned line has nothing else, zeros apart, and enough of it."""
    for group in {groups[id] for id in turned}:
        all_of_it = [id for id, other in groups.items() if other == group]
        on_the_sheet = [id for id in all_of_it if id in written.figures and written.figures[id].value]
        if len(on_the_sheet) < min(ENOUGH, len(all_of_it)) or not turned.issuperset(on_the_sheet):
            return False
    return True


def _borne_out(marking: Marking, turned: set[str], kin: Kin) -> bool:
    """Whether a right line that keeps its sign comes from turned ones."""
    reached = set(turned)
    for step in kin.lines.steps:
        if step.id in reached or not any(used in reached for used in step.uses):
            continue
        found = marking.marks.get(step.id)
        if found is None:
            reached.add(step.id)
        elif step.kind in (Kind.UPDATE, Kind.PRODUCT, Kind.SUM) and found.verdict is not Verdict.WRONG:
            return True
    return False
