"""Moodle's export of responses: read as it comes, each figure for its quantity, each student by the own variant."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

import explainer
from explainer.calculation import calculation
from explainer.checking.responses import is_export, read_map, responses
from explainer.cli import main
from explainer.formulas.problems import ExplainerError
from explainer.handouts.quiz.quiz import Wish, make_quiz, quiz_files
from explainer.spec.files import Source

MAP = "# explainer quiz for mazur [0123456789ab] seed 7\nquestion,blank,quantity,variant,name\n"
ONE = MAP + "1,1,net_h1,0,x\n1,2,net_h2,0,x\n2,1,E_total,0,y\n"


def export(*rows: tuple[str, ...]) -> Source:
    """A file as Moodle writes it."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return Source("responses.csv", "responses", ("\ufeff" + text.getvalue()).encode())


def read(source: Source, mapping: str = ONE) -> list[dict[str, str | None]]:
    """The rows of the class list."""
    rows = responses(source, read_map(Source("mapping.csv", "mapping", mapping.encode())))
    return [dict(zip(rows.header, cells, strict=True)) for _, cells in rows.rows]


HEAD = ("Last name", "First name", "Email address", "State", "Grade/10.00", "Response 1", "Response 2")


def test_cloze_and_numerical_responses_are_read() -> None:
    """Parts by their numbers, a lone figure as it is, a decimal comma, a dash for nothing."""
    source = export(
        HEAD,
        ("L", "Ada", "ada@x.org", "Finished", "9", "part 1: 0,3775; part 2: 0.3925", "0.298371109"),
        ("B", "Bob", "bob@x.org", "Finished", "0", "part 1: ; part 2: 0.4", "-"),
    )
    assert is_export(source)
    assert read(source) == [
        {"student": "ada@x.org", "variant": "", "net_h1": "0,3775", "net_h2": "0.3925", "E_total": "0.298371109"},
        {"student": "bob@x.org", "variant": "", "net_h1": "", "net_h2": "0.4", "E_total": ""},
    ]


def test_stack_responses_are_read() -> None:
    """`ans2: 0.59 [score]` is the second figure; what the trees say is no figure."""
    cell = "Seed: 123; ans1: 0.3775 [score]; ans2: 0.3925 [valid]; prt1: # = 1 | prt1-1-T; prt2: !"
    (row,) = read(export(HEAD[:-1], ("L", "Ada", "ada@x.org", "Finished", "9", cell)))
    assert (row["net_h1"], row["net_h2"]) == ("0.3775", "0.3925")


def test_of_several_attempts_the_last_counts() -> None:
    """A student who tried twice stands in the class list once."""
    rows = [("L", "Ada", "", "Finished", "9", f"part 1: {x}; part 2: 2", "3") for x in ("1", "5")]
    assert [(row["student"], row["net_h1"]) for row in read(export(HEAD, *rows))] == [("L, Ada", "5")]


def test_each_question_may_be_of_another_variant() -> None:
    """The text of the question says which; the figures are judged by the numbers of that variant."""
    mapping = MAP + "1,1,net_h1,1,x\n2,1,E_total,1,y\n1,1,net_h1,2,x\n2,1,E_total,2,y\n"
    head = ("ID number", "Question 1", "Response 1", "Question 2", "Response 2")
    source = export(head, ("77", "Title:\nforward (variant 2)\n...", "0.1", "Title (variant 1)", "0.2"))
    found = {row["variant"]: (row["student"], row["net_h1"], row["E_total"]) for row in read(source, mapping)}
    assert found == {"2": ("77", "0.1", None), "1": ("77", None, "0.2")}


@pytest.mark.parametrize(
    ("cell", "figures"),
    [
        ("part 1: 0.1; part 2: ", ("0.1", "")),
        ("part 1: ; part 2: ", ("", "")),
        ("part 1: 0.1; part 2:", ("0.1", "")),
        ("Teil 1: 0,1; Teil 2: 0,2", ("0,1", "0,2")),
        ("ans1: EMPTYANSWER [score]; ans2: 0.2 [score]; prt1: !", ("", "0.2")),
    ],
)
def test_a_blank_that_was_left_empty_is_empty(cell: str, figures: tuple[str, str]) -> None:
    """As Moodle 4.1 and STACK 4.11 export it, in last place too."""
    (row,) = read(export(HEAD[:-1], ("L", "Ada", "ada@x.org", "Finished", "9", cell)))
    assert (row["net_h1"], row["net_h2"]) == figures


def test_who_never_came_has_no_sheet() -> None:
    """Moodle lists everybody who is enrolled; who came and wrote nothing has one."""
    source = export(
        HEAD,
        ("Never", "Dan", "dan@x.org", "-", "-", "-", "-"),
        ("B", "Bob", "bob@x.org", "Finished", "0.00", "-", "-"),
    )
    assert [row["student"] for row in read(source)] == ["bob@x.org"]


