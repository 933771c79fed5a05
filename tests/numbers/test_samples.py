"""Several samples, several steps, classes, the perceptron rule and the end of a training: against plain Python."""

from __future__ import annotations

import decimal
import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from random import Random
from typing import Any

import pytest

import explainer
from explainer.calculus.derive import Phase
from explainer.numbers.differences import every_gradient
from explainer.numbers.training import FloatTraining, observed_quantities
from tests.networks import SMOOTH, Style, Table, network

D = Decimal
F = Fraction
INPUTS: Table = {"a": [D("0.1"), D("0.9"), D("-0.4"), D("0.5")], "b": [1, D("0.2"), D("0.3"), D("-0.7")]}
TARGETS: Table = {"o": [D("0.2"), D("0.8"), 0, 1]}
LINEAR: Table = {
    "inputs": INPUTS,
    "targets": TARGETS,
    "layers": [{"units": ["o"], "weights": [[D("0.3"), D("-0.2")]], "bias": D("0.1")}],
    "display": {"decimals": 12},
}
"""One linear unit with half squared errors: whatever happens to it is a fraction."""


def batches(order: list[int], size: int) -> Iterator[list[int]]:
    """The samples that each step takes, round and round."""
    while True:
        for start in range(0, len(order), size):
            yield order[start : start + size]


def linear_course(steps: int, order: list[int], size: int, rate: Fraction, mean: bool) -> list[list[Fraction]]:
    """The weights and the bias of the linear unit after each step: the delta rule of Widrow and Hoff (1960)."""
    w = [F("0.3"), F("-0.2"), F("0.1")]
    rows = [[F(a), F(b), F(1)] for a, b in zip(INPUTS["a"], INPUTS["b"], strict=True)]
    wanted, found = [F(t) for t in TARGETS["o"]], []
    for taken in islice(batches(order, size), steps):
        slope = [F(0)] * 3
        for number in taken:
            x = rows[number - 1]
            error = sum((p * q for p, q in zip(w, x, strict=True)), F(0)) - wanted[number - 1]
            slope = [s + error * q for s, q in zip(slope, x, strict=True)]
        w = [p - rate * s / (len(taken) if mean else 1) for p, s in zip(w, slope, strict=True)]
        found.append(w)
    return found


def is_close(found: Decimal, truth: Fraction) -> bool:
    """Agreement in 24 digits."""
    return abs(F(found) - truth) <= abs(truth) * F("1e-24")


# samples and steps

WAYS: dict[str, tuple[Table, list[int], int, bool]] = {
    "batch": ({}, [1, 2, 3, 4], 4, True),
    "batch, summed": ({"samples": "sum"}, [1, 2, 3, 4], 4, False),
    "online": ({"batch": 1}, [1, 2, 3, 4], 1, True),
    "online, in an order": ({"batch": 1, "order": [3, 1, 4, 2]}, [3, 1, 4, 2], 1, True),
    "online, one sample twice and one never": ({"batch": 1, "order": [3, 1, 3]}, [3, 1, 3], 1, True),
    "mini-batch": ({"batch": 2}, [1, 2, 3, 4], 2, True),
    "mini-batch, summed, in an order": ({"batch": 2, "order": [4, 1, 2, 3], "samples": "sum"}, [4, 1, 2, 3], 2, False),
    "a batch of some": ({"batch": 3, "order": [4, 2, 1]}, [4, 2, 1], 3, True),
}


