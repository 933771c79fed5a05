"""Sentences that hang on signs, counts and kinds are true for every calculation. Found by a reader's trials."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

import explainer
from explainer.cli import main
from explainer.formulas_file import formulas_file
from explainer.numbers.kinks import any_kink


def network(
    *, weights: Any = ((0.5, -0.4),), targets: Any = None, layer: Any = None, **training: Any
) -> dict[str, Any]:
    """A unit with two inputs, or as many as there are rows of weights."""
    units = ["y", "z", "v"][: len(weights)]
    return {
        "inputs": {"x1": 0.6, "x2": 1.2},
        "targets": targets or dict.fromkeys(units, 0.3),
        "layers": [{"units": units, "weights": list(map(list, weights)), **(layer or {})}],
        "training": {"loss": "squared error", "learning_rate": 0.1, **training},
        "display": {"decimals": 4},
    }


def lesson(source: Any, detail: str = "standard") -> str:
    """The whole text on one line."""
    return " ".join(explainer.load(source).walkthrough(detail).markdown.split())


@pytest.mark.parametrize(
    ("training", "said", "not_said"),
    [
        ({"learning_rate": -0.1}, "along its gradient, since the learning rate is negative", "makes the error smaller"),
        ({"learning_rate": -0.1}, "It has grown: the step went the right way.", "uphill. It is smaller"),
        ({"optimizer": "gradient ascent"}, "takes a step along its gradient", "where we subtract ours"),
        ({}, "takes a step against its gradient", "uphill"),
        # at the target the gradient is 0, and the penalty alone moves the weight: the error rises from 0
        ({"weight_decay": 0.5}, "this step does not follow the gradient of the moment alone", "was too large"),
        ({"learning_rate": 9}, "this one, with a learning rate of $9$, was too large", "of the moment alone"),
    ],
)
def test_where_a_step_leads(training: dict[str, Any], said: str, not_said: str) -> None:
    """Up or down, and why it did not go there."""
    on_target = {"y": 0.5 * 0.6 - 0.4 * 1.2} if "weight_decay" in training else None
    optimizer = {"optimizer": "adamw"} if "weight_decay" in training else {}
    text = lesson(network(targets=on_target, **optimizer, **training))
    assert said in text
    assert not_said not in text


def test_a_step_is_told_as_its_sign_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    """In one line too."""
    assert "makes E larger" in " ".join(explainer.load(network(learning_rate=-0.1)).one_line("w1+").split())
    assert "how fast E falls when w35 grows" in " ".join(explainer.load("textbook").one_line("-dE/dw35").split())


@pytest.mark.parametrize(
    ("targets", "sure"), [({"y": 1, "z": 0, "v": 0}, True), ({"y": 0.2, "z": 0.7, "v": 0.1}, False)]
)
def test_what_a_cross_entropy_counts(targets: dict[str, Any], sure: bool) -> None:
    """Soft targets leave no term away, and a slope of -t/out does not say that the output is too low."""
    rows = [[0.4, 0.1], [-0.2, 0.3], [0.5, 0.2]]
    text = lesson(network(weights=rows, targets=targets, layer={"activation": "softmax"}, loss="cross-entropy"))
    assert ("only the right class is left" in text) is sure
    assert ("So each class counts as much as its target says." in text) is not sure
    assert ("given to the right class" in text) is sure
    assert "the output is too low" not in text


def test_a_single_weight_and_two_samples() -> None:
    """One other weight, both samples, the other one."""
    assert "### The other weight of the output layer" in lesson(network())
    assert "### The other weights of the output layer" in lesson(network(weights=[[0.5, 0.1], [0.3, 0.2]]))
    two = {**network(), "inputs": {"x1": [0.6, 1], "x2": [1.2, 2]}, "targets": {"y": [0.3, 0.4]}}
    assert "Every step uses both samples" in lesson(two)
    assert "the other follows in a table" in lesson(two)


def test_biases_that_not_every_unit_has() -> None:
    """A layer without, and thresholds beside biases."""
    source = network()
    hidden = {"units": ["h", "k"], "weights": [[0.5, 0.2], [0.1, 0.3]]}
    source["layers"] = [hidden, {"units": ["y"], "weights": [[0.4, 0.7]], "bias": 0.1}]
    assert "with its bias on top where it has one" in lesson(source)
    source["layers"][0] = {**hidden, "threshold": [0.2, 0.1]}
    assert "A threshold enters with a minus, so its gradient has the sign turned." in lesson(source)


@pytest.mark.parametrize(
    ("display", "targets", "said"),
    [
        ({"decimals": 3}, {"y": -0.1801}, True),
        ({"significant": 3}, {"y": -0.1801}, False),
        ({"decimals": 3}, {"y": 0.3}, False),
    ],
)
def test_powers_of_ten_are_explained_where_they_are_met(
    display: dict[str, Any], targets: dict[str, float], said: bool
) -> None:
    """The error (-0.1801 + 0.18)^2 would show as 0.000; with significant digits nothing ever does. A learning rate of
    1e-5 that was typed so is none of them."""
    source = {**network(targets=targets, learning_rate=0.00001), "display": display}
    assert ("Values that would show as 0 are written with a power of ten" in lesson(source)) is said


def test_slopes_of_cases_are_exact() -> None:
    """The slope of a relu is 1, whatever digits its net input has; that of the unit below it is not."""
    source = network(layer={"activation": "relu"}, weights=[[0.5, 0.4]])
    source["layers"] = [
        {"units": ["h"], "activation": "tanh", "weights": [[0.5, 0.4]]},
        {"units": ["y"], "activation": "relu", "weights": [[0.7]]},
    ]
    lines = explainer.load(source)
    assert lines["dout_y/dnet_y"].text == "1"
    assert "dout_y/dnet_y" in lines.evaluation.exact
    assert len(lines["dout_h/dnet_h"].text) == len("0.1234")


def test_steps_that_were_taken_before_are_told() -> None:
    """With what the update has kept, and with the columns of its table filled."""
    source = network(optimizer="adam", steps=3, show_steps=[3])
    text = lesson(source)
    assert "Steps 1 and 2 have been taken already" in text
    assert "$t^{2+} = 2$, $m_{w_1}^{2+} = " in text
    table = explainer.load(source).walkthrough().markdown.partition("| parameter | before |")[2].partition("\n\n")[0]
    assert "|  |" not in table
    assert "have been taken already" not in lesson(network(optimizer="adam", steps=3, show_steps=[1, 3]))


def test_a_softmax_within_the_network() -> None:
    """Its outputs share their inputs, so the way splits at once."""
    source = network(weights=[[0.3, 0.1], [0.6, 0.2], [-0.5, 0.4]], layer={"activation": "softmax"})
    source["layers"].append({"units": ["o"], "weights": [[0.5, -0.6, 0.1]]})
    source["targets"] = {"o": 0.3}
    text = lesson(source)
    assert "all three outputs of the layer depend on $\\mathit{net_y}$" in text
    assert "leads through every unit of the layer" in text
    assert "feeds three units" not in text


def test_shares_of_a_shared_bias_end_their_paragraph() -> None:
    """What stands behind a bar is explained in the next one."""
    for detail in ("brief", "standard", "full"):
        text = explainer.load("mazur").walkthrough(detail).markdown
        assert "add up.What" not in text
    shared = {**network(weights=[[0.5, 0.1], [0.3, 0.2]], layer={"bias": 0.2})}
    assert "the shares add up. What stands behind a bar" in lesson(shared)


def test_a_kink_is_told_beside_the_story_too() -> None:
    """A second relu unit whose net input is exactly 0: 0.5 times 0.6 less 0.25 times 1.2."""
    source = network()
    source["layers"] = [
        {"units": ["h", "k"], "activation": "relu", "weights": [[0.5, 0.4], [0.5, -0.25]]},
        {"units": ["y"], "weights": [[0.7, 0.3]]},
    ]
    for detail in ("standard", "full"):
        told = "At $\\frac{\\partial \\mathit{out_k}}{\\partial \\mathit{net_k}}$ two cases meet in a kink"
        assert lesson(source, detail).count(told) == 1
    assert "two cases meet" not in lesson("classifier")


def test_a_new_weight_on_a_single_path_is_told() -> None:
    """Sequential updates: the way back leads over the weight that has been updated already."""
    source = network(update="sequential")
    source["layers"] = [
        {"units": ["h"], "activation": "tanh", "weights": [[0.5, 0.4]]},
        {"units": ["y"], "weights": [[0.7]]},
    ]
    assert "it is already the *new* one" in lesson(source)
    assert "it is already the *new* one" not in lesson({**source, "training": network()["training"]})


def test_two_minus_signs_make_a_plus() -> None:
    """1/(1 - w) rises with w, so the quotient rule's minus is not in the line; that of 1/(1 + w) is."""
    for sign, said in (("-", True), ("+", False)):
        source = {"parameters": {"w": 0.3}, "formulas": {"f": f"1/(1 {sign} w)"}, "training": {"loss": "f"}}
        assert ("the minus that is there already turns it round" in lesson(source)) is said


