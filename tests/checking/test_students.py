"""The checker against simulated students: what it must never do, and how often it must be right.

``tests/bench/checking.py`` prints the same counts for larger samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

import explainer
from explainer.checking.mistakes import MISTAKES

from . import measure
from .honest import CUT, NEAREST, Hand, sheet
from .students import NAMES, Student

NETWORKS = 5
"""Per number of digits; each gives some 25 single slips."""


def all_hands(random: Random) -> Iterator[Hand]:
    """The four habits, each with a number of digits drawn, by significant digits and by decimals."""
    for mode in (NEAREST, CUT):
        for carried in (True, False):
            for by_decimals in (False, True):
                yield Hand(mode, carried, random.choice(measure.DIGITS), by_decimals)


def test_the_students_can_calculate() -> None:
    """A student without a slip has the figures of the evaluation, though nothing but the names is shared."""
    for number in range(8):
        calculation, _ = measure.trained_network(f"sound {number}")
        whole_lines = not calculation.spec.training.loss.startswith("mean")  # of a mean, the student merges two lines
        hand = Hand(NEAREST, number % 2 == 0 and whole_lines, 7)
        figures, right = Student(calculation, hand).work(), sheet(calculation, hand)
        assert {id: text for id, text in right.items() if id in figures} == figures
        assert len(figures) > 5


def test_honest_sheets_get_no_wrong_mark() -> None:
    """Whatever the habit, and with up to 60% of the lines missing."""
    counts = measure.honest(24, "honest", all_hands)
    assert counts["nearest sheets"] > 150
    assert counts["cut off sheets"] > 150
    assert counts["nearest false"] == 0
    assert counts["cut off false"] == 0


@pytest.mark.parametrize("digits", measure.DIGITS)
def test_a_single_slip_is_found_and_named(digits: int) -> None:
    """On the right line in 99% and on no other; among the three named in 97% at 3 digits, 99% from 4 on."""
    counts = measure.single_slips(NETWORKS, "slips", digits)
    assert counts["slips"] >= 90
    assert counts["located"] >= 0.99 * counts["slips"]
    assert counts["on another"] == 0
    assert counts["named"] >= (0.97 if digits == 3 else 0.99) * counts["slips"]
    assert counts["stated wrongly"] <= 0.01 * counts["slips"]
    assert counts["stated"] >= 0.5 * counts["slips"]


@pytest.mark.parametrize("digits", measure.DIGITS)
def test_a_slip_on_a_sheet_with_half_of_its_lines_is_found(digits: int) -> None:
    """The line that shows it is the only one that is marked."""
    counts = measure.single_slips(NETWORKS - 2, "sparse", digits, missing=0.5)
    assert counts["located"] >= 0.99 * counts["slips"]
    assert counts["on another"] == 0
    assert counts["stated wrongly"] <= 0.01 * counts["slips"]


@pytest.mark.parametrize("digits", measure.DIGITS)
def test_two_slips_are_told_apart(digits: int) -> None:
    """Each on its own line, whatever follows from either."""
    counts = measure.two_slips(4, "two", digits)
    assert counts["sheets"] >= 8
    assert counts["both located"] >= 0.95 * counts["sheets"]
    assert counts["on another"] == 0
    assert counts["named"] >= 0.95 * counts["slips"]


def test_the_opposite_sign_throughout_is_a_convention() -> None:
    """Named, and no line of it is called wrong."""
    counts = measure.turned_signs(10, "turned", 5)
    assert counts["sheets"] >= 8
    assert counts["named"] == counts["sheets"]
    assert counts["wrong lines"] == 0


@pytest.mark.parametrize("method", measure.METHODS)
def test_another_method_from_the_start_is_recognised(method: str) -> None:
    """Full sheets by another training: named as what it is, and counted as one error."""
    counts = measure.other_methods(16, "methods", 5, method)
    assert counts["sheets"] >= 3
    assert counts["named"] == counts["sheets"]
    assert counts["one error"] >= 0.8 * counts["sheets"]


def test_students_make_mistakes_that_the_table_names() -> None:
    """Every mistake of a student is a row of the table, by its own name or by one that is the same by algebra."""
    rows = {row.name for row in MISTAKES}
    assert [name for name in NAMES if not measure.means(name) & rows] == []


def test_a_person_who_mixes_habits_is_not_accused() -> None:
    """Carrying more digits in some lines and the rounded value in others is rounding, not a slip."""
    calculation = explainer.load("mazur")
    checker = calculation.checker()
    for seed in range(12):
        random = Random(seed)
        hand = _Mixed(NEAREST, True, random.choice(measure.DIGITS), random=random)
        report = checker.check(measure.answers_of(sheet(calculation, hand)))
        assert not measure.own_errors(report), seed


class _Mixed(Hand):
    """Carries the rounded value in about half of the lines."""

    def __init__(self, mode: str, carried: bool, digits: int, random: Random) -> None:
        super().__init__(mode, carried, digits)
        object.__setattr__(self, "random", random)

    def kept(self, value: object) -> object:  # type: ignore[override]
        """Now this, now that."""
        return self.rounded(value) if self.random.random() < 0.5 else value  # type: ignore[attr-defined, arg-type]
