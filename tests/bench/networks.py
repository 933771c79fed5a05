"""Networks to measure with: the article's, and any of a given size, with weights that are the same on every machine."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import count, pairwise
from typing import Any

from explainer.spec.files import example_source, parse

Table = dict[str, Any]
"""A calculation file as ``explainer.load`` takes it."""


def article(steps: int) -> Table:
    """The article's network, as the table of a calculation file, with so many training steps."""
    table = parse(example_source("mazur"))
    return {**table, "training": {**table["training"], "steps": steps}}


def fully_connected(inputs: int, hidden: int, outputs: int) -> Table:
    """A network of two logistic layers; its biases are not trained."""
    numbers = map(two_decimals, count())
    sides = {"i": inputs, "h": hidden, "o": outputs}
    units = [[f"{letter}{number}" for number in range(1, size + 1)] for letter, size in sides.items()]
    return {
        "title": f"A network of {inputs}-{hidden}-{outputs}",
        "inputs": dict(zip(units[0], numbers, strict=False)),
        "targets": dict(zip(units[-1], numbers, strict=False)),
        "layers": [_layer(before, names, numbers) for before, names in pairwise(units)],
        "training": {"loss": "half squared error", "learning_rate": Decimal("0.5"), "train_biases": False},
        "display": {"decimals": 9},
    }


def _layer(before: list[str], units: list[str], numbers: Iterator[Decimal]) -> Table:
    weights = [[next(numbers) for _ in before] for _ in units]
    return {"units": units, "activation": "logistic", "weights": weights, "bias": next(numbers)}


def two_decimals(number: int) -> Decimal:
    """A number from -0.50 to 0.50 with two decimals, by a checksum: no two machines differ."""
    return Decimal(zlib.crc32(str(number).encode()) % 101 - 50).scaleb(-2)


def toml(table: Table) -> str:
    """The table as the text of a calculation file."""
    plain = {key: value for key, value in table.items() if not isinstance(value, dict) and key != "layers"}
    tables = {key: value for key, value in table.items() if isinstance(value, dict)}
    lines = [*_pairs(plain)]
    for key, value in tables.items():
        lines += ["", f"[{key}]", *_pairs(value)]
    for layer in table["layers"]:
        lines += ["", "[[layers]]", *_pairs(layer)]
    return "\n".join(lines) + "\n"


def _pairs(table: Mapping[str, Any]) -> Iterable[str]:
    return (f"{key} = {_value(value)}" for key, value in table.items())


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else getattr(value, "text", str(value))
