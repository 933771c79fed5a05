"""Whether a formula reaches a mathematics renderer unchanged through a Markdown parser that knows no mathematics."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt

PLAIN = {"text", "softbreak"}


def survives_commonmark(formula: str, display: bool) -> bool:
    """Whether plain CommonMark hands the formula on as it stands, apart from spaces at the ends of its lines."""
    source = f"$$\n{formula}\n$$" if display else f"so ${formula}$ holds"
    tokens = _commonmark().parse(source)
    if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        return False
    parts = tokens[1].children or []
    shown = "".join("\n" if part.type == "softbreak" else part.content for part in parts)
    return all(part.type in PLAIN for part in parts) and _stripped(shown) == _stripped(source)


def _stripped(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


@cache
def _commonmark() -> MarkdownIt:
    return MarkdownIt("commonmark")
