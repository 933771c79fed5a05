"""Quizzes: every answer, tolerance and explanation arrives on the platform as it was meant."""

from __future__ import annotations

import base64
import html
import math
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

import explainer
from explainer.calculation import calculation
from explainer.cli import main
from explainer.handouts.quiz.moodle import cloze_field
from explainer.handouts.quiz.question import Quiz, Tolerance
from explainer.handouts.quiz.quiz import TARGETS, Wish, make_quiz, quiz_files, read_tolerance
from explainer.lesson.typeset import typesetter
from tests.handouts.quiz_readers import (
    QTI,
    MoodleQuestion,
    StackQuestion,
    cloze_fields,
    moodle_questions,
    qti_files,
    qti_outcome,
)

HOSTILE = "]]>&amp; <b>{1:NM:=3} {#1} ~ # % = \\} \\(x\\) $$y$$ @@PLUGINFILE@@/a {@k1@} [[input:ans1]] \\"


def quiz(source: Any = "mazur", **wish: Any) -> Quiz:
    """The questions of a calculation."""
    return make_quiz(explainer.load(source), calculation, Wish("csv", **wish))


def files(source: Any, target: str, **wish: Any) -> dict[str, Any]:
    """The files of a quiz."""
    return quiz_files(explainer.load(source), calculation, Wish(target, **wish))


def moodle(source: Any = "mazur", **wish: Any) -> list[MoodleQuestion]:
    """The questions that Moodle would read."""
    return moodle_questions(files(source, "moodle", **wish)["moodle.xml"])


def small() -> dict[str, Any]:
    """A calculation with a gradient of about 4e-6: the error is k (w - 2)^2, its derivative 2k (w - 2)."""
    return {
        "title": "Small",
        "given": {"k": 0.0000013},
        "parameters": {"w": 3.7},
        "formulas": {"d": "w - 2", "E": "k*d**2"},
        "training": {"loss": "E", "gradients": ["w"]},
        "display": {"significant": 3},
    }


def unit() -> dict[str, Any]:
    """One logistic unit with round numbers: net = 0.5*0.4 + 0.1 = 0.3."""
    return {
        "title": "One unit",
        "inputs": {"x1": 0.5},
        "targets": {"y": 0.9},
        "layers": [{"units": ["y"], "activation": "logistic", "weights": [[0.4]], "bias": 0.1}],
        "training": {"learning_rate": 0.5},
        "display": {"decimals": 6},
    }


# ---------------------------------------------------------------- what is asked


def test_each_blank_is_asked_once_in_order() -> None:
    """All lines that a sheet asks for are asked, each in one part."""
    (variant,) = quiz().variants
    asked = [blank.id for blank in variant.blanks]
    assert asked[:6] == ["net_h1", "net_h2", "out_h1", "out_h2", "net_o1", "net_o2"]
    assert len(asked) == len(set(asked)) == 43


@pytest.mark.parametrize("name", ["mazur", "gates", "softmax", "line"])
def test_no_page_shows_an_answer_that_it_asks_for(name: str) -> None:
    """What a blank is worked out from is never the answer of another blank of the same page, not even by its digits."""
    for part in quiz(name).variants[0].parts:
        for blank in part.blanks:
            others = {abs(other.answer) for other in part.blanks if other is not blank}
            assert not others & {abs(Decimal(given.text)) for given in blank.givens}


def test_the_named_mistakes_give_their_figures() -> None:
    """By hand, for net = 0.5*0.4 + 0.1: 0.2 without the bias, 0.45 with a target for an input, 3 with a slipped point."""
    blank = next(blank for blank in quiz(unit()).variants[0].blanks if blank.id == "net_y")
    figures = {wrong.text: wrong.mistakes for wrong in blank.wrong}
    assert blank.text == "0.300000"
    assert "bias left out" in figures["0.200000"]
    assert figures["3.000000"][0] == "decimal point"


