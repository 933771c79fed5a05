"""Judges every line of a sheet by the exact values and by the person's own earlier lines."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from ..calculus.derive import Step
from .figures import Figure
from .habits import MIXED, STRICT, Habit, Precision, Rounding, as_meant, window
from .intervals import meets
from .lines import Lines
from .scales import Enclosing, Interval, Scale

MOST_EXTRA = 1
"""So many lines may look wrong under a strict habit alone; more of them say that the person mixes habits."""
CLEARLY_OFF = 5
"""Units of the last digit by which a line must be off to be called wrong under a strict habit alone."""
FAR_OFF = 50
"""A line that is off by more units than this is not a matter of cutting off."""
ENOUGH_LINES = 8
WIDE = 10
"""An interval of more than its value divided by this cannot show whether a figure is right."""


class Verdict(StrEnum):
    """What is said of a line."""

    RIGHT = "right"
    ROUNDING = "right for your rounding"
    FOLLOWS = "follows"
    CONVENTION = "convention"
    SLIP = "slip"
    WRONG = "wrong"
    MISSING = "missing"
    UNREADABLE = "unreadable"


LARGE_PART = 0.1


class Mark(Struct):
    """The verdict on one figure."""

    id: str
    figure: Figure
    verdict: Verdict
    expected: Interval
    """What the line gives from the person's own earlier lines."""
    follows: frozenset[str] = frozenset()
    """The wrong lines that it follows from."""

    @property
    def wide(self) -> bool:
        """Whether the person's digits cannot show if the line is right."""
        low, high = self.expected
        return bool(WIDE * (high - low) > max(abs(low), abs(high)))


class Marking(Struct):
    """All verdicts under one habit, and what each line stands for in the lines below it."""

    habit: Habit
    precision: Precision
    scale: Scale
    marks: dict[str, Mark]
    own: dict[str, Interval]
    """From the person's own figures, wrong ones included."""
    windows: Mapping[str, Interval]
    tainted: dict[str, frozenset[str]]
    """Line → the wrong lines that its stand-in depends on."""
    strained: tuple[str, ...]
    """Lines that have the digits of the key, but not by way of the person's own lines under this habit."""
    against: tuple[str, ...]
    """Lines that are right although what was assumed of an unwritten line would make them wrong."""

    @property
    def wrong(self) -> list[str]:
        """The lines that neither the key nor the person's own lines explain."""
        return [id for id, mark in self.marks.items() if mark.verdict is Verdict.WRONG]


class Written(Struct, frozen=True, dict=True):
    """The readable figures of a sheet as numbers of one scale, with the exact values beside them."""

    lines: Lines
    figures: Mapping[str, Figure]
    precision: Precision
    scale: Scale
    _windows: dict[Rounding, Mapping[str, Interval]] = field(default_factory=dict)

    def number(self, value: Decimal) -> Any:
        """A decimal as a number of the scale."""
        return float(value) if isinstance(self.scale.infinity, float) else value

    @cached_property
    def plan(self) -> list[tuple[Step, Enclosing]]:
        """Each Step with the function that encloses it."""
        return self.lines.enclosures(self.scale)

    def windows(self, rounding: Rounding) -> Mapping[str, Interval]:
        """The values that each figure may be written for."""
        if rounding not in self._windows:
            self._windows[rounding] = {
                id: (self.number(low), self.number(high))
                for id, figure in self.figures.items()
                for low, high in [window(as_meant(figure, self.precision), rounding)]
            }
        return self._windows[rounding]

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """The figures as numbers of the scale."""
        return {id: self.number(figure.value) for id, figure in self.figures.items()}

    def keys(self) -> Mapping[str, Any]:
        """The exact values as numbers of the scale."""
        return self.lines.floats if isinstance(self.scale.infinity, float) else self.lines.values


def best_marking(written: Written) -> Marking:
    """The marking under the habit that leaves the fewest wrong lines.

    A strict habit (all rounded values carried, or none) makes narrow intervals. The mixed one accepts whatever either
    of them would; it is taken only where no strict habit fits.
    """
    best = min((mark(written, habit) for habit in STRICT if habit.rounding == "half up"), key=_badness)
    if (best.wrong or best.strained) and not _far_off(written, best, FAR_OFF):
        cut = min((mark(written, habit) for habit in STRICT if habit.rounding == "cut off"), key=_badness)
        best = min(best, cut, key=_badness)
    few = len(best.wrong) <= MOST_EXTRA and len(best.marks) >= ENOUGH_LINES
    if not best.wrong or (few and _far_off(written, best, CLEARLY_OFF)):
        return best
    mixed = min((mark(written, habit) for habit in MIXED), key=lambda marking: len(marking.wrong))
    return best if _strict_enough(written, best, mixed) else mixed


def _far_off(written: Written, marking: Marking, units: float) -> bool:
    """Whether every wrong line is off by so much, from the exact value too, and there is one."""
    return bool(marking.wrong) and all(_off(written, marking.marks[id]) >= units for id in marking.wrong)


def _off(written: Written, mark: Mark) -> float:
    """How far a figure lies from its own line's value or from the exact one, whichever is nearer, in units."""
    value, unit = float(mark.figure.value), float(mark.figure.unit) or 1e-300
    return min(units_off(mark), abs(value - written.lines.floats[mark.id]) / unit)


def _badness(marking: Marking) -> tuple[int, int]:
    return len(marking.wrong), len(marking.strained)


