"""Sheets in every form, and what is said of those that cannot be read; see bad_sheets.md."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from explainer.checking.sheets import Sheet, inline_sheet, is_inline, read_sheet
from explainer.cli import main
from explainer.spec.files import Source

BAD = re.findall(
    r"^## (.+?)\n\n```(\w+)\n(.*?)```\n```text\n(.*?)```",
    (Path(__file__).parent / "bad_sheets.md").read_text("utf-8"),
    re.S | re.M,
)
FIGURES = {"w5+": "0.3589", "dE/dw5": "0.08217", "E_total": "0.2984"}

FORMS = {
    "a.csv": "quantity,answer\nw5+,0.3589\ndE/dw5,0.08217\nE_total,0.2984\n",
    "no-header.csv": "w5+,0.3589\ndE/dw5,0.08217\nE_total,0.2984\n",
    "semicolons.csv": "quantity;answer\nw5+;0,3589\ndE/dw5;0,08217\nE_total;0,2984\n",
    "quoted.csv": 'quantity,answer\nw5+,"0,3589"\n"dE/dw5",0.08217\nE_total, 0.2984 \n',
    "tabs.tsv": "quantity\tanswer\nw5+\t0.3589\ndE/dw5\t0.08217\nE_total\t0.2984\n",
    "windows.csv": "quantity,answer\r\nw5+,0.3589\r\ndE/dw5,0.08217\r\nE_total,0.2984\r\n",
    "a.json": '{"w5+": 0.3589, "dE/dw5": "0.08217", "E_total": 0.2984}',
    "list.json": '[{"quantity": "w5+", "answer": 0.3589}, {"quantity": "dE/dw5", "answer": 0.08217}, {"quantity": "E_total", "answer": 0.2984}]',
    "nested.json": '{"student": "0417", "answers": {"w5+": 0.3589, "dE/dw5": 0.08217, "E_total": 0.2984}}',
    "a.toml": '"w5+" = 0.3589\n"dE/dw5" = "0.08217"\nE_total = 0.2984\n',
    "table.toml": 'student = "0417"\n[answers]\n"w5+" = 0.3589\n"dE/dw5" = "0.08217"\nE_total = 0.2984\n',
    "a.md": "# My sheet\n\nName: 0417\n\n| quantity | answer |\n|:---|:---|\n| `w5+` | 0.3589 |\n| dE/dw5 | 0.08217 |\n| `E_total` | 0.2984 |\n",
    "sheet.txt": "quantity,answer\nw5+,0.3589\ndE/dw5,0.08217\nE_total,0.2984\n",
}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code and what was printed."""
    code = main(["check", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("name", FORMS)
def test_a_sheet_is_read(name: str) -> None:
    """The same three figures, however they come."""
    sheet = read_sheet(Source(name, "a", FORMS[name].encode()))
    assert isinstance(sheet, Sheet)
    assert {answer.quantity: answer.text.replace(",", ".") for answer in sheet.answers} == FIGURES


@pytest.mark.parametrize("name", ["nested.json", "table.toml", "a.md"])
def test_a_sheet_may_name_its_student(name: str) -> None:
    """Where its form has a place for it."""
    sheet = read_sheet(Source(name, "a", FORMS[name].encode()))
    assert isinstance(sheet, Sheet)
    assert sheet.student == "0417"


@pytest.mark.parametrize(
    "content",
    [b"\xef\xbb\xbf" + FORMS["a.csv"].encode(), FORMS["a.csv"].encode("utf-16")],
    ids=["byte-order mark", "UTF-16"],
)
def test_a_sheet_is_read_as_editors_save_it(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Marks at the beginning make no difference."""
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    code, out, _ = run(capsys, "mazur", str(path))
    assert code == 0
    assert "3 of 3 lines" in out


def test_figures_on_the_command_line() -> None:
    """One or a few, with blanks and semicolons as they come."""
    sheet = inline_sheet(["w5+=0.3589; w6+ = 0,4087", "E≈0.298"])
    assert [(a.quantity, a.text) for a in sheet.answers] == [("w5+", "0.3589"), ("w6+", "0,4087"), ("E", "≈0.298")]
    assert is_inline("w5+=0.1801")
    assert not is_inline("answers.csv")


@pytest.mark.parametrize(("title", "kind", "file", "expected"), BAD, ids=[case[0] for case in BAD])
def test_a_bad_sheet_is_refused(
    title: str, kind: str, file: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names row and column; the exit code is 2, and nothing is written."""
    path, folder = tmp_path / f"sheet.{kind}", tmp_path / "out"
    path.write_text(file, encoding="utf-8")
    code, out, err = run(capsys, "mazur", str(path), "-o", str(folder))
    assert code == 2
    assert out == ""
    assert [line for line in expected.splitlines() if line not in err] == [], err
    assert "Traceback" not in err
    assert not folder.exists()


def test_there_are_cases() -> None:
    """The file of cases is read as meant."""
    assert len(BAD) >= 17


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"quantity,answer\nw5+,\xff\xfe", "line 2: is not UTF-8 text"),
        (b"\x00\x01\x02binary", "is not a text file"),
        (b"a" * 10_000_000, "is no row of CSV"),
        (b"x,y,z\n" * 1_500_000, "more than"),
        (b"[" * 100_000, "nested too deeply"),
        (bytes(range(256)) * 40_000, "is not UTF-8 text"),
    ],
    ids=[
        "empty",
        "blank",
        "another encoding",
        "binary",
        "10 MB on a line",
        "9 MB of rows",
        "brackets",
        "10 MB of bytes",
    ],
)
def test_garbage_is_refused_at_once(
    content: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A short message within seconds, whatever the file holds."""
    path = tmp_path / ("sheet.json" if content.startswith(b"[") else "sheet.csv")
    path.write_bytes(content)
    started = time.perf_counter()
    code, _, err = run(capsys, "mazur", str(path))
    assert code == 2
    assert says in err
    assert len(err) < 3000
    assert time.perf_counter() - started < 10


def test_a_missing_file_names_the_shipped_sheets(capsys: pytest.CaptureFixture[str]) -> None:
    """And how figures are written on the command line."""
    code, _, err = run(capsys, "mazur", "mazur-articel")
    assert code == 2
    assert "mazur-article" in err
    assert "w5+=" in err


def test_nothing_to_check_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """No answers, no report."""
    assert run(capsys, "mazur")[0] == 2


def test_an_unreadable_figure_is_a_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    """What was read is shown, and the rest of the sheet is judged."""
    code, out, _ = run(capsys, "mazur", "w5+=0.3.5", "E_total=0.2984")
    assert code == 1
    assert 'Not a number: w5+, read as "0.3.5"' in out
    assert "Right (1): E_total" in out


@pytest.mark.parametrize("name", ["sheet.csv", "sheet.md"])
def test_an_empty_sheet_is_written_and_read_back(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All 43 lines of the article's step; filled in, it is all right."""
    path = tmp_path / name
    assert run(capsys, "mazur", "--sheet", str(path))[0] == 0
    blank = read_sheet(Source(name, "a", path.read_bytes()))
    assert isinstance(blank, Sheet)
    assert len(blank.answers) == 43
    assert blank.made_for[0] == "mazur"
    code, out, _ = run(capsys, "mazur", str(path), "--format", "json")
    assert code == 1
    key = {line["id"]: line["key"] for line in json.loads(out)["lines"]}
    filled = re.sub(
        r"^(\| )?`?([^`|,\s]+)`?( \| |,)(?= ?\|?$)",
        lambda found: f"{found[0]}{key.get(found[2], '')}",
        path.read_text("utf-8"),
        flags=re.M,
    )
    path.write_text(filled, encoding="utf-8")
    code, out, _ = run(capsys, "mazur", str(path))
    assert code == 0, out
    assert "43 of 43 lines answered, 43 of 43 points" in out
