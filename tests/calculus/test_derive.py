"""The Derivation: which lines there are, in which order, and what they are called."""

from __future__ import annotations

from typing import Any

import pytest

import explainer
from explainer.calculus.derive import Derivation, Kind, Phase
from tests.networks import Table, calculations


def derivation(table: Table) -> Derivation:
    """The Derivation of a calculation file's table."""
    return explainer.load(table).derivation


def ids(table: Table, *phases: str) -> list[str]:
    """The ids of the Steps of these phases, in order; all Steps by default."""
    return [step.id for step in derivation(table).steps if not phases or step.phase in phases]


def layer(units: str, weights: list[list[float]], activation: str = "tanh", **more: Any) -> Table:
    """A layer with its units in one word."""
    return {"units": units.split(), "weights": weights, "activation": activation, **more}


def network(*layers: Table, **training: Any) -> Table:
    """A network of one input."""
    return {
        "inputs": {"x": 1},
        "targets": dict.fromkeys(layers[-1]["units"], 0),
        "layers": list(layers),
        "training": training,
    }


def listed(parameters: str, loss: str = "L", **formulas: str) -> Table:
    """A list of formulas over parameters that are 2."""
    return {"parameters": dict.fromkeys(parameters.split(), 2), "formulas": formulas, "training": {"loss": loss}}


# whole derivations


def test_one_unit_from_the_input_to_the_update() -> None:
    """The order of a textbook: forward, loss, then back from the error to the weight, the update, and forward again."""
    assert ids(network(layer("o", [[0.5]], "logistic"), learning_rate=1)) == [
        "net_o",
        "out_o",
        "E",
        "dE/dout_o",
        "dout_o/dnet_o",
        "dE/dnet_o",
        "dnet_o/dw1",
        "dE/dw1",
        "w1+",
        "net_o@1",
        "out_o@1",
        "E@1",
    ]


def test_a_single_output_has_one_error() -> None:
    """It is called E: there is nothing to total."""
    found = derivation(network(layer("o", [[0.5]])))
    assert found.graph.loss == "E"
    assert "E_o" not in found.step


def test_several_outputs_have_an_error_each_and_a_total() -> None:
    """E_o and E_p make E_total; the total has no gradients of its own terms."""
    table = network(layer("o p", [[0.5], [0.6]]))
    assert ids(table, Phase.LOSS) == ["E_o", "E_p", "E_total"]
    assert not [id for id in ids(table, Phase.BACKWARD) if id.endswith(("/dE_o", "/dE_p"))]


def test_a_layer_without_activation_has_no_net_input() -> None:
    """Net input and output are one and the same, and one name is enough."""
    assert ids(network(layer("o", [[0.5]], "identity")), Phase.FORWARD) == ["out_o"]


def test_a_list_of_formulas_is_derived_under_its_own_names() -> None:
    """A loss that is one formula away from a parameter has that one line."""
    assert ids(listed("w", L="3*w")) == ["L", "dL/dw"]


def test_without_a_learning_rate_nothing_is_updated() -> None:
    """The gradients are the end of the calculation."""
    table = network(layer("o", [[0.5]]))
    assert ids(table, Phase.UPDATE, Phase.AGAIN) == []
    assert ids(table)[-1] == "dE/dw1"


def test_without_targets_there_is_only_a_forward_pass() -> None:
    """No loss, no gradients."""
    table = network(layer("o", [[0.5]]))
    del table["targets"], table["training"]
    assert ids(table) == ["net_o", "out_o"]


# names along paths


def test_two_paths_have_a_share_each_and_a_sum() -> None:
    """A share is named as of its error term where that tells it from the others, as in the article."""
    found = explainer.load("mazur").derivation
    assert found.shares["out_h1"] == ("dE_o1/dout_h1", "dE_o2/dout_h1")
    place = [step.id for step in found.steps].index("dE_total/dout_h1")
    assert [step.id for step in found.steps[place - 4 : place + 1]] == [
        "dnet_o1/dout_h1",
        "dE_o1/dout_h1",
        "dnet_o2/dout_h1",
        "dE_o2/dout_h1",
        "dE_total/dout_h1",
    ]
    assert found.step["dE_total/dout_h1"].kind is Kind.SUM


def test_a_quantity_behind_one_error_term_is_named_as_of_it() -> None:
    """dE_o1/dnet_o1, for only E_o1 depends on it; weights and direct arguments are named as of the total."""
    found = explainer.load("mazur").derivation.gradient
    assert found["net_o1"] == "dE_o1/dnet_o1"
    assert found["out_o1"] == "dE_total/dout_o1"
    assert found["w5"] == "dE_total/dw5"
    assert found["net_h1"] == "dE_total/dnet_h1"


def test_shares_within_one_error_are_named_by_the_way_they_take() -> None:
    """Deeper than one layer below the output, every share belongs to the total, and the consumer tells them apart."""
    table = network(layer("h", [[1]]), layer("k1 k2", [[1], [2]]), layer("o1 o2", [[1, 2], [3, 4]]))
    found = derivation(table)
    assert found.shares == {
        "out_k1": ("dE_o1/dout_k1", "dE_o2/dout_k1"),
        "out_k2": ("dE_o1/dout_k2", "dE_o2/dout_k2"),
        "out_h": ("dE_total/dout_h:net_k1", "dE_total/dout_h:net_k2"),
    }


