"""A class list → who gets a sheet, under which file name. Whatever stands in it was typed by somebody."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from ..formulas.problems import CalculationError, ExplainerError, Problem, Problems

NAMES = ("name", "student name", "full name", "student")
IDS = ("id", "student id", "number", "matriculation", "matriculation number", "login", "user", "username", "email")
IDS_BESIDE_NAMES = (*IDS, "student")
"""A column "student" holds names where there is no other for them, else ids, as in our own lists."""
LARGEST_FILE = 20_000_000
MOST_STUDENTS = 100_000
LONGEST = 200
LONGEST_STEM = 60
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
"""File names that Windows keeps for itself."""
ALLOWED = "a CSV file with a row of headings: name,id"


class Student(Struct, frozen=True):
    """Who gets a sheet."""

    id: str
    name: str
    stem: str
    """The name of the folder: letters, digits and - _ . alone."""

    @property
    def number(self) -> int:
        """The number of the student's variant: it hangs on the id, not on the place in the list."""
        return int.from_bytes(sha256(f"student\n{self.id}".encode()).digest()[:5], "big")


def read_class(path: str) -> tuple[Student, ...]:
    """The students of a class list.

    Raises:
        ExplainerError: where there is no such file, no student in it, or one who cannot be told from another.
    """
    rows = list(_rows(path, _text(path)))
    header = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    name = _column(header, NAMES)
    id = _column(header, IDS if name is None or header[name] == "student" else IDS_BESIDE_NAMES)
    if name is None and id is None:
        raise CalculationError(path, [Problem("", "has no column of names or ids" if rows else "is empty", ALLOWED)])
    people = [(line, _cell(row, id), _cell(row, name)) for line, row in rows[1:] if any(map(str.strip, row))]
    problems = Problems(path)
    _check(people, problems)
    problems.stop_if_any()
    return _students([(id or name, name) for _, id, name in people])


def _text(path: str) -> str:
    try:
        if Path(path).stat().st_size > LARGEST_FILE:
            raise ExplainerError(f"{path}: is larger than {LARGEST_FILE // 1_000_000} MB; is it a class list?")
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise ExplainerError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        hint = "save the file with the encoding UTF-8"
        raise CalculationError(path, [Problem(f"line {line}", "is not UTF-8 text", hint)]) from None
    if "\0" in text:
        raise CalculationError(path, [Problem("", "is not a text file", ALLOWED)])
    return text


def _rows(path: str, text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.split("\n", 1)[0]
    delimiter = next((mark for mark in (";", "\t") if mark in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            hint = f"{ALLOWED} ({error})"
            raise CalculationError(path, [Problem(f"line {reader.line_num}", "is no row of CSV", hint)]) from None
        if row is None:
            return
        yield reader.line_num, row


def _column(header: Sequence[str], heads: Sequence[str]) -> int | None:
    return next((header.index(head) for head in heads if head in header), None)


def _cell(row: Sequence[str], column: int | None) -> str:
    """A cell on one line, without what nobody can see."""
    text = row[column] if column is not None and column < len(row) else ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _check(people: Sequence[tuple[int, str, str]], problems: Problems) -> None:
    if not people:
        problems.add("", "holds no students", "a row for each, below the headings")
    if len(people) > MOST_STUDENTS:
        problems.add("", f"holds {len(people)} students", f"at most {MOST_STUDENTS}")
        return
    first: dict[str, int] = {}
    for line, id, name in people:
        key = id or name
        if not key:
            problems.add(f"line {line}", "names nobody", "a name or an id in each row")
        elif max(len(id), len(name)) > LONGEST:
            problems.add(f"line {line}", f"a name of {max(len(id), len(name))} characters", f"at most {LONGEST}")
        elif first.setdefault(key, line) != line:
            hint = "every student needs an id of their own" if id else "add a column id to tell them apart"
            problems.add(f"line {line}", f"`{key[:60]}` is there already, in line {first[key]}", hint)


def _students(people: Sequence[tuple[str, str]]) -> tuple[Student, ...]:
    """With a few digits of a hash behind file names that several ids would give."""
    stems = [stem(id) for id, _ in people]
    count = Counter(found.lower() for found in stems)
    return tuple(
        Student(id, name, found if count[found.lower()] == 1 else f"{found}-{_digits(id)}")
        for (id, name), found in zip(people, stems, strict=True)
    )


def _digits(id: str) -> str:
    return sha256(id.encode()).hexdigest()[:8]


def stem(text: str) -> str:
    """The text as the name of a file anywhere: accents taken off, everything else that is no letter or digit a dash."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    found = re.sub(r"[^A-Za-z0-9_.]+", "-", plain)[:LONGEST_STEM].strip("-.")
    if not found:
        return f"student-{_digits(text)}"
    return f"{found}-" if RESERVED.fullmatch(found) else found
