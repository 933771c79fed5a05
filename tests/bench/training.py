"""c. Many training steps in floats against objects in plain Python, against PyTorch, and against exact decimals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from importlib.util import find_spec
from typing import Any

import explainer
from explainer.numbers.training import FloatTraining, checkpoints, observed_quantities

from .clock import Times, cpu
from .networks import Table, article
from .object_network import Layer, Network
from .report import Row, verdict

STEPS = 10_000
FASTER_THAN_OBJECTS = 4
FASTER_THAN_TORCH = 100
LARGEST_DIFFERENCE = 1e-12
COMPARED_DECIMALS = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """The article's network in floats, as other programs take it."""

    layers: list[tuple[list[list[float]], float]]
    """The weights, a row per unit, and the bias of each layer."""
    inputs: list[float]
    targets: list[float]
    rate: float


def measure(rounds: int) -> Iterator[Row]:
    """Ours, from the derivation to the outputs and the error, beside others that must end at the same numbers."""
    table = article(STEPS)
    calculation = explainer.load(table)
    ours = cpu(lambda: _compiled(calculation).after(STEPS), rounds)
    yield Row("compiled from the derivation, compiling included", ours.ms)
    ready = _compiled(calculation)
    yield Row("    compiled before", cpu(partial(ready.after, STEPS), rounds).ms)
    compared = partial(_compared, ours, ready.after(STEPS), max(3, rounds // 3))
    problem = _problem(table)
    yield compared("an object per neuron, plain Python", partial(_objects, problem), FASTER_THAN_OBJECTS)
    yield compared("    the same, with the error after every step", partial(_objects, problem, watched=True), None)
    if find_spec("torch") is None:
        yield Row("PyTorch", "not installed", target=f"at least {FASTER_THAN_TORCH}")
    else:
        yield compared("PyTorch, one thread", _torch(problem), FASTER_THAN_TORCH)
    yield _exact(table)


def _compiled(calculation: explainer.Calculation) -> FloatTraining:
    derivation = calculation.derivation
    return FloatTraining(derivation, calculation.evaluation.sources, observed_quantities(derivation))


def _compared(
    ours: Times, end: Sequence[float], rounds: int, what: str, work: Callable[[], list[float]], target: int | None
) -> Row:
    """Time another way to the same end; one that ends elsewhere is no comparison."""
    difference = max(abs(one - other) for one, other in zip(work(), end, strict=True))
    if difference > LARGEST_DIFFERENCE:
        return Row(what, f"ends elsewhere, by {difference:.1e}")
    theirs = cpu(work, rounds)
    ratio = theirs.median / ours.median
    row = Row(what, theirs.ms, "compiling included", f"{ratio:.1f} times")
    return row if target is None else row._replace(target=f"at least {target}", verdict=verdict(ratio >= target))


def _objects(problem: Problem, watched: bool = False) -> list[float]:
    hidden, output = (Layer(weights, bias) for weights, bias in problem.layers)
    network = Network(hidden, output, problem.rate)
    for _ in range(STEPS):
        network.train(problem.inputs, problem.targets)
        if watched:
            network.total_error(problem.inputs, problem.targets)
    return [*network.feed_forward(problem.inputs), network.total_error(problem.inputs, problem.targets)]


def _torch(problem: Problem) -> Callable[[], list[float]]:
    from .torch_network import trainer

    return partial(trainer(problem.layers, problem.rate), problem.inputs, problem.targets, STEPS)


def _exact(table: Table) -> Row:
    """The largest difference to exact decimals: outputs, error and every weight, after 0, 1, 10, … steps."""
    calculation = explainer.load({**table, "display": {"decimals": COMPARED_DECIMALS}})
    names = (*observed_quantities(calculation.derivation), *calculation.derivation.graph.trained)
    exact = calculation.states(checkpoints(STEPS), names)
    floats = FloatTraining(calculation.derivation, calculation.evaluation.sources, names)
    difference = max(
        abs(Decimal(text) - Decimal(value))
        for steps, texts in zip(exact.checkpoints, exact.texts, strict=True)
        for text, value in zip(texts, floats.after(steps), strict=True)
    )
    return Row(
        what="largest difference, weights included",
        figure=f"{difference:.1e}",
        against="exact decimals",
        target=f"at most {LARGEST_DIFFERENCE:.0e}",
        verdict=verdict(difference <= LARGEST_DIFFERENCE),
    )


def _problem(table: Table) -> Problem:
    return Problem(
        layers=[([_floats(row) for row in layer["weights"]], _float(layer["bias"])) for layer in table["layers"]],
        inputs=_floats(table["inputs"].values()),
        targets=_floats(table["targets"].values()),
        rate=_float(table["training"]["learning_rate"]),
    )


def _floats(numbers: Iterable[Any]) -> list[float]:
    return [_float(number) for number in numbers]


def _float(number: Any) -> float:
    """A number of a table, which may be a Literal."""
    return float(getattr(number, "value", number))