def test_a_shared_bias_has_a_share_by_way_of_each_unit() -> None:
    """dE_total/db1:net_h1 and dE_total/db1:net_h2 make dE_total/db1."""
    table = network(layer("h1 h2", [[1], [2]], bias=0.1), layer("o1 o2", [[1, 2], [3, 4]]))
    assert derivation(table).shares["b1"] == ("dE_total/db1:net_h1", "dE_total/db1:net_h2")


def test_a_bias_per_unit_is_named_after_its_unit() -> None:
    """One consumer, hence no sum."""
    found = derivation(network(layer("h1 h2", [[1], [2]], bias=[0.1, 0.2]), layer("o", [[1, 2]])))
    assert found.gradient["b_h2"] == "dE/db_h2"
    assert "b_h2" not in found.shares


def test_a_parameter_used_in_two_formulas_gets_the_sum_of_both_ways() -> None:
    """Weight sharing is one more sum: here w stands in the loss and in what the loss is made from."""
    found = derivation(listed("w", a="w**2", L="a*w"))
    assert found.shares["w"] == ("dL/dw:a", "dL/dw:L")
    assert [step.id for step in found.steps] == ["a", "L", "dL/da", "da/dw", "dL/dw:a", "dL/dw:L", "dL/dw"]


def test_a_plain_sum_of_formulas_has_them_as_its_error_terms() -> None:
    """As in a network, shares are named as of the terms; a product in the loss makes it its own single term."""
    assert derivation(listed("w", p="w**2", q="3*w", L="p + q")).shares["w"] == ("dp/dw", "dq/dw")
    assert derivation(listed("w", p="w**2", q="3*w", L="p*q")).graph.error_terms == ("L",)


# what is visited


def test_only_wanted_gradients_are_worked_out() -> None:
    """With the gradient of one weight wanted, the lines are those on its way."""
    table = network(layer("h1 h2", [[1], [2]]), layer("o", [[1, 2]], "identity"), gradients=["w1"])
    assert ids(table, Phase.BACKWARD) == [
        "dE/dout_o",
        "dout_o/dout_h1",
        "dE/dout_h1",
        "dout_h1/dnet_h1",
        "dE/dnet_h1",
        "dnet_h1/dw1",
        "dE/dw1",
    ]


def test_what_the_loss_does_not_depend_on_is_not_visited() -> None:
    """A parameter that leads elsewhere is flat, and no line is written for it."""
    found = derivation(listed("w v", aside="w*v", L="w**2"))
    assert found.flat == ("v",)
    assert [step.id for step in found.steps if step.phase is Phase.BACKWARD] == ["dL/dw"]


def test_biases_that_are_not_trained_have_no_lines() -> None:
    """With ``train_biases = false`` the article's calculation has neither their gradients nor their updates."""
    table = network(layer("o", [[0.5]], bias=0.1), learning_rate=1, train_biases=False)
    assert not [id for id in ids(table) if "b1" in id]


def test_inputs_get_gradients_when_they_are_wanted() -> None:
    """They are named as of the loss and are not updated."""
    table = network(layer("o", [[0.5]]), learning_rate=1, gradients=["x", "w1"])
    found = ids(table)
    assert "dE/dx" in found
    assert "x+" not in found
    assert "w1+" in found


# updates


def test_simultaneous_updates_read_the_original_values() -> None:
    """All updates stand after all gradients, and no gradient uses a new weight."""
    steps = explainer.load("mazur").derivation.steps
    backward = [step for step in steps if step.phase is Phase.BACKWARD]
    assert not [used for step in backward for used in step.uses if used.endswith("+")]
    phases = [step.phase for step in steps]
    assert phases == sorted(phases, key=list(Phase).index)


def test_sequential_updates_are_read_by_later_gradients() -> None:
    """w5 is replaced as soon as its gradient is complete, and the share of h1 through o1 reads w5+."""
    table = network(
        layer("h", [[0.3]], "logistic"), layer("o", [[0.5]], "logistic"), learning_rate=1, update="sequential"
    )
    found = derivation(table)
    order = [step.id for step in found.steps]
    assert found.step["dnet_o/dout_h"].uses == ("w2+",)
    assert order.index("dE/dw2") < order.index("w2+") < order.index("dnet_o/dout_h") < order.index("w1+")


def test_sequential_and_simultaneous_updates_differ_in_their_order_alone() -> None:
    """The same lines with the same names."""
    table = network(layer("h", [[0.3]]), layer("o p", [[0.5], [0.7]], bias=0.1), learning_rate=1)
    other = {**table, "training": {**table["training"], "update": "sequential"}}
    assert sorted(ids(table)) == sorted(ids(other))


def test_the_second_forward_pass_reads_what_was_updated() -> None:
    """Biases that stay as they are keep their name."""
    table = network(layer("o", [[0.5]], bias=0.1), learning_rate=1, train_biases=False)
    assert derivation(table).step["net_o@1"].uses == ("w1+", "x", "b1")


