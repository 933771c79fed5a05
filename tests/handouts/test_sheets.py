"""Worksheets and keys: nothing on a worksheet gives an answer away, in no format and in no place."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import explainer
from explainer.formats.dialect import math_in
from explainer.formats.printing import Print
from explainer.formulas.problems import ExplainerError
from explainer.handing_out import one_handout
from explainer.handouts.delivery import student_files, teacher_files
from explainer.handouts.handout import Asked, Handout, handout
from explainer.handouts.masks import FADE, POLICIES, Part, read_policy
from explainer.handouts.rules import asked, size
from explainer.handouts.sheet import Header
from explainer.lesson.display import measured
from explainer.press import Order, Press, Wish
from explainer.spec.files import example_names
from tests.bench.networks import article
from tests.formats.survival import survives_commonmark
from tests.golden_documents import FOLDER, HANDOUTS, THREE_HIDDEN_LAYERS, worksheet

FORMATS = ("md", "html", "tex")
TELLING = 3
"""Answers of so many significant digits are looked for; shorter ones may stand on a page by chance."""
WHOLE = ("gates", "perceptron")
"""Examples whose answers are whole numbers, which stand on any page."""
OWN_BIASES: dict[str, Any] = {
    **article(steps=1),
    "training": {"loss": "half squared error", "learning_rate": 0.5, "gradients": ["b_o1", "w5"]},
}
OWN_BIASES["layers"] = [OWN_BIASES["layers"][0], {**OWN_BIASES["layers"][1], "bias": [0.6, 0.7]}]


def made(source: Any, blank: str, **options: Any) -> Handout:
    """A handout with the file's own numbers."""
    calculation = explainer.load(source)
    mask = read_policy(blank, calculation.derivation, "test")
    return handout(calculation, mask, Asked(Header(**options.pop("header", {})), **options))


def answers_to_look_for(sheet: Handout) -> dict[str, str]:
    """Line → its answer without a sign, where that has enough digits and is not a given number as well."""
    evaluation = sheet.calculation.evaluation
    given = {size(literal.text) for literal in evaluation.sources.values()}
    found = {b.id: size(b.text) for b in sheet.blanks if b.part is Part.RESULT and size(b.text) not in given}
    return {id: text for id, text in found.items() if len(re.sub(r"e.*|\D", "", text).lstrip("0")) >= TELLING}


def numbers_in(text: str) -> set[str]:
    """Every number of a file, without zeros at its end, whatever markup stands around it."""
    return {size(found) for found in re.findall(r"\d+(?:\.\d+)?", unescape(text))}


@pytest.mark.parametrize("blank", [name for name in POLICIES if name not in ("worked", "formulas")])
@pytest.mark.parametrize("name", [name for name in example_names() if name not in WHOLE])
def test_no_answer_stands_on_the_worksheet(name: str, blank: str) -> None:
    """Not in Markdown, HTML, LaTeX or SVG, not in a comment, a description or a file name; but in the key, all do."""
    sheet = made(name, blank, formulas=True, hints=True)
    answers = answers_to_look_for(sheet)
    assert answers
    for file, text in student_files(sheet, FORMATS).items():
        found = {
            id: answer for id, answer in answers.items() if answer.partition("e")[0] in numbers_in(file + "\n" + text)
        }
        assert not found, (file, found)
    for file, text in teacher_files(sheet, ("md", "tex")).items():
        if not file.endswith(".svg"):
            assert {answer.partition("e")[0] for answer in answers.values()} <= numbers_in(text)


@pytest.mark.parametrize("name", example_names())
def test_formulas_that_are_blank_stand_nowhere(name: str) -> None:
    """Neither the formula nor the numbers put into it; the result stands there to compare."""
    sheet = made(name, "formulas", formulas=True)
    for blank in sheet.blanks:
        assert blank.part is not Part.RESULT
        shown = " ".join(math_in(sheet.worksheet))
        if "=" not in blank.tex and len(blank.tex) > 20:  # a name or a number alone may stand elsewhere
            assert blank.tex not in shown


def test_a_result_that_the_next_line_shows_is_blank_there_too() -> None:
    """``out_h1`` goes into ``net_o1``, ``net_o2`` and two rates; in each a frame without a number stands for it."""
    sheet = made("mazur", "out_h1")
    [blank] = sheet.blanks
    assert blank.text == "0.593269992"  # printed in the article
    assert "0.40 \\cdot \\boxed{\\vphantom{b}" in sheet.worksheet
    assert "0.50 \\cdot \\boxed{\\vphantom{b}" in sheet.worksheet
    assert "0.593269992" not in sheet.worksheet


