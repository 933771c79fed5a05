"""About how wide a formula is when typeset, in em: good enough to decide where a display is broken."""

from __future__ import annotations

import re
from functools import lru_cache

SCRIPT = 0.72
LETTER, DIGIT, MARK, OPERATOR = 0.56, 0.51, 0.32, 1.15
"""Of a letter, a digit, a bracket or a comma, and a sign with the space around it."""
CROSS, THIN_SPACE = OPERATOR + 0.5, 0.17
"""In the fonts of TeX a cross is half an em wider than a dot."""
OPERATORS = frozenset("+-=") | {r"\cdot", r"\times", r"\to"}
SPACES = {r"\quad": 1.0, r"\thinspace": THIN_SPACE}
NO_WIDTH = frozenset([r"\left", r"\right", r"\mathit", r"\mathrm", r"\mathbf", r"\text", "&", "{", "}", "."])

_TOKEN = re.compile(r"\\[A-Za-z]+|[^\s]")


@lru_cache(maxsize=100_000)
def width(tex: str) -> float:
    """The estimated width; braces need not balance, since a formula may come in pieces."""
    tokens = _TOKEN.findall(tex)
    total, _ = _until_brace(tokens, 0)
    return total


def _until_brace(tokens: list[str], at: int) -> tuple[float, int]:
    """The width of everything up to the brace that closes, and where the text goes on behind it."""
    total = 0.0
    while at < len(tokens):
        if tokens[at] == "}":
            return total, at + 1
        part, at = _item(tokens, at)
        total += part
    return total, at


def _item(tokens: list[str], at: int) -> tuple[float, int]:
    token = tokens[at]
    if token == "{":
        return _until_brace(tokens, at + 1)
    if token in ("^", "_"):
        inner, after = _argument(tokens, at + 1)
        return SCRIPT * inner, after
    if token == r"\frac":
        upper, after = _argument(tokens, at + 1)
        lower, after = _argument(tokens, after)
        return max(upper, lower) + 0.25, after
    if token in SPACES:
        return SPACES[token], at + 1
    return _width_of(token), at + 1


def _argument(tokens: list[str], at: int) -> tuple[float, int]:
    return _item(tokens, at) if at < len(tokens) else (0.0, at)


def _width_of(token: str) -> float:
    if token in OPERATORS:
        return CROSS if token == r"\times" else OPERATOR
    if token in NO_WIDTH:
        return 0.0
    if len(token) > 1:  # a macro: a function's name in letters, or one sign
        return (
            0.5 * (len(token) - 1) if token[1:] in ("ln", "exp", "sin", "cos", "tanh", "arctan", "max", "min") else 0.6
        )
    return LETTER if token.isalpha() else DIGIT if token.isdigit() else MARK