# ids


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("net_h1", "net_h1"),
        ("i1", "i1"),
        ("dE_total/dnet_o1", "dE_o1/dnet_o1"),
        ("dE_o1/dnet_o1", "dE_o1/dnet_o1"),
        ("dE_total/dw5", "dE_total/dw5"),
        ("w5@0", "w5"),
        ("w5@1", "w5+"),
        ("E_total@0", "E_total"),
        ("E_total@1", "E_total@1"),
        ("w5@2", ""),
        ("dE_total/dnothing", ""),
        ("nothing", ""),
        ("", ""),
    ],
)
def test_a_line_is_found_by_each_of_its_names(name: str, id: str) -> None:
    """``dE_total/dX`` is understood for every X, ``@0`` is the start and ``@1`` the state after one update."""
    assert explainer.load("mazur").derivation.find(name) == id


def test_ids_are_unique_and_every_line_uses_only_what_stands_above_it() -> None:
    """Over random networks and lists of formulas, by either kind of update."""
    for table in calculations(100, seed=31):
        found = derivation({**table, "display": {}})
        known = {quantity.name for quantity in found.graph.sources}
        for step in found.steps:
            assert set(step.uses) <= known, (step, table)
            assert step.id not in known
            known.add(step.id)


def test_every_wanted_quantity_has_a_gradient_or_is_flat() -> None:
    """Nothing that was asked for is left out silently."""
    for table in calculations(60, seed=32):
        found = derivation({**table, "display": {}})
        for name in found.graph.wanted:
            assert (name in found.gradient) != (name in found.flat)


# names and sizes


def test_names_that_mean_something_to_sympy_or_python_are_ordinary_names() -> None:
    """E, I, N, S, pi, beta, lambda and in: the value is that of plain arithmetic, (2·3 + 5·7)·11·13·17."""
    table = {
        "parameters": {"E": 2, "I": 3, "N": 5, "S": 7, "lambda": 11, "beta": 13, "pi": 17},
        "formulas": {"in": "E*I + N*S", "L": "in*lambda*beta*pi"},
        "training": {"loss": "L"},
    }
    calculation = explainer.load(table)
    assert calculation["L"].value == (2 * 3 + 5 * 7) * 11 * 13 * 17
    assert calculation["dL/dI"].value == 2 * 11 * 13 * 17
    assert calculation["dL/dlambda"].value == (2 * 3 + 5 * 7) * 13 * 17


def test_units_and_inputs_may_have_such_names() -> None:
    """net_lambda and dE_total/dE are lines like any other."""
    table: Table = {
        "inputs": {"E": 1, "I": 2},
        "targets": {"S": 0, "N": 1},
        "layers": [layer("lambda beta", [[1, 1], [1, 1]]), layer("S N", [[1, 1], [1, 1]])],
        "training": {"gradients": ["E", "w1"]},
    }
    found = derivation(table)
    assert found.step["net_lambda"].uses == ("w1", "E", "w2", "I")
    assert found.shares["E"] == ("dE_total/dE:net_lambda", "dE_total/dE:net_beta")


def test_three_hidden_layers_are_named_throughout() -> None:
    """Weights are numbered from the input to the output, row by row."""
    table = network(layer("h", [[1]]), layer("k1 k2", [[1], [2]]), layer("g", [[1, 2]]), layer("o", [[1]]))
    found = derivation(table)
    assert found.step["net_k2"].uses == ("w3", "out_h")
    assert found.step["net_g"].uses == ("w4", "out_k1", "w5", "out_k2")
    assert [found.gradient[f"w{n}"] for n in range(1, 7)] == [f"dE/dw{n}" for n in range(1, 7)]
    assert found.shares == {"out_h": ("dE/dout_h:net_k1", "dE/dout_h:net_k2")}


def test_a_hundred_layers_are_derived() -> None:
    """Nothing recurses over depth; each layer adds the same six lines to the backward pass."""
    layers = [layer(f"u{n}", [[1.01]]) for n in range(100)]
    steps = ids(network(*layers, learning_rate=0.1), Phase.BACKWARD)
    assert len(steps) == 1 + 100 * 4 + 99 * 2
    assert steps[-1] == "dE/dw1"


def chain(length: int) -> explainer.Calculation:
    """A parameter that is doubled so many times, one formula after another."""
    formulas = {"f0": "w"} | {f"f{n}": f"2*f{n - 1}" for n in range(1, length + 1)}
    return explainer.load({"parameters": {"w": 1}, "formulas": formulas, "training": {"loss": f"f{length}"}})


def test_a_thousand_formulas_in_a_row_are_derived() -> None:
    """A chain of that length comes to its end: the slope is 2**1000."""
    assert float(chain(1000).evaluation.values["df1000/dw"]) == 2.0**1000


def test_a_line_of_a_long_chain_can_be_looked_up() -> None:
    """Looking at one line does not recurse over the chain behind it."""
    assert float(chain(1000)["df1000/dw"].value) == 2.0**1000
