"""The one place where handouts ask the checker: what its named mistakes would give at each line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..numbers.evaluate import Evaluation

Figures = Mapping[str, Mapping[str, str]]
"""Line → named mistake → what the line then shows."""
NONE: Figures = {}


def no_mistakes(evaluation: Evaluation) -> Figures:
    """Where there is no checker, no mistakes have names."""
    return NONE


mistake_figures: Callable[[Evaluation], Figures] = no_mistakes
