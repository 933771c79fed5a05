"""The bridge to SymPy: what is true of a formula is decided here.

Functions of the table stand as opaque SymPy functions whose derivative is the table's; that the table is right is
proven from the formulas that define the rows (``prove_row``). So a proof about a formula is one about rational
functions, which is quick and decidable.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import sympy

from .expression import (
    Call,
    Cases,
    Expression,
    Name,
    Negative,
    Number,
    Output,
    Power,
    Product,
    Quotient,
    Slot,
    Sum,
    children,
    replace,
    walk,
    with_children,
)
from .functions import Function, argument_names
from .handform import RowDerivative
from .problems import ExplainerError
from .text import formula_text

RELATIONS = {">": sympy.Gt, ">=": sympy.Ge, "<": sympy.Lt, "<=": sympy.Le}
SIGN_OF = {relation: sign for sign, relation in RELATIONS.items()}
OWN: dict[str, Any] = {
    "normal_cdf": lambda x: (1 + sympy.erf(x / sympy.sqrt(2))) / 2,
    "normal_pdf": lambda x: sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi),
    "log10": lambda x: sympy.log(x) / sympy.log(10),
    "pi": lambda: sympy.pi,
    "floor": lambda x: x - sympy.Rational(1, 2) + sympy.atan(sympy.cot(sympy.pi * x)) / sympy.pi,
}
"""Elementary functions that SymPy has under no name of their own, or without a derivative: floor, which is this between
the whole numbers."""
MOST_SIGNS = 4
"""Up to so many symbols, a proof may go through the cases of their signs."""


@cache
def symbol(name: str) -> Any:
    """The real symbol of that name; ``E``, ``I``, ``N`` and ``S`` are names like any other."""
    return sympy.Symbol(name, real=True)


@cache
def opaque(function: str, arity: int, row: RowDerivative) -> Any:
    """A SymPy function that knows only its derivatives, which are the table's."""

    def fdiff(self: Any, argindex: int = 1) -> Any:
        return to_sympy(row(function, argindex - 1), row, arguments=self.args, output=self)

    return type(function, (sympy.Function,), {"fdiff": fdiff, "nargs": arity})


def to_sympy(
    expression: Expression, row: RowDerivative | None, arguments: tuple[Any, ...] = (), output: Any = None
) -> Any:
    """The SymPy expression; with ``row`` None the elementary functions are SymPy's own."""

    def convert(part: Expression) -> Any:
        return to_sympy(part, row, arguments, output)

    match expression:
        case Number(text):
            return sympy.Rational(text)
        case Name(name):
            return symbol(name)
        case Slot(index):
            return arguments[index] if arguments else symbol(f"_{index}")
        case Output():
            return symbol("_y") if output is None else output
        case Negative(operand):
            return -convert(operand)
        case Sum(terms):
            return sympy.Add(*map(convert, terms))
        case Product(factors):
            return sympy.Mul(*map(convert, factors))
        case Quotient(numerator, denominator):
            return convert(numerator) / convert(denominator)
        case Power(base, exponent):
            return convert(base) ** convert(exponent)
        case Cases(left, sign, right, then, otherwise):
            condition = RELATIONS[sign](convert(left), convert(right))
            return sympy.Piecewise((convert(then), condition), (convert(otherwise), True))
        case Call(function, parts):
            if row is None:
                return elementary(function)(*map(convert, parts))
            return opaque(function, len(parts), row)(*map(convert, parts))


def elementary(function: str) -> Any:
    """SymPy's own function for an elementary row."""
    return OWN.get(function) or getattr(sympy, function)


def equal(left: Any, right: Any) -> bool:
    """Whether SymPy proves that two expressions are the same for all real values, borders of cases perhaps left out."""
    return all(_equal_in_a_case(difference) for difference in _cases(left - right))


def _cases(difference: Any, assumed: tuple[Any, ...] = ()) -> list[Any]:
    """The difference in every case: with each condition in it true, and with it false."""
    pieces = list(difference.atoms(sympy.Piecewise))
    open_tests = [test for piece in pieces for _, test in piece.args if test not in (sympy.true, sympy.false)]
    if not open_tests:
        return [sympy.piecewise_fold(difference)] if pieces else [difference]
    condition = open_tests[0]
    found = []
    for holds in (condition, sympy.Not(condition)):
        together = sympy.simplify(sympy.And(*assumed, holds))
        if together == sympy.false or together.has(sympy.Eq):
            continue  # impossible, or just the border between two cases
        decided = difference.subs({condition: holds == condition, sympy.Not(condition): holds != condition})
        found += _cases(decided, (*assumed, holds))
    return found