@pytest.mark.parametrize("way", WAYS)
def test_steps_take_the_samples_that_they_should(way: str) -> None:
    """Six steps of the delta rule in fractions: written out, written out with gaps, as a trajectory, and in floats."""
    settings, order, size, mean = WAYS[way]
    truth = linear_course(6, order, size, F("0.2"), mean)
    training = {"learning_rate": D("0.2"), "steps": 6, **settings}
    whole = explainer.load({**LINEAR, "training": {**training, "show_steps": [1, 2, 3, 4, 5, 6]}})
    names = ("w1", "w2", "b1")
    for step, row in enumerate(truth, 1):
        assert all(is_close(whole[f"{name}@{step}"].value, w) for name, w in zip(names, row, strict=True)), step
    for gaps in ([1, 4, 6], [3], [2, 3, 6], [6]):
        gapped = explainer.load({**LINEAR, "training": {**training, "show_steps": gaps}})
        lines = {step.id: gapped[step.id].text for step in gapped.derivation.steps if step.phase is not Phase.AGAIN}
        assert lines.items() <= {line.id: line.text for line in whole.lines}.items()
        assert {f"w1@{step}" if step > 1 else "w1+" for step in gaps} <= set(lines)
    figures = whole.states(range(1, 7), names)
    for step, texts in enumerate(figures.texts, 1):
        assert list(texts) == [whole[f"{name}@{step}"].text for name in names]
    floats = FloatTraining(whole.derivation, whole.evaluation.sources, names)
    assert floats.after(6) == pytest.approx([float(w) for w in truth[-1]], rel=1e-12)


@pytest.mark.parametrize("seed", range(24))
def test_written_out_steps_and_the_training_go_the_same_way(seed: int) -> None:
    """Random networks, samples, optimizers: every text of a step after a gap is that of the step without a gap."""
    table = network(Random(f"steps {seed}"), Style(activations=SMOOTH[:7], plain=True, most_layers=2, most_units=3))
    table["training"] |= {"learning_rate": D("0.02"), "steps": 4}
    table["training"].pop("gradients", None)
    table["display"] = {"decimals": 3 + seed % 8, "carry": ("exact", "rounded")[seed % 2]}
    whole = explainer.load({**table, "training": {**table["training"], "show_steps": [1, 2, 3, 4]}})
    texts = {line.id: line.text for line in whole.lines}
    for gaps in ([1, 3], [4], [2, 4]):
        gapped = explainer.load({**table, "training": {**table["training"], "show_steps": gaps}})
        assert {id: text for id, text in gapped.evaluation.texts.items() if id in texts and texts[id] != text} == {}
        assert {step.id for step in gapped.derivation.steps if step.phase is not Phase.AGAIN} <= set(texts)
    names = tuple(name for name in whole.derivation.single.graph.trained)
    figures = whole.states((1, 2, 3, 4), names)
    for step, row in enumerate(figures.texts, 1):
        assert [D(text) for text in row] == [D(whole[f"{name}@{step}"].text) for name in names]


