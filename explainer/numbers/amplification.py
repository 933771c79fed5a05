"""How fast errors of rounding grow along a Derivation: machine floats beside the decimals show it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ..calculus.derive import Derivation
from .arithmetic import FLOAT, context
from .compiling import shape_function
from .course import TRUSTED_AMPLIFICATION
from .passing import Pass, plan

LONGEST = 24
"""Signs of a text that a pass of 50 digits is surely good for: it has 36 right ones, ten of which tell a tie."""

FOR_A_FLOAT = context(17).plus
"""Leaves a decimal no more digits than a float can use, which makes one in less than half the time."""


def hardly_any(derivation: Derivation, done: Pass) -> bool:
    """Whether a pass of 50 digits is good for its texts, since machine floats from the same numbers come close to every
    value that is not exact.

    Floats have 16 digits; where 6 of them are still right, errors grow by less than 1e10.
    """
    start = len(plan(derivation).outside)
    texts, exact = done.texts, done.exact
    wanted_values = map(float, map(FOR_A_FLOAT, done.values))
    try:
        floats = [next(wanted_values) for _ in range(start)]
        for at, (wanted, (function, used)) in enumerate(zip(wanted_values, _functions(derivation), strict=True), start):
            if function is None or exact[at]:
                floats.append(wanted)
                continue
            if len(texts[at]) > LONGEST:
                return False
            found = function(*used(floats))
            if not abs(found - wanted) <= TRUSTED_AMPLIFICATION * abs(wanted):
                return False
            floats.append(found)
    except (ArithmeticError, ValueError):  # too large for a float, or cancelled to nothing
        return False
    return True


@lru_cache(maxsize=8)
def _functions(
    derivation: Derivation,
) -> tuple[tuple[Callable[..., float] | None, Callable[[list[float]], tuple[float, ...]]], ...]:
    """What works out each line in floats, and what it is given; None where it repeats a quantity or a number."""
    functions = derivation.graph.functions
    return tuple(
        (None if line.function is None else shape_function(line.step.shape, functions, FLOAT), line.used)
        for line in plan(derivation).lines
    )
