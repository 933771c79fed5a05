r"""Reads the TeX of names and numbers, such as ``w_{5}^{+}`` or ``1.2 \times 10^{-5}``, as pieces of text.

SVG has no formulas, so a name becomes runs of Unicode text, smaller and shifted where TeX has a script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from .symbols import (
    ACCENTS,
    EM,
    FONTS,
    GREEK,
    LAYOUT_MACROS,
    MINUS,
    OPERATORS,
    SPACES,
    THIN_SPACE,
    UPRIGHT,
    WIDTHS,
    Font,
)

_SCRIPT_SCALE = 0.7
_RISE = {"_": -0.2, "^": 0.38}


_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|.", re.DOTALL)
_PLAIN_NUMBER = re.compile(r"-?[0-9.,]+")


class Run(Struct, frozen=True):
    """A piece of text in one style. ``scale`` is relative to the text's size, ``rise`` in that size above the line."""

    text: str
    italic: bool = False
    scale: float = 1
    rise: float = 0


class _Style(Struct, frozen=True):
    font: Font = "math"
    scale: float = 1
    rise: float = 0

    def script(self, kind: str) -> _Style:
        return replace(self, scale=self.scale * _SCRIPT_SCALE, rise=self.rise + _RISE[kind] * self.scale)


@lru_cache(maxsize=4096)
def math_runs(tex: str) -> tuple[Run, ...]:
    """The formula as runs of text. Macros that are not known fall back to their bare name."""
    if _PLAIN_NUMBER.fullmatch(tex):
        return (Run(tex.replace("-", MINUS)),)
    return tuple(_merged(_Reader(tex).runs()))


@lru_cache(maxsize=4096)
def math_width(tex: str) -> float:
    """An estimate, rather too wide than too narrow, of the formula's width relative to the size of the text."""
    return sum(run.scale * words_width(run.text) for run in math_runs(tex))


def words_width(text: str) -> float:
    """The same estimate for plain words."""
    return sum(WIDTHS.get(character, EM) for character in text)


class _Reader:
    def __init__(self, tex: str) -> None:
        self._tokens = iter(_TOKEN.findall(tex))
        self._operand_before = False

    def runs(self) -> Iterator[Run]:
        for token in self._tokens:
            yield from self._read(token, _Style())

    def _group(self, style: _Style) -> Iterator[Run]:
        for token in self._tokens:
            if token == "}":
                return
            yield from self._read(token, style)

    def _argument(self, style: _Style) -> Iterator[Run]:
        token = next((token for token in self._tokens if not token.isspace()), "")
        return self._read(token, style)

    def _read(self, token: str, style: _Style) -> Iterator[Run]:
        if token == "{":
            yield from self._group(style)
        elif token in _RISE:
            yield from self._argument(style.script(token))
        elif token.startswith("\\"):
            yield from self._macro(token[1:], style)
        elif style.font == "text":
            yield Run(token, False, style.scale, style.rise)
        elif token in OPERATORS:
            yield self._operator(token, style)
        elif not token.isspace() and token != "}":
            yield self._letter(token, style)

    def _macro(self, name: str, style: _Style) -> Iterator[Run]:
        if name in FONTS:
            yield from self._argument(replace(style, font=FONTS[name]))
        elif name in ACCENTS:
            yield from self._argument(style)
            yield Run(ACCENTS[name], style.font in ("math", "italic"), style.scale, style.rise)
        elif name == "frac":
            yield from self._argument(style)
            yield self._operator("/", style)
            yield from self._argument(style)
        elif name in OPERATORS:
            yield self._operator(name, style)
        elif name in SPACES:
            yield Run(SPACES[name], False, style.scale, style.rise)
        elif name in GREEK:
            yield self._symbol(GREEK[name], style, italic=style.font in ("math", "italic"))
        elif name not in LAYOUT_MACROS:
            yield self._symbol(UPRIGHT.get(name, name), style, italic=False)

    def _letter(self, token: str, style: _Style) -> Run:
        italic = style.font == "italic" or (style.font == "math" and token.isalpha())
        return self._symbol("′" if token == "'" else token, style, italic)

    def _symbol(self, text: str, style: _Style, italic: bool) -> Run:
        self._operand_before = text not in ("(", "[")
        return Run(text, italic, style.scale, style.rise)

    def _operator(self, name: str, style: _Style) -> Run:
        """Spaced out between two operands; a sign and an operator within a script stand tight."""
        spaced = self._operand_before and style.scale == 1 and name != "/"
        space = THIN_SPACE if spaced else ""
        self._operand_before = style.scale < 1 and self._operand_before
        return Run(f"{space}{OPERATORS[name]}{space}", False, style.scale, style.rise)


def _merged(runs: Iterator[Run]) -> Iterator[Run]:
    """Neighbouring runs in one style as one."""
    last: Run | None = None
    for run in runs:
        if last and (last.italic, last.scale, last.rise) == (run.italic, run.scale, run.rise):
            last = replace(last, text=last.text + run.text)
            continue
        if last:
            yield last
        last = run
    if last:
        yield last
