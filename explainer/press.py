"""The press: makes the sheets of one wish, as texts; where these lie is no matter here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from .calculation import Calculation, calculation
from .formats.printing import Print
from .formulas.problems import CalculationError, ExplainerError
from .formulas_file import formulas_file
from .handouts.codes import Variant, code
from .handouts.delivery import Files, student_files, teacher_files
from .handouts.handout import Asked, Handout, handout
from .handouts.masks import FADE, read_policy
from .handouts.points import policy_in
from .handouts.sheet import Header
from .handouts.variants import Variations
from .lesson.display import PAGE_WIDTH
from .spec.files import Source
from .spec.load import load as load_spec
from .spec.load import whole


class Wish(Struct, frozen=True):
    """What a teacher asks for."""

    spec: str | Source
    """The path of a calculation file, the name of a shipped example, or a file that has been read."""
    blank: str = "results"
    formats: tuple[str, ...] = ("md",)
    carry: str = ""
    formulas: bool = False
    hints: bool = False
    date: str = ""
    seed: int = 1
    printed: Print = field(default_factory=Print)
    policy: Source | None = None
    """What blanks are worth, if that is to stand on the sheets."""

    def whole(self) -> Wish:
        """The wish with its file's content in place of its path, so that it can be sent to another machine.

        Raises:
            ExplainerError: where the file cannot be read.
        """
        return replace(self, spec=whole(self.spec)) if isinstance(self.spec, str) else self


class Order(Struct, frozen=True):
    """One sheet, or one sequence of faded sheets, to be made."""

    number: int
    stem: str
    student: str = ""
    name: str = ""
    codes: tuple[str, ...] = ()
    """What stands on the sheets; so who makes them need not know the secret."""


class Made(Struct, frozen=True):
    """The files of one order."""

    stem: str
    fingerprint: str
    """That of its numbers."""
    sheets: Files
    keys: Files
    variants: dict[str, str]
    """Each variant as a calculation file, by its code; without codes, ``numbers.toml``."""


class Press:
    """Makes the sheets of one wish; what they share is worked out once."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        spec = load_spec(wish.spec)
        self.fingerprint = spec.fingerprint
        if wish.carry:
            spec = replace(spec, display=replace(spec.display, carry=wish.carry))
        self.given = calculation(spec)
        self.policies = FADE if wish.blank == "fade" else (wish.blank,)
        masks = [read_policy(policy, self.given.derivation, spec.name) for policy in self.policies]
        self.points = policy_in(wish.policy, self.given, masks) if wish.policy else None
        self._variations: Variations[Calculation] | None = None

    @property
    def variations(self) -> Variations[Calculation]:
        """The variants; whether they can be drawn is found out when they are first asked for."""
        if self._variations is None:
            self._variations = Variations(self.given, calculation, self.wish.seed)
        return self._variations

    def variants(self, number: int) -> list[Variant]:
        """What the sheets of one order are drawn from."""
        stages = range(1, len(FADE) + 1) if self.wish.blank == "fade" else (0,)
        return [Variant(self.wish.seed, number, stage, self.wish.carry) for stage in stages]

    def variant(self, variant: Variant) -> Calculation:
        """The calculation with the numbers of a variant."""
        return self.variations.variant(variant.label)

    def coded(self, order: Order, secret: bytes) -> Order:
        """The order with the codes of its sheets."""
        codes = (code(variant, secret, self.fingerprint) for variant in self.variants(order.number))
        return replace(order, codes=tuple(codes))

    def handouts(self, order: Order) -> list[Handout]:
        """The sheets of one order; number 0 asks for the numbers of the file."""
        variants = self.variants(order.number)
        codes = order.codes or ("",) * len(variants)
        return [self.one(order, *each) for each in zip(variants, codes, self.policies, strict=True)]

    def one(self, order: Order, variant: Variant, marked: str, policy: str) -> Handout:
        """One sheet."""
        own = self.variant(variant) if order.number else self.given
        header = Header(order.name, order.student, self.wish.date, marked)
        mask = read_policy(policy, own.derivation, own.spec.name)
        width = min(PAGE_WIDTH, self.wish.printed.text_width)
        return handout(own, mask, Asked(header, self.wish.formulas, self.wish.hints, self.points, width))

    def made(self, order: Order) -> Made:
        """The files of one order."""
        formats, printed = self.wish.formats, self.wish.printed
        sheets: Files = {}
        keys: Files = {}
        variants: dict[str, str] = {}
        handouts = self.handouts(order)
        for prefix, made in prefixed(handouts):
            sheets.update(student_files(made, formats, prefix, printed))
            keys.update(teacher_files(made, formats, prefix, printed))
            assert isinstance(made.calculation, Calculation)
            variants[f"{made.header.code or f'{prefix}numbers'}.toml"] = formulas_file(made.calculation)
        fingerprint = "-".join(made.calculation.spec.fingerprint for made in handouts)
        return Made(order.stem, fingerprint, sheets, keys, variants)


@lru_cache(maxsize=2)
def press_of(wish: Wish) -> Press:
    """What makes the sheets of a wish, kept for the next ones."""
    return Press(wish)


def prefixed(handouts: Sequence[Handout]) -> Iterator[tuple[str, Handout]]:
    """Handouts with what their files' names begin with: their places, where there are several."""
    for place, made in enumerate(handouts, 1):
        yield f"{place}-" if len(handouts) > 1 else "", made


def sheets_of(wish: Wish, orders: Sequence[Order]) -> list[Made]:
    """Some orders' files. The same is made however often, and wherever.

    Raises:
        ExplainerError: for what the file or the wish says wrongly.
    """
    with sendable():
        return [press_of(wish).made(order) for order in orders]


@contextmanager
def sendable() -> Iterator[None]:
    """An error has one text, and so can be sent from process to process."""
    try:
        yield
    except CalculationError as error:
        raise ExplainerError(str(error)) from None
