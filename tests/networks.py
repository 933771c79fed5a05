"""Random calculations, as the tables that a calculation file holds: networks of layers and lists of formulas.

Everything is drawn from a ``random.Random``, so that a seed names a calculation; the hypothesis strategies at the end
draw from the same functions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from random import Random
from typing import Any

from hypothesis import strategies as st

from explainer.formulas.families import FAMILIES
from explainer.formulas.functions import ACTIVATIONS, FUNCTIONS, argument_names
from explainer.formulas.losses import LOSSES
from explainer.formulas.optimizers import OPTIMIZERS

Table = dict[str, Any]
PLAIN: Table = {"optimizers": ("gradient descent",), "most_samples": 1, "thresholds": False}
"""For a Style: one step of gradient descent with one sample."""

MODES = ("half up", "half even", "cut off")
CALM, SATURATED = 12.0, 600.0
"""The largest net input that a network may have: a logistic unit of 12 still moves, one of 600 is at its end."""
STEEP = ("exp", "softmax", "log_softmax")
"""Activations that take net inputs of moderate size only."""
SMOOTH = ("identity", "logistic", "tanh", "softplus", "silu", "gelu", "sin", "cos", "exp", "softmax", "log_softmax")
"""Activations with a derivative everywhere, so that it agrees with finite differences wherever numbers fall."""
SMOOTH_FUNCTIONS = (
    "exp",
    "log",
    "log10",
    "sqrt",
    "sin",
    "cos",
    "tanh",
    "atan",
    "identity",
    "logistic",
    "softplus",
    "silu",
    "pi",
    *FAMILIES,
)
"""Functions that SymPy can differentiate as they are written here."""
PROBABILITIES = tuple(name for name, row in LOSSES.items() if re.search(r"log\(out|log\(1 - out|/out", row.term))
"""Losses that need outputs between 0 and 1."""
FORMULAS = ("(target - out)**4", "log(1 + (target - out)**2)", "(out_o1 + w1)**2 + out_o1")
"""Losses that a file may give by a formula: for each output, or of whatever there is."""
LAST = (
    dict.fromkeys(PROBABILITIES, ("logistic",))
    | {"cross-entropy": ("logistic", "softmax"), "Kullback-Leibler divergence": ("logistic", "softmax")}
    | {"softmax cross-entropy": ("softmax",), "negative log-likelihood": ("log_softmax", "identity")}
)
"""What the outputs may be for a loss that does not take any."""
SMOOTH_LOSSES = (
    *(name for name, row in LOSSES.items() if not re.search(r"abs|max| if ", f"{row.term}{row.of_others}")),
    *FORMULAS,
)
"""Losses without a kink."""
BOUND = 1e4
"""The largest value that a part of a random formula may have."""


@dataclass(frozen=True, slots=True)
class Style:
    """What a random network may be made of."""

    reach: float = CALM
    activations: tuple[str, ...] = ACTIVATIONS
    functions: tuple[str, ...] = (*FUNCTIONS, *FAMILIES)
    """What the formulas of a list may call."""
    losses: tuple[str, ...] = (*LOSSES, *FORMULAS)
    optimizers: tuple[str, ...] = tuple(OPTIMIZERS)
    most_samples: int = 3
    thresholds: bool = True
    most_layers: int = 4
    most_units: int = 6
    plain: bool = False
    """Whether every number is of the everyday kind: a few digits, between -1 and 1."""


# numbers


def number(random: Random, plain: bool = False) -> Decimal:
    """A number as people type it: short or long, of either sign, sometimes 0, 1e-12 or in the thousands."""
    kind = 0 if plain else random.randrange(12)
    sign = random.choice((1, 1, -1))
    if kind == 11:
        return random.choice((Decimal(0), Decimal("0.0"), Decimal(1), Decimal(-1), Decimal("0.5"), Decimal("-0.50")))
    if kind == 10:
        return sign * Decimal(random.randint(1, 99)).scaleb(random.choice((-13, -12, -7)))
    if kind == 9:
        return sign * Decimal(random.randint(1, 9999)).scaleb(random.choice((0, 1)))
    places = random.randint(1, 4) if kind < 8 else random.randint(9, 17)
    return sign * Decimal(random.randint(1, 10**places)).scaleb(-places)


def display(random: Random, carry: str | None = None) -> Table:
    """A rounding contract: 0 to 12 decimals or 1 to 12 significant digits, either carry, any of the three modes."""
    digits: Table = (
        {"decimals": random.randint(0, 12)} if random.random() < 0.6 else {"significant": random.randint(1, 12)}
    )
    return {**digits, "carry": carry or random.choice(("exact", "rounded")), "rounding": random.choice(MODES)}


# networks


def network(random: Random, style: Style = Style()) -> Table:
    """A network of one to four layers of one to six units each, with targets and training, for one sample or several."""
    if random.random() < 0.8:
        style = replace(style, plain=True)
    sizes, loss = _sizes(random, style), random.choice(style.losses)
    samples = random.choice((1, 1, 2, 3)) if style.most_samples > 1 else 1
    if loss == "multiclass hinge error":
        sizes[-1] = max(2, sizes[-1])
    inputs = {f"i{n}": _column(random, style, samples) for n in range(1, sizes[0] + 1)}
    signals = [[float(_of_sample(value, sample)) for value in inputs.values()] for sample in range(samples)]
    layers, largest = list[Table](), max(abs(value) for signal in signals for value in signal)
    for depth, size in enumerate(sizes[1:], 1):
        last = depth == len(sizes) - 1
        units = [f"{'o' if last else 'hgk'[depth - 1]}{n}" for n in range(1, size + 1)]
        choices = [name for name in style.activations if name != "exp" or all(e["activation"] != "exp" for e in layers)]
        activation = random.choice(LAST[loss] if last and loss in LAST else choices)
        layer, signals = _layer(random, style, units, signals, activation)
        layers.append(layer)
        largest = max([largest, *(abs(value) for signal in signals for value in signal)])
    return {
        "inputs": inputs,
        "targets": _targets(random, loss, layers[-1]["units"], samples),
        "layers": layers,
        "training": _training(random, style, loss, inputs, layers, largest, samples),
        "display": display(random),
    }


def _sizes(random: Random, style: Style) -> list[int]:
    depth = random.randint(1, style.most_layers)
    widest = style.most_units if depth < 3 else min(4, style.most_units)
    return [random.randint(1, widest) for _ in range(depth + 1)]


def _column(random: Random, style: Style, samples: int) -> Any:
    """A number; with several samples usually a list of one for each."""
    if samples == 1 or random.random() < 0.1:
        return number(random, style.plain)
    return [number(random, style.plain) for _ in range(samples)]


def _of_sample(value: Any, sample: int) -> Any:
    return value[sample] if isinstance(value, list) else value


def _targets(random: Random, loss: str, units: list[str], samples: int) -> Table:
    """A number for each output, or the right class by its name or number."""
    row = LOSSES.get(loss)
    if row is not None and row.for_classes and (row.of_others or random.random() < 0.6):
        found = [random.choice((random.choice(units), random.randint(1, len(units)))) for _ in range(samples)]
        return {"class": found if samples > 1 else found[0]}
    if row is not None and row.joint:
        return {unit: value if samples > 1 else value[0] for unit, value in _shares(random, units, samples).items()}
    columns: Table = {
        unit: number(random, True) if samples == 1 else [number(random, True) for _ in range(samples)] for unit in units
    }
    if row is not None and row.shares:
        return {unit: [abs(x) % 1 for x in c] if isinstance(c, list) else abs(c) % 1 for unit, c in columns.items()}
    return columns


def _shares(random: Random, units: list[str], samples: int) -> dict[str, list[Decimal]]:
    """Numbers that add up to 1 in every sample: one of them 1, or a hundred hundredths spread at random."""
    rows = []
    for _ in range(samples):
        cuts = sorted(random.choice((0, 100, random.randint(0, 100))) for _ in units[1:])
        rows.append([Decimal(high - low).scaleb(-2) for low, high in zip([0, *cuts], [*cuts, 100], strict=True)])
    return {unit: [row[place] for row in rows] for place, unit in enumerate(units)}


def _training(
    random: Random, style: Style, loss: str, inputs: Table, layers: list[Table], largest: float, samples: int
) -> Table:
    """The rate is smaller where signals are large, so that one update does not throw the network far away."""
    training: Table = {"loss": loss, "train_biases": random.random() < 0.7, **_batches(random, inputs, samples)}
    one_by_one = training.get("batch", samples) == 1
    training["update"] = random.choice(("simultaneous", "sequential")) if one_by_one else "simultaneous"
    if random.random() < 0.2 and (loss in LOSSES or "target" in loss):
        training["outputs"] = random.choice(("sum", "mean"))
    explosive = any(
        layer["activation"] == "exp" for layer in layers[:-1]
    )  # after an update, exp(exp(1000)) or the like
    if random.random() < 0.8 and not explosive:
        rate = Decimal(random.choice(("0.5", "0.1", "0.01", "1", "0.05")))
        training["learning_rate"] = rate.scaleb(-math.ceil(2 * math.log10(max(1.0, largest))))
        training |= _optimizer(random, style, training["update"])
    if random.random() < 0.2:
        training["gradients"] = [*inputs, "w1", f"out_{layers[-1]['units'][-1]}"]
    return training


def _batches(random: Random, inputs: Table, samples: int) -> Table:
    """How samples are put together: all in each step, one after another, or in an order of their own."""
    if samples == 1:
        return {}
    if random.random() < 0.4:
        return {"samples": random.choice(("sum", "mean"))}
    if random.random() < 0.5 or samples == 2:
        order = random.sample(range(1, samples + 1), samples)
        return {"batch": 1, **({"order": order} if random.random() < 0.5 else {})}
    return {"batch": 2, "order": random.sample(range(1, samples + 1), 2), "samples": random.choice(("sum", "mean"))}


def _optimizer(random: Random, style: Style, update: str) -> Table:
    """An optimizer and what may go with it."""
    if style.optimizers == ("gradient descent",) or random.random() < 0.5:
        return {}
    steps = random.choice((1, 1, 2, 3))
    found: Table = {"optimizer": random.choice(style.optimizers), "steps": steps}
    found["show_steps"] = list(range(1, steps + 1))
    if random.random() < 0.3:
        found |= random.choice(SCHEDULED)
    for key, value in (("clip_value", "0.1"), ("clip_norm", "0.2"), ("l2", "0.01"), ("weight_decay", "0.1")):
        if random.random() < 0.15 and (key, update) != ("clip_norm", "sequential"):
            found[key] = Decimal(value)
    return found


SCHEDULED: tuple[Table, ...] = (
    {"schedule": "step", "period": 2},
    {"schedule": "exponential", "gamma": Decimal("0.9")},
    {"schedule": "cosine", "period": 5, "lowest_rate": Decimal("0.001")},
)


def _layer(
    random: Random, style: Style, units: list[str], signals: list[list[float]], activation: str
) -> tuple[Table, list[list[float]]]:
    """A layer, and what it gives; weights are scaled down by a power of ten where net inputs would reach too far."""
    rows = [[number(random, style.plain) for _ in signals[0]] for _ in units]
    bias = [number(random, style.plain) for _ in units]
    kind = random.choice(("shared", "per unit", "none"))
    key = "threshold" if style.thresholds and random.random() < 0.15 else "bias"
    if style.reach > CALM:
        rows = [[value * 1000 for value in row] for row in rows]
    if kind != "per unit":
        bias = [bias[0] if kind == "shared" else Decimal(0)] * len(units)
    reach = min(style.reach, 3.0) if activation in STEEP else style.reach
    far = max(abs(net) for net in chain.from_iterable(_nets(rows, bias, signals, key)))
    shift = math.ceil(math.log10(far / reach)) if far > reach else 0
    rows = [[value.scaleb(-shift) for value in row] for row in rows]
    bias = [value.scaleb(-shift) for value in bias]
    layer: Table = {"units": units, "activation": activation, "weights": rows}
    if kind != "none":
        layer[key] = bias if kind == "per unit" else bias[0]
    return layer, [_outputs(activation, nets) for nets in _nets(rows, bias, signals, key)]


def _nets(
    rows: list[list[Decimal]], bias: list[Decimal], signals: list[list[float]], key: str
) -> Iterator[list[float]]:
    """The net inputs of a layer, for each sample."""
    for signal in signals:
        yield [
            sum(float(weight) * value for weight, value in zip(row, signal, strict=True))
            + (float(own) if key == "bias" else -float(own))
            for row, own in zip(rows, bias, strict=True)
        ]


def _outputs(activation: str, nets: list[float]) -> list[float]:
    """What the units of a layer give."""
    if activation in TOGETHER:
        return [TOGETHER[activation](net, *nets) for net in nets]
    return [_activated(activation, net) for net in nets]


def _activated(function: str, *arguments: float) -> float:
    """Roughly what a function gives, from the formula of its row."""
    row = FUNCTIONS[function]
    if not row.formula:
        return float(ROUGHLY[function](*arguments))
    given = (*arguments, *map(float, row.defaults[len(arguments) - row.arity :] if len(arguments) < row.arity else ()))
    known = ROUGHLY | {
        name: lambda *x, name=name: _activated(name, *x) for name, other in FUNCTIONS.items() if other.formula
    }
    return float(eval(row.formula, known | dict(zip(argument_names(row.arity), given, strict=True))))


ROUGHLY: dict[str, Any] = {
    name: getattr(math, name) for name in ("log", "log10", "sqrt", "sin", "cos", "tanh", "atan", "floor")
} | {
    "pi": lambda: math.pi,
    "exp": lambda x: math.exp(min(x, 700)),
    "normal_cdf": lambda x: math.erfc(-x / math.sqrt(2)) / 2,
    "normal_pdf": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
}


# lists of formulas


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a random formula: its text, about what it is, and how tightly it binds (0 sum, 1 product, 2 power, 3 atom)."""

    text: str
    value: float
    binding: int

    def within(self, binding: int) -> str:
        """The text, in parentheses where the place binds more tightly."""
        return self.text if self.binding >= binding else f"({self.text})"


