"""Optimizers, schedules and treatments of the gradient, against the published formulas written down once more.

The formulas below are those of the papers and of PyTorch's documentation (torch.optim, 2.x: the algorithm boxes), in
plain decimals of 60 digits; nothing of the program is used to find what it should give.
"""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

import explainer
from explainer.formulas.optimizers import OPTIMIZERS, SCHEDULES
from explainer.numbers.training import FloatTraining

D = Decimal
PI = D("3.14159265358979323846264338327950288419716939937510582097494459")
STEPS = 5
START = {"w": D("0.8"), "v": D("-0.5"), "u": D("2")}
LOSS = "w**4/4 + 1/2*(w*v - 1)**2 + 3*u"
FORMULAS: dict[str, Any] = {"parameters": START, "formulas": {"L": LOSS}, "display": {"decimals": 12}}
Values = dict[str, Decimal]


@pytest.fixture(autouse=True)
def _sixty_digits() -> Iterator[None]:
    with decimal.localcontext(decimal.Context(prec=60)):
        yield


def gradient(at: Values) -> Values:
    """The gradient of the loss above: by hand."""
    w, v = at["w"], at["v"]
    return {"w": w**3 + (w * v - 1) * v, "v": (w * v - 1) * w, "u": D(3)}


# the published formulas: each gives the new value of one parameter, and changes its state


def descent(w: Decimal, g: Decimal, _: Values, rate: Decimal, t: int, s: Values) -> Decimal:
    """Cauchy's method of steepest descent, with a fixed rate."""
    return w - rate * g


def ascent(w: Decimal, g: Decimal, _: Values, rate: Decimal, t: int, s: Values) -> Decimal:
    """Uphill (torch.optim.SGD with maximize)."""
    return w + rate * g


def classical_momentum(w: Decimal, g: Decimal, state: Values, rate: Decimal, t: int, s: Values) -> Decimal:
    """Rumelhart, Hinton and Williams 1986, equation 9: the change is -ε·gradient plus α times the last change."""
    state["change"] = -rate * g + s["momentum"] * state.get("change", D(0))
    return w + state["change"]


def torch_momentum(w: Decimal, g: Decimal, state: Values, rate: Decimal, t: int, s: Values) -> Decimal:
    """torch.optim.SGD: the buffer is the first gradient, later μ·buffer + gradient."""
    state["buffer"] = s["momentum"] * state["buffer"] + g if t > 1 else g
    return w - rate * state["buffer"]


def torch_nesterov(w: Decimal, g: Decimal, state: Values, rate: Decimal, t: int, s: Values) -> Decimal:
    """torch.optim.SGD with nesterov: the step is gradient + μ·buffer."""
    state["buffer"] = s["momentum"] * state["buffer"] + g if t > 1 else g
    return w - rate * (g + s["momentum"] * state["buffer"])


def adagrad(w: Decimal, g: Decimal, state: Values, rate: Decimal, t: int, s: Values) -> Decimal:
    """torch.optim.Adagrad without decay; Duchi, Hazan and Singer 2011."""
    state["sum"] = state.get("sum", D(0)) + g * g
    return w - rate * g / (state["sum"].sqrt() + s["epsilon"])


def rmsprop(w: Decimal, g: Decimal, state: Values, rate: Decimal, t: int, s: Values) -> Decimal:
    """torch.optim.RMSprop, not centered, without momentum."""
    state["average"] = s["rho"] * state.get("average", D(0)) + (1 - s["rho"]) * g * g
    return w - rate * g / (state["average"].sqrt() + s["epsilon"])


def adadelta(w: Decimal, g: Decimal, state: Values, rate: Decimal, t: int, s: Values) -> Decimal:
    """Zeiler 2012, algorithm 1, with the rate of torch.optim.Adadelta."""
    state["squares"] = s["rho"] * state.get("squares", D(0)) + (1 - s["rho"]) * g * g
    change = (state.get("changes", D(0)) + s["epsilon"]).sqrt() / (state["squares"] + s["epsilon"]).sqrt() * g
    state["changes"] = s["rho"] * state.get("changes", D(0)) + (1 - s["rho"]) * change * change
    return w - rate * change


def adam(w: Decimal, g: Decimal, state: Values, rate: Decimal, t: int, s: Values) -> Decimal:
    """Kingma and Ba 2015, algorithm 1."""
    state["m"] = s["beta1"] * state.get("m", D(0)) + (1 - s["beta1"]) * g
    state["v"] = s["beta2"] * state.get("v", D(0)) + (1 - s["beta2"]) * g * g
    first, second = state["m"] / (1 - s["beta1"] ** t), state["v"] / (1 - s["beta2"] ** t)
    return w - rate * first / (second.sqrt() + s["epsilon"])


