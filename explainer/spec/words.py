"""What a name, a pattern of names or a phrase of the calculation file may be, and tables whose keys are names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from ..formulas.names import NAME, tex_fault, with_index
from ..formulas.problems import Problems
from .values import Kind, Text, described

UNIT = re.compile(rf"{NAME.pattern}|[0-9]{{1,9}}")
"""A unit may have a plain number for a name, as in textbooks that number all units through."""
ID = re.compile(r"[A-Za-z][A-Za-z0-9_\[\],/:@+#]{0,199}")
"""Of a line of working, such as ``dE_total/dw5``."""
PHRASE = re.compile(r"(?=.*[^\W\d_])[^\x00-\x1f\x7f]{1,200}")
"""Words on one line."""
PLACEHOLDER = re.compile(r"<([^<>]*)>")
OF_TEX = "TeX of letters, digits, _ ^ and Greek names"


class OneName(Struct, frozen=True):
    """The name of a quantity."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The name."""
        if not isinstance(value, str):
            return problems.add(where, f"expected a name in quotes, found {described(value)}")
        return value if check_name(value, where, problems) else None

    def schema(self) -> dict[str, Any]:
        """A patterned string."""
        return {"type": "string", "pattern": f"^(?:{NAME.pattern})$"}


class Tex(Struct, frozen=True):
    """How a name is typeset."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The TeX as typed."""
        if Text().read(value, where, problems) is None:
            return None
        fault = tex_fault(value)
        return problems.add(where, fault, f'{OF_TEX}, for example "w_{{1}}"') if fault else value

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string"}


