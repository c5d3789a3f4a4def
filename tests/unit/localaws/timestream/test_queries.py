# SPDX-License-Identifier: MIT
"""Query, CancelQuery and PrepareQuery, as the API reference describes them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localaws.errors import ConflictException, QueryExecutionException, ValidationException
from localaws.timestream import memory, queries, results
from localaws.timestream.service import Timestream

MILLISECONDS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
HOUR = 3600
TABLE = '"iot"."sensor-data"'
DEADLINE = 60.0

NUMBERS = "SELECT a.x FROM UNNEST(sequence(1, 10000)) a(x) CROSS JOIN UNNEST(sequence(1, 10000)) b(y)"
LONG = f"SELECT sum(n.x) FROM ({NUMBERS}) n CROSS JOIN UNNEST(sequence(1, 10000)) c(z)"
"""Adds up 10**12 numbers."""

Call = Callable[..., dict[str, Any]]


@pytest.fixture
def filled(call: Call, table: dict[str, str]) -> dict[str, str]:
    """Five temperatures, 0.0 to 4.0, the first at New Year and the others before it, an hour apart."""
    write(call, table, "temperature", range(5))
    return table


def write(call: Call, table: dict[str, str], measure: str, hours: range, device: str = "d1") -> None:
    records = [
        {"MeasureName": measure, "MeasureValue": str(n), "Time": str(MILLISECONDS - n * HOUR * 1000)}
        for n in hours
    ]
    common = {"Dimensions": [{"Name": "device_id", "Value": device}]}
    call("WriteRecords", **table, CommonAttributes=common, Records=records)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PATIENCE_SECONDS", 0.02)


def scalars(answer: dict[str, Any]) -> list[Any]:
    return [[datum.get("ScalarValue") for datum in row["Data"]] for row in answer["Rows"]]


def read(call: Call, statement: str, **more: Any) -> list[dict[str, Any]]:
    """All pages of an answer."""
    pages = [call("Query", QueryString=statement, **more)]
    while token := pages[-1].get("NextToken"):
        pages.append(call("Query", QueryString=statement, NextToken=token, **more))
    return pages


# Running queries


@pytest.mark.usefixtures("impatient")
def test_a_long_query_is_answered_with_empty_pages(call: Call) -> None:
    pages = [call("Query", QueryString=LONG)]
    for _ in range(7):  # a page may be read five times: these are so many pages
        pages.append(call("Query", QueryString=LONG, NextToken=pages[-1]["NextToken"]))
    assert {page["QueryId"] for page in pages} == {pages[0]["QueryId"]}
    assert all(page["Rows"] == [] and page["QueryStatus"]["ProgressPercentage"] < 100 for page in pages)
    assert len({page["NextToken"] for page in pages}) == len(pages)


@pytest.mark.usefixtures("impatient", "filled")
def test_a_query_is_polled_until_it_is_done(call: Call) -> None:
    statement = f"SELECT count(*) FROM (SELECT * FROM ({NUMBERS}) LIMIT 3000000)"
    pages = read(call, statement)
    assert scalars(pages[-1]) == [["3000000"]]
    assert pages[-1]["QueryStatus"]["ProgressPercentage"] == 100.0


@pytest.mark.usefixtures("impatient")
def test_a_running_query_can_be_cancelled(call: Call) -> None:
    page = call("Query", QueryString=LONG)
    assert call("CancelQuery", QueryId=page["QueryId"]) == {}
    assert "already" in call("CancelQuery", QueryId=page["QueryId"])["CancellationMessage"]
    with pytest.raises(ConflictException, match=r"Unable to poll results for a cancelled query\."):
        call("Query", QueryString=LONG, NextToken=page["NextToken"])
    assert running() == []


def running() -> list[threading.Thread]:
    """The threads of queries that are still there after some time to end."""
    end = time.monotonic() + DEADLINE
    while (threads := [t for t in threading.enumerate() if t.name == "query"]) and time.monotonic() < end:
        threads[0].join(0.1)
    return threads


@pytest.mark.usefixtures("impatient")
def test_long_queries_hold_up_neither_writes_nor_queries(call: Call, table: dict[str, str]) -> None:
    write(call, table, "temperature", range(1))
    statement = f"SELECT sum(t.measure_value::double) FROM {TABLE} t CROSS JOIN ({LONG}) l"
    for _ in range(3):
        assert "NextToken" in call("Query", QueryString=statement)
    write(call, table, "temperature", range(1, 3))
    record = {"MeasureName": "note", "MeasureValue": "new column", "MeasureValueType": "VARCHAR"}
    dimensions = [{"Name": "new_dimension", "Value": "x"}]
    call("WriteRecords", **table, Records=[{**record, "Time": str(MILLISECONDS), "Dimensions": dimensions}])
    assert scalars(read(call, f"SELECT count(*) FROM {TABLE}")[-1]) == [["4"]]


@pytest.mark.usefixtures("impatient")
def test_a_query_ends_after_an_hour(call: Call, service: Timestream, clock: Any) -> None:
    token = call("Query", QueryString=LONG)["NextToken"]
    clock.seconds += HOUR - 1
    service.work()
    token = call("Query", QueryString=LONG, NextToken=token)["NextToken"]
    clock.seconds += 1
    service.work()
    assert running() == []
    with pytest.raises(QueryExecutionException, match="longer than 1 hour"):
        call("Query", QueryString=LONG, NextToken=token)


@pytest.mark.usefixtures("impatient")
def test_queries_are_stopped_when_memory_is_short(
    call: Call, service: Timestream, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = call("Query", QueryString=LONG)["NextToken"]
    service.work()
    token = call("Query", QueryString=LONG, NextToken=token)["NextToken"]
    monkeypatch.setattr(memory, "MOST", 0.0)
    service.work()
    with pytest.raises(QueryExecutionException, match="more memory than there is"):
        call("Query", QueryString=LONG, NextToken=token)


@pytest.mark.usefixtures("impatient")
def test_a_service_that_closes_stops_its_queries(clock: Any) -> None:
    service = Timestream("000000000000", "us-east-1", clock)
    assert "NextToken" in service.call("Query", {"QueryString": LONG}, "")
    service.close()
    assert running() == []


# Pages


@pytest.mark.usefixtures("filled")
def test_a_query_is_read_in_pages(call: Call) -> None:
    pages = read(call, f"SELECT measure_value::double FROM {TABLE} ORDER BY 1", MaxRows=2)
    assert [len(page["Rows"]) for page in pages] == [2, 2, 1]
    assert [row for page in pages for row in scalars(page)] == [["0.0"], ["1.0"], ["2.0"], ["3.0"], ["4.0"]]
    assert all(page["ColumnInfo"] == pages[0]["ColumnInfo"] for page in pages)


def test_of_a_large_answer_with_max_rows_the_first_page_is_a_token_only(call: Call) -> None:
    statement = f"SELECT rpad('x', 1000, 'y') FROM ({NUMBERS}) LIMIT 2500"
    pages = read(call, statement, MaxRows=1000)
    row = len('{"Data": [{"ScalarValue": ""}]}, ') + 1000
    full = (10**6 - len(json.dumps(pages[0]["ColumnInfo"]))) // row
    assert [len(page["Rows"]) for page in pages] == [0, full, full, 2500 - 2 * full]


def test_a_large_answer_comes_in_pages_of_a_megabyte(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MEMORY_BYTES", 1000)
    pages = read(call, f"SELECT x, rpad('x', 200, 'y') FROM ({NUMBERS}) LIMIT 20000")
    assert len(pages) == 6  # 20,000 rows of some 270 bytes, as JSON writes them
    assert sum(len(page["Rows"]) for page in pages) == 20_000


def test_an_answer_that_is_too_large_fails(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "RESULT_BYTES", 10**6)
    with pytest.raises(QueryExecutionException, match="larger than"):
        call("Query", QueryString=NUMBERS)


def test_a_row_that_is_larger_than_a_page_fails(call: Call) -> None:
    with pytest.raises(ValidationException, match="max page response size has been exceeded"):
        call("Query", QueryString="SELECT rpad('x', 1000000, 'y')")


def test_large_results_are_in_the_services_folder_without_a_trace(
    tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "MEMORY_BYTES", 1000)
    service = Timestream("000000000000", "us-east-1", clock, tmp_path)
    before = set(tmp_path.rglob("*"))
    page = service.call("Query", {"QueryString": f"{NUMBERS} LIMIT 100000", "MaxRows": 10}, "")
    assert "NextToken" in page
    assert set(tmp_path.rglob("*")) == before
    service.close()


# ClientToken


@pytest.mark.usefixtures("filled")
def test_a_request_made_again_has_the_same_answer(call: Call, table: dict[str, str], clock: Any) -> None:
    request = {"QueryString": f"SELECT count(*) FROM {TABLE}", "ClientToken": "t" * 32}
    first = call("Query", **request)
    write(call, table, "temperature", range(5, 6))
    clock.seconds += 299
    assert call("Query", **request) == first
    with pytest.raises(ValidationException, match="other parameters"):
        call("Query", **{**request, "QueryString": "SELECT 1"})
    clock.seconds += 1
    with pytest.raises(ValidationException, match="5 minutes"):
        call("Query", **request)
    clock.seconds += 4 * HOUR
    assert scalars(call("Query", **request)) == [["6"]]


# QueryStatus and QueryInsights


RECORD_BYTES = 8 + len("device_id") + len("d1") + len("temperature") + 8
INSIGHTS = {"Mode": "ENABLED_WITH_RATE_CONTROL"}


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("condition", "records"),
    [
        ("", 5),
        ("WHERE time > ago(2h)", 2),
        ("WHERE time BETWEEN ago(3h) AND ago(1h) AND measure_name = 'temperature'", 3),
        ("WHERE measure_name = 'humidity'", 0),
        ("WHERE measure_value::double > 100", 5),
    ],
)
def test_the_bytes_scanned_are_those_of_the_times_and_keys_that_are_named(
    call: Call, condition: str, records: int
) -> None:
    status = call("Query", QueryString=f"SELECT count(*) FROM {TABLE} {condition}")["QueryStatus"]
    assert status == {
        "ProgressPercentage": 100.0,
        "CumulativeBytesScanned": records * RECORD_BYTES,
        "CumulativeBytesMetered": 10_000_000,  # the least that AWS meters
    }


def insights(call: Call, statement: str) -> dict[str, Any]:
    answer = call("Query", QueryString=statement, QueryInsights=INSIGHTS)
    return answer["QueryInsightsResponse"]  # type: ignore[no-any-return]


@pytest.mark.usefixtures("filled")
def test_insights_of_a_query(call: Call, table: dict[str, str]) -> None:
    write(call, table, "humidity", range(2))
    arn = "arn:aws:timestream:us-east-1:000000000000:database/iot/table/sensor-data"
    statement = f"SELECT device_id, measure_value::double FROM {TABLE} WHERE measure_name = 'humidity' AND "
    assert insights(call, statement + "time BETWEEN ago(23h) AND now()") == {
        "QuerySpatialCoverage": {"Max": {"Value": 0.5, "TableArn": arn, "PartitionKey": ["measure_name"]}},
        "QueryTemporalRange": {"Max": {"Value": 23 * HOUR * 10**9, "TableArn": arn}},
        "QueryTableCount": 1,
        "OutputRows": 2,
        "OutputBytes": 2 * (len("d1") + 8),
    }


@pytest.mark.usefixtures("filled")
def test_insights_name_the_worst_table(call: Call) -> None:
    other = {"DatabaseName": "iot", "TableName": "other"}
    key = {"Type": "DIMENSION", "Name": "State", "EnforcementInRecord": "REQUIRED"}
    call("CreateTable", **other, Schema={"CompositePartitionKey": [key]})
    for number in range(4):
        dimensions = [{"Name": "State", "Value": f"s{number}"}]
        when = str(MILLISECONDS - number * 60_000)
        record = {"MeasureName": "m", "MeasureValue": "1", "Time": when, "Dimensions": dimensions}
        call("WriteRecords", **other, Records=[record])
    found = insights(
        call, f"SELECT 1 FROM {TABLE} a, iot.other b WHERE b.State IN ('s0') AND a.time > ago(30m)"
    )
    assert found["QueryTableCount"] == 2
    assert found["QuerySpatialCoverage"]["Max"]["TableArn"].endswith("/sensor-data")
    assert found["QuerySpatialCoverage"]["Max"]["Value"] == 1.0
    assert found["QueryTemporalRange"]["Max"]["Value"] == 30 * 60 * 10**9
    found = insights(call, "SELECT 1 FROM iot.other WHERE State IN ('s0', 'absent')")
    assert found["QuerySpatialCoverage"]["Max"]["Value"] == 0.25
    assert found["QuerySpatialCoverage"]["Max"]["PartitionKey"] == ["State"]
    assert found["QueryTemporalRange"]["Max"]["Value"] == 3 * 60 * 10**9  # from the oldest record to now


def test_insights_of_a_query_without_tables(call: Call) -> None:
    assert insights(call, "SELECT 1, 'abc'") == {"QueryTableCount": 0, "OutputRows": 1, "OutputBytes": 11}
    assert "QueryInsightsResponse" not in call("Query", QueryString="SELECT 1")


@pytest.mark.usefixtures("table")
def test_insights_of_an_empty_table(call: Call) -> None:
    found = insights(call, f"SELECT * FROM {TABLE} WHERE measure_name = 'x'")
    assert found["QuerySpatialCoverage"]["Max"]["Value"] == 0.0
    assert found["QueryTemporalRange"]["Max"]["Value"] == 0


# Limits


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT rpad('x', 2000000000, 'y')",
        "SELECT length(lpad('x', 2000000000, 'y'))",
        "SELECT sequence(1, 1000000000000)",
        "SELECT count(*) FROM UNNEST(sequence(1, 1000000000000))",
    ],
)
def test_what_would_take_too_much_memory_fails_at_once(call: Call, statement: str) -> None:
    with pytest.raises((ValidationException, QueryExecutionException)):
        call("Query", QueryString=statement)


# PrepareQuery


@pytest.mark.usefixtures("filled")
def test_a_prepared_query_tells_its_columns_and_parameters(call: Call) -> None:
    statement = (
        f"SELECT device_id, measure_value::double AS value, max(time), 'x' AS label FROM {TABLE} "
        "WHERE time > @since AND measure_name = @measure GROUP BY 1, 2 HAVING max(time) < @since"
    )
    names = {"DatabaseName": "iot", "TableName": "sensor-data"}
    assert call("PrepareQuery", QueryString=statement, ValidateOnly=True) == {
        "QueryString": statement,
        "Columns": [
            {"Name": "device_id", "Type": {"ScalarType": "VARCHAR"}, **names, "Aliased": False},
            {"Name": "value", "Type": {"ScalarType": "DOUBLE"}, **names, "Aliased": True},
            {"Name": "_col2", "Type": {"ScalarType": "TIMESTAMP"}, "Aliased": False},
            {"Name": "label", "Type": {"ScalarType": "VARCHAR"}, "Aliased": True},
        ],
        "Parameters": [
            {"Name": "since", "Type": {"ScalarType": "TIMESTAMP"}},
            {"Name": "measure", "Type": {"ScalarType": "VARCHAR"}},
        ],
    }


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("SHOW DATABASES", ["Database"]),
        (f"UNLOAD (SELECT * FROM {TABLE}) TO 's3://b/f'", ["rows", "metadataFile", "manifestFile"]),
        (f"SELECT * FROM {TABLE}", ["device_id", "measure_name", "time", "measure_value::double"]),
    ],
)
def test_any_statement_can_be_prepared(call: Call, statement: str, names: list[str]) -> None:
    prepared = call("PrepareQuery", QueryString=statement, ValidateOnly=True)
    assert [column["Name"] for column in prepared["Columns"]] == names


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"QueryString": "SELECT 1"}, "ValidateOnly"),
        ({"QueryString": "SELECT 1", "ValidateOnly": False}, "ValidateOnly"),
        ({"QueryString": "SELECT x", "ValidateOnly": True}, "Column 'x' does not exist"),
        ({"QueryString": "SELECT 1 FROM a.b", "ValidateOnly": True}, "database 'a' not found"),
        ({"QueryString": "UNLOAD (SELECT 1) TO 'file:///x'", "ValidateOnly": True}, "s3://"),
    ],
)
def test_what_cannot_be_prepared(call: Call, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        call("PrepareQuery", **request_)


def test_a_query_with_parameters_cannot_be_run(call: Call) -> None:
    with pytest.raises(ValidationException, match="@x"):
        call("Query", QueryString="SELECT @x")
