"""Worksheets and keys on paper."""

from __future__ import annotations

from pathlib import Path

import pytest

import explainer
from explainer.cli import main
from explainer.formats.pdf import to_pdf
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


def test_the_command_prints(tmp_path: Path) -> None:
    """A worksheet and its key, and the same bytes again."""
    need("typst")
    for folder in ("a", "b"):
        assert main(["handout", "neuron", "--format", "pdf", "-o", str(tmp_path / folder)]) == 0
    for name in ("worksheet.pdf", "key.pdf"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
