"""Derivation → Outline: which lines belong to which part of the lesson, and whose story is told in full.

Holds ids only: no numbers, no wording, no TeX.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from ..calculus.derive import Derivation, Kind, Phase, Step
from ..calculus.graph import Block, Role, Unit


class Story(Struct, frozen=True):
    """One parameter's gradient told in full: ``factors`` are the Steps whose product it is, from the loss inwards."""

    parameter: str
    unit: Unit | None
    factors: tuple[str, ...]
    shares: tuple[str, ...]
    """The shares of the first factor, where several paths add up to it."""
    products: tuple[str, ...]
    """The gradients between the first factor and the parameter: products of some of the factors."""
    delta: str
    """The gradient at the unit's net input, which returns for every weight of the unit."""
    gradient: str
    update: str
    path: tuple[tuple[str, ...], ...]
    """The quantities on the way to the loss, stage by stage; several in one stage where paths part."""


class Layer(Struct, frozen=True):
    """A layer in the forward pass: one unit in full, the others in short."""

    number: int
    hidden: bool
    units: tuple[Unit, ...]
    activation: str
    together: bool
    """Whether each output depends on the net inputs of all units, as in a softmax."""
    steps: tuple[str, ...]

    @property
    def first(self) -> Unit:
        """The unit whose story is told."""
        return self.units[0]

    @property
    def others(self) -> tuple[str, ...]:
        """The Steps of the other units."""
        return tuple(name for unit in self.units[1:] for name in dict.fromkeys((unit.net, unit.out)))


class Stage(Struct, frozen=True):
    """A part of the backward pass: a layer, or the whole of a calculation without layers."""

    layer: Layer | None
    place: int
    """0 for the output layer, counting inwards."""
    story: Story | None
    told: frozenset[str]
    """The ids that the story shows."""
    before: tuple[str, ...]
    """Steps that the story uses and does not show."""
    rest: tuple[str, ...]
    """The other Steps of the stage, trivial ones included, in order."""
    steps: tuple[str, ...]
    """All Steps of the stage, in order."""


class Outline(Struct, frozen=True):
    """The parts of a lesson."""

    layers: tuple[Layer, ...]
    forward: tuple[str, ...]
    errors: tuple[str, ...]
    stages: tuple[Stage, ...]
    biases: tuple[str, ...]
    """The biases whose gradient is found."""
    bias_steps: tuple[str, ...]
    inputs: tuple[str, ...]
    input_steps: tuple[str, ...]
    updates: tuple[str, ...]
    again: tuple[str, ...]


@lru_cache(maxsize=8)
def outline(derivation: Derivation) -> Outline:
    """The Outline of one step for one sample; made once per structure."""
    graph = derivation.graph
    layers = tuple(_layer(derivation, i, block) for i, block in enumerate(graph.blocks, 1))
    biases = _found(derivation, Role.BIAS)
    inputs = _found(derivation, Role.GIVEN) if layers else ()
    aside = {*biases, *inputs}
    return Outline(
        layers=layers,
        forward=_ids(derivation, Phase.FORWARD),
        errors=_ids(derivation, Phase.LOSS),
        stages=tuple(_stages(derivation, layers, aside)),
        biases=biases,
        bias_steps=tuple(step.id for step in _backward(derivation) if step.by in biases),
        inputs=inputs,
        input_steps=tuple(step.id for step in _backward(derivation) if step.by in inputs),
        updates=_ids(derivation, Phase.UPDATE),
        again=_ids(derivation, Phase.AGAIN),
    )


def _found(derivation: Derivation, role: Role) -> tuple[str, ...]:
    return tuple(q.name for q in derivation.graph.sources if q.role is role and q.name in derivation.gradient)


def _ids(derivation: Derivation, phase: Phase) -> tuple[str, ...]:
    return tuple(step.id for step in derivation.steps if step.phase is phase)


def _backward(derivation: Derivation) -> Iterable[Step]:
    return (step for step in derivation.steps if step.phase is Phase.BACKWARD)


def _layer(derivation: Derivation, number: int, block: Block) -> Layer:
    unit = block.units[0]
    formula = derivation.graph.node[unit.out].shape.formula
    function, _, member = ("" if unit.net == unit.out else str(getattr(formula, "function", ""))).partition(":")
    steps = tuple(name for unit in block.units for name in dict.fromkeys((unit.net, unit.out)))
    return Layer(number, number < len(derivation.graph.blocks), block.units, function, bool(member), steps)


def _stages(derivation: Derivation, layers: tuple[Layer, ...], aside: set[str]) -> Iterable[Stage]:
    """From the output layer inwards; without layers, one stage with everything."""
    known: set[str] = set()
    by: dict[str, list[Step]] = {}
    for step in _backward(derivation):
        by.setdefault(step.by, []).append(step)
    if not layers:
        members = [name for name in by if name not in aside]
        if members:
            yield _stage(derivation, None, 0, members, by, known)
        return
    inside = {name for layer in layers for unit in layer.units for name in (unit.out, unit.net, *unit.weights)}
    for place, layer in enumerate(reversed(layers)):
        beyond = [name for name in by if name not in inside and name not in aside] if place == 0 else []
        names = [*beyond, *(name for unit in layer.units for name in (unit.out, unit.net, *unit.weights))]
        members = [name for name in dict.fromkeys(names) if name in by]
        if members:
            yield _stage(derivation, layer, place, members, by, known)
        known.update(unit.net for unit in layer.units)


