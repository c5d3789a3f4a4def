# SPDX-License-Identifier: MIT
"""Time series as values, by the AWS page's example of CPU utilisation.

https://docs.aws.amazon.com/timestream/latest/developerguide/timeseries-specific-constructs.views.html
"""

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

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


SERIES_OF = st.lists(
    st.tuples(st.integers(0, 10**11), st.integers(-50, 50)),
    min_size=2,
    max_size=8,
    unique_by=lambda point: point[0],
)


def moment(nanoseconds: int) -> str:
    """A literal of so many nanoseconds after 2022 began."""
    at = pd.Timestamp(2022, 1, 1) + pd.Timedelta(nanoseconds)
    return f"TIMESTAMP '{at:%Y-%m-%d %H:%M:%S}.{nanoseconds % 10**9:09}'"


def series(points: list[tuple[int, int]]) -> str:
    """A time series as a query has it, of points in any order."""
    rows = ", ".join(f"({moment(at)}, {value}e0)" for at, value in points)
    return f"(SELECT create_time_series(t, v) AS s FROM (VALUES {rows}) AS p(t, v))"


def numbers(answers: list[tuple[Any, ...]]) -> list[float]:
    return [float(number) for row in answers for number in row]


def solved(rows: list[list[Fraction]]) -> list[Fraction]:
    """The solution of linear equations, each row's last number its right side, by elimination."""
    for i in range(len(rows)):
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(len(rows)):
            if k != i:
                rows[k] = [a - rows[k][i] * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] for row in rows]


def natural_spline(points: list[tuple[int, int]], at: int) -> float:
    """By the textbook: the second derivatives solve a tridiagonal system, and are zero at the ends."""
    x = [Fraction(time, 10**9) for time, _ in points]
    y = [Fraction(value) for _, value in points]
    h = [b - a for a, b in itertools.pairwise(x)]
    inner = range(1, len(points) - 1)
    rows = [[Fraction(0)] * len(points) for _ in inner]
    for row, i in zip(rows, inner, strict=True):
        row[i - 1 : i + 2] = [h[i - 1], 2 * (h[i - 1] + h[i]), h[i]]
        row[-1:] = [row[-1] * 0, 6 * ((y[i + 1] - y[i]) / h[i] - (y[i] - y[i - 1]) / h[i - 1])]
    m = [Fraction(0), *solved([row[1:-2] + row[-1:] for row in rows]), Fraction(0)]
    t = Fraction(at, 10**9)
    i = next(i for i in range(len(h)) if x[i] <= t <= x[i + 1])
    left, right = x[i + 1] - t, t - x[i]
    return float(
        (m[i] * left**3 + m[i + 1] * right**3) / (6 * h[i])
        + (y[i] / h[i] - m[i] * h[i] / 6) * left
        + (y[i + 1] / h[i] - m[i + 1] * h[i] / 6) * right
    )


@given(SERIES_OF, st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_interpolation_between_any_points(
    values: Values, points: list[tuple[int, int]], share: float
) -> None:
    ordered = sorted(points)
    at = ordered[0][0] + int((ordered[-1][0] - ordered[0][0]) * share)
    before = max(point for point in ordered if point[0] <= at)
    after = min(point for point in ordered if point[0] >= at)
    gap = after[0] - before[0]
    linear = before[1] + (after[1] - before[1]) * (at - before[0]) / gap if gap else before[1]
    known = dict(points).get(at, 99)
    found = numbers(
        values(
            f"SELECT interpolate_linear(s, {moment(at)}), interpolate_locf(s, {moment(at)}), "
            f"interpolate_fill(s, {moment(at)}, 99), interpolate_spline_cubic(s, {moment(at)}) "
            f"FROM {series(points)}"
        )
    )
    assert found == pytest.approx([linear, before[1], known, natural_spline(ordered, at)], rel=1e-6, abs=1e-6)


@given(SERIES_OF)
@settings(max_examples=20, deadline=None)
def test_derivatives_and_integrals_of_any_points(values: Values, points: list[tuple[int, int]]) -> None:
    ordered = sorted(points)
    steps = [(b[0], (b[0] - a[0]) / 1e9, a[1], b[1]) for a, b in itertools.pairwise(ordered)]
    slopes = [(to - from_) / width for _, width, from_, to in steps]
    found = values(
        f"SELECT t, v FROM {series(points)} CROSS JOIN UNNEST(derivative_linear(s, 1s)) AS u(t, v)"
    )
    assert [float(v) for _, v in found] == pytest.approx(slopes)
    positive = values(
        f"SELECT v FROM {series(points)} CROSS JOIN UNNEST(non_negative_derivative_linear(s, 1m)) AS u(t, v)"
    )
    assert numbers(positive) == pytest.approx([60 * slope for slope in slopes if slope >= 0])
    area = sum((from_ + to) / 2 * width for _, width, from_, to in steps)
    found = values(f"SELECT integral_trapezoidal(s), integral_trapezoidal(s, 1m) FROM {series(points)}")
    assert numbers(found) == pytest.approx([area, area / 60])


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=9))
@settings(max_examples=20, deadline=None)
def test_correlations_as_pandas_has_them(values: Values, pairs: list[tuple[int, int]]) -> None:
    frame = pd.DataFrame(pairs)
    assume(frame[0].nunique() > 1 and frame[1].nunique() > 1)
    one, other = (
        series([(i, pair[side]) for i, pair in enumerate(pairs)]).replace("AS s", f"AS {name}")
        for side, name in ((0, "a"), (1, "b"))
    )
    found = numbers(
        values(f"SELECT correlate_pearson(a, b), correlate_spearman(a, b) FROM {one} CROSS JOIN {other}")
    )
    ranks = frame.rank()
    assert found == pytest.approx([frame[0].corr(frame[1]), ranks[0].corr(ranks[1])], abs=1e-9)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(0, 12))
@settings(max_examples=20, deadline=None)
def test_a_window_over_an_interval_counts_to_the_nanosecond(
    values: Values, times: list[int], width: int
) -> None:
    rows = ", ".join(moment(at) for at in times)
    found = values(
        f"SELECT count(*) OVER (ORDER BY t RANGE BETWEEN {width}ns PRECEDING AND CURRENT ROW) "
        f"FROM (VALUES {rows}) AS p(t) ORDER BY t"
    )
    assert [int(row[0]) for row in found] == [
        sum(at - width <= other <= at for other in times) for at in sorted(times)
    ]
