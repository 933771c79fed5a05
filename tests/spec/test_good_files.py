"""Input that must work, however it was saved and whatever its names are."""

from __future__ import annotations

from pathlib import Path

import pytest

import explainer
from explainer.cli import main
from explainer.formulas_file import formulas_file
from explainer.spec.files import example_names, example_source

MAZUR = example_source("mazur").content.decode().replace("steps = 10000", "steps = 1")


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + MAZUR.encode(),
        MAZUR.replace("\n", "\r\n").encode(),
        MAZUR.encode("utf-16"),
        ("# größe 神经\n" + MAZUR).encode(),
    ],
    ids=["byte-order mark", "Windows line ends", "UTF-16 of an old editor", "accents and Chinese"],
)
def test_a_file_is_read_as_editors_save_it(content: bytes, tmp_path: Path) -> None:
    """Byte-order marks, line ends and encodings of ordinary editors make no difference."""
    path = tmp_path / "saved.toml"
    path.write_bytes(content)
    assert explainer.load(path)["E_total"].text == "0.298371109"


@pytest.mark.parametrize(
    "name", ["lesson.toml.txt", "100% of a_b & {{x}}.toml", "naïve 神经网络.toml", "no ending", "$dollar$ #1.TOML"]
)
def test_a_file_may_have_any_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names with accents, Chinese and signs give an output folder of that name, without the endings."""
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(MAZUR, encoding="utf-8")
    assert main(["walkthrough", name, "--format", "md,tex,html,json"]) == 0
    stem = name.removesuffix(".txt").removesuffix(".toml").removesuffix(".TOML")
    assert (tmp_path / "output" / stem / "walkthrough.html").is_file()


def test_windows_line_ends_leave_the_fingerprint_as_it_is(tmp_path: Path) -> None:
    """The same file has the same fingerprint on every system."""
    for name, text in (("a.toml", MAZUR), ("b.toml", MAZUR.replace("\n", "\r\n"))):
        (tmp_path / name).write_bytes(text.encode())
    prints = {explainer.load(tmp_path / name).spec.fingerprint for name in ("a.toml", "b.toml")}
    assert len(prints) == 1


def test_a_hundred_layers_work() -> None:
    """Depth is no obstacle: nothing recurses over the layers."""
    layers = [{"units": [f"u{n}"], "activation": "tanh", "weights": [[1.1]], "bias": 0.01} for n in range(100)]
    calculation = explainer.load(
        {"inputs": {"x": 0.5}, "targets": {"u99": 0.1}, "layers": layers, "training": {"learning_rate": 0.1}}
    )
    assert calculation["w1+"].text
    lesson = calculation.walkthrough()
    assert "hidden layer 99" in lesson.markdown
    assert "<svg" in lesson.html()


def test_numbers_are_shown_as_typed() -> None:
    """Given numbers keep their zeros; ``1e-12`` is shown as a power of ten."""
    calculation = explainer.load({"given": {"a": 1e-12}, "parameters": {"b": 3}, "formulas": {"f": "0.10*a + 1/2*b"}})
    text = calculation.walkthrough().markdown
    assert r"a = 1 \times 10^{-12}" in text
    assert r"0.10 \cdot a + \frac{1}{2} \cdot b" in text


@pytest.mark.parametrize("name", example_names())
def test_the_listed_formulas_mean_the_same(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`explainer formulas` prints a calculation file that gives the same figures under the same ids."""
    assert main(["formulas", name]) == 0
    path = tmp_path / "listed.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    original, listed = explainer.load(name), explainer.load(path)
    before, after = ({line.id: line.text for line in found.lines} for found in (original, listed))
    if original.listing.corrections:  # formulas cannot say what the perceptron rule does; a comment in the file says so
        shared = before.keys() & after.keys()
        assert shared >= {"net_y#1", "out_y#1", "e_y#1"}
        before, after = ({id: lines[id] for id in shared} for lines in (before, after))
    assert before == after


@pytest.mark.parametrize("setting", ["l2 = 0.1", "weight_decay = 0.1", 'optimizer = "adamw"'])
def test_listed_formulas_decay_what_the_network_does(setting: str, tmp_path: Path) -> None:
    """Of formulas all are parameters: the list says which of them are the weights."""
    network = tmp_path / "network.toml"
    network.write_text(
        f"""
        [inputs]
        x = 0.5
        [targets]
        y = 1
        [[layers]]
        units = ["y"]
        activation = "logistic"
        weights = [[0.7]]
        bias = [-0.3]
        [training]
        learning_rate = 0.5
        steps = 4
        {setting}
        """,
        encoding="utf-8",
    )
    original = explainer.load(network)
    listed = tmp_path / "listed.toml"
    listed.write_text(formulas_file(original), encoding="utf-8")
    before, after = original.evaluation.texts, explainer.load(listed).evaluation.texts
    assert {id: before[id] for id in ("w1+", "b_y+")} == {id: after[id] for id in ("w1+", "b_y+")}
    assert {id for id in before if "b_y" in id} == {id for id in after if "b_y" in id}


@pytest.mark.parametrize("name", example_names())
def test_a_shipped_example_can_be_copied_and_used(name: str, tmp_path: Path) -> None:
    """`explainer examples --copy` puts the files into a folder, where they work."""
    assert main(["examples", "--copy", str(tmp_path / "mine")]) == 0
    assert explainer.load(tmp_path / "mine" / f"{name}.toml").lines
