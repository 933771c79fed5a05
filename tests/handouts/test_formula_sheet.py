"""What a sheet tells of the calculation itself: enough to find every line, and in general form only."""

from __future__ import annotations

from typing import Any

import pytest

import explainer
from explainer.formats.html import to_html
from explainer.formulas.functions import ACTIVATIONS
from explainer.formulas.losses import LOSSES
from explainer.formulas.optimizers import OPTIMIZERS
from explainer.handouts.handout import Asked, Handout, handout
from explainer.handouts.masks import Part, read_policy
from explainer.handouts.sheet import Header


def sheet(source: Any, blank: str = "all") -> Handout:
    """A worksheet with its formula sheet."""
    calculation = explainer.load(source)
    mask = read_policy(blank, calculation.derivation, calculation.spec.name)
    return handout(calculation, mask, Asked(Header(), formulas=True))


def network(activation: str = "logistic", **training: Any) -> dict[str, Any]:
    """Two units, a, b, with one input."""
    return {
        "inputs": {"x": 0.5},
        "targets": {"a": 0.2, "b": 0.8},
        "layers": [{"units": ["a", "b"], "activation": activation, "weights": [[0.4], [-0.3]], "bias": 0.1}],
        "training": {"loss": "squared error", "learning_rate": 0.5, **training},
        "display": {"decimals": 4},
    }


def said(made: Handout) -> str:
    """What is said of the calculation before its lines."""
    return made.worksheet.partition("## What is given")[2].partition("## Forward pass")[0]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_named_and_its_formula_given(activation: str) -> None:
    """In every format, for a student who is asked for the formulas of the lines."""
    made = sheet(network(activation))
    assert "| activation of the output layer |" in said(made)
    assert "- The activation of every unit: $" in said(made)
    assert "<math" in to_html(made.document())


@pytest.mark.parametrize(
    ("source", "formula"),
    [
        # the logistic function and its slope: Rumelhart, Hinton, Williams, 1986
        (network(), r"$f(x) = \frac{1}{1 + e^{-x}}$, with the slope $f'(x) = f(x) \cdot (1 - f(x))$"),
        (network("tanh"), r"with the slope $f'(x) = 1 - \left(f(x)\right)^{2}$"),
        (network("leaky relu"), r"0.01 \cdot x"),
        # the Jacobian of the softmax: Bishop, "Pattern Recognition and Machine Learning", 2006, equation 4.106
        (network("softmax"), r"own net input is $\mathit{out}_{k} \cdot (1 - \mathit{out}_{k})$"),
        (network("softmax"), r"with that of another $-\mathit{out}_{j} \cdot \mathit{out}_{k}$"),
        (network(), r"The error of an output: $(\mathit{target} - \mathit{out})^{2}$. The total error is their sum."),
        # Kingma, Ba, 2015, algorithm 1
        (network(optimizer="adam"), r"$\hat m = \frac{m^{+}}{1 - \beta_{1}^{t}}$"),
        (network(optimizer="adam"), r"$w^{+} = w - \frac{\eta \cdot \hat m}{\sqrt{\hat v} + \epsilon}$"),
        (network(clip_value=0.1), r"$w^{+} = w - \eta \cdot \bar g$"),
        (network(clip_norm=0.1), r"$\kappa = \begin{cases} 1 & \lVert g\rVert \le c \cr \frac{c}{\lVert g\rVert}"),
        (
            network(schedule="exponential", gamma=0.9),
            r"$\eta = \eta_{0} \cdot \gamma^{t - 1}$, $w^{+} = w - \eta \cdot g$",
        ),
        (
            "softmax",
            r"- The error, where $c$ is the right class: $\ln \sum_{k} e^{\mathit{net}_{k}} - \mathit{net}_{c}$.",
        ),
        ("classifier", r"where $c$ is the right class: $-\ln\left(\mathit{out}_{c}\right)$"),
        (
            "perceptron",
            "- A new weight is the old one plus the learning rate times the error times what came in along it.",
        ),
        ("textbook", r"- The error: $\frac{1}{2} \cdot (t - y)^{2}$."),
    ],
)
def test_a_formula_sheet_has_the_formulas(source: Any, formula: str) -> None:
    """In the symbols of the sheet, as the books have them."""
    assert formula in sheet(source).worksheet.partition("## Formula sheet")[2]


@pytest.mark.parametrize(
    ("source", "row"),
    [
        ("softmax", "| right class | setosa |"),
        ("classifier", "| activation of hidden layer 2 | the relu function |"),
        ("mazur", "| error | half squared error, added up over the outputs |"),
        ("xor", "| error | half squared error, added up over the samples |"),
        ("logistic", "| error | binary cross-entropy, averaged over the samples |"),
        ("perceptron", "| error | target minus output |"),
        ("adam", "| update | Adam |"),
        (
            network(update="sequential"),
            "| update | gradient descent, each parameter as soon as its gradient is complete |",
        ),
        ({**network("own"), "functions": {"own": "x**3"}}, "| the function own: $f(x) = x^{3}$ |"),
    ],
)
def test_what_the_lines_follow_from_is_given(source: Any, row: str) -> None:
    """The right class, the functions, the error and the kind of update: without them no formula could be written down."""
    assert row in said(sheet(source))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_loss_and_optimizer_has_its_line(loss: str, optimizer: str) -> None:
    """Whatever a file may name."""
    row = LOSSES[loss]
    source = network("softmax" if row.joint else "logistic", loss=loss, optimizer=optimizer)
    if row.joint or row.of_others:
        source = {**source, "targets": {"class": "a"}}
    made = said(sheet(source))
    assert f"| error | {loss}" in made
    assert "- The error" in made
    assert "- A new value is" in made or "- A parameter $w$ with the gradient $g$" in made


def test_nobody_is_asked_for_the_formulas_of_the_file() -> None:
    """A list of formulas is the calculation itself; rates and updates can be found."""
    calculation = explainer.load("neuron")
    asked = {id for id, part in read_policy("all", calculation.derivation, "neuron") if part is Part.FORMULA}
    assert asked & {"dot", "f"} == set()
    assert "df/dw0" in asked
    own = network(loss="(target - out)**4")
    asked = {id for id, part in read_policy("all", explainer.load(own).derivation, "own") if part is Part.FORMULA}
    assert {"net_a", "dE_total/dw1"} <= asked
    assert "E_a" not in asked


def test_a_formula_sheet_without_formulas_is_left_out() -> None:
    """A heading alone helps nobody."""
    source = {"given": {"K": 1250, "n": 4}, "formulas": {"S": "K*1.035**n"}}
    assert "Formula sheet" not in sheet(source).worksheet
