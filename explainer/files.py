"""A Calculation as files: the texts that a command writes, by name. Nothing here touches the disk but `write_files`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from msgspec.structs import replace

from .calculation import Calculation, Walkthrough
from .calculation import calculation as calculation_of_spec
from .calculation import load as calculation_of
from .formats.folder import write_files
from .formats.printing import Print
from .formulas.problems import ExplainerError
from .lesson.display import PAGE_WIDTH
from .numbers.training import checkpoints
from .version import __version__

if TYPE_CHECKING:
    from .checking.checker import Checker
    from .checking.policy import Policy
    from .checking.report import Level, Report
    from .checking.sheets import Rows
    from .handouts.calculated import Calculated
    from .handouts.quiz.quiz import Wish
    from .spec.files import Source

__all__ = [
    "LatexOptions",
    "Print",
    "check_answers",
    "document_files",
    "quiz_files",
    "training_csv",
    "training_table",
    "write_blank_sheet",
    "write_files",
]

MM_PER_EM = 3.87
"""An em of 11 point type."""
MOST_ROWS = 10_000


class LatexOptions(Struct, frozen=True):
    """What an author with a book of her own may set."""

    fragment: bool = False
    section_level: str = "section"
    label_prefix: str = ""
    text_width: float | None = None
    """In millimetres."""


def document_files(
    calculation: Calculation, formats: Sequence[str], detail: str, latex: LatexOptions, printed: Print | None = None
) -> dict[str, str | bytes]:
    """The files of a walkthrough in some formats, pictures beside the Markdown."""
    files: dict[str, str | bytes] = {}
    lesson = calculation.walkthrough(detail) if {"md", "html", "tex"} & set(formats) else None
    for name in formats:
        if name == "pdf":
            files["walkthrough.pdf"] = _pdf(calculation, detail, printed or Print())
        else:
            files.update(_FORMATS[name](calculation, lesson, detail, latex))
    return files


def _pdf(calculation: Calculation, detail: str, printed: Print) -> bytes:
    """The lesson on paper, its displays as wide as the paper and the size of type allow."""
    return calculation.walkthrough(detail, min(PAGE_WIDTH, printed.text_width)).pdf(printed)


def _markdown(calculation: Calculation, lesson: Walkthrough | None, detail: str, latex: LatexOptions) -> dict[str, str]:
    assert lesson is not None
    return {"walkthrough.md": lesson.markdown, **{name: figure.svg() for name, figure in lesson.figures.items()}}


def _html(calculation: Calculation, lesson: Walkthrough | None, detail: str, latex: LatexOptions) -> dict[str, str]:
    assert lesson is not None
    return {"walkthrough.html": lesson.html()}


def _latex(calculation: Calculation, lesson: Walkthrough | None, detail: str, latex: LatexOptions) -> dict[str, str]:
    from .formats.values import values_tex
    from .lesson.typeset import typesetter

    assert lesson is not None
    if latex.text_width is not None:
        lesson = calculation.walkthrough(detail, text_width=latex.text_width / MM_PER_EM)
    options = {"fragment": latex.fragment, "section_level": latex.section_level, "label_prefix": latex.label_prefix}
    if latex.text_width is not None:
        options["text_width"] = latex.text_width / MM_PER_EM
    tex = typesetter(calculation.derivation, calculation.spec.notation)
    values = ((id, tex.number(text)) for id, text in calculation.evaluation.texts.items())
    return {"walkthrough.tex": lesson.latex(**options), "values.tex": values_tex(values, latex.label_prefix)}


def _json(calculation: Calculation, lesson: Walkthrough | None, detail: str, latex: LatexOptions) -> dict[str, str]:
    from .formats.trace import trace_json

    trains = calculation.spec.training.steps > 1 and calculation.derivation.graph.trained
    states = calculation.states() if trains else None
    return {"steps.json": trace_json(calculation.spec, calculation.evaluation, __version__, states)}


_FORMATS = {"md": _markdown, "tex": _latex, "html": _html, "json": _json}


class Checked(Struct, frozen=True):
    """What a check came to: files that were written, what is to be printed, and whether nothing is wrong."""

    written: Sequence[Path]
    text: str
    all_right: bool


class CheckOptions(Protocol):
    """What the command line may ask of a check."""

    answers: list[str]
    feedback: Level
    digits: int | None
    policy: str | None
    variants: str | None
    mapping: str | None


def check_answers(
    calculation: Calculation,
    options: CheckOptions,
    formats: Sequence[str],
    folder: Path | None,
    progress: Callable[[int, int], None],
) -> Checked:
    """Check a sheet, a class list or figures typed on the command line."""
    from .checking.responses import is_export
    from .checking.sheets import Rows, Sheet, inline_sheet, is_inline, read_sheet, sheet_source
    from .spec.files import find

    checker = calculation.checker()
    policy = _policy(options, checker)
    if all(map(is_inline, options.answers)):
        return _one_sheet(checker.check(inline_sheet(options.answers), policy), options.feedback, formats, folder)
    if len(options.answers) > 1:
        raise ExplainerError("one file of answers at a time\n    or several figures, each as name=figure")
    source = sheet_source(options.answers[0])
    sheet: Sheet | Rows
    drawn: Mapping[str, Checker] = {}
    if is_export(source):
        sheet, drawn = _responses(calculation, source, options.mapping)
    else:
        sheet = read_sheet(source)
    if not isinstance(sheet, Rows):
        return _one_sheet(checker.check(sheet, policy), options.feedback, formats, folder)
    from .checking.classes import class_files, reports_of, sheets_of, summary_text

    variants = {
        path.stem: _variant(calculation, path).checker()
        for path in (sorted(Path(options.variants).glob("*.toml")) if options.variants else ())
        if find(str(path))
    } | dict(drawn)
    sheets = sheets_of(sheet, checker, source.label, variants)
    reports = list(reports_of(sheets, checker, variants, policy, progress))
    files = class_files(reports, options.feedback, formats, checker.order)
    where = folder or Path("output") / f"{calculation.spec.name}-class"
    written = [path for path in write_files(where, files) if path.parent == where]
    return Checked(written, summary_text(reports), all(report.all_right for report in reports))


def _variant(calculation: Calculation, path: Path) -> Calculation:
    """A variant of a class, under the name of the calculation that it is drawn from."""
    own = calculation_of(str(path))
    return replace(own, spec=replace(own.spec, name=calculation.spec.name))


def _responses(calculation: Calculation, source: Source, mapping: str | None) -> tuple[Rows, dict[str, Checker]]:
    """Moodle's export as a class list, with the variants that were drawn for the quiz."""
    from .checking.responses import read_map, responses
    from .handouts.variants import Variations
    from .spec.files import named

    if mapping is None:
        hint = "say which figure is for what: --mapping FILE, the mapping.csv that explainer quiz wrote"
        raise ExplainerError(f"{source.label}: looks like Moodle's export of responses\n    {hint}")
    quiz = read_map(named(mapping, "the mapping.csv of a quiz"))
    if quiz.fingerprint != calculation.spec.fingerprint:
        hint = "or for another state of it; make the quiz again, or check with the file that it was made from"
        raise ExplainerError(f"{mapping}: was made for another calculation than {calculation.spec.name}\n    {hint}")
    rows = responses(source, quiz, calculation.spec.title)
    numbers = sorted({int(row[1]) for _, row in rows.rows if row[1]})
    variations = Variations(calculation, calculation_of_spec, quiz.seed)
    return rows, {str(number): _checker(variations.variant(number)) for number in numbers}


