"""The lesson's Jinja: what it escapes, and what it calls."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jinja2 import FileSystemLoader, UndefinedError, meta
from jinja2.nodes import Assign, Macro, Name
from markupsafe import Markup

import explainer
from explainer.lesson.page import Page
from explainer.lesson.text import Plain
from explainer.lesson.write import LessonError, environment, tidied, write
from explainer.resources import template_folder


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


SHARED = ("losses", "optimizers", "parts", "paths", "sample_tables", "worksheet_parts")


@pytest.mark.parametrize("name", SHARED)
def test_a_template_for_others_asks_for_nothing_but_the_page(name: str) -> None:
    """It is compiled once and knows nothing of the text that imports it; what it uses it sets or imports itself."""
    source = (template_folder() / "en" / f"{name}.md.j2").read_text(encoding="utf-8")
    tree = environment("en").parse(source)
    own = {target.name for node in tree.find_all(Assign) for target in node.find_all(Name) if target.ctx == "store"}
    own |= {node.name for node in tree.find_all(Macro)}
    assert meta.find_undeclared_variables(tree) - own == {"page"}


def test_lessons_in_the_making_have_each_their_own_page() -> None:
    """Several threads write several lessons at a time."""
    lessons = [explainer.load(name) for name in ("mazur", "neuron", "softmax", "textbook")] * 3
    alone = [lesson.walkthrough().markdown for lesson in lessons]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda lesson: lesson.walkthrough().markdown, lessons)) == alone


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("one\n{{ page.titel }}", "template t1.md.j2, line 2: 'Page' object has no attribute 'titel'"),
        ("{{ titel }}", "template t2.md.j2, line 1: 'titel' is undefined"),
        ("one\ntwo\n{% if %}", "template t3.md.j2, line 3: Expected an expression, got 'end of statement block'"),
        ("{% include 'none' %}", "template t4.md.j2, line 1: 'none' not found"),
    ],
)
def test_a_mistake_in_a_template_is_told_with_its_place(
    template: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever rewords a lesson sees where it went wrong."""
    name = told.split(",")[0].removeprefix("template ")
    (tmp_path / name).write_text(template, encoding="utf-8")
    monkeypatch.setattr(environment("en"), "loader", FileSystemLoader(tmp_path))
    page = Page(spec=LESSON.spec, evaluation=LESSON.evaluation, version="0")
    with pytest.raises(LessonError, match=f"^{re.escape(told)}"):
        write(page, name)


LESSON = explainer.load("neuron")


def test_blocks_are_one_blank_line_apart() -> None:
    """Blank lines are joined; a heading and a table begin a block, a row of a table does not; no blanks at line ends."""
    assert tidied("\n\na  \n# b\n\n\n\nc\n| d |\n| e |\n\t\nf\n\n") == "a\n\n# b\n\nc\n\n| d |\n| e |\n\nf\n"
