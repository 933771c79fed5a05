"""Whole documents: the golden ones, and what must hold for every one."""

from __future__ import annotations

import csv
import re
from decimal import ROUND_HALF_UP, Decimal
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

import explainer
from explainer.formats.dialect import math_in
from tests.formats.survival import survives_commonmark
from tests.golden_documents import DOCUMENTS, FOLDER, SEQUENTIAL, THREE_HIDDEN_LAYERS, document

ARTICLE = Path(__file__).parent.parent / "data" / "article_figures.csv"
SAMPLE = Path(__file__).parent.parent.parent / "output" / "mazur"
LEVELS = ("brief", "standard", "full")
SHAPES: dict[str, dict[str, Any]] = {
    "one unit": {
        "inputs": {"x": 1},
        "targets": {"y": 0.5},
        "layers": [{"units": ["y"], "weights": [[2]]}],
        "training": {"learning_rate": 0.1},
    },
    "names of SymPy, Python and Greek": {
        "inputs": {"E": 0.5, "I": -1, "lambda": 2},
        "targets": {"N": 0.1, "S": 0.2},
        "layers": [
            {
                "units": ["beta", "in"],
                "activation": "tanh",
                "weights": [[1e-12, 2, -3], [0.1, 0.2, 0.3]],
                "bias": [0, -1],
            },
            {"units": ["N", "S"], "activation": "logistic", "weights": [[1, 2], [3, 4]]},
        ],
        "training": {"learning_rate": 0.1, "steps": 20},
    },
    "forward only": {
        "inputs": {"x": 1, "z_1_top": 2},
        "layers": [{"units": ["a_b"], "activation": "exp", "weights": [[0.1, -0.2]]}],
    },
    "gradients without updates": {
        "inputs": {"x": 1},
        "targets": {"y": 0.5, "z": 1},
        "layers": [{"units": ["y", "z"], "activation": "sin", "weights": [[2], [-1]]}],
        "training": {"gradients": ["x", "w1"]},
    },
    "three hidden layers": THREE_HIDDEN_LAYERS,
    "sequential": SEQUENTIAL,
    "mean of two errors": {
        "inputs": {"x": 0.5},
        "targets": {"a": 1, "b": 0},
        "layers": [
            {"units": ["h"], "activation": "relu", "weights": [[0.3]], "bias": 0.1},
            {"units": ["a", "b"], "activation": "logistic", "weights": [[0.7], [-0.2]]},
        ],
        "training": {"loss": "mean squared error", "learning_rate": 0.5},
    },
    "binary cross-entropy": {
        "inputs": {"x": 0.5, "z": -2},
        "targets": {"a": 1},
        "layers": [{"units": ["a"], "activation": "logistic", "weights": [[0.7, 0.1]], "bias": 0.2}],
        "training": {"loss": "binary cross-entropy", "learning_rate": 0.5, "steps": 30},
    },
    "a chain of formulas": {
        "given": {"T_room": 21, "T_start": 84.5, "t": 7.5, "T_seen": 62.3},
        "parameters": {"k": 0.05},
        "formulas": {
            "decay": "exp(-k*t)",
            "T": "T_room + (T_start - T_room)*decay",
            "miss": "1/2*(T - T_seen)**2",
        },
        "training": {"loss": "miss", "learning_rate": 0.00001, "steps": 50},
        "display": {"decimals": 4},
    },
    "a wide layer": {
        "inputs": {f"i{n}": n / 10 for n in range(12)},
        "targets": {"o": 1},
        "layers": [
            {
                "units": [f"h{n}" for n in range(9)],
                "activation": "tanh",
                "weights": [[(n * m % 7 - 3) / 10 for m in range(12)] for n in range(9)],
            },
            {"units": ["o"], "activation": "logistic", "weights": [[0.1 * n for n in range(9)]], "bias": 0.5},
        ],
        "training": {"learning_rate": 0.1},
        "display": {"significant": 3},
    },
}