def test_no_wrong_figure_is_a_right_one_and_none_comes_twice() -> None:
    """Wrong figures differ from the answer and from each other."""
    for variant in quiz(variants=3, seed=7).variants:
        for blank in variant.blanks:
            texts = [wrong.text for wrong in blank.wrong]
            assert blank.text not in texts
            assert len(set(texts)) == len(texts)


def test_what_is_said_of_a_mistake_holds_no_value_of_the_key() -> None:
    """No feedback has a number with a decimal point in it."""
    for blank in quiz().variants[0].blanks:
        assert not [wrong.feedback for wrong in blank.wrong if re.search(r"\d\.\d", wrong.feedback)]


def test_nothing_is_said_of_a_second_forward_pass() -> None:
    """A student who goes forward has no updated values yet."""
    told = [wrong.feedback for blank in quiz().variants[0].blanks for wrong in blank.wrong]
    assert not [text for text in told if "@1" in text]


# ---------------------------------------------------------------- Moodle


def test_every_answer_counts_and_every_wrong_figure_is_explained() -> None:
    """What Moodle says of the key, of each wrong figure and of any other, for each blank of two variants."""
    made = quiz(variants=2, seed=7)
    read = iter(moodle(variants=2, seed=7))
    for pool in made.pools.values():
        for _, part in pool:
            for blank, field in zip(part.blanks, next(read).fields, strict=True):
                assert all(field.mark(text).fraction == 100 for text in blank.right)  # type: ignore[union-attr]
                for wrong in blank.wrong:
                    found = field.mark(wrong.text)
                    assert found is not None
                    assert (found.fraction, found.feedback) in {(0, other.feedback) for other in blank.wrong}
                assert field.mark("123456").figure == "*"  # type: ignore[union-attr]
                assert field.points == blank.points


def test_the_window_is_one_unit_of_the_last_digit() -> None:
    """0.300000 ± 0.000001, both ends included."""
    question = next(q for q in moodle(unit()) if "net" in q.text)
    (field,) = question.fields
    assert question.kind == "numerical"
    marks = {text: field.mark(text).fraction for text in ("0.3", "0.299999", "0.300001", "0.299998", "0.300002")}  # type: ignore[union-attr]
    assert marks == {"0.3": 100, "0.299999": 100, "0.300001": 100, "0.299998": 0, "0.300002": 0}


def test_a_named_mistake_is_never_taken_for_the_answer() -> None:
    """With one decimal, 0.2 for 0.3 is a unit away: whoever leaves out a bias of 0.1 is told so."""
    blanks = quiz({**unit(), "display": {"decimals": 1}}).variants[0].blanks
    blank = next(blank for blank in blanks if blank.id == "net_y")
    assert (blank.text, blank.tolerance.size) == ("0.3", Decimal("0.05"))
    assert "bias left out" in next(wrong for wrong in blank.wrong if wrong.text == "0.2").mistakes


def test_each_wrong_figure_has_its_own_window() -> None:
    """A figure is taken for the mistake that gives it, not for one whose figure is next to it."""
    for variant in quiz("perceptron", variants=3, seed=7).variants:
        for blank in variant.blanks:
            field = cloze_fields(cloze_field(blank))[0]
            for wrong in blank.wrong:
                found = field.mark(wrong.text)
                assert found is not None
                assert (Decimal(found.figure), found.fraction) == (Decimal(wrong.text), 0)


def test_a_carried_figure_may_have_more_digits() -> None:
    """Rounded values are carried: -0.3184 for -0.318 is right, the next figure is not."""
    source = {**unit(), "display": {"decimals": 3, "carry": "rounded"}}
    (blank,) = quiz(source, blank="net_y").variants[0].blanks
    assert (blank.text, blank.tolerance.size) == ("0.300", Decimal("0.0005"))


