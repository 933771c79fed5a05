"""The names of a network's quantities by patterns, and their TeX."""

from __future__ import annotations

from typing import Any

import pytest

import explainer
from explainer.formulas.problems import ExplainerError

NETWORK: dict[str, Any] = {
    "inputs": {"x1": 1, "x2": 2},
    "targets": {"5": 1, "6": 0},
    "layers": [
        {"units": ["3", "4"], "activation": "tanh", "weights": [[1, 2], [3, 4]], "bias": 0.5},
        {"units": ["5", "6"], "activation": "logistic", "weights": [[5, 6], [7, 8]], "bias": [0.1, 0.2]},
    ],
    "training": {"learning_rate": 0.1},
}
CHAIN: dict[str, Any] = {"inputs": {"x": 1}, "targets": {"h1": 0}, "layers": [{"units": ["h1"], "weights": [[2]]}]}


def names(role: str, **notation: Any) -> dict[str, str]:
    """The sources of one role by name, with their TeX."""
    calculation = explainer.load({**NETWORK, "notation": notation})
    return {q.name: q.tex for q in calculation.derivation.graph.sources if q.role == role}


def quantities(table: dict[str, Any]) -> dict[str, str]:
    """All quantities of a calculation by name, with their TeX."""
    return {name: q.tex for name, q in explainer.load(table).derivation.graph.quantity.items()}


@pytest.mark.parametrize(
    ("pattern", "first", "last"),
    [
        ("w<number>", "w1", "w8"),
        ("w<i><j>", "w13", "w46"),
        ("w<j>_<i>", "w3_1", "w6_4"),
        ("W[<j>,<i>]", "W[3,1]", "W[6,4]"),
        ("w_<from>_<to>", "w_x1_3", "w_4_6"),
        ("v<layer>_<row><column>", "v1_11", "v2_22"),
    ],
)
def test_weights_are_named_by_a_pattern(pattern: str, first: str, last: str) -> None:
    """Inputs are numbered first, then the units layer by layer; rows and columns begin anew in every layer."""
    found = [*names("parameter", weights=pattern)]
    assert (found[0], found[-1], len(found)) == (first, last, 8)


@pytest.mark.parametrize(
    ("pattern", "first", "last"),
    [("w<number>", "w0", "w7"), ("w<i><j>", "w02", "w35"), ("v<layer>_<row><column>", "v0_00", "v1_11")],
)
def test_counting_may_begin_at_0(pattern: str, first: str, last: str) -> None:
    """With first_index = 0 everything that is counted begins there."""
    found = [*names("parameter", weights=pattern, first_index=0)]
    assert (found[0], found[-1]) == (first, last)


def test_every_quantity_of_a_unit_has_its_pattern() -> None:
    """Net inputs, outputs, errors, targets, biases and the loss are named as the notation says."""
    notation = {"net": "I<j>", "out": "O<unit>", "error": "E<j>", "target": "T<j>", "bias": "theta<j>", "loss": "J"}
    shared = {"shared_bias": "beta<layer>"}
    found = explainer.load({**NETWORK, "notation": {**notation, **shared}}).derivation.graph.quantity
    assert {"I3", "O3", "I6", "O6", "E5", "E6", "T5", "T6", "theta5", "theta6", "beta1", "J"} <= found.keys()


def test_a_pattern_gives_the_tex_as_well() -> None:
    """An index of several signs gets the braces that it needs."""
    assert names("parameter", weights="w<number>", weights_tex="v_<i>^<j>")["w1"] == "v_{1}^{3}"
    assert names("parameter", weights_tex="w_{<i>,<j>}")["w8"] == "w_{4,6}"


def test_a_layer_may_name_its_weights_and_biases() -> None:
    """Own names go before patterns, which count on as if they were not there."""
    first, second = NETWORK["layers"]
    first = {**first, "weight_names": [["a", "b"], ["c", "d"]], "bias_name": "shift"}
    second = {**second, "bias_names": ["up", "down"]}
    graph = explainer.load({**NETWORK, "layers": [first, second]}).derivation.graph
    assert [unit.weights for block in graph.blocks for unit in block.units] == [
        ("a", "b"),
        ("c", "d"),
        ("w5", "w6"),
        ("w7", "w8"),
    ]
    assert [unit.bias for block in graph.blocks for unit in block.units] == ["shift", "shift", "up", "down"]


def test_a_units_own_tex_goes_into_all_that_is_its() -> None:
    """With a TeX for the unit, its net input, its error term and its picture show it."""
    table = {**CHAIN, "layers": [{**CHAIN["layers"][0], "activation": "tanh"}], "tex": {"h1": "H_{1}"}}
    found = quantities(table)
    assert found["net_h1"] == r"\mathit{net_{H_{1}}}"
    assert found["target_h1"] == r"\mathit{target_{H_{1}}}"
    lesson = explainer.load(table).walkthrough()
    assert r"\delta_{H_{1}}" in lesson.markdown
    assert "weights into $H_{1}$" in lesson.markdown
    assert r"$H_{1}$" in lesson.figures["network.svg"].tikz()


def test_an_output_may_be_called_like_its_unit() -> None:
    """Where the output has the unit's own name, its TeX serves both."""
    table = {**CHAIN, "notation": {"out": "<unit>", "net": "z_<unit>"}, "tex": {"h1": "a"}}
    assert quantities(table)["h1"] == "a"


def test_digits_that_could_be_misread_are_told_apart() -> None:
    """w1 to 11 and w11 to 1 would both be w111: the message says which two weights, and what to do."""
    inputs = {f"x{n}": 1 for n in range(1, 12)}
    layers = [
        {"units": [f"h{n}" for n in range(101)], "weights": [[1] * 11] * 101},
        {"units": ["y"], "weights": [[1] * 101]},
    ]
    with pytest.raises(ExplainerError, match=r"w112: is used twice\n.*from x1 to h0 and that from x11|w<i>_<j>"):
        explainer.load({"inputs": inputs, "layers": layers, "notation": {"weights": "w<i><j>"}})


def test_a_name_that_is_none_is_told() -> None:
    """A unit with an index in the middle of a name."""
    table = {"inputs": {"x": 1}, "layers": [{"units": ["h[1]"], "weights": [[1]]}], "notation": {"out": "o_<unit>_x"}}
    with pytest.raises(ExplainerError, match=r"`o_h.1._x`: is not a name"):
        explainer.load(table)


def test_two_names_that_look_alike_are_told() -> None:
    """Braces around one sign make no difference in print."""
    with pytest.raises(ExplainerError, match="looks like"):
        explainer.load({**NETWORK, "notation": {"weights": "w<number>"}, "tex": {"b1": "w_{1}"}})
