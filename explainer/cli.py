"""The command line: the only place that prints or exits. Each command loads only what it needs."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from .calculation import Calculation

DEFAULT_FORMATS = ("md", "tex", "html", "json")
FORMATS = (*DEFAULT_FORMATS, "pdf")
CHECK_FORMATS = ("text", "md", "html", "json", "csv")
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
    check.add_argument("--sheet", metavar="FILE", help="write an empty answer sheet, CSV or Markdown, and do no more")
    check.add_argument("-o", dest="folder", metavar="DIR", help="where the reports land (one sheet: default, print it)")

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
    calculation = _loaded(options)
    if options.sheet:
        print(write_blank_sheet(calculation, Path(options.sheet)))
        return 0
    if not options.answers:
        raise ExplainerError('nothing to check\n    name a file of answers, or write figures: "w5+=0.3589"')
    folder = Path(options.folder) if options.folder else None
    done = check_answers(calculation, options, formats, folder, _progress)
    for path in done.written:
        print(path)
    print(done.text, end="")
    return 0 if done.all_right else 1


def _progress(done: int, of: int) -> None:
    """A bar on the terminal, where there is one."""
    if of < 20 or not sys.stderr.isatty():
        return
    filled = 40 * done // of
    print(f"\r[{'#' * filled}{'.' * (40 - filled)}] {done}/{of}", end="\n" if done == of else "", file=sys.stderr)


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
