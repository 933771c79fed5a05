"""The closed dialect as data: every kind of block and of inline content that a lesson may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """Words, as the reader sees them: nothing in them is markup."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Inline code."""

    text: str


@dataclass(frozen=True, slots=True)
class Math:
    """An inline formula in TeX."""

    tex: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Emphasised content."""

    content: Content


@dataclass(frozen=True, slots=True)
class Strong:
    """Strongly emphasised content."""

    content: Content


@dataclass(frozen=True, slots=True)
class StepLink:
    """A link to the step with this id."""

    step: str
    content: Content


@dataclass(frozen=True, slots=True)
class WebLink:
    """A link to an address outside the document."""

    address: str
    content: Content


@dataclass(frozen=True, slots=True)
class Anchor:
    """The place of a step: inside a line or a table cell, or as a block of its own."""

    step: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure by its file name, with its description; inside a line, or as a block of its own."""

    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class LineBreak:
    """The end of a line in the source (soft) or one that the reader sees (hard)."""

    hard: bool


Inline: TypeAlias = Text | Code | Math | Emphasis | Strong | StepLink | WebLink | Anchor | Picture | LineBreak
Content: TypeAlias = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the title."""

    level: int
    content: Content


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    content: Content


@dataclass(frozen=True, slots=True)
class Display:
    """A formula on lines of its own, and the ids of the steps that stand there."""

    tex: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table: an alignment (``left``, ``center``, ``right`` or nothing) per column, a row of headers, rows."""

    alignments: tuple[str, ...]
    header: tuple[Content, ...]
    rows: tuple[tuple[Content, ...], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: numbered from ``start``, or with bullets if that is None; tight if its items stand close."""

    start: int | None
    tight: bool
    items: tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A side note (a blockquote)."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines shown exactly as they are."""

    text: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The line under which details are folded away."""

    content: Content


@dataclass(frozen=True, slots=True)
class DetailsStart:
    """What follows may be folded away."""


@dataclass(frozen=True, slots=True)
class DetailsEnd:
    """Here the folded part ends."""


@dataclass(frozen=True, slots=True)
class PageBreak:
    """In print, a new page begins here."""


@dataclass(frozen=True, slots=True)
class Room:
    """Empty lines to work in."""

    lines: int


@dataclass(frozen=True, slots=True)
class Rule:
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
