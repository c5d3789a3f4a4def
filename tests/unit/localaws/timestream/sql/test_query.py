# SPDX-License-Identifier: MIT
"""What queries answer, against pandas on the same readings."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

Values = Callable[[str], list[tuple[Any, ...]]]

SENSORS = '"iot"."sensor-data"'
HOUR = 3600 * 10**9
NOW = 1_767_268_800_123_456_789


def text(nanoseconds: int) -> str:
    """A time as Timestream prints it."""
    return f"{pd.Timestamp(nanoseconds):%Y-%m-%d %H:%M:%S}.{nanoseconds % 10**9:09}"


def numbers(rows: list[tuple[Any, ...]], column: int = -1) -> list[float]:
    return [float(row[column]) for row in rows]


def test_all_columns_of_a_table_in_its_order(values: Values, frame: pd.DataFrame) -> None:
    rows = values(f"SELECT * FROM {SENSORS} ORDER BY time LIMIT 2")
    first = frame.iloc[0]
    assert rows[0] == ("d0", "rome", "temperature", text(int(first.time)), "20.0", "0")
    assert rows[1][-1] is None


def test_hourly_averages_by_bin(values: Values, frame: pd.DataFrame) -> None:
    rows = values(
        f"SELECT BIN(time, 1h) AS hour, AVG(measure_value::double) AS mean, COUNT(*) FROM {SENSORS} "
        "WHERE measure_name = 'temperature' GROUP BY BIN(time, 1h) ORDER BY hour"
    )
    of = frame[frame.measure_name == "temperature"]
    expected = of.groupby(of.time // HOUR * HOUR).value.agg(["mean", "count"])
    assert [row[0] for row in rows] == [text(hour) for hour in expected.index]
    assert numbers(rows, 1) == pytest.approx(list(expected["mean"]))
    assert [int(row[2]) for row in rows] == list(expected["count"])


def test_ordinals_having_and_order(values: Values, frame: pd.DataFrame) -> None:
    rows = values(
        f"SELECT device_id, location, sum(measure_value::double) FROM {SENSORS} GROUP BY 1, 2 "
        "HAVING count(*) > 25 ORDER BY 3 DESC"
    )
    groups = frame.groupby(["device_id", "location"]).value
    expected = groups.sum()[groups.count() > 25].sort_values(ascending=False)
    assert [row[:2] for row in rows] == list(expected.index)
    assert numbers(rows) == pytest.approx(list(expected))


def test_the_last_hours_by_ago_and_between(values: Values, frame: pd.DataFrame) -> None:
    (row,) = values(f"SELECT count(*) FROM {SENSORS} WHERE time BETWEEN ago(6h) AND now() - 90m")
    assert int(row[0]) == int(frame.time.between(NOW - 6 * HOUR, NOW - HOUR * 3 // 2).sum())


def test_aggregates(values: Values, frame: pd.DataFrame) -> None:
    (row,) = values(
        "SELECT min(v), max(v), avg(v), stddev(v), variance(v), stddev_pop(v), approx_percentile(v, 0.9), "
        "approx_distinct(d), count_if(v > 25), sum(w), corr(v, w), max_by(d, t), min_by(v, t) FROM "
        f"(SELECT device_id d, time t, measure_value::double v, measure_value::bigint w FROM {SENSORS})"
    )
    v = frame.value
    expected = [v.min(), v.max(), v.mean(), v.std(), v.var(), v.std(ddof=0), v.quantile(0.9, "lower"), 3]
    assert [float(x) for x in row[:8]] == pytest.approx(expected)
    assert int(row[8]) == (v > 25).sum()
    assert int(row[9]) == frame.whole.sum()
    assert float(row[10]) == pytest.approx(v.corr(frame.whole))
    assert row[11] == frame.device_id.iloc[-1]
    assert float(row[12]) == v.iloc[0]


def test_arithmetic_over_aggregates_keeps_their_types(values: Values, frame: pd.DataFrame) -> None:
    (row,) = values(
        "SELECT sum(measure_value::double) / 2, sum(measure_value::bigint) / 2, count(*) / 2, "
        "date_diff('nanosecond', min(time), max(time)), max(time) - 1h, round(avg(measure_value::double), 1) "
        f"FROM {SENSORS}"
    )
    span = int(frame.time.max() - frame.time.min())
    assert float(row[0]) == pytest.approx(frame.value.sum() / 2)
    assert int(row[1]) == int(frame.whole.sum()) // 2
    assert int(row[2]) == len(frame) // 2
    assert int(row[3]) == span
    assert row[4] == text(int(frame.time.max()) - HOUR)
    assert float(row[5]) == round(frame.value.mean(), 1)


def test_windows(values: Values, frame: pd.DataFrame) -> None:
    rows = values(
        "SELECT device_id, date_diff('nanosecond', lag(time) OVER w, time) AS gap, "
        "measure_value::double - lag(measure_value::double) OVER w, row_number() OVER w, "
        "sum(measure_value::double) OVER (PARTITION BY device_id ORDER BY time "
        f"ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM {SENSORS} "
        "WINDOW w AS (PARTITION BY device_id ORDER BY time) ORDER BY device_id, time"
    )
    ordered = frame.sort_values(["device_id", "time"])
    steps = ordered.groupby("device_id").value.diff()
    assert [row[2] is None for row in rows] == list(steps.isna())
    assert [float(row[2]) for row in rows if row[2]] == pytest.approx(list(steps.dropna()))
    assert {row[1] for row in rows} == {None, str(39 * 60 * 10**9 + 3)}
    rolling = ordered.groupby("device_id").value.rolling(3, min_periods=1).sum()
    assert numbers(rows) == pytest.approx(list(rolling))


def test_windows_may_skip_nulls(values: Values) -> None:
    assert values(
        "SELECT x, lag(y) IGNORE NULLS OVER (ORDER BY x), lag(y, 1) RESPECT NULLS OVER (ORDER BY x), "
        "first_value(y) IGNORE NULLS OVER (ORDER BY x DESC) "
        "FROM (VALUES (1, 7), (2, NULL), (3, NULL)) AS t(x, y) ORDER BY x"
    ) == [("1", None, None, "7"), ("2", "7", "7", None), ("3", "7", None, None)]


def test_running_total_over_groups(values: Values, frame: pd.DataFrame) -> None:
    rows = values(
        f"SELECT bin(time, 1d), sum(count(*)) OVER (ORDER BY bin(time, 1d)) FROM {SENSORS} "
        "GROUP BY bin(time, 1d) ORDER BY 1"
    )
    days = frame.groupby(frame.time // (24 * HOUR)).size()
    assert [int(row[1]) for row in rows] == list(days.cumsum())


def test_common_table_expressions_and_a_join(values: Values, frame: pd.DataFrame) -> None:
    rows = values(
        f"""-- the latest reading of each device, and what the device is
        WITH latest AS (SELECT device_id, max(time) AS time FROM {SENSORS} GROUP BY device_id),
             found (device, at, v) AS (
               SELECT s.device_id, s.time, s.measure_value::double FROM {SENSORS} s
               JOIN latest l ON s.device_id = l.device_id AND s.time = l.time)
        SELECT found.device, f.model, v /* of any measure */ FROM found
        LEFT JOIN iot.fleet AS f ON f.device_id = found.device ORDER BY 1"""
    )
    last = frame.sort_values("time").groupby("device_id").tail(1).sort_values("device_id")
    assert rows == [(d, f"model {d[1]}", str(v)) for d, v in zip(last.device_id, last.value, strict=True)]


def test_correlated_subquery_and_exists(values: Values, frame: pd.DataFrame) -> None:
    (row,) = values(
        f"SELECT count(*) FROM {SENSORS} t "
        "WHERE measure_value::double > (SELECT avg(u.measure_value::double) + 1 "
        f"FROM {SENSORS} u WHERE u.device_id = t.device_id) AND EXISTS (SELECT 1 FROM iot.fleet f "
        "WHERE f.device_id = t.device_id AND f.fitted)"
    )
    d1 = frame[frame.device_id == "d1"]
    assert int(row[0]) == (d1.value > d1.value.mean() + 1).sum()


def test_union_distinct_in_and_like(values: Values) -> None:
    rows = values(
        f"SELECT DISTINCT location FROM {SENSORS} WHERE location LIKE 'r%' UNION ALL "
        "SELECT device_id FROM iot.fleet WHERE device_id IN ('d0', 'd2') AND NOT fitted ORDER BY 1"
    )
    assert rows == [("d0",), ("d2",), ("rome",)]


def test_case_and_conditions(values: Values) -> None:
    assert values(
        "SELECT CASE WHEN x > 1 THEN 'many' ELSE 'one' END, if(x > 1, 'a'), coalesce(NULL, x), nullif(x, 2) "
        "FROM (VALUES 1, 2) AS t(x) ORDER BY x"
    ) == [("one", None, "1", "1"), ("many", "a", "2", None)]


def test_arrays_can_be_unnested_and_indexed(values: Values) -> None:
    assert values(
        "SELECT t.x[2], u.y, u.z FROM (VALUES ARRAY[1, 2]) AS t(x) "
        "CROSS JOIN UNNEST(t.x, ARRAY['a']) AS u(y, z)"
    ) == [("2", "1", "a"), ("2", "2", None)]


def test_names_are_not_case_sensitive_and_may_be_quoted(values: Values) -> None:
    assert values(
        f'SELECT count(S.DEVICE_ID), COUNT("measure_value::double"), count(s."measure_value::double"), '
        f"count(s.measure_value::double) FROM {SENSORS} s WHERE Location IS NOT NULL"
    ) == [("221",) * 4]


def test_a_column_may_be_named_by_database_and_table(values: Values) -> None:
    assert values("SELECT iot.fleet.model FROM iot.fleet WHERE fleet.fitted") == [("model 1",)]


def test_a_cte_never_takes_the_place_of_a_table_of_the_store(values: Values) -> None:
    assert values(f"WITH t1 AS (SELECT 1 AS x) SELECT count(*) FROM {SENSORS}, t1") == [("221",)]


def test_grouping_sets(values: Values, frame: pd.DataFrame) -> None:
    rows = values(f"SELECT device_id, count(*) FROM {SENSORS} GROUP BY ROLLUP (device_id) ORDER BY 1")
    counts = frame.groupby("device_id").size()
    assert rows == [*((d, str(n)) for d, n in counts.items()), (None, "221")]
