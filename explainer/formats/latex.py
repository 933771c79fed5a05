"""Writes a lesson as the LaTeX that a careful author would write: a whole article, or a part for a book."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from msgspec import Struct

from ..lesson.display import PAGE_WIDTH
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
from .characters import (
    drawing_characters,
    escaped,
    escaped_code,
    escaped_for_bookmark,
    formula_characters,
    is_east_asian,
    not_shown_by_latex,
)
from .dialect import blocks, steps_in
from .document import Document, FormatError, figure_named
from .latex_tables import LINE, table_layout
from .mathematics import plain_formula, usual_tex, visible_width
from .pages import latex_template
from .printing import Print

LEVELS = ("chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")
ROOM_LINE = 1.5
"""The height of a line of handwriting, in lines of print."""
PREFIX = re.compile(r"[A-Za-z0-9:./-]*")
WIDE_DISPLAY = 0.85
"""From this share of the line on, as estimated, a display is measured by TeX, and scaled down if it does not fit."""

PACKAGES: tuple[tuple[str, str], ...] = (
    ("", "amsmath"),
    ("", "amssymb"),
    (r"\arraybackslash", "array"),
    (r"\toprule", "booktabs"),
    (r"\begin{longtable}", "longtable"),
    (r"\begin{adjustbox}", "adjustbox"),
    (r"\cancel", "cancel"),
    (r"\begin{tikzpicture}", "tikz"),
    (r"\hyper", "hyperref"),
    (r"\href", "hyperref"),
    (r"\url", "hyperref"),
    (r"\texorpdfstring", "hyperref"),
)
"""What in the text needs which package, in the order in which they are loaded."""

DOCUMENT_CLASSES = dict.fromkeys((10, 11, 12), "article") | dict.fromkeys((14, 17, 20), "extarticle")
"""The class that has each size of type."""


def to_latex(
    document: Document,
    *,
    fragment: bool = False,
    section_level: str = "section",
    label_prefix: str = "",
    text_width: float = PAGE_WIDTH,
    printed: Print | None = None,
) -> str:
    r"""The lesson as an article or, as a ``fragment``, without its preamble, for ``\input``.

    In a fragment the lesson's title is a heading of the ``section_level``, and the packages that it needs stand in
    a comment at its top. All names of link targets begin with the ``label_prefix``. Displays are scaled down where
    they do not fit the ``text_width``, in em. The article is for the paper and the size of type of ``printed``, or the
    nearest that LaTeX has.

    Raises:
        FormatError: for an unknown level, an unusable prefix, or a figure that the document does not have.
    """
    if section_level not in LEVELS[:3]:
        raise FormatError(f'the section level is "{section_level}"; it can be {", ".join(LEVELS[:3])}')
    if not PREFIX.fullmatch(label_prefix):
        raise FormatError(f'the label prefix is "{label_prefix}"; it can hold letters, digits and : . / -')
    top = LEVELS.index(section_level) if fragment else LEVELS.index("section") - 1
    line = LINE * text_width / PAGE_WIDTH
    writer = _Writer(document, steps_in(document.markdown), label_prefix, top, line)
    stream = blocks(document.markdown)
    title = writer.heading_line((Text(document.title),))
    if not fragment:
        title, stream = _without_title(writer, title, stream)
    body = writer.several(stream)
    printed = printed or Print()
    size = min(DOCUMENT_CLASSES, key=lambda known: abs(known - printed.size))
    unusual = not_shown_by_latex(title + body)
    return latex_template("fragment.tex.j2" if fragment else "article.tex.j2").render(
        title=title,
        plain_title=escaped_for_bookmark(document.title),
        language=document.language,
        document_class=DOCUMENT_CLASSES[size],
        size=size,
        paper=printed.paper,
        margin=printed.margin,
        packages=list(dict.fromkeys(name for sign, name in PACKAGES if sign in body)),
        east_asian=[f"{ord(character):04X}" for character in unusual if is_east_asian(character)],
        unusual=[f"{ord(character):04X}" for character in unusual if not is_east_asian(character)],
        body=body,
    )


def target_name(step: str, prefix: str = "") -> str:
    """The name of a step's link target: its id, ``_`` as ``-``, and any other sign by its code, as in ``w5-2B.``."""
    return prefix + re.sub(r"[^A-Za-z0-9/]", lambda sign: "-" if sign[0] == "_" else f"-{ord(sign[0]):X}.", step)


