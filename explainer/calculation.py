"""The line that data follows, in one place: file → Spec → Graph → Derivation → Evaluation → lesson → files.

This is the Python API: a Calculation gives its lines of working, a Walkthrough gives every format of the lesson.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from .calculus.derive import Derivation
from .calculus.graph import Listing, build, descendants
from .calculus.marks import marked, parsed
from .calculus.networks import listing_of
from .calculus.unroll import derive_written
from .calculus.updates import ZERO
from .formulas.problems import CalculationError, ExplainerError, Problem, Problems, nearest
from .formulas.text import formula_text
from .lesson.display import PAGE_WIDTH
from .lesson.figures import Figure
from .lesson.page import Page
from .lesson.typeset import typesetter
from .lesson.write import undisturbed, write
from .numbers.digits import check
from .numbers.evaluate import Evaluation, evaluate, judged_by
from .numbers.passing import EvaluationError
from .numbers.training import Trajectory, checkpoints, trajectory
from .spec.load import from_table, mended_spec
from .spec.load import load as load_spec
from .spec.types import Column, Literal, Spec
from .spec.values import MOST_STEPS, Number
from .version import __version__

if TYPE_CHECKING:
    from .checking.checker import Checker
    from .checking.report import Report

DETAILS = ("brief", "standard", "full")


def load(source: str | Path | Mapping[str, Any]) -> Calculation:
    """The calculation of a file, of a shipped example by name, or of a dict with the keys of a calculation file.

    Raises:
        ExplainerError: where the source says something impossible; the message says what, where and what is allowed.
    """
    known = source if isinstance(source, Mapping) else str(source)
    try:
        spec = from_table(known) if isinstance(known, Mapping) else load_spec(known)
    except CalculationError as error:
        raise CalculationError(error.source, (*error.problems, *_beyond(known, error))) from None
    return calculation(spec)


def _beyond(source: str | Mapping[str, Any], error: CalculationError) -> Sequence[Problem]:
    """What would be wrong with a source if the problems that were found were mended: with names, above all."""
    spec = mended_spec(source, error.problems)
    try:
        if spec is not None:
            listing_of(spec)
    except CalculationError as more:
        return more.problems
    return ()


def calculation(spec: Spec) -> Calculation:
    """Spec → Graph → Derivation → Evaluation.

    Raises:
        ExplainerError: where names collide, or a line has no value.
    """
    listing = listing_of(spec)
    derivation = derive_written(build(listing, spec.training, spec.functions))
    _check_digits(spec, derivation)
    if spec.variants:
        from .handouts.grids import check as check_variants

        check_variants(spec, derivation)
    return _evaluated(spec, listing, derivation, starting_values(listing, derivation))


def starting_values(listing: Listing, derivation: Derivation) -> dict[str, Literal]:
    """What a calculation starts from, by name: with a number for each sample, and 0 for what an optimizer keeps."""
    values: dict[str, Literal] = {}
    for quantity, column in listing.sources:
        samples = enumerate(column, 1) if isinstance(column, tuple) else [(0, column)]
        values.update({marked(quantity.name, 0, sample): literal for sample, literal in samples})
    return {**values, **{name: ZERO for name, _ in derivation.single.graph.update.states}}


def _check_digits(spec: Spec, derivation: Derivation) -> None:
    """What the file says of digits must be of lines that there are."""
    problems = Problems(spec.label)
    check(derivation, spec.display, spec.borrowed, problems)
    problems.stop_if_any()


def _evaluated(spec: Spec, listing: Listing, derivation: Derivation, sources: Mapping[str, Literal]) -> Calculation:
    try:
        return Calculation(spec, listing, evaluate(derivation, sources, spec.display))
    except EvaluationError as error:
        raise ExplainerError(f"{spec.label}: {error}") from None


class Line(Struct, frozen=True):
    """One line of working: what a reader sees of a Step, and its exact value."""

    id: str
    formula: str
    """In the language of the calculation file."""
    uses: tuple[str, ...]
    value: Decimal
    text: str
    """The value as printed."""
    tex: str

    def _repr_markdown_(self) -> str:
        return f"$$\n{self.tex}\n$$"


class Calculation(Struct, frozen=True):
    """A calculation, derived and evaluated. ``calculation["dE_total/dw5"]`` is one line of it."""

    spec: Spec
    listing: Listing
    evaluation: Evaluation

    @property
    def derivation(self) -> Derivation:
        """The lines of working without their numbers."""
        return self.evaluation.derivation

    @property
    def lines(self) -> list[Line]:
        """Every line of working, in order."""
        return [self[step.id] for step in self.derivation.steps]

    def __getitem__(self, name: str) -> Line:
        """The line of that id; ``dE_total/dX`` and ``w5@1`` are understood too.

        Raises:
            ExplainerError: where there is no such line; the message names the nearest ids.
        """
        id = self.find(name)
        value, text = self.evaluation.values[id], self.evaluation.texts[id]
        tex = typesetter(self.derivation, self.spec.notation)
        if id not in self.derivation.step:
            return Line(id, text, (), value, text, f"{tex.name(id)} = {tex.number(text)}")
        step = self.derivation.step[id]
        page = self._page("standard")
        return Line(id, formula_text(step.shape.formula, step.uses), step.uses, value, text, page.line_tex(id))

    def find(self, name: str) -> str:
        """The id that a name means.

        Raises:
            ExplainerError: where there is none.
        """
        id = self.derivation.find(name)
        if not id:
            known = [*self.derivation.step, *self.derivation.graph.quantity]
            raise ExplainerError(f"{self.spec.label}: there is no step `{name}`\n    {nearest(name, known)}")
        return id

    def with_values(self, values: Mapping[str, float | int | Decimal]) -> Calculation:
        """The same calculation with other numbers; nothing is derived anew.

        Raises:
            ExplainerError: for a name that is not given a value in this calculation, or a value that is no number.
        """
        problems = Problems(self.spec.label)
        sources, number = dict(self.evaluation.sources), Number()
        for name, value in values.items():
            if name not in sources:
                problems.add(name, "is not a given number of this calculation", nearest(name, sources))
            else:
                sources[name] = number.read(value, name, problems)
        problems.stop_if_any()
        spec = replace(self.spec, fingerprint=_fingerprint(self.spec, sources))
        return _evaluated(spec, _relisted(self.listing, sources), self.derivation, sources)

    def variant(self, number: int, seed: int = 1) -> Calculation:
        """The same calculation with other numbers, drawn as ``[variants]`` of the file says.

        Raises:
            ExplainerError: where nothing varies, or the rules of hardness let no numbers pass.
        """
        from .handouts.variants import Variations

        return Variations(self, calculation, seed).variant(number)

    def states(self, at: Sequence[int] = (), observed: Sequence[str] = ()) -> Trajectory:
        """The outputs and the loss (or ``observed``) after so many updates; default: 0, 1, 10, 100, … and the last.

        Raises:
            ExplainerError: where nothing is trained, or a line has no value on the way.
        """
        if not self.derivation.graph.trained:
            hint = "it takes a loss, a learning_rate and a parameter among the gradients"
            raise ExplainerError(f"{self.spec.label}: nothing is trained\n    {hint}")
        steps = at or checkpoints(self.spec.training.steps)
        return trajectory(self.derivation, self.evaluation.sources, self.spec.display, steps, observed)

    def one_line(self, name: str) -> str:
        """A line of working as plain text; ``E_total@100`` and ``w5@100`` are values after so many updates.

        Raises:
            ExplainerError: where there is no such line.
        """
        state = parsed(name).state
        if state > 1 and not self.derivation.find(name) and self._observable(name):
            if state > MOST_STEPS:
                raise ExplainerError(f"{name}: at most {MOST_STEPS} steps")
            states = self.states((state,), (self._observable(name),))
            ended = f" (training ends after step {states.stopped_at})" if states.checkpoints[-1] < state else ""
            return f"{name} = {states.texts[-1][0]}{ended}"
        from .lesson.terminal import PlainPage, one_line

        page = PlainPage(spec=self.spec, evaluation=self.evaluation, detail="standard", version=__version__)
        return one_line(page, self.find(name))

    def checker(self) -> Checker:
        """Checks people's own figures for this calculation; worth keeping where there are many sheets."""
        from .checking.checker import Checker

        return Checker(self.spec, self.listing, self.evaluation)

    def check(self, answers: Mapping[str, object]) -> Report:
        """What a tutor says of some figures: ``check({"w5+": "0.1801"})``.

        Raises:
            ExplainerError: for a name that is no quantity of this calculation.
        """
        from .checking.sheets import answers_of

        return self.checker().check(answers_of(answers))

    def _observable(self, name: str) -> str:
        """The quantity of a name without its state, if training can watch it; empty if not."""
        quantity, _, sample = parsed(name)
        graph = self.derivation.single.graph
        whole = marked(quantity, 0, sample)
        known = quantity in graph.quantity and 0 <= sample <= (graph.samples if graph.columns else 0)
        depends = quantity in descendants(graph, graph.columns) if graph.columns else False
        return whole if known and (bool(sample) == depends or quantity == graph.loss) else ""

    def walkthrough(self, detail: str = "standard", text_width: float = PAGE_WIDTH) -> Walkthrough:
        """The whole lesson. ``detail`` is brief, standard or full; ``text_width`` is that of the page, in em.

        Raises:
            ExplainerError: for an unknown level of detail.
        """
        if detail not in DETAILS:
            raise ExplainerError(f'detail: "{detail}" is not a level; {nearest(detail, DETAILS)}')
        with undisturbed():
            page = self._page(detail, text_width)
            page.evaluation = judged_by(page.evaluation, page.left_out)
            lesson = Walkthrough(self, write(page), dict(page.figures))
            page.let_go()
        return lesson

    def _page(self, detail: str, text_width: float = PAGE_WIDTH) -> Page:
        return Page(
            spec=self.spec, evaluation=self.evaluation, detail=detail, version=__version__, page_width=text_width
        )

    def _repr_markdown_(self) -> str:
        return self.walkthrough()._repr_markdown_()


