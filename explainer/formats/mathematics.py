"""The TeX of a lesson's formulas, which survives any Markdown parser, turned into the TeX that people write."""

from __future__ import annotations

import re
from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {r"\cr": r"\\", r"\lt": "<", r"\gt": ">", "%": r"\%"}
WORDY = re.compile(r"\\(?:cr|lt|gt)(?![A-Za-z])|(?<!\\)%")
BEFORE_OPTION = re.compile(r"\\\\(?=\s*[\[*])")


def usual_tex(tex: str) -> str:
    r"""The formula with ``\\`` for row ends and ``<`` for less-than, and no line of it blank."""
    tex = WORDY.sub(lambda match: COMMANDS[match[0]], tex)
    tex = BEFORE_OPTION.sub(r"\\\\{}", tex)  # or the bracket would be read as the option of the row end
    return "\n".join(line for line in tex.splitlines() if line.strip())


# ---------------------------------------------------------------- where a formula may be broken

MARK = re.compile(r"\\(?:[A-Za-z]+|.)|[{}=<>]")
SIGN = re.compile(r"[=<>]|\\(?:lt|gt|leq?|geq?|approx|to|implies|cdot|times)")
DEPTH: Mapping[str, int] = {"{": 1, r"\left": 1, r"\begin": 1, "}": -1, r"\right": -1, r"\end": -1}
LEAST_BEFORE, LEAST_AFTER = 16, 6
"""A formula is broken only where this much, in digits, stands on either side."""


def breakable_pieces(tex: str) -> list[str]:
    """A formula of a line of text, cut after its relations and products, since browsers break no formula themselves.

    A piece ends with ``{}`` after its sign, so that the sign keeps the space around it.
    """
    pieces, start, depth = [], 0, 0
    for mark in MARK.finditer(tex):
        depth += DEPTH.get(mark[0], 0)
        if depth == 0 and SIGN.fullmatch(mark[0]) and _worth_breaking(tex[start : mark.end()], tex[mark.end() :]):
            pieces.append(tex[start : mark.end()] + "{}")
            start = mark.end()
    return [*pieces, tex[start:]]


def _worth_breaking(before: str, after: str) -> bool:
    return visible_width(before) >= LEAST_BEFORE and visible_width(after) >= LEAST_AFTER


# ---------------------------------------------------------------- how much room a formula takes

GAUGE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\\(?:left|right|begin\s*\{\w+\}|end\s*\{\w+\}|thinspace|displaystyle)(?![A-Za-z])"), ""),
    (re.compile(r"[=+]|\\(?:cdot|times|to|approx|le|ge|quad)(?![A-Za-z])"), "mm"),
    (re.compile(r"\\(?:mathit|mathrm|mathbf|mathsf|text|operatorname|boxed|hat|bar)(?![A-Za-z])"), ""),
    (re.compile(r"\\(?![td]?frac\s*\{)(?:[A-Za-z]+|.)"), "m"),
    (re.compile(r"[&\s]"), ""),
)
"""Turns a row of TeX into about as many characters as it is wide, but for fractions, scripts and braces."""
SCRIPT = re.compile(r"[_^]\{([^{}]*)\}")
FRACTION = re.compile(r"\\[td]?frac\{([^{}]*)\}\{([^{}]*)\}")
BRACES = re.compile(r"(?<!frac)(?<!\})\{([^{}]*)\}|[_^](?=[^{])")
ROW_END = re.compile(r"\\cr(?![A-Za-z])|\\\\")


def visible_width(tex: str) -> int:
    """About how many digits wide the widest row of a formula is when typeset; rather too many than too few."""
    return max(_row_width(row) for row in ROW_END.split(tex))


def _row_width(row: str) -> int:
    for pattern, replacement in GAUGE:
        row = pattern.sub(replacement, row)
    while (flat := _flattened(row)) != row:
        row = flat
    return len(row)


def _flattened(row: str) -> str:
    """The row with its innermost scripts, fractions and braces replaced by as many characters as they are wide."""
    row = SCRIPT.sub(lambda match: match[1][: max(1, round(0.75 * len(match[1])))], row)
    row = FRACTION.sub(lambda match: max(match[1], match[2], key=len), row)
    return BRACES.sub(lambda match: match[1] or "", row)


# ---------------------------------------------------------------- a formula in plain text

STYLE = re.compile(r"\\(?:mathit|mathrm|mathbf|mathsf|text|operatorname|left|right)(?![A-Za-z])|[{}\s]")


def plain_formula(tex: str) -> str:
    """The formula in plain characters, for a bookmark: ``net_h1`` for ``\\mathit{net_{h1}}``."""
    return STYLE.sub("", tex).replace("\\", "")
