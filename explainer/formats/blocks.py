"""The closed dialect as data: every kind of block and of inline content that a lesson may hold."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class Text(Struct, frozen=True):
    """Words, as the reader sees them: nothing in them is markup."""

    text: str


class Code(Struct, frozen=True):
    """Inline code."""

    text: str


class Math(Struct, frozen=True):
    """An inline formula in TeX."""

    tex: str


class Emphasis(Struct, frozen=True):
    """Emphasised content."""

    content: Content


class Strong(Struct, frozen=True):
    """Strongly emphasised content."""

    content: Content


class StepLink(Struct, frozen=True):
    """A link to the step with this id."""

    step: str
    content: Content


class WebLink(Struct, frozen=True):
    """A link to an address outside the document."""

    address: str
    content: Content


class Anchor(Struct, frozen=True):
    """The place of a step: inside a line or a table cell, or as a block of its own."""

    step: str


class Picture(Struct, frozen=True):
    """A figure by its file name, with its description; inside a line, or as a block of its own."""

    name: str
    alt: str


class LineBreak(Struct, frozen=True):
    """The end of a line in the source (soft) or one that the reader sees (hard)."""

    hard: bool


Inline: TypeAlias = Text | Code | Math | Emphasis | Strong | StepLink | WebLink | Anchor | Picture | LineBreak
Content: TypeAlias = tuple[Inline, ...]


class Heading(Struct, frozen=True):
    """A heading; level 1 is the title."""

    level: int
    content: Content


class Paragraph(Struct, frozen=True):
    """A paragraph."""

    content: Content


class Display(Struct, frozen=True):
    """A formula on lines of its own, and the ids of the steps that stand there."""

    tex: str
    steps: tuple[str, ...] = ()


class Table(Struct, frozen=True):
    """A table: an alignment (``left``, ``center``, ``right`` or nothing) per column, a row of headers, rows."""

    alignments: tuple[str, ...]
    header: tuple[Content, ...]
    rows: tuple[tuple[Content, ...], ...]


class Listing(Struct, frozen=True):
    """A list: numbered from ``start``, or with bullets if that is None; tight if its items stand close."""

    start: int | None
    tight: bool
    items: tuple[tuple[Block, ...], ...]


class Note(Struct, frozen=True):
    """A side note (a blockquote)."""

    blocks: tuple[Block, ...]


class Verbatim(Struct, frozen=True):
    """Lines shown exactly as they are."""

    text: str


class Summary(Struct, frozen=True):
    """The line under which details are folded away."""

    content: Content


class DetailsStart(Struct, frozen=True):
    """What follows may be folded away."""


class DetailsEnd(Struct, frozen=True):
    """Here the folded part ends."""


class PageBreak(Struct, frozen=True):
    """In print, a new page begins here."""


class Room(Struct, frozen=True):
    """Empty lines to work in."""

    lines: int


class Rule(Struct, frozen=True):
    """A line across the page: a change of subject."""


Block: TypeAlias = (
    Heading
    | Paragraph
    | Display
    | Anchor
    | Picture
    | Table
    | Listing
    | Note
    | Verbatim
    | Summary
    | DetailsStart
    | DetailsEnd
    | PageBreak
    | Room
    | Rule
)
