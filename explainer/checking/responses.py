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
    re.compile(r"(?:^|; )[^\W\d]+ (\d{1,4}):(?: |$)(.*?)(?=; [^\W\d]+ \d{1,4}:(?: |$)|$)", re.S),
)
"""Several figures in a cell: those of a STACK question, and of a cloze question (``part 1: 0.59; part 2: 0.60``)."""
PLACE = re.compile(r"\(\s*(?:part\s+(\d{1,4})\s*)?,?\s*(?:variant\s+(\d{1,6})\s*)?\)", re.I)
"""In the text of a question: which part it is, of which variant."""
EARLIER_NOTE = re.compile(r".*, variant (\d{1,6})\s*", re.S)
"""The note of a STACK question in files that earlier versions wrote."""
MARK = re.compile(r"explainer quiz for (.*) \[([0-9a-f]{12})\] seed (-?\d+)")
STUDENTS = ("id number", "username", "email address", "e-mail", "email")
NAMES = ("last name", "surname", "first name")
NOTHING = ("", "-", "EMPTYANSWER")
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
    """The export as a class list, with a row for each variant of which a student was asked anything; what was not asked
    is None. Of several attempts at a variant, the last.

    Raises:
        ExplainerError: where it is no CSV, names questions that the quiz does not have, or holds no response.
    """
    table = _table(source)
    header = [cell.strip() for cell in table[0]]
    columns = {i: int(found[1]) for i, head in enumerate(header) if (found := RESPONSE.fullmatch(head))}
    _check_questions(columns, table[1:], quiz, source.label)
    lowered = [head.lower() for head in header]
    kept: dict[tuple[str, str], tuple[int, dict[str, str]]] = {}
    for number, row in enumerate(table[1:], 2):
        student = _student(lowered, row) if _attempted(lowered, row) else ""
        for variant, figures in _figures(row, columns, quiz).items() if student else ():
            kept.setdefault((student, variant), (number, {}))[1].update(figures)
    if not kept:
        hint = 'where a quiz has variants, tick "question text" in the report, so that each response says its variant'
        raise ExplainerError(f"{source.label}: holds no response to this quiz\n    {hint}")
    ids = tuple(dict.fromkeys(quiz.quantities.values()))
    rows = [
        (number, (student, variant if variant != "0" else "", *map(figures.get, ids)))
        for (student, variant), (number, figures) in kept.items()
    ]
    return Rows(("student", "variant", *ids), tuple(rows), split=True)


def _check_questions(columns: Mapping[int, int], rows: Sequence[Sequence[str]], quiz: QuizMap, label: str) -> None:
    """Every column must be of a question of the quiz, by its number or by what its texts say."""
    known, problems = {question for _, question, _ in quiz.quantities}, Problems(label)
    for place, question in columns.items():
        if question not in known and not any(_place(row, place)[0] in known for row in rows):
            problems.add(f"line 1, column {place + 1}", f"the quiz has no question {question}", f"1 to {max(known)}")
    problems.stop_if_any()


def _attempted(lowered: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row says more than whose it is: Moodle lists those as well who never came."""
    return any(
        text.strip() not in NOTHING for head, text in zip(lowered, row, strict=False) if head not in (*STUDENTS, *NAMES)
    )


def _place(row: Sequence[str], response: int) -> tuple[int | None, str]:
    """The part and the variant that the text of a question names, in the column before its response."""
    text = row[response - 1] if 0 < response <= len(row) else ""
    named = [found for found in PLACE.finditer(text) if found[1] or found[2]]
    if named:
        return int(named[-1][1]) if named[-1][1] else None, named[-1][2] or "0"
    earlier = EARLIER_NOTE.fullmatch(text)
    return None, earlier[1] if earlier else "0"


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
    """Variant → quantity → figure, for all that was asked; each question may be of another variant."""
    found: dict[str, dict[str, str]] = {}
    for place, number in columns.items():
        part, variant = _place(row, place)
        question = part or number
        figures = _parts(row[place].strip() if place < len(row) else "")
        for (of, other, blank), id in quiz.quantities.items():
            if (of, other) == (variant, question):
                figure = figures.get(blank, "")
                found.setdefault(variant, {})[id] = "" if figure in NOTHING else figure
    return found


def _parts(cell: str) -> dict[int, str]:
    """The figures in a cell by their numbers; a lone figure is the first."""
    for pattern in PARTS:
        if parts := pattern.findall(cell):
            return {int(number): figure.strip() for number, figure in parts}
    return {1: cell}
