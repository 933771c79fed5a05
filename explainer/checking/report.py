"""What is said about one sheet, as plain data; the wording is in the templates, the formats in ``writing``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from .diagnosis import Confidence
from .marking import Verdict

Level = Literal["verdict", "where", "why", "key"]
LEVELS: tuple[Level, ...] = ("verdict", "where", "why", "key")
"""How much a report gives away: right or not; where the slips are; what they were; the right values."""

GOOD = frozenset({Verdict.RIGHT, Verdict.ROUNDING, Verdict.CONVENTION})


class Working(Struct, frozen=True):
    """A line with a person's own numbers in it."""

    id: str
    numbers: str
    """The formula with the numbers."""
    tex: str
    """The same in TeX; empty where it has none."""
    result: str


class Explanation(Struct, frozen=True):
    """One thing that a slip may have been."""

    mistake: str
    line: str
    """Where it was made: the line itself, or one that was not written down."""
    kind: str
    """What that line does, in a word of the table of mistakes."""
    unwritten: bool
    part: tuple[str, ...] = ()
    part_blank: bool = False
    """Whether the part stands on the sheet as a blank."""
    instead: str = ""
    instead_value: str = ""
    same_as: str = ""
    """An earlier line of the person's that has this very figure."""
    way: Working | None = None
    """What was probably typed, with the person's numbers."""
    also: tuple[str, ...] = ()
    """Mistakes that are the same by algebra."""


class Slip(Struct, frozen=True):
    """One own error."""

    number: int
    line: str
    answer: str
    key: str
    confidence: Confidence
    explanations: tuple[Explanation, ...]
    should: tuple[Working, ...]
    """The line as it should go, with the person's own numbers; unwritten lines that it needs come first."""
    again: tuple[str, ...] = ()
    """Other lines with the same mistake."""
    explained: tuple[str, ...] = ()
    """Other lines that come from the same unwritten line."""
    contrary: tuple[str, ...] = ()
    """For another method from the start: lines of the sheet that do not follow it, and are right."""
    followers: tuple[str, ...] = ()
    """Lines that follow from it."""
    carried_on: bool = True
    """False where later lines were worked out with the right value."""
    used: bool = True
    """Whether any line of the sheet comes from it."""
    right_at: str = ""
    """A line of the same kind where it was done right."""
    cost: str = "method"
    variant: str = ""
    """Another variant of the class whose key the figure is."""
    off: int = 0
    """By how many units of the last digit the figure is off, where that is all."""
    wide: bool = False


class LineReport(Struct, frozen=True):
    """One line of the sheet."""

    id: str
    answer: str
    verdict: Verdict
    key: str
    """The exact value as the document shows it."""
    points: Decimal
    worth: Decimal
    follows: tuple[str, ...] = ()
    behind: tuple[int, ...] = ()
    """The numbers of the slips that it follows from."""
    too_few: bool = False
    wide: bool = False
    """The person's digits cannot show whether the line is right."""
    rounded: str = ""
    """For a line that is right for the person's rounding: the unwritten line whose rounded value gives the figure."""
    rounded_value: str = ""
    way: Working | None = None
    counted: bool = True
    """False for a blank that is part of a slip."""
    part_of: int = 0
    """The number of that slip."""
    overridden: bool = False

    @property
    def full(self) -> bool:
        """Whether it earns all its points."""
        return self.points == self.worth


class Contract(Struct, frozen=True):
    """How the person rounded, with lines that show it."""

    significant: int | None
    decimals: int | None
    rounding: str
    carry: str
    """rounded, exact, either (mixed) or unknown."""
    rounding_line: str = ""
    rounding_from: str = ""
    rounding_to: str = ""
    carry_line: str = ""
    carry_value: str = ""
    asked: str = ""
    """How the file asks to round."""


