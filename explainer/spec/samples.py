"""Samples: quantities that are given as a list have one number for each sample; targets may be classes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..formulas.functions import ACTIVATIONS
from ..formulas.losses import LOSSES
from ..formulas.problems import Problems, nearest
from .types import Column, Layer, Training
from .values import comma_hint

_LIKE_COMMAS = re.compile(r"\s*-?\d+,\d+(?:,\s+-?\d+,\d+)+\s*,?\s*")


def without_single_lists(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a file, where every list is of one number, with these numbers alone: that is one sample."""
    tables = {section: values[section] for section in ("inputs", "given", "targets") if values.get(section)}
    columns = [c for table in tables.values() for name, c in table.items() if isinstance(c, tuple) and name != "class"]
    if any(len(column) != 1 for column in columns):
        return dict(values)
    alone = {
        section: {name: c[0] if isinstance(c, tuple) and name != "class" else c for name, c in table.items()}
        for section, table in tables.items()
    }
    return {**values, **alone}


def count_samples(values: Mapping[str, Any], problems: Problems) -> int:
    """How many samples there are; all lists must be of one length."""
    lengths: dict[str, int] = {}
    for section in ("inputs", "given", "targets"):
        for name, column in (values.get(section) or {}).items():
            if isinstance(column, tuple) and (name != "class" or len(column) > 1):
                lengths[f"{section}.{name}"] = len(column)
    if not lengths:
        return 1
    first, most = next(iter(lengths)), max(lengths.values())
    expected = lengths[first]
    for where, length in lengths.items():
        if length != expected:
            problems.add(
                where,
                f"expected {expected} number{'s' * (expected != 1)}, found {length}",
                f"one for each sample, as in {first}",
            )
    return expected if len(set(lengths.values())) == 1 else most


def check_commas(text: str, values: Mapping[str, Any], problems: Problems) -> None:
    """Lists for samples that are typed like decimal commas: ``[0,15, 0,20]``, but not ``[0, 15, 0, 20]``."""
    for section in ("inputs", "given", "targets"):
        for name, column in (values.get(section) or {}).items():
            typed = re.search(rf"^[ \t]*\"?{re.escape(name)}\"?[ \t]*=[ \t]*\[(.*?)\]", text, re.MULTILINE | re.DOTALL)
            if isinstance(column, tuple) and typed and _LIKE_COMMAS.fullmatch(typed[1]):
                hint = f"{comma_hint(column, len(column) // 2)}; or a space after every comma"
                problems.add(f"{section}.{name}", "holds whole numbers that read like decimal commas", hint)


def classes_of(
    targets: Mapping[str, Any] | None, layers: tuple[Layer, ...], training: Training, problems: Problems
) -> tuple[str, ...]:
    """The output unit of the right class for each sample; empty where targets are numbers."""
    if not targets or "class" not in targets or not layers:
        return ()
    units = layers[-1].units
    if len(targets) > 1:
        problems.add("targets.class", "goes without other targets", "either the right class, or a number for each unit")
    row = LOSSES.get(training.loss)
    if row is None or not row.for_classes:
        fitting = [row.name for row in LOSSES.values() if row.for_classes]
        problems.add("targets.class", "does not go with this loss", f"losses for classes: {', '.join(fitting)}")
    found = []
    for item in targets["class"]:
        if isinstance(item, int) and 1 <= item <= len(units):
            found.append(units[item - 1])
        elif item in units:
            found.append(str(item))
        else:
            hint = nearest(str(item), units) if isinstance(item, str) else f"a number from 1 to {len(units)}"
            problems.add("targets.class", f"`{item}` is not an output unit", hint)
    return tuple(found)


def check_targets(
    layers: tuple[Layer, ...], targets: Mapping[str, Column] | None, training: Training, problems: Problems
) -> None:
    """Each output unit needs a target, and a loss for classes needs fitting ones."""
    if not layers or targets is None:
        return
    units = layers[-1].units
    if "class" not in targets:
        for name in targets:
            if name not in units:
                problems.add(f"targets.{name}", "is not an output unit", nearest(name, units))
        for unit in units:
            if unit not in targets:
                problems.add(f"targets.{unit}", "is missing", "each output unit needs a target")
    row = LOSSES.get(training.loss)
    if row is not None and row.shares:
        _check_shares(row.name, targets, problems)
    if row is not None and row.joint:
        _check_joint(layers[-1], targets, problems)
    if row is not None and row.of_others and len(units) < 2:
        problems.add("training.loss", f"the {row.name} compares the right output with others", "at least two outputs")
    if row is not None and row.of_others and "class" not in targets:
        hint = 'class = "o2" says which output should be the largest'
        problems.add("targets", f"the {row.name} needs a class", hint)


def _check_shares(loss: str, targets: Mapping[str, Column], problems: Problems) -> None:
    """A cross-entropy of what is no probability is no measure of anything; it may even be negative."""
    for name, column in targets.items():
        numbers = () if name == "class" else column if isinstance(column, tuple) else (column,)
        outside = [number.text for number in numbers if not 0 <= number.value <= 1]
        if outside:
            hint = f"the {loss} takes targets for probabilities, from 0 to 1"
            problems.add(f"targets.{name}", f"{outside[0]} is no probability", hint)


def _check_joint(layer: Layer, targets: Mapping[str, Column], problems: Problems) -> None:
    """The softmax cross-entropy is taken through a softmax, against targets that are shares of 1."""
    if layer.activation != "softmax" and layer.activation in ACTIVATIONS:
        problems.add("training.loss", "softmax cross-entropy needs the activation softmax in the last layer")
    if "class" in targets or set(targets) != set(layer.units):
        return
    columns = [column if isinstance(column, tuple) else (column,) for column in targets.values()]
    for number in range(max(map(len, columns))):
        total = sum(column[min(number, len(column) - 1)].value for column in columns)
        if total != 1:
            sample = f" of sample {number + 1}" if max(map(len, columns)) > 1 else ""
            problems.add(
                "targets", f"the targets{sample} add up to {total}", "shares of the classes, which add up to 1"
            )
