"""Spec → Listing: layers expand into named formulas; a list of formulas is one already."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..formulas.expression import Call, Expression, Name, Number, Product, Quotient, Sum, replace
from ..formulas.losses import LOSSES
from ..formulas.names import default_tex, tex_fault
from ..formulas.problems import Problems, nearest
from ..formulas.reader import read_formula
from ..spec.types import Layer, Literal, Spec
from .graph import Block, Listing, Quantity, Role, Unit
from .naming import Naming

LEARNING_RATE = "learning_rate"


def listing_of(spec: Spec) -> Listing:
    """The named formulas that a Spec means, in order, with the values of what they start from.

    Raises:
        CalculationError: where a generated name is taken, two names look the same in print, or a wanted gradient does
            not exist.
    """
    builder = _Builder(spec)
    if spec.layers:
        builder.network()
    else:
        builder.formulas()
    builder.check()
    return builder.listing()


class _Builder:
    """Collects quantities and formulas in order."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.naming = Naming(spec)
        self.sources: list[tuple[Quantity, Literal]] = []
        self.nodes: list[tuple[Quantity, Expression]] = []
        self.blocks: list[Block] = []
        self.loss = ""

    def listing(self) -> Listing:
        return Listing(tuple(self.sources), tuple(self.nodes), tuple(self.blocks), self.loss)

    def quantity(self, name: str, role: Role, tex: str = "") -> Quantity:
        return Quantity(name, self.spec.tex.get(name) or tex or self.naming.tex.get(name) or default_tex(name), role)

    def source(self, name: str, role: Role, value: Literal, tex: str = "") -> None:
        self.sources.append((self.quantity(name, role, tex), value))

    def node(self, name: str, role: Role, expression: Expression) -> str:
        self.nodes.append((self.quantity(name, role), expression))
        return name

    # a list of formulas

    def formulas(self) -> None:
        spec = self.spec
        for name, value in spec.inputs.items():
            self.source(name, Role.GIVEN, value)
        for name, value in spec.parameters.items():
            self.source(name, Role.PARAMETER, value)
        self.loss = spec.training.loss
        for formula in spec.formulas:
            self.node(formula.name, Role.LOSS if formula.name == self.loss else Role.HIDDEN, formula.expression)
        self.rate()

    def rate(self) -> None:
        if self.spec.training.learning_rate is not None:
            self.source(LEARNING_RATE, Role.RATE, self.spec.training.learning_rate, tex="\\eta")

    # a network

    def network(self) -> None:
        spec = self.spec
        for name, value in spec.inputs.items():
            self.source(name, Role.GIVEN, value)
        before = tuple(spec.inputs)
        for place, layer in enumerate(spec.layers):
            role = Role.OUTPUT if place == len(spec.layers) - 1 else Role.HIDDEN
            before = self.layer(layer, before, place, role)
        targets = dict(zip(spec.layers[-1].units, self.of_outputs("target"), strict=True))
        for name, value in spec.targets.items():
            self.source(targets[name], Role.TARGET, value)
        self.rate()
        if spec.training.loss:
            self.errors(before)

    def of_outputs(self, pattern: str) -> list[str]:
        """The names by a pattern for every output unit."""
        last = len(self.spec.layers) - 1
        return [self.naming.of_unit(pattern, last, row) for row in range(len(self.spec.layers[last].units))]

    def layer(self, layer: Layer, before: tuple[str, ...], place: int, role: Role) -> tuple[str, ...]:
        units = []
        for row, values in enumerate(layer.weights):
            weights = self.naming.weights(place, row)
            for weight, value in zip(weights, values, strict=True):
                self.source(weight, Role.PARAMETER, value)
            units.append(self.unit((place, row), layer, before, weights, self.bias(layer, row, place), role))
        self.blocks.append(Block(tuple(units)))
        return tuple(unit.out for unit in units)

    def bias(self, layer: Layer, row: int, place: int) -> str:
        """The name of a unit's bias, made known at its first use."""
        if layer.bias is None:
            return ""
        name = self.naming.bias(place, row)
        if isinstance(layer.bias, tuple):
            self.source(name, Role.BIAS, layer.bias[row])
        elif row == 0:
            self.source(name, Role.BIAS, layer.bias)
        return name

    def unit(
        self,
        at: tuple[int, int],
        layer: Layer,
        before: tuple[str, ...],
        weights: tuple[str, ...],
        bias: str,
        role: Role,
    ) -> Unit:
        """The unit at a place and row, with its formulas."""
        naming, name = self.naming, layer.units[at[1]]
        net, out, target = (naming.of_unit(pattern, *at) for pattern in ("net", "out", "target"))
        look = (target, naming.unit_tex(name), naming.unit_index(name))
        terms: list[Expression] = [Product((Name(w), Name(x))) for w, x in zip(weights, before, strict=True)]
        if bias:
            terms.append(Product((Name(bias), Number("1"))))
        total = terms[0] if len(terms) == 1 else Sum(tuple(terms))
        if layer.activation == "identity":
            self.node(out, role, total)
            return Unit(name, out, out, before, weights, bias, *look)
        self.node(net, Role.HIDDEN, total)
        usual = self.spec.functions.rows[layer.activation].defaults
        parameters = usual if layer.parameter is None else (layer.parameter.text,)
        self.node(out, role, Call(layer.activation, (Name(net), *map(Number, parameters))))
        return Unit(name, net, out, before, weights, bias, *look)

    def errors(self, outputs: tuple[str, ...]) -> None:
        """One error term per output and their sum or mean; a single output has just one error."""
        row = LOSSES[self.spec.training.loss]
        term = read_formula(row.term, self.spec.functions.rows)
        targets, own_name = self.of_outputs("target"), self.spec.notation.loss
        if len(outputs) == 1:
            taken = {quantity.name for quantity, _ in (*self.sources, *self.nodes)}
            name = own_name or ("E" if "E" not in taken else "E_total")
            self.loss = self.node(name, Role.LOSS, _put_in(term, {"target": targets[0], "out": outputs[0]}))
            return
        names = [
            self.node(error, Role.ERROR, _put_in(term, {"target": target, "out": out}))
            for error, target, out in zip(self.of_outputs("error"), targets, outputs, strict=True)
        ]
        total: Expression = Sum(tuple(map(Name, names)))
        self.loss = self.node(
            own_name or "E_total", Role.LOSS, total if row.total == "sum" else _mean(total, len(names))
        )

    def check(self) -> None:
        """Names must differ, and what the file says of a name must be of one that exists."""
        problems = Problems(self.spec.name)
        quantities = [quantity for quantity, _ in (*self.sources, *self.nodes)]
        seen = {quantity.name for quantity in quantities}
        self.naming.check([quantity.name for quantity in quantities], problems)
        looks: dict[str, str] = {}
        chosen = {*self.spec.tex, *self.naming.tex}
        for quantity in quantities:
            look = _look(quantity.tex) if quantity.name in chosen else quantity.tex
            other = looks.setdefault(look, quantity.name)
            if other != quantity.name:
                problems.add(quantity.name, f"looks like `{other}` in print", "give one of them another look in [tex]")
        for name in self.spec.training.gradients:
            if name not in seen:
                problems.add(
                    "training.gradients", f"`{name}` is not a quantity of this calculation", nearest(name, sorted(seen))
                )
        for name, tex in self.spec.tex.items():
            if name not in seen and name not in self.naming.units and name not in self.spec.borrowed:
                problems.add(f"tex.{name}", "is not a quantity of this calculation", nearest(name, sorted(seen)))
            elif fault := tex_fault(tex):
                problems.add(f"tex.{name}", fault, 'TeX of letters, digits, _ ^ and Greek names, for example "w_{1}"')
        problems.stop_if_any()


def _look(tex: str) -> str:
    """What TeX looks like: braces around a single sign make no difference, and default TeX has none."""
    return re.sub(r"([_^])\{(\w)\}", r"\1\2", tex)


def _put_in(expression: Expression, names: Mapping[str, str]) -> Expression:
    return replace(expression, lambda leaf: Name(names[leaf.name]) if isinstance(leaf, Name) else leaf)


def _mean(total: Expression, count: int) -> Expression:
    return Product((Quotient(Number("1"), Number(str(count))), total))