def adamw(w: Decimal, g: Decimal, state: Values, rate: Decimal, t: int, s: Values) -> Decimal:
    """torch.optim.AdamW: the weight shrinks first, apart from the gradient; Loshchilov and Hutter 2019, algorithm 2."""
    return adam(w - rate * s["weight_decay"] * w, g, state, rate, t, s)


Rule = Callable[[Decimal, Decimal, Values, Decimal, int, Values], Decimal]
PUBLISHED: dict[str, tuple[Rule, Values]] = {
    "gradient descent": (descent, {}),
    "gradient ascent": (ascent, {}),
    "momentum": (classical_momentum, {"momentum": D("0.9")}),
    "pytorch momentum": (torch_momentum, {"momentum": D("0.9")}),
    "nesterov": (torch_nesterov, {"momentum": D("0.9")}),
    "adagrad": (adagrad, {"epsilon": D("1e-10")}),
    "rmsprop": (rmsprop, {"rho": D("0.9"), "epsilon": D("1e-8")}),
    "adadelta": (adadelta, {"rho": D("0.95"), "epsilon": D("1e-6")}),
    "adam": (adam, {"beta1": D("0.9"), "beta2": D("0.999"), "epsilon": D("1e-8")}),
    "adamw": (
        adamw,
        {"beta1": D("0.9"), "beta2": D("0.999"), "epsilon": D("1e-8"), "weight_decay": D("0.01")},
    ),
}
"""Each optimizer with its usual settings: the papers' for momentum, RMSProp and Adadelta, torch's for the others."""
OTHER: dict[str, Values] = {
    "momentum": {"momentum": D("0.5")},
    "pytorch momentum": {"momentum": D("0.95")},
    "nesterov": {"momentum": D("0.3")},
    "adagrad": {"epsilon": D("0.01")},
    "rmsprop": {"rho": D("0.6"), "epsilon": D("0.001")},
    "adadelta": {"rho": D("0.8"), "epsilon": D("0.01")},
    "adam": {"beta1": D("0.7"), "beta2": D("0.8"), "epsilon": D("0.1")},
    "adamw": {"beta1": D("0.7"), "beta2": D("0.8"), "epsilon": D("0.1"), "weight_decay": D("0.3")},
}
"""Settings that nobody's defaults are."""


def course(
    optimizer: str,
    settings: Mapping[str, Decimal],
    rate_of: Callable[[int], Decimal],
    treated: Callable[[Values, Values], Values] = lambda g, _: g,
) -> list[Values]:
    """The parameters after each of five steps."""
    rule, usual = PUBLISHED[optimizer]
    at, states, found = dict(START), {name: Values() for name in START}, []
    for t in range(1, STEPS + 1):
        gradients = treated(gradient(at), at)
        at = {n: rule(at[n], gradients[n], states[n], rate_of(t), t, {**usual, **settings}) for n in at}
        found.append(at)
    return found


def assert_follows(truth: list[Values], **training: Any) -> explainer.Calculation:
    """All steps written out, some of them written out, the figures of the training, and floats."""
    training = {"loss": "L", "learning_rate": D("0.1"), "steps": STEPS, **training}
    whole = explainer.load({**FORMULAS, "training": {**training, "show_steps": list(range(1, STEPS + 1))}})
    for step, at in enumerate(truth, 1):
        for name, value in at.items():
            assert close(whole[f"{name}@{step}"].value, value), (name, step)
    gapped = explainer.load({**FORMULAS, "training": {**training, "show_steps": [1, 4]}})
    for name, value in truth[3].items():
        assert close(gapped[f"{name}@4"].value, value), name
        assert whole[f"{name}@4"].text == gapped[f"{name}@4"].text
    figures = whole.states(range(1, STEPS + 1), tuple(START))
    for row, at in zip(figures.texts, truth, strict=True):
        assert [D(text) for text in row] == [twelve_decimals(at[name]) for name in START]
    floats = FloatTraining(whole.derivation, whole.evaluation.sources, tuple(START))
    assert floats.after(STEPS) == pytest.approx([float(truth[-1][name]) for name in START], rel=1e-12)
    return whole


def close(found: Decimal, truth: Decimal) -> bool:
    """Agreement in 24 digits: the program works with 30 and more."""
    return abs(found - truth) <= abs(truth) * D("1e-24")


