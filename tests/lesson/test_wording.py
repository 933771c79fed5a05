"""Phrases of a lesson in a teacher's own words: replaced in the prose, and nowhere else."""

from __future__ import annotations

import re
from typing import Any

import pytest

import explainer
from explainer.formats.dialect import math_in
from explainer.lesson.wording import own, reworded

NETWORK: dict[str, Any] = {
    "title": "The net input and the error of a unit",
    "inputs": {"error": 0.5, "b": 2},
    "targets": {"unit": 1},
    "layers": [
        {"units": ["net", "weight"], "activation": "logistic", "weights": [[1, 2], [3, 4]], "bias": 0.5},
        {"units": ["unit"], "activation": "logistic", "weights": [[0.5, -1]]},
    ],
    "training": {"learning_rate": 0.1, "steps": 10},
}


def lesson(wording: dict[str, str]) -> str:
    """The Markdown with these words."""
    return explainer.load({**NETWORK, "wording": wording}).walkthrough("full").markdown


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("The net input.", "The weighted sum."),
        ("Net input and net inputs", "Weighted sum and mesh inputs"),
        ("**net input**, *net input*", "**weighted sum**, *weighted sum*"),
        ("$net input$ and net input", "$net input$ and weighted sum"),
        ("\n$$\nnet input\n$$\nnet input", "\n$$\nnet input\n$$\nweighted sum"),
        ("[net input](#net)", "[weighted sum](#net)"),
        ("[x](#net/input) net", "[x](#net/input) mesh"),
        ('<a id="net input"></a>net input', '<a id="net input"></a>weighted sum'),
        (f"{own('net input')} net input", "net input weighted sum"),
        ("a subnet, net_input, inputs", "a subnet, net_input, inputs"),
        ("input, the net", "entry, the mesh"),
        ("Mesh net", "Grid mesh"),
    ],
)
def test_words_are_replaced_in_prose(text: str, replaced: str) -> None:
    """Whole words, the longest phrase first, once, a leading capital kept; formulas, links and tags stay."""
    words = (("net", "mesh"), ("net input", "weighted sum"), ("mesh", "grid"), ("input", "entry"))
    assert reworded(text, words) == replaced


def test_a_phrase_with_a_capital_of_its_own_is_taken_as_typed() -> None:
    """What is written with a capital in the file is replaced by exactly what stands there."""
    assert reworded("Jacobi said: Jacobi", (("Jacobi", "von Neumann"),)) == "von Neumann said: von Neumann"


def test_text_from_the_file_is_left_alone() -> None:
    """Title, names of units and quantities stay, in headings, tables and alt texts; formulas and links stay as well."""
    words = {"error": "cost", "unit": "neuron", "weight": "strength", "net input": "sum", "net": "mesh"}
    plain, changed = lesson({}), lesson(words)
    assert changed.splitlines()[0] == plain.splitlines()[0] == "# The net input and the error of a unit"
    assert math_in(changed) == math_in(plain)
    assert re.findall(r'<a id=".*?">|\]\(.*?\)', changed) == re.findall(r'<a id=".*?">|\]\(.*?\)', plain)
    assert "inputs error and b, then the hidden layer with two units (net and weight)" in changed
    assert r"| weights into $\mathit{weight}$ |" in changed
    assert "makes the cost smaller" in changed
    assert "the **sum**, " in changed


def test_a_lesson_without_other_words_has_no_marks() -> None:
    """The marks around text from the file are gone from every product."""
    for words in ({}, {"error": "cost"}):
        walkthrough = explainer.load({**NETWORK, "wording": words}).walkthrough()
        product = walkthrough.markdown + walkthrough.html() + walkthrough.latex()
        assert not re.search("[\x00-\x08]", product)
        assert not re.search("[\x00-\x08]", "".join(figure.svg() for figure in walkthrough.figures.values()))


def test_other_words_mean_nothing_to_markdown_and_html() -> None:
    """A phrase is shown as typed whatever it holds."""
    html = explainer.load({**NETWORK, "wording": {"error": "<b>$x$ *miss* | {{ y }}</b>"}}).walkthrough().html()
    assert "&lt;b&gt;$x$ *miss* | {{ y }}&lt;/b&gt;" in html


def test_pictures_and_the_terminal_use_the_words() -> None:
    """Alt texts, the labels of axes and the lines of a terminal are prose as well; names in them stay."""
    calculation = explainer.load({**NETWORK, "wording": {"error": "cost", "net": "mesh", "path": "way"}})
    figures = calculation.walkthrough().figures
    assert figures["training.svg"].alt.startswith("The cost against")
    assert ">cost</text>" in figures["training.svg"].svg()
    assert "(net and weight)" in figures["network.svg"].alt
    line = calculation.one_line("dE/dw1")
    assert "the rates along the way are multiplied" in line
    assert "dE/dnet_net*dnet_net/dw1" in line


def test_a_dictionary_is_refused() -> None:
    """There is a limit to the number of phrases."""
    with pytest.raises(explainer.ExplainerError, match="at most 1000"):
        lesson({f"word{number}": "other" for number in range(1001)})


@pytest.mark.parametrize("words", [{"": "x"}, {"...": "x"}, {"error": ""}, {"a\nb": "c"}, {"error": "x" * 201}])
def test_what_is_no_phrase_is_refused(words: dict[str, str]) -> None:
    """A phrase holds a letter and stands on one line."""
    with pytest.raises(explainer.ExplainerError, match="phrase"):
        lesson(words)


def test_an_article_goes_with_the_new_word() -> None:
    """``an error`` becomes ``a loss``; a word that begins alike keeps its article."""
    words = (("error", "loss"), ("unit", "neuron"), ("gradient", "edge"))
    assert reworded("an error, An error, the error", words) == "a loss, A loss, the loss"
    assert reworded("a gradient, A gradient", words) == "an edge, An edge"
    assert reworded("a unit", (("unit", "user"),)) == "a user"
    assert reworded("a unit", words) == "a neuron"
