"""Functions of any number of arguments: one row each, from which the table makes the function of so many arguments.

In the file ``softmax(z2, z1, z2, z3)`` is the share of z2 among all three: the first argument is one of the others.
Inside, that is the function ``softmax:2:3`` of z1, z2, z3: the second of three. ``x1`` … are the arguments of a row's
formula, ``{own}`` the one in question, ``{by}`` the one that the derivative is taken in, ``{all}`` all of them and
``{exponentials}`` the sum of their exponentials.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from .functions import Function, argument_names

MOST_WRITTEN_OUT = 6
"""Sums of more terms are printed with the middle left out."""
MOST_ARGUMENTS = 1000


class Family(Struct, frozen=True):
    """One row. ``in_own`` and ``in_other`` are the derivatives in the argument in question and in any other."""

    name: str
    formula: str
    in_own: str
    in_other: str
    tex: str
    """For many arguments; ``#k`` is the one in question, ``#1`` and ``#n`` the first and the last."""
    picks_one: bool = True
    """Whether the first argument in the file says which of the others is meant."""


FAMILIES: dict[str, Family] = {
    row.name: row
    for row in (
        Family(
            "softmax",
            "exp({own})/({exponentials})",
            "y*(1 - y)",
            "-y*softmax({by}, {all})",
            r"\frac{e^{#k}}{e^{#1} + \cdots + e^{#n}}",
        ),
        Family(
            "log_softmax",
            "{own} - log({exponentials})",
            "1 - exp(y)",
            "-exp(log_softmax({by}, {all}))",
            r"#k - \ln\left(e^{#1} + \cdots + e^{#n}\right)",
        ),
        Family(
            "log_sum_exp",
            "log({exponentials})",
            "",
            "softmax({by}, {all})",
            r"\ln\left(e^{#1} + \cdots + e^{#n}\right)",
            picks_one=False,
        ),
    )
}


def member_name(family: str, place: int, count: int) -> str:
    """The name of the function that gives number ``place`` (from 1; 0 where none is picked) of so many arguments."""
    return f"{family}:{place}:{count}"


def member(name: str) -> Function:
    """The table's row for ``softmax:2:3`` and the like.

    Raises:
        KeyError: where there is no such family.
    """
    family, place, count = _parts(name)
    row = FAMILIES[family]
    names = argument_names(count)

    def filled(text: str, by: str) -> str:
        own = names[place - 1] if place else ""
        exponentials = " + ".join(f"exp({argument})" for argument in names)
        return text.format(own=own, by=by, all=", ".join(names), exponentials=exponentials)

    derivatives = tuple(
        filled(row.in_own if number == place else row.in_other, by) for number, by in enumerate(names, 1)
    )
    tex = row.tex.replace("#k", f"#{place}").replace("#n", f"#{count}") if count > MOST_WRITTEN_OUT else ""
    return Function(name, derivatives, filled(row.formula, ""), tex, arity=count)


def written(name: str, arguments: Sequence[str]) -> str:
    """A call as it stands in a file."""
    family, place, _ = _parts(name) if ":" in name else (name, 0, 0)
    picked = [arguments[place - 1]] if place else []
    return f"{family}({', '.join([*picked, *arguments])})"


def _parts(name: str) -> tuple[str, int, int]:
    family, _, rest = name.partition(":")
    place, _, count = rest.partition(":")
    if family not in FAMILIES or not count:
        raise KeyError(name)
    return family, int(place), int(count)
