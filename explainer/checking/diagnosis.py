"""Which slip: the candidates for each wrong line, how sure one can be, and which lines have the same cause."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from .ancestors import Search
from .candidates import FINEST, MOST_ABOVE, Candidate, Editor, candidate, fits, slips_of_the_pen
from .habits import MIXED
from .kin import Kin
from .likeness import Likeness
from .marking import Marking, Verdict, Written, mark, off_in_the_last_digit
from .scales import Interval

STATED, PERHAPS = 0.02, 0.30
"""A lone explanation is stated where all candidates together cover less than this part of the plausible range, and said
with "perhaps" up to the other."""
MOST_LISTED = 3
LAST_DIGIT = 1.5
"""A figure that is off by fewer units of its last digit shows no more than that."""
MOST_SEARCHED = 10
"""On a sheet with more wrong lines than this, slips in unwritten lines are not looked for."""
MOST = 0.6
"""The part of the candidates that the plausible range holds."""


class Confidence(StrEnum):
    """How sure an explanation is."""

    STATED = "stated"
    PERHAPS = "perhaps"
    LISTED = "listed"
    NONE = "none"


class Diagnosis(Struct, frozen=True):
    """The explanation of one own error: the line where it shows, and what it may have been."""

    line: str
    confidence: Confidence
    candidates: tuple[Candidate, ...]
    coverage: float
    again: tuple[str, ...] = ()
    """Sibling lines with the same mistake: they count as one."""
    explained: tuple[str, ...] = ()
    """Other wrong lines that come from the same slip in a line that was not written down."""
    contrary: tuple[str, ...] = ()
    """For another method from the start: lines that do not follow it."""

    @property
    def best(self) -> Candidate | None:
        """The most likely explanation."""
        return self.candidates[0] if self.candidates else None


TRUST = {Confidence.STATED: 1.0, Confidence.PERHAPS: 0.5, Confidence.LISTED: 0.3, Confidence.NONE: 0.0}


class Diagnostician:
    """Explains the wrong lines of sheets of one calculation."""

    def __init__(self, kin: Kin) -> None:
        self.kin = kin
        self.editor = Editor(kin)
        self.likeness = Likeness(kin)

    def diagnose(self, written: Written, marking: Marking) -> tuple[Marking, list[Diagnosis]]:
        """Every own error in order. An explanation by an unwritten line may clear other lines, so the marking that
        holds with it is given back too."""
        found: dict[str, Diagnosis] = {}
        assumed: dict[str, Interval] = {}
        tried: dict[str, tuple[Diagnosis, dict[str, Interval]]] = {}
        few = len(marking.wrong) <= MOST_SEARCHED
        while waiting := [id for id in marking.wrong if id not in found]:
            for line in waiting:
                if line not in tried:
                    tried[line] = self._one(written, marking, line, assumed, found, few)
            line = max(waiting, key=lambda id: _likelihood(tried[id][0]))
            diagnosis, stand_in = tried[line]
            found[line] = diagnosis
            if stand_in:
                assumed.update(stand_in)
                before, tried = set(marking.wrong), {}
                marking = self._marked_again(written, marking, assumed, found)
                found[line] = replace(diagnosis, explained=tuple(sorted(before - set(marking.wrong), key=self._place)))
        return marking, [found[id] for id in sorted(found, key=self._place)]

    def _place(self, id: str) -> int:
        return self.kin.place.get(id, -1)

    def _marked_again(
        self, written: Written, marking: Marking, assumed: Mapping[str, Interval], found: Iterable[str]
    ) -> Marking:
        """The marking with what is assumed of unwritten lines; a line that shows a slip stays one."""
        again = mark(written, marking.habit, assumed)
        for line in found:
            again.marks[line].verdict = Verdict.WRONG
        return again

    def _one(
        self,
        written: Written,
        marking: Marking,
        line: str,
        assumed: Mapping[str, Interval],
        done: Collection[str],
        further: bool,
    ) -> tuple[Diagnosis, dict[str, Interval]]:
        """The likeliest explanation of one line, and what it says of a line that was not written down."""
        search = Search(self.kin, self.editor, written, marking, line, assumed, done)
        further_up = list(search.tried()) if further else []
        here = list(self._at_line(written, marking, line))
        covered = coverage(marking, line, [*here, *(found for found, _ in further_up)])
        if off_in_the_last_digit(marking.marks[line], LAST_DIGIT):
            return Diagnosis(line, Confidence.NONE, (), covered), {}
        fitting = _truly_copied(fits(here, marking.windows[line]), written, line)
        fitting = fitting or self._loosely(written, marking, line)
        left = sum(id not in done for id in marking.wrong) - 1
        scored = [(left, found) for found in fitting]
        above = search.fitting(further_up)
        scored += [(found.score, found.candidate) for found in above]
        if not scored:
            return Diagnosis(line, Confidence.NONE, (), covered), {}
        least = min(score for score, _ in scored)
        kept = self.likeness.distinct([found for score, found in scored if score <= least], line)
        best = kept[0]
        above_here = [a.stand_in for a in above if a.candidate.line == best.line and a.candidate.value == best.value]
        stand_in = {best.line: above_here[0]} if above_here and best.line != line else {}
        return Diagnosis(line, _confidence(len(kept), covered), tuple(kept[:MOST_LISTED]), covered), stand_in

    def _loosely(self, written: Written, marking: Marking, line: str) -> list[Candidate]:
        """What fits if the person carried more digits here, or fewer, than the habit says."""
        for habit in (habit for habit in MIXED if habit.rounding == marking.habit.rounding):
            loose = mark(written, habit)
            fitting = fits(self._at_line(written, loose, line), loose.windows[line]) if line in loose.marks else []
            if found := _truly_copied(fitting, written, line):
                return found
        return []

    def _at_line(self, written: Written, marking: Marking, line: str) -> Iterable[Candidate]:
        """The edits of the line itself, with the person's own numbers."""
        window, shown = marking.windows[line], marking.marks[line]
        yield from slips_of_the_pen(line, shown.figure, window, shown.expected, marking.scale)
        step = self.kin.lines.step.get(line)
        if step is None:
            return
        functions = self.kin.graph.functions
        for edited in self.editor.of(step):
            yield candidate(edited, marking.own, functions, marking.scale)
        for edited in self.editor.e_for_ten(step, marking.own):
            yield candidate(edited, marking.own, functions, marking.scale)
        for other in self._just_above(written, line):
            yield candidate(self.editor.repeating(step, other), marking.own, functions, marking.scale)

    def _just_above(self, written: Written, line: str) -> list[str]:
        """The lines above on the sheet, and those above in the calculation, which may stand on another paper."""
        order, steps, place = list(written.figures), self.kin.lines.steps, self.kin.place[line]
        sheet = order[max(0, order.index(line) - MOST_ABOVE) : order.index(line)]
        return list(dict.fromkeys([*sheet, *(step.id for step in steps[max(0, place - MOST_ABOVE) : place])]))


