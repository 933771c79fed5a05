"""Which slip: the candidates for each wrong line, how sure one can be, and which lines have the same cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ..calculus.derive import Step
from .candidates import MOST_ABOVE, Candidate, Editor, candidate, distinct, fits, slips_of_the_pen
from .habits import MIXED, Habit
from .intervals import Interval, enclosing, meets
from .kin import Kin
from .marking import Marking, Verdict, Written, mark
from .mistakes import BY_EDIT
from .rewrites import Rewrite

STATED, PERHAPS = 0.02, 0.30
"""A lone explanation is stated where all candidates together cover less than this part of the plausible range, and said
with "perhaps" up to the other."""
MOST_LISTED = 3
MOST_ANCESTORS = 40
"""So many unwritten lines above a wrong one are searched."""


class Confidence(StrEnum):
    """How sure an explanation is."""

    STATED = "stated"
    PERHAPS = "perhaps"
    LISTED = "listed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The explanation of one own error: the line where it shows, and what it may have been."""

    line: str
    confidence: Confidence
    candidates: tuple[Candidate, ...]
    coverage: float
    again: tuple[str, ...] = ()
    """Sibling lines with the same mistake: they count as one."""
    explained: tuple[str, ...] = ()
    """Other wrong lines that come from the same slip in a line that was not written down."""

    @property
    def best(self) -> Candidate | None:
        """The most likely explanation."""
        return self.candidates[0] if self.candidates else None


SUREST_FIRST = (Confidence.STATED, Confidence.PERHAPS, Confidence.LISTED, Confidence.NONE)


