"""What a person may have done at a line: every single edit of it and every slip of the pen, with what it gives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from ..calculus.derive import Kind, Step
from ..calculus.marks import parsed, plain
from ..formulas.expression import Number, Product, Quotient, Slot, replace
from ..formulas.shape import Shape
from ..formulas.text import formula_text
from .edits import ShapeEdit, own_shape, shape_edits
from .figures import Figure
from .intervals import enclosing
from .kin import Kin
from .mistakes import BY_EDIT, WHOLE, Mistake, named
from .scales import Interval, Scale

MOST_ABOVE = 3
"""So many figures above on the sheet may have been copied."""
WIDEST = 200
"""So many times as wide as a figure's own interval may be what explains it."""
FINEST = 1e-12
"""A figure without a last digit, such as a fraction, is taken for so wide, relatively."""
TEN_OR_E = (-1, 3)
"""Powers of ten between these are rarely written as such, so that no e is typed for them."""


class Candidate(Struct, frozen=True):
    """One explanation of a figure: the mistake, the line at which it was made, and what the line gives with it."""

    mistake: Mistake
    line: str
    shape: Shape | None
    """The edited formula; None for a slip of the pen."""
    uses: tuple[str, ...]
    value: Interval
    """What the written line gives."""
    part: tuple[str, ...] = ()
    """What was left out or mistaken: ids, or a literal."""
    instead: str = ""
    """What was taken in its place."""
    way: tuple[Step, ...] = ()
    """For a slip in an unwritten line: the Steps from there down to the written one."""
    also: tuple[Mistake, ...] = ()
    """Mistakes that are the same by algebra."""

    @property
    def copies(self) -> bool:
        """Whether another line was taken for this one as it stands there."""
        return self.shape is not None and self.shape.formula == Slot(0) and self.uses == (self.instead,)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistake, and those that cannot be told from it."""
        return (self.mistake, *self.also)


class Edited(Struct, frozen=True):
    """An edit of one Step, before any number is put in."""

    mistake: Mistake
    step: Step
    shape: Shape
    uses: tuple[str, ...]
    part: tuple[str, ...]
    instead: str = ""


class Editor:
    """The edits of the lines of one calculation; those of a line are found once."""

    def __init__(self, kin: Kin) -> None:
        self.kin = kin
        self.functions = kin.graph.functions
        self._found: dict[str, tuple[Edited, ...]] = {}

    def of(self, step: Step) -> tuple[Edited, ...]:
        """Every single edit of a Step that gives another formula."""
        if step.id not in self._found:
            self._found[step.id] = tuple(self._edits(step))
        return self._found[step.id]

    def _edits(self, step: Step) -> Iterator[Edited]:
        line = self.kin.line_type(step)
        for edit in shape_edits(step.shape, self.functions):
            part, role = self._part(step, edit)
            whole = edit.kind == "uncalled" and isinstance(edit.shape.formula, Slot)
            yield Edited(named(edit.kind, line, WHOLE if whole else role), step, edit.shape, step.uses, part)
        for slot, used in enumerate(step.uses):
            for other, kind in self._mistakable(used, step):
                uses = (*step.uses[:slot], other, *step.uses[slot + 1 :])
                yield Edited(named(kind, line, self.kin.role(used)), step, step.shape, uses, (used,), other)
        yield from self._of_unit(step)
        yield from self._other_state(step)

    def _part(self, step: Step, edit: ShapeEdit) -> tuple[tuple[str, ...], str]:
        """The ids of the part that was edited, and its role; a part without slots is a literal."""
        ids = tuple(step.uses[slot] for slot in edit.slots)
        if not ids:
            return (formula_text(edit.part, ()).removeprefix("-"),), "literal"
        return ids, self.kin.role(ids[-1]) if len(ids) == 1 or not edit.kind.startswith("drop") else "several"

    def _mistakable(self, used: str, step: Step) -> Iterator[tuple[str, str]]:
        """What may be taken for something, and what kind of mistake that is."""
        kin, base = self.kin, self.kin.base(used)
        taken = {used, base, step.id}
        pairs: list[tuple[str, str]] = []
        if base in kin.net_of:
            pairs.append((kin.net_of[base], "net for out"))
        if base in kin.out_of:
            pairs.append((kin.out_of[base], "out for net"))
        state = parsed(base).state
        newer = [(o, "new for old" if parsed(o).state > state else "old for new") for o in kin.other_state(base)]
        transposed = kin.transposed.get(plain(base))
        if transposed and kin.line_type(step) in ("share", "delta"):
            pairs += [(other, "transpose") for other in kin.same_marks(transposed, base)]
        pairs += newer
        pairs += [(other, "sibling") for other in (*kin.siblings(base), *kin.other_samples(base))]
        for other, kind in pairs:
            if other not in taken:
                taken.add(other)
                yield other, kind

    def _of_unit(self, step: Step) -> Iterator[Edited]:
        """The weights of another unit, or a column of the table of weights for a row."""
        name = plain(step.id)
        if step.kind is not Kind.DEFINITION or name not in self.kin.unit_of:
            return
        unit, layer = self.kin.unit_of[name]
        place = layer.index(unit)
        at = [step.uses.index(used) for w in unit.weights for used in step.uses if plain(used) == w]
        rows = [("unit", other.weights, other.name) for other in layer if other is not unit]
        if len(unit.weights) == len(layer):
            rows.append(("transpose", tuple(other.weights[place] for other in layer), ""))
        for kind, weights, other_unit in rows:
            if len(weights) != len(at) or tuple(weights) == unit.weights:
                continue
            uses = list(step.uses)
            for slot, weight in zip(at, weights, strict=True):
                uses[slot] = next(iter(self.kin.same_marks(weight, step.uses[slot])), "")
            if all(uses):
                yield Edited(BY_EDIT[kind], step, step.shape, tuple(uses), unit.weights, other_unit)

    def _other_state(self, step: Step) -> Iterator[Edited]:
        """The value of the state before or after."""
        repeat = own_shape(Slot(0), 1)
        if step.kind in (Kind.UPDATE, Kind.DEFINITION):
            for other in self.kin.other_state(step.id):
                yield Edited(BY_EDIT["state"], step, repeat, (other,), (), other)

    def repeating(self, step: Step, other: str) -> Edited:
        """Another line copied in place of this one."""
        return Edited(BY_EDIT["copied"], step, own_shape(Slot(0), 1), (other,), (), other)

    def e_for_ten(self, step: Step, own: Mapping[str, Interval]) -> Iterator[Edited]:
        """4.386e-4 keyed in as 4.386 e^-4."""
        for slot, used in enumerate(step.uses):
            low, high = own[used]
            size = float(abs(low + high)) / 2
            power = math.floor(math.log10(size)) if 0 < size < math.inf else 0
            if TEN_OR_E[0] <= power < TEN_OR_E[1]:
                continue
            wrong = Product((Slot(slot), Quotient(Number(repr(math.exp(power))), Number(f"1e{power}"))))
            shape = self._with(step.shape, slot, wrong)
            yield Edited(BY_EDIT["e for ten"], step, shape, step.uses, (used,))

    def _with(self, shape: Shape, slot: int, part: Any) -> Shape:
        formula = replace(shape.formula, lambda leaf: part if leaf == Slot(slot) else leaf)
        return own_shape(formula, shape.arity)


def candidate(edited: Edited, own: Mapping[str, Interval], functions: Any, scale: Scale) -> Candidate:
    """An edit with the person's own numbers in it."""
    value = enclosing(edited.shape, functions, scale)([own[used] for used in edited.uses])
    return Candidate(edited.mistake, edited.step.id, edited.shape, edited.uses, value, edited.part, edited.instead)


