"""Which quantities vary, and the grid that each is drawn from: as the file says, or around the given value."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ..calculus.derive import Derivation
from ..calculus.graph import Role
from ..calculus.marks import parsed, plain
from ..formulas.losses import LOSSES
from ..formulas.problems import ExplainerError, Problems
from ..numbers.evaluate import Evaluation
from ..spec.grids import USUAL_STEP
from ..spec.types import Grid, Literal, Spec
from ..spec.variants import check_names

KINDS: Mapping[str, Role] = {
    "inputs": Role.GIVEN,
    "given": Role.GIVEN,
    "targets": Role.TARGET,
    "weights": Role.PARAMETER,
    "parameters": Role.PARAMETER,
    "biases": Role.BIAS,
}
"""Words of ``[variants]`` that stand for many quantities."""
USUAL: Mapping[str, Grid | bool] = {"inputs": True, "targets": True, "weights": True, "biases": True}
"""What varies where the file does not say."""
LEAST_REACH = Decimal("0.25")
"""A grid around a given value reaches at least so far to either side, and at least to half and one and a half of it."""
BORDERS = (Decimal(-1), Decimal(0), Decimal(1))
"""A grid around a given value does not cross these: a sign, a probability and a share stay what they are."""


def check(spec: Spec, derivation: Derivation) -> None:
    """Whether ``[variants]`` speaks of what there is.

    Raises:
        CalculationError: where it does not.
    """
    problems = Problems(spec.label)
    known = [
        *KINDS,
        *(plain(quantity.name) for quantity in derivation.graph.sources if quantity.role is not Role.STATE),
    ]
    check_names(spec.variants, known, problems)
    if spec.variants and "targets" in spec.variants.vary and _targets_add_up(spec):
        problems.add(
            "variants.targets", f"{spec.training.loss} takes shares that add up to 1", "leave them as they are"
        )
    problems.stop_if_any()


def grids(spec: Spec, evaluation: Evaluation) -> dict[str, Grid]:
    """The grid of every quantity that varies, by name; in the order of the calculation.

    Raises:
        ExplainerError: where nothing varies.
    """
    vary = spec.variants.vary if spec.variants else USUAL
    if spec.variants and not vary and spec.variants.sizes:
        vary = USUAL
    fixed = {Role.TARGET} if _targets_add_up(spec) else set()
    found: dict[str, Grid] = {}
    for quantity in evaluation.derivation.graph.sources:
        if quantity.role in fixed or quantity.role is Role.STATE or parsed(quantity.name).state:
            continue
        asked = _asked(vary, quantity.name, quantity.role)
        grid = around(evaluation.sources[quantity.name], spec.display.decimals) if asked is True else asked
        if isinstance(grid, Grid):
            found[quantity.name] = grid
    if not found:
        hint = "[variants] names what does, for example inputs = { from = 0.1, to = 0.9, step = 0.1 }"
        raise ExplainerError(f"{spec.label}: nothing varies; numbers such as 0 and 1 stay as they are\n    {hint}")
    return found


def _targets_add_up(spec: Spec) -> bool:
    row = LOSSES.get(spec.training.loss)
    return row is not None and row.joint


def _asked(vary: Mapping[str, Grid | bool], name: str, role: Role) -> Grid | bool:
    """What is said of a quantity itself, or else of its kind."""
    kinds = [kind for kind, of in KINDS.items() if of is role]
    return next((vary[key] for key in (name, plain(name), *kinds) if key in vary), False)


def around(given: Literal, decimals: int | None = None) -> Grid | None:
    """Two decimals around a given value, or whole numbers around a whole one.

    No finer than the ``decimals`` that are shown, if the value is not: beside numbers that say more than results can
    show, mistakes would hide. None where it has no neighbours of its kind: 0, 1 and -1 mean something, and so do
    values below the step.
    """
    value = given.value
    step = USUAL_STEP if "." in given.text or "e" in given.text else Decimal(1)
    shown = Decimal(1).scaleb(-decimals) if decimals else step
    step = shown if shown > step and not value % shown else step
    if value in BORDERS or abs(value) < step or value % step:
        return None
    reach = max(LEAST_REACH, abs(value) / 2) // step * step
    lower = max((border + step for border in BORDERS if border < value), default=value - reach)
    upper = min((border - step for border in BORDERS if border > value), default=value + reach)
    lowest, highest = max(lower, value - reach), min(upper, value + reach)
    return Grid(lowest, highest, step) if lowest < highest else None
