"""Moodle's export of responses as a class list: a row per attempt, a column per question, several figures in a cell.

Which figure is for which quantity stands in the mapping that comes with a quiz: ``question,blank,quantity,variant``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

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
ATTEMPT = 4
"""So many columns before the first response, at least, are about the attempt (when, how long, which grade) and hold a
dash for whoever never came; further to the left a Moodle may tell a department or a city of everybody."""
Figures = Mapping[str, Mapping[str, str]]
"""Variant → quantity → figure."""
WORDLESS = re.compile(r"\W+")
COLUMNS = ("question", "blank", "quantity", "variant")
LONGEST_HEADER = 100_000


class QuizMap(Struct, frozen=True):
    """Which quantity each blank asks for, and which quiz that is of."""

    quantities: Mapping[tuple[str, int, int], str]
    """Variant, question and blank → quantity."""
    name: str
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
    return QuizMap(found, mark[1], mark[2], int(mark[3]))


def responses(source: Source, quiz: QuizMap, title: str = "") -> Rows:
    """The export as a class list, with a row for each variant of which a student was asked anything; what was not asked
    is None. Of several attempts of a student, the last in which anything was answered.

    Raises:
        ExplainerError: where it is no CSV, names questions that the quiz does not have, or holds no response.
    """
    table = _table(source)
    header = [cell.strip() for cell in table[0]]
    columns = {i: int(found[1]) for i, head in enumerate(header) if (found := RESPONSE.fullmatch(head))}
    asked = _asked(table[1:], columns, quiz, title)
    _check_questions(asked, quiz, source.label)
    lowered, first = [head.lower() for head in header], min(columns, default=0)
    came = [
        (_student(lowered, row), number, _figures(row, places, quiz))
        for number, (row, places) in enumerate(zip(table[1:], asked, strict=True), 2)
        if _attempted(lowered, row, first)
    ]
    kept = _last_attempts(came)
    if not kept:
        hint = 'where a quiz has variants, tick "question text" in the report, so that each response says its variant'
        raise ExplainerError(f"{source.label}: holds no response to this quiz\n    {hint}")
    ids = tuple(dict.fromkeys(quiz.quantities.values()))
    rows = [
        (number, (student, variant if variant != "0" else "", *map(own.get, ids)))
        for student, (number, figures) in kept.items()
        for variant, own in sorted(figures.items(), key=lambda of: int(of[0]))
    ]
    return Rows(("student", "variant", *ids), tuple(rows), split=True)


def _last_attempts(came: Iterable[tuple[str, int, Figures]]) -> dict[str, tuple[int, Figures]]:
    """Each student with the line and the figures that count; an attempt without any does not replace an earlier one."""
    kept: dict[str, tuple[int, Figures]] = {}
    for student, number, figures in came:
        answered = any(figure for own in figures.values() for figure in own.values())
        if student and figures and (answered or student not in kept):
            kept[student] = (number, figures)
    return kept


def _asked(
    rows: Sequence[Sequence[str]], columns: Mapping[int, int], quiz: QuizMap, title: str
) -> list[dict[int, tuple[int, str]]]:
    """For each row, the question and the variant that stand in a column.

    Where texts of questions say so, these tell, and other questions of the same Moodle quiz are left out; where none
    does, the number of the column tells.
    """
    named = [{i: found for i in columns if (found := _place(_text(row, i), quiz.name))} for row in rows]
    if not any(named):
        return [{i: (number, "0") for i, number in columns.items()} for _ in rows]
    own = [
        {i: place for i, place in places.items() if _is_of(_text(row, i), (title, quiz.name))}
        for row, places in zip(rows, named, strict=True)
    ]
    lone = len({question for _, question, _ in quiz.quantities}) == 1
    return [
        {i: (part or (1 if lone else columns[i]), variant) for i, (part, variant) in places.items()}
        for places in (own if any(own) else named)
    ]


def _text(row: Sequence[str], response: int) -> str:
    """The text of a question, in the column before its response."""
    return row[response - 1] if 0 < response <= len(row) else ""


def _place(text: str, name: str) -> tuple[int | None, str] | None:
    """The part and the variant that the text of a question, or the note of a STACK question, names."""
    named = [found for found in PLACE.finditer(text) if found[1] or found[2]]
    if named:
        return int(named[-1][1]) if named[-1][1] else None, named[-1][2] or "0"
    if earlier := EARLIER_NOTE.fullmatch(text):
        return None, earlier[1]
    return (None, "0") if text.strip() == name else None


def _is_of(text: str, names: Iterable[str]) -> bool:
    """Whether a text has one of these names in it; Moodle sets a title in capitals, and breaks it into lines."""
    bare = WORDLESS.sub("", text.casefold())
    return any(name and WORDLESS.sub("", name.casefold()) in bare for name in names)


def _check_questions(asked: Sequence[Mapping[int, tuple[int, str]]], quiz: QuizMap, label: str) -> None:
    """Every question must be one of the quiz."""
    known, problems = {question for _, question, _ in quiz.quantities}, Problems(label)
    unknown = {i: question for places in asked for i, (question, _) in places.items() if question not in known}
    for place, question in sorted(unknown.items()):
        problems.add(f"line 1, column {place + 1}", f"the quiz has no question {question}", f"1 to {max(known)}")
    problems.stop_if_any()


def _attempted(lowered: Sequence[str], row: Sequence[str], first: int) -> bool:
    """Whether a row says more than whose it is: Moodle lists those as well who never came."""
    since = max(0, first - ATTEMPT)
    cells = zip(lowered[since:], row[since:], strict=False)
    return any(text.strip() not in NOTHING for head, text in cells if head not in (*STUDENTS, *NAMES))


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


def _figures(row: Sequence[str], asked: Mapping[int, tuple[int, str]], quiz: QuizMap) -> Figures:
    """The figures for all that was asked; each question may be of another variant."""
    found: dict[str, dict[str, str]] = {}
    for place, (question, variant) in asked.items():
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