class Pattern(Struct, frozen=True):
    """A name, or its TeX, with placeholders such as ``<i>``."""

    placeholders: tuple[str, ...]
    tex: bool = False
    symbol: bool = False
    """Whether TeX without a placeholder gets an index of its own."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The pattern as typed."""
        if Text().read(value, where, problems) is None:
            return None
        unknown = [part for part in PLACEHOLDER.findall(value) if part not in self.placeholders]
        if unknown:
            return problems.add(where, f"`<{unknown[0]}>` is not a placeholder", self._allowed())
        fault = self._fault(value)
        return problems.add(where, fault, self._allowed()) if fault else value

    def _fault(self, pattern: str) -> str:
        """What is wrong with what the pattern makes; empty where nothing is."""
        example = PLACEHOLDER.sub(lambda part: "1" if "[" in pattern[: part.start()] else "h", pattern)
        if self.tex:
            return tex_fault(with_index(example, "h") if self.symbol and example == pattern else example)
        return "" if NAME.fullmatch(example) else f'"{pattern}" does not make a name'

    def _allowed(self) -> str:
        what = OF_TEX if self.tex else "letters, digits and _"
        return f"{what}, with the placeholders {', '.join(f'<{part}>' for part in self.placeholders)}"

    def schema(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string"}


class Phrase(Struct, frozen=True):
    """A word or a few, on one line."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The words with single blanks between them."""
        if isinstance(value, str) and PHRASE.fullmatch(value):
            return " ".join(value.split())
        return problems.add(where, f"expected a word or a phrase, found {described(value)}", "up to 200 characters")

    def schema(self) -> dict[str, Any]:
        """A short string."""
        return {"type": "string", "minLength": 1, "maxLength": 200}


class Names(Struct, frozen=True):
    """A list of names, or of the names of units."""

    at_least: int = 0
    of_units: bool = False

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The names, each one checked."""
        other = [item for item in value if not isinstance(item, str)] if isinstance(value, list) else [value]
        if other:
            return problems.add(where, f'expected a list of names such as ["h1", "h2"], found {described(other[0])}')
        if len(value) < self.at_least:
            return problems.add(where, f"expected at least {self.at_least} name(s), found an empty list")
        check = check_unit_name if self.of_units else check_name
        good = [check(item, where, problems) for item in value]
        return tuple(value) if all(good) else None

    def schema(self) -> dict[str, Any]:
        """An array of strings."""
        pattern = (UNIT if self.of_units else NAME).pattern
        return {
            "type": "array",
            "items": {"type": "string", "pattern": f"^(?:{pattern})$"},
            "minItems": self.at_least,
        }


def check_name(name: str, where: str, problems: Problems) -> bool:
    """Note a problem if ``name`` cannot be the name of a quantity."""
    if name in ("if", "else"):
        problems.add(where, f"`{name}` is not a name", "it is a word of formulas: a if x > 0 else b")
        return False
    if NAME.fullmatch(name):
        return True
    hint = "letters, digits and _ , beginning with a letter; then perhaps indices: W[1,2]"
    if any(mark in name for mark in "{}\\^$") or not name.isascii():
        hint += '; how it is typeset belongs into [tex], for example w1 = "w_{1}"'
    problems.add(where, f"`{name}` is not a name", hint)
    return False


def check_unit_name(name: str, where: str, problems: Problems) -> bool:
    """Note a problem if ``name`` cannot be the name of a unit: that of a quantity, or a plain number."""
    return bool(UNIT.fullmatch(name) and name.isdecimal()) or check_name(name, where, problems)


def _check_id(name: str, where: str, problems: Problems) -> None:
    if not ID.fullmatch(name):
        problems.add(where, f"`{name}` is not the name of a quantity or a line", 'such as E_total or "dE_total/dw5"')


def _check_phrase(name: str, where: str, problems: Problems) -> None:
    if not PHRASE.fullmatch(name):
        problems.add(where, f'"{name}" is not a word or a phrase', "up to 200 characters, a letter among them")


_KEY_CHECKS: Mapping[re.Pattern[str], Callable[[str, str, Problems], object]] = {
    NAME: check_name,
    UNIT: check_unit_name,
    ID: _check_id,
    PHRASE: _check_phrase,
}


class Named(Struct, frozen=True):
    """A table from names to values of one kind."""

    item: Kind
    key: re.Pattern[str] = NAME
    """What the names are made of."""
    most: int = 1_000_000

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The table, each name and value checked."""
        if not isinstance(value, dict):
            return problems.add(where, f"expected a table [{where}], found {described(value)}")
        if len(value) > self.most:
            return problems.add(where, f"holds {len(value)} entries", f"at most {self.most}")
        before = len(problems.found)
        for name in value:
            _KEY_CHECKS[self.key](name, where, problems)
        table = {name: self.item.read(item, f"{where}.{name}", problems) for name, item in value.items()}
        return table if len(problems.found) == before else None

    def schema(self) -> dict[str, Any]:
        """An object with patterned names."""
        return {
            "type": "object",
            "patternProperties": {f"^(?:{self.key.pattern})$": self.item.schema()},
            "additionalProperties": False,
        }


class NamedOr(Struct, frozen=True):
    """A table from names to values of one kind, in which a few names have kinds of their own."""

    item: Kind
    key: re.Pattern[str]
    special: Mapping[str, Kind]

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The table with the special names read by their own kinds."""
        if not isinstance(value, dict):
            return Named(self.item, self.key).read(value, where, problems)
        special = {
            name: kind.read(value[name], f"{where}.{name}", problems)
            for name, kind in self.special.items()
            if name in value
        }
        rest = {name: item for name, item in value.items() if name not in self.special}
        table = Named(self.item, self.key).read(rest, where, problems)
        return None if table is None or None in special.values() else {**table, **special}

    def schema(self) -> dict[str, Any]:
        """An object with patterned names and the special ones."""
        pattern = f"^(?!(?:{'|'.join(self.special)})$)(?:{self.key.pattern})$"
        return {
            "type": "object",
            "properties": {name: kind.schema() for name, kind in self.special.items()},
            "patternProperties": {pattern: self.item.schema()},
            "additionalProperties": False,
        }
