"""d. Time per Step as networks grow, warm in one process; and the largest network in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import explainer

from .clock import ChildFailedError, Times, once
from .clock import explainer as run_explainer
from .networks import Table, fully_connected, toml, two_decimals
from .report import Row, verdict

SMALL, MIDDLE, LARGE = 5, 25, 50
AROUND_SMALL, AROUND_LARGE = 1, 5
"""The marginal time is the slope between networks that are smaller and larger by so much."""
MOST_GROWTH = 1.5
LIMITS = {"md": ("Markdown", 3.0, 250.0), "tex": ("LaTeX", 10.0, 400.0)}


@dataclass(frozen=True, slots=True)
class Sample:
    """The Steps of a network, and what one more document of it takes."""

    name: str
    steps: int
    evaluate: Times
    render: Times

    @property
    def least(self) -> float:
        """Both together, in seconds."""
        return self.evaluate.least + self.render.least

    def row(self) -> Row:
        """The sample in words."""
        parts = f"evaluate {_each(self.evaluate.least, self.steps)}, Markdown {_each(self.render.least, self.steps)}"
        what = f"{self.name}, {self.steps:,} Steps in {1000 * self.least:,.1f} ms"
        return Row(what, f"{_each(self.least, self.steps)} µs per Step", parts)


def measure(rounds: int) -> Iterator[Row]:
    """The whole time per Step, the marginal one, and the large network by itself."""
    small = [sample(size, 4 * rounds) for size in (SMALL - AROUND_SMALL, SMALL, SMALL + AROUND_SMALL)]
    large = [sample(size, max(3, rounds // 3)) for size in (LARGE - AROUND_LARGE, LARGE, LARGE + AROUND_LARGE)]
    yield small[1].row()
    yield _grown(large[1].row(), (large[1].least / large[1].steps) / (small[1].least / small[1].steps))
    few, many = marginal(small[0], small[2]), marginal(large[0], large[2])
    yield Row(f"marginal: {small[0].name} to {small[2].name}", f"{1e6 * few:.1f} µs per Step")
    yield _grown(Row(f"marginal: {large[0].name} to {large[2].name}", f"{1e6 * many:.1f} µs per Step"), many / few)
    yield from _new_structures()
    yield from _alone()


def sample(size: int, repetitions: int) -> Sample:
    """Variants of a network, evaluated and written out in full detail after a first one."""
    calculation = explainer.load(fully_connected(size, size, size))
    _document(calculation)
    evaluated, rendered = [], []
    for number in range(repetitions):
        values = {"i1": two_decimals(number) or Decimal("0.01")}
        evaluated.append(once(partial(calculation.with_values, values)))
        rendered.append(once(partial(_document, calculation.with_values(values))))
    name = f"{size}-{size}-{size}"
    return Sample(name, len(calculation.derivation.steps), Times(tuple(evaluated)), Times(tuple(rendered)))


def marginal(smaller: Sample, larger: Sample) -> float:
    """Seconds for one Step more."""
    return (larger.least - smaller.least) / (larger.steps - smaller.steps)


def _document(calculation: explainer.Calculation) -> str:
    return calculation.walkthrough("full").markdown


def _each(seconds: float, steps: int) -> str:
    """Microseconds per Step."""
    return f"{1e6 * seconds / steps:.1f}"


def _grown(row: Row, ratio: float) -> Row:
    return row._replace(ratio=f"{ratio:.2f}", target=f"at most {MOST_GROWTH}", verdict=verdict(ratio <= MOST_GROWTH))


def _new_structures() -> Iterator[Row]:
    """From the table to the first document, for structures that are new."""
    each = []
    for size in (MIDDLE, LARGE):
        table = fully_connected(size, size, size)
        steps = len(explainer.load(table).derivation.steps)
        each.append(min(once(partial(_first_document, table)) for _ in range(3)) / steps)
        row = Row(f"a new structure: {size}-{size}-{size}", f"{1e6 * each[-1]:.1f} µs per Step")
        growth = f"{each[-1] / each[0]:.2f}"
        yield row if size == MIDDLE else row._replace(ratio=growth, target="none; quadratic work shows")


def _first_document(table: Table) -> str:
    return _document(explainer.load(table))


def _alone() -> Iterator[Row]:
    """The whole command in a fresh process, imports and all."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "large.toml"
        file.write_text(toml(fully_connected(LARGE, LARGE, LARGE)), encoding="utf-8")
        for ending in LIMITS:
            yield _written(file, ending)


def _written(file: Path, ending: str) -> Row:
    label, most_seconds, most_mb = LIMITS[ending]
    what = f"{LARGE}-{LARGE}-{LARGE}, the whole process, {label}"
    folder = file.parent / ending
    options = ("--detail", "full", "--format", ending, "-o", str(folder))
    try:
        children = [run_explainer("walkthrough", str(file), *options) for _ in range(3)]
    except ChildFailedError as error:
        return Row(what, f"failed: {error}")
    best = min(children, key=lambda child: child.seconds)
    memory = "peak not known here" if best.peak_mb is None else f"{best.peak_mb:.0f} MB peak"
    size = sum(path.stat().st_size for path in folder.glob(f"*.{ending}")) / 1e6
    met = best.seconds <= most_seconds and (best.peak_mb or 0) <= most_mb
    asked = f"at most {most_seconds:.0f} s, {most_mb:.0f} MB"
    return Row(what, f"{best.seconds:.2f} s, {memory}", f"writes {size:.1f} MB", "", asked, verdict(met))
