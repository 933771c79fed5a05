"""The table of functions: every row proven by SymPy, every elementary function right in all of its digits."""

from __future__ import annotations

import decimal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from random import Random

import flint
import pytest
from msgspec.structs import replace

import explainer
from explainer.formulas.families import FAMILIES, member, member_name
from explainer.formulas.functions import ACTIVATIONS, FUNCTIONS, Function
from explainer.formulas.losses import LOSSES
from explainer.formulas.reader import read_formula
from explainer.formulas.shape import FunctionTable
from explainer.formulas.symbolic import prove_row
from explainer.numbers.arithmetic import DECIMAL, FLOAT, context

MEMBERS = {
    name: member(name)
    for family, row in FAMILIES.items()
    for count in range(1, 6)
    for name in (member_name(family, place, count) for place in (range(1, count + 1) if row.picks_one else [0]))
}
"""Every function that the families make of one to five arguments, by its inner name: ``softmax:2:3``."""
CONSTANT = ("softmax:1:1", "log_softmax:1:1")
"""One among one: always 1, and its slope 0, which a factor leaves as it is."""
ROWS = {**FUNCTIONS, **MEMBERS}
FORMULAS = {name: read_formula(row.formula, FUNCTIONS) for name, row in ROWS.items() if row.formula}
ELEMENTARY = [name for name, row in FUNCTIONS.items() if row.elementary]
PRECISION = 50
NEAR_PI = "3.141592653589793238462643383279502884197"


def unproven(row: Function) -> list[str]:
    """The arguments for which the row's derivative is not that of its formula."""
    formulas = FORMULAS | ({row.name: read_formula(row.formula, FUNCTIONS)} if row.formula else {})
    return prove_row(row, formulas, [read_formula(text, FUNCTIONS) for text in row.derivatives])


# the rows


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_derivative_of_a_row_is_that_of_its_formula(row: Function) -> None:
    """SymPy differentiates the formula and proves the hand form equal to it."""
    assert unproven(row) == []


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS.values() if set(row.derivatives) - {"0"} and row.name not in CONSTANT],
    ids=lambda row: getattr(row, "name", ""),
)
@pytest.mark.parametrize("slip", ["-({})", "2*({})", "({}) + 1"])
def test_a_slip_in_a_derivative_is_caught(row: Function, slip: str) -> None:
    """A wrong sign, a factor, a term: the proof fails."""
    assert unproven(replace(row, derivatives=tuple(slip.format(text) for text in row.derivatives))) != []


def test_a_slip_in_a_formula_is_caught() -> None:
    """y (1 - y) is the derivative of 1/(1 + e^-x), not of 1/(1 + e^(-2x))."""
    assert unproven(replace(FUNCTIONS["logistic"], formula="1/(1 + exp(-2*x))")) == ["x"]


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_has_a_derivative_for_each_argument(row: Function) -> None:
    """And the table knows it by its name."""
    assert len(row.derivatives) == row.arity
    assert FunctionTable().rows[row.name] == row


def test_a_family_of_a_row_that_is_none_is_no_function() -> None:
    """Names of members are made by the program alone."""
    for name in ("softmaks:1:2", "softmax", "softmax:1", "logistic:1:2"):
        with pytest.raises(KeyError):
            member(name)


@pytest.mark.parametrize("name", ELEMENTARY)
def test_both_arithmetics_know_every_elementary_function(name: str) -> None:
    """What has no formula is evaluated by decimals and by floats."""
    assert name in DECIMAL.functions
    assert name in FLOAT.functions


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in FAMILIES])
def test_an_activation_is_a_function_of_one_argument(name: str) -> None:
    """Every activation is a row of the table; arguments beyond the first have a value of their own."""
    assert FUNCTIONS[name].arity - len(FUNCTIONS[name].defaults) == 1


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name in FAMILIES])
def test_an_activation_of_a_whole_layer_is_a_family_with_a_place(name: str) -> None:
    """Each unit is one of the arguments, so the function must say which."""
    assert FAMILIES[name].picks_one


@pytest.mark.parametrize(
    "loss", [name for name, row in LOSSES.items() if row.term and "logit" not in name and "1 - out" not in row.term]
)
def test_a_loss_is_read_and_vanishes_at_the_target(loss: str) -> None:
    """An output that hits its target of 1 has no error (a binary cross-entropy only tends to that, by log(1 - out)).

    Where outputs are logarithms of probabilities, 0 is a hit.
    """
    hit = 0 if loss == "negative log-likelihood" else 1
    table = {"given": {"target": 1, "out": hit}, "formulas": {"L": LOSSES[loss].term}}
    assert explainer.load(table)["L"].value == 0


