"""Formulas in the language of Typst."""

from __future__ import annotations

from pathlib import Path

import pytest

from explainer.formats.dialect import math_in
from explainer.formats.document import FormatError
from explainer.formats.typst_mathematics import string, typst_formula

from .documents import SAMPLE
from .paper import need

GOLDEN = sorted((Path(__file__).parent.parent / "golden").glob("*.md"))


@pytest.mark.parametrize(
    ("tex", "typst"),
    [
        (r"w_{5}", "attach(w,b:5)"),
        (r"\mathit{net_{h1}}", 'attach("𝑛𝑒𝑡",b:"ℎ1")'),
        (r"E_{\mathrm{total}}", 'attach(E,b:"total")'),
        (r"0.593 \cdot 2", "0.593⋅2"),
        (r"0{,}593", '"0,593"'),
        (r"f(0, 5)", r"f\(0\,5\)"),
        (r"E x", "E x"),
        (r"\delta w", "δ w"),
        (r"\frac{a}{b}", "frac(a,b)"),
        (r"\tfrac{1}{2}", "inline(frac(1,2))"),
        (r"w^{\dagger}", "attach(w,t:†)"),
        (r"w'_{5}", "attach(w,b:5,t:′)"),
        (r"\hat y", "accent(y,hat)"),
        (r"\left(a\right)", r"lr(\(a\))"),
        (r"\left. a \right\vert_{b}", r"attach(lr(a\|),b:b)"),
        (r"\sqrt{x}", "sqrt(x)"),
        (r"\sqrt[3]{x}", "root(3,x)"),
        (r"\ln x", '"ln"#h(0.1667em);x'),
        (r"\underbrace{a}_{\text{bc}}", 'underbrace(a,"bc")'),
        (r"x \quad (y \lt 0)", r"x#h(1em);\(y\<0\)"),
        (r"\boxed{\vphantom{b}\quad}", 'class("normal",#framed($#strut($#hide($b$);$);#h(1em);$))'),
        ("\\begin{aligned} a &= b \\cr &= c \\end{aligned}", r"a&\=b \ &\=c"),
    ],
)
def test_formulas(tex: str, typst: str) -> None:
    """Each construct of the lessons' TeX, and how Typst says it."""
    assert typst_formula(tex, display=False) == f"${typst}$"


def test_a_word_cannot_leave_its_quotes() -> None:
    """Whatever a text holds, it is one literal."""
    assert string('a"b\\c\n#d') == '"a\\"b\\\\c #d"'


def test_every_formula_of_the_golden_documents_is_set() -> None:
    """Typst reads each of them; a fault would name the formula."""
    compiler = need("typst").Compiler(ignore_system_fonts=True)
    formulas = {tex for text in (SAMPLE, *(path.read_text("utf-8") for path in GOLDEN)) for tex in math_in(text)}
    prelude = "#let framed(x) = box(x)\n#let strut(x) = box(x)\n"
    failed = []
    for tex in sorted(formulas):
        try:
            compiler.compile((prelude + typst_formula(tex, display=True)).encode(), format="pdf")
        except RuntimeError as error:
            failed.append((tex, str(error)))
    assert failed == []
    assert len(formulas) > 500


def test_a_formula_that_cannot_be_read_is_named() -> None:
    """As on an HTML page."""
    with pytest.raises(FormatError, match="nonsense"):
        typst_formula(r"\nonsense{x}", display=False)
