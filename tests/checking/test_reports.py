"""What a report says, in every format and at every level of feedback; policies; class lists."""

from __future__ import annotations

import csv
import json
import math
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import explainer
from explainer.checking.report import LEVELS, Report, at_level
from explainer.checking.sheets import answers_of
from explainer.checking.writing import FORMATS, harmless, report_html, report_json, report_markdown, report_text
from explainer.cli import main
from explainer.formats.dialect import blocks

SLIPPED = {  # the article's step with a calculator, 4 significant digits; the slope at o1 left out, w7+ with digits swapped
    "net_h1": "0.3775", "out_h1": "0.5933", "net_h2": "0.3925", "out_h2": "0.5969", "net_o1": "1.106", "out_o1": "0.7514",
    "net_o2": "1.225", "out_o2": "0.7729", "E_o1": "0.2748", "E_o2": "0.02357", "E_total": "0.2984",
    "dE_total/dout_o1": "0.7414", "dE_total/dout_o2": "-0.2171", "dout_o1/dnet_o1": "", "dE_o1/dnet_o1": "0.7414",
    "dout_o2/dnet_o2": "0.1755", "dE_o2/dnet_o2": "-0.03810", "dE_total/dw5": "0.4399", "dE_total/dw7": "-0.02260",
    "w5+": "0.1801", "w7+": "0.5131",
}  # fmt: skip
HIDDEN = {
    "verdict": ["slope", "Two digits", "0.1385", "0.5113", "FIRST SLIP", "Follows"],
    "where": ["slope of", "Two digits", "0.1385", "0.5113", "0.3589"],
    "why": ["0.1385", "0.5113", "0.3589", "0.08217"],
    "key": [],
}
"""What must not be in a report of each level: the mistakes, the right values, the lines to meet again."""


@pytest.fixture(scope="module")
def report() -> Report:
    """The report on that sheet."""
    return explainer.load("mazur").check(SLIPPED)


def test_the_report_reads_like_a_tutor(report: Report) -> None:
    """First slip first, how the person rounded, the line as it should go with the person's numbers, what to meet again."""
    text = " ".join(report_text(report).split())
    for part in (
        "20 of 21 lines answered, 18 of 20 points",
        "Two slips.",
        "4 significant digits",
        "rounded values carried on (E_o2: 0.02357)",
        "1. dE_o1/dnet_o1 you 0.7414 key 0.1385 <- FIRST SLIP",
        "The slope of the activation, dout_o1/dnet_o1, is missing.",
        "0.7414 is your dE_total/dout_o1 unchanged, and dout_o1/dnet_o1 is blank.",
        "dout_o1/dnet_o1 = 0.7514 × (1 - 0.7514) = 0.1868, then dE_o1/dnet_o1 = 0.7414 × 0.1868 = 0.1385",
        "At dE_o2/dnet_o2 you did it right.",
        "2. w7+ you 0.5131 key 0.5113 Two digits are swapped: 31 for 13.",
        "0.50 - 0.5 × (-0.02260) = 0.5113",
        "Follows from slip 1, full credit (2): dE_total/dw5, w5+",
        "E_o2 = 1/2 × (0.99 - 0.7729)^2 = 0.02357, you 0.02357, key 0.02356",
        "Blank: dout_o1/dnet_o1, part of slip 1, not counted",
        "Redo slip 1 and you should meet: dE_total/dw5 0.08217, w5+ 0.3589",
    ):
        assert part in text


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", FORMATS)
def test_no_level_gives_more_away(name: str, level: str, report: Report) -> None:
    """In no format does a right value or a reason appear above its level; the figures of the person may."""
    text = FORMATS[name][1](at_level(report, level))  # type: ignore[arg-type]
    own = {figure for figure in SLIPPED.values() if figure}
    assert [part for part in HIDDEN[level] if part in text and part not in own] == []
    if level != "key":
        exact = explainer.load("mazur").evaluation.texts
        assert [id for id in SLIPPED if exact[id] in text and exact[id] not in own] == []
        assert "slope left out" not in text or level == "why"