NAMES = ("x", "y", "E", "I", "N", "S", "beta", "gamma", "pi", "in_", "e", "w", "theta", "Q1", "a_b")


def formulas(random: Random, style: Style = Style()) -> Table:
    """Named formulas of sums, products, quotients, powers and functions, each over what stands above it."""
    names = random.sample(NAMES, random.randint(2, 5))
    known = [Part(name, float(value), 3) for name, value in ((name, number(random, True)) for name in names)]
    numbers = {part.text: Decimal(repr(part.value)) for part in known}
    given = random.randint(0, len(names) - 1)
    texts: dict[str, str] = {}
    for place in range(1, random.randint(2, 6) + 1):
        part = expression(random, known, random.randint(1, 3), style.functions)
        texts[f"f{place}"] = part.text
        known.append(Part(f"f{place}", part.value, 3))
    last = f"f{place}"
    texts["L"] = f"{last}*{names[-1]} + {random.choice(list(texts))}"
    training: Table = {"loss": "L", "update": random.choice(("simultaneous", "sequential"))}
    if random.random() < 0.7 and not re.search(r"[a-z]\(|/|\*\*[^23]", " ".join(texts.values())):
        training["learning_rate"] = Decimal("0.01")  # only polynomials surely have a value after an update
    if random.random() < 0.5:
        training["gradients"] = names
    return {
        **({"given": {name: numbers[name] for name in names[:given]}} if given else {}),
        "parameters": {name: numbers[name] for name in names[given:]},
        "formulas": texts,
        "training": training,
        "display": display(random),
    }


