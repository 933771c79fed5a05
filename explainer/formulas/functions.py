"""The table of functions. A function is a row; nothing else in the program knows one by name.

An *elementary* row is evaluated by the arithmetic itself (``numbers.arithmetic``); any other row has a formula
in the language of the calculation file. ``derivatives`` are the forms that people write, one per argument: ``x``
(or ``x1``, ``x2``) is the argument, ``y`` the function's own output. SymPy proves each equal to the derivative of
the formula: in the tests for these rows, on loading for a row that a user defines.
"""

from __future__ import annotations

from msgspec import Struct


class Function(Struct, frozen=True):
    """One row.

    ``tex`` holds ``#`` where the arguments go, in parentheses unless braces or bars stand around it, or ``#1``, ``#2``,
    … where each one goes; empty where the formula is printed in place of the name.
    """

    name: str
    derivatives: tuple[str, ...]
    formula: str = ""
    tex: str = ""
    arity: int = 1
    defaults: tuple[str, ...] = ()
    """Values of the last arguments where they are left out, such as the slope of a leaky relu."""
    folds: bool = False
    """Whether more than two arguments are taken two at a time, from the left."""

    @property
    def elementary(self) -> bool:
        """Whether the arithmetic evaluates it, rather than a formula of the table."""
        return not self.formula


def argument_names(arity: int) -> tuple[str, ...]:
    """The argument names that a row's formulas use: ``x``, or ``x1``, ``x2``, …"""
    return ("x",) if arity == 1 else tuple(f"x{number}" for number in range(1, arity + 1))


FUNCTIONS: dict[str, Function] = {
    row.name: row
    for row in (
        # elementary
        Function("exp", ("y",), tex="e^{#}"),
        Function("log", ("1/x",), tex=r"\ln#"),
        Function("log10", ("1/(x*log(10))",), tex=r"\log_{10}#"),
        Function("sqrt", ("1/(2*y)",), tex=r"\sqrt{#}"),
        Function("sin", ("cos(x)",), tex=r"\sin#"),
        Function("cos", ("-sin(x)",), tex=r"\cos#"),
        Function("tanh", ("1 - y**2",), tex=r"\tanh#"),
        Function("atan", ("1/(1 + x**2)",), tex=r"\arctan#"),
        Function("normal_cdf", ("normal_pdf(x)",), tex=r"\Phi#"),
        Function("normal_pdf", ("-x*y",), tex=r"\varphi#"),
        Function("pi", (), tex=r"\pi", arity=0),
        # with a jump or a kink
        Function("floor", ("0",), tex=r"\lfloor # \rfloor"),
        Function("step", ("0",), "1 if x >= 0 else 0"),
        Function("sign", ("0",), "1 if x > 0 else (-1 if x < 0 else 0)", tex=r"\mathrm{sgn}#"),
        Function("abs", ("sign(x)",), "x if x > 0 else -x", tex=r"\lvert #\rvert"),
        Function(
            "max", ("1 if x1 >= x2 else 0", "0 if x1 >= x2 else 1"), "x1 if x1 >= x2 else x2", r"\max#", 2, folds=True
        ),
        Function(
            "min", ("1 if x1 <= x2 else 0", "0 if x1 <= x2 else 1"), "x1 if x1 <= x2 else x2", r"\min#", 2, folds=True
        ),
        # activations, by formula
        Function("identity", ("1",), "x"),
        Function("logistic", ("y*(1 - y)",), "1/(1 + exp(-x))"),
        Function("sigmoid", ("y*(1 - y)",), "1/(1 + exp(-x))"),  # the logistic by its other name
        Function("relu", ("1 if x > 0 else 0",), "x if x > 0 else 0", tex=r"\max(0, #)"),
        Function(
            "leaky_relu",
            ("1 if x1 > 0 else x2", "0 if x1 > 0 else x1"),
            "x1 if x1 > 0 else x2*x1",
            arity=2,
            defaults=("0.01",),
        ),
        Function(  # Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by ELUs", 2016
            "elu",
            ("1 if x1 > 0 else y + x2", "0 if x1 > 0 else exp(x1) - 1"),
            "x1 if x1 > 0 else x2*(exp(x1) - 1)",
            arity=2,
            defaults=("1",),
        ),
        Function(  # Klambauer et al., "Self-normalizing neural networks", 2017, equation 2
            "selu",
            ("1.0507009873554805 if x > 0 else 1.0507009873554805*1.6732632423543772*exp(x)",),
            "1.0507009873554805*x if x > 0 else 1.0507009873554805*1.6732632423543772*(exp(x) - 1)",
        ),
        Function("softplus", ("1/(1 + exp(-x))",), "log(1 + exp(x))"),
        Function("softsign", ("1/(1 + abs(x))**2",), "x/(1 + abs(x))"),
        Function("gelu", ("normal_cdf(x) + x*normal_pdf(x)",), "x*normal_cdf(x)"),
        Function(  # Hendrycks, Gimpel, "Gaussian error linear units", 2016, section 2
            "gelu_tanh",
            (
                "1/2*(1 + tanh(0.7978845608028654*(x + 0.044715*x**3))) + x/2*(1 - tanh(0.7978845608028654*(x + "
                "0.044715*x**3))**2)*0.7978845608028654*(1 + 0.134145*x**2)",
            ),
            "x/2*(1 + tanh(0.7978845608028654*(x + 0.044715*x**3)))",
        ),
        Function("silu", ("y + (1 - y)/(1 + exp(-x))",), "x/(1 + exp(-x))"),
        Function(
            "hard_sigmoid",
            ("0 if x >= 3 else (1/6 if x > -3 else 0)",),
            "1 if x >= 3 else (x/6 + 1/2 if x > -3 else 0)",
        ),
        Function(
            "hard_tanh",
            ("0 if x >= 1 else (1 if x > -1 else 0)",),
            "1 if x >= 1 else (x if x > -1 else -1)",
        ),
    )
}

ACTIVATIONS: tuple[str, ...] = (
    "identity",
    "logistic",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "softplus",
    "softsign",
    "gelu",
    "gelu_tanh",
    "silu",
    "hard_sigmoid",
    "hard_tanh",
    "exp",
    "sin",
    "cos",
    "step",
    "sign",
    "softmax",
    "log_softmax",
)
"""The functions that a layer may name, apart from those that the file defines."""
