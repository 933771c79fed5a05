"""Prints a lesson with an installed TeX, by way of the LaTeX writer."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .document import Document, FormatError
from .latex import to_latex
from .printing import Print

RUNS = 3
"""So many runs let TeX settle its references."""
UNSETTLED = re.compile(r"Warning: .*(?:Rerun|changed)")
PATIENCE = 300
"""Seconds for a run of TeX."""


def by_tex(document: Document, printed: Print) -> bytes:
    """The document as a PDF file.

    Raises:
        FormatError: where there is no TeX, or it cannot set the document.
    """
    engine = shutil.which("pdflatex")
    if engine is None:
        raise FormatError("--pdf-engine tex needs an installed TeX with the command pdflatex; there is none")
    tex = to_latex(document, printed=printed)
    with tempfile.TemporaryDirectory(prefix="explainer-") as folder:
        Path(folder, "document.tex").write_text(tex, encoding="utf-8")
        log = ""
        for _ in range(RUNS):
            log = _run_tex(engine, folder)
            if not UNSETTLED.search(log):
                break
        made = Path(folder, "document.pdf")
        if not made.is_file():
            raise FormatError(f"TeX could not set the document\n    {_complaint(log)}")
        return made.read_bytes()


def _run_tex(engine: str, folder: str) -> str:
    """One run; its log. The date and the mark of the file are fixed: the same document gives the same bytes."""
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "-jobname=document"]
    command.append(r"\pdftrailerid{}\input{document.tex}")
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
