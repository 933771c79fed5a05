"""b. A second variant of the same structure in the same process, against handcalcs on the bare lines of that step."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import explainer

from .clock import ROOT, Times, cpu, milliseconds, one_after_another
from .networks import article, two_decimals
from .report import Row, verdict

MOST = 0.003
"""Seconds."""
PROCESSES = 7
DECIMALS = 9
WEIGHTS = [f"w{number}" for number in range(1, 9)]
NEW_W5 = "0.358916480"


def measure(rounds: int) -> Iterator[Row]:
    """The second document, many more, and what else the same process may be asked for."""
    first, second = _first_and_second()
    calculation = explainer.load(article(steps=1))
    document = partial(variant_document, calculation)
    numbers = range(2, 2 + 4 * rounds)
    more = Times(_each(document, (0, 1, *numbers)).seconds[2:])
    asked = f"at most {milliseconds(MOST)}"
    yield Row("the first document of a process, the structure derived before", first.ms)
    yield Row("the second, all of its Markdown", second.ms, target=asked, verdict=verdict(second.median <= MOST))
    yield Row(f"{len(numbers)} more", more.ms, target=asked, verdict=verdict(more.median <= MOST))
    yield Row("    of that the numbers alone, with_values(…)", _each(partial(_variant, calculation), numbers).ms)
    yield Row("the Markdown, and its pictures as SVG", _each(partial(_pictures, calculation), numbers).ms)
    yield _against_handcalcs(more, rounds)
    long = explainer.load(article(steps=10_000))
    trained = _each(partial(variant_document, long), range(3))
    yield Row("a document with 10,000 steps trained", milliseconds(trained.least))


def _first_and_second() -> tuple[Times, Times]:
    """The first and the second document of several processes: each has only one of them."""
    command = [sys.executable, "-m", "tests.bench.second"]
    printed = [subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True) for _ in range(PROCESSES)]
    pairs = [tuple(map(float, done.stdout.split())) for done in printed]
    return Times(tuple(first for first, _ in pairs)), Times(tuple(second for _, second in pairs))


def _each(work: Callable[[int], object], numbers: Iterable[int]) -> Times:
    return one_after_another(partial(work, number) for number in numbers)


def _variant(calculation: explainer.Calculation, number: int) -> explainer.Calculation:
    """The calculation with weights of its own for every number."""
    values: dict[str, Decimal] = {name: two_decimals(100 * number + place) for place, name in enumerate(WEIGHTS)}
    return calculation.with_values(values)


def variant_document(calculation: explainer.Calculation, number: int) -> str:
    """The whole Markdown of a variant."""
    return _variant(calculation, number).walkthrough().markdown


def _pictures(calculation: explainer.Calculation, number: int) -> list[str]:
    lesson = _variant(calculation, number).walkthrough()
    return [figure.svg() for figure in lesson.figures.values()]


def _against_handcalcs(ours: Times, rounds: int) -> Row:
    what = f"handcalcs, the bare lines of the same step, {DECIMALS} decimals"
    try:
        from handcalcs import handcalc
    except ImportError:
        return Row(what, "not installed", target="more than 1")
    from .article_lines import training_step

    render: Any = handcalc(precision=DECIMALS)(training_step)
    render_article = partial(render, **_article_numbers())
    new_w5 = render_article()[1]
    if f"{new_w5:.{DECIMALS}f}" != NEW_W5:
        return Row(what, f"gives {new_w5} for w5+, not {NEW_W5}")
    theirs = cpu(render_article, rounds)
    ratio = theirs.median / ours.median
    return Row(what, theirs.ms, "the document above", f"{ratio:.1f} times", "more than 1", verdict(ratio > 1))


def _article_numbers() -> dict[str, float]:
    """The article's numbers by the names that the bare lines give them."""
    names = {"target_o1": "t1", "target_o2": "t2", "learning_rate": "eta"}
    sources = explainer.load(article(steps=1)).evaluation.sources
    return {names.get(name, name): float(literal.value) for name, literal in sources.items()}
