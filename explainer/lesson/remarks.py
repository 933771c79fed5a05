"""Facts for a lesson's remarks: why a derivative is what it is, how it comes true when a parameter is nudged."""

from __future__ import annotations

from decimal import Decimal, DecimalException
from functools import lru_cache

from msgspec import Struct

from ..calculus.derive import TURNED, Derivation, Step
from ..calculus.graph import Role
from ..calculus.marks import plain
from ..formulas.expression import (
    ONE,
    Call,
    Expression,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Slot,
    Sum,
    children,
    contains,
    with_children,
)
from ..formulas.functions import FUNCTIONS
from ..formulas.losses import LOSSES
from ..formulas.reader import read_formula
from ..formulas.shape import FunctionTable, Shape
from ..numbers.differences import value_at
from ..numbers.evaluate import Evaluation
from ..numbers.rounding import significant
from .notation import printed_form

CLOSE = Decimal("0.01")
"""A nudge is small enough when its slope and the derivative differ by less than this part."""
COMPARED = 3
"""Digits of a slope and a derivative that stand beside each other."""
NEXT_TO_NOTHING, MANY = Decimal("1e-15"), 90
NUDGES = tuple(Decimal(10) ** -power for power in range(2, 9))


class Reason(Struct, frozen=True):
    """Why a local derivative is what it is. ``kind`` picks the explanation among the templates.

    Kinds: ``term`` (one term of a sum holds the quantity), ``alone`` (the quantity is a term by itself), ``against``
    (the same behind a minus), ``function`` (a function of the table, named by ``name``), ``loss`` (a loss of the
    table), ``joint`` (a cross-entropy taken through the softmax); the rule of differentiation that a formula needs
    first, ``own power`` (of the quantity itself), ``power``, ``quotient``, ``product`` or ``outer`` (a function of more
    than the quantity); ``rule`` (anything else).
    """

    kind: str
    name: str
    formula: str
    """The id of the formula that is differentiated."""
    terms: tuple[int, ...]
    """The terms of the formula's sum that hold the quantity."""
    own: bool = False
    """For one of several outputs that share their inputs, as in a softmax: whether the quantity is its own input."""


@lru_cache(maxsize=4096)
def reason(derivation: Derivation, step: Step) -> Reason:
    """The Reason of a local derivative; found once per structure."""
    node = derivation.single.graph.node[plain(step.via)]
    formula = node.shape.formula
    slot = Slot(node.arguments.index(plain(step.by)))
    terms = formula.terms if isinstance(formula, Sum) else (formula,)
    holding = tuple(i for i, term in enumerate(terms) if contains(term, slot))
    of_an_error = node.quantity.role in (Role.ERROR, Role.LOSS) and bool(derivation.graph.blocks)
    if of_an_error and node.shape in _loss_shapes(derivation.graph.functions):
        return Reason("loss", _loss_shapes(derivation.graph.functions)[node.shape], step.via, holding)
    if isinstance(formula, Call) and all(isinstance(argument, Slot | Number) for argument in formula.arguments):
        function, *member = formula.function.split(":")
        own = bool(member) and formula.arguments[int(member[0]) - 1] == slot
        return Reason("function", function, step.via, holding, own)
    if of_an_error and isinstance(terms[0], Call) and terms[0].function.startswith("log_sum_exp:"):
        return Reason("joint", "", step.via, holding)
    if step.shape.formula == ONE and slot in terms:
        return Reason("alone", "", step.via, holding)
    if step.shape.formula == Negative(ONE) and Negative(slot) in terms:
        return Reason("against", "", step.via, holding)
    if (step.trivial or not step.shape.arity) and len(holding) == 1 and _multiplied(terms[holding[0]], slot):
        return Reason("term", "", step.via, holding)
    seen = [_as_seen(terms[place], derivation.graph.functions) for place in holding]
    kind, function = _rule(seen[0], slot) if len(seen) == 1 else ("rule", "")
    return Reason(kind, function, step.via, holding)


def _as_seen(term: Expression, functions: FunctionTable) -> Expression:
    """A term as a reader sees it: a function of the file stands there as its formula."""
    match term:
        case Call(function, _) if function in FUNCTIONS or ":" in function:
            return term
        case Call():
            return printed_form(term, functions)
    parts = [_as_seen(part, functions) for part in children(term)]
    return with_children(term, parts) if parts else term


