"""The errors of a network: one term for each output and their sum, or one formula of all outputs together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from ..formulas.expression import (
    Call,
    Expression,
    Name,
    Negative,
    Number,
    Product,
    Quotient,
    Sum,
    names_in,
    replace,
)
from ..formulas.families import member_name
from ..formulas.losses import LOSSES, Loss
from ..formulas.reader import read_formula
from ..formulas.shape import FunctionTable
from ..spec.types import Training
from .graph import Role, Unit

RIGHT = "out_right"
"""The quantity that holds the output of the right class, where that differs from sample to sample."""
TERM_NAMES = {"target", "out"}
"""A loss formula over these two alone is the error of one output."""


class Outputs(Struct, frozen=True):
    """What an error is measured with: the units of the last layer, and their targets by name (or the right class)."""

    units: Sequence[Unit]
    target: Mapping[str, str]
    """Unit → the quantity that holds its target; empty where the target is a class."""
    right: str
    """The unit of the right class; empty where targets are numbers."""


class ErrorFormula(Struct, frozen=True):
    """One formula of the error; ``unit`` is the output that it belongs to, empty for what belongs to all."""

    unit: str
    role: Role
    expression: Expression


def error_formulas(
    training: Training, outputs: Outputs, functions: FunctionTable, name_of: Callable[[str], str]
) -> list[ErrorFormula]:
    """The error terms and then the whole, or the whole alone; ``name_of`` gives the name of a unit's error term."""
    first: list[ErrorFormula] = []
    row = LOSSES.get(training.loss)
    if row is not None and row.of_others and not outputs.right:
        first = [ErrorFormula("", Role.HIDDEN, _picked_out(outputs))]
    terms = _terms(training, outputs, functions)
    alone = len(terms) == 1
    total: Expression = terms[0][1] if alone else Sum(tuple(Name(name_of(unit)) for unit, _ in terms))
    if _put_together(training) == "mean" and len(outputs.units) > 1:
        total = mean(total, len(outputs.units))
    if alone:
        return [ErrorFormula("", Role.LOSS, total)]
    return [*first, *(ErrorFormula(unit, Role.ERROR, term) for unit, term in terms), ErrorFormula("", Role.LOSS, total)]


def _put_together(training: Training) -> str:
    return training.outputs or (LOSSES[training.loss].total if training.loss in LOSSES else "sum")


def _terms(training: Training, outputs: Outputs, functions: FunctionTable) -> list[tuple[str, Expression]]:
    """Each error term with the unit that it belongs to; a single one belongs to none."""
    formula = training.loss_formula
    if formula is not None:
        per_output = set(names_in(formula)) <= TERM_NAMES
        return _for_each(formula, outputs) if per_output else [("", formula)]
    row = LOSSES[training.loss]
    if row.joint:
        return [("", _joint(outputs))]
    if outputs.right:
        return _of_class(row, outputs, functions)
    if row.of_others:
        term = put_in(read_formula(row.of_others, functions.rows), {"right": Name(RIGHT)})
        wrong = Sum((Number("1"), Negative(Name("target"))))
        return _for_each(Product((wrong, term)), outputs)
    return _for_each(read_formula(row.term, functions.rows), outputs)


def _for_each(term: Expression, outputs: Outputs) -> list[tuple[str, Expression]]:
    return [
        (unit.name, put_in(term, {"out": Name(unit.out), "target": Name(outputs.target[unit.name])}))
        for unit in outputs.units
    ]


def _picked_out(outputs: Outputs) -> Expression:
    """The output of the right class, picked out by targets of which one is 1 and the others are 0."""
    return Sum(tuple(Product((Name(outputs.target[unit.name]), Name(unit.out))) for unit in outputs.units))


def _of_class(row: Loss, outputs: Outputs, functions: FunctionTable) -> list[tuple[str, Expression]]:
    """The error where the right class is known: one formula, or a term for each other output."""
    right = Name(next(unit.out for unit in outputs.units if unit.name == outputs.right))
    if row.of_class:
        return [("", put_in(read_formula(row.of_class, functions.rows), {"right": right}))]
    term = read_formula(row.of_others, functions.rows)
    return [
        (unit.name, put_in(term, {"right": right, "out": Name(unit.out)}))
        for unit in outputs.units
        if unit.name != outputs.right
    ]


def _joint(outputs: Outputs) -> Expression:
    """The cross-entropy of a softmax from its net inputs: ln(e^a + e^b + …) minus the right one, or their average."""
    nets = tuple(Name(unit.net) for unit in outputs.units)
    whole = Call(member_name("log_sum_exp", 0, len(nets)), nets)
    if outputs.right:
        return Sum((whole, Negative(Name(next(u.net for u in outputs.units if u.name == outputs.right)))))
    wanted = [Product((Name(outputs.target[unit.name]), Name(unit.net))) for unit in outputs.units]
    return Sum((whole, *map(Negative, wanted)))


def mean(total: Expression, count: int) -> Expression:
    """The sum divided by how many there are."""
    return Product((Quotient(Number("1"), Number(str(count))), total))


def put_in(expression: Expression, names: Mapping[str, Expression]) -> Expression:
    """The expression with some names replaced."""
    return replace(expression, lambda leaf: names.get(leaf.name, leaf) if isinstance(leaf, Name) else leaf)
