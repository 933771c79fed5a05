"""An empty answer sheet for a calculation: CSV to fill in with a spreadsheet, or Markdown to print."""

from __future__ import annotations

from ..calculus.derive import Derivation
from ..lesson.write import tidied
from ..spec.types import Spec
from .sheets import sheet_mark
from .writing import Paper, csv_text, filled


def asked(derivation: Derivation) -> list[str]:
    """The lines that a sheet asks for: those of one step, without mere repeats and the second forward pass."""
    return [step.id for step in derivation.steps if step.asks]


def blank_csv(spec: Spec, derivation: Derivation) -> str:
    """A row per line; the first line says which calculation the sheet is for."""
    rows = [("quantity", "answer"), *((id, "") for id in asked(derivation))]
    return f"# {sheet_mark(spec.name, spec.fingerprint)}\n{csv_text(rows)}"


def blank_markdown(spec: Spec, derivation: Derivation) -> str:
    """The same as a page to print."""
    mark = sheet_mark(spec.name, spec.fingerprint)
    return tidied(filled("report_sheet.md.j2", Paper(), title=spec.title, mark=mark, ids=asked(derivation)))
