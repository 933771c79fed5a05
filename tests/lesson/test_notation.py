"""Lessons in every notation: signs, marks, words for the error term, and what must hold for all of them."""

from __future__ import annotations

import json
import re
from html import unescape
from itertools import product
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explainer
from explainer.files import LatexOptions, document_files
from explainer.formats.dialect import math_in
from explainer.lesson.notation import between_symbols
from explainer.version import __version__
from tests.formats.compiling import compiled, complaints
from tests.formats.survival import survives_commonmark

NETWORK: dict[str, Any] = {
    "inputs": {"x[1]": 0.5, "x[2]": -1.25},
    "targets": {"5": 1, "y[1,2]": 0.25},
    "layers": [
        {"units": ["h[1]", "4"], "activation": "relu", "weights": [[1.5, 0.5], [-3, 0.25]], "bias": 0.5},
        {"units": ["5", "y[1,2]"], "activation": "leaky relu", "weights": [[1, 0.5], [2, -1]], "bias": [0.1, -0.2]},
    ],
    "training": {"learning_rate": 0.125, "steps": 20, "gradients": ["x[1]", "b[1]"]},
    "display": {"decimals": 4, "digits": {"errors": 6, "b[1]": 2}},
}
CHOICES: dict[str, tuple[Any, ...]] = {
    "weights": ("W[<j>,<i>]", "w<i>_<j>", "theta<number>"),
    "net": ("net_<unit>", "z<j>", "a[<layer>,<row>]"),
    "weights_tex": (None, r"\omega_{<i>,<j>}", r"\hat{w}^{(<layer>)}", "w_<from>"),
    "first_index": (0, 1),
    "error_term": ("delta", "Err", "sensitivity", "error signal"),
    "error_term_tex": (None, r"\mathrm{Err}", r"\epsilon_<unit>^{(2)}", "s"),
    "new_value": ("+", "'", "(1)"),
    "times": ("dot", "cross", "none"),
    "derivative": ("partial", "d"),
    "decimal": ("point", "comma"),
}
SIGNS = ("new_value", "times", "derivative", "decimal")


def notations() -> st.SearchStrategy[dict[str, Any]]:
    """Any mixture of settings, but for TeX of weights that would look alike."""
    drawn = st.fixed_dictionaries({key: st.sampled_from(values) for key, values in CHOICES.items()})
    return drawn.map(
        lambda found: {k: v for k, v in found.items() if v is not None and (k, v) != ("weights_tex", "w_<from>")}
    )


def calculation(**notation: Any) -> explainer.Calculation:
    """The network with indices in its names, in this notation."""
    gradients = ["x[1]"] if "weights" in notation else ["x[1]", "w1", "w5"]
    shared = {"shared_bias": "b[<layer>]", "first_index": 1, **notation}
    bias = f"b[{shared['first_index']}]"
    training = {**NETWORK["training"], "gradients": [*gradients, bias]}
    display = {"decimals": 4, "digits": {"errors": 6, bias: 2}}
    table = {**NETWORK, "training": training, "display": display, "notation": shared}
    if "\\hat" in str(notation.get("weights_tex")):
        del shared["weights_tex"]  # the weights of a layer would look alike
    return explainer.load(table)


def markdown(**notation: Any) -> str:
    """The lesson in full."""
    return calculation(**notation).walkthrough("full").markdown


@given(notations())
@settings(max_examples=40, deadline=None)
def test_every_formula_survives_in_every_notation(notation: dict[str, Any]) -> None:
    """No setting makes a formula that a parser without mathematics would touch, and none is lost on the way to HTML."""
    lesson = calculation(**notation).walkthrough("full")
    broken = [tex for tex in set(math_in(lesson.markdown)) if not survives_commonmark(tex, display="\n" in tex)]
    assert broken == []
    html = lesson.html()
    anchors = {unescape(anchor) for anchor in re.findall(r'<a id="(.*?)"></a>', lesson.markdown)}
    links = {unquote(unescape(link)) for link in re.findall(r'href="#(.*?)"', html)}
    assert links <= anchors
    assert "\0" not in html