def test_what_makes_a_gradient_smaller_is_named() -> None:
    """The longer chain where its factors do it, the last factor where that does."""
    chain = {
        "inputs": {"x": 1.0},
        "targets": {"y": 0.2},
        "layers": [
            {"units": ["h"], "activation": "logistic", "weights": [[0.5]]},
            {"units": ["y"], "activation": "logistic", "weights": [[0.1]]},
        ],
        "training": {"learning_rate": 1},
    }
    assert "every link of the longer chain is one more factor" in lesson(chain)
    tiny = {**chain, "inputs": {"x": 1e-9}}
    text = lesson(tiny)
    assert "every link of the longer chain" not in text
    assert "most of it because the last factor is smaller: $x$ is" in text


def test_a_ratio_of_figures_with_one_digit_is_not_told() -> None:
    """0.03 over 0.001 could be anything from 17 to 70."""
    few = network(weights=((0.5, -0.4),))
    few["layers"] = [
        {"units": ["h"], "activation": "logistic", "weights": [[0.5, -0.4]]},
        {"units": ["y"], "activation": "logistic", "weights": [[0.1]]},
    ]
    few["display"] = {"decimals": 3, "carry": "rounded"}
    assert "times less than" not in lesson(few)


def test_the_nudge_says_where_the_line_shows_fewer_digits() -> None:
    """Three digits of a derivative that is printed with two decimals stand nowhere else."""
    source = network()
    source["display"] = {"decimals": 2}
    assert "exactly the derivative to three digits" not in lesson(source)
    assert "before it is rounded" in lesson(source)


