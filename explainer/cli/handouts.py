"""The commands that make worksheets, for one or for many, and quizzes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .shared import HANDOUT_FORMATS, NEEDS_SECRET, Progress, formats_in, loaded

if TYPE_CHECKING:
    from ..handing_out import Run
    from ..press import Order, Wish
    from ..spec.files import Source


def handout(options: argparse.Namespace) -> int:
    """Write a worksheet and its key, or those of a class."""
    from ..formats.printing import Print
    from ..formulas.problems import ExplainerError
    from ..handing_out import checked_seed, from_code, one_handout
    from ..press import Wish

    wish = Wish(
        spec=options.spec,
        blank=options.blank,
        formats=formats_in(options.format, HANDOUT_FORMATS),
        carry=options.carry,
        formulas=options.formulas,
        hints=options.hints,
        date=" ".join(options.date.split()),
        seed=checked_seed(options.seed),
        printed=Print(options.paper, options.type_size, options.pdf_engine),
        policy=_points(options),
    )
    name = Path(options.spec).name.split(".")[0] or "calculation"
    folder = Path(options.folder) if options.folder else Path("output") / f"{name}-handout"
    secret = Path(options.secret) if options.secret else None
    if options.scheduler is not None and options.variants is None and options.students is None:
        raise ExplainerError("--scheduler: is for many sheets\n    --variants N, or --students CSV")
    if options.variants is not None or options.students is not None:
        return _class(wish, folder, secret, options)
    if options.code is None:
        drawn = options.seed is not None
        written = one_handout(wish, folder, drawn, secret)
    elif secret is None:
        raise ExplainerError(NEEDS_SECRET)
    else:
        written = from_code(wish, options.code, secret, folder)
    for path in written:
        if path.suffix != ".svg":
            print(path)
    return 0


def _points(options: argparse.Namespace) -> Source | None:
    """What says how many points a blank is worth; none where that is not to stand on the sheets."""
    from ..handouts.points import USUAL
    from ..spec.files import named

    if options.policy is not None:
        return named(options.policy, "a policy")
    return USUAL if options.points else None


def _class(wish: Wish, folder: Path, secret: Path | None, options: argparse.Namespace) -> int:
    """Sheets for many."""
    from ..formulas.problems import ExplainerError
    from ..handing_out import Run, hand_out, orders_for_class, orders_for_variants
    from ..handouts.codes import secret_in

    if not 1 <= options.jobs <= 256:
        raise ExplainerError(f"--jobs: expected a whole number from 1 to 256, found {options.jobs}")
    orders = orders_for_class(options.students) if options.students else orders_for_variants(options.variants)
    key = secret_in(secret or folder / "teacher" / "secret.txt", make=True)
    run = Run(wish.whole(), folder, key)
    try:
        done = hand_out(run, orders, options.jobs, Progress(), options.scheduler)
        printed = _print_class(run, orders) if options.print_file else []
    except KeyboardInterrupt:
        print("explainer: interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    for alike in done.alike:
        print(f"explainer: {', '.join(alike)} have the same numbers; wider grids help", file=sys.stderr)
    earlier = f", {done.there} were there already" if done.there else ""
    print(f"{done.made} sheets made{earlier}\n{folder / 'sheets'}\n{folder / 'keys'}")
    for path in printed:
        print(path)
    return 0


def _print_class(run: Run, orders: Sequence[Order]) -> list[Path]:
    from ..class_print import print_class

    return print_class(run, orders, Progress())


def quiz(options: argparse.Namespace) -> int:
    """Write the questions."""
    from ..files import quiz_files, write_files
    from ..handouts.quiz.quiz import Wish

    wish = Wish(options.to, options.blank, options.variants, options.seed, options.tolerance)
    calculation = loaded(options)
    folder = Path(options.folder) if options.folder else Path("output") / f"{calculation.spec.name}-quiz"
    remarks: list[str] = []
    for path in write_files(folder, quiz_files(calculation, wish, remarks.append)):
        print(path)
    for remark in remarks:
        print(f"explainer: {remark}", file=sys.stderr)
    return 0
