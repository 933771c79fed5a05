"""Derivation → TeX of every id and every line, made once per structure; a variant only fills the slots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from ..calculus.derive import TURNED, Derivation, Step
from ..calculus.marks import parsed, plain
from ..formulas.expression import Cases, Number, Slot, walk
from ..formulas.names import default_tex
from ..numbers.compiling import borders, conditions
from ..numbers.evaluate import Evaluation
from .display import EMPTY, Row, row
from .notation import Slotted, derivative_tex, printed_form, slotted
from .widths import width

NEW = "+"
"""The mark of a value after the update."""


class Typesetter:
    """The TeX of a Derivation's names and lines.

    *Compact* TeX writes the gradient at a unit's net input as its delta, and a factor that only repeats a quantity as
    that quantity: ``delta_o1 * out_h2`` in place of two fractions.
    """

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.delta: Mapping[str, str] = dict(_deltas(derivation))
        self._names: dict[str, str] = {}
        self._left: dict[tuple[str, bool], Row] = {}
        self._right: dict[tuple[str, bool], Row] = {}

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
        return sign + derivative_tex(self.quantity(step.of), self.quantity(step.by), via)

    def unmarked(self, id: str) -> str:
        """The same without the mark of a sample; a gradient at a net input as its delta."""
        single = typesetter(self.derivation.single)
        return single.name(plain(id), compact=True)

    def quantity(self, id: str) -> str:
        """A quantity with its marks: after how many updates, for which sample."""
        name, state, sample = parsed(id)
        return raised(self.derivation.graph.quantity[name].tex, marks(state, sample))

    def factor(self, id: str, compact: bool) -> str:
        """The TeX of an id where it stands inside a line."""
        step = self.derivation.step.get(id)
        if compact and step is not None and step.trivial:
            formula = step.shape.formula
            return formula.text if isinstance(formula, Number) else self.factor(step.uses[0], compact)
        return self.name(id, compact)

    def left(self, id: str, compact: bool = False) -> Row:
        """The left-hand side of a line."""
        key = (id, compact)
        if key not in self._left:
            tex = self.name(id, compact)
            self._left[key] = Row(tex, width(tex))
        return self._left[key]

    def symbols(self, id: str, compact: bool = False) -> Row:
        """The formula of a line, in symbols."""
        key = (id, compact)
        if key not in self._right:
            step = self.derivation.step[id]
            self._right[key] = row(self.shape(step).symbols([self.factor(used, compact) for used in step.uses]))
        return self._right[key]

    def numbers(self, id: str, evaluation: Evaluation) -> Row:
        """The formula of a line with the numbers in it, of several cases the one that applies; empty where that would
        only say the result twice."""
        if self.repeats(id):
            return EMPTY
        step = self.derivation.step[id]
        taken = self.cases_taken(id, evaluation) if id in self.branching else ()
        return row(self.shape(step).numbers([evaluation.texts[used] for used in step.uses], taken))

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
        return slotted(step.shape, self.derivation.graph.functions)

    def product(self, ids: Sequence[str], compact: bool = False) -> str:
        """Several ids multiplied."""
        return r" \cdot ".join(self.factor(id, compact) for id in ids)

    def repeats(self, id: str) -> bool:
        """Whether a line shows no more than a quantity or a number, so that numbers put in would say it twice."""
        shape = self.derivation.step[id].shape
        return isinstance(shape.formula, Slot) or not shape.arity


def marks(state: int, sample: int) -> str:
    """What stands above a symbol: after how many updates, for which sample."""
    after = [NEW if state == 1 else f"{state}{NEW}"] if state else []
    return ",".join([*after, *([f"({sample})"] if sample else [])])


def raised(tex: str, mark: str) -> str:
    """A name with a mark above; one that has an exponent already is put in braces."""
    if not mark:
        return tex
    return f"{{{tex}}}^{{{mark}}}" if "^" in tex else f"{tex}^{{{mark}}}"


def _deltas(derivation: Derivation) -> Iterator[tuple[str, str]]:
    """The gradients at the units' net inputs with their symbols, for every step and sample."""
    units = {unit.net: unit.name for block in derivation.single.graph.blocks for unit in block.units}
    for name, id in derivation.gradient.items():
        quantity, state, sample = parsed(name)
        if quantity in units:
            yield id, raised(default_tex(f"delta_{units[quantity]}"), marks(state, sample))


@lru_cache(maxsize=8)
def typesetter(derivation: Derivation) -> Typesetter:
    """The Typesetter of a Derivation."""
    return Typesetter(derivation)
