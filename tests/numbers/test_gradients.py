"""Gradients against two strangers: an autodiff library over a plain numpy forward pass, and finite differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from random import Random
from typing import Any

import autograd
import autograd.extend
import autograd.numpy as anp
import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

import explainer
from explainer.formulas.families import FAMILIES
from explainer.formulas.functions import FUNCTIONS, Function, argument_names
from explainer.formulas.losses import LOSSES
from explainer.numbers.differences import Comparison, along_directions, every_gradient
from tests.networks import (
    SMOOTH,
    SMOOTH_FUNCTIONS,
    SMOOTH_LOSSES,
    Style,
    Table,
    calculations,
    formula_lists,
    formulas,
    network,
    networks,
)

pytestmark = pytest.mark.filterwarnings("ignore:Output seems independent of input")  # a loss that is flat in everything
thorough = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
Values = dict[str, Any]

erf = autograd.extend.primitive(math.erf)
autograd.extend.defvjp(erf, lambda _, x: lambda upstream: upstream * 2 / math.sqrt(math.pi) * anp.exp(-(x**2)))

NUMPY: dict[str, Callable[..., Any]] = {
    "exp": anp.exp,
    "log": anp.log,
    "log10": lambda x: anp.log(x) / math.log(10),
    "sqrt": anp.sqrt,
    "sin": anp.sin,
    "cos": anp.cos,
    "tanh": anp.tanh,
    "atan": anp.arctan,
    "floor": anp.floor,
    "normal_cdf": lambda x: (1 + erf(x / math.sqrt(2))) / 2,
    "normal_pdf": lambda x: anp.exp(-(x**2) / 2) / math.sqrt(2 * math.pi),
}
"""The elementary functions; the others are evaluated as the formulas that define them, by Python itself."""


def applied(row: Function) -> Callable[..., Any]:
    """A function of the table that has a formula, as Python understands the formula."""

    def of(*arguments: Any) -> Any:
        given = (*arguments, *map(float, row.defaults[len(row.defaults) - row.arity + len(arguments) :]))
        return eval(row.formula, NUMPY | dict(zip(argument_names(row.arity), given, strict=True)))

    return of


def log_sum_exp(*values: Any) -> Any:
    """The logarithm of the sum of the exponentials."""
    return anp.log(sum(anp.exp(value) for value in values))


NUMPY |= {name: applied(row) for name, row in FUNCTIONS.items() if row.formula} | {
    "softmax": lambda own, *among: anp.exp(own) / sum(anp.exp(value) for value in among),
    "log_softmax": lambda own, *among: own - log_sum_exp(*among),
    "log_sum_exp": log_sum_exp,
}


# the forward pass, written once more


def network_loss(table: Table, values: Values, sample: str = "") -> Any:
    """The loss of a network at ``values``, for a sample such as ``#2``, or that of the samples of the first step.

    A name with a ``+`` is added to the quantity of that name.
    """
    count = _samples(table)
    if not sample and count > 1:
        training = table["training"]
        taken = training.get("order", range(1, count + 1))[: training.get("batch", count)]
        total = sum(network_loss(table, values, f"#{number}") for number in taken)
        return total / len(taken) if training.get("samples", "mean") == "mean" else total
    return sample_loss(table, values, sample)


def _samples(table: Table) -> int:
    columns = [*table["inputs"].values(), *table["targets"].values()]
    return max(len(column) if isinstance(column, list) else 1 for column in columns)


def sample_loss(table: Table, values: Values, sample: str) -> Any:
    """The loss of one sample."""

    def of(name: str) -> Any:
        return values[f"{name}{sample}"] if f"{name}{sample}" in values else values[name]

    known, signals = {}, [of(name) for name in table["inputs"]]
    weights = (f"w{n}" for n in range(1, 10_000))
    for place, layer in enumerate(table["layers"], 1):
        nets = []
        for unit in layer["units"]:
            net = sum(values[next(weights)] * signal for signal in signals)
            net = net + values.get(f"b{place}", 0.0) + values.get(f"b_{unit}", 0.0)
            nets.append(net - values.get(f"theta{place}", 0.0) - values.get(f"theta_{unit}", 0.0))
        apply, among = NUMPY[layer["activation"]], nets if layer["activation"] in FAMILIES else []
        signals = [
            apply(net, *among) + sum(values.get(f"out_{unit}{mark}+", 0.0) for mark in {sample, ""})
            for unit, net in zip(layer["units"], nets, strict=True)
        ]
        known |= {f"net_{unit}": net for unit, net in zip(layer["units"], nets, strict=True)}
        known |= {f"out_{unit}": out for unit, out in zip(layer["units"], signals, strict=True)}
    return _error(table, {**known, "w1": values["w1"]}, signals, sample)


def _error(table: Table, known: Values, outs: list[Any], sample: str) -> Any:
    """What the outputs of one sample and its targets, or its class, come to."""
    training, units = table["training"], table["layers"][-1]["units"]
    place = int(sample[1:]) - 1 if sample else 0
    targets = {name: value[place] if isinstance(value, list) else value for name, value in table["targets"].items()}
    if "class" in targets:
        right = targets["class"] - 1 if isinstance(targets["class"], int) else units.index(targets["class"])
        targets = {unit: float(number == right) for number, unit in enumerate(units)}
    wanted = [float(targets[unit]) for unit in units]
    row, default = LOSSES.get(training["loss"]), "sum"
    if row is None and "target" not in training["loss"]:
        return eval(training["loss"], NUMPY | known)
    if row is not None and row.of_others:
        ahead = outs[wanted.index(1.0)]
        errors = [anp.maximum(0, 1 + out - ahead) for out, target in zip(outs, wanted, strict=True) if target != 1]
    elif row is not None and row.joint:
        nets = [known[f"net_{unit}"] for unit in units]  # the fused loss takes these: it does not depend on outputs
        errors = [-target * (net - log_sum_exp(*nets)) for net, target in zip(nets, wanted, strict=True)]
    else:
        term = row.term if row is not None else training["loss"]
        errors = [eval(term, NUMPY | {"target": t, "out": out}) for t, out in zip(wanted, outs, strict=True)]
    if row is not None:
        default = row.total
    return sum(errors) / (len(units) if training.get("outputs", default) == "mean" else 1)


def listed_loss(table: Table, values: Values) -> Any:
    """The loss of a list of formulas at ``values``, each formula evaluated by Python."""
    known = {**NUMPY, **{name: values[name] for name in values}}
    for name, text in table["formulas"].items():
        known[name] = eval(text.replace("pi()", repr(math.pi)), known) + values.get(f"{name}+", 0.0)
    return known[table["training"]["loss"]]


def autodiff(table: Table, calculation: explainer.Calculation) -> dict[str, float]:
    """The gradients of everything wanted, by reverse-mode autodiff of a program that the explainer has not seen."""
    graph = calculation.derivation.graph
    values = {name: float(literal.value) for name, literal in calculation.evaluation.sources.items()}
    wanted = {name: name if name in values else f"{name}+" for name in graph.wanted}
    values |= {moved: 0.0 for moved in wanted.values() if moved.endswith("+")}
    if "layers" not in table:
        found = autograd.grad(lambda moved: listed_loss(table, moved))(values)
        return {name: float(found[moved]) for name, moved in wanted.items()}
    samples = {name: f"#{name.partition('#')[2]}" if "#" in name else "" for name in wanted}
    by_sample = {
        sample: autograd.grad(lambda moved, sample=sample: network_loss(table, moved, sample))(values)
        for sample in set(samples.values())
    }
    return {name: float(by_sample[samples[name]][moved]) for name, moved in wanted.items()}


def assert_same_gradients(table: Table) -> int:
    """Every wanted gradient agrees with autodiff; how many there are."""
    table = table | {"training": table["training"] | {"update": "simultaneous"}, "display": {"decimals": 12}}
    calculation = explainer.load(table)
    derivation, values = calculation.derivation, calculation.evaluation.values
    others = autodiff(table, calculation)
    scale = max(map(abs, others.values()), default=0.0)
    for name, other in others.items():
        found = float(values[derivation.gradient[name]]) if name in derivation.gradient else 0.0
        assert (name not in derivation.gradient) <= (name.partition("#")[0] in derivation.flat)
        assert found == pytest.approx(other, rel=1e-10, abs=1e-13 * scale + 1e-15), (name, table)
    return len(others)


# against autodiff


@thorough
@given(networks)
def test_gradients_of_networks_are_those_of_autodiff(table: Table) -> None:
    """Weights, biases, inputs and outputs, over all activations and losses."""
    assert_same_gradients(table)


@thorough
@given(formula_lists)
def test_gradients_of_formulas_are_those_of_autodiff(table: Table) -> None:
    """Products, quotients, powers and functions; names such as E, I, N, S and beta."""
    assert_same_gradients(table)


def test_gradients_of_many_networks_are_those_of_autodiff() -> None:
    """Thousands of gradients of seeded networks, every seed the same on every machine."""
    assert sum(assert_same_gradients(network(Random(f"autodiff {seed}"))) for seed in range(50)) > 800


def test_gradients_of_many_lists_of_formulas_are_those_of_autodiff() -> None:
    """Seeded lists of formulas, every seed the same on every machine."""
    assert sum(assert_same_gradients(formulas(Random(f"autodiff {seed}"))) for seed in range(50)) > 100


def test_inputs_and_intermediate_quantities_have_gradients() -> None:
    """The gradient of an input passes through every layer, that of an output of a hidden unit through the rest."""
    for seed in range(20):
        table = network(Random(f"inputs {seed}"))
        hidden = [f"out_{unit}" for layer in table["layers"] for unit in layer["units"]]
        table["training"]["gradients"] = [*table["inputs"], *hidden]
        assert assert_same_gradients(table) == len(table["inputs"]) + len(hidden)


def test_a_shared_bias_collects_the_gradients_of_its_units() -> None:
    """Its gradient is the sum of those of as many biases of their own with the same value."""
    units = ["h1", "h2", "h3"]
    table: Table = {
        "inputs": {"x": 0.3},
        "targets": {"o": 0.9},
        "layers": [
            {"units": units, "activation": "tanh", "weights": [[0.5], [-0.4], [1.2]], "bias": 0.25},
            {"units": ["o"], "activation": "logistic", "weights": [[0.7, 0.1, -0.6]], "bias": 0.1},
        ],
        "training": {"learning_rate": 0.1},
    }
    shared = explainer.load(table)
    table["layers"][0]["bias"] = [0.25] * 3
    separate = explainer.load(table)
    total = sum(separate[f"dE/db_{unit}"].value for unit in units)
    assert shared["dE/db1"].value == pytest.approx(total, rel=Decimal("1e-25"))
    assert len(shared.derivation.shares["b1"]) == 3


def test_a_weight_used_twice_in_one_formula_counts_twice() -> None:
    """d(w·w·x)/dw is 2wx: at w = 3 and x = 0.5 it is 3."""
    table = {"given": {"x": 0.5}, "parameters": {"w": 3}, "formulas": {"L": "w*w*x"}, "training": {"loss": "L"}}
    assert explainer.load(table)["dL/dw"].value == 3


def test_an_error_term_has_the_gradient_1() -> None:
    """A quantity that is a term of the loss moves the loss by as much as itself."""
    table = {
        "parameters": {"w": 3, "v": 2},
        "formulas": {"p": "w*w", "q": "v*w", "L": "p + q"},
        "training": {"loss": "L", "gradients": ["w", "p"]},
    }
    calculation = explainer.load(table)
    flat = calculation.derivation.flat
    assert flat == ()
    assert calculation["dL/dp"].value == 1


def test_what_the_loss_does_not_depend_on_is_flat() -> None:
    """Its gradient is 0, and no line is written for it."""
    table = {"parameters": {"w": 3, "v": 2}, "formulas": {"p": "v*2", "L": "w*w"}, "training": {"loss": "L"}}
    derivation = explainer.load(table).derivation
    assert derivation.flat == ("v",)
    assert "v" not in derivation.gradient


# against finite differences

SMOOTH_STYLE = Style(activations=SMOOTH, functions=SMOOTH_FUNCTIONS, losses=SMOOTH_LOSSES)
"""At a kink, a difference from both sides is the mean of two slopes."""


def test_every_gradient_agrees_with_its_finite_difference() -> None:
    """Thousands of parameters of networks and formulas, nudged one by one at high precision."""
    count = 0
    for table in calculations(60, seed=21, style=SMOOTH_STYLE):
        for found in every_gradient(explainer.load(table | {"display": {}}).evaluation):
            assert found.agrees, (found, table)
            count += 1
    assert count > 600


def test_the_whole_gradient_agrees_along_random_directions() -> None:
    """Three directions per calculation."""
    for table in calculations(60, seed=22, style=SMOOTH_STYLE):
        assert all(found.agrees for found in along_directions(explainer.load(table | {"display": {}}).evaluation))


def test_rounded_values_do_not_disturb_the_comparison() -> None:
    """With two decimals shown and carried, it is still the exact gradient that is compared."""
    table = formulas(Random("rounded"), SMOOTH_STYLE) | {"display": {"decimals": 2, "carry": "rounded"}}
    found = list(every_gradient(explainer.load(table).evaluation))
    assert found
    assert all(comparison.agrees for comparison in found)


@pytest.mark.parametrize("error", ["1.000000000001", "0.5", "-1", "0"])
def test_a_wrong_gradient_is_noticed(error: str) -> None:
    """A gradient that is off in its twelfth digit, halved, of the wrong sign or 0 disagrees; the others do not."""
    evaluation = explainer.load("mazur").evaluation
    doctored = replace(evaluation, values=_times(evaluation.values, "dE_total/dw3", Decimal(error)))
    assert [found.name for found in every_gradient(doctored) if not found.agrees] == ["dE_total/dw3"]
    assert not any(found.agrees for found in along_directions(doctored))


def _times(values: Mapping[str, Decimal], id: str, factor: Decimal) -> dict[str, Decimal]:
    return {**values, id: values[id] * factor}


def test_a_wrong_formula_is_noticed() -> None:
    """A derivation in which a logistic's slope is out·(1 + out) disagrees for every weight behind it."""
    from explainer.formulas.expression import Number, Product, Slot, Sum
    from explainer.numbers.evaluate import evaluate

    calculation = explainer.load("mazur")
    derivation = calculation.derivation
    wrong = derivation.graph.functions.shape(Product((Slot(0), Sum((Number("1"), Slot(0))))), 1)
    steps = tuple(replace(s, shape=wrong) if s.id == "dout_h1/dnet_h1" else s for s in derivation.steps)
    doctored = replace(derivation, steps=steps, step={s.id: s for s in steps})
    evaluation = evaluate(doctored, calculation.evaluation.sources, calculation.spec.display)
    assert [f.name for f in every_gradient(evaluation) if not f.agrees] == ["dE_total/dw1", "dE_total/dw2"]


