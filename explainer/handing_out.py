"""Handouts as files: one set, or one for every student of a class, over several processes and resumable."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .calculation import Calculation, calculation
from .formats.folder import write_files, write_folder
from .formats.printing import Print
from .formulas.problems import CalculationError, ExplainerError
from .formulas_file import formulas_file
from .handouts.codes import CARRIES, MOST_SEED, Variant, code, mark_of, read_code, secret_in
from .handouts.delivery import Files, student_files, teacher_files
from .handouts.handout import Asked, Handout, handout
from .handouts.masks import FADE, read_policy
from .handouts.people import Student, read_class
from .handouts.points import policy_in
from .handouts.sheet import Header
from .handouts.variants import Variations
from .spec.files import Source
from .spec.load import load as load_spec
from .version import __version__

if TYPE_CHECKING:
    from concurrent.futures import Executor

CHUNK = 25
"""So many sheets are handed to a process at a time."""
MOST_VARIANTS = 100_000
TEACHER = "teacher"
"""The folder of what belongs to no single sheet: whose is which, and each variant as a calculation file by its code."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a teacher asks for."""

    spec: str
    """The path of a calculation file, or the name of a shipped example."""
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


@dataclass(frozen=True, slots=True)
class Run:
    """A run for many: the same for every sheet, so that a process prepares it once."""

    wish: Wish
    folder: Path
    secret: bytes


@dataclass(frozen=True, slots=True)
class Order:
    """One sheet, or one sequence of faded sheets, to be made."""

    number: int
    stem: str
    student: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What a run came to."""

    folder: Path
    made: int
    there: int
    """Sheets that were there already, from an earlier run."""
    alike: tuple[tuple[str, ...], ...]
    """Sheets made now that have the same numbers."""


# ---------------------------------------------------------------- one set


def one_handout(wish: Wish, folder: Path, drawn: bool, secret: Path | None = None) -> list[Path]:
    """The sheets of one calculation: with its own numbers, or ``drawn``; a sequence of faded ones is always drawn.

    Raises:
        ExplainerError: for what the file or the wish says wrongly, or where nothing can be written.
    """
    press = _Press(wish)
    key = secret_in(secret, make=True) if secret else b""
    number = 1 if drawn or wish.blank == "fade" else 0
    handouts = press.handouts(Order(number, ""), key)
    return write_files(folder, _merged(wish, handouts))


def from_code(wish: Wish, text: str, secret: Path, folder: Path) -> list[Path]:
    """The sheet and the key that a code stands for.

    Raises:
        ExplainerError: for a code that does not belong to the file and the secret.
    """
    key = secret_in(secret, make=False)
    variant = read_code(text, key, load_spec(wish.spec).fingerprint)
    wish = replace(wish, seed=variant.seed, carry=variant.carry, blank=_blank(wish.blank, variant.stage))
    made = _Press(wish).one(variant, Order(variant.number, ""), key, wish.blank)
    return write_files(folder, _merged(wish, [made]))


def variant_of(spec: str, text: str, secret: Path) -> Calculation:
    """The calculation that a code stands for, for checking answers.

    Raises:
        ExplainerError: for a code that does not belong to the file and the secret.
    """
    variant = read_code(text, secret_in(secret, make=False), load_spec(spec).fingerprint)
    return _Press(Wish(spec, seed=variant.seed, carry=variant.carry)).variant(variant)


def _blank(asked: str, stage: int) -> str:
    """A sheet of a faded sequence has the blanks of its place there."""
    return FADE[stage - 1] if stage else asked


def _merged(wish: Wish, handouts: Sequence[Handout]) -> Files:
    files: Files = {}
    for prefix, made in _prefixed(handouts):
        files.update(student_files(made, wish.formats, prefix, wish.printed))
        files.update(teacher_files(made, wish.formats, prefix, wish.printed))
    return files


def _prefixed(handouts: Sequence[Handout]) -> Iterator[tuple[str, Handout]]:
    """Handouts with what their files' names begin with: their places, where there are several."""
    for place, made in enumerate(handouts, 1):
        yield f"{place}-" if len(handouts) > 1 else "", made


