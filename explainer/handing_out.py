"""Handouts as files: one set, or one for every student of a class, over several processes and resumable."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict, replace

from .calculation import Calculation
from .formats.folder import write_files, write_folder
from .formulas.problems import ExplainerError
from .handouts.codes import CARRIES, MOST_SEED, code, mark_of, read_code, secret_in
from .handouts.delivery import student_files, teacher_files
from .handouts.masks import FADE
from .handouts.people import Student, read_class
from .press import Made, Order, Press, Wish, press_of, sendable, sheets_of
from .spec.load import load as load_spec
from .version import __version__

if TYPE_CHECKING:
    from concurrent.futures import Executor

CHUNK = 25
"""So many sheets are handed to a process at a time."""
MOST_VARIANTS = 100_000
TEACHER = "teacher"
"""The folder of what belongs to no single sheet: whose is which, and each variant as a calculation file by its code."""
CLASS = "class.csv"
Progress = Callable[[int, int], None]
Item = TypeVar("Item")


class Run(Struct, frozen=True):
    """A run for many."""

    wish: Wish
    folder: Path
    secret: bytes


class Done(Struct, frozen=True):
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

    Where no code says which numbers were drawn, they stand in a calculation file beside the key.

    Raises:
        ExplainerError: for what the file or the wish says wrongly, or where nothing can be written.
    """
    press = Press(wish)
    key = secret_in(secret, make=True) if secret else b""
    order = Order(1 if drawn or wish.blank == "fade" else 0, "")
    if key and order.number:
        order = press.coded(order, key)
    made = press.made(order)
    numbers = made.variants if order.number and not key else {}
    return write_files(folder, {**made.sheets, **made.keys, **numbers})


def from_code(wish: Wish, text: str, secret: Path, folder: Path) -> list[Path]:
    """The sheet and the key that a code stands for.

    Raises:
        ExplainerError: for a code that does not belong to the file and the secret.
    """
    key = secret_in(secret, make=False)
    fingerprint = load_spec(wish.spec).fingerprint
    variant = read_code(text, key, fingerprint)
    wish = replace(wish, seed=variant.seed, carry=variant.carry, blank=_blank(wish.blank, variant.stage))
    made = Press(wish).one(Order(variant.number, ""), variant, code(variant, key, fingerprint), wish.blank)
    sheet, answers = (files(made, wish.formats, "", wish.printed) for files in (student_files, teacher_files))
    return write_files(folder, {**sheet, **answers})


def variant_of(spec: str, text: str, secret: Path) -> Calculation:
    """The calculation that a code stands for, for checking answers.

    Raises:
        ExplainerError: for a code that does not belong to the file and the secret.
    """
    variant = read_code(text, secret_in(secret, make=False), load_spec(spec).fingerprint)
    return Press(Wish(spec, seed=variant.seed, carry=variant.carry)).variant(variant)


def _blank(asked: str, stage: int) -> str:
    """A sheet of a faded sequence has the blanks of its place there."""
    return FADE[stage - 1] if stage else asked


# ---------------------------------------------------------------- many


Chunk = tuple[Order, ...]
Stem = tuple[str, str]
"""The name of a sheet, and the fingerprint of its numbers."""


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


def hand_out(run: Run, orders: Sequence[Order], jobs: int, progress: Progress, scheduler: str | None = None) -> Done:
    """Make every sheet that is not there yet, in ``jobs`` processes or on the cluster of a ``scheduler``.

    What is made stays, whatever happens after.

    Raises:
        ExplainerError: for what the file or the wish says wrongly, or where nothing can be written.
    """
    press = press_of(run.wish)
    _check_room(press, len(orders))
    _same_run(run, press)
    _write_list(run, press, orders)
    waiting = [order for order in orders if not _complete(run, order)]
    there = len(orders) - len(waiting)
    progress(there, len(orders))
    prints: dict[str, list[str]] = {}
    done = there
    for stems in _made(run, waiting, jobs, scheduler):
        for stem, fingerprint in stems:
            prints.setdefault(fingerprint, []).append(stem)
        done += len(stems)
        progress(done, len(orders))
    alike = tuple(tuple(sorted(stems)) for stems in prints.values() if len(stems) > 1)
    return Done(run.folder, len(waiting), there, alike)


