"""Points: what a blank is worth is the same on the sheet, in the key, in answers.csv and in a check."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import explainer
from explainer.checking.policy import Policy, plain_points
from explainer.cli import main
from explainer.formats.dialect import math_in
from explainer.formats.html import to_html
from explainer.formats.latex import to_latex
from explainer.formats.pdf import to_pdf
from explainer.formats.printing import LARGE_PRINT, Print
from explainer.handouts.handout import Asked, Handout, handout
from explainer.handouts.masks import Part, read_policy
from explainer.handouts.points import policy_in
from explainer.handouts.sheet import Header
from explainer.spec.files import Source, example_names
from tests.bench.networks import article
from tests.formats.paper import MM, need, pages
from tests.formats.survival import survives_commonmark
from tests.golden_documents import FOLDER, THREE_STEPS

POLICY = """points = 1
[kinds]
update = 2
"local derivative" = 0.5
[lines]
E_total = 3
w5_new = 2.5
[blanks]
formula = 0.25
"""
WORTH = re.compile(r"\\lbrack (\S+) \\rbrack")


def made(source: Any, blank: str = "results", policy: str = "") -> Handout:
    """A handout with points by a policy file of that text."""
    calculation = explainer.load(source)
    mask = read_policy(blank, calculation.derivation, "test")
    return handout(
        calculation,
        mask,
        Asked(Header(), policy=policy_in(Source("p.toml", "p", policy.encode()), calculation, [mask])),
    )


def in_file(folder: Path, text: str = POLICY) -> str:
    """A policy file with that text."""
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_sheet_key_answers_and_check_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Line by line, and in all: a sheet filled in by the key earns what its head says."""
    policy = in_file(tmp_path)
    assert main(["handout", "mazur", "--policy", policy, "-o", str(tmp_path / "h")]) == 0
    sheet, key = ((tmp_path / "h" / f"{name}.md").read_text("utf-8") for name in ("worksheet", "key"))
    listed = re.findall(r"^\| \d+ \| .* \| \$(-?\d+\.\d+)\$.* \| (\S+) \|$", key, re.MULTILINE)
    rows = list(csv.DictReader((tmp_path / "h" / "answers.csv").read_text("utf-8").splitlines()))
    assert WORTH.findall(sheet) == WORTH.findall(key) == [points for _, points in listed]
    assert [row["points"] for row in rows] == [points for _, points in listed]
    filled = tmp_path / "filled.csv"
    lines = [f"{row['quantity']},{row['points']},{answer}" for row, (answer, _) in zip(rows, listed, strict=True)]
    filled.write_text("\n".join(["quantity,points,answer", *lines]), encoding="utf-8")
    capsys.readouterr()
    assert main(["check", "mazur", str(filled), "--policy", policy, "--format", "csv"]) == 0
    checked = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert {row["quantity"]: row["of"] for row in checked} == {row["quantity"]: row["points"] for row in rows}
    assert {row["quantity"]: row["points"] for row in rows} == {
        **{row["quantity"]: "1" for row in rows},
        **{row["quantity"]: "2" for row in rows if row["quantity"].endswith("+")},
        **{f"dout_{unit}/dnet_{unit}": "0.5" for unit in ("h1", "h2", "o1", "o2")},
        **{row["quantity"]: row["points"] for row in rows if row["quantity"].startswith("dnet_")},
        **{row["quantity"]: row["points"] for row in rows if row["quantity"].startswith("dE_")},
        "E_total": "3",
        "w5+": "2.5",
    }
    total = plain_points(sum((Decimal(points) for _, points in listed), Decimal(0)))
    assert f"| points of {total} |" in sheet
    assert f"worth {total} points together" in sheet


