"""What a lesson template can ask for. Each helper gives Markdown as Markup, or plain facts to branch on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from ..calculus.derive import TURNED, Kind
from ..calculus.graph import Graph, Unit
from ..calculus.marks import marked, plain
from ..formulas.optimizers import OPTIMIZERS
from ..numbers.differences import along_directions, exactly
from ..numbers.evaluate import Evaluation
from ..numbers.kinks import any_kink, on_a_kink
from ..numbers.rounding import significant
from ..numbers.training import Trajectory, checkpoints, error_curve, trajectory
from .figures import Drawing, Figure, curve_drawing
from .outline import Story
from .passages import shared_structure
from .pictures import lit_path, network_picture
from .remarks import COMPARED, Nudge, nudge, times_larger
from .structure import Structure
from .text import as_markdown
from .wording import reworded
from .workings import Workings

SAME = Decimal("1e-20")
CANCELLING = ("binary cross-entropy", "cross-entropy", "Kullback-Leibler divergence")
"""The losses whose slope cancels against that of the function they belong to."""
EVERY_STEP = 50
"""Without a loss, the parameters are listed after every one of so many steps."""


class Check(Struct, frozen=True):
    """A gradient found twice: along how many directions, whether both agree, and to how many digits at least."""

    directions: int
    agrees: bool
    digits: int


@dataclass(slots=True, kw_only=True)
class Page(Workings):
    """A lesson in the making: the calculation, the level of detail, the anchors set and the figures drawn so far."""

    version: str
    figures: dict[str, Figure] = field(default_factory=dict)
    _exact: Evaluation | None = None
    _uphill: bool | None = None

    def __post_init__(self) -> None:
        Workings.__post_init__(self)
        self.passages = self.alone.passages

    @property
    def alone(self) -> Structure:
        """The calculation without its numbers."""
        return shared_structure(self)

    # cases of a story

    def wanted_of(self, unit: Unit) -> str:
        """What an output should be, as printed: its target, or 1 for the right class; empty where that is not known."""
        target = self.target_of(unit)
        if target in self.evaluation.texts:
            return self.evaluation.texts[target]
        return str(int(self.class_of(self.sample or 1) == unit.name)) if self.spec.classes else ""

    def given_minus_wanted(self, story: Story) -> bool:
        """Whether the delta of a story's unit comes to its output less what it should be, as with a cross-entropy."""
        if story.unit is None or self.spec.training.loss not in CANCELLING or not self.wanted_of(story.unit):
            return False
        delta = self.evaluation.values[story.delta] * (-1 if self.turned else 1)
        difference = self.evaluation.values[story.unit.out] - Decimal(self.wanted_of(story.unit))
        return abs(delta - difference) < SAME

    # inline

    def val(self, id: str) -> Markup:
        """The value as printed."""
        return self.num(self.evaluation.texts[id])

    def size(self, id: str) -> Markup:
        """The value as printed, without its sign."""
        return self.num(self.evaluation.texts[id].removeprefix("-"))

    def eq(self, id: str) -> Markup:
        """``symbol = value``."""
        return self.math(f"{self.typeset.name(id)} = {self.typeset.number(self.evaluation.texts[id])}")

    def equations(self, ids: Iterable[str]) -> Markup:
        """Several of them in a list."""
        return as_markdown(self.between.join([self.eq(id) for id in ids]))

    def ref_val(self, id: str) -> Markup:
        """The value as printed, with a link to the line that finds it."""
        return self._linked(id, self.val(id))

    # facts to branch on

    @property
    def negative_rate(self) -> bool:
        """Whether the learning rate is negative."""
        return any(self.evaluation.values[name] < 0 for name in self.names_of("learning rate"))

    @property
    def uphill(self) -> bool:
        """Whether the steps are to make the error larger."""
        if self._uphill is None:
            row = OPTIMIZERS.get(self.spec.training.optimizer)
            self._uphill = bool(row and row.uphill) is not self.negative_rate
        return self._uphill

    def all_or_nothing(self) -> bool:
        """Whether of every output 1 or 0 is wanted."""
        given = self.evaluation.sources.items()
        return all(literal.value in (0, 1) for name, literal in given if self.role(name) == "target")

    def sign(self, id: str) -> str:
        """``positive``, ``negative`` or ``zero``."""
        value = self.evaluation.values[id]
        return "zero" if not value else "positive" if value > 0 else "negative"

    def rises(self, id: str) -> bool:
        """Whether the error grows with the quantity whose rate a line finds."""
        return (self.sign(id) == "positive") != id.startswith(TURNED)

    def at_a_border(self, id: str) -> bool:
        """Whether a line's numbers lie exactly where two cases of its formula meet in a kink."""
        return on_a_kink(self.derivation.step[id], self.evaluation)

    @property
    def on_kinks(self) -> bool:
        """Whether some slope of the calculation is a convention, taken where two cases meet."""
        return any_kink(self.evaluation)

    def at_kink(self, ids: Iterable[str]) -> bool:
        """Whether one of these slopes is taken where two cases meet."""
        return any(map(self.at_a_border, ids))

    def kinks(self, ids: Iterable[str]) -> list[str]:
        """The slopes among some lines that are taken where two cases meet."""
        cased = [id for id in ids if id in self.typeset.branching]
        return [id for id in cased if self.derivation.step[id].kind is Kind.LOCAL and self.at_a_border(id)]

    def powers_of_ten(self) -> bool:
        """Whether a value that was worked out is so small that it is written with a power of ten."""
        texts = self.evaluation.texts
        small = "e-" in "".join([texts[step.id] for step in self.derivation.steps])
        trained = self.spec.training.steps > 1 and bool(self.graph.trained)
        return small or (trained and "e-" in "".join([text for row in self.trajectory().texts for text in row]))

    def nudge(self, name: str) -> Nudge | None:
        """What the loss does when a parameter is moved a little."""
        return nudge(self.exact, name)

    def seen(self, nudge: Nudge) -> bool:
        """Whether the line of the gradient shows the digits that a nudge is compared with."""
        return significant(Decimal(self.evaluation.texts[nudge.line]), COMPARED) == nudge.gradient

    def times_larger(self, large: str, small: str) -> Markup:
        """How many times larger one printed value is than another, in size; empty where that says nothing."""
        text = times_larger(*(Decimal(self.evaluation.texts[id]) for id in (large, small)))
        return self.num(text) if text else Markup("")

    def makes_less(self, before: Story, story: Story) -> str:
        """What makes most of the difference between the gradients of two stories: ``chain``, the factors of the longer
        one before the last; ``last``, the last factor; empty where neither does by itself."""
        if not (before.delta and story.delta):
            return ""
        values = self.evaluation.values
        pairs = {"chain": (before.delta, story.delta), "last": (before.factors[-1], story.factors[-1])}
        sizes = {name: abs(values[large] / values[small]) for name, (large, small) in pairs.items()}
        return next((name for name, size in sizes.items() if size * size >= sizes["chain"] * sizes["last"] > 1), "")

    def below(self, left: str, right: str) -> bool:
        """Whether the first value is smaller."""
        return self.evaluation.values[left] < self.evaluation.values[right]

    @property
    def exact(self) -> Evaluation:
        """The evaluation with full precision carried."""
        if self._exact is None:
            self._exact = exactly(self.evaluation)
        return self._exact

    def check(self) -> Check | None:
        """The gradient against finite differences along a few directions; None where there is no gradient."""
        found = along_directions(self.exact)
        if not found:
            return None
        return Check(len(found), all(one.agrees for one in found), min(one.digits for one in found))

    # training

    def trajectory(self) -> Trajectory:
        """The outputs and the loss after 0, 1, 10, 100, … steps; without a loss the parameters after every step."""
        steps = self.spec.training.steps
        every = not self.graph.loss and steps <= EVERY_STEP
        at = tuple(range(steps + 1)) if every else checkpoints(steps)
        return trajectory(self.derivation, self.evaluation.sources, self.spec.display, at)

    def answers(self, states: Trajectory) -> list[tuple[str, str]]:
        """The outputs at the end, each with the quantity that it should be; none where they were not watched."""
        last = dict(zip(states.observed, states.texts[-1], strict=True))
        units = self.outline.layers[-1].units if self.outline.layers else ()
        pairs = [
            (self.state_id(marked(plain(unit.out), 0, sample), 0), self.target_of(unit, sample))
            for unit in units
            for sample in self.all_samples() or [0]
        ]
        return [(last[out], target) for out, target in pairs if out in last and target in self.evaluation.texts]

    # figures

    def picture(self, name: str, alt: str, story: Story | None = None) -> Markup:
        """The calculation as a picture, with a story's path lit."""
        lit = lit_path(self.derivation, story.path) if story else ()
        graph = self.graph if self.written[0].number == 1 else self._with_marks()
        draw = partial(network_picture, graph, self.evaluation.texts, lit, mark=self.typeset.mark)
        return self._figure(name, alt, draw)

    def _with_marks(self) -> Graph:
        """The Graph with the marks of updates at every name, where a lesson begins after some."""
        known = self.graph.quantity.items()
        marked = {name: replace(quantity, tex=self.typeset.quantity(name)) for name, quantity in known}
        return replace(self.graph, quantity=marked)

    def curve(self, name: str, alt: str, x_label: str, y_label: str, steps: int) -> Markup:
        """The loss against the number of steps; nothing where fewer than two points have a finite loss."""
        points = error_curve(self.derivation, self.evaluation.sources, steps)
        if len(points) < 2:
            return Markup("")
        labels = [reworded(str(label), self.spec.wording) for label in (x_label, y_label)]
        mark = self.typeset.mark
        draw = partial(curve_drawing, points, x_label=labels[0], y_label=labels[1], mark=mark)
        return self._figure(name, alt, draw)

    def _figure(self, name: str, alt: str, draw: Callable[[], Drawing]) -> Markup:
        words, wording = " ".join(str(alt).split()), self.spec.wording
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")
        self.figures[f"{name}.svg"] = Figure(name, self.spec.title, reworded(words, wording), draw)
        return Markup(f"\n\n![{words}]({name}.svg)\n\n")
