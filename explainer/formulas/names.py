"""How a name is typeset, and the closed TeX that a file may use for one.

All of it survives a CommonMark parser that knows no mathematics: an underscore follows a letter, a digit or a brace
that cannot open emphasis, and no backslash stands before punctuation.
"""

from __future__ import annotations

import re

GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)
ACCENTS = frozenset(
    "hat bar tilde vec dot ddot mathrm mathit mathbf mathsf mathcal boldsymbol text operatorname".split()
)
SIGNS = frozenset("prime ell ast star circ infty partial nabla cdot times pm dagger".split())

_PART = re.compile(r"([A-Za-z]+)(\d*)")
_TEX_PIECE = re.compile(r"\\([A-Za-z]+)|[A-Za-z0-9{}^_'+\-,.()/| ]|\Z")


def default_tex(name: str) -> str:
    r"""The usual typesetting of a name: ``w5`` is w₅, ``net_h1`` a word with a subscript, ``theta`` a Greek letter."""
    base, *subscripts = [part for part in name.split("_") if part] or [name]
    found = _PART.fullmatch(base)
    letters, digits = found.groups() if found else (base, "")
    below = ",".join(([digits] if digits else []) + [_subscript(part) for part in subscripts])
    if letters in GREEK:
        return _with_subscript(f"\\{letters}", below)
    if len(letters) == 1:
        return _with_subscript(letters, below)
    return rf"\mathit{{{_with_subscript(letters, below)}}}"


def _subscript(part: str) -> str:
    if part in GREEK:
        return f"\\{part}"
    return rf"\mathrm{{{part}}}" if part.isalpha() and len(part) > 1 else part


def _with_subscript(base: str, below: str) -> str:
    if not below:
        return base
    return f"{base}_{below}" if len(below) == 1 else f"{base}_{{{below}}}"


def tex_fault(tex: str) -> str:
    """What is wrong with the TeX that a file gives for a name; empty where nothing is."""
    position, depth = 0, 0
    while position < len(tex):
        piece = _TEX_PIECE.match(tex, position)
        if not piece:
            return f"`{tex[position]}` is not allowed here"
        if piece.group(1) and piece.group(1) not in GREEK | ACCENTS | SIGNS:
            return f"`\\{piece.group(1)}` is not allowed here"
        depth += (piece.group() == "{") - (piece.group() == "}")
        if depth < 0:
            return "a brace closes that was not opened"
        position = piece.end()
    if depth:
        return "a brace is not closed"
    if not tex.strip():
        return "is empty"
    return (
        "breaks Markdown: write `x_{1}`, with a letter or digit before each `_`"
        if re.search(r"(?<![A-Za-z0-9])_", tex)
        else ""
    )