def test_letters_of_an_optimizer_give_way() -> None:
    """A mass m and a speed v keep their letters; Adam's averages are then M and V."""
    text = lesson(
        {
            "parameters": {"m": 2, "v": 3},
            "formulas": {"f": "m*v**2"},
            "training": {"loss": "f", "learning_rate": 0.1, "optimizer": "adam"},
        }
    )
    assert "$M$ of its gradients" in text
    assert "$V$ of their squares" in text
    assert "M_{m}^{+}" in text
    assert "the logistic function $\\frac{1}{1 + e^{-z}}$" in lesson(
        {**network(layer={"activation": "logistic"}), "inputs": {"x": 1, "z2": 2}}
    )


def test_the_way_through_a_softmax_has_no_gap() -> None:
    """With a class, the error takes the output of the right unit alone, and a weight into another reaches it there."""
    source = explainer.load(
        {
            "inputs": {"x": 1},
            "targets": {"class": "no"},
            "layers": [{"units": ["yes", "no"], "activation": "softmax", "weights": [[0.3], [-0.2]]}],
            "training": {"loss": "cross-entropy", "learning_rate": 0.1},
        }
    )
    walkthrough = source.walkthrough()
    assert "leads through yes and on through the output of no" in " ".join(walkthrough.markdown.split())


def test_a_sequential_update_stands_before_its_new_value_is_used() -> None:
    """The new weight of a unit that the story does not tell is worked out before the hidden layer's gradients use it."""
    text = (
        explainer.load(
            {
                **network(),
                "targets": {"y": 0.3},
                "layers": [
                    {"units": ["g", "h"], "activation": "logistic", "weights": [[0.5, -0.4], [0.1, 0.2]]},
                    {"units": ["y"], "activation": "logistic", "weights": [[0.1, 0.7]]},
                ],
                "training": {"learning_rate": 1, "update": "sequential"},
            }
        )
        .walkthrough()
        .markdown
    )
    assert text.index('<a id="w6+">') < text.index("## The backward pass: the hidden layer")


