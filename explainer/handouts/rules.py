"""What numbers of a variant are rejected for. A rule is a row; it finds what breaks it, and gives that a name.

What breaks a rule with the numbers of the file itself may break it in a variant too: a shared bias whose gradient is
always that of its unit is no accident, and an input that is 0 makes its gradients 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from ..calculus.derive import Derivation, Kind, Phase, Step
from ..calculus.marks import marked, parsed, plain
from ..formulas.expression import Cases, walk
from ..numbers.evaluate import Evaluation

LEAST_SLOPE = Decimal("0.02")
"""A unit whose output changes less than this with its net input is saturated: a logistic unit below 0.02 or above
0.98."""
Find = Callable[[Evaluation], Iterator[str]]


class Rule(Struct, frozen=True):
    """A rule: its name in the file, and what breaks it."""

    name: str
    find: Find


@lru_cache(maxsize=64)
def asked(derivation: Derivation) -> tuple[Step, ...]:
    """The lines that a sheet may ask for, as the checker has it."""
    return tuple(step for step in derivation.steps if step.asks)


@lru_cache(maxsize=64)
def slopes(derivation: Derivation) -> Mapping[str, tuple[str, ...]]:
    """For every unit and step, the slopes of its activation: one for each sample that the step takes."""
    pairs = {(u.out, u.net) for block in derivation.single.graph.blocks for u in block.units if u.out != u.net}
    found: dict[str, list[str]] = {}
    for step in derivation.steps:
        if step.kind is Kind.LOCAL and (plain(step.of), plain(step.by)) in pairs:
            found.setdefault(marked(plain(step.id), parsed(step.id).state, 0), []).append(step.id)
    return {unit: tuple(ids) for unit, ids in found.items()}


@lru_cache(maxsize=64)
def cased(derivation: Derivation) -> frozenset[str]:
    """The lines whose formula distinguishes cases."""
    return frozenset(s.id for s in derivation.steps if any(isinstance(part, Cases) for part in walk(s.shape.formula)))


def _saturated(evaluation: Evaluation) -> Iterator[str]:
    """A smooth unit that hardly moves with its net input, whatever the sample."""
    corners = cased(evaluation.derivation)
    for unit, ids in slopes(evaluation.derivation).items():
        largest = max(abs(evaluation.values[id]) for id in ids)
        if 0 < largest < LEAST_SLOPE and corners.isdisjoint(ids):
            yield unit


def _dead(evaluation: Evaluation) -> Iterator[str]:
    """A unit that does not move with its net input, whatever the sample."""
    for unit, ids in slopes(evaluation.derivation).items():
        if not any(evaluation.values[id] for id in ids):
            yield unit


def _gradient_rounds_to_0(evaluation: Evaluation) -> Iterator[str]:
    """A gradient that is 0, or shown with a power of ten since its decimals would all be 0.

    One sample of several may well have no say in a gradient.
    """
    fixed = evaluation.display.significant is None
    for step in asked(evaluation.derivation):
        text = evaluation.texts[step.id]
        if step.phase is Phase.BACKWARD and (text == "0" or (fixed and "e-" in text)) and not parsed(step.id).sample:
            yield step.id


def _same_answer_twice(evaluation: Evaluation) -> Iterator[str]:
    """A line that passes on what enters it, as a relu does, is no accident."""
    values = evaluation.values
    with_answer: dict[str, list[str]] = {}
    for step in asked(evaluation.derivation):
        others = with_answer.setdefault(size(evaluation.texts[step.id]), [])
        for other in others:
            if not (other in step.uses and values[other] == values[step.id]):
                yield f"{other} and {step.id}"
        others.append(step.id)


def _answer_in_sight(evaluation: Evaluation) -> Iterator[str]:
    """An answer that is printed already, since it is a given number too."""
    given: dict[str, list[str]] = {}
    for name, literal in evaluation.sources.items():
        given.setdefault(size(literal.text), []).append(name)
    for step in asked(evaluation.derivation):
        yield from (f"{step.id} and {name}" for name in given.get(size(evaluation.texts[step.id]), ()))


def _ambiguous_mistake(evaluation: Evaluation) -> Iterator[str]:
    """Two named mistakes at a line that give the same digits, or a mistake that gives the right ones."""
    from .marking import alike

    return (f"{id}: {one} and {other}" for id, one, other in alike(evaluation, asked(evaluation.derivation)))


@lru_cache(maxsize=10_000)
def size(text: str) -> str:
    """A number's digits without sign and without zeros at the end."""
    mantissa, _, exponent = text.lstrip("-").partition("e")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + (f"e{exponent}" if exponent else "")


RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("saturated unit", _saturated),
        Rule("dead unit", _dead),
        Rule("gradient rounds to 0", _gradient_rounds_to_0),
        Rule("same answer twice", _same_answer_twice),
        Rule("answer in sight", _answer_in_sight),
        Rule("ambiguous mistake", _ambiguous_mistake),
    )
}
"""In the order in which they are asked; ``no value`` comes before all of them."""
