"""``[variants]``: what differs from student to student. Whether its names exist only the whole calculation can tell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..formulas.problems import Problems, nearest
from .types import Layer, Training, Variants

MOST_UNITS = 50
NUMBERED = re.compile(r"(.*?)([0-9]+)")
"""The name of a unit that others may follow."""


def read_variants(
    values: Mapping[str, Any] | None, layers: Sequence[Layer], training: Training, problems: Problems
) -> Variants | None:
    """The table as a Variants; None where there is none."""
    if values is None:
        return None
    vary = {name: grid for name, grid in values.items() if name not in ("sizes", "allow")}
    variants = Variants(vary, values.get("sizes") or (), frozenset(values.get("allow") or ()))
    if variants.sizes:
        _check_sizes(variants.sizes, layers, training, problems)
    return variants


def _check_sizes(
    sizes: Sequence[Sequence[int]], layers: Sequence[Layer], training: Training, problems: Problems
) -> None:
    hidden = layers[:-1]
    if len(sizes) != len(hidden):
        hint = "a list for each hidden layer: [[2, 3]] where there is one"
        problems.add("variants.sizes", f"expected {len(hidden)} lists, found {len(sizes)}", hint)
        return
    for number, (layer, allowed) in enumerate(zip(hidden, sizes, strict=True), 1):
        if max(allowed) > MOST_UNITS:
            problems.add(f"variants.sizes[{number}]", f"at most {MOST_UNITS} units, found {max(allowed)}")
        if max(allowed) > len(layer.units) and not numbered(layer.units):
            hint = "further units go on with the numbers, so call them for example h1, h2"
            problems.add(f"variants.sizes[{number}]", f"units `{', '.join(layer.units)}` are not numbered", hint)
    if any(layer.weight_names for layer in layers) or any(layer.bias_names and layer in hidden for layer in layers):
        problems.add("variants.sizes", "does not go with names given to weights or biases", "use a pattern of names")
    if training.gradients:
        hint = "leave out gradients: those of all parameters are then wanted"
        problems.add("variants.sizes", "does not go with a list of gradients", hint)


def numbered(units: Sequence[str]) -> bool:
    """Whether the units have one name with rising numbers."""
    found = [NUMBERED.fullmatch(unit) for unit in units]
    if not all(found):
        return False
    names, numbers = {f[1] for f in found if f}, [int(f[2]) for f in found if f]
    return len(names) == 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def check_names(variants: Variants | None, known: Sequence[str], problems: Problems) -> None:
    """Note names of ``[variants]`` that are neither quantities with a given number nor kinds of them."""
    for name in variants.vary if variants else ():
        if name not in known and not (variants and variants.sizes):
            problems.add(f"variants.{name}", "is not a quantity with a given number", nearest(name, known))
