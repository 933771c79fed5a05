"""A Handout as files: what goes to the student, and what stays with the teacher."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..formats.document import Document
from ..formats.printing import Print
from .handout import Handout

Files = dict[str, str | bytes]


def _markdown(document: Document, name: str, printed: Print) -> Files:
    return {f"{name}.md": document.markdown, **{figure: drawn.svg() for figure, drawn in document.figures.items()}}


def _html(document: Document, name: str, printed: Print) -> Files:
    from ..formats.html import to_html

    return {f"{name}.html": to_html(document)}


def _latex(document: Document, name: str, printed: Print) -> Files:
    from ..formats.latex import to_latex

    return {f"{name}.tex": to_latex(document, printed=printed)}


def _pdf(document: Document, name: str, printed: Print) -> Files:
    from ..formats.pdf import to_pdf

    return {f"{name}.pdf": to_pdf(document, printed)}


FORMATS: Mapping[str, Callable[[Document, str, Print], Files]] = {
    "md": _markdown,
    "tex": _latex,
    "html": _html,
    "pdf": _pdf,
}
ORDINARY = Print()


def student_files(handout: Handout, formats: Sequence[str], prefix: str = "", printed: Print = ORDINARY) -> Files:
    """The worksheet, and the empty sheet of answers that ``explainer check`` takes once it is filled in."""
    files: Files = {}
    for name in formats:
        files.update(FORMATS[name](handout.document(), f"{prefix}worksheet", printed))
    answers = handout.answers_csv
    return {**files, f"{prefix}answers.csv": answers} if answers else files


def teacher_files(handout: Handout, formats: Sequence[str], prefix: str = "", printed: Print = ORDINARY) -> Files:
    """The key."""
    files: Files = {}
    for name in formats:
        files.update(FORMATS[name](handout.document(key=True), f"{prefix}key", printed))
    return files
