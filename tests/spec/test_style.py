"""A house-style file that several calculation files share."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import explainer
from explainer.cli import main
from explainer.formulas.problems import ExplainerError
from explainer.spec.schema import json_schema

CALCULATION = """
style = "house.toml"
[given]
x = 0.5
[formulas]
y = "x/3"
"""


def loaded(folder: Path, style: str, more: str = "") -> Any:
    """A calculation with this style file beside it."""
    (folder / "house.toml").write_text(style, "utf-8")
    (folder / "lesson.toml").write_text(CALCULATION + more, "utf-8")
    return explainer.load(folder / "lesson.toml")


def problems(folder: Path, style: str, more: str = "") -> str:
    """What is told of the two files."""
    with pytest.raises(ExplainerError) as error:
        loaded(folder, style, more)
    return str(error.value)


def test_a_style_is_used(tmp_path: Path) -> None:
    """Notation, digits, TeX and words come from the style file."""
    style = '[notation]\ndecimal = "comma"\n[display]\ndecimals = 2\n[tex]\ny = "Y"\n[wording]\n"every number" = "each number"'
    text = loaded(tmp_path, style).walkthrough().markdown
    assert r"Y = \frac{x}{3} = \frac{0{,}5}{3} = 0{,}17" in text
    assert "Each number" in text


@pytest.mark.parametrize(
    ("style", "own", "shown"),
    [
        ("decimals = 2", "", "0.17"),
        ("decimals = 2", "decimals = 4", "0.1667"),
        ("decimals = 2", "significant = 5", "0.16667"),
        ("significant = 2", "decimals = 3", "0.167"),
        ('decimals = 2\nrounding = "cut off"', "decimals = 4", "0.1666"),
        ("digits = { y = 5 }", "decimals = 3", "0.16667"),
        ("digits = { y = 5 }", "digits = { y = 1 }", "0.2"),
    ],
)
def test_the_files_own_settings_win_key_by_key(style: str, own: str, shown: str, tmp_path: Path) -> None:
    """Decimals and significant digits are one setting; all else is merged key by key."""
    assert loaded(tmp_path, f"[display]\n{style}", f"[display]\n{own}")["y"].text == shown


def test_the_fingerprint_is_that_of_both_files(tmp_path: Path) -> None:
    """Another style, another fingerprint; other line ends, the same."""
    first = loaded(tmp_path, "[display]\ndecimals = 2\n").spec.fingerprint
    assert loaded(tmp_path, "[display]\r\ndecimals = 2\r\n").spec.fingerprint == first
    assert loaded(tmp_path, "[display]\ndecimals = 3\n").spec.fingerprint != first


def test_a_style_may_speak_of_names_that_are_not_here(tmp_path: Path) -> None:
    """Not every calculation of a book has all of its names; the file itself may name only its own."""
    style = '[tex]\nother = "O"\n[display]\ndigits = { "dE/dw9" = 3 }'
    assert loaded(tmp_path, style)["y"].text == "0.166667"
    assert "tex.other: is not a quantity" in problems(tmp_path, style, '[tex]\nother = "o"')


def test_what_is_wrong_with_both_files_is_told_together(tmp_path: Path) -> None:
    """Each problem names its file; keys of calculations do not belong into a style."""
    style = '[notation]\ntims = "dot"\n[display]\ndecimals = 3\nsignificant = 3\n[given]\nz = 1'
    told = problems(tmp_path, style, '[display]\ncary = "exact"')
    for line in (
        "house.toml: notation.tims: unknown key",
        "house.toml: display: has both",
        "house.toml: given",
        "cary",
    ):
        assert line in told


def test_a_broken_style_is_told_with_its_line(tmp_path: Path) -> None:
    """A style file that is not TOML does not hide what is wrong with the calculation."""
    told = problems(tmp_path, "[notation]\ntimes = dot", '[display]\ncary = "exact"')
    assert "house.toml: line 2" in told
    assert "display.cary: unknown key" in told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing.toml", "there is no file"),
        ("/etc/passwd", "is not a style file"),
        ("house", "is not a style file"),
        ("/house.toml", "is not a style file"),
        (".toml/", "is not a style file"),
        ("a\\u0000.toml", "style"),
    ],
)
def test_a_path_that_is_no_style_file_is_told(name: str, told: str, tmp_path: Path) -> None:
    """Only a TOML file is read, by a path seen from the calculation file."""
    (tmp_path / "lesson.toml").write_text(CALCULATION.replace("house.toml", name), "utf-8")
    with pytest.raises(ExplainerError, match=told):
        explainer.load(tmp_path / "lesson.toml")


def test_an_enormous_style_is_not_read(tmp_path: Path) -> None:
    """A style file has a limit of its own."""
    assert "larger than 1 MB" in problems(tmp_path, "#" * 1_000_001)


def test_a_style_in_another_folder_is_found(tmp_path: Path) -> None:
    """The path is seen from the calculation file, wherever the command runs."""
    (tmp_path / "week1").mkdir()
    (tmp_path / "house.toml").write_text("[display]\ndecimals = 2\n", "utf-8")
    path = tmp_path / "week1" / "lesson.toml"
    path.write_text(CALCULATION.replace("house.toml", "../house.toml"), "utf-8")
    assert explainer.load(path)["y"].text == "0.17"


def test_the_listed_formulas_keep_the_style(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`explainer formulas` prints one file that shows the same lines, without the style file."""
    source = Path(__file__).parent.parent / "data" / "textbook.toml"
    assert main(["formulas", str(source)]) == 0
    path = tmp_path / "listed.toml"
    path.write_text(capsys.readouterr().out, "utf-8")
    original, listed = explainer.load(source), explainer.load(path)
    assert {line.id: line.tex for line in original.lines} == {line.id: line.tex for line in listed.lines}


def test_the_published_schema_accepts_a_file_with_a_style() -> None:
    """An editor that checks with `explainer schema` finds nothing wrong with the golden house style."""
    folder = Path(__file__).parent.parent / "data"
    for name in ("textbook.toml", "house.toml"):
        Draft202012Validator(json_schema()).validate(tomllib.loads((folder / name).read_text("utf-8")))
