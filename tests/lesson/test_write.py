"""The lesson's Jinja: what it escapes, and what it calls."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from explainer.lesson.text import Plain
from explainer.lesson.write import environment, tidied


def filled(template: str, **names: object) -> str:
    """The template with these names in it."""
    return environment("en").from_string(template).render(**names)


@pytest.mark.parametrize(
    "template",
    [
        "{{ text }}",
        "{% autoescape false %}{{ text }}{% endautoescape %}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(text) }}",
    ],
)
@pytest.mark.parametrize(
    ("text", "shown"), [("<b>", "&lt;b&gt;"), (Plain("*a*<b>"), r"\*a\*&lt;b&gt;"), (Markup("<b>"), "<b>"), (7, "7")]
)
def test_all_but_markup_is_escaped_once(template: str, text: object, shown: str) -> None:
    """A text from a file never gets through as it is, whatever a template says."""
    assert filled(template, text=text) == shown


@pytest.mark.parametrize(
    ("call", "result"),
    [
        ("f()", "()"),
        ("f(1, 2)", "(1, 2)"),
        ("f(1, b=2)", "(1, 2)"),
        ("f(*pair)", "(1, 2)"),
        ("f(**named)", "(2,)"),
        ("f(g(1), 2)", "((1,), 2)"),
    ],
)
def test_a_helper_gets_its_arguments(call: str, result: str) -> None:
    """By place, by name, from a list, from another call."""

    def helper(*values: object, **named: object) -> Markup:
        return Markup((*values, *named.values()))

    def inner(value: object) -> tuple[object]:
        return (value,)

    assert filled("{{ " + call + " }}", f=helper, g=inner, pair=[1, 2], named={"b": 2}) == result


def test_a_macro_may_be_called_with_a_block() -> None:
    """As in any Jinja template."""
    assert filled("{% macro m(x) %}{{ x }}{{ caller() }}{% endmacro %}{% call m(1) %}<i>{% endcall %}") == "1<i>"


def test_a_helper_that_is_not_there_is_an_error() -> None:
    """Nothing is left out silently."""
    with pytest.raises(UndefinedError):
        filled("{{ nothing(1) }}")


def test_blocks_are_one_blank_line_apart() -> None:
    """Blank lines are joined; a heading and a table begin a block, a row of a table does not; no blanks at line ends."""
    assert tidied("\n\na  \n# b\n\n\n\nc\n| d |\n| e |\n\t\nf\n\n") == "a\n\n# b\n\nc\n\n| d |\n| e |\n\nf\n"
