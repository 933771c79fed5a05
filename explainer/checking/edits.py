"""All single edits of a formula: what it becomes when one thing in it is left out, turned round or mistaken.

The edits of a Shape are made once. Each is a formula over the same slots, with a word for what was done and the part
that it was done to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from ..formulas.expression import (
    ONE,
    TWO,
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
    walk,
    with_children,
)
from ..formulas.shape import FunctionTable, Shape
from .intervals import written_out

DEGREE = Number(repr(math.pi / 180))
HALF = Quotient(ONE, TWO)


class ShapeEdit(Struct, frozen=True):
    """An edited formula as a Shape, what was done, and the slots of the part that it was done to."""

    kind: str
    shape: Shape
    slots: tuple[int, ...]
    part: Expression
    """The part that was left out or changed."""


@lru_cache(maxsize=16384)
def own_shape(formula: Expression, arity: int) -> Shape:
    """The one Shape of an edited formula with slots that may have become idle; no table of functions knows it."""
    return Shape(formula, arity)


@lru_cache(maxsize=1024)
def shape_edits(shape: Shape, functions: FunctionTable) -> tuple[ShapeEdit, ...]:
    """Every single edit of a Shape, those of the written-out formula of its function included."""
    formulas = dict.fromkeys([shape.formula, written_out(shape.formula, functions)])
    found: dict[tuple[str, Expression], ShapeEdit] = {}
    for formula in formulas:
        for kind, edited, part in _edits(formula):
            if edited != shape.formula and (kind, edited) not in found:
                slots = tuple(dict.fromkeys(leaf.index for leaf in walk(part) if isinstance(leaf, Slot)))
                found[kind, edited] = ShapeEdit(kind, own_shape(edited, shape.arity), slots, part)
    return tuple(found.values())


Found = tuple[str, Expression, Expression]
"""What was done, the formula that comes of it, and the part that it was done to."""


def _edits(formula: Expression) -> Iterator[Found]:
    yield "flip", _negated(formula), formula
    yield "double", Product((TWO, formula)), formula
    yield "halve", Product((HALF, formula)), formula
    if isinstance(formula, Sum):
        yield "mean", Quotient(formula, Number(str(len(formula.terms)))), formula
    yield from _everywhere(formula, lambda whole: whole)


def _everywhere(part: Expression, around: Callable[[Expression], Expression]) -> Iterator[Found]:
    """The edits of a part and of all that is inside it, each put back into the formula around it."""
    for rule in RULES:
        for kind, edited, touched in rule(part):
            yield kind, around(edited), touched
    parts = children(part)
    for place, inner in enumerate(parts):

        def outer(edited: Expression, place: int = place) -> Expression:
            return around(with_children(part, [*parts[:place], edited, *parts[place + 1 :]]))

        yield from _everywhere(inner, outer)


def _negated(part: Expression) -> Expression:
    return part.operand if isinstance(part, Negative) else Negative(part)


def _without(parts: Sequence[Expression], place: int) -> tuple[Expression, ...]:
    return (*parts[:place], *parts[place + 1 :])


def _joined(make: Callable[[tuple[Expression, ...]], Expression], parts: tuple[Expression, ...]) -> Expression:
    return parts[0] if len(parts) == 1 else make(parts)


def _leave_out(part: Expression) -> Iterator[Found]:
    match part:
        case Sum(terms):
            for place, term in enumerate(terms):
                yield "drop term", _joined(Sum, _without(terms, place)), term
        case Product(factors):
            for place, factor in enumerate(factors):
                yield "drop", _joined(Product, _without(factors, place)), factor
        case Quotient(numerator, denominator):
            yield "undivided", numerator, denominator


def _turn_sign(part: Expression) -> Iterator[Found]:
    if isinstance(part, Sum):
        for place, term in enumerate(part.terms):
            yield "flip", Sum((*part.terms[:place], _negated(term), *part.terms[place + 1 :])), term


def _powers(part: Expression) -> Iterator[Found]:
    match part:
        case Power(base, Number("2")):
            yield "root", base, base
            yield "doubled", Product((TWO, base)), base
            yield "minus square", Negative(part), base
        case Power(base, _):
            yield "root", base, base
        case Product(factors):
            for place, factor in enumerate(factors):
                if isinstance(factor, Slot):
                    squared = Power(factor, TWO)
                    yield "square", Product((*factors[:place], squared, *factors[place + 1 :])), factor


def _divide(part: Expression) -> Iterator[Found]:
    match part:
        case Quotient(numerator, denominator) if numerator != ONE:
            yield "multiplied", Product((numerator, denominator)), denominator
        case Product(factors):
            for place, factor in enumerate(factors):
                if isinstance(factor, Slot) and len(factors) > 1:
                    others = _without(factors, place)
                    yield "divided", Quotient(_joined(Product, others), factor), factor


def _without_brackets(part: Expression) -> Iterator[Found]:
    """What a calculator makes of it when the brackets are not typed."""
    match part:
        case Quotient(numerator, Sum((first, *others)) as bracket):
            yield "brackets", Sum((Quotient(numerator, first), *others)), bracket
        case Negative(Sum((first, *others)) as bracket):
            yield "brackets", Sum((Negative(first), *others)), bracket
        case Power(Sum((*others, last)) as bracket, exponent):
            inner = last.operand if isinstance(last, Negative) else last
            power: Expression = Power(inner, exponent)
            yield "brackets", Sum((*others, Negative(power) if inner is not last else power)), bracket
        case Product(factors):
            for place, factor in enumerate(factors):
                if isinstance(factor, Sum):
                    first, *rest = factor.terms
                    yield "brackets", _opened(factors[:place], first, rest, factors[place + 1 :]), factor
        case Quotient(Sum((*others, last)) as bracket, denominator):
            yield "brackets", Sum((*others, Quotient(last, denominator))), bracket


def _opened(
    before: tuple[Expression, ...], first: Expression, rest: list[Expression], after: tuple[Expression, ...]
) -> Expression:
    """a*(b + c)*d typed as a*b + c*d."""
    head = _joined(Product, (*before, first))
    if not after:
        return Sum((head, *rest))
    last = rest[-1]
    inner = last.operand if isinstance(last, Negative) else last
    tail: Expression = Product((inner, *after))
    return Sum((head, *rest[:-1], Negative(tail) if inner is not last else tail))


OTHER_LOGARITHM = {"log": "log10", "log10": "log"}
ANGLES = ("sin", "cos")


def _functions(part: Expression) -> Iterator[Found]:
    match part:
        case Call("exp", (argument,)):
            yield "exponent", Call("exp", (_negated(argument),)), argument
            yield "uncalled", argument, part
        case Call(function, (argument,)) if function in OTHER_LOGARITHM:
            yield "logarithm", Call(OTHER_LOGARITHM[function], (argument,)), argument
            yield "uncalled", argument, part
        case Call(function, (argument,)) if function in ANGLES:
            yield "degrees", Call(function, (Product((argument, DEGREE)),)), argument
            yield "uncalled", argument, part
        case Call("atan", (argument,)):
            yield "degrees", Quotient(part, DEGREE), argument
        case Call(_, (argument, *_)):
            yield "uncalled", argument, part


RULES = (_leave_out, _turn_sign, _powers, _divide, _without_brackets, _functions)
