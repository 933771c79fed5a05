"""Derivation → TeX of every id and every line, made once per structure; a variant only fills the slots."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial

from ..calculus.derive import TURNED, Derivation, Kind, Step
from ..calculus.marks import parsed, plain
from ..formulas.expression import Cases, Number, Slot, walk
from ..formulas.names import NAME, default_tex, with_index
from ..formulas.shape import Shape
from ..numbers.compiling import conditions
from ..numbers.evaluate import Evaluation
from ..numbers.passing import taking
from ..spec.types import Notation
from .display import EMPTY, Row, row
from .notation import (
    DECIMAL_MARKS,
    Sized,
    Slotted,
    Whole,
    derivative_tex,
    multiplied,
    number_tex,
    printed_form,
    slotted,
)
from .widths import width

MOST_PRIMES = 3
"""Up to so many updates are marked by primes."""


class Typesetter:
    """The TeX of a Derivation's names, lines and numbers.

    *Compact* TeX writes the gradient at a unit's net input as its delta, and a factor that only repeats a quantity as
    that quantity: ``delta_o1 * out_h2`` in place of two fractions.
    """

    def __init__(self, derivation: Derivation, notation: Notation) -> None:
        self.derivation, self.notation = derivation, notation
        self.mark = DECIMAL_MARKS[notation.decimal]
        self.number: Callable[[str], str] = number_tex if self.mark == "." else partial(number_tex, mark=self.mark)
        self.delta: Mapping[str, str] = dict(self._deltas())
        self._names: dict[str, str] = {}
        self._left: tuple[dict[str, Row], dict[str, Row]] = ({}, {})
        self._right: tuple[dict[str, Row], dict[str, Row]] = ({}, {})
        """Both sides of lines, by id: in full, and compact."""
        self._put_in: dict[str, tuple[Whole, Callable[[Mapping[str, str]], tuple[str, ...]]]] = {}
        """Lines into whose formula numbers need only be put, and what takes those numbers' texts from all."""
        self._shapes: dict[tuple[Shape, frozenset[int]], Slotted] = {}

    def _deltas(self) -> Iterator[tuple[str, str]]:
        """The gradients at the units' net inputs with their symbols, for every step and sample."""
        units = {unit.net: unit.index for block in self.derivation.single.graph.blocks for unit in block.units}
        for name, id in self.derivation.gradient.items():
            quantity, state, sample = parsed(name)
            if quantity in units:
                symbol = error_term_tex(self.notation, units[quantity])
                yield id, raised(symbol, self.notation, state, sample)

    def name(self, id: str, compact: bool = False) -> str:
        """The TeX of a quantity or a Step's left-hand side."""
        if compact and id in self.delta:
            return self.delta[id]
        if id not in self._names:
            self._names[id] = self._name(id)
        return self._names[id]

    def _name(self, id: str) -> str:
        if "/" not in id:
            return self.quantity(id)
        step = self.derivation.step[id]
        via = self.quantity(step.via) if ":" in id else ""
        sign = "-" if id.startswith(TURNED) else ""
        return sign + derivative_tex(self.quantity(step.of), self.quantity(step.by), via, self.notation.derivative)

    def unmarked(self, id: str) -> str:
        """The same without the mark of a sample; a gradient at a net input as its delta."""
        return typesetter(self.derivation.single, self.notation).name(plain(id), compact=True)

    def quantity(self, id: str) -> str:
        """A quantity with its marks: after how many updates, for which sample."""
        name, state, sample = parsed(id)
        return raised(self.derivation.graph.quantity[name].tex, self.notation, state, sample)

    def factor(self, id: str, compact: bool) -> str:
        """The TeX of an id where it stands inside a line."""
        step = self.derivation.step.get(id)
        if compact and step is not None and step.trivial:
            formula = step.shape.formula
            return self.number(formula.text) if isinstance(formula, Number) else self.factor(step.uses[0], compact)
        return self.name(id, compact)

    def left(self, id: str, compact: bool = False) -> Row:
        """The left-hand side of a line."""
        made = self._left[compact].get(id)
        if made is None:
            tex = self.name(id, compact)
            made = self._left[compact][id] = Row(tex, width(tex))
        return made

    def symbols(self, id: str, compact: bool = False) -> Row:
        """The formula of a line, in symbols."""
        made = self._right[compact].get(id)
        if made is None:
            step = self.derivation.step[id]
            short = compact and step.kind is not Kind.UPDATE  # an update speaks of gradients, whatever they repeat
            names = [self.factor(used, short) for used in step.uses]
            if names and all(name.isdigit() for name in names):  # numbers alone would not say whose they are
                names[0] = self.name(step.uses[0], compact)
            tall = frozenset(i for i, name in enumerate(names) if r"\frac" in name)
            made = self._right[compact][id] = row(self.shape(step, tall).symbols(names))
        return made

    def numbers(self, id: str, evaluation: Evaluation) -> Row:
        """The formula of a line with the numbers in it, of several cases the one that applies; empty where that would
        only say the result twice."""
        if known := self._put_in.get(id):
            whole, taken = known
            return Row(*whole.filled(taken(evaluation.texts)), partial(self._terms, id, evaluation))
        if self.repeats(id):
            return EMPTY
        step = self.derivation.step[id]
        if plain := self.shape(step).whole:
            self._put_in[id] = plain, taking([step.uses[slot] for slot, _ in plain.holes])
            return self.numbers(id, evaluation)
        return row(self._terms(id, evaluation))

    def _terms(self, id: str, evaluation: Evaluation) -> list[Sized]:
        """The terms of a line's formula with the numbers in them."""
        step = self.derivation.step[id]
        printed = [evaluation.texts[used] for used in step.uses]
        return self.shape(step).numbers(printed, self.cases_taken(id, evaluation) if id in self.branching else ())

    def cases_taken(self, id: str, evaluation: Evaluation) -> tuple[bool, ...]:
        """Which cases of a line's formula apply."""
        step, functions = self.derivation.step[id], self.derivation.graph.functions
        applies = conditions(printed_form(step.shape.formula, functions), step.shape.arity, functions)
        return applies(*[evaluation.values[used] for used in step.uses])

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

    def shape(self, step: Step, tall: frozenset[int] = frozenset()) -> Slotted:
        """The TeX of the Step's Shape; ``tall`` are the slots to be filled with fractions."""
        key = (step.shape, tall)
        if key not in self._shapes:
            functions, notation = self.derivation.graph.functions, self.notation
            self._shapes[key] = slotted(step.shape, functions, notation.times, notation.decimal, tall)
        return self._shapes[key]

    def product(self, ids: Sequence[str], compact: bool = False) -> str:
        """Several ids multiplied."""
        return multiplied((self.factor(id, compact) for id in ids), self.notation)

    def repeats(self, id: str) -> bool:
        """Whether a line shows no more than a quantity or a number, so that numbers put in would say it twice."""
        shape = self.derivation.step[id].shape
        return isinstance(shape.formula, Slot) or not shape.arity


def state_mark(notation: Notation, state: int) -> str:
    """What stands above a value after so many updates."""
    match notation.new_value:
        case "+":
            return "+" if state == 1 else f"{state}+"
        case "'" if state <= MOST_PRIMES:
            return r"\prime" * state
    return f"({state})"


def sample_mark(notation: Notation, sample: int) -> str:
    """What stands above what belongs to a sample; in brackets where parentheses count updates."""
    return f"[{sample}]" if notation.new_value == "(1)" else f"({sample})"


def raised(tex: str, notation: Notation, state: int, sample: int) -> str:
    """A name with its marks above; one that has an exponent already is put in braces."""
    if not (state or sample):
        return tex
    if notation.new_value == "(1)" and state:  # on the line, as a function of the step
        return f"{raised(tex, notation, 0, sample)}({state})"
    base = f"{{{tex}}}" if "^" in tex or "'" in tex else tex
    if notation.new_value == "'" and state <= MOST_PRIMES and not sample:
        return base + "'" * state
    marks = [state_mark(notation, state)] * bool(state) + [sample_mark(notation, sample)] * bool(sample)
    return f"{base}^{{{','.join(marks)}}}"


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
