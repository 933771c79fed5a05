"""How a name is typeset, and the closed TeX that a file may use for one.

All of it survives a CommonMark parser that knows no mathematics: an underscore follows a letter, a digit or a brace
that cannot open emphasis, and no backslash stands before punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\[(?:0|[1-9][0-9]{0,8})(?:,(?:0|[1-9][0-9]{0,8}))*\])?")
"""A quantity's name: letters, digits and _ , then perhaps whole numbers as indices: ``W[1,2]``."""
GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)
ACCENTS = frozenset("hat bar tilde vec dot ddot mathrm mathit mathbf mathsf mathcal boldsymbol".split())
SIGNS = frozenset("prime ell ast star circ infty partial nabla cdot times pm dagger".split())

NO_PARTS: Mapping[str, str] = {}

_PART = re.compile(r"([A-Za-z]+)(\d*)")
_TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-z0-9{}^_'+\-,.()/ ]")


def default_tex(name: str, known: Mapping[str, str] = NO_PARTS) -> str:
    r"""The usual typesetting of a name: ``w5`` is w₅, ``net_h1`` a word with a subscript, ``theta`` a Greek letter.

    ``known`` holds the TeX of parts between underscores that are not set in the usual way.
    """
    base, *subscripts = [part for part in name.split("_") if part] or [name]
    if base in known or base.isdigit():
        return with_index(known.get(base, base), ",".join(index_tex(part, known) for part in subscripts))
    stem, _, indices = base.removesuffix("]").partition("[")
    found = _PART.fullmatch(stem)
    letters, digits = found.groups() if found else (stem, "")
    below = ",".join([*filter(None, (digits, indices)), *(index_tex(part, known) for part in subscripts)])
    if letters in GREEK:
        return _with_subscript(f"\\{letters}", below)
    if len(letters) == 1:
        return _with_subscript(letters, below)
    return rf"\mathit{{{_with_subscript(letters, _upright(below) if subscripts else below)}}}"


def index_tex(name: str, known: Mapping[str, str] = NO_PARTS) -> str:
    """A name as the index of another symbol: ``h1`` stays as it is, a Greek name is a letter, a word stands upright."""
    return ",".join(known.get(part) or _subscript(part) for part in name.split("_") if part) or name


def _subscript(part: str) -> str:
    stem, _, indices = part.removesuffix("]").partition("[")
    if stem in GREEK:
        return _with_subscript(f"\\{stem}", indices)
    if stem.isdigit():
        return ",".join(filter(None, (stem, indices)))
    set_stem = _with_subscript(stem, indices)
    return rf"\mathrm{{{set_stem}}}" if stem.isalpha() and len(stem) > 1 else set_stem


def with_index(tex: str, below: str) -> str:
    r"""TeX with one more index, inside the last brace where it ends with one: ``\hat{w}`` becomes ``\hat{w_5}``."""
    if not tex.endswith("}"):
        return _with_subscript(tex, below)
    return f"{_with_subscript(tex[:-1], _upright(below))}}}" if below else tex


def _upright(below: str) -> str:
    """A number as an index within a word: upright, as numbers are, though the word is not."""
    return rf"\mathrm{{{below}}}" if below.isdigit() else below


def _with_subscript(base: str, below: str) -> str:
    if not below:
        return base
    return f"{base}_{below}" if len(below) == 1 else f"{base}_{{{below}}}"


def tex_fault(tex: str) -> str:
    """What is wrong with the TeX that a file gives for a name; empty where nothing is."""
    try:
        _Grammar(tex).check()
    except ValueError as error:
        return str(error)
    return ""


class _Grammar:
    """Reads the closed TeX: letters, digits, Greek, accents with an argument, one ``_`` and one ``^`` on each."""

    def __init__(self, tex: str) -> None:
        self.tokens: list[str] = []
        position = 0
        while position < len(tex):
            found = _TOKEN.match(tex, position)
            if not found:
                raise ValueError(f"`{tex[position]}` is not allowed here")
            self.tokens.append(found.group())
            position = found.end()
        if tex != tex.strip() or not tex:
            raise ValueError("is empty, or begins or ends with a blank")
        if not (tex[0].isalpha() or tex[0] == "\\"):
            raise ValueError("must begin with a letter or a macro")
        self.at = 0

    def check(self) -> None:
        """Raise ValueError with what is wrong."""
        self.group("")
        if self.at < len(self.tokens):
            raise ValueError("a brace closes that was not opened")

    def group(self, end: str) -> None:
        """Items up to the end, or to the brace that closes."""
        while self.at < len(self.tokens) and self.tokens[self.at] != "}":
            self.item()
        if end and self.at == len(self.tokens):
            raise ValueError("a brace is not closed")
        self.at += bool(end)

    def item(self) -> None:
        """A letter, a group or a macro, with at most one index below and one above."""
        self.atom()
        seen: set[str] = set()
        while self.at < len(self.tokens) and self.tokens[self.at] in ("_", "^"):
            script = self.tokens[self.at]
            if script in seen:
                raise ValueError(f"has two `{script}` on one letter")
            if script == "_" and not self.tokens[self.at - 1][-1].isalnum():
                raise ValueError("breaks Markdown: write `x_{1}^{2}`, with a letter or digit before the `_`")
            seen.add(script)
            self.at += 1
            self.argument(script)

    def atom(self) -> None:
        """Whatever may carry an index."""
        token = self.tokens[self.at]
        self.at += 1
        name = token[1:]
        if token in ("_", "^"):
            raise ValueError(f"`{token}` stands behind nothing")
        if token == "{":
            self.group("}")
        elif token.startswith("\\") and name in ACCENTS:
            self.argument(token)
        elif token.startswith("\\") and name not in GREEK | SIGNS:
            raise ValueError(f"`{token}` is not allowed here")

    def argument(self, of: str) -> None:
        """What a macro, a ``_`` or a ``^`` applies to."""
        while self.at < len(self.tokens) and self.tokens[self.at] == " ":
            self.at += 1
        if self.at == len(self.tokens) or self.tokens[self.at] in ("_", "^", "}"):
            raise ValueError(f"`{of}` needs something behind it")
        self.atom()
