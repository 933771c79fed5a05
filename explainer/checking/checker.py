"""Sheet → Report: names and figures read, lines judged, slips explained, points counted."""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..calculus.graph import Listing
from ..formulas.problems import Problems, nearest
from ..numbers.arithmetic import context
from ..numbers.evaluate import Evaluation
from ..spec.types import Spec
from .conventions import Turned, turned_signs
from .diagnosis import Confidence, Diagnosis, Diagnostician
from .figures import read_figure
from .grouping import explained_by_rewrites, grouped
from .habits import precision_of
from .intervals import DECIMALS, FLOAT_DIGITS, FLOATS
from .kin import Kin
from .lines import Checkable, Lines
from .marking import Written, best_marking
from .names import Names
from .policy import Policy
from .report import Report
from .reporting import Reporting, Told
from .rewrites import Rewrites
from .sheets import Answer, Sheet

MANY_UNKNOWN = 3


@dataclass(slots=True, eq=False)
class _Tools:
    """What belongs to one set of lines, made once."""

    kin: Kin
    diagnostician: Diagnostician
    rewrites: Rewrites


class Checker:
    """Checks the sheets of one calculation."""

    def __init__(self, spec: Spec, listing: Listing, evaluation: Evaluation) -> None:
        self.spec, self.listing, self.evaluation = spec, listing, evaluation
        self.checkable = Checkable(evaluation)
        self.names = Names(evaluation.derivation)
        self.variants: Mapping[str, Checker] = {}
        """The other variants of a class, by their codes."""
        self._tools: dict[int, _Tools] = {}

    # ------------------------------------------------------------ reading

    def told(self, sheet: Sheet) -> Told:
        """The answers under the ids that their names mean.

        Raises:
            CalculationError: for names that are none of this calculation, or that stand twice.
        """
        problems = Problems(sheet.label)
        if sheet.made_for[1] and sheet.made_for[1] != self.spec.fingerprint:
            name = sheet.made_for[0]
            problems.add(
                "",
                f"this sheet is for another calculation, `{name}`, or an earlier state of it",
                f"it was checked against `{self.spec.name}`",
            )
            problems.stop_if_any()
        answers: dict[str, Answer] = {}
        renamed: dict[str, str] = {}
        unknown = []
        for answer in sheet.answers:
            id = self.names.find(answer.quantity)
            if not id:
                unknown.append(answer)
            elif id in answers:
                problems.add(
                    answer.place, f"`{answer.quantity}` is there already, at {answers[id].place}", "each quantity once"
                )
            else:
                answers[id] = answer
                if self._renames(id, answer.quantity):
                    renamed[id] = answer.quantity
        self._tell_unknown(unknown, len(sheet.answers), problems)
        if not sheet.answers:
            problems.add("", "holds no answers", "each row: quantity,answer")
        problems.stop_if_any()
        read = ((id, read_figure(answer.text)) for id, answer in answers.items())
        return Told(sheet, answers, {id: figure for id, figure in read if figure}, renamed)

    def _renames(self, id: str, name: str) -> bool:
        loss = self.names.loss
        return (
            bool(loss)
            and id not in self.evaluation.texts.keys() & {name}
            and name.startswith(f"d{loss}/d")
            and not id.startswith(f"d{loss}/d")
        )

    def _tell_unknown(self, unknown: Sequence[Answer], count: int, problems: Problems) -> None:
        if len(unknown) >= MANY_UNKNOWN and 2 * len(unknown) > count:
            what = f"{len(unknown)} of {count} quantities are not in `{self.spec.name}`"
            problems.add("", what, "is the sheet for another calculation?")
        known = [*self.evaluation.derivation.step, *self.evaluation.derivation.graph.quantity]
        for answer in unknown[:50]:
            problems.add(
                answer.place,
                f"`{answer.quantity}` is not a quantity of this calculation",
                nearest(answer.quantity[:80], known),
            )

    # ------------------------------------------------------------ checking

    def check(self, sheet: Sheet, policy: Policy | None = None) -> Report:
        """The report on one sheet.

        Raises:
            CalculationError: where the sheet names what is not in the calculation.
        """
        told = self.told(sheet)
        digits = max((figure.significant for figure in told.figures.values() if not figure.exact), default=0)
        if digits <= FLOAT_DIGITS:
            return self._checked(told, policy or Policy(), FLOATS)
        with decimal.localcontext(context(60)):
            return self._checked(told, policy or Policy(), DECIMALS)

    def _lines(self, ids: Iterable[str]) -> Lines:
        return self.checkable.lines(ids)

    def tools(self, lines: Lines) -> _Tools:
        """What explains the lines; made when the first sheet needs it."""
        if id(lines) not in self._tools:
            kin = Kin(lines)
            rewrites = Rewrites(self.listing, self.spec.training, lines, self.evaluation.sources, lines.states)
            self._tools[id(lines)] = _Tools(kin, Diagnostician(kin), rewrites)
        return self._tools[id(lines)]

    def _checked(self, told: Told, policy: Policy, scale: Any) -> Report:
        lines = self._lines(told.answers)
        tools = self.tools(lines)
        order = {id: place for place, id in enumerate((*lines.starts, *(step.id for step in lines.steps)))}
        figures = told.figures
        written = Written(lines, figures, precision_of(figures.values()), scale)
        marking = best_marking(written)
        turned: Turned | None = None
        if marking.wrong and (found := turned_signs(written, marking, tools.kin)):
            written, marking, turned = found
        diagnoses: list[Diagnosis] = []
        if marking.wrong:
            marking, diagnoses = tools.diagnostician.diagnose(written, marking)
            diagnoses = grouped(diagnoses)
            diagnoses = explained_by_rewrites(diagnoses, marking, tools.rewrites.all if _puzzling(diagnoses) else ())
        reporting = Reporting(
            self.spec,
            self.names,
            self.evaluation,
            {code: other.checkable.first for code, other in self.variants.items()},
            told,
            policy,
            written,
            marking,
            diagnoses,
            turned,
            order,
            tools.kin,
        )
        return reporting.report()


def _puzzling(diagnoses: Sequence[Diagnosis]) -> bool:
    """Whether single edits leave something open: an unexplained line, or several explanations for one."""
    return len(diagnoses) > 1 or any(d.confidence is not Confidence.STATED for d in diagnoses)
