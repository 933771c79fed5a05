"""The rounding contract: properties of ``shown`` in exact fractions, and its cases one by one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from explainer.numbers.rounding import carried, shown, significant
from explainer.spec.types import Display
from tests.networks import MODES

numbers = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(-(10**18), 10**18) | st.integers(-1000, 1000),
    st.integers(-30, 6),
)
modes = st.sampled_from(MODES)
halving = st.sampled_from(MODES[:2])


def decimals(places: int, mode: str = "half up") -> Display:
    """A contract of decimals."""
    return Display(decimals=places, rounding=mode)


def digits(count: int, mode: str = "half up") -> Display:
    """A contract of significant digits."""
    return Display(decimals=None, significant=count, rounding=mode)


contracts = st.builds(decimals, st.integers(0, 12), modes) | st.builds(digits, st.integers(1, 12), modes)


def unit(text: str) -> Fraction:
    """What one in the last place of a text is worth."""
    exponent = Decimal(text).as_tuple().exponent
    assert isinstance(exponent, int)
    return Fraction(10) ** exponent


# in general


@given(numbers, st.integers(0, 12), halving)
def test_a_text_is_at_most_half_a_unit_off(value: Decimal, places: int, mode: str) -> None:
    """Of all texts of that many digits, the nearest is shown."""
    for contract in (decimals(places, mode), digits(places + 1, mode)):
        text = shown(value, contract)
        assert abs(Fraction(text) - Fraction(value)) <= unit(text) / 2


@given(numbers, contracts)
def test_cut_off_never_goes_away_from_zero(value: Decimal, contract: Display) -> None:
    """Cutting off loses less than one unit and adds nothing."""
    cut = Display(contract.decimals, contract.significant, rounding="cut off")
    text = shown(value, cut)
    lost = abs(Fraction(value)) - abs(Fraction(text))
    assert 0 <= lost < (unit(text) if value else 1)


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_halves(count: int, places: int) -> None:
    """A tie goes away from zero, to the even digit, or toward zero."""
    assume(count not in (0, -1))
    half = (Decimal(count) + Decimal("0.5")).scaleb(-places)
    up = shown(half, decimals(places, "half up"))
    even = shown(half, decimals(places, "half even"))
    cut = shown(half, decimals(places, "cut off"))
    assert abs(Fraction(up)) - abs(Fraction(half)) == unit(up) / 2
    assert abs(Fraction(half)) - abs(Fraction(cut)) == unit(cut) / 2
    assert Fraction(even) / unit(even) % 2 == 0


@given(numbers, st.integers(0, 12), modes)
def test_the_decimals_asked_for_are_shown(value: Decimal, places: int, mode: str) -> None:
    """Trailing zeros are kept: 0.5 at three decimals is 0.500."""
    text = shown(value, decimals(places, mode))
    assume("e" not in text and text != "0")
    assert len(text.partition(".")[2]) == places


@given(numbers, st.integers(1, 12), modes)
def test_the_significant_digits_asked_for_are_shown(value: Decimal, count: int, mode: str) -> None:
    """Neither more nor fewer, a carry past the first digit included."""
    assume(value)
    mantissa = shown(value, digits(count, mode)).partition("e")[0]
    assert len(mantissa.lstrip("-0.").replace(".", "")) == count


@given(numbers, contracts)
def test_a_value_and_its_opposite_differ_in_the_sign_alone(value: Decimal, contract: Display) -> None:
    """Rounding is the same on both sides of zero."""
    assume(value > 0)
    assert shown(-value, contract) == f"-{shown(value, contract)}"


@given(numbers, numbers, contracts)
def test_rounding_keeps_the_order(one: Decimal, other: Decimal, contract: Display) -> None:
    """A larger value never shows as a smaller one."""
    low, high = sorted((one, other))
    assert Fraction(shown(low, contract)) <= Fraction(shown(high, contract))


@given(numbers, contracts, st.booleans())
def test_only_zero_shows_as_zero(value: Decimal, contract: Display, exact: bool) -> None:
    """No other value has a text that is zero, and zero has neither sign nor decimals."""
    text = shown(value, contract, exact)
    assert (text == "0") == (value == 0)
    assert (Decimal(text) == 0) == (value == 0)


@given(numbers, contracts)
def test_a_text_shows_as_itself(value: Decimal, contract: Display) -> None:
    """What is rounded once stays as it is."""
    text = shown(value, contract)
    assert shown(Decimal(text), contract) == text


@given(numbers, contracts)
def test_the_value_carried_is_the_value_shown(value: Decimal, contract: Display) -> None:
    """Under ``carry = "rounded"`` the next line gets exactly what the reader sees."""
    assert carried(value, contract) == Decimal(shown(value, contract))


# case by case


@pytest.mark.parametrize(
    ("value", "contract", "text"),
    [
        ("0.285", decimals(2), "0.29"),  # the float nearest to it lies below, and prints as 0.28
        ("2.675", decimals(2), "2.68"),
        ("-0.125", decimals(2), "-0.13"),
        ("-0.125", decimals(2, "half even"), "-0.12"),
        ("-0.129", decimals(2, "cut off"), "-0.12"),
        ("0.5", decimals(0), "1"),
        ("0.5", decimals(0, "half even"), "5.00e-1"),
        ("1.5", decimals(0, "half even"), "2"),
        ("0.9999", decimals(2), "1.00"),
        ("-0.9999", decimals(2, "cut off"), "-0.99"),
        ("-0.004", decimals(2), "-4.00e-3"),
        ("0.00000123456", decimals(4), "1.23e-6"),
        ("9.999e-9", decimals(4), "1.00e-8"),
        ("123456789012345.678", decimals(2), "123456789012345.68"),
        ("1234567890123456.7", decimals(2), "1.23e15"),
        ("0", decimals(9), "0"),
        ("-0.000", decimals(9), "0"),
    ],
)
def test_decimals(value: str, contract: Display, text: str) -> None:
    """Plain where it can be, three digits and an exponent where decimals would show 0, an exponent beyond 15 digits."""
    assert shown(Decimal(value), contract) == text


@pytest.mark.parametrize(
    ("value", "contract", "text"),
    [
        ("9.996", digits(3), "10.0"),
        ("99.95", digits(3, "half even"), "100"),
        ("999.5", digits(3), "1.00e3"),
        ("0.99996", digits(4), "1.000"),
        ("0.0001234567", digits(3), "0.000123"),
        ("0.00001234567", digits(3), "1.23e-5"),
        ("0.000099996", digits(3), "0.000100"),
        ("12345", digits(5), "12345"),
        ("12345", digits(2), "1.2e4"),
        ("-25", digits(1, "half even"), "-2e1"),
        ("8", digits(4), "8.000"),
    ],
)
def test_significant_digits(value: str, contract: Display, text: str) -> None:
    """Plain from 0.0001 up to as many digits as are asked for, otherwise with an exponent."""
    assert shown(Decimal(value), contract) == text


@pytest.mark.parametrize(
    ("value", "contract", "text"),
    [
        ("2.000", decimals(6), "2"),
        ("-3", digits(4), "-3"),
        ("1e3", decimals(2), "1000"),
        ("2.5", decimals(2), "2.50"),
        ("12345", digits(3), "1.23e4"),
        ("1e20", decimals(2), "1.00e20"),
    ],
)
def test_an_exact_whole_number_is_bare_where_it_fits(value: str, contract: Display, text: str) -> None:
    """2 is 2 and not 2.000000, if nothing was rounded on the way to it."""
    assert shown(Decimal(value), contract, exact=True) == text


def test_a_side_remark_has_so_many_digits() -> None:
    """``significant`` rounds halves up, whatever the document does."""
    assert significant(Decimal("0.0012345"), 4) == "0.001235"
