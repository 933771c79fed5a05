"""Digits that differ from quantity to quantity: which lines they are for, and that every printed digit is right."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

import explainer
from explainer.formulas.problems import ExplainerError
from tests.bench.networks import article

ASKED = {"gradients": 3, "errors": 7, "parameters": 2, "out_o1": 4, "dE_total/dw5": 8, "w6+": 5}


def decimals_of(text: str) -> int:
    """How many decimals a figure has."""
    return len(text.partition(".")[2])


def calculation(**display: Any) -> explainer.Calculation:
    """The article's network under another rounding contract."""
    return explainer.load({**article(steps=1), "display": display})


@pytest.mark.parametrize(
    ("id", "decimals"),
    [
        ("net_h1", 9),
        ("out_o1", 4),
        ("out_o1@1", 4),
        ("out_o2@1", 9),
        ("E_o1", 7),
        ("E_total", 7),
        ("E_total@1", 7),
        ("dE_total/dw6", 3),
        ("dE_total/dw5", 8),
        ("w5+", 2),
        ("w6+", 5),
    ],
)
def test_each_line_has_the_digits_that_were_asked_for(id: str, decimals: int) -> None:
    """An id goes before a name, a name before a kind; a name covers the later states of its quantity."""
    assert decimals_of(calculation(decimals=9, digits=ASKED)[id].text) == decimals


def test_every_printed_digit_is_right() -> None:
    """Each figure is the exact value, taken from a calculation with 20 decimals, rounded by Python's own decimal."""
    exact = {line.id: line.value for line in calculation(decimals=20).lines}
    for line in calculation(decimals=9, digits=ASKED).lines:
        shown = Decimal(line.text)
        assert shown == exact[line.id].quantize(shown, ROUND_HALF_UP), line.id


def test_significant_digits_have_exceptions_too() -> None:
    """The number means what the document's own number means."""
    found = calculation(significant=3, digits={"E_total": 6})
    assert (found["E_total"].text, found["E_o1"].text) == ("0.298371", "0.275")  # the article: 0.298371109, 0.274811083


def test_rounded_values_are_carried_as_they_are_printed() -> None:
    """With rounded values carried, a line uses the figures printed above it, whatever digits those have."""
    found = calculation(decimals=9, carry="rounded", digits={"out_o1": 2})
    assert found["out_o1"].text == "0.75"
    assert found["dE_total/dout_o1"].value == Decimal("0.75") - Decimal("0.01")


def test_training_carries_and_shows_the_same_digits() -> None:
    """The state after one step is the same from the line of working and from the trainer."""
    found = calculation(decimals=6, carry="rounded", digits={"parameters": 2, "out_o1": 4, "errors": 8})
    states = found.states((0, 1), ("out_o1", "out_o2", "E_total"))
    assert states.texts[0] == tuple(found[name].text for name in ("out_o1", "out_o2", "E_total"))
    assert states.texts[1] == tuple(found[f"{name}@1"].text for name in ("out_o1", "out_o2", "E_total"))


def test_the_document_names_the_exceptions() -> None:
    """The sentence on rounding says which lines have other digits."""
    text = calculation(decimals=9, digits={"errors": 7, "out_o1": 4}).walkthrough("brief").markdown
    assert r"with 9 decimals (errors with 7, $\mathit{out_{o1}}$ with 4), halves" in text


def test_an_exception_for_nothing_is_told() -> None:
    """A name that is not there is told with the nearest ones."""
    with pytest.raises(ExplainerError, match=r"display.digits.out_o9.*\n.*out_o1"):
        calculation(digits={"out_o9": 3})
