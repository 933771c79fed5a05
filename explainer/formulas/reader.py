"""Reads a formula of a calculation file into an expression tree. The grammar is closed: nothing is ever executed.

Python's ``ast`` does the parsing; every node that is not on the list below is refused, so attributes, lambdas,
strings, comparisons and the rest never get further than an error message.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections.abc import Mapping
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from functools import reduce

from .expression import (
    Call,
    Cases,
    Expression,
    Name,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    walk,
)
from .families import FAMILIES, MOST_ARGUMENTS, member_name
from .functions import Function
from .problems import nearest

LONGEST = 100_000
DEEPEST = 60
MOST_FOLDED = 16
"""Arguments of a function that takes them two at a time, each pair inside the next."""
LARGEST_EXPONENT = 1000
MOST_INDEX_DIGITS = 10


KEYWORD_MARK = "_keyword_"
"""``lambda`` and ``in`` are names here; the parser gets them with this in front, as no name of a file begins."""

_KEYWORD = re.compile(rf"\b(?:{'|'.join(word for word in keyword.kwlist if word not in ('if', 'else'))})\b")
SIGNS: dict[type[ast.cmpop], str] = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}


class FormulaError(Exception):
    """A formula that cannot be read: what is wrong with it, and what is allowed instead."""

    def __init__(self, what: str, allowed: str = "") -> None:
        self.what, self.allowed = what, allowed
        super().__init__(what)


GRAMMAR = (
    "a formula may use names, numbers, + - * / **, parentheses and the functions exp, log, sqrt, tanh, logistic, …"
)


TOO_LONG = "up to some 2,000 operations; name a part of it and use the name"


def read_formula(text: str, functions: Mapping[str, Function]) -> Expression:
    """The expression that ``text`` means.

    Raises:
        FormulaError: where the text is not a formula of the closed grammar.
    """
    _refuse_oversize(text)
    source = _KEYWORD.sub(lambda match: f"{KEYWORD_MARK}{match.group()}", text.strip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(source, mode="eval")
    except (RecursionError, MemoryError):
        raise FormulaError(f"is too long in one piece: {_shortened(text)}", TOO_LONG) from None
    except (SyntaxError, ValueError) as error:
        raise FormulaError(f"cannot be read as a formula: {_shortened(text)}", _hint(text)) from error
    expression = _Reader(source, functions).read(tree.body, 0)
    _refuse_senseless(expression)
    return expression


def _refuse_oversize(text: str) -> None:
    if len(text) > LONGEST:
        raise FormulaError(f"a formula of {len(text)} characters", f"at most {LONGEST} characters")
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise FormulaError(
            f"brackets are nested {deepest} deep", f"at most {DEEPEST} deep; name a part and use the name"
        )


def _hint(text: str) -> str:
    if any(mark in text for mark in "“”‘’„"):
        return "the quotes are a word processor's curly ones; type straight ones"
    if any(mark in text for mark in "×·−÷"):
        return "write * for times, - for minus and / for divided by"
    if re.search(r"\d{400}", text):
        return "numbers of up to 400 digits"
    if "=" in text:
        return "the name stands left of the = of the file; the formula is what stands right of it"
    return GRAMMAR


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "…"


class _Reader:
    """Turns parsed nodes into expressions, or refuses them."""

    def __init__(self, text: str, functions: Mapping[str, Function]) -> None:
        self.text, self.functions = text, functions

    def read(self, node: ast.expr, depth: int) -> Expression:
        if depth > 2 * DEEPEST:
            raise FormulaError("is nested too deeply", "name a part of it and use the name")
        match node:
            case ast.BinOp(left, operation, right):
                return self._operation(node, left, operation, right, depth)
            case ast.UnaryOp(ast.USub(), operand):
                return Negative(self.read(operand, depth + 1))
            case ast.UnaryOp(ast.UAdd(), operand):
                return self.read(operand, depth + 1)
            case ast.Constant(value) if type(value) in (int, float):
                return Number(self._literal(node))
            case ast.Name(name):
                return Name(name.removeprefix(KEYWORD_MARK))
            case ast.Subscript(ast.Name(name), ast.Constant() | ast.Tuple() as indices):
                return Name(f"{name.removeprefix(KEYWORD_MARK)}[{self._indices(node, indices)}]")
            case ast.Call(ast.Name(function), arguments, []):
                return self._call(function, arguments, depth)
            case ast.IfExp(ast.Compare(left, [sign], [right]), then, otherwise) if type(sign) in SIGNS:
                parts = [self.read(part, depth + 1) for part in (left, right, then, otherwise)]
                return Cases(parts[0], SIGNS[type(sign)], *parts[1:])
        comma = isinstance(node, ast.Tuple) and re.search(r"\d,\d", self.text)
        hint = "decimal commas? write decimal points: 0.5" if comma else GRAMMAR
        raise FormulaError(f"`{self._source(node)}` is not allowed in a formula", hint)

    def _indices(self, node: ast.expr, indices: ast.Constant | ast.Tuple) -> str:
        """``1`` or ``1,2``: the indices of a name, whole numbers all of them."""
        parts = indices.elts if isinstance(indices, ast.Tuple) else [indices]
        texts = [
            str(part.value) if isinstance(part, ast.Constant) and type(part.value) is int else "" for part in parts
        ]
        if not texts or not all(0 < len(text) < MOST_INDEX_DIGITS for text in texts):
            raise FormulaError(f"`{self._source(node)}` is not a name", "indices are whole numbers: W[1] or W[1,2]")
        return ",".join(texts)

    def _source(self, node: ast.expr) -> str:
        return _shortened((ast.get_source_segment(self.text, node) or "").replace(KEYWORD_MARK, ""))

    def _literal(self, node: ast.expr) -> str:
        text = (ast.get_source_segment(self.text, node) or "").replace("_", "")
        try:
            value = Decimal(text)
        except DecimalException:
            raise FormulaError(f"`{text}` is not a decimal number", "write numbers as 12, 0.5 or 1e-3") from None
        if value and not -400 <= value.adjusted() <= 400:
            raise FormulaError(f"`{_shortened(text)}` is too large or too small", "numbers from 1e-400 to 1e400")
        return text

    def _operation(
        self, node: ast.BinOp, left: ast.expr, operation: ast.operator, right: ast.expr, depth: int
    ) -> Expression:
        match operation:
            case ast.Add() | ast.Sub():
                return Sum(tuple(self._terms(node, depth)))
            case ast.Mult():
                return Product(tuple(self._factors(node, depth)))
            case ast.Div():
                return Quotient(self.read(left, depth + 1), self.read(right, depth + 1))
            case ast.Pow():
                return Power(self.read(left, depth + 1), self.read(right, depth + 1))
        raise FormulaError(f"`{self._source(node)}` uses an operation that formulas do not have", GRAMMAR)

    def _terms(self, node: ast.expr, depth: int) -> list[Expression]:
        """The terms of a chain of additions, found without recursion: a long sum is no deeper than a short one."""
        found: list[Expression] = []
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            term = self.read(node.right, depth + 1)
            found.append(Negative(term) if isinstance(node.op, ast.Sub) else term)
            node = node.left
        found.append(self.read(node, depth + 1))
        return found[::-1]

    def _factors(self, node: ast.expr, depth: int) -> list[Expression]:
        found: list[Expression] = []
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            found.append(self.read(node.right, depth + 1))
            node = node.left
        found.append(self.read(node, depth + 1))
        return found[::-1]

    def _call(self, function: str, arguments: list[ast.expr], depth: int) -> Expression:
        if function in FAMILIES:
            return self._of_family(function, [self.read(argument, depth + 1) for argument in arguments])
        row = self.functions.get(function)
        if row is None:
            raise FormulaError(f"`{function}` is not a function", nearest(function, [*self.functions, *FAMILIES]))
        fewest = row.arity - len(row.defaults)
        if row.folds and row.arity < len(arguments) <= MOST_FOLDED:
            first, *others = (self.read(argument, depth + 1) for argument in arguments)
            return reduce(lambda left, right: Call(function, (left, right)), others, first)
        if not fewest <= len(arguments) <= row.arity:
            number = str(row.arity) if not row.defaults else f"{fewest} to {row.arity}"
            number = f"{row.arity} to {MOST_FOLDED}" if row.folds else number
            raise FormulaError(f"`{function}` takes {number} argument(s), found {len(arguments)}")
        given = [self.read(argument, depth + 1) for argument in arguments]
        return Call(function, (*given, *map(Number, row.defaults[len(arguments) - fewest :])))

    def _of_family(self, family: str, given: list[Expression]) -> Expression:
        """A function of any number of arguments, the first of which may say which of the others is meant."""
        picks = FAMILIES[family].picks_one
        if len(given) < 1 + picks:
            allowed = f"{family}(z2, z1, z2, z3) is that of z2 among all three" if picks else f"{family}(z1, z2, z3)"
            raise FormulaError(f"`{family}` of nothing", allowed)
        if len(given) > MOST_ARGUMENTS:
            raise FormulaError(f"`{family}` of {len(given)} arguments", f"at most {MOST_ARGUMENTS}")
        own, among = given[0], given[1:] if picks else given
        if picks and own not in among:
            hint = f"{family}(z2, z1, z2, z3) is that of z2 among all three"
            raise FormulaError(f"the first argument of `{family}` is not among the others", hint)
        place = among.index(own) + 1 if picks else 0
        return Call(member_name(family, place, len(among)), tuple(among))


def _refuse_senseless(expression: Expression) -> None:
    """Refuse what has no value whatever the names are, and powers that no computer finishes, such as 9**9**9."""
    for part in walk(expression):
        if isinstance(part, Quotient) and _is_zero(part.denominator):
            raise FormulaError("divides by 0")
        if isinstance(part, Power):
            _refuse_power(part.base, part.exponent)
        if isinstance(part, Power | Quotient) and _is_constant(part):
            _constant(part)


def _refuse_power(base: Expression, exponent: Expression) -> None:
    if _is_constant(exponent) and abs(_constant(exponent)) > LARGEST_EXPONENT:
        raise FormulaError("has an exponent that is too large", f"exponents up to {LARGEST_EXPONENT}")
    if _is_zero(base) and not _is_constant(exponent):
        raise FormulaError("holds a power of 0 whose exponent is not a number")
    if _is_zero(base) and _constant(exponent) < 0:
        raise FormulaError("holds a negative power of 0, which divides by 0")


def _is_constant(expression: Expression) -> bool:
    """Whether it is made of numbers alone; the size of a function of numbers is found when it is evaluated."""
    return not any(isinstance(part, Name | Call) for part in walk(expression))


def _is_zero(expression: Expression) -> bool:
    return _is_constant(expression) and not _constant(expression)


def _constant(expression: Expression) -> Decimal:
    """The value of an expression that is made of numbers alone.

    Raises:
        FormulaError: where it has none, or none that is reasonable.
    """
    context = Context(prec=20, Emax=1000, Emin=-1000, traps=[Overflow, InvalidOperation, DivisionByZero])
    try:
        return _value(expression, context)
    except Overflow:
        raise FormulaError("holds a number that is too large", "results up to 1e1000") from None
    except DivisionByZero:
        raise FormulaError("divides by 0") from None
    except DecimalException:
        raise FormulaError("holds a power of numbers that has no real result") from None


def _value(expression: Expression, context: Context) -> Decimal:
    match expression:
        case Number(text):
            return context.create_decimal(text)
        case Negative(operand):
            return -_value(operand, context)
        case Sum(terms):
            total = Decimal(0)
            for term in terms:
                total = context.add(total, _value(term, context))
            return total
        case Product(factors):
            product = Decimal(1)
            for factor in factors:
                product = context.multiply(product, _value(factor, context))
            return product
        case Quotient(numerator, denominator):
            return context.divide(_value(numerator, context), _value(denominator, context))
        case Power(base, exponent):
            return context.power(_value(base, context), _value(exponent, context))
    raise TypeError(f"{expression} is not made of numbers alone")
