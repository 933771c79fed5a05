"""Interval evaluation of a formula: an enclosure of all values that it can have while its slots stay in theirs.

Every bound is moved outward by more than its rounding error, so an enclosure holds the exact range. The natural
extension (Moore, "Interval analysis", 1966) is sharp where every slot occurs once. Where one occurs more often, the
formula's derivative tells whether it only rises or only falls with it; then an end of the slot's interval gives an end
of the result. Where it does not, the mean-value form is taken along.

The same closures serve machine floats and decimals, as the digits that a person wrote ask for.
"""

from __future__ import annotations

from collections import Counter
from decimal import DecimalException
from functools import lru_cache

from ..formulas.expression import (
    Call,
    Cases,
    Expression,
    Slot,
    children,
    replace,
    walk,
    with_children,
)
from ..formulas.handform import hand_derivative
from ..formulas.shape import FunctionTable, Shape
from .closures import Closures
from .scales import Box, Enclosing, Interval, Scale


def meets(left: Interval, right: Interval) -> bool:
    """Whether two intervals have a number in common."""
    return bool(left[0] <= right[1] and right[0] <= left[1])


@lru_cache(maxsize=4096)
def enclosing(shape: Shape, functions: FunctionTable, scale: Scale) -> Enclosing:
    """A Shape as a function from the intervals in its slots to an enclosure of its values."""
    return enclosing_formula(shape.formula, functions, scale)


def enclosing_formula(formula: Expression, functions: FunctionTable, scale: Scale) -> Enclosing:
    """The same for a formula over slots."""
    written = written_out(formula, functions)
    natural = Closures(scale).of(written)
    counts = Counter(part.index for part in walk(written) if isinstance(part, Slot))
    repeated = [index for index, count in counts.items() if count > 1]
    enclosing = _sharper(written, natural, repeated, functions, scale) if repeated else natural
    return _guarded(enclosing, scale)


def written_out(formula: Expression, functions: FunctionTable) -> Expression:
    """The formula with every function that has a formula replaced by it."""
    parts = [written_out(part, functions) for part in children(formula)]
    if isinstance(formula, Call) and functions.rows[formula.function].formula:
        body = functions.formula(formula.function)
        put_in = replace(body, lambda leaf: parts[leaf.index] if isinstance(leaf, Slot) else leaf)
        return written_out(put_in, functions)
    return with_children(formula, parts) if parts else formula


def _guarded(enclosing: Enclosing, scale: Scale) -> Enclosing:
    """Where a value may not exist anywhere in the box, nothing can be said."""

    def evaluated(box: Box) -> Interval:
        try:
            low, high = enclosing(box)
        except (ValueError, OverflowError, ZeroDivisionError, DecimalException):
            return scale.everything
        return (low, high) if low <= high else scale.everything  # also where one is not a number

    return evaluated


# ---------------------------------------------------------------- slots that occur more than once


def _sharper(
    formula: Expression, natural: Enclosing, repeated: list[int], functions: FunctionTable, scale: Scale
) -> Enclosing:
    closures = Closures(scale)
    slopes = [
        (index, closures.of(written_out(hand_derivative(formula, Slot(index), functions.derivative), functions)))
        for index in repeated
    ]
    decided = [closures.decided(part) for part in walk(formula) if isinstance(part, Cases)]

    def evaluated(box: Box) -> Interval:
        if all(box[index][0] == box[index][1] for index in repeated) or not all(case(box) for case in decided):
            return natural(box)
        lowest, highest, middle = list(box), list(box), list(box)
        spread = None
        for index, slope in slopes:
            low, high = box[index]
            falls, rises = slope(box)
            if falls >= 0:
                lowest[index], highest[index] = (low, low), (high, high)
            elif rises <= 0:
                lowest[index], highest[index] = (high, high), (low, low)
            else:
                centre = low + (high - low) / 2
                middle[index] = (centre, centre)
                reach = max(-falls, rises) * max(high - centre, centre - low)
                spread = reach if spread is None else spread + reach
        bounds = (natural(lowest)[0], natural(highest)[1])
        if spread is None:
            return bounds
        inner = natural(middle)
        spread *= 1 + 8 * scale.slack
        return (max(bounds[0], inner[0] - spread), min(bounds[1], inner[1] + spread))

    return evaluated
