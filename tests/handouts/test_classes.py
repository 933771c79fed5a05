"""Sheets for a class: lists as people type them, runs that are interrupted, files that say nothing they should not."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import explainer
from explainer import handing_out
from explainer.cli import main
from explainer.formulas.problems import ExplainerError
from explainer.handing_out import Order, Run, Wish, hand_out, orders_for_class
from explainer.handouts.people import read_class, stem

SECRET = b"s" * 32


def class_list(folder: Path, text: str) -> str:
    """A file with that text."""
    path = folder / "class.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def run(folder: Path, **wish: Any) -> Run:
    """A run for the article's network."""
    return Run(Wish(**{"spec": "mazur", "seed": 7, **wish}), folder, SECRET)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def quiet(done: int, of: int) -> None:
    """No progress."""


# ---------------------------------------------------------------- lists


def test_names_and_ids() -> None:
    """File names hold letters, digits, dashes, dots and underscores, and none that a system keeps for itself."""
    assert stem("../../etc/passwd") == "etc-passwd"
    assert stem("Zoë Ångström") == "Zoe-Angstrom"
    assert stem(r"$\alpha$ C:\x") == "alpha-C-x"
    assert stem("CON") == "CON-"
    assert stem("nul.txt") == "nul.txt-"
    assert stem(".hidden.") == "hidden"
    assert re.fullmatch("student-[0-9a-f]{8}", stem("王"))
    assert stem("王") != stem("李")
    assert len(stem("x" * 500)) <= 60


def test_two_names_that_make_the_same_file_name(tmp_path: Path) -> None:
    """Both get a few digits of their own, whatever the order of the list; case is not enough to tell files apart."""
    students = read_class(class_list(tmp_path, "name,id\nA,a/b\nB,A-B\nC,c\n"))
    again = read_class(class_list(tmp_path, "name,id\nC,c\nB,A-B\nA,a/b\n"))
    assert {student.id: student.stem for student in students} == {student.id: student.stem for student in again}
    assert len({student.stem.lower() for student in students}) == 3
    assert students[2].stem == "c"


@pytest.mark.parametrize(
    "text",
    [
        "name;id\nAnn, B.;1\n",
        '\ufeffName,ID\r\n"Ann, B.",1\r\n\r\n',
        "id\tname\n1\tAnn, B.\n",
        'email,name\n1,"Ann, B."',
        'student,name\n1,"Ann, B."',
        'student,id\n"Ann, B.",1',
    ],
)
def test_lists_as_they_come(text: str, tmp_path: Path) -> None:
    """Semicolons, tabs, quotes, marks at the beginning, other headings."""
    [student] = read_class(class_list(tmp_path, text))
    assert (student.id, student.name, student.stem) == ("1", "Ann, B.", "1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("name,id\n", "holds no students"),
        ("name,id\n,\n \n", "holds no students"),
        ("Ann,1\nBob,2\n", "has no column of names or ids"),
        ("name,id\nAnn,1\nBob,1\n", "line 3: `1` is there already, in line 2\n      every student needs an id"),
        ("name\nAnn\nAnn\n", "add a column id to tell them apart"),
        (f"name,id\n{'x' * 300},1\n", "a name of 300 characters"),
        ("name,id\nAnn,\x00\n", "is not a text file"),
        ('name,id\n"Ann,1\n' + "x" * 200_000, "is no row of CSV"),
    ],
)
def test_bad_lists(text: str, message: str, tmp_path: Path) -> None:
    """What, where and what is allowed."""
    with pytest.raises(ExplainerError) as found:
        orders_for_class(class_list(tmp_path, text))
    assert message in str(found.value)


# ---------------------------------------------------------------- runs

