"""file → Spec: reads a table against the schema, then checks what no schema can say. All problems are told together."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ..formulas.expression import names_in
from ..formulas.families import FAMILIES
from ..formulas.functions import ACTIVATIONS
from ..formulas.problems import ExplainerError, Problem, Problems, nearest
from ..formulas.reader import FormulaError, read_formula
from ..formulas.shape import FunctionTable
from .files import Source, decoded, find, parse, plain_table
from .mending import can_be_mended, mended
from .samples import check_commas, check_targets, classes_of, count_samples, without_single_lists
from .schema import FILE, PATTERNS
from .style import check_digits, merged, read_style
from .training import check_perceptron_units, check_training, read_training, settled
from .types import Display, Formula, Layer, Notation, Spec
from .values import comma_hint, named_in
from .variants import read_variants


def load(spec: str | Source) -> Spec:
    """The Spec of a calculation file, by path or by the name of a shipped example, or of one that has been read.

    Raises:
        ExplainerError: where the file is missing, broken or says something impossible.
    """
    source = find(spec) if isinstance(spec, str) else spec
    return _spec(source, parse(source))


def mended_spec(source: str | Mapping[str, Any], problems: Collection[Problem]) -> Spec | None:
    """The Spec that a source would be without what is wrong in it; None where too much is."""
    if not can_be_mended(problems):
        return None
    try:
        if isinstance(source, str):
            file = find(source)
            return _spec(file, mended(parse(file), problems))
        return from_table(mended(plain_table(source), problems))
    except ExplainerError:
        return None


def whole(spec: str) -> Source:
    """The calculation file with its style file: all that is needed to load it elsewhere, or later.

    Raises:
        ExplainerError: where the file is missing or cannot be read; whatever else is wrong is told when it is loaded.
    """
    source = find(spec)
    problems = Problems(source.label)
    style = parse(source).get("style")
    content = read_style(style, source, problems).content if isinstance(style, str) else None
    return source if problems.found else replace(source, style=content, folder=Path())


def from_table(data: Mapping[str, Any], name: str = "calculation") -> Spec:
    """The Spec of a table given in Python, with the same keys as a calculation file.

    Raises:
        CalculationError: where the table says something impossible.
    """
    table = plain_table(data)
    try:
        content = json.dumps(table, sort_keys=True, default=str, ensure_ascii=True)
    except (ValueError, RecursionError) as error:
        raise ExplainerError(f"{name}: cannot be read ({error})") from None
    return _spec(Source(name, name, content.encode()), table)


def _spec(source: Source, table: dict[str, Any]) -> Spec:
    problems = Problems(source.label)
    values = without_single_lists(FILE.read(table, "", problems) or {})
    style = read_style(values.get("style"), source, problems)
    house = merged(style.values, values)
    functions = _functions(values.get("functions") or {}, problems)
    _check_shape_of_file(table, problems)
    typed = table.get("layers") if isinstance(table.get("layers"), list) else []
    layers = tuple(_layer(entry) for entry in values.get("layers") or () if _complete(entry))
    training = read_training({**values, "functions table": functions}, table, problems)
    _check_activations(typed or [], functions, named_in(table, "functions"), problems)
    if len(layers) == len(typed or []):
        _check_layers(layers, tuple(named_in(table, "inputs")), problems)
    formulas = _formulas(values, table, functions, problems)
    samples = count_samples(values, problems)
    check_commas(decoded(source), values, problems)
    training = settled(training, samples)
    classes = classes_of(values.get("targets"), layers, training, problems)
    check_targets(layers, values.get("targets"), training, problems)
    check_training(training, table, values, samples, problems)
    check_perceptron_units(training, layers, problems)
    check_digits(values.get("display") or {}, "display", problems)
    display = _display(house["display"])
    variants = read_variants(values.get("variants"), layers, training, problems)
    problems.stop_if_any()
    return Spec(
        name=source.name,
        label=source.label,
        title=_on_one_line(values.get("title") or source.name),
        inputs=values.get("inputs") or values.get("given") or {},
        targets={name: column for name, column in (values.get("targets") or {}).items() if name != "class"},
        classes=classes,
        samples=samples,
        layers=layers,
        parameters=values.get("parameters") or {},
        formulas=formulas,
        training=training,
        display=display,
        tex=house["tex"],
        fingerprint=hashlib.sha256((source.content + style.content).replace(b"\r\n", b"\n")).hexdigest()[:12],
        functions=functions,
        notation=_notation(house["notation"]),
        wording=tuple(house["wording"].items()),
        variants=variants,
        borrowed=style.names - set(values.get("tex") or {}) - set((values.get("display") or {}).get("digits") or {}),
    )


def _on_one_line(title: str) -> str:
    """The title without line ends and other characters that nobody can see."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in title).split())


