"""Reads a lesson: Markdown with dollar mathematics and a closed set of HTML lines; other HTML is text like any other.

A long lesson is read in pieces, so that the parser never holds more than one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

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

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

PIECE = 1 << 16
"""How many characters, at least, are parsed at a time."""

ANCHOR = re.compile(r'<a id="([^"\n]*)"></a>')
PIECE_BORDER = re.compile(r'\n[ \t]*\n(?=<a id=")')
STRUCTURE: Mapping[str, re.Pattern[str]] = {
    "anchor": ANCHOR,
    "details_start": re.compile(r"<details(?: open)?>"),
    "details_end": re.compile(r"</details>"),
    "summary": re.compile(r"<summary>(.*)</summary>"),
    "page_break": re.compile(r"<!-- pagebreak -->"),
    "room": re.compile(r"<!-- room ([1-9][0-9]?) -->"),
}
"""The HTML that may stand on a line of its own; a group catches what it holds."""


def blocks(markdown: str) -> Iterator[Block]:
    """The lesson block by block; anchors that stand right before a display are handed over with it."""
    return _with_steps(block for piece in _pieces(markdown) for block in _read(piece))


@lru_cache(maxsize=2)
def _read(piece: str) -> tuple[Block, ...]:
    """The blocks of a piece; a lesson of one piece is read once for all its formats."""
    return tuple(_blocks(iter(_parser().parse(piece))))


def math_in(markdown: str) -> list[str]:
    """The TeX of every formula, inline or displayed, in the order of the text."""
    return [
        token.content
        for piece in _pieces(markdown)
        for block in _parser().parse(piece)
        for token in (block, *(block.children or ()))
        if token.type in ("math_block", "math_inline")
    ]


def steps_in(markdown: str) -> frozenset[str]:
    """The ids of all steps that stand in the lesson, that is, all that a link can lead to."""
    return frozenset(unescape(step) for step in ANCHOR.findall(markdown))


def step_address(step: str) -> str:
    """The address of a step within its document: ``#`` and the percent-encoded id."""
    return "#" + quote(step, safe="/:@+")


def _pieces(markdown: str) -> Iterator[str]:
    start = 0
    while border := PIECE_BORDER.search(markdown, start + PIECE):
        yield markdown[start : border.end()]
        start = border.end()
    yield markdown[start:]


def _with_steps(stream: Iterable[Block]) -> Iterator[Block]:
    waiting: list[Anchor] = []
    for block in stream:
        if isinstance(block, Anchor):
            waiting.append(block)
            continue
        if waiting and isinstance(block, Display):
            block = Display(block.tex, tuple(anchor.step for anchor in waiting))
        else:
            yield from waiting
        waiting.clear()
        yield block
    yield from waiting


# ---------------------------------------------------------------- the parser


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    dollarmath_plugin(parser, allow_labels=False, allow_space=False, allow_digits=False)
    may_interrupt: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.at("math_block", _display, may_interrupt)
    parser.block.ruler.before("html_block", "structure", _structure, may_interrupt)
    parser.inline.ruler.before("html_inline", "anchor", _inline_anchor)
    return parser


def _display(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A formula between ``$$`` and ``$$``; unlike the plugin's rule, it may stand right under a line of text."""
    text = _source_line(state, start)
    if state.is_code_block(start) or not text.startswith("$$"):
        return False
    after = start + 1
    while len(text) < len("$$$$") or not text.endswith("$$"):
        line = _source_line(state, after) if after < end and state.sCount[after] >= state.blkIndent else ""
        if not line:
            return False
        text, after = f"{text}\n{line}", after + 1
    if not silent:
        state.push("math_block", "", 0).content = text[2:-2].strip()
        state.line = after
    return True


def _source_line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].strip()


