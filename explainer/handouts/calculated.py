"""What handouts are made from: a calculation with its numbers, which can be given others."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol, Self

from ..calculus.derive import Derivation
from ..numbers.evaluate import Evaluation
from ..spec.types import Spec


class Calculated(Protocol):
    """A Calculation, as far as this room needs it."""

    @property
    def spec(self) -> Spec:
        """The file."""

    @property
    def evaluation(self) -> Evaluation:
        """The numbers."""

    @property
    def derivation(self) -> Derivation:
        """The lines of working."""

    def find(self, name: str) -> str:
        """The id that a name means."""

    def with_values(self, values: Mapping[str, Decimal]) -> Self:
        """The same with other numbers."""
