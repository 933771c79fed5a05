"""What a person may take for what: lines of the same kind, a unit's net input and output, old and new values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ..calculus.derive import Kind, Step
from ..calculus.graph import Role, Unit
from ..formulas.expression import Call, Slot
from .lines import Lines

MOST_SIBLINGS = 6
"""Of many lines of the same kind, so many that stand nearest are tried."""


class Kin:
    """The relations between the lines of one calculation."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.graph = lines.derivation.graph
        self.place = {step.id: place for place, step in enumerate(lines.steps)}

    @cached_property
    def net_of(self) -> Mapping[str, str]:
        """A unit's output → its net input, in every state that is written out."""
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
        """The id of a unit's net input → the unit and its layer."""
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
            base = name.partition("@")[0]
            key = (self.graph.quantity[base].role, name[len(base) :])
            groups.setdefault(key, []).append(name)
        for step in self.lines.steps:
            if not step.trivial:
                groups.setdefault((step.kind, step.phase, id(step.shape), step.id.partition("@")[2]), []).append(
                    step.id
                )
        gradient = self.lines.derivation.gradient
        groups["gradient of a parameter"] = [gradient[name] for name in self.graph.trained if name in gradient]
        return {name: tuple(group) for group in groups.values() for name in group}

    def siblings(self, id: str) -> tuple[str, ...]:
        """The nearest lines of the same kind."""
        group = self._groups.get(id, ())
        if len(group) <= MOST_SIBLINGS + 1:
            return tuple(other for other in group if other != id)
        place = group.index(id)
        near = sorted(range(len(group)), key=lambda i: abs(i - place))[1 : MOST_SIBLINGS + 1]
        return tuple(group[i] for i in sorted(near))

    def base(self, id: str) -> str:
        """What a line that only repeats something repeats."""
        step = self.lines.step.get(id)
        while step is not None and step.trivial and isinstance(step.shape.formula, Slot):
            id = step.uses[0]
            step = self.lines.step.get(id)
        return id

    def other_state(self, id: str) -> tuple[str, ...]:
        """The same quantity one update later and one earlier."""
        found = []
        base, _, state = id.partition("@")
        if id.endswith("+"):
            found = [id[:-1]]
        elif state == "1":
            found = [base]
        elif state.isdecimal():
            found = [f"{base}@{int(state) - 1}", f"{base}@{int(state) + 1}"] + [f"{base}+"] * (state == "2")
        else:
            found = [f"{id}+", f"{id}@1"]
        return tuple(other for other in found if other in self.lines.values)

    def role(self, id: str) -> str:
        """What a line is, in a word that the table of mistakes knows."""
        base = self.base(id)
        if base in self.graph.node or base.partition("@")[0] in self.graph.node:
            if base in self.net_of:
                return "out"
            if base in self.out_of:
                return "net"
            role = self.graph.quantity[base.partition("@")[0]].role
            return "error" if role in (Role.ERROR, Role.LOSS) else "node"
        if base.removesuffix("+").partition("@")[0] in self.graph.quantity:
            return SOURCE_WORDS.get(self.graph.quantity[base.removesuffix("+").partition("@")[0]].role, "given")
        step = self.lines.step[base]
        return self.line_type(step)

    def line_type(self, step: Step) -> str:
        """What a line does, in a word that the table of mistakes knows."""
        match step.kind:
            case Kind.DEFINITION:
                return self._definition_type(step)
            case Kind.LOCAL:
                return "error slope" if self._is_error(step.via) else "slope"
            case Kind.SUM | Kind.UPDATE:
                return step.kind.name.lower()
        if step.by in self.graph.node:
            return "delta" if step.via in self.net_of else "share"
        return "gradient"

    def _definition_type(self, step: Step) -> str:
        if step.id in self.net_of:
            return "out"
        if self.graph.quantity[step.of].role in (Role.ERROR, Role.LOSS):
            return "error" if self._is_error(step.of) else "total"
        return "net"

    def _is_error(self, name: str) -> bool:
        """Whether a formula compares with a target; in a list of formulas, whether it is one of the error terms."""
        targets = [used for used in self.graph.node[name].arguments if self.graph.quantity[used].role is Role.TARGET]
        return bool(targets) or (not self.graph.blocks and name in self.graph.error_terms)


SOURCE_WORDS = {
    Role.GIVEN: "given",
    Role.TARGET: "target",
    Role.PARAMETER: "weight",
    Role.BIAS: "bias",
    Role.RATE: "rate",
}