def _rule(term: Expression, slot: Slot) -> tuple[str, str]:
    """The rule of differentiation that a term needs first, constant factors apart, and a function where it is one."""
    inner = term.operand if isinstance(term, Negative) else term
    if isinstance(inner, Product):
        holding = [factor for factor in inner.factors if contains(factor, slot)]
        return ("product", "") if len(holding) > 1 else _rule(holding[0], slot)
    match inner:
        case Quotient(numerator, denominator):
            return ("quotient", "") if contains(denominator, slot) else _rule(numerator, slot)
        case Power(base, exponent) if contains(base, slot) and not contains(exponent, slot):
            return ("own power" if base == slot else "power", "")
        case Call(function, _):
            return ("outer", function.partition(":")[0])
    return ("rule", "")


def _multiplied(term: Expression, slot: Slot) -> bool:
    """Whether a term is the slot times what it does not occur in."""
    inner = term.operand if isinstance(term, Negative) else term
    if isinstance(inner, Quotient):
        return not contains(inner.denominator, slot) and _multiplied(inner.numerator, slot)
    factors = inner.factors if isinstance(inner, Product) else (inner,)
    return [factor for factor in factors if contains(factor, slot)] == [slot]


@lru_cache(maxsize=32)
def _loss_shapes(functions: FunctionTable) -> dict[Shape, str]:
    """Shape of a term → the first loss of the table that has it."""
    shapes: dict[Shape, str] = {}
    for row in LOSSES.values():
        for text, name in ((row.term, row.name), (row.of_class, f"{row.name} of a class")):
            if text:
                shapes.setdefault(functions.shape_of(read_formula(text, functions.rows))[0], name)
    return shapes


class Nudge(Struct, frozen=True):
    """A parameter moved a little, and what the loss did; all figures as texts, halves up."""

    moved: str
    """The value that it is moved to; empty where it was worked out, with more digits than are shown."""
    by: str
    change: str
    """How much the loss changed, without sign."""
    rises: bool
    flat: bool
    """Whether the loss did not change at all."""
    close: bool
    """Whether the slope is close to the gradient; not so where that was formed with updated values."""
    flattens: bool
    """Whether the slope goes to a gradient of 0 as the nudge gets smaller, as at a minimum."""
    slope: str
    """The rate of the change; where rates are written with the opposite sign, so is this."""
    gradient: str
    line: str
    """The id of the line that finds the gradient."""


def nudge(evaluation: Evaluation, name: str) -> Nudge | None:
    """Move ``name`` up by a hundredth, or by less where the loss bends; None where the loss has no value there.

    The evaluation carries full precision.
    """
    derivation = evaluation.derivation
    gradient_id = derivation.single.gradient[plain(name)]
    line, given = derivation.first.get(gradient_id, gradient_id), evaluation.sources[name]
    gradient = evaluation.values[line]
    sign = -1 if gradient_id.startswith(TURNED) else 1
    gradient *= sign
    try:
        by, change = _first_close(evaluation, name, gradient)
    except DecimalException:
        return None
    return Nudge(
        moved=str(given.value + by).lower() if given.value == Decimal(given.text) else "",
        by=format(by, "f"),
        change=significant(abs(change), 6),
        rises=change > 0,
        flat=not change,
        close=abs(change / by - gradient) <= CLOSE * abs(gradient),
        flattens=not gradient and abs(_change(evaluation, name, by / 100)) < abs(change) / 1000,
        slope=significant(sign * change / by, COMPARED),
        gradient=significant(sign * gradient, COMPARED),
        line=line,
    )


def _first_close(evaluation: Evaluation, name: str, gradient: Decimal) -> tuple[Decimal, Decimal]:
    """The largest nudge whose slope is close to the gradient, and the change it makes; the first where none is."""
    first = None
    for by in NUDGES:
        change = _change(evaluation, name, by)
        first = first or (by, change)
        if abs(change / by - gradient) <= CLOSE * abs(gradient):
            return by, change
    assert first is not None
    return first


def _change(evaluation: Evaluation, name: str, by: Decimal) -> Decimal:
    """How much the loss changes; worked out with more digits where the first ones show next to nothing."""
    derivation, sources = evaluation.derivation, evaluation.sources
    loss = derivation.graph.loss
    start = evaluation.values[loss]
    change = value_at(derivation, loss, sources, {name: by}) - start
    if abs(change) > NEXT_TO_NOTHING * abs(start):
        return change
    more = value_at(derivation, loss, sources, {name: by}, MANY)
    return more - value_at(derivation, loss, sources, {}, MANY)


def times_larger(large: Decimal, small: Decimal) -> str:
    """How many times larger in size, as a round figure; empty where that says nothing or the figures have too few
    digits to say it."""
    if not small or not large or min(len(value.as_tuple().digits) for value in (small, large)) < COMPARED:
        return ""
    ratio = abs(large / small)
    if ratio < Decimal("1.5"):
        return ""
    return significant(ratio, 2 if ratio < 10 or ratio >= 1000 else 3)