def test_the_points_of_the_sections_are_those_of_the_sheet() -> None:
    """Their headings say what the blanks below them are worth; together they are the total."""
    for source, blank in (("mazur", "all"), ("softmax", "half"), (THREE_STEPS, "results"), ("spring", "results")):
        if source == "spring":
            source = {"given": {"k": 3.5, "x": 0.25}, "formulas": {"F": "k*x", "E": "k*x**2/2"}}
        sheet = made(source, blank, POLICY.replace("E_total = 3\nw5_new = 2.5", "") if source != "mazur" else POLICY)
        said = re.findall(r"^#.* \(([\d.]+) points?\)$", sheet.worksheet, re.MULTILINE)
        assert sum(map(Decimal, said)) == sheet.points
        assert said == re.findall(r"^#.* \(([\d.]+) points?\)$", sheet.key, re.MULTILINE)


@pytest.mark.parametrize(
    ("blank", "policy", "words"),
    [
        ("net_h1", "", "There is one blank, worth one point."),
        ("net_h1", "points = 2", "There is one blank, worth 2 points."),
        ("net_h1", "points = 0.50", "There is one blank, worth 0.5 points."),
        ("net_h1,out_h1", "", "There are 2 blanks, each worth one point."),
        ("net_h1,out_h1", "points = 1.5", "There are 2 blanks, each worth 1.5 points."),
        ("net_h1,out_h1", "[lines]\nnet_h1 = 0", "There are 2 blanks, worth 1 point together."),
        ("net_h1,out_h1", "[lines]\nnet_h1 = 3", "There are 2 blanks, worth 4 points together."),
    ],
)
def test_one_point_and_several(blank: str, policy: str, words: str) -> None:
    """As one says it."""
    assert words in made("mazur", blank, policy).worksheet
    assert "(1 point)" in made("mazur", "net_h1").worksheet


def test_blanks_that_are_no_results() -> None:
    """They are worth as much as their line, or what the policy says; the key says what a program can check."""
    plain = made("mazur", "all")
    assert {blank.points for blank in plain.blanks} == {Decimal(1)}
    assert "Of the 129 points, a check by program gives the 43 of the results" in plain.key
    assert "a check by program" not in plain.worksheet
    assert "a check by program" not in made("mazur").key
    worth = {(blank.id, blank.part): blank.points for blank in made("mazur", "all", POLICY).blanks}
    assert worth["w6+", Part.FORMULA] == Decimal("0.25")
    assert worth["w6+", Part.SUBSTITUTION] == worth["w6+", Part.RESULT] == 2


def test_a_policy_for_lines_that_are_not_blank() -> None:
    """It may say what they are worth; nothing of it stands on the sheet."""
    sheet = made("mazur", "net_h1", "[lines]\nE_total = 7\n")
    assert sheet.points == 1
    assert "7" not in WORTH.findall(sheet.worksheet)


def test_a_document_with_a_decimal_comma() -> None:
    """Points have it too."""
    sheet = made(
        {**article(steps=1), "notation": {"decimal": "comma"}}, "net_h1,out_h1", "points = 0.5\n[lines]\nout_h1 = 2"
    )
    assert r"\lbrack 0{,}5 \rbrack" in sheet.worksheet
    assert "worth 2,5 points together" in sheet.worksheet
    assert "net_h1,0.5,\n" in sheet.answers_csv


def test_without_points_asked_for_nothing_changes() -> None:
    """No brackets, and the documents that were read by a person."""
    calculation = explainer.load("mazur")
    sheet = handout(calculation, read_policy("results", calculation.derivation, "mazur"))
    assert sheet.worksheet == (FOLDER / "mazur-worksheet.md").read_text("utf-8")
    assert not WORTH.findall(sheet.key)
    assert sheet.points == sum(Policy().worth(blank.id, None) for blank in sheet.blanks)


@pytest.mark.parametrize("name", example_names())
def test_formulas_with_points_survive_markdown(name: str) -> None:
    """As all formulas do; and there are as many brackets as blanks."""
    for blank in ("results", "all"):
        sheet = made(name, blank, "points = 12.25")
        for text in (sheet.worksheet, sheet.key):
            assert len(WORTH.findall(text)) == len(sheet.blanks)
            for formula in math_in(text):
                assert survives_commonmark(formula, display="\n" in formula) or survives_commonmark(formula, True)


