r"""TeX of Shapes, with slots. The symbolic and the substituted line are the same TeX with other things put in.

Every formula survives a CommonMark parser that knows no mathematics: no backslash before punctuation, no ``_`` or ``*``
that could open emphasis, no ``<``, and no line that begins with an operator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from functools import lru_cache, partial
from typing import NamedTuple, Union

from msgspec import Struct

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
from ..formulas.handform import rational
from ..formulas.shape import FunctionTable, Shape
from ..spec.types import Notation
from .widths import DIGIT, width

SOFT = "\0"
"""Stands for a multiplication whose sign is written only where numbers meet, until it is known what meets."""
DOT, SIDE_BY_SIDE = r" \cdot ", r" \thinspace "
TIMES: Mapping[str, str] = {"dot": DOT, "cross": r" \times ", "none": SOFT}
DECIMAL_MARKS: Mapping[str, str] = {"point": ".", "comma": "{,}"}
"""In braces, so that TeX sets no space behind it."""
DIFFERENTIALS: Mapping[str, str] = {"partial": r"\partial", "d": r"\mathrm{d}"}
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


CONDITION = r" \quad ("
"""Stands between a case and its condition, where numbers are put in."""


class Hole(NamedTuple):
    """The place of a slot, by its number."""

    slot: int
    place: Place


Piece = Union[str, Hole, "Choice"]


class Choice(Struct, frozen=True):
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


class Term(NamedTuple):
    """A term of a sum, with holes."""

    pieces: tuple[Piece, ...]
    width: float
    """Without what fills its holes."""
    plain: tuple[str, tuple[Hole, ...]] | None
    """Where it distinguishes no cases, a template for ``%`` and its holes, which is quickly filled."""


class Whole(NamedTuple):
    """All terms of a formula as one template for ``%``, into which numbers need only be put."""

    template: str
    holes: tuple[Hole, ...]
    width: float

    def filled(self, texts: tuple[str, ...]) -> tuple[str, float]:
        """The formula with a number text in each hole, and its width."""
        joined = "".join(texts)
        if "-" in joined or "e" in joined:
            texts = tuple([_number_tex(text, place) for text, (_, place) in zip(texts, self.holes, strict=True)])
        return self.template % texts, self.width + DIGIT * len(joined)


class Slotted(Struct, frozen=True):
    """TeX with holes, as the terms of a sum between which a line may be broken (one term where there is no sum)."""

    terms: tuple[Term, ...]
    fill: Callable[[str, Place], Sized]
    """Sets a number."""
    soft: bool
    """Whether it holds multiplications whose sign is not decided."""
    whole: Whole | None = None
    """Where it has no cases, no undecided signs and no decimal comma, as in most documents; quickly filled."""

    def symbols(self, names: Sequence[str]) -> list[Sized]:
        """The terms with TeX names in the holes."""
        terms = self._filled(names, _symbol, None)
        return [Sized(between_symbols(term.tex), term.width) for term in terms] if self.soft else terms

    def numbers(self, texts: Sequence[str], taken: Sequence[bool] = ()) -> list[Sized]:
        """The terms with number texts in the holes; ``taken`` says for each distinction whether its condition holds."""
        terms = self._filled(texts, self.fill, taken)
        return [Sized(term.tex.replace(SOFT, DOT), term.width) for term in terms] if self.soft else terms

    def _filled(
        self, fillings: Sequence[str], fill: Callable[[str, Place], Sized], taken: Sequence[bool] | None
    ) -> list[Sized]:
        filled = []
        for pieces, own, plain in self.terms:
            if plain is not None:
                template, holes = plain
                parts = [fill(fillings[slot], place) for slot, place in holes]
                filled.append(Sized(template % tuple([tex for tex, _ in parts]), sum([size for _, size in parts], own)))
                continue
            tex, total = "", own
            for piece in pieces:
                if isinstance(piece, str):
                    tex += piece
                elif isinstance(piece, Hole):
                    part = fill(fillings[piece.slot], piece.place)
                    tex += part.tex
                    total += part.width
                else:
                    whole = Slotted((_term(_decided(piece, taken), 0.0),), self.fill, self.soft)
                    part = whole._filled(fillings, fill, taken)[0]
                    tex += part.tex
                    total += width(part.tex)
            filled.append(Sized(tex, total))
        return filled


def _term(pieces: tuple[Piece, ...], width: float) -> Term:
    if any(isinstance(piece, Choice) for piece in pieces):
        return Term(pieces, width, None)
    text = "".join(piece.replace("%", "%%") if isinstance(piece, str) else "%s" for piece in pieces)
    return Term(pieces, width, (text, tuple(piece for piece in pieces if isinstance(piece, Hole))))


def _decided(choice: Choice, taken: Sequence[bool] | None) -> tuple[Piece, ...]:
    if taken is None:
        return choice.symbolic
    return choice.then if taken[choice.number] else choice.otherwise


@lru_cache(maxsize=100_000)
def _symbol(tex: str, place: Place) -> Sized:
    if tex.startswith("-") and place >= Place.SIGNED:
        return Sized(rf"\left({tex}\right)", width(tex))
    tall = place is Place.BASE and ("^" in tex or "'" in tex or r"\frac" in tex or tex.endswith(")"))
    return Sized(rf"\left({tex}\right)" if tall else tex, width(tex))


_MEETING = re.compile(rf"((?:(?<![\w.,{{}}])\d+(?:(?:\.|\{{,\}})\d+)?)?){SOFT}(.)")


def between_symbols(tex: str) -> str:
    """TeX in which factors stand side by side; before a number, and between two, there is a dot."""

    def sign(found: re.Match[str]) -> str:
        fraction_after_number = found[2] == "\\" and tex.startswith(r"\frac", found.start(2)) and found[1]
        return f"{found[1]}{DOT if found[2] in '-0123456789' or fraction_after_number else SIDE_BY_SIDE}{found[2]}"

    return _MEETING.sub(sign, tex)


def multiplied(factors: Iterable[str], notation: Notation) -> str:
    """Factors in symbols, multiplied."""
    product = TIMES[notation.times].join(factors)
    return between_symbols(product) if SOFT in product else product


def numbers_multiplied(texts: Iterable[str], notation: Notation) -> Sized:
    """Numbers multiplied, negative ones in parentheses after the first."""
    fill, sign = NUMBERS[notation.decimal], TIMES[notation.times].replace(SOFT, DOT)
    parts = [fill(text, Place.FACTOR if i else Place.BARE) for i, text in enumerate(texts)]
    signs = width(sign) * (len(parts) - 1)
    return Sized(sign.join([part.tex for part in parts]), sum([part.width for part in parts], signs))


def _number(text: str, place: Place, mark: str = ".") -> Sized:
    return Sized(_number_tex(text, place, mark), DIGIT * len(text))


def _number_tex(text: str, place: Place, mark: str = ".") -> str:
    """A number in its place: in parentheses if negative after a sign, or with a power of ten beside another factor."""
    powered = "e" in text
    if mark == "." and not powered:
        return f"({text})" if text[0] == "-" and place else text
    tex = number_tex(text, mark)
    if (text[0] == "-" and place >= Place.SIGNED) or (powered and place >= Place.FACTOR):
        return rf"\left({tex}\right)" if powered else f"({tex})"
    return tex


NUMBERS: Mapping[str, Callable[[str, Place], Sized]] = {
    name: _number if mark == "." else partial(_number, mark=mark) for name, mark in DECIMAL_MARKS.items()
}
"""What sets a number, by the decimal mark of the document."""


def number_tex(text: str, mark: str = ".") -> str:
    r"""A number's text in TeX: ``1.23e-5`` becomes ``1.23 \times 10^{-5}``."""
    if mark != ".":
        return number_tex(text).replace(".", mark)
    if "e" not in text and "E" not in text:
        return text
    mantissa, _, exponent = text.lower().partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}"


