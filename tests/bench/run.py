"""Runs the measurements one after another and prints the table of each as soon as it is there."""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from . import checking, examples, growth, handouts, per_step, process, training, variants
from .report import COLUMNS, columns, heading, machine


@dataclass(frozen=True, slots=True)
class Measurement:
    """A part of the benchmark: a title, and a function that gives table rows for a number of rounds."""

    title: str
    measure: Callable[[int], Iterator[Sequence[str]]]
    columns: Sequence[str] = COLUMNS


MEASUREMENTS = {
    "process": Measurement("a. The whole process, for the article's network with one training step", process.measure),
    "variants": Measurement("b. Another variant of the same structure, in the same process", variants.measure),
    "training": Measurement("c. 10,000 training steps of the article's network", training.measure),
    "growth": Measurement("d. Growth with the size of the network, in full detail", growth.measure),
    "examples": Measurement("e. The shipped examples, stage by stage", examples.measure, examples.COLUMNS),
    "steps": Measurement("f. Time per Step across the shipped examples", per_step.measure),
    "checking": Measurement("g. The checker and simulated students", checking.measure_checker, checking.COLUMNS),
    "handouts": Measurement("h. A course of worksheets with keys", handouts.measure),
}
ROUNDS, QUICK_ROUNDS = 15, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurements that are named, or all; the exit code says nothing about speed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures, and prints ratios.")
    parser.add_argument("measurements", nargs="*", metavar="MEASUREMENT", help=f"some of {', '.join(MEASUREMENTS)}")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds in place of {ROUNDS}")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.measurements if name not in MEASUREMENTS]
    if unknown:
        parser.error(f"there is no measurement {unknown[0]}; there are {', '.join(MEASUREMENTS)}")
    print(machine())
    for name in options.measurements or MEASUREMENTS:
        measurement = MEASUREMENTS[name]
        print(heading(measurement.title), flush=True)
        rows = _rows(measurement, QUICK_ROUNDS if options.quick else ROUNDS)
        print(columns([measurement.columns, *rows]), flush=True)
    return 0


def _rows(measurement: Measurement, rounds: int) -> list[Sequence[str]]:
    """The rows of a measurement; one that breaks off keeps those it has and says why, so that the others still run."""
    rows: list[Sequence[str]] = []
    try:
        rows.extend(measurement.measure(rounds))
    except Exception as error:  # whatever it is, it belongs into the table
        last = traceback.extract_tb(error.__traceback__)[-1]
        rows.append(("broke off", f"{type(error).__name__}: {error} ({last.name}, line {last.lineno})"))
    return rows
