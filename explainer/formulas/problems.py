"""What is wrong with a file, in the user's words: every problem is collected, and all are reported together."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from msgspec import Struct, field

MOST_SHOWN = 12
LONGEST_LINE = 240


class ExplainerError(Exception):
    """An error that the user can mend; its text is the whole message, without a traceback."""


class Problem(Struct, frozen=True):
    """One thing that is wrong: where (file and key), what was found, and what is allowed."""

    where: str
    what: str
    allowed: str = ""

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.allowed:
            lines.append(f"    {self.allowed}")
        return "\n".join(lines)


class CalculationError(ExplainerError):
    """One or more problems of one file."""

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__(_message(source, self.problems))


class Problems(Struct):
    """A collector that goes along while a file is read."""

    source: str
    found: list[Problem] = field(default_factory=list)

    def add(self, where: str, what: str, allowed: str = "") -> None:
        """Note a problem and go on."""
        self.found.append(Problem(where, what, allowed))

    def stop_if_any(self) -> None:
        """Raise CalculationError with everything found so far, if there is anything."""
        if self.found:
            raise CalculationError(self.source, self.found)


def _message(source: str, problems: tuple[Problem, ...]) -> str:
    count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = [f"{source}: {count}"]
    lines += [f"  {_clean(line)}" for problem in problems[:MOST_SHOWN] for line in str(problem).splitlines()]
    if len(problems) > MOST_SHOWN:
        lines.append(f"  … and {len(problems) - MOST_SHOWN} more")
    return "\n".join(lines)


def _clean(line: str) -> str:
    """A line fit for a terminal: nothing that cannot be seen, and not without end."""
    seen = "".join(letter if letter.isprintable() else "�" for letter in line)
    return seen if len(seen) <= LONGEST_LINE else f"{seen[: LONGEST_LINE - 1]}…"


def nearest(name: str, valid: Iterable[str], *, most: int = 3) -> str:
    """``did you mean …?`` with the nearest valid names, or the whole list where none is near."""
    choices = list(dict.fromkeys(valid))
    lowered: dict[str, str] = {}
    for choice in choices:
        lowered.setdefault(choice.lower(), choice)
    near = [lowered[key] for key in difflib.get_close_matches(name.lower(), lowered, n=most, cutoff=0.6)]
    if near:
        return f"did you mean {listed(near, 'or')}?"
    if not choices:
        return "nothing is defined at this point"
    shown = choices[:12]
    more = f" and {len(choices) - 12} more" if len(choices) > 12 else ""
    return f"allowed: {', '.join(shown)}{more}"


def listed(words: Iterable[str], joiner: str = "and") -> str:
    """``a, b and c``."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {joiner} {items[-1]}"
