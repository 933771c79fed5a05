"""Play: by how much an answer may differ from the printed one."""

from __future__ import annotations

from decimal import Decimal

from ..numbers.digits import exceptions
from ..numbers.evaluate import Evaluation


def tolerance(evaluation: Evaluation, id: str) -> Decimal:
    """One unit of the last digit that is asked for; nothing for a whole number that is exact.

    With rounded values carried every line can be worked out from the figures above it, so its answer has no play.
    """
    text = evaluation.texts[id]
    display = exceptions(evaluation.derivation, evaluation.display).get(id, evaluation.display)
    if display.carry == "rounded" or ("." not in text and id in evaluation.exact):
        return Decimal(0)
    return last_unit(text)


def last_unit(text: str) -> Decimal:
    """One unit of the last digit of a figure; nothing for 0, which is shown without decimals."""
    return Decimal(0) if text == "0" else Decimal((0, (1,), int(Decimal(text).as_tuple().exponent)))
