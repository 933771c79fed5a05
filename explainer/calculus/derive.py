"""Graph → Derivation: the lines of working, forward and backward, in the order in which a person can write them.

The backward pass is the chain rule over the list of formulas: a quantity's gradient is the sum, over its consumers,
of the consumer's gradient times the local derivative. Nothing composed is differentiated whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from msgspec import Struct, field

from ..formulas.expression import ONE, Expression, Number, Product, Slot, Sum
from ..formulas.handform import turned
from ..formulas.shape import OUTPUT, FunctionTable, Shape
from .graph import Graph, Node, Role, ancestors, descendants
from .known import KnownValues
from .marks import marked, parsed, plain
from .updates import GRADIENT_OF, Line

TURNED = "-"
"""Begins the id of a rate of the error that is written with the opposite sign."""


class Phase(StrEnum):
    """Where in the calculation a Step stands."""

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"
    AGAIN = "forward again"


class Kind(StrEnum):
    """What a Step does."""

    DEFINITION = "definition"
    LOCAL = "local derivative"
    PRODUCT = "product along a path"
    SUM = "sum over paths"
    SAMPLES = "over samples"
    UPDATE = "update"


class Step(Struct, frozen=True):
    """One line of working, without numbers: what it finds, by which Shape, from which quantities or earlier Steps.

    ``of`` and ``by`` are the quantities of a derivative d<of>/d<by>; for other Steps ``of`` is the quantity found.
    ``via`` names the formula whose derivative it is (local derivative), or through which a share passes (product).
    """

    id: str
    phase: Phase
    kind: Kind
    shape: Shape
    uses: tuple[str, ...]
    of: str
    by: str = ""
    via: str = ""

    @property
    def trivial(self) -> bool:
        """Whether the line only repeats a quantity or a number, such as dnet_o1/dw5 = out_h1."""
        return self.kind is Kind.LOCAL and isinstance(self.shape.formula, Slot | Number)

    @property
    def asks(self) -> bool:
        """Whether a person may be asked for it: it neither repeats a quantity nor is a number, such as a rate -1, nor
        belongs to the second forward pass."""
        return bool(self.uses) and not self.trivial and self.phase is not Phase.AGAIN


class Turn(Struct, frozen=True):
    """A training step that is written out: its number, counted from 0, and the samples that it takes (from 1)."""

    number: int
    samples: tuple[int, ...] = ()
    """Empty where there is but one sample."""


class Derivation(Struct, frozen=True, eq=False):
    """All Steps that are written out, in order, and the names under which a gradient is known."""

    graph: Graph
    steps: tuple[Step, ...]
    step: Mapping[str, Step]
    gradient: Mapping[str, str]
    """Quantity → id of the Step that completes its gradient."""
    shares: Mapping[str, tuple[str, ...]]
    """Quantity with several consumers → ids of the shares that add up to its gradient."""
    flat: tuple[str, ...]
    """Wanted quantities that the loss does not depend on: their gradient is 0."""
    total: str
    """What the first step lowers: the loss, of all its samples."""
    turns: tuple[Turn, ...] = (Turn(0),)
    base: Derivation | None = None
    """One step for one sample, where several are written out."""
    first: Mapping[str, str] = field(default_factory=dict)
    """Id of the base → the same in the first step and for its first sample."""

    @property
    def single(self) -> Derivation:
        """One step for one sample."""
        return self.base or self

    def find(self, name: str) -> str:
        """The id that ``name`` means; ``dE_total/dX`` and ``X@1`` are always understood. Empty if there is none."""
        if name in self.step or name in self._sources:
            return name
        prefix = f"{TURNED if self.graph.training.error_sign == 'negative' else ''}d{plain(self.graph.loss)}/d"
        if name.startswith(prefix):
            derivative, state, sample = parsed(name.removeprefix(prefix))
            for by in (marked(derivative, state, sample), marked(derivative, state, sample, kept=True)):
                found = self.gradient.get(by, "")
                if found and parsed(found)[1:] == (state, sample):
                    return found
        base, state, sample = parsed(name)
        kept = marked(base, state, sample, kept=True)
        return kept if kept in self.step or kept in self._sources else ""

    @property
    def _sources(self) -> set[str]:
        return {quantity.name for quantity in self.graph.sources}


def derive(graph: Graph) -> Derivation:
    """The Derivation of a Graph: forward, backward, updates and the forward pass again with the new values."""
    writer = _Writer(graph)
    writer.forward()
    if graph.trained and graph.training.update == "sequential":
        writer.lines(graph.update.first)
    if graph.loss:
        writer.backward()
    if graph.trained:
        writer.updates()
        writer.forward_again()
    step = {step.id: step for step in writer.steps}
    flat = tuple(name for name in graph.wanted if name not in writer.gradient and name != graph.loss)
    return Derivation(graph, tuple(writer.steps), step, writer.gradient, writer.shares, flat, graph.loss)


class _Writer:
    """Writes the Steps down one after another."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.steps: list[Step] = []
        self.gradient: dict[str, str] = {}
        self.shares: dict[str, tuple[str, ...]] = {}
        self.updated: dict[str, str] = {}
        self.shapes = _StepShapes(graph.functions)
        self.known = KnownValues(graph)
        self.terms = graph.error_terms
        self.trained = frozenset(graph.trained)
        self.sign = TURNED if graph.training.error_sign == "negative" else ""

    def with_sign(self, shape: Shape) -> Shape:
        """A rate of the error; with the opposite sign where the file wants it so."""
        return self.graph.functions.shape(turned(shape.formula), shape.arity) if self.sign else shape

    # forward

    def forward(self) -> None:
        loss_part = _loss_part(self.graph)
        for node in self.graph.nodes:
            phase = Phase.LOSS if node.name in loss_part else Phase.FORWARD
            self.steps.append(Step(node.name, phase, Kind.DEFINITION, node.shape, node.arguments, of=node.name))

    def forward_again(self) -> None:
        """The forward pass with the new values, as far as it changes."""
        renamed = dict(self.updated)
        for node in self.graph.nodes:
            if any(name in renamed for name in node.arguments):
                renamed[node.name] = f"{node.name}@1"
                uses = tuple(renamed.get(name, name) for name in node.arguments)
                self.steps.append(
                    Step(renamed[node.name], Phase.AGAIN, Kind.DEFINITION, node.shape, uses, of=node.name)
                )

    # backward

    def backward(self) -> None:
        graph = self.graph
        relevant = ancestors(graph, [graph.loss]) & descendants(graph, graph.wanted)
        reached = self._error_terms_reached(relevant)
        direct = {name for term in self.terms for name in graph.node[term].arguments}
        above = ancestors(graph, [graph.loss]) - ancestors(graph, self.terms)  # the plain sums over the error terms
        for name in (*above, *self.terms):
            if name in graph.wanted and name != graph.loss:
                self._one(name)
        for name in _by_height(graph, relevant - above - set(self.terms), set(self.terms)):
            of = graph.loss if name in direct or name not in graph.node or len(reached[name]) > 1 else reached[name][0]
            self._gradient_of(name, of, [user for user in graph.consumers[name] if user in relevant])
            if graph.training.update == "sequential" and name in self.trained:
                self._update(name)

    def _one(self, name: str) -> None:
        """The gradient of a term of the loss, which is 1."""
        id, user = f"{self.sign}d{self.graph.loss}/d{name}", self.graph.consumers[name][0]
        shape = self.with_sign(self.shapes.one)
        self.steps.append(Step(id, Phase.BACKWARD, Kind.LOCAL, shape, (), of=self.graph.loss, by=name, via=user))
        self.gradient[name] = id

    def _error_terms_reached(self, relevant: set[str]) -> dict[str, tuple[str, ...]]:
        reached: dict[str, set[str]] = {name: set() for name in relevant}
        for node in reversed(self.graph.nodes):
            if node.name in relevant:
                if node.name in self.terms:
                    reached[node.name] = {node.name}
                for name in node.arguments:
                    if name in relevant:
                        reached[name] |= reached[node.name]
        return {name: tuple(term for term in self.terms if term in found) for name, found in reached.items()}

    def _gradient_of(self, name: str, of: str, users: list[str]) -> None:
        """The shares of one quantity, and their sum where there are several."""
        whole = f"{self.sign}d{of}/d{name}"
        if len(users) == 1:
            self._share(name, users[0], whole, of)
        else:
            ids = self._share_ids(name, of, users)
            for user, id in zip(users, ids, strict=True):
                self._share(name, user, id, self._of_share(user))
            self.steps.append(Step(whole, Phase.BACKWARD, Kind.SUM, self.shapes.sum(len(ids)), ids, of=of, by=name))
            self.shares[name] = ids
        self.gradient[name] = whole

    def _of_share(self, user: str) -> str:
        return user if user in self.terms else self._step_of(self.gradient[user])

    def _step_of(self, id: str) -> str:
        return id.removeprefix(TURNED)[1 : id.removeprefix(TURNED).index("/")]

    def _share_ids(self, name: str, of: str, users: list[str]) -> tuple[str, ...]:
        """``dE_o1/dout_h1`` where one error term tells the share from the others, else ``dE_total/dX:via``."""
        tops = [self._of_share(user) for user in users]
        return tuple(
            self.sign + (f"d{top}/d{name}" if top != of and tops.count(top) == 1 else f"d{of}/d{name}:{user}")
            for top, user in zip(tops, users, strict=True)
        )

    def _share(self, name: str, user: str, id: str, of: str) -> None:
        """One path's share: the consumer's gradient times the local derivative (which alone is it at an error term)."""
        node = self.graph.node[user]
        if user in self.terms:
            self._local(node, name, id, of)
            return
        local = f"d{user}/d{name}"
        self._local(node, name, local, user)
        uses = (self.gradient[user], local)
        self.steps.append(Step(id, Phase.BACKWARD, Kind.PRODUCT, self.shapes.product, uses, of=of, by=name, via=user))

    def _local(self, node: Node, name: str, id: str, of: str) -> None:
        partial = self.graph.functions.partial(node.shape, node.arguments.index(name))
        picked = tuple(node.name if pick == OUTPUT else node.arguments[pick] for pick in partial.picks)
        shape, picked = self.known.put_in(partial.shape, picked)
        if node.name in self.terms:
            shape = self.with_sign(shape)
        uses = tuple(self.updated.get(used, used) for used in picked)
        self.steps.append(Step(id, Phase.BACKWARD, Kind.LOCAL, shape, uses, of=of, by=name, via=node.name))

    # updates

    def updates(self) -> None:
        if self.graph.training.update == "simultaneous":
            self.lines(self.graph.update.first)
        self.lines(self.graph.update.common)
        for name in self.graph.trained:
            if name not in self.updated:
                self._update(name)

    def _update(self, name: str) -> None:
        self.lines(self.graph.update.own[name])
        self.updated[name] = f"{name}+"

    def lines(self, lines: Iterable[Line]) -> None:
        """Lines of the update."""
        for line in lines:
            self._line(line)

    def _line(self, line: Line) -> None:
        """A line of the update, with the line that completes a gradient in the place of its mention."""
        shape, names = self.graph.functions.shape_of(line.expression)
        uses = tuple(
            self.gradient.get(name.removeprefix(GRADIENT_OF), name) if name.startswith(GRADIENT_OF) else name
            for name in names
        )
        of = line.found.removesuffix("+")
        self.steps.append(Step(line.found, Phase.UPDATE, Kind.UPDATE, shape, uses, of=of))


