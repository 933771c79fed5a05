"""The golden documents: which they are, and `python -m tests.golden_documents` to write them anew after a look at the change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import explainer

FOLDER = Path(__file__).parent / "golden"

THREE_HIDDEN_LAYERS: dict[str, Any] = {
    "title": "Three hidden layers",
    "inputs": {"x1": 0.5, "x2": -1.2},
    "targets": {"y1": 0.8, "y2": -0.3},
    "layers": [
        {
            "units": ["a1", "a2", "a3"],
            "activation": "tanh",
            "weights": [[0.2, -0.4], [0.7, 0.1], [-0.3, 0.5]],
            "bias": [0.1, 0, -0.2],
        },
        {"units": ["b1"], "activation": "logistic", "weights": [[0.6, -0.1, 0.3]]},
        {"units": ["c1", "c2"], "activation": "softplus", "weights": [[1.1], [-0.7]], "bias": 0.05},
        {"units": ["y1", "y2"], "weights": [[0.5, -0.6], [0.9, 0.2]]},
    ],
    "training": {"loss": "squared error", "learning_rate": 0.1},
    "display": {"significant": 5, "carry": "rounded"},
}
SPRING: dict[str, Any] = {
    "title": "Energy of a spring, by two routes",
    "given": {"m": 2.5, "v": -0.4},
    "parameters": {"k": 12, "x": 0.15},
    "formulas": {"F": "k*x", "W": "1/2*F*x", "T": "1/2*m*v**2", "E": "W + T", "q": "sqrt(E)/(1 + F**2)"},
    "training": {"loss": "q", "learning_rate": 0.5},
    "display": {"decimals": 5},
}
SEQUENTIAL: dict[str, Any] = {
    "title": "One unit after the other",
    "inputs": {"i": 1},
    "targets": {"o": 0},
    "layers": [
        {"units": ["h"], "activation": "logistic", "weights": [[0.5]], "bias": 0.1},
        {"units": ["o"], "activation": "logistic", "weights": [[-0.25]], "bias": 0.2},
    ],
    "training": {"learning_rate": 1, "update": "sequential"},
    "display": {"decimals": 4},
}
KINKS: dict[str, Any] = {
    "title": "Own functions, a leaky relu and a unit at its kink",
    "functions": {"swish": "x*logistic(x)"},
    "inputs": {"x1": 1, "x2": 0},
    "targets": {"y": 1},
    "layers": [
        {"units": ["h1", "h2"], "activation": "relu", "weights": [[0, 0.5], [0.5, -0.8]]},
        {"units": ["g"], "activation": "leaky relu", "parameter": 0.2, "weights": [[0.5, -0.75]]},
        {"units": ["y"], "activation": "swish", "weights": [[0.7]], "bias": 0.3},
    ],
    "training": {"learning_rate": 0.1},
    "display": {"decimals": 4},
}
JACOBIAN: dict[str, Any] = {
    "title": "Softmax and cross-entropy, the long way",
    "inputs": {"x": 2},
    "targets": {"a": 0, "b": 1, "c": 0},
    "layers": [{"units": ["a", "b", "c"], "activation": "softmax", "weights": [[0.3], [0.1], [-0.2]]}],
    "training": {"loss": "cross-entropy", "learning_rate": 0.5},
    "display": {"decimals": 4},
}
FOUR_SAMPLES: dict[str, Any] = {
    "title": "Four samples in one step",
    "inputs": {"x1": [1, 1, 0, 0], "x2": [1, 0, 1, 0]},
    "targets": {"y": [1, 1, 1, 0]},
    "layers": [{"units": ["y"], "activation": "logistic", "weights": [[0.5, -0.25]], "bias": 0.1}],
    "training": {"samples": "sum", "learning_rate": 0.5, "steps": 100},
    "display": {"decimals": 4},
}
THREE_STEPS: dict[str, Any] = {
    "title": "One sample after another",
    "inputs": {"x": [1, -2, 0.5]},
    "targets": {"y": [0.5, -1, 0]},
    "layers": [{"units": ["y"], "activation": "tanh", "weights": [[0.2]], "bias": 0.1}],
    "training": {"batch": 1, "order": [2, 3, 1], "learning_rate": 0.4, "steps": 30, "show_steps": [1, 2, 3]},
    "display": {"decimals": 4},
}
ADAM: dict[str, Any] = {
    "title": "Two steps of Adam",
    "parameters": {"x": 1, "y": -0.5},
    "formulas": {"f": "x**2 + 3*y**2"},
    "training": {"loss": "f", "optimizer": "adam", "learning_rate": 0.1, "steps": 2, "show_steps": [1, 2]},
    "display": {"significant": 5},
}
TEXTBOOK: dict[str, Any] = {
    "title": "Thresholds, and steps that are added",
    "inputs": {"x": 1},
    "targets": {"o1": 0, "o2": 1},
    "layers": [
        {"units": ["h"], "activation": "logistic", "weights": [[0.4]], "threshold": [0.2]},
        {"units": ["o1", "o2"], "activation": "logistic", "weights": [[0.6], [-0.3]], "threshold": 0.1},
    ],
    "training": {"learning_rate": 1, "error_sign": "negative"},
    "notation": {"new_value": "(1)", "times": "cross", "threshold": "theta_<unit>"},
    "display": {"decimals": 4, "carry": "rounded"},
}
PERCEPTRON: dict[str, Any] = {
    "title": "A perceptron learns the logical or",
    "inputs": {"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1]},
    "targets": {"y": [0, 1, 1, 1]},
    "layers": [{"units": ["y"], "activation": "step", "weights": [[0.3, -0.1]], "threshold": [0.2]}],
    "training": {
        "optimizer": "perceptron rule",
        "learning_rate": 0.1,
        "steps": 40,
        "order": [2, 3, 4, 1],
        "show_steps": [1, 2],
    },
    "display": {"decimals": 1},
}
HOUSE_STYLE = Path(__file__).parent / "data" / "textbook.toml"
DOCUMENTS: dict[str, tuple[Any, str]] = {
    "mazur": ("mazur", "standard"),
    "mazur-brief": ("mazur", "brief"),
    "neuron": ("neuron", "standard"),
    "three-hidden-layers": (THREE_HIDDEN_LAYERS, "standard"),
    "spring": (SPRING, "standard"),
    "kinks": (KINKS, "standard"),
    "sequential-full": (SEQUENTIAL, "full"),
    "house-style": (HOUSE_STYLE, "standard"),
    "softmax-jacobian": (JACOBIAN, "standard"),
    "four-samples": (FOUR_SAMPLES, "standard"),
    "three-steps": (THREE_STEPS, "standard"),
    "adam": (ADAM, "standard"),
    "textbook": (TEXTBOOK, "standard"),
    "perceptron": (PERCEPTRON, "standard"),
}


def document(name: str) -> str:
    """The Markdown of a golden document as it comes out now."""
    source, detail = DOCUMENTS[name]
    return explainer.load(source).walkthrough(detail).markdown


HANDOUTS = ("mazur-worksheet", "mazur-key", "mazur-variant")


def worksheet(name: str) -> str:
    """The worksheet of the article's network, its key, or a worksheet with numbers drawn, as it comes out now."""
    from explainer.handouts.handout import handout
    from explainer.handouts.masks import read_policy

    calculation = explainer.load("mazur")
    if name == "mazur-variant":
        calculation = calculation.variant(3, seed=7)
    made = handout(calculation, read_policy("results", calculation.derivation, "mazur"))
    return made.key if name == "mazur-key" else made.worksheet


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in HANDOUTS:
        (FOLDER / f"{name}.md").write_text(worksheet(name), encoding="utf-8", newline="\n")
    for name in DOCUMENTS:
        (FOLDER / f"{name}.md").write_text(document(name), encoding="utf-8", newline="\n")
