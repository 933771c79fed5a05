"""Moodle's export of responses as a class list: a row per attempt, a column per question, several figures in a cell.

Which figure is for which quantity stands in the mapping that comes with a quiz: ``question,blank,quantity,variant``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ..formulas.problems import CalculationError, ExplainerError, Problem, Problems
from ..spec.files import Source, decoded
from .sheets import MOST_LINES, Rows

WORDS = ("Response", "Antwort", "Réponse", "Respuesta", "Risposta", "Resposta", "Antwoord", "Svar", "Odpowiedź")
"""What the columns are called in languages of Moodle."""
RESPONSE = re.compile(rf"(?:{'|'.join(WORDS)}) (\d{{1,4}})", re.I)
PARTS = (
    re.compile(r"\bans(\d{1,4}): (.*?) \[\w+\](?=;|$)", re.S),
    re.compile(r"(?:^|; )[^\W\d]+ (\d{1,4}): (.*?)(?=; [^\W\d]+ \d{1,4}: |$)", re.S),
)
"""Several figures in a cell: those of a STACK question, and of a cloze question (``part 1: 0.59; part 2: 0.60``)."""
VARIANT = re.compile(r"\(\s*variant\s+(\d{1,6})\s*\)", re.I)
MARK = re.compile(r"explainer quiz for (.*) \[([0-9a-f]{12})\] seed (-?\d+)")
STUDENTS = ("id number", "username", "email address", "e-mail", "email")
NAMES = ("last name", "surname", "first name")
NOTHING = ("", "-")
COLUMNS = ("question", "blank", "quantity", "variant")
LONGEST_HEADER = 100_000


class QuizMap(Struct, frozen=True):
    """Which quantity each blank asks for, and which quiz that is of."""

    quantities: Mapping[tuple[str, int, int], str]
    """Variant, question and blank → quantity."""
    fingerprint: str
    seed: int


def is_export(source: Source) -> bool:
    """Whether a file looks like an export of responses."""
    first = decoded(source)[:LONGEST_HEADER].lstrip("\ufeff").partition("\n")[0]
    return any(RESPONSE.fullmatch(cell.strip()) for cell in next(csv.reader([first]), []))


def read_map(source: Source) -> QuizMap:
    """The mapping that was written with a quiz.

    Raises:
        CalculationError: where it is none.
    """
    text = decoded(source)
    mark = MARK.search(text.partition("\n")[0])
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
    if mark is None or not rows or tuple(rows[0][:4]) != COLUMNS:
        hint = "the file mapping.csv that explainer quiz wrote, with its first line"
        raise CalculationError(source.label, [Problem("", "is not the mapping of a quiz", hint)])
    problems, found = Problems(source.label), dict[tuple[str, int, int], str]()
    for number, row in enumerate(rows[1:], 3):
        if len(row) >= 4 and row[0].isdecimal() and row[1].isdecimal() and row[2]:
            found[row[3], int(row[0]), int(row[1])] = row[2]
        elif row:
            problems.add(f"line {number}", "is no row of a mapping", ",".join(COLUMNS))
    problems.stop_if_any()
    return QuizMap(found, mark[2], int(mark[3]))


def responses(source: Source, quiz: QuizMap) -> Rows:
    """The export as a class list; of several attempts of a student at a variant, the last.

    Raises:
        ExplainerError: where it is no CSV, names questions that the quiz does not have, or holds no response.
    """
    table = _table(source)
    header = [cell.strip() for cell in table[0]]
    columns = {i: int(found[1]) for i, head in enumerate(header) if (found := RESPONSE.fullmatch(head))}
    known = {question for _, question, _ in quiz.quantities}
    problems = Problems(source.label)
    for place, question in columns.items():
        if question not in known:
            problems.add(f"line 1, column {place + 1}", f"the quiz has no question {question}", f"1 to {max(known)}")
    problems.stop_if_any()
    lowered = [head.lower() for head in header]
    kept: dict[tuple[str, str], tuple[int, dict[str, str]]] = {}
    for number, row in enumerate(table[1:], 2):
        student = _student(lowered, row)
        for variant, figures in _figures(row, columns, quiz).items() if student else ():
            kept.setdefault((student, variant), (number, {}))[1].update(figures)
    ids = tuple(dict.fromkeys(quiz.quantities.values()))
    several = {student for student, _ in kept if sum(other == student for other, _ in kept) > 1}
    if not kept:
        hint = 'where a quiz has variants, tick "question text" in the report, so that each response says its variant'
        raise ExplainerError(f"{source.label}: holds no response to this quiz\n    {hint}")
    rows = []
    for (student, variant), (number, figures) in kept.items():
        name = f"{student}, variant {variant}" if student in several else student
        rows.append((number, (name, variant if variant != "0" else "", *(figures.get(id, "") for id in ids))))
    return Rows(("student", "variant", *ids), tuple(rows))


def _table(source: Source) -> list[list[str]]:
    """The cells; what is in quotes may hold ends of lines."""
    try:
        table = list(csv.reader(io.StringIO(decoded(source).lstrip("\ufeff"))))
    except csv.Error as error:
        raise ExplainerError(f"{source.label}: is no CSV ({error})") from None
    if len(table) > MOST_LINES:
        raise ExplainerError(f"{source.label}: has more than {MOST_LINES} lines")
    return table


def _student(lowered: Sequence[str], row: Sequence[str]) -> str:
    """The number or address of a student, or else the name."""
    cell = {head: text.strip() for head, text in zip(lowered, row, strict=False)}
    name = ", ".join(cell[head] for head in NAMES if cell.get(head))
    return next((cell[head] for head in STUDENTS if cell.get(head)), name)


def _figures(row: Sequence[str], columns: Mapping[int, int], quiz: QuizMap) -> dict[str, dict[str, str]]:
    """Variant → quantity → figure; each question may be of another variant."""
    found: dict[str, dict[str, str]] = {}
    for place, question in columns.items():
        cell = row[place].strip() if place < len(row) else ""
        named = VARIANT.search(" ".join(text for other, text in enumerate(row) if other == place - 1))
        variant = named[1] if named else "0"
        for blank, figure in _parts(cell).items():
            if id := quiz.quantities.get((variant, question, blank)):
                found.setdefault(variant, {})[id] = "" if figure in NOTHING else figure
    return found


def _parts(cell: str) -> dict[int, str]:
    """The figures in a cell by their numbers; a lone figure is the first."""
    for pattern in PARTS:
        if parts := pattern.findall(cell):
            return {int(number): figure.strip() for number, figure in parts}
    return {1: cell}
