"""The article that the project started from: every figure of its training step, at its nine decimals.

``tests/data/article_figures.csv`` holds what the article (Mazur 2015) prints and what its stated method gives,
computed independently to 12 decimals.
"""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

import explainer

ROWS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "article_figures.csv").open(encoding="utf-8")))
ONE_STEP = [row for row in ROWS if "@" not in row["quantity"]]
TRAINED = [row for row in ROWS if "@" in row["quantity"] and "later edition" not in row["quantity"]]
NINE = Decimal("1e-9")

UNEVEN = ["E_o1", "dE_total/dw7", "dE_o2/dout_h1", "dE_total/dout_h1", "dE_total/dw2", "dE_total/dw4", "w2+", "w4+"]
"""The lines that do not recompute from their printed inputs; found independently, in plain decimals."""


@pytest.fixture(scope="module")
def article() -> explainer.Calculation:
    """The shipped example."""
    return explainer.load("mazur")


@pytest.fixture(scope="module")
def lines(article: explainer.Calculation) -> list[str]:
    """The ids of the lines of working of one step: no mere repeats, and not the second forward pass."""
    return [s.id for s in article.derivation.steps if not s.trivial and s.phase != "forward again"]


@pytest.mark.parametrize("row", ONE_STEP, ids=lambda row: row["quantity"])
def test_a_figure_of_the_stated_method(article: explainer.Calculation, row: dict[str, str]) -> None:
    """Each quantity of the first step, rounded from the independent 12 decimals."""
    text = article[row["quantity"]].text
    assert Decimal(text) == Decimal(row["stated_method"]).quantize(NINE, ROUND_HALF_UP)


@pytest.mark.parametrize(
    "row", [row for row in ONE_STEP if row["agreement"] == "agrees"], ids=lambda row: row["quantity"]
)
def test_a_figure_that_the_article_has_right(article: explainer.Calculation, row: dict[str, str]) -> None:
    """What the article prints, in as many digits as it prints."""
    printed = Decimal(row["article"])
    assert article[row["quantity"]].value.quantize(printed, ROUND_HALF_UP) == printed


def test_the_figure_for_which_the_article_carried_a_rounded_factor(article: explainer.Calculation) -> None:
    """The article's -0.019049119 is what the printed factors give; the exact value ends in 8."""
    assert article["dE_o2/dout_h1"].text == "-0.019049118"
    assert article.evaluation.recomputed["dE_o2/dout_h1"] == "-0.019049119"


@pytest.mark.parametrize("row", TRAINED, ids=lambda row: row["quantity"])
def test_a_figure_after_training_by_the_stated_method(article: explainer.Calculation, row: dict[str, str]) -> None:
    """All weights at once, from the original values: not what the article prints."""
    name, _, steps = row["quantity"].partition("@")
    ((text,),) = article.states((int(steps),), (name,)).texts
    assert Decimal(text) == Decimal(row["stated_method"]).quantize(NINE, ROUND_HALF_UP)
    assert Decimal(text) != Decimal(row["article"])


def test_the_later_edition_stopped_one_round_earlier(article: explainer.Calculation) -> None:
    """Its 0.0000351085 is the stated method's error after 9,999 rounds."""
    ((text,),) = article.states((9999,), ("E_total",)).texts
    assert text == "0.000035109"  # 0.0000351085 at nine decimals


def test_there_are_43_lines(lines: list[str]) -> None:
    """Eleven lines forward and of the loss, 24 backward, eight updates."""
    assert len(lines) == 43


def test_eight_lines_do_not_recompute(article: explainer.Calculation, lines: list[str]) -> None:
    """They differ in their last digit from what a reader gets out of the printed inputs, and they are named."""
    assert [id for id in lines if id in article.evaluation.recomputed] == UNEVEN


def test_every_line_recomputes_when_rounded_values_are_carried(article: explainer.Calculation) -> None:
    """With rounded values carried the article's own -0.019049119 comes out, and no line differs from its inputs."""
    table = explainer.load(mazur(carry="rounded"))
    assert table.evaluation.recomputed == {}
    assert table["dE_o2/dout_h1"].text == "-0.019049119"


def mazur(carry: str) -> dict[str, object]:
    """The article's network as a table."""
    return {
        "inputs": {"i1": Decimal("0.05"), "i2": Decimal("0.10")},
        "targets": {"o1": Decimal("0.01"), "o2": Decimal("0.99")},
        "layers": [
            {"units": ["h1", "h2"], "activation": "logistic", "weights": [[0.15, 0.20], [0.25, 0.30]], "bias": 0.35},
            {"units": ["o1", "o2"], "activation": "logistic", "weights": [[0.40, 0.45], [0.50, 0.55]], "bias": 0.60},
        ],
        "training": {"loss": "half squared error", "learning_rate": 0.5, "train_biases": False},
        "display": {"decimals": 9, "carry": carry},
    }
