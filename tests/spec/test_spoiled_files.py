"""Files spoiled at random: whatever is wrong with them, the answer is a calculation or a message, never a bare exception."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from random import Random
from typing import Any

import pytest

import explainer
from explainer.formulas.functions import ACTIVATIONS
from explainer.formulas.losses import LOSSES
from explainer.formulas.optimizers import OPTIMIZERS, PERCEPTRON, SCHEDULES
from explainer.spec.schema import DISPLAY, FILE, LAYER, TRAINING
from tests.networks import Style, Table, calculations

WORDS = (*ACTIVATIONS, *LOSSES, *OPTIMIZERS, *SCHEDULES, PERCEPTRON, "sum", "mean", "sequential", "negative", "rounded")
FORMULAS = ("log(out)", "target", "out_o1*w1", "softmax(out)", "pi()", "1/0", "", "E", "L")
NUMBERS = (0, 1, -1, 2, 3, Decimal("0.1"), Decimal("1e300"), Decimal("1e-300"), float("nan"), 10**30, True)
LISTS: tuple[Any, ...] = ([], [1], [0], [1, 2], [2, 1], [1, 2, 3], ["o1"], ["o1", 2], [[1, 2], [3]], [None], ["w1"])
TABLES: tuple[Any, ...] = ({}, {"o1": 1}, {"w1": -1}, {"class": 1}, {"class": ["o1"]}, {"a": "b"}, None)
ANYTHING = (*WORDS, *FORMULAS, *NUMBERS, *LISTS, *TABLES)
TABLES_OF_NAMES = ("inputs", "targets", "given", "parameters", "formulas")


def spoiled(random: Random, table: Table) -> Table:
    """The table with one or two things changed, at any place."""
    table = deepcopy(table)
    for _ in range(random.choice((1, 1, 1, 2))):
        place = random.choice(("training", "training", "training", "display", "layer", "names", "file"))
        value = random.choice(ANYTHING)
        if place in ("training", "display"):
            keys = TRAINING.keys if place == "training" else DISPLAY.keys
            _put(table.setdefault(place, {}), random.choice(keys).name, value)
        elif place == "layer" and isinstance(table.get("layers"), list) and table["layers"]:
            _put(random.choice(table["layers"]), random.choice(LAYER.keys).name, value)
        elif place == "names":
            names = table.get(random.choice(TABLES_OF_NAMES))
            _put(names, random.choice([*(names if isinstance(names, dict) else ()), "class", "z"]), value)
        else:
            table[random.choice(FILE.keys).name] = value
    return table


def _put(table: Any, key: str, value: Any) -> None:
    if isinstance(table, dict):
        table[key] = value


@pytest.mark.parametrize("seed", range(4))
def test_a_spoiled_file_is_read_or_refused_in_words(seed: int) -> None:
    """Four hundred files; where one is read, the figures of its training are asked for too."""
    tables = list(calculations(20, seed=50 + seed, style=Style(most_units=3, most_layers=2)))
    messages: list[str] = []
    for number in range(400):
        random = Random(f"spoiled {seed} {number}")
        table = spoiled(random, random.choice(tables))
        try:
            calculation = explainer.load(table)
            if calculation.derivation.graph.trained and calculation.spec.training.steps < 100:
                calculation.states()
        except explainer.ExplainerError as error:
            messages.append(str(error))
    assert all(message.startswith("calculation: ") for message in messages)
    assert 20 < len(messages) < 380  # some things that are changed do not matter