def lesson(source: Any, detail: str = "standard") -> str:
    """The Markdown of a walkthrough."""
    return explainer.load(source).walkthrough(detail).markdown


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_golden_document_comes_out_as_reviewed(name: str) -> None:
    """Golden documents change only on purpose: `python -m tests.golden_documents` writes them anew."""
    assert document(name) == (FOLDER / f"{name}.md").read_text("utf-8")


def test_the_committed_sample_is_what_the_command_writes() -> None:
    """output/mazur holds the walkthrough of the article's network as it comes out now."""
    assert (SAMPLE / "walkthrough.md").read_text("utf-8") == document("mazur")


def test_every_figure_of_the_article_appears() -> None:
    """Each quantity of the article has the value of its stated method, to 9 decimals."""
    text = lesson("mazur")
    with ARTICLE.open(encoding="utf-8") as file:
        values = [f"{float(row['stated_method']):.9f}" for row in csv.DictReader(file)]
    assert len(values) == 32
    assert [value for value in values if value not in text] == []


def test_sequential_updates_give_the_ending_that_the_article_prints(tmp_path: Path) -> None:
    """The article's last figures (its text, last paragraph) follow from output weights that were updated first."""
    explainer_toml = Path(explainer.__file__).parent / "spec/examples/mazur.toml"
    path = tmp_path / "mazur.toml"
    path.write_text(
        explainer_toml.read_text("utf-8").replace("[training]", '[training]\nupdate = "sequential"'), "utf-8"
    )
    text = lesson(path)
    for figure in ("0.291027924", "0.000035085", "0.015912196", "0.984065734"):
        assert figure in text


def test_the_lines_that_do_not_recompute_carry_a_mark() -> None:
    """The eight lines that LESSON.md lists, found independently, carry a dagger; with rounded values carried none does."""
    text = lesson("mazur").split("## The forward pass again")[0]
    marked = re.findall(r"(-?[\d.]+)\^\{\\dagger\}", text)
    expected = [
        "0.274811083",
        "-0.022602540",
        "-0.019049118",
        "0.036350306",
        "0.000877135",
        "0.000995425",
        "0.199561432",
        "0.299502287",
    ]
    assert list(dict.fromkeys(marked)) == expected
    assert "dagger" not in lesson(THREE_HIDDEN_LAYERS)


@pytest.mark.parametrize("detail", LEVELS)
@pytest.mark.parametrize("name", SHAPES)
class TestEveryShape:
    """What must hold for a document of any shape at any level of detail."""

    def test_every_formula_survives_a_parser_that_knows_no_mathematics(self, name: str, detail: str) -> None:
        """GitHub, Jupyter and others parse Markdown first; no formula may be touched by that."""
        text = lesson(SHAPES[name], detail)
        broken = [tex for tex in set(math_in(text)) if not survives_commonmark(tex, display="\n" in tex)]
        assert broken == []

    def test_every_anchor_is_there_once(self, name: str, detail: str) -> None:
        """An id leads to one place."""
        anchors = re.findall(r'<a id="(.*?)"></a>', lesson(SHAPES[name], detail))
        assert len(anchors) == len(set(anchors)) > 0

    def test_every_link_leads_somewhere(self, name: str, detail: str) -> None:
        """A link within the document has its anchor."""
        text = lesson(SHAPES[name], detail)
        anchors = {unescape(anchor) for anchor in re.findall(r'<a id="(.*?)"></a>', text)}
        assert [link for link in re.findall(r"\]\(#(.*?)\)", text) if unquote(link) not in anchors] == []

    def test_nothing_is_left_open(self, name: str, detail: str) -> None:
        """No blank list, no stray template mark, no line of Python, no double blank."""
        text = lesson(SHAPES[name], detail)
        assert not re.search(r"\{%|%\}|\{\{ |None|<class|Markup|\[\]|\n\n\n| ,| \.\s|\$\$\n\$\$", text)

    def test_every_line_of_working_has_its_place(self, name: str, detail: str) -> None:
        """Each Step that does more than repeat a quantity is anchored; in full detail every Step is."""
        calculation = explainer.load(SHAPES[name])
        anchors = set(re.findall(r'<a id="(.*?)"></a>', calculation.walkthrough(detail).markdown))
        steps = [s.id for s in calculation.derivation.steps if detail == "full" or not s.trivial]
        missing = [id for id in steps if id not in anchors]
        assert missing == []


