"""Training: compiled floats against exact evaluation step by step, and the article's figures after 10,000 rounds."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

import explainer
from explainer.numbers.training import FloatTraining, checkpoints, observed_quantities
from tests.networks import Style, Table, formulas, network

FIGURES = Path(__file__).parents[1] / "data" / "article_figures.csv"
SIMULTANEOUS = {
    row["quantity"]: Decimal(row["stated_method"])
    for row in csv.DictReader(FIGURES.open(encoding="utf-8"))
    if "@" in row["quantity"] and "later edition" not in row["quantity"]
}
SEQUENTIAL = {
    "E_total@1": "0.291027924",
    "E_total@10000": "0.000035085",
    "out_o1@10000": "0.015912196",
    "out_o2@10000": "0.984065734",
}
"""What the article prints: hidden gradients formed with output weights that are updated already."""

FORTY = Context(prec=40)


def article(update: str, decimals: int) -> explainer.Calculation:
    """The article's network."""
    table: Table = {
        "inputs": {"i1": 0.05, "i2": 0.10},
        "targets": {"o1": 0.01, "o2": 0.99},
        "layers": [
            {"units": ["h1", "h2"], "activation": "logistic", "weights": [[0.15, 0.20], [0.25, 0.30]], "bias": 0.35},
            {"units": ["o1", "o2"], "activation": "logistic", "weights": [[0.40, 0.45], [0.50, 0.55]], "bias": 0.60},
        ],
        "training": {"loss": "half squared error", "learning_rate": 0.5, "train_biases": False, "update": update},
        "display": {"decimals": decimals},
    }
    return explainer.load(table)


def trained(seed: int, carry: str = "exact") -> explainer.Calculation:
    """A random network that is trained in small steps."""
    losses = ("half squared error", "squared error")
    names = ("identity", "logistic", "tanh", "softplus")
    style = Style(activations=names, losses=losses, plain=True, most_units=4, most_samples=1)
    table = network(Random(f"trained {seed}"), style)
    table["training"] = {
        "loss": table["training"]["loss"],
        "update": ("simultaneous", "sequential")[seed % 2],
        "train_biases": seed % 3 > 0,
        "learning_rate": Decimal("0.02"),
    }
    table["display"] = {"decimals": 6 + seed % 6, "carry": carry}
    return explainer.load(table)


def one_by_one(calculation: explainer.Calculation) -> Iterator[explainer.Calculation]:
    """The calculation after 0, 1, 2, … updates, each evaluated anew from the weights that the one before found."""
    while True:
        yield calculation
        updates = [step for step in calculation.derivation.steps if step.id.endswith("+")]
        calculation = calculation.with_values(
            {step.of: FORTY.plus(calculation.evaluation.values[step.id]) for step in updates}
        )


# compiled floats


@pytest.mark.parametrize("seed", range(12))
def test_float_training_is_exact_evaluation_to_twelve_digits(seed: int) -> None:
    """Sixty compiled steps in floats end where sixty evaluations in decimals do."""
    start = trained(seed)
    observed = observed_quantities(start.derivation)
    training = FloatTraining(start.derivation, start.evaluation.sources, observed)
    for count, now in zip(range(61), one_by_one(start), strict=False):
        if count % 20 == 0:
            exact = [float(now.evaluation.values[name]) for name in observed]
            assert training.after(count) == pytest.approx(exact, rel=1e-12, abs=1e-12)


def test_float_training_of_formulas_is_exact_evaluation() -> None:
    """The same for a list of formulas: gradient descent on (w² - 2)² + v², which is not a network."""
    table = {
        "parameters": {"w": 1, "v": 0.5},
        "formulas": {"d": "w**2 - 2", "L": "d**2 + v**2"},
        "training": {"loss": "L", "learning_rate": 0.05},
    }
    start = explainer.load(table)
    training = FloatTraining(start.derivation, start.evaluation.sources, ("d", "L"))
    for count, now in zip(range(61), one_by_one(start), strict=False):
        exact = [float(now.evaluation.values[name]) for name in ("d", "L")]
        assert training.after(count) == pytest.approx(exact, rel=1e-12, abs=1e-12)


# the article


@pytest.mark.parametrize(("quantity", "text"), SEQUENTIAL.items())
def test_sequential_updates_give_what_the_article_prints(quantity: str, text: str) -> None:
    """To every digit, after one round and after 10,000."""
    name, _, count = quantity.partition("@")
    assert article("sequential", 9).states((int(count),), (name,)).texts == ((text,),)


