# SPDX-License-Identifier: MIT
"""Numbers, against Python's own arithmetic: overflow, division, signs, casts, rounding, bases."""

import math
import operator
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

Values = Callable[[str], list[tuple[Any, ...]]]
Refusal = Callable[[str], str]

BITS = {"integer": 32, "bigint": 64}

types = st.sampled_from(sorted(BITS))
doubles = st.floats(allow_nan=False, allow_infinity=False)


def integers(type_: str) -> st.SearchStrategy[int]:
    """Whole numbers of a type, the outermost among them."""
    most = 2 ** (BITS[type_] - 1)
    ends = st.sampled_from([-most, -most + 1, -1, 0, 1, 2, most - 1])
    return st.one_of(ends, st.integers(-most, most - 1), st.integers(-9, 9))


pairs = types.flatmap(lambda type_: st.tuples(st.just(type_), integers(type_), integers(type_)))


def divided(a: int, b: int) -> int:
    """Towards zero, as Java does and Python does not."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divided,
    "%": lambda a, b: a - b * divided(a, b),
}


@given(pairs, st.sampled_from(sorted(OPERATIONS)), st.booleans())
@settings(max_examples=150)
def test_whole_numbers(
    values: Values, refusal: Refusal, pair: tuple[str, int, int], sign: str, stored: bool
) -> None:
    type_, a, b = pair
    one, other = (f"CAST('{n}' AS {type_})" for n in (a, b))
    statement = (
        f"SELECT x {sign} y FROM (VALUES ({one}, {other})) AS t(x, y)"
        if stored
        else f"SELECT {one} {sign} {other}"
    )
    if sign in "/%" and b == 0:
        assert "Division by zero" in refusal(statement)
        return
    expected = OPERATIONS[sign](a, b)
    most = 2 ** (BITS[type_] - 1)
    if -most <= expected < most:
        assert values(statement) == [(str(expected),)]
    else:
        assert "overflow" in refusal(statement).lower()


@given(types.flatmap(lambda type_: st.tuples(st.just(type_), integers(type_))))
@settings(max_examples=60)
def test_negation_and_absolute_value(values: Values, refusal: Refusal, number: tuple[str, int]) -> None:
    type_, n = number
    statement = f"SELECT -x, abs(x) FROM (VALUES CAST('{n}' AS {type_})) AS t(x)"
    if n == -(2 ** (BITS[type_] - 1)):
        assert "overflow" in refusal(statement).lower()
    else:
        assert values(statement) == [(str(-n), str(abs(n)))]


@given(doubles, doubles)
@settings(max_examples=80)
def test_doubles(values: Values, a: float, b: float) -> None:
    (row,) = values(
        "SELECT x + y, x - y, x * y, x / y, x % y, x < y, x = y "
        f"FROM (VALUES (CAST('{a!r}' AS double), CAST('{b!r}' AS double))) AS t(x, y)"
    )
    quotient = a / b if b else math.nan if a == 0 else math.copysign(math.inf, a) * math.copysign(1, b)
    expected = [a + b, a - b, a * b, quotient, math.fmod(a, b) if b else math.nan]
    assert [float(text) for text in row[:5]] == pytest.approx(expected, rel=0, abs=0, nan_ok=True)
    assert row[5:] == (str(a < b).lower(), str(a == b).lower())


def java(value: float) -> str:
    """A double as Java's Double.toString has it: plain from 10^-3 up to 10^7, else with an exponent."""
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text, point = "".join(map(str, digits)), len(digits) + exponent
    minus = "-" if sign else ""
    if value == 0:
        return f"{minus}0.0"
    if 1e-3 <= abs(value) < 1e7:
        padded = text.ljust(point, "0") if point > 0 else "0" * (1 - point) + text
        cut = max(point, 1)
        return f"{minus}{padded[:cut]}.{padded[cut:] or '0'}"
    return f"{minus}{text[0]}.{text[1:] or '0'}E{point - 1}"


