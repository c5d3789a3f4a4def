# SPDX-License-Identifier: MIT
"""Batch load tasks as the API shows them."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from localaws.errors import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from localaws.timestream.batch import task as tasks
from localaws.timestream.service import Timestream
from tests.unit.localaws.timestream.batch.conftest import DAY, HEADER, MODEL
from tests.unit.localaws.timestream.conftest import NEW_YEAR
from tests.unit.localaws.timestream.memory_s3 import MemoryS3, refusal

SELECT = 'SELECT vehicle, license, weight, speed, fuel, miles FROM "iot"."sensor-data" ORDER BY time'
COUNT = 'SELECT count(*) FROM "iot"."sensor-data"'
OLD = NEW_YEAR - 30 * DAY
NO_PROGRESS = {
    "RecordsProcessed": 0,
    "RecordsIngested": 0,
    "ParseFailures": 0,
    "RecordIngestionFailures": 0,
    "FileFailures": 0,
    "BytesMetered": 0,
}


def line(when: int = OLD, weight: str = "1.5", miles: str = "7") -> str:
    return f"{when},car,AB-1,{weight},100.0,7.25,{miles}\n"


def csv(*lines: str) -> bytes:
    return (HEADER + "".join(lines)).encode()


def scalars(answer: dict[str, Any]) -> list[list[str | None]]:
    return [[datum.get("ScalarValue") for datum in row["Data"]] for row in answer["Rows"]]


def report(s3: MemoryS3, description: dict[str, Any]) -> Any:
    return s3.document("reports", f"{description['TaskId']}/error_report.json")


def test_old_data_is_loaded(load: Any, call: Any, s3: MemoryS3) -> None:
    s3.buckets["source"]["sample.csv"] = csv(line(), line(OLD + 1, weight=""))
    description = load()
    assert description["TaskStatus"] == "SUCCEEDED"
    row = 8 + len("vehiclecarlicenseAB-1") + len("weightspeedfuelmiles") + 4 * 8
    assert description["ProgressReport"] == {
        **NO_PROGRESS,
        "RecordsProcessed": 2,
        "RecordsIngested": 2,
        "BytesMetered": -(-(2 * row - len("weight") - 8) // 1024) * 1024,
    }
    assert scalars(call("Query", QueryString=SELECT)) == [
        ["car", "AB-1", "1.5", "100.0", "7.25", "7"],
        ["car", "AB-1", None, "100.0", "7.25", "7"],
    ]
    assert s3.buckets["reports"] == {}


def test_cloudwatch_is_told_of_the_progress(load: Any, service: Timestream, s3: MemoryS3) -> None:
    s3.buckets["source"]["sample.csv"] = csv(line(), line(OLD + 1))
    metered = load()["ProgressReport"]["BytesMetered"]
    assert service.counts.take() == [
        ("NumberOfRecords", 2, "Count", {"Operation": "BatchLoad"}),
        ("CumulativeBytesMetered", metered, "Bytes", {"Operation": "BatchLoad"}),
    ]


def test_recent_data_and_tables_without_magnetic_writes_take_it_too(
    load: Any, call: Any, s3: MemoryS3
) -> None:
    call(
        "UpdateTable",
        DatabaseName="iot",
        TableName="sensor-data",
        MagneticStoreWriteProperties={"EnableMagneticStoreWrites": False},
    )
    s3.buckets["source"]["sample.csv"] = csv(line(NEW_YEAR), line(OLD))
    assert load()["ProgressReport"]["RecordsIngested"] == 2
    assert scalars(call("Query", QueryString=COUNT)) == [["2"]]


def test_a_task_is_described_as_the_developer_guide_shows(
    call: Any, described: Any, request_: dict[str, Any]
) -> None:
    task_id = call("CreateBatchLoadTask", **request_)["TaskId"]
    description = described(task_id)
    assert description == {
        "TaskId": task_id,
        "TargetDatabaseName": "iot",
        "TargetTableName": "sensor-data",
        "TaskStatus": "CREATED",
        "RecordVersion": 1,
        "CreationTime": float(NEW_YEAR),
        "LastUpdatedTime": float(NEW_YEAR),
        "ProgressReport": NO_PROGRESS,
        "DataSourceConfiguration": {
            "DataSourceS3Configuration": {"BucketName": "source"},
            "CsvConfiguration": {},
            "DataFormat": "CSV",
        },
        "ReportConfiguration": {
            "ReportS3Configuration": {"BucketName": "reports", "EncryptionOption": "SSE_S3"}
        },
        "DataModelConfiguration": description["DataModelConfiguration"],
    }
    dimensions = description["DataModelConfiguration"]["DataModel"]["DimensionMappings"]
    assert dimensions[0] == {"SourceColumn": "vehicle", "DestinationColumn": "vehicle"}


def test_what_fails_is_counted_and_reported(load: Any, call: Any, s3: MemoryS3) -> None:
    s3.buckets["source"]["sample.csv"] = csv(
        line(),
        line(OLD - 400 * DAY),
        line(OLD - 401 * DAY),
        line(weight="2.5"),
        line(OLD + 1, weight="heavy"),
        line(OLD + 2, miles="7.5"),
        "1,2,3\n",
        line(OLD + 3),
    )
    description = load()
    assert (description["TaskStatus"], description.get("ErrorMessage")) == ("FAILED", None)
    progress = description["ProgressReport"]
    assert progress["BytesMetered"] > 0
    assert progress | {"BytesMetered": 0} == {
        **NO_PROGRESS,
        "RecordsProcessed": 8,
        "RecordsIngested": 2,
        "ParseFailures": 3,
        "RecordIngestionFailures": 3,
    }
    written = report(s3, description)
    assert (written["taskId"], written["taskErrors"]) == (description["TaskId"], [])
    [file] = written["fileErrors"]
    assert file["fileName"] == "sample.csv"
    ranges = {tuple(map(tuple, error["lineRanges"])): error["reason"] for error in file["errors"]}
    assert set(ranges) == {((3, 4),), ((5, 5),), ((6, 6),), ((7, 7),), ((8, 8),)}
    assert "outside the time range" in ranges[(3, 4),]
    assert "A record already exists" in ranges[(5, 5),]
    assert scalars(call("Query", QueryString=COUNT)) == [["2"]]


def test_all_files_under_the_prefix_are_loaded(load: Any, call: Any, s3: MemoryS3) -> None:
    s3.buckets["source"] = {
        "data/": b"",
        "data/a.csv": csv(line(OLD)),
        "data/par=1/b.csv": csv(line(OLD + 1)),
        "other.csv": csv(line(OLD + 2)),
    }
    location = {"BucketName": "source", "ObjectKeyPrefix": "data/"}
    description = load(DataSourceConfiguration={"DataSourceS3Configuration": location, "DataFormat": "CSV"})
    assert (description["TaskStatus"], description["ProgressReport"]["RecordsIngested"]) == ("SUCCEEDED", 2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n\n", "no header"),
        (b"\xef\xbb\xbf" + csv(line()), "byte order mark"),
        (csv(line()).decode().encode("utf-16"), "byte order mark"),
        (b"a,b\n1,2\n", "lacks the column timestamp"),
        (b'"a,b\n', "not valid CSV"),
    ],
)
def test_a_file_that_can_not_be_loaded_leaves_the_others(
    load: Any, s3: MemoryS3, content: bytes, reason: str
) -> None:
    s3.buckets["source"] = {"a.csv": content, "b.csv": csv(line())}
    description = load()
    assert description["TaskStatus"] == "FAILED"
    progress = description["ProgressReport"]
    assert (progress["FileFailures"], progress["RecordsIngested"]) == (1, 1)
    [file] = report(s3, description)["fileErrors"]
    assert file["fileName"] == "a.csv"
    assert reason in file["errors"][0]["reason"]


def test_there_must_be_files(load: Any, s3: MemoryS3) -> None:
    description = load()
    assert description["TaskStatus"] == "FAILED"
    assert description["ErrorMessage"] == "There are no files in s3://source/."
    assert report(s3, description)["taskErrors"] == [{"reason": description["ErrorMessage"]}]


def test_limits_of_files(load: Any, s3: MemoryS3, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.buckets["source"] = {f"{number:03}.csv": csv(line(OLD + number)) for number in range(101)}
    assert "more than 100 files" in load()["ErrorMessage"]
    del s3.buckets["source"]["000.csv"]
    assert load(RecordVersion=2)["ProgressReport"]["RecordsIngested"] == 100
    monkeypatch.setattr(tasks, "FILE_BYTES", 90)
    assert load(RecordVersion=3)["ProgressReport"]["FileFailures"] == 100
    monkeypatch.setattr(tasks, "TASK_BYTES", 9_000)
    assert "100 GB together" in load(RecordVersion=4)["ErrorMessage"]


def test_a_source_that_changes_meanwhile_is_a_failure(
    load: Any, s3: MemoryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.buckets["source"]["a.csv"] = csv(line())
    monkeypatch.setattr(
        "tests.unit.localaws.timestream.memory_s3._etag", lambda body: str(time.monotonic_ns())
    )
    description = load()
    assert description["ProgressReport"]["FileFailures"] == 1
    assert "PreconditionFailed" in report(s3, description)["fileErrors"][0]["errors"][0]["reason"]


# Versions


def test_the_same_data_again_changes_nothing(load: Any, call: Any, s3: MemoryS3) -> None:
    s3.buckets["source"]["a.csv"] = csv(line(), line(OLD + 1))
    for _ in range(2):
        assert load(ClientToken=str(time.monotonic_ns()))["ProgressReport"]["RecordsIngested"] == 2
    assert scalars(call("Query", QueryString=COUNT)) == [["2"]]


def test_a_higher_version_replaces(load: Any, call: Any, s3: MemoryS3) -> None:
    s3.buckets["source"]["a.csv"] = csv(line())
    load()
    s3.buckets["source"]["a.csv"] = csv(line(weight="9.5"))
    assert load(RecordVersion=2)["TaskStatus"] == "SUCCEEDED"
    assert scalars(call("Query", QueryString=SELECT)) == [["car", "AB-1", "9.5", "100.0", "7.25", "7"]]


# Tokens, quotas


def test_a_token_makes_one_task(call: Any, clock: Any, request_: dict[str, Any]) -> None:
    first = call("CreateBatchLoadTask", **request_, ClientToken="t")
    assert call("CreateBatchLoadTask", **request_, ClientToken="t") == first
    assert call("CreateBatchLoadTask", **request_, ClientToken="u") != first
    with pytest.raises(ConflictException):
        call("CreateBatchLoadTask", **request_, ClientToken="t", RecordVersion=2)
    clock.seconds += 8 * 3600
    assert call("CreateBatchLoadTask", **request_, ClientToken="t") != first


def test_active_tasks_of_a_table_and_of_an_account(call: Any, request_: dict[str, Any]) -> None:
    for name in ("b", "c"):
        call("CreateTable", DatabaseName="iot", TableName=f"table-{name}")
    for table in ("sensor-data", "table-b"):
        for _ in range(5):
            call("CreateBatchLoadTask", **{**request_, "TargetTableName": table})
        with pytest.raises(ServiceQuotaExceededException, match="A table"):
            call("CreateBatchLoadTask", **{**request_, "TargetTableName": table})
    with pytest.raises(ServiceQuotaExceededException, match="An account"):
        call("CreateBatchLoadTask", **{**request_, "TargetTableName": "table-c"})


def test_tasks_that_are_done_leave_room(load: Any, s3: MemoryS3) -> None:
    s3.buckets["source"]["a.csv"] = csv(line())
    for number in range(6):
        assert load(RecordVersion=number + 1)["TaskStatus"] == "SUCCEEDED"


# Lists


def test_tasks_are_listed_by_status_and_in_pages(
    call: Any, load: Any, s3: MemoryS3, clock: Any, request_: dict[str, Any]
) -> None:
    s3.buckets["source"]["a.csv"] = csv(line())
    ids = []
    for number in range(3):
        clock.seconds += 1
        ids.append(load(RecordVersion=number + 1)["TaskId"])
    clock.seconds += 1
    waiting = call("CreateBatchLoadTask", **request_)["TaskId"]
    page = call("ListBatchLoadTasks", MaxResults=2)
    rest = call("ListBatchLoadTasks", MaxResults=2, NextToken=page["NextToken"])
    assert [each["TaskId"] for each in page["BatchLoadTasks"] + rest["BatchLoadTasks"]] == [*ids, waiting]
    assert "NextToken" not in rest
    [created] = call("ListBatchLoadTasks", TaskStatus="CREATED")["BatchLoadTasks"]
    assert created == {
        "TaskId": waiting,
        "TaskStatus": "CREATED",
        "DatabaseName": "iot",
        "TableName": "sensor-data",
        "CreationTime": float(NEW_YEAR + 4),
        "LastUpdatedTime": float(NEW_YEAR + 4),
    }


# Requests that are refused


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"DataModelConfiguration": None}, "either"),
        ({"DataModelConfiguration": {}}, "either"),
        ({"DataModelConfiguration": {"DataModelS3Configuration": {"BucketName": "source"}}}, "ObjectKey"),
        (
            {
                "DataModelConfiguration": {
                    "DataModelS3Configuration": {"BucketName": "source", "ObjectKey": "no"}
                }
            },
            "NoSuchKey",
        ),
        ({"ReportConfiguration": {}}, "ReportS3Configuration"),
        ({"ReportConfiguration": {"ReportS3Configuration": {"BucketName": "absent"}}}, "bucket absent"),
        (
            {
                "ReportConfiguration": {
                    "ReportS3Configuration": {"BucketName": "reports", "EncryptionOption": "SSE_KMS"}
                }
            },
            "KmsKeyId",
        ),
        ({"RecordVersion": 0}, "RecordVersion"),
        (
            {
                "DataSourceConfiguration": {
                    "DataSourceS3Configuration": {"BucketName": "absent"},
                    "DataFormat": "CSV",
                }
            },
            "bucket absent",
        ),
        (
            {
                "DataSourceConfiguration": {
                    "DataSourceS3Configuration": {"BucketName": "source"},
                    "DataFormat": "CSV",
                    "CsvConfiguration": {"QuoteChar": "`"},
                }
            },
            "QuoteChar",
        ),
    ],
)
def test_requests_that_are_refused(
    call: Any, request_: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationException, match=message):
        call("CreateBatchLoadTask", **{**request_, **changes})


def test_tables_and_tasks_that_do_not_exist(call: Any, request_: dict[str, Any]) -> None:
    with pytest.raises(ResourceNotFoundException):
        call("CreateBatchLoadTask", **{**request_, "TargetTableName": "absent"})
    for operation in ("DescribeBatchLoadTask", "ResumeBatchLoadTask"):
        with pytest.raises(ResourceNotFoundException, match="ABC"):
            call(operation, TaskId="ABC")


def test_a_required_partition_key_must_be_mapped(
    call: Any, load: Any, s3: MemoryS3, request_: dict[str, Any]
) -> None:
    def keyed(name: str, level: str) -> dict[str, Any]:
        key = {"Type": "DIMENSION", "Name": name, "EnforcementInRecord": level}
        return {"TableName": name, "Schema": {"CompositePartitionKey": [key]}}

    for name, level in (("driver", "REQUIRED"), ("owner", "OPTIONAL"), ("license", "REQUIRED")):
        call("CreateTable", DatabaseName="iot", **keyed(name, level))
    with pytest.raises(ValidationException, match="no mapping of driver"):
        call("CreateBatchLoadTask", **{**request_, "TargetTableName": "driver"})
    s3.buckets["source"]["a.csv"] = csv(line(), f"{OLD + 1},car,,1,1,1,1\n")
    assert load(TargetTableName="owner")["ProgressReport"]["RecordsIngested"] == 2
    refused = load(TargetTableName="license")
    assert refused["ProgressReport"]["RecordIngestionFailures"] == 1
    assert "license" in report(s3, refused)["fileErrors"][0]["errors"][0]["reason"]


def test_a_model_in_s3(load: Any, s3: MemoryS3) -> None:
    s3.buckets["source"]["a.csv"] = csv(line())
    s3.buckets["reports"]["model.json"] = json.dumps(MODEL).encode()
    configuration = {"DataModelS3Configuration": {"BucketName": "reports", "ObjectKey": "model.json"}}
    description = load(DataModelConfiguration=configuration)
    assert description["DataModelConfiguration"] == configuration
    assert description["ProgressReport"]["RecordsIngested"] == 1


# Reports


def test_a_report_is_encrypted_as_asked(load: Any, s3: MemoryS3) -> None:
    location = {"BucketName": "reports", "ObjectKeyPrefix": "errors/of/mine"}
    kms = {"EncryptionOption": "SSE_KMS", "KmsKeyId": "alias/mine"}
    first = load(ReportConfiguration={"ReportS3Configuration": location})
    second = load(ReportConfiguration={"ReportS3Configuration": {**location, **kms}})
    assert [put["Key"] for put in s3.puts] == [
        f"errors/of/mine/{each['TaskId']}/error_report.json" for each in (first, second)
    ]
    assert s3.puts[0]["ServerSideEncryption"] == "AES256"
    assert (s3.puts[1]["ServerSideEncryption"], s3.puts[1]["SSEKMSKeyId"]) == ("aws:kms", "alias/mine")


def test_a_report_that_can_not_be_written(call: Any, s3: MemoryS3, request_: Any, finished: Any) -> None:
    task_id = call("CreateBatchLoadTask", **request_)["TaskId"]
    del s3.buckets["reports"]
    description = finished(task_id)
    assert description["TaskStatus"] == "FAILED"
    assert "NoSuchBucket" in description["ErrorMessage"]


# What stops, and goes on


@pytest.mark.parametrize(
    "failure", [refusal("InternalError", 500), EndpointConnectionError(endpoint_url="http://s3")]
)
def test_a_task_that_s3_fails_can_be_resumed(
    call: Any, finished: Any, s3: MemoryS3, clock: Any, request_: dict[str, Any], failure: Exception
) -> None:
    s3.buckets["source"]["a.csv"] = csv(line())
    task_id = call("CreateBatchLoadTask", **request_)["TaskId"]
    s3.failure = failure
    stopped = finished(task_id)
    assert stopped["TaskStatus"] == "PROGRESS_STOPPED"
    assert stopped["ResumableUntil"] == NEW_YEAR + 24 * 3600
    [listed] = call("ListBatchLoadTasks", TaskStatus="PROGRESS_STOPPED")["BatchLoadTasks"]
    assert listed["ResumableUntil"] == stopped["ResumableUntil"]
    s3.failure = None
    clock.seconds += 60
    assert call("ResumeBatchLoadTask", TaskId=task_id) == {}
    assert call("ListBatchLoadTasks", TaskStatus="PENDING_RESUME")["BatchLoadTasks"]
    resumed = finished(task_id)
    assert (resumed["TaskStatus"], resumed["ProgressReport"]["RecordsIngested"]) == ("SUCCEEDED", 1)
    assert "ErrorMessage" not in resumed
    assert "ResumableUntil" not in resumed


def test_what_can_not_be_resumed(call: Any, load: Any, s3: MemoryS3, clock: Any) -> None:
    s3.buckets["source"]["a.csv"] = csv(line())
    with pytest.raises(ValidationException, match="SUCCEEDED"):
        call("ResumeBatchLoadTask", TaskId=load()["TaskId"])


def test_a_task_can_be_resumed_for_a_while_only(
    call: Any, finished: Any, s3: MemoryS3, clock: Any, request_: dict[str, Any]
) -> None:
    task_id = call("CreateBatchLoadTask", **request_)["TaskId"]
    s3.failure = refusal("SlowDown", 503)
    finished(task_id)
    clock.seconds += 24 * 3600
    with pytest.raises(ValidationException, match="has passed"):
        call("ResumeBatchLoadTask", TaskId=task_id)


def test_a_table_deleted_meanwhile(call: Any, finished: Any, s3: MemoryS3, request_: dict[str, Any]) -> None:
    s3.buckets["source"]["a.csv"] = csv(line())
    task_id = call("CreateBatchLoadTask", **request_)["TaskId"]
    call("DeleteTable", DatabaseName="iot", TableName="sensor-data")
    description = finished(task_id)
    assert description["TaskStatus"] == "FAILED"
    assert "sensor-data does not exist" in description["ErrorMessage"]


class Interrupted(MemoryS3):
    """An S3 that lets a Timestream be closed in the midst of a file."""

    def get_object(self, **request: Any) -> dict[str, Any]:
        if len(self.gets) == 2:
            self.service.close()
        return super().get_object(**request)

    service: Timestream


def test_a_task_goes_on_where_an_earlier_process_left_it(
    tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localaws.timestream.s3.CHUNK_BYTES", 200)
    monkeypatch.setattr(tasks, "ROWS_A_STEP", 2)
    lines = [line(OLD + number, weight="x" if number == 1 else "1.0") for number in range(20)]
    s3 = Interrupted({"source": {"a.csv": csv(*lines)}, "reports": {}})
    first = s3.service = Timestream("0" * 12, "us-east-1", clock, tmp_path, lambda _name: s3)
    first.call("CreateDatabase", {"DatabaseName": "iot"}, "")
    first.call("CreateTable", {"DatabaseName": "iot", "TableName": "sensor-data"}, "")
    request = {
        "TargetDatabaseName": "iot",
        "TargetTableName": "sensor-data",
        "DataModelConfiguration": {"DataModel": MODEL},
        "DataSourceConfiguration": {
            "DataSourceS3Configuration": {"BucketName": "source"},
            "DataFormat": "CSV",
        },
        "ReportConfiguration": {"ReportS3Configuration": {"BucketName": "reports"}},
    }
    task_id = first.call("CreateBatchLoadTask", request, "")["TaskId"]
    first.work()
    deadline = time.monotonic() + 30
    while len(s3.gets) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    second = Timestream("0" * 12, "us-east-1", clock, tmp_path, lambda _name: s3)
    left = second.call("DescribeBatchLoadTask", {"TaskId": task_id}, "")["BatchLoadTaskDescription"]
    assert left["TaskStatus"] == "IN_PROGRESS"
    assert 0 < left["ProgressReport"]["RecordsProcessed"] < 20
    while (left := second.call("DescribeBatchLoadTask", {"TaskId": task_id}, ""))["BatchLoadTaskDescription"][
        "TaskStatus"
    ] == "IN_PROGRESS":
        assert time.monotonic() < deadline
        second.work()
        time.sleep(0.001)
    done = left["BatchLoadTaskDescription"]
    assert done["TaskStatus"] == "FAILED"
    assert done["ProgressReport"]["RecordsProcessed"] == 20
    assert done["ProgressReport"]["RecordsIngested"] == 19
    [error] = report(s3, done)["fileErrors"][0]["errors"]
    assert error["lineRanges"] == [[3, 3]]
    offsets = [int(get["Range"].removeprefix("bytes=").partition("-")[0]) for get in s3.gets]
    assert offsets.count(0) == 1, "what was done is not read again"
    second.close()
