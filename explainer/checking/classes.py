"""A class list: a row per student, a column per line. A report for each, a gradebook, and a summary of the slips."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from ..formulas.problems import Problems, nearest
from ..lesson.write import tidied
from .checker import Checker
from .marking import Verdict
from .policy import Policy, plain_points
from .report import GOOD, Level, Report, at_level
from .sheets import Answer, Rows, Sheet
from .writing import FORMATS, Paper, Terminal, csv_text, filled, wrapped

STUDENT_HEADS = (
    "student",
    "student id",
    "student_id",
    "student number",
    "id",
    "id number",
    "login",
    "username",
    "matriculation",
    "number",
    "name",
)
VARIANT_HEADS = ("variant", "code", "variant code", "version")
OTHER_HEADS = re.compile(
    r"(first|last|given|family|sur|full|middle)?[ _]?name|e-?mail( address)?|group|section|class|course|seat|room|date"
    r"|time|institution|department|status|comment|remark|note|grade|points|score|sis.*|section.*",
    re.I,
)
"""Columns that are neither a student nor a quantity, and are carried into the gradebook."""
MOST_STUDENTS = 20_000


class Commonest(Struct, frozen=True):
    """A slip that was made on a line, and by how many."""

    mistake: str
    line: str
    count: int


class LineCount(Struct, frozen=True):
    """How a line went in the class."""

    id: str
    right: int
    follows: int
    wrong: int
    missing: int


class Summary(Struct, frozen=True):
    """A class at a glance."""

    title: str
    students: int
    without_slip: int
    mean: Decimal
    most: Decimal
    slips: tuple[Commonest, ...]
    lines: tuple[LineCount, ...]


def sheets_of(rows: Rows, checker: Checker, label: str, variants: Mapping[str, Checker]) -> list[Sheet]:
    """A sheet per row of a class list.

    Raises:
        CalculationError: for columns that mean nothing, students without an id or with the id of another.
    """
    problems = Problems(label)
    columns = _Columns(rows.header, checker, problems)
    problems.stop_if_any()
    if len(rows.rows) > MOST_STUDENTS:
        problems.add("", f"has more than {MOST_STUDENTS} rows")
        problems.stop_if_any()
    sheets, seen = list[Sheet](), dict[str, int]()
    for number, cells in rows.rows:
        if len(cells) > len(rows.header) and any(cell and cell.strip() for cell in cells[len(rows.header) :]):
            hint = "quote figures with a decimal comma, or use semicolons between columns"
            problems.add(f"line {number}", f"has {len(cells)} cells, the header {len(rows.header)}", hint)
            continue
        sheet = columns.sheet(number, cells, label)
        if not rows.split:
            _check_student(sheet, f"line {number}, column {columns.student + 1}", seen, problems)
        if sheet.variant and sheet.variant not in variants:
            hint = nearest(sheet.variant, variants) if variants else "say where the variants are: --variants FOLDER"
            where = f"line {number}, column {columns.variant + 1}"
            problems.add(where, f"there is no variant `{sheet.variant[:60]}`", hint)
        seen.setdefault(sheet.student, number)
        sheets.append(sheet)
    if not rows.rows:
        problems.add("", "holds no students", "a row per student below the header")
    problems.stop_if_any()
    return sheets


def _check_student(sheet: Sheet, where: str, seen: Mapping[str, int], problems: Problems) -> None:
    if not sheet.student:
        problems.add(where, "names no student")
    elif sheet.student in seen:
        what = f"the student `{sheet.student[:60]}` is there already, in line {seen[sheet.student]}"
        problems.add(where, what, "each student once")


class _Columns:
    """What each column of a class list is."""

    def __init__(self, header: Sequence[str], checker: Checker, problems: Problems) -> None:
        lowered = [" ".join(cell.lower().split()) for cell in header]
        self.student = next((lowered.index(head) for head in STUDENT_HEADS if head in lowered), -1)
        self.variant = next((lowered.index(head) for head in VARIANT_HEADS if head in lowered), -1)
        self.quantities: dict[int, str] = {}
        self.others: dict[int, str] = {}
        if self.student < 0:
            problems.add(
                "line 1",
                "has neither the columns `quantity` and `answer` nor a column `student`",
                "a sheet: quantity,answer; a class list: student and a column per line",
            )
            return
        self._read(header, checker, problems)

    def _read(self, header: Sequence[str], checker: Checker, problems: Problems) -> None:
        seen: dict[str, int] = {}
        for place, head in enumerate(header):
            if place in (self.student, self.variant) or not head:
                continue
            id = checker.names.find(head)
            if id and id in seen:
                problems.add(
                    f"line 1, column {place + 1}",
                    f"`{head}` is there already, in column {seen[id] + 1}",
                    "each quantity once",
                )
            elif id:
                seen[id] = place
                self.quantities[place] = head
            elif OTHER_HEADS.fullmatch(head):
                self.others[place] = head
            else:
                problems.add(
                    f"line 1, column {place + 1}",
                    f"`{head[:60]}` is not a quantity of this calculation",
                    nearest(head[:80], checker.names.known),
                )
            if len(problems.found) > 50:
                return
        if not self.quantities:
            problems.add("line 1", "names no quantity of this calculation", "is the list for another calculation?")

    def sheet(self, number: int, cells: Sequence[str | None], label: str) -> Sheet:
        """One row as a sheet, of what was asked."""
        cell = {place: (text or "").strip() for place, text in enumerate(cells)}
        asked = {
            place: head for place, head in self.quantities.items() if place >= len(cells) or cells[place] is not None
        }
        answers = tuple(
            Answer(head, cell.get(place, ""), f"line {number}, column {place + 1}") for place, head in asked.items()
        )
        extras = {head: cell.get(place, "") for place, head in self.others.items()}
        return Sheet(label, answers, cell.get(self.student, ""), cell.get(self.variant, ""), extras=extras)


def reports_of(
    sheets: Sequence[Sheet],
    checker: Checker,
    variants: Mapping[str, Checker],
    policy: Policy,
    told: Callable[[int, int], None],
) -> Iterator[Report]:
    """A report per sheet; ``told`` hears how many are done, of how many."""
    for number, sheet in enumerate(sheets, 1):
        own = variants[sheet.variant] if sheet.variant else checker
        own.variants = {code: other for code, other in variants.items() if other is not own}
        yield own.check(sheet, policy)
        told(number, len(sheets))


def class_files(
    reports: Sequence[Report], level: Level, formats: Sequence[str], order: Sequence[str] = ()
) -> dict[str, str]:
    """The gradebook, the summary, and a report for each student in each format; ``order``: the lines in that of the
    calculation, where students have several reports."""
    files = {"gradebook.csv": gradebook(reports, order), "summary.md": summary_markdown(reports, order)}
    taken: set[str] = set()
    several = {own[0].student for own in by_student(reports) if len(own) > 1}
    for report in reports:
        of_variant = f", variant {report.variant}" if report.student in several else ""
        name = _file_name(f"{report.student}{of_variant}", taken)
        shown = at_level(report, level)
        for format in formats:
            ending, write = FORMATS[format]
            files[f"reports/{name}.{ending}"] = write(shown)
    return files


def _file_name(student: str, taken: set[str]) -> str:
    """A name that every system can hold, unlike all others."""
    name = re.sub(r"[^\w-]+", "_", student).strip("_")[:60] or "student"
    if re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", name):
        name = f"_{name}"
    found, number = name, 1
    while found.lower() in taken:
        number += 1
        found = f"{name}-{number}"
    taken.add(found.lower())
    return found


def by_student(reports: Sequence[Report]) -> list[list[Report]]:
    """The reports of each student: one, or one for each variant of which something was asked."""
    found: dict[str, list[Report]] = {}
    for report in reports:
        found.setdefault(report.student, []).append(report)
    return list(found.values())


def gradebook(reports: Sequence[Report], order: Sequence[str] = ()) -> str:
    """A row per student: the id as it came, the points of all variants together, and the first slip."""
    extras = list(dict.fromkeys(head for report in reports for head in report.extras))
    variants = any(report.variant for report in reports)
    header = [
        "student",
        *extras,
        *(["variant"] if variants else []),
        "points",
        "of",
        "percent",
        "slips",
        "first slip",
        "mistake",
    ]
    rows, place = [header], _places(order)
    for own in by_student(reports):
        slips = sorted((slip for report in own for slip in report.slips), key=lambda slip: place(slip.line))
        first = slips[0] if slips else None
        rows.append(
            [
                own[0].student,
                *(own[0].extras.get(head, "") for head in extras),
                *([", ".join(report.variant for report in own)] if variants else []),
                plain_points(_total(report.points for report in own)),
                plain_points(_total(report.worth for report in own)),
                plain_points(_percent(own)),
                str(len(slips)),
                first.line if first else "",
                first.explanations[0].mistake if first and first.explanations else "",
            ]
        )
    return csv_text(rows)


def _places(order: Sequence[str]) -> Callable[[str], int]:
    """The place of a line in an order; one that is not in it comes at the end."""
    places = {id: place for place, id in enumerate(order)}
    return lambda id: places.get(id, len(places))


def _total(points: Iterable[Decimal]) -> Decimal:
    return sum(points, Decimal(0))


def _percent(own: Sequence[Report]) -> Decimal:
    worth = _total(report.worth for report in own)
    return (100 * _total(report.points for report in own) / worth).quantize(Decimal("0.1")) if worth else Decimal(0)


def summary_of(reports: Sequence[Report], order: Sequence[str] = ()) -> Summary:
    """How the class did, each slip counted."""
    counts = Counter(
        (slip.explanations[0].mistake if slip.explanations else "", slip.line) for r in reports for slip in r.slips
    )
    slips = [Commonest(mistake, line, count) for (mistake, line), count in counts.most_common(40)]
    students = by_student(reports)
    return Summary(
        reports[0].title,
        len(students),
        sum(not any(report.slips for report in own) for own in students),
        (_total(report.points for report in reports) / len(students)).quantize(Decimal("0.01")),
        max(_total(report.worth for report in own) for own in students),
        tuple(slips),
        tuple(_line_counts(reports, order)),
    )


def _line_counts(reports: Sequence[Report], order: Sequence[str]) -> Iterator[LineCount]:
    counts: dict[str, Counter[str]] = {}
    for report in reports:
        for line in report.lines:
            kind = "right" if line.verdict in GOOD else WORDS.get(line.verdict, "wrong")
            counts.setdefault(line.id, Counter())[kind] += 1
    place = _places(order)
    for id, found in sorted(counts.items(), key=lambda count: place(count[0])):
        yield LineCount(id, found["right"], found["follows"], found["wrong"], found["missing"])


WORDS = {Verdict.FOLLOWS: "follows", Verdict.MISSING: "missing"}


def summary_markdown(reports: Sequence[Report], order: Sequence[str] = ()) -> str:
    """The summary as a page."""
    return tidied(filled("report_class.md.j2", Paper(), summary=summary_of(reports, order)))


def summary_text(reports: Sequence[Report]) -> str:
    """The summary for a terminal."""
    return wrapped(filled("report_class.txt.j2", Terminal(), summary=summary_of(reports)))
