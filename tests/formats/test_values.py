"""The file of values for a book."""

from __future__ import annotations

import re

import pytest

from explainer.formats.document import FormatError
from explainer.formats.values import values_tex

from .compiling import compiled, complaints

VALUES = [("dE_total/dw5", "0.082"), ("E_total@1", r"7.2 \times 10^{-5}"), ("db1:net_h1", "-0.5"), ("w5#2", "1{,}5")]


def book(text: str) -> str:
    """A book that reads the values in its preamble."""
    preamble = r"\documentclass{article}\usepackage{amsmath}\input{values}\begin{document}"
    return f"{preamble}\n{text}\n\\end{{document}}\n"


def test_values_are_usable_in_text_and_formulas() -> None:
    """Every id works as it stands, also in a heading and a footnote."""
    uses = " ".join(rf"\stepvalue{{{step}}} $a = \stepvalue{{{step}}}$" for step, _ in VALUES)
    text = uses + r"\section{\stepvalue{dE_total/dw5}}\footnote{\stepvalue{E_total@1}}"
    assert complaints(compiled(book(text), files={"values.tex": values_tex(VALUES)})) == []


def test_the_value_is_what_was_given() -> None:
    """LaTeX itself finds the text under the id."""
    text = r"\typeout{<\csname stepvalue/\detokenize{dE_total/dw5}\endcsname>}"
    assert "<0.082>" in compiled(book(text), files={"values.tex": values_tex(VALUES)})


def test_an_unknown_id_is_an_error_that_names_it() -> None:
    """A slip in an id does not pass in silence."""
    log = compiled(book(r"\stepvalue{dE_total/dw9}"), files={"values.tex": values_tex(VALUES)})
    assert re.search(r"^! There is no value for the step dE_total/dw9", log, re.MULTILINE)


def test_ids_have_the_prefix() -> None:
    """Two files of values can be read into one book."""
    files = {"values.tex": values_tex(VALUES, "one:") + values_tex(VALUES, "two:")}
    assert complaints(compiled(book(r"\stepvalue{one:db1:net_h1} \stepvalue{two:w5#2}"), files=files)) == []


def test_an_unusable_id_is_reported() -> None:
    """An id that no macro could find is refused."""
    with pytest.raises(FormatError, match="a%b"):
        values_tex([("a%b", "1"), ("c", "2")])