@given(st.lists(st.one_of(doubles, st.integers(-20, 20).map(lambda n: 10.0**n)), min_size=1, max_size=20))
@settings(max_examples=40)
def test_doubles_print_as_java_prints_them(values: Values, numbers: list[float]) -> None:
    numbers = [number for number in numbers if number == 0 or abs(number) > 1e-300]
    rows = ", ".join(f"({i}, CAST('{number!r}' AS double))" for i, number in enumerate([*numbers, 0.5]))
    found = values(f"SELECT x, CAST(x AS varchar) FROM (VALUES {rows}) AS t(i, x) ORDER BY i")
    assert found == [(java(number), java(number)) for number in [*numbers, 0.5]]


@given(types, st.one_of(doubles, st.integers(-(2**40), 2**40).map(lambda n: n / 2)))
@settings(max_examples=80)
def test_a_double_is_rounded_to_a_whole_number(
    values: Values, refusal: Refusal, type_: str, number: float
) -> None:
    expected = int(Decimal(number).quantize(Decimal(1), ROUND_HALF_UP)) if abs(number) < 1e20 else 2**100
    most = 2 ** (BITS[type_] - 1)
    statement = f"SELECT CAST(CAST('{number!r}' AS double) AS {type_})"
    if -most <= expected < most:
        assert values(statement) == [(str(expected),)]
    else:
        assert java(number) in refusal(statement)
        assert values(statement.replace("SELECT CAST(", "SELECT TRY_CAST(")) == [(None,)]


@given(types, st.one_of(st.integers(-(2**70), 2**70).map(str), st.text("0123456789+-. eExab", max_size=6)))
@settings(max_examples=120)
def test_texts_as_whole_numbers(values: Values, refusal: Refusal, type_: str, text: str) -> None:
    most = 2 ** (BITS[type_] - 1)
    statement = f"SELECT CAST('{text}' AS {type_})"
    if re.fullmatch("[+-]?[0-9]+", text.strip()) and -most <= int(text) < most:
        assert values(statement) == [(str(int(text)),)]
    else:
        assert f"Cannot cast '{text}' to" in refusal(statement)


@given(st.text("0123456789+-.eEfdnaNIity ", max_size=7))
@settings(max_examples=120)
def test_texts_as_doubles(values: Values, refusal: Refusal, text: str) -> None:
    wanted = re.fullmatch(r"[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fdFD]?)", text.strip())
    statement = f"SELECT CAST('{text}' AS double)"
    if wanted is None:
        assert refusal(statement) == f"Cannot cast '{text}' to DOUBLE"
        return
    number = float(re.sub("[fdFD]$", "", text.strip()) if wanted[2] else text)
    ((found,),) = values(statement)
    assert float(found) == pytest.approx(number, rel=0, abs=0, nan_ok=True)


@given(integers("bigint"), st.integers(2, 36))
@settings(max_examples=60)
def test_bases(values: Values, number: int, radix: int) -> None:
    ((text, back),) = values(
        f"SELECT to_base(x, {radix}), from_base(to_base(x, {radix}), {radix}) "
        f"FROM (VALUES CAST('{number}' AS bigint)) AS t(x)"
    )
    assert int(text, radix) == number == int(back)
    assert text == text.lower()


@given(integers("bigint"), st.integers(-18, 3))
@settings(max_examples=60)
def test_whole_numbers_rounded(values: Values, number: int, digits: int) -> None:
    number //= 10
    expected = int(Decimal(number).scaleb(digits).quantize(Decimal(1), ROUND_HALF_UP).scaleb(-digits))
    assert values(f"SELECT round(CAST('{number}' AS bigint), {digits})") == [
        (str(expected if digits < 0 else number),)
    ]


@given(integers("bigint"), st.integers(2, 64))
@settings(max_examples=60)
def test_bits(values: Values, refusal: Refusal, number: int, bits: int) -> None:
    statement = f"SELECT bit_count(CAST('{number}' AS bigint), {bits})"
    if -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        assert values(statement) == [(str((number % 2**bits).bit_count()),)]
    else:
        assert f"{number} can not be represented with {bits} bits" in refusal(statement)
