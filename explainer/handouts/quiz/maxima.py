"""Formulas in the language of Maxima, for STACK."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ...checking.intervals import written_out
from ...formulas.expression import (
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
)
from ...formulas.shape import FunctionTable

FUNCTIONS: Mapping[str, str] = {
    "log10": "(log({0})/log(10))",
    "normal_cdf": "((1+erf(({0})/sqrt(2)))/2)",
    "normal_pdf": "(exp(-({0})^2/2)/sqrt(2*%pi))",
    "pi": "%pi",
    "e": "%e",
}
"""Elementary functions that Maxima has under another name or not at all."""


def maxima(formula: Expression, uses: Sequence[str], functions: FunctionTable) -> str:
    """The formula with Maxima names in its slots; every operation in brackets, so that no precedence matters."""
    return _text(written_out(formula, functions), uses)


def _text(part: Expression, uses: Sequence[str]) -> str:
    if isinstance(part, Number):
        return part.text
    if isinstance(part, Slot):
        return uses[part.index]
    return WAYS[type(part)](part, [_text(inner, uses) for inner in children(part)])


def _sum(part: Expression, inner: Sequence[str]) -> str:
    return f"({'+'.join(inner)})"


def _call(part: Expression, inner: Sequence[str]) -> str:
    assert isinstance(part, Call)
    if part.function in FUNCTIONS:
        return FUNCTIONS[part.function].format(*inner)
    return f"{part.function}({','.join(inner)})"


def _cases(part: Expression, inner: Sequence[str]) -> str:
    assert isinstance(part, Cases)
    left, right, then, otherwise = inner
    return f"(if is(float({left}){part.sign}float({right})) then {then} else {otherwise})"


WAYS: Mapping[type, Callable[[Expression, Sequence[str]], str]] = {
    Negative: lambda part, inner: f"(-{inner[0]})",
    Sum: _sum,
    Product: lambda part, inner: f"({'*'.join(inner)})",
    Quotient: lambda part, inner: f"({inner[0]}/{inner[1]})",
    Power: lambda part, inner: f"({inner[0]}^{inner[1]})",
    Call: _call,
    Cases: _cases,
}
"""Kind of operation → how it is written."""
