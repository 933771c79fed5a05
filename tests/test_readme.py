"""The README runs: every command and every block of Python in it."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import tomllib
from pathlib import Path

import pytest

import explainer
from explainer.cli import main
from explainer.spec.files import example_source
from explainer.spec.schema import NOTATION

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.S | re.M)
COMMANDS = [
    line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines() if line.startswith("explainer ")
]


def test_every_command_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line of the tour, in order and in an empty folder, does what it says and exits with 0 (1: a slip found)."""
    monkeypatch.chdir(tmp_path)
    failed = [command for command in COMMANDS if main(shlex.split(command)[1:]) != _expected(command)]
    assert len(COMMANDS) >= 10
    assert failed == []
    assert (tmp_path / "my-output/walkthrough.html").is_file()
    assert (tmp_path / "my-output/walkthrough.md").is_file()


def _expected(command: str) -> int:
    """A check of figures in which something is wrong ends with 1."""
    return int(command.startswith("explainer check") and ("mazur-article" in command or "0.1801" in command))


def test_the_shown_report_is_the_real_one(capsys: pytest.CaptureFixture[str]) -> None:
    """What the README shows of the article's figures is what the checker says."""
    assert main(["check", "mazur", "mazur-article"]) == 1
    shown = [block for kind, block in BLOCKS if kind == "text"]
    assert capsys.readouterr().out in shown


def test_the_shown_line_of_working_is_the_real_one(capsys: pytest.CaptureFixture[str]) -> None:
    """What the README shows as output is what the command prints."""
    main(["step", "mazur", "dE_total/dw5"])
    shown = [block for kind, block in BLOCKS if kind == "text"]
    assert capsys.readouterr().out in shown


def test_the_python_prints_what_its_comments_say() -> None:
    """Each `print` of the Python block gives the text of the comment behind it."""
    (block,) = [block for kind, block in BLOCKS if kind == "python"]
    expected = re.findall(r"print\(.*\)\s+# (.*)", block)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(block, {})
    assert printed.getvalue().splitlines() == expected
    assert len(expected) == 5


@pytest.mark.parametrize("name", ["mazur", "neuron"])
def test_the_shown_files_are_the_shipped_ones(name: str) -> None:
    """The calculation files in the README say what the shipped examples say."""
    shown = [tomllib.loads(block) for kind, block in BLOCKS if kind == "toml"]
    assert tomllib.loads(example_source(name).content.decode()) in shown


def test_the_shown_style_does_what_the_text_says(tmp_path: Path) -> None:
    """The house style and its lesson give the line, the symbols, the words and the figure that stand below them."""
    shown = {block.split()[1]: block for kind, block in BLOCKS if kind == "toml" and block.startswith("# ")}
    for name, block in shown.items():
        (tmp_path / name).write_text(block, "utf-8")
    calculation = explainer.load(tmp_path / "lesson.toml")
    assert calculation.find("dE/dw13")
    text = calculation.walkthrough().markdown
    for said in (
        "w_{13}",
        "I_3",
        "O_3",
        r"\theta_3",
        r"\mathit{Err_{\mathrm{3}}}",
        "weighted sum",
        "0{,}650",
        r"\alpha",
    ):
        assert said in text


def test_every_key_of_the_notation_is_described() -> None:
    """The table of keys leaves none out."""
    described = set(re.findall(r"`(\w+)`", README.split("| key of `[notation]` |")[1].split("A layer can")[0]))
    keys = {key.name for key in NOTATION.keys}
    assert {key for key in keys if not key.endswith("_tex")} <= described


def test_both_commands_stand_for_both_systems() -> None:
    """The command to install and run, and the command to test, are there as one line each, Windows beside the other."""
    lines = [line for kind, block in BLOCKS if kind in ("sh", "bat") for line in block.splitlines()]
    assert sum("walkthrough mazur --format md,tex,html" in line and "pip install ." in line for line in lines) == 2
    assert sum(line.endswith("-m pytest") for line in lines) == 2