def _without_title(writer: _Writer, title: str, stream: Iterator[Block]) -> tuple[str, Iterator[Block]]:
    """The title as the lesson writes it, if it opens with one, and the blocks that follow."""
    first = next(stream, None)
    match first:
        case None:
            return title, stream
        case Heading(1, content):
            return writer.heading_line(content), stream
    return title, chain((first,), stream)


class _Writer(Struct, frozen=True):
    """Writes blocks; links lead to the steps that the lesson holds, and are plain text elsewhere."""

    document: Document
    steps: frozenset[str]
    prefix: str
    top: int
    """Where in `LEVELS` the lesson's title is; -1 or 0 if the document class has no heading for it."""
    width: float
    """How many digits fit on a line."""

    def several(self, stream: Iterable[Block]) -> str:
        """The blocks with an empty line between them, but none before a display: it belongs to its sentence. A note
        stays on the page of its display, and a table on that of the words that lead to it."""
        parts: list[str] = []
        before: Block | None = None
        for block in stream:
            display = isinstance(block, Display)
            if isinstance(before, Display) and isinstance(block, Note):
                parts[-1] = f"{{\\postdisplaypenalty=10000\n{parts[-1]}}}"
            parts.append("\n" if display and isinstance(before, Display | Paragraph) else "\n\n")
            parts.append(_kept(self.block(block)) if _belongs(block, before) else self.block(block))
            before = block
        return "".join(parts[1:])

    def block(self, block: Block) -> str:
        match block:
            case Display(tex, steps):
                return self.display(tex, steps)
            case Paragraph(content):
                return self.line(content)
            case Anchor(step):
                return self.target(step)
            case Heading(level, content):
                return self.heading(level, content)
            case Table():
                return self.table(block)
            case Picture(name, alt):
                return _environment("center", f"% {_comment(alt)}\n{_fitted(self.picture(name))}")
            case Listing():
                return self.listing(block)
            case Note(inner):
                return _environment("quote", f"\\small\n{self.several(inner)}")
            case Verbatim(text):
                lines = "\\\\\n".join(map(_verbatim_line, text.splitlines()))
                return _environment("flushleft", f"\\small\\ttfamily\n{lines}")
            case Summary(content):
                return rf"\paragraph*{{{self.heading_line(content)}}}"
            case DetailsStart():
                return "%"
            case DetailsEnd():
                return r"\medskip"
            case PageBreak():
                return r"\clearpage"
            case Room(lines):
                return rf"\vspace{{{lines * ROOM_LINE}\baselineskip}}"
            case Rule():
                return _environment("center", r"\rule{0.4\linewidth}{0.4pt}")

    def heading(self, level: int, content: Content) -> str:
        command = LEVELS[min(max(self.top + level - 1, 0 if self.top == 0 else 1), len(LEVELS) - 1)]
        targets = "".join(self.target(part.step) for part in content if isinstance(part, Anchor))
        return rf"\{command}{{{self.heading_line(content)}}}{targets}"

    def display(self, tex: str, steps: tuple[str, ...]) -> str:
        formula = _formula(tex)
        wide = WIDE_DISPLAY * self.width
        if len(tex) > wide and visible_width(tex) > wide:
            formula = _fitted(f"$\\displaystyle\n{formula}\n$")
        targets = "".join(self.target(step) + "\n" for step in steps)
        return f"\\[\n{targets}{formula}\n\\]"

    def listing(self, listing: Listing) -> str:
        name = "itemize" if listing.start is None else "enumerate"
        start = rf"\setcounter{{\csname @listctr\endcsname}}{{{(listing.start or 1) - 1}}}" + "\n"
        spacing = r"\setlength{\itemsep}{0pt}\setlength{\parskip}{0pt}" + "\n"
        items = "\n".join(rf"\item {_guarded(self.several(item))}" for item in listing.items)
        opening = (start if listing.start not in (None, 1) else "") + (spacing if listing.tight else "")
        return _environment(name, opening + items)

    def table(self, table: Table) -> str:
        layout = table_layout(table, self.width)
        header = self.row(table.header) if any(table.header) else ""
        rows = [self.row(row) for row in table.rows]
        return layout.written(header, rows)

    def row(self, cells: Iterable[Content]) -> str:
        return _guarded(" & ".join(map(self.line, cells))) + r" \\"

    def picture(self, name: str) -> str:
        return drawing_characters(figure_named(self.document, name).tikz().strip())

    def target(self, step: str) -> str:
        return rf"\hypertarget{{{target_name(step, self.prefix)}}}{{}}"

    def line(self, content: Content) -> str:
        return "".join(map(self.inline, content))

    def inline(self, part: Inline) -> str:
        match part:
            case Text(text):
                return escaped(text)
            case Math(tex):
                return f"${_formula(tex)}$"
            case Code(text):
                return rf"\texttt{{{escaped_code(text)}}}"
            case Emphasis(content):
                return rf"\emph{{{self.line(content)}}}"
            case Strong(content):
                return rf"\textbf{{{self.line(content)}}}"
            case StepLink(step, content):
                text = self.line(content)
                return rf"\hyperlink{{{target_name(step, self.prefix)}}}{{{text}}}" if step in self.steps else text
            case WebLink(address, content):
                return self.web_link(address, content)
            case Anchor(step):
                return self.target(step)
            case Picture(name, _):
                return self.picture(name)
            case LineBreak(hard):
                return "\\newline\n" if hard else "\n"

    def web_link(self, address: str, content: Content) -> str:
        safe = address.translate(IN_ADDRESS)
        return rf"\url{{{safe}}}" if content == (Text(address),) else rf"\href{{{safe}}}{{{self.line(content)}}}"

    def heading_line(self, content: Content) -> str:
        """The content as it can stand in a heading, whose text goes into the bookmarks too."""
        return "".join(map(self.heading_part, content))

    def heading_part(self, part: Inline) -> str:
        match part:
            case Text(text):
                return _with_bookmark(escaped(text), text)
            case Math(tex):
                return _with_bookmark(f"${_formula(tex)}$", plain_formula(tex))
            case Emphasis(content):
                return rf"\emph{{{self.heading_line(content)}}}"
            case StepLink(_, content) | WebLink(_, content) | Strong(content):
                return self.heading_line(content)
            case Anchor():
                return ""
            case LineBreak():
                return " "
        return self.inline(part)