@pytest.mark.parametrize(
    ("loss", "right", "others"),
    [("cross-entropy", 1, [0.5]), ("negative log-likelihood", 0, [-1]), ("multiclass hinge error", 3, [2, 1.5])],
)
def test_a_loss_for_classes_vanishes_at_a_clear_answer(loss: str, right: float, others: list[float]) -> None:
    """The right class with probability 1 (logarithm 0), or ahead of all others by a margin of 1."""
    row = LOSSES[loss]
    for other in others:
        table = {"given": {"right": right, "out": other}, "formulas": {"L": row.of_class or row.of_others}}
        assert explainer.load(table)["L"].value == 0


# values


SMALL = ("exp", "sin", "cos", "tanh", "normal_cdf", "normal_pdf")
"""Functions of arguments up to 100; the others get any."""


def point(random: Random, name: str) -> Decimal:
    """An argument of any size that the function has a value for."""
    size = random.choice((0, 0, 0, 1, 2, -1, -5, -20, -45) if name in SMALL else (0, 0, 1, 3, 30, -1, -20, -45))
    digits = random.choice((1, 3, 17, 40))
    value = Decimal(random.randint(1, 10**digits)).scaleb(size - digits)
    return value if name in ("log", "log10", "sqrt") else value.copy_sign(random.choice((1, -1)))


def arguments(name: str, x: Decimal) -> tuple[Decimal, ...]:
    """What the function takes: ``x``, or nothing."""
    return (x,) * FUNCTIONS[name].arity


def ball(name: str, *x: Decimal, bits: int = 1000) -> flint.arb:
    """The value, held by a ball of so many bits."""
    flint.ctx.prec = bits
    balls = [flint.arb(str(argument)) for argument in x]
    return BALLS[name](*balls) if name in BALLS else getattr(balls[0], name)()


BALLS: dict[str, Callable[..., flint.arb]] = {
    "pi": flint.arb.pi,
    "log10": lambda x: x.log() / flint.arb(10).log(),
    "normal_cdf": lambda x: (-x / flint.arb(2).sqrt()).erfc() / 2,
    "normal_pdf": lambda x: (-x * x / 2).exp() / (2 * flint.arb.pi()).sqrt(),
}
"""Those that arb has under no name of their own (Abramowitz and Stegun 1964, section 26.2)."""


def off_by(found: Decimal, truth: flint.arb) -> float:
    """How far a decimal is from the truth, relative to it."""
    if not found:
        return 0.0 if truth == 0 else 1.0
    fraction = Fraction(found)
    value = flint.arb(fraction.numerator) / flint.arb(fraction.denominator)
    return float(abs((value - truth) / truth).upper())


@pytest.mark.parametrize(
    ("name", "precision"),
    [
        (name, digits)
        for name in ELEMENTARY
        for digits in (28, 39, 40, 50, 130)
        if name != "floor" or digits >= PRECISION
    ],
)
def test_decimals_of_an_elementary_function_are_right(name: str, precision: int) -> None:
    """At 300 random points from 1e-45 up, all but the last of the digits agree with interval arithmetic."""
    random = Random(name)
    with decimal.localcontext(context(precision)):
        for _ in range(300):
            x = arguments(name, point(random, name))
            assert off_by(DECIMAL.functions[name](*x), ball(name, *x)) < 10.0 ** (1 - precision), x


@pytest.mark.parametrize("name", ["exp", "log"])
@pytest.mark.parametrize("precision", [39, 40, 260, 520])
def test_many_decimals_of_an_elementary_function_are_right(name: str, precision: int) -> None:
    """Where another library takes over, no digit is lost; and what is exact stays known as exact."""
    random = Random(f"{name} {precision}")
    with decimal.localcontext(context(precision)) as current:
        for x in ("0.3", "1e-40", "123456.789", "1.00000000000000000001", *(point(random, name) for _ in range(30))):
            found, truth = DECIMAL.functions[name](Decimal(x)), ball(name, Decimal(x), bits=4 * precision + 200)
            assert off_by(found, truth) < 10.0 ** (1 - min(precision, 300)), x
            assert current.flags[decimal.Inexact]
        current.clear_flags()
        assert DECIMAL.functions[name](Decimal(name == "log")) == (name == "exp")
        assert not current.flags[decimal.Inexact]
        if name == "log":
            with pytest.raises(decimal.DecimalException):
                DECIMAL.functions[name](Decimal(-2))


@pytest.mark.parametrize(
    ("name", "x"),
    [
        ("cos", "1e25"),
        ("sin", "1e30"),
        ("tanh", "60"),
        ("tanh", "-1e9"),
        ("atan", "1e60"),
        ("exp", "-5000"),
        ("log", "1.0000000001"),
        ("sin", "-1e-9000"),
        ("cos", "1e-9000"),
        ("tanh", "1e-9000"),
        ("atan", "-1e9000"),
        ("normal_cdf", "-1e-9000"),
    ],
)
def test_decimals_stay_right_where_digits_are_easily_lost(name: str, x: str) -> None:
    """Next to a zero, far out, and where the function has all but reached its limit."""
    with decimal.localcontext(context(PRECISION)):
        assert off_by(DECIMAL.functions[name](Decimal(x)), ball(name, Decimal(x))) < 10.0 ** (1 - PRECISION)


