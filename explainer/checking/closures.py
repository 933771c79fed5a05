"""The natural interval extension of an expression, as nested functions; each bound moved outward by its rounding."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ..formulas.expression import Call, Cases, Expression, Negative, Number, Power, Product, Quotient, Slot, Sum
from .scales import PEAKED, PERIODIC, RISING, STEEP, Box, Enclosing, Interval, Scale


class Closures:
    """Turns an expression into nested functions, each giving an enclosure."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale

    def of(self, expression: Expression) -> Enclosing:
        """The expression as a function from the intervals in its slots."""
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
        """-a."""
        inner = self.of(operand)

        def evaluated(box: Box) -> Interval:
            low, high = inner(box)
            return (-high, -low)

        return evaluated

    def sum(self, terms: list[tuple[bool, Enclosing]]) -> Enclosing:
        """a + b - c, each term with whether it is subtracted."""
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
        """a * b * c."""
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
        """a / b; nothing is known where b may be 0."""
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
        """a ** b."""
        inner = self.of(base)
        if isinstance(exponent, Number) and exponent.text.isdigit():
            return self.whole_power(inner, int(exponent.text))
        return self.any_power(inner, self.of(exponent))

    def whole_power(self, inner: Enclosing, exponent: int) -> Enclosing:
        """a ** 3."""
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
        """a ** b for any b, where it is defined."""
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
        """One case or the other, or what holds both where it depends on the place."""

        def evaluated(box: Box) -> Interval:
            holds = truth(box)
            if holds is None:
                (low, high), (other_low, other_high) = then(box), otherwise(box)
                return (min(low, other_low), max(high, other_high))
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
        """Whether one case applies everywhere in a box."""
        truth = self.truth(cases)
        return lambda box: truth(box) is not None

    def call(self, name: str, inner: Enclosing) -> Enclosing:
        """An elementary function."""
        kinds = ((RISING, self.rising), (PERIODIC, self.periodic), (PEAKED, self.peaked))
        return next(kind(name, inner) for names, kind in kinds if name in names)

    def rising(self, name: str, inner: Enclosing) -> Enclosing:
        """A function that never falls."""
        function, slack, tiny = self.scale.arithmetic.functions[name], self.scale.slack * 4, self.scale.tiny
        steep = name in STEEP

        def evaluated(box: Box) -> Interval:
            low, high = inner(box)
            first, last = function(low), function(high)
            less, more = (slack * (1 + low * low), slack * (1 + high * high)) if steep else (slack, slack)
            return (first - abs(first) * less - tiny, last + abs(last) * more + tiny)

        return evaluated

    def periodic(self, name: str, inner: Enclosing) -> Enclosing:
        """A sine: its ends, or its top and bottom where they lie between."""
        function, slack, one = self.scale.arithmetic.functions[name], self.scale.slack * 4, self.scale.constant("1")
        place = PERIODIC[name]

        def evaluated(box: Box) -> Interval:
            low, high = inner(box)
            first, last = function(low), function(high)
            lowest = -one if _passes(float(low), float(high), place + 0.5) else min(first, last)
            highest = one if _passes(float(low), float(high), place) else max(first, last)
            return (lowest - slack, highest + slack)

        return evaluated

    def peaked(self, name: str, inner: Enclosing) -> Enclosing:
        """A function that rises up to a place and falls behind it."""
        function, slack, tiny = self.scale.arithmetic.functions[name], self.scale.slack * 4, self.scale.tiny
        peak = self.scale.constant(PEAKED[name])

        def evaluated(box: Box) -> Interval:
            low, high = inner(box)
            first, last = function(low), function(high)
            highest = function(peak) if low < peak < high else max(first, last)
            off = highest * slack * (1 + max(low * low, high * high)) + tiny
            return (min(first, last) - off, highest + off)

        return evaluated


def _passes(low: float, high: float, place: float) -> bool:
    """Whether a place of the period lies between, give or take more than rounding moves it."""
    turns = 2 * math.pi
    reach = 1e-9 * (1 + abs(low) + abs(high))
    return math.floor((high + reach) / turns - place) >= math.ceil((low - reach) / turns - place)
