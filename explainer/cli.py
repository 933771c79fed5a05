"""The command line: the only place that prints or exits. Each command loads only what it needs."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from .calculation import Calculation
    from .handing_out import Run
    from .press import Order, Wish
    from .spec.files import Source

DEFAULT_FORMATS = ("md", "tex", "html", "json")
FORMATS = (*DEFAULT_FORMATS, "pdf")
CHECK_FORMATS = ("text", "md", "html", "json", "csv")
FEW = 20
"""For fewer no progress is shown."""
HANDOUT_FORMATS = ("md", "tex", "html", "pdf")
NEEDS_SECRET = "--code: needs the secret that it was made with\n    --secret FILE"
SPEC_HELP = "a calculation file, or the name of a shipped example"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0 done, 1 a check failed, 2 something was wrong with the input."""
    gc.set_threshold(100_000, 50, 50)  # while modules load, there is next to no garbage to look for
    _unicode_output()
    options = _parser().parse_args(arguments)
    from .formulas.problems import ExplainerError

    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except ExplainerError as error:
        print(f"explainer: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("explainer: interrupted; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        sys.stderr.close()
        return 0


def run() -> NoReturn:
    """The console command. What is left in memory goes with the process: nobody need look for garbage in it."""
    code = main()
    gc.freeze()
    sys.exit(code)


def _unicode_output() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong and how the command is used, and exits with 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"explainer: {message}\n{self.format_usage()}")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="explainer", description="Writes a calculation out step by step.")
    commands = parser.add_subparsers(required=True, metavar="command", parser_class=_Parser)

    def command(name: str, run: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(command=run)
        return added

    walkthrough = command("walkthrough", _walkthrough, "write a calculation out in full")
    walkthrough.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    default = ",".join(DEFAULT_FORMATS)
    walkthrough.add_argument("--format", default=default, help=f"some of {','.join(FORMATS)} (default: {default})")
    walkthrough.add_argument("--detail", choices=("brief", "standard", "full"), default="standard")
    walkthrough.add_argument("-o", dest="folder", metavar="DIR", help="where the files land (default: output/NAME)")
    walkthrough.add_argument("--fragment", action="store_true", help="LaTeX without a preamble, for \\input in a book")
    walkthrough.add_argument("--section-level", choices=("chapter", "section", "subsection"), default="section")
    walkthrough.add_argument("--label-prefix", default="", help="goes before every LaTeX label")
    walkthrough.add_argument("--text-width", type=_text_width, metavar="MM", help="width of the text in millimetres")
    _printing(walkthrough)

    step = command("step", _step, "show one line of working")
    step.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    step.add_argument("id", metavar="ID", help="such as net_h1, dE_total/dw5, w5+ or E_total@100")

    train = command("train", _train, "train, and show how the error falls")
    train.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    train.add_argument("--steps", type=int, metavar="N", help="number of steps (default: what the file says)")
    train.add_argument("--csv", metavar="FILE", help="write a row per step to a file")

    verify = command("verify", _verify, "check every gradient against finite differences at high precision")
    verify.add_argument("spec", metavar="SPEC", help=SPEC_HELP)

    check = command("check", _check, "check figures that were worked out by hand")
    check.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    check.add_argument(
        "answers", metavar="ANSWERS", nargs="*", help="a sheet, a class list (CSV), or figures such as w5+=0.3589"
    )
    check.add_argument("--format", default="text", help=f"some of {','.join(CHECK_FORMATS)} (default: text)")
    check.add_argument("--feedback", choices=("verdict", "where", "why", "key"), default="key", help="how much is told")
    check.add_argument(
        "--digits", type=int, metavar="N", help="the fewest significant digits that a figure should have"
    )
    check.add_argument("--policy", metavar="FILE", help="a file that says what lines are worth")
    check.add_argument("--variants", metavar="DIR", help="where the variants of a class list are, as CODE.toml")
    check.add_argument("--code", help="the variant code of the sheet, with the secret that it was made with")
    check.add_argument("--secret", metavar="FILE", help="what codes are made with")
    check.add_argument("--mapping", metavar="FILE", help="for Moodle's export of responses: the quiz's mapping.csv")
    check.add_argument("--sheet", metavar="FILE", help="write an empty answer sheet, CSV or Markdown, and do no more")
    check.add_argument("-o", dest="folder", metavar="DIR", help="where the reports land (one sheet: default, print it)")

    handout = command("handout", _handout, "make a worksheet with blanks and its key, or one for everybody in a class")
    handout.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    handout.add_argument(
        "--blank",
        default="results",
        metavar="WHAT",
        help="results, substitutions, formulas, all, half, fade (worked, then half, then all blank), or ids of lines",
    )
    handout.add_argument("--format", default="md", help="some of md,tex,html,pdf (default: md)")
    handout.add_argument("--carry", choices=("exact", "rounded"), default="", help="how to round (default: the file's)")
    handout.add_argument("--formulas", action="store_true", help="with a formula sheet")
    handout.add_argument("--hints", action="store_true", help="with hints at the end")
    worth = handout.add_mutually_exclusive_group()
    worth.add_argument("--points", action="store_true", help="with what each blank is worth: a point")
    worth.add_argument("--policy", metavar="FILE", help="the same, by a file that says what lines are worth")
    handout.add_argument("--date", default="", help="printed on the sheets (default: room to write one)")
    many = handout.add_mutually_exclusive_group()
    many.add_argument("--variants", type=int, metavar="N", help="so many sheets, each with numbers of its own")
    many.add_argument("--students", metavar="CSV", help="a sheet for everybody in a list with the columns name,id")
    many.add_argument("--code", help="make the sheet of that code again, with its key")
    handout.add_argument("--seed", type=int, metavar="S", help="what the numbers are drawn from (default: 1)")
    handout.add_argument("--secret", metavar="FILE", help="what codes are made with; made where there is none yet")
    work = handout.add_mutually_exclusive_group()
    work.add_argument("--jobs", type=int, default=1, metavar="N", help="how many processes (default: 1)")
    work.add_argument("--scheduler", metavar="ADDRESS", help="a Dask cluster that does the work: tcp://HOST:8786")
    handout.add_argument("-o", dest="folder", metavar="DIR", help="where the files land (default: output/NAME-handout)")

    handout.add_argument(
        "--print-file", action="store_true", help="for a class: all sheets in one file, and all answers"
    )
    _printing(handout)

    quiz = command("quiz", _quiz, "make questions for a learning platform")
    quiz.add_argument("spec", metavar="SPEC", help=SPEC_HELP)
    quiz.add_argument("--to", default="moodle", metavar="TARGET", help="moodle (default), stack, qti21 or csv")
    quiz.add_argument("--blank", default="results", metavar="WHAT", help="results, half, all, or ids of lines")
    quiz.add_argument("--variants", type=int, metavar="N", help="so many, each with numbers of its own")
    quiz.add_argument("--seed", type=int, default=1, metavar="S", help="what the numbers are drawn from (default: 1)")
    quiz.add_argument("--tolerance", default="", metavar="T", help="0.001 or 1%% (default: one unit of the last digit)")
    quiz.add_argument("-o", dest="folder", metavar="DIR", help="where the files land (default: output/NAME-quiz)")

    formulas = command("formulas", _formulas, "list the named formulas that a file means, as a calculation file")
    formulas.add_argument("spec", metavar="SPEC", help=SPEC_HELP)

    examples = command("examples", _examples, "list the shipped examples")
    examples.add_argument("--copy", metavar="DIR", help="put them into a folder")

    schema = command("schema", _schema, "print the JSON Schema of the calculation file, for editors")
    schema.add_argument("--steps", action="store_true", help="that of steps.json instead")
    return parser


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


def _loaded(options: argparse.Namespace) -> Calculation:
    from .calculation import load

    return load(options.spec)


def _walkthrough(options: argparse.Namespace) -> int:
    from .files import LatexOptions, Print, document_files, write_files

    formats = _formats(options.format, FORMATS)
    printed = Print(options.paper, options.type_size, options.pdf_engine)
    calculation = _loaded(options)
    latex = LatexOptions(options.fragment, options.section_level, options.label_prefix, options.text_width)
    files = document_files(calculation, formats, options.detail, latex, printed)
    folder = Path(options.folder) if options.folder else Path("output") / calculation.spec.name
    for path in write_files(folder, files):
        if path.suffix != ".svg":
            print(path)
    return 0


def _formats(text: str, known: Sequence[str]) -> tuple[str, ...]:
    from .formulas.problems import ExplainerError, nearest

    asked = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in asked:
        if name not in known:
            raise ExplainerError(f'--format: "{name}" is not a format\n    {nearest(name, known)}')
    if not asked:
        raise ExplainerError(f"--format: nothing is asked for\n    allowed: {', '.join(known)}")
    return asked


def _step(options: argparse.Namespace) -> int:
    print(_loaded(options).one_line(options.id))
    return 0


def _train(options: argparse.Namespace) -> int:
    from .files import training_csv, training_table, write_files

    calculation = _loaded(options)
    if options.csv:
        path = Path(options.csv)
        write_files(path.parent, {path.name: training_csv(calculation, options.steps)})
    print(training_table(calculation, options.steps))
    return 0


def _verify(options: argparse.Namespace) -> int:
    from .numbers.differences import every_gradient
    from .numbers.rounding import significant

    calculation = _loaded(options)
    compared = 0
    wrong = 0
    for found in every_gradient(calculation.evaluation):
        compared += 1
        wrong += not found.agrees
        verdict = f"{found.digits} digits agree" if found.agrees else "DO NOT AGREE"
        print(
            f"{found.name:24} {significant(found.gradient, 12):>20} {significant(found.difference, 12):>20}  {verdict}"
        )
    if not compared:
        print("nothing to compare: this calculation has no gradients of given numbers")
        return 0
    if calculation.spec.training.update == "sequential":
        print("gradients are those formed from the original values")
    print(f"{compared - wrong} of {compared} gradients agree with finite differences")
    return 1 if wrong else 0


def _check(options: argparse.Namespace) -> int:
    from .files import check_answers, write_blank_sheet
    from .formulas.problems import ExplainerError

    formats = _formats(options.format, CHECK_FORMATS)
    calculation = _loaded(options) if options.code is None else _by_code(options)
    if options.sheet:
        print(write_blank_sheet(calculation, Path(options.sheet)))
        return 0
    if not options.answers:
        raise ExplainerError('nothing to check\n    name a file of answers, or write figures: "w5+=0.3589"')
    folder = Path(options.folder) if options.folder else None
    done = check_answers(calculation, options, formats, folder, _Progress())
    for path in done.written:
        print(path)
    print(done.text, end="")
    return 0 if done.all_right else 1


def _by_code(options: argparse.Namespace) -> Calculation:
    """The variant that a code on a sheet stands for."""
    from .formulas.problems import ExplainerError
    from .handing_out import variant_of

    if options.secret is None:
        raise ExplainerError(NEEDS_SECRET)
    return variant_of(options.spec, options.code, Path(options.secret))


def _handout(options: argparse.Namespace) -> int:
    from .formats.printing import Print
    from .formulas.problems import ExplainerError
    from .handing_out import checked_seed, from_code, one_handout
    from .press import Wish

    wish = Wish(
        spec=options.spec,
        blank=options.blank,
        formats=_formats(options.format, HANDOUT_FORMATS),
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
    from .handouts.points import USUAL
    from .spec.files import find

    if options.policy is not None:
        return find(options.policy)
    return USUAL if options.points else None


def _class(wish: Wish, folder: Path, secret: Path | None, options: argparse.Namespace) -> int:
    """Sheets for many."""
    from .formulas.problems import ExplainerError
    from .handing_out import Run, hand_out, orders_for_class, orders_for_variants
    from .handouts.codes import secret_in

    if not 1 <= options.jobs <= 256:
        raise ExplainerError(f"--jobs: expected a whole number from 1 to 256, found {options.jobs}")
    orders = orders_for_class(options.students) if options.students else orders_for_variants(options.variants)
    key = secret_in(secret or folder / "teacher" / "secret.txt", make=True)
    run = Run(wish.whole(), folder, key)
    try:
        done = hand_out(run, orders, options.jobs, _Progress(), options.scheduler)
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
    from .class_print import print_class

    return print_class(run, orders, _Progress())


class _Progress:
    """A line on the terminal, where there is one: how many, how fast, how long still."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.before = -1

    def __call__(self, done: int, of: int) -> None:
        """Say where things are."""
        if self.before < 0:
            self.before = done
        if of < FEW or not sys.stderr.isatty():
            return
        rate = (done - self.before) / max(time.monotonic() - self.start, 0.001)
        left = f"{(of - done) / rate:.0f} s left" if rate else "…"
        bar = "#" * (30 * done // of)
        print(f"\r[{bar:30}] {done}/{of}, {rate:.0f} a second, {left}   ", end="", file=sys.stderr)
        if done == of:
            print(file=sys.stderr)


def _quiz(options: argparse.Namespace) -> int:
    from .files import quiz_files, write_files
    from .handouts.quiz.quiz import Wish

    wish = Wish(options.to, options.blank, options.variants, options.seed, options.tolerance)
    calculation = _loaded(options)
    folder = Path(options.folder) if options.folder else Path("output") / f"{calculation.spec.name}-quiz"
    for path in write_files(folder, quiz_files(calculation, wish)):
        print(path)
    return 0


def _formulas(options: argparse.Namespace) -> int:
    from .formulas_file import formulas_file

    print(formulas_file(_loaded(options)), end="")
    return 0


def _examples(options: argparse.Namespace) -> int:
    from .spec.files import example_names, example_source, parse

    if options.copy:
        from .files import write_files
        from .formulas.problems import ExplainerError

        texts = {f"{name}.toml": example_source(name).content.decode() for name in example_names()}
        there = [name for name in texts if (Path(options.copy) / name).exists()]
        if there:
            raise ExplainerError(f"{options.copy}: {', '.join(there)} is there already; choose another folder")
        for path in write_files(Path(options.copy), texts):
            print(path)
        return 0
    for name in example_names():
        print(f"{name:12} {parse(example_source(name))['title']}")
    return 0


def _schema(options: argparse.Namespace) -> int:
    import json

    from .formats.trace import trace_schema
    from .spec.schema import json_schema

    print(json.dumps(trace_schema() if options.steps else json_schema(), indent=2))
    return 0


if __name__ == "__main__":
    run()
