"""What the command line understands: every command with its options."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeAlias

from . import calculations, checks, handouts
from .shared import CHECK_FORMATS, DEFAULT_FORMATS, FORMATS

RATE, NO_OPTION = re.compile(r"-d[^\s/=]*/d"), "\0"
"""A rate of the error with the opposite sign, such as ``-dE/dw5``, which looks like an option, and what hides that."""
SPEC_HELP = "a calculation file, or the name of a shipped example"
Add: TypeAlias = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
"""Adds a command: its name, what runs it, what it is for."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong and how the command is used, and exits with 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"explainer: {message}\n{self.format_usage()}")


def read(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What a command line says. Answers may stand before and behind options, which argparse alone does not allow."""
    whole = parser()
    typed = sys.argv[1:] if arguments is None else arguments
    options, rest = whole.parse_known_args([f"{NO_OPTION}{text}" if RATE.match(text) else text for text in typed])
    for name in ("id", "answers"):
        _as_typed(options, name)
    rest = [text.removeprefix(NO_OPTION) for text in rest]
    if rest and (not hasattr(options, "answers") or any(text.startswith("-") for text in rest)):
        whole.error(f"unrecognized arguments: {' '.join(rest)}")
    if rest:
        options.answers = [*options.answers, *rest]
    return options


def _as_typed(options: argparse.Namespace, name: str) -> None:
    found = getattr(options, name, None)
    if isinstance(found, str):
        setattr(options, name, found.removeprefix(NO_OPTION))
    elif found:
        setattr(options, name, [text.removeprefix(NO_OPTION) for text in found])


def parser() -> argparse.ArgumentParser:
    """The parser of the command line; what it finds has a ``command`` to run."""
    whole = _Parser(prog="explainer", description="Writes a calculation out step by step.")
    commands = whole.add_subparsers(required=True, metavar="command", parser_class=_Parser)

    def add(name: str, run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(command=run)
        return added

    _walkthrough(add)
    _numbers(add)
    _check(add)
    _handout(add)
    _quiz(add)
    _lists(add)
    return whole


def _walkthrough(add: Add) -> None:
    command = add("walkthrough", calculations.walkthrough, "write a calculation out in full")
    command.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    default = ",".join(DEFAULT_FORMATS)
    command.add_argument("--format", default=default, help=f"some of {','.join(FORMATS)} (default: {default})")
    command.add_argument("--detail", choices=("brief", "standard", "full"), default="standard")
    command.add_argument("-o", dest="folder", metavar="DIR", help="where the files land (default: output/NAME)")
    command.add_argument("--fragment", action="store_true", help="LaTeX without a preamble, for \\input in a book")
    command.add_argument("--section-level", choices=("chapter", "section", "subsection"), default="section")
    command.add_argument("--label-prefix", default="", help="goes before every LaTeX label")
    command.add_argument("--text-width", type=_text_width, metavar="MM", help="width of the text in millimetres")
    _printing(command)


def _numbers(add: Add) -> None:
    step = add("step", calculations.step, "show one line of working")
    step.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    step.add_argument("id", metavar="ID", help="such as net_h1, dE_total/dw5, w5+ or E_total@100")

    train = add("train", calculations.train, "train, and show how the error falls")
    train.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    train.add_argument("--steps", type=int, metavar="N", help="number of steps (default: what the file says)")
    train.add_argument("--csv", metavar="FILE", help="write a row per step to a file")

    verify = add("verify", calculations.verify, "check every gradient against finite differences at high precision")
    verify.add_argument("spec", metavar="SPEC", help=SPEC_HELP)


def _check(add: Add) -> None:
    command = add("check", checks.check, "check figures that were worked out by hand")
    command.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    answers = "a sheet, a class list (CSV), or figures such as w5+=0.3589"
    command.add_argument("answers", metavar="ANSWERS", nargs="*", help=answers)
    command.add_argument("--format", default="text", help=f"some of {','.join(CHECK_FORMATS)} (default: text)")
    feedback = ("verdict", "where", "why", "key")
    command.add_argument("--feedback", choices=feedback, default="key", help="how much is told")
    digits = "the fewest significant digits that a figure should have"
    command.add_argument("--digits", type=int, metavar="N", help=digits)
    command.add_argument("--policy", metavar="FILE", help="a file that says what lines are worth")
    command.add_argument("--variants", metavar="DIR", help="where the variants of a class list are, as CODE.toml")
    command.add_argument("--code", help="the variant code of the sheet, with the secret that it was made with")
    command.add_argument("--secret", metavar="FILE", help="what codes are made with")
    command.add_argument("--mapping", metavar="FILE", help="for Moodle's export of responses: the quiz's mapping.csv")
    command.add_argument("--sheet", metavar="FILE", help="write an empty answer sheet, CSV or Markdown, and do no more")
    folder = "where the reports land (one sheet: default, print it)"
    command.add_argument("-o", dest="folder", metavar="DIR", help=folder)


def _handout(add: Add) -> None:
    what = "make a worksheet with blanks and its key, or one for everybody in a class"
    command = add("handout", handouts.handout, what)
    command.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    blank = "results, substitutions, formulas, all, half, fade (worked, then half, then all blank), or ids of lines"
    command.add_argument("--blank", default="results", metavar="WHAT", help=blank)
    command.add_argument("--format", default="md", help="some of md,tex,html,pdf (default: md)")
    command.add_argument("--carry", choices=("exact", "rounded"), default="", help="how to round (default: the file's)")
    command.add_argument("--formulas", action="store_true", help="with a formula sheet")
    command.add_argument("--hints", action="store_true", help="with hints at the end")
    worth = command.add_mutually_exclusive_group()
    worth.add_argument("--points", action="store_true", help="with what each blank is worth: a point")
    worth.add_argument("--policy", metavar="FILE", help="the same, by a file that says what lines are worth")
    command.add_argument("--date", default="", help="printed on the sheets (default: room to write one)")
    _for_many(command)
    command.add_argument("-o", dest="folder", metavar="DIR", help="where the files land (default: output/NAME-handout)")
    print_file = "for a class: all sheets in one file, and all answers"
    command.add_argument("--print-file", action="store_true", help=print_file)
    _printing(command)


def _for_many(command: argparse.ArgumentParser) -> None:
    """Whom sheets are for, what their numbers are drawn from, and who does the work."""
    many = command.add_mutually_exclusive_group()
    many.add_argument("--variants", type=int, metavar="N", help="so many sheets, each with numbers of its own")
    many.add_argument("--students", metavar="CSV", help="a sheet for everybody in a list with the columns name,id")
    many.add_argument("--code", help="make the sheet of that code again, with its key")
    command.add_argument("--seed", type=int, metavar="S", help="what the numbers are drawn from (default: 1)")
    command.add_argument("--secret", metavar="FILE", help="what codes are made with; made where there is none yet")
    work = command.add_mutually_exclusive_group()
    work.add_argument("--jobs", type=int, default=1, metavar="N", help="how many processes (default: 1)")
    work.add_argument("--scheduler", metavar="ADDRESS", help="a Dask cluster that does the work: tcp://HOST:8786")


def _quiz(add: Add) -> None:
    command = add("quiz", handouts.quiz, "make questions for a learning platform")
    command.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    command.add_argument("--to", default="moodle", metavar="TARGET", help="moodle (default), stack, qti21 or csv")
    command.add_argument("--blank", default="results", metavar="WHAT", help="results, half, all, or ids of lines")
    command.add_argument("--variants", type=int, metavar="N", help="so many, each with numbers of its own")
    command.add_argument(
        "--seed", type=int, default=1, metavar="S", help="what the numbers are drawn from (default: 1)"
    )
    tolerance = "0.001 or 1%% (default: one unit of the last digit)"
    command.add_argument("--tolerance", default="", metavar="T", help=tolerance)
    command.add_argument("-o", dest="folder", metavar="DIR", help="where the files land (default: output/NAME-quiz)")


def _lists(add: Add) -> None:
    what = "list the named formulas that a file means, as a calculation file"
    add("formulas", calculations.formulas, what).add_argument("spec", metavar="SPEC", help=SPEC_HELP)

    examples = add("examples", calculations.examples, "list the shipped examples")
    examples.add_argument("--copy", metavar="DIR", help="put them into a folder")

    schema = add("schema", calculations.schema, "print the JSON Schema of the calculation file, for editors")
    schema.add_argument("--steps", action="store_true", help="that of steps.json instead")


def _printing(command: argparse.ArgumentParser) -> None:
    """What a command that prints can be asked for."""
    command.add_argument("--paper", default="a4", metavar="PAPER", help="a4 (default) or letter")
    command.add_argument("--type-size", type=float, default=11.0, metavar="PT", help="11 (default); 17 is large print")
    command.add_argument("--pdf-engine", default="typst", metavar="ENGINE", help="typst (default) or an installed tex")


def _text_width(text: str) -> float:
    try:
        width = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of millimetres") from None
    if not 60 <= width <= 400:
        raise argparse.ArgumentTypeError("from 60 to 400 millimetres")
    return width
