"""A Calculation as a list of named formulas: a calculation file that means the same, written out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from .calculation import Calculation
from .calculus.graph import Role
from .formulas.functions import FUNCTIONS
from .formulas.optimizers import PERCEPTRON
from .formulas.text import formula_text
from .spec.types import Column, Literal, Training

NOT_LISTED = (Role.RATE, Role.SETTING, Role.UPSTREAM)


def formulas_file(calculation: Calculation) -> str:
    """The text of the file; it comes out as the same calculation.

    What the perceptron rule corrects cannot be said by formulas alone; a comment says so.
    """
    spec = calculation.spec
    lines = [f"title = {_quoted(spec.title)}", *_values(calculation), *_functions(calculation), "", "[formulas]"]
    upstream = {"L"} if spec.training.upstream else set()
    lines += [
        f"{_key(quantity.name)} = {_quoted(formula_text(expression))}"
        for quantity, expression in calculation.listing.formulas
        if quantity.name not in upstream
    ]
    lines += [*_training(calculation), *_display(calculation), *_tex(calculation)]
    return "\n".join(lines) + "\n"


def _values(calculation: Calculation) -> Iterator[str]:
    sources = calculation.listing.sources
    trained = calculation.derivation.single.graph.wanted
    parameters = {q.name for q, _ in sources if q.role is Role.PARAMETER or (q.role is Role.BIAS and q.name in trained)}
    for section, wanted in (("given", False), ("parameters", True)):
        listed = [
            (q.name, column) for q, column in sources if (q.name in parameters) is wanted and q.role not in NOT_LISTED
        ]
        if listed:
            yield from ("", f"[{section}]")
            yield from (f"{_key(name)} = {_column(column)}" for name, column in listed)


def _column(column: Column) -> str:
    return column.text if isinstance(column, Literal) else f"[{', '.join(literal.text for literal in column)}]"


def _functions(calculation: Calculation) -> Iterator[str]:
    rows = calculation.spec.functions.rows
    own = [name for name in rows if name not in FUNCTIONS and ":" not in name]
    if own:
        yield from ("", "[functions]")
        yield from (f"{name} = {_quoted(rows[name].formula)}" for name in own)


def _training(calculation: Calculation) -> Iterator[str]:
    training, loss = calculation.spec.training, calculation.listing.loss
    if training.optimizer == PERCEPTRON:
        yield from ("", "# The perceptron rule, which trains this, cannot be said by formulas: it needs [[layers]].")
    elif loss:
        yield from ("", "[training]")
        if not training.upstream:
            yield f"loss = {_quoted(loss)}"
        yield from _settings(training)
        if training.upstream:
            yield from ("", "[training.upstream]")
            outs = {unit.name: unit.out for block in calculation.listing.blocks for unit in block.units}
            yield from (f"{_key(outs.get(name, name))} = {value.text}" for name, value in training.upstream.items())


def _settings(training: Training) -> Iterator[str]:
    """Every setting that differs from what a file gets without it."""
    usual = Training()
    for key in ("samples", "batch", "order", "optimizer", "schedule", "error_sign", "steps", "show_steps", "update"):
        value = getattr(training, key)
        if value != getattr(usual, key):
            yield f"{key} = {_toml(value)}"
    for key in ("learning_rate", "stop_below"):
        if getattr(training, key) is not None:
            yield f"{key} = {getattr(training, key).text}"
    yield from (f"{name} = {value.text}" for name, value in training.settings.items())
    if training.gradients:
        yield f"gradients = {_toml(training.gradients)}"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return _quoted(value) if isinstance(value, str) else str(value)


def _display(calculation: Calculation) -> Iterable[str]:
    display = calculation.spec.display
    digits = f"decimals = {display.decimals}" if display.significant is None else f"significant = {display.significant}"
    return ["", "[display]", digits, f'carry = "{display.carry}"', f'rounding = "{display.rounding}"']


def _tex(calculation: Calculation) -> Iterable[str]:
    known = {q.name for q, _ in calculation.listing.sources} | {q.name for q, _ in calculation.listing.formulas}
    tex = {name: text for name, text in calculation.spec.tex.items() if name in known}
    return ["", "[tex]", *(f"{_key(name)} = {_quoted(text)}" for name, text in tex.items())] if tex else []


def _key(name: str) -> str:
    return _quoted(name) if "[" in name else name


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
