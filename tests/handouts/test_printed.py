"""Worksheets and keys on paper."""

from __future__ import annotations

from pathlib import Path

import pytest

import explainer
from explainer.cli import main
from explainer.formats import print_file
from explainer.formats.pdf import to_pdf
from explainer.formats.printing import LARGE_PRINT, Print
from explainer.formats.typst import Sheet, typst_sheet
from explainer.handouts.handout import handout
from explainer.handouts.masks import read_policy
from tests.formats.paper import MM, need, pages

LEAST = 6
"""Shorter answers, such as 0.5, may stand on a sheet for another reason."""


@pytest.mark.parametrize("blank", ["results", "all", "half"])
@pytest.mark.parametrize("name", ["mazur", "classifier", "textbook"])
def test_a_printed_worksheet_has_its_blanks_and_no_answer(name: str, blank: str) -> None:
    """Every number of a blank stands in its frame; no answer is on the page or in the data of the file."""
    need("typst")
    calculation = explainer.load(name)
    made = handout(calculation, read_policy(blank, calculation.derivation, name))
    sheet, key = (to_pdf(made.document(key=answers)) for answers in (False, True))
    found = pages(sheet)
    text, full = (" ".join(page.text for page in pages(file)) for file in (sheet, key))
    answers = {
        each.text.replace("-", "\u2212") for each in made.blanks if len(each.text) >= LEAST and "e" not in each.text
    }
    assert answers
    assert {answer for answer in answers if answer in made.worksheet} == {
        answer for answer in answers if answer in text
    }
    assert {answer for answer in answers if answer.strip("\u2212") not in full} == set()
    assert all(word.right <= page.width - 25 * MM + 1.5 for page in found for word in page.words)


@pytest.mark.parametrize("printed", [Print(), Print("letter"), Print("letter", LARGE_PRINT)], ids=str)
@pytest.mark.parametrize("name", ["mazur", "classifier", "textbook"])
@pytest.mark.parametrize("blank", ["results", "all", "half"])
def test_the_answers_of_a_key_fit(name: str, blank: str, printed: Print) -> None:
    """Nothing sticks out, and the last figure is there."""
    need("typst")
    calculation = explainer.load(name)
    made = handout(calculation, read_policy(blank, calculation.derivation, name))
    found = pages(to_pdf(made.document(key=True), printed))
    margin = printed.margin * MM - 2
    assert [
        word for page in found for word in page.words if not margin <= word.left <= word.right <= page.width - margin
    ] == []
    last = " ".join(page.text for page in found[-3:])
    assert made.blanks[-1].text.replace("-", "\u2212") in last


@pytest.mark.parametrize("blank", ["results", "all", "half"])
def test_a_long_key_is_set_without_being_measured(blank: str) -> None:
    """Its table of answers is wrapped by an estimate, which makes it three times as fast."""
    calculation = explainer.load("mazur")
    made = handout(calculation, read_policy(blank, calculation.derivation, "mazur"))
    assert "measured-table" not in typst_sheet(Sheet(made.document(key=True)), Print())


def test_typst_forgets_the_parts_of_a_print_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has set is let go of after each part; what it sets does not hang on that."""
    need("typst")
    monkeypatch.setattr(print_file, "PART", 1)
    calculation = explainer.load("neuron")
    sheets = [Sheet(handout(calculation, read_policy("results", calculation.derivation, "n")).document())] * 3
    times: list[int] = []
    monkeypatch.setattr(print_file, "forget", lambda: times.append(1))
    without = print_file.to_print_file(sheets, "A class")
    monkeypatch.undo()
    monkeypatch.setattr(print_file, "PART", 1)
    assert len(times) == 3
    assert print_file.to_print_file(sheets, "A class") == without


def test_the_command_prints(tmp_path: Path) -> None:
    """A worksheet and its key, and the same bytes again."""
    need("typst")
    for folder in ("a", "b"):
        assert main(["handout", "neuron", "--format", "pdf", "-o", str(tmp_path / folder)]) == 0
    for name in ("worksheet.pdf", "key.pdf"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_class_in_one_file(tmp_path: Path) -> None:
    """Worksheets from odd pages on with the name at the foot; keys and a page of all answers for the teacher only."""
    need("typst")
    students = tmp_path / "class.csv"
    students.write_text('name,id\nAda Lovelace,17\n"\\evil{} #x $y$",18\nGrace Hopper,19\n', "utf-8")
    folder = tmp_path / "out"
    command = ["handout", "mazur", "--format", "pdf", "--students", str(students), "--print-file", "-o", str(folder)]
    assert main(command) == 0
    sheets = pages((folder / "worksheets.pdf").read_bytes())
    starts = [number for number, page in enumerate(sheets, 1) if "A step by step" in page.text]
    assert [number % 2 for number in starts] == [1, 1, 1]
    names = ["Ada Lovelace", "\\evil{} #x $y$", "Grace Hopper"]
    assert all(sheets[start].text.count(name) == 1 for start, name in zip(starts, names, strict=True))
    single = [
        pages((folder / "sheets" / path.name / "worksheet.pdf").read_bytes()) for path in (folder / "sheets").iterdir()
    ]
    assert sum(map(len, single)) == len([page for page in sheets if page.words])
    (answers,) = pages((folder / "teacher" / "answers.pdf").read_bytes())
    assert all(name in answers.text for name in ("net_h1", "dE_total/dw5", "w8+"))
    handed_out = " ".join(page.text for page in sheets)
    values = {word.text for word in answers.words if word.text.startswith("0.") and len(word.text) == 11}
    assert len(values) > 100
    assert [value for value in values if value in handed_out] == []
