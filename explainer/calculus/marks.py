"""Marks on names: ``w5+`` and ``w5@2`` are the values after one and two updates, ``net_h1@1#3`` is that of sample 3.

The same marks stand behind the id of a line: ``dE_total/dw5@1#3`` is the gradient in the second step for sample 3.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_MARKS = re.compile(r"(?:(\+)|@(\d+))?(?:#(\d+))?$")


class Marked(NamedTuple):
    """A name or an id without its marks, and what they say."""

    name: str
    state: int
    """After how many updates."""
    sample: int
    """Counted from 1; 0 where it belongs to none or to all."""


@lru_cache(maxsize=100_000)
def parsed(id: str) -> Marked:
    """The name, the state and the sample that an id speaks of."""
    found = _MARKS.search(id)
    if found is None or not found.group():
        return Marked(id, 0, 0)
    new, state, sample = found.groups()
    return Marked(id[: found.start()], 1 if new else int(state or 0), int(sample or 0))


def plain(id: str) -> str:
    """The id without marks."""
    return parsed(id).name


def marked(name: str, state: int, sample: int, kept: bool = False) -> str:
    """A name with its marks; what is *kept* from step to step has a ``+`` after the first update."""
    after = "" if not state else "+" if kept and state == 1 else f"@{state}"
    return f"{name}{after}{f'#{sample}' if sample else ''}"
