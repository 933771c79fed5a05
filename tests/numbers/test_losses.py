"""Every loss of the table: its value by an independent formula, and its gradients by finite differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import explainer
from explainer.formulas.losses import LOSSES
from explainer.numbers.differences import every_gradient

BY_HAND: dict[str, Callable[[list[float], list[float]], float]] = {
    "half squared error": lambda t, o: sum((a - b) ** 2 for a, b in zip(t, o, strict=True)) / 2,
    "squared error": lambda t, o: sum((a - b) ** 2 for a, b in zip(t, o, strict=True)),
    "mean squared error": lambda t, o: sum((a - b) ** 2 for a, b in zip(t, o, strict=True)) / len(t),
    "absolute error": lambda t, o: sum(abs(a - b) for a, b in zip(t, o, strict=True)),
    "mean absolute error": lambda t, o: sum(abs(a - b) for a, b in zip(t, o, strict=True)) / len(t),
    "Huber error": lambda t, o: sum(
        (a - b) ** 2 / 2 if abs(a - b) <= 1 else abs(a - b) - 0.5 for a, b in zip(t, o, strict=True)
    ),
    "binary cross-entropy": lambda t, o: (
        -sum(a * math.log(b) + (1 - a) * math.log(1 - b) for a, b in zip(t, o, strict=True))
    ),
    "binary cross-entropy from logits": lambda t, o: (
        -sum(
            a * math.log(1 / (1 + math.exp(-b))) + (1 - a) * math.log(1 - 1 / (1 + math.exp(-b)))
            for a, b in zip(t, o, strict=True)
        )
    ),
    "cross-entropy": lambda t, o: -sum(a * math.log(b) for a, b in zip(t, o, strict=True)),
    "softmax cross-entropy": lambda t, o: -sum(a * math.log(b) for a, b in zip(t, o, strict=True)),
    "negative log-likelihood": lambda t, o: -sum(a * b for a, b in zip(t, o, strict=True)),
    "multiclass hinge error": lambda t, o: sum(
        max(0.0, 1 + b - o[t.index(1.0)]) for a, b in zip(t, o, strict=True) if a != 1
    ),
    "hinge error": lambda t, o: sum(max(0.0, 1 - a * b) for a, b in zip(t, o, strict=True)),
    "Kullback-Leibler divergence": lambda t, o: sum(a * math.log(a / b) for a, b in zip(t, o, strict=True) if a > 0),
}
"""Each loss as its textbook definition has it, in floats."""


LAST: dict[str, str] = {
    "softmax cross-entropy": "softmax",
    "negative log-likelihood": "log_softmax",
    "multiclass hinge error": "identity",
}
"""The activation of the outputs where it is not a logistic."""


def network(loss: str) -> dict[str, Any]:
    """Two outputs between 0 and 1, one for each kind of target; or two classes, of which the first is right."""
    return {
        "inputs": {"x": 0.5, "z": -1},
        "targets": {"class": "a"} if LOSSES[loss].of_others else {"a": 1, "b": 0},
        "layers": [
            {"units": ["h"], "activation": "tanh", "weights": [[0.3, -0.2]], "bias": 0.1},
            {
                "units": ["a", "b"],
                "activation": LAST.get(loss, "logistic"),
                "weights": [[0.7], [0.2]],
                "bias": [0.1, -0.2],
            },
        ],
        "training": {"loss": loss, "learning_rate": 0.5},
    }


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_has_the_value_of_its_definition(loss: str) -> None:
    """The total error of a network with two outputs is what the textbook formula gives."""
    calculation = explainer.load(network(loss))
    outputs = [float(calculation[f"out_{unit}"].value) for unit in ("a", "b")]
    assert float(calculation[calculation.derivation.graph.loss].value) == pytest.approx(
        BY_HAND[loss]([1.0, 0.0], outputs), rel=1e-12
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_the_gradients_of_a_loss_are_right(loss: str) -> None:
    """Every parameter's gradient agrees with its finite difference."""
    found = list(every_gradient(explainer.load(network(loss)).evaluation))
    assert len(found) == 7
    assert [item.name for item in found if not item.agrees] == []
