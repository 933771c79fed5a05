"""What a line is worth, what each verdict earns, and what the teacher has decided otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from ..calculus.derive import Kind
from ..formulas.problems import Problems, nearest
from ..spec.files import Source, parse
from ..spec.types import Spec
from ..spec.values import Choice, Integer, Key, Number, Table, described
from .names import Names

EARNS: Mapping[str, str] = {
    "right": "1",
    "rounding": "1",
    "follows": "1",
    "convention": "1",
    "again": "1",
    "too_few_digits": "1",
    "method": "0",
    "copying": "0",
    "unexplained": "0",
    "missing": "0",
    "unreadable": "0",
}
"""The part of a line's points that each verdict earns, unless the policy file says otherwise."""
MOST, MOST_DECIMALS = 1000, 6
"""The most that anything is worth, and how finely."""
BY_HAND = ("formula", "substitution")
"""The blanks of a worksheet that nobody but a person can mark."""


class Policy(Struct, frozen=True):
    """How a sheet is scored."""

    points: Decimal = Decimal(1)
    kinds: Mapping[str, Decimal] = field(default_factory=dict)
    lines: Mapping[str, Decimal] = field(default_factory=dict)
    credit: Mapping[str, Decimal] = field(default_factory=lambda: {name: Decimal(part) for name, part in EARNS.items()})
    digits: int | None = None
    """The fewest significant digits that a figure should have."""
    expected: str = "sheet"
    """Whether lines that the sheet does not list are missing: ``sheet`` (no) or ``all``."""
    overrides: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    """Student → line → points, as the teacher decided."""
    blanks: Mapping[str, Decimal] = field(default_factory=dict)
    """What a blank of a worksheet is worth that is no result; left out: as much as its line."""

    def worth(self, line: str, kind: Kind | None) -> Decimal:
        """What a line is worth."""
        return self.lines.get(line, self.kinds.get(kind.value if kind else "given", self.points))

    def blank(self, part: str, line: str, kind: Kind | None) -> Decimal:
        """What a blank of a worksheet is worth: for a result as much as the line, as a check scores it."""
        return self.blanks.get(part, self.worth(line, kind))

    def under_ids(self, names: Names) -> Policy:
        """The policy with its lines under the ids that they have in a calculation."""
        return replace(self, lines={names.find(name) or name: points for name, points in self.lines.items()})


class _Amount(Struct, frozen=True):
    """A number of points."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The number."""
        literal = Number().read(value, where, problems)
        if literal is None:
            return None
        if literal.value < 0:
            return problems.add(where, f"expected a number that is not negative, found {literal.text}")
        if literal.value > MOST or int(literal.value.as_tuple().exponent) < -MOST_DECIMALS:
            allowed = f"expected a number up to {MOST} with at most {MOST_DECIMALS} decimals"
            return problems.add(where, f"{allowed}, found {literal.text}")
        return literal.value

    def schema(self) -> dict[str, Any]:
        """A number."""
        return {"type": "number", "minimum": 0, "maximum": MOST}


class _Amounts(Struct, frozen=True):
    """A table from names of any kind to numbers of points."""

    names: tuple[str, ...] = ()
    """The names that may stand there; empty: any."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """The numbers, each one checked."""
        if not isinstance(value, dict):
            return problems.add(where, f"expected a table [{where}], found {described(value)}")
        found = {}
        for name, amount in value.items():
            place = f'{where}."{name}"'
            if self.names and name not in self.names:
                problems.add(place, "unknown key", f"allowed: {', '.join(self.names)}")
                continue
            points = _Amount().read(amount, place, problems)
            if points is not None:
                found[name] = points
        return found

    def schema(self) -> dict[str, Any]:
        """An object of numbers."""
        return {"type": "object", "additionalProperties": _Amount().schema()}


class _Overrides(Struct, frozen=True):
    """A table per student."""

    def read(self, value: Any, where: str, problems: Problems) -> Any:
        """Student → line → points."""
        if not isinstance(value, dict):
            return problems.add(where, f"expected tables [{where}.STUDENT], found {described(value)}")
        return {student: _Amounts().read(lines, f"{where}.{student}", problems) for student, lines in value.items()}

    def schema(self) -> dict[str, Any]:
        """An object of objects."""
        return {"type": "object", "additionalProperties": _Amounts().schema()}


POLICY = Table(
    (
        Key("points", _Amount(), "what a line is worth; default: 1"),
        Key("digits", Integer(1, 40), "the fewest significant digits that a figure should have"),
        Key("expected", Choice(("sheet", "all")), "whether lines that a sheet does not list are missing"),
        Key("kinds", _Amounts((*(kind.value for kind in Kind), "given")), "what a kind of line is worth"),
        Key("lines", _Amounts(), "what a single line is worth, by its id"),
        Key("blanks", _Amounts(BY_HAND), "what a blank of a worksheet is worth that is no result"),
        Key("credit", _Amounts(tuple(EARNS)), "the part of its points that a line earns, by its verdict"),
        Key("overrides", _Overrides(), "points that the teacher gives: a table per student, lines by their ids"),
    )
)


def read_policy(source: Source) -> Policy:
    """The policy of a TOML file.

    Raises:
        CalculationError: where the file says something impossible.
    """
    problems = Problems(source.label)
    table = POLICY.read(parse(source), "", problems) or {}
    problems.stop_if_any()
    usual = Policy()
    points = table.get("points")
    return Policy(
        usual.points if points is None else points,
        table.get("kinds") or {},
        table.get("lines") or {},
        {**usual.credit, **(table.get("credit") or {})},
        table.get("digits"),
        table.get("expected") or "sheet",
        table.get("overrides") or {},
        table.get("blanks") or {},
    )


def check_lines(policy: Policy, label: str, spec: Spec, names: Names) -> None:
    """Refuse a policy that names lines which the calculation does not have; with layers of other sizes it might.

    Raises:
        CalculationError: with each of them, and the nearest that there are.
    """
    problems = Problems(label)
    for name in policy.lines:
        if not names.find(name):
            problems.add(f'lines."{name}"', f"there is no line `{name}`", nearest(name, names.known))
    if not (spec.variants and spec.variants.sizes):
        problems.stop_if_any()


def plain_points(points: Decimal) -> str:
    """Points without idle zeros: ``2``, ``1.5``."""
    text = format(points, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
