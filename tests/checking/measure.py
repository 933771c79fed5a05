"""Measures the checker against simulated students: the same counts for the tests and for the benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any

import explainer
from explainer.checking.checker import Checker
from explainer.checking.figures import read_figure
from explainer.checking.marking import Verdict
from explainer.checking.report import Report
from explainer.checking.sheets import answers_of
from tests.networks import PLAIN, Style, formulas, network

from .honest import CUT, NEAREST, Hand, sheet, sparse
from .students import NAMES, Impossible, Slip, Student, lines_of, means, slipping

STYLE = Style(
    plain=True,
    activations=("logistic", "logistic", "tanh", "identity"),
    losses=("half squared error", "half squared error", "squared error", "mean squared error"),
    most_layers=3,
    most_units=4,
    **PLAIN,
)
DIGITS = (3, 4, 5, 6)
MOVED = 5
"""A slip counts if it moves the figure by so many units of its last digit."""
GOOD = {Verdict.RIGHT, Verdict.ROUNDING, Verdict.CONVENTION}
BAD = {Verdict.WRONG, Verdict.SLIP}


@lru_cache(maxsize=64)
def trained_network(seed: str) -> tuple[explainer.Calculation, Checker]:
    """A random network that a student can work out by hand, and its checker."""
    random = Random(f"network {seed}")
    for _ in range(20):
        table: Any = network(random, STYLE)
        table["training"] = {
            "loss": table["training"]["loss"],
            "learning_rate": Decimal("0.5"),
            "train_biases": random.random() < 0.7,
        }
        try:
            calculation = explainer.load(table)
        except explainer.ExplainerError:
            continue
        if calculation.derivation.single is calculation.derivation:  # the student takes one step for one sample
            return calculation, calculation.checker()
    raise AssertionError("no network")


def some_hand(random: Random, digits: int) -> Hand:
    """One of the four habits."""
    return Hand(random.choice((NEAREST, CUT)), random.random() < 0.5, digits)


def own_errors(report: Report) -> set[str]:
    """The lines that the report calls wrong by themselves, or where it says that a slip lies."""
    return {line.id for line in report.lines if line.verdict in BAD}


def named(report: Report, line: str) -> tuple[set[str], str]:
    """The mistakes that are said of a line, those that are the same by algebra included, and how surely."""
    for slip in report.slips:
        if line in (slip.line, *slip.again):
            names = {name for e in slip.explanations for name in (e.mistake, *e.also)}
            return names, slip.confidence.value
    return set(), "none"


# ---------------------------------------------------------------- honest sheets


def honest(networks: int, seed: str, hands: Callable[[Random], Iterator[Hand]]) -> Counter[str]:
    """Sheets without a slip: how many there were, and on how many some line was called wrong."""
    counts: Counter[str] = Counter()
    for number in range(networks):
        random = Random(f"{seed} {number}")
        make = formulas if number % 5 == 4 else network
        try:
            calculation = explainer.load(make(random, Style(plain=True)))
        except explainer.ExplainerError:
            continue
        checker = calculation.checker()
        for hand in hands(random):
            try:
                full = sheet(calculation, hand)
            except ArithmeticError:
                continue
            for missing in (0.0, 0.3, 0.6):
                report = checker.check(answers_of(sparse(full, random, missing)))
                kind = "cut off" if hand.mode is CUT else "nearest"
                counts[f"{kind} sheets"] += 1
                counts[f"{kind} lines"] += len(report.lines)
                counts[f"{kind} false"] += bool(own_errors(report))
    return counts


# ---------------------------------------------------------------- single slips


def single_slips(
    networks: int, seed: str, digits: int, missing: float = 0.0, names: tuple[str, ...] = NAMES
) -> Counter[str]:
    """One slip a sheet, of every kind that the network has a place for."""
    counts: Counter[str] = Counter()
    for number in range(networks):
        calculation, checker = trained_network(f"{seed} {number}")
        for name in names:
            random = Random(f"{seed} {number} {digits} {name}")
            hand = some_hand(random, digits)
            student = slipping(calculation, hand, name, random)
            if student is None:
                continue
            line, right = student.slips[0].line, Student(calculation, hand).work()
            if _moved(student.figures[line], right[line]) < MOVED:
                continue
            figures = dict(student.figures)
            if missing:
                figures = {**sparse(figures, random, missing), line: figures[line]}
                figures = {id: figures[id] for id in student.figures if id in figures}
            _count(counts, checker.check(answers_of(figures)), line, name)
    return counts


def _count(counts: Counter[str], report: Report, line: str, name: str) -> None:
    wrong = own_errors(report)
    names, confidence = named(report, line)
    right = bool(names & means(name))
    counts["slips"] += 1
    counts["located"] += wrong == {line}
    counts["on another"] += bool(wrong - {line})
    counts["followers"] += sum(mark.verdict is Verdict.FOLLOWS for mark in report.lines)
    counts["named"] += right
    counts[confidence] += 1
    counts["stated wrongly"] += confidence == "stated" and not right
    counts["perhaps wrongly"] += confidence == "perhaps" and not right
    counts[f"{name}: slips"] += 1
    counts[f"{name}: named"] += right


def _moved(written: str, right: str) -> Decimal:
    figure, other = read_figure(written), read_figure(right)
    assert figure is not None
    assert other is not None
    return abs(figure.value - other.value) / max(figure.unit, other.unit)


# ---------------------------------------------------------------- two slips, other routes, other methods


def two_slips(networks: int, seed: str, digits: int) -> Counter[str]:
    """Two slips a sheet, of different kinds, neither of which hides the other."""
    counts: Counter[str] = Counter()
    for number in range(networks):
        calculation, checker = trained_network(f"{seed} {number}")
        lines = lines_of(calculation)
        for turn in range(8):
            random = Random(f"{seed} {number} {digits} {turn}")
            hand = some_hand(random, digits)
            pair = _two(calculation, hand, random, lines)
            if pair is None:
                continue
            student, slips = pair
            report = checker.check(answers_of(student.figures))
            wrong = own_errors(report)
            counts["sheets"] += 1
            counts["both located"] += wrong == {slip.line for slip in slips}
            counts["on another"] += bool(wrong - {slip.line for slip in slips})
            for slip in slips:
                names, confidence = named(report, slip.line)
                counts["slips"] += 1
                counts["named"] += bool(names & means(slip.name))
                counts["stated wrongly"] += confidence == "stated" and not names & means(slip.name)
    return counts


def _two(
    calculation: explainer.Calculation, hand: Hand, random: Random, lines: list[str]
) -> tuple[Student, tuple[Slip, Slip]] | None:
    for _ in range(30):
        slips = tuple(Slip(random.choice(NAMES), line) for line in random.sample(lines, 2))
        try:
            both = Student(calculation, hand, slips)
            both.work()
            without = [Student(calculation, hand, (slip,)) for slip in slips]
            for student in without:
                student.work()
        except Impossible:
            continue
        first, second = slips
        moved = [
            _moved(both.figures[first.line], without[1].figures[first.line]),
            _moved(both.figures[second.line], without[0].figures[second.line]),
        ]
        if min(moved) >= MOVED:
            return both, (first, second)
    return None


def turned_signs(networks: int, seed: str, digits: int) -> Counter[str]:
    """Gradients with the opposite sign throughout, and right updates: a convention, not a slip."""
    counts: Counter[str] = Counter()
    classes: dict[str, Callable[[str], bool]] = {
        "deltas": lambda id: "/dnet_" in id,
        "all": lambda id: True,
    }
    for number in range(networks):
        calculation, checker = trained_network(f"{seed} {number}")
        graph = calculation.derivation.graph
        tops = tuple(f"d{name}/d" for name in (graph.loss, *graph.error_terms))
        for name, chosen in classes.items():
            random = Random(f"{seed} {number} {name}")
            figures = sheet(calculation, some_hand(random, digits))
            turned = {id for id in figures if id.startswith(tops) and chosen(id) and Decimal(figures[id])}
            if not turned or not any(id.endswith("+") for id in figures):
                continue
            written = {id: str(-Decimal(text)) if id in turned else text for id, text in figures.items()}
            report = checker.check(answers_of(written))
            counts["sheets"] += 1
            counts["named"] += bool(report.turned)
            counts["wrong lines"] += bool(own_errors(report))
    return counts


METHODS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "updated one after another": ({"update": "sequential"}, {"sequential update", "updated weight"}),
    "biases the other way": ({}, {"biases trained", "biases frozen", "new for old", "old for new", "update left out"}),
}
"""Another training, and the mistakes by which it may be told."""


def other_methods(networks: int, seed: str, digits: int, method: str, missing: float = 0.0) -> Counter[str]:
    """A sheet that is right by another method from the start, for a calculation that asks for this one."""
    counts: Counter[str] = Counter()
    for number in range(networks):
        random = Random(f"{seed} {number} {digits}")
        table: Any = network(Random(f"network {seed} {number}"), STYLE)
        training = {"loss": table["training"]["loss"], "learning_rate": Decimal("0.5"), "train_biases": number % 2 == 0}
        change, means_it = METHODS[method]
        other = {**training, **change} if change else {**training, "train_biases": not training["train_biases"]}
        try:
            calculation = explainer.load({**table, "training": training})
            theirs = explainer.load({**table, "training": other})
        except explainer.ExplainerError:
            continue
        if calculation.derivation.single is not calculation.derivation:
            continue
        hand = some_hand(random, digits)
        key = sheet(calculation, hand)
        full = {id: text for id, text in sheet(theirs, hand).items() if id in key}
        figures = sparse(full, random, missing) if missing else full
        moved = [id for id in figures if _moved(figures[id], key[id]) >= MOVED]
        if not moved:
            continue
        report = calculation.checker().check(answers_of(figures))
        names = {name for slip in report.slips for e in slip.explanations for name in (e.mistake, *e.also)}
        counts["sheets"] += 1
        counts["named"] += bool(names & means_it)
        counts["one error"] += len(report.slips) == 1
    return counts
