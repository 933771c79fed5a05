"""The ``[training]`` table → Training: the loss, the optimizer with its settings, and what may go with what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ..formulas.expression import Expression
from ..formulas.losses import LOSSES
from ..formulas.optimizers import GRADIENT_TREATMENTS, OPTIMIZERS, PERCEPTRON, SCHEDULES, SETTINGS, users_of
from ..formulas.problems import Problems, nearest
from ..formulas.reader import FormulaError, read_formula
from ..formulas.shape import FunctionTable
from .types import Literal, Training

DEFAULT_LOSS = "half squared error"
POSITIVE = ("period", "clip_value", "clip_norm", "epsilon")
EVERYWHERE = (*GRADIENT_TREATMENTS, "weight_decay")
"""Settings that go with every optimizer."""
_WORDS = re.compile(r"[A-Za-z][A-Za-z -]*")


def read_training(values: Mapping[str, Any], table: Mapping[str, Any], problems: Problems) -> Training:
    """The Training that the values of a file mean; ``table`` is the file as typed."""
    functions: FunctionTable = values["functions table"]
    typed = values.get("training")
    if typed is None:
        return Training(loss=DEFAULT_LOSS if table.get("targets") else "")
    given = {key: value for key, value in typed.items() if value is not None}
    if table.get("layers") and not given.keys() & {"loss", "upstream"} and given.get("optimizer") != PERCEPTRON:
        given["loss"] = DEFAULT_LOSS
    settings = {name: given.pop(name) for name in SETTINGS if name in given}
    _check_choices(given, problems)
    given["settings"] = _settings(given, settings, problems)
    if table.get("layers"):
        given["loss_formula"] = _loss_formula(given.get("loss", ""), functions, problems)
    return Training(**given)


def _check_choices(given: dict[str, Any], problems: Problems) -> None:
    """An optimizer and a schedule must be rows of their tables; one that is not is told and left out."""
    for key, allowed in (("optimizer", (*OPTIMIZERS, PERCEPTRON)), ("schedule", tuple(SCHEDULES))):
        if key in given and given[key] not in allowed:
            problems.add(f"training.{key}", f'"{given.pop(key)}" is not one of the choices', nearest(key, allowed))


def _settings(given: Mapping[str, Any], typed: Mapping[str, Literal], problems: Problems) -> dict[str, Literal]:
    """Every setting in use: as typed, or its usual value. One that nobody uses is told."""
    optimizer, schedule = given.get("optimizer", "gradient descent"), given.get("schedule", "")
    usual = {
        **(OPTIMIZERS[optimizer].settings if optimizer in OPTIMIZERS else {}),
        **(SCHEDULES[schedule].settings if schedule else {}),
    }
    allowed = [*usual, *(EVERYWHERE if optimizer != PERCEPTRON else ())]
    for name, value in typed.items():
        if name not in allowed:
            users = users_of(name)
            owners = f"; it belongs to {', '.join(users)}" if users else ""
            own = f"{optimizer} has {', '.join(allowed)}" if allowed else f"{optimizer} has no settings"
            problems.add(f"training.{name}", f"does not belong to {schedule or optimizer}{owners}", own)
        elif name in POSITIVE and value.value <= 0:
            problems.add(f"training.{name}", f"expected a number above 0, found {value.text}")
    found: dict[str, Literal] = {}
    for name, text in usual.items():
        if name in typed:
            found[name] = typed[name]
        elif text:
            found[name] = Literal(text, Decimal(text))
        else:
            problems.add(f"training.{name}", "is missing", f"the schedule {schedule} needs it")
    return {**found, **{name: value for name, value in typed.items() if name in EVERYWHERE}}


def _loss_formula(loss: str, functions: FunctionTable, problems: Problems) -> Expression | None:
    """The formula that a network's loss is, where it is not one of the table's."""
    if not loss or loss in LOSSES:
        return None
    if _WORDS.fullmatch(loss):
        problems.add("training.loss", f'"{loss}" is not a loss', nearest(loss, LOSSES))
        return None
    try:
        return read_formula(loss, functions.rows)
    except FormulaError as error:
        problems.add("training.loss", error.what, error.allowed)
        return None


def check_training(
    training: Training, table: Mapping[str, Any], values: Mapping[str, Any], samples: int, problems: Problems
) -> None:
    """What no schema can say of a ``[training]`` table."""
    if table.get("layers"):
        _check_loss_of_layers(training, table, problems)
    else:
        _check_loss_of_formulas(training, table, values.get("formulas") or {}, problems)
    _check_steps(training, problems)
    _check_batch(training, samples, problems)
    _check_combinations(training, problems)


def _check_loss_of_layers(training: Training, table: Mapping[str, Any], problems: Problems) -> None:
    perceptron = training.optimizer == PERCEPTRON
    needs_targets = training.loss in LOSSES or perceptron
    if needs_targets and not table.get("targets"):
        problems.add("targets", "is missing", "an error is measured against a target for each output unit")
    if perceptron and training.loss:
        problems.add("training.loss", f"does not go with the {PERCEPTRON}", "that rule uses no loss and no gradient")


def _check_loss_of_formulas(
    training: Training, table: Mapping[str, Any], formulas: Iterable[str], problems: Problems
) -> None:
    if training.optimizer == PERCEPTRON:
        problems.add("training.optimizer", f"the {PERCEPTRON} needs [[layers]]")
    elif "training" in table and not training.loss and not training.upstream:
        problems.add("training.loss", "is missing", "the name of the formula to differentiate")
    elif training.loss and training.loss not in formulas:
        problems.add(
            "training.loss", f'"{training.loss}" is not a formula of the file', nearest(training.loss, formulas)
        )


def _check_steps(training: Training, problems: Problems) -> None:
    if training.learning_rate is None and (training.steps > 1 or training.optimizer != "gradient descent"):
        why = "more than one step" if training.steps > 1 else training.optimizer
        problems.add("training.learning_rate", "is missing", f"{why} needs a learning rate")
    if training.schedule and training.learning_rate is None:
        problems.add("training.learning_rate", "is missing", "a schedule says how it changes")
    if list(training.show_steps) != sorted(set(training.show_steps)):
        problems.add("training.show_steps", "expected rising numbers", "each step once, for example [1, 2, 10]")
    elif training.show_steps[-1] > training.steps:
        hint = f"steps = {training.show_steps[-1]} or more"
        problems.add(
            "training.show_steps", f"step {training.show_steps[-1]} is beyond the last, {training.steps}", hint
        )


def _check_batch(training: Training, samples: int, problems: Problems) -> None:
    if training.batch > samples:
        problems.add("training.batch", f"expected at most {samples}, the number of samples, found {training.batch}")
    for number in training.order:
        if number > samples:
            problems.add("training.order", f"there is no sample {number}", f"the samples are numbered 1 to {samples}")
    turns = len(training.order) or samples
    if training.order and not training.batch:
        problems.add("training.order", "needs a batch", "batch = 1: the samples one after another")
    elif training.batch and turns % training.batch:
        fitting = ", ".join(str(size) for size in range(1, turns + 1) if turns % size == 0)
        hint = f"every step takes as many samples; for {turns}: {fitting}"
        problems.add("training.batch", f"{turns} samples cannot be split into batches of {training.batch}", hint)


def _check_combinations(training: Training, problems: Problems) -> None:
    if training.upstream and training.loss:
        problems.add("training.upstream", "stands in place of a loss", "give one of the two")
    if training.update == "sequential":
        if "clip_norm" in training.settings:
            hint = "the length of the whole gradient is known only when all of it is"
            problems.add("training.clip_norm", 'does not go with update = "sequential"', hint)
        if training.optimizer == PERCEPTRON:
            problems.add("training.update", f"sequential does not go with the {PERCEPTRON}")
    if training.stop_below is not None and not (training.loss or training.optimizer == PERCEPTRON):
        problems.add("training.stop_below", "needs a loss")
