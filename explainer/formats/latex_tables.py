"""Lays out a table for LaTeX so that it fits the line: which columns wrap, and whether it may run over pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from msgspec import Struct

from .blocks import (
    Anchor,
    Code,
    Content,
    Emphasis,
    Inline,
    LineBreak,
    Math,
    Picture,
    StepLink,
    Strong,
    Table,
    Text,
    WebLink,
)
from .mathematics import visible_width

LINE = 78
"""How many digits fit on a line of the article."""
GAP = 2
"""The space between two columns, in digits."""
PROSE = 26
"""A cell wider than this, in digits, holds prose that may wrap if the table is too wide."""
LETTER = 0.9
"""The width of an average letter, in digits."""
PAGE = 25
"""A table with more lines runs over pages."""
LEAST_SHARE = 0.15
"""How much of the line a column of prose has at least."""
SIZES: tuple[tuple[float, str], ...] = ((1.0, ""), (1.1, r"\small"), (1.2, r"\footnotesize"), (1.45, r"\scriptsize"))
"""How much more than a line fits in each size of type."""
COLUMNS: Mapping[str, str] = {"": "l", "left": "l", "center": "c", "right": "r"}


class Layout(Struct, frozen=True):
    """How a table is set: its columns in LaTeX's notation, and the size of type that a long one needs to fit."""

    columns: str
    rows_on_page: int
    """From more rows on, it runs over pages."""
    size: str | None
    """The command for the size; None if a long table fits in no size."""

    def written(self, header: str, rows: Sequence[str]) -> str:
        """The table, given its rows in LaTeX: on one page, over pages, or in pieces that are scaled to the line."""
        if len(rows) > self.rows_on_page and self.size is not None:
            return self.over_pages(header, rows)
        step = self.rows_on_page
        pieces = (rows[start : start + step] for start in range(0, max(len(rows), 1), step))
        return "\n\n".join(self.on_a_page(header, piece) for piece in pieces)

    def on_a_page(self, header: str, rows: Sequence[str]) -> str:
        """A table in the middle of the line, scaled down by TeX if it is too wide."""
        head = [header, r"\midrule"] if header else []
        lines = [
            rf"\begin{{center}}{_stretch(rows)}",
            r"\begin{adjustbox}{max width=\linewidth}",
            rf"\begin{{tabular}}{{@{{}}{self.columns}@{{}}}}",
            r"\toprule",
            *head,
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{adjustbox}",
            r"\end{center}",
        ]
        return "\n".join(lines)

    def over_pages(self, header: str, rows: Sequence[str]) -> str:
        """A table whose header is repeated on every page."""
        head = [header, r"\midrule"] if header else []
        lines = [
            rf"\begingroup{self.size}{_stretch(rows)}",
            rf"\begin{{longtable}}{{@{{}}{self.columns}@{{}}}}",
            r"\toprule",
            *head,
            r"\endhead",
            r"\bottomrule",
            r"\endfoot",
            *rows,
            r"\end{longtable}",
            r"\endgroup",
        ]
        return "\n".join(lines)


def _stretch(rows: Sequence[str]) -> str:
    """More room between rows that hold fractions, which would touch each other."""
    return r"\renewcommand{\arraystretch}{1.7}" if any(r"\frac" in row for row in rows) else ""


def table_layout(table: Table, line: float = LINE) -> Layout:
    """The layout by the estimated widths of the columns, for a line that so many digits fit on."""
    columns = list(zip(table.header, *table.rows, strict=True))
    widths = [max(map(content_width, column)) for column in columns]
    shares = _shares(widths, line)
    fixed = sum(width for width, share in zip(widths, shares, strict=True) if not share)
    total = (fixed + GAP * (len(widths) - 1)) / line + sum(shares)
    lines = max(ceil(width / (share * line)) if share else 1 for width, share in zip(widths, shares, strict=True))
    return Layout(
        "".join(_column(*column, len(columns) - 1) for column in zip(table.alignments, shares, strict=True)),
        max(1, PAGE // lines),
        next((size for fits, size in SIZES if total <= fits), None),
    )


def _shares(widths: Sequence[float], line: float) -> list[float]:
    """Which share of the line each column is wrapped to; 0 if it is as wide as its contents."""
    room = line - GAP * (len(widths) - 1)
    prose = sum(width for width in widths if width > PROSE)
    if sum(widths) <= room:
        return [0.0] * len(widths)
    left = (room - sum(widths) + prose) / line
    return [max(LEAST_SHARE, left * width / prose) if width > PROSE else 0.0 for width in widths]


def content_width(content: Content) -> float:
    """About how wide the content is on one line, in digits."""
    return sum(map(_width, content))


def _width(part: Inline) -> float:
    match part:
        case Text(text):
            return LETTER * len(text)
        case Code(text):
            return 1.05 * len(text)
        case Math(tex):
            return visible_width(tex)
        case Emphasis(content) | Strong(content) | StepLink(_, content) | WebLink(_, content):
            return content_width(content)
        case Anchor() | LineBreak() | Picture():
            return 0.0


def _column(alignment: str, share: float, gaps: int) -> str:
    """A column in LaTeX's notation; one that wraps gives up its share of the space between all columns."""
    if not share:
        return COLUMNS[alignment]
    width = rf"\dimexpr{share:.2f}\linewidth-{2 * gaps * share:.2f}\tabcolsep\relax"
    return rf">{{\raggedright\arraybackslash}}p{{{width}}}"
