"""Answer sheets as they come: CSV, JSON, TOML, a filled-in Markdown sheet, or figures typed on the command line."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ..formulas.problems import CalculationError, ExplainerError, Problem, Problems, nearest
from ..spec.files import Source, decoded, find

QUANTITY_HEADS = ("quantity", "step", "id", "line", "name", "what")
ANSWER_HEADS = ("answer", "value", "figure", "result", "yours", "your answer")
MOST_LINES = 200_000
SHIPPED = ".answers.csv"


def sheet_mark(name: str, fingerprint: str) -> str:
    """What an empty sheet says of the calculation that it is for."""
    return f"explainer sheet for {name} [{fingerprint}]"


SHEET_MARK = re.compile(r"explainer sheet for (.*) \\?\[([0-9a-f]{12})\\?\]")
_INLINE = re.compile(r"\s*(?P<name>[^=:≈]+?)\s*(?:[=:]|(?=≈))\s*(?P<figure>.*?)\s*")


class Answer(Struct, frozen=True):
    """One figure of a sheet as typed, and where it stands."""

    quantity: str
    text: str
    place: str


class Sheet(Struct, frozen=True):
    """What one person handed in, as typed."""

    label: str
    answers: tuple[Answer, ...]
    student: str = ""
    variant: str = ""
    made_for: tuple[str, str] = ("", "")
    """Name and fingerprint of the calculation that the empty sheet was written for, where it says so."""
    extras: Mapping[str, str] = field(default_factory=dict)
    """Other columns of a class list, such as a name."""


class Rows(Struct, frozen=True):
    """A table of cells with the number of each line in its file."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str | None, ...]], ...]
    """A cell that is None was not asked for."""
    split: bool = False
    """Whether a student may have a row for each of several variants."""


def shipped_sheets() -> tuple[str, ...]:
    """The names of the answer sheets that come with the examples."""
    folder = files("explainer.spec") / "examples"
    return tuple(sorted(item.name.removesuffix(SHIPPED) for item in folder.iterdir() if item.name.endswith(SHIPPED)))


def sheet_source(name: str) -> Source:
    """The file at that path, or the shipped answer sheet of that name.

    Raises:
        ExplainerError: where there is neither.
    """
    if not Path(name).exists() and name in shipped_sheets():
        content = (files("explainer.spec") / "examples" / f"{name}{SHIPPED}").read_bytes()
        return Source(f"{name}{SHIPPED}", name, content)
    try:
        return find(name)
    except ExplainerError as error:
        if Path(name).exists():
            raise
        known = nearest(name, shipped_sheets())
        hint = f'or write figures as name=figure: "w5+=0.3589"\n    shipped sheets: {known}'
        raise ExplainerError(f"{name}: no such file of answers\n    {hint}") from error


def is_inline(text: str) -> bool:
    """Whether an argument of the command line is a figure or a few rather than a file."""
    return "=" in text and _INLINE.fullmatch(text.split(";")[0]) is not None


def inline_sheet(texts: Iterable[str]) -> Sheet:
    """``w5+=0.1801``, several of them one after another or with semicolons between.

    Raises:
        CalculationError: for what is no ``name=figure``.
    """
    problems, answers = Problems("answers"), []
    for number, part in enumerate((p for text in texts for p in re.split(r"[;\n]", text) if p.strip()), 1):
        found = _INLINE.fullmatch(part)
        if found:
            answers.append(Answer(found["name"], found["figure"], f"figure {number}"))
        else:
            problems.add(
                f"figure {number}", f"`{_short(part)}` is not a figure", "write a name, = and a figure: w5+=0.3589"
            )
    problems.stop_if_any()
    return Sheet("answers", tuple(answers))


def answers_of(table: Mapping[str, object], student: str = "") -> Sheet:
    """A sheet of a mapping given in Python: names to figures, as texts or numbers."""
    answers = (Answer(str(name), "" if value is None else str(value), f"`{name}`") for name, value in table.items())
    return Sheet("answers", tuple(answers), student)


