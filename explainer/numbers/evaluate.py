"""Derivation + numbers → Evaluation: the exact value and the shown text of every Step, every digit proven.

Everything is evaluated twice, at 30 and at 50 digits, and rounded to a few digits fewer before it is shown, so that a
value that is a tie in truth is one here too. Where the two texts differ, or a text hangs on digits that are not there
(a tie, or a zero left over by cancellation), precision is raised until two runs agree beyond doubt.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException, DivisionByZero, Inexact, InvalidOperation, Overflow
from functools import lru_cache

from ..calculus.derive import Derivation, Step
from ..formulas.expression import Call, Expression, Negative, Number, Product, Quotient, Slot, Sum, walk
from ..formulas.problems import ExplainerError
from ..formulas.shape import FunctionTable
from ..formulas.text import formula_text
from ..spec.types import Display, Literal
from .arithmetic import DECIMAL, context
from .compiling import shape_function
from .course import later_names, later_states
from .digits import exceptions, of_quantity
from .rounding import shown

PRECISIONS = ((30, 26), (50, 45), (65, 60), (130, 110), (260, 240), (520, 480), (1000, 960), (2000, 1900))
"""Digits of evaluation, and the digits to which a value is rounded before it is shown. A value that is still on a
border at 110 digits counts as a tie; one that is still 0 at the end counts as 0."""
TIE = 110
TELLING = 10
"""So many zeros at the end of the rounded value make its text doubtful: it may lie on either side of a border."""
NOISE = Decimal("1e-1850")
"""At the last precision, a difference this much smaller than what it was made of is a zero."""
CALCULATORS = ((30, 27), (130, 110), (2000, 1900))
"""Digits of the calculator that works a line out again from its printed figures, and those it rounds to. A larger one
is asked where a smaller one finds another figure than the one printed."""


class EvaluationError(ExplainerError):
    """A line of the calculation has no value; the message names the line and its numbers."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The numbers of a Derivation under one rounding contract."""

    derivation: Derivation
    sources: Mapping[str, Literal]
    display: Display
    values: Mapping[str, Decimal]
    """Source or Step id → value; under ``carry = "rounded"`` the rounded one."""
    texts: Mapping[str, str]
    """Source or Step id → text shown: sources as typed."""
    exact: frozenset[str]
    """The ids whose value is exact, not rounded to the digits of the evaluation."""
    recomputed: Mapping[str, str]
    """Step id → what a calculator gives from the printed figures, where that differs from the printed result."""


@dataclass(slots=True)
class _Run:
    """Everything at one precision."""

    values: dict[str, Decimal]
    texts: dict[str, str]
    exact: set[str]
    doubtful: bool = False
    """Whether some text may be different at a higher precision."""


def evaluate(
    derivation: Derivation,
    sources: Mapping[str, Literal],
    display: Display,
    *,
    as_reached: bool = False,
    for_print: bool = True,
) -> Evaluation:
    """Evaluate every Step.

    ``as_reached``: the states after steps that are not written out stand among the sources already. ``for_print``:
    whether lines are wanted that do not follow from the figures printed in them.

    Raises:
        EvaluationError: where a Step has no value (division by zero, overflow, the logarithm of a negative number).
    """
    run = before = None
    for precision, digits in PRECISIONS:
        before, run = run, _run(derivation, sources, display, precision, digits, as_reached)
        if before is not None and before.texts == run.texts and not run.doubtful:
            break
    assert run is not None
    recomputed = _recomputed(derivation, run, display) if for_print and display.carry == "exact" else {}
    reached = {name: Literal(run.texts[name], run.values[name]) for name in later_names(derivation)}
    return Evaluation(
        derivation, {**sources, **reached}, display, run.values, run.texts, frozenset(run.exact), recomputed
    )


@lru_cache(maxsize=8)
def _plan(derivation: Derivation) -> list[tuple[Step, Callable[..., Decimal] | None]]:
    """Each Step with the function that works it out; None for one that only repeats a quantity or a number."""
    functions = derivation.graph.functions
    return [
        (step, None if step.trivial else shape_function(step.shape, functions, DECIMAL)) for step in derivation.steps
    ]


def _run(
    derivation: Derivation,
    sources: Mapping[str, Literal],
    display: Display,
    precision: int,
    digits: int,
    as_reached: bool,
) -> _Run:
    run = _Run(
        {name: literal.value for name, literal in sources.items()},
        {name: literal.text for name, literal in sources.items()},
        set(sources),
    )
    values, texts, exact = run.values, run.texts, run.exact
    carry, own = display.carry == "rounded", exceptions(derivation, display)
    rounded, coarse = context(digits).plus, context(digits - TELLING).plus
    last, may_be_tie = precision == PRECISIONS[-1][0], digits < TIE
    with decimal.localcontext(context(precision)) as current:
        flags = current.flags
        later = {} if as_reached else later_states(derivation, sources, display, digits)
        for name, (value, is_exact) in later.items():
            contract = of_quantity(derivation, display, name)
            values[name], texts[name] = value, shown(value if is_exact else rounded(value), contract, is_exact)
            if is_exact:
                exact.add(name)
        for step, function in _plan(derivation):
            if function is None:
                _repeat(step, values, texts, exact)
                continue
            flags[Inexact] = False
            try:
                value = function(*[values[used] for used in step.uses])
                if not value.is_finite():
                    raise InvalidOperation
            except DecimalException as error:
                if (run.doubtful or flags[Inexact]) and not last:
                    run.doubtful = True  # a zero on the way may be none with more digits
                    return run
                raise EvaluationError(_without_value(step, texts, error)) from None
            if (not flags[Inexact] and all(used in exact for used in step.uses)) or (
                not value and _is_zero(step, values, exact)
            ):
                text = shown(value, own.get(step.id, display), True)
                exact.add(step.id)
            else:
                if last and _noise(step, value, values, derivation.graph.functions):
                    value = Decimal(0)
                tidy = rounded(value)
                run.doubtful = run.doubtful or not value or (may_be_tie and coarse(tidy) == tidy)
                text = shown(tidy, own.get(step.id, display))
            values[step.id], texts[step.id] = (Decimal(text) if carry else value), text
    return run


