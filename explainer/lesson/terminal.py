"""One line of working as plain text for a terminal, in the wording of the lesson."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from textwrap import fill

from markupsafe import Markup

from ..formulas.expression import Sum
from ..formulas.shape import Shape
from ..formulas.text import formula_text
from .page import Page
from .structure import Structure
from .wording import reworded
from .write import filled_in

LINE_WIDTH = 88
INDENT = " " * 11


class PlainPage(Page):
    """A page whose helpers give names and numbers as they stand in files, without TeX."""

    @property
    def alone(self) -> Structure:
        """The page itself: what another writes has TeX in it."""
        return self

    def sym(self, id: str) -> Markup:
        """The id."""
        return self.typed(id)

    def short(self, id: str) -> Markup:
        """The id."""
        return self.typed(id)

    def num(self, text: str) -> Markup:
        """The number."""
        return self.written_number(text)

    def minus(self, id: str) -> Markup:
        """The id with a minus sign."""
        return self.typed(f"-{id}")

    def rhs(self, id: str) -> Markup:
        """The formula."""
        step = self.derivation.step[id]
        return self.typed(formula_text(step.shape.formula, step.uses))

    def terms(self, node: str, places: Sequence[int]) -> Markup:
        """Some terms of a formula's sum."""
        step = self.derivation.step[node]
        formula = step.shape.formula
        parts = formula.terms if isinstance(formula, Sum) else (formula,)
        chosen = [parts[place] for place in places]
        return self.typed(formula_text(chosen[0] if len(chosen) == 1 else Sum(tuple(chosen)), step.uses))

    def with_numbers(self, shape: Shape, texts: Sequence[str]) -> Markup:
        """A formula with numbers in it, negative ones in parentheses; decimal commas need semicolons between."""
        line = formula_text(shape.formula, [f"({text})" if Decimal(text) < 0 else text for text in texts])
        return self.typed(self.written_number(line.replace(", ", self.between)))


def one_line(page: PlainPage, id: str) -> str:
    """What the line finds, its formula, the numbers in it, the result, and why."""
    step = page.derivation.step.get(id)
    texts = page.evaluation.texts
    text = filled_in(
        "step.txt.j2",
        page,
        id=id,
        step=step,
        shares={share for shares in page.derivation.shares.values() for share in shares},
        formula=page.rhs(id) if step else "",
        numbers=page.with_numbers(step.shape, [texts[used] for used in step.uses]) if step else "",
        text=page.val(id),
        other=page.written_number(page.evaluation.recomputed.get(id, "")),
    )
    lines = [line for line in reworded(text, page.spec.wording).splitlines() if line.strip()]
    return "\n".join(fill(line, LINE_WIDTH, subsequent_indent=INDENT, break_long_words=False) for line in lines)
