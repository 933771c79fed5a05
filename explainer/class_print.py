"""The sheets of a class as files for a printer: all worksheets, all keys, and a table of everybody's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from .formats.folder import write_files
from .formats.print_file import PrintFile, answer_page, to_print_file
from .formats.typst import Sheet
from .handing_out import TEACHER, Run
from .handouts.handout import Handout
from .handouts.masks import Part
from .press import Order, press_of

COLUMNS = 14
"""So many sheets' answers stand side by side on a page."""
Progress = Callable[[int, int], None]
Column = tuple[str, dict[str, str]]
"""Whose answers they are, and what each blank asks for."""


def print_class(run: Run, orders: Sequence[Order], progress: Progress) -> list[Path]:
    """Write ``worksheets.pdf``, and for the teacher ``keys.pdf`` and ``answers.pdf``; sheets in the order of the list.

    Raises:
        ExplainerError: where the typesetter is missing, or nothing can be written.
    """
    press, printed = press_of(run.wish), run.wish.printed
    title = press.given.spec.title
    worksheets, keys = PrintFile(title, printed), PrintFile(title, printed)
    columns: list[Column] = []
    for done, order in enumerate(orders, 1):
        for made in press.handouts(press.coded(order, run.secret)):
            running = " · ".join(filter(None, (made.header.name, made.header.student, made.header.code)))
            worksheets.add(Sheet(made.document(), running))
            keys.add(Sheet(made.document(key=True), running))
            columns.append((made.header.student or order.stem, _results(made)))
        progress(done, len(orders))
    written = write_files(run.folder, {"worksheets.pdf": worksheets.content()})
    teacher = {"keys.pdf": keys.content()}
    if pages := list(_answer_pages(title, columns)):
        teacher["answers.pdf"] = to_print_file(pages, title, printed)
    return [*written, *write_files(run.folder / TEACHER, teacher)]


def _answer_pages(title: str, columns: Sequence[Column]) -> Iterator[Sheet]:
    """Tables with a row for each result and a column for each sheet; sheets with other blanks stand on other pages."""
    by_blanks: dict[tuple[str, ...], list[Column]] = {}
    for column in columns:
        by_blanks.setdefault(tuple(column[1]), []).append(column)
    for names, alike in by_blanks.items():
        for start in range(0, len(alike) if names else 0, COLUMNS):
            part = alike[start : start + COLUMNS]
            answers = (results.values() for _, results in part)
            rows = [[f"`{name}`", *row] for name, *row in zip(names, *answers, strict=True)]
            yield answer_page(title, ["", *(f"`{stem}`" for stem, _ in part)], rows)


def _results(made: Handout) -> dict[str, str]:
    """The answers of a sheet by the number of the blank and the line that it stands in."""
    results = (blank for blank in made.blanks if blank.part is Part.RESULT)
    return {f"{blank.number} {blank.id}": f"${blank.tex}$" for blank in results}
