"""The ``[training]`` table → Training: the loss, the optimizer with its settings, and what may go with what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from ..formulas.expression import Expression, names_in
from ..formulas.functions import ACTIVATIONS, FUNCTIONS
from ..formulas.losses import LOSSES
from ..formulas.optimizers import GRADIENT_TREATMENTS, OPTIMIZERS, PERCEPTRON, SCHEDULES, SETTINGS, users_of
from ..formulas.problems import Problems, listed, nearest
from ..formulas.reader import FormulaError, read_formula
from ..formulas.shape import FunctionTable
from .types import Layer, Literal, Training
from .values import named_in

DEFAULT_LOSS = "half squared error"
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
    told = {"optimizer", "schedule"} & typed.keys() - given.keys()
    given["settings"] = {} if told else _settings(given, settings, problems)
    if "layers" in table:
        given["loss_formula"] = _loss_formula(given.get("loss", ""), functions, problems)
    return Training(**given)


def _settings(given: Mapping[str, Any], typed: Mapping[str, Literal], problems: Problems) -> dict[str, Literal]:
    """Every setting in use: as typed, or its usual value. One that nobody uses is told."""
    optimizer, schedule = given.get("optimizer", "gradient descent"), given.get("schedule", "")
    usual = {
        **(OPTIMIZERS[optimizer].settings if optimizer in OPTIMIZERS else {}),
        **(SCHEDULES[schedule].settings if schedule else {}),
    }
    _check_settings(optimizer, schedule, usual, typed, problems)
    for name, text in usual.items():
        if name not in typed and not text:
            problems.add(f"training.{name}", "is missing", f"the schedule {schedule} needs it")
    found = {
        name: typed.get(name) or Literal(text, Decimal(text)) for name, text in usual.items() if typed.get(name) or text
    }
    return {**found, **{name: value for name, value in typed.items() if name in EVERYWHERE}}


def _check_settings(
    optimizer: str, schedule: str, usual: Iterable[str], typed: Mapping[str, Literal], problems: Problems
) -> None:
    allowed = [*usual, *(EVERYWHERE if optimizer != PERCEPTRON else ())]
    user = f"{optimizer} with the schedule {schedule}" if schedule else optimizer
    own = f"{optimizer} has {', '.join(allowed)}" if allowed else f"{optimizer} has no settings"
    for name in typed:
        if name not in allowed:
            owners = f"; it belongs to {', '.join(users_of(name))}" if users_of(name) else ""
            problems.add(f"training.{name}", f"does not belong to {user}{owners}", own)


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


def settled(training: Training, samples: int) -> Training:
    """The Training with what the number of samples decides: the perceptron rule takes them one after another."""
    one_by_one = training.optimizer == PERCEPTRON and samples > 1 and not training.batch
    return replace(training, batch=1) if one_by_one else training


def check_training(
    training: Training, table: Mapping[str, Any], values: Mapping[str, Any], samples: int, problems: Problems
) -> None:
    """What no schema can say of a ``[training]`` table."""
    if "layers" in table:
        _check_loss_of_layers(training, table, problems)
    else:
        _check_loss_of_formulas(training, table, named_in(table, "formulas"), problems)
    _check_steps(training, named_in(table, "training"), problems)
    _check_batch(training, samples, problems)
    _check_combinations(training, named_in(table, "training"), samples, problems)
    if training.optimizer == PERCEPTRON:
        _check_perceptron(training, table, problems)


def _check_loss_of_layers(training: Training, table: Mapping[str, Any], problems: Problems) -> None:
    perceptron = training.optimizer == PERCEPTRON
    named = names_in(training.loss_formula) if training.loss_formula is not None else ()
    needs_targets = training.loss in LOSSES or perceptron or "target" in named
    if needs_targets and not table.get("targets"):
        problems.add("targets", "is missing", "an error is measured against a target for each output unit")


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


def _check_steps(training: Training, typed: Mapping[str, Any], problems: Problems) -> None:
    without_rate = training.learning_rate is None and "learning_rate" not in typed
    if without_rate and (training.steps > 1 or training.optimizer != "gradient descent"):
        why = "more than one step" if training.steps > 1 else training.optimizer
        problems.add("training.learning_rate", "is missing", f"{why} needs a learning rate")
    for key, why in (("schedule", "says how it changes"), ("stop_below", "needs an update")):
        if getattr(training, key) and without_rate and training.steps == 1:
            problems.add("training.learning_rate", "is missing", f"{key} {why}")
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


def _check_combinations(training: Training, typed: Mapping[str, Any], samples: int, problems: Problems) -> None:
    if training.upstream and training.loss:
        problems.add("training.upstream", "stands in place of a loss", "give one of the two")
    if training.outputs and training.loss not in LOSSES and not _for_each_output(training.loss_formula):
        hint = "it goes with a loss of the table, or a formula of target and out, in a network"
        problems.add("training.outputs", "there is no error for each output", hint)
    if training.update == "sequential" and training.optimizer != PERCEPTRON:
        _check_sequential(training, samples, problems)
    if training.decayed and not {"l2", "weight_decay"} & {*training.settings, *typed}:
        problems.add("training.decayed", "changes nothing without l2 or weight_decay")
    if training.stop_below is not None and not training.loss and training.optimizer != PERCEPTRON:
        problems.add("training.stop_below", "needs a loss")


def _for_each_output(formula: Expression | None) -> bool:
    return formula is not None and set(names_in(formula)) <= {"target", "out"}


def _check_sequential(training: Training, samples: int, problems: Problems) -> None:
    """A parameter can be replaced at once only where its gradient needs nothing that is still to come."""
    if "clip_norm" in training.settings:
        hint = "the length of the whole gradient is known only when all of it is"
        problems.add("training.clip_norm", 'does not go with update = "sequential"', hint)
    taken = training.batch or samples
    if taken > 1:
        hint = "batch = 1: a gradient is complete only when all samples of the step have been worked through"
        problems.add("training.update", f"sequential does not go with {taken} samples in one step", hint)


_NO_GRADIENT = "that rule uses no loss and no gradient"
PERCEPTRON_LACKS = {
    "loss": _NO_GRADIENT,
    "upstream": _NO_GRADIENT,
    "gradients": _NO_GRADIENT,
    "outputs": _NO_GRADIENT,
    "decayed": _NO_GRADIENT,
    "error_sign": _NO_GRADIENT,
    "samples": "it takes one sample after another",
    "schedule": "its learning rate stays as it is",
    "stop_below": "it stops by itself, after a whole pass over the samples without an error",
    "update": "it corrects all parameters at once, after each sample",
}
"""Keys that do not go with the perceptron rule, with the reason."""


def _check_perceptron(training: Training, table: Mapping[str, Any], problems: Problems) -> None:
    usual = Training()
    for key, why in PERCEPTRON_LACKS.items():
        if getattr(training, key) != getattr(usual, key):
            problems.add(f"training.{key}", f"does not go with the {PERCEPTRON}", why)
    if training.batch > 1:
        hint = "batch = 1: it takes one sample after another"
        problems.add("training.batch", f"the {PERCEPTRON} does not take {training.batch} samples at once", hint)
    layers = table.get("layers")
    if isinstance(layers, list) and len(layers) > 1:
        hint = "it has no way to correct the weights before the last layer"
        problems.add("layers", f"the {PERCEPTRON} trains a single layer, found {len(layers)}", hint)


def check_perceptron_units(training: Training, layers: Iterable[Layer], problems: Problems) -> None:
    """The perceptron rule is for units that answer yes or no: their slope is 0, and a gradient would teach nothing."""
    fitting = [name for name in ACTIVATIONS if name in FUNCTIONS and FUNCTIONS[name].derivatives == ("0",)]
    for number, layer in enumerate(layers, 1):
        if training.optimizer == PERCEPTRON and layer.activation in ACTIVATIONS and layer.activation not in fitting:
            hint = f"{listed(fitting, 'or')}; for a smooth unit a gradient is the better guide"
            problems.add(f"layers[{number}].activation", f"{layer.activation} does not go with the {PERCEPTRON}", hint)
