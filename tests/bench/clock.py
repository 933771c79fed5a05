"""Times: CPU time of a function in this process, and of whole child processes with their peak memory."""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOPWATCH = Path(__file__).with_name("stopwatch.py")
COMMAND_LINE = "from explainer.cli import run; run()"
"""What the installed command ``explainer`` runs."""


@dataclass(frozen=True, slots=True)
class Times:
    """Several times of the same work, in seconds."""

    seconds: tuple[float, ...]

    @property
    def least(self) -> float:
        """The time least disturbed by whatever else the machine does."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The usual time."""
        return statistics.median(self.seconds)

    @property
    def ms(self) -> str:
        """The median in milliseconds, with the least beside it."""
        return f"{milliseconds(self.median)} (least {milliseconds(self.least)})"


def milliseconds(seconds: float) -> str:
    """A time as text: three digits, in ms."""
    ms = 1000 * seconds
    return f"{ms:.2f} ms" if ms < 10 else f"{ms:.1f} ms" if ms < 100 else f"{ms:,.0f} ms"


def cpu(work: Callable[[], object], repetitions: int) -> Times:
    """CPU time of ``work``, repeated."""
    return one_after_another([work] * repetitions)


def one_after_another(works: Iterable[Callable[[], object]]) -> Times:
    """CPU time of each work, after the garbage of what was before is collected; their own is theirs to collect."""
    gc.collect()
    return Times(tuple(_timed(work) for work in works))


def once(work: Callable[[], object]) -> float:
    """CPU time of ``work`` in seconds, after the garbage of what was before is collected."""
    return one_after_another([work]).least


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@dataclass(frozen=True, slots=True)
class Child:
    """What a child process took."""

    seconds: float
    """CPU time, user and system; elapsed time where the system has no ``os.wait4`` (Windows)."""
    elapsed: float
    peak_mb: float | None
    """Most memory resident at one time; None where the system does not say."""


def python(*arguments: str) -> Child:
    """Run this Python in a new process, from the root of the checkout.

    The process is started by a small one of its own (``stopwatch.py``): Linux counts the memory of the process that
    starts another one to the peak of the one started.

    Raises:
        ChildFailedError: where it ends with an error; the message is the last line of what it said.
    """
    command = [sys.executable, "-I", "-S", str(STOPWATCH), sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", env=_environment())
    if done.returncode:
        raise ChildFailedError((done.stderr.strip() or "failed without a word").splitlines()[-1].strip())
    return Child(**json.loads(done.stdout.splitlines()[-1]))


def explainer(*arguments: str) -> Child:
    """Run the command line in a new process, as the installed command does.

    Raises:
        ChildFailedError: where it ends with an error.
    """
    return python("-c", COMMAND_LINE, *arguments)


class ChildFailedError(Exception):
    """A child process ended with an error; the message is the last line of what it said."""


def in_turn(works: Sequence[Callable[[], Child]], rounds: int) -> list[list[Child]]:
    """The children of each work, run in turn (A B C, A B C, …), so that a slow minute falls on all alike."""
    for work in works:  # once to warm the disk's cache and to write compiled modules and templates
        work()
    found: list[list[Child]] = [[] for _ in works]
    for _ in range(rounds):
        for children, work in zip(found, works, strict=True):
            children.append(work())
    return found


def median_ratio(children: Sequence[Child], against: Sequence[Child]) -> float:
    """The median of the ratios of each pair."""
    return statistics.median(one.seconds / other.seconds for one, other in zip(children, against, strict=True))


def times(children: Sequence[Child]) -> Times:
    """The CPU times of some child processes."""
    return Times(tuple(child.seconds for child in children))


def _environment() -> dict[str, str]:
    """That of this process, but compiled modules are kept, as an installation has them."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONIOENCODING": "utf-8"}