class _Press:
    """Makes the sheets of one wish; what they share is worked out once."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        spec = load_spec(wish.spec)
        self.fingerprint = spec.fingerprint
        if wish.carry:
            spec = replace(spec, display=replace(spec.display, carry=wish.carry))  # type: ignore[arg-type]
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

    def handouts(self, order: Order, secret: bytes) -> list[Handout]:
        """The sheets of one order; number 0 asks for the numbers of the file."""
        variants = self.variants(order.number)
        return [self.one(v, order, secret, policy) for v, policy in zip(variants, self.policies, strict=True)]

    def one(self, variant: Variant, order: Order, secret: bytes, policy: str) -> Handout:
        """One sheet."""
        own = self.variant(variant) if order.number else self.given
        marked = code(variant, secret, self.fingerprint) if secret and order.number else ""
        header = Header(order.name, order.student, self.wish.date, marked)
        mask = read_policy(policy, own.derivation, own.spec.name)
        return handout(own, mask, Asked(header, self.wish.formulas, self.wish.hints, self.points))


# ---------------------------------------------------------------- many


def orders_for_variants(count: int) -> tuple[Order, ...]:
    """Sheets that are numbered from 1.

    Raises:
        ExplainerError: for a count that is none.
    """
    if not 1 <= count <= MOST_VARIANTS:
        raise ExplainerError(f"--variants: expected a whole number from 1 to {MOST_VARIANTS}, found {count}")
    width = len(str(count))
    return tuple(Order(number, f"{number:0{max(width, 3)}}") for number in range(1, count + 1))


def orders_for_class(path: str) -> tuple[Order, ...]:
    """A sheet for every student of a class list.

    Raises:
        ExplainerError: where the list cannot be read.
    """
    students = read_class(path)
    _check_numbers(path, students)
    return tuple(Order(student.number, student.stem, student.id, student.name) for student in students)


def _check_numbers(path: str, students: Iterable[Student]) -> None:
    first: dict[int, str] = {}
    for student in students:
        if first.setdefault(student.number, student.id) != student.id:
            message = f"{path}: the ids `{first[student.number]}` and `{student.id}` would get the same sheet"
            raise ExplainerError(f"{message}\n    this happens once in a million classes; change one of the ids")


def hand_out(run: Run, orders: Sequence[Order], jobs: int, progress: Progress) -> Done:
    """Make every sheet that is not there yet, in ``jobs`` processes. What is made stays, whatever happens after.

    Raises:
        ExplainerError: for what the file or the wish says wrongly, or where nothing can be written.
    """
    press = press_of(run)
    _check_room(press, len(orders))
    _same_run(run, press)
    _write_list(run, press, orders)
    waiting = [order for order in orders if not _complete(run, order)]
    there = len(orders) - len(waiting)
    progress(there, len(orders))
    prints: dict[str, list[str]] = {}
    done = there
    for stems in _made(run, waiting, jobs):
        for stem, fingerprint in stems:
            prints.setdefault(fingerprint, []).append(stem)
        done += len(stems)
        progress(done, len(orders))
    alike = tuple(tuple(sorted(stems)) for stems in prints.values() if len(stems) > 1)
    return Done(run.folder, len(waiting), there, alike)


def _made(run: Run, waiting: Sequence[Order], jobs: int) -> Iterator[list[tuple[str, str]]]:
    chunks = [tuple(waiting[i : i + CHUNK]) for i in range(0, len(waiting), CHUNK)]
    if jobs == 1 or len(chunks) <= 1:
        yield from (make_sheets(run, chunk) for chunk in chunks)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(min(jobs, len(chunks))) as executor:
        yield from over(executor, run, chunks)


def over(executor: Executor, run: Run, chunks: Sequence[tuple[Order, ...]]) -> Iterator[list[tuple[str, str]]]:
    """The sheets made by any executor, chunk by chunk, as they are ready. The first error ends it."""
    from concurrent.futures import BrokenExecutor, as_completed

    futures = [executor.submit(make_sheets, run, chunk) for chunk in chunks]
    try:
        for future in as_completed(futures):
            yield future.result()
    except BrokenExecutor:
        raise ExplainerError("a process was ended from outside\n    the same command goes on from here") from None
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def make_sheets(run: Run, orders: Sequence[Order]) -> list[tuple[str, str]]:
    """Make some sheets and write them; gives the name of each, and the fingerprint of its numbers.

    A sheet that is made a second time is written over with the same.
    """
    try:
        press = press_of(run)
        return [(order.stem, _make_sheet(run, press, order)) for order in orders]
    except CalculationError as error:  # an error of one text can be sent from process to process
        raise ExplainerError(str(error)) from None


@lru_cache(maxsize=2)
def press_of(run: Run) -> _Press:
    """What makes the sheets of a run, kept for the next ones."""
    return _Press(run.wish)


def _make_sheet(run: Run, press: _Press, order: Order) -> str:
    """The keys first: where the folder of the student is there, everything is."""
    handouts = press.handouts(order, run.secret)
    formats, printed = run.wish.formats, run.wish.printed
    theirs: Files = {}
    ours: Files = {}
    variants: dict[str, str] = {}
    for prefix, made in _prefixed(handouts):
        theirs.update(student_files(made, formats, prefix, printed))
        ours.update(teacher_files(made, formats, prefix, printed))
        assert isinstance(made.calculation, Calculation)
        variants[f"{made.header.code}.toml"] = formulas_file(made.calculation)
    write_files(run.folder / TEACHER / "variants", variants)
    write_folder(run.folder / "keys" / order.stem, ours)
    write_folder(run.folder / "sheets" / order.stem, theirs)
    return "-".join(made.calculation.spec.fingerprint for made in handouts)


def _complete(run: Run, order: Order) -> bool:
    return (run.folder / "sheets" / order.stem).is_dir()


def _check_room(press: _Press, count: int) -> None:
    room = press.variations.room()
    if room < count:
        hint = "wider grids in [variants], or a smaller step"
        raise ExplainerError(
            f"{press.given.spec.name}: {count} sheets, but only {room} different sets of numbers\n    {hint}"
        )


def _same_run(run: Run, press: _Press) -> None:
    """A folder holds sheets of one run; what it is stands in a file of the teacher's."""
    record = run.folder / TEACHER / "run.json"
    text = json.dumps(_identity(run, press), indent=2, sort_keys=True) + "\n"
    if record.exists():
        try:
            same = record.read_text("utf-8") == text
        except (OSError, UnicodeDecodeError):
            same = False
        if not same:
            hint = "choose another folder with -o, or remove this one"
            raise ExplainerError(f"{run.folder}: holds sheets of another file, seed, secret or wish\n    {hint}")
    else:
        if any((run.folder / name).exists() for name in ("sheets", "keys")):
            hint = "choose another folder with -o"
            raise ExplainerError(f"{run.folder}: has a folder `sheets` or `keys` of something else\n    {hint}")
        write_files(record.parent, {record.name: text})


