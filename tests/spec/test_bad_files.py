"""Bad input: refused with a message that says what, where and what is allowed; see bad_files.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from explainer.cli import main

CASES = re.findall(
    r"^## (.+?)\n\n```toml\n(.*?)```\n```text\n(.*?)```",
    (Path(__file__).parent / "bad_files.md").read_text("utf-8"),
    re.S | re.M,
)


def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, name: str = "bad.toml") -> str:
    """Run the walkthrough on a file that must be refused, and give the message."""
    path, folder = tmp_path / name, tmp_path / "out"
    path.write_bytes(content)
    folder.mkdir()
    (folder / "walkthrough.md").write_text("earlier", encoding="utf-8")
    assert main(["walkthrough", str(path), "-o", str(folder)]) == 2
    assert [item.name for item in folder.iterdir()] == ["walkthrough.md"]
    assert (folder / "walkthrough.md").read_text(encoding="utf-8") == "earlier"
    message = capsys.readouterr().err
    assert message.count("\n") <= 40
    assert "Traceback" not in message
    return message


@pytest.mark.parametrize(("title", "file", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_bad_file_is_refused(
    title: str, file: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the place and what is allowed; the exit code is 2; the output folder stays as it was."""
    message = refused(tmp_path, capsys, file.encode())
    missing = [line for line in expected.splitlines() if line not in message]
    assert not missing, f"{missing} not in:\n{message}"


def test_there_are_cases() -> None:
    """The file of cases is read as meant."""
    assert len(CASES) >= 25


def test_five_thousand_brackets_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A formula nested beyond reason is an error, not a crash."""
    formula = "(" * 5000 + "x" + ")" * 5000
    message = refused(tmp_path, capsys, f'[given]\nx = 1\n[formulas]\na = "{formula}"\n'.encode())
    assert "nested 5000 deep" in message


def test_five_thousand_toml_brackets_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lists nested beyond reason are an error, not a crash."""
    assert "nested too deeply" in refused(tmp_path, capsys, b"a = " + b"[" * 5000 + b"]" * 5000)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Bytes that are not UTF-8 are named with their line."""
    assert "line 2: is not UTF-8 text" in refused(tmp_path, capsys, b'title = "x"\n\xff\xfe\x00')


@pytest.mark.parametrize("name", ["nothing.toml", "mazurr", "no/such/folder/file.toml", ""])
def test_a_missing_file_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that leads nowhere is an error that names the shipped examples."""
    assert main(["walkthrough", name]) == 2
    message = capsys.readouterr().err
    assert "mazur" in message or "folder" in message


def test_a_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder is not a calculation file."""
    assert main(["walkthrough", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_an_output_folder_that_is_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing can be written, the message says so, and the file in the way stays."""
    blocked = tmp_path / "blocked"
    blocked.write_text("mine", encoding="utf-8")
    assert main(["walkthrough", "neuron", "-o", str(blocked)]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert blocked.read_text(encoding="utf-8") == "mine"


def test_one_wrong_value_is_one_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name whose value is wrong is defined all the same, and so is a formula that is no text."""
    text = '[given]\na = 1\nb = "2"\n[parameters]\nw = nan\n[formulas]\nd = "a + w"\ng = 3\nf = "d*g"\n[training]\nloss = "g"\n'
    message = refused(tmp_path, capsys, text.encode())
    assert "bad.toml: 3 problems" in message
    for where in ("given.b", "parameters.w", "formulas.g"):
        assert f"  {where}: expected" in message


def test_names_that_are_not_there_are_told_with_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is found only when the calculation is built is told of the file as it was asked for too."""
    text = '[parameters]\nw = 1\n[formulas]\nf = "w"\n[training]\nloss = "f"\ngradients = ["ww"]\n'
    assert "bad.toml: one problem" in refused(tmp_path, capsys, text.encode())


@pytest.mark.parametrize("text", ["+".join(["w"] * 5000), "*".join(["w"] * 5000), "-" * 5000 + "w"])
def test_a_formula_of_thousands_of_operations_is_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The limit is named, and the way out."""
    content = f'[parameters]\nw = 1\n[formulas]\nf = "{text}"\n'
    assert "name a part of it and use the name" in refused(tmp_path, capsys, content.encode())


NETWORK = """
[inputs]
x = 1
[targets]
y = 1
[[layers]]
units = ["y"]
weights = [[2]]
bias = 1
"""


@pytest.mark.parametrize(
    ("wrong", "others"),
    [
        ('[training]\noptimizer = "adamm"\nlearning_rate = 1\nbeta1 = 0.5\n[tex]\nm_w1 = "M"\n', ""),
        ('[training]\nschedule = "stepp"\nlearning_rate = 1\ngamma = 0.5\nperiod = 2\n', ""),
        ('[training]\nlearning_rate = "1"\nsteps = 5\n', ""),
        ('[training]\nlearning_rate = 1\nl2 = -1\ndecayed = ["w1"]\n', ""),
        ('[training]\nlearning_rate = 1\ngradients = ["v11"]\n[notation]\nweights = "v<ii>1"\n', ""),
        ("[functions]\nown = 5\n", 'activation = "own"\n'),
    ],
)
def test_nothing_is_told_that_hangs_on_another_mistake(
    wrong: str, others: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A setting, a name or a function that would be right if something else were is not told."""
    assert "bad.toml: one problem" in refused(tmp_path, capsys, (NETWORK + others + wrong).encode())
