"""Lines of working as Markdown: displays, the rows of tables, anchors and marks."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache, reduce
from html import escape as html_escape
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup
from msgspec import Struct

from ..calculus.derive import Derivation, Kind
from ..numbers.digits import exceptions
from ..numbers.evaluate import Evaluation
from ..numbers.rounding import shown
from .display import EMPTY, Row, block, equation, measured, row_fits, table_fits
from .notation import CONDITION, numbers_multiplied
from .outline import Story
from .structure import Structure
from .text import as_markdown
from .turns import for_sample
from .widths import DIGIT

MARK = r"^{\dagger}"
"""Stands at a result that does not recompute from the figures printed in its line."""


NOTHING = Markup("")
_EXACTLY = decimal.Context(prec=200)
"""Enough digits for a product of printed figures."""
MOSTLY = 0.75
"""Wide lines are set apart from a table where at least this part of the lines fits into one."""
Cells = tuple[Row, Row, Row, Row]


class Run(Struct, frozen=True):
    """Lines that follow each other, in one table or each in its own display."""

    ids: Sequence[str]
    in_a_table: bool


class Telling(NamedTuple):
    """How the product of a story's factors is printed."""

    at_once: bool
    """With all factors, since these give the printed result."""
    by_way: bool
    """By way of what all factors but the last give: not where that is another figure than the one printed for it, and
    can be done without."""
    directly: bool = False
    """With at least three factors alone."""
    link_by_link: bool = False
    """Only if the factors are multiplied one by one and each product is rounded, as the contract has it."""
    other: str = ""
    """What the printed factors but the last give, where the product shows another figure, and before its own line."""


class Line(Struct, frozen=True):
    """A Step as the cells of a table row; what follows its left-hand side is joined by the bars of a Markdown table."""

    id: str
    anchor: Markup
    symbol: Markup
    """The left-hand side."""
    working: Markup
    """Formula, numbers and result."""
    numbers: Markup
    result: Markup