class Diagnostician:
    """Explains the wrong lines of sheets of one calculation."""

    def __init__(self, kin: Kin) -> None:
        self.kin = kin
        self.editor = Editor(kin)
        self.steps = {step.id: place for place, step in enumerate(kin.lines.steps)}

    def diagnose(self, written: Written, marking: Marking) -> tuple[Marking, list[Diagnosis]]:
        """Every own error in order. An explanation by an unwritten line may clear other lines, so the marking that
        holds with it is given back too."""
        found: dict[str, Diagnosis] = {}
        assumed: dict[str, Interval] = {}
        tried: dict[str, tuple[Diagnosis, dict[str, Interval]]] = {}
        while waiting := [id for id in marking.wrong if id not in found]:
            for line in waiting:
                if line not in tried:
                    tried[line] = self._one(written, marking, line, assumed)
            line = min(waiting, key=lambda id: _surest_first(tried[id][0]))
            diagnosis, stand_in = tried[line]
            found[line] = diagnosis
            if stand_in:
                assumed.update(stand_in)
                before, tried = set(marking.wrong), {}
                marking = self._marked_again(written, marking, assumed, found)
                found[line] = replace(diagnosis, explained=tuple(sorted(before - set(marking.wrong), key=self._place)))
        return marking, grouped([found[id] for id in sorted(found, key=self._place)])

    def _place(self, id: str) -> int:
        return self.steps.get(id, -1)

    def _marked_again(
        self, written: Written, marking: Marking, assumed: Mapping[str, Interval], found: Iterable[str]
    ) -> Marking:
        """The marking with what is assumed of unwritten lines; a line that shows a slip stays one."""
        again = mark(written, marking.habit, assumed)
        for line in found:
            again.marks[line].verdict = Verdict.WRONG
        return again

    def _one(
        self, written: Written, marking: Marking, line: str, assumed: Mapping[str, Interval]
    ) -> tuple[Diagnosis, dict[str, Interval]]:
        window = marking.windows[line]
        everything = list(self._at_line(written, marking, line))
        fitting = distinct(fits(everything, window) or self._loosely(written, marking, line), self.kin)
        above: list[tuple[Candidate, Interval, float]] = []
        ancestors = self._unwritten_above(marking, line)
        if ancestors:
            tried, above = self._above(written, marking, line, ancestors, assumed)
            everything += tried
        return self._chosen(marking, line, everything, fitting, above)

    def _chosen(
        self,
        marking: Marking,
        line: str,
        everything: Sequence[Candidate],
        fitting: list[Candidate],
        above: list[tuple[Candidate, Interval, float]],
    ) -> tuple[Diagnosis, dict[str, Interval]]:
        """Those that leave the fewest lines unexplained, most likely first."""
        left = len(marking.wrong) - 1
        scored = [(float(left), found) for found in fitting] + [(score, found) for found, _, score in above]
        if not scored:
            return Diagnosis(line, Confidence.NONE, (), coverage(marking, line, everything)), {}
        least = min(score for score, _ in scored)
        kept = distinct([found for score, found in scored if score <= least], self.kin)
        covered = coverage(marking, line, everything)
        confidence = _confidence(len(kept), covered)
        best = kept[0]
        same = [interval for found, interval, _ in above if found.line == best.line and found.value == best.value]
        stand_in = {best.line: same[0]} if same and best.line != line else {}
        return Diagnosis(line, confidence, tuple(kept[:MOST_LISTED]), covered), stand_in

    def _loosely(self, written: Written, marking: Marking, line: str) -> list[Candidate]:
        """What fits if the person carried more digits here, or fewer, than the habit says."""
        for habit in MIXED:
            loose = mark(written, habit)
            if line in loose.marks and (found := fits(self._at_line(written, loose, line), loose.windows[line])):
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
        order, steps, place = list(written.figures), self.kin.lines.steps, self.steps[line]
        sheet = order[max(0, order.index(line) - MOST_ABOVE) : order.index(line)]
        return list(dict.fromkeys([*sheet, *(step.id for step in steps[max(0, place - MOST_ABOVE) : place])]))

    # ------------------------------------------------------------ slips in lines that were not written down

    def _unwritten_above(self, marking: Marking, line: str) -> list[Step]:
        """The lines that this one comes from by way of unwritten ones only, nearest first."""
        step = self.kin.lines.step
        waiting, seen, found = [line], {line}, list[Step]()
        while waiting and len(found) < MOST_ANCESTORS:
            for used in step[waiting.pop(0)].uses if waiting[0] in step else ():
                if used in step and used not in marking.windows and used not in seen:
                    seen.add(used)
                    waiting.append(used)
                    if not step[used].trivial:
                        found.append(step[used])
        return found

    def _above(
        self, written: Written, marking: Marking, line: str, ancestors: list[Step], assumed: Mapping[str, Interval]
    ) -> tuple[list[Candidate], list[tuple[Candidate, Interval, float]]]:
        tried, found = list[Candidate](), list[tuple[Candidate, Interval, float]]()
        window, functions = marking.windows[line], self.kin.graph.functions
        between = {step.id for step in ancestors} | {line}
        for ancestor in ancestors:
            if ancestor.id in assumed:
                continue
            way = self._way_down(ancestor.id, line, between)
            for edited in self.editor.of(ancestor):
                if edited.mistake.name == "line above copied":
                    continue
                changed = candidate(edited, marking.own, functions, marking.scale).value
                stand_in = marking.habit.widened(changed, marking.precision, marking.scale)
                value = self._carried_down(marking, ancestor.id, stand_in, way)
                at = Candidate(
                    edited.mistake, ancestor.id, edited.shape, edited.uses, value, edited.part, edited.instead
                )
                tried.append(at)
                if meets(value, window) and not meets(changed, marking.own[ancestor.id]):
                    score = self._unexplained(written, marking.habit, {**assumed, ancestor.id: stand_in}, line)
                    found.append((at, stand_in, score))
        return tried, found

    def _way_down(self, start: str, line: str, between: set[str]) -> list[Step]:
        """The unwritten Steps from an ancestor down to the line, in order."""
        reached, way = {start}, list[Step]()
        for step in self.kin.lines.steps[self.steps[start] + 1 : self.steps[line] + 1]:
            if any(used in reached for used in step.uses) and (step.id in between or step.trivial):
                reached.add(step.id)
                way.append(step)
        return way

    def _carried_down(self, marking: Marking, start: str, stand_in: Interval, way: list[Step]) -> Interval:
        own = {start: stand_in}
        value = stand_in
        for step in way:
            enclose = enclosing(step.shape, self.kin.graph.functions, marking.scale)
            value = enclose([own[used] if used in own else marking.own[used] for used in step.uses])
            own[step.id] = value if step.trivial else marking.habit.widened(value, marking.precision, marking.scale)
        return value

    def _unexplained(self, written: Written, habit: Habit, assumed: Mapping[str, Interval], line: str) -> float:
        """How many lines stay wrong with an unwritten line so, and how many right ones speak against it."""
        marking = mark(written, habit, assumed)
        return len([id for id in marking.wrong if id != line]) + len(marking.against)


def _surest_first(diagnosis: Diagnosis) -> tuple[int, float]:
    likely = diagnosis.best.mistake.weight if diagnosis.best else 0.0
    return SUREST_FIRST.index(diagnosis.confidence), -likely


