"""Interval evaluation of a formula: an enclosure of all values that it can have while its slots stay in theirs.

Every bound is moved outward by more than its rounding error, so an enclosure holds the exact range. The natural
extension (Moore, "Interval analysis", 1966) is sharp where every slot occurs once. Where one occurs more often, the
formula's derivative tells whether it only rises or only falls with it; then an end of the slot's interval gives an end
of the result. Where it does not, the mean-value form is taken along.

The same closures serve machine floats and decimals, as the digits that a person wrote ask for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any

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
    walk,
    with_children,
)
from ..formulas.handform import hand_derivative
from ..formulas.shape import FunctionTable, Shape
from ..numbers.arithmetic import DECIMAL, FLOAT, Arithmetic

Interval = tuple[Any, Any]
"""Lowest and highest value, both included."""
Box = Sequence[Interval]
Enclosing = Callable[[Box], Interval]


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """A kind of numbers: how literals are made, and how far a single operation may be off, relatively."""

    arithmetic: Arithmetic
    slack: Any
    infinity: Any
    tiny: Any

    def constant(self, text: str) -> Any:
        """A literal as a number of this kind."""
        return self.arithmetic.constant(text)

    @property
    def everything(self) -> Interval:
        """What is said where nothing can be said."""
        return (-self.infinity, self.infinity)


FLOATS = Scale(FLOAT, 4e-16, math.inf, 1e-300)
DECIMALS = Scale(DECIMAL, Decimal("1e-48"), Decimal("Infinity"), Decimal("1e-300000"))
FLOAT_DIGITS = 12
"""Figures of more significant digits are judged in decimals of 50."""

RISING = frozenset({"exp", "log", "log10", "sqrt", "tanh", "atan", "normal_cdf", "floor"})
"""Elementary functions that never fall."""
PERIODIC = {"sin": 0.25, "cos": 0.0}
"""Elementary functions of period 2π, and where in the period their maximum lies."""
PEAKED = {"normal_pdf": "0"}
"""Elementary functions that rise up to a place and fall behind it."""

STEEP = frozenset({"normal_cdf"})
"""Rising functions whose relative error in machine floats grows with the square of the argument."""


def meets(left: Interval, right: Interval) -> bool:
    """Whether two intervals have a number in common."""
    return bool(left[0] <= right[1] and right[0] <= left[1])


def hull(left: Interval, right: Interval) -> Interval:
    """The smallest interval that holds both."""
    return (min(left[0], right[0]), max(left[1], right[1]))


@lru_cache(maxsize=4096)
def enclosing(shape: Shape, functions: FunctionTable, scale: Scale) -> Enclosing:
    """A Shape as a function from the intervals in its slots to an enclosure of its values."""
    return enclosing_formula(shape.formula, functions, scale)


def enclosing_formula(formula: Expression, functions: FunctionTable, scale: Scale) -> Enclosing:
    """The same for a formula over slots."""
    written = written_out(formula, functions)
    natural = _Closures(scale).of(written)
    counts = Counter(part.index for part in walk(written) if isinstance(part, Slot))
    repeated = [index for index, count in counts.items() if count > 1]
    enclosing = _sharper(written, natural, repeated, functions, scale) if repeated else natural
    return _guarded(enclosing, scale)


def written_out(formula: Expression, functions: FunctionTable) -> Expression:
    """The formula with every function that has a formula replaced by it."""
    parts = [written_out(part, functions) for part in children(formula)]
    if isinstance(formula, Call) and functions.rows[formula.function].formula:
        body = functions.formula(formula.function)
        put_in = replace(body, lambda leaf: parts[leaf.index] if isinstance(leaf, Slot) else leaf)
        return written_out(put_in, functions)
    return with_children(formula, parts) if parts else formula


def _guarded(enclosing: Enclosing, scale: Scale) -> Enclosing:
    """Where a value may not exist anywhere in the box, nothing can be said."""

    def evaluated(box: Box) -> Interval:
        try:
            low, high = enclosing(box)
        except (ValueError, OverflowError, ZeroDivisionError, DecimalException):
            return scale.everything
        return (low, high) if low <= high else scale.everything  # also where one is not a number

    return evaluated


# ---------------------------------------------------------------- slots that occur more than once


def _sharper(
    formula: Expression, natural: Enclosing, repeated: list[int], functions: FunctionTable, scale: Scale
) -> Enclosing:
    closures = _Closures(scale)
    slopes = [
        (index, closures.of(written_out(hand_derivative(formula, Slot(index), functions.derivative), functions)))
        for index in repeated
    ]
    decided = [closures.decided(part) for part in walk(formula) if isinstance(part, Cases)]

    def evaluated(box: Box) -> Interval:
        if all(box[index][0] == box[index][1] for index in repeated) or not all(case(box) for case in decided):
            return natural(box)
        lowest, highest, middle = list(box), list(box), list(box)
        spread = None
        for index, slope in slopes:
            low, high = box[index]
            falls, rises = slope(box)
            if falls >= 0:
                lowest[index], highest[index] = (low, low), (high, high)
            elif rises <= 0:
                lowest[index], highest[index] = (high, high), (low, low)
            else:
                centre = low + (high - low) / 2
                middle[index] = (centre, centre)
                reach = max(-falls, rises) * max(high - centre, centre - low)
                spread = reach if spread is None else spread + reach
        bounds = (natural(lowest)[0], natural(highest)[1])
        if spread is None:
            return bounds
        inner = natural(middle)
        spread *= 1 + 8 * scale.slack
        return (max(bounds[0], inner[0] - spread), min(bounds[1], inner[1] + spread))

    return evaluated


# ---------------------------------------------------------------- the natural extension


class _Closures:
    """Turns an expression into nested functions, each giving an enclosure."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale

    def of(self, expression: Expression) -> Enclosing:
        match expression:
            case Slot(index):
                return lambda box: box[index]
            case Number(text):
                point = self.literal(text)
                return lambda box: point
            case Negative(operand):
                return self.negative(operand)
            case Sum(terms):
                return self.sum(
                    [(isinstance(t, Negative), self.of(t.operand if isinstance(t, Negative) else t)) for t in terms]
                )
            case Product(factors):
                return self.product([self.of(factor) for factor in factors])
            case Quotient(numerator, denominator):
                return self.quotient(self.of(numerator), self.of(denominator))
            case Power(base, exponent):
                return self.power(base, exponent)
            case Cases(_, _, _, then, otherwise):
                return self.cases(self.truth(expression), self.of(then), self.of(otherwise))
            case Call(function, ()):
                return self.constant(function)
            case Call(function, arguments):
                return self.call(function, self.of(arguments[0]))
        raise TypeError(f"{expression} has no enclosure")

    def literal(self, text: str) -> Interval:
        """A number of the formula; one that this scale does not hold exactly lies between two that it does."""
        value = self.scale.constant(text)
        off = abs(value) * self.scale.slack if Decimal(value) != Decimal(text) else self.scale.constant("0")
        return (value - off, value + off)

    def constant(self, name: str) -> Enclosing:
        """A number with a name, such as pi."""
        value, slack = self.scale.arithmetic.functions[name](), self.scale.slack
        around = (value - abs(value) * slack, value + abs(value) * slack)
        return lambda box: around

    def negative(self, operand: Expression) -> Enclosing:
        inner = self.of(operand)

        def evaluated(box: Box) -> Interval:
            low, high = inner(box)
            return (-high, -low)

        return evaluated

    def sum(self, terms: list[tuple[bool, Enclosing]]) -> Enclosing:
        slack = self.scale.slack * (1 + len(terms))
        zero = self.scale.constant("0")

        def evaluated(box: Box) -> Interval:
            lowest = highest = size = zero
            for minus, term in terms:
                low, high = term(box)
                if minus:
                    low, high = -high, -low
                lowest, highest = lowest + low, highest + high
                size += max(abs(low), abs(high))
            size *= slack
            return (lowest - size, highest + size)

        return evaluated

    def product(self, factors: list[Enclosing]) -> Enclosing:
        slack = self.scale.slack

        def evaluated(box: Box) -> Interval:
            low, high = factors[0](box)
            for factor in factors[1:]:
                other_low, other_high = factor(box)
                ends = (low * other_low, low * other_high, high * other_low, high * other_high)
                low, high = min(ends), max(ends)
                off = max(abs(low), abs(high)) * slack
                low, high = low - off, high + off
            return (low, high)

        return evaluated

    def quotient(self, numerator: Enclosing, denominator: Enclosing) -> Enclosing:
        slack, everything = self.scale.slack, self.scale.everything

        def evaluated(box: Box) -> Interval:
            low, high = numerator(box)
            lower, upper = denominator(box)
            if lower <= 0 <= upper:
                return everything
            ends = (low / lower, low / upper, high / lower, high / upper)
            low, high = min(ends), max(ends)
            off = max(abs(low), abs(high)) * slack
            return (low - off, high + off)

        return evaluated

    def power(self, base: Expression, exponent: Expression) -> Enclosing:
        inner = self.of(base)
        if isinstance(exponent, Number) and exponent.text.isdigit():
            return self.whole_power(inner, int(exponent.text))
        return self.any_power(inner, self.of(exponent))

    def whole_power(self, inner: Enclosing, exponent: int) -> Enclosing:
        slack, zero = self.scale.slack * (1 + exponent), self.scale.constant("0")

        def evaluated(box: Box) -> Interval:
            low, high = inner(box)
            ends = (low**exponent, high**exponent) if exponent else (zero + 1, zero + 1)
            lowest = zero if exponent % 2 == 0 and exponent and low < 0 < high else min(ends)
            highest = max(ends)
            off = max(abs(lowest), abs(highest)) * slack
            return (lowest - off, highest + off)

        return evaluated

    def any_power(self, inner: Enclosing, exponent: Enclosing) -> Enclosing:
        slack, everything = self.scale.slack * 64, self.scale.everything

        def evaluated(box: Box) -> Interval:
            low, high = inner(box)
            least, most = exponent(box)
            if least == most and least == int(least) and (low > 0 or high < 0):
                ends: tuple[Any, ...] = (low ** int(least), high ** int(least))
            elif low > 0 or (low == 0 and least > 0):
                ends = (low**least, low**most, high**least, high**most)
            else:
                return everything
            off = max(map(abs, ends)) * slack
            return (min(ends) - off, max(ends) + off)

        return evaluated

    def cases(self, truth: Callable[[Box], bool | None], then: Enclosing, otherwise: Enclosing) -> Enclosing:
        def evaluated(box: Box) -> Interval:
            holds = truth(box)
            if holds is None:
                return hull(then(box), otherwise(box))
            return then(box) if holds else otherwise(box)

        return evaluated

    def truth(self, cases: Cases) -> Callable[[Box], bool | None]:
        """Whether the condition holds everywhere in a box, nowhere, or (None) only in places."""
        left, right, strict = self.of(cases.left), self.of(cases.right), cases.sign in ("<", ">")
        if cases.sign in ("<", "<="):
            left, right = right, left

        def evaluated(box: Box) -> bool | None:
            low, high = left(box)
            other_low, other_high = right(box)
            if low > other_high or (not strict and low == other_high):
                return True
            if high < other_low or (strict and high == other_low):
                return False
            return None

        return evaluated

    def decided(self, cases: Cases) -> Callable[[Box], bool]:
        truth = self.truth(cases)
        return lambda box: truth(box) is not None

    def call(self, name: str, inner: Enclosing) -> Enclosing:
        function, slack = self.scale.arithmetic.functions[name], self.scale.slack * 4
        tiny, one = self.scale.tiny, self.scale.constant("1")

        def ends(box: Box) -> tuple[Any, Any, Any, Any]:
            low, high = inner(box)
            first, last = function(low), function(high)
            return low, high, first, last

        def padded(low: Any, high: Any) -> Interval:
            off = max(abs(low), abs(high)) * slack + tiny
            return (low - off, high + off)

        def rising(box: Box) -> Interval:
            low, high, first, last = ends(box)
            if name not in STEEP:
                return padded(first, last)
            return (
                first - abs(first) * slack * (1 + low * low) - tiny,
                last + abs(last) * slack * (1 + high * high) + tiny,
            )

        def periodic(box: Box) -> Interval:
            low, high, first, last = ends(box)
            place = PERIODIC[name]
            top = _passes(float(low), float(high), place)
            bottom = _passes(float(low), float(high), place + 0.5)
            return padded(-one if bottom else min(first, last), one if top else max(first, last))

        def peaked(box: Box) -> Interval:
            low, high, first, last = ends(box)
            peak = self.scale.constant(PEAKED[name])
            highest = function(peak) if low < peak < high else max(first, last)
            off = highest * slack * (1 + max(low * low, high * high)) + tiny
            return (min(first, last) - off, highest + off)

        kinds = ((RISING, rising), (PERIODIC, periodic), (PEAKED, peaked))
        return next(closure for names, closure in kinds if name in names)


def _passes(low: float, high: float, place: float) -> bool:
    """Whether a place of the period lies between, give or take more than rounding moves it."""
    turns = 2 * math.pi
    reach = 1e-9 * (1 + abs(low) + abs(high))
    return math.floor((high + reach) / turns - place) >= math.ceil((low - reach) / turns - place)
