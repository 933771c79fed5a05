"""A network with layers of other sizes: units added at the end or left out there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice
from typing import TypeVar

from msgspec.structs import replace

from ..spec.types import Layer, Spec
from ..spec.variants import NUMBERED

Item = TypeVar("Item")


def resized(spec: Spec, sizes: Sequence[int]) -> Spec:
    """The Spec with so many units in each hidden layer; new weights and biases repeat those that are given.

    Names of its display and wording may speak of units that are no longer there.
    """
    incoming = len(spec.inputs)
    layers = []
    for layer, size in zip(spec.layers, (*sizes, len(spec.layers[-1].units)), strict=True):
        layers.append(_layer(layer, size, incoming))
        incoming = size
    borrowed = spec.borrowed | {name for name, _ in spec.display.digits}
    return replace(spec, layers=tuple(layers), borrowed=borrowed)


def _layer(layer: Layer, size: int, incoming: int) -> Layer:
    weights = tuple(_cycled(row, incoming) for row in _cycled(layer.weights, size))
    bias = _cycled(layer.bias, size) if isinstance(layer.bias, tuple) else layer.bias
    return replace(layer, units=_units(layer.units, size), weights=weights, bias=bias)


def _cycled(items: Sequence[Item], count: int) -> tuple[Item, ...]:
    return tuple(islice(cycle(items), count))


def _units(units: Sequence[str], size: int) -> tuple[str, ...]:
    """The first of them, and more with the numbers that follow."""
    found = NUMBERED.fullmatch(units[-1])
    more = [f"{found[1]}{int(found[2]) + i}" for i in range(1, size - len(units) + 1)] if found else []
    return (*units[:size], *more)
