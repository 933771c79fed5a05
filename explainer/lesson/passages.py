"""Passages of a lesson that hold for all numbers: written once per structure, by what knows no numbers.

In a template they stand between ``{% once KEY, … %}`` and ``{% endonce %}``; the keys tell apart what a loop or a macro
writes several times. Inside, ``page`` is a Structure, so that nothing can be said that hangs on a number or on what
was told before.
"""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter, is_

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from msgspec.structs import replace

from ..calculus.derive import Derivation
from ..spec.types import Spec
from .structure import Structure

_but_for_the_numbers = attrgetter(*(name for name in Spec.__struct_fields__ if name != "fingerprint"))


def shared_structure(page: Structure) -> Structure:
    """One Structure for all pages that differ from this one in numbers only; it keeps their passages."""
    made = _structures(page.derivation, page.detail, page.page_width)
    if not (made and all(map(is_, _but_for_the_numbers(made[0].spec), _but_for_the_numbers(page.spec)))):
        spec = replace(page.spec, fingerprint="")
        alone = Structure(spec=spec, derivation=page.derivation, detail=page.detail, page_width=page.page_width)
        made[:] = [alone]
    return made[0]


@lru_cache(maxsize=8)
def _structures(derivation: Derivation, detail: str, page_width: float) -> list[Structure]:
    """The last one that was made for a derivation, or none yet."""
    return []


class Once(Extension):
    """The tag ``once``."""

    tags = {"once"}  # noqa: RUF012  (as Jinja declares it)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Write: the passage if it is there already; if not, its text as a Structure gives it, kept from now on."""
        line = next(parser.stream).lineno
        keys: list[nodes.Expr] = [nodes.Const(parser.name), nodes.Const(line)]
        while not parser.stream.current.test("block_end"):
            keys.append(parser.parse_expression())
            parser.stream.skip_if("comma")
        body = parser.parse_statements(("name:endonce",), drop_needle=True)
        key, text = nodes.Tuple(keys, "load"), "_text"
        write = [
            nodes.ExprStmt(_call("without_numbers")),
            nodes.AssignBlock(nodes.Name(text, "store"), None, body),
            nodes.ExprStmt(_call("keep", key, nodes.Name(text, "load"))),
        ]
        return [
            nodes.Assign(nodes.Name(text, "store"), nodes.Call(_passages("get"), [key], [], None, None)),
            nodes.If(nodes.Not(nodes.Name(text, "load")), write, [], []),
            nodes.Output([nodes.Name(text, "load")]),
        ]


def _passages(method: str) -> nodes.Expr:
    """A method of the passages of the page in the making."""
    return nodes.Getattr(nodes.Getattr(nodes.Name("page", "load"), "passages", "load"), method, "load")


def _call(method: str, *arguments: nodes.Expr) -> nodes.Expr:
    """A method of ``write.LessonEnvironment``."""
    return nodes.Call(nodes.EnvironmentAttribute(method), list(arguments), [], None, None)