def _loss_part(graph: Graph) -> set[str]:
    """The error terms and what joins them to the loss."""
    return {
        graph.loss,
        *graph.error_terms,
        *(n.name for n in graph.nodes if n.quantity.role in (Role.ERROR, Role.LOSS)),
    }


def _by_height(graph: Graph, names: set[str], terms: set[str]) -> list[str]:
    """The names by their longest way to an error term; parameters first, then in the order of the calculation."""
    height: dict[str, int] = dict.fromkeys(terms, 0)
    order = [*(q.name for q in graph.sources), *(node.name for node in graph.nodes)]
    for name in _downstream_first(graph, names):
        height[name] = 1 + max(height[user] for user in graph.consumers[name] if user in height)
    place = {name: i for i, name in enumerate(order)}
    return sorted(names, key=lambda name: (height[name], name in graph.node, place[name]))


def _downstream_first(graph: Graph, names: set[str]) -> list[str]:
    """Every name after all of its consumers: nodes from last to first, then sources."""
    nodes = [node.name for node in reversed(graph.nodes) if node.name in names]
    return [*nodes, *(q.name for q in graph.sources if q.name in names)]


class _StepShapes:
    """The few Shapes that the chain rule and the update need besides those of the formulas."""

    def __init__(self, functions: FunctionTable) -> None:
        self._shape: Callable[[Expression, int], Shape] = functions.shape
        self.one = functions.shape(ONE, 0)
        self.product = functions.shape(Product((Slot(0), Slot(1))), 2)

    def sum(self, count: int) -> Shape:
        return self._shape(Sum(tuple(map(Slot, range(count)))), count)
