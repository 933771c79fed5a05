"""Numbers as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainer.checking.figures import read_figure

WRITTEN = [
    # as written, value, unit of the last digit, significant digits
    ("0.593", "0.593", "0.001", 3),
    ("0,593", "0.593", "0.001", 3),
    ("1,106", "1.106", "0.001", 4),
    ("5.93e-1", "0.593", "0.001", 3),
    ("5.93E-1", "0.593", "0.001", 3),
    ("5.93×10^-1", "0.593", "0.001", 3),
    ("5.93 · 10⁻¹", "0.593", "0.001", 3),
    ("5,93*10**-1", "0.593", "0.001", 3),
    ("3.5 x 10^(-4)", "0.00035", "0.00001", 2),
    (".5", "0.5", "0.1", 1),
    ("5.", "5", "1", 1),
    ("≈0.59", "0.59", "0.01", 2),
    ("~ 0.59", "0.59", "0.01", 2),
    ("-0.0226", "-0.0226", "0.0001", 3),
    ("−0.0226", "-0.0226", "0.0001", 3),
    ("+0.4", "0.4", "0.1", 1),
    ("0.593\u2009270", "0.593270", "0.000001", 6),
    ("59.3 %", "0.593", "0.001", 3),
    ("0.40", "0.40", "0.01", 2),
    ("0.000", "0", "0.001", 0),
    ("1.234,5", "1234.5", "0.1", 5),
    ("1,234.5", "1234.5", "0.1", 5),
    ("1'234'567", "1234567", "1", 7),
    ("$0.359$", "0.359", "0.001", 3),
    ("１２", "12", "1", 2),
]


@pytest.mark.parametrize(("text", "value", "unit", "significant"), WRITTEN)
def test_a_figure_is_read_with_its_digits(text: str, value: str, unit: str, significant: int) -> None:
    """The value, one unit of the last digit that was written, and how many digits count."""
    figure = read_figure(text)
    assert figure is not None
    assert (figure.value, figure.unit, figure.significant) == (Decimal(value), Decimal(unit), significant)


def test_a_fraction_is_exact() -> None:
    """1/2 stands for itself alone."""
    figure = read_figure("-3/4")
    assert figure is not None
    assert figure.exact
    assert figure.value == Decimal("-0.75")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "--1",
        "1/0",
        "0.1.2",
        "12e",
        "1e99999",
        "1e999",
        "2+2",
        "__import__('os')",
        "0x10",
        "nan",
        "inf",
        "٣",
        "9" * 61,
        "1_000",
    ],
)
def test_what_is_no_figure_is_refused(text: str) -> None:
    """Nothing is guessed, and nothing is ever evaluated."""
    assert read_figure(text) is None


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader fail."""
    figure = read_figure(text)
    assert figure is None or figure.value.is_finite()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-1000, max_value=1000))
def test_a_plain_decimal_is_read_as_it_is(value: Decimal) -> None:
    """With a point or a comma, the value is that of Python's decimals."""
    for text in (format(value, "f"), format(value, "f").replace(".", ",")):
        figure = read_figure(text)
        assert figure is not None
        assert figure.value == value
        assert figure.decimals == 6
