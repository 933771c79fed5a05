"""What is wrong in a file put aside, so that the rest can be looked at: names are wrong or right whatever numbers are.

Only what was complained of is touched, and the shapes of layers; where that is not enough, nothing more can be told.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..formulas.problems import Problem
from .values import named_in

NEUTRAL: Mapping[str, Any] = {
    **dict.fromkeys(("inputs", "given", "parameters"), 1),
    "formulas": "1",
    "functions": "x",
}
OF_KEY: Mapping[str, Any] = {"activation": "logistic", "bias": 1, "threshold": 1}
"""What stands in place of a wrong value in these tables, or for this key of a layer, since names hang on it."""
_HARMLESS = re.compile(
    r"(?:inputs|given|parameters|formulas|functions|tex|wording|display)\..*|title"
    r"|layers\[\d+\]\.(?:weights|activation|bias|threshold|parameter)\b.*|targets\.(?!class\b)[^\[\]]*"
)
"""Where something wrong does not decide what the quantities of the file are called."""
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def can_be_mended(problems: Iterable[Problem]) -> bool:
    """Whether all names of the file can be told although these things are wrong."""
    return all(_HARMLESS.fullmatch(problem.where) for problem in problems)


def mended(table: Mapping[str, Any], problems: Iterable[Problem]) -> dict[str, Any]:
    """A copy of a file's table without what the problems are about."""
    whole = copy.deepcopy(dict(table))
    for problem in problems:
        _put_aside(whole, problem.where)
    if isinstance(whole.get("layers"), list):
        _reshape(whole)
    return whole


def _put_aside(table: dict[str, Any], where: str) -> None:
    """Take out the key at a place such as ``layers[2].activation``, or give it a neutral value."""
    steps = [name or int(number) - 1 for name, number in _STEP.findall(where)]
    holder: Any = table
    for step in steps[:-1]:
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(holder, dict) and steps and steps[-1] in holder:
        neutral = NEUTRAL.get(str(steps[0])) if len(steps) == 2 else OF_KEY.get(str(steps[-1]))
        if neutral is None:
            del holder[steps[-1]]
        elif not isinstance(holder[steps[-1]], list) or steps[0] != "layers":  # a list is reshaped
            holder[steps[-1]] = neutral


def _reshape(table: dict[str, Any]) -> None:
    """Give every layer the weights and biases that its units need, and every output a target."""
    columns = len(named_in(table, "inputs"))
    units: Any = ()
    for layer in table["layers"]:
        units = layer.get("units") if isinstance(layer, dict) else None
        if not isinstance(units, list):
            return
        layer["weights"] = [[1] * columns for _ in units]
        for key in ("bias", "threshold"):
            if isinstance(layer.get(key), list):
                layer[key] = [1] * len(units)
        columns = len(units)
    if isinstance(table.get("targets"), dict) and "class" not in table["targets"]:
        table["targets"] = {str(unit): 1 for unit in units}