@pytest.mark.parametrize("blank", ["results", "all"])
def test_every_format_shows_them(blank: str) -> None:
    """HTML, LaTeX and pages, on which nothing sticks out."""
    need("typst")
    sheet = made("mazur", blank, POLICY)
    for key in (False, True):
        document = sheet.document(key)
        assert len(WORTH.findall(to_latex(document))) == len(sheet.blanks)
        assert "50.5 points" in to_html(document) or blank == "all"
        found = pages(to_pdf(document))
        text = "".join(page.text for page in found)
        assert len(re.findall(r"\[\s*[\d.]+\s*\]", text)) == len(sheet.blanks)
        assert all(word.right <= page.width - 25 * MM + 1.5 for page in found for word in page.words)


def test_points_in_large_print() -> None:
    """A line with frames that just does not fit is made smaller."""
    need("typst")
    printed = Print("letter", LARGE_PRINT)
    found = pages(to_pdf(made("adam", policy="points = 12.25").document(), printed))
    margin = printed.margin * MM - 2
    assert all(margin <= word.left <= word.right <= page.width - margin for page in found for word in page.words)


def test_a_class_with_points(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every sheet of a faded sequence has them; the code gives the same key; another policy is another run."""
    policy, secret = in_file(tmp_path), str(tmp_path / "secret.txt")
    command = ["handout", "mazur", "--variants", "2", "--secret", secret, "--blank", "fade", "-o", str(tmp_path / "c")]
    assert main([*command, "--policy", policy]) == 0
    assert main([*command, "--policy", policy]) == 0  # it is there already
    keys = tmp_path / "c" / "keys" / "001"
    assert not WORTH.findall((keys / "1-key.md").read_text("utf-8"))
    assert "points of" not in (tmp_path / "c" / "sheets" / "001" / "1-worksheet.md").read_text("utf-8")
    assert WORTH.findall((keys / "2-key.md").read_text("utf-8"))
    [row, _] = csv.DictReader((tmp_path / "c" / "teacher" / "class.csv").read_text("utf-8").splitlines())
    again = ["handout", "mazur", "--code", row["code3"], "--secret", secret, "-o", str(tmp_path / "k")]
    assert main([*again, "--policy", policy]) == 0
    assert (tmp_path / "k" / "key.md").read_bytes() == (keys / "3-key.md").read_bytes()
    capsys.readouterr()
    for other in (["--points"], [], ["--policy", in_file(tmp_path, POLICY + "substitution = 3\n")]):
        assert main([*command, *other]) == 2
        assert "holds sheets of another file, seed, secret or wish" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "policy", "says"),
    [
        ([], "pionts = 2", "did you mean points?"),
        ([], "points = -1", "expected a number that is not negative, found -1"),
        ([], "points = 1e399", "expected a number up to 1000 with at most 6 decimals"),
        ([], "points = 0.0000001", "at most 6 decimals"),
        ([], "[lines]\nE_totl = 2\nnet_h7 = 1", "2 problems"),
        ([], "[lines]\nE_totl = 2", "there is no line `E_totl`\n      did you mean E_total"),
        ([], "[blanks]\nresult = 2", "allowed: formula, substitution"),
        ([], "[kinds]\nupdates = 2", 'kinds."updates": unknown key'),
        (
            ["--blank", "half"],
            'expected = "all"',
            "counts lines without a blank on the sheet, 22 of them, such as `net_h1`",
        ),
        (["--points"], "", "not allowed with argument --points"),
    ],
)
def test_a_bad_policy(
    arguments: list[str], policy: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, what is allowed, and nothing written."""
    try:
        code = main(["handout", "mazur", *arguments, "--policy", in_file(tmp_path, policy), "-o", str(tmp_path / "h")])
    except SystemExit as stopped:
        code = int(str(stopped.code))
    assert code == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "h").exists()


def test_all_lines_may_be_expected_where_all_are_blank() -> None:
    """A check then counts the same lines."""
    assert made("mazur", "results", 'expected = "all"').points == 43


def test_a_missing_policy(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told by its name."""
    assert main(["handout", "mazur", "--policy", "nowhere.toml"]) == 2
    assert "nowhere.toml: no such file" in capsys.readouterr().err
