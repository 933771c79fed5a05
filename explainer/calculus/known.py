"""Values that a derivative asks for and that have been found already: the outputs of a softmax's other units."""

from __future__ import annotations

from ..formulas.expression import Call, Expression, Name, Slot, children, replace, walk, with_children
from ..formulas.shape import Shape
from .graph import Graph


class KnownValues:
    """The quantities of a graph that are one function of other quantities, to be named where that function occurs."""

    def __init__(self, graph: Graph) -> None:
        self.functions = graph.functions
        self.found: dict[Expression, str] = {}
        for node in graph.nodes:
            formula = node.shape.formula
            if isinstance(formula, Call) and all(isinstance(argument, Slot) for argument in formula.arguments):
                self.found.setdefault(_named(formula, node.arguments), node.name)
        self._calling: dict[Shape, bool] = {}

    def put_in(self, shape: Shape, uses: tuple[str, ...]) -> tuple[Shape, tuple[str, ...]]:
        """The Shape with known values as quantities, and what fills its slots."""
        if not self._calls(shape):
            return shape, uses
        named = _named(shape.formula, uses)
        known = self._replaced(named)
        return (shape, uses) if known == named else self.functions.shape_of(known)

    def _calls(self, shape: Shape) -> bool:
        if shape not in self._calling:
            self._calling[shape] = any(isinstance(part, Call) for part in walk(shape.formula))
        return self._calling[shape]

    def _replaced(self, expression: Expression) -> Expression:
        if isinstance(expression, Call) and expression in self.found:
            return Name(self.found[expression])
        parts = children(expression)
        return with_children(expression, [self._replaced(part) for part in parts]) if parts else expression


def _named(formula: Expression, names: tuple[str, ...]) -> Expression:
    return replace(formula, lambda leaf: Name(names[leaf.index]) if isinstance(leaf, Slot) else leaf)