class Report(Struct, frozen=True):
    """All that is said about one sheet."""

    calculation: str
    title: str
    student: str
    variant: str
    lines: tuple[LineReport, ...]
    slips: tuple[Slip, ...]
    contract: Contract | None
    turned: tuple[str, ...] = ()
    """Classes of gradients that were written with the opposite sign throughout."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Lines that the person calls otherwise, as of the total error: id → the name used."""
    redo: tuple[tuple[str, str], ...] = ()
    """Lines to meet again when the first slip is mended, with their values."""
    extras: Mapping[str, str] = field(default_factory=dict)
    level: Level = "key"
    comma: bool = False
    """Whether decimals are written with a comma."""
    sheet_of: str = ""
    """Another variant of the class, if most of what is wrong is right for that one."""
    swapped: tuple[str, ...] = ()
    """The lines of which that is so."""

    @property
    def points(self) -> Decimal:
        """The score."""
        return sum((line.points for line in self.lines if line.counted), Decimal(0))

    @property
    def worth(self) -> Decimal:
        """The most that could be had."""
        return sum((line.worth for line in self.lines if line.counted), Decimal(0))

    @property
    def all_right(self) -> bool:
        """Whether nothing is wrong or missing."""
        return all(line.verdict in GOOD for line in self.lines)

    def following(self) -> list[tuple[tuple[int, ...], list[LineReport]]]:
        """The lines that follow from slips, by the numbers of these; what follows from another sheet's figures alone
        goes with them."""
        numbers = {slip.number for slip in self.slips if slip.line in self.swapped}
        found: dict[tuple[int, ...], list[LineReport]] = {}
        for line in self.of("follows"):
            if not numbers.issuperset(line.behind) or not line.behind:
                found.setdefault(line.behind, []).append(line)
        return sorted(found.items())

    def of(self, *verdicts: str) -> list[LineReport]:
        """The lines with one of these verdicts."""
        return [line for line in self.lines if line.verdict.value in verdicts]

    @property
    def answered(self) -> int:
        """How many lines hold something."""
        return sum(line.verdict is not Verdict.MISSING for line in self.lines)


def at_level(report: Report, level: Level) -> Report:
    """The report less what the level does not give away."""
    rank = LEVELS.index(level)
    lines = tuple(_line_at(line, rank) for line in report.lines)
    slips = tuple(_slip_at(slip, rank) for slip in report.slips) if rank else ()
    return replace(
        report,
        lines=lines,
        slips=slips,
        contract=report.contract if rank >= LEVELS.index("why") else None,
        redo=report.redo if rank == LEVELS.index("key") else (),
        sheet_of=report.sheet_of if rank else "",
        swapped=report.swapped if rank else (),
        level=level,
    )


def _line_at(line: LineReport, rank: int) -> LineReport:
    if rank == LEVELS.index("key"):
        return line
    stripped = replace(line, key="", rounded_value="", way=None)
    if rank == LEVELS.index("why"):
        return stripped
    stripped = replace(stripped, rounded="")
    if rank == LEVELS.index("where"):
        return stripped
    verdict = Verdict.RIGHT if line.verdict in GOOD else line.verdict
    verdict = Verdict.WRONG if verdict in (Verdict.SLIP, Verdict.FOLLOWS) else verdict
    return replace(stripped, verdict=verdict, follows=(), behind=(), part_of=0, wide=False, points=line.points)


def _slip_at(slip: Slip, rank: int) -> Slip:
    if rank == LEVELS.index("key"):
        return slip
    if rank == LEVELS.index("why"):
        return replace(slip, key="", should=(), explanations=tuple(map(_told_without_key, slip.explanations)))
    return replace(
        slip,
        key="",
        should=(),
        explanations=(),
        confidence=Confidence.NONE,
        right_at="",
        contrary=(),
        variant="",
        off=0,
        cost="",
        again=slip.again,
    )


def _told_without_key(explanation: Explanation) -> Explanation:
    """What was typed may be said, for its result is the person's own figure."""
    return replace(explanation, instead_value="")
