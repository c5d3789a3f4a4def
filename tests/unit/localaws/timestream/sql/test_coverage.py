# SPDX-License-Identifier: MIT
"""What statements cover of their tables, and where their columns come from.

https://docs.aws.amazon.com/timestream/latest/developerguide/query-insights-optimize-data-access-pattern.html
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from localaws.timestream.schema import Relations
from localaws.timestream.sql import Scan, Statement

NOW = 1_767_268_800_123_456_789
HOUR = 3600 * 10**9
SENSORS = '"iot"."sensor-data"'
Read = Callable[[str], Statement]


@pytest.fixture
def read(tables: Relations, connection: duckdb.DuckDBPyConnection) -> Read:
    return lambda statement: Statement(statement, tables, connection.cursor(), NOW)


@pytest.fixture
def scan(read: Read) -> Callable[[str], Scan]:
    def only(statement: str) -> Scan:
        [scan] = read(statement).scans
        return scan

    return only


@pytest.fixture
def bounds(
    scan: Callable[[str], Scan], connection: duckdb.DuckDBPyConnection
) -> Callable[[str], tuple[int | None, int | None]]:
    def found(statement: str) -> tuple[int | None, int | None]:
        [(start, end)] = connection.cursor().execute(scan(statement).bounds()).fetchall()
        return start, end

    return found


@pytest.mark.parametrize(
    ("condition", "start", "end"),
    [
        ("true", None, None),
        ("time > ago(1h)", NOW - HOUR, None),
        ("time >= ago(2h) AND time < now()", NOW - 2 * HOUR, NOW),
        ("time BETWEEN ago(2h) AND ago(1h)", NOW - 2 * HOUR, NOW - HOUR),
        ("ago(1h) < time", NOW - HOUR, None),
        ("now() - 1h >= time", None, NOW - HOUR),
        ("time > ago(3h) AND time > ago(2h) AND time < now() AND time < ago(1h)", NOW - 2 * HOUR, NOW - HOUR),
        ("time = from_nanoseconds(5)", 5, 5),
        ("time > '2026-01-01 00:00:00.000000001'", 1_767_225_600_000_000_001, None),
        ("time > DATE '2026-01-01'", 1_767_225_600_000_000_000, None),
        ("measure_name = 'a' AND (device_id = 'd1' OR device_id = 'd2') AND time < now()", None, NOW),
        # these are not pruned by: functions of the column, alternatives, columns, negations
        ("bin(time, 1h) > ago(1h)", None, None),
        ("time > ago(1h) OR device_id = 'd1'", None, None),
        ("time > from_milliseconds(measure_value::bigint)", None, None),
        ("NOT time > ago(1h)", None, None),
    ],
)
def test_the_times_that_a_condition_lets_pass(
    bounds: Callable[[str], object], condition: str, start: int | None, end: int | None
) -> None:
    assert bounds(f"SELECT * FROM {SENSORS} WHERE {condition}") == (start, end)


@pytest.mark.parametrize(
    "statement",
    [
        f"SELECT * FROM (SELECT device_id, time AS t FROM {SENSORS}) WHERE t > ago(1h)",
        f"WITH x AS (SELECT * FROM {SENSORS}) SELECT count(*) FROM x WHERE time > ago(1h)",
        f"WITH x AS (SELECT *, time AS t FROM {SENSORS}) SELECT count(*) FROM x a WHERE a.t > ago(1h)",
        f"SELECT 1 FROM (VALUES 1) v(a) JOIN {SENSORS} s ON s.time > ago(1h)",
        f"SELECT 1 FROM (SELECT * FROM (SELECT * FROM {SENSORS})) WHERE time > ago(1h) ORDER BY time LIMIT 1",
    ],
)
def test_conditions_further_out_count(bounds: Callable[[str], object], statement: str) -> None:
    assert bounds(statement) == (NOW - HOUR, None)


@pytest.mark.parametrize(
    "statement",
    [
        f"SELECT * FROM (SELECT * FROM {SENSORS} LIMIT 3) WHERE time > ago(1h)",
        f"SELECT * FROM (SELECT device_id, max(time) AS time FROM {SENSORS} GROUP BY 1) WHERE time > ago(1h)",
        f"SELECT 1 FROM (VALUES 1) v(a) LEFT JOIN {SENSORS} s ON true WHERE s.time > ago(1h) OR a = 1",
        f"SELECT *, rank() OVER (ORDER BY time) FROM (SELECT 1) CROSS JOIN {SENSORS}",
        f"SELECT 1 FROM (SELECT now() AS time) WHERE time > ago(1h) AND EXISTS (SELECT 1 FROM {SENSORS})",
        f"SELECT 1 FROM {SENSORS} t(time, x) WHERE time > 'd1'",
    ],
)
def test_conditions_that_come_too_late_do_not(bounds: Callable[[str], object], statement: str) -> None:
    assert bounds(statement) == (None, None)


@pytest.mark.parametrize(
    ("condition", "picks"),
    [
        ("measure_name = 'a'", True),
        ("'a' = measure_name", True),
        ("measure_name IN ('a', 'b')", True),
        ("(measure_name = 'a' OR measure_name IN ('b'))", True),
        ("measure_name LIKE 'a%'", False),
        ("lower(measure_name) = 'a'", False),
        ("measure_name = device_id", False),
        ("measure_name <> 'a'", False),
        ("(measure_name = 'a' OR device_id = 'd1')", False),
        ("measure_name IN (SELECT 'a')", False),
    ],
)
def test_the_partition_keys_that_a_condition_names(
    scan: Callable[[str], Scan], condition: str, picks: bool
) -> None:
    statement = f"SELECT * FROM {SENSORS} WHERE {condition} AND time > ago(1h)"
    found = next(each for each in [scan(statement)] if each.table == "t1")
    assert (found.of_key("measure_name") != "true") is picks


def test_every_reading_of_a_table_counts(read: Read) -> None:
    statement = read(
        f"SELECT 1 FROM {SENSORS} a JOIN {SENSORS} b ON a.time = b.time WHERE a.time > ago(1h) "
        "AND EXISTS (SELECT 1 FROM iot.fleet)"
    )
    assert sorted(scan.table for scan in statement.scans) == ["t1", "t1", "t2"]
    assert read("SHOW DATABASES").scans == []
    assert read("SELECT 1").scans == []


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT device_id, time AS t, 1, 1 AS one FROM {}", [("t1", 0), ("t1", 1), (None, 0), (None, 1)]),
        ("SELECT max(time), count(*) AS n FROM {}", [(None, 0), (None, 1)]),
        ("SELECT * FROM iot.fleet", [("t2", 0)] * 5),
        (
            "WITH f AS (SELECT model m FROM iot.fleet) SELECT s.device_id, f.m, m AS x FROM {} s, f",
            [("t1", 0), ("t2", 0), ("t2", 1)],
        ),
        ("SELECT time, time FROM (SELECT time FROM {} UNION SELECT now())", [("t1", 0), ("t1", 0)]),
        ("SELECT a FROM (VALUES 1) v(a)", [(None, 0)]),
        ("SHOW DATABASES", [(None, 0)]),
    ],
)
def test_where_columns_come_from(read: Read, statement: str, expected: list[tuple[str | None, bool]]) -> None:
    columns = read(statement.format(SENSORS)).select_columns()
    assert [(origin.table, origin.aliased) for _, origin in columns] == expected


def test_columns_of_the_same_name_keep_it(read: Read) -> None:
    columns = read(f"SELECT time, time FROM {SENSORS}").select_columns()
    assert [info["Name"] for info, _ in columns] == ["time", "time"]