def _confidence(count: int, covered: float) -> Confidence:
    if count > 1 or covered >= PERHAPS:
        return Confidence.LISTED
    return Confidence.STATED if covered < STATED else Confidence.PERHAPS


def coverage(marking: Marking, line: str, candidates: Iterable[Candidate]) -> float:
    """The part of the plausible range in which some candidate would fit a figure of this width."""
    shown, window = marking.marks[line], marking.windows[line]
    width = float(window[1] - window[0])
    size = 2 * max(map(abs, map(float, (*shown.expected, *window))))
    reaches = sorted(
        (max(-size, low - width / 2), min(size, high + width / 2))
        for low, high in ((float(c.value[0]), float(c.value[1])) for c in candidates)
        if high >= -size and low <= size
    )
    covered, end = 0.0, -size
    for low, high in reaches:
        covered += max(0.0, high - max(low, end))
        end = max(end, high)
    return covered / (2 * size) if size else 1.0


def grouped(found: list[Diagnosis]) -> list[Diagnosis]:
    """The same mistake on several lines counts once; where it is sure on one, it settles the others too."""
    kept: list[Diagnosis] = []
    for diagnosis in found:
        same = next((place for place, first in enumerate(kept) if _shared(first, diagnosis)), None)
        if same is None:
            kept.append(diagnosis)
        else:
            kept[same] = _together(kept[same], diagnosis)
    return kept


def _shared(first: Diagnosis, second: Diagnosis) -> list[str]:
    names = [row.name for found in second.candidates for row in found.mistakes if row.cost == "method"]
    return [row.name for found in first.candidates for row in found.mistakes if row.name in names]


def _together(first: Diagnosis, second: Diagnosis) -> Diagnosis:
    shared = _shared(first, second)
    candidates = tuple(c for c in first.candidates if any(row.name in shared for row in c.mistakes))
    alone = len(candidates) == 1
    surest = min(first.confidence, second.confidence, key=SUREST_FIRST.index)
    if alone and surest is Confidence.LISTED:
        surest = Confidence.PERHAPS
    return replace(first, candidates=candidates, confidence=surest, again=(*first.again, second.line, *second.again))


def explained_by_rewrites(found: list[Diagnosis], marking: Marking, rewrites: Iterable[Rewrite]) -> list[Diagnosis]:
    """What another method from the start explains: lines that nothing else does, or several lines at once."""
    for rewrite in rewrites:
        values = rewrite.intervals(marking.habit, marking.precision, marking.scale)
        fitting = [d for d in found if _fits(marking, d.line, values)]
        open_ones = [d for d in fitting if d.confidence is not Confidence.STATED or len(fitting) > 1]
        if not open_ones or _narrowest(marking, open_ones, values) > PERHAPS:
            continue
        if len(open_ones) < 2 and open_ones[0].confidence is not Confidence.NONE:
            continue
        found = _rewritten(found, open_ones, rewrite, values, marking)
    return found


def _fits(marking: Marking, line: str, values: Mapping[str, Interval]) -> bool:
    """Whether a figure is what the other method gives, and the method makes a difference there."""
    window = marking.windows[line]
    return line in values and meets(values[line], window) and not meets(values[line], marking.marks[line].expected)


def _narrowest(marking: Marking, found: Sequence[Diagnosis], values: Mapping[str, Interval]) -> float:
    return min(coverage(marking, d.line, [_pseudo(values[d.line], d.line)]) for d in found)


def _pseudo(value: Interval, line: str) -> Candidate:
    return Candidate(BY_EDIT["state"], line, None, (), value)


def _rewritten(
    found: list[Diagnosis],
    fitting: Sequence[Diagnosis],
    rewrite: Rewrite,
    values: Mapping[str, Interval],
    marking: Marking,
) -> list[Diagnosis]:
    first = fitting[0]
    others = [line for d in fitting for line in (d.line, *d.again, *d.explained) if line != first.line]
    others += [
        id for id, m in marking.marks.items() if m.verdict is Verdict.FOLLOWS and _fits_closely(marking, id, values)
    ]
    covered = _narrowest(marking, fitting, values)
    confidence = Confidence.STATED if covered < STATED else Confidence.PERHAPS
    cause = Candidate(rewrite.mistake, first.line, None, (), values[first.line])
    whole = Diagnosis(first.line, confidence, (cause,), covered, explained=tuple(dict.fromkeys(others)))
    return [whole if d is first else d for d in found if d is first or d not in fitting]


def _fits_closely(marking: Marking, line: str, values: Mapping[str, Interval]) -> bool:
    return line in values and meets(values[line], marking.windows[line])
