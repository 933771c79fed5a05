"""Honest students: they make no slip, but round as people do, and may leave out most of what they worked out."""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from random import Random

import explainer
from explainer.numbers.arithmetic import DECIMAL, context
from explainer.numbers.compiling import shape_function

NEAREST, CUT = ROUND_HALF_UP, ROUND_DOWN


@dataclass(frozen=True)
class Hand:
    """How a student rounds: a mode of ``decimal``, so many digits or decimals, and whether rounded values are carried."""

    mode: str
    carried: bool
    digits: int
    by_decimals: bool = False

    def rounded(self, value: Decimal) -> Decimal:
        """The value as this student writes it."""
        if not value:
            return Decimal(0)
        place = -self.digits if self.by_decimals else value.adjusted() - self.digits + 1
        rounded = value.quantize(Decimal((0, (1,), place)), rounding=self.mode)
        if not self.by_decimals and rounded.adjusted() > value.adjusted():
            rounded = rounded.quantize(Decimal((0, (1,), place + 1)), rounding=self.mode)
        return rounded

    def text(self, value: Decimal) -> str:
        """The figure on paper."""
        rounded = self.rounded(value)
        plain = format(rounded, "f")
        return plain if len(plain) < 12 else format(rounded, "e")

    def kept(self, value: Decimal) -> Decimal:
        """What goes into the next line."""
        return self.rounded(value) if self.carried else value


def sheet(calculation: explainer.Calculation, hand: Hand) -> dict[str, str]:
    """Every line of a calculation as this student writes it."""
    derivation = calculation.derivation
    values = {name: literal.value for name, literal in calculation.evaluation.sources.items()}
    figures: dict[str, str] = {}
    with decimal.localcontext(context(40)):
        for step in derivation.steps:
            value = shape_function(step.shape, derivation.graph.functions, DECIMAL)(
                *[values[used] for used in step.uses]
            )
            if step.trivial:
                values[step.id] = value
                continue
            figures[step.id] = hand.text(value)
            values[step.id] = hand.kept(value)
    return figures


def sparse(figures: Mapping[str, str], random: Random, missing: float) -> dict[str, str]:
    """The sheet with that part of its lines left out."""
    kept = {id: text for id, text in figures.items() if random.random() >= missing}
    return kept or dict([next(iter(figures.items()))])