def test_an_answer_of_more_digits_than_moodle_keeps_can_be_met() -> None:
    """Moodle keeps 14 digits of a number: 0.57444251681166 for 0.574442516811659. Beyond what it loses, no more is
    let through than by a tolerance of one unit."""
    source = {**unit(), "display": {"decimals": 15}}
    question = next(q for q in moodle(source) if "out" in q.text)
    (blank,) = quiz(source, blank="out_y").variants[0].blanks
    kept = f"{float(blank.text):.14g}"
    assert (blank.text, kept) == ("0.574442516811659", "0.57444251681166")
    found = {figure: question.fields[0].mark(figure) for figure in (kept, "0.574442516811666", "0.574442516811652")}
    assert [answer.fraction for answer in found.values() if answer] == [100, 0, 0]


@pytest.mark.parametrize("target", ["moodle", "stack"])
def test_no_space_stands_alone_between_two_references(target: str) -> None:
    """Moodle reads the content of an element in pieces, one for each reference such as ``&lt;``, and drops a piece that
    is all space: "The sign of" and a name would run together."""
    made = files({**unit(), "title": "a ]]> b & c"}, target)[f"{target}.xml"]
    bare = re.sub(r"<!\[CDATA\[.*?\]\]>", "", made, flags=re.S)
    assert "&" not in bare
    assert "<code>" in made
    root = ET.fromstring(made)
    assert all("a ]]&gt; b &amp; c" in (e.text or "") for e in root.findall("question/questiontext/text"))


def huge(power: int) -> dict[str, Any]:
    """A calculation with a factor of e^power, and a line after it."""
    return {
        "given": {"a": power, "b": 0.5},
        "formulas": {"y": "exp(a)", "z": "b*log(y)"},
        "display": {"significant": 4},
    }


def test_no_wrong_figure_is_infinite_to_a_platform() -> None:
    """A figure that machine numbers cannot hold is left out: Moodle would not survive it."""
    for blank in quiz(huge(650)).variants[0].blanks:
        assert all(math.isfinite(float(wrong.text)) and float(wrong.text) for wrong in blank.wrong)


def test_an_answer_that_no_platform_can_hold_is_refused() -> None:
    """With what can be done about it."""
    with pytest.raises(explainer.ExplainerError, match="--blank"):
        quiz(huge(800))


def test_a_lone_number_has_its_box_in_its_line() -> None:
    """Moodle puts the box of a numerical question where five underscores stand; nowhere else."""
    question = next(q for q in moodle({**unit(), "title": "A _______ title"}) if q.kind == "numerical")
    assert re.search(r"\\\) _{10} \(", question.text)
    assert len(re.findall("_{5,}", question.text)) == 1


@pytest.mark.parametrize("target", ["moodle", "qti21", "stack"])
def test_a_page_with_decimal_commas_says_what_to_type(target: str) -> None:
    """Moodle takes a point in every language, a comma in some; STACK takes what it is set to."""
    made = files({**unit(), "notation": {"decimal": "comma"}}, target)
    text = (
        made["moodle.xml"]
        if target == "moodle"
        else made["stack.xml"]
        if target == "stack"
        else b"".join(qti_files(made["qti21.zip"]).values()).decode()
    )
    assert ("Type a decimal comma, as in 0,5." in text) == (target == "stack")
    assert ("Type a decimal point, as in 0.5." in text) == (target != "stack")


@pytest.mark.parametrize("target", ["moodle", "qti21", "stack"])
def test_small_gradients_keep_their_tolerance(target: str) -> None:
    """dE/dw = 2 * 1.3e-6 * 1.7 = 4.42e-6: 4.43e-6 is in, 4.44e-6 is out, 0 is out."""
    marks = [points(small(), target, text, {}, asked=4) for text in ("4.42e-6", "4.43e-6", "4.44e-6", "0")]
    assert marks == [1, 1, 0, 0]


