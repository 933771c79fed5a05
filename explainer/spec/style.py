"""A house-style file: notation, display, TeX and wording that several calculation files share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ..formulas.problems import CalculationError, Problems
from .files import Source, parse
from .schema import STYLE

LARGEST_STYLE = 1_000_000
SECTIONS = tuple(key.name for key in STYLE.keys)


class Style(Struct, frozen=True):
    """What a style file says."""

    values: Mapping[str, Any] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    """The quantities and lines that it speaks of."""
    content: bytes = b""


def read_style(name: str | None, source: Source, problems: Problems) -> Style:
    """The Style of the file of that name beside a calculation file; what is wrong is noted with its name."""
    if name is None:
        return Style()
    content = _content(name, source.folder, problems) if source.style is None else source.style
    if content is None:
        return Style()
    found = Problems(name)
    try:
        values = STYLE.read(parse(Source(name, name, content)), "", found) or {}
    except CalculationError as error:
        values, found.found = {}, list(error.problems)
    check_digits(values.get("display") or {}, "display", found)
    for problem in found.found:
        problems.add(f"{name}: {problem.where}", problem.what, problem.allowed)
    digits = (values.get("display") or {}).get("digits") or {}
    return Style(values, frozenset([*(values.get("tex") or {}), *digits]), content)


def _content(name: str, folder: Path, problems: Problems) -> bytes | None:
    """The bytes of the style file. Only a TOML file is opened, by a path that begins at the calculation file."""
    if not name.endswith(".toml") or Path(name).is_absolute():
        hint = 'the name of a TOML file, as seen from this file: style = "book.toml"'
        problems.add("style", f'"{name}" is not a style file', hint)
        return None
    path = folder / name
    try:
        if not path.is_file():
            problems.add("style", f'there is no file "{name}"', "its place is seen from the calculation file")
        elif path.stat().st_size > LARGEST_STYLE:
            problems.add("style", f'"{name}" is larger than {LARGEST_STYLE // 1_000_000} MB', "is it a style file?")
        else:
            return path.read_bytes()
    except (OSError, ValueError) as error:
        problems.add("style", f'"{name}" cannot be read ({getattr(error, "strerror", None) or error})')
    return None


def check_digits(display: Mapping[str, Any], where: str, problems: Problems) -> None:
    """Note a problem if a file asks for two kinds of digits."""
    if display.get("decimals") is not None and display.get("significant") is not None:
        problems.add(where, "has both decimals and significant", "one of the two")


def merged(style: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The tables of a style file with those of a calculation file over them, key by key."""
    tables = {section: (_known(style.get(section)), _known(own.get(section))) for section in SECTIONS}
    house = {section: {**shared, **mine} for section, (shared, mine) in tables.items()}
    shared, mine = tables["display"]
    if {"decimals", "significant"} & mine.keys():  # one kind of digits in place of the other
        house["display"] = {**_without(shared, "decimals", "significant"), **mine}
    house["display"]["digits"] = {**shared.get("digits", {}), **mine.get("digits", {})}
    return house


def _known(table: Mapping[str, Any] | None) -> dict[str, Any]:
    """What could be read of a table."""
    return {key: value for key, value in (table or {}).items() if value is not None}


def _without(table: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in keys}
