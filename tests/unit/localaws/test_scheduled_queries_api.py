# SPDX-License-Identifier: MIT
"""A scheduled query on a running embedded AWS: its roll-up, its messages by SNS and SQS, its report in S3."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws

HOUR = 3600
DEADLINE_SECONDS = 30
BUCKET = "scheduled-query-reports"

ROLL_UP = """
    SELECT device_id, bin(time, 1h) AS hour, avg(temperature) AS mean, max(temperature) AS highest
    FROM plant.readings
    WHERE time >= bin(@scheduled_runtime, 1h) - 1h AND time < bin(@scheduled_runtime, 1h)
    GROUP BY device_id, bin(time, 1h)
"""


class Messages:
    """What a queue that is subscribed to a topic has received, as SNS delivers it."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._sqs = aws.client("sqs")
        self._url = self._sqs.create_queue(QueueName="scheduled-queries")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        sns = aws.client("sns")
        self.topic = sns.create_topic(Name="scheduled-queries")["TopicArn"]
        queue = attributes["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=queue)

    def following(self, type_: str) -> dict[str, Any]:
        """The next message of a type; what comes before it is passed over."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            for received in self._sqs.receive_message(QueueUrl=self._url, WaitTimeSeconds=1).get(
                "Messages", ()
            ):
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=received["ReceiptHandle"])
                envelope = json.loads(received["Body"])
                if envelope["MessageAttributes"]["notificationType"]["Value"] == type_:
                    message: dict[str, Any] = json.loads(envelope["Message"])
                    assert message["type"] == type_
                    assert envelope["MessageAttributes"]["queryArn"]["Value"] == message["arn"]
                    return message
        raise AssertionError(f"no message of the type {type_}")


@pytest.fixture
def aws(aws: EmbeddedAws) -> EmbeddedAws:
    """An embedded AWS with nothing in it but two tables and a bucket."""
    aws.reset()
    write = aws.client("timestream-write")
    write.create_database(DatabaseName="plant")
    for name in ("readings", "hourly"):
        write.create_table(DatabaseName="plant", TableName=name)
    aws.client("s3").create_bucket(Bucket=BUCKET)
    return aws


@pytest.fixture
def messages(aws: EmbeddedAws) -> Messages:
    return Messages(aws)


@pytest.fixture
def create(aws: EmbeddedAws, messages: Messages) -> Callable[[str], str]:
    """Creates a scheduled query for each full hour; tells its ARN."""

    def create(query: str) -> str:
        attributes = [{"SourceColumn": name, "MeasureValueType": "DOUBLE"} for name in ("mean", "highest")]
        answer = aws.client("timestream-query").create_scheduled_query(
            Name="roll-up",
            QueryString=query,
            ScheduleConfiguration={"ScheduleExpression": "cron(0 * * * ? *)"},
            NotificationConfiguration={"SnsConfiguration": {"TopicArn": messages.topic}},
            TargetConfiguration={
                "TimestreamConfiguration": {
                    "DatabaseName": "plant",
                    "TableName": "hourly",
                    "TimeColumn": "hour",
                    "DimensionMappings": [{"Name": "device_id", "DimensionValueType": "VARCHAR"}],
                    "MultiMeasureMappings": {
                        "TargetMultiMeasureName": "temperature",
                        "MultiMeasureAttributeMappings": attributes,
                    },
                }
            },
            ScheduledQueryExecutionRoleArn="arn:aws:iam::000000000000:role/scheduled-queries",
            ErrorReportConfiguration={"S3Configuration": {"BucketName": BUCKET, "ObjectKeyPrefix": "errors"}},
        )
        arn: str = answer["Arn"]
        return arn

    return create


def read(aws: EmbeddedAws, statement: str) -> list[list[str | None]]:
    answer = aws.client("timestream-query").query(QueryString=statement)
    return [[datum.get("ScalarValue") for datum in row["Data"]] for row in answer["Rows"]]


def write(aws: EmbeddedAws, *readings: float) -> int:
    """Write readings of this hour, a millisecond apart; tells the hour in epoch seconds."""
    now = time.time_ns() // 10**6
    [[hour]] = read(aws, "SELECT to_milliseconds(bin(now(), 1h))")
    begin = max(int(hour or 0), now - len(readings))
    records = [
        {
            "Dimensions": [{"Name": "device_id", "Value": "d1"}],
            "MeasureName": "readings",
            "MeasureValueType": "MULTI",
            "MeasureValues": [{"Name": "temperature", "Type": "DOUBLE", "Value": str(value)}],
            "Time": str(begin + number),
        }
        for number, value in enumerate(readings)
    ]
    aws.client("timestream-write").write_records(DatabaseName="plant", TableName="readings", Records=records)
    return int(hour or 0) // 1000


def test_the_hourly_roll_up_lands_in_its_table(
    aws: EmbeddedAws, messages: Messages, create: Callable[[str], str]
) -> None:
    hour = write(aws, 20.0, 22.0, 24.0)
    arn = create(ROLL_UP)
    assert messages.following("SCHEDULED_QUERY_CREATING") == {"type": "SCHEDULED_QUERY_CREATING", "arn": arn}
    aws.forward(HOUR)
    found = read(aws, "SELECT device_id, to_milliseconds(time), mean, highest FROM plant.hourly ORDER BY 2")
    assert ["d1", str(hour * 1000), "22.0", "24.0"] in found
    message = messages.following("AUTO_TRIGGER_SUCCESS")
    assert message["arn"] == arn
    run = message["scheduledQueryRunSummary"]
    assert run["invocationEpochSecond"] % HOUR == 0
    assert message["nextInvocationEpochSecond"] == run["invocationEpochSecond"] + HOUR
    assert run["executionStats"]["recordsIngested"] == 1
    client = aws.client("timestream-query")
    described = client.describe_scheduled_query(ScheduledQueryArn=arn)["ScheduledQuery"]
    assert described["LastRunSummary"]["RunStatus"] == "AUTO_TRIGGER_SUCCESS"
    assert described["PreviousInvocationTime"].timestamp() % HOUR == 0
    assert client.list_scheduled_queries()["ScheduledQueries"][0]["LastRunStatus"] == "AUTO_TRIGGER_SUCCESS"


def test_a_failure_is_reported_to_s3_and_sns(
    aws: EmbeddedAws, messages: Messages, create: Callable[[str], str]
) -> None:
    write(aws, 20.0)
    arn = create(ROLL_UP.replace("bin(time, 1h) AS hour", "bin(time, 1h) - 30d AS hour"))
    client = aws.client("timestream-query")
    [[now]] = read(aws, "SELECT to_milliseconds(now() + 1h)")
    client.execute_scheduled_query(ScheduledQueryArn=arn, InvocationTime=int(now or 0) / 1000)
    run = messages.following("MANUAL_TRIGGER_FAILURE")["scheduledQueryRunSummary"]
    assert run["failureReason"]
    location = run["errorReportLocation"]["s3ReportLocation"]
    assert location["bucketName"] == BUCKET
    assert location["objectKey"].startswith(f"errors/{arn.rpartition('/')[2]}/")
    body = aws.client("s3").get_object(Bucket=BUCKET, Key=location["objectKey"])["Body"].read()
    [error] = json.loads(body)["errors"]
    assert "outside the time range" in error["reason"]
    assert error["records"][0]["dimensions"][0]["value"] == "d1"
    described = client.describe_scheduled_query(ScheduledQueryArn=arn)["ScheduledQuery"]
    assert described["LastRunSummary"]["RunStatus"] == "MANUAL_TRIGGER_FAILURE"
    assert described["State"] == "ENABLED"


def test_one_that_cannot_go_on_is_disabled(
    aws: EmbeddedAws, messages: Messages, create: Callable[[str], str]
) -> None:
    write(aws, 20.0)
    arn = create(ROLL_UP)
    aws.client("timestream-write").delete_table(DatabaseName="plant", TableName="readings")
    aws.forward(HOUR)
    assert (
        "readings" in messages.following("AUTO_TRIGGER_FAILURE")["scheduledQueryRunSummary"]["failureReason"]
    )
    assert messages.following("SCHEDULED_QUERY_UPDATE")["state"] == "DISABLED"
    client = aws.client("timestream-query")
    client.delete_scheduled_query(ScheduledQueryArn=arn)
    messages.following("SCHEDULED_QUERY_DELETED")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_scheduled_query(ScheduledQueryArn=arn)
