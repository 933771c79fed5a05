r"""Writes the shown values of all steps as a TeX file, so that a book can say ``\stepvalue{dE_total/dw5}``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .document import FormatError
from .mathematics import usual_tex
from .pages import latex_template

UNUSABLE = re.compile(r"[\\{}%~^\s]")


def values_tex(values: Iterable[tuple[str, str]], prefix: str = "") -> str:
    r"""A file to ``\input`` that defines ``\stepvalue{<prefix><step id>}`` for every pair of step id and TeX.

    The macro works in text and in formulas; an id that is not defined is a LaTeX error that names it.

    Raises:
        FormatError: if an id holds a character that cannot stand in a macro's argument.
    """
    rows = [(prefix + step, usual_tex(tex)) for step, tex in values]
    unusable = [step for step, _ in rows if UNUSABLE.search(step)]
    if unusable:
        raise FormatError(f"these ids cannot be used in a LaTeX macro: {', '.join(unusable)}")
    return latex_template("values.tex.j2").render(values=rows)
