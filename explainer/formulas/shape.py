"""Shapes: formulas over placeholders. A Shape is read, differentiated and proven once, however often it is used."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from .expression import (
    Call,
    Expression,
    Name,
    Output,
    Slot,
    Sum,
    children,
    contains,
    names_in,
    replace,
    walk,
    with_children,
)
from .families import member
from .functions import FUNCTIONS, Function, argument_names
from .handform import hand_derivative
from .reader import FormulaError, read_formula

OUTPUT = -1
"""Stands among the picks of a Partial for the value of the formula itself."""


class Shape(Struct, frozen=True, eq=False):
    """A formula over the slots 0 … arity-1. Shapes of one table are interned: the same formula is the same object."""

    formula: Expression
    arity: int


class Partial(Struct, frozen=True):
    """A partial derivative as a Shape of its own; ``picks`` says which argument of the parent fills each slot."""

    shape: Shape
    picks: tuple[int, ...]
    proven_hand_form: bool


LARGEST_FUNCTION = 2_000
"""The most parts that a function of a file may have when it is written out."""


class _Rows(dict[str, Function]):
    """The rows by name; that of ``softmax:2:3`` is made when it is first asked for."""

    def __missing__(self, name: str) -> Function:
        self[name] = member(name)
        return self[name]


class FunctionTable:
    """The functions that a file may use, and the Shapes made with them."""

    def __init__(self, rows: Mapping[str, Function] = FUNCTIONS) -> None:
        self.rows = _Rows(rows)
        self._formulas: dict[str, Expression] = {}
        self._derivatives: dict[tuple[str, int], Expression] = {}
        self._sizes: dict[str, int] = {}
        self._shapes: dict[Expression, Shape] = {}
        self._partials: dict[tuple[Shape, int], Partial] = {}
        self._holds: dict[tuple[Expression, type[Expression]], bool] = {}

    def define(self, name: str, text: str) -> None:
        """Add a function of ``x`` by its formula; its derivative is found by the rules and proven by SymPy.

        Raises:
            FormulaError: where the text is no formula of ``x`` alone.
        """
        expression = read_formula(text, self.rows)
        self._sizes[name] = self._written_out_size(expression)
        if self._sizes[name] > LARGEST_FUNCTION:
            raise FormulaError("is too large when written out", f"at most {LARGEST_FUNCTION} parts")
        strangers = [other for other in names_in(expression) if other != "x"]
        if strangers:
            raise FormulaError(f"uses `{strangers[0]}`", "the formula of a function uses x alone")
        self.rows[name] = Function(name, (), text)

    def _written_out_size(self, expression: Expression) -> int:
        """How many parts a formula has when every function that has one is replaced by its formula."""
        size = 1 + sum(map(self._written_out_size, children(expression)))
        if isinstance(expression, Call) and self.rows[expression.function].formula:
            size *= self._sizes.get(expression.function, 1)
        return min(size, 10 * LARGEST_FUNCTION)

    def holds(self, formula: Expression, kind: type[Expression]) -> bool:
        """Whether a kind of part occurs in a formula, or in that of a function that it calls."""
        key = (formula, kind)
        if key not in self._holds:
            called = (part.function for part in walk(formula) if isinstance(part, Call))
            written = [self.formula(function) for function in called if not self.rows[function].elementary]
            here = any(isinstance(part, kind) for part in walk(formula))
            self._holds[key] = here or any(self.holds(inner, kind) for inner in written)
        return self._holds[key]

    def formula(self, name: str) -> Expression:
        """The formula of a row that has one, over Slots."""
        if name not in self._formulas:
            row = self.rows[name]
            self._formulas[name] = self._over_slots(row, row.formula)
        return self._formulas[name]

    def derivative(self, name: str, place: int) -> Expression:
        """The row's derivative in its argument number ``place``, over Slots and Output."""
        if (name, place) not in self._derivatives:
            row = self.rows[name]
            if row.derivatives:
                self._derivatives[name, place] = self._over_slots(row, row.derivatives[place])
            else:
                partial = self.partial(self.shape(self.formula(name), row.arity), place)
                places = [Output() if pick == OUTPUT else Slot(pick) for pick in partial.picks]
                self._derivatives[name, place] = replace(
                    partial.shape.formula, lambda leaf: places[leaf.index] if isinstance(leaf, Slot) else leaf
                )
        return self._derivatives[name, place]

    def _over_slots(self, row: Function, text: str) -> Expression:
        places: dict[str, Expression] = {name: Slot(i) for i, name in enumerate(argument_names(row.arity))}
        places["y"] = Output()
        return replace(
            read_formula(text, self.rows), lambda leaf: places[leaf.name] if isinstance(leaf, Name) else leaf
        )

    def shape(self, formula: Expression, arity: int) -> Shape:
        """The one Shape of that formula."""
        if formula not in self._shapes:
            self._shapes[formula] = Shape(formula, arity)
        return self._shapes[formula]

    def shape_of(self, expression: Expression) -> tuple[Shape, tuple[str, ...]]:
        """A formula over names, as a Shape and the names that fill its slots."""
        places: dict[str, Slot] = {}

        def leaf(part: Expression) -> Expression:
            return places.setdefault(part.name, Slot(len(places))) if isinstance(part, Name) else part

        formula = replace(expression, leaf)
        return self.shape(formula, len(places)), tuple(places)

    def partial(self, shape: Shape, slot: int) -> Partial:
        """The partial derivative in one slot: SymPy's, in the form that people write wherever that is proven equal."""
        key = (shape, slot)
        if key not in self._partials:
            self._partials[key] = self._of_terms(shape, slot) or self._differentiated(shape, slot)
        return self._partials[key]

    def _of_terms(self, shape: Shape, slot: int) -> Partial | None:
        """For a sum: the partial of the terms that contain the slot, which many sums have in common."""
        if not isinstance(shape.formula, Sum):
            return None
        terms = tuple(term for term in shape.formula.terms if contains(term, Slot(slot)))
        if not terms or len(terms) == len(shape.formula.terms):
            return None
        inner, picks = self._compact(terms[0] if len(terms) == 1 else Sum(terms))
        partial = self.partial(inner, picks.index(slot))
        if OUTPUT not in partial.picks:
            return Partial(partial.shape, tuple(picks[pick] for pick in partial.picks), partial.proven_hand_form)
        # the output of the term is not that of the sum: its formula stands in its place
        whole: Expression = terms[0] if len(terms) == 1 else Sum(terms)
        fillings = [whole if pick == OUTPUT else Slot(picks[pick]) for pick in partial.picks]
        written = replace(partial.shape.formula, lambda leaf: fillings[leaf.index] if isinstance(leaf, Slot) else leaf)
        return Partial(*self._compact(written), partial.proven_hand_form)

    def _differentiated(self, shape: Shape, slot: int) -> Partial:
        from . import symbolic  # SymPy is loaded only where something is differentiated

        truth = symbolic.derivative_of(shape.formula, Slot(slot), self.derivative)
        hand = hand_derivative(shape.formula, Slot(slot), self.derivative)
        proven = symbolic.equal(truth, symbolic.to_sympy(hand, self.derivative))
        form = hand if proven else symbolic.from_sympy(truth, self.rows)
        return Partial(*self._compact(self._through_output(form, shape.formula)), proven)

    @staticmethod
    def _through_output(derivative: Expression, formula: Expression) -> Expression:
        """The derivative with the formula's own value used where it occurs: ``y (1 - y)``."""
        if not isinstance(formula, Call):
            return derivative
        return _replace_whole(derivative, formula, Output())

    def _compact(self, expression: Expression) -> tuple[Shape, tuple[int, ...]]:
        """The expression as a Shape with slots numbered by first appearance, and where each one came from."""
        places: dict[int, Slot] = {}

        def leaf(part: Expression) -> Expression:
            match part:
                case Slot(index):
                    return places.setdefault(index, Slot(len(places)))
                case Output():
                    return places.setdefault(OUTPUT, Slot(len(places)))
            return part

        formula = replace(expression, leaf)
        return self.shape(formula, len(places)), tuple(places)


def _replace_whole(expression: Expression, old: Expression, new: Expression) -> Expression:
    if expression == old:
        return new
    parts = children(expression)
    return with_children(expression, [_replace_whole(part, old, new) for part in parts]) if parts else expression
