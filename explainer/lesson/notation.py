r"""TeX of Shapes, with slots. The symbolic and the substituted line are the same TeX with other things put in.

Every formula survives a CommonMark parser that knows no mathematics: no backslash before punctuation, no ``_`` or ``*``
that could open emphasis, no ``<``, and no line that begins with an operator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple, Union

from ..formulas.expression import (
    Call,
    Cases,
    Expression,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Slot,
    Sum,
    children,
    replace,
    with_children,
)
from ..formulas.shape import FunctionTable, Shape
from .widths import DIGIT, width

TIMES = r" \cdot "
HOLDS = {">": r" \gt ", ">=": r" \ge ", "<": r" \lt ", "<=": r" \le "}
FAILS = {">": r" \le ", ">=": r" \lt ", "<": r" \ge ", "<=": r" \gt "}


class Place(IntEnum):
    """Where a slot stands, hence when what fills it needs parentheses."""

    BARE = 0
    SIGNED = 1
    """After an operator: a negative number needs them."""
    FACTOR = 2
    """Beside a multiplication sign: a number times a power of ten needs them too."""
    BASE = 3
    """Below an exponent: a symbol with an exponent of its own needs them too."""


@dataclass(frozen=True, slots=True)
class Hole:
    """The place of slot ``index``."""

    index: int
    place: Place


Piece = Union[str, Hole, "Choice"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A distinction of cases: all of them in symbols; in numbers the one that applies, and its condition."""

    number: int
    """Counted outermost first, as ``numbers.compiling.shape_conditions`` does."""
    symbolic: tuple[Piece, ...]
    then: tuple[Piece, ...]
    otherwise: tuple[Piece, ...]


class Sized(NamedTuple):
    """A piece of finished TeX and about how wide it is, in em."""

    tex: str
    width: float


@dataclass(frozen=True, slots=True)
class Slotted:
    """TeX with holes, as the terms of a sum between which a line may be broken (one term where there is no sum)."""

    terms: tuple[tuple[Piece, ...], ...]
    widths: tuple[float, ...]
    """Of each term without what fills its holes."""

    def symbols(self, names: Sequence[str]) -> list[Sized]:
        """The terms with TeX names in the holes."""
        return self._filled(names, _symbol, None)

    def numbers(self, texts: Sequence[str], taken: Sequence[bool] = ()) -> list[Sized]:
        """The terms with number texts in the holes; ``taken`` says for each distinction whether its condition holds."""
        return self._filled(texts, _number, taken)

    def _filled(
        self, fillings: Sequence[str], fill: Callable[[str, Place], Sized], taken: Sequence[bool] | None
    ) -> list[Sized]:
        filled = []
        for term, own in zip(self.terms, self.widths, strict=True):
            tex, total = "", own
            for piece in term:
                if isinstance(piece, str):
                    tex += piece
                elif isinstance(piece, Hole):
                    part = fill(fillings[piece.index], piece.place)
                    tex += part.tex
                    total += part.width
                else:
                    part = Slotted((_decided(piece, taken),), (0.0,))._filled(fillings, fill, taken)[0]
                    tex += part.tex
                    total += width(part.tex)
            filled.append(Sized(tex, total))
        return filled


def _decided(choice: Choice, taken: Sequence[bool] | None) -> tuple[Piece, ...]:
    if taken is None:
        return choice.symbolic
    return choice.then if taken[choice.number] else choice.otherwise


@lru_cache(maxsize=100_000)
def _symbol(tex: str, place: Place) -> Sized:
    if tex.startswith("-") and place >= Place.SIGNED:
        return Sized(rf"\left({tex}\right)", width(tex))
    tall = place is Place.BASE and ("^" in tex or r"\frac" in tex)
    return Sized(rf"\left({tex}\right)" if tall else tex, width(tex))


@lru_cache(maxsize=100_000)
def _number(text: str, place: Place) -> Sized:
    tex = number_tex(text)
    if (text[0] == "-" and place >= Place.SIGNED) or ("e" in text and place >= Place.FACTOR):
        tex = rf"\left({tex}\right)" if "e" in text else f"({tex})"
    return Sized(tex, DIGIT * len(text))


@lru_cache(maxsize=100_000)
def number_tex(text: str) -> str:
    r"""A number's text in TeX: ``1.23e-5`` becomes ``1.23 \times 10^{-5}``."""
    mantissa, _, exponent = text.lower().partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa


@lru_cache(maxsize=10_000)
def slotted(shape: Shape, functions: FunctionTable) -> Slotted:
    """The TeX of a Shape, made once."""
    formula = printed_form(shape.formula, functions)
    terms = formula.terms if isinstance(formula, Sum) else (formula,)
    printer = _Printer(functions)
    pieces = tuple(_joined(printer.term(term, first=i == 0)) for i, term in enumerate(terms))
    return Slotted(pieces, tuple(width("".join(p for p in term if isinstance(p, str))) for term in pieces))


