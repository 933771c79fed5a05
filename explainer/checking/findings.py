"""What was found about one sheet, before it is put into a report."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from ..numbers.evaluate import Evaluation
from ..spec.types import Spec
from .conventions import Turned
from .diagnosis import Diagnosis
from .kin import Kin
from .lines import Lines
from .marking import Marking, Written
from .told import Told
from .workings import Workbook


class Findings(Struct, frozen=True, dict=True):
    """The sheet, the verdicts, the explanations."""

    spec: Spec
    evaluation: Evaluation
    told: Told
    written: Written
    marking: Marking
    diagnoses: tuple[Diagnosis, ...]
    turned: Turned | None
    kin: Kin
    variants: Mapping[str, Lines]
    """The lines of the class's other variants, by their codes."""

    @cached_property
    def workbook(self) -> Workbook:
        """Lines with the person's own numbers in them."""
        return Workbook(self.written, self.marking, self.evaluation)

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each line in the calculation."""
        lines = self.written.lines
        return {id: place for place, id in enumerate((*lines.starts, *(step.id for step in lines.steps)))}