def _is_zero(step: Step, values: Mapping[str, Decimal], exact: set[str]) -> bool:
    """Whether a Step is exactly 0 because of the exact zeros that it uses, whatever the inexact values are."""
    return _vanishes(step.shape.formula, [used in exact and not values[used] for used in step.uses])


def _vanishes(formula: Expression, zeros: Sequence[bool]) -> bool:
    """Whether a formula is 0 if the slots that are marked are 0 and the others have any value."""
    match formula:
        case Slot(index):
            return zeros[index]
        case Number(text):
            return not Decimal(text)
        case Negative(operand):
            return _vanishes(operand, zeros)
        case Product(factors):
            return any(_vanishes(factor, zeros) for factor in factors)
        case Sum(terms):
            return all(_vanishes(term, zeros) for term in terms)
        case Quotient(numerator, _):
            return _vanishes(numerator, zeros)
    return False


@lru_cache(maxsize=4096)
def _adds(formula: Expression, functions: FunctionTable) -> bool:
    """Whether terms are added in a formula, or in that of a function it calls, so that they may cancel."""
    return any(
        isinstance(part, Sum)
        or (
            isinstance(part, Call)
            and not functions.rows[part.function].elementary
            and _adds(functions.formula(part.function), functions)
        )
        for part in walk(formula)
    )


def _noise(step: Step, value: Decimal, values: Mapping[str, Decimal], functions: FunctionTable) -> bool:
    """Whether a value is what rounding leaves of terms that cancel."""
    if not _adds(step.shape.formula, functions):
        return False
    return abs(value) < NOISE * max((abs(values[used]) for used in step.uses), default=Decimal(1))


def _repeat(step: Step, values: dict[str, Decimal], texts: dict[str, str], exact: set[str]) -> None:
    """A line that only repeats a quantity or a number shows it as it stands there."""
    formula = step.shape.formula
    if isinstance(formula, Number):
        values[step.id], texts[step.id] = Decimal(formula.text), formula.text
        exact.add(step.id)
    elif isinstance(formula, Slot):
        used = step.uses[0]
        values[step.id], texts[step.id] = values[used], texts[used]
        if used in exact:
            exact.add(step.id)


def _recomputed(derivation: Derivation, run: _Run, display: Display) -> dict[str, str]:
    """The lines that do not follow from the figures printed in them, with what those figures give."""
    printed = {name: Decimal(text) for name, text in run.texts.items()}
    rounded = {name for name, value in printed.items() if value != run.values[name]}
    marked: dict[str, str] = {}
    open_lines = dict.fromkeys((step.id for step in derivation.steps if not rounded.isdisjoint(step.uses)), "")
    for precision, digits in CALCULATORS:
        found = _worked_out_again(derivation, printed, open_lines, display, run, precision, digits)
        marked.update({id: text for id, text in found.items() if text == open_lines[id]})
        open_lines = {id: text for id, text in found.items() if id not in marked}
        if not open_lines:
            break
    return {step.id: marked[step.id] for step in derivation.steps if step.id in marked}


def _worked_out_again(
    derivation: Derivation,
    printed: Mapping[str, Decimal],
    ids: Mapping[str, str],
    display: Display,
    run: _Run,
    precision: int,
    digits: int,
) -> dict[str, str]:
    """The lines that give another number when the printed figures are put in, with that number as it would be shown."""
    rounded, own = context(digits).plus, exceptions(derivation, display)
    found = {}
    with decimal.localcontext(context(precision)):
        for step, function in _plan(derivation):
            if function is None or step.id not in ids:
                continue
            try:
                value = rounded(function(*[printed[used] for used in step.uses]))
                text = shown(value, own.get(step.id, display), step.id in run.exact)
            except DecimalException:  # the printed figures have no result
                continue
            if text != run.texts[step.id] and Decimal(text) != printed[step.id]:
                found[step.id] = text
    return found


REASONS = {
    Overflow: "a number becomes too large",
    DivisionByZero: "division by zero",
    InvalidOperation: "the operation has no real result",
}
NO_REAL_RESULT = {
    "log": "the logarithm of a negative number",
    "log10": "the logarithm of a negative number",
    "sqrt": "the square root of a negative number",
}


def _without_value(step: Step, texts: Mapping[str, str], error: DecimalException) -> str:
    reason = next((text for kind, text in REASONS.items() if isinstance(error, kind)), "no result")
    used = {part.function for part in walk(step.shape.formula) if isinstance(part, Call)}
    suspects = [text for function, text in NO_REAL_RESULT.items() if function in used]
    if isinstance(error, InvalidOperation) and suspects:
        reason = " or ".join(suspects)
    line = formula_text(step.shape.formula, step.uses)
    numbers = ", ".join(f"{name} = {texts[name]}" for name in step.uses[:6])
    return f"{step.id} = {line}\n    {reason}, with {numbers}"
