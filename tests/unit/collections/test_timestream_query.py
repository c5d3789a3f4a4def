# SPDX-License-Identifier: MIT
"""The module timestream_query, against the embedded AWS, and its types for the shapes that AWS documents."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

DATABASE, TABLE = "module-query", "readings"
FROM = f'FROM "{DATABASE}"."{TABLE}"'
NOW = time.time_ns() // 1_000_000_000 * 1000
ROWS = 2500


@pytest.fixture(scope="module")
def readings(aws: Any) -> Iterator[None]:
    """2,500 doubles, a second apart, of one sensor, and one value of each other type."""
    timestream = aws.client("timestream-write")
    timestream.create_database(DatabaseName=DATABASE)
    timestream.create_table(DatabaseName=DATABASE, TableName=TABLE)
    sensor = {"Dimensions": [{"Name": "device_id", "Value": "sensor-1"}]}
    doubles = [
        {"MeasureName": "temperature", "MeasureValue": str(place / 2), "Time": str(NOW - place * 1000)}
        for place in range(ROWS)
    ]
    others = [
        {"MeasureName": kind, "MeasureValue": value, "MeasureValueType": kind.upper(), "Time": str(NOW)}
        for kind, value in [("bigint", "42"), ("boolean", "true"), ("varchar", "on")]
    ]
    records = doubles + others
    for start in range(0, len(records), 100):
        timestream.write_records(
            DatabaseName=DATABASE,
            TableName=TABLE,
            CommonAttributes=sensor,
            Records=records[start : start + 100],
        )
    yield
    timestream.delete_table(DatabaseName=DATABASE, TableName=TABLE)
    timestream.delete_database(DatabaseName=DATABASE)


@pytest.fixture
def ask(run_module: Any, readings: None) -> Any:
    def ask(query: str, check: bool = False) -> Any:
        result = run_module("timestream_query", check=check, query=query)
        assert not result.get("failed"), result
        assert result["changed"] is False
        return result

    return ask


@pytest.mark.parametrize("check", [True, False])
def test_all_pages(ask: Any, check: bool) -> None:
    result = ask(
        f"SELECT measure_value::double AS t {FROM} WHERE measure_name = 'temperature' ORDER BY 1", check
    )
    assert [row["t"] for row in result["rows"]] == [place / 2 for place in range(ROWS)]
    assert result["columns"] == [{"name": "t", "type": "double"}]
    assert result["query_id"]


def test_values_have_their_types(ask: Any) -> None:
    query = f"""
        SELECT device_id, measure_name, time, measure_value::double AS d, measure_value::bigint AS i,
               measure_value::boolean AS b, measure_value::varchar AS s
        {FROM} WHERE measure_name <> 'temperature' OR time = from_milliseconds({NOW}) ORDER BY measure_name
    """
    result = ask(query)
    printed = time.strftime("%Y-%m-%d %H:%M:%S.000000000", time.gmtime(NOW / 1000))
    empty = {"device_id": "sensor-1", "time": printed, "d": None, "i": None, "b": None, "s": None}
    assert result["rows"] == [
        {**empty, "measure_name": "bigint", "i": 42},
        {**empty, "measure_name": "boolean", "b": True},
        {**empty, "measure_name": "temperature", "d": 0.0},
        {**empty, "measure_name": "varchar", "s": "on"},
    ]
    types = {column["name"]: column["type"] for column in result["columns"]}
    assert types == {
        "device_id": "varchar",
        "measure_name": "varchar",
        "time": "timestamp",
        "d": "double",
        "i": "bigint",
        "b": "boolean",
        "s": "varchar",
    }


def test_no_rows(ask: Any) -> None:
    result = ask(f"SELECT time {FROM} WHERE measure_name = 'none'")
    assert result["rows"] == []
    assert result["columns"] == [{"name": "time", "type": "timestamp"}]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT FROM WHERE", "Failed to run the query"),
        (f"SELECT nothing {FROM}", "nothing"),
        (f"SELECT time AS t, measure_name AS t {FROM}", "More than one column is named t"),
        (f"-- export\n/* all */ unload (SELECT * {FROM}) TO 's3://bucket'", "UNLOAD writes"),
    ],
)
def test_what_cannot_be_asked(run_module: Any, readings: None, query: str, message: str) -> None:
    result = run_module("timestream_query", query=query)
    assert result["failed"]
    assert "crashed" not in result
    assert message in result["msg"]


def scalar(kind: str) -> dict[str, Any]:
    return {"ScalarType": kind}


def datum(value: str) -> dict[str, Any]:
    return {"ScalarValue": value}


DOUBLES = {"ArrayColumnInfo": {"Type": scalar("DOUBLE")}}
SERIES = {"TimeSeriesMeasureValueColumnInfo": {"Type": scalar("DOUBLE")}}
POINT = {"RowColumnInfo": [{"Name": "x", "Type": scalar("BIGINT")}, {"Type": scalar("VARCHAR")}]}


# https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_Datum.html, and API_query_Type.html
@pytest.mark.parametrize(
    ("kind", "answer", "name", "expected"),
    [
        (scalar("BIGINT"), datum("9223372036854775807"), "bigint", 9223372036854775807),
        (scalar("INTEGER"), datum("-5"), "integer", -5),
        (scalar("DOUBLE"), datum("1.5E-7"), "double", 1.5e-7),
        (scalar("BOOLEAN"), datum("false"), "boolean", False),
        (scalar("VARCHAR"), datum("12"), "varchar", "12"),
        (scalar("DATE"), datum("2026-01-01"), "date", "2026-01-01"),
        (scalar("INTERVAL_DAY_TO_SECOND"), datum("0 01:00:00"), "interval_day_to_second", "0 01:00:00"),
        (scalar("DOUBLE"), {"NullValue": True}, "double", None),
        (DOUBLES, {"ArrayValue": [datum("1.5"), {"NullValue": True}]}, "array(double)", [1.5, None]),
        (DOUBLES, {"ArrayValue": []}, "array(double)", []),
        (
            SERIES,
            {"TimeSeriesValue": [{"Time": "2026-01-01 00:00:00.000000000", "Value": datum("2.0")}]},
            "timeseries(double)",
            [{"time": "2026-01-01 00:00:00.000000000", "value": 2.0}],
        ),
        (
            {"ArrayColumnInfo": {"Type": POINT}},
            {"ArrayValue": [{"RowValue": {"Data": [datum("1"), datum("a")]}}]},
            "array(row(x bigint, varchar))",
            [{"x": 1, "_col1": "a"}],
        ),
    ],
)
def test_the_shapes_of_an_answer(
    kind: dict[str, Any], answer: dict[str, Any], name: str, expected: Any
) -> None:
    module = importlib.import_module("ansible_collections.timeseries.aws.plugins.modules.timestream_query")
    value = module.value(answer, kind)
    assert (value, type(value)) == (expected, type(expected))
    assert module.type_name(kind) == name


def test_pages_without_rows_are_read_past() -> None:
    class Running:
        """Answers as Timestream does while a query is still running."""

        answers = ({"Rows": [], "NextToken": "1"}, {"Rows": ["a"], "NextToken": "2"}, {"Rows": ["b"]})

        def query(self, *, aws_retry: bool, QueryString: str, NextToken: str = "0") -> Any:  # noqa: N803
            return self.answers[int(NextToken)]

    module = importlib.import_module("ansible_collections.timeseries.aws.plugins.modules.timestream_query")
    assert [page["Rows"] for page in module.pages(Running(), "SELECT 1")] == [[], ["a"], ["b"]]