def _identity(run: Run, press: _Press) -> dict[str, Any]:
    wish = run.wish
    return {
        "made by": f"explainer {__version__}",
        "calculation": press.given.spec.name,
        "fingerprint": press.fingerprint,
        "secret": mark_of(run.secret),
        "seed": wish.seed,
        "blank": wish.blank,
        "formats": sorted(wish.formats),
        "rounding": wish.carry,
        "formula sheet": wish.formulas,
        "hints": wish.hints,
        "date": wish.date,
        "print": asdict(wish.printed),
        **({"points": sha256(wish.policy.content.replace(b"\r\n", b"\n")).hexdigest()[:12]} if wish.policy else {}),
    }


def _write_list(run: Run, press: _Press, orders: Sequence[Order]) -> None:
    """Whose sheet is where, under which code: for the teacher."""
    rows = [",".join(("folder", "student", "name", *(f"code{i}" for i, _ in enumerate(press.policies, 1))))]
    for order in orders:
        codes = [code(variant, run.secret, press.fingerprint) for variant in press.variants(order.number)]
        rows.append(",".join(map(_cell, (order.stem, order.student, order.name, *codes))))
    write_files(run.folder / TEACHER, {"class.csv": "\n".join(rows) + "\n"})


def _cell(text: str) -> str:
    """A cell of CSV. One that a spreadsheet would take for a formula begins with an apostrophe."""
    safe = f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
    return '"' + safe.replace('"', '""') + '"' if any(mark in safe for mark in ',"\n') else safe


def checked_seed(seed: int | None) -> int:
    """The seed, or 1.

    Raises:
        ExplainerError: for one out of bounds.
    """
    if seed is not None and not 0 <= seed <= MOST_SEED:
        raise ExplainerError(f"--seed: expected a whole number from 0 to {MOST_SEED}, found {seed}")
    return 1 if seed is None else seed


CARRY_CHOICES = CARRIES[1:]