def test_lines_are_linked_to_those_they_use() -> None:
    """In the sample a reader can follow the deltas and the gradients of the updates back to where they are found."""
    text = lesson("mazur")
    for link in ("#dE_o1/dnet_o1", "#dE_o2/dnet_o2", "#dE_total/dw5", "#dE_total/dw1"):
        assert f"]({link})" in text
    assert explainer.load("mazur").walkthrough().html().count('href="#dE_total/dw5"') > 0


def test_a_title_is_shown_as_typed() -> None:
    """Nothing in a title has a meaning in Markdown, HTML or Jinja."""
    title = "100% of $x_1$ & {{ y }} <script>alert(1)</script> *naïve* 神经网络 |"
    text = lesson({**SHAPES["one unit"], "title": title}).splitlines()[0]
    assert "<script>" not in text
    assert r"\{\{ y }}" in text
    assert r"\*naïve\* 神经网络 \|" in text
    assert "$" not in text


def test_a_notebook_shows_the_pictures() -> None:
    """In a notebook the pictures are inside the Markdown."""
    shown = explainer.load("neuron")._repr_markdown_()
    assert "](data:image/svg+xml;base64," in shown
    assert ".svg)" not in shown


def test_a_quantity_without_influence_is_named() -> None:
    """A parameter that the loss does not depend on has gradient 0, and the text says so."""
    text = lesson(
        {
            "given": {"x": 1},
            "parameters": {"a": 2, "idle": 3},
            "formulas": {"f": "a*x", "g": "idle*x"},
            "training": {"loss": "f"},
        }
    )
    assert r"does not depend on $\mathit{idle}$: that gradient is 0" in text


def test_a_step_that_was_too_large_is_not_praised() -> None:
    """When the error rises after the update, the text says why."""
    text = lesson({**SHAPES["one unit"], "training": {"learning_rate": 50}})
    assert "did not fall" in text


@pytest.mark.parametrize("right", ["a", "b"])
def test_both_cases_of_a_softmax_are_explained(right: str) -> None:
    """Whichever class is the right one, the lesson explains a slope of a share by its own net input and by another."""
    layer = {"units": ["a", "b"], "activation": "softmax", "weights": [[1], [2]]}
    table = {"inputs": {"x": 1}, "targets": {"class": right}, "layers": [layer], "training": {"loss": "cross-entropy"}}
    text = lesson(table)
    assert text.count("*The diagonal case.*") == text.count("*The off-diagonal case.*") == 1


def test_rates_of_one_say_whose_they_are() -> None:
    """A product of ones begins with a rate in symbols, which has a line of its own."""
    formulas = {"p": "log(a)", "q": "a*b", "r": "p + q", "f": "r - sin(b)"}
    text = lesson({"given": {"a": 2, "b": 3}, "formulas": formulas, "training": {"loss": "f", "gradients": ["a", "b"]}})
    assert text.index('<a id="df/dr">') < text.index(r"\frac{\partial f}{\partial r} \cdot 1 = 1 \cdot 1 = 1")


def test_what_moves_at_a_rate_of_one_moves_just_as_fast() -> None:
    """Not 1 times as fast."""
    formulas = {"p": "a + 1", "f": "p + 1"}
    text = lesson({"given": {"a": 2}, "formulas": formulas, "training": {"loss": "f", "gradients": ["a"]}})
    assert "$f$ grows, just as fast." in text


