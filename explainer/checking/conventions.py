"""Routes that differ from the calculation's and are just as valid: named, and not counted as slips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from ..calculus.derive import Kind, Phase, Step
from .figures import Figure
from .intervals import meets
from .kin import Kin
from .marking import Marking, Verdict, Written, mark

CLASSES = ("output", "delta", "parameter")
"""Gradients by what they are taken of: a unit's output, its net input, a parameter."""
ENOUGH = 2
"""So many lines must show a convention, unless there are fewer of their class."""


@dataclass(frozen=True, slots=True)
class Turned:
    """Gradients written with the opposite sign throughout, as (target - out) makes them; the updates then add."""

    classes: tuple[str, ...]
    ids: tuple[str, ...]


def turned_signs(written: Written, marking: Marking, kin: Kin) -> tuple[Written, Marking, Turned] | None:
    """The sheet with those gradients turned round, where that makes it right and later lines bear it out."""
    classes = _classes(kin)
    if not any(id in classes and _is_turned(marking, written, id) for id in marking.wrong):
        return None
    best: tuple[int, int, Written, Marking, Turned] | None = None
    for size in range(1, len(CLASSES) + 1):
        for chosen in combinations(CLASSES, size):
            ids = tuple(id for id in written.figures if classes.get(id) in chosen)
            other = _negated(written, ids)
            found = mark(other, marking.habit)
            if not _throughout(found, ids, chosen, classes) or not _borne_out(found, ids, kin):
                continue
            if len(found.wrong) < len(marking.wrong) and (best is None or (len(found.wrong), size) < best[:2]):
                best = (len(found.wrong), size, other, found, Turned(chosen, ids))
    return None if best is None else best[2:]


def _classes(kin: Kin) -> Mapping[str, str]:
    graph = kin.graph
    tops = {graph.loss, *graph.error_terms}
    return {
        step.id: _class_of(step, kin)
        for step in kin.lines.steps
        if step.phase is Phase.BACKWARD and step.of in tops and not step.trivial
    }


def _class_of(step: Step, kin: Kin) -> str:
    if step.by not in kin.graph.node:
        return "parameter"
    return "delta" if step.by in kin.out_of else "output"


def _is_turned(marking: Marking, written: Written, id: str) -> bool:
    low, high = marking.windows[id]
    turned = (-high, -low)
    key = written.keys()[id]
    return meets(turned, marking.marks[id].expected) or bool(turned[0] <= key <= turned[1])


def _negated(written: Written, ids: tuple[str, ...]) -> Written:
    figures: dict[str, Figure] = dict(written.figures)
    for id in ids:
        figures[id] = replace(figures[id], value=-figures[id].value)
    return replace(written, figures=figures)


def _throughout(marking: Marking, ids: tuple[str, ...], chosen: tuple[str, ...], classes: Mapping[str, str]) -> bool:
    """Whether every class is there, with enough lines, and none of them is wrong the other way round."""
    for name in chosen:
        of_class = [id for id in ids if classes[id] == name]
        enough = min(ENOUGH, sum(found == name for found in classes.values()))
        if len(of_class) < enough or any(marking.marks[id].verdict is Verdict.WRONG for id in of_class):
            return False
    return True


def _borne_out(marking: Marking, ids: tuple[str, ...], kin: Kin) -> bool:
    """Whether a right line that keeps its sign comes from turned ones."""
    reached = set(ids)
    for step in kin.lines.steps:
        if step.id in reached or not any(used in reached for used in step.uses):
            continue
        mark_ = marking.marks.get(step.id)
        if mark_ is None:
            reached.add(step.id)
        elif step.kind in (Kind.UPDATE, Kind.PRODUCT, Kind.SUM) and mark_.verdict is not Verdict.WRONG:
            return True
    return False
