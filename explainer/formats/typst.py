"""Writes lessons in the language of the typesetter Typst, for print; the layout itself is ``templates/typst``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from math import ceil

from msgspec import Struct, field

from .blocks import (
    Anchor,
    Block,
    Code,
    Content,
    DetailsEnd,
    DetailsStart,
    Display,
    Emphasis,
    Heading,
    Inline,
    LineBreak,
    Listing,
    Math,
    Note,
    PageBreak,
    Paragraph,
    Picture,
    Room,
    Rule,
    StepLink,
    Strong,
    Summary,
    Table,
    Text,
    Verbatim,
    WebLink,
)
from .characters import CODE_BREAK, CONTROL, LONG_CODE
from .dialect import blocks, steps_in
from .document import Document, figure_named
from .latex_tables import LINE, PROSE, content_width
from .mathematics import visible_width
from .printing import Print
from .typst_mathematics import string, typst_formula

LONGEST_LEAD = 8 * LINE
"""A paragraph up to this long, in digits, is moved to the next page rather than parted from its formula."""
ROOM_LINE = 1.8
"""The height of a line of handwriting, in em."""
LONGEST_WORD = 40
LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD // 2}}}(?=\S{{{LONGEST_WORD // 2}}})")
ALIGNMENTS = {"": "left", "left": "left", "center": "center", "right": "right"}
NEW_LINE, LINE_END = "\n", '+"\\n"+'
TALL = re.compile(r"frac\(|#framed\(")
DIGIT, CELL_GAP, FRAME = 0.55, 1.4, 1.0
"""The width of a digit, the space between two columns, and what a frame adds, in em."""
ROW, TALL_ROW, LEAST_ROW, HEADING = 2.0, 3.4, 1.5, 5.0
"""The height of a row, of one with fractions, that no row is lower than, and that of a heading, in em."""
LEAST_TYPE = 0.5
"""The smallest part of its size that type is made smaller to for want of height."""
LEAST_PROSE, SPARE_WIDTH = 9.0, 1.3
"""The least width of a column of prose, in em; how much more room prose takes than its words, since lines end early."""
PAGE_TABLE_MARGIN = 15.0
"""The margin of a page with nothing but a table, in millimetres."""
SVG_WIDTH = re.compile(r'<svg\b[^>]*?\bwidth="([0-9.]+)pt"')
SVG_FONTS = re.compile(r'(<svg\b[^>]*?\bfont-family=)"[^"]*"')
PICTURE_FONT = "New Computer Modern"
"""The font that comes with Typst, so that pictures look the same on every machine."""


class Sheet(Struct, frozen=True):
    """A document to be printed, with what stands at the foot of its pages."""

    document: Document
    running: str = ""
    one_page: bool = False
    """Its tables are made so small that each fits on a page, if they can be."""
    flipped: bool = False
    """Whether the paper lies on its long side."""


def typst_sheet(sheet: Sheet, printed: Print, number: int = 0, *, odd: bool = False) -> str:
    """A sheet, for a file that imports ``lesson.typ``; its ``number`` tells it from the others in the file.

    With ``odd`` it begins on a right-hand page.
    """
    document = sheet.document
    room = printed.room_within(PAGE_TABLE_MARGIN, sheet.flipped) if sheet.one_page else printed.room
    writer = _Writer(document, steps_in(document.markdown), str(number), room, sheet.one_page)
    body = writer.several(_with_title(document.title, blocks(document.markdown)))
    margin = f"{PAGE_TABLE_MARGIN:g}mm" if sheet.one_page else "auto"
    language = string(document.language.split("-")[0])
    return (
        f"#sheet({string(str(number))},language:{language},running:{string(_clean(sheet.running))},"
        f"odd:{_boolean(odd)},flipped:{_boolean(sheet.flipped)},margin:{margin})"
        f"[\n{body}\n]\n"
    )


def _with_title(title: str, stream: Iterator[Block]) -> Iterator[Block]:
    """The blocks; the title first if they do not open with it."""
    first = next(stream, None)
    opened = isinstance(first, Heading) and first.level == 1
    return chain([] if opened else [Heading(1, (Text(title),))], [first] if first else [], stream)


class _Writer(Struct, frozen=True):
    """Writes blocks; links lead to the steps that the lesson holds, and are plain text elsewhere."""

    document: Document
    steps: frozenset[str]
    name: str
    """Goes before the names of the steps, which may stand on several sheets."""
    room: tuple[float, float]
    """The width and the height of the text on a page, in em."""
    one_page: bool
    placed: set[str] = field(default_factory=set)
    """The steps that have a place already: a link leads to the first."""

    def several(self, stream: Iterable[Block]) -> str:
        return "\n\n".join(
            f"#keep[{self.block(block)}]" if follows and _belongs(block, follows) else self.block(block)
            for block, follows in pairwise(chain(stream, [None]))
            if block
        )

    def block(self, block: Block) -> str:
        match block:
            case Display(tex, steps):
                return self.targets(steps) + self.display(tex)
            case Paragraph(content):
                return self.line(content)
            case Anchor(step):
                return self.targets([step])
            case Heading(level, content):
                return f"#heading(level:{level})[{self.line(content)}]"
            case Table():
                return self.table(block)
            case Picture(name, alt):
                return self.picture(name, alt)
            case Listing():
                return self.listing(block)
            case Note(inner):
                return f"#note[{self.several(inner)}]"
            case Verbatim(text):
                return f"#verbatim({LINE_END.join(string(_clean(line)) for line in text.splitlines()) or string('')})"
            case Summary(content):
                return f"#summary[{self.line(content)}]"
            case DetailsStart():
                return ""
            case DetailsEnd():
                return "#v(0.4em)"
            case PageBreak():
                return "#pagebreak(weak:true)"
            case Room(lines):
                return f"#room({lines * ROOM_LINE}em)"
            case Rule():
                return "#divider"

    def display(self, tex: str) -> str:
        """A formula; unless it surely fits on the line, it is measured by Typst, which takes long."""
        formula = typst_formula(tex, display=True)
        frames = FRAME * max(row.count(r"\boxed") for row in tex.split(r"\cr"))
        return formula if DIGIT * visible_width(tex) + frames <= self.room[0] else f"#fitted[{formula}]"

    def targets(self, steps: Iterable[str]) -> str:
        new = [step for step in steps if step not in self.placed]
        self.placed.update(new)
        return "".join(f"#target({self.place(step)})" for step in new)

    def place(self, step: str) -> str:
        return string(f"{self.name}:{CONTROL.sub('', step)}")

    def table(self, table: Table) -> str:
        """A table; unless an estimate says how it fits, it is measured by Typst, which takes long."""
        columns = list(zip(table.header, *table.rows, strict=True))
        widths = [max(map(content_width, column)) for column in columns]
        header = "".join(map(self.cell, table.header)) if any(table.header) else ""
        rows = ["".join(map(self.cell, row)) for row in table.rows]
        sides = "".join(f"{ALIGNMENTS[alignment]}," for alignment in table.alignments)
        cells = f"align:({sides}),header:({header}),\n{NEW_LINE.join(rows)}"
        size = _Size.of(widths, [header, *rows])
        if self.one_page:
            return f"#page-table(size:{size.part(self.room):.2f}em,{cells})"
        if size.width <= self.room[0] and not size.least_height <= self.room[1] < size.height:
            return f"#plain-table(whole:{_boolean(size.height <= self.room[1])},{cells})"
        prose = [i for i, width in enumerate(widths) if width > PROSE]
        long = size.least_height > self.room[1]
        lines = _lines(widths, prose, self.room[0])
        if lines and (long or size.height * lines <= self.room[1]):
            sides = "".join(f"{width:.0f}fr," if i in prose else "auto," for i, width in enumerate(widths))
            return f"#wrapped-table(columns:({sides}),whole:{_boolean(not long)},{cells})"
        wrapping = "".join(f"{i}," for i in prose)
        return f"#measured-table(prose:({wrapping}),long:{_boolean(long)},{cells})"

    def cell(self, content: Content) -> str:
        """A cell; fractions are as large as in a display, and frames as high."""
        line = self.line(content)
        return f"[#large[{line}]]," if TALL.search(line) else f"[{line}],"

    def listing(self, listing: Listing) -> str:
        items = ",\n".join(f"[{self.several(item)}]" for item in listing.items)
        kind = "list" if listing.start is None else f"enum.with(start:{listing.start})"
        return f"#{kind}(tight:{_boolean(listing.tight)},\n{items})"

    def picture(self, name: str, alt: str) -> str:
        figure = figure_named(self.document, name)
        svg = SVG_FONTS.sub(rf'\1"{PICTURE_FONT}"', figure.svg())
        width = SVG_WIDTH.search(svg)
        return f"#picture({string(svg)},alt:{string(_clean(alt or figure.alt))},width:{width[1] if width else 0})"

    def line(self, content: Content) -> str:
        return "".join(map(self.inline, content))

    def inline(self, part: Inline) -> str:
        match part:
            case Text(text):
                return f"#{string(_clean(text))};"
            case Math(tex):
                return typst_formula(tex, display=False)
            case Code(text):
                return f"#raw({string(_breakable(_clean(text)))});"
            case Emphasis(content):
                return f"#emph[{self.line(content)}];"
            case Strong(content):
                return f"#strong[{self.line(content)}];"
            case StepLink(step, content):
                text = self.line(content)
                return f"#link(label({self.place(step)}))[{text}];" if step in self.steps else text
            case WebLink(address, content):
                return f"#link({string(address)})[{self.line(content)}];"
            case Anchor(step):
                return self.targets([step])
            case Picture(name, alt):
                return f"#box[{self.picture(name, alt)}];"
            case LineBreak(hard):
                return "#linebreak();" if hard else '#" ";'


def _belongs(block: Block, follows: Block) -> bool:
    """Whether a block must not be parted from the next: a sentence from its formula, a formula from its note."""
    match block, follows:
        case Paragraph(content), Display() | Table() | Picture() | Listing() | Verbatim():
            return content_width(content) <= LONGEST_LEAD
        case Display(), Note() | Room():
            return True
        case Display() | Room() | Table() | Paragraph(), Paragraph((Emphasis(),)):  # the last line of a sheet
            return True
    return False


def _lines(widths: Sequence[float], prose: Sequence[int], room: float) -> int:
    """On how many lines, at most, a cell is set whose column of prose shares what the others leave of a line; 0 where
    that may be too little."""
    left = room - DIGIT * sum(width for i, width in enumerate(widths) if i not in prose) - CELL_GAP * len(widths)
    if not prose or left < LEAST_PROSE * len(prose):
        return 0
    return ceil(SPARE_WIDTH * DIGIT * sum(widths[i] for i in prose) / left)


class _Size(Struct, frozen=True):
    """The size of a table in em, by estimates: rather too large than too small, and the height surely not exceeded."""

    width: float
    height: float
    least_height: float

    @classmethod
    def of(cls, widths: Sequence[float], rows: Sequence[str]) -> _Size:
        """The size of a table with columns of these widths, in digits, and these rows."""
        width = DIGIT * sum(widths) + CELL_GAP * len(widths)
        return cls(width, sum(TALL_ROW if "#large" in row else ROW for row in rows), LEAST_ROW * len(rows))

    def part(self, room: tuple[float, float]) -> float:
        """How much smaller its type must be so that it fits on a page under a heading."""
        return min(1.0, room[0] / self.width, max(LEAST_TYPE, (room[1] - HEADING) / self.height))


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _clean(text: str) -> str:
    """The text without characters that cannot be printed, and with places where a very long word may be broken."""
    text = text if text.isascii() and text.isprintable() else CONTROL.sub("", text)
    return LONG_WORD.sub("\\g<0>\u200b", text) if len(text) > LONGEST_WORD else text


def _breakable(code: str) -> str:
    """A long piece of code with places where a line may end, which cannot be seen."""
    return "\u200b".join(CODE_BREAK.split(code)) if len(code) > LONG_CODE else code
