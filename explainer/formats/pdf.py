"""Prints lessons as PDF: with Typst, which ``explainer[pdf]`` installs, or with an installed TeX if asked to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from explainer.resources import template_folder

from .document import Document, FormatError
from .printing import Print
from .typst import Sheet, typst_sheets
from .typst_mathematics import string

COVERED = re.compile(
    r"[\x00-\u024f\u0300-\u036f\u0370-\u03ff\u0410-\u044f\u1e00-\u1eff\u2000-\u22ff\u25a0-\u25cf\u2605\u2713\u27e8\u27e9\U0001d400-\U0001d7ff]*"
)
"""Text of these characters is shown with the fonts that come with Typst, whatever is installed."""
PAPERS: Mapping[str, str] = {"a4": "a4", "letter": "us-letter"}
"""Typst's name of each paper."""
MISSING = """PDF needs the typesetter Typst, which is not installed
    pip install "explainer[pdf]", or use an installed TeX: --pdf-engine tex"""
RUNS = 3
"""So many runs let TeX settle its references."""
PATIENCE = 300
"""Seconds for a run of TeX."""


def to_pdf(document: Document, options: Print | None = None) -> bytes:
    """The document as a PDF file; the same document gives the same bytes.

    Raises:
        FormatError: where the engine is missing or cannot set the document; the message says what to install.
    """
    options = options or Print()
    return _BY[options.engine](document, options)


def to_print_file(sheets: Sequence[Sheet], title: str, options: Print | None = None) -> bytes:
    """Many sheets as one file for printing on both sides: each begins on an odd page, and its pages count from 1.

    Raises:
        FormatError: as `to_pdf`; and if the engine is TeX, which prints one document at a time.
    """
    options = options or Print()
    if options.engine != "typst":
        raise FormatError("many sheets in one file take the engine typst; with tex, print each as a file of its own")
    return _typeset(sheets, title, options, both_sides=True)


def answer_page(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], language: str = "en") -> Sheet:
    """A sheet with one table, which is made to fit on a page: all variants' answers at a glance.

    The cells are Markdown like that of a lesson's table, such as ``$0.593$``. Many columns turn the
    paper on its long side.

    Raises:
        FormatError: if a row has not as many cells as the header.
    """
    uneven = [row for row in rows if len(row) != len(header)]
    if uneven:
        raise FormatError(f"a row of answers has {len(uneven[0])} cells, the header has {len(header)}: {uneven[0]}")
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *rows]
    table = "\n".join(f"| {' | '.join(_one_line(cell) for cell in line)} |" for line in lines)
    return Sheet(Document(title, language, table, {}), one_page=True, flipped=len(header) > WIDE_TABLE)


WIDE_TABLE = 7
"""A table of answers with more columns is set on the paper's long side."""


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


# ---------------------------------------------------------------- Typst


def _by_typst(document: Document, options: Print) -> bytes:
    return _typeset([Sheet(document)], document.title, options, both_sides=False)


def typst_source(sheets: Sequence[Sheet], title: str, options: Print, *, both_sides: bool) -> str:
    """The sheets in the language of Typst, for a file whose root is the folder of Typst's templates."""
    settings = (
        f"title:{string(title)},paper:{string(PAPERS[options.paper])},"
        f"size:{options.size:g}pt,margin:{options.margin:g}mm"
    )
    opening = f'#import "/lesson.typ": *\n#show: pages.with({settings})\n'
    return opening + "".join(typst_sheets(sheets, options, both_sides=both_sides))


def _typeset(sheets: Sequence[Sheet], title: str, options: Print, *, both_sides: bool) -> bytes:
    source = typst_source(sheets, title, options, both_sides=both_sides)
    compiler = _compiler(COVERED.fullmatch(source) is not None)
    try:
        return bytes(compiler.compile(source.encode("utf-8", "replace"), format="pdf"))
    except RuntimeError as error:  # typst.TypstError
        raise FormatError(f"the document cannot be printed: {error}") from error


@cache
def _compiler(only_own_fonts: bool) -> Any:
    """The typesetter, with no other fonts than its own if they are enough: so pages are the same on every machine."""
    try:
        from typst import Compiler
    except ImportError:
        raise FormatError(MISSING) from None
    return Compiler(root=str(template_folder() / "typst"), ignore_system_fonts=only_own_fonts)


# ---------------------------------------------------------------- TeX


def _by_tex(document: Document, options: Print) -> bytes:
    from .latex import to_latex

    engine = shutil.which("pdflatex")
    if engine is None:
        raise FormatError("--pdf-engine tex needs an installed TeX with the command pdflatex; there is none")
    tex = to_latex(document, printed=options)
    with tempfile.TemporaryDirectory(prefix="explainer-") as folder:
        Path(folder, "document.tex").write_text(tex, encoding="utf-8")
        log = ""
        for _ in range(RUNS):
            log = _run_tex(engine, folder)
            if "Rerun to get" not in log and "rerunfilecheck" not in log:
                break
        made = Path(folder, "document.pdf")
        if not made.is_file():
            raise FormatError(f"TeX could not set the document\n    {_complaint(log)}")
        return made.read_bytes()


def _run_tex(engine: str, folder: str) -> str:
    """One run; its log. The date is fixed, so that the same document gives the same bytes."""
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "document.tex"]
    fixed = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "openin_any": "p", "openout_any": "p"}
    try:
        subprocess.run(
            command, cwd=folder, env={**os.environ, **fixed}, capture_output=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise FormatError(f"TeX did not finish within {PATIENCE} seconds") from None
    log = Path(folder, "document.log")
    return log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""


def _complaint(log: str) -> str:
    return next((line for line in log.splitlines() if line.startswith("!")), "it left no message")


_BY: Mapping[str, Callable[[Document, Print], bytes]] = {"typst": _by_typst, "tex": _by_tex}
