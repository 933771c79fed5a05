"""Whatever stands on a sheet, there is a report or a message, in every format."""

from __future__ import annotations

from random import Random

import pytest

import explainer
from explainer.checking.report import LEVELS, at_level
from explainer.checking.sheets import answers_of
from explainer.checking.writing import FORMATS
from explainer.spec.files import example_names

ODD = ("0", "", "abc", "1e300", "-1e-300", "1/3", "12345678901234567890", "0.000", "50%", "1e5", "9" * 59, "0.00", "-0")


def random_sheet(calculation: explainer.Calculation, random: Random) -> dict[str, str]:
    """Right figures, wrong ones, odd ones, of any line and of some later states."""
    ids = [*calculation.derivation.step, *(source.name for source in calculation.derivation.graph.sources)]
    quantities = list(calculation.derivation.single.graph.quantity)
    figures = {}
    for _ in range(random.choice((1, 2, 5, 20))):
        id = random.choice(ids)
        value, kind = float(calculation.evaluation.values[id]), random.random()
        right = f"{value:.{random.choice((2, 3, 4, 6))}g}"
        wrong = f"{-value * random.choice((1, 2, 0.5, 10)):.4g}"
        figures[id] = (
            right if kind < 0.6 else wrong if kind < 0.8 else random.choice((*ODD, f"{random.uniform(-2, 2):.3f}"))
        )
    if random.random() < 0.2:
        figures[f"{random.choice(quantities)}@{random.choice((2, 3))}"] = "0.123"
    return figures


@pytest.mark.parametrize("name", example_names())
def test_any_sheet_gets_a_report_or_a_message(name: str) -> None:
    """Nothing on a sheet makes the checker fail; a name that is none is told."""
    calculation = explainer.load(name)
    checker, messages = calculation.checker(), list[str]()
    for seed in range(5):
        figures = random_sheet(calculation, Random(f"{name} {seed}"))
        try:
            report = checker.check(answers_of(figures))
        except explainer.ExplainerError as error:
            messages.append(str(error))
            continue
        assert {line.id for line in report.lines} <= {checker.names.find(id) for id in figures}
        for _, write in FORMATS.values():
            for level in LEVELS:
                assert write(at_level(report, level)).strip()
    assert all("problem" in message or "training" in message for message in messages)
