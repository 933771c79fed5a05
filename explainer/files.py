"""A Calculation as files: the texts that a command writes, by name. Nothing here touches the disk but `write_files`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .calculation import Calculation, Walkthrough
from .formats.folder import write_files
from .formats.printing import Print
from .formulas.problems import ExplainerError
from .lesson.display import PAGE_WIDTH
from .numbers.training import checkpoints
from .version import __version__

__all__ = ["LatexOptions", "Print", "document_files", "training_csv", "training_table", "write_files"]

MM_PER_EM = 3.87
"""An em of 11 point type."""
MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class LatexOptions:
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
    tex = typesetter(calculation.derivation, calculation.spec.notation)
    values = ((id, tex.number(text)) for id, text in calculation.evaluation.texts.items())
    return {"walkthrough.tex": lesson.latex(**options), "values.tex": values_tex(values, latex.label_prefix)}


def _json(calculation: Calculation, lesson: Walkthrough | None, detail: str, latex: LatexOptions) -> dict[str, str]:
    from .formats.trace import trace_json

    trains = calculation.spec.training.steps > 1 and calculation.derivation.graph.trained
    states = calculation.states() if trains else None
    return {"steps.json": trace_json(calculation.spec, calculation.evaluation, __version__, states)}


_FORMATS = {"md": _markdown, "tex": _latex, "html": _html, "json": _json}


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
    from .spec.schema import MOST_STEPS

    if steps is None:
        return calculation.spec.training.steps
    if not 1 <= steps <= MOST_STEPS:
        raise ExplainerError(f"--steps: expected a whole number from 1 to {MOST_STEPS}, found {steps}")
    return steps