IN_ADDRESS = str.maketrans({"%": r"\%", "#": r"\#", "&": r"\&", "_": r"\_"})


def _formula(tex: str) -> str:
    return formula_characters(usual_tex(tex))


def _verbatim_line(line: str) -> str:
    r"""The line with all its spaces; the empty box keeps those at its beginning, and what follows from ``\\\\``."""
    code = line.lstrip(" ")
    return r"\mbox{}" + "~" * (len(line) - len(code)) + escaped_code(code).replace(" ", r"\ ")


def _with_bookmark(tex: str, plain: str) -> str:
    bookmark = escaped_for_bookmark(plain)
    return tex if tex == bookmark else rf"\texorpdfstring{{{tex}}}{{{bookmark}}}"


def _environment(name: str, content: str) -> str:
    return f"\\begin{{{name}}}\n{content}\n\\end{{{name}}}"


def _belongs(block: Block, before: Block | None) -> bool:
    """Whether a block is to stand on the page of the one before."""
    match before:
        case Display():
            return isinstance(block, Note)
        case Paragraph((*_, Text(text))):
            return isinstance(block, Table) and text.endswith(":")
    return False


def _kept(environment: str) -> str:
    """The environment, with no page break before it."""
    return f"\\begingroup\\csname @beginparpenalty\\endcsname=10000\n{environment}\n\\endgroup"


def _fitted(content: str) -> str:
    """The content, scaled down by TeX if it is wider than the line."""
    return f"\\begin{{adjustbox}}{{max width=\\linewidth}}\n{content}\n\\end{{adjustbox}}"


def _guarded(text: str) -> str:
    r"""The text, so that it can stand after ``\item`` or ``\\`` without being read as their option."""
    return "{}" + text if text.startswith(("[", "*")) else text


def _comment(text: str) -> str:
    return " ".join(text.split())
