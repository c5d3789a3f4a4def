# SPDX-License-Identifier: MIT
"""What is said about statements that cannot run."""

from collections.abc import Callable

import pytest

Refusal = Callable[[str], str]

SENSORS = '"iot"."sensor-data"'


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        # names
        (f"SELECT nope FROM {SENSORS}", "line 1:8: Column 'nope' does not exist"),
        (f"SELECT time,\n  t.nope FROM {SENSORS} t", "line 2:3: Column 't.nope' does not exist"),
        (f"SELECT x.time FROM {SENSORS} t", "line 1:8: Column 'x.time' does not exist"),
        (f"SELECT x.* FROM {SENSORS}", "line 1:8: Table 'x' not found"),
        (f"SELECT time AS x FROM {SENSORS} WHERE x > now()", "line 1:49: Column 'x' does not exist"),
        (f"SELECT location AS l, count(*) FROM {SENSORS} GROUP BY l", "line 1:66: Column 'l' does not exist"),
        (f"SELECT device_id FROM {SENSORS} a, {SENSORS} b", "line 1:8: Column 'device_id' is ambiguous"),
        ("SELECT * FROM iot.nothing", "The table iot.nothing does not exist."),
        ("SELECT * FROM fleet", "line 1:15: Schema must be specified when session schema is not set"),
        ("SELECT\n frobnicate(1)", "line 2:2: Function 'frobnicate' not registered"),
        # types
        ("SELECT 'a' + 1", "line 1:8: '+' cannot be applied to varchar, integer"),
        (f"SELECT -time FROM {SENSORS}", "line 1:9: '-' cannot be applied to timestamp"),
        (f"SELECT device_id = 5 FROM {SENSORS}", "line 1:8: '=' cannot be applied to varchar, integer"),
        (
            "SELECT ago(5)",
            "line 1:8: Unexpected parameters (integer) for function ago. Expected: ago(interval)",
        ),
        (
            f"SELECT bin(time) FROM {SENSORS}",
            "line 1:8: Unexpected parameters (timestamp) for function bin. "
            "Expected: bin(timestamp, interval)",
        ),
        (
            "SELECT avg('a')",
            "line 1:8: Unexpected parameters (varchar) for function avg. Expected: avg(double), "
            "avg(interval)",
        ),
        ("SELECT CAST(time AS decimal(5, 2)) FROM iot.fleet", "line 1:13: Unknown type: decimal(5, 2)"),
        (
            f"SELECT device_id, time FROM {SENSORS} GROUP BY device_id",
            "line 1:19: 'time' must be an aggregate expression or appear in GROUP BY clause",
        ),
        # values
        ("SELECT 1 / 0", "Division by zero"),
        (f"SELECT count(*) / (count(*) - 221) FROM {SENSORS}", "Division by zero"),
        ("SELECT 5 % 0", "Division by zero"),
        ("SELECT 9223372036854775807 + 1", "bigint overflow: 9223372036854775807 + 1"),
        ("SELECT 2147483647 + 1", "integer overflow: 2147483647 + 1"),
        ("SELECT 9223372036854775808", "line 1:8: Invalid numeric literal: 9223372036854775808"),
        ("SELECT CAST('x' AS double)", "Cannot cast 'x' to DOUBLE"),
        ("SELECT CAST('2.5' AS bigint)", "Cannot cast '2.5' to BIGINT"),
        (f"SELECT (SELECT time FROM {SENSORS})", "Scalar sub-query has returned multiple rows"),
        ("SELECT date_trunc('era', now())", "'era' is not a valid TIMESTAMP field"),
        ("SELECT date_diff('era', now(), now())", "'era' is not a valid TIMESTAMP field"),
        ("SELECT parse_duration('soon')", "Invalid duration: soon"),
        ("SELECT ARRAY[1][2]", "Array subscript must be less than or equal to array length: 2 > 1"),
        ("SELECT format_datetime(now(), 'QQ')", "line 1:31: Invalid format: QQ is not supported"),
        # syntax
        ("SELEC 1", "The query syntax is invalid at line 1:7, near '1'"),
        (f"SELECT count(*) FRO {SENSORS}", "The query syntax is invalid at line 1:21, near '\"iot\"'"),
        ("SELECT 'abc", "The query syntax is invalid: a quotation is not closed"),
        ("SELECT 1::double", "The query syntax is invalid at line 1:11, near 'double'"),
        ("", "Expected one statement, found 0"),
        ("SELECT 1; SELECT 2", "Expected one statement, found 2"),
    ],
)
def test_wording_and_place(refusal: Refusal, statement: str, message: str) -> None:
    assert refusal(statement) == message


def test_depth_and_length_have_limits(refusal: Refusal) -> None:
    assert refusal("SELECT " + "(" * 5000 + "1" + ")" * 5000) == "The query is too deeply nested"
    assert "at most 262144 characters" in refusal("SELECT '" + "x" * 262144 + "'")
