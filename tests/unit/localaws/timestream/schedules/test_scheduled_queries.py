# SPDX-License-Identifier: MIT
"""Scheduled queries through the API, on a clock that is moved."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from localaws.errors import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from localaws.timestream.schedules import scheduled_queries
from localaws.timestream.schedules.ingestion import Ingestion
from localaws.timestream.service import Timestream
from tests.unit.localaws.timestream.memory_kms import DISABLED_ID, KEY_ARN
from tests.unit.localaws.timestream.memory_s3 import refusal

NEW_YEAR = 1_767_225_600  # 2026-01-01T00:00:00Z
HOUR = 3600
TOPIC = "arn:aws:sns:us-east-1:000000000000:scheduled"
TOKEN = "t" * 32

RUNTIMES = "SELECT 'd1' AS device_id, @scheduled_runtime AS hour, 1.5 AS mean, 1 AS n"
TOO_OLD = "SELECT 'd1' AS device_id, @scheduled_runtime - 30d AS hour, 1.5 AS mean, 1 AS n"
FOUND = "SELECT time, device_id, mean, readings FROM derived.hourly ORDER BY time, device_id"


@pytest.fixture
def write(call: Any, table: dict[str, str]) -> Any:
    """Writes a reading: seconds after New Year, value, device."""

    def write(after: int, value: float, device: str = "d1", **more: Any) -> None:
        record = {
            "MeasureName": "temperature",
            "MeasureValue": str(value),
            "Time": str(NEW_YEAR + after),
            "TimeUnit": "SECONDS",
            "Dimensions": [{"Name": "device_id", "Value": device}],
        }
        call("WriteRecords", **table, Records=[{**record, **more}])

    write(0, 20.0)
    write(600, 22.0)
    return write


@pytest.fixture
def create(call: Any, write: Any, request_: dict[str, Any]) -> Any:
    """Creates the hourly roll-up, or one that is changed in some way; tells its ARN."""

    def create(**changes: Any) -> str:
        arn: str = call("CreateScheduledQuery", **{**request_, **changes})["Arn"]
        return arn

    return create


@pytest.fixture
def description(call: Any) -> Any:
    def description(arn: str) -> dict[str, Any]:
        described: dict[str, Any] = call("DescribeScheduledQuery", ScheduledQueryArn=arn)["ScheduledQuery"]
        return described

    return description


@pytest.fixture
def pass_time(service: Timestream, clock: Any) -> Any:
    """Moves the clock and lets the service work."""

    def pass_time(seconds: float) -> None:
        clock.seconds += seconds
        service.work()

    return pass_time


@pytest.fixture
def found(call: Any) -> Any:
    """The rows of the target table, each as hour and values."""

    def found(query: str = FOUND) -> list[list[Any]]:
        rows = call("Query", QueryString=query)["Rows"]
        return [[datum.get("ScalarValue") for datum in row["Data"]] for row in rows]

    return found


def rate(expression: str) -> dict[str, Any]:
    return {"ScheduleConfiguration": {"ScheduleExpression": expression}}


def target(**changes: Any) -> Any:
    """Changes the target configuration of a request."""

    def changed(request: dict[str, Any]) -> dict[str, Any]:
        timestream = {**request["TargetConfiguration"]["TimestreamConfiguration"], **changes}
        timestream = {name: value for name, value in timestream.items() if value is not None}
        return {**request, "TargetConfiguration": {"TimestreamConfiguration": timestream}}

    return changed


# Created


def test_a_new_one_is_described(create: Any, description: Any, request_: dict[str, Any]) -> None:
    arn = create(KmsKeyId="alias/mine")
    pattern = r"arn:aws:timestream:us-east-1:000000000000:scheduled-query/hourly-roll-up-[0-9a-f]{12}"
    assert re.fullmatch(pattern, arn)
    assert description(arn) == {
        **request_,
        "Arn": arn,
        "KmsKeyId": KEY_ARN,
        "State": "ENABLED",
        "CreationTime": float(NEW_YEAR),
        "NextInvocationTime": float(NEW_YEAR + HOUR),
        "RecentlyFailedRuns": [],
    }


def test_its_creation_is_notified(create: Any, sns: Any) -> None:
    arn = create()
    [message] = sns.topics[TOPIC]
    assert message["MessageAttributes"] == {
        "queryArn": {"DataType": "String", "StringValue": arn},
        "notificationType": {"DataType": "String", "StringValue": "SCHEDULED_QUERY_CREATING"},
    }
    assert sns.take(TOPIC) == [{"type": "SCHEDULED_QUERY_CREATING", "arn": arn}]


def test_they_are_listed_in_pages(create: Any, call: Any, request_: dict[str, Any]) -> None:
    arns = [create(Name=f"query-{number}") for number in range(3)]
    page = call("ListScheduledQueries", MaxResults=2)
    assert [each["Arn"] for each in page["ScheduledQueries"]] == arns[:2]
    rest = call("ListScheduledQueries", MaxResults=2, NextToken=page["NextToken"])
    assert rest == {
        "ScheduledQueries": [
            {
                "Arn": arns[2],
                "Name": "query-2",
                "State": "ENABLED",
                "CreationTime": float(NEW_YEAR),
                "NextInvocationTime": float(NEW_YEAR + HOUR),
                "ErrorReportConfiguration": request_["ErrorReportConfiguration"],
                "TargetDestination": {
                    "TimestreamDestination": {"DatabaseName": "derived", "TableName": "hourly"}
                },
            }
        ]
    }


def test_tags_are_its_own_and_go_with_it(create: Any, call: Any) -> None:
    arn = create(Tags=[{"Key": "team", "Value": "iot"}])
    call("TagResource", ResourceARN=arn, Tags=[{"Key": "env", "Value": "dev"}])
    call("UntagResource", ResourceARN=arn, TagKeys=["team"])
    assert call("ListTagsForResource", ResourceARN=arn)["Tags"] == [{"Key": "env", "Value": "dev"}]
    call("DeleteScheduledQuery", ScheduledQueryArn=arn)
    with pytest.raises(ResourceNotFoundException):
        call("ListTagsForResource", ResourceARN=arn)


def test_the_same_request_with_the_same_token_is_the_same_query(create: Any, clock: Any, sns: Any) -> None:
    arn = create(ClientToken=TOKEN)
    assert create(ClientToken=TOKEN) == arn
    assert len(sns.take(TOPIC)) == 1
    with pytest.raises(ConflictException, match="ClientToken"):
        create(ClientToken=TOKEN, Name="another")
    clock.seconds += 8 * HOUR
    assert create(ClientToken=TOKEN, Name="another") != arn


def test_a_name_is_unique(create: Any) -> None:
    create()
    with pytest.raises(ConflictException, match="hourly-roll-up"):
        create()


def test_the_quota(create: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduled_queries, "QUERIES", 1)
    create()
    with pytest.raises(ServiceQuotaExceededException):
        create(Name="another")


QUERY = 'SELECT device_id, time AS hour, measure_value::double AS mean, 1 AS n FROM iot."sensor-data"'


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Name": "a b"}, "regular expression"),
        ({"Name": "n" * 65}, "length less than or equal to 64"),
        (rate("every hour"), "Invalid ScheduleExpression"),
        (rate("cron(0 0 1 1 ? 2025)"), "no time that is still to come"),
        ({"QueryString": "SELEC 1"}, "query syntax is invalid"),
        ({"QueryString": 'SELECT nothing FROM iot."sensor-data"'}, "Column 'nothing' does not exist"),
        ({"QueryString": "SELECT 1 FROM iot.none"}, "table 'none' not found"),
        ({"QueryString": f"{QUERY} WHERE time < @until"}, "until"),
        ({"QueryString": f"UNLOAD ({QUERY}) TO 's3://reports/x'"}, "UNLOAD can't be scheduled"),
        ({"QueryString": "SHOW DATABASES"}, "lacks the column hour"),
        ({"NotificationConfiguration": {"SnsConfiguration": {"TopicArn": f"{TOPIC}-2"}}}, "SNS topic"),
        ({"ErrorReportConfiguration": {"S3Configuration": {"BucketName": "none"}}}, "S3 bucket none"),
        (
            {
                "ErrorReportConfiguration": {
                    "S3Configuration": {"BucketName": "reports", "EncryptionOption": "SSE_KMS"}
                }
            },
            "KmsKeyId must be given",
        ),
        ({"KmsKeyId": DISABLED_ID}, "not enabled"),
        ({"Tags": [{"Key": "aws:x", "Value": ""}]}, "reserved"),
    ],
)
def test_what_cannot_be_created(create: Any, call: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        create(**changes)
    assert call("ListScheduledQueries") == {"ScheduledQueries": []}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (target(DatabaseName="none"), "database none does not exist"),
        (target(TableName="none"), "table none does not exist"),
        (target(TimeColumn="time"), "lacks the column time"),
        (target(TimeColumn="device_id"), "device_id of the query result, VARCHAR, can't become TIMESTAMP"),
        (target(DimensionMappings=[{"Name": "n", "DimensionValueType": "VARCHAR"}]), "BIGINT, can't become"),
        (target(MultiMeasureMappings=None), "either MultiMeasureMappings or MixedMeasureMappings"),
        (target(MeasureNameColumn="n"), "n of the query result, BIGINT, can't become VARCHAR"),
        (
            target(
                MultiMeasureMappings={
                    "MultiMeasureAttributeMappings": [{"SourceColumn": "mean", "MeasureValueType": "DOUBLE"}]
                }
            ),
            "TargetMultiMeasureName or a MeasureNameColumn",
        ),
        (
            target(
                MultiMeasureMappings={
                    "TargetMultiMeasureName": "x",
                    "MultiMeasureAttributeMappings": [
                        {
                            "SourceColumn": "mean",
                            "MeasureValueType": "DOUBLE",
                            "TargetMultiMeasureAttributeName": "time",
                        }
                    ],
                }
            ),
            "time is reserved",
        ),
    ],
)
def test_a_target_that_does_not_fit(
    call: Any, write: Any, request_: dict[str, Any], change: Any, message: str
) -> None:
    with pytest.raises(ValidationException, match=message):
        call("CreateScheduledQuery", **change(request_))


def test_a_partition_key_that_is_required_must_be_mapped(
    call: Any, write: Any, request_: dict[str, Any]
) -> None:
    key = {"Type": "DIMENSION", "Name": "region", "EnforcementInRecord": "REQUIRED"}
    call(
        "CreateTable",
        DatabaseName="derived",
        TableName="keyed",
        Schema={"CompositePartitionKey": [key]},
    )
    with pytest.raises(ValidationException, match="region"):
        call("CreateScheduledQuery", **target(TableName="keyed")(request_))


# Run


def test_it_runs_when_it_is_due(
    create: Any, description: Any, call: Any, found: Any, pass_time: Any, sns: Any
) -> None:
    arn = create()
    pass_time(HOUR - 1)
    assert "LastRunSummary" not in description(arn)
    pass_time(6)
    assert found() == [["2026-01-01 00:00:00.000000000", "d1", "21.0", "2"]]
    described = description(arn)
    milliseconds = described["LastRunSummary"]["ExecutionStats"].pop("ExecutionTimeInMillis")
    assert milliseconds >= 0
    scanned = 2 * (8 + len("device_id") + len("d1") + len("temperature") + 8)
    summary = {
        "InvocationTime": float(NEW_YEAR + HOUR),
        "TriggerTime": float(NEW_YEAR + HOUR + 5),
        "RunStatus": "AUTO_TRIGGER_SUCCESS",
        "ExecutionStats": {
            "DataWrites": 1024,  # the record's 48 bytes, rounded up to a KiB
            "BytesMetered": 10_000_000,
            "CumulativeBytesScanned": scanned,
            "RecordsIngested": 1,
            "QueryResultRows": 1,
        },
    }
    assert described["LastRunSummary"] == summary
    assert described["PreviousInvocationTime"] == NEW_YEAR + HOUR
    assert described["NextInvocationTime"] == NEW_YEAR + 2 * HOUR
    [listed] = call("ListScheduledQueries")["ScheduledQueries"]
    assert listed["LastRunStatus"] == "AUTO_TRIGGER_SUCCESS"
    assert listed["PreviousInvocationTime"] == NEW_YEAR + HOUR
    assert sns.take(TOPIC)[1:] == [
        {
            "type": "AUTO_TRIGGER_SUCCESS",
            "arn": arn,
            "nextInvocationEpochSecond": NEW_YEAR + 2 * HOUR,
            "scheduledQueryRunSummary": {
                "invocationEpochSecond": NEW_YEAR + HOUR,
                "triggerTimeMillis": (NEW_YEAR + HOUR + 5) * 1000,
                "runStatus": "AUTO_TRIGGER_SUCCESS",
                "executionStats": {
                    "executionTimeInMillis": milliseconds,
                    "dataWrites": 1024,
                    "bytesMetered": 10_000_000,
                    "cumulativeBytesScanned": scanned,
                    "recordsIngested": 1,
                    "queryResultRows": 1,
                },
            },
        }
    ]


def invocations(messages: list[Any]) -> list[int]:
    """When the runs were due, in hours after New Year."""
    runs = (each["scheduledQueryRunSummary"] for each in messages if "scheduledQueryRunSummary" in each)
    return [(run["invocationEpochSecond"] - NEW_YEAR) // HOUR for run in runs]


def test_each_due_invocation_runs_once_for_its_own_time(
    create: Any, found: Any, pass_time: Any, sns: Any
) -> None:
    create(QueryString=RUNTIMES)
    pass_time(5 * HOUR + 10)
    pass_time(0)
    assert invocations(sns.take(TOPIC)) == [1, 2, 3, 4, 5]
    assert [hour for hour, *_ in found()] == [f"2026-01-01 0{hour}:00:00.000000000" for hour in range(1, 6)]


def test_a_rate_counts_from_the_creation(create: Any, clock: Any, description: Any, pass_time: Any) -> None:
    clock.seconds += 90.5
    arn = create(**rate("rate(30 minutes)"))
    assert description(arn)["NextInvocationTime"] == NEW_YEAR + 90 + 1800
    pass_time(3700)
    assert description(arn)["PreviousInvocationTime"] == NEW_YEAR + 90 + 3600


def test_queries_take_turns_by_when_they_were_due(create: Any, pass_time: Any, sns: Any) -> None:
    first, second = create(), create(Name="half-past", **rate("cron(30 * * * ? *)"))
    pass_time(2 * HOUR)
    runs = [each["arn"] for each in sns.take(TOPIC) if "scheduledQueryRunSummary" in each]
    assert runs == [second, first, second, first]


def test_a_later_run_updates_what_an_earlier_one_stored(
    create: Any, found: Any, pass_time: Any, write: Any
) -> None:
    create()
    pass_time(HOUR)
    write(900, 30.0)
    pass_time(HOUR)  # its two hours have the first one again
    assert found() == [["2026-01-01 00:00:00.000000000", "d1", "24.0", "3"]]


def test_late_runs_update_each_other_at_one_time_too(create: Any, found: Any, pass_time: Any) -> None:
    create(
        QueryString="SELECT 'd1' AS device_id, bin(@scheduled_runtime, 1d) AS hour,"
        " CAST(hour(@scheduled_runtime) AS double) AS mean, 1 AS n"
    )
    pass_time(3 * HOUR)
    assert found() == [["2026-01-01 00:00:00.000000000", "d1", "3.0", "1"]]


def test_a_manual_run(create: Any, call: Any, description: Any, found: Any, pass_time: Any, sns: Any) -> None:
    arn = create()
    call("ExecuteScheduledQuery", ScheduledQueryArn=arn, InvocationTime=NEW_YEAR + 300, ClientToken=TOKEN)
    assert "LastRunSummary" not in description(arn)  # it is asynchronous
    pass_time(1)
    assert found() == [["2026-01-01 00:00:00.000000000", "d1", "20.0", "1"]]
    described = description(arn)
    assert described["LastRunSummary"]["RunStatus"] == "MANUAL_TRIGGER_SUCCESS"
    assert described["LastRunSummary"]["InvocationTime"] == NEW_YEAR + 300
    assert described["PreviousInvocationTime"] == NEW_YEAR + 300
    assert described["NextInvocationTime"] == NEW_YEAR + HOUR
    message = sns.take(TOPIC)[-1]
    assert message["type"] == "MANUAL_TRIGGER_SUCCESS"
    assert message["nextInvocationEpochSecond"] == NEW_YEAR + HOUR
    pass_time(0)
    assert sns.take(TOPIC) == []


def test_a_manual_run_with_insights(
    create: Any, call: Any, description: Any, pass_time: Any, sns: Any
) -> None:
    arn = create()
    insights = {"Mode": "ENABLED_WITH_RATE_CONTROL"}
    request = {"ScheduledQueryArn": arn, "InvocationTime": NEW_YEAR + 300}
    call("ExecuteScheduledQuery", **request, QueryInsights=insights)
    pass_time(1)
    table = "arn:aws:timestream:us-east-1:000000000000:database/iot/table/sensor-data"
    assert description(arn)["LastRunSummary"]["QueryInsightsResponse"] == {
        "QuerySpatialCoverage": {"Max": {"Value": 1.0, "TableArn": table, "PartitionKey": ["measure_name"]}},
        "QueryTemporalRange": {"Max": {"Value": 2 * HOUR * 10**9, "TableArn": table}},
        "QueryTableCount": 1,
        "OutputRows": 1,
        "OutputBytes": len("d1") + 8 + 8 + 8,
    }
    assert sns.take(TOPIC)[-1]["scheduledQueryRunSummary"]["queryInsightsResponse"] == {
        "querySpatialCoverage": {"max": {"value": 1.0, "tableArn": table, "partitionKey": ["measure_name"]}},
        "queryTemporalRange": {"max": {"value": 2 * HOUR * 10**9, "tableArn": table}},
        "queryTableCount": 1,
        "outputRows": 1,
        "outputBytes": len("d1") + 8 + 8 + 8,
    }
    call("ExecuteScheduledQuery", **request, QueryInsights={"Mode": "DISABLED"})
    pass_time(1)
    assert "QueryInsightsResponse" not in description(arn)["LastRunSummary"]


def test_without_a_target_it_only_runs(
    create: Any, call: Any, request_: Any, description: Any, pass_time: Any
) -> None:
    del request_["TargetConfiguration"]
    arn = create()
    [listed] = call("ListScheduledQueries")["ScheduledQueries"]
    assert "TargetDestination" not in listed
    pass_time(HOUR)
    stats = description(arn)["LastRunSummary"]["ExecutionStats"]
    assert (stats["QueryResultRows"], stats["RecordsIngested"], stats["DataWrites"]) == (1, 0, 0)


def test_many_records_are_written_by_the_hundred(
    call: Any, create: Any, description: Any, found: Any, pass_time: Any, table: dict[str, str]
) -> None:
    for start in range(0, 250, 50):
        records = [
            {
                "Dimensions": [{"Name": "device_id", "Value": f"d{number:03}"}],
                "MeasureName": "temperature",
                "MeasureValue": "1",
                "Time": str(NEW_YEAR + 60),
                "TimeUnit": "SECONDS",
            }
            for number in range(start, start + 50)
        ]
        call("WriteRecords", **table, Records=records)
    arn = create()
    pass_time(HOUR)
    assert found("SELECT count(*) FROM derived.hourly") == [["251"]]
    stats = description(arn)["LastRunSummary"]["ExecutionStats"]
    size = 8 + len("device_id") + len("d000") + len("temperature") + len("mean") + 8 + len("readings") + 8
    assert stats["RecordsIngested"] == 251
    kib = [-(-100 * size // 1024), -(-100 * size // 1024), -(-(51 * size) // 1024)]
    assert stats["DataWrites"] == sum(kib) * 1024


def told(service: Timestream) -> list[tuple[Any, ...]]:
    """What CloudWatch is told of scheduled queries."""
    return [count for count in service.counts.take() if count.dimensions["Operation"] == "ScheduledQuery"]


def test_cloudwatch_is_told(create: Any, service: Timestream, pass_time: Any) -> None:
    create()
    pass_time(HOUR)
    assert told(service) == [
        ("NumberOfRecords", 1, "Count", {"Operation": "ScheduledQuery"}),
        ("CumulativeBytesMetered", 10_000_000, "Bytes", {"Operation": "ScheduledQuery"}),
    ]


def test_cloudwatch_is_told_of_failures(create: Any, service: Timestream, call: Any, pass_time: Any) -> None:
    create()
    call("DeleteTable", DatabaseName="iot", TableName="sensor-data")
    pass_time(HOUR)
    assert told(service) == [("UserErrors", 1, "Count", {"Operation": "ScheduledQuery"})]


# Failed


def test_records_that_are_rejected_are_reported(
    create: Any, description: Any, found: Any, pass_time: Any, s3: Any, sns: Any
) -> None:
    rows = 'iot."sensor-data" WHERE measure_value::double = 20'
    query = f"SELECT device_id, {{}} AS hour, 1.5 AS mean, 2 AS n FROM {rows}"
    late = query.format("time - 30d")
    arn = create(QueryString=f"{late} UNION ALL {query.format('time')}")
    pass_time(HOUR)
    assert found() == [["2026-01-01 00:00:00.000000000", "d1", "1.5", "2"]]  # the others are stored
    described = description(arn)
    assert described["State"] == "ENABLED"
    summary = described["LastRunSummary"]
    assert summary["RunStatus"] == "AUTO_TRIGGER_FAILURE"
    assert summary["FailureReason"]
    assert summary["ExecutionStats"]["RecordsIngested"] == 1
    assert summary["ExecutionStats"]["QueryResultRows"] == 2
    assert described["RecentlyFailedRuns"] == [summary]
    key = f"sq/{arn.rpartition('/')[2]}/{NEW_YEAR + HOUR}/Auto/{(NEW_YEAR + HOUR) * 1000}"
    assert summary["ErrorReportLocation"] == {"S3ReportLocation": {"BucketName": "reports", "ObjectKey": key}}
    report = s3.document("reports", key)
    assert re.fullmatch("[0-9A-F]{32}", report["reportId"])
    assert report["errors"] == [
        {
            "reason": "The record timestamp is outside the time range "
            "[2025-12-31T01:00:00.000Z, 2026-01-01T01:15:00.000Z) of the memory store.",
            "records": [
                {
                    "dimensions": [{"name": "device_id", "value": "d1", "dimensionValueType": None}],
                    "measureName": "temperature",
                    "measureValue": None,
                    "measureValues": [
                        {"name": "mean", "value": "1.5", "type": "DOUBLE"},
                        {"name": "readings", "value": "2", "type": "BIGINT"},
                    ],
                    "measureValueType": "MULTI",
                    "time": f"{NEW_YEAR - 30 * 24 * HOUR}000000000",
                    "timeUnit": "NANOSECONDS",
                    "version": None,
                }
            ],
        }
    ]
    message = sns.take(TOPIC)[-1]
    assert "nextInvocationEpochSecond" not in message
    assert message["type"] == "AUTO_TRIGGER_FAILURE"
    run = message["scheduledQueryRunSummary"]
    assert run["failureReason"] == summary["FailureReason"]
    assert run["errorReportLocation"] == {"s3ReportLocation": {"bucketName": "reports", "objectKey": key}}


def test_rows_that_make_no_record_are_reported(
    create: Any, description: Any, found: Any, pass_time: Any, s3: Any
) -> None:
    rows = [
        "('a', TIMESTAMP '2026-01-01 00:00:00', 1.0, 2)",
        "('b', TIMESTAMP '2026-01-01 00:00:00', null, null)",
        "('c', null, 1.0, 2)",
        "('d', TIMESTAMP '2026-01-01 00:00:00', nan(), 2)",
        "('e', TIMESTAMP '2026-01-01 00:00:00', null, 2)",
    ]
    arn = create(QueryString=f"SELECT * FROM (VALUES {', '.join(rows)}) AS t (device_id, hour, mean, n)")
    pass_time(HOUR)
    assert [row[1:] for row in found()] == [["a", "1.0", "2"], ["e", None, "2"]]
    location = description(arn)["LastRunSummary"]["ErrorReportLocation"]["S3ReportLocation"]
    assert s3.document("reports", location["ObjectKey"])["errors"] == [
        {"reason": "The row has no measure value.", "rawLine": "b,2026-01-01 00:00:00.000000000,,"},
        {"reason": "The row has no time.", "rawLine": "c,,1.0,2"},
        {
            "reason": "Invalid measure value for record: 'NaN' is not a DOUBLE.",
            "rawLine": "d,2026-01-01 00:00:00.000000000,NaN,2",
        },
    ]


def test_the_last_five_failures_are_kept(create: Any, description: Any, pass_time: Any) -> None:
    arn = create(QueryString=TOO_OLD)
    pass_time(7 * HOUR)
    failed = [run["InvocationTime"] for run in description(arn)["RecentlyFailedRuns"]]
    assert failed == [NEW_YEAR + hour * HOUR for hour in (7, 6, 5, 4, 3)]


def test_a_report_is_encrypted_with_the_querys_key(create: Any, pass_time: Any, s3: Any) -> None:
    create(
        QueryString=TOO_OLD,
        KmsKeyId="alias/mine",
        ErrorReportConfiguration={
            "S3Configuration": {"BucketName": "reports", "EncryptionOption": "SSE_KMS"}
        },
    )
    pass_time(HOUR)
    [put] = s3.puts
    assert put["Key"].startswith("hourly-roll-up-")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", KEY_ARN)


def test_a_report_that_cannot_be_written(create: Any, description: Any, pass_time: Any, s3: Any) -> None:
    arn = create(QueryString=TOO_OLD)
    del s3.buckets["reports"]
    pass_time(HOUR)
    summary = description(arn)["LastRunSummary"]
    assert "NoSuchBucket" in summary["FailureReason"]
    assert "ErrorReportLocation" not in summary
    assert description(arn)["State"] == "ENABLED"


def test_a_query_that_fails_is_disabled(
    create: Any, description: Any, pass_time: Any, s3: Any, sns: Any
) -> None:
    arn = create(QueryString="SELECT 'd1' AS device_id, @scheduled_runtime AS hour, 1.5 AS mean, 1 / 0 AS n")
    pass_time(3 * HOUR)
    described = description(arn)
    assert described["State"] == "DISABLED"
    assert "NextInvocationTime" not in described
    summary = described["LastRunSummary"]
    assert summary["RunStatus"] == "AUTO_TRIGGER_FAILURE"
    assert "Division by zero" in summary["FailureReason"]
    assert "ErrorReportLocation" not in summary
    assert s3.puts == []
    _creating, failure, update = sns.take(TOPIC)
    assert failure["type"] == "AUTO_TRIGGER_FAILURE"
    assert update == {"type": "SCHEDULED_QUERY_UPDATE", "arn": arn, "state": "DISABLED"}


def test_a_target_that_is_deleted_disables(create: Any, call: Any, description: Any, pass_time: Any) -> None:
    arn = create()
    call("DeleteTable", DatabaseName="derived", TableName="hourly")
    pass_time(HOUR)
    described = description(arn)
    assert described["State"] == "DISABLED"
    assert described["LastRunSummary"]["FailureReason"] == "The table hourly does not exist."


def test_an_error_of_our_own_is_reported_and_does_not_disable(
    create: Any, description: Any, pass_time: Any, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = create()
    monkeypatch.setattr(Ingestion, "store", lambda *_: 1 / 0)
    pass_time(HOUR)
    described = description(arn)
    assert described["State"] == "ENABLED"
    assert described["LastRunSummary"]["RunStatus"] == "AUTO_TRIGGER_FAILURE"
    location = described["LastRunSummary"]["ErrorReportLocation"]["S3ReportLocation"]
    report = s3.document("reports", location["ObjectKey"])
    assert report["errors"] == [{"reason": "An internal error occurred."}]


def test_a_topic_that_fails_stops_nothing(create: Any, found: Any, pass_time: Any, sns: Any) -> None:
    create()
    sns.failure = refusal("InternalError", 500)
    pass_time(HOUR)
    assert found() == [["2026-01-01 00:00:00.000000000", "d1", "21.0", "2"]]


# Updated, deleted


def test_a_disabled_one_does_not_run_nor_make_up_for_it(
    create: Any, call: Any, description: Any, pass_time: Any, sns: Any
) -> None:
    arn = create()
    call("UpdateScheduledQuery", ScheduledQueryArn=arn, State="DISABLED")
    described = description(arn)
    assert described["State"] == "DISABLED"
    assert "NextInvocationTime" not in described
    pass_time(3 * HOUR + 60)
    call("UpdateScheduledQuery", ScheduledQueryArn=arn, State="ENABLED")
    assert description(arn)["NextInvocationTime"] == NEW_YEAR + 4 * HOUR
    pass_time(HOUR)
    messages = sns.take(TOPIC)
    assert messages[1:3] == [
        {"type": "SCHEDULED_QUERY_UPDATE", "arn": arn, "state": "DISABLED"},
        {"type": "SCHEDULED_QUERY_UPDATE", "arn": arn, "state": "ENABLED"},
    ]
    assert invocations(messages) == [4]


def test_to_enable_what_is_enabled_changes_nothing(
    create: Any, call: Any, clock: Any, pass_time: Any, sns: Any
) -> None:
    arn = create()
    clock.seconds += HOUR
    call("UpdateScheduledQuery", ScheduledQueryArn=arn, State="ENABLED")
    pass_time(0)
    assert invocations(sns.take(TOPIC)) == [1]


def test_a_disabled_one_can_be_run(create: Any, call: Any, found: Any, pass_time: Any, sns: Any) -> None:
    arn = create()
    call("UpdateScheduledQuery", ScheduledQueryArn=arn, State="DISABLED")
    call("ExecuteScheduledQuery", ScheduledQueryArn=arn, InvocationTime=NEW_YEAR + HOUR)
    pass_time(1)
    assert len(found()) == 1
    message = sns.take(TOPIC)[-1]
    assert message["type"] == "MANUAL_TRIGGER_SUCCESS"
    assert "nextInvocationEpochSecond" not in message


def test_a_deleted_one_is_gone(create: Any, call: Any, pass_time: Any, sns: Any) -> None:
    arn = create()
    call("ExecuteScheduledQuery", ScheduledQueryArn=arn, InvocationTime=NEW_YEAR)
    assert call("DeleteScheduledQuery", ScheduledQueryArn=arn) == {}
    pass_time(HOUR)
    assert sns.take(TOPIC)[1:] == [{"type": "SCHEDULED_QUERY_DELETED", "arn": arn}]
    assert create() != arn  # its name is free again


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has something happen while a run stores its result."""

    def meanwhile(happens: Any) -> None:
        store = Ingestion.store

        def changed(*arguments: Any) -> None:
            happens()
            store(*arguments)

        monkeypatch.setattr(Ingestion, "store", changed)

    return meanwhile


