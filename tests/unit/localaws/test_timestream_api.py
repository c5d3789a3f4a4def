# SPDX-License-Identifier: MIT
"""Timestream as boto3 sees it: over HTTP, by both of its clients."""

import time
from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from localaws.embedded import EmbeddedAws


@pytest.fixture
def aws(aws: EmbeddedAws) -> EmbeddedAws:
    """An embedded AWS with nothing in it but the table `plant`.`readings`."""
    aws.reset()
    write = aws.client("timestream-write")
    write.create_database(DatabaseName="plant")
    write.create_table(DatabaseName="plant", TableName="readings")
    return aws


def record(value: str, when_ms: int, name: str = "temperature", **more: Any) -> dict[str, Any]:
    return {
        "Dimensions": [{"Name": "device_id", "Value": "d1"}],
        "MeasureName": name,
        "MeasureValue": value,
        "MeasureValueType": "DOUBLE",
        "Time": str(when_ms),
        **more,
    }


def query(aws: EmbeddedAws, statement: str) -> list[list[str | None]]:
    answer = aws.client("timestream-query").query(QueryString=statement)
    return [[datum.get("ScalarValue") for datum in row["Data"]] for row in answer["Rows"]]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def test_records_that_are_written_can_be_queried(aws: EmbeddedAws) -> None:
    now = now_ms()
    answer = aws.client("timestream-write").write_records(
        DatabaseName="plant", TableName="readings", Records=[record("20.5", now), record("22.5", now - 1)]
    )
    assert answer["RecordsIngested"]["Total"] == 2
    assert query(aws, 'SELECT count(*), avg(measure_value::double) FROM "plant"."readings"') == [
        ["2", "21.5"]
    ]


def test_rejected_records_come_with_their_reasons(aws: EmbeddedAws) -> None:
    now = now_ms()
    write = aws.client("timestream-write")
    write.write_records(DatabaseName="plant", TableName="readings", Records=[record("1.0", now)])
    with pytest.raises(write.exceptions.RejectedRecordsException) as caught:
        write.write_records(
            DatabaseName="plant", TableName="readings", Records=[record("3.0", now - 5), record("2.0", now)]
        )
    [rejected] = caught.value.response["RejectedRecords"]
    assert (rejected["RecordIndex"], rejected["ExistingVersion"]) == (1, 1)
    assert query(aws, 'SELECT count(*) FROM "plant"."readings"') == [["2"]]


def test_errors_have_the_classes_of_the_model(aws: EmbeddedAws) -> None:
    write, reader = aws.client("timestream-write"), aws.client("timestream-query")
    with pytest.raises(write.exceptions.ConflictException):
        write.create_database(DatabaseName="plant")
    with pytest.raises(write.exceptions.ResourceNotFoundException):
        write.describe_table(DatabaseName="plant", TableName="nope")
    with pytest.raises(reader.exceptions.ValidationException):
        reader.query(QueryString="SELEKT 1")


def test_endpoint_discovery_leads_back_here(aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.environ.items():
        monkeypatch.setenv(name, value)
    session = boto3.Session()  # with AWS_ENDPOINT_URL only, the clients ask DescribeEndpoints first
    assert [d["DatabaseName"] for d in session.client("timestream-write").list_databases()["Databases"]] == [
        "plant"
    ]
    assert session.client("timestream-query").query(QueryString="SELECT 1")["Rows"] == [
        {"Data": [{"ScalarValue": "1"}]}
    ]


def test_accounts_and_regions_share_nothing(aws: EmbeddedAws) -> None:
    for other in (
        boto3.Session("111111111111", "test", region_name="us-east-1"),
        boto3.Session("test", "test", region_name="eu-west-1"),
    ):
        client = other.client("timestream-write", endpoint_url=aws.endpoint)
        assert client.list_databases()["Databases"] == []


def test_a_reset_leaves_nothing(aws: EmbeddedAws) -> None:
    aws.reset()
    assert aws.client("timestream-write").list_databases()["Databases"] == []


def test_status_counts_what_is_stored(aws: EmbeddedAws) -> None:
    aws.client("timestream-write").write_records(
        DatabaseName="plant", TableName="readings", Records=[record("1.0", now_ms())]
    )
    [line] = aws.instance.ask("GET", "/_localaws/status")["timestream"]
    assert (line["account"], line["region"]) == ("000000000000", "us-east-1")
    assert (line["database"], line["table"], line["records"]) == ("plant", "readings", 1)


def test_a_long_query_holds_up_no_other_call(aws: EmbeddedAws) -> None:
    now, write, sqs = now_ms(), aws.client("timestream-write"), aws.client("sqs")
    for first in range(0, 600, 100):
        records = [record(f"{number}.5", now - number) for number in range(first, first + 100)]
        write.write_records(DatabaseName="plant", TableName="readings", Records=records)
    table = '"plant"."readings"'
    long = (
        f"SELECT count(*) FROM {table} a, {table} b, {table} c "
        "WHERE a.measure_value::double * b.measure_value::double < c.measure_value::double"
    )
    with ThreadPoolExecutor() as pool:
        running, answered = pool.submit(query, aws, long), 0
        while not running.done():
            sqs.list_queues()
            answered += 1
    values = [number + 0.5 for number in range(600)]
    wanted = sum(len(values) - bisect_right(values, a * b) for a in values for b in values)
    assert running.result() == [[str(wanted)]]
    assert answered > 1, "a call that waits for the query is answered once, when the query is done"