def printed_form(formula: Expression, functions: FunctionTable, *, whole: bool = False) -> Expression:
    """The formula with every function that is printed as its formula written out: the logistic is 1/(1 + e^-x).

    ``whole`` writes out every function that has a formula, those that are printed by name as well.
    """
    parts = [printed_form(part, functions, whole=whole) for part in children(formula)]
    row = functions.rows[formula.function] if isinstance(formula, Call) else None
    if isinstance(formula, Call) and row is not None and row.formula and (whole or not row.tex):
        body = functions.formula(formula.function)
        put_in = replace(body, lambda leaf: parts[leaf.index] if isinstance(leaf, Slot) else leaf)
        return printed_form(put_in, functions, whole=whole)
    return with_children(formula, parts) if parts else formula


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Neighbouring strings put together."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and isinstance(piece, str) and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(joined)


class _Printer:
    """Prints expression trees with holes for their slots."""

    def __init__(self, functions: FunctionTable) -> None:
        self.functions = functions
        self.choices = 0

    def term(self, term: Expression, first: bool) -> list[Piece]:
        """A term of a sum with the sign in front of it."""
        if first:
            return self.print(term, Place.BARE)
        if isinstance(term, Negative):
            return [" - ", *self.print(term.operand, Place.SIGNED)]
        return [" + ", *self.print(term, Place.SIGNED)]

    def print(self, expression: Expression, place: Place) -> list[Piece]:
        match expression:
            case Slot(index):
                return [Hole(index, place)]
            case Number(text):
                return [_number(text, place).tex]
            case Negative(operand):
                return self.wrapped(["-", *self.print(operand, Place.SIGNED)], place >= Place.SIGNED)
            case Sum(terms):
                pieces = [piece for i, term in enumerate(terms) for piece in self.term(term, i == 0)]
                return self.wrapped(pieces, place >= Place.SIGNED)
            case Product(factors):
                return self.wrapped(self.product(factors, place), place >= Place.BASE)
            case Quotient(numerator, denominator):
                upper, lower = self.print(numerator, Place.BARE), self.print(denominator, Place.BARE)
                return self.wrapped([r"\frac{", *upper, "}{", *lower, "}"], place >= Place.BASE)
            case Power(base, exponent):
                pieces = [*self.print(base, Place.BASE), "^{", *self.print(exponent, Place.BARE), "}"]
                return self.wrapped(pieces, place >= Place.BASE)
            case Cases():
                return [self.choice(expression)]
            case Call(function, arguments):
                return self.wrapped(self.call(function, arguments), place >= Place.BASE)
        raise TypeError(f"{expression} has no TeX")

    def product(self, factors: tuple[Expression, ...], place: Place) -> list[Piece]:
        pieces: list[Piece] = []
        for i, factor in enumerate(factors):
            inner = Place.FACTOR if i or place >= Place.SIGNED or len(factors) > 1 else place
            if i == 0 and place is Place.BARE and isinstance(factor, Slot):
                pieces.append(Hole(factor.index, Place.BARE))
                continue
            pieces += [TIMES] * (i > 0)
            pieces += self.print(factor, inner)
        return pieces

    def choice(self, cases: Cases) -> Choice:
        """Both cases with their conditions, and each alone with its own."""
        number, self.choices = self.choices, self.choices + 1
        left, right = self.print(cases.left, Place.BARE), self.print(cases.right, Place.BARE)
        then, otherwise = self.print(cases.then, Place.BARE), self.print(cases.otherwise, Place.BARE)
        holds, fails = [*left, HOLDS[cases.sign], *right], [*left, FAILS[cases.sign], *right]
        return Choice(
            number,
            _joined([r"\begin{cases} ", *then, " & ", *holds, r" \cr ", *otherwise, " & ", *fails, r" \end{cases}"]),
            _joined([*then, r" \quad (", *holds, ")"]),
            _joined([*otherwise, r" \quad (", *fails, ")"]),
        )

    def call(self, function: str, arguments: tuple[Expression, ...]) -> list[Piece]:
        """A function with its arguments where its TeX has ``#``; in parentheses unless it brings its own."""
        tex = self.functions.rows[function].tex
        if re.search(r"#\d", tex):
            return self.places(tex, arguments)
        before, _, after = tex.partition("#")
        inner: list[Piece] = []
        for i, argument in enumerate(arguments):
            inner += [", "] * (i > 0) + self.print(argument, Place.BARE)
        enclosed = after != "" or not arguments
        return [before, *inner, after] if enclosed else [before, r"\left(", *inner, r"\right)"]

    def places(self, tex: str, arguments: tuple[Expression, ...]) -> list[Piece]:
        """A function whose TeX says where each argument goes."""
        parts = re.split(r"#(\d+)", tex)
        return [
            piece
            for i, part in enumerate(parts)
            for piece in (self.print(arguments[int(part) - 1], Place.BARE) if i % 2 else [part])
        ]

    def wrapped(self, pieces: list[Piece], needed: bool) -> list[Piece]:
        if not needed:
            return pieces
        tall = any(isinstance(piece, str) and r"\frac" in piece for piece in pieces)
        return [r"\left(", *pieces, r"\right)"] if tall else ["(", *pieces, ")"]


def derivative_tex(of: str, by: str, via: str = "") -> str:
    """∂of/∂by, or one path's share of it."""
    fraction = rf"\frac{{\partial {of}}}{{\partial {by}}}"
    return rf"\left. {fraction} \right\vert_{{{via}}}" if via else fraction
