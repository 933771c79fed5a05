"""Which lines have the same cause: the same mistake made again, or another method from the start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from .candidates import Candidate
from .diagnosis import PERHAPS, STATED, TRUST, Confidence, Diagnosis, coverage
from .intervals import meets
from .marking import Marking, Verdict
from .mistakes import BY_EDIT
from .rewrites import Rewrite
from .scales import Interval


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
    surest = max(first.confidence, second.confidence, key=TRUST.__getitem__)
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
        also = [d for d in found if d not in open_ones and d.confidence is not Confidence.STATED]
        open_ones += [d for d in also if _fits_closely(marking, d.line, values)]
        if len(open_ones) < 2 and _contrary(marking, values):
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
    contrary = _contrary(marking, values)
    explained = tuple(dict.fromkeys(others))
    whole = Diagnosis(first.line, confidence, (cause,), covered, explained=explained, contrary=contrary)
    return [whole if d is first else d for d in found if d is first or d not in fitting]


def _contrary(marking: Marking, values: Mapping[str, Interval]) -> tuple[str, ...]:
    """The right lines that would be wrong by another method."""
    right = (id for id, m in marking.marks.items() if m.verdict is Verdict.RIGHT and id in values)
    return tuple(id for id in right if not _fits_closely(marking, id, values))


def _fits_closely(marking: Marking, line: str, values: Mapping[str, Interval]) -> bool:
    return line in values and meets(values[line], marking.windows[line])