STUDENTS = (Order(11, "ann", "1", r"Ann $\alpha$"), Order(12, "bob", "2", "Bob"), Order(13, "cem", "3", "Cem"))


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    """In one process or in several, in one go or in two; what they are, the golden sheet of a variant tells."""
    hand_out(run(tmp_path / "one"), STUDENTS, 1, quiet)
    hand_out(run(tmp_path / "two"), STUDENTS[:1], 1, quiet)
    done = hand_out(run(tmp_path / "two"), STUDENTS, 1, quiet)
    assert (done.made, done.there) == (2, 1)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_processes_and_threads(tmp_path: Path) -> None:
    """The same from any executor."""
    handing_out.make_sheets(run(tmp_path / "one"), STUDENTS)
    chunks = [(order,) for order in STUDENTS]
    with ThreadPoolExecutor(2) as executor:
        for _ in handing_out.over(executor, partial(handing_out.make_sheets, run(tmp_path / "two")), chunks, 2):
            pass
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_a_run_over_processes(tmp_path: Path) -> None:
    """Three chunks in two processes."""
    orders = handing_out.orders_for_variants(2 * handing_out.CHUNK + 1)
    seen: list[tuple[int, int]] = []
    done = hand_out(run(tmp_path / "n", spec="neuron"), orders, 2, lambda n, of: seen.append((n, of)))
    assert done.made == len(orders) == len(list((tmp_path / "n" / "sheets").iterdir()))
    assert seen[0] == (0, len(orders))
    assert seen[-1] == (len(orders), len(orders))


def test_nothing_that_is_handed_out_holds_an_answer(tmp_path: Path) -> None:
    """Every file of every student against every answer of the class; the key of each holds all of hers."""
    hand_out(run(tmp_path, formats=("md", "html", "tex"), formulas=True, hints=True), STUDENTS, 1, quiet)
    answers: dict[str, set[str]] = {}
    for order in STUDENTS:
        key = (tmp_path / "keys" / order.stem / "key.md").read_text("utf-8")
        rows = re.findall(r"^\| \d+ \| .* \| \$(-?\d+\.\d+)\$", key, re.MULTILINE)
        assert len(rows) == 43
        answers[order.stem] = {row.lstrip("-") for row in rows}
    for path in (tmp_path / "sheets").rglob("*.*"):
        text = path.name + path.read_text("utf-8")
        assert not [answer for own in answers.values() for answer in own if answer in text]
    assert not answers["ann"] & answers["bob"]


