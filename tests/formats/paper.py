"""Reads PDF files as a reader of the paper would: where words stand, what page a link leads to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import unicodedata
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

WORD = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>')
PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.S)
MM = 72 / 25.4


def need(module: str) -> Any:
    """The module; the test is skipped without it, but fails under continuous integration."""
    return __import__(module) if os.environ.get("CI") else pytest.importorskip(module)


def need_command(name: str) -> str:
    """The same for a command."""
    found = shutil.which(name)
    if found is None:
        reason = f"{name} is not installed"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return found


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its box, in points from the upper left corner of the page."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page as poppler reads it."""

    width: float
    height: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words from top to bottom, with the letters of formulas as plain letters."""
        return " ".join(word.text for word in self.words)


def pages(pdf: bytes) -> list[Page]:
    """The pages with their words."""
    command = need_command("pdftotext")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "file.pdf")
        file.write_bytes(pdf)
        done = subprocess.run([command, "-bbox", file, "-"], capture_output=True, text=True, check=True)
    return [
        Page(float(width), float(height), tuple(_word(*found) for found in WORD.findall(words)))
        for width, height, words in PAGE.findall(done.stdout)
    ]


def _word(left: str, top: str, right: str, bottom: str, text: str) -> Word:
    return Word(float(left), float(top), float(right), float(bottom), unicodedata.normalize("NFKC", unescape(text)))


def links(pdf: bytes) -> list[tuple[int, int | str]]:
    """Every link as the number of its page and that of the page it leads to, or its address."""
    reader = need("pypdf").PdfReader(BytesIO(pdf))
    numbers = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages, 1)}
    found: list[tuple[int, int | str]] = []
    for number, page in enumerate(reader.pages, 1):
        for annotation in page.get("/Annots") or ():
            link = annotation.get_object()
            action = link.get("/A", {})
            if "/URI" in action:
                found.append((number, str(action["/URI"])))
                continue
            target = action.get("/D", link.get("/Dest"))
            if isinstance(target, str):
                target = reader.named_destinations[target].dest_array
            found.append((number, numbers[target.get_object()[0].idnum]))
    return found
