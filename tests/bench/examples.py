"""e. Every shipped example: where its time goes, stage by stage, whole and per Step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from tempfile import TemporaryDirectory

import explainer
from explainer.calculus.graph import build
from explainer.calculus.networks import listing_of
from explainer.calculus.unroll import derive_written
from explainer.cli.shared import DEFAULT_FORMATS
from explainer.numbers.evaluate import evaluate
from explainer.spec.files import example_names
from explainer.spec.load import load as read
from explainer.spec.types import Spec

from .clock import ChildFailedError, Times, cpu, milliseconds, once, times
from .clock import explainer as run_explainer

COLUMNS = ("", "Steps", "trained", "read", "derive", "evaluate", "Markdown", "whole process, all formats")


def measure(rounds: int) -> Iterator[Sequence[str]]:
    """Reading, deriving, evaluating and rendering in one warm process; then the whole command. Two lines each."""
    for name in example_names():
        try:
            yield from _example(name, max(3, rounds // 3))
        except explainer.ExplainerError as error:
            yield (name, f"failed: {str(error).splitlines()[0]}")


def _example(name: str, rounds: int) -> Iterator[Sequence[str]]:
    calculation = explainer.load(name)
    calculation.walkthrough()
    spec, derivation = calculation.spec, calculation.derivation
    stages = (
        cpu(partial(read, name), rounds),
        Times(tuple(once(partial(_derived, read(name))) for _ in range(rounds))),
        cpu(partial(evaluate, derivation, calculation.evaluation.sources, spec.display), rounds),
        cpu(calculation.walkthrough, rounds),
    )
    steps = len(derivation.steps)
    each = [stage.median for stage in stages]
    whole = _whole(name, rounds)
    if isinstance(whole, Times):
        each.append(whole.median)
    failed = [] if isinstance(whole, Times) else [whole]
    yield (name, f"{steps:,}", f"{spec.training.steps:,}", *map(milliseconds, each), *failed)
    yield ("    per Step", "", "", *(f"{1e6 * seconds / steps:,.0f} µs" for seconds in each))


def _derived(spec: Spec) -> object:
    """Deriving a Spec that is new: it knows no Shape yet."""
    return derive_written(build(listing_of(spec), spec.training, spec.functions))


def _whole(name: str, rounds: int) -> Times | str:
    """The whole command, or why it failed."""
    with TemporaryDirectory() as folder:
        try:
            command = ("walkthrough", name, "--format", ",".join(DEFAULT_FORMATS), "-o", folder)
            return times([run_explainer(*command) for _ in range(rounds)])
        except ChildFailedError as error:
            return f"failed: {error}"