def read_sheet(source: Source) -> Sheet | Rows:
    """One person's sheet, or the table of a class list.

    Raises:
        CalculationError: where the file cannot be read as a sheet, with line and column.
    """
    text = decoded(source)
    if "\0" in text:
        raise _refused(source, Problem("", "is not a text file", _ALLOWED))
    if not text.strip():
        raise _refused(source, Problem("", "is empty", _ALLOWED))
    if text.count("\n") > MOST_LINES:
        raise _refused(source, Problem("", f"has more than {MOST_LINES} lines", _ALLOWED))
    return _reader(source, text)(source, text)


_ALLOWED = "a sheet is CSV with the columns quantity,answer, or JSON, TOML, or a filled-in Markdown sheet"


def _refused(source: Source, *problems: Problem) -> CalculationError:
    return CalculationError(source.label, problems)


def _reader(source: Source, text: str) -> Callable[[Source, str], Sheet | Rows]:
    """By the ending of the name; without a telling one, by how the text begins."""
    ending = source.label.lower().rpartition(".")[2]
    if ending in READERS:
        return READERS[ending]
    start = text.lstrip()
    if start.startswith(("{", "[{")):
        return _json
    if re.match(r"(?s)(?:#[^\n]*\n|\s)*\|", start) or start.startswith("# "):
        return _markdown
    return _toml if re.match(r'(?:#[^\n]*\n|\s)*("[^"]*"|[A-Za-z_][\w+-]*)\s*=', start) else _csv


# ---------------------------------------------------------------- CSV


def _csv(source: Source, text: str) -> Sheet | Rows:
    made_for, numbered = _without_marks(text)
    delimiter = _delimiter(numbered)
    table = _cells(source, numbered, delimiter)
    if not table:
        raise _refused(source, Problem("", "holds no rows", _ALLOWED))
    header = tuple(cell.strip() for cell in table[0][1])
    lowered = [cell.lower() for cell in header]
    column = next((i for i, head in enumerate(lowered) if head in QUANTITY_HEADS), -1)
    answer = next((i for i, head in enumerate(lowered) if head in ANSWER_HEADS), -1)
    if answer >= 0 and column >= 0:
        return _two_columns(source, table[1:], column, answer, delimiter, made_for)
    if len(header) == 2 and not re.search(r"student|name|^id$", lowered[0]):
        return _two_columns(source, table, 0, 1, delimiter, made_for)  # no header: the first row is an answer
    return Rows(header, tuple(table[1:]))


def _without_marks(text: str) -> tuple[tuple[str, str], list[tuple[int, str]]]:
    """The lines with their numbers, less comments; and for which calculation the sheet was made."""
    made_for, kept = ("", ""), []
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith(("#", '"#')):
            if found := SHEET_MARK.search(line):
                made_for = (found[1], found[2])
        elif line.strip(" ,;\t"):
            kept.append((number, line))
    return made_for, kept


def _delimiter(lines: Sequence[tuple[int, str]]) -> str:
    """The mark between cells: the one in the first line, semicolons first, for they are typed for no other reason."""
    first = lines[0][1] if lines else ""
    return next((mark for mark in (";", "\t") if mark in first), ",")


def _cells(source: Source, lines: Sequence[tuple[int, str]], delimiter: str) -> list[tuple[int, tuple[str, ...]]]:
    table = []
    for number, line in lines:
        try:
            cells = next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
        except csv.Error as error:
            raise _refused(source, Problem(f"line {number}", f"is no row of CSV ({error})", _ALLOWED)) from None
        table.append((number, tuple(cells)))
    return table


def _two_columns(
    source: Source,
    table: Sequence[tuple[int, tuple[str, ...]]],
    column: int,
    answer: int,
    delimiter: str,
    made_for: tuple[str, str],
) -> Sheet:
    problems, answers = Problems(source.label), []
    for number, row in table:
        cells = [cell.strip() for cell in row]
        if len(cells) > 2 and delimiter == "," and answer == len(cells) - 2 and all(map(str.isdigit, cells[-2:])):
            meant = f'"{cells[-2]},{cells[-1]}"'
            problems.add(
                f"line {number}, column {answer + 1}",
                "a decimal comma?",
                f"put it in quotes: {meant}, or use semicolons between columns",
            )
        elif column < len(cells) and cells[column]:
            text = cells[answer] if answer < len(cells) else ""
            answers.append(Answer(cells[column], text, f"line {number}, column {answer + 1}"))
        elif any(cells):
            problems.add(f"line {number}, column {column + 1}", "names no quantity", "each row: quantity,answer")
        if len(problems.found) > 50:
            break
    problems.stop_if_any()
    return Sheet(source.label, tuple(answers), made_for=made_for)