@pytest.mark.parametrize("target", ["moodle", "qti21", "stack"])
def test_a_relative_tolerance_is_carried(target: str) -> None:
    """1 % of 4.42e-6 is 4.42e-8: 4.46e-6 is in, 4.47e-6 is out."""
    wish = {"tolerance": "1%"}
    assert [points(small(), target, text, wish, asked=4) for text in ("4.46e-6", "4.47e-6")] == [1, 0]


def points(source: Any, target: str, figure: str, wish: dict[str, Any], asked: int) -> float:
    """What a figure for dE/dw earns on a platform; the lines before it are left empty."""
    made = files(source, target, **wish)
    blanks = quiz(source, **wish).variants[0].blanks
    assert blanks[asked - 1].id == "dE/dw"
    if target == "moodle":
        fields = [field for question in moodle_questions(made["moodle.xml"]) for field in question.fields]
        found = fields[asked - 1].mark(figure)
        return found.fraction / 100 if found else 0
    if target == "stack":
        question = ET.fromstring(made["stack.xml"].encode()).find("question[@type='stack']")
        assert question is not None
        reached = StackQuestion(question).marks({asked: float(figure)})[asked]
        return reached.score if reached else 0
    for item in items(made["qti21.zip"]):
        fields = item.findall(f"{QTI}responseDeclaration")
        for declared in fields:
            if declared.findtext(f"{QTI}correctResponse/{QTI}value") == blanks[asked - 1].text:
                return float(qti_outcome(item, {declared.attrib["identifier"]: figure})["SCORE"])
    raise AssertionError("not asked")


def test_one_category_holds_all_variants_of_a_part() -> None:
    """As many categories as parts, each with every variant; a slash in a title does not make another level."""
    read = moodle({**unit(), "title": "a/b"}, variants=3)
    by_category: dict[str, list[str]] = {}
    for question in read:
        by_category.setdefault(question.category, []).append(question.name)
    assert all(len(names) == 3 for names in by_category.values())
    assert all(category.startswith("$course$/top/a//b/Part ") for category in by_category)


def test_the_picture_is_embedded_and_has_names_only() -> None:
    """The SVG stands in the question as base64, with the names of weights and none of the values."""
    question = moodle()[0]
    svg = base64.b64decode(question.files["network.svg"]).decode()
    assert 'src="@@PLUGINFILE@@/network.svg"' in question.text
    text = " ".join(ET.fromstring(svg).itertext())
    assert "w" in text
    assert not re.search(r"\d\.\d", text)


def test_a_hostile_title_stays_a_title() -> None:
    """Nothing of the title is taken for a field, a place of one, a formula or a file; it reads as it was typed."""
    plain, hostile = moodle(unit()), moodle({**unit(), "title": HOSTILE})
    assert [len(q.fields) for q in hostile] == [len(q.fields) for q in plain]
    text = hostile[0].text
    assert not re.search(r"\{#|\{\d*:", re.sub(r"\{1:NUMERICAL:.*?\}", "", text))
    assert text.count("@@PLUGINFILE@@") == plain[0].text.count("@@PLUGINFILE@@")
    assert "\\(x\\)" not in text
    assert "$$" not in text
    shown = html.unescape(re.sub(r"<[^>]*>", "", text.partition("</strong>")[0]))
    assert " ".join(shown.split()) == " ".join(HOSTILE.split())


def test_an_explanation_comes_out_of_a_cloze_field_as_it_went_in() -> None:
    """Whatever signs it holds: Moodle decodes references once, and takes ~ } # and a backslash for its own."""
    blank = quiz().variants[0].blanks[0]
    told = "a } b ~ c # d = % <i>&lt;e&gt;</i> &amp; {1:NM:=2} \\"
    hostile = replace(blank, wrong=(replace(blank.wrong[0], feedback=told), *blank.wrong[1:]))
    (field,) = cloze_fields(f"before {cloze_field(hostile)} behind")
    assert [answer.feedback for answer in field.answers][len(blank.right)] == told
    assert len(field.answers) == len(blank.right) + len(blank.wrong) + 1


