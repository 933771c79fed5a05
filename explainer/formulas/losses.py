"""The table of losses: what one output and its target contribute, and how the contributions make the total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf


@dataclass(frozen=True, slots=True)
class Loss:
    """One row. ``term`` is a formula over ``target`` and ``out``; the total is the sum or the mean of the terms."""

    name: str
    term: str
    total: OneOf["sum", "mean"] = "sum"


LOSSES: dict[str, Loss] = {
    row.name: row
    for row in (
        Loss("half squared error", "1/2*(target - out)**2"),
        Loss("squared error", "(target - out)**2"),
        Loss("mean squared error", "(target - out)**2", "mean"),
        Loss("absolute error", "abs(target - out)"),
        Loss("mean absolute error", "abs(target - out)", "mean"),
        Loss(  # Huber, "Robust estimation of a location parameter", 1964, with the threshold 1
            "Huber error",
            "1/2*(target - out)**2 if abs(target - out) <= 1 else abs(target - out) - 1/2",
        ),
        Loss("binary cross-entropy", "-(target*log(out) + (1 - target)*log(1 - out))"),
        Loss("binary cross-entropy from logits", "log(1 + exp(out)) - target*out"),
        Loss("cross-entropy", "-target*log(out)"),
        Loss("hinge error", "max(0, 1 - target*out)"),
        Loss("Kullback-Leibler divergence", "target*log(target/out) if target > 0 else 0"),
    )
}
