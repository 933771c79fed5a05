"""Page + template → Markdown. All wording is in the templates."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, TemplateError

from ..formulas.problems import ExplainerError
from ..resources import template_folder
from .page import Page

_BLOCK = re.compile(r"!\[|#{1,6} |<a id=|<details>|</details>|<!-- ")


class LessonError(ExplainerError):
    """A lesson template that cannot be filled in; the message names the template and the line."""


def write(page: Page, template: str = "") -> str:
    """The lesson as Markdown, by the template that fits the calculation or the one that is named.

    Raises:
        LessonError: where the template asks for something that is not there.
    """
    name = template or ("walkthrough.md.j2" if page.graph.blocks else "formulas.md.j2")
    try:
        text = environment("en").get_template(name).render(page=page)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        place = f", line {line}" if line else ""
        raise LessonError(f"template {getattr(error, 'name', None) or name}{place}: {error.message or error}") from error
    return tidied(text)


def tidied(text: str) -> str:
    """The text with one blank line between blocks, so that a template need not mind where Jinja leaves newlines."""
    lines: list[str] = []
    in_display = after_display = False
    for line in map(str.rstrip, text.split("\n")):
        fence = line == "$$"
        starts_block = (fence and not in_display) or bool(not in_display and _BLOCK.match(line))
        starts_table = line.startswith("|") and lines and not lines[-1].startswith("|")
        if lines and lines[-1] and (after_display or starts_block or starts_table):
            lines.append("")
        if line or (lines and lines[-1]):
            lines.append(line)
        after_display = fence and in_display
        in_display ^= fence
    return "\n".join(lines).strip() + "\n"


@lru_cache(maxsize=4)
def environment(language: str) -> Environment:
    """Jinja for the lesson templates of a language."""
    folder: Path = template_folder() / language
    made: Any = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_bytecode_cache(),
    )
    return made  # type: ignore[no-any-return]


def _bytecode_cache() -> FileSystemBytecodeCache | None:
    """Compiled templates are kept in the user's own temporary folder, as Python keeps compiled modules."""
    try:
        return FileSystemBytecodeCache()
    except (OSError, RuntimeError):  # no such folder, or one that others could write to
        return None