def slips_of_the_pen(
    line: str, figure: Figure, window: Interval, expected: Interval, scale: Scale
) -> Iterator[Candidate]:
    """A decimal point in the wrong place, and two digits swapped: what the line gives, if undone, is what was meant."""
    low, high = expected
    for power in (-3, -2, -1, 1, 2, 3):
        factor = scale.constant(f"1e{power}")
        yield Candidate(BY_EDIT["decimal point"], line, None, (), (low * factor, high * factor), (str(power),))
    for place in range(len(figure.digits) - 1):
        first, second = figure.digits[place], figure.digits[place + 1]
        if first != second:
            shift = (int(second) - int(first)) * 9 * 10 ** (len(figure.digits) - place - 2)
            moved = scale.constant(str(figure.unit)) * shift * (-1 if figure.value < 0 else 1)
            yield Candidate(BY_EDIT["digits swapped"], line, None, (), (low - moved, high - moved), (first, second))


def fits(candidates: Iterable[Candidate], window: Interval) -> list[Candidate]:
    """Those that explain the figure."""
    return [found for found in candidates if explains(found.value, window)]


def explains(value: Interval, window: Interval) -> bool:
    """Whether an interval meets that of a figure; one that takes in nearly everything, as where there is no value,
    explains nothing."""
    low, high = window
    if not (value[0] <= high and low <= value[1]):
        return False
    width = max(high - low, max(abs(low), abs(high)) * type(low)(FINEST))
    return bool(value[1] - value[0] <= WIDEST * width)
