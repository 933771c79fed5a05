"""The pictures of a lesson: what stands in them comes from the Graph, where it stands from ``lesson.figures``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..calculus.derive import Derivation
from ..calculus.graph import Block, Graph, Role
from ..calculus.graph import Unit as NetworkUnit
from .figures import Drawing, Edge, Unit, columns_by_depth, layered_drawing
from .notation import number_tex

NAMED_WEIGHTS = 30
"""Up to so many weights, names and values stand on the edges."""


BIASED_EDGES = 20
"""Up to so many edges there is room for the biases as well."""


def network_picture(
    graph: Graph, texts: Mapping[str, str], lit: Iterable[str] = (), named: bool = True, mark: str = "."
) -> Drawing:
    """The calculation as a picture; ``lit`` are the quantities on a highlighted path, ``mark`` is the decimal mark.

    A network shows its units, with weights on the edges; a calculation without layers shows each quantity.
    """
    lit_names = frozenset(lit)
    numbers = {name: number_tex(texts[name], mark) for name in graph.quantity if name in texts}
    if graph.blocks:
        return _network(graph, numbers, lit_names, named)
    return _formulas(graph, numbers, lit_names)


def weights_in(graph: Graph) -> int:
    """How many weights a network has."""
    return sum(len(unit.weights) for block in graph.blocks for unit in block.units)


def _network(graph: Graph, numbers: Mapping[str, str], lit: frozenset[str], named: bool) -> Drawing:
    labelled = named and not lit and weights_in(graph) <= NAMED_WEIGHTS
    columns = [_inputs(graph, numbers, labelled)]
    columns += [_column(graph, block, numbers, labelled, last=block is graph.blocks[-1]) for block in graph.blocks]
    edges = [
        edge for place, block in enumerate(graph.blocks) for edge in _edges(graph, block, place, numbers, lit, labelled)
    ]
    if not lit:
        if labelled and len(edges) + sum(bool(u.bias) for b in graph.blocks for u in b.units) <= BIASED_EDGES:
            columns = _with_biases(graph, columns)
            edges += [
                edge for place, block in enumerate(graph.blocks) for edge in _bias_edges(graph, block, place, numbers)
            ]
        return layered_drawing(columns, edges)
    edges += [edge for block in graph.blocks for edge in _shared(graph, block, lit)]
    columns, edges = _with_errors(graph, columns, edges, lit)
    return layered_drawing(columns, edges, lit_units=_lit_units(graph, lit))


def _inputs(graph: Graph, numbers: Mapping[str, str], labelled: bool) -> list[Unit]:
    names = graph.blocks[0].units[0].inputs
    return [Unit(name, graph.quantity[name].tex, value=numbers[name] if labelled else "") for name in names]


def _column(graph: Graph, block: Block, numbers: Mapping[str, str], labelled: bool, last: bool) -> list[Unit]:
    return [
        Unit(unit.out, unit.tex, note=_target(graph, unit, numbers) if last and labelled else "")
        for unit in block.units
    ]


def _target(graph: Graph, unit: NetworkUnit, numbers: Mapping[str, str]) -> str:
    return numbers.get(unit.target, "")


def _edges(
    graph: Graph, block: Block, place: int, numbers: Mapping[str, str], lit: frozenset[str], labelled: bool
) -> Iterable[Edge]:
    for unit in block.units:
        for weight, source in zip(unit.weights, unit.inputs, strict=True):
            on_path = unit.net in lit and (weight in lit or (source in lit and source in graph.node))
            shown = labelled or weight in lit
            yield Edge(
                source,
                unit.out,
                graph.quantity[weight].tex if shown else "",
                numbers[weight] if labelled else "",
                lit=on_path,
            )


def _shared(graph: Graph, block: Block, lit: frozenset[str]) -> Iterable[Edge]:
    """The way on from a unit to the output of another one, where outputs share their net inputs."""
    for unit in block.units:
        for other in block.units:
            on_path = unit.net in lit and other.out in lit - {unit.out} and other.net not in lit
            if on_path and unit.net in graph.node[other.out].arguments:
                yield Edge(unit.out, other.out, lit=True)


def _with_biases(graph: Graph, columns: Sequence[list[Unit]]) -> list[list[Unit]]:
    """A unit that always gives 1 beneath each column whose next layer has biases."""
    result = [list(column) for column in columns]
    for place, block in enumerate(graph.blocks):
        if any(unit.bias for unit in block.units):
            result[place].append(Unit(f"bias {place}", "1", shape="bias"))
    return result


def _bias_edges(graph: Graph, block: Block, place: int, numbers: Mapping[str, str]) -> Iterable[Edge]:
    seen: set[str] = set()
    for unit in block.units:
        if unit.bias:
            first = unit.bias not in seen
            seen.add(unit.bias)
            yield Edge(
                f"bias {place}",
                unit.out,
                graph.quantity[unit.bias].tex if first else "",
                numbers[unit.bias] if first else "",
            )


def _with_errors(
    graph: Graph, columns: Sequence[list[Unit]], edges: Sequence[Edge], lit: frozenset[str]
) -> tuple[list[list[Unit]], list[Edge]]:
    """The error terms and the loss to the right of the outputs."""
    loss = graph.node[graph.loss]
    terms = [node for node in graph.nodes if node.quantity.role is Role.ERROR] or [loss]
    more = [[Unit(term.name, term.quantity.tex, shape="box") for term in terms]]
    added = [
        Edge(out, term.name, lit=name in lit and term.name in lit)
        for term in terms
        for name in term.arguments
        for out in _units_behind(graph, name)
    ]
    if loss not in terms:
        more.append([Unit(loss.name, loss.quantity.tex, shape="box")])
        added += [Edge(term.name, loss.name, lit=term.name in lit) for term in terms]
    return [*columns, *more], [*edges, *added]


def _units_behind(graph: Graph, name: str) -> list[str]:
    """The units of the picture that a quantity comes from directly."""
    own = [unit.out for block in graph.blocks for unit in block.units if name in (unit.net, unit.out)]
    if own or name not in graph.node:
        return own
    behind = [out for argument in graph.node[name].arguments for out in _units_behind(graph, argument)]
    return list(dict.fromkeys(behind))


def _lit_units(graph: Graph, lit: frozenset[str]) -> frozenset[str]:
    sources = {
        source
        for block in graph.blocks
        for unit in block.units
        for weight, source in zip(unit.weights, unit.inputs, strict=True)
        if weight in lit
    }
    return lit | sources | {unit.out for block in graph.blocks for unit in block.units if unit.net in lit}


def _formulas(graph: Graph, numbers: Mapping[str, str], lit: frozenset[str]) -> Drawing:
    used = {name for node in graph.nodes for name in node.arguments}
    names = [q.name for q in graph.sources if q.name in used and q.role is not Role.RATE] + [
        n.name for n in graph.nodes
    ]
    units = [
        Unit(
            name,
            graph.quantity[name].tex,
            value=numbers[name],
            shape="box" if name in graph.node else "circle",
        )
        for name in names
    ]
    edges = [
        Edge(name, node.name, lit=name in lit and node.name in lit) for node in graph.nodes for name in node.arguments
    ]
    return layered_drawing(columns_by_depth(units, edges), edges, lit_units=lit)


def lit_path(derivation: Derivation, path: Sequence[Sequence[str]]) -> frozenset[str]:
    """The quantities of a story's path as one set."""
    return frozenset(name for stage in path for name in stage)