def expression(random: Random, known: list[Part], depth: int, functions: tuple[str, ...] = Style.functions) -> Part:
    """A random expression over ``known`` that has a value, of moderate size."""
    while True:
        part = _expression(random, known, depth, functions)
        if part is not None and abs(part.value) < BOUND:
            return part


def _expression(random: Random, known: list[Part], depth: int, functions: tuple[str, ...]) -> Part | None:
    if depth == 0 or random.random() < 0.1:
        if random.random() < 0.75:
            return random.choice(known)
        literal = random.choice(("1", "2", "3", "0.5", "0.10", "1/2", "1e-2", "10"))
        return Part(literal, float(eval(literal)), 1 if "/" in literal else 3)
    operation = random.choice((_sum, _product, _product, _quotient, _power, _negative, _call))
    draw = Draw(lambda: expression(random, known, depth - 1, functions), functions)
    return operation(random, draw)


@dataclass(frozen=True, slots=True)
class Draw:
    """Draws an operand when called; ``functions`` are those that may be applied to it."""

    operand: Callable[[], Part]
    functions: tuple[str, ...]

    def __call__(self) -> Part:
        """A random operand."""
        return self.operand()


def _sum(random: Random, draw: Draw) -> Part:
    text, value = (first := draw()).within(0), first.value
    for _ in range(random.randint(1, 3)):
        part, sign = draw(), random.choice((1, -1))
        text += f" {'+' if sign > 0 else '-'} {part.within(1)}"
        value += sign * part.value
    return Part(text, value, 0)


