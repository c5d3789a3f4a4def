# SPDX-License-Identifier: MIT
"""Times are exact to the nanosecond, whatever is done with them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

Values = Callable[[str], list[tuple[Any, ...]]]

NOW = 1_767_268_800_123_456_789
UNITS = {
    "ns": 1,
    "us": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
    "d": 86400 * 10**9,
}

moments = st.integers(0, 4_102_444_800 * 10**9)  # to the year 2100
units = st.sampled_from(sorted(UNITS))


def text(nanoseconds: int) -> str:
    seconds, fraction = divmod(nanoseconds, 10**9)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{fraction:09}"


@given(moments, st.integers(1, 1000), units)
@settings(max_examples=60, deadline=None)
def test_bin_plus_and_minus(values: Values, moment: int, n: int, unit: str) -> None:
    width = n * UNITS[unit]
    ((binned, later, earlier),) = values(
        f"SELECT bin(t, {n}{unit}), t + {n}{unit}, t + 1000d - {n}{unit} "
        f"FROM (SELECT from_nanoseconds({moment}) t)"
    )
    assert binned == text(moment // width * width)
    assert later == text(moment + width)
    assert earlier == text(moment + 1000 * UNITS["d"] - width)


@given(st.integers(0, 1000), units)
@settings(max_examples=30, deadline=None)
def test_ago(values: Values, n: int, unit: str) -> None:
    assert values(f"SELECT ago({n}{unit}), now() - {n}{unit}") == [(text(NOW - n * UNITS[unit]),) * 2]


@given(st.lists(moments, min_size=2, max_size=5, unique=True))
@settings(max_examples=30, deadline=None)
def test_order_comparison_and_difference(values: Values, given_moments: list[int]) -> None:
    rows = ", ".join(f"(from_nanoseconds({moment}))" for moment in given_moments)
    low, high = min(given_moments), max(given_moments)
    ordered = values(f"SELECT t FROM (VALUES {rows}) AS v(t) ORDER BY t")
    assert [row[0] for row in ordered] == [text(moment) for moment in sorted(given_moments)]
    assert values(
        "SELECT min(t), max(t), date_diff('nanosecond', min(t), max(t)), "
        f"count_if(t < from_nanoseconds({low + 1})) "
        f"FROM (VALUES {rows}) AS v(t)"
    ) == [(text(low), text(high), str(high - low), "1")]


@given(moments)
@settings(max_examples=40, deadline=None)
def test_fields_are_not_rounded_up(values: Values, moment: int) -> None:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment // 1000)
    assert values(
        "SELECT year(t), month(t), day(t), hour(t), minute(t), second(t), millisecond(t), "
        "extract(dow FROM t), CAST(t AS date), date_trunc('minute', t), CAST(t AS varchar) "
        f"FROM (SELECT from_nanoseconds({moment}) AS t)"
    ) == [
        (
            *map(str, (at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond // 1000)),
            str(at.isoweekday()),
            f"{at:%Y-%m-%d}",
            text(moment // UNITS["m"] * UNITS["m"]),
            text(moment),
        )
    ]


def test_the_last_nanosecond_of_a_year(values: Values) -> None:
    last = "TIMESTAMP '2025-12-31 23:59:59.999999999'"
    assert values(f"SELECT year({last}), CAST({last} AS date), date_trunc('year', {last}), {last} + 1ns") == [
        ("2025", "2025-12-31", "2025-01-01 00:00:00.000000000", "2026-01-01 00:00:00.000000000")
    ]


def test_calendar_steps_keep_the_nanoseconds(values: Values) -> None:
    at = "TIMESTAMP '2026-01-31 10:00:00.123456789'"
    assert values(
        f"SELECT {at} + INTERVAL '1' MONTH, date_add('year', -1, {at}), {at} - INTERVAL '2' DAY"
    ) == [("2026-02-28 10:00:00.123456789", "2025-01-31 10:00:00.123456789", "2026-01-29 10:00:00.123456789")]


@pytest.mark.parametrize(
    ("literal", "shown"),
    [
        ("5m", "0 00:05:00.000000000"),
        ("100ms", "0 00:00:00.100000000"),
        ("1d", "1 00:00:00.000000000"),
        ("12second", "0 00:00:12.000000000"),
        ("1.5h", "0 01:30:00.000000000"),
        ("INTERVAL '3' HOUR", "0 03:00:00.000000000"),
        ("1d + 2h", "1 02:00:00.000000000"),
        ("2 * 5m", "0 00:10:00.000000000"),
        ("-(5m)", "-0 00:05:00.000000000"),
        ("INTERVAL '14' MONTH", "1-2"),
    ],
)
def test_intervals(values: Values, literal: str, shown: str) -> None:
    assert values(f"SELECT {literal}") == [(shown,)]


def test_a_number_and_a_letter_apart_are_a_column_and_its_name(ask: Callable[[str], Any]) -> None:
    assert ask("SELECT 5 m").columns == [{"Name": "m", "Type": {"ScalarType": "INTEGER"}}]
