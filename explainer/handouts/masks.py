"""Masks: which parts of which lines are blank, and what must not be printed anywhere so that no blank is given away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from ..calculus.derive import Derivation, Kind
from ..formulas.expression import Slot
from ..formulas.problems import Problems, nearest
from ..numbers.evaluate import Evaluation
from .rules import asked, size


class Part(StrEnum):
    """The parts of a line, from left to right."""

    FORMULA = "formula"
    SUBSTITUTION = "substitution"
    RESULT = "result"


Mask = frozenset[tuple[str, Part]]


def _all(ids: Sequence[str]) -> Sequence[str]:
    return ids


def _none(ids: Sequence[str]) -> Sequence[str]:
    return ()


def _last_half(ids: Sequence[str]) -> Sequence[str]:
    """The later half: a worked first half leads up to it, and no worked line uses what is blank.

    Blanks that grow from the end are called backward fading; they were found to teach better than those that grow from
    the beginning (Renkl, Atkinson, Maier and Staley 2002, Journal of Experimental Education 70, 293-315).
    """
    return ids[(len(ids) + 1) // 2 :]


class Policy(Struct, frozen=True):
    """Which of the lines in question have blanks, and which of their parts are blank."""

    choose: Callable[[Sequence[str]], Sequence[str]]
    parts: tuple[Part, ...]


POLICIES: Mapping[str, Policy] = {
    "results": Policy(_all, (Part.RESULT,)),
    "substitutions": Policy(_all, (Part.SUBSTITUTION, Part.RESULT)),
    "formulas": Policy(_all, (Part.FORMULA, Part.SUBSTITUTION)),
    "all": Policy(_all, (Part.FORMULA, Part.SUBSTITUTION, Part.RESULT)),
    "worked": Policy(_none, ()),
    "half": Policy(_last_half, (Part.SUBSTITUTION, Part.RESULT)),
}
"""``formulas`` hides the numbers put in as well, since they show the formula; its results stand there to compare."""
FADE = ("worked", "half", "all")
"""The policies of a sequence of faded examples."""


def read_policy(text: str, derivation: Derivation, name: str) -> Mask:
    """The mask of a policy by name, or of lines by their ids with commas between: their results are blank.

    Raises:
        CalculationError: for ids that are none, or lines without a blank of their own.
    """
    lines = [step.id for step in asked(derivation)]
    if text in POLICIES:
        policy = POLICIES[text]
        given = _given_formulas(derivation)
        chosen = ((id, part) for id in policy.choose(lines) for part in policy.parts)
        return frozenset((id, part) for id, part in chosen if part is not Part.FORMULA or id not in given)
    problems = Problems(name)
    ids = [_found(part.strip(), derivation, lines, problems) for part in text.split(",") if part.strip()]
    if not ids:
        problems.add("--blank", "nothing is asked for", f"one of {', '.join(POLICIES)}, fade, or ids of lines")
    problems.stop_if_any()
    return frozenset((id, Part.RESULT) for id in ids)


def _given_formulas(derivation: Derivation) -> frozenset[str]:
    """The lines whose formula is the calculation itself, so that nobody could find it: those of a list of formulas, and
    an error that the file gives by a formula."""
    graph = derivation.graph
    defined = [step for step in derivation.steps if step.kind is Kind.DEFINITION]
    of_file = defined if not graph.blocks else [s for s in defined if graph.training.loss_formula and s.phase == "loss"]
    return frozenset(step.id for step in of_file)


def _found(name: str, derivation: Derivation, lines: Sequence[str], problems: Problems) -> str:
    id = derivation.find(name)
    if not id:
        problems.add("--blank", f"there is no line `{name}`", nearest(name, [*POLICIES, "fade", *lines]))
    elif id not in lines:
        problems.add("--blank", f"`{name}` is given, or only repeats another line", nearest(name, lines))
    return id


def closed(mask: Mask, evaluation: Evaluation) -> Mask:
    """The mask with the results that would give a blank away: lines with the same answer, such as that of a bias."""
    answers = {size(evaluation.texts[id]) for id, part in mask if part is Part.RESULT}
    if not answers:
        return mask
    given_away = (s.id for s in asked(evaluation.derivation) if size(evaluation.texts[s.id]) in answers)
    return mask | {(id, Part.RESULT) for id in given_away}


def concealed(mask: Mask, derivation: Derivation) -> frozenset[str]:
    """The ids whose value must not be printed: results that are blank, and lines that only repeat them."""
    hidden = {id for id, part in mask if part is Part.RESULT}
    for step in derivation.steps:
        if step.trivial and isinstance(step.shape.formula, Slot) and step.uses[0] in hidden:
            hidden.add(step.id)
    return frozenset(hidden)
