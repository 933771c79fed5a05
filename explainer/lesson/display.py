r"""Displays: one line where it fits, aligned rows where it does not. Long sums break before an operator.

No line begins with ``+``, ``-``, ``=`` or ``#``, so that Markdown takes none of them for a list or a heading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup
from msgspec import Struct

from .notation import Sized
from .text import as_markdown
from .widths import width

PAGE_WIDTH = 38.0
"""How wide a display may get, in em: a printed A4 page with ordinary margins."""
EQUALS = 1.6
INDENT = 2.5
COLUMN_GAP = 1.2


class Row(Struct, frozen=True):
    """One side of an equation, measured once."""

    tex: str
    width: float
    parted: Callable[[], Sequence[Sized]] | None = None
    """Gives the terms between which it may be broken; few lines are. None where it may not be broken."""

    def terms(self) -> Sequence[Sized]:
        """The pieces that stay whole."""
        return self.parted() if self.parted else [Sized(self.tex, self.width)]


EMPTY = Row("", 0.0)


def measured(tex: str) -> Row:
    """TeX that stays whole."""
    return Row(tex, width(tex))


def row(terms: Sequence[Sized]) -> Row:
    """The terms of a sum, each with its sign, put together."""
    return Row("".join([term.tex for term in terms]), sum([term.width for term in terms]), lambda: terms)


def equation(left: Row, rows: Sequence[Row], page_width: float = PAGE_WIDTH) -> str:
    """``left = row = row = …``, broken over lines as the page demands."""
    if left.width + sum([EQUALS + row.width for row in rows]) <= page_width:
        return f"{left.tex} = {' = '.join([row.tex for row in rows])}"
    available = page_width - left.width - EQUALS
    lines = []
    for number, row in enumerate(rows):
        lead = f"{left.tex} &= " if number == 0 else "&= "
        for i, part in enumerate(_broken(row, available)):
            lines.append((lead if i == 0 else r"&\quad ") + part)
    return "\\begin{aligned}\n" + " \\cr\n".join(lines) + "\n\\end{aligned}"


def table_fits(rows: Iterable[Sequence[Row]], page_width: float = PAGE_WIDTH) -> bool:
    """Whether the cells stand side by side: the widest of each column, with the space between columns."""
    columns: list[float] = [max([cell.width for cell in column]) for column in zip(*rows, strict=True)]
    return sum(columns) + COLUMN_GAP * len(columns) <= page_width


def row_fits(cells: Sequence[Row], page_width: float = PAGE_WIDTH) -> bool:
    """Whether the cells of one line stand side by side."""
    return sum([cell.width for cell in cells]) + COLUMN_GAP * len(cells) <= page_width


def _broken(row: Row, available: float) -> list[str]:
    """The terms of a row on as many lines as they need."""
    if row.width <= available:
        return [row.tex.strip()]
    lines: list[str] = []
    used = available + 1
    for term in row.terms():
        if lines and used + term.width <= available:
            lines[-1] += term.tex
            used += term.width
        else:
            used = term.width + (INDENT if lines else 0)
            lines.append(term.tex.strip())
    return lines


def block(anchor: str, tex: str) -> Markup:
    """A display in a paragraph of its own, its anchor before it."""
    return as_markdown(f"\n\n{anchor}\n\n$$\n{tex}\n$$\n\n")
