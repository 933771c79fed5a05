"""Writes a lesson as one HTML page that needs nothing else: mathematics as MathML, figures as SVG, no scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from html import escape
from itertools import chain

from msgspec import Struct

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
from .dialect import blocks, step_address, steps_in
from .document import Document, FormatError, figure_named
from .mathematics import breakable_pieces, usual_tex
from .pages import html_template

CLOSING = re.compile(r"[.,;:!?)\]]+")
"""Signs that must not begin a line."""
ROOM_LINE = 2
"""The height of a line of handwriting, in em."""
PLACE = "<!-- body -->"
"""Marks where the body goes, once it is there."""


def to_html(document: Document) -> str:
    """The lesson as one page.

    Raises:
        FormatError: for a formula that cannot be read, or a figure that the document does not have.
    """
    from markupsafe import Markup

    writer = _Writer(document, steps_in(document.markdown))
    page = html_template("page.html.j2")
    frame = page.render(title=document.title, language=document.language, body=Markup(PLACE))
    before, _, after = frame.rpartition(PLACE)  # the body of a long lesson need not go through the template
    return "\n".join(chain([before], map(writer.block, blocks(document.markdown)), [after]))


class _Writer(Struct, frozen=True):
    """Writes blocks; links lead to the steps that the lesson holds, and are plain text elsewhere."""

    document: Document
    steps: frozenset[str]

    def block(self, block: Block) -> str:
        match block:
            case Display(tex, steps):
                return f'<div class="display"{_ids(steps)}>{_more_ids(steps)}{mathml(tex, display=True)}</div>'
            case Paragraph(content):
                return f"<p>{self.line(content)}</p>"
            case Anchor(step):
                return _target(step)
            case Heading(level, content):
                return f"<h{level}>{self.line(content)}</h{level}>"
            case Table():
                return self.table(block)
            case Picture(name, alt):
                return self.picture(name, alt)
            case Listing():
                return self.listing(block)
            case Note(inner):
                return f'<aside class="note" role="note">\n{self.several(inner)}\n</aside>'
            case Verbatim(text):
                return f"<pre><code>{escape(text)}</code></pre>"
            case Summary(content):
                return f"<summary>{self.line(content)}</summary>"
            case DetailsStart():
                return "<details>"
            case DetailsEnd():
                return "</details>"
            case PageBreak():
                return '<hr class="page-break">'
            case Room(lines):
                return f'<div class="room" style="height: {lines * ROOM_LINE}em"></div>'
            case Rule():
                return "<hr>"

    def several(self, inner: Iterable[Block]) -> str:
        return "\n".join(map(self.block, inner))

    def listing(self, listing: Listing) -> str:
        tag = "ul" if listing.start is None else "ol"
        start = "" if listing.start in (None, 1) else f' start="{listing.start}"'
        items = "\n".join(f"<li>{self.item(item, listing.tight)}</li>" for item in listing.items)
        return f"<{tag}{start}>\n{items}\n</{tag}>"

    def item(self, item: tuple[Block, ...], tight: bool) -> str:
        match item:
            case (Paragraph(content), *others) if tight:
                return self.line(content) + self.several(others)
        return self.several(item)

    def table(self, table: Table) -> str:
        def row(cells: Iterable[Content], tag: str, scope: str = "") -> str:
            written = (
                f"<{tag}{scope}{_aligned(alignment)}>{self.line(cell)}</{tag}>"
                for cell, alignment in zip(cells, table.alignments, strict=True)
            )
            return f"<tr>{''.join(written)}</tr>"

        header = row(table.header, "th", ' scope="col"')
        head = f"<thead>\n{header}\n</thead>\n" if any(table.header) else ""
        body = "\n".join(row(cells, "td") for cells in table.rows)
        return f'<div class="table"><table>\n{head}<tbody>\n{body}\n</tbody>\n</table></div>'

    def picture(self, name: str, alt: str) -> str:
        figure = figure_named(self.document, name)
        svg = figure.svg()
        svg = svg[svg.index("<svg") :]  # an XML declaration has no place inside a page
        return f'<figure role="img" aria-label="{escape(alt or figure.alt)}">{svg}</figure>'

    def line(self, content: Content) -> str:
        """The content; a full stop or a comma behind a formula stays on its line."""
        parts: list[str] = []
        before: Inline | None = None
        for part in content:
            closing = CLOSING.match(part.text) if isinstance(part, Text) and isinstance(before, Math) else None
            if isinstance(part, Text) and closing:
                start, last, end = parts[-1].rpartition("<math")
                parts[-1] = f'{start}<span class="whole">{last}{end}{escape(closing[0], quote=False)}</span>'
                parts.append(self.inline(Text(part.text[closing.end() :])))
            else:
                parts.append(self.inline(part))
            before = part
        return "".join(parts)

    def inline(self, part: Inline) -> str:
        match part:
            case Text(text):
                return escape(text, quote=False)
            case Math(tex):
                return "<wbr>".join(mathml(piece, display=False) for piece in breakable_pieces(tex))
            case Code(text):
                return f"<code>{escape(text, quote=False)}</code>"
            case Emphasis(content):
                return f"<em>{self.line(content)}</em>"
            case Strong(content):
                return f"<strong>{self.line(content)}</strong>"
            case StepLink(step, content):
                return self.link(step_address(step), content) if step in self.steps else self.line(content)
            case WebLink(address, content):
                return self.link(address, content)
            case Anchor(step):
                return _target(step)
            case Picture(name, alt):
                return self.picture(name, alt)
            case LineBreak(hard):
                return "<br>\n" if hard else "\n"

    def link(self, address: str, content: Content) -> str:
        return f'<a href="{escape(address)}">{self.line(content)}</a>'


def mathml(tex: str, *, display: bool) -> str:
    """The formula as a ``<math>`` element.

    Raises:
        FormatError: if the converter cannot read it.
    """
    convert, unreadable = _converter()
    try:
        return convert(usual_tex(tex), display)
    except unreadable as error:
        raise FormatError(f"a formula cannot be shown in HTML: {tex}\n    {error}") from error


@cache
def _converter() -> tuple[Callable[[str, bool], str], type[Exception]]:
    from math_core import LatexError, LatexToMathML

    converter = LatexToMathML(fancy_error=False)
    return lambda tex, display: converter.convert_with_local_state(tex, displaystyle=display), LatexError


def _ids(steps: tuple[str, ...]) -> str:
    return f' id="{escape(steps[0])}"' if steps else ""


def _more_ids(steps: tuple[str, ...]) -> str:
    return "".join(map(_target, steps[1:]))


def _target(step: str) -> str:
    return f'<a id="{escape(step)}"></a>'


def _aligned(alignment: str) -> str:
    return f' class="{alignment}"' if alignment else ""
