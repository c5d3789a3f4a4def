# SPDX-License-Identifier: MIT
"""The function against an embedded AWS: called in process, and deployed with its triggers."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import ingest
import pytest
from ingest import handler
from ingest.logs import Log
from ingest.report import Report
from ingest.settings import Settings
from ingest.writer import Writer

QUIET = Log("CRITICAL", "r1")
NOW = int(time.time())


@pytest.fixture
def stored_in(aws: Any) -> Iterator[Settings]:
    """The settings for a table of its own, in a database of its own."""
    database = f"ingest-{uuid.uuid4().hex[:12]}"
    client = aws.client("timestream-write")
    client.create_database(DatabaseName=database)
    client.create_table(
        DatabaseName=database,
        TableName="sensor-data",
        RetentionProperties={
            "MemoryStoreRetentionPeriodInHours": 24,
            "MagneticStoreRetentionPeriodInDays": 365,
        },
    )
    yield Settings.from_environ({"DATABASE_NAME": database, "TABLE_NAME": "sensor-data"})
    client.delete_table(DatabaseName=database, TableName="sensor-data")
    client.delete_database(DatabaseName=database)


@pytest.fixture
def report_of(aws: Any, stored_in: Settings) -> Callable[..., Report]:
    """Ingests an event in process."""
    writer = Writer(aws.client("timestream-write"), stored_in.database, stored_in.table, lambda: 60.0)
    return lambda event, **changed: handler.ingest(event, replace(stored_in, **changed), writer, QUIET)


@pytest.fixture
def rows(aws: Any, stored_in: Settings) -> Callable[[str], list[list[str | None]]]:
    """Answers `SELECT ... FROM the table ...`."""
    client = aws.client("timestream-query")

    def select(columns: str) -> list[list[str | None]]:
        table = f'"{stored_in.database}"."{stored_in.table}"'
        answer = client.query(QueryString=f"SELECT {columns} FROM {table} ORDER BY 1, 2")
        return [[datum.get("ScalarValue") for datum in row["Data"]] for row in answer["Rows"]]

    return select


def message(device: str, seconds_ago: float = 0, **measures: Any) -> dict[str, Any]:
    return {"device_id": device, "location": "hall", "timestamp": NOW - seconds_ago, "sensors": measures}


def test_readings_are_stored_as_they_were_sent(report_of: Any, rows: Any) -> None:
    report = report_of([message("a", temperature=25, door="open", lit=True), message("b", temperature=25.5)])
    assert report.counts == {"received": 4, "stored": 4}
    assert rows(
        "device_id, measure_name, measure_value::double, measure_value::varchar, measure_value::boolean"
    ) == [
        ["a", "door", None, "open", None],
        ["a", "lit", None, None, "true"],
        ["a", "temperature", "25.0", None, None],
        ["b", "temperature", "25.5", None, None],
    ]


def test_a_time_is_stored_to_the_nanosecond(report_of: Any, rows: Any) -> None:
    day = time.strftime("%Y-%m-%d", time.gmtime(NOW - 3600))
    at = f"{day} {time.strftime('%H:%M:%S', time.gmtime(NOW - 3600))}.123456789"
    report_of(message("a", temperature=1) | {"timestamp": at})
    assert rows("device_id, time") == [["a", at]]


def test_multi_measure_records_have_a_column_a_measure(report_of: Any, rows: Any) -> None:
    report = report_of(message("a", temperature=25, humidity=40), record_model="multi")
    assert report.counts == {"received": 2, "stored": 2}
    assert rows("device_id, measure_name, temperature, humidity") == [["a", "readings", "25.0", "40.0"]]


@pytest.mark.parametrize("model", ["single", "multi"])
def test_many_messages_are_stored_once_however_often_they_come(report_of: Any, rows: Any, model: str) -> None:
    event = [message(f"d{i % 10}", i, temperature=i, humidity=i / 7) for i in range(260)]
    for _ in range(2):
        assert report_of(event, record_model=model).counts == {"received": 520, "stored": 520}
    assert rows("count(*), 1") == [["520" if model == "single" else "260", "1"]]


def test_timestreams_rejections_come_back_to_their_readings(report_of: Any, rows: Any) -> None:
    report_of(message("a", temperature=1))
    report = report_of([message("a", temperature=2, humidity=40), message("a", -3600, temperature=3)])
    assert report.counts == {"received": 3, "stored": 1}
    conflict, future = sorted(report.entries(), key=lambda entry: int(entry["index"]))
    assert "A record already exists with the same time" in conflict["reason"]
    assert "is outside the time range" in future["reason"]
    assert [conflict["reading"]["measurement"], future["reading"]["measurement"]] == [2, 3]
    assert rows("measure_name, measure_value::double") == [["humidity", "40.0"], ["temperature", "1.0"]]


def test_a_table_that_is_not_there_is_reported(aws: Any) -> None:
    settings = Settings.from_environ({"DATABASE_NAME": "nowhere", "TABLE_NAME": "sensor-data"})
    writer = Writer(aws.client("timestream-write"), "nowhere", "sensor-data", lambda: 60.0)
    report = handler.ingest(message("a", temperature=1, humidity=2), settings, writer, QUIET)
    assert report.counts == {"received": 2, "stored": 0}
    assert all(it["reason"].startswith("not stored: ResourceNotFoundException: ") for it in report.entries())


def archive() -> bytes:
    """The function's code as a zip file."""
    folder = Path(ingest.__file__).parent
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for path in folder.glob("*.py"):
            zipped.write(path, path.relative_to(folder.parent))
    return buffer.getvalue()