@pytest.mark.parametrize("level", LEVELS)
def test_every_line_has_its_verdict_at_every_level(level: str, report: Report) -> None:
    """A line that is not right is never shown as right."""
    lines = {line.id: line.verdict.value for line in at_level(report, level).lines}  # type: ignore[arg-type]
    expected = "wrong" if level == "verdict" else "slip"
    assert lines["w7+"] == lines["dE_o1/dnet_o1"] == expected
    assert lines["net_h1"] == "right"
    assert lines["w5+"] == ("wrong" if level == "verdict" else "follows")


def test_the_page_and_the_json_hold_the_same(report: Report) -> None:
    """HTML is a page that needs nothing else; JSON is what programs read."""
    page = report_html(report)
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    data = json.loads(report_json(report))
    assert data["points"] == "18"
    assert [slip["line"] for slip in data["slips"]] == ["dE_o1/dnet_o1", "w7+"]
    assert data["slips"][0]["explanations"][0]["mistake"] == "slope left out"


def test_the_markdown_is_of_the_dialect(report: Report) -> None:
    """What a person typed has no meaning in it."""
    calculation = explainer.load("mazur")
    odd = calculation.check({"w5+": "<b>$x_1$</b> | *a*", "E_total": "0.2984"})
    for shown in (report, odd):
        markdown = FORMATS["md"][1](shown)
        assert len(list(blocks(markdown))) > 4
    assert "<b>" not in FORMATS["html"][1](odd)


# ---------------------------------------------------------------- the article


def test_the_article_is_checked_without_a_special_case(capsys: pytest.CaptureFixture[str]) -> None:
    """The rounded factor that is not on the sheet, and the four figures that come of sequential updates."""
    assert main(["check", "mazur", "mazur-article", "--format", "json"]) == 1
    data = json.loads(capsys.readouterr().out)
    lines = {line["id"]: line for line in data["lines"]}
    factor = lines["dE_o2/dout_h1"]
    assert factor["verdict"] == "right for your rounding"
    assert (factor["rounded"], factor["rounded_value"]) == ("dE_o2/dnet_o2", "-0.038098237")
    (slip,) = data["slips"]
    assert slip["line"] == "E_total@1"
    assert slip["confidence"] == "stated"
    assert [e["mistake"] for e in slip["explanations"]] == ["sequential update"]
    assert set(slip["explained"]) == {"out_o1@10000", "out_o2@10000", "E_total@10000"}
    assert all(lines[f"w{n}+"]["verdict"] == "right" for n in range(1, 9))
    wrong = [id for id, line in lines.items() if not line["verdict"].startswith("right")]
    assert set(wrong) == {"E_total@1", "out_o1@10000", "out_o2@10000", "E_total@10000"}


def test_nothing_in_the_checker_knows_the_article() -> None:
    """Neither a name nor a figure of it stands in the code."""
    folder = Path(explainer.__file__).parent / "checking"
    code = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    assert not re.search(r"mazur|0\.2910|0\.0159|0\.9840|0190491", code)


# ---------------------------------------------------------------- policies


def policed(tmp_path: Path, capsys: pytest.CaptureFixture[str], policy: str, *answers: str) -> tuple[int, str, str]:
    """The JSON report under a policy."""
    path = tmp_path / "policy.toml"
    path.write_text(policy, encoding="utf-8")
    code = main(["check", "mazur", *answers, "--policy", str(path), "--format", "json"])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_policy_sets_points_and_credit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Points by line and by kind; slips in writing cheaper than slips of method."""
    policy = 'points = 2\n[kinds]\nupdate = 3\n[lines]\n"E_total" = 5\n[credit]\ncopying = 0.5\n'
    _, out, _ = policed(tmp_path, capsys, policy, "E_total=0.2984", "w7+=0.5131", "dE/dw7=-0.0226025")
    data = json.loads(out)
    assert {line["id"]: (line["points"], line["worth"]) for line in data["lines"]} == {
        "E_total": ("5", "5"),
        "dE_total/dw7": ("2", "2"),
        "w7+": ("1.5", "3"),
    }
    assert (data["points"], data["of"]) == ("8.5", "10")


def test_too_few_digits_are_a_remark_with_a_credit_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Right to the digits that are there, but fewer than asked for."""
    policy = "digits = 4\n[credit]\ntoo_few_digits = 0.5\n"
    _, out, _ = policed(tmp_path, capsys, policy, "E_total=0.30", "w5+=0.3589", "net_h1=0.3775")
    lines = {line["id"]: line for line in json.loads(out)["lines"]}
    assert lines["E_total"]["too_few"] is True
    assert lines["E_total"]["points"] == "0.5"
    assert lines["w5+"]["points"] == lines["net_h1"]["points"] == "1"


