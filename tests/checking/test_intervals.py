"""Enclosures hold every value that the formula has in the box."""

from __future__ import annotations

import decimal
from decimal import Decimal
from random import Random

import pytest

from explainer.checking.intervals import enclosing
from explainer.checking.scales import DECIMALS, FLOATS, PEAKED, PERIODIC, RISING, Interval
from explainer.formulas.families import FAMILIES
from explainer.formulas.functions import FUNCTIONS
from explainer.formulas.reader import read_formula
from explainer.formulas.shape import FunctionTable, Shape
from explainer.numbers.arithmetic import DECIMAL, context
from explainer.numbers.compiling import shape_function
from tests.networks import Part, expression, number

TABLE = FunctionTable()


def shape_of(text: str) -> Shape:
    """The Shape of a formula."""
    return TABLE.shape_of(read_formula(text, TABLE.rows))[0]


def values_in(shape: Shape, box: list[tuple[Decimal, Decimal]], random: Random, count: int) -> list[Decimal]:
    """Exact values of the formula at places of the box, its corners among them; those that exist."""
    function = shape_function(shape, TABLE, DECIMAL)
    found = []
    with decimal.localcontext(context(80)):
        for turn in range(count):
            parts = [Decimal(random.choice((0, 1))) if turn % 2 else Decimal(random.random()) for _ in box]
            place = [low + (high - low) * part for (low, high), part in zip(box, parts, strict=True)]
            try:
                found.append(function(*place))
            except ArithmeticError:
                continue
    return found


def holds(enclosure: Interval, value: Decimal) -> bool:
    """Whether an enclosure holds a value."""
    return bool(Decimal(enclosure[0]) <= value <= Decimal(enclosure[1]))


def random_box(random: Random, arity: int, center: float = 1.0) -> list[tuple[Decimal, Decimal]]:
    """Intervals of very different widths, some of them points; their ends are machine numbers."""
    box = []
    for _ in range(arity):
        low = Decimal(round(random.uniform(-2, 2) * center * 4096)) / 4096
        box.append((low, low + random.choice((Decimal(0), Decimal(1) / 8192, Decimal("0.125"), Decimal(3)))))
    return box


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_is_enclosed(name: str) -> None:
    """For each row of the table and its derivatives: all values at random places of random boxes lie inside."""
    random = Random(name)
    arity = FUNCTIONS[name].arity
    places = ", ".join(f"x{i}" for i in range(arity))
    shape = shape_of(f"{name}({places})")
    shapes = [
        shape,
        *(TABLE.partial(shape, slot).shape for slot in range(arity) if name not in ("max", "min", "sign", "abs")),
    ]
    for shape in shapes:
        for _ in range(25):
            box = random_box(random, shape.arity, random.choice((0.5, 1, 4)))
            enclosure = enclosing(shape, TABLE, FLOATS)([(float(low), float(high)) for low, high in box])
            for value in values_in(shape, box, random, 8):
                assert holds(enclosure, value), (name, box, value, enclosure)


def test_random_formulas_are_enclosed() -> None:
    """Sums, products, quotients, powers and functions, in machine floats and in decimals of many digits."""
    random, checked = Random(5), 0
    for _ in range(150):
        known = [Part(name, float(number(random, True)), 3) for name in ("x", "y", "z")]
        shape = shape_of(expression(random, known, 3, (*FUNCTIONS, *FAMILIES)).text)
        box = random_box(random, shape.arity)
        floats = enclosing(shape, TABLE, FLOATS)([(float(low), float(high)) for low, high in box])
        with decimal.localcontext(context(60)):
            decimals = enclosing(shape, TABLE, DECIMALS)(box)
        for value in values_in(shape, box, random, 10):
            assert holds(floats, value), (shape, box, value, floats)
            assert holds(decimals, value), (shape, box, value, decimals)
            checked += 1
    assert checked > 500


@pytest.mark.parametrize(
    ("text", "box", "width"),
    [
        ("y*(1 - y)", (0.7513, 0.7515), 0.000101),  # the slope there is 1 - 2y = -0.503
        ("y*(1 - y)", (0.4999, 0.5001), 0.00000005),  # the top: by the slope alone the range is 0.0002 * 0.0002
        ("x - x", (3.0, 4.0), 1e-12),
        ("1 - y**2", (0.2, 0.3), 0.0500001),
    ],
)
def test_a_slot_that_occurs_twice_is_not_counted_twice(text: str, box: Interval, width: float) -> None:
    """The natural extension alone would be far wider."""
    low, high = enclosing(shape_of(text), TABLE, FLOATS)([box])
    assert high - low <= width


def test_nothing_is_said_where_nothing_can_be() -> None:
    """A division by an interval with 0 in it, and the logarithm of one."""
    for text in ("1/x", "log(x)"):
        low, high = enclosing(shape_of(text), TABLE, FLOATS)([(-1.0, 1.0)])
        assert low == -high == float("-inf")


def test_every_elementary_function_has_its_rule() -> None:
    """A new elementary function needs a row in one of the three tables."""
    assert {name for name, row in FUNCTIONS.items() if row.elementary and row.arity} == RISING | set(PERIODIC) | set(
        PEAKED
    )