@pytest.mark.parametrize("detail", LEVELS[1:])
def test_every_rate_that_a_share_is_made_of_is_shown(detail: str) -> None:
    """In df/da = df/dm·dm/da + …, the rate df/dm stands before, though it is but a number."""
    formulas = {"s": "sin(a)", "m": "s*a", "f": "a**2 - m"}
    text = lesson({"given": {"a": 2}, "formulas": formulas, "training": {"loss": "f", "gradients": ["a"]}}, detail)
    assert '<a id="df/dm">' in text


def test_slopes_of_a_first_course_have_a_sentence_of_their_own() -> None:
    """A quantity behind a minus, a power of a quantity, a sine and a larger of two are said in words that fit them."""
    formulas = {"s": "sin(a)", "m": "max(0, 1 + a - s)", "f": "a**2 - m"}
    text = lesson({"given": {"a": 2}, "formulas": formulas, "training": {"loss": "f", "gradients": ["a"]}}, "full")
    for words in ("behind a minus", "stands in a power:", "slope of the sine is the cosine", "larger of its two sides"):
        assert words in text


def test_a_function_of_the_file_is_explained_as_it_is_printed() -> None:
    """It stands there as its formula, so the rule is the one that this formula needs: d(x e^x) takes the product rule."""
    table = {
        "parameters": {"q": 0.5},
        "functions": {"swell": "x*exp(x)"},
        "formulas": {"y": "3 + swell(q)"},
        "training": {"loss": "y"},
    }
    assert "stands more than once in a product" in explainer.load(table).walkthrough().markdown


def test_tables_of_samples_are_judged_by_what_they_show() -> None:
    """A delta in a table is marked where the deltas, weights and outputs that are printed do not give it, worked out
    here by hand: the lines in between are not printed."""
    calculation = explainer.load(
        {
            "inputs": {"x1": [0.2, 1.5, -0.3, 0.8], "x2": [1.1, -0.4, 0.6, 0.0]},
            "targets": {"a": [1, 0, 0, 1], "b": [0, 1, 1, 0]},
            "layers": [
                {"units": ["g", "h"], "activation": "tanh", "weights": [[0.2, -0.3], [0.5, 0.4]], "bias": 0.1},
                {"units": ["a", "b"], "activation": "logistic", "weights": [[0.3, -0.2], [0.1, 0.6]]},
            ],
            "training": {"learning_rate": 0.1, "steps": 3, "show_steps": [1, 2, 3]},
            "display": {"decimals": 4},
        }
    )
    text, shown = calculation.walkthrough().markdown, calculation.evaluation.texts
    found = {True: 0, False: 0}
    for state, samples in (("", (2, 3, 4)), ("@1", (1, 2, 3, 4)), ("@2", (1, 2, 3, 4))):
        weights = {"": "", "@1": "+", "@2": "@2"}[state]
        for sample in samples:
            for unit, own in (("g", ("w5", "w7")), ("h", ("w6", "w8"))):
                out = Decimal(shown[f"out_{unit}{state}#{sample}"])
                back = [Decimal(shown[f"dE_{of}/dnet_{of}{state}#{sample}"]) for of in "ab"]
                given = sum(delta * Decimal(shown[f"{w}{weights}"]) for delta, w in zip(back, own, strict=True))
                delta = f"dE_total/dnet_{unit}{state}#{sample}"
                differs = shown_as(given * (1 - out**2), 4) != shown[delta]
                (cell,) = re.findall(rf'<a id="{re.escape(delta)}"></a>\$([^$]*)\$', text)
                assert ("dagger" in cell) is differs, delta
                found[differs] += 1
    assert min(found.values()) > 2


def shown_as(value: Decimal, decimals: int) -> str:
    """Halves away from zero."""
    return str(value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
