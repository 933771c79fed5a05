"""Lines written out with a person's own numbers in them."""

from __future__ import annotations

import decimal
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from ..formulas.expression import Cases, walk
from ..formulas.shape import Shape
from ..formulas.text import formula_text
from ..lesson.notation import printed_form, slotted
from ..numbers.arithmetic import DECIMAL, context
from ..numbers.compiling import shape_function
from ..numbers.evaluate import Evaluation
from ..numbers.rounding import shown
from ..spec.types import Display
from .candidates import Candidate
from .marking import Marking, Written
from .report import Working
from .scales import Interval

USUAL = Display(decimals=None, significant=6)
"""Where the sheet does not tell how many digits it keeps to."""
RESULT_DIGITS = 40


class Workbook:
    """Values as texts: the person's own figures as written, everything else to the digits of the sheet."""

    def __init__(self, written: Written, marking: Marking, evaluation: Evaluation) -> None:
        self.written, self.marking, self.evaluation = written, marking, evaluation
        precision = written.precision
        known = precision.significant is not None or precision.decimals is not None
        self.display = precision.display() if known else USUAL

    def key(self, id: str) -> str:
        """The exact value as the document shows it."""
        if id in self.evaluation.texts:
            return self.evaluation.texts[id]
        return shown(self.written.lines.values[id], self.evaluation.display)

    def by_contract(self, id: str) -> bool:
        """Whether the key of a line hangs on the roundings that the file asks for."""
        return self.evaluation.display.carry == "rounded" and id in self.evaluation.texts

    def short_key(self, id: str) -> str:
        """The exact value to the digits of the sheet; that of the key where the file has rounded values carried."""
        if self.by_contract(id):
            return self.evaluation.texts[id]
        return shown(self.written.lines.values[id], self.display, id in self.written.lines.exact)

    def text(self, id: str) -> str:
        """What the person goes on from: the figure as written, or what the line gives."""
        figure = self.written.figures.get(id)
        if figure is not None:
            return str(figure.value) if figure.exact or "%" in figure.text else _plain(figure.value)
        if id in self.evaluation.sources:
            return self.evaluation.sources[id].text
        step = self.written.lines.step.get(id)
        if step is not None and step.trivial and step.uses:
            return self.text(step.uses[0])
        own = self.marking.own[id]
        return self.short_key(id) if math.isinf(own[0]) or math.isinf(own[1]) else self.rounded(own)

    def rounded(self, interval: Interval, display: Display | None = None) -> str:
        """The middle of an interval as a text."""
        return shown(middle(interval), display or self.display)

    def line(self, id: str, given: Mapping[str, str] | None = None) -> Working | None:
        """The line with the person's numbers and what it gives from them; ``given`` are texts for unwritten lines."""
        step = self.written.lines.step.get(id)
        return None if step is None else self._working(id, step.shape, step.uses, given or {})

    def edited(self, candidate: Candidate, id: str) -> Working | None:
        """The line as it was probably worked out."""
        assert candidate.shape is not None
        if len(candidate.uses) == 1 and candidate.instead:
            return None
        return self._working(id, candidate.shape, candidate.uses, {})

    def worked(self, id: str) -> tuple[Working, ...]:
        """The line as it should go, after the unwritten lines that it needs."""
        step = self.written.lines.step.get(id)
        if step is None:
            return ()
        before = [
            self._working(used, needed.shape, needed.uses, {})
            for used in step.uses
            for needed in [self.written.lines.step.get(used)]
            if needed is not None and not needed.trivial and used not in self.written.figures
        ]
        results = {working.id: working.result for working in before}
        return (*before, self._working(id, step.shape, step.uses, results))

    def _working(self, id: str, shape: Shape, uses: Sequence[str], given: Mapping[str, str]) -> Working:
        """The line with texts in it; its result is that of the texts, so that it recomputes as it stands."""
        functions = self.written.lines.derivation.graph.functions
        texts = [given.get(used) or given.get(self._repeated(used)) or self.text(used) for used in uses]
        formula = printed_form(shape.formula, functions)
        numbers = formula_text(formula, [f"({text})" if text.startswith("-") else text for text in texts])
        return Working(id, _typed(numbers), self._tex(shape, texts), self._result(shape, texts))

    def _repeated(self, id: str) -> str:
        step = self.written.lines.step.get(id)
        return step.uses[0] if step is not None and step.trivial and step.uses else id

    def _result(self, shape: Shape, texts: Sequence[str]) -> str:
        function = shape_function(shape, self.written.lines.derivation.graph.functions, DECIMAL)
        with decimal.localcontext(context(RESULT_DIGITS)):
            try:
                value = function(*map(Decimal, texts))
            except decimal.DecimalException:
                return ""
        display = replace(self.display, rounding=self.marking.habit.rounding)
        return shown(context(RESULT_DIGITS - 6).plus(value), display, value == value.to_integral_value())

    def _tex(self, shape: Shape, texts: Sequence[str]) -> str:
        functions = self.written.lines.derivation.graph.functions
        if any(isinstance(part, Cases) for part in walk(printed_form(shape.formula, functions))):
            return ""
        return "".join(term.tex for term in slotted(shape, functions).numbers(texts))


def middle(interval: Interval) -> Decimal:
    """The middle of an interval, as a decimal of the digits that a machine number has."""
    centre: Any = interval[0] + (interval[1] - interval[0]) / 2
    return Decimal(repr(centre)) if isinstance(centre, float) else centre


def _plain(value: Decimal) -> str:
    text = format(value, "f") if -7 < value.adjusted() < 15 else str(value).lower().replace("e+", "e")
    return text


def _typed(formula: str) -> str:
    """The formula with the signs of a page rather than those of a keyboard."""
    return formula.replace("**", "^").replace("*", " × ")