@lru_cache(maxsize=10_000)
def slotted(
    shape: Shape,
    functions: FunctionTable,
    times: str = "dot",
    decimal: str = "point",
    tall: frozenset[int] = frozenset(),
) -> Slotted:
    """The TeX of a Shape, made once; ``tall`` are the slots to be filled with fractions."""
    formula = printed_form(shape.formula, functions)
    terms = formula.terms if isinstance(formula, Sum) else (formula,)
    printer = _Printer(functions, times, decimal, tall)
    pieces = [_joined(printer.term(term, first=i == 0)) for i, term in enumerate(terms)]
    own = ["".join(piece for piece in term if isinstance(piece, str)) for term in pieces]
    widths = [width(text.replace(SOFT, DOT)) for text in own]
    made, soft = tuple(map(_term, pieces, widths)), TIMES[times] == SOFT
    return Slotted(made, NUMBERS[decimal], soft, None if soft or NUMBERS[decimal] is not _number else _whole(made))


def _whole(terms: Sequence[Term]) -> Whole | None:
    """The terms in one, unless they distinguish cases."""
    parts = [term.plain for term in terms if term.plain]
    if len(parts) < len(terms):
        return None
    holes = tuple(hole for _, own in parts for hole in own)
    return Whole("".join(template for template, _ in parts), holes, sum(term.width for term in terms))