def _stage(
    derivation: Derivation,
    layer: Layer | None,
    place: int,
    members: list[str],
    by: dict[str, list[Step]],
    known: set[str],
) -> Stage:
    story = _story(derivation, layer, members, known)
    own = story.parameter if story else ""
    told = _told(derivation, story)
    steps = tuple(step.id for name in members for step in by[name])
    used = _used(derivation, told) - told if story else frozenset()
    before = {id for id in used if layer is None or not derivation.step[id].trivial}
    return Stage(
        layer=layer,
        place=place,
        story=story,
        told=told,
        before=tuple(id for id in steps if id in before),
        rest=tuple(
            id
            for name in members
            for id in (*(step.id for step in by[name]), *(_at_once(derivation, name) if name != own else ()))
            if id not in told and id not in before
        ),
        steps=steps,
    )


def _at_once(derivation: Derivation, name: str) -> Iterable[str]:
    """The update of a parameter where it comes as soon as its gradient is complete; for that of a bias nobody waits."""
    if derivation.graph.training.update != "sequential" or derivation.graph.quantity[name].role is not Role.PARAMETER:
        return ()
    own = {line.found for line in derivation.graph.update.own.get(name, ())}
    return (step.id for step in derivation.steps if step.id in own)


def _used(derivation: Derivation, ids: Iterable[str]) -> frozenset[str]:
    """Everything that these Steps are worked out from."""
    found: set[str] = set()
    waiting = [used for id in ids for used in derivation.step[id].uses]
    while waiting:
        id = waiting.pop()
        if id in derivation.step and id not in found:
            found.add(id)
            waiting.extend(derivation.step[id].uses)
    return frozenset(found)


def _story(derivation: Derivation, layer: Layer | None, members: list[str], known: set[str]) -> Story | None:
    wanted = frozenset(derivation.graph.wanted)
    parameters = [name for name in members if name in wanted and name not in derivation.graph.node]
    if not parameters:
        return None
    parameter = next((p for p in parameters if derivation.graph.quantity[p].role is Role.PARAMETER), parameters[0])
    unit = next((u for u in layer.units if parameter in u.weights), None) if layer else None
    factors = tuple(_factors(derivation, parameter, known))
    top = derivation.step[factors[0]]
    update = f"{parameter}+"
    return Story(
        parameter=parameter,
        unit=unit,
        factors=factors,
        shares=derivation.shares.get(top.by, ()) if top.kind is Kind.SUM else (),
        products=tuple(_products(derivation, derivation.gradient[parameter], factors[0])),
        delta=derivation.gradient.get(unit.net, "") if unit else "",
        gradient=derivation.gradient[parameter],
        update=update if update in derivation.step else "",
        path=tuple(_path(derivation, parameter)),
    )


def _factors(derivation: Derivation, name: str, known: set[str]) -> list[str]:
    """The Steps whose product is the gradient of ``name``, from the loss inwards, as far as nothing is known yet."""
    found: list[str] = []
    step = derivation.step[derivation.gradient[name]]
    while step.kind is Kind.PRODUCT and name not in known:
        found.append(step.uses[1])
        name = step.via
        step = derivation.step[derivation.gradient[name]]
    return [step.id, *reversed(found)]


def _told(derivation: Derivation, story: Story | None) -> frozenset[str]:
    """The Steps that a story shows: its factors, their partial products, the shares with their factors."""
    if story is None:
        return frozenset()
    told = {*story.factors, *story.shares, *story.products, story.gradient}
    products = [derivation.step[share] for share in story.shares if derivation.step[share].kind is Kind.PRODUCT]
    told.update(step.uses[1] for step in products)
    if derivation.graph.blocks:  # through a softmax, the rate of each error stands beside that of its output
        told.update(step.uses[0] for step in products if derivation.step[step.uses[0]].kind is Kind.LOCAL)
    return frozenset(told)


def _products(derivation: Derivation, gradient: str, first: str) -> list[str]:
    """The gradients on the way from the first factor to a parameter's, both left out."""
    step = derivation.step[gradient]
    found: list[str] = []
    while step.kind is Kind.PRODUCT and step.uses[0] != first:
        found.insert(0, step.uses[0])
        step = derivation.step[step.uses[0]]
    return found


def _path(derivation: Derivation, name: str) -> Iterable[tuple[str, ...]]:
    """The names on the way from the parameter to the loss, each as late as its longest way to it."""
    graph = derivation.graph
    relevant = {step.by for step in _backward(derivation)} | set(graph.error_terms) | {graph.loss}
    depth = {name: 0}
    for node in graph.nodes:
        before = [depth[argument] for argument in node.arguments if argument in depth]
        if before and node.name in relevant:
            depth[node.name] = 1 + max(before)
    for level in range(1 + max(depth.values())):
        yield tuple(found for found, at in depth.items() if at == level)
