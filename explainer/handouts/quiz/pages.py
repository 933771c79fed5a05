"""The HTML of a question. All wording is in the template; a format says how formulas and blanks stand in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from markupsafe import Markup

from ...calculus.derive import Derivation
from ...formats.mathematics import usual_tex
from ...lesson.typeset import Typesetter, typesetter
from ...lesson.write import environment, filled_in
from .markup import legal, plain
from .question import Blank, Given, Part, Quiz, Variant
from .questions import starting_givens

MARK = "\x00"
"""Stands around the place of a blank until everything else is made harmless; no XML text holds it."""
BEHIND = "behind "
"""With an id, the end of the line of that blank."""


class Writes(Protocol):
    """How a format writes what stands in a question."""

    def math(self, tex: str) -> Markup:
        """A formula."""

    def picture(self) -> Markup:
        """The picture of the names."""

    def typed_mark(self, mark: str) -> str:
        """The decimal mark to be typed on pages that show this one; empty where any will do."""


def tex_in_html(tex: str) -> Markup:
    r"""A formula between ``\(`` and ``\)``, as Moodle's MathJax takes it."""
    return Markup(r"\({}\)").format(legal(" ".join(usual_tex(tex).split())))


class _Page:
    """What the template may ask for."""

    def __init__(self, quiz: Quiz, variant: Variant, writes: Writes) -> None:
        self.quiz, self.variant, self._writes = quiz, variant, writes
        spec = variant.calculation.spec
        self._tex: Typesetter = typesetter(variant.calculation.derivation, spec.notation)
        self.title = plain(quiz.title)
        self.cut_off = spec.display.rounding == "cut off"
        self.rounded = spec.display.carry == "rounded"
        self.typed_mark = writes.typed_mark(spec.notation.decimal)
        self._asked = {blank.id for blank in variant.blanks}
        self._behind_answers = _behind(self._asked, variant.calculation.derivation)
        self._formulas_told: set[str] = set()

    def math(self, tex: str) -> Markup:
        return self._writes.math(tex)

    def picture(self) -> Markup:
        return self._writes.picture() if self.quiz.picture else Markup("")

    def equations(self, givens: Sequence[Given]) -> Markup:
        """``w = 0.15, i = 0.05``."""
        return self._list(self.math(f"{given.tex} = {self._tex.number(given.text)}") for given in givens)

    @staticmethod
    def _list(equations: Iterable[Markup]) -> Markup:
        return Markup(", ").join(equations)

    def given(self) -> Markup:
        """What the whole calculation starts from."""
        return self.equations(starting_givens(self.variant.calculation, self._tex))

    def asked(self, blank: Blank) -> Markup:
        """What is asked for, with its formula where that is told."""
        return self.math(f"{blank.left} = {blank.formula}" if blank.formula else blank.left)

    def follows_from(self, blank: Blank, restate: bool) -> Markup:
        """What a line is worked out from and cannot be known otherwise: all of it, or what is neither given at the top
        nor asked for. A value that hangs on an answer is told by its formula, once."""
        if restate:
            return self.equations(blank.givens)
        return self._list(self.math(tex) for id in self._unasked(blank) for tex in self._told(id))

    def _unasked(self, blank: Blank) -> list[str]:
        """The lines that a blank needs and that are not asked for, in order."""
        derivation = self.variant.calculation.derivation
        waiting, needed = [blank.id], set[str]()
        while waiting:
            for used in derivation.step[waiting.pop()].uses:
                if used in derivation.step and used not in self._asked | needed:
                    needed.add(used)
                    waiting += [used] if used in self._behind_answers or derivation.step[used].trivial else []
        return [step.id for step in derivation.steps if step.id in needed and not step.trivial]

    def _told(self, id: str) -> Iterator[str]:
        name = self._tex.name(id, True)
        if id not in self._behind_answers:
            yield f"{name} = {self._tex.number(self.variant.calculation.evaluation.texts[id])}"
        elif id not in self._formulas_told:
            self._formulas_told.add(id)
            yield f"{name} = {self._tex.symbols(id, True).tex}"

    def place(self, blank: Blank) -> Markup:
        """The place of a blank, by its id; what stands there is put in at the end."""
        return Markup(f"{MARK}{legal(blank.id)}{MARK}")

    def behind(self, blank: Blank) -> Markup:
        """What stands at the end of the line of a blank."""
        return Markup(f"{MARK}{BEHIND}{legal(blank.id)}{MARK}")


def _behind(asked: Collection[str], derivation: Derivation) -> frozenset[str]:
    """The lines that hang on one that is asked for."""
    found: set[str] = set()
    for step in derivation.steps:
        if any(used in asked or used in found for used in step.uses):
            found.add(step.id)
    return frozenset(found)


def page(quiz: Quiz, variant: Variant, parts: Sequence[Part], writes: Writes, *, restate: bool) -> str:
    """The HTML of some parts; ``restate``: each blank says from which values it is worked out, answers included."""
    asked = _Page(quiz, variant, writes)
    made = filled_in("quiz_page.html.j2", asked, parts=parts, restate=restate)
    return "\n".join(line.strip() for line in made.splitlines() if line.strip())


def with_fields(made: str, fields: Mapping[str, str]) -> str:
    """The HTML with what stands in each blank, and ``BEHIND`` its line if anything does."""
    pieces = made.split(MARK)
    return "".join(
        piece if place % 2 == 0 else fields.get(piece, "") if piece.startswith(BEHIND) else fields[piece]
        for place, piece in enumerate(pieces)
    )


def part_name(quiz: Quiz, part: Part) -> str:
    """What a part is called in lists of questions."""
    return _words("part_name", quiz=quiz, part=part)


def question_name(quiz: Quiz, variant: Variant, part: Part | None) -> str:
    """What a question is called in lists of questions."""
    return _words("question_name", quiz=quiz, variant=variant, part=part)


def picture_words() -> str:
    """What the picture shows, for those who do not see it."""
    return _words("picture")


def _words(name: str, **values: object) -> str:
    template = environment("en").get_template("quiz_words.j2")
    module = template.make_module()
    made = getattr(module, name)(**values)
    return " ".join(Markup(made).unescape().split())
