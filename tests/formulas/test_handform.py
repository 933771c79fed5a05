"""Hand forms: the derivatives that people write, proven against SymPy's own differentiation of SymPy's own reading."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import sympy
from sympy.parsing.sympy_parser import parse_expr, rationalize, standard_transformations

import explainer
from explainer.formulas.expression import Slot
from explainer.formulas.functions import FUNCTIONS
from explainer.formulas.reader import read_formula
from explainer.formulas.shape import OUTPUT, FunctionTable
from explainer.formulas.text import formula_text
from tests.networks import SMOOTH_FUNCTIONS, Part, expression

NAMES = ("a", "b", "x", "E", "S")
SYMBOLS: dict[str, Any] = {name: sympy.Symbol(name, positive=True) for name in NAMES}
SYMPY: dict[str, Any] = {
    name: getattr(sympy, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "atan")
} | {
    "log10": lambda x: sympy.log(x) / sympy.log(10),
    "identity": lambda x: x,
    "logistic": lambda x: 1 / (1 + sympy.exp(-x)),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "silu": lambda x: x / (1 + sympy.exp(-x)),
    "softmax": lambda own, *among: sympy.exp(own) / sympy.Add(*map(sympy.exp, among)),
    "log_softmax": lambda own, *among: own - sympy.log(sympy.Add(*map(sympy.exp, among))),
    "log_sum_exp": lambda *among: sympy.log(sympy.Add(*map(sympy.exp, among))),
    "Abs": sympy.Abs,
    "sign": sympy.sign,
}


def read_by_python(text: str, **more: Any) -> Any:
    """The formula as Python and SymPy understand it, literals exact; none of the explainer's reader is used."""
    text = text.replace("pi()", "pi")
    return parse_expr(text, local_dict=SYMPY | SYMBOLS | more, transformations=(*standard_transformations, rationalize))


def derivative(formula: str, name: str) -> str:
    """The partial derivative in ``name`` as a line of working, with ``y`` for the formula's own value."""
    table = FunctionTable()
    shape, arguments = table.shape_of(read_formula(formula, table.rows))
    partial = table.partial(shape, arguments.index(name))
    names = ["y" if pick == OUTPUT else arguments[pick] for pick in partial.picks]
    return formula_text(partial.shape.formula, names)


def wrong(formula: str, name: str, found: str) -> bool:
    """Whether SymPy can tell the derivative from its own: by simplification, else at 30 digits in three points."""
    whole = read_by_python(formula)
    difference = sympy.diff(whole, SYMBOLS[name]) - read_by_python(found, y=whole)
    if sympy.simplify(difference) == 0:
        return False
    points = (
        {symbol: sympy.Rational(k + place, 7) for place, symbol in enumerate(SYMBOLS.values(), 3)} for k in (0, 5, 11)
    )
    return any(abs(sympy.N(difference.subs(values), 30, maxn=500)) > 1e-20 for values in points)


# over random expressions


def random_formula(seed: int, depth: int) -> Part:
    """A random expression over the five names."""
    random = Random(f"hand {seed} {depth}")
    return expression(
        random, [Part(name, 0.3 + 0.4 * place, 3) for place, name in enumerate(NAMES)], depth, SMOOTH_FUNCTIONS
    )


@pytest.mark.parametrize("depth", [1, 2])
def test_a_derivative_is_what_sympy_says_it_is(depth: int) -> None:
    """Sums, products, quotients, powers and functions, at random, in each of their names."""
    count = 0
    for seed in range(80):
        formula = random_formula(seed, depth).text
        for name in NAMES:
            if read_by_python(formula).has(SYMBOLS[name]):
                found = derivative(formula, name)
                assert not wrong(formula, name, found), f"d({formula})/d{name} is not {found}"
                count += 1
    assert count > 80


def test_every_random_expression_has_a_derivative() -> None:
    """Deeper expressions, for which a proof would take too long here: none is refused and none fails."""
    for seed in range(250):
        formula = random_formula(seed, 3).text
        for name in NAMES:
            if name in formula_names(formula):
                assert derivative(formula, name)


def formula_names(formula: str) -> tuple[str, ...]:
    """The names in a formula."""
    return FunctionTable().shape_of(read_formula(formula, FUNCTIONS))[1]


def test_the_comparison_notices_a_wrong_derivative() -> None:
    """A wrong sign, a lost inner derivative and a lost term are told from the truth."""
    assert wrong("(a - b)**2", "b", "2*(a - b)")
    assert wrong("sin(2*a)", "a", "cos(2*a)")
    assert wrong("a*b + a", "a", "b")
    assert not wrong("sin(2*a)", "a", "2*cos(2*a)")


# what people write