@pytest.mark.parametrize("choice", range(3))
def test_every_notation_compiles(choice: int) -> None:
    """LaTeX has nothing to complain of: every setting is in one of three documents, values.tex among them."""
    notation = {key: values[choice % len(values)] for key, values in CHOICES.items() if values[choice % len(values)]}
    files = document_files(calculation(**notation), ("tex",), "full", LatexOptions())
    text = files["walkthrough.tex"].replace(
        r"\begin{document}",
        "\\input{values}\n\\begin{document}\n\\stepvalue{net_h[1]}" if choice == 0 else r"\begin{document}",
    )
    assert complaints(compiled(text, files={"values.tex": files["values.tex"]})) == []


@pytest.mark.parametrize(("mark", "tex"), [("+", "w_1^{+}"), ("'", "w_1'"), ("(1)", "w_1(1)")])
def test_a_new_value_has_its_mark(mark: str, tex: str) -> None:
    """The id stays ``w1+``; only its print changes."""
    found = calculation(new_value=mark)
    assert found["w1+"].tex.startswith(f"{tex} = w_1 - ")
    assert rf"{tex} " in found.walkthrough().markdown


def test_factors_stand_side_by_side_where_symbols_meet() -> None:
    """With times = none there is a dot between numbers and before a number, and none between symbols."""
    line = explainer.load(
        {"given": {"a": 2, "b": -3}, "formulas": {"y": "1/2*a*b*(a - b)*2"}, "notation": {"times": "none"}}
    )["y"]
    symbols, numbers = line.tex.split(" = ")[1:3]
    assert symbols == r"\frac{1}{2} \thinspace a \thinspace b \thinspace (a - b) \cdot 2"
    assert numbers == r"\frac{1}{2} \cdot 2 \cdot (-3) \cdot (2 - (-3)) \cdot 2"


@pytest.mark.parametrize(
    ("tex", "settled"),
    [
        ("a\0b", r"a \thinspace b"),
        ("2\0x", r"2 \thinspace x"),
        ("x\0" + "2", r"x \cdot 2"),
        ("2\0\\frac{1}{2}", r"2 \cdot \frac{1}{2}"),
        ("0{,}5\0\\frac{1}{2}", r"0{,}5 \cdot \frac{1}{2}"),
        ("w_5\0\\frac{a}{b}", r"w_5 \thinspace \frac{a}{b}"),
    ],
)
def test_a_whole_number_before_a_fraction_is_no_mixed_number(tex: str, settled: str) -> None:
    """2 times ½ is not 2½: where numbers meet there is a dot."""
    assert between_symbols(tex) == settled


def test_the_chain_rule_may_have_straight_ds_and_crosses() -> None:
    """All fractions of a line are written alike."""
    line = calculation(derivative="d", times="cross")["dE_total/dw5"].tex
    assert r"\partial" not in line
    assert line.count(r"\mathrm{d}") == 6
    assert r"\cdot" not in line


