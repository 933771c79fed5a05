"""Report → text, Markdown, HTML, JSON, CSV. All wording is in the templates."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from textwrap import fill
from typing import Any, Protocol

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import asdict

from ..lesson.notation import number_tex
from ..lesson.text import escaped
from ..lesson.write import environment, tidied
from .policy import plain_points
from .report import Report, Working

LINE_WIDTH = 88
LONGEST_SHOWN = 80
_PLAIN_NUMBER = re.compile(r"[-+]?\d*[.,]?\d+(?:[eE][-+]?\d+)?")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "|", "%")


class Shows(Protocol):
    """How a format shows ids, numbers, formulas and what people typed."""

    def id(self, id: str) -> Markup:
        """The id of a line."""

    def number(self, text: str) -> Markup:
        """A number."""

    def formula(self, working: Working) -> Markup:
        """A formula with numbers in it."""

    def typed(self, text: str) -> Markup:
        """What a person typed, whatever it holds."""


_POINT = re.compile(r"(?<=\d)\.(?=\d)")


class Terminal:
    """Plain text, with a comma for the decimal point where the calculation has one."""

    def __init__(self, comma: bool = False) -> None:
        self.comma = comma

    def marked(self, text: str, mark: str = ",") -> str:
        """A text with the decimal mark of the calculation; what a comma parted before is parted by a semicolon."""
        return _POINT.sub(mark, text.replace(", ", "; ")) if self.comma else text

    def id(self, id: str) -> Markup:
        """The id."""
        return Markup(id)

    def number(self, text: str) -> Markup:
        """The number."""
        return Markup(self.marked(text))

    def formula(self, working: Working) -> Markup:
        """The formula."""
        return Markup(self.marked(working.numbers))

    def typed(self, text: str) -> Markup:
        """Without what cannot be seen."""
        seen = "".join(letter if letter.isprintable() else "�" for letter in " ".join(text.split()))
        return Markup(seen if len(seen) <= LONGEST_SHOWN else f"{seen[: LONGEST_SHOWN - 1]}…")

    def points(self, points: Decimal) -> Markup:
        """Points without idle zeros."""
        return Markup(plain_points(points))


class Paper(Terminal):
    """Markdown in the dialect of the lessons."""

    def id(self, id: str) -> Markup:
        """In code type."""
        return Markup(f"`{id}`")

    def number(self, text: str) -> Markup:
        """In TeX where it has a power of ten."""
        return Markup(f"${self.marked(number_tex(text), '{,}')}$" if "e" in text else self.marked(text))

    def formula(self, working: Working) -> Markup:
        """In TeX."""
        in_symbols = f"${self.marked(working.tex, '{,}')}$"
        return Markup(in_symbols if working.tex else f"`{self.marked(working.numbers)}`")

    def typed(self, text: str) -> Markup:
        """With nothing in it having a meaning."""
        return Markup(escaped(str(super().typed(text))))


def _line(text: str) -> Markup:
    """A text on one line."""
    return Markup(" ".join(str(text).split()))


def filled(template: str, shows: Shows, **values: Any) -> str:
    """A template of reports, filled in."""
    return environment("en").get_template(template).render(f=shows, line=_line, **values)


def _blanks(report: Report) -> frozenset[str]:
    return frozenset(line.id for line in report.of("missing"))


def report_text(report: Report) -> str:
    """For a terminal."""
    text = filled(
        "report.txt.j2", Terminal(report.comma), report=report, blanks=_blanks(report), bullet=Markup("     ")
    )
    return wrapped(text)


def wrapped(text: str) -> str:
    """Lines no longer than a terminal's, and no two blank ones together."""
    lines: list[str] = []
    for line in text.split("\n"):
        if not line.strip():
            if lines and lines[-1]:
                lines.append("")
            continue
        indent = " " * (len(line) - len(line.lstrip()) or 3)
        lines.append(
            fill(line.rstrip(), LINE_WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        )
    return "\n".join(lines).strip("\n") + "\n"


def report_markdown(report: Report) -> str:
    """A page of Markdown."""
    return tidied(filled("report.md.j2", Paper(report.comma), report=report, blanks=_blanks(report), bullet=""))


def report_html(report: Report) -> str:
    """A page that needs nothing else."""
    return markdown_page(report.title, report_markdown(report))


def markdown_page(title: str, markdown: str) -> str:
    """Markdown as a page that needs nothing else."""
    from ..formats.document import Document
    from ..formats.html import to_html

    return to_html(Document(title, "en", markdown, {}))


def report_json(report: Report) -> str:
    """Everything, for programs."""
    data = {"points": plain_points(report.points), "of": plain_points(report.worth), "all_right": report.all_right}
    return json.dumps({**data, **_data(report)}, ensure_ascii=False, indent=1) + "\n"


def _data(value: Any) -> Any:
    """Records as objects; what is empty is left out."""
    if isinstance(value, Struct):
        return {name: _data(part) for name, part in asdict(value).items() if part not in ("", None, (), {})}
    if isinstance(value, Mapping):
        return {name: _data(part) for name, part in value.items() if part not in ("", None, (), {})}
    if isinstance(value, list | tuple):
        return [_data(part) for part in value]
    if isinstance(value, Decimal):
        return plain_points(value)
    return value.value if isinstance(value, Enum) else value


COLUMNS = ("quantity", "answer", "verdict", "points", "of", "mistake", "follows", "key")


def report_csv(report: Report) -> str:
    """A row per line."""
    mistakes = {s.line: s.explanations[0].mistake for s in report.slips if s.explanations}
    mistakes |= {id: mistakes[s.line] for s in report.slips for id in (*s.again, *s.explained) if s.line in mistakes}
    rows = [
        (
            line.id,
            line.answer,
            line.verdict.value,
            plain_points(line.points) if line.counted else "",
            plain_points(line.worth) if line.counted else "",
            mistakes.get(line.id, ""),
            " ".join(line.follows),
            line.key,
        )
        for line in report.lines
    ]
    return csv_text([COLUMNS, *rows])


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV in which no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([[harmless(cell) for cell in row] for row in rows])
    return out.getvalue()


def harmless(cell: str) -> str:
    """A cell that a spreadsheet takes as text or as a number, whatever was typed."""
    flat = " ".join(cell.split("\n"))
    if flat.lstrip().startswith(_FORMULA_STARTS) and not _PLAIN_NUMBER.fullmatch(flat.strip()):
        return f"'{flat}"
    return flat


FORMATS = {
    "text": ("txt", report_text),
    "md": ("md", report_markdown),
    "html": ("html", report_html),
    "json": ("json", report_json),
    "csv": ("csv", report_csv),
}
"""Name → the ending of its file, and what writes it."""
