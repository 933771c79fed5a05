"""A sheet in the making: a lesson's page whose lines have blanks, or, in the key, answers in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache, partial

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from ..calculus.derive import Derivation
from ..checking.policy import plain_points
from ..formulas.functions import FUNCTIONS
from ..lesson.display import EMPTY, Row, equation
from ..lesson.display import row as whole_row
from ..lesson.figures import Figure
from ..lesson.notation import Place, Sized
from ..lesson.outline import Layer
from ..lesson.page import Page
from ..lesson.pictures import network_picture
from ..lesson.widths import DIGIT
from ..numbers.rounding import shown
from ..spec.types import Display
from . import formula_sheet
from .blanks import Blank
from .masks import Mask, Part
from .sections import Section, sections

ONE_DIGIT = Display(decimals=None, significant=1)
GAP = "\0"
"""Stands for a number that is not to be printed."""
SPACE = r"\quad"
"""An em of empty room, as every reader of TeX knows it."""
HAND = r"\vphantom{\int}"
"""The height that a hand needs."""
GAP_WIDTH = 3
FORMULA_WIDTH = 20
"""In em, of a blank for a formula, or for one with numbers in it."""
MOST_ROOM = 20
"""In lines, after a section."""
BRACKETS = 0.6
NOTHING = Sized("", 0.0)
FRAME = 0.8
"""In em, what a frame and the number of a blank add to its width."""


class Header(Struct, frozen=True):
    """What stands above a sheet besides its title; empty texts leave room to write."""

    name: str = ""
    student: str = ""
    date: str = ""
    code: str = ""


@dataclass(slots=True, kw_only=True)
class SheetPage(Page):
    """What a template may ask for; with ``filled`` the answers stand in the blanks."""

    mask: Mask
    hidden: frozenset[str]
    """The ids whose value is not printed."""
    numbers: dict[tuple[str, Part], int]
    """The number of each blank."""
    worth: Mapping[tuple[str, Part], Decimal]
    """The points of each blank."""
    points: Decimal
    """What all blanks are worth together."""
    with_points: bool = False
    """Whether they are shown."""
    filled: bool
    header: Header
    with_formulas: bool = False
    with_hints: bool = False
    solutions: Sequence[Blank] = field(default_factory=tuple)
    """The blanks with their answers: in the key only."""

    @property
    def sections(self) -> tuple[Section, ...]:
        """The lines in their sections."""
        return sections(self.derivation)

    def blanks(self) -> int:
        """How many blanks there are."""
        return len(self.numbers)

    def points_of(self, section: Section) -> Decimal:
        """What the blanks of a section are worth together."""
        return sum((points for (id, _), points in self.worth.items() if id in section.ids), Decimal(0))

    def points_checked(self) -> Decimal:
        """What the results are worth together, which a program can check."""
        return sum((points for (_, part), points in self.worth.items() if part is Part.RESULT), Decimal(0))

    def each(self) -> Decimal | None:
        """What each blank is worth, if that is the same for all."""
        amounts = set(self.worth.values())
        return amounts.pop() if len(amounts) == 1 else None

    def amount(self, points: Decimal) -> str:
        """Points as they are written."""
        text = plain_points(points)
        return text if self.notation.decimal == "point" else text.replace(".", ",")

    def parts(self) -> list[str]:
        """The kinds of parts that are blank."""
        return [part.value for part in Part if any(of is part for _, of in self.numbers)]

    def kinds(self) -> set[str]:
        """The kinds of lines that have blanks."""
        return {self.derivation.step[id].kind.value for id, _ in self.numbers}

    def room(self, section: Section) -> int:
        """How many lines of room a section needs: one for every result whose working has no blank of its own."""
        blanks = [id for id in section.ids if (id, Part.RESULT) in self.numbers]
        return min(MOST_ROOM, sum((id, Part.SUBSTITUTION) not in self.numbers for id in blanks))

    def starts(self, section: Section) -> list[str]:
        """What a later step begins with: values that earlier steps, which are not written out, have led to."""
        mark = f"@{section.step - 1}"
        return [q.name for q in self.graph.sources if section.step > 1 and q.name.endswith(mark)]

    def space(self, ems: int) -> Markup:
        """A frame to write in."""
        return self.math(_frame(HAND, ems))

    def names_picture(self, name: str, alt: str) -> Markup:
        """The calculation as a picture, with the names of everything and the value of nothing."""
        before = _picture(self.derivation, self.spec.title, name, str(alt))
        markdown = self._figure(name, alt, before.draw)
        if self.figures[f"{name}.svg"].alt == before.alt:
            self.figures[f"{name}.svg"] = before
        return markdown

    def powers_of_ten_asked(self) -> bool:
        """Whether a line that is not given may well need a power of ten: where decimals are few for small rates."""
        return self.evaluation.display.significant is None and "result" in self.parts()

    def functions(self) -> list[tuple[list[Layer], list[Markup]]]:
        """The functions of the layers with their slopes, each once, and the layers that have it."""
        found: dict[tuple[str, ...], list[Layer]] = {}
        for layer in self.outline.layers:
            found.setdefault((layer.activation, *formula_sheet.activation(self, layer)), []).append(layer)
        return [(layers, list(map(self.math, formulas))) for (_, *formulas), layers in found.items()]

    def own_function(self, layer: Layer) -> Markup:
        """The function of a layer where its name alone does not say what it is; else empty."""
        known = (layer.activation or formula_sheet.IDENTITY) in FUNCTIONS and self.spec.layers[
            layer.number - 1
        ].parameter is None
        return Markup("") if known or layer.together else self.math(formula_sheet.activation(self, layer)[0])

    def error_formula(self) -> Markup:
        """What one output adds to the error, or the whole where a class is wanted; empty where no table has it."""
        tex = formula_sheet.error(self)
        return self.math(tex) if tex else Markup("")

    def update_formulas(self) -> list[Markup]:
        """How a parameter gets its new value."""
        return list(map(self.math, formula_sheet.update(self)))

    def play(self, blank: Blank) -> Markup:
        """By how much an answer may differ."""
        return self.math(rf"\pm {self.typeset.number(_play(blank.tolerance))}") if blank.tolerance else Markup("none")

    # lines

    def line_tex(self, id: str, compact: bool = True) -> str:
        """A line of working with its blanks."""
        left = self.typeset.left(id, True)
        rows = [self._formula(id), *self._substitution(id), self._answer(id)]
        if id in self.typeset.delta:
            rows = [self.typeset.left(id), *rows]
        kept = [row for row, before in zip(rows, [EMPTY, *rows], strict=False) if row.tex and row.tex != before.tex]
        return equation(left, kept, self.page_width)

    def sheet_line(self, id: str) -> Markup:
        """A line of working in a display of its own."""
        return self.display(id, True)

    def _formula(self, id: str) -> Row:
        return self._part(id, Part.FORMULA, self.typeset.symbols(id, True))

    def _substitution(self, id: str) -> list[Row]:
        """The numbers put in; none where that says no more than the formula or the result."""
        blank = (id, Part.SUBSTITUTION) in self.mask and not self.filled
        row = EMPTY if blank else self._numbers_put_in(id)
        if blank or row.tex:
            return [self._part(id, Part.SUBSTITUTION, row)]
        return []

    def _numbers_put_in(self, id: str) -> Row:
        if self.filled:
            return self.typeset.numbers(id, self.evaluation)
        step = self.derivation.step[id]
        texts = [GAP if used in self.hidden else self.evaluation.texts[used] for used in step.uses]
        if GAP not in texts:
            return self.typeset.numbers(id, self.evaluation)
        if id in self.typeset.branching or self.typeset.repeats(id):
            return EMPTY  # which case applies would say something about a number that is not printed
        shape = self.typeset.shape(step)
        terms = replace(shape, fill=partial(_with_gaps, shape.fill)).numbers(texts)
        return whole_row(terms)

    def _answer(self, id: str) -> Row:
        text = self.evaluation.texts[id]
        if id not in self.hidden:
            return Row(self.typeset.number(text), DIGIT * len(text))
        key = (id, Part.RESULT)
        ems = result_width(self.evaluation.display)
        points = self._points(key)
        if self.filled:
            tex, width = self.typeset.number(text), DIGIT * len(text) + 1
            return Row(_frame(self._mark(key), 1, tex) + points.tex, width + FRAME + points.width)
        return Row(_frame(self._mark(key), ems) + points.tex, ems + FRAME + points.width)

    def _part(self, id: str, part: Part, row: Row) -> Row:
        """A formula or its numbers, or the blank in its place; in the key its number stands before it."""
        key = (id, part)
        if key not in self.mask:
            return row
        points = self._points(key)
        if not self.filled:
            width = FORMULA_WIDTH + FRAME + points.width
            return Row(_frame(self._mark(key), FORMULA_WIDTH) + points.tex, width)
        mark = rf"\boxed{{{{}}^{{{self.numbers[key]}}}}} \thinspace"
        first, *others = row.terms()
        terms = [Sized(f"{mark} {first.tex}", first.width + FRAME), *others]
        terms[-1] = Sized(terms[-1].tex + points.tex, terms[-1].width + points.width)
        return Row(f"{mark} {row.tex}{points.tex}", row.width + FRAME + points.width, lambda: terms)

    def _points(self, key: tuple[str, Part]) -> Sized:
        """What a blank is worth, in brackets beside it."""
        if not self.with_points or key not in self.numbers:
            return NOTHING
        text = plain_points(self.worth[key])
        return Sized(rf"{SPACE}\lbrack {self.typeset.number(text)} \rbrack", 1 + BRACKETS + DIGIT * len(text))

    def _mark(self, key: tuple[str, Part]) -> str:
        """The number of a blank, small and raised, and the height that a hand needs."""
        number = self.numbers.get(key)
        return rf"{HAND}{{}}^{{{number}}}" if number else ""


class _Drawn(Figure, frozen=True):
    """A picture that is the same on many sheets, and written once."""

    @cache  # noqa: B019  (there are few, and they are kept anyway)
    def svg(self) -> str:
        """The picture as SVG."""
        return Figure.svg(self)


@lru_cache(maxsize=64)
def _picture(derivation: Derivation, title: str, name: str, alt: str) -> _Drawn:
    nothing = dict.fromkeys(derivation.graph.quantity, "")
    return _Drawn(name, title, alt, partial(network_picture, derivation.graph, nothing))


@lru_cache(maxsize=256)
def _play(tolerance: Decimal) -> str:
    return shown(tolerance, ONE_DIGIT)


def result_width(display: Display) -> int:
    """The width of a blank for a result, in em: by what is asked for, not by the answer, which it would tell."""
    digits = display.decimals if display.significant is None else display.significant
    return 4 + (digits or 0) // 2


def _frame(mark: str, ems: int, content: str = "") -> str:
    return rf"\boxed{{{mark}{SPACE * ems}{' ' + content if content else ''}}}"


def _with_gaps(fill: object, text: str, place: Place) -> Sized:
    """A number, or a frame in the place of one that is not printed, whatever its sign."""
    if text == GAP:
        return Sized(_frame(r"\vphantom{b}", GAP_WIDTH), GAP_WIDTH + FRAME)
    assert callable(fill)
    found: Sized = fill(text, place)
    return found


def answer_tex(sheet: SheetPage, id: str, part: Part) -> str:
    """What belongs into a blank, in TeX."""
    match part:
        case Part.FORMULA:
            return sheet.typeset.symbols(id, True).tex
        case Part.SUBSTITUTION:
            return sheet.typeset.numbers(id, sheet.evaluation).tex
    return sheet.typeset.number(sheet.evaluation.texts[id])