DEEP = 100


def chain(activation: str, weight: str) -> explainer.Calculation:
    """A hundred layers of one unit each, with weights that make every signal smaller."""
    units = [f"u{number}" for number in range(1, DEEP + 1)]
    return explainer.load(
        {
            "inputs": {"x": 1},
            "targets": {units[-1]: 0.5},
            "layers": [{"units": [unit], "activation": activation, "weights": [[Decimal(weight)]]} for unit in units],
            "training": {"learning_rate": 1},
        }
    )


@pytest.mark.parametrize("activation", ["identity", "relu"])
def test_tiny_gradients_are_compared_all_the_same(activation: str) -> None:
    """Of 0.1^100 - 1/2, the error of a chain of hundred weights 0.1, times the other 99 weights: about -5e-100."""
    truth = (Decimal("1e-100") - Decimal("0.5")) * Decimal("1e-99")
    compared = list(every_gradient(chain(activation, "0.1").evaluation))
    assert len(compared) == DEEP
    for comparison in compared:
        assert comparison.agrees
        assert abs(comparison.difference / truth - 1) < Decimal("1e-15")


def test_what_differs_does_not_agree_however_small_it_is() -> None:
    """Only a gradient of exactly 0 has nothing to compare digits with."""
    assert Comparison("dE/dw", Decimal("-5e-100"), Decimal("5e-77")).digits == 0
    assert Comparison("dE/dw", Decimal("-3e-70"), Decimal(0)).digits == 0
    assert Comparison("dE/dw", Decimal(0), Decimal("1e-60")).agrees
    assert not Comparison("dE/dw", Decimal(0), Decimal("1e-9")).agrees


def test_a_loss_that_bends_sharply_is_compared_too() -> None:
    """tanh(1e30 w) at w = 1e-30 bends within 1e-30: the slope is 1e30/cosh(1)^2 (by hand)."""
    source = {
        "given": {"x": Decimal("1e30")},
        "parameters": {"w": Decimal("1e-30")},
        "formulas": {"f": "tanh(w*x)"},
        "training": {"loss": "f"},
    }
    (comparison,) = every_gradient(explainer.load(source).evaluation)
    assert comparison.agrees
    assert float(comparison.difference) == pytest.approx(1e30 / math.cosh(1) ** 2)
