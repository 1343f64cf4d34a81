"""Numbers that look the same wherever they stand."""

import pytest

from optviz.figures.engine.wording import gap, number, rate


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.001405, "0.001405"),
        (27.0, "27"),
        (27.0003, "27.00"),
        (4.08, "4.08"),
        (12345.6, "12346"),
        (123456, "1.235×10⁵"),
        (1e-5, "10⁻⁵"),
        (1e-4, "10⁻⁴"),
        (1e-3, "0.001"),
        (3.7123e-8, "3.712×10⁻⁸"),
        (99999.9, "1.000×10⁵"),
        (-2.5, "−2.5"),
        (-1.5e-7, "−1.5×10⁻⁷"),
        (1e300, "10³⁰⁰"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (float("nan"), "undefined"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def test_no_number_has_a_hyphen_or_a_padded_exponent():
    for exponent in range(-300, 300, 7):
        text = number(-1.2345 * 10.0**exponent)
        assert "-" not in text and "e" not in text and "⁰" not in text.partition("10")[2][:1]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "<10⁻¹²"), (1e-12, "<10⁻¹²"), (1.1e-12, "1.1×10⁻¹²"), (8.163, "8.163")]
)
def test_gaps_end_at_the_floor_of_rounding(value, text):
    assert gap(value) == text


def test_rates_have_three_digits():
    assert rate(0.00133352) == "0.00133"
    assert rate(0.1) == "0.1"