@pytest.mark.parametrize("seed", range(12))
def test_floats_follow_the_decimals(seed: int) -> None:
    """Twelve steps of random networks with samples and optimizers, to twelve digits."""
    style = Style(activations=("identity", "logistic", "tanh", "softmax"), plain=True, most_layers=2, most_units=3)
    table = network(Random(f"floats {seed}"), style)
    table["training"] |= {"learning_rate": D("0.02"), "steps": 12, "show_steps": [1]}
    table["display"] = {"significant": 15}
    calculation = explainer.load(table)
    names = observed_quantities(calculation.derivation)
    exact = [float(text) for text in calculation.states((12,), names).texts[0]]
    floats = FloatTraining(calculation.derivation, calculation.evaluation.sources, names)
    assert floats.after(12) == pytest.approx(exact, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shown", [[1], [1, 2], [1, 2, 3], [1, 3], [2, 3, 6]])
def test_every_step_that_is_written_out_has_its_own_loss(way: str, shown: list[int]) -> None:
    """Of the samples that it takes, with the parameters as they are before it; and its own gradients."""
    settings, order, size, _ = WAYS[way]
    training = {"learning_rate": D("0.2"), "steps": 6, "show_steps": shown, **settings}
    found = explainer.load({**LINEAR, "training": training}).derivation
    for number, taken in enumerate(islice(batches(order, size), 6)):
        if number + 1 in shown:
            state = f"@{number}" if number else ""
            if size > 1:
                assert found.step[f"E{state}"].uses == tuple(f"E{state}#{n}" for n in taken)
                assert found.step[f"dE/dw1{state}"].uses == tuple(f"dE/dw1{state}#{n}" for n in taken)
            else:
                assert f"E{state}#{taken[0]}" in found.step
                assert f"dE/dw1{state}#{taken[0]}" in found.step


def test_a_loss_of_samples_is_their_mean_or_sum() -> None:
    """E_total of a batch is made of the errors of its samples, and so is every gradient."""
    for kind, share in (("mean", 4), ("sum", 1)):
        found = explainer.load({**LINEAR, "training": {"samples": kind}})
        values = found.evaluation.values
        for id in ("E", "dE/dw1", "dE/db1"):
            assert is_close(values[id], sum((F(values[f"{id}#{n}"]) for n in range(1, 5)), F(0)) / share)


def test_a_given_number_holds_for_every_sample() -> None:
    """A list of formulas: x differs from sample to sample, y does not; the mean of (wx - y)² by hand."""
    table: Table = {
        "given": {"x": [1, 2, 3], "y": 2},
        "parameters": {"w": D("0.5")},
        "formulas": {"L": "(w*x - y)**2"},
        "training": {"loss": "L", "learning_rate": D("0.1"), "steps": 2},
    }
    found = explainer.load(table)
    slope = sum((2 * (F("0.5") * x - 2) * x for x in (1, 2, 3)), F(0)) / 3
    assert is_close(found["dL/dw"].value, slope)
    assert is_close(found["w+"].value, F("0.5") - slope / 10)
    assert all(comparison.agrees for comparison in every_gradient(found.evaluation))


def test_online_updates_may_be_sequential() -> None:
    """A hidden weight's gradient uses the output weight of the same step and sample that is new already."""
    table: Table = {
        "inputs": {"x": [1, 2]},
        "targets": {"o": [1, 0]},
        "layers": [{"units": ["h"], "weights": [[D("0.5")]]}, {"units": ["o"], "weights": [[2]]}],
        "training": {"learning_rate": D("0.1"), "batch": 1, "update": "sequential", "steps": 4, "show_steps": [1, 2]},
    }
    found = explainer.load(table)
    w, v, rows = F("0.5"), F(2), []
    for x, target in ((1, 1), (2, 0), (1, 1), (2, 0)):
        error = w * x * v - target
        v -= F("0.1") * error * w * x
        w -= F("0.1") * error * v * x  # with the new v
        rows.append((w, v))
    assert [found["w1+"].value, found["w2+"].value] == [D(str(float(p))) for p in rows[0]]
    assert is_close(found["w1@2"].value, rows[1][0])
    last = found.states((4,), ("w1", "w2")).texts[0]
    assert [D(text) for text in last] == [round(D(p.numerator) / D(p.denominator), 6) for p in rows[3]]


def test_thresholds_are_subtracted_and_learn_the_other_way() -> None:
    """A threshold of t is a bias of -t, before and after an update."""
    for rest in ({}, {"optimizer": "adam"}, {"optimizer": "momentum", "steps": 3, "show_steps": [1, 2, 3]}):
        found = []
        for key, sign in (("bias", -1), ("threshold", 1)):
            layer = {"units": ["p", "q"], "activation": "tanh", "weights": [[D("0.3")], [D("-0.2")]]}
            table: Table = {
                "inputs": {"x": [D("0.5"), D("-1")]},
                "targets": {"p": [1, 0], "q": D("0.5")},
                "layers": [{**layer, key: [sign * D("0.1"), sign * D("0.7")]}],
                "training": {"learning_rate": D("0.1"), **rest},
            }
            found.append(explainer.load(table))
        for step in range(1, 1 + rest.get("steps", 1)):
            bias, threshold = found[0][f"b_p@{step}"].value, found[1][f"theta_p@{step}"].value
            assert is_close(threshold, -F(bias))
            assert is_close(found[1][f"w2@{step}"].value, F(found[0][f"w2@{step}"].value))


# classes

SOFT: Table = {
    "inputs": {"x": D("0.7"), "z": D("-0.3")},
    "layers": [
        {
            "units": ["a", "b", "c"],
            "activation": "softmax",
            "weights": [[D("0.2"), D("-0.5")], [D("0.9"), D("0.1")], [D("-0.3"), D("0.4")]],
            "bias": [D("0.1"), 0, D("-0.2")],
        }
    ],
    "display": {"significant": 15},
}


def softmax_regression(right: int) -> tuple[float, list[list[float]]]:
    """The loss and its gradients in the weights and the bias of each unit: (p - y)·x (Bishop 2006, equation 4.109)."""
    x = [0.7, -0.3, 1.0]
    rows = [[0.2, -0.5, 0.1], [0.9, 0.1, 0.0], [-0.3, 0.4, -0.2]]
    powers = [math.exp(math.fsum(w * v for w, v in zip(row, x, strict=True))) for row in rows]
    p = [power / math.fsum(powers) for power in powers]
    return -math.log(p[right]), [[(p[k] - (k == right)) * v for v in x] for k in range(3)]


def with_classes(loss: str, targets: Table, activation: str = "softmax") -> explainer.Calculation:
    """The softmax regression above."""
    layers = [{**SOFT["layers"][0], "activation": activation}]
    return explainer.load({**SOFT, "layers": layers, "targets": targets, "training": {"loss": loss}})


@pytest.mark.parametrize("right", [0, 1, 2])
@pytest.mark.parametrize(
    ("loss", "activation"),
    [("cross-entropy", "softmax"), ("softmax cross-entropy", "softmax"), ("negative log-likelihood", "log_softmax")],
)
def test_three_ways_to_the_same_gradient(loss: str, activation: str, right: int) -> None:
    """Unfused, fused, and through the logarithm: p - y each time, whether the class is named, numbered or one-hot."""
    units = ["a", "b", "c"]
    value, gradients = softmax_regression(right)
    one_hot = {unit: int(number == right) for number, unit in enumerate(units)}
    for targets in ({"class": units[right]}, {"class": right + 1}, one_hot):
        found = with_classes(loss, targets, activation)
        total = found.derivation.graph.loss
        assert float(found[total].value) == pytest.approx(value, rel=1e-14)
        for k, unit in enumerate(units):
            names = [f"w{2 * k + 1}", f"w{2 * k + 2}", f"b_{unit}"]
            assert [float(found[f"d{total}/d{name}"].value) for name in names] == pytest.approx(gradients[k], rel=1e-13)
        assert all(comparison.agrees for comparison in every_gradient(found.evaluation))


def test_soft_targets_are_averaged() -> None:
    """With shares for targets, the fused loss is the unfused one."""
    shares = {"a": D("0.2"), "b": D("0.5"), "c": D("0.3")}
    losses = []
    for loss in ("cross-entropy", "softmax cross-entropy"):
        found = with_classes(loss, shares)
        total = found.derivation.graph.loss
        losses.append([found[total].text, *(found[f"d{total}/dw{n}"].text for n in range(1, 7))])
    assert losses[0] == losses[1]


@pytest.mark.parametrize("loss", ["cross-entropy", "softmax cross-entropy", "negative log-likelihood"])
@pytest.mark.parametrize("outputs", ["sum", "mean"])
def test_a_class_is_a_one_hot_target(loss: str, outputs: str) -> None:
    """For one sample and for several; by sum and by mean."""
    activation = "log_softmax" if loss == "negative log-likelihood" else "softmax"
    layer = {**SOFT["layers"][0], "activation": activation}
    training = {"loss": loss, "outputs": outputs, "learning_rate": 1}
    for count in (1, 3):
        x = [D("0.7"), D("0.1"), D("-0.9")]
        classes, columns = ["c", "a", "c"], {"a": [0, 1, 0], "b": [0, 0, 0], "c": [1, 0, 1]}
        if count == 1:
            inputs, named = {"x": x[0], "z": 1}, {"class": "c"}
            one_hot: Table = {"a": 0, "b": 0, "c": 1}
        else:
            inputs, named, one_hot = {"x": x, "z": 1}, {"class": classes}, columns
        found = [
            explainer.load({**SOFT, "inputs": inputs, "layers": [layer], "targets": targets, "training": training})
            for targets in (named, one_hot)
        ]
        for name in ("w1+", "w4+", "w6+", "b_a+", "b_c+"):
            assert found[0][name].text == found[1][name].text, (count, name)


@pytest.mark.parametrize("count", [1, 2, 7, 12])
def test_any_number_of_classes(count: int) -> None:
    """One class is certain and teaches nothing; with more than six, sums are cut short in print and whole in truth."""
    units = [f"u{n}" for n in range(1, count + 1)]
    nets = [0.3 * n - 1 for n in range(1, count + 1)]
    for loss in ("cross-entropy", "softmax cross-entropy"):
        table: Table = {
            "inputs": {"x": 1},
            "targets": {"class": units[-1]},
            "layers": [{"units": units, "activation": "softmax", "weights": [[D(f"{net:.1f}")] for net in nets]}],
            "training": {"loss": loss, "learning_rate": 1},
            "display": {"significant": 14},
        }
        found = explainer.load(table)
        total = math.fsum(map(math.exp, nets))
        gradients = [math.exp(net) / total - (n == count) for n, net in enumerate(nets, 1)]
        for n, gradient in enumerate(gradients, 1):
            assert float(found[f"dE/dw{n}"].value) == pytest.approx(gradient, rel=1e-13, abs=1e-15)
        if count == 1:
            assert (found["out_u1"].value, found["E"].text, found["dE/dw1"].text) == (1, "0", "0")


def hinge(outs: list[float], right: int) -> tuple[float, list[float]]:
    """The sum over the other classes of max(0, 1 + other - right) (Weston and Watkins 1999), and its slopes."""
    violated = [k for k in range(len(outs)) if k != right and 1 + outs[k] - outs[right] > 0]
    slopes = [1.0 if k in violated else 0.0 for k in range(len(outs))]
    slopes[right] = -float(len(violated))
    return math.fsum(1 + outs[k] - outs[right] for k in violated), slopes


@pytest.mark.parametrize("outputs", ["sum", "mean"])
@pytest.mark.parametrize("samples", [1, 3])
def test_a_multiclass_hinge_pushes_by_the_number_of_violations(samples: int, outputs: str) -> None:
    """Outputs w·x of four units; by mean, as torch's multi-margin loss, it is a fourth of the sum."""
    weights, xs, classes = [0.4, 1.9, -0.3, 1.1], [1.0, -0.5, 2.0][:samples], [2, 1, 4][:samples]
    table: Table = {
        "inputs": {"x": [D(str(x)) for x in xs] if samples > 1 else 1},
        "targets": {"class": classes if samples > 1 else classes[0]},
        "layers": [{"units": ["p", "q", "r", "s"], "weights": [[D(str(w))] for w in weights]}],
        "training": {"loss": "multiclass hinge error", "outputs": outputs},
    }
    found = explainer.load(table)
    total, gradient = 0.0, [0.0] * 4
    for x, right in zip(xs, classes, strict=True):
        value, slopes = hinge([w * x for w in weights], right - 1)
        total += value / samples
        gradient = [g + slope * x / samples for g, slope in zip(gradient, slopes, strict=True)]
    share = 4 if outputs == "mean" else 1
    name = found.derivation.total
    assert float(found[name].value) == pytest.approx(total / share)
    for n in range(4):
        id = found.derivation.gradient.get(f"w{n + 1}")
        assert float(found.evaluation.values[id] if id else 0) == pytest.approx(gradient[n] / share)


# a formula as the loss, gradients that arrive from elsewhere


def test_a_formula_of_target_and_out_is_the_error_of_each_output() -> None:
    """(target - out)⁴ for two outputs, with the sum or the mean; by hand."""
    for outputs, share in (("sum", 1), ("mean", 2)):
        table: Table = {
            "inputs": {"x": 2},
            "targets": {"p": 1, "q": 0},
            "layers": [{"units": ["p", "q"], "weights": [[D("0.3")], [D("0.2")]]}],
            "training": {"loss": "(target - out)**4", "outputs": outputs},
        }
        found = explainer.load(table)
        assert is_close(found["E_total"].value, (F("0.4") ** 4 + F("0.4") ** 4) / share)
        assert is_close(found["dE_total/dw1"].value, -4 * F("0.4") ** 3 * 2 / share)
        assert is_close(found["dE_total/dw2"].value, 4 * F("0.4") ** 3 * 2 / share)


def test_a_formula_of_other_quantities_is_the_whole_loss() -> None:
    """A squared error with a penalty of the file's own: (t - wx)² + 0.1·w², whose slope is -2x(t - wx) + 0.2·w."""
    table: Table = {
        "inputs": {"x": 2},
        "targets": {"o": 1},
        "layers": [{"units": ["o"], "weights": [[D("0.3")]]}],
        "training": {"loss": "(target_o - out_o)**2 + 0.1*w1**2"},
    }
    found = explainer.load(table)
    assert is_close(found["E"].value, F("0.4") ** 2 + F("0.1") * F("0.09"))
    assert is_close(found["dE/dw1"].value, -4 * F("0.4") + F("0.2") * F("0.3"))


def test_gradients_that_arrive_are_passed_on() -> None:
    """dL/dp = 3 and dL/dq = -1 into p = wx and q = w²: dL/dw is 3x - 2w, dL/dx is 3w."""
    table: Table = {
        "parameters": {"w": D("0.5"), "x": 7},
        "formulas": {"p": "w*x", "q": "w**2"},
        "training": {"upstream": {"p": 3, "q": -1}, "learning_rate": 1},
    }
    found = explainer.load(table)
    assert found["dL/dw"].value == 3 * 7 - 1
    assert found["dL/dx"].value == D("1.5")
    assert found["w+"].value == D("0.5") - 20


def test_gradients_that_arrive_at_a_network_are_named_by_its_units() -> None:
    """The logistic's slope out·(1 - out) times what arrives, for two samples."""
    table: Table = {
        "inputs": {"x": [0, 1]},
        "layers": [{"units": ["o"], "activation": "logistic", "weights": [[1]]}],
        "training": {"upstream": {"o": D("0.5")}, "samples": "sum"},
    }
    out = 1 / (1 + math.exp(-1))
    assert float(explainer.load(table)["dL/dw1"].value) == pytest.approx(0.5 * out * (1 - out), rel=1e-14)


# the perceptron rule


def perceptron(
    rows: list[list[Fraction]], wanted: list[int], w: list[Fraction], rate: Fraction
) -> list[list[Fraction]]:
    """Rosenblatt 1958: after each sample, w + rate·(wanted - given)·x; until a pass without an error."""
    found, clean = [], False
    while not clean:
        clean = True
        for x, target in zip(rows, wanted, strict=True):
            error = target - (sum((p * q for p, q in zip(w, x, strict=True)), F(0)) >= 0)
            clean = clean and not error
            w = [p + rate * error * q for p, q in zip(w, x, strict=True)]
            found.append(w)
    return found


GATES = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "nand": [1, 1, 1, 0]}


