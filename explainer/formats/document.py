"""What the writers are given: a finished lesson and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from explainer.formulas.problems import ExplainerError


class Figure(Protocol):
    """A picture that can be drawn for a page (SVG) and for a book (TikZ)."""

    @property
    def alt(self) -> str:
        """What the picture shows, in words."""

    def svg(self) -> str:
        """The picture as one ``<svg>`` element."""

    def tikz(self) -> str:
        """The picture as one ``tikzpicture`` environment."""


class Document(Struct, frozen=True):
    """A finished lesson: Markdown in the closed dialect that `explainer.formats.dialect` reads."""

    title: str
    """The title as typed; it may hold any character."""
    language: str
    """A language tag such as ``en``."""
    markdown: str
    figures: Mapping[str, Figure]
    """The figures by the file name that the Markdown gives them, such as ``network.svg``."""


class FormatError(ExplainerError):
    """The lesson holds something that a format cannot show; the message says what and where."""


def figure_named(document: Document, name: str) -> Figure:
    """The figure that the lesson calls ``name``.

    Raises:
        FormatError: if the document has no such figure.
    """
    if name not in document.figures:
        known = ", ".join(sorted(document.figures)) or "none"
        raise FormatError(f'the lesson shows a figure "{name}", but the figures of this document are: {known}')
    return document.figures[name]
