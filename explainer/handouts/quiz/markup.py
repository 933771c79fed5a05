"""XML and HTML, with nothing in a text having a meaning that it should not have."""

from __future__ import annotations

import re
from html import escape

from markupsafe import Markup

ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) has no place for, in a text or as a reference."""
DELIMITERS = re.compile(r"\\(?=[(\[])|\$(?=\$)")
"""What begins a formula to MathJax."""


def legal(text: str) -> str:
    """The text less what no XML file can hold."""
    return ILLEGAL.sub("", text)


def xml_text(text: str) -> str:
    """A text as the content of an element."""
    return escape(legal(text), quote=False)


def cdata(text: str) -> str:
    """A text with markup in it as the content of an element, without references: Moodle reads an element in pieces, one
    for each reference, and drops a piece that is a lone space."""
    if not set(text) & set("&<>"):
        return legal(text)
    return f"<![CDATA[{legal(text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def element(name: str, /, *content: str, **attributes: str) -> str:
    """An element of finished content; ``xml_lang`` stands for ``xml:lang``."""
    given = "".join(f' {key.replace("_", ":")}="{escape(legal(value))}"' for key, value in attributes.items())
    inside = "".join(content)
    return f"<{name}{given}>{inside}</{name}>" if inside else f"<{name}{given}/>"


def plain(text: str) -> Markup:
    """A text from the file in HTML, in which MathJax finds no formula."""
    parts = DELIMITERS.split(legal(text))
    signs = DELIMITERS.findall(legal(text))
    pieces = [escape(part) for part in parts]
    return Markup(pieces[0] + "".join(f"{s}<span></span>{p}" for s, p in zip(signs, pieces[1:], strict=True)))


def shortened(text: str, most: int) -> str:
    """A name of at most so many characters, on one line."""
    flat = " ".join(legal(text).split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"
