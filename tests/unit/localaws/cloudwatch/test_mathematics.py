# SPDX-License-Identifier: MIT
"""Metric math: the tables and examples of its page, and plain arithmetic where the page has no numbers.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.cloudwatch.functions import FUNCTIONS, UNSUPPORTED, Scope
from localaws.cloudwatch.mathematics import compile_expression
from localaws.cloudwatch.series import MathError, Series

PERIOD = 60
GAP = None
Row = list[float | None]


def series(row: Row, start: int = 0, label: str = "") -> Series:
    points = {start + PERIOD * n: float(value) for n, value in enumerate(row) if value is not None}
    return Series(points, label, PERIOD)


def result(text: str, metrics: dict[str, Row], start: int = 0) -> Any:
    """What an expression makes of metrics, in the same notation; a number is a number."""
    named = {id_: series(row, start, id_) for id_, row in metrics.items()}
    length = max(map(len, metrics.values()), default=4)
    end = start + PERIOD * length
    value = compile_expression(text)(Scope(named.__getitem__, named, start, end, PERIOD))
    match value:
        case Series():
            return row_of(value, start, end)
        case list():
            return [row_of(each, start, end) for each in value]
    return value


def row_of(value: Series, start: int, end: int) -> Row:
    assert list(value.points) == sorted(value.points)
    assert set(value.points) <= set(range(start, end, PERIOD))
    return [value.points.get(time) for time in range(start, end, PERIOD)]


METRICS: dict[str, Row] = {"metric1": [30, 20, 0, 0], "metric2": [20, GAP, 20, GAP]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(metric1 < metric2)", [0, 0, 1, 0]),
        ("(metric1 >= 30)", [1, 0, 0, 0]),
        ("(metric1 > 15 AND metric2 > 15)", [1, 0, 0, 0]),
        ("metric1 > 15 && metric2 > 15", [1, 0, 0, 0]),
        ("metric1 > 15 OR metric2 > 15", [1, 1, 1, 0]),
        ("metric1 == 0 || metric2 == 0", [0, 0, 1, 1]),
        ("metric1 != 0", [1, 1, 0, 0]),
        ("metric1 <= metric2", [0, 0, 1, 1]),
    ],
)
def test_the_page_s_comparisons(text: str, expected: Row) -> None:
    assert result(text, METRICS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IF(metric1, metric2, metric3)", [30, 0, 20, GAP, GAP]),
        ("IF(metric1, 5, metric3)", [5, 5, 20, GAP, GAP]),
        ("IF(metric1, metric2, 5)", [30, 0, 5, 5, GAP]),
        ("IF(metric1, metric2)", [30, 0, GAP, GAP, GAP]),
        ("IF(1, metric2)", [30, GAP, 0, 0, 30]),
        ("IF(0, metric2)", [GAP] * 5),
        ("IF(0, metric2, metric3)", [0, 0, 20, GAP, 20]),
        ("IF(metric3 < 10, 10, 2)", [10, 10, 2, GAP, 2]),
        ("IF(metric2 < 20, metric2)", [GAP, GAP, 0, 0, GAP]),
    ],
)
def test_the_page_s_conditions(text: str, expected: Row) -> None:
    metrics: dict[str, Row] = {
        "metric1": [1, 1, 0, 0, GAP],
        "metric2": [30, GAP, 0, 0, 30],
        "metric3": [0, 0, 20, GAP, 20],
    }
    assert result(text, metrics) == expected


M1: Row = [4, GAP, -9, 16]
M2: Row = [2, 1, GAP, 0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m1 + m2", [6, 1, -9, 16]),  # a missing value is 0
        ("m1 / m2", [2, 0, GAP, GAP]),  # what would divide by 0 is dropped
        ("m1 - 1", [3, GAP, -10, 15]),
        ("1 - m1", [-3, GAP, 10, -15]),
        ("-5 * m1", [-20, GAP, 45, -80]),
        ("-m1", [-4, GAP, 9, -16]),
        ("2 ^ m2", [4, 2, GAP, 1]),
        ("2 + 3 * m2", [8, 5, GAP, 2]),
        ("(2 + 3) * m2", [10, 5, GAP, 0]),
        ("m2 * 2 ^ 3 ^ 0", [4, 2, GAP, 0]),
        ("m1 * PERIOD(m1) / 60", [4, GAP, -9, 16]),
        ("100 / [m1, m2]", [[25, GAP, -100 / 9, 6.25], [50, 100, GAP, GAP]]),
        ("METRICS() * 100", [[400, GAP, -900, 1600], [200, 100, GAP, 0]]),
        ("[m1, m2] / m2", [[2, 0, GAP, GAP], [1, 1, GAP, GAP]]),
        ("SUM([m1, m2])", [6, 1, -9, 16]),
        ("SUM(-[m1, m2])", [-6, -1, 9, -16]),
        ("SUM(METRICS())", [6, 1, -9, 16]),
        ('SUM(METRICS("2"))', [2, 1, GAP, 0]),
        ("SUM([METRICS('1'), METRICS('2')])", [6, 1, -9, 16]),
        ("AVG(METRICS())", [3, 0.5, -4.5, 8]),  # here too a missing value is 0
        ("MIN(METRICS())", [2, 1, -9, 0]),
        ("MAX([m1, m2])", [4, 1, -9, 16]),
        ("STDDEV([m1, m2])", [1, 0, 0, 8]),
        ("DATAPOINT_COUNT(METRICS())", [2, 1, 1, 2]),
        ("m1 - MIN(m1)", [13, GAP, 0, 25]),
        ("m2 / METRIC_COUNT(METRICS())", [1, 0.5, GAP, 0]),
        ("SUM(m2) + 0 * m2", [3, 3, GAP, 3]),
        ("AVG(m2) + 0 * m2", [1, 1, GAP, 1]),
        ("MAX(m1) + 0 * m2", [16, 16, GAP, 16]),
        ("DATAPOINT_COUNT(m1) + 0 * m2", [3, 3, GAP, 3]),
        ("STDDEV([m1]) + m2", [2, 1, 0, 0]),
        ("ABS(m1)", [4, GAP, 9, 16]),
        ("CEIL(m1 / 3)", [2, GAP, -3, 6]),
        ("FLOOR(m1 / 3)", [1, GAP, -3, 5]),
        ("LOG10(m1 * 25)", [2, GAP, GAP, math.log10(400)]),  # there is none of a negative number
        ("LOG(m2)", [math.log(2), 0, GAP, GAP]),
        ("DIFF(m1)", [GAP, GAP, -13, 25]),
        ("DIFF_TIME(m1)", [GAP, GAP, 120, 60]),
        ("RATE(m1)", [GAP, GAP, -13 / 120, 25 / 60]),
        ("RUNNING_SUM(m1)", [4, GAP, -5, 11]),
        ("FILL(m1, 10)", [4, 10, -9, 16]),
        ("FILL(m2, REPEAT)", [2, 1, 1, 0]),
        ("FILL(m2, LINEAR)", [2, 1, 0.5, 0]),
        ("FILL(m1, m2)", [4, 1, -9, 16]),
        ("FILL(m1, MIN(m1))", [4, -9, -9, 16]),
        ("FILL(METRICS(), 0)", [[4, 0, -9, 16], [2, 1, 0, 0]]),
        ("TIME_SERIES(7)", [7, 7, 7, 7]),
        ("TIME_SERIES(MAX(m1))", [16, 16, 16, 16]),
        ("FIRST(METRICS())", M1),
        ("LAST(METRICS())", M2),
        ("SORT(METRICS(), MAX, ASC)", [M2, M1]),
        ("SORT(METRICS(), MAX, DESC, 1)", [M1]),
        ("SLICE(METRICS(), 1)", [M2]),
        ("SLICE(SORT(METRICS(), SUM, DESC), 0, 1)", [M1]),
        ("REMOVE_EMPTY([m1, IF(0, m1)])", [M1]),
        ("IF(FIRST(SORT(METRICS(), AVG, DESC)) > 5, 1, 0)", [0, GAP, 0, 1]),
    ],
)
def test_operators_and_functions(text: str, expected: Any) -> None:
    found = result(text, {"m1": M1, "m2": M2})
    if isinstance(expected[0], list):
        assert found == [pytest.approx(row) for row in expected]
    else:
        assert found == pytest.approx(expected)


def test_fill_invents_nothing_before_the_first_or_beyond_the_last_value() -> None:
    assert result("FILL(m1, REPEAT)", {"m1": [GAP, 1, GAP]}) == [GAP, 1, 1]
    assert result("FILL(m1, LINEAR)", {"m1": [GAP, 1, GAP]}) == [GAP, 1, GAP]


@pytest.mark.parametrize(
    ("function", "expected"),
    [("MINUTE", 58), ("HOUR", 23), ("DAY", 3), ("DATE", 31), ("MONTH", 12), ("YEAR", 2025), ("EPOCH", None)],
)
def test_calendars(function: str, expected: float | None) -> None:
    time = pd.Timestamp("2025-12-31 23:58", tz="UTC")  # a Wednesday
    start = int(time.timestamp())
    assert result(f"{function}(m1)", {"m1": [GAP, 5]}, start)[0] == (start if expected is None else expected)


def test_weekdays_alone() -> None:
    friday = int(pd.Timestamp("2026-01-02 23:59", tz="UTC").timestamp())
    assert result("IF(DAY(m1) < 6, m1)", {"m1": [1, 2]}, friday) == [1, GAP]


@given(
    rows=st.lists(st.lists(st.integers(-9, 9) | st.none(), min_size=5, max_size=5), min_size=1, max_size=4)
)
def test_folds_agree_with_pandas(rows: list[Row]) -> None:
    frame = pd.DataFrame(rows, dtype=float)
    metrics = {f"m{number}": row for number, row in enumerate(rows)}
    some = frame.notna().any()
    for function, expected in (
        ("SUM", frame.sum()),
        ("MIN", frame.min()),
        ("MAX", frame.max()),
        ("AVG", frame.fillna(0).mean()),
        ("STDDEV", frame.std(ddof=0)),
    ):
        found = result(f"{function}(METRICS())", metrics)
        wanted = [value if there else None for value, there in zip(expected, some, strict=True)]
        assert found == [None if value is None else pytest.approx(value) for value in wanted]


@pytest.mark.parametrize("name", sorted(UNSUPPORTED))
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(MathError, match=f"The function {name} is not supported"):
        compile_expression(f"{name}(m1)")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("m1 +", "Syntax error at character"),
        ("m1 m2", "Syntax error at character 3"),
        ("NOPE(m1)", "Unknown function NOPE"),
        ("avg(m1)", "Syntax error"),
        ("SORT(METRICS(), NOPE, ASC)", "NOPE is not known"),
        ("SELECT AVG(CPUUtilization) FROM SCHEMA(x)", "Metrics Insights queries"),
        ("ABS(1)", "The function ABS does not take a number"),
        ("ABS(m1, m2)", "The function ABS does not take a time series, a time series"),
        ("FIRST(m1)", "The function FIRST does not take a time series"),
        ("TIME_SERIES(m1)", "The function TIME_SERIES does not take a time series"),
        ("PERIOD(m1 + 1)", "PERIOD takes a metric"),
        ("METRICS() + METRICS()", r"The operator \+ does not take an array and an array"),
        ("FILL(m1, MIN)", "The function FILL does not take a time series, a word"),
        ("[1, m1]", "An array holds time series"),
    ],
)
def test_what_cannot_be_is_told(text: str, message: str) -> None:
    with pytest.raises(MathError, match=message):
        result(text, {"m1": [1], "m2": [2]})


def test_every_function_of_the_page_is_there_or_refused_by_name() -> None:
    page = """
        ABS ANOMALY_DETECTION_BAND AVG CEIL DATAPOINT_COUNT DIFF DIFF_TIME FILL FIRST LAST FLOOR IF
        INSIGHT_RULE_METRIC LOG LOG10 MAX METRIC_COUNT METRICS MIN MINUTE HOUR DAY DATE MONTH YEAR EPOCH
        PERIOD RATE REMOVE_EMPTY RUNNING_SUM SEARCH SERVICE_QUOTA SLICE SORT STDDEV SUM TIME_SERIES
    """
    assert set(page.split()) <= FUNCTIONS.keys() | UNSUPPORTED