def test_one_that_is_deleted_while_it_runs(
    create: Any, call: Any, meanwhile: Any, pass_time: Any, sns: Any
) -> None:
    arn = create()
    meanwhile(lambda: call("DeleteScheduledQuery", ScheduledQueryArn=arn))
    pass_time(HOUR)
    assert sns.take(TOPIC)[1:] == [{"type": "SCHEDULED_QUERY_DELETED", "arn": arn}]
    assert call("ListScheduledQueries") == {"ScheduledQueries": []}


def test_one_that_is_disabled_while_it_runs(
    create: Any, call: Any, description: Any, meanwhile: Any, pass_time: Any
) -> None:
    arn = create()
    meanwhile(lambda: call("UpdateScheduledQuery", ScheduledQueryArn=arn, State="DISABLED"))
    pass_time(HOUR)
    described = description(arn)
    assert described["State"] == "DISABLED"
    assert "NextInvocationTime" not in described
    assert described["LastRunSummary"]["RunStatus"] == "AUTO_TRIGGER_SUCCESS"


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("DescribeScheduledQuery", {}),
        ("ExecuteScheduledQuery", {"InvocationTime": NEW_YEAR}),
        ("UpdateScheduledQuery", {"State": "ENABLED"}),
        ("DeleteScheduledQuery", {}),
    ],
)
def test_one_that_is_not_there(call: Any, operation: str, more: dict[str, Any]) -> None:
    arn = "arn:aws:timestream:us-east-1:000000000000:scheduled-query/none"
    with pytest.raises(ResourceNotFoundException) as caught:
        call(operation, ScheduledQueryArn=arn, **more)
    assert caught.value.fields == {"ScheduledQueryArn": arn}


