"""Page + template → Markdown. All wording is in the templates."""

from __future__ import annotations

import gc
from collections.abc import Hashable, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from keyword import iskeyword
from pathlib import Path
from traceback import extract_tb
from typing import Any

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.nodes import Call, CondExpr, Const, Expr, FromImport, Getattr, Getitem, Import, Name, Slice
from jinja2.runtime import Macro
from jinja2.utils import missing
from markupsafe import Markup, escape

from ..formulas.problems import ExplainerError
from ..resources import template_folder
from .page import Page
from .passages import Once
from .structure import Structure
from .text import escaped
from .wording import reworded

COMPILED = 9
"""Counts the ways in which LessonCode compiled: a template that is kept compiled fits only the same number."""


class LessonError(ExplainerError):
    """A lesson template that cannot be filled in; the message names the template and the line."""


def write(page: Page, template: str = "") -> str:
    """The lesson as Markdown, by the template that fits the calculation or the one that is named.

    Raises:
        LessonError: where the template asks for something that is not there.
    """
    name = template or ("walkthrough.md.j2" if page.graph.blocks else "formulas.md.j2")
    try:
        text = filled_in(name, page)
    except (TemplateError, AttributeError, LookupError) as error:
        raise LessonError(f"template {_place(error) or name}: {_reason(error)}") from error
    return reworded(tidied(text), page.spec.wording, escaped) if page.spec.wording else tidied(text)


def _reason(error: Exception) -> object:
    if isinstance(error, AttributeError) and type(error.obj) is Structure:
        return f"page.{error.name} hangs on numbers; what stands between once and endonce holds for all of them"
    if isinstance(error, LookupError) and not isinstance(error, TemplateError):
        return f"there is no {error} where it looks for it"
    return getattr(error, "message", None) or error


def _place(error: Exception) -> str:
    """Where in a template an error arose: in one that cannot be read, or on the innermost line that was filled in."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name}, line {error.lineno}"
    lines = [f"{Path(frame.filename).name}, line {frame.lineno}" for frame in extract_tb(error.__traceback__)]
    return next((line for line in reversed(lines) if ".j2, " in line), "")


def filled_in(template: str, page: object, **values: object) -> str:
    """A template as text; ``page`` is what it, and every template that it imports, knows under this name.

    Raises:
        jinja2.TemplateError: where the template asks for something that is not there.
    """
    before, around = _page.set(page), _around.set([])
    try:
        return environment("en").get_template(template).render(**values)
    finally:
        _page.reset(before)
        _around.reset(around)


_page: ContextVar[Any] = ContextVar("page")
_around: ContextVar[list[Any]] = ContextVar("around")
"""The pages of what stands around the passage in the making, the outermost first."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without looking for garbage: the lines of a lesson are thousands of small objects that stay until it is written,
    and every search goes through them again. Where its page is let go within, there is nothing left to search."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


def tidied(text: str) -> str:
    """The text with one blank line between blocks, so that a template need not mind where Jinja leaves newlines."""
    lines: list[str] = []
    before = ""
    for typed in text.split("\n"):
        line = typed and typed.rstrip()
        if line:
            if before and (line[0] == "#" or (line[0] == "|" and before[0] != "|")):
                lines.append("")
            lines.append(line)
        elif before:
            lines.append("")
        before = line
    return "\n".join(lines).strip() + "\n"


