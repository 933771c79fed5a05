"""The one place where handouts ask the checker: which of its named mistakes would look alike on a sheet.

A mistake is tried at every line with the right numbers. Machine floats say which figures are far apart, which is nearly
always all there is to say; whatever they leave open is worked out in decimals, so that the verdict is the same on every
machine.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, DecimalException
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any

from msgspec import Struct

from ..calculus.derive import Derivation, Step
from ..checking.candidates import Editor
from ..checking.kin import Kin
from ..checking.lines import Lines
from ..numbers.arithmetic import DECIMAL, FLOAT, context
from ..numbers.compiling import shape_function
from ..numbers.digits import exceptions
from ..numbers.evaluate import Evaluation
from ..numbers.rounding import shown
from ..spec.types import Display

COMMON = 3.0
"""Mistakes of at least this weight in the checker's table are those that it knows by name; the rest are single edits of
whatever kind."""
DIGITS = 50
DOUBT = 1e-9
"""Two floats that differ by more than this part of them, and by more than two units of the last digit shown, are surely
different: nothing that a sheet asks for loses more digits than that."""


class Edit(Struct, frozen=True, eq=False):
    """A named mistake at a line: what is worked out in place of it, from what."""

    mistake: str
    step: Step
    uses: tuple[str, ...]
    exact: Callable[..., Decimal]
    fast: Callable[..., float]


def alike(evaluation: Evaluation, lines: Sequence[Step]) -> Iterator[tuple[str, str, str]]:
    """A line and two mistakes that look alike there, or a mistake and ``the answer``."""
    floats = {id: float(value) for id, value in evaluation.values.items()}
    own = exceptions(evaluation.derivation, evaluation.display)
    for step, edits in edits_of(evaluation.derivation, lines):
        display = own.get(step.id, evaluation.display)
        yield from ((step.id, *names) for names in _alike_at(step, edits, evaluation, floats, display))


@lru_cache(maxsize=64)
def _edits(derivation: Derivation, ids: frozenset[str]) -> tuple[tuple[Step, tuple[Edit, ...]], ...]:
    """The named mistakes at every line, each formula once."""
    known = dict.fromkeys([*(q.name for q in derivation.graph.sources), *derivation.step], Decimal(0))
    editor = Editor(Kin(Lines(derivation, known, frozenset(), {})))
    functions = derivation.graph.functions
    found = []
    for step in derivation.steps:
        if step.id in ids:
            common = [edited for edited in editor.of(step) if edited.mistake.weight >= COMMON]
            made = {
                (edited.mistake.name, edited.uses, edited.shape): Edit(
                    edited.mistake.name,
                    step,
                    edited.uses,
                    shape_function(edited.shape, functions, DECIMAL),
                    shape_function(edited.shape, functions, FLOAT),
                )
                for edited in common
            }
            found.append((step, tuple(made.values())))
    return tuple(found)


def edits_of(derivation: Derivation, lines: Sequence[Step]) -> tuple[tuple[Step, tuple[Edit, ...]], ...]:
    """The named mistakes at some lines; found once for a derivation."""
    return _edits(derivation, frozenset(step.id for step in lines))


def _alike_at(
    step: Step, edits: Sequence[Edit], evaluation: Evaluation, floats: Mapping[str, float], display: Display
) -> Iterator[tuple[str, str]]:
    figures = [(_fast(edit, floats), edit) for edit in edits]
    right = floats[step.id]
    unit = _unit(right, display)
    figures.sort(key=lambda pair: pair[0])
    near: set[Edit] = set()
    for figure, edit in figures:
        if abs(figure - right) <= 2 * unit + DOUBT * abs(right):
            near.add(edit)
    for (one, first), (other, second) in pairwise(figures):
        if not other - one > 2 * unit + DOUBT * max(abs(one), abs(other)):
            near |= {first, second}
    if near:
        yield from _surely_alike(step, [edit for edit in edits if edit in near], evaluation, display)


def _surely_alike(
    step: Step, near: Sequence[Edit], evaluation: Evaluation, display: Display
) -> Iterator[tuple[str, str]]:
    """Those whose figures are shown with the same digits."""
    mistakes: dict[Decimal, set[str]] = {Decimal(evaluation.texts[step.id]): {"the answer"}}
    with decimal.localcontext(context(DIGITS)):
        for edit in near:
            try:
                value = edit.exact(*[evaluation.values[used] for used in edit.uses])
                mistakes.setdefault(Decimal(shown(value, display)), set()).add(edit.mistake)
            except DecimalException:  # such a mistake has no figure
                continue
    for names in mistakes.values():
        yield from combinations(sorted(names), 2)


def _fast(edit: Edit, floats: Mapping[str, float]) -> float:
    """The figure as a float; one that cannot be told stands beside the right one, so that it is looked at closely."""
    try:
        figure: Any = edit.fast(*[floats[used] for used in edit.uses])
    except (ArithmeticError, ValueError):
        return floats[edit.step.id]
    return figure if isinstance(figure, float) and figure - figure == 0 else floats[edit.step.id]


def _unit(value: float, display: Display) -> float:
    """One unit of the last digit shown, or somewhat more."""
    if display.significant is None:
        return float(Decimal(10) ** -(display.decimals or 0))
    return abs(value) * float(Decimal(10) ** (2 - display.significant))
