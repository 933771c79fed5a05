"""Prints a document as PDF: with Typst, which ``explainer[pdf]`` installs, or with an installed TeX if asked to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from explainer.resources import template_folder

from .document import Document, FormatError
from .printing import Print
from .typst import Sheet, typst_sheet
from .typst_mathematics import string

PAPERS: Mapping[str, str] = {"a4": "a4", "letter": "us-letter"}
"""Typst's name of each paper."""
MISSING = """PDF needs the typesetter Typst, which is not installed
    pip install "explainer[pdf]", or use an installed TeX: --pdf-engine tex"""

FORGOTTEN_AFTER = 10
"""Typst remembers what it has set, a few MB for each page, until it has set so many more documents."""
COVERED = re.compile(
    "["
    "\\x00-\\u017f\\u0218-\\u021b\\u0300-\\u036f"  # Latin letters and their accents
    "\\u0386-\\u03ce\\u0410-\\u044f"  # Greek, Cyrillic
    "\\u2000-\\u22ff\\u25a0-\\u25cf\\u2605\\u2713\\u27e8\\u27e9"  # punctuation, arrows, signs
    "\\U0001d400-\\U0001d7ff"  # letters of formulas
    "]*"
)
"""Text of these characters is shown with the fonts that come with Typst, whatever is installed."""


def to_pdf(document: Document, printed: Print | None = None) -> bytes:
    """The document as a PDF file; the same document gives the same bytes.

    Raises:
        FormatError: where the typesetter is missing or cannot set the document; the message says what to install.
    """
    printed = printed or Print()
    if printed.engine == "tex":
        from .pdflatex import by_tex

        return by_tex(document, printed)
    return typeset([typst_sheet(Sheet(document), printed)], document.title, printed)


def typeset(sheets: Iterable[str], title: str, printed: Print, *, tagged: bool = True) -> bytes:
    """Sheets in Typst's language as a PDF file; ``tagged`` for readers aloud, which makes it three times as large.

    Raises:
        FormatError: where Typst is missing or cannot set the document.
    """
    source = _opening(title, printed) + "".join(sheets)
    compiler = _compiler(COVERED.fullmatch(source) is not None)
    try:
        return bytes(compiler.compile(source.encode("utf-8", "replace"), format="pdf", pdf_tags=tagged))
    except RuntimeError as error:  # typst.TypstError
        raise FormatError(f"the document cannot be printed: {error}") from error


def forget() -> None:
    """Let Typst forget what it has set: it is given empty documents, which take next to no time."""
    for _ in range(FORGOTTEN_AFTER):
        _compiler(True).compile(b"", format="pdf", pdf_tags=False)


def _opening(title: str, printed: Print) -> str:
    settings = (
        f"title:{string(title)},paper:{string(PAPERS[printed.paper])},"
        f"size:{printed.size:g}pt,margin:{printed.margin:g}mm"
    )
    return f'#import "/lesson.typ": *\n#show: pages.with({settings})\n'


@cache
def _compiler(only_own_fonts: bool) -> Any:
    """The typesetter, with no other fonts than its own if they are enough: so pages are the same on every machine."""
    try:
        from typst import Compiler
    except ImportError:
        raise FormatError(MISSING) from None
    return Compiler(root=str(template_folder() / "typst"), ignore_system_fonts=only_own_fonts)
