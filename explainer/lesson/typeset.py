"""Derivation → TeX of every id and every line, made once per structure; a variant only fills the slots."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache, partial

from ..calculus.derive import Derivation, Kind, Step
from ..formulas.expression import Cases, Number, Slot, walk
from ..formulas.names import NAME, default_tex, with_index
from ..formulas.shape import Shape
from ..numbers.compiling import borders, conditions
from ..numbers.evaluate import Evaluation
from ..spec.types import Notation
from .notation import DECIMAL_MARKS, Sized, Slotted, derivative_tex, multiplied, number_tex, printed_form, slotted
from .widths import width

NEW = {"+": "^{+}", "'": "'", "(1)": "^{(1)}"}
"""The mark of a value after the update."""


class Typesetter:
    """The TeX of a Derivation's names, lines and numbers.

    *Compact* TeX writes the gradient at a unit's net input as its delta, and a factor that only repeats a quantity as
    that quantity: ``delta_o1 * out_h2`` in place of two fractions.
    """

    def __init__(self, derivation: Derivation, notation: Notation) -> None:
        self.derivation, self.notation = derivation, notation
        self.mark = DECIMAL_MARKS[notation.decimal]
        self.number: Callable[[str], str] = number_tex if self.mark == "." else partial(number_tex, mark=self.mark)
        self.delta: Mapping[str, str] = {
            derivation.gradient[unit.net]: error_term_tex(notation, unit.index)
            for block in derivation.graph.blocks
            for unit in block.units
            if unit.net in derivation.gradient
        }
        self._names: dict[str, str] = {}
        self._left: dict[tuple[str, bool], Sized] = {}
        self._right: dict[tuple[str, bool], list[Sized]] = {}
        self._shapes: dict[Shape, Slotted] = {}

    def name(self, id: str, compact: bool = False) -> str:
        """The TeX of a quantity or a Step's left-hand side."""
        if compact and id in self.delta:
            return self.delta[id]
        if id not in self._names:
            self._names[id] = self._name(id)
        return self._names[id]

    def _name(self, id: str) -> str:
        quantities = self.derivation.graph.quantity
        if id in quantities:
            return quantities[id].tex
        step = self.derivation.step[id]
        if step.kind in (Kind.UPDATE, Kind.DEFINITION):
            return self.updated(step.of)
        via = quantities[step.via].tex if ":" in id else ""
        return derivative_tex(quantities[step.of].tex, quantities[step.by].tex, via, self.notation.derivative)

    def updated(self, name: str) -> str:
        """A quantity after the update; a name that has an exponent already is put in braces."""
        tex = self.derivation.graph.quantity[name].tex
        return (f"{{{tex}}}" if "^" in tex or "'" in tex else tex) + NEW[self.notation.new_value]

    def factor(self, id: str, compact: bool) -> str:
        """The TeX of an id where it stands inside a line."""
        step = self.derivation.step.get(id)
        if compact and step is not None and step.trivial:
            formula = step.shape.formula
            return self.number(formula.text) if isinstance(formula, Number) else self.factor(step.uses[0], compact)
        return self.name(id, compact)

    def left(self, id: str, compact: bool = False) -> Sized:
        """The left-hand side of a line."""
        key = (id, compact)
        if key not in self._left:
            tex = self.name(id, compact)
            self._left[key] = Sized(tex, width(tex))
        return self._left[key]

    def symbols(self, id: str, compact: bool = False) -> list[Sized]:
        """The formula of a line, in symbols."""
        key = (id, compact)
        if key not in self._right:
            step = self.derivation.step[id]
            self._right[key] = self.shape(step).symbols([self.factor(used, compact) for used in step.uses])
        return self._right[key]

    def numbers(self, id: str, evaluation: Evaluation) -> list[Sized]:
        """The formula of a line with the numbers in it; of several cases, the one that applies."""
        step = self.derivation.step[id]
        taken = self.cases_taken(id, evaluation) if id in self.branching else ()
        return self.shape(step).numbers([evaluation.texts[used] for used in step.uses], taken)

    def cases_taken(self, id: str, evaluation: Evaluation) -> tuple[bool, ...]:
        """Which cases of a line's formula apply."""
        step, functions = self.derivation.step[id], self.derivation.graph.functions
        applies = conditions(printed_form(step.shape.formula, functions), step.shape.arity, functions)
        return applies(*[evaluation.values[used] for used in step.uses])

    def on_a_border(self, id: str, evaluation: Evaluation) -> bool:
        """Whether both sides of a condition are equal, so that two cases meet."""
        step, functions = self.derivation.step[id], self.derivation.graph.functions
        values = [evaluation.values[used] for used in step.uses]
        formula = printed_form(step.shape.formula, functions, whole=True)
        return any(borders(formula, step.shape.arity, functions)(*values))

    @cached_property
    def branching(self) -> frozenset[str]:
        """The lines whose printed formula distinguishes cases."""
        functions = self.derivation.graph.functions
        cased = {
            shape
            for shape in {step.shape for step in self.derivation.steps}
            if any(isinstance(part, Cases) for part in walk(printed_form(shape.formula, functions)))
        }
        return frozenset(step.id for step in self.derivation.steps if step.shape in cased)

    def shape(self, step: Step) -> Slotted:
        """The TeX of the Step's Shape."""
        if step.shape not in self._shapes:
            functions, notation = self.derivation.graph.functions, self.notation
            self._shapes[step.shape] = slotted(step.shape, functions, notation.times, notation.decimal)
        return self._shapes[step.shape]

    def product(self, ids: Sequence[str], compact: bool = False) -> str:
        """Several ids multiplied."""
        return multiplied((self.factor(id, compact) for id in ids), self.notation)

    def repeats(self, id: str) -> bool:
        """Whether a line shows no more than a quantity or a number, so that numbers put in would say it twice."""
        shape = self.derivation.step[id].shape
        return isinstance(shape.formula, Slot) or not shape.arity


@lru_cache(maxsize=8)
def typesetter(derivation: Derivation, notation: Notation) -> Typesetter:
    """The Typesetter of a Derivation in a Notation."""
    return Typesetter(derivation, notation)


def error_term_tex(notation: Notation, unit: str) -> str:
    """The symbol of the error term of a unit, whose index is given."""
    tex, word = notation.error_term_tex, notation.error_term
    if "<unit>" in tex:
        return re.sub(r"(?<=[_^])<unit>", "{<unit>}", tex).replace("<unit>", unit)
    return with_index(tex or default_tex(word if NAME.fullmatch(word) else "delta"), unit)
