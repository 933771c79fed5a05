"""What commands share: the calculation and the formats asked for, and how far along the work is."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..calculation import Calculation

DEFAULT_FORMATS = ("md", "tex", "html", "json")
FORMATS = (*DEFAULT_FORMATS, "pdf")
CHECK_FORMATS = ("text", "md", "html", "json", "csv")
HANDOUT_FORMATS = ("md", "tex", "html", "pdf")
NEEDS_SECRET = "--code: needs the secret that it was made with\n    --secret FILE"
FEW = 20
"""For fewer no progress is shown."""


def loaded(options: argparse.Namespace) -> Calculation:
    """The calculation that is asked for."""
    from ..calculation import load

    return load(options.spec)


def formats_in(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """The formats that are asked for, each once.

    Raises:
        ExplainerError: for one that is not known, or none.
    """
    from ..formulas.problems import ExplainerError, nearest

    asked = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in asked:
        if name not in known:
            raise ExplainerError(f'--format: "{name}" is not a format\n    {nearest(name, known)}')
    if not asked:
        raise ExplainerError(f"--format: nothing is asked for\n    allowed: {', '.join(known)}")
    return asked


class Progress:
    """A line on the terminal, where there is one: how many, how fast, how long still."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.before = -1

    def __call__(self, done: int, of: int) -> None:
        """Say where things are."""
        if self.before < 0:
            self.before = done
        if of < FEW or not sys.stderr.isatty():
            return
        rate = (done - self.before) / max(time.monotonic() - self.start, 0.001)
        left = f"{(of - done) / rate:.0f} s left" if rate else "…"
        bar = "#" * (30 * done // of)
        print(f"\r[{bar:30}] {done}/{of}, {rate:.0f} a second, {left}   ", end="", file=sys.stderr)
        if done == of:
            print(file=sys.stderr)
