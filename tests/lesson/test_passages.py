"""Passages that are written once per structure: they hold for all numbers, and nothing else is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from jinja2 import FileSystemLoader
from msgspec.structs import replace

import explainer
from explainer.calculation import DETAILS
from explainer.calculus.graph import Role
from explainer.lesson.page import Page
from explainer.lesson.write import LessonError, environment, write
from explainer.spec.files import example_names


def other_numbers(calculation: explainer.Calculation) -> explainer.Calculation:
    """The calculation with every number a little different, some parameters with the other sign."""
    values = {}
    for place, quantity in enumerate(calculation.derivation.graph.sources):
        if quantity.role not in (Role.SETTING, Role.STATE):
            turned = quantity.role in (Role.PARAMETER, Role.BIAS) and place % 3 == 1
            values[quantity.name] = calculation.evaluation.sources[quantity.name].value * Decimal(
                "-1.1" if turned else "0.9"
            )
    return calculation.with_values(values)


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("name", example_names())
def test_a_second_lesson_is_what_it_is_by_itself(name: str, detail: str) -> None:
    """Whatever was written before it for the same structure."""
    calculation = explainer.load(name)
    calculation.walkthrough(detail)
    after = other_numbers(calculation).walkthrough(detail).markdown
    assert after == other_numbers(explainer.load(name)).walkthrough(detail).markdown
    assert after != calculation.walkthrough(detail).markdown


LESSON = explainer.load("neuron")
OTHER = LESSON.with_values({"w1": Decimal("0.123")})
Written = Callable[[str], str]
"""A template as text → its name."""


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Written:
    """Stores a template under the name of the test, which no other has: passages are kept by it."""
    monkeypatch.setattr(environment("en"), "loader", FileSystemLoader(tmp_path))
    name = re.sub(r"\W+", "-", request.node.name) + ".md.j2"

    def stored(text: str) -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return stored


def page(calculation: explainer.Calculation = LESSON, **spec: str) -> Page:
    """A page of the calculation, with something else in its file."""
    return Page(spec=replace(calculation.spec, **spec), evaluation=calculation.evaluation, version="0")


def test_keys_tell_apart_what_a_loop_writes(template: Written) -> None:
    """Also where one passage stands in another."""
    inner = "{% once n, 'inner' %}{{ n }}{% endonce %}"
    name = template(f"{{% for n in [1, 2, 1] %}}{{% once n %}}{inner}.{{% endonce %}}{{% endfor %}}")
    assert write(page(), name) == write(page(OTHER), name) == "1.2.1.\n"


def test_numbers_are_there_again_behind_a_passage(template: Written) -> None:
    """And they are those of the lesson in the making."""
    name = template("{% once %}{{ page.sym('w1') }}{% endonce %} {{ page.val('w1') }}")
    assert [write(page(made), name).split()[1] for made in (LESSON, OTHER)] == ["$-3.00$", "$0.123$"]


@pytest.mark.parametrize("asked", ["val('w1')", "first('topic')", "anchor('w1')", "evaluation", "nudge('w1')"])
def test_a_passage_that_hangs_on_numbers_is_refused(asked: str, template: Written) -> None:
    """A number, and what was told before: neither holds for all lessons."""
    name = template(f"one\n{{% once %}}\n{{{{ page.{asked} }}}}{{% endonce %}}")
    with pytest.raises(LessonError, match=f"line 3: page.{asked.partition('(')[0]} hangs on numbers"):
        write(page(), name)


def test_another_file_has_its_own_passages(template: Written) -> None:
    """Even where the formulas are the same ones."""
    name = template("{% once %}{{ page.title }}{% endonce %}")
    assert [write(page(title=title), name) for title in ("One", "Two", "One")] == ["One\n", "Two\n", "One\n"]