def _made(run: Run, waiting: Sequence[Order], jobs: int, scheduler: str | None) -> Iterator[list[Stem]]:
    """The sheets that are waiting, made and written, some at a time."""
    chunks = [tuple(waiting[i : i + CHUNK]) for i in range(0, len(waiting), CHUNK)]
    if scheduler is not None and chunks:
        yield from _made_elsewhere(run, chunks, scheduler)
    elif jobs == 1 or len(chunks) <= 1:
        yield from (make_sheets(run, chunk) for chunk in chunks)
    else:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(min(jobs, len(chunks))) as executor:
            yield from over(executor, partial(make_sheets, run), chunks, len(chunks))


def _made_elsewhere(run: Run, chunks: Sequence[Chunk], scheduler: str) -> Iterator[list[Stem]]:
    """On a cluster. What is made there comes back and is written here, once, whatever was made twice on the way; the
    secret stays here."""
    from .cluster import at

    press = press_of(run.wish)
    coded = (tuple(press.coded(order, run.secret) for order in chunk) for chunk in chunks)
    with at(scheduler, "pdf" in run.wish.formats) as cluster:
        make = cluster.task(sheets_of, run.wish.whole())
        for sheets in over(cluster.executor, make, coded, cluster.room):
            yield [_written(run, made) for made in sheets]


def over(
    executor: Executor, make: Callable[[Chunk], list[Item]], chunks: Iterable[Chunk], most: int
) -> Iterator[list[Item]]:
    """What any executor makes of the chunks, as it is ready. The first error ends it.

    At most so many chunks are under way, so that what is made does not pile up.
    """
    from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait

    left = iter(chunks)
    under_way: set[Future[list[Item]]] = set()
    try:
        while under_way := under_way | {executor.submit(make, c) for c in islice(left, most - len(under_way))}:
            ready, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            while ready:
                yield ready.pop().result()
    except BrokenExecutor:
        raise ExplainerError("a process was ended from outside\n    the same command goes on from here") from None
    finally:
        for future in under_way:
            future.cancel()


def make_sheets(run: Run, orders: Sequence[Order]) -> list[Stem]:
    """Make some sheets and write them; gives the name of each, and the fingerprint of its numbers.

    A sheet that is made a second time is written over with the same.
    """
    with sendable():
        press = press_of(run.wish)
        return [_written(run, press.made(press.coded(order, run.secret))) for order in orders]


def _written(run: Run, made: Made) -> Stem:
    """The keys first: where the folder of the student is there, everything is."""
    write_files(run.folder / TEACHER / "variants", made.variants)
    write_folder(run.folder / "keys" / made.stem, made.keys)
    write_folder(run.folder / "sheets" / made.stem, made.sheets)
    return made.stem, made.fingerprint


def _complete(run: Run, order: Order) -> bool:
    return (run.folder / "sheets" / order.stem).is_dir()


def _check_room(press: Press, count: int) -> None:
    room = press.variations.room()
    if room < count:
        hint = "wider grids in [variants], or a smaller step"
        raise ExplainerError(
            f"{press.given.spec.label}: {count} sheets, but only {room} different sets of numbers\n    {hint}"
        )


def _same_run(run: Run, press: Press) -> None:
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


def _identity(run: Run, press: Press) -> dict[str, Any]:
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


def _write_list(run: Run, press: Press, orders: Sequence[Order]) -> None:
    """Whose sheet is where, under which code: for the teacher.

    A sheet that bears another name by now is taken away, to be made again; who is no longer on the list keeps a row, so
    that every code can be traced.
    """
    header = ",".join(("folder", "student", "name", *(f"code{i}" for i, _ in enumerate(press.policies, 1))))
    earlier = _earlier_rows(run.folder / TEACHER / CLASS)
    rows = {}
    for order in orders:
        codes = press.coded(order, run.secret).codes
        rows[order.stem] = ",".join(map(_cell, (order.stem, order.student, order.name, *codes)))
        if earlier.pop(order.stem, rows[order.stem]) != rows[order.stem]:
            shutil.rmtree(run.folder / "sheets" / order.stem, ignore_errors=True)
    write_files(run.folder / TEACHER, {CLASS: "\n".join([header, *rows.values(), *earlier.values()]) + "\n"})


def _earlier_rows(path: Path) -> dict[str, str]:
    """The rows of an earlier run of the same, by folder."""
    if not path.exists():
        return {}
    return {row.partition(",")[0]: row for row in path.read_text("utf-8").splitlines()[1:] if row}


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