def test_another_line_with_the_same_answer_is_blank_too() -> None:
    """The gradient of a unit's own bias is the delta of the unit: to show one would give the other away."""
    sheet = made(OWN_BIASES, "dE_total/dnet_o1")
    assert {blank.id for blank in sheet.blanks} == {"dE_o1/dnet_o1", "dE_total/db_o1"}


def test_a_gap_does_not_tell_a_sign() -> None:
    """A negative number stands in parentheses; the frame in its place stands alone."""
    shown = [
        tex for tex in math_in(made("mazur", "results").worksheet) if r"\partial w_7} =" in tex or "w_7^{+}" in tex
    ]
    assert shown
    assert not any(r"(\boxed" in tex or r"-\boxed" in tex for tex in shown)


def test_the_width_of_a_blank_tells_nothing() -> None:
    """All blanks for results are alike but for their numbers."""
    sheet = made("mazur", "results")
    frames = re.findall(r"\\boxed\{\\vphantom\{\\int\}\{\}\^\{(\d+)\}([^}]*)\}", sheet.worksheet)
    assert [int(number) for number, _ in frames] == list(range(1, len(sheet.blanks) + 1))
    assert len({room for _, room in frames}) == 1


def test_which_case_applies_is_not_told() -> None:
    """Of a relu whose argument is blank, no numbers are put in: they would tell its sign."""
    sheet = made("classifier", "results")
    assert r"\quad (0 " not in sheet.worksheet
    assert r"\gt 0)" not in sheet.worksheet


@pytest.mark.parametrize("name", [*example_names(), "three hidden layers"])
@pytest.mark.parametrize("blank", ["results", "all", "half"])
def test_every_formula_survives_markdown(name: str, blank: str) -> None:
    """Blanks too come through a CommonMark parser that knows no mathematics."""
    sheet = made(THREE_HIDDEN_LAYERS if name == "three hidden layers" else name, blank)
    for text in (sheet.worksheet, sheet.key):
        for formula in math_in(text):
            assert survives_commonmark(formula, display="\n" in formula) or survives_commonmark(formula, True), formula


@pytest.mark.parametrize("name", ["mazur", "perceptron", "neuron"])
def test_answers_csv_has_the_blanks_in_order(name: str) -> None:
    """A row for each result, its answer empty, with ids that the calculation understands."""
    sheet = made(name, "results")
    rows = list(csv.DictReader(sheet.answers_csv.splitlines()))
    assert [row["quantity"] for row in rows] == [blank.id for blank in sheet.blanks]
    assert not any(row["answer"] for row in rows)
    assert all(explainer.load(name).find(row["quantity"]) == row["quantity"] for row in rows)


def test_a_sheet_without_results_has_no_answers_csv() -> None:
    """There would be no row in it."""
    assert "answers.csv" not in student_files(made("mazur", "formulas"), FORMATS)


