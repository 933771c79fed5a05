"""Calculation → Quiz → files: what ``explainer quiz`` does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException

from msgspec import Struct

from ...calculus.derive import Derivation
from ...formulas.problems import ExplainerError, nearest
from ...spec.types import Spec
from ..calculated import Calculated
from ..variants import Variations
from .moodle import moodle_xml
from .pages import picture_words
from .qti import qti_package
from .question import Quiz, Tolerance, Variant
from .questions import Questioner, names_picture, quiz_mask
from .stack import stack_xml
from .tables import mapping_csv, quiz_csv, wrong_csv

MOST_VARIANTS = 500
"""More make a file that learning platforms refuse."""
QUICK_IN_STACK = 70
"""Blanks of a question; with many more, STACK 4.11 was slow when it was tried."""
MOST_TOLERANCE = 10**15
TOLERANCE = re.compile(r"\s*([0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE]-?[0-9]{1,3})?)\s*(%?)\s*")


class Wish(Struct, frozen=True):
    """What a teacher asks for."""

    target: str
    blank: str = "results"
    variants: int | None = None
    """None: the numbers of the file."""
    seed: int = 1
    tolerance: str = ""
    """``0.001`` or ``1%``; empty: one unit of the last digit that is asked for."""


def quiz_files(
    calculation: Calculated, derive: Callable[[Spec], Calculated], wish: Wish, told: Callable[[str], object] = str
) -> dict[str, str | bytes]:
    """The files of a quiz, by name. ``told`` is given what a teacher should know of it before it is used.

    Raises:
        ExplainerError: for what a quiz cannot be made of; the message says what is allowed.
    """
    if wish.target not in TARGETS:
        raise ExplainerError(f'--to: "{wish.target}" is not a target\n    {nearest(wish.target, TARGETS)}')
    quiz = make_quiz(calculation, derive, wish)
    longest = max(len(variant.blanks) for variant in quiz.variants)
    if wish.target == "stack" and longest > QUICK_IN_STACK:
        told(f"{longest} blanks in one question: STACK gets slow beyond {QUICK_IN_STACK}; --blank half makes fewer")
    return TARGETS[wish.target](quiz)


def make_quiz(calculation: Calculated, derive: Callable[[Spec], Calculated], wish: Wish) -> Quiz:
    """The questions of all variants.

    Raises:
        ExplainerError: as above.
    """
    spec, tolerance = calculation.spec, read_tolerance(wish.tolerance)
    questioners: dict[Derivation, Questioner] = {}
    made = []
    for number, drawn in _drawn(calculation, derive, wish):
        if drawn.derivation not in questioners:
            questioners[drawn.derivation] = Questioner(drawn, tolerance)
        mask = quiz_mask(wish.blank, drawn.derivation, spec.name)
        made.append(questioners[drawn.derivation].variant(number, drawn, mask))
    _check(made)
    picture = names_picture(made[0].calculation, picture_words()) if len(questioners) == 1 else ""
    return Quiz(spec.name, spec.title, spec.fingerprint, wish.seed, tuple(made), picture)


def _drawn(calculation: Calculated, derive: Callable[[Spec], Calculated], wish: Wish) -> list[tuple[int, Calculated]]:
    """The calculations with their numbers, counted from 1; 0 is the file's own."""
    if wish.variants is None:
        return [(0, calculation)]
    if not 1 <= wish.variants <= MOST_VARIANTS:
        raise ExplainerError(f"--variants: expected a whole number from 1 to {MOST_VARIANTS}, found {wish.variants}")
    variations = Variations(calculation, derive, wish.seed)
    return [(number, variations.variant(number)) for number in range(1, wish.variants + 1)]


def _check(variants: list[Variant]) -> None:
    if not any(variant.blanks for variant in variants):
        raise ExplainerError("--blank: no line of this calculation has a result to ask for")


def read_tolerance(text: str) -> Tolerance | None:
    """``0.001`` is absolute, ``1%`` is relative; None for an empty text.

    Raises:
        ExplainerError: for anything else.
    """
    if not text.strip():
        return None
    found = TOLERANCE.fullmatch(text)
    try:
        size = Decimal(found[1]) if found else Decimal(-1)
    except DecimalException:
        size = Decimal(-1)
    if not found or not 0 <= size <= MOST_TOLERANCE or (found[2] and size >= 100):
        hint = "a number such as 0.001, or a part of the answer below 100% such as 1%"
        raise ExplainerError(f'--tolerance: "{text[:60]}" is not a tolerance\n    {hint}')
    return Tolerance(size.scaleb(-2), True) if found[2] else Tolerance(size)


# ---------------------------------------------------------------- targets


def _moodle(quiz: Quiz) -> dict[str, str | bytes]:
    return {"moodle.xml": moodle_xml(quiz), "mapping.csv": mapping_csv(quiz, whole=False)}


def _stack(quiz: Quiz) -> dict[str, str | bytes]:
    return {"stack.xml": stack_xml(quiz), "mapping.csv": mapping_csv(quiz, whole=True)}


def _qti(quiz: Quiz) -> dict[str, str | bytes]:
    return {"qti21.zip": qti_package(quiz), "mapping.csv": mapping_csv(quiz, whole=False)}


def _csv(quiz: Quiz) -> dict[str, str | bytes]:
    return {"questions.csv": quiz_csv(quiz), "wrong.csv": wrong_csv(quiz)}


TARGETS: Mapping[str, Callable[[Quiz], dict[str, str | bytes]]] = {
    "moodle": _moodle,
    "stack": _stack,
    "qti21": _qti,
    "csv": _csv,
}
"""A target is a row."""