def test_a_bare_zero_shows_nothing() -> None:
    """0.00 for 0.00044 is no wrong figure, but none that shows anything."""
    report = explainer.load("mazur").check({"dE/dw1": "0.00"})
    assert report.lines[0].too_few
    assert report.lines[0].verdict == "right"


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("pionts = 2", "did you mean points?"),
        ("[credit]\ncopyng = 1", 'credit."copyng"'),
        ("[credit]\nright = -1", "not negative"),
        ("digits = 0", "from 1 to 40"),
        ('[overrides]\n"0417" = 3', "overrides.0417"),
        ('points = "two"', "expected a number"),
    ],
)
def test_a_bad_policy_is_refused(policy: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the key and what is allowed."""
    code, _, err = policed(tmp_path, capsys, policy, "w5+=0.3589")
    assert code == 2
    assert says in err


# ---------------------------------------------------------------- class lists


def _new_weight(old: float, other: float) -> float:
    """The new weight from h1 to o1 of the article's network with those weights to o1, by a plain calculation."""
    h1, h2 = (1 / (1 + math.exp(-net)) for net in (0.3775, 0.3925))
    out = 1 / (1 + math.exp(-(old * h1 + other * h2 + 0.60)))
    return old - 0.5 * (out - 0.01) * out * (1 - out) * h1


OTHER = f"{_new_weight(0.50, 0.55):.4f}"
CLASS = f"""student,family name,variant,w5+,w6+,E_total
0417,Ångström,,0.3589,0.4087,0.2984
=2+3,"=HYPERLINK(""x"")",,0.1801,0.2288,0.2984
0419,@Carl,B,{OTHER},,abc
-5,Li,,{OTHER},,0.2984
"""


@pytest.fixture
def class_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The files that a class list gives, with a variant B in which w5 is 0.50 and w6 is 0.55."""
    variants = tmp_path / "variants"
    variants.mkdir()
    from explainer.spec.files import example_source

    text = example_source("mazur").content.decode().replace("[0.40, 0.45]", "[0.50, 0.55]")
    (variants / "B.toml").write_text(text, encoding="utf-8")
    (tmp_path / "class.csv").write_text(CLASS, encoding="utf-8")
    policy = tmp_path / "policy.toml"
    policy.write_text('[overrides.0417]\n"w5+" = 0.25\n', encoding="utf-8")
    code = main(
        ["check", "mazur", str(tmp_path / "class.csv"), "--variants", str(variants), "--policy", str(policy),
         "-o", str(tmp_path / "out"), "--format", "md,json"]
    )  # fmt: skip
    assert code == 1
    assert "4 students" in capsys.readouterr().out
    return tmp_path / "out"


def test_a_gradebook_keeps_the_ids_and_no_formula(class_folder: Path) -> None:
    """A row per student in the order of the list; cells that begin like formulas are texts."""
    rows = list(csv.DictReader((class_folder / "gradebook.csv").open(encoding="utf-8")))
    assert [row["student"] for row in rows] == ["0417", "'=2+3", "0419", "-5"]
    assert [row["family name"] for row in rows] == ["Ångström", '\'=HYPERLINK("x")', "'@Carl", "Li"]
    assert [row["of"] for row in rows] == ["3"] * 4
    assert rows[1]["first slip"] == "w5+"
    assert rows[0]["points"] == "2.25"


def test_each_student_has_a_report_under_a_safe_name(class_folder: Path) -> None:
    """In each format asked for."""
    names = sorted(path.name for path in (class_folder / "reports").iterdir())
    assert (
        names == ["0417.json", "0417.md", "0419.json", "0419.md", "2_3.json", "2_3.md", "-5.json", "-5.md"]
        or len(names) == 8
    )
    assert all(re.fullmatch(r"[\w-]+\.(md|json)", name) for name in names)


def test_a_figure_of_another_variant_is_recognised(class_folder: Path) -> None:
    """Student -5 has the figure of variant B; student 0419 has that variant and is right."""
    data = json.loads((class_folder / "reports" / "-5.json").read_text("utf-8"))
    assert data["slips"][0]["variant"] == "B"
    other = json.loads((class_folder / "reports" / "0419.json").read_text("utf-8"))
    verdicts = {line["id"]: line["verdict"] for line in other["lines"]}
    assert verdicts == {"E_total": "unreadable", "w5+": "right", "w6+": "missing"}


def test_the_summary_counts_each_slip(class_folder: Path) -> None:
    """How many made which slip on which line."""
    text = (class_folder / "summary.md").read_text("utf-8")
    assert "| slope left out | `w5+` | 1 |" in text
    assert "4 students" in text


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+49 170", "'+49 170"),
        ("-0.0226", "-0.0226"),
        ("@x", "'@x"),
        ("-x", "'-x"),
        ("a=b", "a=b"),
        ("\t=x", "'\t=x"),
        ("+1,5e-3", "+1,5e-3"),
        ("=0.3", "'=0.3"),
    ],
)
def test_no_cell_is_a_formula(cell: str, safe: str) -> None:
    """Numbers may begin with a sign; nothing else may begin as a spreadsheet's formula does."""
    assert harmless(cell) == safe


def test_points_have_no_idle_zeros() -> None:
    """1.50 points are 1.5."""
    report = explainer.load("mazur").check({"w5+": "0.3589"})
    assert report.points == report.worth == Decimal(1)
    assert '"points": "1"' in report_json(report)


# ---------------------------------------------------------------- the contract of the file


CUT_OFF = {
    "title": "Cut off, with commas",
    "inputs": {"x": 1.5},
    "targets": {"y": 0.25},
    "layers": [
        {"units": ["h"], "activation": "logistic", "weights": [[0.5]], "bias": 0.2},
        {"units": ["y"], "activation": "identity", "weights": [[-1.2]], "bias": 0.3},
    ],
    "training": {"learning_rate": 0.1},
    "notation": {"decimal": "comma"},
    "display": {"decimals": 3, "rounding": "cut off", "carry": "rounded"},
}


@pytest.mark.parametrize("source", ["textbook", CUT_OFF], ids=["textbook", "cut off"])
def test_the_key_of_a_file_that_has_rounded_values_carried_is_all_right(source: Any) -> None:
    """Figure for figure as it is printed; nobody is told off for rounding as the file asks."""
    calculation = explainer.load(source)
    report = calculation.check({line.id: line.text for line in calculation.lines if line.uses})
    assert {line.verdict.value for line in report.lines} == {"right"}
    assert "Cutting off" not in report_text(report)


def test_a_report_has_the_decimal_mark_of_its_calculation() -> None:
    """0.5 typed with a comma is answered with commas, in text and in Markdown."""
    calculation = explainer.load(CUT_OFF)
    report = calculation.check({"dE/dw1": "0,5", "E": calculation["E"].text.replace(".", ",")})
    for text in (report_text(report), report_markdown(report)):
        assert not re.search(r"\d\.\d", text.replace("1. ", ""))
    assert re.search(r"you 0,5   key 0,\d{3}", report_text(report))


# ---------------------------------------------------------------- a neighbour's sheet


def test_figures_of_a_neighbours_sheet_are_told_at_once() -> None:
    """Not as so many slips, each with a name that fits by chance."""
    given = explainer.load("mazur")
    first, second = given.variant(1), given.variant(2)
    checker = first.checker()
    checker.variants = {"SECOND": second.checker()}
    copied = {step.id: second[step.id].text for step in second.derivation.steps if step.asks}
    report = checker.check(answers_of(copied))
    assert report.sheet_of == "SECOND"
    assert {slip.line for slip in report.slips} == set(report.swapped)
    text = report_text(report)
    assert "These are the figures of another sheet." in text
    assert "they are for variant SECOND" in text
    assert not re.search(r"used in place of|<- FIRST SLIP|Follows from", text)
    assert "SECOND" not in report_text(at_level(report, "verdict"))


def test_one_figure_that_a_neighbour_has_too_is_a_slip_like_any_other() -> None:
    """A single one may be chance."""
    given = explainer.load("mazur")
    first, second = given.variant(1), given.variant(2)
    checker = first.checker()
    checker.variants = {"SECOND": second.checker()}
    report = checker.check(answers_of({"net_h1": second["net_h1"].text, "net_h2": first["net_h2"].text}))
    assert (report.sheet_of, [slip.variant for slip in report.slips]) == ("", ["SECOND"])
