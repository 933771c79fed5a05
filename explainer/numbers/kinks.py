"""Where a calculation stands on a kink or at a jump, so that its slopes are conventions and not derivatives."""

from __future__ import annotations

from collections.abc import Callable
from decimal import DecimalException
from functools import lru_cache

from ..calculus.derive import Derivation, Kind, Phase, Step
from ..formulas.expression import Cases
from .compiling import at_kink
from .evaluate import Evaluation


def on_a_kink(step: Step, evaluation: Evaluation) -> bool:
    """Whether two cases of a line's formula that differ meet at its numbers."""
    functions = evaluation.derivation.graph.functions
    return _meets(at_kink(step.shape.formula, step.shape.arity, functions), step, evaluation)


def any_kink(evaluation: Evaluation) -> bool:
    """Whether some slope of the calculation is taken at a kink, or some value at a jump."""
    return any(_meets(meets, step, evaluation) for step, meets in _cased(evaluation.derivation))


def _meets(meets: Callable[..., bool], step: Step, evaluation: Evaluation) -> bool:
    try:
        return meets(*[evaluation.values[used] for used in step.uses])
    except DecimalException:  # the case that does not apply has no value here
        return True


@lru_cache(maxsize=8)
def _cased(derivation: Derivation) -> tuple[tuple[Step, Callable[..., bool]], ...]:
    """The local derivatives and the lines of the forward pass that distinguish cases."""
    functions = derivation.graph.functions
    return tuple(
        (step, at_kink(step.shape.formula, step.shape.arity, functions))
        for step in derivation.steps
        if (step.kind is Kind.LOCAL or step.phase in (Phase.FORWARD, Phase.LOSS))
        and functions.holds(step.shape.formula, Cases)
    )
