"""Derivation + numbers → Evaluation: the exact value and the shown text of every Step, every digit proven.

Everything is evaluated with 50 digits and rounded to fewer before it is shown, so that a value that is a tie in truth
is one here too. Machine floats beside them show that errors do not grow. Where they do, where rounded values are
carried, or where a text hangs on digits that are not there (a tie, or a zero left over by cancellation), precision is
raised until two passes agree beyond doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from ..calculus.derive import Derivation
from ..spec.types import Display, Literal
from . import amplification
from .passing import Pass, Precision, plan, run
from .recomputing import recomputed

DIGITS = ((50, 36), (65, 60), (130, 110), (260, 240), (520, 480), (1000, 960), (2000, 1900))
PRECISIONS = tuple(Precision(digits, kept, (digits, kept) == DIGITS[-1]) for digits, kept in DIGITS)
"""A value that is still 0 at the last one counts as 0."""


class Evaluation(Struct, frozen=True):
    """The numbers of a Derivation under one rounding contract."""

    derivation: Derivation
    sources: Mapping[str, Literal]
    display: Display
    values: Mapping[str, Decimal]
    """Source or Step id → value; under ``carry = "rounded"`` the rounded one."""
    texts: Mapping[str, str]
    """Source or Step id → text shown: sources as typed."""
    exact: frozenset[str]
    """The ids whose value is exact, not rounded to the digits of the evaluation."""
    recomputed: Mapping[str, str]
    """Step id → what a calculator gives from the printed figures, where that differs from the printed result."""


def evaluate(
    derivation: Derivation,
    sources: Mapping[str, Literal],
    display: Display,
    *,
    as_reached: bool = False,
    for_print: bool = True,
) -> Evaluation:
    """Evaluate every Step.

    ``as_reached``: the states after steps that are not written out stand among the sources already. ``for_print``:
    whether lines are wanted that do not follow from the figures printed in them.

    Raises:
        EvaluationError: where a Step has no value (division by zero, overflow, the logarithm of a negative number).
    """
    done = before = None
    for precision in PRECISIONS:
        before, done = done, run(derivation, sources, display, precision, as_reached=as_reached)
        if not done.doubtful and _sure(derivation, display, before, done):
            break
    assert done is not None
    marked = recomputed(derivation, done, display) if for_print and display.carry == "exact" else {}
    return _named(derivation, sources, display, done, marked)


def judged_by(evaluation: Evaluation, unseen: Set[str]) -> Evaluation:
    """The evaluation for a reader who does not see some Steps: its marks are at the lines that what is printed does not
    give."""
    if not unseen or evaluation.display.carry == "rounded":
        return evaluation
    derivation, names = evaluation.derivation, plan(evaluation.derivation).names
    values, texts, exact = evaluation.values, evaluation.texts, evaluation.exact
    done = Pass(
        [values[name] for name in names], [texts[name] for name in names], [name in exact for name in names], {}
    )
    return replace(evaluation, recomputed=recomputed(derivation, done, evaluation.display, unseen))


def _sure(derivation: Derivation, display: Display, before: Pass | None, done: Pass) -> bool:
    """Whether the texts of a pass are right: those of the one before, with fewer digits, are the same, or errors of
    rounding do not grow. Where rounded values are carried, floats would have to be rounded like them."""
    if before is None:
        return display.carry == "exact" and amplification.hardly_any(derivation, done)
    return before.texts == done.texts


def _named(
    derivation: Derivation, sources: Mapping[str, Literal], display: Display, done: Pass, marked: Mapping[str, str]
) -> Evaluation:
    """What a pass found, by name."""
    known = {**sources, **{name: Literal(text, value) for name, (value, text, _) in done.later.items()}}
    names = plan(derivation).names
    values = {name: literal.value for name, literal in known.items()}
    texts = {name: literal.text for name, literal in known.items()}
    values.update(zip(names, done.values, strict=True))
    texts.update(zip(names, done.texts, strict=True))
    sure = {name for name in known if name not in done.later or done.later[name][2]}
    sure.update([name for name, exact in zip(names, done.exact, strict=True) if exact])
    return Evaluation(derivation, known, display, values, texts, frozenset(sure), marked)
