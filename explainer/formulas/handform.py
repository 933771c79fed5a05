"""Derivatives in the form that people write by hand: ``-(target - out)``, not SymPy's ``out - target``.

Only the *form* comes from here. ``formulas.shape`` lets SymPy differentiate the same formula and accepts a hand form
only when SymPy proves the two equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction

from .expression import (
    ONE,
    ZERO,
    Call,
    Cases,
    Expression,
    Negative,
    Number,
    Output,
    Power,
    Product,
    Quotient,
    Slot,
    Sum,
    contains,
    replace,
)

RowDerivative = Callable[[str, int], Expression]
"""Function name and argument position → the row's derivative over Slots (the arguments) and Output."""


def hand_derivative(expression: Expression, slot: Slot, row: RowDerivative) -> Expression:
    """The partial derivative by the rules of a first course, tidied as a person would."""
    if not contains(expression, slot):
        return ZERO
    match expression:
        case Slot():
            return ONE
        case Negative(operand):
            return negative(hand_derivative(operand, slot, row))
        case Sum(terms):
            return total(hand_derivative(term, slot, row) for term in terms)
        case Product(factors):
            return total(
                times([*factors[:place], hand_derivative(factor, slot, row), *factors[place + 1 :]])
                for place, factor in enumerate(factors)
                if contains(factor, slot)
            )
        case Quotient(numerator, denominator):
            return _quotient_rule(numerator, denominator, slot, row)
        case Power(base, exponent):
            return _power_rule(base, exponent, slot, row)
        case Call(function, arguments):
            return total(
                times([_at(row(function, place), arguments, expression), hand_derivative(argument, slot, row)])
                for place, argument in enumerate(arguments)
                if contains(argument, slot)
            )
        case Cases(left, sign, right, then, otherwise):
            return cases(left, sign, right, hand_derivative(then, slot, row), hand_derivative(otherwise, slot, row))
    return ZERO


def cases(left: Expression, sign: str, right: Expression, then: Expression, otherwise: Expression) -> Expression:
    """The two cases, or one where they are the same."""
    return then if then == otherwise else Cases(left, sign, right, then, otherwise)


def _quotient_rule(numerator: Expression, denominator: Expression, slot: Slot, row: RowDerivative) -> Expression:
    upper = hand_derivative(numerator, slot, row)
    if not contains(denominator, slot):
        return over(upper, denominator)
    lower = hand_derivative(denominator, slot, row)
    if not contains(numerator, slot):
        return negative(over(times([numerator, lower]), Power(denominator, Number("2"))))
    difference = total([times([upper, denominator]), negative(times([numerator, lower]))])
    return over(difference, Power(denominator, Number("2")))


def _power_rule(base: Expression, exponent: Expression, slot: Slot, row: RowDerivative) -> Expression:
    parts: list[Expression] = []
    if contains(base, slot):
        lowered = _lowered(exponent)
        power = base if lowered == ONE else ONE if lowered == ZERO else Power(base, lowered)
        parts.append(times([exponent, power, hand_derivative(base, slot, row)]))
    if contains(exponent, slot):
        parts.append(times([Power(base, exponent), Call("log", (base,)), hand_derivative(exponent, slot, row)]))
    return total(parts)


def _lowered(exponent: Expression) -> Expression:
    value = rational(exponent)
    return Sum((exponent, Negative(ONE))) if value is None else _number(value - 1)


def _at(derivative: Expression, arguments: tuple[Expression, ...], call: Expression) -> Expression:
    """A row's derivative at the arguments of a call: its slots and its output put in."""

    def leaf(part: Expression) -> Expression:
        match part:
            case Slot(index):
                return arguments[index]
            case Output():
                return call
        return part

    return replace(derivative, leaf)


def rational(expression: Expression) -> Fraction | None:
    """The value of an expression made of numbers alone, exactly, or None."""
    match expression:
        case Number(text):
            return Fraction(Decimal(text))
        case Negative(operand):
            value = rational(operand)
            return None if value is None else -value
        case Quotient(numerator, denominator):
            upper, lower = rational(numerator), rational(denominator)
            return None if upper is None or not lower else upper / lower
    return None


def _number(value: Fraction) -> Expression:
    if value < 0:
        return Negative(_number(-value))
    if value.denominator == 1:
        return Number(str(value.numerator))
    return Quotient(Number(str(value.numerator)), Number(str(value.denominator)))


