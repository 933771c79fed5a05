"""h. A course of worksheets with their keys as Markdown, over two processes, from the command line."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from .clock import Child, explainer
from .report import Row, verdict

COURSE, QUICK = 10_000, 500
MOST_SECONDS, MOST_MB = 60.0, 1024.0
JOBS = 2


def measure(rounds: int) -> Iterator[Row]:
    """A course of 10,000 (of 500 where it is to be quick), and what a second run of the same command takes."""
    count = COURSE if rounds > 3 else QUICK
    with tempfile.TemporaryDirectory() as folder:
        first, again = _run(count, folder), _run(count, folder)
        made = len(list((Path(folder) / "sheets").iterdir()))
    whole = count == COURSE
    asked = f"at most {MOST_SECONDS:.0f} s" if whole else ""
    what = f"{made} worksheets with keys, {JOBS} processes, elapsed"
    met = verdict(first.elapsed <= MOST_SECONDS) if whole else ""
    yield Row(what, f"{first.elapsed:.1f} s", target=asked, verdict=met)
    yield Row("    CPU time of it", f"{first.seconds:.1f} s, {1000 * first.seconds / made:.2f} ms a sheet")
    if first.peak_mb is not None:
        together = first.peak_mb * (JOBS + 1)
        limit = f"at most {MOST_MB:.0f} MB"
        what = f"    peak memory of the largest process, times {JOBS + 1}"
        yield Row(what, f"{together:.0f} MB", target=limit, verdict=verdict(together <= MOST_MB))
    yield Row("the same command once more, all there", f"{again.elapsed:.1f} s")


def _run(count: int, folder: str) -> Child:
    return explainer("handout", "mazur", "--variants", str(count), "--seed", "7", "--jobs", str(JOBS), "-o", folder)