def _equal_in_a_case(difference: Any) -> bool:
    if difference == 0 or sympy.expand(difference) == 0:
        return True
    try:
        if sympy.cancel(sympy.together(difference)) == 0:
            return True
    except sympy.PolynomialError:
        pass
    return bool(sympy.simplify(difference) == 0) or _equal_by_signs(difference)


def _equal_by_signs(difference: Any) -> bool:
    """The same with every symbol positive or negative, one case after another: for absolute values and roots."""
    symbols = sorted(difference.free_symbols, key=str)
    if len(symbols) > MOST_SIGNS:
        return False
    for signs in product((1, -1), repeat=len(symbols)):
        positive = {s: sign * sympy.Symbol(s.name, positive=True) for s, sign in zip(symbols, signs, strict=True)}
        if sympy.simplify(difference.subs(positive)) != 0:
            return False
    return True


def derivative_of(expression: Expression, slot: Slot, row: RowDerivative) -> Any:
    """What SymPy says the partial derivative is.

    Raises:
        ExplainerError: where it says that there is none, whatever the numbers are.
    """
    derivative = sympy.diff(to_sympy(expression, row), symbol(f"_{slot.index}"))
    if derivative.has(sympy.zoo, sympy.nan, sympy.oo):
        names = [f"x{number}" for number in range(1, 1 + sum(isinstance(part, Slot) for part in walk(expression)))]
        raise ExplainerError(f"a formula like {formula_text(expression, names)} has no derivative")
    return derivative.replace(sympy.log, opaque("log", 1, row))  # SymPy's own log enters with an exponent


def from_sympy(expression: Any, functions: dict[str, Function]) -> Expression:
    """A SymPy expression (of Slots) as a tree, for a derivative that has no proven hand form."""
    if expression.is_Rational:
        size = abs(expression)
        number: Expression = Number(str(size.p)) if size.q == 1 else Quotient(Number(str(size.p)), Number(str(size.q)))
        return Negative(number) if expression < 0 else number
    if expression.is_Symbol:
        return Output() if expression.name == "_y" else Slot(int(expression.name[1:]))
    if isinstance(expression, sympy.Piecewise):
        return _cases_from(expression, functions)
    parts = tuple(from_sympy(part, functions) for part in expression.args)
    if expression.is_Add:
        return Sum(parts)
    if expression.is_Mul:
        return Product(parts)
    if expression.is_Pow:
        return Power(*parts)
    return Call(type(expression).__name__, parts)


def _cases_from(piecewise: Any, functions: dict[str, Function]) -> Expression:
    """A Piecewise as cases, the first one outermost."""
    *cases, (last, _) = piecewise.args
    result = from_sympy(last, functions)
    for value, test in reversed(cases):
        left, right = (from_sympy(side, functions) for side in test.args)
        result = Cases(left, SIGN_OF[type(test)], right, from_sympy(value, functions), result)
    return result


def written_out(expression: Expression, formulas: dict[str, Expression]) -> Expression:
    """The expression with every function that has a formula replaced by it, down to the elementary ones."""
    parts = tuple(written_out(part, formulas) for part in children(expression))
    if isinstance(expression, Call) and expression.function in formulas:
        put_in = dict(zip(argument_names(len(parts)), parts, strict=True))
        body = written_out(formulas[expression.function], formulas)
        return replace(body, lambda leaf: put_in.get(leaf.name, leaf) if isinstance(leaf, Name) else leaf)
    return with_children(expression, parts) if parts else expression


def prove_row(function: Function, formulas: dict[str, Expression], derivatives: list[Expression]) -> list[str]:
    """The arguments for which the row's derivative is *not* the derivative of its formula; empty when it is proven."""
    names = argument_names(function.arity)
    call = Call(function.name, tuple(map(Name, names)))
    formula = to_sympy(written_out(call, formulas), None)
    wrong = []
    for name, derivative in zip(names, derivatives, strict=True):
        claimed = to_sympy(written_out(derivative, formulas), None).subs(symbol("y"), formula)
        if not equal(sympy.diff(formula, symbol(name)), claimed):
            wrong.append(name)
    return wrong
