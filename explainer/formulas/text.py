"""Writes an expression in the language of the calculation file, with as few parentheses as it needs."""

from __future__ import annotations

from collections.abc import Sequence

from .expression import Call, Cases, Expression, Name, Negative, Number, Output, Power, Product, Quotient, Slot, Sum
from .families import written

SUM, TERM, FACTOR, ATOM = 0, 1, 2, 3


def formula_text(expression: Expression, names: Sequence[str] = (), output: str = "y") -> str:
    """The formula with ``names`` in its slots, for example ``w1*i1 + w2*i2 + b1*1``."""
    return _text(expression, names, output, SUM)


def _text(expression: Expression, names: Sequence[str], output: str, place: int) -> str:
    def inner(part: Expression, place: int) -> str:
        return _text(part, names, output, place)

    match expression:
        case Number(text):
            return text
        case Name(name):
            return name
        case Slot(index):
            return names[index]
        case Output():
            return output
        case Call(function, arguments):
            return written(function, [inner(argument, SUM) for argument in arguments])
        case Negative(operand):
            return _wrapped(f"-{inner(operand, TERM)}", place > SUM)
        case Sum(terms):
            text = inner(terms[0], SUM) + "".join(
                f" - {inner(term.operand, TERM)}" if isinstance(term, Negative) else f" + {inner(term, TERM)}"
                for term in terms[1:]
            )
            return _wrapped(text, place > SUM)
        case Product(factors):
            return _wrapped("*".join([inner(factors[0], TERM), *(inner(f, FACTOR) for f in factors[1:])]), place > TERM)
        case Quotient(numerator, denominator):
            return _wrapped(f"{inner(numerator, TERM)}/{inner(denominator, FACTOR)}", place > TERM)
        case Power(base, exponent):
            return _wrapped(f"{inner(base, ATOM)}**{inner(exponent, ATOM)}", place > FACTOR)
        case Cases(left, sign, right, then, otherwise):
            condition = f"{inner(left, SUM)} {sign} {inner(right, SUM)}"
            return _wrapped(f"{inner(then, TERM)} if {condition} else {inner(otherwise, TERM)}", place > SUM)


def _wrapped(text: str, needed: bool) -> str:
    return f"({text})" if needed else text
