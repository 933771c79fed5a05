"""Which lines of a calculation are shown with another number of digits than the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from msgspec.structs import replace

from ..calculus.derive import Derivation, Phase, Step
from ..calculus.graph import Role
from ..calculus.marks import plain
from ..formulas.problems import Problems, nearest
from ..spec.types import Display

KINDS: Mapping[str, Callable[[Step, frozenset[str]], bool]] = {
    "gradients": lambda step, errors: step.phase is Phase.BACKWARD,
    "parameters": lambda step, errors: step.phase is Phase.UPDATE,
    "errors": lambda step, errors: step.phase is not Phase.BACKWARD and plain(step.of) in errors,
}
"""Words that stand for many lines at once. Given values are shown as typed, so parameters are those after an update."""
NONE: Mapping[str, Display] = {}


@lru_cache(maxsize=8)
def exceptions(derivation: Derivation, display: Display) -> Mapping[str, Display]:
    """Step id → its rounding contract, for the lines that have one of their own."""
    if not display.digits:
        return NONE
    asked = dict(display.digits)
    own = {number: _with_digits(display, number) for number in asked.values()}
    errors = frozenset(_errors(derivation))
    found = {step.id: _asked_for(derivation, step, asked, errors) for step in derivation.steps}
    return {id: own[number] for id, number in found.items() if number is not None}


def of_quantity(derivation: Derivation, display: Display, name: str) -> Display:
    """The rounding contract of a quantity and its later states."""
    asked = dict(display.digits)
    errors = frozenset(_errors(derivation))
    quantity = plain(name)
    kinds = [quantity]
    if quantity in errors:
        kinds.append("errors")
    if quantity in derivation.single.graph.trained:
        kinds.append("parameters")
    number = next((asked[kind] for kind in (name, *kinds) if kind in asked), None)
    return display if number is None else _with_digits(display, number)


def _with_digits(display: Display, number: int) -> Display:
    if display.significant is None:
        return replace(display, decimals=number, digits=())
    return replace(display, significant=max(1, number), digits=())


def _errors(derivation: Derivation) -> Iterable[str]:
    """The loss, the terms that it is made of, and what joins them."""
    graph = derivation.single.graph
    yield from (graph.loss, *graph.error_terms)
    yield from (q.name for q in graph.quantity.values() if q.role is Role.ERROR)


def _asked_for(derivation: Derivation, step: Step, asked: Mapping[str, int], errors: frozenset[str]) -> int | None:
    """The digits asked for by the line's id, by the quantity that it finds, or by its kind, in this order."""
    name = plain(step.of) if step.phase is not Phase.BACKWARD else ""
    for key in (step.id, plain(step.id), *_other_names(derivation, step), name):
        if key in asked:
            return asked[key]
    return next((asked[kind] for kind, holds in KINDS.items() if kind in asked and holds(step, errors)), None)


def _other_names(derivation: Derivation, step: Step) -> list[str]:
    """What a line is understood by besides its id: the gradient of the loss, and a quantity after one update."""
    loss = derivation.single.graph.loss
    if step.phase is Phase.BACKWARD:
        return [f"d{loss}/d{plain(step.by)}"] if derivation.gradient.get(step.by) == step.id else []
    return [f"{step.of}@1"] if step.id == f"{step.of}+" else []


def check(derivation: Derivation, display: Display, borrowed: frozenset[str], problems: Problems) -> None:
    """Note keys of ``digits`` that name nothing; those of a style file may."""
    for key, _ in display.digits:
        if key not in KINDS and key not in borrowed and not derivation.find(key):
            known = [*KINDS, *derivation.graph.quantity, *derivation.step]
            problems.add(
                f"display.digits.{key}", "is not a quantity or a line of this calculation", nearest(key, known)
            )