@pytest.mark.parametrize("text", ["mazur (variant 2)", "mazur, variant 2", "Title (part 1, variant 2): forward"])
def test_the_variant_is_told_by_the_question(text: str) -> None:
    """By its text, or by the note of a STACK question, as earlier versions wrote it too."""
    mapping = MAP + "1,1,net_h1,1,x\n1,1,net_h1,2,x\n"
    source = export(("ID number", "Question 1", "Response 1"), ("77", text, "0.1"))
    assert [(row["variant"], row["net_h1"]) for row in read(source, mapping)] == [("2", "0.1")]


def test_a_part_is_told_by_the_question_wherever_it_stands() -> None:
    """Another question before it, or a part left out: the text of a question says which part it is."""
    head = ("ID number", "Question 1", "Response 1", "Question 3", "Response 3")
    source = export(head, ("77", "What is your name?", "Ada", "Title (2): the error (part 2)", "0.3"))
    (row,) = read(source)
    assert (row["net_h1"], row["E_total"]) == (None, "0.3")


MOODLE_HEAD = ("Surname", "First name", "Department", "State", "Started on", "Completed", "Time taken", "Grade/10.00")
"""As Moodle 4.1 writes it, where departments are shown beside names."""


def test_a_department_does_not_make_an_attempt() -> None:
    """Moodle may tell more of a person who never came than the name; an attempt that goes on has no end yet."""
    source = export(
        (*MOODLE_HEAD, "Response 1", "Response 2"),
        ("Never", "Dan", "Physics", "-", "-", "-", "-", "-", "-", "-"),
        ("Baker", "Bob", "Physics", "In progress", "27 November 2026 9:01 PM", "-", "-", "-", "-", "-"),
    )
    assert [row["student"] for row in read(source)] == ["Baker, Bob"]


def test_of_two_attempts_at_other_variants_the_last_counts() -> None:
    """Random questions: the second attempt is out of as much as the first, not of both together."""
    mapping = MAP + "".join(f"1,1,net_h1,{v},x\n2,1,E_total,{v},y\n" for v in (1, 2))
    head = ("ID number", "Question 1", "Response 1", "Question 2", "Response 2")
    first = ("77", "T (part 1, variant 1)", "0.1", "T (part 2, variant 1)", "0.2")
    second = ("77", "T (part 1, variant 2)", "0.3", "T (part 2, variant 2)", "-")
    given_up = ("77", "T (part 1, variant 1)", "-", "T (part 2, variant 2)", "")
    assert [(row["variant"], row["net_h1"]) for row in read(export(head, first, second), mapping)] == [("2", "0.3")]
    assert read(export(head, first, second, given_up), mapping) == read(export(head, first, second), mapping)


def test_another_calculation_in_the_same_moodle_quiz_is_left_out() -> None:
    """Its first part is not ours. A title comes in capitals and broken into lines."""
    head = ("ID number", "Question 1", "Response 1", "Question 2", "Response 2")
    ours, other = "TWO UNITS,\nSTEP BY STEP: the error (part 2)\n...", "A NEURON: forward pass (part 1)\n..."
    source = export(head, ("77", ours, "0.3", other, "9"), ("78", other, "8", ours, "0.4"))
    quiz = read_map(Source("mapping.csv", "mapping", ONE.encode()))
    rows = responses(source, quiz, "Two units, step by step")
    found = [dict(zip(rows.header, cells, strict=True)) for _, cells in rows.rows]
    assert [(row["student"], row["net_h1"], row["E_total"]) for row in found] == [
        ("77", None, "0.3"),
        ("78", None, "0.4"),
    ]


def test_a_stack_question_is_told_by_its_note_wherever_it_stands() -> None:
    """With or without variants."""
    head = ("ID number", "Question 1", "Response 1", "Question 2", "Response 2")
    cell = "Seed: 1; ans1: 0.1 [score]; ans2: 0.2 [score]; prt1: # = 1"
    for variant, note in (("0", "mazur"), ("2", "mazur (variant 2)")):
        mapping = MAP + f"1,1,net_h1,{variant},x\n1,2,net_h2,{variant},x\n"
        source = export(head, ("77", "neuron (variant 2)", "ans1: 9 [score]", note, cell))
        assert [(row["net_h1"], row["net_h2"]) for row in read(source, mapping)] == [("0.1", "0.2")]


