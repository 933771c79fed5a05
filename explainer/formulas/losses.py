"""The table of losses: what one output and its target contribute, and how the contributions make the total."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loss:
    """One row. ``term`` is a formula over ``target`` and ``out``; the total is the sum of the terms."""

    name: str
    term: str


LOSSES: dict[str, Loss] = {
    row.name: row
    for row in (
        Loss("half squared error", "1/2*(target - out)**2"),
        Loss("squared error", "(target - out)**2"),
    )
}