# ---------------------------------------------------------------- JSON and TOML


def _json(source: Source, text: str) -> Sheet:
    try:
        data = json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_pairs)
    except json.JSONDecodeError as error:
        problem = Problem(
            f"line {error.lineno}, column {error.colno}", f"is not JSON: {error.msg}", 'as in {"w5+": "0.3589"}'
        )
        raise _refused(source, problem) from None
    except (RecursionError, ValueError):
        raise _refused(source, Problem("", "is nested too deeply", 'as in {"w5+": "0.3589"}')) from None
    return _from_data(source, data)


class _Pairs(list[tuple[str, Any]]):
    """An object's members in order, those that stand twice included."""


def _pairs(members: list[tuple[str, Any]]) -> _Pairs:
    return _Pairs(members)


def _toml(source: Source, text: str) -> Sheet:
    try:
        data = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        hint = 'quote a name that holds + or / and every figure: "w5+" = "0.3589"'
        raise _refused(source, Problem("", f"is not TOML: {error}", hint)) from None
    except (RecursionError, ValueError):
        raise _refused(source, Problem("", "is nested too deeply", "name = figure, one a line")) from None
    return _from_data(source, _Pairs(data.items()))


def _from_data(source: Source, data: Any) -> Sheet:
    """Members as quantities; ``answers`` may hold them, and ``student`` and ``variant`` may stand beside."""
    problems, answers = Problems(source.label), list[Answer]()
    head: dict[str, str] = {}
    for key, value in _members(data, problems):
        if key in ("student", "variant") and isinstance(value, str):
            head[key] = value
        elif key == "answers":
            answers += [_answer(*member, problems) for member in _members(value, problems)]
        else:
            answers.append(_answer(key, value, problems))
    problems.stop_if_any()
    return Sheet(source.label, tuple(answers), head.get("student", ""), head.get("variant", ""))


def _members(data: Any, problems: Problems) -> Iterable[tuple[str, Any]]:
    if isinstance(data, Mapping):
        return list(data.items())
    if isinstance(data, _Pairs):
        return data
    if isinstance(data, list) and all(isinstance(entry, list | Mapping) for entry in data):
        rows = [dict(entry) if not isinstance(entry, _Pairs) else dict(tuple(entry)) for entry in data]
        if all({"quantity", "answer"} <= set(row) for row in rows):
            return [(str(row["quantity"]), row["answer"]) for row in rows]
    problems.add("", "holds no answers", 'as in {"w5+": "0.3589"} or [{"quantity": "w5+", "answer": "0.3589"}]')
    return []


def _answer(key: str, value: Any, problems: Problems) -> Answer:
    if isinstance(value, bool) or not isinstance(value, str | int | float | type(None)):
        problems.add(_short(key), "expected a figure", 'a number or a text: "0.3589"')
    return Answer(key, "" if value is None else str(value), f"`{_short(key)}`")


# ---------------------------------------------------------------- Markdown


def _markdown(source: Source, text: str) -> Sheet | Rows:
    """The rows of every table with two columns or more: a quantity in the first, the figure in the last."""
    made_for, answers = ("", ""), []
    student = ""
    for number, line in enumerate(text.split("\n"), 1):
        if found := SHEET_MARK.search(line):
            made_for = (found[1], found[2])
        if found := re.fullmatch(r"\W*(?:name|student)\W*:\W*([^_]*?)[_\s*]*", line, re.I):
            student = found[1].strip()
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if not line.lstrip().startswith("|") or len(cells) < 2 or set("".join(cells)) <= set(":- "):
            continue
        if cells[0].lower() not in QUANTITY_HEADS:
            answers.append(Answer(cells[0].strip("`*"), cells[-1].strip("`*_ "), f"line {number}, column {len(cells)}"))
    if not answers:
        raise _refused(source, Problem("", "holds no table with answers", _ALLOWED))
    return Sheet(source.label, tuple(answers), student, made_for=made_for)


READERS: Mapping[str, Callable[[Source, str], Sheet | Rows]] = {
    "csv": _csv,
    "tsv": _csv,
    "json": _json,
    "toml": _toml,
    "md": _markdown,
}


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