@dataclass(slots=True, kw_only=True)
class Workings(Structure):
    """The lines of one evaluation; each is anchored where it first stands."""

    evaluation: Evaluation
    derivation: Derivation = field(init=False)
    _note: Callable[[str], Markup] = lambda id: Markup("")
    _anchored: set[str] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)
    _noted: set[str] = field(default_factory=set)
    _known: dict[str, tuple[Row, Row]] = field(default_factory=dict)
    _tellings: dict[str, Telling] = field(default_factory=dict)
    _known_cells: dict[str, Cells] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.derivation = self.evaluation.derivation
        Structure.__post_init__(self)

    def let_go(self) -> None:
        """Forget what was made for a page that is written; the macros that filled it in may hold it a while longer."""
        self._known.clear()
        self._known_cells.clear()

    def anchor(self, id: str) -> Markup:
        """The place that links to this id lead to; only the first time."""
        if id in self._anchored:
            return NOTHING
        self._anchored.add(id)
        return target(id)

    def shown(self, id: str) -> bool:
        """Whether the line has been shown already."""
        return id in self._anchored

    def new_ids(self, ids: Iterable[str]) -> list[str]:
        """Those that have not been shown yet."""
        return [id for id in ids if id not in self._anchored]

    def display(self, id: str, compact: bool = False) -> Markup:
        """A line of working: its anchor, then symbols, numbers and result in one display."""
        anchor = self.anchor(id)
        body = self.line_tex(id, compact)
        return block(anchor, body)

    def notes_by(self, note: Callable[[str], Markup]) -> None:
        """Let a template's macro write the note at every marked line."""
        self._note = note

    def line(self, id: str, compact: bool = False) -> Markup:
        """A line of working with its note, where it carries a mark."""
        display = self.display(id, compact)
        if id not in self.evaluation.recomputed:
            return display
        self._noted.add(id)
        return display + self._note(id)

    def line_tex(self, id: str, compact: bool = False) -> str:
        """A line of working in TeX."""
        return equation(self.typeset.left(id, compact), self._rows(id, compact), self.page_width)

    def story_product(self, story: Story) -> Markup:
        """The product of a story: all factors, the numbers, and the step by way of the unit's delta."""
        left, telling = self.typeset.left(story.gradient), self.telling(story)
        rows = [measured(self.typeset.product(story.factors))]
        if telling.at_once:
            printed = [self.evaluation.texts[id] for id in story.factors]
            rows.append(Row(*numbers_multiplied(printed, self.notation)))
        if telling.by_way:
            numbers = self._figures(story.gradient)[0]
            rows.append(self._with_mark(numbers, self._before_last(story)) if telling.other else numbers)
        result = self._result(story.gradient, marked=not telling.directly)
        body = equation(left, [*rows, result], self.page_width)
        anchor = self.anchor(story.gradient)
        return block(anchor, body)

    def _with_mark(self, numbers: Row, id: str) -> Row:
        """Numbers multiplied, with a mark at the one that is the result of a line."""
        text = self.evaluation.texts[id]
        figure = self.typeset.number(text)
        return measured(numbers.tex.replace(figure, figure + _mark(text), 1))

    def telling(self, story: Story) -> Telling:
        """How the product of a story is printed, decided where it is first asked for."""
        made = self._tellings.get(story.gradient)
        if made is None:
            made = self._tellings[story.gradient] = self._telling(story)
        return made

    def _telling(self, story: Story) -> Telling:
        if len(story.factors) <= 2:
            return Telling(at_once=True, by_way=False)
        before = self._before_last(story)
        at_once = not self._other(story.factors, story.gradient)
        other = self._other(story.factors[:-1], before)
        by_way = self.derivation.step[story.gradient].kind is Kind.PRODUCT and not (at_once and other)
        link_by_link = by_way and bool(other) and self.evaluation.display.carry == "rounded"
        unseen = by_way and not link_by_link and not self.shown(before)
        return Telling(at_once, by_way, at_once and not by_way, link_by_link, other if unseen else "")

    def _before_last(self, story: Story) -> str:
        return self.derivation.step[story.gradient].uses[0]

    def _other(self, factors: Sequence[str], id: str) -> str:
        """What printed factors multiplied give, where that is not the printed result."""
        texts = self.evaluation.texts
        product = reduce(_EXACTLY.multiply, [Decimal(texts[factor]) for factor in factors])
        display = exceptions(self.derivation, self.evaluation.display).get(id, self.evaluation.display)
        found = shown(product, display, id in self.evaluation.exact)
        return "" if found == texts[id] or Decimal(found) == Decimal(texts[id]) else found

    def delta_line(self, story: Story) -> Markup:
        """The delta of a story's unit, named and worked out."""
        id = story.delta
        tex = f"{self.typeset.name(id, compact=True)} = {self.typeset.name(id)}"
        body = equation(measured(tex), self._rows(id, False), self.page_width)
        anchor = self.anchor(id)
        return block(anchor, body)

    def delta_rule(self, story: Story) -> Markup:
        """The gradient of a story's parameter by way of the delta."""
        id = story.gradient
        return block("", equation(self.typeset.left(id), self._rows(id, True), self.page_width))

    def tabular(self, ids: Sequence[str]) -> bool:
        """Whether all these lines are narrow enough to stand in one table."""
        return table_fits([self._cells(id) for id in ids], self.page_width)

    def tabular_without_formulas(self, ids: Sequence[str]) -> bool:
        """Whether these lines are narrow enough for a table only if their formulas, seen before, are left out."""
        if self.detail == "full" or len(ids) == 1 or self.tabular(ids):
            return False
        return table_fits([(left, *rest) for left, _, *rest in map(self._cells, ids)], self.page_width)

    def runs(self, ids: Sequence[str]) -> list[Run]:
        """Lines in runs that can stand in one table each, around the few that are too wide for any; else one run."""
        if self.detail == "full" or len(ids) == 1:
            return [Run(ids, False)]
        cells = [self._cells(id) for id in ids]
        if table_fits(cells, self.page_width):
            return [Run(ids, True)]
        wide = {id for id, row in zip(ids, cells, strict=True) if not row_fits(row, self.page_width)}
        narrow = [id for id in ids if id not in wide]
        if not wide or len(narrow) < MOSTLY * len(ids) or not self.tabular(narrow):
            return [Run(ids, False)]
        runs = [(in_a_table, list(run)) for in_a_table, run in groupby(ids, key=lambda id: id not in wide)]
        return [Run(run, in_a_table and len(run) > 1) for in_a_table, run in runs]

    def _cells(self, id: str) -> Cells:
        """Left-hand side, formula, numbers and result; made once."""
        cells = self._known_cells.get(id)
        if cells is None:
            symbols = self.typeset.symbols(id, True)
            numbers, result = self._figures(id)
            shown = EMPTY if numbers.tex == symbols.tex else numbers
            cells = self._known_cells[id] = self.typeset.left(id, True), symbols, shown, result
        return cells

    def _figures(self, id: str) -> tuple[Row, Row]:
        """The numbers of a line and its result; made once, and kept where a line may be asked for again."""
        if self.detail == "full":
            return self.typeset.numbers(id, self.evaluation), self._result(id)
        if id not in self._known:
            self._known[id] = self.typeset.numbers(id, self.evaluation), self._result(id)
        return self._known[id]

    def lines(self, ids: Iterable[str]) -> Iterator[Line]:
        """The lines as table rows."""
        for id in ids:
            left, formula, numbers, result = self._cells(id)
            figures = as_markdown(f"${numbers.tex}$" if numbers.tex else "")
            found = self.math(result.tex)
            working = as_markdown(f"${formula.tex}$ | {figures} | {found}")
            yield Line(id, self.anchor(id), self.math(left.tex), working, figures, found)

    def _rows(self, id: str, compact: bool) -> list[Row]:
        numbers, result = self._figures(id)
        symbols = self.typeset.symbols(id, compact)
        rows = [symbols, numbers] if numbers.tex and numbers.tex != symbols.tex else [symbols]
        return rows if rows[-1].tex.partition(CONDITION)[0] == result.tex else [*rows, result]

    def _result(self, id: str, marked: bool = True) -> Row:
        text = self.evaluation.texts[id]
        tex = self.typeset.number(text) if "e" in text or self.typeset.mark != "." else text
        mark = _mark(text) if marked and id in self.evaluation.recomputed else ""
        return Row(tex + mark, DIGIT * len(text) + 0.5)

    def result(self, id: str) -> Markup:
        """The result of a line, with the mark of one that does not recompute."""
        return self.math(self._result(id).tex)

    def recomputed(self, id: str) -> Markup:
        """What a calculator gives from the printed figures of a marked line."""
        return self.num(self.evaluation.recomputed[id])

    def marked(self, ids: Iterable[str]) -> list[str]:
        """Those of the lines that carry a mark, which are noted with it."""
        found = [id for id in ids if id in self.evaluation.recomputed]
        self._noted.update(found)
        return found

    def unnoted(self, ids: Iterable[str]) -> list[str]:
        """Those whose mark has not been noted yet."""
        return [id for id in ids if id not in self._noted]

    def for_samples(self, ids: Sequence[str], samples: Iterable[int]) -> list[str]:
        """The same lines for several samples, those whose mark is noted already left out."""
        return self.unnoted(other for sample in samples for other in for_sample(ids, sample))

    def first(self, topic: str) -> bool:
        """True the first time that this is asked of a topic, so that it is explained once."""
        new = topic not in self._told
        self._told.add(topic)
        return new

    def told(self, topic: str) -> bool:
        """Whether a topic has been explained."""
        return topic in self._told


def _mark(text: str) -> str:
    """The mark behind a figure; a power of ten has an exponent already."""
    return "{}" + MARK if "e" in text else MARK


@lru_cache(maxsize=50_000)
def target(id: str) -> Markup:
    """The place that links to the line of that id lead to."""
    return as_markdown(f'<a id="{html_escape(id)}"></a>')
