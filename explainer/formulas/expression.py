"""The expression tree: a formula exactly as a person writes it, in the order and with the literals as typed.

SymPy re-orders and evaluates what it is given, so what is *shown* lives in this tree and what is *proven*
goes through SymPy (``formulas.symbolic``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct


class Number(Struct, frozen=True):
    """A literal with its text as typed: ``0.10`` stays ``0.10``."""

    text: str


class Name(Struct, frozen=True):
    """A quantity named in a formula of the calculation file."""

    name: str


class Slot(Struct, frozen=True):
    """The place in a Shape that the quantity number ``index`` fills."""

    index: int


class Output(Struct, frozen=True):
    """The value of the formula itself, for derivatives that use it, such as ``out (1 - out)``."""


class Negative(Struct, frozen=True):
    """``-operand``."""

    operand: Expression


class Sum(Struct, frozen=True):
    """Terms added in order; a Negative term is a subtraction."""

    terms: tuple[Expression, ...]


class Product(Struct, frozen=True):
    """Factors multiplied in order."""

    factors: tuple[Expression, ...]


class Quotient(Struct, frozen=True):
    """``numerator / denominator``."""

    numerator: Expression
    denominator: Expression


class Power(Struct, frozen=True):
    """``base ** exponent``."""

    base: Expression
    exponent: Expression


class Call(Struct, frozen=True):
    """A function of the table applied to its arguments."""

    function: str
    arguments: tuple[Expression, ...]


class Cases(Struct, frozen=True):
    """``then if left > right else otherwise``; ``sign`` is one of ``> >= < <=``."""

    left: Expression
    sign: str
    right: Expression
    then: Expression
    otherwise: Expression


Expression = Number | Name | Slot | Output | Negative | Sum | Product | Quotient | Power | Call | Cases

ZERO, ONE, TWO = Number("0"), Number("1"), Number("2")


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct operands, left to right."""
    match expression:
        case Negative(operand):
            return (operand,)
        case Sum(parts) | Product(parts) | Call(_, parts):
            return parts
        case Quotient(first, second) | Power(first, second):
            return (first, second)
        case Cases(left, _, right, then, otherwise):
            return (left, right, then, otherwise)
    return ()


def with_children(expression: Expression, parts: Sequence[Expression]) -> Expression:
    """The same operation on other operands."""
    match expression:
        case Negative():
            return Negative(parts[0])
        case Sum():
            return Sum(tuple(parts))
        case Product():
            return Product(tuple(parts))
        case Quotient():
            return Quotient(parts[0], parts[1])
        case Power():
            return Power(parts[0], parts[1])
        case Call(function, _):
            return Call(function, tuple(parts))
        case Cases(_, sign, _, _, _):
            return Cases(parts[0], sign, parts[1], parts[2], parts[3])
    return expression


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and everything inside it, outermost first."""
    yield expression
    for part in children(expression):
        yield from walk(part)


def replace(expression: Expression, leaf: Callable[[Expression], Expression]) -> Expression:
    """The expression with every leaf passed through ``leaf``."""
    parts = children(expression)
    if not parts:
        return leaf(expression)
    return with_children(expression, [replace(part, leaf) for part in parts])


def names_in(expression: Expression) -> tuple[str, ...]:
    """The distinct names, in the order of their first appearance."""
    return tuple(dict.fromkeys(part.name for part in walk(expression) if isinstance(part, Name)))


def contains(expression: Expression, leaf: Expression) -> bool:
    """Whether ``leaf`` occurs anywhere in the expression."""
    return any(part == leaf for part in walk(expression))
