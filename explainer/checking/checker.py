"""Sheet → Report: names and figures read, lines judged, slips explained, points counted."""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ..calculus.graph import Listing
from ..formulas.problems import Problems, nearest
from ..numbers.arithmetic import context
from ..numbers.evaluate import Evaluation
from ..spec.types import Spec
from .conventions import Turned, turned_signs
from .diagnosis import Confidence, Diagnosis, Diagnostician
from .findings import Findings
from .grouping import explained_by_rewrites, grouped
from .habits import precision_of
from .kin import Kin
from .lines import Checkable, Lines
from .marking import Marking, Written, best_marking
from .names import Names
from .policy import Policy
from .report import Report
from .reporting import report_of
from .rewrites import Rewrites
from .scales import DECIMALS, FLOAT_DIGITS, FLOATS, Scale
from .sheets import Sheet
from .told import Told, told

DIGITS = 60
"""Of the decimals in which figures of very many digits are judged."""


class _Tools(Struct, frozen=True, eq=False):
    """What belongs to one set of lines, made once."""

    kin: Kin
    diagnostician: Diagnostician
    rewrites: Rewrites


class Checker:
    """Checks the sheets of one calculation; what does not depend on a sheet is worked out once."""

    def __init__(self, spec: Spec, listing: Listing, evaluation: Evaluation) -> None:
        self.spec, self.listing, self.evaluation = spec, listing, evaluation
        self.checkable = Checkable(evaluation)
        self.names = Names(evaluation.derivation)
        self.variants: Mapping[str, Checker] = {}
        """The other variants of a class, by their codes."""
        self._tools: dict[int, _Tools] = {}

    @property
    def order(self) -> tuple[str, ...]:
        """The lines in that of the calculation."""
        return tuple(step.id for step in self.checkable.first.steps)

    def check(self, sheet: Sheet, policy: Policy | None = None) -> Report:
        """The report on one sheet.

        Raises:
            CalculationError: where the sheet names what is not in the calculation.
        """
        said = told(sheet, self.names, self.spec)
        digits = max((figure.significant for figure in said.figures.values() if not figure.exact), default=0)
        if digits <= FLOAT_DIGITS:
            return report_of(self._findings(said, FLOATS), policy or Policy(), self.names)
        with decimal.localcontext(context(DIGITS)):
            return report_of(self._findings(said, DECIMALS), policy or Policy(), self.names)

    def _findings(self, said: Told, scale: Scale) -> Findings:
        """Judge the lines, and explain those that are wrong."""
        lines = self.checkable.lines(said.answers)
        _refuse_unknown(said, lines, self.names)
        tools = self._tools_for(lines)
        written = Written(lines, said.figures, precision_of(said.figures.values()), scale)
        marking = best_marking(written)
        turned: Turned | None = None
        if marking.wrong and (found := turned_signs(written, marking, tools.kin)):
            written, marking, turned = found
        marking, diagnoses = _explained(written, marking, tools)
        variants = {code: other.checkable.first for code, other in self.variants.items()}
        return Findings(
            self.spec, self.evaluation, said, written, marking, tuple(diagnoses), turned, tools.kin, variants
        )

    def _tools_for(self, lines: Lines) -> _Tools:
        """What explains the lines; made when the first sheet needs it."""
        if id(lines) not in self._tools:
            kin = Kin(lines)
            rewrites = Rewrites(self.listing, self.spec.training, lines, self.evaluation.sources, lines.states)
            self._tools[id(lines)] = _Tools(kin, Diagnostician(kin), rewrites)
        return self._tools[id(lines)]


def _refuse_unknown(said: Told, lines: Lines, names: Names) -> None:
    """Of a later state only the lines of the samples that its step takes are there."""
    problems = Problems(said.sheet.label)
    for id, answer in said.answers.items():
        if id not in lines.values:
            problems.add(answer.place, f"there is no line `{answer.quantity}`", nearest(id, names.known))
    problems.stop_if_any()


def _explained(written: Written, marking: Marking, tools: _Tools) -> tuple[Marking, Sequence[Diagnosis]]:
    """The wrong lines explained, each mistake once; other methods are asked where single edits leave something open."""
    if not marking.wrong:
        return marking, ()
    marking, each = tools.diagnostician.diagnose(written, marking)
    found = grouped(each)
    puzzling = len(found) > 1 or any(diagnosis.confidence is not Confidence.STATED for diagnosis in found)
    return marking, explained_by_rewrites(found, marking, tools.rewrites.all if puzzling else ())
