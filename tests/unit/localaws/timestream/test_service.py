# SPDX-License-Identifier: MIT
"""Both APIs as a client calls them: what is written is what a query finds."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from localaws.errors import (
    AwsError,
    RejectedRecordsException,
    ResourceNotFoundException,
    SerializationException,
    UnknownOperationException,
    ValidationException,
)
from localaws.timestream.service import Timestream
from localaws.timestream.validation import models

MILLISECONDS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
HOUR = 3_600_000

WITHOUT_REQUIRED_MEMBERS = {
    "DescribeAccountSettings",
    "DescribeEndpoints",
    "ListBatchLoadTasks",
    "ListDatabases",
    "ListScheduledQueries",
    "ListTables",
    "UpdateAccountSettings",
}


def records(count: int, *, age: int = 0, offset: float = 0, **more: Any) -> list[dict[str, Any]]:
    """Records a millisecond apart, their values counting up from `offset`."""
    return [
        {
            "MeasureName": "temperature",
            "MeasureValue": str(offset + number),
            "Time": str(MILLISECONDS - age - number),
            **more,
        }
        for number in range(count)
    ]


COMMON = {"Dimensions": [{"Name": "device_id", "Value": "d1"}]}
SELECT = 'SELECT measure_value::double AS v FROM "iot"."sensor-data" ORDER BY 1'


def scalars(answer: dict[str, Any]) -> list[Any]:
    return [[datum.get("ScalarValue") for datum in row["Data"]] for row in answer["Rows"]]


@pytest.mark.parametrize("operation", sorted({name for model in models() for name in model.operation_names}))
def test_every_operation_of_both_models_is_there(call: Any, operation: str) -> None:
    if operation in WITHOUT_REQUIRED_MEMBERS:
        call(operation)
    else:
        with pytest.raises(ValidationException, match="Member must not be null"):
            call(operation)


def test_an_operation_of_neither_model_is_refused(service: Timestream) -> None:
    with pytest.raises(UnknownOperationException, match="DropEverything"):
        service.call("DropEverything", {}, "")


def test_the_endpoint_is_the_one_it_is_told(call: Any) -> None:
    [endpoint] = call("DescribeEndpoints")["Endpoints"]
    assert endpoint == {"Address": "http://127.0.0.1:4566", "CachePeriodInMinutes": 1440}


def test_what_is_written_is_found(call: Any, table: dict[str, str]) -> None:
    answer = call("WriteRecords", **table, CommonAttributes=COMMON, Records=records(3))
    assert answer == {"RecordsIngested": {"Total": 3, "MemoryStore": 3, "MagneticStore": 0}}
    call("WriteRecords", **table, CommonAttributes=COMMON, Records=records(1, age=48 * HOUR, offset=9))
    found = call("Query", QueryString=SELECT)
    assert scalars(found) == [["0.0"], ["1.0"], ["2.0"], ["9.0"]]
    assert found["ColumnInfo"] == [{"Name": "v", "Type": {"ScalarType": "DOUBLE"}}]


def test_multi_measure_records_have_a_column_a_measure(call: Any, table: dict[str, str]) -> None:
    values = [
        {"Name": "temperature", "Type": "DOUBLE", "Value": "21.5"},
        {"Name": "seen", "Type": "TIMESTAMP", "Value": str(MILLISECONDS)},
        {"Name": "count", "Type": "BIGINT", "Value": "3"},
        {"Name": "ok", "Type": "BOOLEAN", "Value": "true"},
        {"Name": "note", "Type": "VARCHAR", "Value": "fine"},
    ]
    record = {"MeasureName": "readings", "MeasureValueType": "MULTI", "Time": str(MILLISECONDS)}
    call("WriteRecords", **table, CommonAttributes=COMMON, Records=[{**record, "MeasureValues": values}])
    found = call("Query", QueryString='SELECT * FROM "iot"."sensor-data"')
    assert [column["Name"] for column in found["ColumnInfo"]] == [
        "device_id", "measure_name", "time", "temperature", "seen", "count", "ok", "note",
    ]  # fmt: skip
    midnight = "2026-01-01 00:00:00.000000000"
    assert scalars(found) == [["d1", "readings", midnight, "21.5", midnight, "3", "true", "fine"]]


def test_a_partial_failure_stores_the_rest(call: Any, table: dict[str, str]) -> None:
    late, good = records(1, age=400 * 24 * HOUR), records(1, offset=7)
    with pytest.raises(RejectedRecordsException) as caught:
        call("WriteRecords", **table, CommonAttributes=COMMON, Records=[*late, *good])
    error = caught.value
    assert error.message == "One or more records have been rejected. See RejectedRecords for details."
    assert (error.code, error.status) == ("RejectedRecordsException", 419)
    [rejected] = error.fields["RejectedRecords"]
    assert rejected["RecordIndex"] == 0
    assert rejected["Reason"].endswith("of the data ingestion window.")
    assert scalars(call("Query", QueryString=SELECT)) == [["7.0"]]


def test_an_invalid_record_stores_nothing(call: Any, table: dict[str, str]) -> None:
    with pytest.raises(ValidationException, match=r"Invalid time for record\."):
        call("WriteRecords", **table, CommonAttributes=COMMON, Records=[*records(1), *records(1, Time="now")])
    assert call("Query", QueryString='SELECT count(*) FROM "iot"."sensor-data"')["Rows"] == [
        {"Data": [{"ScalarValue": "0"}]}
    ]


def test_a_required_partition_dimension_is_enforced(call: Any) -> None:
    names = {"DatabaseName": "iot", "TableName": "sensor-data"}
    key = {"Type": "DIMENSION", "Name": "device_id", "EnforcementInRecord": "REQUIRED"}
    call("CreateDatabase", DatabaseName="iot")
    call("CreateTable", **names, Schema={"CompositePartitionKey": [key]})
    other = {**COMMON, "Dimensions": [{"Name": "location", "Value": "lab"}]}
    with pytest.raises(RejectedRecordsException):
        call("WriteRecords", **names, CommonAttributes=other, Records=records(1))
    call("WriteRecords", **names, CommonAttributes=COMMON, Records=records(1))


@pytest.mark.usefixtures("table")
def test_a_write_to_nowhere(call: Any) -> None:
    for names in (
        {"DatabaseName": "iot", "TableName": "none"},
        {"DatabaseName": "none", "TableName": "sensor-data"},
    ):
        with pytest.raises(ResourceNotFoundException):
            call("WriteRecords", **names, Records=records(1))


def test_a_query_is_read_in_pages(call: Any, table: dict[str, str]) -> None:
    call("WriteRecords", **table, CommonAttributes=COMMON, Records=records(5))
    token = "x" * 32
    page = call("Query", QueryString=SELECT, MaxRows=2, ClientToken=token)
    found, query_id = scalars(page), page["QueryId"]
    while "NextToken" in page:
        page = call("Query", QueryString=SELECT, MaxRows=2, ClientToken=token, NextToken=page["NextToken"])
        assert page["QueryId"] == query_id
        found += scalars(page)
    assert found == [["0.0"], ["1.0"], ["2.0"], ["3.0"], ["4.0"]]


def test_a_cancelled_query(call: Any, table: dict[str, str]) -> None:
    call("WriteRecords", **table, CommonAttributes=COMMON, Records=records(5))
    page = call("Query", QueryString=SELECT, MaxRows=2)
    assert call("CancelQuery", QueryId=page["QueryId"]) == {}
    with pytest.raises(AwsError, match="cancelled"):
        call("Query", QueryString=SELECT, NextToken=page["NextToken"])


def test_a_query_tells_what_it_scanned(call: Any, table: dict[str, str]) -> None:
    call("WriteRecords", **table, CommonAttributes=COMMON, Records=records(2))
    size = 8 + len("device_id") + len("d1") + len("temperature") + 8
    assert call("Query", QueryString=SELECT)["QueryStatus"] == {
        "ProgressPercentage": 100.0,
        "CumulativeBytesScanned": 2 * size,
        "CumulativeBytesMetered": 10_000_000,  # the least that AWS meters
    }


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"QueryString": 'SELECT 1 FROM "none"."sensor-data"'}, "database 'none' not found"),
        ({"QueryString": 'SELECT 1 FROM "iot"."none"'}, "table 'none' not found"),
        ({"QueryString": 'SHOW TABLES FROM "none"'}, "database 'none' not found"),
        ({"QueryString": "SELECT 1", "MaxRows": 1001}, "less than or equal to 1000"),
        ({"QueryString": "SELECT 1", "ClientToken": "short"}, "greater than or equal to 32"),
        ({"QueryString": "SELECT 1", "NextToken": "x"}, "Invalid pagination token"),
    ],
)
def test_a_query_that_cannot_be_run(call: Any, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        call("Query", **request_)


def test_a_request_of_another_shape(call: Any) -> None:
    with pytest.raises(SerializationException):
        call("Query", QueryString=1)


def test_the_catalogue_can_be_queried(call: Any, table: dict[str, str]) -> None:
    call("CreateTable", DatabaseName="iot", TableName="another")
    assert scalars(call("Query", QueryString="SHOW DATABASES")) == [["iot"]]
    assert scalars(call("Query", QueryString='SHOW TABLES FROM "iot"')) == [["another"], ["sensor-data"]]
    call("WriteRecords", **table, CommonAttributes=COMMON, Records=records(1))
    described = scalars(call("Query", QueryString='DESCRIBE "iot"."sensor-data"'))
    assert [row[0] for row in described] == ["device_id", "measure_name", "time", "measure_value::double"]


def test_retention_is_honoured_when_time_passes(call: Any, clock: Any, table: dict[str, str]) -> None:
    call("WriteRecords", **table, CommonAttributes=COMMON, Records=records(2))
    clock.seconds += 366 * 24 * 3600
    assert scalars(call("Query", QueryString=SELECT)) == [["0.0"]]
    clock.seconds += 1
    assert scalars(call("Query", QueryString=SELECT)) == []


def test_a_deleted_table_is_empty_when_it_is_made_again(call: Any, table: dict[str, str]) -> None:
    call("WriteRecords", **table, CommonAttributes=COMMON, Records=records(1))
    call("DeleteTable", **table)
    call("CreateTable", **table)
    assert scalars(call("Query", QueryString='SELECT count(*) FROM "iot"."sensor-data"')) == [["0"]]


def test_accounts_and_regions_stand_apart(call: Any, table: dict[str, str], clock: Any) -> None:
    call("WriteRecords", **table, CommonAttributes=COMMON, Records=records(1))
    other = Timestream("000000000000", "eu-west-1", clock)
    assert other.call("ListDatabases", {}, "")["Databases"] == []


def test_the_summary_counts(service: Timestream, call: Any, table: dict[str, str]) -> None:
    late = records(1, age=48 * HOUR)
    call("WriteRecords", **table, CommonAttributes=COMMON, Records=[*records(3), *late])
    call("WriteRecords", **table, CommonAttributes=COMMON, Records=records(1, age=48 * HOUR, offset=9))
    size = 8 + len("device_id") + len("d1") + len("temperature") + 8
    [line] = service.summary()
    assert (line["database"], line["table"], line["records"]) == ("iot", "sensor-data", 4)
    assert (line["memory_bytes"], line["magnetic_bytes"]) == (3 * size, size)
    assert line["magnetic_conflicts"] == 1


def test_the_summary_names_a_database_without_tables(service: Timestream, call: Any) -> None:
    call("CreateDatabase", DatabaseName="empty")
    assert service.summary() == [{"database": "empty"}]


def test_queries_and_writes_run_at_once(call: Any, table: dict[str, str]) -> None:
    failures: list[BaseException] = []

    def guarded(work: Any) -> None:
        try:
            for number in range(15):
                work(number)
        except BaseException as error:
            failures.append(error)

    def write(number: int) -> None:
        call("WriteRecords", **table, CommonAttributes=COMMON, Records=records(10, age=number * 10))

    def query(_: int) -> None:
        [[count]] = scalars(call("Query", QueryString='SELECT count(*) FROM "iot"."sensor-data"'))
        assert int(count) % 10 == 0

    threads = [threading.Thread(target=guarded, args=(work,)) for work in (write, query, query)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
