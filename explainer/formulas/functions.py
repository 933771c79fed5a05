"""The table of functions. A function is a row; nothing else in the program knows one by name.

An *elementary* row is evaluated by the arithmetic itself (``numbers.arithmetic``); any other row has a formula
in the language of the calculation file. ``derivatives`` are the forms that people write, one per argument: ``x``
(or ``x1``, ``x2``) is the argument, ``y`` the function's own output. SymPy proves each equal to the derivative of
the formula: in the tests for these rows, on loading for a row that a user defines.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """One row.

    ``tex`` holds ``#`` where each argument goes; empty where the formula is printed in place of the name.
    ``bare`` says that the argument stands inside braces and needs no parentheses.
    """

    name: str
    derivatives: tuple[str, ...]
    formula: str = ""
    tex: str = ""
    arity: int = 1
    symbolic: str = ""  # SymPy's name for an elementary row, where it differs

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
        Function("sqrt", ("1/(2*y)",), tex=r"\sqrt{#}"),
        Function("sin", ("cos(x)",), tex=r"\sin#"),
        Function("cos", ("-sin(x)",), tex=r"\cos#"),
        Function("tanh", ("1 - y**2",), tex=r"\tanh#"),
        Function("atan", ("1/(1 + x**2)",), tex=r"\arctan#"),
        # by formula
        Function("identity", ("1",), formula="x"),
        Function("logistic", ("y*(1 - y)",), formula="1/(1 + exp(-x))"),
        Function("softplus", ("1/(1 + exp(-x))",), formula="log(1 + exp(x))"),
    )
}

ACTIVATIONS: tuple[str, ...] = ("identity", "logistic", "tanh", "softplus", "sin", "exp")