def _checker(calculation: Calculated) -> Checker:
    assert isinstance(calculation, Calculation)
    return calculation.checker()


def _one_sheet(report: Report, level: Level, formats: Sequence[str], folder: Path | None) -> Checked:
    from .checking.report import at_level
    from .checking.writing import FORMATS as WRITERS

    shown = at_level(report, level)
    if folder is None:
        if len(formats) > 1:
            raise ExplainerError("--format: one format at a time is printed\n    name a folder for several: -o DIR")
        return Checked((), WRITERS[formats[0]][1](shown), report.all_right)
    files = {f"report.{WRITERS[name][0]}": WRITERS[name][1](shown) for name in formats}
    return Checked(write_files(folder, files), "", report.all_right)


def _policy(options: CheckOptions, checker: Checker) -> Policy:
    from .checking.policy import Policy, check_lines, read_policy
    from .spec.files import named

    policy = read_policy(named(options.policy, "a policy")) if options.policy else Policy()
    check_lines(policy, options.policy or "", checker.spec, checker.names)
    if options.digits is None:
        return policy
    if not 1 <= options.digits <= 40:
        raise ExplainerError(f"--digits: expected a whole number from 1 to 40, found {options.digits}")
    return replace(policy, digits=options.digits)


def write_blank_sheet(calculation: Calculation, path: Path) -> Path:
    """Write an empty answer sheet: Markdown if the file is called so, else CSV."""
    from .checking.blank import blank_csv, blank_markdown

    blank = blank_markdown if path.suffix.lower() in (".md", ".markdown") else blank_csv
    (written,) = write_files(path.parent, {path.name: blank(calculation.spec, calculation.derivation)})
    return written


def quiz_files(calculation: Calculation, wish: Wish, told: Callable[[str], object]) -> dict[str, str | bytes]:
    """The files of a quiz; ``told`` is given what a teacher should know of it."""
    from .handouts.quiz.quiz import quiz_files

    return quiz_files(calculation, calculation_of_spec, wish, told)


def training_table(calculation: Calculation, steps: int | None) -> str:
    """The outputs and the error after 0, 1, 10, 100, … steps, as columns."""
    states = calculation.states(checkpoints(_checked(calculation, steps)))
    mark = "." if calculation.spec.notation.decimal == "point" else ","
    rows = [("step", *states.observed)]
    rows += [(str(k), *texts) for k, texts in zip(states.checkpoints, states.texts, strict=True)]
    rows[1:] = [tuple(cell.replace(".", mark) for cell in row) for row in rows[1:]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def training_csv(calculation: Calculation, steps: int | None) -> str:
    """A row per step; of more than 10,000 steps, 10,000 evenly spread."""
    last = _checked(calculation, steps)
    at = range(last + 1) if last <= MOST_ROWS else sorted({last * i // MOST_ROWS for i in range(MOST_ROWS + 1)})
    states = calculation.states(tuple(at))
    rows = [",".join(("step", *states.observed))]
    rows += [",".join((str(k), *texts)) for k, texts in zip(states.checkpoints, states.texts, strict=True)]
    return "\n".join(rows) + "\n"


def _checked(calculation: Calculation, steps: int | None) -> int:
    from .spec.values import MOST_STEPS

    if steps is None:
        return calculation.spec.training.steps
    if not 1 <= steps <= MOST_STEPS:
        raise ExplainerError(f"--steps: expected a whole number from 1 to {MOST_STEPS}, found {steps}")
    return steps