def test_an_independent_reader_finds_the_same_answers() -> None:
    """The package moodle-xml-parser (MIT), which knows nothing of this one, reads the same figures."""
    parser = pytest.importorskip("moodle_xml_parser.parser")
    text = files("mazur", "moodle")["moodle.xml"]
    read = [gap for q in parser.parse_string(text)["cloze"] for gap in q.gaps if gap.sub_type == "NUMERICAL"]
    fields = [field for q in moodle() if q.kind == "cloze" for field in q.fields]
    assert len(read) == len(fields) == 42
    for gap, field in zip(read, fields, strict=True):
        assert [option.answer.partition(":")[0] for option in gap.options] == [a.figure for a in field.answers]
        assert [option.score for option in gap.options] == [a.fraction for a in field.answers]


# ---------------------------------------------------------------- STACK


def stack(source: Any = "mazur", **wish: Any) -> StackQuestion:
    """The question that STACK would read."""
    question = ET.fromstring(files(source, "stack", **wish)["stack.xml"].encode()).find("question[@type='stack']")
    assert question is not None
    return StackQuestion(question)


def test_the_key_earns_all_points_in_stack() -> None:
    """Every tree ends at its first node."""
    key = {n: float(blank.text) for n, blank in enumerate(quiz().variants[0].blanks, 1)}
    assert {reached.node for reached in stack().marks(key).values() if reached} == {0}


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_figure_on_the_border_is_right_in_machine_numbers(sign: int) -> None:
    """Every answer plus or minus one unit of its last digit is right in STACK, whose test leaves the border out."""
    blanks = quiz().variants[0].blanks
    border = {n: float(blank.answer + sign * blank.tolerance.size) for n, blank in enumerate(blanks, 1)}
    assert {reached.node for reached in stack().marks(border).values() if reached} == {0}


def test_an_error_is_carried_forward_in_stack() -> None:
    """net = 0.2 (no bias) is a mistake; out = 1/(1 + e^-0.2) follows from it; 1/(1 + e^-0.3) is the key."""
    source, blanks = unit(), [blank.id for blank in quiz(unit()).variants[0].blanks]
    net, out = blanks.index("net_y") + 1, blanks.index("out_y") + 1
    follows, key = 1 / (1 + math.exp(-0.2)), 1 / (1 + math.exp(-0.3))
    marks = stack(source).marks({net: 0.2, out: round(follows, 6)})
    assert marks[net] is not None
    assert marks[net].score == 0
    assert "bias" in marks[net].feedback
    assert (marks[out].node, marks[out].score) == (1, 1)  # type: ignore[union-attr]
    assert stack(source).marks({net: 0.2, out: round(key, 6)})[out].node == 0  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("source", "blank"),
    [
        *(("mazur", blank) for blank in ("half", "net_h1,out_h1,E_total", "results", "w5+", "dE_total/dw1")),
        *((source, "half") for source in ("softmax", "xor", "adam", "classifier", "textbook")),
    ],
)
def test_a_stack_question_tells_what_is_not_asked_for(source: str, blank: str) -> None:
    """All that a line is worked out from is given at the top, asked before, or told with it: a value that hangs on no
    answer, else a formula."""
    text = ET.fromstring(files(source, "stack", blank=blank)["stack.xml"]).findtext("question/questiontext/text") or ""
    top, *asked = text.split("<div>")
    known = set(re.findall(r"\\\((.*?) = .*?\\\)", top))
    given = explainer.load(source)
    tex = typesetter(given.derivation, given.spec.notation)
    for line, said in zip(quiz(source, blank=blank).variants[0].blanks, asked, strict=True):
        own, *told = re.findall(r"\\\((.*?)\\\)", said.split("</p>")[0])
        known |= {equation.split(" = ")[0] for equation in told}
        for used in given.derivation.step[line.id].uses:
            step = given.derivation.step.get(used)
            if step is None or not step.trivial or step.uses:
                bare = step.uses[0] if step is not None and step.trivial else used
                assert tex.name(bare, True) in known, (line.id, used)
        known.add(own.split(" = ")[0])