def _strict_enough(written: Written, strict: Marking, mixed: Marking) -> bool:
    """Whether what a strict habit calls wrong beyond the mixed one is a slip rather than a mixed habit."""
    extra = [strict.marks[id] for id in strict.wrong if mixed.marks[id].verdict is not Verdict.WRONG]
    if len(strict.wrong) <= len(mixed.wrong):
        return True
    few = len(extra) <= MOST_EXTRA and len(strict.marks) >= ENOUGH_LINES
    return few and all(_off(written, mark) >= CLEARLY_OFF for mark in extra)


def units_off(mark: Mark) -> float:
    """How far a figure lies from what its line gives, in units of its last digit."""
    low, high = mark.expected
    value, unit = float(mark.figure.value), float(mark.figure.unit) or 1e-300
    return max(0.0, float(low) - value, value - float(high)) / unit


def off_in_the_last_digit(mark: Mark, units: float) -> bool:
    """Whether a figure lies off by fewer units than that, and by no large part of it; a bare 0.5 has no last digit."""
    off = units_off(mark) * float(mark.figure.unit)
    return units_off(mark) < units and off <= LARGE_PART * abs(float(mark.figure.value))


def mark(written: Written, habit: Habit, assumed: Mapping[str, Interval] | None = None) -> Marking:
    """Judge every line under one habit. ``assumed`` are stand-ins for lines that were not written down."""
    return _Walk(written, habit, assumed or {}).marking()


class _Walk:
    """Goes through the lines in order. Each has two stand-ins: from the person's figures as they are (own), and with
    wrong ones replaced by what they should have been (clean)."""

    def __init__(self, written: Written, habit: Habit, assumed: Mapping[str, Interval]) -> None:
        self.written, self.habit, self.assumed = written, habit, assumed
        self.keys = written.keys()
        self.windows = written.windows(habit.rounding)
        self.own: dict[str, Interval] = {}
        self.clean: dict[str, Interval] = {}
        self.tainted: dict[str, frozenset[str]] = {}
        self.marks: dict[str, Mark] = {}
        self.strained: list[str] = []
        self.against: list[str] = []

    def marking(self) -> Marking:
        written, own, clean = self.written, self.own, self.clean
        for id in written.lines.starts:
            value = self.keys[id]
            self._line(id, (value, value), (value, value), frozenset(), start=True)
        nothing: frozenset[str] = frozenset()
        tainted, far = self.tainted, written.lines.far
        for step, enclose in written.plan:
            uses = step.uses
            cleanly = enclose([clean[used] for used in uses])
            taint = nothing
            if tainted:
                for used in uses:
                    if used in tainted:
                        taint = taint | tainted[used]
            owned = enclose([own[used] for used in uses]) if taint else cleanly
            self._line(step.id, owned, cleanly, taint, step.trivial or step.id in far)
        return Marking(
            self.habit,
            written.precision,
            written.scale,
            self.marks,
            own,
            self.windows,
            self.tainted,
            tuple(self.strained),
            tuple(self.against),
        )

    def _line(
        self,
        id: str,
        owned: Interval,
        cleanly: Interval,
        taint: frozenset[str],
        repeats: bool = False,
        start: bool = False,
    ) -> None:
        window = self.windows.get(id)
        if window is None:
            self._unwritten(id, owned, cleanly, taint, repeats or start)
            return
        figure, key = self.written.figures[id], self.keys[id]
        right = window[0] <= key <= window[1]
        fits = meets(window, cleanly)
        if right or fits:
            self._accepted(id, window, right, fits, owned, cleanly, taint)
            return
        follows = bool(taint) and meets(window, owned)
        self.own[id] = self._stands_for(id, figure, window, False)
        self.clean[id] = cleanly if repeats else self.habit.widened(cleanly, self.written.precision)
        self.tainted[id] = taint if follows else frozenset({id})
        verdict = Verdict.FOLLOWS if follows else Verdict.WRONG
        self.marks[id] = Mark(id, figure, verdict, owned, taint if follows else frozenset())

    def _accepted(
        self,
        id: str,
        window: Interval,
        right: bool,
        fits: bool,
        owned: Interval,
        cleanly: Interval,
        taint: frozenset[str],
    ) -> None:
        """A line that is right; if it follows from a wrong one as well, the difference may only be too small to see."""
        figure = self.written.figures[id]
        self.own[id] = self.clean[id] = self._stands_for(id, figure, window, right)
        self.marks[id] = Mark(id, figure, Verdict.RIGHT if right else Verdict.ROUNDING, cleanly)
        if not fits:
            self.strained.append(id)
        if not taint:
            return
        if meets(window, owned):
            self.own[id] = self._stands_for(id, figure, window, False)
            self.tainted[id] = taint
        elif self.assumed and taint & self.assumed.keys():
            self.against.append(id)

    def _unwritten(self, id: str, owned: Interval, cleanly: Interval, taint: frozenset[str], as_it_is: bool) -> None:
        if id in self.assumed:
            owned = self.assumed[id]
            taint = taint | {id}
        if not as_it_is:
            precision = self.written.precision
            widened = self.habit.widened(cleanly, precision)
            owned = widened if owned is cleanly else self.habit.widened(owned, precision)
            cleanly = widened
        self.own[id], self.clean[id] = owned, cleanly
        if taint:
            self.tainted[id] = taint

    def _stands_for(self, id: str, figure: Figure, window: Interval, right: bool) -> Interval:
        """A figure stands for itself, for the exact value, or for all that it may be written for."""
        value = self.written.values[id]
        if self.habit.carry == "rounded" or (right and id in self.written.lines.exact and value == self.keys[id]):
            return (value, value)
        if self.habit.carry == "exact" and right:
            return (self.keys[id], self.keys[id])
        return window