def test_the_fading_sequence() -> None:
    """Nothing is blank, then the later half of the lines, then everything; no worked line uses what is blank."""
    calculation = explainer.load("mazur")
    lines = [step.id for step in asked(calculation.derivation)]
    worked, half, every = (made("mazur", blank) for blank in FADE)
    assert not worked.blanks
    assert {blank.id for blank in half.blanks} == set(lines[(len(lines) + 1) // 2 :])
    assert {(blank.id, blank.part) for blank in every.blanks} == {(id, part) for id in lines for part in Part}
    shown = half.worksheet[: half.worksheet.index(r"{}^{1}")]
    assert r"\vphantom{b}" not in shown


def test_the_key_is_the_worksheet_with_the_answers_in_place() -> None:
    """What stands outside frames is the same, line by line, down to the list of answers."""
    sheet = made("mazur", "results", header={"code": "ABCDE-FGHJK-MNPQR-STVWX"})
    empty = [re.sub(r"\s*<!-- room \d+ -->\s*", "", part) for part in re.split(r"(?=<a id)", sheet.worksheet)]
    full = re.split(r"(?=<a id)", sheet.key.split("<!-- pagebreak -->")[0])
    assert len(empty) == len(full)
    anchors = [re.match(r'<a id="[^"]*">', part) for part in full[1:]]
    assert [found and found[0] for found in anchors] == [f'<a id="{blank.id}">' for blank in sheet.blanks]


def test_tolerances() -> None:
    """A unit of the last digit with all digits carried; none with rounded values, nor for exact whole numbers."""
    exact = {blank.id: blank for blank in made("mazur", "results").blanks}
    assert exact["dE_total/dw1"].tolerance == Decimal("1e-9")
    assert exact["E_o1"].other == "0.274811084"  # 1/2 (0.01 - 0.751365070)^2 = 0.2748110835…
    rounded = made({**article(steps=1), "display": {"decimals": 4, "carry": "rounded"}}, "results")
    assert {blank.tolerance for blank in rounded.blanks} == {Decimal(0)}
    whole = [blank for blank in made("perceptron", "results").blanks if "." not in blank.text]
    assert whole
    assert {blank.tolerance for blank in whole} == {Decimal(0)}


@pytest.mark.parametrize(
    ("carry", "words"),
    [("exact", "Keep all digits that your calculator has"), ("rounded", "go on with the rounded number")],
)
def test_the_sheet_says_how_to_round_and_the_key_follows(carry: str, words: str) -> None:
    """Each contract in words; with rounded values carried, E_o1 is worked out from the rounded out_o1."""
    sheet = made({**article(steps=1), "display": {"decimals": 3, "carry": carry}}, "results")
    assert words in sheet.worksheet
    assert words in sheet.key
    answers = {blank.id: Decimal(blank.text) for blank in sheet.blanks}
    out = answers["out_o1"] if carry == "rounded" else Decimal("0.7513650695523157")  # the article's, in binary64
    assert answers["E_o1"] == ((Decimal("0.01") - out) ** 2 / 2).quantize(Decimal("0.001"))


def test_unknown_lines_are_all_told_at_once() -> None:
    """With the nearest names; a line that only repeats another has no blank."""
    with pytest.raises(ExplainerError) as found:
        read_policy("net_h9, dnet_o1/dw5,out_h1,resluts", explainer.load("mazur").derivation, "mazur")
    message = str(found.value)
    assert "3 problems" in message
    assert "there is no line `net_h9`" in message
    assert "`dnet_o1/dw5` is given, or only repeats another line" in message
    assert "did you mean results" in message


def test_names_are_shown_as_typed() -> None:
    """TeX, Markdown and HTML in a name are text."""
    name = r"$\alpha$ <b>*_#| \input{x}"
    sheet = made("neuron", "results", header={"name": name})
    files = student_files(sheet, FORMATS)
    assert "&lt;b&gt;*_#|" in files["worksheet.html"]
    assert r"$\alpha$ &lt;b&gt;" in files["worksheet.html"]
    assert r"\input{x}" not in files["worksheet.tex"]


@pytest.mark.parametrize("name", HANDOUTS)
def test_golden(name: str) -> None:
    """The documents that were read by a person."""
    assert worksheet(name) == (FOLDER / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("source", ["textbook", "mean"])
def test_there_is_no_blank_where_the_formula_is_the_answer(source: str) -> None:
    """The rate of a threshold is -1, that of one of two errors in their mean is 1/2: both stand in the line."""
    mean = {
        "inputs": {"x": 1},
        "targets": {"a": 0.2, "b": 0.4},
        "layers": [{"units": ["a", "b"], "weights": [[0.3], [0.6]]}],
        "training": {"loss": "mean squared error", "learning_rate": 0.1},
    }
    sheet = made(source if source == "textbook" else mean, "results")
    assert not re.search(r"= (-1|\\frac\{1\}\{2\}) (= |\\cr\n&= )\\boxed", sheet.worksheet)
    asked = {blank.id for blank in sheet.blanks}
    assert asked.isdisjoint({"dnet_5/dtheta_5", "dE_total/dE_a", "dE_total/dE_b"})
    assert len(asked) > 8


def test_large_type_breaks_lines_where_the_page_ends() -> None:
    """Rather than being made small again to fit: the text is 30 digits wide, not 38."""
    worksheets = [
        str(Press(Wish("textbook", printed=Print("letter", size))).made(Order(0, "")).sheets["worksheet.md"])
        for size in (11.0, 17.0)
    ]
    usual, large = ([tex.count(r"\cr") for tex in worksheet.split("$$")[1::2]] for worksheet in worksheets)
    assert len(usual) == len(large)
    assert sum(large) > sum(usual)
    widest = max(measured(row).width for tex in worksheets[1].split("$$")[1::2] for row in tex.split(r"\cr"))
    assert widest < Print("letter", 17.0).text_width + 2


def test_a_set_with_drawn_numbers_can_be_checked(tmp_path: Path) -> None:
    """Each sheet of a faded set comes with its numbers as a calculation file, unless a code says which they are."""
    one_handout(Wish("mazur", blank="fade"), tmp_path, drawn=False)
    own = explainer.load(tmp_path / "2-numbers.toml")
    asked = [row["quantity"] for row in csv.DictReader((tmp_path / "2-answers.csv").open(encoding="utf-8"))]
    assert own.check({id: own[id].text for id in asked}).all_right
    assert not explainer.load("mazur").check({id: own[id].text for id in asked}).all_right
    one_handout(Wish("mazur", blank="fade"), tmp_path / "coded", drawn=False, secret=tmp_path / "secret.txt")
    assert not list((tmp_path / "coded").glob("*.toml"))
    one_handout(Wish("mazur"), tmp_path / "own", drawn=False)
    assert not list((tmp_path / "own").glob("*.toml"))