def _product(random: Random, draw: Draw) -> Part:
    text, value = (first := draw()).within(1), first.value
    for _ in range(random.randint(1, 2)):
        part = draw()
        text, value = f"{text}*{part.within(2)}", value * part.value
    return Part(text, value, 1)


def _quotient(_: Random, draw: Draw) -> Part | None:
    upper, lower = draw(), draw()
    if abs(lower.value) < 0.05:
        return None
    return Part(f"{upper.within(1)}/{lower.within(2)}", upper.value / lower.value, 1)


def _power(random: Random, draw: Draw) -> Part | None:
    base = draw()
    exponent, value = random.choice(
        (("2", 2.0), ("3", 3.0), ("(-1)", -1.0), ("0.5", 0.5), ("(1/3)", 1 / 3), ("x", None))
    )
    if value is None:
        part = draw()
        exponent, value = part.within(3), math.nan if "**" in part.text else part.value  # a power of a power is refused
    whole, atom = value in (2.0, 3.0), base.binding == 3
    if not abs(value) <= 4 or abs(base.value) > 100 or not (whole or (atom and 0.05 < base.value < 20)):
        return None  # a broken power of a square is SymPy's Abs, which is a test of its own
    return Part(f"{base.within(3)}**{exponent}", base.value**value, 2)