# Down and up


@pytest.fixture
def restart(service: Timestream, clock: Any, beside: Any, tmp_path: Path) -> Any:
    """Lets go of the service and starts one in its folder."""

    def restart() -> Timestream:
        service.close()
        return Timestream("000000000000", "us-east-1", clock, tmp_path / "state", beside)

    return restart


def test_they_outlive_the_process(create: Any, clock: Any, restart: Any, sns: Any) -> None:
    arn = create(QueryString=RUNTIMES, ClientToken=TOKEN)
    again = restart()
    sns.take(TOPIC)
    clock.seconds += 2 * HOUR
    again.work()
    assert invocations(sns.take(TOPIC)) == [1, 2]
    described = again.call("DescribeScheduledQuery", {"ScheduledQueryArn": arn}, "")["ScheduledQuery"]
    assert described["PreviousInvocationTime"] == NEW_YEAR + 2 * HOUR
    again.close()


def test_a_manual_run_outlives_the_process(create: Any, call: Any, restart: Any, sns: Any) -> None:
    arn = create(QueryString=RUNTIMES)
    call("ExecuteScheduledQuery", ScheduledQueryArn=arn, InvocationTime=NEW_YEAR)
    sns.take(TOPIC)
    again = restart()
    again.work()
    assert [each["type"] for each in sns.take(TOPIC)] == ["MANUAL_TRIGGER_SUCCESS"]
    again.close()


def test_of_a_long_absence_the_last_day_is_made_up_for(
    create: Any, clock: Any, restart: Any, sns: Any
) -> None:
    create(QueryString=RUNTIMES)
    sns.take(TOPIC)
    clock.seconds += 100 * HOUR + 60
    again = restart()
    again.work()
    assert invocations(sns.take(TOPIC)) == list(range(77, 101))
    again.close()


def test_a_service_that_is_closed_does_nothing_more(
    create: Any, clock: Any, service: Timestream, sns: Any
) -> None:
    create()
    sns.take(TOPIC)
    clock.seconds += HOUR
    service.close()
    service._scheduled_queries.work()
    assert sns.take(TOPIC) == []
