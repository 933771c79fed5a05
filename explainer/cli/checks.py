"""The command that checks what was worked out by hand."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .shared import CHECK_FORMATS, NEEDS_SECRET, Progress, formats_in, loaded

if TYPE_CHECKING:
    from ..calculation import Calculation


def check(options: argparse.Namespace) -> int:
    """Print what is said of a sheet, or write the reports of a class; 1 where something is wrong."""
    from ..files import check_answers, write_blank_sheet
    from ..formulas.problems import ExplainerError

    formats = formats_in(options.format, CHECK_FORMATS)
    calculation = loaded(options) if options.code is None else _by_code(options)
    if options.sheet:
        print(write_blank_sheet(calculation, Path(options.sheet)))
        return 0
    if not options.answers:
        raise ExplainerError('nothing to check\n    name a file of answers, or write figures: "w5+=0.3589"')
    folder = Path(options.folder) if options.folder else None
    done = check_answers(calculation, options, formats, folder, Progress())
    for path in done.written:
        print(path)
    print(done.text, end="")
    return 0 if done.all_right else 1


def _by_code(options: argparse.Namespace) -> Calculation:
    """The variant that a code on a sheet stands for."""
    from ..formulas.problems import ExplainerError
    from ..handing_out import variant_of

    if options.secret is None:
        raise ExplainerError(NEEDS_SECRET)
    return variant_of(options.spec, options.code, Path(options.secret))