def _structure(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    line = _source_line(state, start)
    if not line.startswith("<"):
        return False
    for name, pattern in STRUCTURE.items():
        if match := pattern.fullmatch(line):
            if not silent:
                _push_structure(state, name, "".join(match.groups()))
                state.line = start + 1
            return not (silent and name == "anchor")
    return False


def _push_structure(state: StateBlock, name: str, content: str) -> None:
    token = state.push(name, "", 0)
    token.content = unescape(content)
    if name == "summary":
        inline = state.push("inline", "", 0)
        inline.content, inline.children = content, []


def _inline_anchor(state: StateInline, silent: bool) -> bool:
    match = ANCHOR.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        state.push("anchor", "", 0).content = unescape(match[1])
    state.pos = match.end()
    return True


# ---------------------------------------------------------------- blocks

Tokens = Iterator["Token"]


def _blocks(tokens: Tokens) -> tuple[Block, ...]:
    """The blocks up to the end of the tokens, or of the container that they stand in."""
    found = []
    for token in tokens:
        if token.nesting < 0:
            break
        found.append(BLOCKS[token.type](token, tokens))
    return tuple(found)


def _paragraph(token: Token, tokens: Tokens) -> Block:
    content = _line(tokens)
    match content:
        case (Picture() as picture,):
            return picture
        case (Anchor() as anchor,):
            return anchor
    return Paragraph(content)


def _line(tokens: Tokens) -> Content:
    content = _content(iter(next(tokens).children or ()))
    next(tokens)
    return content


def _list(token: Token, tokens: Tokens) -> Listing:
    items: list[tuple[Block, ...]] = []
    tight = True
    for item in tokens:
        if item.nesting < 0:
            break
        inner = [next(tokens)]
        while inner[-1].type != "list_item_close" or inner[-1].level != item.level:
            inner.append(next(tokens))
        tight = tight and all(t.hidden for t in inner if t.type == "paragraph_open" and t.level == item.level + 1)
        items.append(_blocks(iter(inner)))
    start = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
    return Listing(start, tight, tuple(items))


def _table(token: Token, tokens: Tokens) -> Table:
    alignments: list[str] = []
    rows: list[list[Content]] = []
    for part in tokens:
        match part.type:
            case "table_close":
                break
            case "tr_open":
                rows.append([])
            case "th_open" | "td_open":
                if part.type == "th_open":
                    alignments.append(str(part.attrs.get("style", "")).removeprefix("text-align:"))
                rows[-1].append(_line(tokens))
    header, *body = (tuple(row) for row in rows)
    return Table(tuple(alignments), header, tuple(body))


def _summary(token: Token, tokens: Tokens) -> Summary:
    return Summary(_content(iter(next(tokens).children or ())))


BLOCKS: Mapping[str, Callable[[Token, Tokens], Block]] = {
    "heading_open": lambda token, tokens: Heading(int(token.tag[1:]), _line(tokens)),
    "paragraph_open": _paragraph,
    "math_block": lambda token, tokens: Display(token.content),
    "anchor": lambda token, tokens: Anchor(token.content),
    "table_open": _table,
    "bullet_list_open": _list,
    "ordered_list_open": _list,
    "blockquote_open": lambda token, tokens: Note(tuple(_with_steps(_blocks(tokens)))),
    "code_block": lambda token, tokens: Verbatim(token.content),
    "fence": lambda token, tokens: Verbatim(token.content),
    "details_start": lambda token, tokens: DetailsStart(),
    "summary": _summary,
    "details_end": lambda token, tokens: DetailsEnd(),
    "page_break": lambda token, tokens: PageBreak(),
    "room": lambda token, tokens: Room(int(token.content)),
    "hr": lambda token, tokens: Rule(),
}
"""How each token that opens a block is read, given the tokens that follow it."""

# ---------------------------------------------------------------- inside a line


def _content(tokens: Tokens) -> Content:
    """The inline content up to the end of the tokens, or of the emphasis or link that they stand in."""
    found = []
    for token in tokens:
        if token.nesting < 0:
            break
        if token.content or token.type not in ("text", "text_special"):
            found.append(INLINE[token.type](token, tokens))
    return tuple(found)


def _link(token: Token, tokens: Tokens) -> Inline:
    address, content = str(token.attrs["href"]), _content(tokens)
    return StepLink(unquote(address[1:]), content) if address.startswith("#") else WebLink(address, content)


INLINE: Mapping[str, Callable[[Token, Tokens], Inline]] = {
    "text": lambda token, tokens: Text(token.content),
    "text_special": lambda token, tokens: Text(token.content),
    "code_inline": lambda token, tokens: Code(token.content),
    "math_inline": lambda token, tokens: Math(token.content),
    "em_open": lambda token, tokens: Emphasis(_content(tokens)),
    "strong_open": lambda token, tokens: Strong(_content(tokens)),
    "link_open": _link,
    "anchor": lambda token, tokens: Anchor(token.content),
    "image": lambda token, tokens: Picture(unquote(str(token.attrs["src"])), token.content),
    "softbreak": lambda token, tokens: LineBreak(hard=False),
    "hardbreak": lambda token, tokens: LineBreak(hard=True),
}
"""How each inline token is read, given the tokens that follow it."""