def gate(wanted: list[int], key: str, start: str, **training: Any) -> explainer.Calculation:
    """A perceptron of two inputs that starts with the weights 0.3 and -0.1."""
    table: Table = {
        "inputs": {"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1]},
        "targets": {"o": wanted},
        "layers": [{"units": ["o"], "activation": "step", "weights": [[D("0.3"), D("-0.1")]], key: D(start)}],
        "training": {"optimizer": "perceptron rule", "learning_rate": D("0.1"), **training},
    }
    return explainer.load(table)


@pytest.mark.parametrize("wanted", GATES.values(), ids=GATES)
@pytest.mark.parametrize("key", ["bias", "threshold"])
def test_a_perceptron_learns_a_gate_and_stops(wanted: list[int], key: str) -> None:
    """Every step by hand, in fractions; the training ends with the first pass in which nothing is corrected."""
    sign = -1 if key == "threshold" else 1
    rows = [[F(a), F(b), F(sign)] for a in (0, 1) for b in (0, 1)]
    truth = perceptron(rows, wanted, [F("0.3"), F("-0.1"), F("0.2")], F("0.1"))
    name = "theta1" if key == "threshold" else "b1"
    found = gate(wanted, key, "0.2", steps=200)
    figures = found.states(range(1, 201), ("w1", "w2", name))
    assert figures.stopped_at == len(truth)
    assert figures.checkpoints == tuple(range(1, len(truth) + 1))
    assert [[F(text) for text in row] for row in figures.texts] == truth
    shown = gate(wanted, key, "0.2", steps=200, show_steps=list(range(1, 9)))
    assert [F(shown[f"{name}@{step}"].value) for step in range(1, 9)] == [w[2] for w in truth[:8]]


def test_the_book_perceptron_learns_and() -> None:
    """Negnevitsky, "Artificial intelligence", 2nd edition 2005, table 6.3: a fixed threshold of 0.2, and 0.1, 0.1 in the end."""
    found = gate(GATES["and"], "threshold", "0.2", steps=100, train_biases=False)
    figures = found.states((4, 8, 12, 16, 20, 100), ("w1", "w2"))
    assert figures.stopped_at == 20
    assert figures.texts[-1] == ("0.100000", "0.100000")


def test_a_gate_that_no_perceptron_can_learn_does_not_stop() -> None:
    """Exclusive or (Minsky and Papert 1969): the weights go round in a circle for a million steps, found at once."""
    assert gate([0, 1, 1, 0], "bias", "0.2", steps=1_000_000).states((0, 4)).stopped_at is None


def test_a_pass_is_what_the_order_says() -> None:
    """Only samples that are taken count, and a pass has as many steps as the order has numbers."""
    found = gate(GATES["and"], "bias", "0.2", steps=60, batch=1, order=[1, 4])
    w, clean, steps = [F("0.3"), F("-0.1"), F("0.2")], False, 0
    while not clean:
        clean = True
        for x, target in (([F(0), F(0), F(1)], 0), ([F(1), F(1), F(1)], 1)):
            error = target - (sum((p * q for p, q in zip(w, x, strict=True)), F(0)) >= 0)
            clean, steps = clean and not error, steps + 1
            w = [p + F("0.1") * error * q for p, q in zip(w, x, strict=True)]
    assert found.states((60,)).stopped_at == steps


def test_units_that_share_a_bias_correct_it_together() -> None:
    """Two units that are both wrong move their one bias by the sum of their errors."""
    table: Table = {
        "inputs": {"x": 1},
        "targets": {"p": 1, "q": 1},
        "layers": [{"units": ["p", "q"], "activation": "step", "weights": [[-1], [-2]], "bias": D("0.5")}],
        "training": {"optimizer": "perceptron rule", "learning_rate": D("0.1")},
    }
    found = explainer.load(table)
    assert (found["w1+"].value, found["w2+"].value, found["b1+"].value) == (D("-0.9"), D("-1.9"), D("0.7"))


# training that ends early


def threshold_course(rate: str, steps: int) -> list[Fraction]:
    """The error of one linear unit, 0.3 · 0.7 to become 0.55, after each step: multiplied by 1 - rate·x²."""
    error = F("0.3") * F("0.7") - F("0.55")
    return [(error * (1 - F(rate) * F("0.49")) ** n) ** 2 / 2 for n in range(1, steps + 1)]


def shrinking(stop_below: str, steps: int, **display: Any) -> explainer.Calculation:
    """That unit, to be stopped."""
    table: Table = {
        "inputs": {"i": D("0.7")},
        "targets": {"o": D("0.55")},
        "layers": [{"units": ["o"], "weights": [[D("0.3")]]}],
        "training": {"learning_rate": D("0.5"), "steps": steps, "stop_below": D(stop_below)},
        "display": display,
    }
    return explainer.load(table)


@pytest.mark.parametrize("threshold", ["0.1", "0.05", "1e-3", "1e-9", "1e-40", "1e-90"])
def test_training_stops_after_the_first_step_below(threshold: str) -> None:
    """Also where floats have long come to rest: the error is a fraction, and so is the truth."""
    truth = next(n for n, loss in enumerate(threshold_course("0.5", 500), 1) if loss < F(threshold))
    found = shrinking(threshold, 500).states((0, 1, 10, 500))
    assert found.stopped_at == truth
    assert found.checkpoints == (*(n for n in (0, 1, 10) if n < truth), truth)


@pytest.mark.parametrize("step", [1, 5, 12])
@pytest.mark.parametrize(("nudge", "later"), [("0", 1), ("1e-22", 0), ("-1e-22", 1)])
def test_a_threshold_on_the_border_is_decided_rightly(step: int, nudge: str, later: int) -> None:
    """With rate 2 and x = 0.5 the error halves: after n steps the loss is 0.5·4^-n exactly, and below is not equal."""
    with decimal.localcontext(decimal.Context(prec=60)):
        value = D("0.5") * D("0.25") ** step * (1 + D(nudge))
    table: Table = {
        "inputs": {"x": D("0.5")},
        "targets": {"o": 0},
        "layers": [{"units": ["o"], "weights": [[2]]}],
        "training": {"learning_rate": 2, "steps": 100, "stop_below": value},
    }
    assert explainer.load(table).states((100,)).stopped_at == step + later


def test_training_that_stays_above_goes_on_to_its_end() -> None:
    """Nothing is cut."""
    found = shrinking("1e-40", 20).states()
    assert found.stopped_at is None
    assert found.checkpoints == (0, 1, 10, 20)


def test_it_is_the_loss_of_all_samples_that_counts() -> None:
    """Online, each step takes one sample; the training ends when the mean over all four is low."""
    order, threshold = [1, 2, 3, 4], F("0.05")
    rows = [[F(a), F(b), F(1)] for a, b in zip(INPUTS["a"], INPUTS["b"], strict=True)]

    def loss(w: list[Fraction]) -> Fraction:
        errors = [
            sum((p * q for p, q in zip(w, x, strict=True)), F(0)) - F(t)
            for x, t in zip(rows, TARGETS["o"], strict=True)
        ]
        return sum((error * error for error in errors), F(0)) / 8

    truth = next(n for n, w in enumerate(linear_course(60, order, 1, F("0.2"), True), 1) if loss(w) < threshold)
    training = {"learning_rate": D("0.2"), "steps": 60, "batch": 1, "stop_below": D("0.05")}
    found = explainer.load({**LINEAR, "training": training})
    assert found.states().stopped_at == truth > 1


def test_where_rounded_values_are_carried_it_is_the_rounded_loss_that_counts() -> None:
    """With two decimals the loss of 0.0578 is 0.06, and 0.0437 is 0.04: below 0.05 a step of exact training later."""
    display = {"decimals": 2, "carry": "rounded"}
    found = shrinking("0.05", 50, **display)
    losses = found.states(range(51), ("E",)).texts
    assert found.states((50,)).stopped_at == len(losses) - 1
    assert D(losses[-1][0]) < D("0.05") <= min(D(text) for (text,) in losses[1:-1] or [("1",)])


def test_a_list_of_one_number_is_that_number() -> None:
    """One sample is one sample, however it is written: the same lines under the same names."""
    table: Table = {
        "inputs": {"x": 1},
        "targets": {"p": 0, "q": 1},
        "layers": [{"units": ["p", "q"], "activation": "softmax", "weights": [[1], [2]]}],
        "training": {"loss": "cross-entropy", "learning_rate": 1},
    }
    for inputs, targets in (({"x": [1]}, {"p": [0], "q": [1]}), ({"x": [1]}, {"p": 0, "q": 1})):
        listed = explainer.load({**table, "inputs": inputs, "targets": targets})
        assert [(line.id, line.text) for line in listed.lines] == [
            (line.id, line.text) for line in explainer.load(table).lines
        ]
    by_class = explainer.load({**table, "inputs": {"x": [1]}, "targets": {"class": ["q"]}})
    assert by_class["w1+"].text == explainer.load({**table, "targets": {"class": "q"}})["w1+"].text
