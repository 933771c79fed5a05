"""steps.json: the machine-readable trace of a calculation, and the JSON Schema that it keeps to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from explainer.calculus.derive import Kind, Phase, Step
from explainer.calculus.graph import Quantity
from explainer.calculus.marks import parsed
from explainer.formulas.text import formula_text
from explainer.lesson.typeset import Typesetter, typesetter
from explainer.numbers.evaluate import Evaluation
from explainer.numbers.rounding import significant
from explainer.numbers.training import Trajectory
from explainer.spec.types import Spec

DIGITS = 30


def trace(spec: Spec, evaluation: Evaluation, version: str, states: Trajectory | None = None) -> dict[str, Any]:
    """The trace as a JSON object: what is given, then every step in order, then states after many updates."""
    tex = typesetter(evaluation.derivation, spec.notation)
    graph = evaluation.derivation.graph
    return {
        "explainer": version,
        "title": spec.title,
        "file": {"name": spec.name, "fingerprint": spec.fingerprint},
        "display": _display(spec),
        "loss": graph.loss,
        "given": [_given(quantity, evaluation) for quantity in graph.sources],
        "steps": [_step(step, evaluation, tex) for step in evaluation.derivation.steps],
        "states": list(_states(states)) if states else [],
    }


def trace_json(spec: Spec, evaluation: Evaluation, version: str, states: Trajectory | None = None) -> str:
    """The trace as the text of a file."""
    return json.dumps(trace(spec, evaluation, version, states), ensure_ascii=False, indent=1) + "\n"


def _display(spec: Spec) -> dict[str, Any]:
    display = spec.display
    digits = {"decimals": display.decimals} if display.significant is None else {"significant": display.significant}
    exceptions = {"digits": dict(display.digits)} if display.digits else {}
    return {**digits, "carry": display.carry, "rounding": display.rounding, **exceptions}


def _given(quantity: Quantity, evaluation: Evaluation) -> dict[str, Any]:
    exact = quantity.name in evaluation.exact
    return {
        "id": quantity.name,
        "role": quantity.role.value,
        "tex": quantity.tex,
        "value": _value(evaluation.values[quantity.name], exact),
        "exact": exact,
        "shown": evaluation.texts[quantity.name],
    }


def _step(step: Step, evaluation: Evaluation, tex: Typesetter) -> dict[str, Any]:
    exact = step.id in evaluation.exact and evaluation.display.carry == "exact"  # a carried value may be rounded
    entry = {
        "id": step.id,
        "phase": step.phase.value,
        "kind": step.kind.value,
        "formula": formula_text(step.shape.formula, step.uses),
        "tex": f"{tex.name(step.id)} = {tex.symbols(step.id).tex}",
        "uses": list(step.uses),
        "value": _value(evaluation.values[step.id], exact),
        "exact": exact,
        "shown": evaluation.texts[step.id],
    }
    if step.id in evaluation.recomputed:
        entry["from_shown"] = evaluation.recomputed[step.id]
    return entry


def _value(value: Decimal, exact: bool) -> str:
    """An exact value whole; any other to 30 significant digits."""
    if not exact or len(value.as_tuple().digits) > DIGITS:
        return significant(value, DIGITS)
    text = format(value, "f") if abs(value.adjusted()) < DIGITS else str(value)
    return text.rstrip("0").rstrip(".") if "." in text and "E" not in text else text


def _states(states: Trajectory) -> Iterable[dict[str, Any]]:
    for steps, row in zip(states.checkpoints, states.texts, strict=True):
        for name, text in zip(states.observed, row, strict=True):
            yield {"id": _after(name, steps), "quantity": name, "updates": steps, "shown": text}


def _after(name: str, steps: int) -> str:
    """The id of a quantity after so many updates; 0 and 1 are spelled out as well."""
    quantity, _, sample = parsed(name)
    return f"{quantity}@{steps}{f'#{sample}' if sample else ''}"


def trace_schema() -> dict[str, Any]:
    """The JSON Schema of steps.json."""
    text, number = {"type": "string"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?([eE][-+]?\d+)?$"}
    given = _object(
        {"id": text, "role": text, "tex": text, "value": number, "exact": {"type": "boolean"}, "shown": text}
    )
    step = _object(
        {
            "id": text,
            "phase": {"enum": [phase.value for phase in Phase]},
            "kind": {"enum": [kind.value for kind in Kind]},
            "formula": text,
            "tex": text,
            "uses": {"type": "array", "items": text},
            "value": number,
            "exact": {"type": "boolean"},
            "shown": number,
        },
        optional={"from_shown": number},
    )
    state = _object({"id": text, "quantity": text, "updates": {"type": "integer", "minimum": 0}, "shown": number})
    display = {"type": "object", "required": ["carry", "rounding"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "explainer steps",
        **_object(
            {
                "explainer": text,
                "title": text,
                "file": _object({"name": text, "fingerprint": text}),
                "display": display,
                "loss": text,
                "given": {"type": "array", "items": given},
                "steps": {"type": "array", "items": step},
                "states": {"type": "array", "items": state},
            }
        ),
    }


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }
