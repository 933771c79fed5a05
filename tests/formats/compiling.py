"""Runs LaTeX on a text and judges its log."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

COMPLAINT = re.compile(
    r"^! .*|^Overfull .*|.*undefined.*|.*(?:has been referenced but does not exist).*|^Missing character.*"
    r"|^(?:LaTeX|Package \w+) Warning.*|^pdfTeX warning.*",
    re.MULTILINE,
)


def compiled(tex: str, *, engine: str = "pdflatex", runs: int = 2, files: dict[str, str] | None = None) -> str:
    """The log of the last of several runs over the text, which may read ``files``.

    Skips the test where the engine is missing, but fails it under continuous integration.
    """
    if shutil.which(engine) is None:
        reason = f"{engine} is not installed"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {**(files or {}), "document.tex": tex}.items():
            Path(folder, name).write_text(content, encoding="utf-8")
        command = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "document.tex"]
        environment = {**os.environ, "max_print_line": "1000"}
        for _ in range(runs):
            subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False, timeout=300)
        return Path(folder, "document.log").read_text(encoding="utf-8", errors="replace")


def available(file: str) -> bool:
    """Whether TeX finds a file of this name."""
    finder = shutil.which("kpsewhich")
    return finder is not None and subprocess.run([finder, file], capture_output=True, check=False).returncode == 0


def complaints(log: str) -> list[str]:
    """Every error, warning, undefined reference and line too long that the log tells of."""
    return COMPLAINT.findall(log)
