"""How names are typeset, and the closed TeX that a file may give for one."""

from __future__ import annotations

import pytest

from explainer.formulas.names import default_tex, tex_fault
from tests.formats.survival import survives_commonmark


@pytest.mark.parametrize(
    ("name", "tex"),
    [
        ("w5", "w_5"),
        ("w12", "w_{12}"),
        ("net_h1", r"\mathit{net_{h1}}"),
        ("E_total", r"E_{\mathrm{total}}"),
        ("theta3", r"\theta_3"),
        ("delta_o1", r"\delta_{o1}"),
        ("lambda", r"\lambda"),
        ("x_1_2", "x_{1,2}"),
        ("E", "E"),
        ("W[1]", "W_1"),
        ("W[1,2]", "W_{1,2}"),
        ("x1[2]", "x_{1,2}"),
        ("theta[12]", r"\theta_{12}"),
        ("net_h[1]", r"\mathit{net_{h_1}}"),
        ("out_word[1]", r"\mathit{out_{\mathrm{word_1}}}"),
        ("net_3", r"\mathit{net_{\mathrm{3}}}"),
        ("E_12", "E_{12}"),
    ],
)
def test_a_name_is_set_as_people_write_it(name: str, tex: str) -> None:
    """Digits and parts behind an underscore go below; Greek names are letters; words are words."""
    assert default_tex(name) == tex
    assert tex_fault(tex) == ""
    assert survives_commonmark(tex, display=False)


@pytest.mark.parametrize(
    "tex", ["w_{1}", r"\hat{y}", r"\hat y", "w_{12}^{(1)}", r"\mathbf{x_1}", r"\theta'", "W_{i,j}"]
)
def test_tex_that_a_file_may_give(tex: str) -> None:
    """Indices, accents, Greek and primes are fine, and survive Markdown."""
    assert tex_fault(tex) == ""
    assert survives_commonmark(tex, display=False)


@pytest.mark.parametrize(
    "tex",
    [
        "",
        " x",
        "x ",
        "x|y",
        "1. x",
        "a_1_2",
        "x^a^b",
        r"\hat",
        "x_",
        "x^",
        "x}",
        "{x",
        "f_{",
        r"\input{a}",
        r"\write18",
        r"\text{a_1}",
        "x$y",
        "x%y",
        "x#y",
        "x&y",
        r"x\\y",
        "naïve",
    ],
)
def test_tex_that_is_refused(tex: str) -> None:
    """What could break a page, a table or a compilation is refused with a reason."""
    assert tex_fault(tex)
