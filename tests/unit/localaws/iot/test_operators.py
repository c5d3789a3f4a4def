# SPDX-License-Identifier: MIT
"""Each row of the operand tables of https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-operators.html."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.iot.values import UNDEFINED, Value

Evaluate = Callable[..., Value]


def check(evaluate: Evaluate, text: str, expected: Any) -> None:
    """In 2015-10-08, where a Decimal stays one; literals of arrays and objects come from the payload."""
    payload = {"array": [1, 2], "same": [1, 2], "turned": [2, 1], "object": {"a": 1, "b": 2}}
    payload |= {"reordered": {"b": 2, "a": 1}, "other": {"a": 1}}
    result = evaluate(text, payload, "2015-10-08")
    assert (type(result), result) == (type(expected), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true AND true", True),
        ("true AND false", False),
        ("'TRUE' AND true", True),
        ("'true' AND 'false'", False),
        ("'yes' AND true", UNDEFINED),
        ("1 AND true", UNDEFINED),
        ("false AND absent", UNDEFINED),
        ("null AND true", UNDEFINED),
        ("false OR true", True),
        ("false OR 'False'", False),
        ("true OR absent", UNDEFINED),
        ("true OR 0", UNDEFINED),
        ("NOT true", False),
        ("NOT 'false'", True),
        ("NOT 'no'", UNDEFINED),
        ("NOT 0", UNDEFINED),
        ("NOT absent", UNDEFINED),
    ],
)
def test_logic(evaluate: Evaluate, text: str, expected: Any) -> None:
    check(evaluate, text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 > 1", True),
        ("2 > 2.0", False),
        ("'2.5' > 2", True),
        ("'10' > '9'", True),
        ("'a' > 1", UNDEFINED),
        ("true > 0", UNDEFINED),
        ("null > 0", UNDEFINED),
        ("absent > 0", UNDEFINED),
        ("array > 0", UNDEFINED),
        ("2 >= 2.0", True),
        ("1 < 1.5", True),
        ("'5E-1' < 1", True),
        ("1 <= 1", True),
        ("1 <= 'x'", UNDEFINED),
    ],
)
def test_ordering(evaluate: Evaluate, text: str, expected: Any) -> None:
    check(evaluate, text, expected)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("1", "1", True),
        ("1", "2", False),
        ("1", "1.0", True),
        ("1.5", "1.50", True),
        ("'a'", "'a'", True),
        ("'a'", "'A'", False),
        ("array", "same", True),
        ("array", "turned", False),
        ("object", "reordered", True),
        ("object", "other", False),
        ("null", "null", True),
        ("true", "true", True),
        ("'1'", "1", False),
        ("true", "'true'", False),
        ("true", "1", False),
        ("null", "0", False),
        ("absent", "1", UNDEFINED),
        ("1", "absent", UNDEFINED),
        ("absent", "absent", UNDEFINED),
    ],
)
def test_equality(evaluate: Evaluate, left: str, right: str, expected: Any) -> None:
    check(evaluate, f"{left} = {right}", expected)
    check(evaluate, f"{left} <> {right}", expected if expected is UNDEFINED else not expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'a' + 'b'", "ab"),
        ("'a' + 1", "a1"),
        ("1.5 + 'b'", "1.5b"),
        ("true + '!'", "true!"),
        ("'a' + array", "a[1,2]"),
        ("'a' + null", UNDEFINED),
        ("'a' + absent", UNDEFINED),
        ("1 + 2", 3),
        ("1 + 2.5", Decimal("3.5")),
        ("1 + true", UNDEFINED),
        ("array + same", UNDEFINED),
        ("3 - 1", 2),
        ("3 - 0.5", Decimal("2.5")),
        ("'3' - 1", Decimal(2)),
        ("'x' - 1", UNDEFINED),
        ("true - 1", UNDEFINED),
        ("-3", -3),
        ("2 * 3", 6),
        ("25 * 1.0", Decimal("25.0")),
        ("'2' * '1.5'", Decimal("3.0")),
        ("null * 1.0", UNDEFINED),
        ("absent * 1.0", UNDEFINED),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("7 / 2.0", Decimal("3.5")),
        ("'7' / 2", Decimal("3.5")),
        ("1 / 0", UNDEFINED),
        ("1.0 / 0", UNDEFINED),
        ("object / 2", UNDEFINED),
        ("7 % 4", 3),
        ("-7 % 4", -3),
        ("7.5 % 2", Decimal("1.5")),
        ("'8' % 3", Decimal(2)),
        ("7 % 0", UNDEFINED),
    ],
)
def test_arithmetic(evaluate: Evaluate, text: str, expected: Any) -> None:
    check(evaluate, text, expected)


def test_what_is_beyond_the_range_of_a_decimal_is_undefined(evaluate: Evaluate) -> None:
    check(evaluate, "9E999 * 10", UNDEFINED)
    check(evaluate, "'1E1000' * 1", UNDEFINED)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 IN array", True),
        ("1.0 IN array", True),
        ("3 IN array", False),
        ("'1' IN array", False),
        ("absent IN array", UNDEFINED),
        ("1 IN object", UNDEFINED),
    ],
)
def test_in(evaluate: Evaluate, text: str, expected: Any) -> None:
    check(evaluate, text, expected)


def test_precedence(evaluate: Evaluate) -> None:
    check(evaluate, "1 + 2 * 3 - 4", 3)
    check(evaluate, "(1 + 2) * 3", 9)
    check(evaluate, "12 / 2 / 3", 2)
    check(evaluate, "false AND false OR true", True)
    check(evaluate, "NOT 1 = 2 AND true", True)


@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15).filter(bool))
def test_int_division_truncates_and_agrees_with_the_remainder(evaluate: Evaluate, a: int, b: int) -> None:
    quotient, remainder = evaluate("a / b", {"a": a, "b": b}), evaluate("a % b", {"a": a, "b": b})
    assert isinstance(quotient, int)
    assert isinstance(remainder, int)
    assert quotient * b + remainder == a
    assert abs(remainder) < abs(b)
    assert remainder == 0 or (remainder < 0) == (a < 0)


@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_times_one_point_zero_is_a_decimal(evaluate: Evaluate, number: int) -> None:
    product = evaluate("n * 1.0", {"n": number}, "2015-10-08")
    assert isinstance(product, Decimal)
    assert product == number


@given(st.decimals(-(10**9), 10**9, places=3))
def test_from_2016_on_only_a_fraction_is_a_decimal(evaluate: Evaluate, number: Decimal) -> None:
    product = evaluate("n * 1.0", {"n": float(number)})
    assert isinstance(product, int) == (number == number.to_integral_value())
    assert product == number
