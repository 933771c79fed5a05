"""What the blanks of a sheet are worth: by the policy by which ``explainer check`` scores, so that they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

from ..calculus.derive import Derivation
from ..checking.names import Names
from ..checking.policy import Policy, check_lines, read_policy
from ..formulas.problems import CalculationError, Problem
from ..spec.files import Source
from .calculated import Calculated
from .masks import Mask, Part, closed
from .rules import asked

Key = tuple[str, Part]
USUAL = Source("--points", "", b"")
"""A point for every blank, as a check without a policy has it."""


def points_of(blanks: Iterable[Key], derivation: Derivation, policy: Policy | None) -> Mapping[Key, Decimal]:
    """Blank → what it is worth; without a policy a point."""
    if policy is None:
        return dict.fromkeys(blanks, Policy().points)
    policy = policy.under_ids(_names(derivation))
    return {(id, part): policy.blank(part.value, id, derivation.step[id].kind) for id, part in blanks}


def policy_in(source: Source, given: Calculated, masks: Iterable[Mask]) -> Policy:
    """The policy of a file, for sheets with these masks.

    Raises:
        CalculationError: where it says something impossible, or would have a check count what a sheet does not ask for.
    """
    policy = read_policy(source)
    check_lines(policy, source.label, given.spec, _names(given.derivation))
    if policy.expected == "all":
        for mask in masks:
            _refuse_unasked(closed(mask, given.evaluation), given.derivation, source.label)
    return policy


def _refuse_unasked(mask: Mask, derivation: Derivation, label: str) -> None:
    """A check that expects all lines takes points off for one that the sheet prints, or has no blank for."""
    results = {id for id, part in mask if part is Part.RESULT}
    unasked = [step.id for step in asked(derivation) if step.id not in results]
    if results and unasked:
        what = f'"all" counts lines without a blank on the sheet, {len(unasked)} of them, such as `{unasked[0]}`'
        hint = 'expected = "sheet", or a sheet with all results blank'
        raise CalculationError(label, [Problem("expected", what, hint)])


@lru_cache(maxsize=64)
def _names(derivation: Derivation) -> Names:
    return Names(derivation)
