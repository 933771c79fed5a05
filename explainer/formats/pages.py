"""The page templates: Jinja for HTML as usual, and for LaTeX with delimiters that TeX does not use."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from explainer.resources import template_folder

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def html_template(name: str) -> Template:
    """A template of ``templates/html``; what is put in is escaped unless it is Markup."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(template_folder() / "html")
    environment = Environment(loader=loader, undefined=StrictUndefined, autoescape=True, trim_blocks=True)
    return environment.get_template(name)


@cache
def latex_template(name: str) -> Template:
    r"""A template of ``templates/latex``, with ``\VAR{...}`` for values and ``%%`` before a line of logic."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(template_folder() / "latex"),
        undefined=StrictUndefined,
        autoescape=False,
        variable_start_string=r"\VAR{",
        variable_end_string="}",
        block_start_string=r"\BLOCK{",
        block_end_string="}",
        comment_start_string=r"\COMMENT{",
        comment_end_string="}",
        line_statement_prefix="%%",
        keep_trailing_newline=True,
    )
    return environment.get_template(name)
