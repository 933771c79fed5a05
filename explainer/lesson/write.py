"""Page + template → Markdown. All wording is in the templates."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.runtime import Context

from ..formulas.problems import ExplainerError
from ..resources import template_folder
from .page import Page
from .text import escaped
from .wording import reworded


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
        raise LessonError(
            f"template {getattr(error, 'name', None) or name}{place}: {error.message or error}"
        ) from error
    return reworded(tidied(text), page.spec.wording, escaped) if page.spec.wording else tidied(text)


def tidied(text: str) -> str:
    """The text with one blank line between blocks, so that a template need not mind where Jinja leaves newlines."""
    lines: list[str] = []
    before = ""
    for line in map(str.rstrip, text.split("\n")):
        if before and (line.startswith("#") or (line.startswith("|") and not before.startswith("|"))):
            lines.append("")
        if line or before:
            lines.append(line)
        before = line
    return "\n".join(lines).strip() + "\n"


class DirectContext(Context):
    """Calls helpers and macros as they are: none of ours wants Jinja's context, and asking costs more than calling."""

    def call(
        self, __obj: Callable[..., Any], *arguments: Any, _loop_vars: Any = None, _block_vars: Any = None, **named: Any
    ) -> Any:
        """Call a helper or a macro; the variables of the loop around it are for those that ask for the context."""
        return __obj(*arguments, **named)


class LessonEnvironment(Environment):
    """Jinja as lessons need it."""

    context_class = DirectContext


@lru_cache(maxsize=4)
def environment(language: str) -> Environment:
    """Jinja for the lesson templates of a language."""
    folder: Path = template_folder() / language
    return LessonEnvironment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=_bytecode_cache(),
        auto_reload=False,
    )


def _bytecode_cache() -> FileSystemBytecodeCache | None:
    """Compiled templates are kept in the user's own temporary folder, as Python keeps compiled modules."""
    try:
        return FileSystemBytecodeCache()
    except (OSError, RuntimeError):  # no such folder, or one that others could write to
        return None