@pytest.mark.parametrize("digits", [3, 12, 20])
def test_a_sine_next_to_its_zero_has_its_digits(digits: int) -> None:
    """Of a number that agrees with pi in 40 digits, the sine is what is left of them."""
    table = {"given": {"x": Decimal(NEAR_PI)}, "formulas": {"y": "sin(x)"}, "display": {"significant": digits}}
    text = Decimal(explainer.load(table)["y"].text)
    assert len(text.as_tuple().digits) == digits
    assert off_by(text, ball("sin", Decimal(NEAR_PI))) < 10.0 ** (1 - digits)


@pytest.mark.parametrize("name", ELEMENTARY)
def test_floats_of_an_elementary_function_are_right(name: str) -> None:
    """To the last few bits, at arguments of everyday size."""
    random = Random(name)
    for _ in range(100):
        x = arguments(name, Decimal(random.randint(1, 5000)).scaleb(-3))
        assert FLOAT.functions[name](*map(float, x)) == pytest.approx(float(ball(name, *x)), rel=1e-12)


BY_FORMULA: dict[str, Callable[[flint.arb], flint.arb]] = {
    "identity": lambda x: x,
    "logistic": lambda x: 1 / (1 + (-x).exp()),
    "softplus": lambda x: (1 + x.exp()).log(),
    "relu": lambda x: x.max(flint.arb(0)),
    "leaky_relu": lambda x: x.max(x / 100),
    "silu": lambda x: x / (1 + (-x).exp()),
    "softsign": lambda x: x / (1 + abs(x)),
    "elu": lambda x: x.max(flint.arb(0)) + (x.min(flint.arb(0)).exp() - 1),
    "gelu": lambda x: x * (1 + (x / flint.arb(2).sqrt()).erf()) / 2,
    "hard_tanh": lambda x: x.max(flint.arb(-1)).min(flint.arb(1)),
    "hard_sigmoid": lambda x: (x + 3).max(flint.arb(0)).min(flint.arb(6)) / 6,
}
"""Their definitions (Goodfellow, Bengio and Courville 2016, section 3.10; the papers named in the table)."""


@pytest.mark.parametrize("name", BY_FORMULA)
@pytest.mark.parametrize("x", ["-30.5", "-1", "0.25", "0", "7", "40"])
def test_a_function_with_a_formula_has_the_value_of_its_definition(name: str, x: str) -> None:
    """To 20 significant digits."""
    flint.ctx.prec = 2000
    table = {"given": {"x": Decimal(x)}, "formulas": {"y": f"{name}(x)"}, "display": {"significant": 20}}
    truth = BY_FORMULA[name](flint.arb(x))
    assert abs(flint.arb(explainer.load(table)["y"].text) - truth) <= abs(truth) * flint.arb("0.5e-19")


@pytest.mark.parametrize("name", ["sin", "tanh"])
def test_a_function_of_an_enormous_number_is_answered_or_refused_at_once(name: str) -> None:
    """exp(exp(16)) has nearly four million digits before its point; nobody waits for its sine."""
    program = f"""
import explainer
try:
    explainer.load({{"given": {{"x": 16}}, "formulas": {{"y": "{name}(exp(exp(x)))"}}}})
except explainer.ExplainerError:
    pass
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=4, check=False).returncode == 0


def test_the_largest_and_the_smallest_of_several() -> None:
    """Two at a time, from the left; the slope is that of the side that decides: d(max - min)/dr = 1, d/dq = -1."""
    table = {
        "parameters": {"p": 2, "q": -0.75, "r": 5},
        "formulas": {"m": "max(p, q, r, 1) - min(q, p, r)"},
        "training": {"loss": "m"},
    }
    calculation = explainer.load(table)
    assert calculation["m"].formula == "max(max(max(p, q), r), 1) - min(min(q, p), r)"
    assert calculation["m"].value == Decimal("5.75")
    assert [calculation[f"dm/d{name}"].value for name in "pqr"] == [0, -1, 1]


@pytest.mark.parametrize("call", ["max(1)", f"max({', '.join('1' * 17)})"])
def test_a_maximum_of_too_few_or_too_many_is_refused(call: str) -> None:
    """With how many it takes."""
    with pytest.raises(explainer.ExplainerError, match="takes 2 to 16 argument"):
        explainer.load({"given": {"a": 1}, "formulas": {"m": call}})