def test_a_corrected_name_is_on_the_sheet(tmp_path: Path) -> None:
    """The sheet is made again, no other is; and who left the class can still be told by the code."""
    hand_out(run(tmp_path), STUDENTS, 1, quiet)
    before = tree(tmp_path)
    ann, bob, _ = STUDENTS
    done = hand_out(run(tmp_path), (replace(ann, name="Anne"), bob), 1, quiet)
    assert (done.made, done.there) == (1, 1)
    changed = {name for name, content in tree(tmp_path).items() if content != before[name]}
    assert changed == {"sheets/ann/worksheet.md", "keys/ann/key.md", "teacher/class.csv"}
    assert "Anne" in (tmp_path / "sheets/ann/worksheet.md").read_text("utf-8")
    rows = (tmp_path / "teacher/class.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[:3] for row in rows[1:]] == [["ann", "1", "Anne"], ["bob", "2", "Bob"], ["cem", "3", "Cem"]]


def test_a_folder_holds_one_run(tmp_path: Path) -> None:
    """Another seed, wish or secret is refused, and so is a folder with sheets of something else."""
    hand_out(run(tmp_path / "a"), STUDENTS[:1], 1, quiet)
    for other in (
        run(tmp_path / "a", seed=8),
        run(tmp_path / "a", blank="all"),
        Run(Wish("mazur", seed=7), tmp_path / "a", b"o" * 32),
    ):
        with pytest.raises(ExplainerError, match="holds sheets of another file, seed, secret or wish"):
            hand_out(other, STUDENTS[:1], 1, quiet)
    (tmp_path / "b" / "sheets").mkdir(parents=True)
    with pytest.raises(ExplainerError, match="of something else"):
        hand_out(run(tmp_path / "b"), STUDENTS[:1], 1, quiet)


def test_a_full_disk_leaves_whole_sheets_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sheet that does not fit is not there at all; the next run makes it."""
    written = handing_out.write_folder
    count = 0

    def full(folder: Path, files: Any) -> None:
        nonlocal count
        count += 1
        if count == 4:  # the sheet of the second student, whose key is there
            raise ExplainerError(f"{folder}: cannot be written (No space left on device)")
        written(folder, files)

    monkeypatch.setattr(handing_out, "write_folder", full)
    with pytest.raises(ExplainerError, match="No space left"):
        hand_out(run(tmp_path), STUDENTS, 1, quiet)
    assert [path.name for path in (tmp_path / "sheets").iterdir()] == ["ann"]
    done = hand_out(run(tmp_path), STUDENTS, 1, quiet)
    assert (done.made, done.there) == (2, 1)
    hand_out(run(tmp_path.with_name("whole")), STUDENTS, 1, quiet)
    assert tree(tmp_path) == tree(tmp_path.with_name("whole"))


def test_a_folder_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A file that cannot be written leaves nothing behind."""
    from explainer.formats.folder import write_folder

    with pytest.raises(ExplainerError, match="cannot be written"):
        write_folder(tmp_path / "a", {"one.md": "1", "no/such/place.md": "2"})
    assert not list(tmp_path.iterdir())


def test_the_code_on_a_sheet_leads_to_its_key(tmp_path: Path) -> None:
    """Also of the second sheet of a faded sequence."""
    secret = tmp_path / "secret.txt"
    spec = ["handout", "mazur", "--blank", "fade", "--carry", "rounded"]
    assert main([*spec, "--variants", "2", "--seed", "5", "--secret", str(secret), "-o", str(tmp_path / "c")]) == 0
    [_, row] = list(csv.DictReader((tmp_path / "c" / "teacher" / "class.csv").read_text("utf-8").splitlines()))
    code = row["code2"]
    assert main(["handout", "mazur", "--code", code, "--secret", str(secret), "-o", str(tmp_path / "k")]) == 0
    assert (tmp_path / "k" / "key.md").read_bytes() == (
        tmp_path / "c" / "keys" / row["folder"] / "2-key.md"
    ).read_bytes()
    variant = explainer.load(str(tmp_path / "c" / "teacher" / "variants" / f"{code}.toml"))
    rebuilt = handing_out.variant_of("mazur", code, secret)
    assert {line.id: line.text for line in variant.lines} == {line.id: line.text for line in rebuilt.lines}


def test_a_sheet_is_filled_in_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answers of the key in answers.csv, as a student fills it in: all right; one of them changed: one slip."""
    secret = str(tmp_path / "secret.txt")
    assert main(["handout", "mazur", "--variants", "1", "--secret", secret, "-o", str(tmp_path / "c")]) == 0
    [row] = list(csv.DictReader((tmp_path / "c" / "teacher" / "class.csv").read_text("utf-8").splitlines()))
    folder = tmp_path / "c" / "sheets" / row["folder"]
    key = (tmp_path / "c" / "keys" / row["folder"] / "key.md").read_text("utf-8")
    answers = re.findall(r"^\| \d+ \| .* \| \$(-?\d+\.\d+)\$", key, re.MULTILINE)
    header, *lines = (folder / "answers.csv").read_text("utf-8").splitlines()
    check = ["check", "--code", row["code1"], "--secret", secret, "mazur"]
    filled = tmp_path / "filled.csv"
    filled.write_text("\n".join([header, *map(str.__add__, lines, answers)]), encoding="utf-8")
    assert main([*check, str(filled)]) == 0
    answers[-1] = "9.9"
    filled.write_text("\n".join([header, *map(str.__add__, lines, answers)]), encoding="utf-8")
    assert main([*check, str(filled)]) == 1
    capsys.readouterr()


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    """Killed in the middle, run again: everything is there once, as in a run that was left alone."""
    command = [sys.executable, "-c", "from explainer.cli import run; run()", "handout", "neuron", "--variants", "200"]
    secret = ["--secret", str(tmp_path / "secret.txt")]
    child = subprocess.Popen([*command, *secret, "-o", str(tmp_path / "a")], stdout=subprocess.DEVNULL)
    sheets = tmp_path / "a" / "sheets"
    while child.poll() is None and (not sheets.exists() or len(list(sheets.iterdir())) < 20):
        pass
    child.kill()
    child.wait()
    for folder in ("a", "b"):
        subprocess.run([*command, *secret, "-o", str(tmp_path / folder)], check=True, stdout=subprocess.DEVNULL)
    left = {name: content for name, content in tree(tmp_path / "a").items() if ".explainer-" not in name}
    assert left == tree(tmp_path / "b")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--variants", "0"], "--variants: expected a whole number from 1 to 100000, found 0"),
        (["--variants", "100000000"], "--variants: expected a whole number from 1 to 100000"),
        (["--students", "nowhere.csv"], "nowhere.csv: cannot be read"),
        (["--seed", "-1"], "--seed: expected a whole number from 0 to"),
        (["--blank", "resluts"], "did you mean results"),
        (["--blank", ","], "nothing is asked for"),
        (["--format", "doc"], '"doc" is not a format'),
        (["--code", "ABCDE-FGHJK-MNPQR-STVWX"], "--code: needs the secret"),
        (["--code", "ABCDE-FGHJK-MNPQR-STVWX", "--secret", "nowhere.txt"], "--secret: nowhere.txt: cannot be read"),
        (["--variants", "3", "--jobs", "0"], "--jobs: expected a whole number from 1 to 256"),
    ],
)
def test_wrong_wishes(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2, one message, nothing written but a secret."""
    monkeypatch.chdir(tmp_path)
    assert main(["handout", "mazur", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not [path for path in tmp_path.rglob("*.*") if path.name != "secret.txt"]


def test_a_grid_with_too_few_numbers(tmp_path: Path) -> None:
    """Two numbers are not enough for three students."""
    path = tmp_path / "small.toml"
    path.write_text(
        '[given]\na = 2.5\n[parameters]\nb = 3.7\n[formulas]\nc = "a*b"\n[variants]\na = { from = 1.1, to = 1.2, step = 0.1 }\n'
    )
    with pytest.raises(ExplainerError, match="3 sheets, but only 2 different sets of numbers"):
        hand_out(Run(Wish(str(path)), tmp_path / "o", SECRET), STUDENTS, 1, quiet)


def test_sheets_with_the_same_numbers_are_told(tmp_path: Path) -> None:
    """With three numbers for three students, chance gives some of them the same."""
    path = tmp_path / "small.toml"
    path.write_text(
        '[given]\na = 2.5\n[parameters]\nb = 3.7\n[formulas]\nc = "a*b"\n[variants]\na = { from = 1.1, to = 1.3, step = 0.1 }\n'
    )
    orders = [Order(number, str(number)) for number in range(1, 4)]
    found = [
        hand_out(Run(Wish(str(path), seed=seed), tmp_path / str(seed), SECRET), orders, 1, quiet) for seed in range(8)
    ]
    for seed, done in enumerate(found):
        sheets = [
            (tmp_path / str(seed) / "sheets" / order.stem / "worksheet.md").read_text("utf-8") for order in orders
        ]
        numbers = [re.search(r"\$a = (\d\.\d)\$", sheet) for sheet in sheets]
        distinct = len({number and number[1] for number in numbers})
        assert (distinct < 3) == bool(done.alike)
    assert any(done.alike for done in found)
