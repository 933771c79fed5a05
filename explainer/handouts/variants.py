"""A calculation and a seed → the same calculation with other numbers that are as hard, checked by the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from math import prod
from typing import Generic, TypeVar

from msgspec import Struct

from ..formulas.problems import ExplainerError
from ..numbers.evaluate import Evaluation
from ..spec.types import Grid, Spec
from .calculated import Calculated
from .drawing import drawn, drawn_sizes
from .grids import check, grids
from .rules import RULES
from .sizes import resized

MOST_ATTEMPTS = 400
NO_VALUE = "no value"
Kept = TypeVar("Kept", bound=Calculated)


class Base(Struct, Generic[Kept], frozen=True):
    """A calculation from which variants are drawn, and what breaks the rules in it already."""

    calculation: Kept
    grids: dict[str, Grid]
    excused: frozenset[tuple[str, str]]


class Variations(Generic[Kept]):
    """The variants of a calculation for one seed; each structure is derived once.

    ``derive`` makes a calculation of a Spec: it is asked only where layers have other sizes.
    """

    def __init__(self, given: Kept, derive: Callable[[Spec], Kept], seed: int) -> None:
        check(given.spec, given.derivation)
        self.given, self.derive, self.seed = given, derive, seed
        allowed = given.spec.variants.allow if given.spec.variants else frozenset()
        self.rules = [rule for rule in RULES.values() if rule.name not in allowed]
        self._bases: dict[tuple[int, ...], Base[Kept]] = {}

    def variant(self, number: int | str) -> Kept:
        """The variant of that number.

        Raises:
            ExplainerError: where the grids hold no numbers that the rules let pass; it says which rule fails.
        """
        base = self._base(number)
        failed: Counter[str] = Counter()
        example: dict[str, str] = {}
        for attempt in range(MOST_ATTEMPTS):
            found = self._attempt(base, number, attempt)
            if not isinstance(found, tuple):
                return found
            failed[found[0]] += 1
            example[found[0]] = found[1]
        raise ExplainerError(_unsatisfied(self.given.spec.label, number, failed, example))

    def room(self) -> int:
        """How many different sets of numbers the grids hold."""
        return prod(grid.count for grid in self._base(1).grids.values())

    def _attempt(self, base: Base[Kept], number: int | str, attempt: int) -> Kept | tuple[str, str]:
        """A variant, or the rule that it breaks and how."""
        try:
            found = base.calculation.with_values(drawn(base.grids, self.seed, number, attempt))
        except ExplainerError as error:
            return NO_VALUE, str(error).splitlines()[0]
        broken = next((pair for pair in self._broken(found.evaluation) if pair not in base.excused), None)
        return broken or found

    def _broken(self, evaluation: Evaluation) -> Iterator[tuple[str, str]]:
        return ((rule.name, what) for rule in self.rules for what in rule.find(evaluation))

    def _base(self, number: int | str) -> Base[Kept]:
        variants = self.given.spec.variants
        sizes = drawn_sizes(variants.sizes if variants else (), self.seed, number)
        if sizes not in self._bases:
            self._bases[sizes] = self._new_base(sizes)
        return self._bases[sizes]

    def _new_base(self, sizes: tuple[int, ...]) -> Base[Kept]:
        calculation = self.given
        if sizes:
            calculation = self.derive(resized(self.given.spec, sizes))
        varying = grids(calculation.spec, calculation.evaluation)
        if sizes:  # repeated weights make units equal: the numbers that tell accidents from laws are drawn too
            calculation = calculation.with_values(drawn(varying, 0, 0, 0))
        return Base(calculation, varying, frozenset(self._broken(calculation.evaluation)))


def _unsatisfied(name: str, number: int | str, failed: Counter[str], example: dict[str, str]) -> str:
    rule, times = failed.most_common(1)[0]
    others = "".join(f', "{other}" {count}' for other, count in failed.most_common()[1:])
    return (
        f"{name}: no numbers for variant {number} among {MOST_ATTEMPTS} draws\n"
        f'    the rule "{rule}" rejected {times} of them, the last for {example[rule]}{others}\n'
        f'    wider grids or more decimals help; or let it pass: [variants] allow = ["{rule}"]'
    )