@pytest.mark.parametrize(("quantity", "value"), SIMULTANEOUS.items())
def test_simultaneous_updates_give_the_stated_method(quantity: str, value: Decimal) -> None:
    """To the twelve decimals that were computed independently."""
    name, _, count = quantity.partition("@")
    assert article("simultaneous", 12).states((int(count),), (name,)).texts == ((str(value),),)


def test_the_lines_of_the_second_forward_pass_are_the_state_after_one_update() -> None:
    """E_total@1 as a line of working, by either kind of update."""
    assert article("simultaneous", 9)["E_total@1"].text == "0.291027774"
    assert article("sequential", 9)["E_total@1"].text == "0.291027924"


# trajectories


@pytest.mark.parametrize(
    ("seed", "carry"), [*((seed, "exact") for seed in range(10)), *((seed, "rounded") for seed in (2, 3))]
)
def test_a_trajectory_is_what_evaluating_again_and_again_gives(seed: int, carry: str) -> None:
    """Text by text over four updates, whether full precision or the rounded values are carried."""
    start = trained(seed, carry)
    observed = observed_quantities(start.derivation)
    found = start.states(range(5), observed)
    assert found.checkpoints == tuple(range(5))
    for row, now in zip(found.texts, one_by_one(start), strict=False):
        assert [Decimal(text) for text in row] == [Decimal(now.evaluation.texts[name]) for name in observed]


def test_a_state_does_not_depend_on_the_states_before_it() -> None:
    """Asking for 0, 7 and 30 updates gives at 30 what asking for 30 alone gives."""
    calculation = trained(3)
    assert calculation.states((0, 7, 30)).texts[-1] == calculation.states((30,)).texts[0]


def test_parameters_can_be_watched() -> None:
    """After one update a weight is the ``w5+`` of the lines of working."""
    calculation = article("simultaneous", 9)
    assert calculation.states((0, 1), ("w5",)).texts == (("0.400000000",), (calculation["w5+"].text,))


@pytest.mark.parametrize("rate", ["0.5", "5"])
@pytest.mark.parametrize("count", [1, 10, 100, 300])
def test_an_error_keeps_its_digits_however_far_it_goes(count: int, rate: str) -> None:
    """The error of one linear unit is multiplied by (1 - rate·x²) in each step: down to 1e-75, or up to 1e+95."""
    error = Fraction("0.3") * Fraction("0.7") - Fraction("0.55")
    error *= (1 - Fraction(rate) * Fraction("0.7") ** 2) ** count
    ((out, loss),) = linear(rate).states((count,), ("out_o", "E")).texts
    assert Decimal(out) == nine_digits(error + Fraction("0.55"))
    assert Decimal(loss) == nine_digits(error**2 / 2)


def test_training_long_past_convergence_still_has_figures() -> None:
    """After 3,000 steps the error is of the order 1e-736: the output is the target in all digits shown."""
    assert linear("0.5").states((3000,), ("out_o",)).texts == (("0.550000000",),)


def test_a_lesson_about_a_training_that_diverges_is_refused_in_words_or_written() -> None:
    """The error grows beyond every float within 5,000 steps; whatever happens then is no bare Python exception."""
    try:
        outcome = linear("5").walkthrough().html()
    except explainer.ExplainerError as error:
        outcome = str(error)
    assert "<svg" in outcome or "smaller learning rate" in outcome


def nine_digits(value: Fraction) -> Decimal:
    """A fraction to nine significant digits."""
    return Context(prec=9, rounding=ROUND_HALF_UP).divide(Decimal(value.numerator), Decimal(value.denominator))


def linear(rate: str) -> explainer.Calculation:
    """One linear unit: 0.3 · 0.7, to become 0.55; nine significant digits."""
    table: Table = {
        "inputs": {"i": 0.7},
        "targets": {"o": 0.55},
        "layers": [{"units": ["o"], "weights": [[0.3]]}],
        "training": {"learning_rate": Decimal(rate), "steps": 5000},
        "display": {"significant": 9},
    }
    return explainer.load(table)


def test_the_states_shown_are_powers_of_ten_and_the_last() -> None:
    """0, 1, 10, 100, … and the number of steps itself."""
    assert checkpoints(2500) == (0, 1, 10, 100, 1000, 2500)
    assert checkpoints(1) == (0, 1)
    assert checkpoints(10) == (0, 1, 10)


def test_states_need_a_learning_rate() -> None:
    """A calculation that is only differentiated has no later states."""
    with pytest.raises(explainer.ExplainerError, match="learning_rate"):
        explainer.load(formulas(Random("untrained")) | {"training": {"loss": "L"}}).states((1,))
