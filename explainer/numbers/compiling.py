"""Derivation → fast Python functions. The same generated source serves exact decimals and floats.

The source is generated from expression trees alone: variables are numbered, literals are constants of the namespace,
functions come from the table. No text of a file ever gets into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from msgspec import Struct, field

from ..calculus.derive import Derivation, Step
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
    walk,
)
from ..formulas.shape import FunctionTable, Shape
from .arithmetic import DECIMAL, Arithmetic


class _Source(Struct):
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
                rest = (f" - {inner(t.operand)}" if isinstance(t, Negative) else f" + {inner(t)}" for t in terms[1:])
                return f"({inner(terms[0])}{''.join(rest)})"
            case Product(factors):
                return f"({' * '.join(map(inner, factors))})"
            case Quotient(numerator, denominator):
                return f"({inner(numerator)} / {inner(denominator)})"
            case Power(base, exponent):
                return f"({inner(base)} ** {self.exponent(exponent, slots)})"
            case Cases(left, sign, right, then, otherwise):
                return f"({inner(then)} if {inner(left)} {sign} {inner(right)} else {inner(otherwise)})"
            case Call(function, arguments):
                return self.call(function, [inner(argument) for argument in arguments])
        raise TypeError(f"{expression} cannot be compiled")

    def kink(self, expression: Expression, slots: Sequence[str]) -> str:
        """Whether two cases that differ meet in an expression, as Python."""
        parts: list[str] = []
        match expression:
            case Cases(left, sign, right, then, otherwise):
                here, there = self.text(left, slots), self.text(right, slots)
                parts = [
                    f"({here} == {there} and {self.text(then, slots)} != {self.text(otherwise, slots)})",
                    f"({self.kink(then, slots)} if {here} {sign} {there} else {self.kink(otherwise, slots)})",
                    *(self.kink(side, slots) for side in (left, right)),
                ]
            case Call(function, arguments):
                parts = [self.kink(argument, slots) for argument in arguments]
                if not self.functions.rows[function].elementary:
                    given = [self.text(argument, slots) for argument in arguments]
                    parts.append(self.kink(self.functions.formula(function), given))
            case _:
                parts = [self.kink(part, slots) for part in children(expression)]
        told = [part for part in parts if part != "False"]
        return f"({' or '.join(told)})" if told else "False"

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


@lru_cache(maxsize=4096)
def conditions(formula: Expression, arity: int, functions: FunctionTable) -> Callable[..., tuple[bool, ...]]:
    """Which case of each distinction in a formula applies, outermost first, given the values in its slots."""
    source, slots = _Source(DECIMAL, functions), [f"a{i}" for i in range(arity)]
    tests = "".join(
        f"{source.text(part.left, slots)} {part.sign} {source.text(part.right, slots)}, "
        for part in walk(formula)
        if isinstance(part, Cases)
    )
    return source.function("comparisons", [f"def comparisons({', '.join(slots)}): return ({tests})"])


@lru_cache(maxsize=4096)
def at_kink(formula: Expression, arity: int, functions: FunctionTable) -> Callable[..., bool]:
    """Whether two cases of a formula that differ meet, given the values in its slots; of a case that does not apply
    nothing more is asked."""
    source, slots = _Source(DECIMAL, functions), [f"a{i}" for i in range(arity)]
    return source.function("kink", [f"def kink({', '.join(slots)}): return {source.kink(formula, slots)}"])


class Program:
    """A Derivation as straight-line functions over its sources, each compiled when it is first called.

    Both take and give lists in the order of ``graph.sources``. ``carry`` is applied to every line's number among the
    Steps and its value where rounded values are carried.
    """

    def __init__(
        self,
        derivation: Derivation,
        arithmetic: Arithmetic,
        observed: Sequence[str],
        carry: Callable[[int, Any], Any] | None = None,
    ) -> None:
        self.derivation, self.arithmetic, self.observed, self.carry = derivation, arithmetic, tuple(observed), carry
        self._names = _Variables(derivation)

    @cached_property
    def forward(self) -> Callable[[list[Any]], list[Any]]:
        """``forward(sources)`` gives the values of ``observed``."""
        found = ", ".join(self._names[name] for name in self.observed)
        steps = self._needed(self.derivation.steps, self.observed)
        return self._function("forward", "sources", steps, "    ", [f"    return [{found}]"])

    @cached_property
    def train(self) -> Callable[[list[Any], int], list[Any]]:
        """``train(sources, n)`` gives the sources after n steps."""
        graph, names = self.derivation.graph, self._names
        updated = [quantity.name for quantity in graph.sources if f"{quantity.name}+" in self.derivation.step]
        steps = self._needed(self.derivation.steps, [f"{name}+" for name in updated])
        after = [f"        {names[name]} = {names[f'{name}+']}" for name in updated] or ["        pass"]
        after.append(f"    return [{', '.join(names[q.name] for q in graph.sources)}]")
        return self._function("train", "sources, steps", steps, "        ", after)

    def _needed(self, steps: Sequence[Step], wanted: Iterable[str]) -> list[Step]:
        """The Steps that the wanted ids are worked out from."""
        needed = set(wanted)
        for step in reversed(steps):
            if step.id in needed:
                needed.update(step.uses)
        return [step for step in steps if step.id in needed]

    def _function(
        self, name: str, arguments: str, steps: Sequence[Step], indent: str, after: Sequence[str]
    ) -> Callable[..., Any]:
        source = _Source(self.arithmetic, self.derivation.graph.functions)
        if self.carry is not None:
            source.namespace["carry"] = self.carry
        lines = _lines(steps, source, self._names, indent, self.carry is not None)
        unpack = f"    {', '.join(self._names[q.name] for q in self.derivation.graph.sources)}, = sources"
        local = [f"    {constant} = globals_{constant}" for constant in source.namespace]
        source.namespace.update({f"globals_{constant}": value for constant, value in source.namespace.items()})
        loop = ["    for _ in range(steps):"] if len(indent) > 4 else []
        return source.function(name, [f"def {name}({arguments}):", *local, unpack, *loop, *lines, *after])


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
        text, name = source.text(step.shape.formula, [names[used] for used in step.uses]), names[step.id]
        lines.append(f"{indent}{name} = {f'carry({name[1:]}, {text})' if carry and not step.trivial else text}")
    return lines
