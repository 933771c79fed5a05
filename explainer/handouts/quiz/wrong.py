"""What the checker's named mistakes give at each line, worked out from the key, and what is said of them."""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, DecimalException
from html import escape
from itertools import pairwise

from markupsafe import Markup

from ...calculus.derive import Phase, Step
from ...checking.candidates import Candidate, Edited, Editor, candidate
from ...checking.kin import Kin
from ...checking.likeness import Likeness
from ...checking.lines import Checkable
from ...checking.mistakes import BY_EDIT
from ...checking.report import Explanation, Working
from ...checking.scales import DECIMALS, Interval
from ...formulas.expression import Expression, Number, Product, Slot
from ...lesson.write import environment, tidied
from ...numbers.arithmetic import context
from ...numbers.digits import exceptions
from ...numbers.evaluate import Evaluation
from ...numbers.rounding import shown
from ...spec.types import Display
from ..play import last_unit
from .question import Wrong

DIGITS = 60
MOST_WRONG = 12
"""So many wrong figures of a line are told, those of the commonest mistakes."""
MOST_TOLD = 3
"""So many mistakes are told where they give the same figure."""
LEAST_WEIGHT = 1.0
"""Rarer mistakes are not looked for: their figures would be taken for a mistake by chance."""
POINT_MOVED = (-1, 1)
LARGEST = Decimal("1e300")
"""Learning platforms work with machine numbers: a larger one is infinite there, and one closer to 0 than this is to 1
is 0."""


class Names:
    """How names stand in HTML; of what a student is told afterwards, no number belongs to the key."""

    def id(self, id: str) -> Markup:
        """The id in code type."""
        return Markup(f"<code>{escape(id)}</code>")

    def number(self, text: str) -> Markup:
        """A number."""
        return Markup(escape(text))

    def formula(self, working: Working) -> Markup:
        """Never asked for: formulas with numbers in them would give the key away."""
        return Markup("")

    def typed(self, text: str) -> Markup:
        """What stands in the file."""
        return Markup(escape(text))


class WrongFigures:
    """The wrong figures of one calculation's lines; the edits of a line are found once for all variants."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.kin = Kin(Checkable(evaluation).first)
        self.editor = Editor(self.kin)
        self.likeness = Likeness(self.kin)

    def of(self, id: str, evaluation: Evaluation) -> tuple[Wrong, ...]:
        """The wrong figures at a line, commonest mistakes first; none that would pass for the answer."""
        step = self.kin.lines.step.get(id)
        if step is None:
            return ()
        display = exceptions(evaluation.derivation, evaluation.display).get(id, evaluation.display)
        found: dict[str, list[Candidate]] = {}
        with decimal.localcontext(context(DIGITS)):
            for mistake in self._candidates(step, evaluation.values):
                if (text := _text(mistake.value, display)) is not None:
                    found.setdefault(text, []).append(mistake)
        found.pop(evaluation.texts[id], None)
        kept = dict(list(found.items())[:MOST_WRONG])
        windows = windows_of([evaluation.texts[id], *kept])
        return tuple(self._wrong(id, text, mistakes, windows[text]) for text, mistakes in kept.items())

    def _candidates(self, step: Step, values: Mapping[str, Decimal]) -> list[Candidate]:
        """Every edit with the numbers of the key, and the decimal point moved; the commonest first."""
        own = {id: (value, value) for id, value in values.items()}
        found = [candidate(edited, own, self.kin.graph.functions, DECIMALS) for edited in self._edits(step, own)]
        found += [_moved(step.id, values[step.id], places) for places in POINT_MOVED]
        return sorted(found, key=lambda mistake: -mistake.mistake.weight)

    def _edits(self, step: Step, own: Mapping[str, Interval]) -> Iterator[Edited]:
        for edited in self.editor.of(step):
            known = all(used in own and self._at_hand(used, step) for used in edited.uses)
            if known and edited.mistake.weight >= LEAST_WEIGHT:
                yield edited

    def _at_hand(self, used: str, step: Step) -> bool:
        """Whether a student may have a value by then: never one of the second forward pass, nor a later one while
        going forward. Going back, an updated weight is a mistake that people make."""
        other = self.kin.lines.step.get(used)
        if other is None:
            return True
        later = self.kin.place[used] > self.kin.place[step.id]
        return other.phase is not Phase.AGAIN and not (later and step.phase in (Phase.FORWARD, Phase.LOSS))

    def _wrong(self, id: str, text: str, mistakes: list[Candidate], window: Decimal) -> Wrong:
        distinct = self.likeness.distinct(mistakes, id)[:MOST_TOLD]
        told = [self._explanation(found) for found in distinct]
        names = tuple(dict.fromkeys(found.mistake.name for found in distinct))
        formula, uses = _worked_out(distinct[0])
        return Wrong(text, window, names, feedback("wrong", explanations=told), formula, uses)

    def _explanation(self, found: Candidate) -> Explanation:
        parts = found.part if found.shape is None else tuple(map(self.kin.base, found.part))
        step = self.kin.lines.step[found.line]
        return Explanation(
            found.mistake.name, found.line, self.kin.line_type(step), False, parts, instead=found.instead
        )


def windows_of(texts: Iterable[str]) -> dict[str, Decimal]:
    """By how much a figure may differ from each of these to be taken for it: a unit of its last digit, but no more
    than half the way to its neighbour, so that each is told from the next."""
    values = {text: Decimal(text) for text in texts}
    ordered = sorted(values.values())
    gaps = {one: [other - one] for one, other in pairwise(ordered)}
    for one, other in pairwise(ordered):
        gaps.setdefault(other, []).append(other - one)
    return {text: min([last_unit(text), *(gap / 2 for gap in gaps.get(value, ()))]) for text, value in values.items()}


def is_machine_number(value: Decimal) -> bool:
    """Whether a learning platform can hold a number."""
    return value.is_finite() and (not value or 1 / LARGEST < abs(value) < LARGEST)


def feedback(part: str, **values: object) -> str:
    """What is said after an answer, in HTML."""
    template = environment("en").get_template("quiz_feedback.html.j2")
    told = tidied(template.render(f=Names(), line=_line, part=part, **values))
    return " ".join(told.split())


def _line(text: str) -> Markup:
    return Markup(" ".join(str(text).split()))


def _moved(line: str, value: Decimal, places: int) -> Candidate:
    """The answer with its decimal point in the wrong place."""
    wrong = value.scaleb(places)
    return Candidate(BY_EDIT["decimal point"], line, None, (), (wrong, wrong), (str(places),))


def _worked_out(found: Candidate) -> tuple[Expression, tuple[str, ...]]:
    """The formula of a mistake; that of a moved decimal point is a multiple of the line."""
    if found.shape is not None:
        return found.shape.formula, found.uses
    return Product((Slot(0), Number(f"1e{found.part[0]}"))), (found.line,)


def _text(value: Interval, display: Display) -> str | None:
    """What a line shows with a mistake in it; None where that has no value."""
    low, high = value
    try:
        middle = (low + high) / 2
    except DecimalException:
        return None
    if not is_machine_number(middle):
        return None
    return shown(context(DIGITS - 15).plus(middle), display)