class LessonCode(CodeGenerator):
    """Templates compiled to Python that does without what no lesson uses.

    Helpers and macros are called as they are: none of ours wants Jinja's context, and asking costs more than calling.
    What follows a dot is an attribute, never the key of a dictionary; what stands in brackets is never an attribute.
    Whatever stands in ``{{ }}`` goes through ``LessonEnvironment.markdown``: there is no block without escaping.
    ``page`` is that of the text in the making, so that macros are imported once and not for every text.
    """

    def visit_Name(self, node: Name, frame: Frame) -> None:  # noqa: N802
        """Write a name as Jinja does, but for the page."""
        if (node.name, node.ctx) == ("page", "load"):
            self.write("environment.page()")
        else:
            super().visit_Name(node, frame)

    def visit_Call(self, node: Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802  (Jinja's name)
        """Write a call with plain arguments as Python would; any other as Jinja does."""
        if forward_caller or node.kwargs or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def visit_Getattr(self, node: Getattr, frame: Frame) -> None:  # noqa: N802
        """Write an attribute as Python would, unless it is a word of Python's."""
        if iskeyword(node.attr):
            super().visit_Getattr(node, frame)
            return
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def visit_Getitem(self, node: Getitem, frame: Frame) -> None:  # noqa: N802
        """Write a place in a list or a dictionary as Python would; Jinja would look for an attribute too."""
        if isinstance(node.arg, Slice):
            super().visit_Getitem(node, frame)
            return
        self.visit(node.node, frame)
        self.write("[")
        self.visit(node.arg, frame)
        self.write("]")

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        """Write a macro as Jinja does, but of our own kind."""
        self.write("environment.")
        super().macro_def(macro_ref, frame)

    def visit_CondExpr(self, node: CondExpr, frame: Frame) -> None:  # noqa: N802
        """Write a choice; without an ``else`` it is an empty text, not an object that prints as one."""
        super().visit_CondExpr(node if node.expr2 else CondExpr(node.test, node.expr1, Const("")), frame)

    def _import_common(self, node: Import | FromImport, frame: Frame) -> None:
        """Write what is imported; without its context no template of ours sees anything of the one that asks."""
        if node.with_context:
            super()._import_common(node, frame)
            return
        self.write("environment.get_template(")
        self.visit(node.template, frame)
        self.write(").module")

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write("(made if type(made := ")

    def _output_child_post(self, node: Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write(") is Markup else environment.markdown(made))")


class LessonMacro(Macro):
    """A macro whose result is Markdown, whoever calls it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Markup:
        """Fill the macro in; with plain arguments in no time, with others as Jinja does."""
        left_out = self._argument_count - len(args)
        if kwargs or left_out < 0 or self.caller or self.catch_kwargs or self.catch_varargs:
            return Markup(super().__call__(*args, **kwargs))
        return str.__new__(Markup, self._func(*args, *[missing] * left_out))


class LessonEnvironment(Environment):
    """Jinja as lessons need it."""

    code_generator_class = LessonCode
    Macro = LessonMacro
    page = _page.get

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._loaded = cache(super().get_template)

    def get_template(self, name: str | Template, parent: str | None = None, globals: Any = None) -> Template:
        """A template; no file changes while a lesson is written, so what is loaded need not be looked for again."""
        return self._loaded(name)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What every template knows: a plain dictionary, since none has anything of its own to lay over it."""
        return self.globals if d is None else super().make_globals(d)

    @staticmethod
    def without_numbers() -> None:
        """Make the page one that knows no numbers, until ``keep``."""
        page = _page.get()
        _around.get().append(page)
        _page.set(page.alone)

    @staticmethod
    def keep(key: Hashable, text: Markup) -> None:
        """Keep a passage, and let the page be what it was."""
        _page.get().passages[key] = text
        _page.set(_around.get().pop())

    @staticmethod
    def markdown(value: object) -> Markup:
        """Escapes what is not Markdown yet; Markup is left alone, where Jinja would copy it twice."""
        if type(value) is Markup:
            return value
        return _word(value) if type(value) is str else escape(value)


@lru_cache(maxsize=4096)
def _word(text: str) -> Markup:
    """The words of a template are escaped once: most stand in a condition and are the same in every document."""
    return escape(text)


@lru_cache(maxsize=4)
def environment(language: str) -> Environment:
    """Jinja for the lesson templates of a language."""
    folder: Path = template_folder() / language
    return LessonEnvironment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        extensions=[Once],
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
        return FileSystemBytecodeCache(pattern=f"__explainer_{COMPILED}_%s.cache")
    except (OSError, RuntimeError):  # no such folder, or one that others could write to
        return None
