"""What fits a figure by chance, or because nothing can be said, is not told as a mistake. Found by a reader's trials."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest

import explainer
from explainer.checking.diagnosis import Confidence
from explainer.checking.report import Report, Slip
from explainer.checking.writing import report_text
from tests.checking.honest import CUT, NEAREST, Hand, sheet

FOUR, FIVE = Hand(NEAREST, True, 4), Hand(NEAREST, True, 5)

TINY: dict[str, Any] = {
    "inputs": {"x": 0.002, "z": 0.003},
    "targets": {"y": 0.5},
    "layers": [
        {"units": ["h"], "activation": "logistic", "weights": [[0.01, 0.02]], "bias": 0},
        {"units": ["y"], "activation": "logistic", "weights": [[0.03]], "bias": 0.001},
    ],
    "training": {"learning_rate": 0.1},
    "display": {"significant": 5},
}
DOG: dict[str, Any] = {
    "inputs": {"x1": 1.0, "x2": 2.0},
    "targets": {"class": "dog"},
    "layers": [
        {"units": ["cat", "dog", "owl"], "activation": "softmax", "weights": [[0.1, 0.2], [0.3, -0.1], [0.05, 0.5]]}
    ],
    "training": {"loss": "softmax cross-entropy", "learning_rate": 0.1},
    "display": {"decimals": 4},
}
DEAD: dict[str, Any] = {
    "inputs": {"x": 1},
    "targets": {"y": 0.2},
    "layers": [
        {"units": ["g", "k"], "activation": "relu", "weights": [[-0.4], [0.7]]},
        {"units": ["y"], "activation": "logistic", "weights": [[0.3, 0.6]]},
    ],
    "training": {"learning_rate": 0.1},
    "display": {"decimals": 5},
}


def one_slip(source: Any, hand: Hand, **changed: str) -> tuple[Slip, Report]:
    """The only slip of a sheet that is right but for one figure."""
    calculation = explainer.load(source)
    figures = {**sheet(calculation, hand), **{id.replace("__", "/"): text for id, text in changed.items()}}
    report = calculation.check(figures)
    (slip,) = report.slips
    return slip, report


@pytest.mark.parametrize("figure", ["3.3333", "99.5", "0.3333"])
def test_what_has_no_value_explains_nothing(figure: str) -> None:
    """The logarithm of a negative number could be anything, and so could a division by 0."""
    for source, line in ((DOG, "E"), ("logistic", "E#1")):
        (slip,) = explainer.load(source).check({line: figure}).slips
        assert (slip.confidence, slip.explanations) == (Confidence.NONE, ())


def test_a_jump_explains_nothing_that_lies_between() -> None:
    """A step at exactly 0 is 0 or 1, and never 0.12345."""
    slip, _ = one_slip(DEAD, FIVE, dout_g__dnet_g="0.12345")
    assert slip.explanations == ()


@pytest.mark.parametrize(
    ("line", "figure", "off"),
    # 0.030000 - 0.1*0.00049998 = 0.029950002; 7.4995e-6*0.002 = 1.4999e-8; exp(-0.015876) gives 0.503969
    [("w3+", "0.029953", 3), ("out_y@1", "0.50392", 5), ("dE/dw1", "0.000000014992", 0)],
)
def test_a_last_digit_is_no_method(line: str, figure: str, off: int) -> None:
    """A single figure is not told as another method from the start against all other lines, nor as a copy of one that
    reads differently."""
    slip, _ = one_slip(TINY, FIVE, **{line.replace("/", "__"): figure})
    assert (slip.line, slip.confidence) == (line, Confidence.NONE)
    assert slip.off == off


def test_a_slip_of_one_unit_is_told_as_that() -> None:
    """Though out_h1 after the update would round to it."""
    slip, _ = one_slip("mazur", FOUR, out_h1="0.5932")
    assert (slip.line, slip.off, slip.explanations) == ("out_h1", 1, ())


@pytest.mark.parametrize(("line", "figure"), [("dE_o1__dnet_o1", "0.5"), ("out_h1", "0.9")])
def test_a_bare_digit_has_no_last_digit(line: str, figure: str) -> None:
    """0.5 for 0.1385 is not off in its last digit, and 0.9 is not 1 cut off."""
    slip, _ = one_slip("mazur", FOUR, **{line: figure})
    assert (slip.off, slip.explanations) == (0, ())


@pytest.mark.parametrize("figure", ["0.2", "0.3"])
def test_one_figure_alone_does_not_make_a_coarse_person(figure: str) -> None:
    """dE_total/dw5 is 0.0822; nobody rounds every line on the way to one digit and writes just one down."""
    report = explainer.load("mazur").check({"dE_total/dw5": figure})
    assert not report.all_right
    assert explainer.load("mazur").check({"dE_total/dw5": "0.08"}).all_right


def test_a_formula_that_is_shown_gives_the_figure_beside_it() -> None:
    """Where a wrong figure was not carried on, the line below does not follow from it."""
    for hand in (FIVE, Hand(CUT, True, 5)):
        _, report = one_slip(TINY, hand, dE__dout_y="0.0090000")
        shown = [(line.way.result, line.answer) for line in report.lines if line.way is not None]
        assert shown
        assert all(Decimal(result) == Decimal(answer) for result, answer in shown)


def test_a_number_of_the_formula_is_told_by_itself() -> None:
    """7.3 times 1.9 without the 4.25."""
    source = {"given": {"a": 7.3, "b": 1.9}, "formulas": {"f": "a*b + 4.25"}, "display": {"decimals": 3}}
    report = explainer.load(source).check({"f": "13.870"})
    assert report.slips[0].explanations[0].part == ("4.25",)
    assert "A term is missing: 4.25." in report_text(report)


def test_no_two_explanations_read_the_same() -> None:
    """With a target of 1, turning one sign or both gives the same figure, and the same sentence."""
    source = {
        "inputs": {"x": 1},
        "targets": {"y": 1},
        "layers": [{"units": ["y"], "activation": "logistic", "weights": [[0.57]]}],
        "training": {"loss": "binary cross-entropy", "learning_rate": 0.5},
        "display": {"decimals": 4},
    }
    out = 1 / (1 + math.exp(-0.57))
    slip, _ = one_slip(source, Hand(NEAREST, True, 4, by_decimals=True), dE__dout_y=f"{1 / out:.4f}")
    told = [(e.mistake, e.line, e.part, e.instead) for e in slip.explanations]
    assert len(told) == len(set(told)) >= 1
