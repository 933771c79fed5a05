"""Spec → Listing: layers expand into named formulas; a list of formulas is one already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from ..formulas.expression import Call, Expression, Name, Negative, Number, Product, Sum, names_in
from ..formulas.families import FAMILIES, member_name
from ..formulas.names import default_tex
from ..formulas.optimizers import PERCEPTRON
from ..formulas.problems import Problems, nearest
from ..spec.types import Column, Layer, Literal, Spec
from .errors import RIGHT, TERM_NAMES, Outputs, error_formulas
from .graph import Block, Listing, Quantity, Role, Unit
from .naming import Naming
from .updates import LEARNING_RATE, Correction, letters_in_use, names_of_update, settings_of

HIT, MISS = Literal("1", Decimal(1)), Literal("0", Decimal(0))
"""The targets of the right class and of any other."""


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
        self.sources: list[tuple[Quantity, Column]] = []
        self.nodes: list[tuple[Quantity, Expression]] = []
        self.blocks: list[Block] = []
        self.loss = ""
        self.corrections: dict[str, Correction] = {}

    def listing(self) -> Listing:
        return Listing(tuple(self.sources), tuple(self.nodes), tuple(self.blocks), self.loss, self.corrections)

    def quantity(self, name: str, role: Role, tex: str = "") -> Quantity:
        return Quantity(name, self.spec.tex.get(name) or tex or self.naming.tex.get(name) or default_tex(name), role)

    def source(self, name: str, role: Role, value: Column, tex: str = "") -> None:
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
        if spec.training.upstream:
            self.pseudo_loss(dict(spec.training.upstream))
        self.rate()

    def rate(self) -> None:
        """The learning rate and the other settings of the training."""
        for name, value, tex in settings_of(self.spec.training):
            self.source(name, Role.RATE if name == LEARNING_RATE else Role.SETTING, value, tex)

    def pseudo_loss(self, gradients: dict[str, Literal]) -> None:
        """In place of a loss: a sum whose rates at the quantities are the gradients that are given."""
        for name, value in gradients.items():
            self.source(f"upstream_{name}", Role.UPSTREAM, value, tex=default_tex(f"g_{name.removeprefix('out_')}"))
        terms = tuple(Product((Name(f"upstream_{name}"), Name(name))) for name in gradients)
        self.loss = self.node("L", Role.LOSS, terms[0] if len(terms) == 1 else Sum(terms))

    # a network

    def network(self) -> None:
        spec = self.spec
        for name, value in spec.inputs.items():
            self.source(name, Role.GIVEN, value)
        before = tuple(spec.inputs)
        for place, layer in enumerate(spec.layers):
            role = Role.OUTPUT if place == len(spec.layers) - 1 else Role.HIDDEN
            before = self.layer(layer, before, place, role)
        targets = {unit.name: unit.target for unit in self.blocks[-1].units}
        for name, target in self.targets().items():
            self.source(targets[name], Role.TARGET, target)
        self.rate()
        if spec.training.upstream:
            of_units = {unit.name: unit.out for block in self.blocks for unit in block.units}
            self.pseudo_loss({of_units.get(name, name): value for name, value in spec.training.upstream.items()})
        elif spec.training.optimizer == PERCEPTRON:
            self.perceptron()
        elif spec.training.loss:
            self.errors()

    def targets(self) -> dict[str, Column]:
        """A target for each output; where samples have classes, 1 for the right one and 0 for the others."""
        spec = self.spec
        if not spec.classes or self.right:
            return dict(spec.targets)
        classes = spec.classes if len(spec.classes) > 1 else spec.classes * spec.samples
        return {unit: tuple(HIT if unit == right else MISS for right in classes) for unit in spec.layers[-1].units}

    @property
    def right(self) -> str:
        """The output of the right class where there is just one sample."""
        return self.spec.classes[0] if self.spec.classes and self.spec.samples == 1 else ""

    def layer(self, layer: Layer, before: tuple[str, ...], place: int, role: Role) -> tuple[str, ...]:
        sums = []
        units = []
        for row, values in enumerate(layer.weights):
            weights = self.naming.weights(place, row)
            for weight, value in zip(weights, values, strict=True):
                self.source(weight, Role.PARAMETER, value)
            unit = self.unit((place, row), layer, before, weights, self.bias(layer, row, place))
            units.append(unit)
            sums.append((unit, self.total(unit, layer)))
        if layer.activation in FAMILIES:
            self.together(layer, sums, role)
        else:
            for unit, total in sums:
                self.apart(layer, unit, total, role)
        self.blocks.append(Block(tuple(units)))
        return tuple(unit.out for unit in units)

    def together(self, layer: Layer, sums: list[tuple[Unit, Expression]], role: Role) -> None:
        """Units whose outputs depend on the net inputs of all: the net inputs first."""
        for unit, total in sums:
            self.node(unit.net, Role.HIDDEN, total)
        nets = tuple(Name(unit.net) for unit, _ in sums)
        for place, (unit, _) in enumerate(sums, 1):
            self.node(unit.out, role, Call(member_name(layer.activation, place, len(nets)), nets))

    def apart(self, layer: Layer, unit: Unit, total: Expression, role: Role) -> None:
        """A unit whose output depends on its own net input alone."""
        if unit.net == unit.out:
            self.node(unit.out, role, total)
            return
        self.node(unit.net, Role.HIDDEN, total)
        usual = self.spec.functions.rows[layer.activation].defaults
        parameters = usual if layer.parameter is None else (layer.parameter.text,)
        self.node(unit.out, role, Call(layer.activation, (Name(unit.net), *map(Number, parameters))))

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
        self, at: tuple[int, int], layer: Layer, before: tuple[str, ...], weights: tuple[str, ...], bias: str
    ) -> Unit:
        """The unit at a place and row."""
        naming, name = self.naming, layer.units[at[1]]
        net, out, target = (naming.of_unit(pattern, *at) for pattern in ("net", "out", "target"))
        look = (target, naming.unit_tex(name), naming.unit_index(name))
        return Unit(name, out if layer.activation == "identity" else net, out, before, weights, bias, *look)

    def total(self, unit: Unit, layer: Layer) -> Expression:
        """What comes in times its weight, all added, with the bias or less the threshold."""
        terms: list[Expression] = [Product((Name(w), Name(x))) for w, x in zip(unit.weights, unit.inputs, strict=True)]
        if unit.bias:
            terms.append(Negative(Name(unit.bias)) if layer.thresholds else Product((Name(unit.bias), Number("1"))))
        return terms[0] if len(terms) == 1 else Sum(tuple(terms))

    def errors(self) -> None:
        """The error terms of the outputs and the whole; a single output has just one error."""
        units = self.blocks[-1].units
        outputs = Outputs(units, {unit.name: unit.target for unit in units}, self.right)
        names = self.of_outputs("error")
        formulas = error_formulas(self.spec.training, outputs, self.spec.functions, names.__getitem__)
        alone = sum(formula.role is not Role.HIDDEN for formula in formulas) == 1
        taken = {quantity.name for quantity, _ in (*self.sources, *self.nodes)}
        whole = self.spec.notation.loss or ("E" if alone and "E" not in taken else "E_total")
        for formula in formulas:
            name = RIGHT if formula.role is Role.HIDDEN else names[formula.unit] if formula.unit else whole
            self.node(name, formula.role, formula.expression)
        self.loss = whole

    def of_outputs(self, pattern: str) -> dict[str, str]:
        """Output unit → its name by a pattern."""
        last = len(self.spec.layers) - 1
        return {unit: self.naming.of_unit(pattern, last, row) for row, unit in enumerate(self.spec.layers[last].units)}

    def perceptron(self) -> None:
        """Wanted minus given for each output: what the perceptron rule corrects by."""
        negative = self.spec.layers[-1].thresholds
        for unit in self.blocks[-1].units:
            difference = Sum((Name(unit.target), Negative(Name(unit.out))))
            error = self.node(f"e_{unit.name}", Role.ERROR, difference)
            for weight, source in zip(unit.weights, unit.inputs, strict=True):
                self.corrections[weight] = Correction((error,), source)
            if unit.bias and self.spec.training.train_biases:
                others = self.corrections[unit.bias].errors if unit.bias in self.corrections else ()
                self.corrections[unit.bias] = Correction((*others, error), "", negative)

    def check(self) -> None:
        """Names must differ, and what the file says of a name must be of one that exists."""
        problems = Problems(self.spec.label)
        quantities = [quantity for quantity, _ in (*self.sources, *self.nodes)]
        seen = {quantity.name for quantity in quantities}
        self.naming.check([quantity.name for quantity in quantities], problems)
        self.check_names_of_update(seen, problems)
        looks: dict[str, str] = {}
        chosen = {*self.spec.tex, *self.naming.tex}
        for quantity in quantities:
            look = _look(quantity.tex) if quantity.name in chosen else quantity.tex
            other = looks.setdefault(look, quantity.name)
            if other != quantity.name:
                problems.add(quantity.name, f"looks like `{other}` in print", "give one of them another look in [tex]")
        self.check_looks_of_units(looks, problems)
        self.check_letters_of_update(looks, problems)
        self.check_names_of_training(seen, problems)
        for name in self.spec.tex:
            if name not in seen and name not in self.naming.units and name not in self.spec.borrowed:
                problems.add(f"tex.{name}", "is not a quantity of this calculation", nearest(name, sorted(seen)))
        self.naming.check_tex(problems)
        problems.stop_if_any()

    def check_names_of_update(self, known: set[str], problems: Problems) -> None:
        """The optimizer's own quantities need names of their own."""
        training = self.spec.training
        if training.learning_rate is None:
            return
        trained = [quantity.name for quantity, _ in self.sources if quantity.role in (Role.PARAMETER, Role.BIAS)]
        for name in names_of_update(training, trained):
            if name in known:
                problems.add(name, f"is a name of {training.optimizer}'s own", "choose another name")

    def check_looks_of_units(self, looks: Mapping[str, str], problems: Problems) -> None:
        """A unit may look like its output, but not like a weight, a bias or a setting."""
        roles = {quantity.name: quantity.role for quantity, _ in self.sources}
        others = (Role.PARAMETER, Role.BIAS, Role.RATE, Role.SETTING)
        for unit in (unit for block in self.blocks for unit in block.units):
            name = looks.get(_look(unit.tex), "")
            if roles.get(name) in others:
                hint = "give one of them another name, or another look in [tex]"
                problems.add(f"the unit {unit.name}", f"looks like `{name}` in print, the {roles[name].value}", hint)

    def trainable(self) -> dict[str, str]:
        """The parameters that an update would change, with their TeX."""
        training = self.spec.training
        roles = (Role.PARAMETER, Role.BIAS) if training.train_biases else (Role.PARAMETER,)
        asked = frozenset(training.gradients)
        return {q.name: q.tex for q, _ in self.sources if q.role in roles and (not asked or q.name in asked)}

    def check_letters_of_update(self, looks: Mapping[str, str], problems: Problems) -> None:
        """A quantity that looks like a letter of the optimizer's would be taken for what that keeps."""
        training = self.spec.training
        trained = self.trainable()
        if training.learning_rate is None or not trained:
            return
        units = {unit.tex for block in self.blocks for unit in block.units}
        for letter in letters_in_use(training, {*looks, *units}):
            for look in (letter, *(_look(f"{letter}_{{{tex}}}") for tex in trained.values())):
                if look in looks:
                    fault = f"looks in print like `{look}`, and the update by {training.optimizer} has no other letter"
                    problems.add(looks[look], fault, "give it another look in [tex]")

    def check_names_of_training(self, known: set[str], problems: Problems) -> None:
        """What the training speaks of must be there."""
        training = self.spec.training
        units = {unit.name for block in self.blocks for unit in block.units}
        of_loss = names_in(training.loss_formula) if training.loss_formula is not None else ()
        asked = [("training.gradients", name) for name in training.gradients]
        asked += [("training.loss", name) for name in of_loss if not set(of_loss) <= TERM_NAMES]
        asked += [("training.upstream", name) for name in training.upstream if name not in units]
        trained = self.trainable()
        for place, name in enumerate(training.decayed):
            if name not in trained:
                hint = nearest(name, sorted(trained))
                problems.add("training.decayed", f"`{name}` is not a parameter that is trained", hint)
            elif name in training.decayed[:place]:
                problems.add("training.decayed", f"`{name}` stands there twice")
        for where, name in asked:
            if name not in known:
                problems.add(where, f"`{name}` is not a quantity of this calculation", nearest(name, sorted(known)))


def _look(tex: str) -> str:
    """What TeX looks like: braces around a single sign make no difference, and default TeX has none."""
    return re.sub(r"([_^])\{(\w)\}", r"\1\2", tex)
