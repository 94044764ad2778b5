import math

import pytest

from representation_music.utils.decimals import decimal, interval, p_value, short_decimal


@pytest.mark.parametrize(
    ("value", "plain", "signed", "short"),
    [
        (0.6123, "0.612", "+0.612", ".612"),
        (-0.0026, "-0.003", "-0.003", "-.003"),
        (-0.0004, "0.000", "0.000", ".000"),
        (0.0004, "0.000", "0.000", ".000"),
        (-0.9996, "-1.000", "-1.000", "-1.000"),
        (-10.5, "-10.500", "-10.500", "-10.500"),
        (math.nan, "nan", "nan", "nan"),
    ],
)
def test_what_rounds_to_zero_has_no_sign(value, plain, signed, short):
    assert decimal(value) == plain
    assert decimal(value, signed=True) == signed
    assert short_decimal(value) == short


def test_an_interval_has_no_sign_at_zero_either_and_no_ends_where_there_are_none():
    assert interval([0.0004, -0.0004, 0.25]) == "0.000 (0.000 to +0.250)"
    assert interval([0.265, 0.174, 0.361], signed=False) == "0.265 (0.174 to 0.361)"
    assert interval([0.5, None, None]) == "+0.500"
    assert interval([None, None, None]) == ""


@pytest.mark.parametrize(
    ("value", "text"), [(0.0004, "< 0.001"), (0.001, "0.001"), (0.25, "0.250")]
)
def test_a_p_value_that_places_do_not_show_is_bounded(value, text):
    assert p_value(value) == text
