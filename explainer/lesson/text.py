"""Text from files inside a lesson: shown as typed, whatever it holds."""

from __future__ import annotations

import re

from markupsafe import Markup

_MARKDOWN = re.compile(r"([\\`*_{\[\]#|~])")
_PARTS = re.compile(r'[&<>$"]|[^&<>$"]+')
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", '"': "&quot;"}


def as_markdown(text: str) -> Markup:
    """A text that is Markdown already; quicker than Markup's own way, which first asks what it is given."""
    return str.__new__(Markup, text)


class Plain(str):
    """A text from a file. Jinja asks for ``__html__`` and gets Markdown in which nothing has a meaning."""

    __slots__ = ()

    def __html__(self) -> str:
        return escaped(self)


def escaped(text: str) -> str:
    """The text as Markdown source that shows it as typed, on one line."""
    line = " ".join(text.split())
    return "".join(_ENTITIES.get(part) or _MARKDOWN.sub(r"\\\1", part) for part in _PARTS.findall(line))
