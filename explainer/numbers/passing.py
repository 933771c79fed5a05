"""One pass through a Derivation: everything at one precision, in order.

While it runs, quantities and Steps are kept by place, not by name: what comes from outside first, then the Steps.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, DecimalException, DivisionByZero, Inexact, InvalidOperation, Overflow
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from msgspec import Struct

from ..calculus.derive import Derivation, Step
from ..formulas.expression import Call, Cases, Expression, Negative, Number, Product, Quotient, Slot, Sum, walk
from ..formulas.problems import ExplainerError
from ..formulas.text import formula_text
from ..spec.types import Display, Literal
from .arithmetic import DECIMAL, context
from .compiling import conditions, shape_function
from .course import later_states
from .digits import exceptions, of_quantity
from .rounding import shown

TIE = 110
"""A value that is still on a border of rounding at so many digits counts as a tie."""
TELLING = 10
"""So many zeros at the end of the rounded value make its text doubtful: it may lie on either side of a border."""
NOISE = Decimal("1e-1850")
"""At the last precision, a difference this much smaller than what it was made of is a zero."""


class EvaluationError(ExplainerError):
    """A line of the calculation has no value; the message names the line and its numbers."""


class Precision(NamedTuple):
    """Digits of a pass, and the digits to which a value is rounded before it is shown."""

    digits: int
    kept: int
    last: bool
    """Whether no pass with more digits follows."""


class Line(NamedTuple):
    """A Step, what works it out (None where it only repeats a quantity or a number), and what that is given."""

    step: Step
    function: Callable[..., Decimal] | None
    used: Callable[[list[Any]], tuple[Any, ...]]
    """Takes from a list by place what belongs to the quantities that the Step uses."""
    cased: Callable[..., tuple[bool, ...]] | None
    """Where its formula distinguishes cases, which of them apply."""


class Plan(NamedTuple):
    """A Derivation as a pass needs it."""

    outside: tuple[str, ...]
    """The quantities that Steps use and no Step finds."""
    lines: tuple[Line, ...]
    names: tuple[str, ...]
    """The ids in the order of their places."""


@lru_cache(maxsize=8)
def plan(derivation: Derivation) -> Plan:
    """The plan of a Derivation."""
    used = dict.fromkeys(name for step in derivation.steps for name in step.uses)
    outside = tuple(name for name in used if name not in derivation.step)
    names = (*outside, *(step.id for step in derivation.steps))
    place = {name: i for i, name in enumerate(names)}
    functions = derivation.graph.functions
    return Plan(
        outside,
        tuple(
            Line(
                step,
                None if step.trivial else shape_function(step.shape, functions, DECIMAL),
                taking([place[name] for name in step.uses]),
                conditions(step.shape.formula, step.shape.arity, functions)
                if isinstance(step.shape.formula, Cases)
                else None,
            )
            for step in derivation.steps
        ),
        names,
    )


def taking(keys: Sequence[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """What takes the items with these keys, or at these places, from whatever holds them."""
    if len(keys) == 1:
        (only,) = keys
        return lambda holder: (holder[only],)
    return itemgetter(*keys) if keys else lambda _: ()


class Pass(Struct):
    """Everything at one precision, by place."""

    values: list[Decimal]
    texts: list[str]
    exact: list[bool]
    """Whether a value is exact, not rounded to the digits of the pass."""
    later: Mapping[str, tuple[Decimal, str, bool]]
    """The states after steps that are not written out: value, text, whether exact."""
    doubtful: bool = False
    """Whether some text may be different at a higher precision; lines may be missing then."""


def run(
    derivation: Derivation,
    sources: Mapping[str, Literal],
    display: Display,
    precision: Precision,
    *,
    as_reached: bool = False,
) -> Pass:
    """Work out every Step.

    Raises:
        EvaluationError: where a Step has no value, and more digits would not give it one.
    """
    carry, own = display.carry == "rounded", exceptions(derivation, display)
    rounded, coarse = context(precision.kept).plus, context(precision.kept - TELLING).plus
    may_be_tie = precision.kept < TIE
    with decimal.localcontext(context(precision.digits)) as current:
        flags = current.flags
        done = _begun(derivation, sources, display, precision, as_reached)
        values, texts, exact = done.values, done.texts, done.exact
        for step, function, used, cased in plan(derivation).lines:
            if function is None:
                _repeat(step, used, done)
                continue
            flags[Inexact] = False
            try:
                value = function(*used(values))
                if not value.is_finite():
                    raise InvalidOperation
            except DecimalException as error:
                if (done.doubtful or flags[Inexact]) and not precision.last:
                    done.doubtful = True  # a zero on the way may be none with more digits
                    return done
                raise EvaluationError(_without_value(step, used(texts), error)) from None
            if flags[Inexact]:
                is_exact = False
            else:
                is_exact = all(used(exact)) or (
                    cased is not None and _of_an_exact_case(cased, step.shape.formula, used(values), used(exact))
                )
            if not (is_exact or value):
                is_exact = _vanishes(
                    step.shape.formula, [sure and not at for at, sure in zip(used(values), used(exact), strict=True)]
                )
            contract = own.get(step.id, display) if own else display
            if is_exact:
                text = shown(value, contract, True)
            else:
                if precision.last and _noise(step, value, used(values), derivation):
                    value = Decimal(0)
                tidy = rounded(value)
                done.doubtful = done.doubtful or not value or (may_be_tie and coarse(tidy) == tidy)
                text = shown(tidy, contract)
            values.append(Decimal(text) if carry else value)
            texts.append(text)
            exact.append(is_exact)
    return done


def _begun(
    derivation: Derivation, sources: Mapping[str, Literal], display: Display, precision: Precision, as_reached: bool
) -> Pass:
    """A pass before its first Step."""
    reached = {} if as_reached else later_states(derivation, sources, display, precision.kept)
    rounded = context(precision.kept).plus
    later = {
        name: (value, shown(value if exact else rounded(value), of_quantity(derivation, display, name), exact), exact)
        for name, (value, exact) in reached.items()
    }
    given = {name: (literal.value, literal.text, True) for name, literal in sources.items()}
    known = [(later.get(name) or given[name]) for name in plan(derivation).outside]
    return Pass([value for value, _, _ in known], [text for _, text, _ in known], [sure for _, _, sure in known], later)


def _repeat(step: Step, used: Callable[[list[Any]], tuple[Any, ...]], done: Pass) -> None:
    """A line that only repeats a quantity or a number shows it as it stands there."""
    formula = step.shape.formula
    if isinstance(formula, Number):
        done.values.append(Decimal(formula.text))
        done.texts.append(formula.text)
        done.exact.append(True)
    else:
        done.values.extend(used(done.values))
        done.texts.extend(used(done.texts))
        done.exact.extend(used(done.exact))


def _of_an_exact_case(
    applies: Callable[..., tuple[bool, ...]], formula: Expression, used: Sequence[Decimal], exact: Sequence[bool]
) -> bool:
    """Whether the case that applies is made of exact values: the slope of a relu is exactly 1 or 0."""
    distinctions = [part for part in walk(formula) if isinstance(part, Cases)]
    holds = applies(*used)
    while isinstance(formula, Cases):
        place = next(place for place, part in enumerate(distinctions) if part is formula)
        formula = formula.then if holds[place] else formula.otherwise
    return all(exact[part.index] for part in walk(formula) if isinstance(part, Slot))


def _vanishes(formula: Expression, zeros: Sequence[bool]) -> bool:
    """Whether a formula is 0 if the slots that are marked are exactly 0 and the others have any value."""
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


def _noise(step: Step, value: Decimal, used: Sequence[Decimal], derivation: Derivation) -> bool:
    """Whether a value is what rounding leaves of terms that cancel."""
    if not derivation.graph.functions.holds(step.shape.formula, Sum):  # no terms that may cancel
        return False
    return abs(value) < NOISE * max(map(abs, used), default=Decimal(1))


REASONS = {
    Overflow: "a number becomes too large",
    DivisionByZero: "division by zero",
    InvalidOperation: "the operation has no real result",
}
NO_REAL_RESULT = {
    "log": "the logarithm of 0 or of a negative number",
    "log10": "the logarithm of 0 or of a negative number",
    "sqrt": "the square root of a negative number",
}
MOST_NAMED = 6


def _without_value(step: Step, texts: Sequence[str], error: DecimalException) -> str:
    reason = next((text for kind, text in REASONS.items() if isinstance(error, kind)), "no result")
    used = {part.function for part in walk(step.shape.formula) if isinstance(part, Call)}
    suspects = [text for function, text in NO_REAL_RESULT.items() if function in used]
    if isinstance(error, InvalidOperation) and suspects:
        reason = " or ".join(suspects)
    line = formula_text(step.shape.formula, step.uses)
    known = list(zip(step.uses, texts, strict=True))[:MOST_NAMED]
    return f"{step.id} = {line}\n    {reason}, with {', '.join(f'{name} = {text}' for name, text in known)}"