def twelve_decimals(value: Decimal) -> Decimal:
    """Halves up, as the file's default has it."""
    return value.quantize(D("1e-12"), ROUND_HALF_UP)


# optimizers


def test_every_optimizer_of_the_table_is_tested() -> None:
    """A new row needs its published formula here."""
    assert set(PUBLISHED) == set(OPTIMIZERS)
    assert set(OTHER) == {name for name, row in OPTIMIZERS.items() if row.settings}


@pytest.mark.parametrize("optimizer", PUBLISHED)
def test_an_optimizer_is_the_published_one(optimizer: str) -> None:
    """Five steps with the usual settings, which the file need not name."""
    assert_follows(course(optimizer, {}, lambda _: D("0.1")), optimizer=optimizer)


@pytest.mark.parametrize("optimizer", OTHER)
def test_an_optimizer_takes_the_settings_of_the_file(optimizer: str) -> None:
    """Five steps with unusual settings."""
    truth = course(optimizer, OTHER[optimizer], lambda _: D("0.1"))
    assert_follows(truth, optimizer=optimizer, **OTHER[optimizer])


@pytest.mark.parametrize("optimizer", PUBLISHED)
def test_a_sequential_update_of_one_parameter_is_a_simultaneous_one(optimizer: str) -> None:
    """With a single parameter nothing can be read too early."""
    single = {"parameters": {"w": D("0.8")}, "formulas": {"L": "w**4/4 - w"}, "display": {"decimals": 12}}
    texts = []
    for update in ("simultaneous", "sequential"):
        training = {"loss": "L", "learning_rate": D("0.1"), "optimizer": optimizer, "update": update, "steps": 3}
        texts.append(explainer.load({**single, "training": training}).states((1, 2, 3), ("w",)).texts)
    assert texts[0] == texts[1]


def test_adam_corrects_its_bias() -> None:
    """The first corrected moments are the gradient and its square, whatever the betas are."""
    found = assert_follows(course("adam", {}, lambda _: D("0.1")), optimizer="adam")
    first = gradient(START)
    for name, g in first.items():
        assert close(found[f"mhat_{name}"].value, g)
        assert close(found[f"vhat_{name}"].value, g * g)
        assert close(found[f"m_{name}+"].value, g / 10)
        assert close(found[f"v_{name}+"].value, g * g / 1000)


def test_adamw_without_decay_is_adam() -> None:
    """The difference between the two is the decay alone."""
    plain = course("adam", {}, lambda _: D("0.1"))
    assert_follows(plain, optimizer="adamw", weight_decay=0)


def test_decay_does_not_go_through_adams_averages() -> None:
    """Decoupled decay and a penalty differ, and the penalty is part of the gradient (Loshchilov and Hutter 2019)."""
    decayed = course("adam", {}, lambda _: D("0.1"), lambda g, at: {n: g[n] + D("0.3") * at[n] for n in g})
    assert_follows(decayed, optimizer="adam", l2=D("0.3"))
    assert_follows(course("adamw", {"weight_decay": D("0.3")}, lambda _: D("0.1")), optimizer="adam", weight_decay=0.3)
    assert abs(decayed[0]["w"] - course("adamw", {"weight_decay": D("0.3")}, lambda _: D("0.1"))[0]["w"]) > D("0.01")


@pytest.mark.parametrize("key", ["l2", "weight_decay"])
def test_what_decays_may_be_said(key: str) -> None:
    """Of a network all weights and no bias, else what the file names; gradient descent takes rate times key times w
    more from it (by hand)."""

    def new_values(**training: Any) -> tuple[Decimal, Decimal]:
        calculation = explainer.load(
            {
                "inputs": {"x": 2},
                "targets": {"y": 1},
                "layers": [{"units": ["y"], "weights": [[3]], "bias": [5]}],
                "training": {"loss": "half squared error", "learning_rate": D("0.1"), **training},
            }
        )
        return calculation.evaluation.values["w1+"], calculation.evaluation.values["b_y+"]

    w, b = 3 - D("0.1") * 20, 5 - D("0.1") * 10  # the output is 11, so the error's slope is 10; the input is 2
    more = {"w": D("0.1") * D("0.5") * 3, "b": D("0.1") * D("0.5") * 5}
    assert new_values() == (w, b)
    assert new_values(**{key: D("0.5")}) == (w - more["w"], b)
    assert new_values(**{key: D("0.5")}, decayed=["b_y"]) == (w, b - more["b"])
    assert new_values(**{key: D("0.5")}, decayed=["w1", "b_y"]) == (w - more["w"], b - more["b"])


# schedules


