"""f. Time per Step across the shipped examples: numbers and a full document, without the steps that are not written out.

Every document has a fixed part (a plan, a picture, a stamp), which a straight line through all examples shows; what is
left is compared Step by Step.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import explainer
from explainer.spec.files import example_names, example_source, parse

from .clock import cpu, milliseconds
from .report import Row, verdict

MOST = 2.0
"""How many times more a Step may take in one example than in another."""
SMALLEST = 40
"""Examples of fewer Steps are all fixed part."""


def measure(rounds: int) -> Iterator[Row]:
    """Each example, then the line through them and the largest ratio."""
    points: list[tuple[str, int, float]] = []
    for name in example_names():
        calculation = explainer.load(_written_out(name))
        seconds = cpu(partial(_document, calculation), rounds).median
        points.append((name, len(calculation.derivation.steps), seconds))
    fixed, each = _line([(steps, seconds) for _, steps, seconds in points])
    per_step = {name: (seconds - fixed) / steps for name, steps, seconds in points if steps >= SMALLEST}
    for name, steps, seconds in points:
        own = (
            f"{1e6 * per_step[name]:.0f} µs a Step beyond it" if name in per_step else "all but the fixed part is small"
        )
        yield Row(f"{name}, {steps} Steps", milliseconds(seconds), own)
    yield Row("the line through all", f"{milliseconds(fixed)} and {1e6 * each:.0f} µs a Step")
    ratio = max(per_step.values()) / min(per_step.values())
    yield Row(
        f"examples of {SMALLEST} Steps or more", "", "", f"{ratio:.2f} times", f"at most {MOST}", verdict(ratio <= MOST)
    )


def _written_out(name: str) -> dict[str, Any]:
    """An example that trains no further than what it writes out."""
    table = parse(example_source(name))
    training = table.get("training", {})
    if "steps" in training:
        table = {**table, "training": {**training, "steps": max(training.get("show_steps", [1]))}}
    return table


def _document(calculation: explainer.Calculation) -> None:
    calculation.with_values({}).walkthrough(detail="full")


def _line(points: list[tuple[int, float]]) -> tuple[float, float]:
    """The straight line of least squares: where it begins, and how it rises."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    rise = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    return mean_y - rise * mean_x, rise