@pytest.mark.parametrize(
    ("formula", "name", "written"),
    [
        ("1/2*(a - x)**2", "x", "-(a - x)"),  # ½ cancels the 2; the minus comes from inside (Mazur 2015)
        ("1/2*(a - x)**2", "a", "a - x"),
        ("(a - x)**2", "x", "-2*(a - x)"),
        ("logistic(x)", "x", "y*(1 - y)"),
        ("tanh(x)", "x", "1 - y**2"),
        ("exp(x)", "x", "y"),
        ("log(x)", "x", "1/x"),
        ("sqrt(x)", "x", "1/(2*y)"),
        ("sin(x)", "x", "cos(x)"),
        ("cos(x)", "x", "-sin(x)"),
        ("atan(x)", "x", "1/(1 + x**2)"),
        ("identity(x)", "x", "1"),
        ("a*x + b*1", "a", "x"),
        ("a*x + b*1", "b", "1"),
        ("a*x + b*1", "x", "a"),
        ("x**2", "x", "2*x"),
        ("x**3", "x", "3*x**2"),
        ("a*x**2", "x", "2*a*x"),
        ("0.10*x", "x", "0.10"),  # a literal keeps its text
        ("0.1*x**2", "x", "0.2*x"),  # decimals stay decimals (Zhang et al., "Dive into Deep Learning", 12.6)
        ("0.5*x**2", "x", "x"),
        ("x**2/8", "x", "x/4"),
        ("1.5e-7*x**3", "x", "4.5e-7*x**2"),
        ("a - max(0, x)", "x", "0 if 0 >= x else (-1)"),  # the minus goes into the cases, so that none reads -0
        ("x/a", "x", "1/a"),
        ("a/x", "x", "-a/x**2"),
        ("a - x", "x", "-1"),
        ("-x", "x", "-1"),
        ("x*x", "x", "2*x"),
        ("a*b*x", "b", "a*x"),
        ("exp(2*x)", "x", "2*y"),
        ("sin(a*x)", "x", "cos(a*x)*a"),
        ("(a*x + b)**2", "x", "2*(a*x + b)*a"),
    ],
)
def test_a_derivative_is_written_as_people_write_it(formula: str, name: str, written: str) -> None:
    """Not as SymPy re-orders it: -(target - out), and not out - target. Factors may stand in another order."""
    found = derivative(formula, name)
    assert not wrong(formula, name, found)
    assert same_up_to_order(found, written), f"{found}, not {written}"


def same_up_to_order(one: str, other: str) -> bool:
    """Whether two formulas are made of the same signs, numbers and names."""
    return sorted(one.replace(" ", "")) == sorted(other.replace(" ", ""))


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        ("tanh(x) + a", "1 - tanh(x)**2"),
        ("a + logistic(x)", "logistic(x)*(1 - logistic(x))"),
        ("a - exp(x)", "-exp(x)"),
        ("a + sqrt(x) + b", "1/(2*sqrt(x))"),
        ("a*b + tanh(a*x)", "(1 - tanh(a*x)**2)*a"),
    ],
)
def test_a_function_in_a_sum_keeps_its_own_output(formula: str, written: str) -> None:
    """In tanh(x) + a the slope of the first term is 1 - tanh(x)², not 1 - x², nor 1 - y² with the sum as y."""
    found = derivative(formula, "x")
    assert not wrong(formula, "x", found), f"{found}, not {written}"


def test_a_line_of_the_article_is_in_hand_form() -> None:
    """-(target - out), out·(1 - out), and the other factor of a product."""
    calculation = explainer.load("mazur")
    assert calculation["dE_total/dout_o1"].formula == "-(target_o1 - out_o1)"
    assert calculation["dout_o1/dnet_o1"].formula == "out_o1*(1 - out_o1)"
    assert calculation["dnet_o1/dw5"].formula == "out_h1"


def test_the_partial_of_a_sum_is_shared_by_all_terms_of_one_form() -> None:
    """A net input of fifty products is differentiated once: every weight's factor is the same Shape."""
    table = FunctionTable()
    shape, arguments = table.shape_of(read_formula(" + ".join(f"w{n}*x{n}" for n in range(50)), table.rows))
    partials = [table.partial(shape, arguments.index(f"w{n}")) for n in range(50)]
    assert len({partial.shape for partial in partials}) == 1
    assert [arguments[partial.picks[0]] for partial in partials] == [f"x{n}" for n in range(50)]
    assert table.partial(shape, 0).shape.formula == Slot(0)


# forms that are hard to derive


@pytest.mark.parametrize(
    "formula",
    [
        "a*x/(x*x)",
        "x/a/x",
        "a/x/x/x",
        "(x**2)**0.5",
        "(a*x*x)**(1/3)",
        "(x*x)**a",
        "x**x",
        "x**a",
        "a**x",
        "x**(-2)",
        "x**0",
        "x**1",
        "(1/2)**x",
        "1/(x + 1/x)",
        "sqrt(x**2 + a**2)",
        "log(a*x)/log(x + 1)",
        "exp(-x**2/(2*a**2))",
        "x*(x*(x*(x + a) + a) + a)",
        "logistic(logistic(x))*logistic(x)",
        "a + 0*x",
        "x - x",
    ],
)
def test_a_hard_form_has_a_right_derivative(formula: str) -> None:
    """Divisors that cancel, powers of powers, variable exponents, functions of functions."""
    assert not wrong(formula, "x", derivative(formula, "x"))


@pytest.mark.parametrize("x", [2, -2])
@pytest.mark.parametrize(("formula", "slope"), [("(x**2)**0.5", 1), ("sqrt(x*x)", 1), ("(x**2)**1.5", 12)])
def test_the_root_of_a_square_has_a_slope_on_both_sides_of_zero(formula: str, x: int, slope: int) -> None:
    """SymPy calls it |x|; its slope is the sign of x, and that of |x|³ is 3x|x|, which is 12 and -12 here."""
    table = {"parameters": {"x": x}, "formulas": {"L": formula}, "training": {"loss": "L"}}
    assert float(explainer.load(table)["dL/dx"].value) == pytest.approx(slope if x > 0 else -slope, rel=1e-15)
