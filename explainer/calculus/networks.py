"""Spec → Listing: layers expand into named formulas; a list of formulas is one already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..formulas.expression import Call, Expression, Name, Number, Product, Quotient, Sum, replace
from ..formulas.losses import LOSSES
from ..formulas.names import default_tex, tex_fault
from ..formulas.problems import Problems, nearest
from ..formulas.reader import read_formula
from ..spec.types import Layer, Literal, Spec
from .graph import Block, Listing, Quantity, Role, Unit

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
        self.sources: list[tuple[Quantity, Literal]] = []
        self.nodes: list[tuple[Quantity, Expression]] = []
        self.blocks: list[Block] = []
        self.loss = ""

    def listing(self) -> Listing:
        return Listing(tuple(self.sources), tuple(self.nodes), tuple(self.blocks), self.loss)

    def quantity(self, name: str, role: Role, tex: str = "") -> Quantity:
        return Quantity(name, self.spec.tex.get(name) or tex or default_tex(name), role)

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
        numbers = _counter("w")
        for place, layer in enumerate(spec.layers, 1):
            role = Role.OUTPUT if place == len(spec.layers) else Role.HIDDEN
            before = self.layer(layer, before, numbers, place, role)
        for name, value in spec.targets.items():
            self.source(f"target_{name}", Role.TARGET, value)
        self.rate()
        if spec.training.loss:
            self.errors(before)

    def layer(
        self, layer: Layer, before: tuple[str, ...], numbers: Iterator[str], place: int, role: Role
    ) -> tuple[str, ...]:
        units = []
        for row, (name, values) in enumerate(zip(layer.units, layer.weights, strict=True)):
            weights = tuple(next(numbers) for _ in values)
            for weight, value in zip(weights, values, strict=True):
                self.source(weight, Role.PARAMETER, value)
            units.append(self.unit(name, layer, before, weights, self.bias(layer, row, place), role))
        self.blocks.append(Block(tuple(units)))
        return tuple(unit.out for unit in units)

    def bias(self, layer: Layer, row: int, place: int) -> str:
        """The name of a unit's bias, made known at its first use."""
        if layer.bias is None:
            return ""
        if isinstance(layer.bias, tuple):
            name = f"b_{layer.units[row]}"
            self.source(name, Role.BIAS, layer.bias[row])
            return name
        name = f"b{place}"
        if row == 0:
            self.source(name, Role.BIAS, layer.bias)
        return name

    def unit(
        self, name: str, layer: Layer, before: tuple[str, ...], weights: tuple[str, ...], bias: str, role: Role
    ) -> Unit:
        terms: list[Expression] = [Product((Name(w), Name(x))) for w, x in zip(weights, before, strict=True)]
        if bias:
            terms.append(Product((Name(bias), Number("1"))))
        total = terms[0] if len(terms) == 1 else Sum(tuple(terms))
        if layer.activation == "identity":
            out = self.node(f"out_{name}", role, total)
            return Unit(name, out, out, before, weights, bias)
        net = self.node(f"net_{name}", Role.HIDDEN, total)
        usual = self.spec.functions.rows[layer.activation].defaults
        parameters = usual if layer.parameter is None else (layer.parameter.text,)
        out = self.node(f"out_{name}", role, Call(layer.activation, (Name(net), *map(Number, parameters))))
        return Unit(name, net, out, before, weights, bias)

    def errors(self, outputs: tuple[str, ...]) -> None:
        """One error term per output and their sum or mean; a single output has just one error."""
        row = LOSSES[self.spec.training.loss]
        term = read_formula(row.term, self.spec.functions.rows)
        units = self.spec.layers[-1].units
        if len(units) == 1:
            taken = {quantity.name for quantity, _ in (*self.sources, *self.nodes)}
            name = "E" if "E" not in taken else "E_total"
            self.loss = self.node(name, Role.LOSS, _put_in(term, {"target": f"target_{units[0]}", "out": outputs[0]}))
            return
        names = [
            self.node(f"E_{unit}", Role.ERROR, _put_in(term, {"target": f"target_{unit}", "out": out}))
            for unit, out in zip(units, outputs, strict=True)
        ]
        total: Expression = Sum(tuple(map(Name, names)))
        self.loss = self.node("E_total", Role.LOSS, total if row.total == "sum" else _mean(total, len(names)))

    def check(self) -> None:
        """Names must differ, and what the file says of a name must be of one that exists."""
        problems = Problems(self.spec.name)
        seen: set[str] = set()
        for quantity in [quantity for quantity, _ in (*self.sources, *self.nodes)]:
            if quantity.name in seen:
                problems.add(
                    quantity.name, "is used twice", "the file and the network's own names (w1, net_h1, …) must differ"
                )
            seen.add(quantity.name)
        looks: dict[str, str] = {}
        for quantity in [quantity for quantity, _ in (*self.sources, *self.nodes)]:
            other = looks.setdefault(quantity.tex, quantity.name)
            if other != quantity.name:
                problems.add(quantity.name, f"looks like `{other}` in print", "give one of them another look in [tex]")
        for name in self.spec.training.gradients:
            if name not in seen:
                problems.add(
                    "training.gradients", f"`{name}` is not a quantity of this calculation", nearest(name, sorted(seen))
                )
        for name, tex in self.spec.tex.items():
            if name not in seen:
                problems.add(f"tex.{name}", "is not a quantity of this calculation", nearest(name, sorted(seen)))
            elif fault := tex_fault(tex):
                problems.add(f"tex.{name}", fault, 'TeX of letters, digits, _ ^ and Greek names, for example "w_{1}"')
        problems.stop_if_any()


def _put_in(expression: Expression, names: Mapping[str, str]) -> Expression:
    return replace(expression, lambda leaf: Name(names[leaf.name]) if isinstance(leaf, Name) else leaf)


def _mean(total: Expression, count: int) -> Expression:
    return Product((Quotient(Number("1"), Number(str(count))), total))


def _counter(letter: str) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"{letter}{number}"