def negative(expression: Expression) -> Expression:
    """The expression with its sign turned; of a distinction of cases, that of each case."""
    match expression:
        case Negative(operand):
            return operand
        case Cases(left, sign, right, then, otherwise):
            return Cases(left, sign, right, negative(then), negative(otherwise))
    return expression if expression == ZERO else Negative(expression)


def turned(expression: Expression) -> Expression:
    """The opposite as people write it: -(t - o) becomes t - o, and p - t becomes t - p."""
    if isinstance(expression, Sum) and any(isinstance(term, Negative) for term in expression.terms):
        terms = [negative(term) for term in expression.terms]
        return Sum(tuple(sorted(terms, key=lambda term: isinstance(term, Negative))))
    return negative(expression)


def total(terms: Iterable[Expression]) -> Expression:
    """The sum without its zeros; a term that occurs n times is written once, times n."""
    counts: dict[Expression, int] = {}
    kept = [term for term in terms if term != ZERO]
    for term in kept:
        same = next((known for known in counts if _same_product(known, term)), term)
        counts[same] = counts.get(same, 0) + 1
    gathered = [term if count == 1 else times([Number(str(count)), term]) for term, count in counts.items()]
    return ZERO if not gathered else gathered[0] if len(gathered) == 1 else Sum(tuple(gathered))


def _same_product(left: Expression, right: Expression) -> bool:
    if left == right:
        return True
    return Counter(_flattened([left])) == Counter(_flattened([right]))


def over(numerator: Expression, denominator: Expression) -> Expression:
    """The quotient with the sign in front and its numbers cancelled."""
    if numerator == ZERO:
        return ZERO
    return times([numerator, Quotient(ONE, denominator)])


def times(factors: Iterable[Expression]) -> Expression:
    """The product with its numbers cancelled (½ · 2), its signs gathered in front and its divisors below one line."""
    coefficient, literals = Fraction(1), list[Expression]()
    upper, lower = list[Expression](), list[Expression]()
    for factor in _flattened(factors):
        value = rational(factor)
        if value is not None:
            coefficient *= value
            literals += [factor] if value not in (1, -1) else []
        elif isinstance(factor, Quotient):
            upper += [part for part in _flattened([factor.numerator]) if part != ONE]
            lower += list(_flattened([factor.denominator]))
        else:
            upper.append(factor)
    for below in [part for part in lower if rational(part) is not None]:
        lower.remove(below)
        coefficient /= rational(below) or 1
        literals.append(Quotient(ONE, below))
    if coefficient == 0:
        return ZERO
    for part in tuple(lower):
        if part in upper:
            upper.remove(part)
            lower.remove(part)
    size = _coefficient(abs(coefficient), literals)
    if isinstance(size, Quotient) and (lower or (size.numerator == ONE and upper)):
        lower.insert(0, size.denominator)  # x/2 rather than 1/2 x
        size = size.numerator
    if size != ONE:
        upper.insert(0, size)
    product = _joined(upper) if not lower else Quotient(_joined(upper), _joined(lower))
    return negative(product) if coefficient < 0 else product


def _coefficient(size: Fraction, literals: list[Expression]) -> Expression:
    """The number in front; a literal that stands alone keeps its text as typed, and decimals stay decimals."""
    typed = [part.operand if isinstance(part, Negative) else part for part in literals]
    if len(typed) == 1 and rational(typed[0]) == size:
        return typed[0]
    decimals = any(isinstance(part, Number) and "." in part.text for part in typed)
    return (_decimal(size) if decimals else None) or _number(size)


def _decimal(size: Fraction) -> Expression | None:
    """The number with a decimal point, or None where it is whole or never ends."""
    text = str(Decimal(size.numerator) / Decimal(size.denominator)).lower()
    return Number(text) if size.denominator != 1 and Fraction(text) == size else None


def _joined(factors: list[Expression]) -> Expression:
    return ONE if not factors else factors[0] if len(factors) == 1 else Product(tuple(factors))


def _flattened(factors: Iterable[Expression]) -> Iterable[Expression]:
    for factor in factors:
        match factor:
            case Product(inner):
                yield from _flattened(inner)
            case Negative(operand) if rational(factor) is None:
                yield Number("-1")
                yield from _flattened([operand])
            case _:
                yield factor