def _negative(_: Random, draw: Draw) -> Part:
    part = draw()
    return Part(f"-{part.within(2)}", -part.value, 0)


def _call(random: Random, draw: Draw) -> Part | None:
    name = random.choice(draw.functions)
    if name in FAMILIES:
        return _family_call(random, name, draw)
    row = FUNCTIONS[name]
    arguments = [draw() for _ in range(random.randint(row.arity - len(row.defaults), row.arity))]
    values = [argument.value for argument in arguments]
    if max(map(abs, values), default=0) > 8 or (name in ("log", "log10", "sqrt") and values[0] < 0.05):
        return None
    return Part(f"{name}({', '.join(argument.text for argument in arguments)})", _activated(name, *values), 3)


def _family_call(random: Random, name: str, draw: Draw) -> Part | None:
    """A function of one to four arguments, the first in the file perhaps saying which of them is meant."""
    among = [draw() for _ in range(random.randint(1, 4))]
    if max(abs(argument.value) for argument in among) > 8:
        return None
    first = [random.choice(among)] if FAMILIES[name].picks_one else []
    given = [*first, *among]
    value = TOGETHER[name](*(argument.value for argument in given))
    return Part(f"{name}({', '.join(argument.text for argument in given)})", value, 3)


def log_sum_exp(*values: float) -> float:
    """The logarithm of the sum of the exponentials."""
    return math.log(math.fsum(map(math.exp, values)))


TOGETHER: dict[str, Callable[..., float]] = {
    "softmax": lambda own, *among: math.exp(own - log_sum_exp(*among)),
    "log_softmax": lambda own, *among: own - log_sum_exp(*among),
    "log_sum_exp": log_sum_exp,
}
"""The families (Goodfellow, Bengio and Courville 2016, section 6.2.2.3), as they are called in a file."""


# many of them


def calculations(count: int, seed: int, style: Style = Style()) -> Iterator[Table]:
    """So many calculations, three networks to one list of formulas."""
    for place in range(count):
        random = Random(f"{seed} {place}")
        yield formulas(random, style) if place % 4 == 3 else network(random, style)


networks = st.randoms(use_true_random=False).map(network)
formula_lists = st.randoms(use_true_random=False).map(formulas)
