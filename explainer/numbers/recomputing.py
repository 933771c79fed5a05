"""The lines that do not follow from the figures printed in them: what a reader with a calculator would find."""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Set
from decimal import Decimal, DecimalException
from operator import ne

from ..calculus.derive import Derivation
from ..spec.types import Display
from .arithmetic import context
from .digits import exceptions
from .passing import Pass, plan
from .rounding import shown

CALCULATORS = ((30, 27), (130, 110), (2000, 1900))
"""Digits of the calculator that works a line out again from its printed figures, and those it rounds to. A larger one
is asked where a smaller one finds another figure than the one printed."""


def recomputed(derivation: Derivation, done: Pass, display: Display, unseen: Set[str] = frozenset()) -> dict[str, str]:
    """Step id → what the printed figures give, where that is not the printed result. ``unseen`` are Steps that are not
    printed: whoever needs one has to work it out, and does not round it."""
    printed = list(map(Decimal, done.texts))
    lines = plan(derivation).lines
    rounded = list(map(ne, printed, done.values))
    for here, line in enumerate(lines, len(plan(derivation).outside)) if unseen else ():
        rounded[here] = rounded[here] or line.step.id in unseen
    open_lines = {
        number: "" for number, line in enumerate(lines) if line.function is not None and any(line.used(rounded))
    }
    marked: dict[int, str] = {}
    for digits, kept in CALCULATORS:
        found = _worked_out_again(derivation, done, display, printed, open_lines, unseen, digits, kept)
        marked.update({number: text for number, text in found.items() if text == open_lines[number]})
        open_lines = {number: text for number, text in found.items() if number not in marked}
        if not open_lines:
            break
    return {lines[number].step.id: marked[number] for number in sorted(marked)}


def _worked_out_again(
    derivation: Derivation,
    done: Pass,
    display: Display,
    printed: list[Decimal],
    numbers: Mapping[int, str],
    unseen: Set[str],
    digits: int,
    kept: int,
) -> dict[int, str]:
    """The lines, by number, that give something else when the printed figures are put in, with what they give."""
    rounded, own = context(kept).plus, exceptions(derivation, display)
    outside, lines, _ = plan(derivation)
    near = Decimal(0) if own else _surely_the_same(display)
    found = {}
    known = printed
    with decimal.localcontext(context(digits)):
        if unseen:
            known = _with_unseen(derivation, printed, unseen)
        for number in numbers:
            step, function, used, _ = lines[number]
            assert function is not None
            here = len(outside) + number
            try:
                value = function(*used(known))
                if abs(value - printed[here]) < near and printed[here] and "e" not in done.texts[here]:
                    continue
                text = shown(rounded(value), own.get(step.id, display), done.exact[here])
            except DecimalException:  # the printed figures have no result
                continue
            if text != done.texts[here] and Decimal(text) != printed[here]:
                found[number] = text
    return found


def _surely_the_same(display: Display) -> Decimal:
    """How far a value may be from a printed figure and surely be printed as that figure; 0 where that hangs on more."""
    if display.significant is not None or display.rounding == "cut off":
        return Decimal(0)
    return Decimal((0, (4,), -(display.decimals or 0) - 1))


def _with_unseen(derivation: Derivation, printed: list[Decimal], unseen: Set[str]) -> list[Decimal]:
    """The printed figures, and in place of those that are not printed what they are worked out to be."""
    known = list(printed)
    for here, line in enumerate(plan(derivation).lines, len(plan(derivation).outside)):
        if line.step.id in unseen:
            given = line.used(known)
            try:
                known[here] = line.function(*given) if line.function else given[0] if given else known[here]
            except DecimalException:  # the printed figures have no result
                continue
    return known