def printed_form(formula: Expression, functions: FunctionTable) -> Expression:
    """The formula with every function that is printed as its formula written out: the logistic is 1/(1 + e^-x)."""
    parts = [printed_form(part, functions) for part in children(formula)]
    row = functions.rows[formula.function] if isinstance(formula, Call) else None
    if isinstance(formula, Call) and row is not None and row.formula and not row.tex:
        body = functions.formula(formula.function)
        put_in = replace(body, lambda leaf: parts[leaf.index] if isinstance(leaf, Slot) else leaf)
        return printed_form(put_in, functions)
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

    def __init__(self, functions: FunctionTable, times: str, decimal: str, tall: frozenset[int]) -> None:
        self.functions, self.tall = functions, tall
        self.times, self.number = TIMES[times], NUMBERS[decimal]
        self.separator = ", " if decimal == "point" else "; "
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
                return [self.number(text, place).tex]
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
                return [self.choice(expression, place)]
            case Call(function, arguments):
                return self.wrapped(self.call(function, arguments), place >= Place.BASE)
        raise TypeError(f"{expression} has no TeX")

    def product(self, factors: tuple[Expression, ...], place: Place) -> list[Piece]:
        pieces: list[Piece] = []
        for i, factor in enumerate(factors):
            inner = Place.FACTOR if i or place >= Place.SIGNED or len(factors) > 1 else place
            if i == 0 and place is Place.BARE and (isinstance(factor, Slot) or rational(factor) is not None):
                pieces += self.print(factor, Place.BARE)
                continue
            pieces += [self.times] * (i > 0)
            pieces += self.print(factor, inner)
        return pieces

    def choice(self, cases: Cases, place: Place) -> Choice:
        """Both cases with their conditions; each alone with its own, but for one that stands inside a formula."""
        number, self.choices = self.choices, self.choices + 1
        left, right = self.print(cases.left, Place.BARE), self.print(cases.right, Place.BARE)
        inner = self.choices
        then, otherwise = self.print(cases.then, Place.BARE), self.print(cases.otherwise, Place.BARE)
        holds, fails = [*left, HOLDS[cases.sign], *right], [*left, FAILS[cases.sign], *right]
        if place > Place.BARE:
            self.choices = inner  # the same distinctions once more, under the same numbers
            alone = self.print(cases.then, place), self.print(cases.otherwise, place)
        else:
            alone = [*then, CONDITION, *holds, ")"], [*otherwise, CONDITION, *fails, ")"]
        return Choice(
            number,
            _joined([r"\begin{cases} ", *then, " & ", *holds, r" \cr ", *otherwise, " & ", *fails, r" \end{cases}"]),
            _joined(alone[0]),
            _joined(alone[1]),
        )

    def call(self, function: str, arguments: tuple[Expression, ...]) -> list[Piece]:
        """A function with its arguments where its TeX has ``#``; in parentheses unless it brings its own."""
        tex = self.functions.rows[function].tex.replace(", ", self.separator)
        if re.search(r"#\d", tex):
            return self.places(tex, arguments)
        before, _, after = tex.partition("#")
        inner: list[Piece] = []
        for i, argument in enumerate(arguments):
            inner += [self.separator] * (i > 0) + self.print(argument, Place.BARE)
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

    def is_tall(self, piece: Hole | Choice) -> bool:
        """Whether a fraction will stand there."""
        return isinstance(piece, Hole) and piece.slot in self.tall

    def wrapped(self, pieces: list[Piece], needed: bool) -> list[Piece]:
        if not needed:
            return pieces
        tall = any(r"\frac" in piece if isinstance(piece, str) else self.is_tall(piece) for piece in pieces)
        return [r"\left(", *pieces, r"\right)"] if tall else ["(", *pieces, ")"]


def derivative_tex(of: str, by: str, via: str = "", sign: str = "partial") -> str:
    """∂of/∂by, or one path's share of it."""
    d = DIFFERENTIALS[sign]
    fraction = rf"\frac{{{d} {of}}}{{{d} {by}}}"
    return rf"\left. {fraction} \right\vert_{{{via}}}" if via else fraction
