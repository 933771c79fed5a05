"""Worked examples of textbooks, course pages and a paper, typed in as calculation files, against their printed figures."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

import explainer
from explainer import Calculation, ExplainerError

FOLDER = Path(__file__).parent / "published"
EXAMPLES = sorted(path.stem for path in FOLDER.glob("*.toml"))
STATE = re.compile(r"(\w+)@(\d+)")
"""A quantity after so many updates."""


@dataclass(frozen=True)
class Figure:
    """A figure as it is printed, the line that it belongs to, and why it disagrees if it does."""

    step: str
    printed: Decimal
    where: str
    disagrees: str

    def agrees_with(self, value: Decimal) -> bool:
        """Whether a value rounds to the printed figure: it is within half a unit of the last printed digit.

        A figure without decimals is meant exactly: an answer of 1, a weight of 0.
        """
        exponent = self.printed.as_tuple().exponent
        assert isinstance(exponent, int)
        return abs(value - self.printed) <= (Decimal(5).scaleb(exponent - 1) if exponent < 0 else 0)


def figures(name: str) -> list[Figure]:
    """The printed figures of an example."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Figure(row["step"], Decimal(row["printed"]), row["where"], row["disagrees"]) for row in rows]


def value(calculation: Calculation, step: str) -> Decimal:
    """What the program has for a line, or for a quantity after more updates than are written out."""
    try:
        return calculation[step].value
    except ExplainerError:
        state = STATE.fullmatch(step)
        if not state:
            raise
        name, updates = state.groups()
        return Decimal(calculation.states((int(updates),), (name,)).texts[0][0])


@pytest.mark.parametrize("name", EXAMPLES)
def test_printed_figures_agree_but_for_those_that_are_explained(name: str) -> None:
    """Exactly the figures that the table explains are off by more than half a unit of their last printed digit."""
    calculation = explainer.load(FOLDER / f"{name}.toml")
    found = figures(name)
    differing = [figure.step for figure in found if not figure.agrees_with(value(calculation, figure.step))]
    assert differing == [figure.step for figure in found if figure.disagrees]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_becomes_a_lesson(name: str) -> None:
    """The lesson of a published example can be written, and each printed figure has its place in it."""
    lesson = explainer.load(FOLDER / f"{name}.toml").walkthrough(detail="full").markdown
    assert not [figure.step for figure in figures(name) if f'id="{figure.step}"' not in lesson]


def test_every_example_has_its_figures() -> None:
    """Calculation files and tables of figures come in pairs, and every figure says where it is printed."""
    assert sorted(path.stem for path in FOLDER.glob("*.csv")) == EXAMPLES
    assert all(figure.where for name in EXAMPLES for figure in figures(name))
