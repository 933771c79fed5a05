"""The line that data follows, in one place: file → Spec → Graph → Derivation → Evaluation → lesson → formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .calculus.derive import Derivation, Step, derive
from .calculus.graph import Listing, build
from .calculus.networks import listing_of
from .formulas.problems import ExplainerError, nearest
from .numbers.evaluate import Evaluation, evaluate
from .spec.load import from_table, load
from .spec.types import Literal, Spec

DETAILS = ("brief", "standard", "full")


@dataclass(frozen=True)
class Calculation:
    """A calculation, derived and evaluated."""

    spec: Spec
    listing: Listing
    evaluation: Evaluation

    @property
    def derivation(self) -> Derivation:
        """The lines of working."""
        return self.evaluation.derivation

    @property
    def steps(self) -> tuple[Step, ...]:
        """The lines of working, in order."""
        return self.derivation.steps

    @classmethod
    def of(cls, spec: Spec) -> Calculation:
        """Derive and evaluate a Spec.

        Raises:
            ExplainerError: where a line has no value, or names collide.
        """
        listing = listing_of(spec)
        derivation = derive(build(listing, spec.training, spec.functions))
        sources = {quantity.name: literal for quantity, literal in listing.sources}
        return cls(spec, listing, evaluate(derivation, sources, spec.display))
