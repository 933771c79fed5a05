"""Calculation and mask → the parts of a quiz: blanks with their answers, tolerances and wrong figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from ...calculus.derive import Derivation
from ...formulas.problems import ExplainerError
from ...lesson.figures import Figure
from ...lesson.pictures import network_picture
from ...lesson.typeset import Typesetter, typesetter
from ...numbers.digits import exceptions
from ...numbers.evaluate import Evaluation
from ..calculated import Calculated
from ..masks import POLICIES, Mask, closed, read_policy
from ..masks import Part as LinePart
from ..play import last_unit, tolerance
from ..rules import size
from ..sections import sections
from .question import Blank, Given, Part, Tolerance, Variant
from .wrong import WrongFigures, is_machine_number

POINTS = 1
ASKED_FOR = ("results", "all", "half")
"""The policies that a quiz knows: it can ask for numbers only."""


def quiz_mask(text: str, derivation: Derivation, name: str) -> Mask:
    """The mask of ``--blank``.

    Raises:
        ExplainerError: for a policy without results, or ids that are none.
    """
    if text in (*POLICIES, "fade") and text not in ASKED_FOR:
        hint = f"one of {', '.join(ASKED_FOR)} (all: without the formulas), or ids of lines"
        raise ExplainerError(f'--blank: "{text}" does not go with a quiz, which asks for results\n    {hint}')
    return read_policy(text, derivation, name)


class Questioner:
    """Makes variants of one structure; what does not depend on the numbers is worked out once."""

    def __init__(self, calculation: Calculated, tolerance: Tolerance | None) -> None:
        self.derivation = calculation.derivation
        self.tolerance = tolerance
        self.wrong = WrongFigures(calculation.evaluation)
        self.tex = typesetter(calculation.derivation, calculation.spec.notation)

    def variant(self, number: int, calculation: Calculated, mask: Mask) -> Variant:
        """The questions with the numbers of a calculation."""
        evaluation = calculation.evaluation
        mask = closed(mask, evaluation)
        asked = frozenset(id for id, part in mask if part is LinePart.RESULT)
        parts = list[Part]()
        for section in sections(self.derivation):
            for ids in self._pages([id for id in section.ids if id in asked], evaluation):
                blanks = tuple(self._blank(id, evaluation, (id, LinePart.FORMULA) not in mask) for id in ids)
                parts.append(Part(len(parts) + 1, section, blanks))
        return Variant(number, calculation, tuple(parts))

    def _pages(self, ids: Sequence[str], evaluation: Evaluation) -> Iterator[list[str]]:
        """The ids in groups, so that no answer stands among the given values of the same group."""
        waiting = list(ids)
        while waiting:
            free = [id for id in waiting if not self._tells(id, waiting, evaluation)]
            page = free or waiting[:1]
            yield page
            waiting = [id for id in waiting if id not in page]

    def _tells(self, id: str, waiting: Sequence[str], evaluation: Evaluation) -> bool:
        """Whether the values that a line is worked out from are answers of others that wait."""
        told = {size(evaluation.texts[self.base(used)]) for used in self.derivation.step[id].uses}
        return any(size(evaluation.texts[other]) in told for other in waiting if other != id)

    def base(self, id: str) -> str:
        """What a line that only repeats a quantity repeats."""
        step = self.derivation.step.get(id)
        while step is not None and step.trivial and step.uses:
            id = step.uses[0]
            step = self.derivation.step.get(id)
        return id

    def _blank(self, id: str, evaluation: Evaluation, formula: bool) -> Blank:
        other = evaluation.recomputed.get(id, "")
        display = exceptions(evaluation.derivation, evaluation.display).get(id, evaluation.display)
        digits = display.decimals if display.significant is None else display.significant
        text = evaluation.texts[id]
        if not is_machine_number(Decimal(text)):
            hint = "leave it out of --blank: learning platforms know numbers from 1e-300 to 1e300"
            raise ExplainerError(f"{id}: its answer is {text}\n    {hint}")
        right = [Decimal(figure) for figure in (text, other) if figure]
        wrong = self.wrong.of(id, evaluation)
        nearest = min((abs(Decimal(one.text) - figure) for one in wrong for figure in right), default=None)
        allowed = self.tolerance or Tolerance(_play(evaluation, id, nearest))
        play = allowed.absolute(right[0])
        return Blank(
            id=id,
            left=self.tex.name(id, True),
            formula=self.tex.symbols(id, True).tex if formula else "",
            givens=tuple(self._givens(self.derivation.step[id].uses, evaluation)),
            text=text,
            others=(other,) if other else (),
            tolerance=allowed,
            digits=digits or 0,
            significant=display.significant is not None,
            points=POINTS,
            wrong=tuple(one for one in wrong if all(abs(Decimal(one.text) - figure) > play for figure in right)),
        )

    def _givens(self, uses: Iterable[str], evaluation: Evaluation) -> Iterator[Given]:
        """What a line is worked out from, each once; numbers that stand in the formula itself are not restated."""
        for id in dict.fromkeys(map(self.base, uses)):
            tex, text = self.tex.name(id, True), evaluation.texts[id]
            if id in self.derivation.graph.quantity or not self.derivation.step[id].trivial:
                yield Given(id, tex, text)


def _play(evaluation: Evaluation, id: str, nearest: Decimal | None) -> Decimal:
    """By how much an answer may differ from the printed one; ``nearest`` is the distance to the nearest wrong figure.

    As on a worksheet. But half a unit, for whoever enters more digits, where rounded values are carried; and where a
    whole one would take in a mistake that is known by name.
    """
    usual, text = tolerance(evaluation, id), evaluation.texts[id]
    if evaluation.display.carry == "rounded" and "." in text:
        return last_unit(text) / 2
    return usual if nearest is None or nearest > usual else usual / 2


def starting_givens(calculation: Calculated, tex: Typesetter) -> tuple[Given, ...]:
    """What the whole calculation starts from."""
    return tuple(
        Given(quantity.name, tex.name(quantity.name), calculation.evaluation.texts[quantity.name])
        for quantity in calculation.derivation.graph.sources
    )


def names_picture(calculation: Calculated, alt: str) -> str:
    """The network as an SVG with the names of everything and the value of nothing; empty where there is no network."""
    graph = calculation.derivation.single.graph
    if not graph.blocks:
        return ""
    nothing = dict.fromkeys(graph.quantity, "")
    return Figure("network", calculation.spec.title, alt, lambda: network_picture(graph, nothing)).svg()
