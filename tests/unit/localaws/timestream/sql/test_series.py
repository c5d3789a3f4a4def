# SPDX-License-Identifier: MIT
"""Time series as values, by the AWS page's example of CPU utilisation.

https://docs.aws.amazon.com/timestream/latest/developerguide/timeseries-specific-constructs.views.html
"""

from collections.abc import Callable
from typing import Any

import pytest

from localaws.timestream.sql import Answer

Ask = Callable[[str], Answer]
Values = Callable[[str], list[tuple[Any, ...]]]

POINTS = """(SELECT i, TIMESTAMP '2019-12-04 19:00:00' + s * 1s AS time, v FROM (VALUES
    ('i-0', 2, 45.3), ('i-0', 0, 35.0), ('i-0', 1, 38.2),
    ('i-1', 0, 54.1), ('i-1', 4, 33.7)) AS t(i, s, v))"""
SERIES = f"(SELECT i, create_time_series(time, v) AS cpu FROM {POINTS} GROUP BY i)"


def point(second: int, value: str) -> dict[str, Any]:
    return {"Time": f"2019-12-04 19:00:0{second}.000000000", "Value": {"ScalarValue": value}}


def test_a_series_is_in_order_of_time_and_has_its_own_shape(ask: Ask) -> None:
    answer = ask(f"SELECT i, cpu FROM {SERIES} ORDER BY i")
    assert answer.columns[1] == {
        "Name": "cpu",
        "Type": {"TimeSeriesMeasureValueColumnInfo": {"Type": {"ScalarType": "DOUBLE"}}},
    }
    first, second = (row["Data"][1] for row in answer.rows)
    assert first == {"TimeSeriesValue": [point(0, "35.0"), point(1, "38.2"), point(2, "45.3")]}
    assert second == {"TimeSeriesValue": [point(0, "54.1"), point(4, "33.7")]}


def test_a_series_unnests_into_times_and_values(values: Values) -> None:
    rows = values(
        f"SELECT i, t, v + 1 FROM {SERIES} CROSS JOIN UNNEST(cpu) AS u(t, v) WHERE i = 'i-1' ORDER BY t"
    )
    assert rows == [
        ("i-1", "2019-12-04 19:00:00.000000000", "55.1"),
        ("i-1", "2019-12-04 19:00:04.000000000", "34.7"),
    ]


def test_a_point_of_a_series_has_two_fields(ask: Ask) -> None:
    answer = ask(f"SELECT cpu[2].time, cpu[1].value, cpu[1].value / 2 FROM {SERIES} ORDER BY i")
    assert [column["Name"] for column in answer.columns] == ["time", "value", "_col2"]
    assert [datum["ScalarValue"] for datum in answer.rows[1]["Data"]] == [
        "2019-12-04 19:00:04.000000000",
        "54.1",
        "27.05",
    ]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("interpolate_linear(cpu, {at})", ["54.1", "49.0", "43.9", "38.8", "33.7", None]),
        ("interpolate_locf(cpu, {at})", ["54.1", "54.1", "54.1", "54.1", "33.7", "33.7"]),
        ("interpolate_fill(cpu, {at}, 0)", ["54.1", "0.0", "0.0", "0.0", "33.7", "0.0"]),
    ],
)
def test_interpolation(values: Values, call: str, expected: list[str | None]) -> None:
    start = "TIMESTAMP '2019-12-04 19:00:00'"
    interpolated = call.format(at=f"sequence({start}, {start} + 5s, 1s)")
    rows = values(
        f"SELECT t, round(v, 6) FROM {SERIES} CROSS JOIN UNNEST({interpolated}) AS u(t, v) WHERE i = 'i-1'"
    )
    assert [row[1] for row in rows] == expected
    assert [row[0] for row in rows] == [f"2019-12-04 19:00:0{n}.000000000" for n in range(6)]
    alone = call.format(at=f"{start} + 2s")
    assert values(f"SELECT round({alone}, 6) FROM {SERIES} WHERE i = 'i-1'") == [(expected[2],)]


def test_interpolation_over_a_group(values: Values) -> None:
    rows = values(
        "SELECT cardinality(interpolate_linear("
        "create_time_series(time, v), sequence(min(time), max(time), 500ms))) "
        f"FROM {POINTS} GROUP BY i ORDER BY i"
    )
    assert rows == [("5",), ("9",)]