class TestDecimalComma:
    """A document with a decimal comma."""

    def test_no_number_has_a_point(self) -> None:
        """Every formula, alt text and table has commas, in braces in TeX."""
        text = markdown(decimal="comma")
        assert re.findall(r"\d\.\d", text.replace(f"explainer {__version__}", "")) == []
        assert re.findall(r"\d,\d", re.sub(r"_\{\d,\d\}|\[\d,\d\]|%2C", "", text.replace("y_{1,2}", ""))) != []

    def test_lists_stay_readable(self) -> None:
        """Semicolons stand between numbers that hold commas, in lists and among arguments."""
        text = markdown(decimal="comma")
        assert "$x_1 = 0{,}5$; $x_2 = -1{,}25$" in text
        assert r"\max(0; " in text
        assert r"\max(0, " not in text

    def test_pictures_have_a_plain_comma(self) -> None:
        """SVG shows the comma without braces, TikZ sets it without a gap."""
        figures = calculation(decimal="comma").walkthrough().figures
        for figure in figures.values():
            written = re.sub(
                r"(?:x|y|dy|d|points|transform|width|height|viewBox|font-size|[a-z-]+)=\"[^\"]*\"", "", figure.svg()
            )
            assert re.findall(r">[^<]*\d\.\d[^<]*<", written) == []
            assert "{,}" not in written
        assert "0{,}5" in figures["network.svg"].tikz()
        assert re.search(r">0,\d", figures["training.svg"].svg())

    def test_files_for_machines_keep_the_point(self) -> None:
        """steps.json and ids have points; values.tex prints what the document prints."""
        files = document_files(calculation(decimal="comma"), ("json", "tex"), "brief", LatexOptions())
        values = [step["value"] for step in json.loads(files["steps.json"])["steps"]]
        assert any("." in value for value in values)
        assert not any("," in value for value in values)
        assert r"\newstepvalue{x[1]}{0{,}5}" in files["values.tex"]

    def test_the_terminal_has_a_plain_comma(self) -> None:
        """A line of working as text: commas, and semicolons among arguments."""
        line = calculation(decimal="comma").one_line("net_h[1]")
        assert "1,5*0,5 + 0,5*(-1,25) + 0,5*1" in line
        assert "leaky_relu" in calculation(decimal="comma").one_line("out_5")
        assert re.search(r"leaky_relu\([-(),\d]+; 0,01\)", calculation(decimal="comma").one_line("out_5"))


@pytest.mark.parametrize(
    ("notation", "phrases"),
    [
        (
            {"error_term": "Err"},
            ["### The Err rule", r"\mathit{Err_{\mathrm{5}}}", "its own sum over paths and its own Err;"],
        ),
        ({"error_term": "sensitivity", "error_term_tex": "s"}, ["unit's **sensitivity**", "s_5 ="]),
        ({"error_term": "error signal"}, ["The error signal rule", r"\delta_5 ="]),
        ({"error_term_tex": r"\mathrm{Err}"}, [r"\mathrm{Err_{\mathrm{5}}} ="]),
        ({"error_term_tex": r"\epsilon_<unit>^{(2)}"}, [r"\epsilon_{5}^{(2)} ="]),
    ],
)
def test_the_error_term_has_its_word_and_its_symbol(notation: dict[str, Any], phrases: list[str]) -> None:
    """A word makes the symbol, unless the symbol is given."""
    text = explainer.load({**NETWORK, "training": {"learning_rate": 0.1}, "display": {}, "notation": notation})
    lesson = text.walkthrough().markdown
    assert [phrase for phrase in phrases if phrase not in lesson] == []
    assert "delta" not in lesson.replace(r"\delta", "") or "error_term" not in notation


def test_the_symbols_of_net_input_and_output_are_named_in_the_prose() -> None:
    """What the prose calls the net input and the output has the symbol that the formulas use, or none."""
    notation = {"net": "z<j>", "out": "<unit>"}
    units = {**NETWORK, "targets": {"c": 1}, "layers": [{"units": ["c"], "activation": "tanh", "weights": [[1, 2]]}]}
    text = explainer.load({**units, "training": {}, "display": {}, "notation": notation}).walkthrough().markdown
    assert "the **net input**, $z$. Then" in text
    assert "the **output**." in text


def test_the_signs_are_independent_of_each_other() -> None:
    """Every combination of signs gives the same figures under the same ids."""
    texts = {
        tuple((line.id, line.text) for line in calculation(**dict(zip(SIGNS, signs, strict=True))).lines)
        for signs in product(*(CHOICES[sign] for sign in SIGNS))
    }
    assert len(texts) == 1
