"""A Handout as files: what goes to the student, and what stays with the teacher."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..formats.document import Document
from .handout import Handout

Files = dict[str, str]


def _markdown(document: Document, name: str) -> Files:
    return {f"{name}.md": document.markdown, **{figure: drawn.svg() for figure, drawn in document.figures.items()}}


def _html(document: Document, name: str) -> Files:
    from ..formats.html import to_html

    return {f"{name}.html": to_html(document)}


def _latex(document: Document, name: str) -> Files:
    from ..formats.latex import to_latex

    return {f"{name}.tex": to_latex(document)}


FORMATS: Mapping[str, Callable[[Document, str], Files]] = {"md": _markdown, "tex": _latex, "html": _html}


def student_files(handout: Handout, formats: Sequence[str], prefix: str = "") -> Files:
    """The worksheet, and the empty sheet of answers that ``explainer check`` takes once it is filled in."""
    files: Files = {}
    for name in formats:
        files.update(FORMATS[name](handout.document(), f"{prefix}worksheet"))
    answers = handout.answers_csv
    return {**files, f"{prefix}answers.csv": answers} if answers else files


def teacher_files(handout: Handout, formats: Sequence[str], prefix: str = "") -> Files:
    """The key."""
    files: Files = {}
    for name in formats:
        files.update(FORMATS[name](handout.document(key=True), f"{prefix}key"))
    return files
