"""Finds and decodes a calculation file: a path, or the name of a shipped example. Bytes in, a plain table out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path
from typing import Any

from msgspec import Struct

from ..formulas.problems import CalculationError, ExplainerError, Problem, nearest
from .types import Literal

LARGEST_FILE = 20_000_000


class Source(Struct, frozen=True):
    """A calculation file as bytes: what it is called in messages, the name of its output, and its content."""

    label: str
    name: str
    content: bytes
    folder: Path = Path()
    """Where a style file is looked for."""
    style: bytes | None = None
    """The content of its style file, where it has been read already."""


def example_names() -> tuple[str, ...]:
    """The shipped examples."""
    folder = files("explainer.spec") / "examples"
    return tuple(sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml")))


def example_source(name: str) -> Source:
    """A shipped example by name."""
    return Source(name, name, (files("explainer.spec") / "examples" / f"{name}.toml").read_bytes())


def find(spec: str) -> Source:
    """The file at that path, or the shipped example of that name.

    Raises:
        ExplainerError: where there is neither.
    """
    found = _read(spec, "a calculation file")
    if found is None and spec in example_names():
        return example_source(spec)
    if found is None:
        hint = nearest(spec, example_names())
        raise ExplainerError(f"{spec}: no such file, and no shipped example of that name\n    {hint}")
    return found


def named(path: str, what: str) -> Source:
    """The file at that path, which is to be ``what``, such as ``a policy``.

    Raises:
        ExplainerError: where there is none.
    """
    found = _read(path, what)
    if found is None:
        raise ExplainerError(f"{path}: no such file\n    {what} is wanted here")
    return found


def _read(name: str, what: str) -> Source | None:
    """The file at a path; None where there is none."""
    path = Path(name)
    try:
        if path.is_file():
            if path.stat().st_size > LARGEST_FILE:
                raise ExplainerError(f"{name}: is larger than {LARGEST_FILE // 1_000_000} MB; is it {what}?")
            return Source(name, _stem(path), path.read_bytes(), path.parent)
        if path.is_dir() and name not in example_names():
            raise ExplainerError(f"{name}: is a folder, not {what}")
    except OSError as error:
        raise ExplainerError(f"{name}: cannot be read ({error.strerror or error})") from None
    except ValueError:
        raise ExplainerError(f"{name!r}: is not a path") from None
    return None


def _stem(path: Path) -> str:
    """The file's name without its endings: ``lesson.toml.txt`` is called ``lesson``."""
    name = path.name
    for ending in (".txt", ".toml"):
        if name.lower().endswith(ending) and len(name) > len(ending):
            name = name[: -len(ending)]
    return name.rstrip(". ") or "calculation"


def parse(source: Source) -> dict[str, Any]:
    """The file's table, numbers as Literals with their text as typed.

    Raises:
        CalculationError: where the file is not TOML, with the line and what is usually meant.
    """
    text = decoded(source)
    try:
        return tomllib.loads(text, parse_float=_number)
    except tomllib.TOMLDecodeError as error:
        raise CalculationError(source.label, [_explained(str(error), text)]) from None
    except RecursionError:
        raise CalculationError(source.label, [Problem("", "brackets are nested too deeply")]) from None
    except ValueError:
        long = re.search(r"\d{4000}", text)
        line = f"line {text.count(chr(10), 0, long.start()) + 1}" if long else ""
        raise CalculationError(source.label, [Problem(line, "holds a whole number of thousands of digits")]) from None


def _number(text: str) -> Literal:
    text = text.lstrip("+").replace("_", "").lower()
    try:
        return Literal(text, Decimal(text))
    except InvalidOperation:
        return Literal(text, Decimal("NaN"))


def decoded(source: Source) -> str:
    """The text of a file, line ends as plain newlines.

    Raises:
        CalculationError: where it is not text in UTF-8 (or in UTF-16 with its mark).
    """
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if source.content.startswith(mark):
            try:
                return source.content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
            except UnicodeDecodeError as error:
                line = source.content.count(b"\n", 0, error.start) + 1
                problem = Problem(f"line {line}", "is not UTF-8 text", "save the file with the encoding UTF-8")
                raise CalculationError(source.label, [problem]) from None
    raise AssertionError("every content starts with the empty mark")


def _explained(message: str, text: str) -> Problem:
    """tomllib's complaint with the line in question and what people usually meant."""
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    lines = text.split("\n")
    number = int(found.group(1)) if found else len(lines)
    line = lines[number - 1].strip() if number <= len(lines) else ""
    what = message.split(" (at ")[0]
    shown = line if len(line) <= 70 else f"{line[:67]}…"
    return Problem(f"line {number}", f"{what}: {shown}" if shown else what, _usual_cause(what, line))


def _usual_cause(what: str, line: str) -> str:
    if any(mark in line for mark in "“”‘’„«»"):
        return "the quotes are a word processor's curly ones; type straight ones: \""
    if re.search(r"[−–]\s*\d", line):
        return "the minus is a typographic one; type the one of the keyboard: -"
    if re.search(r"=\s*[-+]?\d+,\d", line):
        return "write a decimal point, not a comma: 0.15"
    if "verwrite" in what or "twice" in what:
        return "a name may stand only once in a table, and a table only once in a file"
    if re.match(r"[^\"'=]*[{}\\^$ ][^\"'=]*=", line) and "{" in line.split("=")[0]:
        return 'names are letters, digits and _; how one is typeset belongs into [tex], for example w1 = "w_{1}"'
    if re.match(r"[A-Za-z]\w*\[\d[^\]]*\]\s*=", line):
        return 'a name with indices stands in quotes: "W[1,2]" = 0.5'
    if re.search(r"=\s*[-+]?\.\d", line):
        return "write a digit before the decimal point: 0.5"
    if re.search(r"=\s*[-+]?\d+\.(?!\d)", line):
        return "write a digit after the decimal point: 5.0"
    if re.search(r"=\s*[A-Za-z]", line):
        return 'texts stand in straight quotes: loss = "half squared error"'
    return "TOML: name = value, one a line; texts in quotes, lists in [ ], tables begin with [name]"


def plain_table(data: Mapping[str, Any]) -> dict[str, Any]:
    """A dict given in Python, with tuples as lists and everything else as it is."""
    return {str(key): _plain(value) for key, value in data.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain_table(value)
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