def test_on_a_kink_nothing_is_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where |w| has no slope, 0 is a convention: the lesson and `verify` say so and raise no alarm."""
    source = {
        "parameters": {"w": 0, "v": 2},
        "formulas": {"f": "relu(w) + abs(w) + 0*v"},
        "training": {"loss": "f", "learning_rate": 0.1},
    }
    text = lesson(source)
    assert "the calculation stands on a kink" in text
    assert "please report" not in text
    file = tmp_path / "kink.toml"
    file.write_text(formulas_file(explainer.load(source)), encoding="utf-8")
    assert main(["verify", str(file)]) == 0
    assert "DO NOT AGREE" not in capsys.readouterr().out


@pytest.mark.parametrize(("w", "kink"), [("1", True), ("0.5", False), ("2", False)])
def test_a_kink_is_where_two_cases_that_differ_meet(w: str, kink: bool) -> None:
    """Of max(w, 1): at 1 its slopes 0 and 1 meet. The Huber error has one slope everywhere."""
    source = {
        "parameters": {"w": Decimal(w)},
        "formulas": {"f": "max(w, 1)"},
        "training": {"loss": "f", "learning_rate": 0.1},
    }
    assert any_kink(explainer.load(source).evaluation) is kink
    for target in (0.5, 1.5, 0.7):
        huber = network(weights=((0.5, 0.0),), targets={"y": target}, loss="Huber error")
        huber["inputs"] = {"x1": 1, "x2": 1}  # the output is 0.5: on target, at the border, between
        assert not any_kink(explainer.load(huber).evaluation)


def test_a_step_after_the_end_is_told_as_such() -> None:
    """Training stops after the first step here; the third is worked out all the same."""
    source = network(steps=5, show_steps=[1, 3], stop_below=10)
    text = lesson(source)
    assert "Training has ended before this step, after step 1: $E$ was below $10$ by then." in text
    assert "| training ends | when $E$ is below $10$, at the latest after step 5 |" in text


def test_a_first_step_that_overshoots_has_its_own_reason() -> None:
    """Adagrad's first step is as long as the learning rate, whatever the gradient is; plain momentum's is not."""
    assert "hardly depends on that of the gradient" in lesson(network(optimizer="adagrad", learning_rate=9))
    for optimizer in ("momentum", "nesterov"):
        text = lesson(network(optimizer=optimizer, learning_rate=9))
        assert "this one, with a learning rate of $9$, was too large" in text


def test_where_only_some_rates_are_asked_for_no_weight_is_promised() -> None:
    """The opening, the plan and the headings speak of what there is."""
    source = network(gradients=["x1", "out_y"])
    del source["training"]["learning_rate"]
    text = lesson(source)
    assert "Here the question is answered for $x_1$" in text
    for promise in ("If one of its weights", "each weight changes it", "The other weight", "training is to make"):
        assert promise not in text


def test_a_value_that_was_worked_out_is_nudged_without_all_its_digits() -> None:
    """From the second step on a weight has more digits than anybody wants to read."""
    text = lesson(network(weights=((0.123, -0.4),), steps=3, show_steps=[2]))
    assert "Make $w_1^{+}$, with all its digits, larger by $0.01$" in text
    assert "($+$ marks a value after one update)" in text


def test_a_product_of_printed_factors_has_no_mark_that_belongs_to_another_line() -> None:
    """Wherever a product stands with its factors alone, these give the printed figure, and it has no dagger."""
    found = 0
    for number in range(40):
        source = network(weights=((0.123 + number / 37, -0.4),), layer={"activation": "tanh"})
        markdown = explainer.load(source).walkthrough().markdown
        (display,) = re.findall(r'<a id="dE/dw1"></a>\s+\$\$(.*?)\$\$', markdown, re.DOTALL)
        *_, numbers, result = [part.strip() for part in display.replace("&", "").replace(r"\cr", "").split("=")]
        factors = re.findall(r"-?\d+\.\d+", numbers)
        if len(factors) == 3:
            product = math.prod(map(Decimal, factors))
            assert result.split("\n")[0] == str(product.quantize(Decimal("1e-4"), ROUND_HALF_UP))
            found += 1
    assert found