def cosine_of(x: Decimal) -> Decimal:
    """The cosine by its series, at the digits in use."""
    term, total, n = D(1), D(1), 0
    while abs(term) > D("1e-70"):
        n += 2
        term *= -x * x / (n * (n - 1))
        total += term
    return total


CLOSED_FORMS: dict[str, tuple[dict[str, Any], Callable[[int], Decimal]]] = {
    "step": ({"period": 2, "gamma": D("0.5")}, lambda t: D("0.1") * D("0.5") ** ((t - 1) // 2)),
    "exponential": ({"gamma": D("0.9")}, lambda t: D("0.1") * D("0.9") ** (t - 1)),
    "cosine": (
        {"period": 4, "lowest_rate": D("0.02")},
        lambda t: D("0.02") + (D("0.1") - D("0.02")) * (1 + cosine_of(PI * (t - 1) / 4)) / 2,
    ),
}
"""torch.optim.lr_scheduler: StepLR, ExponentialLR and CosineAnnealingLR; their epoch is the number of steps done."""


def test_every_schedule_of_the_table_is_tested() -> None:
    """A new row needs its closed form here."""
    assert set(CLOSED_FORMS) == set(SCHEDULES)


@pytest.mark.parametrize("schedule", CLOSED_FORMS)
@pytest.mark.parametrize("optimizer", ["gradient descent", "momentum", "adamw"])
def test_a_schedule_is_its_closed_form(schedule: str, optimizer: str) -> None:
    """The rate of each step, and what five steps with it come to."""
    settings, rate_of = CLOSED_FORMS[schedule]
    found = assert_follows(course(optimizer, {}, rate_of), optimizer=optimizer, schedule=schedule, **settings)
    rates = [found[f"rate@{step}" if step else "rate"].value for step in range(STEPS)]
    assert all(close(rate, rate_of(t)) for t, rate in enumerate(rates, 1))


def test_the_usual_settings_of_the_schedules() -> None:
    """A tenth at every period (torch's gamma of StepLR), and down to 0 (torch's eta_min)."""
    assert_follows(course("gradient descent", {}, lambda t: D("0.1") / 10 ** ((t - 1) // 3)), schedule="step", period=3)
    assert_follows(
        course("gradient descent", {}, lambda t: D("0.1") * (1 + cosine_of(PI * (t - 1) / 8)) / 2),
        schedule="cosine",
        period=8,
    )


@pytest.mark.parametrize("period", ["0.1", "0.7", "3", "7"])
def test_a_period_of_any_length_ends_where_it_should(period: str) -> None:
    """The number of whole periods among the steps done: 0.7 fits ten times into 7."""
    training = {"loss": "L", "learning_rate": 1, "schedule": "step", "period": D(period), "gamma": D("0.5"), "steps": 8}
    table = {**FORMULAS, "training": {**training, "show_steps": [8]}, "display": {"significant": 20}}
    assert D(explainer.load(table)["rate@7"].text) == +decimal.Context(prec=20).create_decimal(
        D("0.5") ** int(D(7) // D(period))
    )


# clipping, penalty, decay


def clipped_by_value(limit: Decimal) -> Callable[[Values, Values], Values]:
    """torch.nn.utils.clip_grad_value_."""
    return lambda g, _: {name: max(-limit, min(limit, value)) for name, value in g.items()}


def clipped_by_norm(limit: Decimal) -> Callable[[Values, Values], Values]:
    """Pascanu, Mikolov and Bengio 2013, algorithm 1 (torch adds 1e-6 to the norm)."""

    def treated(g: Values, _: Values) -> Values:
        norm = sum((value * value for value in g.values()), D(0)).sqrt()
        return {name: value * limit / norm if norm > limit else value for name, value in g.items()}

    return treated


@pytest.mark.parametrize("optimizer", ["gradient descent", "nesterov", "adam"])
@pytest.mark.parametrize("limit", ["0.3", "1", "100"])
def test_clipping_by_value(optimizer: str, limit: str) -> None:
    """Every component by itself."""
    truth = course(optimizer, {}, lambda _: D("0.1"), clipped_by_value(D(limit)))
    assert_follows(truth, optimizer=optimizer, clip_value=D(limit))


@pytest.mark.parametrize("optimizer", ["gradient descent", "nesterov", "adam"])
@pytest.mark.parametrize("limit", ["0.3", "1", "100"])
def test_clipping_by_norm(optimizer: str, limit: str) -> None:
    """The whole gradient keeps its direction."""
    truth = course(optimizer, {}, lambda _: D("0.1"), clipped_by_norm(D(limit)))
    assert_follows(truth, optimizer=optimizer, clip_norm=D(limit))


@pytest.mark.parametrize(("limit", "scale"), [("5", "1"), ("4", "0.8"), ("5.000001", "1"), ("2.5", "0.5")])
def test_a_gradient_of_exactly_the_length_allowed_is_left_alone(limit: str, scale: str) -> None:
    """The gradient of 3a + 4b is (3, 4), of length 5 exactly."""
    table = {
        "parameters": {"a": 1, "b": 1},
        "formulas": {"L": "3*a + 4*b"},
        "training": {"loss": "L", "learning_rate": 1, "clip_norm": D(limit)},
    }
    found = explainer.load(table)
    assert found["gradient_norm"].text == "5"
    assert found["gradient_scale"].value == D(scale)
    assert (found["a+"].value, found["b+"].value) == (1 - 3 * D(scale), 1 - 4 * D(scale))


def test_a_gradient_of_zero_can_be_clipped() -> None:
    """At the bottom there is nothing to divide by the length."""
    for clipping in ({"clip_norm": 1}, {"clip_value": 1}):
        table = {
            "parameters": {"a": 2, "b": 3},
            "formulas": {"L": "(a - 2)**2 + (b - 3)**2"},
            "training": {"loss": "L", "learning_rate": 1, "steps": 4, **clipping},
        }
        found = explainer.load(table)
        assert (found["a+"].text, found["b+"].text) == ("2", "3")
        assert found.states((4,), ("a", "b")).texts == (("2", "3"),)


@pytest.mark.parametrize("optimizer", PUBLISHED)
def test_weight_decay_goes_with_every_optimizer(optimizer: str) -> None:
    """The weight shrinks by rate·decay of itself, apart from its gradient."""
    rule, usual = PUBLISHED[optimizer]
    decay, rate = D("0.2"), D("0.1")
    at, states, truth = dict(START), {name: Values() for name in START}, []
    for t in range(1, STEPS + 1):
        g = gradient(at)
        settings = {**usual, "weight_decay": D(0)}
        at = {n: rule(at[n], g[n], states[n], rate, t, settings) - rate * decay * at[n] for n in at}
        truth.append(at)
    assert_follows(truth, optimizer=optimizer, weight_decay=decay)


def test_everything_at_once() -> None:
    """Clipping by value, then by the norm of what that leaves, then the penalty; Adam with a falling rate."""

    def treated(g: Values, at: Values) -> Values:
        clipped = clipped_by_norm(D("1.1"))(clipped_by_value(D("0.9"))(g, at), at)
        return {name: value + D("0.05") * at[name] for name, value in clipped.items()}

    truth = course("adamw", {}, CLOSED_FORMS["cosine"][1], treated)
    settings = CLOSED_FORMS["cosine"][0]
    more = {"clip_value": D("0.9"), "clip_norm": D("1.1"), "l2": D("0.05")}
    assert_follows(truth, optimizer="adamw", schedule="cosine", **settings, **more)


@pytest.mark.parametrize("key", ["l2", "weight_decay"])
def test_biases_are_neither_penalized_nor_decay(key: str) -> None:
    """Only weights are (Goodfellow, Bengio and Courville 2016, section 7.1): x = 1, so both have the same gradient."""
    table: dict[str, Any] = {
        "inputs": {"x": 1},
        "targets": {"o": 0},
        "layers": [{"units": ["o"], "weights": [[D("0.5")]], "bias": D("0.5")}],
        "training": {"learning_rate": D("0.1"), key: D("0.2")},
    }
    found = explainer.load(table)  # the error is (w + b)²/2, so both gradients are w + b = 1
    assert found["b1+"].value == D("0.5") - D("0.1")
    assert found["w1+"].value == D("0.5") - D("0.1") - D("0.1") * D("0.2") * D("0.5")


def test_the_length_of_the_gradient_counts_what_is_trained() -> None:
    """Inputs whose gradient is wanted, and biases that stay, are no part of it."""
    table: dict[str, Any] = {
        "parameters": {"a": 1, "b": 1},
        "given": {"x": 7},
        "formulas": {"L": "3*a + 4*b + x*x"},
        "training": {"loss": "L", "learning_rate": 1, "clip_norm": 1, "gradients": ["a", "x"]},
    }
    assert explainer.load(table)["gradient_norm"].value == 3


def test_floats_of_a_sine_check_the_series() -> None:
    """The cosine above is the cosine."""
    assert float(cosine_of(D("0.7"))) == pytest.approx(math.cos(0.7), rel=1e-15)
