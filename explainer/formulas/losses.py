"""The table of losses: what one output and its target contribute, and how the contributions make the total."""

from __future__ import annotations

from typing import Literal as OneOf

from msgspec import Struct


class Loss(Struct, frozen=True):
    """One row. ``term`` is a formula over ``target`` and ``out``; the total is the sum or the mean of the terms.

    Where the target is a class, ``right`` stands for the output of the right class. A *joint* loss is one formula of
    all net inputs of a softmax layer.
    """

    name: str
    term: str = ""
    total: OneOf["sum", "mean"] = "sum"
    of_class: str = ""
    """The whole error over ``right``, for a single sample whose class is given."""
    of_others: str = ""
    """The term of an output that is not the right one, over ``out`` and ``right``."""
    joint: bool = False
    """Whether it is the cross-entropy of a softmax, taken from the net inputs directly."""
    shares: bool = False
    """Whether targets are probabilities, from 0 to 1."""

    @property
    def for_classes(self) -> bool:
        """Whether a target may be a class."""
        return bool(self.of_class or self.of_others or self.joint)


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
        Loss("binary cross-entropy", "-(target*log(out) + (1 - target)*log(1 - out))", shares=True),
        Loss("binary cross-entropy from logits", "log(1 + exp(out)) - target*out", shares=True),
        Loss("cross-entropy", "-target*log(out)", of_class="-log(right)", shares=True),
        Loss("softmax cross-entropy", joint=True),
        Loss("negative log-likelihood", "-target*out", of_class="-right", shares=True),
        Loss("hinge error", "max(0, 1 - target*out)"),
        Loss(  # Crammer, Singer, "On the algorithmic implementation of multiclass kernel-based vector machines", 2001,
            # as a sum over the other classes (Weston, Watkins, 1999)
            "multiclass hinge error",
            of_others="max(0, 1 + out - right)",
        ),
        Loss("Kullback-Leibler divergence", "target*(log(target) - log(out)) if target > 0 else 0", shares=True),
    )
}