def _truly_copied(found: Iterable[Candidate], written: Written, line: str) -> list[Candidate]:
    """Without those that take the line for a copy of one that stands on the sheet with other digits."""
    digits = written.figures[line].value
    return [c for c in found if not c.copies or getattr(written.figures.get(c.instead), "value", digits) == digits]


def _likelihood(diagnosis: Diagnosis) -> float:
    """How likely the explanation is, roughly; the likeliest is taken first, for others may hang on it."""
    return diagnosis.best.mistake.weight * TRUST[diagnosis.confidence] if diagnosis.best else 0.0


def _confidence(count: int, covered: float) -> Confidence:
    if count > 1 or covered >= PERHAPS:
        return Confidence.LISTED
    return Confidence.STATED if covered < STATED else Confidence.PERHAPS


def coverage(marking: Marking, line: str, candidates: Iterable[Candidate]) -> float:
    """The part of the plausible range in which some candidate would fit a figure of this width.

    Slips lead to some values rather than to others: of a new weight, near the old one. So the range is the stretch
    around the figure that holds most of the candidates.
    """
    low, high = (float(end) for end in marking.windows[line])
    figure = (low + high) / 2
    width = max(high - low, abs(figure) * FINEST)
    ends = [(float(found.value[0]) - width / 2, float(found.value[1]) + width / 2) for found in candidates]
    ends = [(lower, upper) for lower, upper in ends if -math.inf < lower <= upper < math.inf]
    distances = sorted(abs((lower + upper) / 2 - figure) for lower, upper in ends)
    near = [far for far, before in zip(distances, [-math.inf, *distances], strict=False) if far - before > width / 2]
    size = max(near[int(MOST * len(near)) - 1] if len(near) > 1 else abs(figure), width)
    return _covered([(lower - figure, upper - figure) for lower, upper in ends], size)


def _covered(stretches: Iterable[tuple[float, float]], size: float) -> float:
    """The part of the range from -size to size that some stretch covers."""
    covered, end = 0.0, -size
    for low, high in sorted(stretches):
        covered += max(0.0, min(high, size) - max(low, end))
        end = max(end, min(high, size))
    return min(1.0, covered / (2 * size)) if size else 1.0