class Deployed:
    """The function in the embedded Lambda, with a dead-letter queue and a queue that triggers it."""

    def __init__(self, aws: Any, settings: Settings) -> None:
        self.lambda_, self.sqs = aws.client("lambda"), aws.client("sqs")
        self.name = settings.database
        self.dead_letters, self.dead_letters_arn = self._queue("dead")
        self.lambda_.create_function(
            FunctionName=self.name,
            Runtime="python3.13",
            Handler="ingest.handler.handle",
            Role="arn:aws:iam::000000000000:role/ingest",
            Code={"ZipFile": archive()},
            Environment={"Variables": {"DATABASE_NAME": settings.database, "TABLE_NAME": settings.table}},
            Timeout=60,
            DeadLetterConfig={"TargetArn": self.dead_letters_arn},
        )
        self.lambda_.get_waiter("function_active_v2").wait(FunctionName=self.name, WaiterConfig={"Delay": 1})
        self.lambda_.put_function_event_invoke_config(FunctionName=self.name, MaximumRetryAttempts=0)

    def _queue(self, purpose: str) -> tuple[str, str]:
        url = self.sqs.create_queue(QueueName=f"{self.name}-{purpose}")["QueueUrl"]
        asked = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, asked["Attributes"]["QueueArn"]

    def invoke(self, event: object, kind: str = "RequestResponse") -> dict[str, Any]:
        answer = self.lambda_.invoke(FunctionName=self.name, Payload=json.dumps(event), InvocationType=kind)
        return {"error": answer.get("FunctionError"), "payload": answer["Payload"].read()}

    def feed(self) -> str:
        """A queue whose messages the function takes, and its URL."""
        url, arn = self._queue("feed")
        self.lambda_.create_event_source_mapping(
            FunctionName=self.name,
            EventSourceArn=arn,
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )
        return url

    def dead_letter(self) -> tuple[object, str]:
        """The next dead letter's event and error.

        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        for _ in range(15):
            answer = self.sqs.receive_message(
                QueueUrl=self.dead_letters, WaitTimeSeconds=1, MessageAttributeNames=["ErrorMessage"]
            )
            for letter in answer.get("Messages", ()):
                return json.loads(letter["Body"]), letter["MessageAttributes"]["ErrorMessage"]["StringValue"]
        raise AssertionError("no dead letter came")


@pytest.fixture
def deployed(aws: Any, stored_in: Settings) -> Iterator[Deployed]:
    function = Deployed(aws, stored_in)
    yield function
    for mapping in function.lambda_.list_event_source_mappings(FunctionName=function.name)[
        "EventSourceMappings"
    ]:
        function.lambda_.delete_event_source_mapping(UUID=mapping["UUID"])
    function.lambda_.delete_function(FunctionName=function.name)


def test_deployed_it_answers_with_the_counts_or_fails_with_the_report(deployed: Deployed, rows: Any) -> None:
    good = deployed.invoke(message("a", temperature=25.5))
    assert good["error"] is None
    assert json.loads(good["payload"]) == {"received": 1, "stored": 1}
    bad = deployed.invoke([message("b", temperature=26), message("c", temperature=None)])
    assert bad["error"] == "Unhandled"
    report = json.loads(json.loads(bad["payload"])["errorMessage"])
    assert (report["received"], report["stored"]) == (2, 1)
    assert report["rejected"][0]["reading"]["device_id"] == "c"
    assert rows("device_id, measure_value::double") == [["a", "25.5"], ["b", "26.0"]]


def test_deployed_an_asynchronous_failure_is_kept_with_its_report(deployed: Deployed, rows: Any) -> None:
    event = [message("a", temperature=25.5), message("b", temperature="NaN")]
    deployed.invoke(event, kind="Event")
    kept, error = deployed.dead_letter()
    assert kept == event
    assert error.startswith('{"received": 2, "stored": 1, "rejected": [')
    assert rows("device_id, measure_value::double") == [["a", "25.5"]]


def test_deployed_behind_a_queue_only_the_failed_message_stays(deployed: Deployed, rows: Any) -> None:
    feed = deployed.feed()
    for body in (json.dumps(message("a", temperature=1)), "{broken", json.dumps(message("b", temperature=2))):
        deployed.sqs.send_message(QueueUrl=feed, MessageBody=body)
    deadline = time.monotonic() + 30
    while (left := counted(deployed.sqs, feed)) != 1 and time.monotonic() < deadline:
        deployed.sqs.receive_message(QueueUrl=deployed.dead_letters, WaitTimeSeconds=1)
    assert left == 1
    assert rows("device_id, measure_value::double") == [["a", "1.0"], ["b", "2.0"]]


def counted(sqs: Any, url: str) -> int:
    """The messages in a queue, those being worked on included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)
