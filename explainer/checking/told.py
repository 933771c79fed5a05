"""A sheet with its names understood and its figures read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ..calculus.marks import parsed
from ..formulas.problems import Problems, nearest
from ..spec.types import Spec
from .figures import Figure, read_figure
from .names import Names
from .sheets import Answer, Sheet

MANY_UNKNOWN = 3
MOST_TOLD = 50
"""So many problems are collected before the rest of a sheet is left unread."""
MOST_STEPS = 10_000
"""States up to this one can be checked, or up to the last step that the calculation file asks for."""
MOST_STATES = 40


class Told(Struct, frozen=True):
    """What a person handed in, by the ids of the calculation."""

    sheet: Sheet
    answers: Mapping[str, Answer]
    """Id → what was written."""
    figures: Mapping[str, Figure]
    """Id → the figure, where it is one."""
    renamed: Mapping[str, str]
    """Gradients that the person names as of the total error, though only one error term changes with them."""


def told(sheet: Sheet, names: Names, spec: Spec) -> Told:
    """The answers under the ids that their names mean.

    Raises:
        CalculationError: for names that are none of this calculation, that stand twice, or that ask for too much.
    """
    problems = Problems(sheet.label)
    _check_made_for(sheet, spec, problems)
    answers = _answers(sheet, names, problems)
    _check_states(answers, spec, problems)
    problems.stop_if_any()
    figures = {id: figure for id, answer in answers.items() if (figure := read_figure(answer.text))}
    renamed = {id: a.quantity for id, a in answers.items() if _renames(id, a.quantity, names.loss)}
    return Told(sheet, answers, figures, renamed)


def _check_made_for(sheet: Sheet, spec: Spec, problems: Problems) -> None:
    name, fingerprint = sheet.made_for
    if fingerprint and fingerprint != spec.fingerprint:
        what = f"this sheet is for another calculation, `{name}`, or an earlier state of it"
        problems.add("", what, f"it was checked against `{spec.name}`")
        problems.stop_if_any()


def _answers(sheet: Sheet, names: Names, problems: Problems) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    unknown = list[Answer]()
    for answer in sheet.answers:
        id = names.find(answer.quantity)
        if not id:
            unknown.append(answer)
        elif id in answers:
            what = f"`{answer.quantity}` is there already, at {answers[id].place}"
            problems.add(answer.place, what, "each quantity once")
        else:
            answers[id] = answer
    _tell_unknown(unknown, len(sheet.answers), names, problems)
    if not sheet.answers:
        problems.add("", "holds no answers", "each row: quantity,answer")
    return answers


def _tell_unknown(unknown: Sequence[Answer], count: int, names: Names, problems: Problems) -> None:
    if len(unknown) >= MANY_UNKNOWN and 2 * len(unknown) > count:
        what = f"{len(unknown)} of {count} quantities are not in this calculation"
        problems.add("", what, "is the sheet for another one?")
    for answer in unknown[:MOST_TOLD]:
        what = f"`{answer.quantity}` is not a quantity of this calculation"
        problems.add(answer.place, what, nearest(answer.quantity[:80], names.known))


def _check_states(answers: Mapping[str, Answer], spec: Spec, problems: Problems) -> None:
    """Training up to a state takes time, and each state has lines of its own."""
    most = max(MOST_STEPS, spec.training.steps)
    states = {id: parsed(id).state for id in answers}
    for id in [id for id, state in states.items() if state > most][:MOST_TOLD]:
        problems.add(answers[id].place, f"`{answers[id].quantity}` is after too many steps", f"at most {most} steps")
    if len(set(states.values())) > MOST_STATES:
        problems.add("", f"speaks of {len(set(states.values()))} states of training", f"at most {MOST_STATES}")


def _renames(id: str, name: str, loss: str) -> bool:
    whole = f"d{loss}/d"
    return bool(loss) and id != name and name.startswith(whole) and not id.startswith(whole)
