"""Handout: a worksheet, its key and its blanks, made of a calculation and a mask.

The interface for whatever else is made of sheets (pages to print, quizzes): everything of a Blank and of a Handout.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from ..checking.policy import Policy, plain_points
from ..formats.document import Document, Figure
from ..lesson.display import PAGE_WIDTH
from ..lesson.write import write
from ..version import __version__
from .blanks import Blank
from .calculated import Calculated
from .masks import Mask, Part, closed, concealed
from .play import tolerance
from .points import points_of
from .rules import asked
from .sheet import Header, SheetPage, answer_tex

TEMPLATE = "worksheet.md.j2"


class Asked(Struct, frozen=True):
    """What a teacher asks of a sheet."""

    header: Header
    formulas: bool = False
    """Whether a formula sheet comes first."""
    hints: bool = False
    """Whether hints stand at the end."""
    policy: Policy | None = None
    """What blanks are worth, if that is to stand on the sheet."""
    width: float = PAGE_WIDTH
    """Of the text, in em."""


USUAL = Asked(Header())


class Handout(Struct, frozen=True):
    """A worksheet and its key, as Markdown with their pictures."""

    calculation: Calculated
    mask: Mask
    header: Header
    blanks: tuple[Blank, ...]
    worksheet: str
    key: str
    figures: Mapping[str, Figure]
    with_points: bool = False
    """Whether what each blank is worth stands on the sheet."""

    @property
    def title(self) -> str:
        """The title of the calculation."""
        return self.calculation.spec.title

    @property
    def points(self) -> Decimal:
        """What all blanks are worth together."""
        return sum((blank.points for blank in self.blanks), Decimal(0))

    @property
    def answers_csv(self) -> str:
        """What ``explainer check`` takes, once the answers are filled in; empty where no result is asked for."""
        results = [blank for blank in self.blanks if blank.part is Part.RESULT]
        if self.with_points:  # the answer stays in the last column: one with a decimal comma is recognised there
            rows = ["quantity,points,answer", *(f"{_cell(b.id)},{plain_points(b.points)}," for b in results)]
        else:
            rows = ["quantity,answer", *(f"{_cell(b.id)}," for b in results)]
        return "\n".join(rows) + "\n" if results else ""

    def document(self, key: bool = False) -> Document:
        """The worksheet, or the key, for the writers of other formats."""
        return Document(self.title, "en", self.key if key else self.worksheet, self.figures)


def _cell(text: str) -> str:
    return f'"{text}"' if "," in text else text


def handout(calculation: Calculated, mask: Mask, asked_for: Asked = USUAL) -> Handout:
    """The worksheet of a calculation under a mask, with its key.

    Raises:
        LessonError: where a template asks for something that is not there.
    """
    mask = _fitting(closed(mask, calculation.evaluation), calculation)
    numbers = _numbered(mask, calculation)
    worth = points_of(numbers, calculation.derivation, asked_for.policy)
    empty = _sheet(calculation, mask, numbers, worth, asked_for, filled=False)
    full = _sheet(calculation, mask, numbers, worth, asked_for, filled=True)
    blanks = tuple(_blank(full, number, id, part) for (id, part), number in numbers.items())
    full.solutions = blanks
    worksheet, key = write(empty, TEMPLATE), write(full, TEMPLATE)
    shown = asked_for.policy is not None
    return Handout(calculation, mask, asked_for.header, blanks, worksheet, key, dict(empty.figures), shown)


def _fitting(mask: Mask, calculation: Calculated) -> Mask:
    """The mask without numbers to put in where a line has none."""
    step = calculation.derivation.step
    return frozenset((id, part) for id, part in mask if part is not Part.SUBSTITUTION or step[id].uses)


def _numbered(mask: Mask, calculation: Calculated) -> dict[tuple[str, Part], int]:
    """The blanks in the order of the sheet, counted from 1."""
    keys = [(step.id, part) for step in asked(calculation.derivation) for part in Part if (step.id, part) in mask]
    return {key: number for number, key in enumerate(keys, 1)}


def _sheet(
    calculation: Calculated,
    mask: Mask,
    numbers: dict[tuple[str, Part], int],
    worth: Mapping[tuple[str, Part], Decimal],
    asked_for: Asked,
    *,
    filled: bool,
) -> SheetPage:
    return SheetPage(
        spec=calculation.spec,
        evaluation=calculation.evaluation,
        detail="standard",
        version=__version__,
        page_width=asked_for.width,
        mask=mask,
        hidden=concealed(mask, calculation.derivation),
        numbers=numbers,
        worth=worth,
        points=sum(worth.values(), Decimal(0)),
        with_points=asked_for.policy is not None,
        filled=filled,
        header=asked_for.header,
        with_formulas=asked_for.formulas,
        with_hints=asked_for.hints and not filled,
    )


def _blank(sheet: SheetPage, number: int, id: str, part: Part) -> Blank:
    tex, points = answer_tex(sheet, id, part), sheet.worth[id, part]
    if part is not Part.RESULT:
        return Blank(number, id, part, tex, "", None, Decimal(0), "", points)
    evaluation = sheet.evaluation
    text = evaluation.texts[id]
    other = evaluation.recomputed.get(id, "")
    return Blank(number, id, part, tex, text, evaluation.values[id], tolerance(evaluation, id), other, points)