class Walkthrough(Struct, frozen=True):
    """A finished lesson: Markdown, from which every other format is written."""

    calculation: Calculation
    markdown: str
    figures: Mapping[str, Figure]

    def html(self) -> str:
        """One self-contained page."""
        from .formats.html import to_html

        return to_html(self._document())

    def latex(self, **options: Any) -> str:
        """A LaTeX document; for the options see ``formats.to_latex``."""
        from .formats.latex import to_latex

        return to_latex(self._document(), **options)

    def pdf(self, printed: Any = None) -> bytes:
        """Pages to print; ``printed`` is a ``formats.printing.Print``. It takes ``explainer[pdf]``.

        Raises:
            ExplainerError: where the typesetter is not installed.
        """
        from .formats.pdf import to_pdf

        return to_pdf(self._document(), printed)

    def _document(self) -> Any:
        from .formats.document import Document

        return Document(self.calculation.spec.title, "en", self.markdown, self.figures)

    def _repr_markdown_(self) -> str:
        """The Markdown with its pictures inside, for a notebook."""
        text = self.markdown
        for name, figure in self.figures.items():
            data = base64.b64encode(figure.svg().encode()).decode()
            text = text.replace(f"]({name})", f"](data:image/svg+xml;base64,{data})")
        return text


def _relisted(listing: Listing, sources: Mapping[str, Literal]) -> Listing:
    """The listing with other values to start from."""

    def new(name: str, column: Column) -> Column:
        if not isinstance(column, tuple):
            return sources[name]
        return tuple(sources[marked(name, 0, sample)] for sample in range(1, len(column) + 1))

    return replace(listing, sources=tuple((q, new(q.name, column)) for q, column in listing.sources))


def _fingerprint(spec: Spec, sources: Mapping[str, Literal]) -> str:
    content = "\n".join([spec.fingerprint, *(f"{name}={literal.text}" for name, literal in sources.items())])
    return hashlib.sha256(content.encode()).hexdigest()[:12]
