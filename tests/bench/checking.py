"""g. The checker against simulated students: what it finds and names, per number of digits; and its speed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from random import Random
from statistics import median

import explainer
from explainer.checking.classes import class_files, reports_of
from explainer.checking.policy import Policy
from explainer.checking.sheets import Sheet, answers_of
from tests.checking import measure
from tests.checking.honest import CUT, NEAREST, Hand
from tests.checking.students import NAMES, slipping

from .clock import milliseconds
from .report import verdict

COLUMNS = ("", "sheets", "located", "on another", "named", "stated", "stated wrongly", "perhaps wrongly", "target", "")
FASTEST, CLASS_SECONDS, CLASS_SIZE = 0.005, 20.0, 1_000


def measure_checker(rounds: int) -> Iterator[Sequence[str]]:
    """Rows of both kinds; ``rounds`` says how many random networks."""
    yield from _honest(4 * rounds)
    for digits in measure.DIGITS:
        yield from _slips(
            f"one slip, {digits} digits", partial(measure.single_slips, 2 * rounds, "bench", digits), digits
        )
        sparse = partial(measure.single_slips, rounds, "bench", digits, 0.5)
        yield from _slips("    half of the lines missing", sparse, digits)
        yield from _two(digits, rounds)
    for digits in measure.DIGITS:
        yield from _others(digits, rounds)
    yield from _speed(rounds)


def _part(counts: Counter[str], what: str, of: str) -> str:
    return f"{100 * counts[what] / counts[of]:.1f} %" if counts[of] else "–"


def _hands(random: Random) -> Iterator[Hand]:
    for mode in (NEAREST, CUT):
        for carried in (True, False):
            for by_decimals in (False, True):
                yield Hand(mode, carried, random.choice(measure.DIGITS), by_decimals)


def _honest(networks: int) -> Iterator[Sequence[str]]:
    counts = measure.honest(networks, "bench", _hands)
    for kind, most in (("nearest", 0.0), ("cut off", 1e-4)):
        sheets, false = counts[f"{kind} sheets"], counts[f"{kind} false"]
        met = verdict(false <= most * sheets)
        yield (f"no slip, {kind}", f"{sheets:,}", "", f"{false}", "", "", "", "", "no wrong mark", met)


def _slips(title: str, count: Callable[[], Counter[str]], digits: int) -> Iterator[Sequence[str]]:
    counts = count()
    slips, named = counts["slips"], 0.97 if digits == 3 else 0.99
    met = (
        counts["located"] >= 0.99 * slips
        and not counts["on another"]
        and counts["named"] >= named * slips
        and counts["stated wrongly"] <= 0.01 * slips
    )
    yield (
        title,
        f"{slips:,}",
        _part(counts, "located", "slips"),
        str(counts["on another"]),
        _part(counts, "named", "slips"),
        _part(counts, "stated", "slips"),
        _part(counts, "stated wrongly", "slips"),
        _part(counts, "perhaps wrongly", "slips"),
        f"99, 0, {100 * named:.0f}, at most 1 %",
        verdict(met),
    )


def _two(digits: int, rounds: int) -> Iterator[Sequence[str]]:
    counts = measure.two_slips(rounds, "bench", digits)
    yield (
        "    two slips",
        f"{counts['sheets']:,}",
        _part(counts, "both located", "sheets"),
        str(counts["on another"]),
        _part(counts, "named", "slips"),
        "",
        _part(counts, "stated wrongly", "slips"),
    )


def _others(digits: int, rounds: int) -> Iterator[Sequence[str]]:
    turned = measure.turned_signs(rounds, "bench", digits)
    sheets = f"{turned['sheets']:,}"
    yield (
        f"opposite sign throughout, {digits} digits",
        sheets,
        "",
        str(turned["wrong lines"]),
        _part(turned, "named", "sheets"),
    )
    for method in measure.METHODS:
        for missing in (0.0, 0.6):
            counts = measure.other_methods(2 * rounds, "bench", digits, method, missing)
            title = f"    {method}{', 60% missing' if missing else ''}"
            one = _part(counts, "one error", "sheets")
            yield (title, f"{counts['sheets']:,}", f"as one: {one}", "", _part(counts, "named", "sheets"))


def _speed(rounds: int) -> Iterator[Sequence[str]]:
    calculation = explainer.load("mazur")
    checker = calculation.checker()
    sheets = [answers_of(figures) for figures in _class(calculation, 20 * rounds)]
    seconds = []
    for sheet in sheets:
        started = time.perf_counter()
        checker.check(sheet)
        seconds.append(time.perf_counter() - started)
    seconds = seconds[len(seconds) // 5 :]  # the first ones find the edits of each line
    yield _timed("43 lines of the article's step, one slip: median", median(seconds), FASTEST)
    yield ("    the slowest tenth begins at", milliseconds(sorted(seconds)[9 * len(seconds) // 10]))
    yield _a_class(calculation, CLASS_SIZE if rounds > 5 else CLASS_SIZE // 5)


def _timed(title: str, seconds: float, most: float) -> Sequence[str]:
    return (
        title,
        milliseconds(seconds),
        "",
        "",
        "",
        "",
        "",
        "",
        f"at most {milliseconds(most)}",
        verdict(seconds <= most),
    )


def _class(calculation: explainer.Calculation, count: int) -> Iterator[dict[str, str]]:
    """Sheets of so many students, each with a slip of another kind."""
    number = made = 0
    while made < count:
        number += 1
        random = Random(f"class {number}")
        hand = measure.some_hand(random, random.choice(measure.DIGITS))
        student = slipping(calculation, hand, random.choice(NAMES), random)
        if student is not None:
            made += 1
            yield {id: text for id, text in student.figures.items() if "@" not in id}


def _a_class(calculation: explainer.Calculation, size: int) -> Sequence[str]:
    sheets = [
        Sheet("class", answers_of(figures).answers, f"{number:04}")
        for number, figures in enumerate(_class(calculation, size))
    ]
    started = time.perf_counter()
    reports = list(reports_of(sheets, calculation.checker(), {}, Policy(), lambda done, of: None))
    class_files(reports, "key", ("md",))
    seconds = time.perf_counter() - started
    most = CLASS_SECONDS * size / CLASS_SIZE
    return (
        f"a class of {size:,}: reports as Markdown, gradebook",
        f"{seconds:.1f} s",
        *[""] * 6,
        f"at most {most:.0f} s",
        verdict(seconds <= most),
    )
