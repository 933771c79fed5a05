"""What a person may take for what: lines of the same kind, a unit's net input and output, old and new values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ..calculus.derive import Kind, Phase, Step
from ..calculus.graph import Quantity, Role, Unit
from ..calculus.marks import marked, parsed, plain
from ..formulas.expression import Call, Slot
from .lines import Lines

MOST_SIBLINGS = 6
"""Of many lines of the same kind, so many that stand nearest are tried."""
MOST_SAMPLES = 3


class Kin:
    """The relations between the lines of one calculation."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.graph = lines.derivation.single.graph
        self.place = {step.id: place for place, step in enumerate(lines.steps)}

    def quantity(self, id: str) -> Quantity | None:
        """The quantity that an id speaks of, whatever its state and sample; None for a derivative."""
        return self.graph.quantity.get(plain(id))

    def is_node(self, id: str) -> bool:
        """Whether an id speaks of a quantity that a formula defines."""
        return plain(id) in self.graph.node

    @cached_property
    def net_of(self) -> Mapping[str, str]:
        """A unit's output → its net input, in every state and for every sample."""
        found = {}
        for step in self.lines.steps:
            if step.kind is Kind.DEFINITION and isinstance(step.shape.formula, Call) and len(step.uses) == 1:
                found[step.id] = step.uses[0]
        return found

    @cached_property
    def out_of(self) -> Mapping[str, str]:
        """A unit's net input → its output."""
        return {net: out for out, net in self.net_of.items()}

    @cached_property
    def unit_of(self) -> Mapping[str, tuple[Unit, tuple[Unit, ...]]]:
        """A unit's net input (without marks) → the unit and its layer."""
        return {unit.net: (unit, block.units) for block in self.graph.blocks for unit in block.units}

    @cached_property
    def transposed(self) -> Mapping[str, str]:
        """A weight → the one that stands in its place when the layer's table is read the other way."""
        found = {}
        for block in self.graph.blocks:
            rows = [unit.weights for unit in block.units]
            for row, weights in enumerate(rows):
                for column, weight in enumerate(weights):
                    if row != column and column < len(rows) and row < len(rows[column]):
                        found[weight] = rows[column][row]
        return found

    @cached_property
    def _groups(self) -> Mapping[str, tuple[str, ...]]:
        groups: dict[object, list[str]] = {}
        for name in self.lines.starts:
            quantity, marks = self.quantity(name), parsed(name)
            groups.setdefault((quantity.role if quantity else "", marks.state, marks.sample), []).append(name)
        completing = self._completing()
        for step in self.lines.steps:
            if not step.trivial:
                marks = parsed(step.id)
                kind: object = "gradient of a parameter" if step.id in completing else (step.kind, id(step.shape))
                groups.setdefault((kind, step.phase, marks.state, marks.sample), []).append(step.id)
        for group in groups.values():
            group.sort(key=lambda id: completing.get(id, 0))
        return {name: tuple(group) for group in groups.values() for name in group}

    def _completing(self) -> Mapping[str, int]:
        """The lines that complete the gradient of a trained parameter, in the order of the parameters."""
        place = {name: number for number, name in enumerate(self.graph.trained)}
        gradient = self.lines.derivation.gradient
        return {id: place[plain(name)] for name, id in gradient.items() if plain(name) in place}

    def siblings(self, id: str) -> tuple[str, ...]:
        """The nearest lines of the same kind, for the same state and sample."""
        group = self._groups.get(id, ())
        if len(group) <= MOST_SIBLINGS + 1:
            return tuple(other for other in group if other != id)
        place = group.index(id)
        near = sorted(range(len(group)), key=lambda i: abs(i - place))[1 : MOST_SIBLINGS + 1]
        return tuple(group[i] for i in sorted(near))

    def other_samples(self, id: str) -> tuple[str, ...]:
        """The same for other samples, the nearest ones first."""
        name, state, sample = parsed(id)
        if not sample:
            return ()
        numbers = sorted(range(1, self.graph.samples + 1), key=lambda other: abs(other - sample))[1 : MOST_SAMPLES + 1]
        return self._known(name, state, numbers)

    def same_marks(self, name: str, like: str) -> tuple[str, ...]:
        """Another quantity in the state and for the sample of a given one, if it is there."""
        marks = parsed(like)
        return self._known(name, marks.state, [marks.sample])[:1] or self._known(name, 0, [0])[:1]

    def _known(self, name: str, state: int, samples: list[int]) -> tuple[str, ...]:
        found = [marked(name, state, sample, kept) for sample in samples for kept in (False, True)]
        return tuple(dict.fromkeys(id for id in found if id in self.lines.values))

    def base(self, id: str) -> str:
        """What a line that only repeats something repeats."""
        step = self.lines.step.get(id)
        while step is not None and step.trivial and isinstance(step.shape.formula, Slot):
            id = step.uses[0]
            step = self.lines.step.get(id)
        return id

    def other_state(self, id: str) -> tuple[str, ...]:
        """The same one update earlier and one later."""
        name, state, sample = parsed(id)
        states = [other for other in (state - 1, state + 1) if other >= 0]
        return tuple(dict.fromkeys(found for other in states for found in self._known(name, other, [sample])))

    def role(self, id: str) -> str:
        """What a line is, in a word that the table of mistakes knows."""
        base = self.base(id)
        if self.is_node(base):
            return self._role_of_node(base)
        quantity = self.quantity(base)
        if quantity is not None:
            return SOURCE_WORDS.get(quantity.role, "given")
        return self.line_type(self.lines.step[base])

    def _role_of_node(self, id: str) -> str:
        if id in self.net_of:
            return "out"
        if id in self.out_of:
            return "net"
        quantity = self.quantity(id)
        return "error" if quantity and quantity.role in (Role.ERROR, Role.LOSS) else "node"

    def line_type(self, step: Step) -> str:
        """What a line does, in a word that the table of mistakes knows."""
        match step.kind:
            case Kind.DEFINITION:
                return self._definition_type(step)
            case Kind.LOCAL:
                return "error slope" if self._is_error(step.via) else "slope"
            case Kind.SUM | Kind.SAMPLES:
                return "sum" if step.phase is Phase.BACKWARD else "total"
            case Kind.UPDATE:
                quantity = self.quantity(step.id)
                return UPDATE_WORDS.get(quantity.role, "update") if quantity else "update"
        if self.is_node(step.by):
            return "delta" if step.via in self.net_of else "share"
        return "gradient"

    def _definition_type(self, step: Step) -> str:
        if step.id in self.net_of:
            return "out"
        quantity = self.quantity(step.of)
        if quantity and quantity.role in (Role.ERROR, Role.LOSS):
            return "error" if self._is_error(step.of) else "total"
        return "net"

    def _is_error(self, name: str) -> bool:
        """Whether a formula compares with a target; in a list of formulas, whether it is one of the error terms."""
        node = self.graph.node.get(plain(name))
        if node is None:
            return False
        targets = [used for used in node.arguments if self.graph.quantity[used].role is Role.TARGET]
        return bool(targets) or (not self.graph.blocks and node.name in self.graph.error_terms)


SOURCE_WORDS = {
    Role.GIVEN: "given",
    Role.TARGET: "target",
    Role.PARAMETER: "weight",
    Role.BIAS: "bias",
    Role.RATE: "rate",
    Role.STATE: "state",
    Role.SETTING: "setting",
    Role.ON_THE_WAY: "on the way",
}
UPDATE_WORDS = {Role.STATE: "state", Role.ON_THE_WAY: "on the way"}
