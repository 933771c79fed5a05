"""What a value of the calculation file may be: each kind reads it and prints as JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from msgspec import Struct

from ..formulas.problems import Problems, nearest
from .types import Literal

MOST_DIGITS = 40
MOST_STEPS = 10_000_000


class Kind(Protocol):
    """What a value may be."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The value in the form that Spec holds it, or None after noting what is wrong."""

    def schema(self) -> dict[str, Any]:
        """The same in JSON Schema."""


class Text(Struct, frozen=True):
    """A string."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The string."""
        if isinstance(value, str):
            return value
        return problems.add(where, f"expected a text in quotes, found {described(value)}")

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string"}


class Number(Struct, frozen=True):
    """A finite number of at most 40 digits, as typed, perhaps within bounds."""

    at_least: int | None = None
    above: int | None = None
    below: int | None = None

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The Literal."""
        literal = as_literal(value)
        if literal is None:
            return problems.add(where, f"expected a number, found {described(value)}", _number_hint(value))
        if not literal.value.is_finite():
            return problems.add(where, f"expected a finite number, found {literal.text}")
        if literal.value and not -400 <= literal.value.adjusted() <= 400:
            return problems.add(where, "a number that is too large or too small", "numbers from 1e-400 to 1e400")
        if len(literal.value.as_tuple().digits) > MOST_DIGITS:
            return problems.add(where, f"a number of more than {MOST_DIGITS} digits")
        if self._outside(literal.value):
            return problems.add(where, f"expected a number {self._bounds()}, found {literal.text}")
        return literal

    def _outside(self, value: Decimal) -> bool:
        return (
            (self.at_least is not None and value < self.at_least)
            or (self.above is not None and value <= self.above)
            or (self.below is not None and value >= self.below)
        )

    def _bounds(self) -> str:
        words = {"of at least": self.at_least, "above": self.above, "below": self.below}
        return " and ".join(f"{word} {bound}" for word, bound in words.items() if bound is not None)

    def schema(self) -> dict[str, Any]:
        """A number with its bounds."""
        bounds = {"minimum": self.at_least, "exclusiveMinimum": self.above, "exclusiveMaximum": self.below}
        return {"type": "number", **{key: bound for key, bound in bounds.items() if bound is not None}}


class Integer(Struct, frozen=True):
    """A whole number within bounds."""

    lowest: int
    highest: int

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The integer."""
        if isinstance(value, int) and not isinstance(value, bool) and self.lowest <= value <= self.highest:
            return value
        allowed = f"a whole number from {self.lowest} to {self.highest}"
        return problems.add(where, f"expected {allowed}, found {described(value)}")

    def schema(self) -> dict[str, Any]:
        """An integer with its bounds."""
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}


class Boolean(Struct, frozen=True):
    """true or false."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The boolean."""
        if isinstance(value, bool):
            return value
        return problems.add(where, f"expected true or false, found {described(value)}", "written without quotes")

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


class Choice(Struct, frozen=True):
    """One of a few words."""

    options: tuple[str, ...]

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The word."""
        if isinstance(value, str) and value in self.options:
            return value
        found = f'"{value}"' if isinstance(value, str) else described(value)
        return problems.add(where, f"{found} is not one of the choices", nearest(str(value), self.options))

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"enum": list(self.options)}


class List(Struct, frozen=True):
    """A list of values of one kind."""

    item: Kind

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The values as a tuple."""
        if not isinstance(value, list):
            return problems.add(where, f"expected a list in square brackets, found {described(value)}")
        before = len(problems.found)
        items = tuple(self.item.read(item, f"{where}[{i}]", problems) for i, item in enumerate(value, 1))
        return items if len(problems.found) == before else None

    def schema(self) -> dict[str, Any]:
        """An array."""
        return {"type": "array", "items": self.item.schema()}


