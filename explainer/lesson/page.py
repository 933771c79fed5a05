"""What a lesson template can ask for. Each helper gives Markdown as Markup, or plain facts to branch on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape as html_escape
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from ..calculus.derive import Derivation, Kind, Step
from ..calculus.graph import Graph, Unit
from ..formulas.names import default_tex
from ..numbers.differences import Comparison, along_directions, exactly
from ..numbers.evaluate import Evaluation
from ..numbers.training import Trajectory, checkpoints, error_curve, trajectory
from ..spec.types import Spec
from .display import PAGE_WIDTH, Row, equation, table_fits
from .figures import Drawing, Figure, curve_drawing
from .notation import Sized, number_tex
from .outline import Outline, Story, outline
from .pictures import lit_path, network_picture, weights_in
from .remarks import Nudge, Reason, nudge, reason, times_larger
from .text import Plain
from .typeset import Typesetter, typesetter
from .widths import DIGIT, width

MARK = r"^{\dagger}"
"""Stands at a result that does not recompute from the figures printed in its line."""


Cells = tuple[Row, Row, Row, Row]


class Line(NamedTuple):
    """A Step as the cells of a table row; what follows its left-hand side is joined by the bars of a Markdown table."""

    anchor: Markup
    symbol: Markup
    """The left-hand side."""
    working: Markup
    """Formula, numbers and result."""
    numbers: Markup
    result: Markup


@dataclass(slots=True)
class Page:
    """A lesson in the making: the calculation, the level of detail, the anchors set and the figures drawn so far."""

    spec: Spec
    evaluation: Evaluation
    detail: str
    version: str
    page_width: float = PAGE_WIDTH
    figures: dict[str, Figure] = field(default_factory=dict)
    derivation: Derivation = field(init=False)
    graph: Graph = field(init=False)
    outline: Outline = field(init=False)
    typeset: Typesetter = field(init=False)
    _anchored: set[str] = field(default_factory=set)
    _marked: list[str] = field(default_factory=list)
    _known_cells: dict[str, Cells] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.derivation = self.evaluation.derivation
        self.graph = self.derivation.graph
        self.outline = outline(self.derivation)
        self.typeset = typesetter(self.derivation)

    # what is there

    @property
    def title(self) -> Plain:
        """The title as typed."""
        return Plain(self.spec.title)

    def names_of(self, *roles: str) -> list[str]:
        """The quantities of these roles that the calculation starts from."""
        return [quantity.name for quantity in self.graph.sources if quantity.role in roles]

    def step(self, id: str) -> Step:
        """A line of working."""
        return self.derivation.step[id]

    def role(self, name: str) -> str:
        """What a quantity is."""
        return self.graph.quantity[name].role.value

    def ends_at_an_output(self, step: Step) -> bool:
        """Whether a local derivative is that of an error in an output."""
        return self.role(step.via) in ("error", "loss") and self.role(step.by) == "output"

    def names(self, ids: Iterable[str]) -> list[Markup]:
        """Each id in symbols."""
        return [self.sym(id) for id in ids]

    def nontrivial(self, ids: Iterable[str]) -> list[str]:
        """Those that do more than repeat a quantity."""
        return [id for id in ids if not self.derivation.step[id].trivial]

    def unit_tex(self, unit: Unit) -> str:
        """The name of a unit in TeX."""
        return default_tex(unit.name)

    def owner(self, name: str) -> Markup:
        """The unit that a net input or an output belongs to, in symbols; the quantity itself where there is none."""
        units = (unit for block in self.graph.blocks for unit in block.units)
        return next((self.math(self.unit_tex(unit)) for unit in units if name in (unit.net, unit.out)), self.sym(name))

    def grouped(self, number: int) -> Markup:
        """A count with its thousands marked: 10,000."""
        return Markup(f"{number:,}")

    # inline

    def math(self, tex: str) -> Markup:
        """Inline mathematics."""
        return Markup(f"${tex}$")

    def sym(self, id: str) -> Markup:
        """A quantity or a derivative in symbols."""
        return self.math(self.typeset.name(id))

    def new(self, name: str) -> Markup:
        """A quantity after the update, in symbols."""
        return self.math(self.typeset.updated(name))

    def short(self, id: str) -> Markup:
        """The same, a gradient at a net input as its delta."""
        return self.math(self.typeset.factor(id, compact=True))

    def val(self, id: str) -> Markup:
        """The value as printed."""
        return self.math(number_tex(self.evaluation.texts[id]))

    def minus(self, id: str) -> Markup:
        """A quantity with a minus sign."""
        return self.math(f"-{self.typeset.name(id)}")

    def size(self, id: str) -> Markup:
        """The value as printed, without its sign."""
        return self.math(number_tex(self.evaluation.texts[id].removeprefix("-")))

    def num(self, text: str) -> Markup:
        """A number's text, typeset."""
        return self.math(number_tex(text))

    def eq(self, id: str) -> Markup:
        """``symbol = value``."""
        return self.math(f"{self.typeset.name(id)} = {number_tex(self.evaluation.texts[id])}")

    def link(self, id: str, text: str) -> Markup:
        """A link to the line of that id."""
        return Markup(f"[{text}](#{quote(id, safe='/:@+')})")

    def rhs(self, id: str) -> Markup:
        """The formula of a line in symbols, without its left-hand side."""
        return self.math(_tex(self.typeset.symbols(id)))

    def terms(self, node: str, places: Sequence[int]) -> Markup:
        """Some terms of a formula's sum, in symbols."""
        step = self.derivation.step[node]
        all_terms = self.typeset.symbols(step.id)
        return self.math("".join(all_terms[place].tex for place in places).removeprefix(" + ").strip())

    def product(self, ids: Sequence[str]) -> Markup:
        """Several factors in symbols."""
        return self.math(self.typeset.product(ids))

    def path(self, story: Story) -> Markup:
        """The way from a parameter to the loss."""
        stages = [self._stage_tex(stage) for stage in story.path]
        if len(stages) > 9:
            stages = [*stages[:5], r"\cdots", *stages[-3:]]
        return self.math(r" \to ".join(stages))

    def _stage_tex(self, names: Sequence[str]) -> str:
        if len(names) == 1:
            return self.typeset.name(names[0])
        shown = [self.typeset.name(name) for name in names[:3]] + [r"\ldots"] * (len(names) > 3)
        return rf"\lbrace {', '.join(shown)} \rbrace"

    # lines of working

    def anchor(self, id: str) -> Markup:
        """The place that links to this id lead to; only the first time."""
        if id in self._anchored:
            return Markup("")
        self._anchored.add(id)
        return Markup(f'<a id="{html_escape(id)}"></a>')

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
        return _block(anchor, body)

    def line_tex(self, id: str, compact: bool = False) -> str:
        """A line of working in TeX."""
        return equation(self.typeset.left(id, compact), self._rows(id, compact), self.page_width)

    def story_product(self, story: Story) -> Markup:
        """The product of a story: all factors, the numbers, and the step by way of the unit's delta."""
        left = self.typeset.left(story.gradient)
        texts = self.evaluation.texts
        factors = [_row(self.typeset.product(story.factors)), _row(_numbers([texts[id] for id in story.factors]))]
        last = self.derivation.step[story.gradient]
        if last.kind is Kind.PRODUCT and len(story.factors) > 2:
            factors.append(_row(_numbers([texts[id] for id in last.uses])))
        body = equation(left, [*factors, [self._result(story.gradient)]], self.page_width)
        anchor = self.anchor(story.gradient)
        return _block(anchor, body)

    def chain_rule(self, story: Story) -> Markup:
        """The chain rule of a story in symbols."""
        left = self.typeset.left(story.gradient)
        return _block("", equation(left, [_row(self.typeset.product(story.factors))], self.page_width))

    def delta_line(self, story: Story) -> Markup:
        """The delta of a story's unit, named and worked out."""
        id = story.delta
        tex = f"{self.typeset.name(id, compact=True)} = {self.typeset.name(id)}"
        body = equation(_row(tex)[0], self._rows(id, False), self.page_width)
        anchor = self.anchor(id)
        return _block(anchor, body)

    def delta_rule(self, story: Story) -> Markup:
        """The gradient of a story's parameter by way of the delta."""
        id = story.gradient
        return _block("", equation(self.typeset.left(id), self._rows(id, True), self.page_width))

    def tabular(self, ids: Sequence[str]) -> bool:
        """Whether all these lines are narrow enough to stand in one table."""
        return table_fits([self._cells(id) for id in ids], self.page_width)

    def _cells(self, id: str) -> Cells:
        """Left-hand side, formula, numbers and result; no numbers where they would only repeat the result."""
        if id not in self._known_cells:
            numbers = [] if self.typeset.repeats(id) else self.typeset.numbers(id, self.evaluation)
            left, formula = self.typeset.left(id, True), self.typeset.symbols(id, True)
            self._known_cells[id] = [left], formula, numbers, [self._result(id)]
        return self._known_cells[id]

    def lines(self, ids: Iterable[str]) -> Iterator[Line]:
        """The lines as table rows."""
        for id in ids:
            left, formula, numbers, result = (f"${_tex(cell)}$" if cell else "" for cell in self._cells(id))
            working = Markup(f"{formula} | {numbers} | {result}")
            yield Line(self.anchor(id), Markup(left), working, Markup(numbers), Markup(result))

    def _rows(self, id: str, compact: bool) -> list[Row]:
        rows: list[Row] = [self.typeset.symbols(id, compact)]
        result = self._result(id)
        if not self.typeset.repeats(id):
            rows.append(self.typeset.numbers(id, self.evaluation))
        return rows if _tex(rows[-1]) == result.tex else [*rows, [result]]

    def _result(self, id: str) -> Sized:
        text = self.evaluation.texts[id]
        mark = "" if id not in self.evaluation.recomputed else MARK if "e" not in text else "{}" + MARK
        return Sized(number_tex(text) + mark, DIGIT * len(text) + 0.5)

    # marks

    def recomputed(self, id: str) -> Markup:
        """What a calculator gives from the printed figures of a marked line."""
        return self.num(self.evaluation.recomputed[id])

    def marked(self, ids: Iterable[str]) -> list[str]:
        """Those of the lines that carry a mark."""
        return [id for id in ids if id in self.evaluation.recomputed]

    def first_mark(self) -> bool:
        """True the first time it is asked, so that the mark is explained once."""
        if self._marked:
            return False
        self._marked.append("explained")
        return True

    # facts to branch on

    def sign(self, id: str) -> str:
        """``positive``, ``negative`` or ``zero``."""
        value = self.evaluation.values[id]
        return "zero" if not value else "positive" if value > 0 else "negative"

    def at_a_border(self, id: str) -> bool:
        """Whether a line's formula distinguishes cases and its numbers lie exactly on the border between two."""
        return id in self.typeset.branching and self.typeset.on_a_border(id, self.evaluation)

    def powers_of_ten(self) -> bool:
        """Whether any value is written with a power of ten."""
        return any("e" in text for text in self.evaluation.texts.values())

    def reason(self, id: str) -> Reason:
        """Why a local derivative is what it is."""
        return reason(self.derivation, self.derivation.step[id])

    def nudge(self, name: str) -> Nudge | None:
        """What the loss does when a parameter is moved a little."""
        return nudge(self.exact, name)

    def times_larger(self, large: str, small: str) -> Markup:
        """How many times larger one value is than another, in size; empty where that says nothing."""
        text = times_larger(self.exact.values[large], self.exact.values[small])
        return self.num(text) if text else Markup("")

    def larger(self, left: str, right: str) -> bool:
        """Whether the first value is larger in size."""
        return abs(self.evaluation.values[left]) > abs(self.evaluation.values[right])

    def below(self, left: str, right: str) -> bool:
        """Whether the first value is smaller."""
        return self.evaluation.values[left] < self.evaluation.values[right]

    @property
    def exact(self) -> Evaluation:
        """The evaluation with full precision carried."""
        return exactly(self.evaluation)

    def checks(self) -> list[Comparison]:
        """The gradient against finite differences along a few directions."""
        return along_directions(self.evaluation)

    # training

    def trajectory(self) -> Trajectory:
        """The outputs and the loss after 0, 1, 10, 100, … steps."""
        steps = self.spec.training.steps
        return trajectory(self.derivation, self.evaluation.sources, self.spec.display, checkpoints(steps))

    # figures

    def weights(self) -> int:
        """How many weights the network has."""
        return weights_in(self.graph)

    def picture(self, name: str, alt: str, story: Story | None = None) -> Markup:
        """The calculation as a picture, with a story's path lit."""
        lit = lit_path(self.derivation, story.path) if story else ()
        return self._figure(name, alt, partial(network_picture, self.graph, self.evaluation.texts, lit))

    def curve(self, name: str, alt: str, x_label: str, y_label: str) -> Markup:
        """The loss against the number of steps."""

        def draw() -> Drawing:
            points = error_curve(self.derivation, self.evaluation.sources, self.spec.training.steps)
            return curve_drawing(points, x_label=x_label, y_label=y_label)

        return self._figure(name, alt, draw)

    def _figure(self, name: str, alt: str, draw: Callable[[], Drawing]) -> Markup:
        words = " ".join(str(alt).split())
        self.figures[f"{name}.svg"] = Figure(name, self.spec.title, words, draw)
        return Markup(f"\n\n![{words}]({name}.svg)\n\n")


def _block(anchor: str, tex: str) -> Markup:
    """A display in a paragraph of its own, its anchor before it."""
    return Markup(f"\n\n{anchor}\n\n$$\n{tex}\n$$\n\n")


def _row(tex: Sized | str) -> list[Sized]:
    return [tex if isinstance(tex, Sized) else Sized(tex, width(tex))]


def _tex(row: Row) -> str:
    return "".join(term.tex for term in row)


def _numbers(texts: Sequence[str]) -> str:
    """Numbers multiplied, negative ones in parentheses after the first."""
    parts = [number_tex(text) for text in texts]
    return r" \cdot ".join(
        rf"\left({part}\right)" if i and "e" in text else f"({part})" if i and text.startswith("-") else part
        for i, (part, text) in enumerate(zip(parts, texts, strict=True))
    )
