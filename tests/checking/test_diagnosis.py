"""Single mistakes by hand: every figure here was worked out with Python's own mathematics, beside the checker."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest

import explainer
from explainer.checking.edits import shape_edits
from explainer.checking.mistakes import MISTAKES
from explainer.checking.report import Report
from explainer.checking.sheets import answers_of
from explainer.formulas.reader import read_formula
from explainer.formulas.shape import FunctionTable
from explainer.formulas.text import formula_text
from explainer.resources import template_folder


def checked(table: dict[str, Any], **figures: object) -> Report:
    """The report on a few figures of a list of formulas."""
    return explainer.load(table).check({name.replace("__", "/"): figure for name, figure in figures.items()})


def only(report: Report) -> tuple[str, str]:
    """The line and the likeliest mistake of a report with one slip."""
    (slip,) = report.slips
    return slip.line, slip.explanations[0].mistake


LISTED: list[tuple[str, dict[str, Any], str, float]] = [
    ("logarithm to another base", {"H": "0.0025"}, "-log10(H)", -math.log(0.0025)),
    ("degrees for radians", {"t": "1.2"}, "3*sin(t)", 3 * math.sin(math.radians(1.2))),
    ("sign of the exponent", {"k": "0.8"}, "5*exp(-k)", 5 * math.exp(0.8)),
    ("brackets missing", {"a": "7.3", "b": "1.9"}, "a/(b + 2.5)", 7.3 / 1.9 + 2.5),
    ("minus under the square", {"a": "3.71", "b": "8.25"}, "(a - b)**2", -((3.71 - 8.25) ** 2)),
    ("power left out", {"r": "2.37"}, "3.14159*r**2", 3.14159 * 2.37),
    ("doubled for squared", {"r": "2.37"}, "3.14159*r**2", 3.14159 * 2 * 2.37),
    ("factor left out", {"a": "7.3", "b": "1.9", "c": "0.37"}, "a*b*c", 7.3 * 1.9),
    ("term left out", {"a": "7.3", "b": "1.9", "c": "0.37"}, "a + b*c", 7.3),
    ("wrong given", {"a": "7.3", "b": "1.9", "c": "0.37"}, "a*a + b", 7.3 * 7.3 + 0.37),
    ("function left out", {"a": "2.6"}, "7*sqrt(a)", 7 * 2.6),
    ("multiplied", {"a": "7.3", "b": "1.9"}, "a/b", 7.3 * 1.9),
]


@pytest.mark.parametrize(("mistake", "given", "formula", "figure"), LISTED, ids=[row[0] for row in LISTED])
def test_a_mistake_in_any_formula(mistake: str, given: dict[str, str], formula: str, figure: float) -> None:
    """No network is needed: the edits are those of the formula."""
    table = {"given": {name: Decimal(text) for name, text in given.items()}, "formulas": {"f": formula}}
    report = checked(table, f=f"{figure:.6g}")
    assert report.slips[0].line == "f"
    assert mistake in {name for e in report.slips[0].explanations for name in (e.mistake, *e.also)}


ADAM = {
    "given": {"g": Decimal("0.082167"), "m0": Decimal("0.031"), "beta": Decimal("0.9"), "t": 2, "w": Decimal("0.4")},
    "formulas": {"m": "beta*m0 + (1 - beta)*g", "mhat": "m/(1 - beta**t)", "w_next": "w - 0.01*mhat"},
}


def test_the_bias_correction_forgotten() -> None:
    """mhat = m, without the division by 1 - beta^t (Kingma, Ba, "Adam", 2015, algorithm 1)."""
    m = 0.9 * 0.031 + 0.1 * 0.082167
    report = checked(ADAM, m=f"{m:.6f}", mhat=f"{m:.6f}")
    assert report.slips[0].line == "mhat"
    names = {name for e in report.slips[0].explanations for name in (e.mistake, *e.also)}
    assert names & {"factor left out", "bias correction left out"}


def test_the_sign_of_the_momentum() -> None:
    """The old direction subtracted in place of added."""
    report = checked(ADAM, m=f"{-0.9 * 0.031 + 0.1 * 0.082167:.6f}")
    names = {name for e in report.slips[0].explanations for name in (e.mistake, *e.also)}
    assert names & {"sign lost", "sign of the momentum"}


def _likeliest(report: Report) -> set[str]:
    """The first explanation of the first slip, with what is the same by algebra."""
    first = report.slips[0].explanations[0]
    return {first.mistake, *first.also}


def test_the_shipped_adam_without_its_bias_correction() -> None:
    """g = -1.1488850 * (1 - 0.1488850^2) * 0.5; m = 0.1 g, and mhat must be m/(1 - 0.9), not m."""
    out = math.tanh(-0.15)
    g = (out - 1) * (1 - out * out) * 0.5
    report = explainer.load("adam").check(
        {"dE/dw1": f"{g:.6f}", "m_w1+": f"{0.1 * g:.6f}", "mhat_w1": f"{0.1 * g:.6f}"}
    )
    assert report.slips[0].line == "mhat_w1"
    assert "bias correction left out" in _likeliest(report)


def test_the_shipped_momentum_with_the_wrong_sign() -> None:
    """In its second step v = 0.5 * (-0.4) - 0.1 * 3.6; with the old direction turned round it is 0.2 - 0.36."""
    report = explainer.load("momentum").check({"v_x+": "-0.4", "df/dx@1": "3.6", "v_x@2": "-0.16"})
    assert report.slips[0].line == "v_x@2"
    assert "sign of the momentum" in _likeliest(report)


def test_the_value_of_another_sample_is_recognised() -> None:
    """Two samples; in the net input of the second one the input of the first was used."""
    table: dict[str, Any] = {
        "inputs": {"a": [Decimal("0.31"), Decimal("0.87")], "b": [Decimal("1.13"), Decimal("0.44")]},
        "targets": {"o": [Decimal("0"), Decimal("1")]},
        "layers": [{"units": ["o"], "activation": "logistic", "weights": [[Decimal("0.53"), Decimal("-0.29")]]}],
        "training": {"learning_rate": Decimal("0.5")},
    }
    report = explainer.load(table).check(
        {"net_o#1": f"{0.53 * 0.31 - 0.29 * 1.13:.5f}", "net_o#2": f"{0.53 * 0.31 - 0.29 * 0.44:.5f}"}
    )
    assert report.slips[0].line == "net_o#2"
    assert _likeliest(report) & {"wrong given"}
    assert report.slips[0].explanations[0].instead == "a#1"


def test_a_slip_in_a_line_that_is_not_on_the_sheet_is_found_there() -> None:
    """0.40 - 0.5 * 0.741365 * 0.593270 = 0.1801: the slope of o1 is missing, two lines further up."""
    report = explainer.load("mazur").check({"w5+": f"{0.40 - 0.5 * 0.741365 * 0.593270:.4f}"})
    (slip,) = report.slips
    assert slip.line == "w5+"
    assert slip.explanations[0].mistake == "slope left out"
    assert slip.explanations[0].line == "dE_o1/dnet_o1"
    assert slip.explanations[0].unwritten


def test_the_same_mistake_on_siblings_counts_once() -> None:
    """Gradients added at three weights: one error, two lines that have it again."""
    gradients = {"w5": 0.0821670, "w6": 0.0826676, "w7": -0.0226025}
    old = {"w5": 0.40, "w6": 0.45, "w7": 0.50}
    figures: dict[str, str] = {f"dE/d{w}": f"{g:.7f}" for w, g in gradients.items()}
    figures |= {f"{w}+": f"{old[w] + 0.5 * g:.7f}" for w, g in gradients.items()}
    report = explainer.load("mazur").check(figures)
    (slip,) = report.slips
    assert (slip.line, slip.explanations[0].mistake, set(slip.again)) == ("w5+", "gradient added", {"w6+", "w7+"})
    assert report.points == 5


def test_a_wrong_figure_that_was_not_carried_on_is_a_slip_in_writing() -> None:
    """Digits swapped on paper, and the right value used below: it costs what a copying slip costs."""
    report = explainer.load("mazur").check({"out_h1": "0.5392700", "net_o1": "1.1059060", "out_h2": "0.5968844"})
    (slip,) = report.slips
    assert slip.line == "out_h1"
    assert not slip.carried_on
    assert slip.cost == "copying"
    assert next(line for line in report.lines if line.id == "net_o1").verdict == "right"


def test_one_iteration_too_few() -> None:
    """The later edition of the article prints what 9,999 rounds give."""
    report = explainer.load("mazur").check({"E_total@10000": "0.0000351085"})
    (slip,) = report.slips
    assert slip.explanations[0].mistake == "one iteration off"
    assert slip.explanations[0].instead == "E_total@9999"


def test_a_second_step_by_hand_is_judged_line_by_line() -> None:
    """w5 after two updates, worked out here in floats; and one that forgets the second update."""
    calculation = explainer.load("mazur")
    w5 = _two_steps()
    assert calculation.check({"w5@2": f"{w5[2]:.5f}"}).all_right
    wrong = calculation.check({"w5+": f"{w5[1]:.6f}", "w5@2": f"{w5[1]:.6f}"})
    names = {name for e in wrong.slips[0].explanations for name in (e.mistake, *e.also)}
    assert names & {"one iteration off", "update left out"}


def _two_steps() -> list[float]:
    """w5 before, after one and after two updates of the article's network, by a plain calculation."""
    w = [0.0, 0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]
    i, t, found = (0.05, 0.10), (0.01, 0.99), [0.40]

    def logistic(x: float) -> float:
        return 1 / (1 + math.exp(-x))

    for _ in range(2):
        h = [logistic(w[1] * i[0] + w[2] * i[1] + 0.35), logistic(w[3] * i[0] + w[4] * i[1] + 0.35)]
        o = [logistic(w[5] * h[0] + w[6] * h[1] + 0.60), logistic(w[7] * h[0] + w[8] * h[1] + 0.60)]
        d = [(o[k] - t[k]) * o[k] * (1 - o[k]) for k in (0, 1)]
        e = [(d[0] * w[5 + k] + d[1] * w[7 + k]) * h[k] * (1 - h[k]) for k in (0, 1)]
        gradient = [0.0, e[0] * i[0], e[0] * i[1], e[1] * i[0], e[1] * i[1], *(d[k // 2] * h[k % 2] for k in range(4))]
        w = [x - 0.5 * g for x, g in zip(w, gradient, strict=True)]
        found.append(w[5])
    return found


def test_figures_of_many_digits_are_judged_in_decimals() -> None:
    """16 digits are beyond machine floats' intervals; the last one decides."""
    calculation = explainer.load("mazur")
    value = calculation["E_total"].value
    right = f"{round(value, 18):f}"
    assert calculation.check({"E_total": right}).all_right
    off = Decimal(right) + Decimal("3e-18")
    assert not calculation.check({"E_total": f"{off:f}"}).all_right


def test_a_wide_line_says_that_its_digits_cannot_show_it() -> None:
    """out = 0.998 stands for 0.9975 to 0.9985, so 1 - out for 0.0015 to 0.0025: 0.0018 may be right or not."""
    table = {
        "given": {"x": Decimal("6.3"), "k": Decimal("1.7")},
        "formulas": {
            "out": "logistic(x)",
            "rest": "1 - out",
            "f": "k*rest",
            "g": "k + out",
            "h": "k*out",
            "p": "k - x",
        },
    }
    out = 1 / (1 + math.exp(-6.3))
    figures = {
        "out": f"{out:.3f}",
        "rest": "0.00229",
        "f": f"{1.7 * 0.00229:.3g}",
        "g": f"{1.7 + out:.4g}",
        "h": "1.70",
        "p": "-4.60",
    }
    report = checked(table, **figures)
    assert [line.id for line in report.lines if line.wide] == ["rest"]
    assert report.slips == ()


def test_edits_never_give_the_formula_itself() -> None:
    """Each edit is another formula, whatever Shape it is made of."""
    table = FunctionTable()
    for text in (
        "w1*i1 + w2*i2 + b*1",
        "logistic(x)",
        "-(t - o)",
        "1/2*(t - o)**2",
        "y*(1 - y)",
        "a - b*c",
        "log(1 + exp(x))",
    ):
        shape, names = table.shape_of(read_formula(text, table.rows))
        edits = shape_edits(shape, table)
        assert len(edits) > 3
        assert all(edit.shape.formula != shape.formula for edit in edits)
        assert len({(e.kind, formula_text(e.shape.formula, names)) for e in edits}) == len(edits)


def test_every_mistake_has_words() -> None:
    """Each row of the table is told by a sentence of its own in the templates."""
    words = (template_folder() / "en" / "report_words.j2").read_text("utf-8")
    assert [row.name for row in MISTAKES if f'"{row.name}"' not in words] == []


def test_answers_from_python_are_texts_or_numbers() -> None:
    """As in a notebook."""
    assert answers_of({"w5+": 0.3589}).answers[0].text == "0.3589"
