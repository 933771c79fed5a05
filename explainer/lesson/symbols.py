"""What a lesson can say of a calculation without its numbers: what there is, in symbols and in words.

Each helper gives Markdown as Markup, or plain facts to branch on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup

from ..calculus.derive import Derivation, Kind, Step
from ..calculus.graph import Graph, Unit
from ..calculus.marks import plain
from ..calculus.naming import symbol_tex
from ..formulas.functions import FUNCTIONS
from ..numbers.digits import KINDS
from ..spec.types import Notation, Spec
from .display import PAGE_WIDTH, block, equation, measured
from .notation import multiplied
from .outline import Outline, Story
from .pictures import weights_in
from .remarks import Reason, reason
from .text import Plain, as_markdown, escaped
from .told import owners, told_outline
from .typeset import Typesetter, typesetter
from .wording import own

SHARED = ("softmax", "log_softmax")
"""The functions whose outputs share their inputs."""
SHARES_WRITTEN_OUT = 3
"""Up to so many shares stand in the chain rule as a sum."""


@dataclass(slots=True, kw_only=True)
class Symbols:
    """A calculation at a level of detail, on a page of a certain width."""

    spec: Spec
    derivation: Derivation
    detail: str = "standard"
    page_width: float = PAGE_WIDTH
    notation: Notation = field(init=False)
    typeset: Typesetter = field(init=False)
    graph: Graph = field(init=False)
    outline: Outline = field(init=False)
    wanted: frozenset[str] = field(init=False)
    error_term: Markup = field(init=False)
    """The word for the gradient at a unit's net input."""
    _rates: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.notation = self.spec.notation
        self.typeset = typesetter(self.derivation, self.notation)
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
        return as_markdown(own(plain) if self.spec.wording else plain)

    def all_typed(self, names: Iterable[str]) -> list[Markup]:
        """Names from the file."""
        return [self.typed(name) for name in names]

    def function_word(self, name: str) -> Markup:
        """A function's name as a word."""
        word = name.replace("_", " ")
        return Markup(word) if name in FUNCTIONS else self.typed(word)

    @property
    def dummy(self) -> str:
        """A letter for the argument of a function, which no quantity has."""
        taken = {quantity.tex for quantity in self.graph.quantity.values()}
        taken |= {unit.tex for block in self.graph.blocks for unit in block.units}
        return next(letter for letter in ("x", "z", r"\xi", r"\zeta", r"\cdot") if letter not in taken)

    def names_of(self, *roles: str) -> Sequence[str]:
        """The quantities of these roles that the calculation starts from."""
        return sources_of(self.derivation, roles)

    def step(self, id: str) -> Step:
        """A line of working."""
        return self.derivation.step[id]

    def role(self, name: str) -> str:
        """What a quantity is."""
        return self.graph.quantity[plain(name)].role.value

    @property
    def turned(self) -> bool:
        """Whether the rates of the error are written with the opposite sign."""
        return self.spec.training.error_sign == "negative"

    @property
    def upstream(self) -> bool:
        """Whether there is no error, but gradients that arrive from beyond."""
        return bool(self.names_of("upstream gradient"))

    def weights(self) -> int:
        """How many weights the network has."""
        return weights_in(self.graph)

    def other_digits(self) -> list[tuple[str, int]]:
        """Lines and kinds of lines that have another number of digits than the rest, with that number."""
        asked = self.spec.display.digits
        found = ((key if key in KINDS else self.derivation.find(key), digits) for key, digits in asked)
        return [(name, digits) for name, digits in found if name]

    def ends_at_an_output(self, step: Step) -> bool:
        """Whether a local derivative is that of an error in an output."""
        return self.role(step.via) in ("error", "loss") and self.role(step.by) == "output"

    def starts_at_the_error(self, step: Step) -> bool:
        """Whether a local derivative is that of an error in a quantity of the network."""
        return self.role(step.via) in ("error", "loss") and self.role(step.by) not in ("error", "parameter")

    def local_rate(self, of: str, by: str) -> str:
        """The line that finds how fast a quantity changes with one that it is made from; empty where there is none."""
        if not self._rates:
            self._rates = {(step.via, step.by): step.id for step in self.derivation.steps if step.kind is Kind.LOCAL}
        return self._rates.get((of, by), "")

    def found_for(self, id: str) -> list[str]:
        """The lines of the backward pass that find the same rate as a line does, up to that line itself."""
        by = self.derivation.step[id].by
        return [step.id for step in self.derivation.steps if step.by == by and step.phase == "backward"]

    def reason(self, id: str) -> Reason:
        """Why a local derivative is what it is."""
        return reason(self.derivation, self.derivation.step[id])

    def repeats(self, id: str) -> bool:
        """Whether a line only repeats a quantity, and is not itself a gradient."""
        step = self.derivation.step[id]
        return step.trivial and self.derivation.gradient.get(step.by) != id

    def nontrivial(self, ids: Iterable[str]) -> list[str]:
        """Those that do more than repeat a quantity, or answer a question that was asked."""
        return [id for id in ids if not self.repeats(id)]

    def bare(self, ids: Iterable[str]) -> list[str]:
        """Each id as it stands in the file, without marks."""
        return [plain(id) for id in ids]

    def without(self, ids: Iterable[str], others: Iterable[str]) -> list[str]:
        """Those that are not among the others."""
        left_out = set(others)
        return [id for id in ids if id not in left_out]

    # units

    def unit(self, unit: Unit, word: str) -> Markup:
        """A unit in symbols, behind ``word`` if it is named by a number."""
        tex = self.math(unit.tex)
        return word + tex if unit.name.isdigit() else tex

    def owner(self, name: str, word: str) -> Markup:
        """The unit that a net input or an output belongs to, in symbols; the quantity itself where there is none."""
        unit = owners(self.derivation).get(name)
        return self.unit(unit, word) if unit else self.sym(name)

    def owner_name(self, name: str) -> Markup:
        """The name of the unit that a net input or an output belongs to, or that of the quantity."""
        unit = owners(self.derivation).get(name)
        return self.typed(unit.name if unit else plain(name))

    # symbols

    def math(self, tex: str) -> Markup:
        """Inline mathematics."""
        return str.__new__(Markup, f"${tex}$")

    def num(self, text: str) -> Markup:
        """A number's text, typeset."""
        return self.math(self.typeset.number(text))

    def symbol(self, pattern: str, lead: str) -> Markup:
        """The symbol that the file's ``net`` or ``out`` have in common, behind ``lead``; empty where there is none."""
        tex = symbol_tex(self.notation, pattern)
        return lead + self.math(tex) if tex else Markup("")

    def sym(self, id: str) -> Markup:
        """A quantity or a derivative in symbols."""
        return self.math(self.typeset.name(id))

    def short(self, id: str) -> Markup:
        """The same, a gradient at a net input as its delta."""
        return self.math(self.typeset.factor(id, compact=True))

    def minus(self, id: str) -> Markup:
        """A quantity with a minus sign."""
        return self.math(f"-{self.typeset.name(id)}")

    def names(self, ids: Iterable[str]) -> list[Markup]:
        """Each id in symbols."""
        return [self.sym(id) for id in ids]

    def ref(self, id: str) -> Markup:
        """A quantity or a derivative in symbols, a gradient at a net input as its delta, with a link to its line."""
        return self._linked(id, self.short(id))

    def _linked(self, id: str, text: Markup) -> Markup:
        return as_markdown(f"[{text}]({address(id)})") if id in self.derivation.step else text

    def definition(self, id: str, most: float = 24.0) -> Markup:
        """A line in symbols, without numbers and without the marks of a sample or a step; empty where it is wider than
        so many em."""
        plainly = typesetter(self.derivation.single, self.notation)
        left, right = plainly.left(plain(id)), plainly.symbols(plain(id))
        return self.math(f"{left.tex} = {right.tex}") if left.width + right.width <= most else Markup("")

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

    # stories

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

    def chain_rule(self, story: Story) -> Markup:
        """The chain rule of a story in symbols; where paths part, with the shares that add up."""
        left = self.typeset.left(story.gradient)
        shares = [self.typeset.name(id) for id in story.shares]
        shares = [rf"\left({share}\right)" if i and share.startswith("-") else share for i, share in enumerate(shares)]
        if not 1 < len(shares) <= SHARES_WRITTEN_OUT:
            return block("", equation(left, [measured(self.typeset.product(story.factors))], self.page_width))
        added = rf"\left({' + '.join(shares)}\right)"
        others = [self.typeset.name(id) for id in story.factors[1:]]
        product = multiplied([added, *others], self.notation) if others else " + ".join(shares)
        return block("", equation(left, [measured(product)], self.page_width))

    def deltas(self, story: Story) -> list[Markup]:
        """The deltas that the shares of a story are made from, each with a link to its line."""
        return [self.ref(self.derivation.step[share].uses[0]) for share in story.shares]

    def through_a_jacobian(self, story: Story) -> bool:
        """Whether every share of a story is the rate of an error term times that of an output that all units share."""
        steps = [self.derivation.step[share] for share in story.shares]
        return all(
            step.kind is Kind.PRODUCT and self.derivation.step[step.uses[0]].kind is Kind.LOCAL for step in steps
        )

    def case_in(self, ids: Iterable[str], own: bool) -> str:
        """Of outputs that share their inputs: the first rate with the output's own input, or with another's."""
        local = (id for id in ids if self.derivation.step[id].kind is Kind.LOCAL)
        found = ((id, self.reason(id)) for id in local)
        return next((id for id, why in found if why.name in SHARED and why.own is own), "")

    # words

    @property
    def between(self) -> str:
        """What stands between the equations of a list: a comma would be mistaken for a decimal one."""
        return ", " if self.notation.decimal == "point" else "; "

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


@lru_cache(maxsize=256)
def sources_of(derivation: Derivation, roles: tuple[str, ...]) -> tuple[str, ...]:
    """The quantities of these roles that a calculation starts from, the same for all samples."""
    graph = derivation.single.graph
    return tuple(q.name for q in graph.sources if q.role in roles and q.name not in graph.columns)


@lru_cache(maxsize=50_000)
def address(id: str) -> str:
    """Where a link to the line of that id leads: ``#`` and the percent-encoded id."""
    return f"#{quote(id, safe='/:@+')}"
