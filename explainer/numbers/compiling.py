"""Derivation → fast Python functions. The same generated source serves exact decimals and floats.

The source is generated from expression trees alone: variables are numbered, literals are constants of the namespace,
functions come from the table. No text of a file ever gets into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..calculus.derive import Derivation, Step
from ..formulas.expression import Call, Expression, Negative, Number, Power, Product, Quotient, Slot, Sum
from ..formulas.shape import FunctionTable, Shape
from .arithmetic import Arithmetic


@dataclass(slots=True)
class _Source:
    """Writes expressions as Python, and collects the constants and functions that they need."""

    arithmetic: Arithmetic
    functions: FunctionTable
    namespace: dict[str, Any] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)

    def text(self, expression: Expression, slots: Sequence[str]) -> str:
        def inner(part: Expression) -> str:
            return self.text(part, slots)

        match expression:
            case Slot(index):
                return slots[index]
            case Number(text):
                return self.constant(text)
            case Negative(operand):
                return f"(-{inner(operand)})"
            case Sum(terms):
                return f"({' + '.join(map(inner, terms))})"
            case Product(factors):
                return f"({' * '.join(map(inner, factors))})"
            case Quotient(numerator, denominator):
                return f"({inner(numerator)} / {inner(denominator)})"
            case Power(base, exponent):
                return f"({inner(base)} ** {self.exponent(exponent, slots)})"
            case Call(function, arguments):
                return self.call(function, [inner(argument) for argument in arguments])
        raise TypeError(f"{expression} cannot be compiled")

    def exponent(self, expression: Expression, slots: Sequence[str]) -> str:
        """Whole exponents stay Python integers, so that a float may have a negative base."""
        if isinstance(expression, Number) and expression.text.isdigit():
            return expression.text
        return self.text(expression, slots)

    def call(self, function: str, arguments: list[str]) -> str:
        if self.functions.rows[function].elementary:
            self.namespace[f"f_{function}"] = self.arithmetic.functions[function]
            return f"f_{function}({', '.join(arguments)})"
        return self.text(self.functions.formula(function), arguments)

    def constant(self, text: str) -> str:
        if text not in self.constants:
            self.constants[text] = f"c{len(self.constants)}"
            self.namespace[self.constants[text]] = self.arithmetic.constant(text)
        return self.constants[text]

    def function(self, name: str, lines: Iterable[str]) -> Callable[..., Any]:
        """The function of that name that the lines define."""
        exec(compile("\n".join(lines), "<derivation>", "exec"), self.namespace)  # generated above, from trees alone
        made: Callable[..., Any] = self.namespace[name]
        return made


@lru_cache(maxsize=4096)
def shape_function(shape: Shape, functions: FunctionTable, arithmetic: Arithmetic) -> Callable[..., Any]:
    """A Shape as a function of the values in its slots."""
    source = _Source(arithmetic, functions)
    slots = [f"a{i}" for i in range(shape.arity)]
    return source.function("shape", [f"def shape({', '.join(slots)}): return {source.text(shape.formula, slots)}"])


@dataclass(frozen=True, slots=True)
class Compiled:
    """A Derivation as straight-line functions over its sources.

    ``forward(sources)`` gives the values of ``observed``; ``train(sources, n)`` gives the sources after n steps.
    Both take and give lists in the order of ``graph.sources``.
    """

    forward: Callable[[list[Any]], list[Any]]
    train: Callable[[list[Any], int], list[Any]]
    observed: tuple[str, ...]


def compiled(
    derivation: Derivation,
    arithmetic: Arithmetic,
    observed: Sequence[str],
    carry: Callable[[Any], Any] | None = None,
) -> Compiled:
    """Compile a Derivation. ``carry`` is applied to every line's value where rounded values are carried."""
    source = _Source(arithmetic, derivation.graph.functions)
    if carry is not None:
        source.namespace["carry"] = carry
    names = _Variables(derivation)
    unpack = f"    {', '.join(names[q.name] for q in derivation.graph.sources)}, = sources"
    forward = [step for step in derivation.steps if step.id in derivation.graph.node]
    training = [step for step in derivation.steps if step.phase != "forward again"]
    renewed = [
        f"        {names[name]} = {names[f'{name}+']}" for name in derivation.graph.trained if f"{name}+" in derivation.step
    ]
    return Compiled(
        forward=source.function(
            "forward",
            ["def forward(sources):", unpack]
            + _lines(forward, source, names, "    ", carry is not None)
            + [f"    return [{', '.join(names[name] for name in observed)}]"],
        ),
        train=source.function(
            "train",
            ["def train(sources, steps):", unpack, "    for _ in range(steps):"]
            + _lines(training, source, names, "        ", carry is not None)
            + renewed
            + ["        pass", f"    return [{', '.join(names[q.name] for q in derivation.graph.sources)}]"],
        ),
        observed=tuple(observed),
    )


class _Variables(dict[str, str]):
    """Step id or quantity → the variable that holds it; a trivial Step is the variable that it repeats."""

    def __init__(self, derivation: Derivation) -> None:
        super().__init__({q.name: f"s{i}" for i, q in enumerate(derivation.graph.sources)})
        for number, step in enumerate(derivation.steps):
            repeats = step.trivial and isinstance(step.shape.formula, Slot)
            self[step.id] = self[step.uses[0]] if repeats else f"v{number}"


def _lines(steps: Iterable[Step], source: _Source, names: Mapping[str, str], indent: str, carry: bool) -> list[str]:
    lines = []
    for step in steps:
        if step.trivial and isinstance(step.shape.formula, Slot):
            continue
        text = source.text(step.shape.formula, [names[used] for used in step.uses])
        lines.append(f"{indent}{names[step.id]} = {f'carry({text})' if carry and not step.trivial else text}")
    return lines
