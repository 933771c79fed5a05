"""The Graph: named formulas in topological order, with their Shapes, and who consumes whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from ..formulas.expression import Expression, Slot, Sum
from ..formulas.shape import FunctionTable, Shape
from ..spec.types import Column, Training
from .updates import Correction, Line, Update, update_of


class Role(StrEnum):
    """What a quantity is in its calculation."""

    GIVEN = "given"
    TARGET = "target"
    PARAMETER = "parameter"
    BIAS = "bias"
    RATE = "learning rate"
    SETTING = "setting"
    STATE = "state"
    UPSTREAM = "upstream gradient"
    ON_THE_WAY = "on the way"
    HIDDEN = "hidden"
    OUTPUT = "output"
    ERROR = "error"
    LOSS = "loss"


class Quantity(Struct, frozen=True):
    """A named number of the calculation."""

    name: str
    tex: str
    role: Role


class Node(Struct, frozen=True):
    """A quantity defined by a Shape applied to earlier quantities, one for each slot."""

    quantity: Quantity
    shape: Shape
    arguments: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the quantity."""
        return self.quantity.name


class Unit(Struct, frozen=True):
    """A unit of a layer: its net input and output (one and the same quantity where there is no activation)."""

    name: str
    net: str
    out: str
    inputs: tuple[str, ...]
    weights: tuple[str, ...]
    bias: str
    """Empty where the unit has none."""
    target: str = ""
    """The name of its target, whether or not there is one."""
    tex: str = ""
    index: str = ""
    """The unit in TeX as the index of another symbol."""

    def under(self, name: Callable[[str], str]) -> Unit:
        """The same unit with its quantities renamed; its own name and look stay."""
        return replace(
            self,
            net=name(self.net),
            out=name(self.out),
            inputs=tuple(map(name, self.inputs)),
            weights=tuple(map(name, self.weights)),
            bias=name(self.bias) if self.bias else "",
            target=name(self.target),
        )


class Block(Struct, frozen=True):
    """Units that belong together. For layout only: a calculation never asks for it."""

    units: tuple[Unit, ...]


class Graph(Struct, frozen=True):
    """The whole calculation without its numbers."""

    sources: tuple[Quantity, ...]
    nodes: tuple[Node, ...]
    blocks: tuple[Block, ...]
    loss: str
    """The quantity that is differentiated; empty for a calculation that is only evaluated."""
    wanted: tuple[str, ...]
    trained: tuple[str, ...]
    training: Training
    update: Update
    columns: tuple[str, ...]
    """The sources that have a number for each sample."""
    samples: int
    functions: FunctionTable
    quantity: Mapping[str, Quantity]
    node: Mapping[str, Node]
    consumers: Mapping[str, tuple[str, ...]]

    @property
    def error_terms(self) -> tuple[str, ...]:
        """The quantities whose plain sum is the loss, or the loss alone."""
        return tuple(_summands(self, self.loss)) if self.loss else ()


class Listing(Struct, frozen=True):
    """The calculation as a person would list it: sources with values, then formulas. Layers expand into one."""

    sources: tuple[tuple[Quantity, Column], ...]
    formulas: tuple[tuple[Quantity, Expression], ...]
    blocks: tuple[Block, ...]
    loss: str
    corrections: Mapping[str, Correction] = field(default_factory=dict)
    """Parameter → what the perceptron rule corrects it by."""


def build(listing: Listing, training: Training, functions: FunctionTable) -> Graph:
    """The Graph of a listing; ``training`` says what is wanted and what is trained."""
    nodes = tuple(Node(quantity, *functions.shape_of(expression)) for quantity, expression in listing.formulas)
    given = tuple(quantity for quantity, _ in listing.sources)
    columns = {quantity.name: len(column) for quantity, column in listing.sources if isinstance(column, tuple)}
    trainable = tuple(
        q.name for q in given if q.role is Role.PARAMETER or (q.role is Role.BIAS and training.train_biases)
    )
    wanted = (training.gradients or trainable) if listing.loss else ()
    trained = _trained(listing, training, nodes, wanted, frozenset(trainable))
    tex = {quantity.name: quantity.tex for quantity in given}
    weights = training.decayed or [quantity.name for quantity in given if quantity.role is Role.PARAMETER]
    looks = {q.tex for q in (*given, *(node.quantity for node in nodes))}
    looks |= {unit.tex for block in listing.blocks for unit in block.units}
    update = update_of(training, {name: tex[name] for name in trained}, weights, listing.corrections, looks)
    sources = (*given, *(Quantity(name, state_tex, Role.STATE) for name, state_tex in update.states if trained))
    on_the_way = [Quantity(line.found, line.tex, Role.ON_THE_WAY) for line in _lines(update) if line.tex]
    known = (*sources, *(node.quantity for node in nodes), *on_the_way)
    return Graph(
        sources=sources,
        nodes=nodes,
        blocks=listing.blocks,
        loss=listing.loss,
        wanted=wanted,
        trained=trained,
        training=training,
        update=update,
        columns=tuple(columns),
        samples=max(columns.values(), default=1),
        functions=functions,
        quantity={quantity.name: quantity for quantity in known},
        node={node.name: node for node in nodes},
        consumers=_consumers(nodes),
    )


def _trained(
    listing: Listing, training: Training, nodes: Sequence[Node], wanted: Sequence[str], trainable: frozenset[str]
) -> tuple[str, ...]:
    """The parameters that an update changes: those of the rule, or those wanted that the loss depends on."""
    if training.learning_rate is None:
        return ()
    if listing.corrections:
        return tuple(listing.corrections)
    reached = upstream_of(nodes, [listing.loss]) if listing.loss else set()
    return tuple(name for name in wanted if name in trainable and name in reached)


def _lines(update: Update) -> Iterable[Line]:
    yield from update.first
    yield from update.common
    for lines in update.own.values():
        yield from lines


def _consumers(nodes: Iterable[Node]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for node in nodes:
        for name in node.arguments:
            found.setdefault(name, []).append(node.name)
    return {name: tuple(users) for name, users in found.items()}


def _summands(graph: Graph, name: str) -> Iterable[str]:
    """The leaves of nested plain sums below ``name``."""
    node = graph.node.get(name)
    if node is None or not _is_plain_sum(node) or not all(_feeds_only(graph, name, part) for part in node.arguments):
        return [name]
    return [leaf for part in node.arguments for leaf in _summands(graph, part)]


def _is_plain_sum(node: Node) -> bool:
    formula = node.shape.formula
    return isinstance(formula, Sum) and formula.terms == tuple(Slot(i) for i in range(len(node.arguments)))


def _feeds_only(graph: Graph, consumer: str, name: str) -> bool:
    return name in graph.node and graph.consumers[name] == (consumer,)


def ancestors(graph: Graph, names: Sequence[str]) -> set[str]:
    """The quantities that ``names`` are calculated from, themselves included."""
    return upstream_of(graph.nodes, names)


def upstream_of(nodes: Sequence[Node], names: Sequence[str]) -> set[str]:
    """The same, from the nodes alone."""
    found: set[str] = set(names)
    for node in reversed(nodes):
        if node.name in found:
            found.update(node.arguments)
    return found


def descendants(graph: Graph, names: Sequence[str]) -> set[str]:
    """The quantities that change when ``names`` change, themselves included."""
    found = set(names)
    for node in graph.nodes:
        if any(argument in found for argument in node.arguments):
            found.add(node.name)
    return found