def _check_shape_of_file(table: Mapping[str, Any], problems: Problems) -> None:
    """A file describes a network or a list of formulas."""
    network = [key for key in ("inputs", "layers", "targets") if key in table]
    listed = [key for key in ("given", "parameters", "formulas") if key in table]
    if network and listed:
        problems.add(
            listed[0],
            f"does not go together with [{network[0]}]",
            "either inputs, targets and layers, or given, parameters and formulas",
        )
    elif network:
        for key in ("inputs", "layers"):
            if not table.get(key):
                problems.add(
                    key,
                    "is missing" if key not in table else "is empty",
                    "a network needs at least one input and one layer",
                )
    elif not table.get("formulas"):
        problems.add("formulas", "nothing to calculate", "write [inputs] and [[layers]], or [given] and [formulas]")


def _complete(entry: Mapping[str, Any] | None) -> bool:
    return entry is not None and all(entry.get(key) is not None for key in ("units", "weights"))


def _layer(entry: Mapping[str, Any]) -> Layer:
    names = entry.get("bias_names") or ((entry["bias_name"],) if entry.get("bias_name") else ())
    return Layer(
        units=entry["units"],
        activation=_activation(entry),
        weights=entry["weights"],
        bias=entry.get("bias") if entry.get("threshold") is None else entry["threshold"],
        parameter=entry.get("parameter"),
        thresholds=entry.get("threshold") is not None,
        weight_names=entry.get("weight_names") or (),
        bias_names=names,
    )


def _functions(texts: Mapping[str, str], problems: Problems) -> FunctionTable:
    """The shipped functions and those that the file defines."""
    functions = FunctionTable()
    for name, text in texts.items():
        where = f"functions.{name}"
        if name in functions.rows or name in FAMILIES:
            problems.add(where, "is the name of a function that is there already", "choose another name")
            continue
        try:
            functions.define(name, text)
        except FormulaError as error:
            problems.add(where, error.what, error.allowed)
    return functions


def _check_activations(layers: list[Any], functions: FunctionTable, own: Iterable[str], problems: Problems) -> None:
    """Each layer of the table as typed: its activation must be there, with a parameter only where it has one."""
    allowed = (*ACTIVATIONS, *own)
    for number, typed in enumerate(layers, 1):
        entry = typed if isinstance(typed, dict) else {}
        where, name = f"layers[{number}]", _activation(entry)
        if "bias" in entry and "threshold" in entry:
            problems.add(f"{where}.threshold", "stands in place of bias", "give one of the two")
        if name not in allowed:
            problems.add(f"{where}.activation", f'"{name}" is not one of the choices', nearest(name, allowed))
        elif "parameter" in entry and (
            name in FAMILIES or (name in functions.rows and not functions.rows[name].defaults)
        ):
            problems.add(f"{where}.parameter", f"{name} has no parameter")


def _activation(entry: Mapping[str, Any]) -> str:
    name = entry.get("activation", "identity")
    return name.replace(" ", "_") if isinstance(name, str) else "identity"  # another type is told by the schema


def _check_layers(layers: tuple[Layer, ...], before: tuple[str, ...], problems: Problems) -> None:
    """Whether names, weights and biases fit each other and the names of the inputs ``before`` the first layer."""
    seen: dict[str, str] = dict.fromkeys(before, "inputs")
    for number, layer in enumerate(layers, 1):
        where = f"layers[{number}]"
        for unit in layer.units:
            if unit in seen:
                problems.add(f"{where}.units", f"`{unit}` is used twice", f"it is already a name in {seen[unit]}")
            seen[unit] = where
        if before:
            _check_weights(layer, before, f"{where}.weights", problems)
        if isinstance(layer.bias, tuple) and len(layer.bias) != len(layer.units):
            hint = (
                comma_hint(layer.bias, len(layer.units)) or "one number for the whole layer, or a list of one per unit"
            )
            problems.add(
                f"{where}.bias",
                f"expected {len(layer.units)} number{'s' * (len(layer.units) != 1)}, found {len(layer.bias)}",
                hint,
            )
        _check_own_names(layer, where, problems)
        before = layer.units


