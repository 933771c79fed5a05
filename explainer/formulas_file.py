"""A Calculation as a list of named formulas: a calculation file that means the same, written out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .calculation import Calculation
from .calculus.graph import Role
from .calculus.updates import settings_of
from .formulas.functions import FUNCTIONS
from .formulas.names import default_tex
from .formulas.optimizers import PERCEPTRON
from .formulas.text import formula_text
from .spec.types import Column, Literal, Notation, Training

NOT_LISTED = (Role.RATE, Role.SETTING, Role.UPSTREAM)
NAMED_BY_ITSELF = (Role.STATE, Role.ON_THE_WAY, Role.UPSTREAM)


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
    sections = (_training, _display, _notation, _tex, _wording)
    return "\n".join([*lines, *(line for section in sections for line in section(calculation))]) + "\n"


def _values(calculation: Calculation) -> Iterator[str]:
    sources = calculation.listing.sources
    graph = calculation.derivation.single.graph
    trained = graph.wanted if calculation.spec.training.learning_rate is None else graph.trained
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
        yield from _decayed(calculation)
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


def _decayed(calculation: Calculation) -> Iterator[str]:
    """What a network's penalty and decay act on: of formulas all are parameters, and nothing says what is a weight."""
    training, sources = calculation.spec.training, calculation.listing.sources
    weights = training.decayed or tuple(q.name for q, _ in sources if q.role is Role.PARAMETER)
    biases = any(q.role is Role.BIAS for q, _ in sources)
    if training.decayed or (biases and {"l2", "weight_decay"} & training.settings.keys()):
        yield f"decayed = {_toml(weights)}"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return _quoted(value) if isinstance(value, str) else str(value)


def _display(calculation: Calculation) -> Iterator[str]:
    display = calculation.spec.display
    yield from ("", "[display]")
    yield f"decimals = {display.decimals}" if display.significant is None else f"significant = {display.significant}"
    yield from (f'carry = "{display.carry}"', f'rounding = "{display.rounding}"')
    if display.digits:
        yield f"digits = {{ {', '.join(f'{_key(name)} = {number}' for name, number in display.digits)} }}"


def _notation(calculation: Calculation) -> Iterator[str]:
    """What of the notation is of use without layers."""
    own, usual = calculation.spec.notation, Notation()
    keys = [key for key in ("new_value", "times", "derivative", "decimal") if getattr(own, key) != getattr(usual, key)]
    if keys:
        yield from ("", "[notation]", *(f"{key} = {_quoted(getattr(own, key))}" for key in keys))


def _tex(calculation: Calculation) -> Iterator[str]:
    """The TeX of every quantity that is not typeset as its name is by itself."""
    quantities = calculation.derivation.single.graph.quantity.values()
    listed = [q for q in quantities if q.role not in NAMED_BY_ITSELF]
    usual = {name: tex for name, _, tex in settings_of(calculation.spec.training)}
    tex = {q.name: q.tex for q in listed if q.tex != usual.get(q.name, default_tex(q.name))}
    if tex:
        yield from ("", "[tex]", *(f"{_key(name)} = {_quoted(text)}" for name, text in tex.items()))


def _wording(calculation: Calculation) -> Iterator[str]:
    wording = calculation.spec.wording
    if wording:
        yield from ("", "[wording]", *(f"{_quoted(phrase)} = {_quoted(other)}" for phrase, other in wording))


def _key(name: str) -> str:
    """A key as TOML has it: a name with indices or signs stands in quotes."""
    return name if re.fullmatch(r"\w+", name, re.ASCII) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
