"""Gradients against central finite differences at high precision: the check that knows no calculus."""

from __future__ import annotations

import decimal
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from functools import lru_cache

from ..calculus.derive import Derivation
from ..spec.types import Display, Literal
from .arithmetic import DECIMAL, context
from .compiling import Compiled, compiled
from .evaluate import Evaluation, evaluate

PRECISION = 60
NUDGE = Decimal("1e-18")
"""The error of a central difference is of the order of the nudge squared: about 36 digits are good."""
DIRECTIONS = 3
AGREEMENT = 20
"""Digits that must agree for a gradient to count as confirmed."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One derivative, found twice."""

    name: str
    gradient: Decimal
    difference: Decimal

    @property
    def digits(self) -> int:
        """How many significant digits agree, at most 30."""
        size = max(abs(self.gradient), abs(self.difference))
        gap = abs(self.gradient - self.difference)
        if gap <= Decimal("1e-30") * size or size < Decimal("1e-30"):
            return 30
        return max(0, size.adjusted() - gap.adjusted())

    @property
    def agrees(self) -> bool:
        """Whether the two are the same for all that differences can show."""
        return self.digits >= AGREEMENT


def exactly(evaluation: Evaluation) -> Evaluation:
    """The evaluation with full precision carried, whatever the document carries."""
    if evaluation.display.carry == "exact":
        return evaluation
    return evaluate(evaluation.derivation, evaluation.sources, Display())


def every_gradient(evaluation: Evaluation) -> Iterator[Comparison]:
    """Each wanted gradient of a source against its own finite difference."""
    derivation, sources = evaluation.derivation, evaluation.sources
    exact = exactly(evaluation)
    for name in derivation.graph.wanted:
        if name in sources and name in derivation.gradient:
            found = exact.values[derivation.gradient[name]]
            yield Comparison(f"d{derivation.graph.loss}/d{name}", found, _difference(derivation, sources, {name: Decimal(1)}))


def along_directions(evaluation: Evaluation, count: int = DIRECTIONS) -> list[Comparison]:
    """The whole gradient at once: its component along a few random directions against finite differences.

    The directions are +1 and -1 drawn by a hash, so that a document is the same on every machine.
    """
    derivation, sources = evaluation.derivation, evaluation.sources
    exact = exactly(evaluation)
    names = [name for name in derivation.graph.wanted if name in sources and name in derivation.gradient]
    found = []
    for number in range(count if names else 0):
        direction = dict(zip(names, _signs(f"direction {number}", len(names)), strict=True))
        with decimal.localcontext(context(PRECISION)):
            slope = sum((sign * exact.values[derivation.gradient[name]] for name, sign in direction.items()), Decimal(0))
        found.append(Comparison(f"direction {number + 1}", slope, _difference(derivation, sources, direction)))
    return found


def loss_at(derivation: Derivation, sources: Mapping[str, Literal], moved: Mapping[str, Decimal]) -> Decimal:
    """The loss with some sources moved by so much, at high precision."""
    start = [literal.value for literal in (sources[q.name] for q in derivation.graph.sources)]
    with decimal.localcontext(context(PRECISION)):
        for place, quantity in enumerate(derivation.graph.sources):
            if quantity.name in moved:
                start[place] += moved[quantity.name]
        value: Decimal = _forward(derivation).forward(start)[0]
        return value


def _difference(derivation: Derivation, sources: Mapping[str, Literal], direction: Mapping[str, Decimal]) -> Decimal:
    ahead = {name: NUDGE * sign for name, sign in direction.items()}
    behind = {name: -move for name, move in ahead.items()}
    try:
        up, down = loss_at(derivation, sources, ahead), loss_at(derivation, sources, behind)
    except DecimalException:
        return Decimal(0)
    with decimal.localcontext(context(PRECISION)):
        return (up - down) / (2 * NUDGE)


@lru_cache(maxsize=8)
def _forward(derivation: Derivation) -> Compiled:
    return compiled(derivation, DECIMAL, (derivation.graph.loss,))


def _signs(seed: str, count: int) -> list[Decimal]:
    bits = "".join(
        f"{byte:08b}" for block in range(count // 256 + 1) for byte in hashlib.sha256(f"{seed} {block}".encode()).digest()
    )
    return [Decimal(1) if bit == "1" else Decimal(-1) for bit in bits[:count]]