def test_an_empty_input_stands_for_the_right_figure_in_stack() -> None:
    """With net left empty, out is judged by the key, and the tree of net does not start."""
    blanks = [blank.id for blank in quiz(unit()).variants[0].blanks]
    out = blanks.index("out_y") + 1
    marks = stack(unit()).marks({out: round(1 / (1 + math.exp(-0.3)), 6)})
    assert marks[out].score == 1  # type: ignore[union-attr]
    assert marks[blanks.index("net_y") + 1] is None


@pytest.mark.parametrize(
    ("target", "terms", "told"), [("stack", 71, ["71 blanks"]), ("stack", 70, []), ("moodle", 71, [])]
)
def test_a_question_that_makes_stack_slow_is_told(target: str, terms: int, told: list[str]) -> None:
    """Only there, and only where it is one long question."""
    formulas = {f"y{i}": f"x / {i + 2}" for i in range(terms)}
    source, found = {"parameters": {"x": 0.7}, "formulas": formulas, "display": {"decimals": 9}}, list[str]()
    quiz_files(explainer.load(source), calculation, Wish(target), found.append)
    assert [remark.partition(" in")[0] for remark in found] == told


def test_a_hostile_title_is_no_command_to_stack() -> None:
    """Inputs and feedback stand in the text once each, and no other command does."""
    text = files({**unit(), "title": HOSTILE}, "stack")["stack.xml"]
    question = ET.fromstring(text.encode()).find("question[@type='stack']")
    shown = question.findtext("questiontext/text") or ""  # type: ignore[union-attr]
    count = len(quiz(unit()).variants[0].blanks)
    assert shown.count("[[") == 3 * count
    assert "{@" not in shown
    assert "{#" not in shown


# ---------------------------------------------------------------- QTI


def items(package: bytes) -> list[ET.Element]:
    """The items of a package."""
    return [ET.fromstring(text) for name, text in qti_files(package).items() if name.startswith("part")]


def test_qti_scores_the_key_and_explains_the_wrong_figures() -> None:
    """The key earns MAXSCORE; a wrong figure leads to its own feedback; no figure leads to none."""
    made = quiz(variants=2, seed=7)
    read = items(files("mazur", "qti21", variants=2, seed=7)["qti21.zip"])
    parts = [part for pool in made.pools.values() for _, part in pool]
    for part, item in zip(parts, read, strict=True):
        key = {f"RESPONSE_{n}": blank.text for n, blank in enumerate(part.blanks, 1)}
        outcome = qti_outcome(item, key)
        assert outcome["SCORE"] == float(outcome["MAXSCORE"]) == sum(blank.points for blank in part.blanks)
        assert qti_outcome(item, {})["FEEDBACK_1"] == "NONE"
        told = {f.attrib["identifier"]: f for f in item.findall(f"{QTI}modalFeedback[@outcomeIdentifier='FEEDBACK_1']")}
        wrong = part.blanks[0].wrong[0]
        found = told[str(qti_outcome(item, {"RESPONSE_1": wrong.text})["FEEDBACK_1"])]
        assert " ".join("".join(found.itertext()).split()) == html.unescape(re.sub("<.*?>", "", wrong.feedback))


def test_the_qti_package_is_whole() -> None:
    """The manifest lists every file, the test refers to every item, and one variant of each part is drawn."""
    made = qti_files(files("mazur", "qti21", variants=2)["qti21.zip"])
    manifest = ET.fromstring(made["imsmanifest.xml"])
    listed = {file.attrib["href"] for file in manifest.iter("{http://www.imsglobal.org/xsd/imscp_v1p1}file")}
    assert listed == set(made) - {"imsmanifest.xml"}
    test = ET.fromstring(made["test.xml"])
    refs = [ref.attrib["href"] for ref in test.iter(f"{QTI}assessmentItemRef")]
    assert sorted(refs) == sorted(name for name in made if name.startswith("part"))
    assert {selection.attrib["select"] for selection in test.iter(f"{QTI}selection")} == {"1"}


