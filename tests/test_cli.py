"""The commands: what they print, what they write, and how they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest

import explainer
from explainer.cli import main
from explainer.formats.folder import write_files
from explainer.formats.trace import trace_schema
from explainer.spec.files import example_names, example_source
from explainer.spec.schema import json_schema

PROJECT = Path(__file__).parent.parent


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that succeeds prints."""
    assert main(arguments) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("dE_total/dw5", ["how fast E_total changes", "0.138498562*0.593269992", "0.082167041", "chain rule"]),
        ("dE_total/dnet_o1", ["dE_o1/dnet_o1", "0.138498562"]),
        ("w5@1", ["w5+", "0.40 - 0.5*0.082167041", "0.358916480"]),
        ("E_o1", ["0.274811083", "0.274811084"]),
        ("dE_total/dout_o1", ["The square brings down a 2"]),
        ("i1", ["a number that is given", "0.05"]),
        ("E_total@10000", ["0.000035102"]),
        ("w5@10000", ["w5@10000 = "]),
    ],
)
def test_step_shows_one_line(id: str, expected: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What it finds, its formula, the numbers in it, the result and why; no TeX on a terminal."""
    text = " ".join(printed(capsys, "step", "mazur", id).split())
    assert [part for part in expected if part not in text] == []
    assert "$" not in text
    assert "\\" not in text


def test_step_explains_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Every id of a calculation can be asked for."""
    for line in explainer.load("mazur").lines:
        assert line.text in printed(capsys, "step", "mazur", line.id)


@pytest.mark.parametrize("id", ["dE_total/dw55", "nonsense", "E_total@x", "", "d/d", "w5@-1", "E_total@²"])
def test_an_unknown_step_is_refused(id: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An id that does not exist is an error that names the nearest ones."""
    assert main(["step", "mazur", id]) == 2
    assert "there is no step" in capsys.readouterr().err


def test_train_shows_the_error_falling(capsys: pytest.CaptureFixture[str]) -> None:
    """A row for 0, 1, 10, … and the last step."""
    rows = printed(capsys, "train", "mazur", "--steps", "250").splitlines()
    assert [row.split()[0] for row in rows] == ["step", "0", "1", "10", "100", "250"]


def test_train_writes_a_row_per_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The CSV has every step with the figures of the table."""
    printed(capsys, "train", "mazur", "--steps", "20", "--csv", str(tmp_path / "t.csv"))
    rows = (tmp_path / "t.csv").read_text("utf-8").splitlines()
    assert rows[0] == "step,out_o1,out_o2,E_total"
    assert len(rows) == 22
    assert rows[2].endswith(",0.291027774")


def test_verify_compares_every_gradient(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a parameter, and the sum of it."""
    text = printed(capsys, "verify", "mazur")
    assert text.count("digits agree") == 8
    assert "8 of 8 gradients agree" in text


def test_the_trace_fits_its_schema(tmp_path: Path) -> None:
    """steps.json of every shipped example fits the schema, and has the ids and texts of the calculation."""
    for name in example_names():
        assert main(["walkthrough", name, "--format", "json", "-o", str(tmp_path / name)]) == 0
        trace = json.loads((tmp_path / name / "steps.json").read_text("utf-8"))
        jsonschema.Draft202012Validator(trace_schema()).validate(trace)
        assert [(s["id"], s["shown"]) for s in trace["steps"]] == [(s.id, s.text) for s in explainer.load(name).lines]


def test_values_in_the_trace_have_thirty_digits_or_are_exact(tmp_path: Path) -> None:
    """Inexact values carry 30 significant digits; net_h1 = 0.3775 is exact and says so."""
    assert main(["walkthrough", "mazur", "--format", "json", "-o", str(tmp_path)]) == 0
    steps = {s["id"]: s for s in json.loads((tmp_path / "steps.json").read_text("utf-8"))["steps"]}
    assert (steps["net_h1"]["value"], steps["net_h1"]["exact"]) == ("0.3775", True)
    assert steps["out_h1"]["exact"] is False
    assert len(steps["out_h1"]["value"].lstrip("0.")) == 30


def test_the_shipped_examples_fit_the_published_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """An editor that uses `explainer schema` accepts every shipped file, and refuses an unknown key."""
    schema = json.loads(printed(capsys, "schema"))
    assert schema == json_schema()
    validator = jsonschema.Draft202012Validator(schema)
    for name in example_names():
        validator.validate(tomllib.loads(example_source(name).content.decode()))
    assert not validator.is_valid({"inputs": {"x": 1}, "layer": []})


def test_the_examples_are_listed_with_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """Name and title."""
    rows = printed(capsys, "examples").splitlines()
    assert [row.split()[0] for row in rows] == list(example_names())
    assert "mazur        A step by step backpropagation example" in rows


@pytest.mark.parametrize(
    "arguments",
    [
        ["walkthrough", "mazur", "--format", "epub"],
        ["walkthrough", "mazur", "--format", ","],
        ["train", "mazur", "--steps", "0"],
        ["train", "neuron"],
        ["step", "mazur", "E_total@100000000000"],
        ["walkthrough", "mazur", "--label-prefix", "a b{", "--format", "tex"],
    ],
)
def test_an_impossible_wish_is_refused(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and a message, nothing written."""
    if arguments[0] == "walkthrough":
        arguments = [*arguments, "-o", str(tmp_path / "out")]
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("explainer: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["step", "mazur"], ["walkthrough", "mazur", "--detail", "some"]]
)
def test_wrong_usage_ends_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The usage is shown, and the exit code is 2."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_answers_may_stand_around_options(capsys: pytest.CaptureFixture[str]) -> None:
    """As people type them; what is no option is still refused."""
    assert "2 of 2 lines" in printed(capsys, "check", "mazur", "w5+=0.3589", "--feedback", "where", "w6+=0.4087")
    assert "1 of 1 line" in printed(capsys, "check", "mazur", "--format", "text", "w5+=0.3589")
    with pytest.raises(SystemExit):
        main(["check", "mazur", "w5+=0.3589", "--feedbak", "where"])
    assert "unrecognized arguments: --feedbak" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check mazur w5+=0.3 --policy no.toml", "handout mazur --policy no.toml"])
def test_a_file_that_is_missing_is_told_for_what_it_should_be(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No list of examples where a policy is wanted."""
    assert main(command.split()) == 2
    assert capsys.readouterr().err == "explainer: no.toml: no such file\n    a policy is wanted here\n"


def test_files_appear_whole_or_not_at_all(tmp_path: Path) -> None:
    """If one file of a document cannot be put in place, no temporary one stays behind."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "in the way").write_text("x", encoding="utf-8")
    with pytest.raises(explainer.ExplainerError, match="cannot be written"):
        write_files(tmp_path, {"b": "a folder stands here"})
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_a_failed_write_leaves_the_earlier_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where one of several files cannot be put in place, the others are as they were before."""
    (tmp_path / "walkthrough.md").write_text("earlier", encoding="utf-8")
    (tmp_path / "steps.json").mkdir()
    assert main(["walkthrough", "neuron", "-o", str(tmp_path)]) == 2
    assert "steps.json is a folder" in capsys.readouterr().err
    assert (tmp_path / "walkthrough.md").read_text("utf-8") == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["steps.json", "walkthrough.md"]


def test_an_interruption_between_two_files_takes_the_first_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C when some files are in place already puts the old ones back."""
    (tmp_path / "a").write_text("earlier", encoding="utf-8")
    replace, calls = os.replace, []

    def interrupted(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 4:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr("explainer.formats.folder.os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_files(tmp_path, {"a": "new", "b": "new", "c": "new"})
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {"a": "earlier"}


def test_an_interruption_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while files are being written leaves the folder as it was, and the exit code is 130."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("explainer.formats.folder.os.replace", interrupted)
    assert main(["walkthrough", "neuron", "-o", str(tmp_path / "out")]) == 130
    assert list(tmp_path.iterdir()) == []


def test_output_is_the_same_in_every_process(tmp_path: Path) -> None:
    """Nothing depends on hash seeds or on what ran before."""
    texts = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        code = f"from explainer.cli import main; main(['walkthrough', 'neuron', '--format', 'md,tex,html,json', '-o', {str(folder)!r}])"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(PROJECT)}
        subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
        texts.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
    assert texts[0] == texts[1]
