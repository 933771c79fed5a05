"""One derived step → the steps that a document writes out, for every sample: the same lines under marked names.

Nothing is derived anew. Where a step takes several samples, each has its own lines down to its gradients, and these are
added up or averaged: the derivative of a sum is the sum of the derivatives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from ..formulas.expression import Expression, Number, Product, Quotient, Slot, Sum
from .derive import Derivation, Kind, Phase, Step, Turn, derive
from .graph import Block, Graph, Node, Quantity, descendants
from .marks import marked, parsed


def turns_of(graph: Graph) -> tuple[Turn, ...]:
    """The steps that are written out, each with the samples that it takes."""
    return tuple(Turn(number - 1, samples_of_step(graph, number - 1)) for number in graph.training.show_steps)


def samples_of_step(graph: Graph, step: int) -> tuple[int, ...]:
    """The samples that a step takes (steps counted from 0); none where there is but one."""
    if not graph.columns:
        return ()
    order = graph.training.order or tuple(range(1, graph.samples + 1))
    size = graph.training.batch or len(order)
    first = step * size % len(order)
    return order[first : first + size]


def derive_written(graph: Graph) -> Derivation:
    """The Derivation of all steps that the document writes out."""
    base, turns = derive(graph), turns_of(graph)
    return base if turns == base.turns else unroll(base, turns)


def unroll(base: Derivation, turns: Sequence[Turn]) -> Derivation:
    """The Derivation of several steps and samples, from that of one step for one sample."""
    return _Unroller(base, turns).derivation()


class _Namer(Struct):
    """Puts marks on the names of a base derivation."""

    stateful: frozenset[str]
    sampled: frozenset[str]
    kept: frozenset[str]
    by_samples: bool

    def name(self, name: str, state: int, sample: int) -> str:
        """A quantity in a state, for a sample; marks that make no difference to it are left out."""
        return marked(
            name, state if name in self.stateful else 0, sample if name in self.sampled else 0, name in self.kept
        )

    def id(self, id: str, state: int, sample: int) -> str:
        """Any id of the base derivation: a quantity, its value after the update, or a derivative."""
        name, updates, _ = parsed(id)
        if "/" not in name:
            return self.name(name, state + updates, sample)
        return marked(name, state, sample if self.by_samples else 0)


class _Unroller:
    def __init__(self, base: Derivation, turns: Sequence[Turn]) -> None:
        self.base, self.graph, self.turns = base, base.graph, tuple(turns)
        graph = base.graph
        kept = frozenset([*graph.trained, *(name for name, _ in graph.update.states)])
        on_the_way = {name for name in graph.quantity if name not in graph.node} - {q.name for q in graph.sources}
        sampled = frozenset(descendants(graph, graph.columns)) if graph.columns else frozenset[str]()
        self.name = _Namer(frozenset(descendants(graph, tuple(kept)) | on_the_way), sampled, kept, bool(graph.columns))
        self.steps: dict[str, Step] = {}
        self.gradient: dict[str, str] = {}
        self.shares: dict[str, tuple[str, ...]] = {}

    def derivation(self) -> Derivation:
        for i, turn in enumerate(self.turns):
            self.turn(turn)
            if not self.continued(i):
                self.again(turn)
        first = self.turns[0]
        sample = first.samples[0] if first.samples else 0
        return Derivation(
            graph=self.first_graph(sample),
            steps=tuple(self.steps.values()),
            step=self.steps,
            gradient=self.gradient,
            shares=self.shares,
            flat=self.base.flat,
            total=self.total(first),
            turns=self.turns,
            base=self.base,
            first={id: self.name.id(id, first.number, sample) for id in self.known_ids()},
        )

    def known_ids(self) -> Iterator[str]:
        """Every id of the base: what it starts from, and what its lines find."""
        yield from self.graph.quantity
        yield from self.base.step

    def continued(self, place: int) -> bool:
        """Whether the next step shows what a step has done: it follows at once, and uses the same samples.

        Where samples take turns, only the first step and the last are looked back at; where batches do, only the last,
        since the loss after one step and before the next would be two under one name.
        """
        if place + 1 == len(self.turns):
            return False
        turn, following = self.turns[place], self.turns[place + 1]
        at_once = following.number == turn.number + 1
        return at_once and (following.samples == turn.samples or place > 0 or len(turn.samples) > 1)

    def total(self, turn: Turn) -> str:
        """The loss of all samples of a turn."""
        if not self.graph.loss:
            return ""
        sample = turn.samples[0] if len(turn.samples) == 1 else 0
        return self.name.name(self.graph.loss, turn.number, sample)

    # lines

    def turn(self, turn: Turn) -> None:
        several = len(turn.samples) > 1
        for sample in turn.samples or (0,):
            for step in self.base.steps:
                if step.phase is not Phase.AGAIN and not (several and step.phase is Phase.UPDATE):
                    self.add(self.renamed(step, turn.number, sample))
            self.know_gradients(turn, sample)
        if several:
            self.put_together(turn)
            for step in self.base.steps:
                if step.phase is Phase.UPDATE:
                    self.add(self.updated(step, turn.number))

    def again(self, turn: Turn) -> None:
        for sample in turn.samples or (0,):
            for step in self.base.steps:
                if step.phase is Phase.AGAIN:
                    self.add(self.renamed(step, turn.number, sample))
        if len(turn.samples) > 1 and any(step.phase is Phase.AGAIN for step in self.base.steps):
            self.add(self.over_samples(self.graph.loss, Phase.AGAIN, turn, turn.number + 1))

    def add(self, step: Step) -> None:
        self.steps.setdefault(step.id, step)

    def renamed(self, step: Step, state: int, sample: int) -> Step:
        return replace(
            step,
            id=self.name.id(step.id, state, sample),
            uses=tuple(self.name.id(used, state, sample) for used in step.uses),
            of=self.name.name(step.of, state + (step.phase is Phase.AGAIN), sample),
            by=self.name.name(step.by, state, sample) if step.by else "",
            via=self.name.name(step.via, state, sample) if step.via else "",
        )

    def updated(self, step: Step, state: int) -> Step:
        """A line of the update, made from the gradients of all samples."""
        return self.renamed(step, state, 0)

    def know_gradients(self, turn: Turn, sample: int) -> None:
        for name, id in self.base.gradient.items():
            self.gradient.setdefault(self.name.name(name, turn.number, sample), self.name.id(id, turn.number, sample))
        for name, ids in self.base.shares.items():
            found = tuple(self.name.id(id, turn.number, sample) for id in ids)
            self.shares.setdefault(self.name.name(name, turn.number, sample), found)

    # several samples in one step

    def put_together(self, turn: Turn) -> None:
        """The loss and the gradients of all samples of a step."""
        if not self.graph.loss:
            return
        self.add(self.over_samples(self.graph.loss, Phase.LOSS, turn, turn.number))
        for name, id in self.base.gradient.items():
            if name in self.graph.wanted and name not in self.name.sampled:
                self.add(self.over_samples(id, Phase.BACKWARD, turn, turn.number))
                own = self.name.name(name, turn.number, 0)
                self.gradient[own] = self.name.id(id, turn.number, 0)

    def over_samples(self, id: str, phase: Phase, turn: Turn, state: int) -> Step:
        """The sum or the mean of a line over the samples of a step."""
        uses = tuple(self.name.id(id, state, sample) for sample in turn.samples)
        added: Expression = Sum(tuple(map(Slot, range(len(uses)))))
        if self.graph.training.samples == "mean":
            added = Product((Quotient(Number("1"), Number(str(len(uses)))), added))
        shape = self.graph.functions.shape(added, len(uses))
        found = self.name.id(id, state, 0)
        of, by = self.name.name(self.graph.loss, state, 0), ""
        if "/" in found:
            by = self.name.name(self.base.step[id].by, state, 0)
        return Step(found, phase, Kind.SAMPLES, shape, uses, of=of, by=by)

    # the graph that a lesson tells

    def first_graph(self, sample: int) -> Graph:
        """The graph under the names of the first step and its first sample."""
        graph, state = self.graph, self.turns[0].number

        def name(of: str) -> str:
            return self.name.name(of, state, sample)

        sources = tuple(self.sources())
        nodes = tuple(
            Node(replace(node.quantity, name=name(node.name)), node.shape, tuple(map(name, node.arguments)))
            for node in graph.nodes
        )
        found = {quantity.name: quantity for quantity in (*sources, *(node.quantity for node in nodes))}
        return replace(
            graph,
            sources=sources,
            nodes=nodes,
            quantity={**graph.quantity, **found},
            node={**graph.node, **{node.name: node for node in nodes}},
            blocks=tuple(Block(tuple(unit.under(name) for unit in block.units)) for block in graph.blocks),
            loss=name(graph.loss) if graph.loss else "",
            wanted=tuple(map(name, graph.wanted)),
            trained=tuple(map(name, graph.trained)),
        )

    def sources(self) -> Iterator[Quantity]:
        """What the lines start from: with one quantity for each sample, and the states that later steps start from."""
        for quantity in self.graph.sources:
            if quantity.name not in self.graph.columns:
                yield quantity
                continue
            for sample in range(1, self.graph.samples + 1):
                yield replace(quantity, name=marked(quantity.name, 0, sample))
        for number in jumps(self.turns):
            for quantity in self.graph.sources:
                if quantity.name in self.name.kept:
                    yield replace(quantity, name=self.name.name(quantity.name, number, 0))


def jumps(turns: Iterable[Turn]) -> list[int]:
    """The steps (counted from 0) that are written out without the step before them."""
    numbers = [turn.number for turn in turns]
    return [number for number in numbers if number and number - 1 not in numbers]