def test_qti_items_fit_the_published_schema() -> None:
    """Against imsqti_v2p1.xsd and the schema of MathML 2, where EXPLAINER_QTI_SCHEMA says where that is.

    No package ships it, and its licence asks that copies come from its publisher; hence it does not lie here.
    """
    etree = pytest.importorskip("lxml.etree")
    where = os.environ.get("EXPLAINER_QTI_SCHEMA")
    if not where:
        pytest.skip("EXPLAINER_QTI_SCHEMA is not set to the path of imsqti_v2p1.xsd")
    schema = etree.XMLSchema(etree.parse(where))
    for name in ("mazur", "gates", "softmax", "textbook"):
        for file, text in qti_files(files(name, "qti21")["qti21.zip"]).items():
            if file.endswith(".xml") and file != "imsmanifest.xml":
                schema.assertValid(etree.fromstring(text))


def test_a_hostile_title_is_text_in_qti() -> None:
    """The item is well-formed, and its title reads as it was typed."""
    for item in items(files({**unit(), "title": HOSTILE}, "qti21")["qti21.zip"]):
        strong = item.find(f".//{QTI}strong")
        assert " ".join("".join(strong.itertext()).split()) == " ".join(HOSTILE.split())  # type: ignore[union-attr]


# ---------------------------------------------------------------- all of them


@pytest.mark.parametrize("target", TARGETS)
def test_the_same_seed_gives_the_same_bytes(target: str, tmp_path: Path) -> None:
    """In another process, with other hashes, too."""
    made = files("mazur", target, variants=2, seed=7)
    command = [sys.executable, "-m", "explainer", "quiz", "mazur", "--to", target, "--variants", "2", "--seed", "7"]
    subprocess.run(
        [*command, "-o", str(tmp_path)], check=True, env={**os.environ, "PYTHONHASHSEED": "77"}, capture_output=True
    )
    for name, text in made.items():
        assert (tmp_path / name).read_bytes() == (text.encode() if isinstance(text, str) else text)


def test_control_characters_have_no_place_in_xml() -> None:
    """A title with a bell and a null in it still gives files that can be read."""
    source = {**unit(), "title": "a\x07b\x00c\ufffe"}
    assert moodle(source)
    assert items(files(source, "qti21")["qti21.zip"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("0.001", Tolerance(Decimal("0.001"))),
        ("1e-6", Tolerance(Decimal("1e-6"))),
        ("2.5 %", Tolerance(Decimal("0.025"), relative=True)),
    ],
)
def test_a_tolerance_is_read(text: str, expected: Tolerance | None) -> None:
    """A number is absolute, percent are relative."""
    assert read_tolerance(text) == expected


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--to", "moodel"], "did you mean"),
        (["--variants", "0"], "from 1 to 500"),
        (["--variants", "1000000000000000000000"], "from 1 to 500"),
        (["--blank", "fade"], "asks for results"),
        (["--blank", "net_h9"], "no line `net_h9`"),
        (["--blank", "w1"], "given"),
        (["--tolerance", "-1"], "not a tolerance"),
        (["--tolerance", "100%"], "not a tolerance"),
        (["--tolerance", "nan"], "not a tolerance"),
        (["--tolerance", "9e999"], "not a tolerance"),
    ],
)
def test_bad_input_is_told(arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What, where and what is allowed; exit code 2; nothing written."""
    assert main(["quiz", "mazur", *arguments, "-o", str(tmp_path / "quiz")]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "quiz").exists()
