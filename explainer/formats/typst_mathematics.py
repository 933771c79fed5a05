"""Formulas for Typst, by way of the MathML of the HTML page: TeX is read by one reader, for both formats alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from .html import mathml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAMED = {"&ApplyFunction;": "\u2061", "&InvisibleTimes;": "\u2062", "&nbsp;": "\u00a0"}
"""Names of characters in MathML that XML does not know."""
EMPTY = '""'
INVISIBLE = frozenset("\u2061\u2062\u2063\u2064\u200b")
BRACES: Mapping[str, str] = {"⏟": "underbrace", "⏞": "overbrace", "̲": "overline", "_": "underline", "‾": "overline"}
"""The signs that stretch over or under a formula, and Typst's functions for them."""
ACCENTS: Mapping[str, str] = {"ˆ": "hat", "^": "hat", "˜": "tilde", "~": "tilde", "¯": "macron", "⃗": "arrow"} | {
    "→": "arrow",
    "˙": "dot",
    "¨": "dot.double",
    "ˇ": "caron",
    "˘": "breve",
    "´": "acute",
    "`": "grave",
}
ALIGNED = re.compile(r"justify-items:\s*(?:start|end)")
NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
LENGTH = re.compile(r"-?[0-9.]+em")


def string(text: str) -> str:
    """The text as a literal of Typst's language: nothing in it is markup."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ") + '"'


@lru_cache(maxsize=100_000)
def typst_formula(tex: str, *, display: bool) -> str:
    """The formula between dollar signs, on a line of its own if ``display``.

    Raises:
        FormatError: if the TeX cannot be read.
    """
    from xml.etree.ElementTree import fromstring

    markup = mathml(tex, display=display)
    for name, character in NAMED.items():
        markup = markup.replace(name, character)
    formula = fromstring(markup)
    rows = [child for child in formula if child.tag == "mtable"]
    body = _lines(rows[0]) if len(formula) == len(rows) == 1 else _row(formula)
    return f"$ {body} $" if display else f"${body}$"


def _row(parts: Iterable[Element]) -> str:
    """Neighbours in a line; a blank only where two would run together, since beside a word it would show."""
    written = ""
    for part in _with_whole_numbers(list(parts)):
        tex = part if isinstance(part, str) else _element(part)
        written += " " * (written[-1:].isalnum() and tex[:1].isalnum()) + tex
    return written


def _with_whole_numbers(parts: Sequence[Element]) -> list[Element | str]:
    """The parts, with a number that has a decimal comma as one: MathML has its comma as a sign without space."""
    joined: list[Element | str] = []
    at = 0
    while at < len(parts):
        if [part.tag for part in parts[at : at + 3]] == ["mn", "mo", "mn"] and _is_decimal_mark(parts[at + 1]):
            joined.append(string("".join(part.text or "" for part in parts[at : at + 3])))
            at += 3
        else:
            joined.append(parts[at])
            at += 1
    return joined


def _is_decimal_mark(sign: Element) -> bool:
    return sign.text == "," and sign.get("rspace") == "0"


def _element(part: Element) -> str:
    return ELEMENTS.get(part.tag, _row)(part)


def _group(part: Element) -> str:
    """A row; with signs at its ends that stretch, as ``\\left`` and ``\\right`` make them, they do so."""
    inner = list(part)
    if len(inner) > 1 and _stretches(inner[0]) and _stretches(inner[-1]):
        return f"lr({_row(inner)})"
    return _row(inner)


def _stretches(part: Element) -> bool:
    return part.tag == "mo" and part.get("stretchy") != "false" and (part.text or "") in "()[]{}|‖⟨⟩⌊⌋⌈⌉\u2063"


def _letters(part: Element) -> str:
    """A letter as it is; a word as a text, so that it is set as a word rather than a product of letters."""
    text = part.text or ""
    if len(text) == 1 and part.get("mathvariant") != "normal":
        return _character(text)
    return string(text)


def _number(part: Element) -> str:
    text = part.text or ""
    return text if NUMBER.fullmatch(text) else string(text)


def _sign(part: Element) -> str:
    text = part.text or ""
    if text in INVISIBLE:
        return _space(part.get("lspace", ""))
    sign = _character(text) if len(text) == 1 else string(text)
    return f'class("normal",{sign})' if part.get("lspace") == part.get("rspace") == "0" else sign


def _character(text: str) -> str:
    return "\\" + text if text.isascii() and not text.isalnum() else text


def _space(width: str) -> str:
    return f"#h({width});" if LENGTH.fullmatch(width) else ""


def _fraction(part: Element) -> str:
    fraction = f"frac({_argument(part[0])},{_argument(part[1])})"
    return f"inline({fraction})" if part.get("displaystyle") == "false" else fraction


def _argument(part: Element) -> str:
    """A part as an argument of a function; one that is empty is an empty text."""
    return _element(part) or EMPTY


def _attached(*places: str) -> Callable[[Element], str]:
    def write(part: Element) -> str:
        base = f"scripts({_argument(part[0])})" if part[0].tag == "mo" else _argument(part[0])
        scripts = (f"{place}:{_argument(script)}" for place, script in zip(places, part[1:], strict=True))
        return f"attach({base},{','.join(scripts)})"

    return write


def _stacked(*places: str) -> Callable[[Element], str]:
    """Something above or below: an accent, a brace with or without a note, or the limits of a sum."""

    def write(part: Element) -> str:
        sign = part[1].text or "" if len(part) == 2 and part[1].tag == "mo" else ""
        if sign in BRACES:
            return f"{BRACES[sign]}({_argument(part[0])})"
        if sign in ACCENTS:
            return f"accent({_argument(part[0])},{ACCENTS[sign]})"
        if part[0].tag in ("munder", "mover") and len(part[0]) == 2 and (part[0][1].text or "") in BRACES:
            return f"{BRACES[part[0][1].text or '']}({_argument(part[0][0])},{_argument(part[1])})"
        scripts = (f"{place}:{_argument(script)}" for place, script in zip(places, part[1:], strict=True))
        return f"attach(limits({_argument(part[0])}),{','.join(scripts)})"

    return write


def _enclosed(part: Element) -> str:
    """A box around a formula, or a stroke through it."""
    if "box" in part.get("notation", ""):
        return f'class("normal",#framed(${_row(part)}$))'
    struck = _row(inner for inner in part if not inner.get("class"))
    return f"cancel({struck or EMPTY})"


def _padded(part: Element) -> str:
    """A part; or only its height, if it is given no width."""
    return f"#strut(${_row(part)}$);" if part.get("width") == "0" else _row(part)


def _lines(table: Element) -> str:
    """A table as lines that are aligned at its columns."""
    return " \\ ".join("&".join(map(_row, row)) for row in table)


def _table(table: Element) -> str:
    """A table within a formula: the cases of a function, or aligned lines."""
    if all("start" in cell.get("style", "") for row in table for cell in row):
        rows = ";".join(",".join(_row(cell) or EMPTY for cell in row) for row in table)
        return f"mat(delim:#none,align:#left,column-gap:#1em,row-gap:#0.35em,{rows})"
    rows = ";".join("&".join(map(_row, row)) for row in table)
    return f"mat(delim:#none,row-gap:#0.5em,{rows})"


ELEMENTS: Mapping[str, Callable[[Element], str]] = {
    "mrow": _group,
    "mi": _letters,
    "mn": _number,
    "mo": _sign,
    "mtext": lambda part: string(part.text or ""),
    "mspace": lambda part: _space(part.get("width", "")),
    "mfrac": _fraction,
    "msqrt": lambda part: f"sqrt({_row(part)})",
    "mroot": lambda part: f"root({_argument(part[1])},{_argument(part[0])})",
    "msub": _attached("b"),
    "msup": _attached("t"),
    "msubsup": _attached("b", "t"),
    "munder": _stacked("b"),
    "mover": _stacked("t"),
    "munderover": _stacked("b", "t"),
    "menclose": _enclosed,
    "mpadded": _padded,
    "mphantom": lambda part: f"#hide(${_row(part)}$);",
    "mtable": _table,
}
"""How each element of MathML is written; any other is as its contents are."""