class NumberOrList(Struct, frozen=True):
    """One number, or a list of numbers."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """A Literal or a tuple of them."""
        if value == []:
            return problems.add(where, "expected a number or a list of numbers, found an empty list")
        return (List(Number()) if isinstance(value, list) else Number()).read(value, where, problems)

    def schema(self) -> dict[str, Any]:
        """Either of the two."""
        return {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}, "minItems": 1}]}


class Numbering(Struct, frozen=True):
    """A list of whole numbers from 1."""

    most: int

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The numbers as a tuple."""
        if not (isinstance(value, list) and value and len(value) <= self.most):
            what = f"expected a list of up to {self.most} whole numbers, such as [1, 2], found {described(value)}"
            return problems.add(where, what)
        bad = [item for item in value if not (type(item) is int and 1 <= item <= MOST_STEPS)]
        if bad:
            return problems.add(where, f"expected whole numbers from 1 to {MOST_STEPS}, found {described(bad[0])}")
        return tuple(value)

    def schema(self) -> dict[str, Any]:
        """An array of positive integers."""
        return {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": self.most}


class Class(Struct, frozen=True):
    """The name or the number of an output unit, or a list of them."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The names and numbers as a tuple."""
        items = value if isinstance(value, list) else [value]
        if items and all(type(item) in (str, int) for item in items):
            return tuple(items)
        return problems.add(where, f"expected the name or the number of an output unit, found {described(value)}")

    def schema(self) -> dict[str, Any]:
        """A name, a number, or a list."""
        one = {"type": ["string", "integer"]}
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


class Key(Struct, frozen=True):
    """One key of a table: what it may be, what it means, and whether it must be there."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False


class Table(Struct, frozen=True):
    """A table with a fixed set of keys."""

    keys: tuple[Key, ...]

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The values of the keys that are there; unknown keys are noted with the nearest valid ones."""
        if not isinstance(value, dict):
            return problems.add(where, f"expected a table, found {described(value)}")
        known = {key.name: key for key in self.keys}
        prefix = f"{where}." if where else ""
        for name in value:
            if name not in known:
                problems.add(f"{prefix}{name}", "unknown key", nearest(str(name), known))
        for key in self.keys:
            if key.required and key.name not in value:
                problems.add(f"{prefix}{key.name}", "is missing", key.meaning)
        return {
            name: known[name].kind.read(item, f"{prefix}{name}", problems)
            for name, item in value.items()
            if name in known
        }

    def schema(self) -> dict[str, Any]:
        """An object with the meaning of each key as its description."""
        return {
            "type": "object",
            "properties": {key.name: {**key.kind.schema(), "description": key.meaning} for key in self.keys},
            "required": [key.name for key in self.keys if key.required],
            "additionalProperties": False,
        }


def as_literal(value: Any) -> Literal | None:
    """A number from TOML or Python as a Literal, or None if it is not a number."""
    if isinstance(value, Literal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        text = repr(float(value)) if isinstance(value, float) else str(value).lower()
    except ValueError:  # a whole number of thousands of digits
        return Literal("a number of thousands of digits", Decimal("Infinity"))
    return Literal(text, Decimal(text))


def described(value: Any) -> str:
    """A value of a file in a few words, for messages."""
    literal = as_literal(value)
    if literal is not None:
        return literal.text if len(literal.text) <= 30 else f"{literal.text[:27]}…"
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'the text "{value[:30]}{"…" if len(value) > 30 else ""}"'
        case list():
            return f"a list of {len(value)}"
        case Mapping():
            return "a table"
    return f"a {type(value).__name__}"


def named_in(table: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    """What a table of the file as typed holds, whether it is right or not."""
    typed = table.get(section)
    return typed if isinstance(typed, Mapping) else {}


def comma_hint(row: Sequence[Literal], expected: int) -> str:
    """``[0,15, 0,20]`` is four integers to TOML, where a person meant two numbers; ``[0,15, 0.20]`` are three. The hint
    is empty where pairs of integers put together do not give as many numbers as are expected, and where nothing but a
    number too many speaks for it."""
    meant: list[str] = []
    too_many = len(row) - expected
    if len(row) != 2 * expected and not any("." in literal.text for literal in row):
        return ""
    texts = [literal.text for literal in row]
    while texts:
        text = texts.pop(0)
        if too_many > 0 and texts and text.lstrip("-").isdigit() and texts[0].isdigit():
            text, too_many = f"{text}.{texts.pop(0)}", too_many - 1
        meant.append(text)
    return f"decimal commas? write decimal points: [{', '.join(meant)}]" if len(row) > len(meant) == expected else ""


def _number_hint(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?\d+,\d+\s*", value):
        return f"write a decimal point and no quotes: {value.strip().replace(',', '.')}"
    return "numbers are written without quotes, with a decimal point" if isinstance(value, str) else ""
