"""Numbers drawn by a hash: the same file, seed and number give the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal, localcontext
from hashlib import sha256

from ..spec.types import Grid

SCHEME = "explainer variants 1"
"""Changes whenever the same seed would give other numbers."""
EXACT = Context(prec=1000)


def place(count: int, *what: object) -> int:
    """A place from 0 below ``count``, for whatever is drawn.

    A hash has 256 bits, so that for 10^12 places none is likelier than another by more than one part in 10^64.
    """
    text = "\n".join([SCHEME, *map(str, what)])
    return int.from_bytes(sha256(text.encode()).digest(), "big") % count


def drawn(grids: Mapping[str, Grid], seed: int, number: int | str, attempt: int) -> dict[str, Decimal]:
    """A number from every grid."""
    with localcontext(EXACT):
        return {name: grid[place(grid.count, seed, number, name, attempt)] for name, grid in grids.items()}


def drawn_sizes(sizes: Sequence[Sequence[int]], seed: int, number: int | str) -> tuple[int, ...]:
    """A size for every hidden layer."""
    return tuple(allowed[place(len(allowed), seed, number, "size", i)] for i, allowed in enumerate(sizes))