def _check_weights(layer: Layer, before: tuple[str, ...], where: str, problems: Problems) -> None:
    if len(layer.weights) != len(layer.units):
        problems.add(
            where,
            f"expected {len(layer.units)} rows, found {len(layer.weights)}",
            f"a row per unit: {', '.join(layer.units[:8])}",
        )
    for number, row in enumerate(layer.weights, 1):
        if len(row) != len(before):
            hint = comma_hint(row, len(before)) or f"a column per input of the layer: {', '.join(before[:8])}"
            problems.add(
                f"{where}[{number}]", f"expected {len(before)} number{'s' * (len(before) != 1)}, found {len(row)}", hint
            )


def _check_own_names(layer: Layer, where: str, problems: Problems) -> None:
    """Names of weights are set out like the weights, names of biases like the biases."""
    if layer.weight_names and [*map(len, layer.weight_names)] != [*map(len, layer.weights)]:
        hint = "a row per unit and a name per weight, set out like weights"
        problems.add(f"{where}.weight_names", "does not fit the weights", hint)
    wanted = len(layer.bias) if isinstance(layer.bias, tuple) else 1 if layer.bias is not None else 0
    if layer.bias_names and len(layer.bias_names) != wanted:
        hint = "bias_name with one bias for the whole layer, bias_names with a list of biases"
        problems.add(f"{where}.bias", f"has {wanted} number(s) and {len(layer.bias_names)} name(s)", hint)


def _formulas(
    values: Mapping[str, Any], table: Mapping[str, Any], functions: FunctionTable, problems: Problems
) -> tuple[Formula, ...]:
    """The formulas in order, each checked to use only what stands above it in the table as typed."""
    texts: Mapping[str, str] = values.get("formulas") or {}
    known: dict[str, str] = {}
    untold = (
        named_in(table, "functions").keys() - functions.rows.keys()
    )  # what is wrong with them is told of themselves
    for section in ("given", "parameters"):
        for name in named_in(table, section):
            if name in known:
                problems.add(f"{section}.{name}", "is used twice", f"it is already a name in [{known[name]}]")
            known[name] = section
    formulas = []
    for name, text in texts.items():
        where = f"formulas.{name}"
        if name in known:
            problems.add(where, "is used twice", f"it is already a name in [{known[name]}]")
        try:
            expression = read_formula(text, functions.rows)
        except FormulaError as error:
            if not any(re.search(rf"\b{re.escape(function)}\b", text) for function in untold):
                problems.add(where, error.what, error.allowed)
        else:
            formulas.append(Formula(name, expression))
            if all(isinstance(table.get(section, {}), Mapping) for section in ("given", "parameters")):
                _check_names(names_in(expression), known, named_in(table, "formulas"), where, problems)
        known[name] = "formulas"
    return tuple(formulas)


def _check_names(
    used: Iterable[str], known: Mapping[str, str], texts: Collection[str], where: str, problems: Problems
) -> None:
    for name in used:
        if name in known:
            continue
        if f"formulas.{name}" == where:
            problems.add(where, f"uses itself: `{name}`", "each formula may use what stands above it")
        elif name in texts:
            problems.add(
                where,
                f"uses `{name}`, which stands below it",
                "each formula may use what stands above it; a cycle has no order",
            )
        else:
            problems.add(where, f"`{name}` is not defined", nearest(name, known))


def _display(given: Mapping[str, Any]) -> Display:
    one = {"decimals": None} if given.get("significant") is not None else {}
    return Display(**{**given, **one, "digits": tuple((given.get("digits") or {}).items())})


def _notation(given: Mapping[str, Any]) -> Notation:
    tex = tuple((name, given[f"{name}_tex"]) for name in PATTERNS if f"{name}_tex" in given)
    patterns = {f"{name}_tex" for name in PATTERNS}
    return Notation(**{key: value for key, value in given.items() if key not in patterns}, tex=tex)
