"""What a lesson template can ask for. Each helper gives Markdown as Markup, or plain facts to branch on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache, partial

from markupsafe import Markup

from ..calculus.derive import TURNED, Derivation, Kind, Step
from ..calculus.graph import Graph, Unit
from ..calculus.marks import marked, plain
from ..calculus.naming import symbol_tex
from ..formulas.functions import FUNCTIONS
from ..numbers.differences import Comparison, along_directions, exactly
from ..numbers.digits import KINDS
from ..numbers.evaluate import Evaluation
from ..numbers.training import Trajectory, checkpoints, error_curve, trajectory
from .figures import Drawing, Figure, curve_drawing
from .outline import Outline, Story
from .pictures import lit_path, network_picture, weights_in
from .remarks import Nudge, Reason, nudge, reason, times_larger
from .step_workings import StepWorkings
from .text import Plain, escaped
from .told import owners, told_outline
from .wording import own, reworded
from .workings import address

SAME = Decimal("1e-20")
CANCELLING = ("binary cross-entropy", "cross-entropy", "Kullback-Leibler divergence")
"""The losses whose slope cancels against that of the function they belong to."""
SHARED = ("softmax", "log_softmax")
"""The functions whose outputs share their inputs."""
EVERY_STEP = 50
"""Without a loss, the parameters are listed after every one of so many steps."""


@dataclass(slots=True, kw_only=True)
class Page(StepWorkings):
    """A lesson in the making: the calculation, the level of detail, the anchors set and the figures drawn so far."""

    version: str
    figures: dict[str, Figure] = field(default_factory=dict)
    graph: Graph = field(init=False)
    outline: Outline = field(init=False)
    wanted: frozenset[str] = field(init=False)
    error_term: Markup = field(init=False)
    """The word for the gradient at a unit's net input."""
    _rates: dict[tuple[str, str], str] = field(default_factory=dict)
    _exact: Evaluation | None = None

    def __post_init__(self) -> None:
        self.notation = self.spec.notation
        StepWorkings.__post_init__(self)
        self.graph = self.derivation.graph
        self.outline = told_outline(self.derivation)
        self.wanted = frozenset(self.graph.wanted)
        self.error_term = self.typed(Plain(self.notation.error_term))

    # what is there

    @property
    def title(self) -> Markup:
        """The title as typed."""
        return self.typed(Plain(self.spec.title))

    def typed(self, text: str) -> Markup:
        """Text from the file, which no rewording touches; names need no escaping."""
        plain = escaped(text) if isinstance(text, Plain) else text
        return Markup(own(plain) if self.spec.wording else plain)

    def all_typed(self, names: Iterable[str]) -> list[Markup]:
        """Names from the file."""
        return [self.typed(name) for name in names]

    def function_word(self, name: str) -> Markup:
        """A function's name as a word."""
        word = name.replace("_", " ")
        return Markup(word) if name in FUNCTIONS else self.typed(word)

    def symbol(self, pattern: str, lead: str) -> Markup:
        """The symbol that the file's ``net`` or ``out`` have in common, behind ``lead``; empty where there is none."""
        tex = symbol_tex(self.notation, pattern)
        return lead + self.math(tex) if tex else Markup("")

    @property
    def between(self) -> str:
        """What stands between the equations of a list: a comma would be mistaken for a decimal one."""
        return ", " if self.notation.decimal == "point" else "; "

    def names_of(self, *roles: str) -> Sequence[str]:
        """The quantities of these roles that the calculation starts from."""
        return sources_of(self.derivation, roles)

    def step(self, id: str) -> Step:
        """A line of working."""
        return self.derivation.step[id]

    def role(self, name: str) -> str:
        """What a quantity is."""
        return self.graph.quantity[plain(name)].role.value

    def ends_at_an_output(self, step: Step) -> bool:
        """Whether a local derivative is that of an error in an output."""
        return self.role(step.via) in ("error", "loss") and self.role(step.by) == "output"

    def starts_at_the_error(self, step: Step) -> bool:
        """Whether a local derivative is that of an error in a quantity of the network."""
        return self.role(step.via) in ("error", "loss") and self.role(step.by) not in ("error", "parameter")

    @property
    def upstream(self) -> bool:
        """Whether there is no error, but gradients that arrive from beyond."""
        return bool(self.names_of("upstream gradient"))

    def bare(self, ids: Iterable[str]) -> list[str]:
        """Each id as it stands in the file, without marks."""
        return [plain(id) for id in ids]

    def names(self, ids: Iterable[str]) -> list[Markup]:
        """Each id in symbols."""
        return [self.sym(id) for id in ids]

    def without(self, ids: Iterable[str], others: Iterable[str]) -> list[str]:
        """Those that are not among the others."""
        left_out = set(others)
        return [id for id in ids if id not in left_out]

    def nontrivial(self, ids: Iterable[str]) -> list[str]:
        """Those that do more than repeat a quantity, or answer a question that was asked."""
        return [id for id in ids if not self.repeats(id)]

    def through_a_jacobian(self, story: Story) -> bool:
        """Whether every share of a story is the rate of an error term times that of an output that all units share."""
        steps = [self.derivation.step[share] for share in story.shares]
        return all(
            step.kind is Kind.PRODUCT and self.derivation.step[step.uses[0]].kind is Kind.LOCAL for step in steps
        )

    def found_for(self, id: str) -> list[str]:
        """The lines of the backward pass that find the same rate as a line does, up to that line itself."""
        by = self.derivation.step[id].by
        return [step.id for step in self.derivation.steps if step.by == by and step.phase == "backward"]

    def repeats(self, id: str) -> bool:
        """Whether a line only repeats a quantity, and is not itself a gradient."""
        step = self.derivation.step[id]
        return step.trivial and self.derivation.gradient.get(step.by) != id

    def unit(self, unit: Unit, word: str) -> Markup:
        """A unit in symbols, behind ``word`` if it is named by a number."""
        tex = self.math(unit.tex)
        return word + tex if unit.name.isdigit() else tex

    def unit_name(self, unit: Unit, word: str) -> Markup:
        """A unit as its name is typed; in symbols if it is a number or the file says how it is typeset."""
        symbols = unit.name in self.spec.tex or unit.name.isdigit()
        return self.unit(unit, word) if symbols else self.typed(unit.name)

    def owner(self, name: str, word: str) -> Markup:
        """The unit that a net input or an output belongs to, in symbols; the quantity itself where there is none."""
        unit = owners(self.derivation).get(name)
        return self.unit(unit, word) if unit else self.sym(name)

    def other_digits(self) -> list[tuple[str, int]]:
        """Lines and kinds of lines that have another number of digits than the rest, with that number."""
        asked = self.spec.display.digits
        found = ((key if key in KINDS else self.derivation.find(key), digits) for key, digits in asked)
        return [(name, digits) for name, digits in found if name]

    @property
    def thousands(self) -> str:
        """What stands between the thousands of a count."""
        return "," if self.notation.decimal == "point" else "\u00a0"

    def written_number(self, text: str) -> Markup:
        """A number as plain text."""
        return Markup(text if self.notation.decimal == "point" else text.replace(".", ","))

    def grouped(self, number: int) -> Markup:
        """A count with its thousands marked: 10,000, or 10 000 where the comma is the decimal mark."""
        return Markup(f"{number:,}".replace(",", self.thousands))

    # cases of a story

    def given_minus_wanted(self, story: Story) -> bool:
        """Whether the delta of a story's unit comes to its output less what it should be, as with a cross-entropy."""
        if story.unit is None or self.spec.training.loss not in CANCELLING or not self.wanted_of(story.unit):
            return False
        delta = self.evaluation.values[story.delta] * (-1 if self.turned else 1)
        difference = self.evaluation.values[story.unit.out] - Decimal(self.wanted_of(story.unit))
        return abs(delta - difference) < SAME

    def local_rate(self, of: str, by: str) -> str:
        """The line that finds how fast a quantity changes with one that it is made from; empty where there is none."""
        if not self._rates:
            self._rates = {(step.via, step.by): step.id for step in self.derivation.steps if step.kind is Kind.LOCAL}
        return self._rates.get((of, by), "")

    def case_in(self, ids: Iterable[str], own: bool) -> str:
        """Of outputs that share their inputs: the first rate with the output's own input, or with another's."""
        local = (id for id in ids if self.derivation.step[id].kind is Kind.LOCAL)
        found = ((id, self.reason(id)) for id in local)
        return next((id for id, why in found if why.name in SHARED and why.own is own), "")

    # inline

    def sym(self, id: str) -> Markup:
        """A quantity or a derivative in symbols."""
        return self.math(self.typeset.name(id))

    def short(self, id: str) -> Markup:
        """The same, a gradient at a net input as its delta."""
        return self.math(self.typeset.factor(id, compact=True))

    def val(self, id: str) -> Markup:
        """The value as printed."""
        return self.num(self.evaluation.texts[id])

    def minus(self, id: str) -> Markup:
        """A quantity with a minus sign."""
        return self.math(f"-{self.typeset.name(id)}")

    def size(self, id: str) -> Markup:
        """The value as printed, without its sign."""
        return self.num(self.evaluation.texts[id].removeprefix("-"))

    def eq(self, id: str) -> Markup:
        """``symbol = value``."""
        return self.math(f"{self.typeset.name(id)} = {self.typeset.number(self.evaluation.texts[id])}")

    def ref(self, id: str) -> Markup:
        """A quantity or a derivative in symbols, a gradient at a net input as its delta, with a link to its line."""
        return self._linked(id, self.short(id))

    def ref_val(self, id: str) -> Markup:
        """The value as printed, with a link to the line that finds it."""
        return self._linked(id, self.val(id))

    def _linked(self, id: str, text: Markup) -> Markup:
        return Markup(f"[{text}]({address(id)})") if id in self.derivation.step else text

    def rhs(self, id: str) -> Markup:
        """The formula of a line in symbols, without its left-hand side."""
        return self.math(self.typeset.symbols(id).tex)

    def terms(self, node: str, places: Sequence[int]) -> Markup:
        """Some terms of a formula's sum, in symbols."""
        step = self.derivation.step[node]
        all_terms = self.typeset.symbols(step.id).terms()
        return self.math("".join(all_terms[place].tex for place in places).removeprefix(" + ").strip())

    def product(self, ids: Sequence[str]) -> Markup:
        """Several factors in symbols."""
        return self.math(self.typeset.product(ids))

    def deltas(self, story: Story) -> list[Markup]:
        """The deltas that the shares of a story are made from, each with a link to its line."""
        return [self.ref(self.derivation.step[share].uses[0]) for share in story.shares]

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

    # facts to branch on

    def sign(self, id: str) -> str:
        """``positive``, ``negative`` or ``zero``."""
        value = self.evaluation.values[id]
        return "zero" if not value else "positive" if value > 0 else "negative"

    @property
    def turned(self) -> bool:
        """Whether the rates of the error are written with the opposite sign."""
        return self.spec.training.error_sign == "negative"

    def rises(self, id: str) -> bool:
        """Whether the error grows with the quantity whose rate a line finds."""
        return (self.sign(id) == "positive") != id.startswith(TURNED)

    def at_a_border(self, id: str) -> bool:
        """Whether a line's formula distinguishes cases and its numbers lie exactly on the border between two."""
        return self.typeset.on_a_border(id, self.evaluation)

    def powers_of_ten(self) -> bool:
        """Whether any value is written with a power of ten."""
        return "e" in "".join(self.evaluation.texts.values())

    def reason(self, id: str) -> Reason:
        """Why a local derivative is what it is."""
        return reason(self.derivation, self.derivation.step[id])

    def nudge(self, name: str) -> Nudge | None:
        """What the loss does when a parameter is moved a little."""
        return nudge(self.exact, name)

    def times_larger(self, large: str, small: str) -> Markup:
        """How many times larger one value is than another, in size; empty where that says nothing."""
        text = times_larger(*(Decimal(self.evaluation.texts[id]) for id in (large, small)))
        return self.num(text) if text else Markup("")

    def below(self, left: str, right: str) -> bool:
        """Whether the first value is smaller."""
        return self.evaluation.values[left] < self.evaluation.values[right]

    @property
    def exact(self) -> Evaluation:
        """The evaluation with full precision carried."""
        if self._exact is None:
            self._exact = exactly(self.evaluation)
        return self._exact

    def checks(self) -> list[Comparison]:
        """The gradient against finite differences along a few directions."""
        return along_directions(self.exact)

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

    def weights(self) -> int:
        """How many weights the network has."""
        return weights_in(self.graph)

    def picture(self, name: str, alt: str, story: Story | None = None) -> Markup:
        """The calculation as a picture, with a story's path lit."""
        lit = lit_path(self.derivation, story.path) if story else ()
        draw = partial(network_picture, self.graph, self.evaluation.texts, lit, mark=self.typeset.mark)
        return self._figure(name, alt, draw)

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


@lru_cache(maxsize=256)
def sources_of(derivation: Derivation, roles: tuple[str, ...]) -> tuple[str, ...]:
    """The quantities of these roles that a calculation starts from, the same for all samples."""
    graph = derivation.single.graph
    return tuple(q.name for q in graph.sources if q.role in roles and q.name not in graph.columns)