def test_a_student_with_parts_of_several_variants_has_one_row(tmp_path: Path) -> None:
    """Points are those of what was asked, in all variants together; each variant has a report."""
    given, wish = explainer.load("mazur"), Wish("moodle", variants=2, seed=7)
    (tmp_path / "mapping.csv").write_text(str(quiz_files(given, calculation, wish)["mapping.csv"]), "utf-8")
    first, second = make_quiz(given, calculation, wish).variants
    head, rows = ["Email address"], [["ada@x.org"], ["eve@x.org"]]
    for number, parts in enumerate(zip(first.parts, second.parts, strict=True), 1):
        head += [f"Question {number}", f"Response {number}"]
        for row, part, variant in ((rows[0], parts[number % 2], number % 2 + 1), (rows[1], parts[0], 1)):
            several = "; ".join(f"part {i}: {blank.text}" for i, blank in enumerate(part.blanks, 1))
            row += [f"(part {number}, variant {variant})", several if len(part.blanks) > 1 else part.blanks[0].text]
    (tmp_path / "r.csv").write_bytes(export(tuple(head), *map(tuple, rows)).content)
    command = ["check", "mazur", str(tmp_path / "r.csv"), "--mapping", str(tmp_path / "mapping.csv")]
    assert main([*command, "-o", str(tmp_path / "out")]) == 0
    book = list(csv.DictReader((tmp_path / "out/gradebook.csv").open(encoding="utf-8")))
    assert [(row["student"], row["points"], row["of"]) for row in book] == [
        ("ada@x.org", "43", "43"),
        ("eve@x.org", "43", "43"),
    ]
    assert set(book[0]["variant"].split(", ")) == {"1", "2"}
    assert "2 students, 2 of them without a slip; 43 of 43 points" in (tmp_path / "out/summary.md").read_text("utf-8")
    assert len(list((tmp_path / "out/reports").iterdir())) == 3


def test_the_first_slip_is_the_first_of_the_calculation(tmp_path: Path) -> None:
    """Whatever variant it was made in; the summary tells lines in that order too."""
    given, wish = explainer.load("mazur"), Wish("moodle", variants=2, seed=7)
    (tmp_path / "mapping.csv").write_text(str(quiz_files(given, calculation, wish)["mapping.csv"]), "utf-8")
    first, second = make_quiz(given, calculation, wish).variants
    head, row = ["Email address"], ["ada@x.org"]
    for number, parts in enumerate(zip(first.parts, second.parts, strict=True), 1):
        part, variant = (parts[1], 2) if number < 3 else (parts[0], 1)
        texts = ["7" if blank.id in ("net_h2", "E_o1") else blank.text for blank in part.blanks]
        several = "; ".join(f"part {i}: {text}" for i, text in enumerate(texts, 1))
        head += [f"Question {number}", f"Response {number}"]
        row += [f"(part {number}, variant {variant})", several if len(texts) > 1 else texts[0]]
    (tmp_path / "r.csv").write_bytes(export(tuple(head), tuple(row)).content)
    command = ["check", "mazur", str(tmp_path / "r.csv"), "--mapping", str(tmp_path / "mapping.csv")]
    main([*command, "-o", str(tmp_path / "out")])
    (book,) = csv.DictReader((tmp_path / "out/gradebook.csv").open(encoding="utf-8"))
    assert (book["variant"], book["slips"], book["first slip"]) == ("1, 2", "2", "net_h2")
    table = (tmp_path / "out/summary.md").read_text("utf-8").partition("## Lines")[2]
    places = [table.index(f"| `{line}` |") for line in ("net_h1", "out_h1", "net_h2", "E_o1", "dE_total/dw1")]
    assert places == sorted(places)


def test_a_class_is_checked_end_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Quiz, responses, report: the slip that was made at variant 2 is told."""
    given = explainer.load("mazur")
    wish = Wish("moodle", variants=2, seed=7)
    mapping = tmp_path / "mapping.csv"
    mapping.write_text(str(quiz_files(given, calculation, wish)["mapping.csv"]), "utf-8")
    quiz = make_quiz(given, calculation, wish)
    row, head = ["ada@x.org"], ["Email address"]
    for number, part in enumerate(quiz.variants[1].parts, 1):
        figures = [blank.text for blank in part.blanks]
        if number == 1:
            assert "bias left out" in part.blanks[0].wrong[0].mistakes
            figures[0] = part.blanks[0].wrong[0].text
        head += [f"Question {number}", f"Response {number}"]
        several = "; ".join(f"part {i}: {figure}" for i, figure in enumerate(figures, 1))
        row += ["(variant 2)", several if len(figures) > 1 else figures[0]]
    (tmp_path / "r.csv").write_bytes(export(tuple(head), tuple(row)).content)
    command = ["check", "mazur", str(tmp_path / "r.csv"), "-o", str(tmp_path / "out")]
    assert main([*command, "--mapping", str(mapping)]) == 1
    (line,) = list(csv.DictReader((tmp_path / "out/gradebook.csv").open(encoding="utf-8")))
    assert (line["slips"], line["first slip"], line["mistake"]) == ("1", "net_h1", "bias left out")
    assert main(command) == 2
    assert "--mapping" in capsys.readouterr().err
    assert main(["check", "neuron", *command[2:], "--mapping", str(mapping)]) == 2
    assert "another calculation" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", MAP + "x,1,net_h1,0,n\n", MAP + "1,1\n"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    """With what is expected."""
    with pytest.raises(ExplainerError, match="mapping"):
        read_map(Source("mapping.csv", "mapping", text.encode()))


def test_an_export_of_another_quiz_is_refused() -> None:
    """More questions than the quiz has, or variants that cannot be told."""
    with pytest.raises(ExplainerError, match="no question 9"):
        read(export(("Email address", "Response 9"), ("a", "1")))
    with pytest.raises(ExplainerError, match="question text"):
        read(export(("Email address", "Response 1"), ("a", "1")), MAP + "1,1,net_h1,1,x\n")
