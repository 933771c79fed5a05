"""Documents for the tests, and a figure that draws hardly anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from explainer.formats.document import Document

SAMPLE = (Path(__file__).parent / "sample.md").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Dot:
    """A figure of one circle."""

    alt: str = "a circle"

    def svg(self) -> str:
        """The circle, with the declaration that drawing programs write."""
        circle = '<circle cx="5" cy="5" r="4"/>'
        return f'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{circle}</svg>'

    def tikz(self) -> str:
        """The circle with a Greek letter in it."""
        return "\\begin{tikzpicture}\n\\node[circle, draw] {δ};\n\\end{tikzpicture}\n"


def lesson(markdown: str, title: str = "A lesson", language: str = "en") -> Document:
    """A document with this text and one figure, ``network.svg``."""
    return Document(title, language, markdown, {"network.svg": Dot()})
