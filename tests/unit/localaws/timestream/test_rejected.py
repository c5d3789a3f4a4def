# SPDX-License-Identifier: MIT
"""Reports on records that the magnetic store refused."""

import logging
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from localaws.errors import ValidationException
from localaws.timestream import rejected
from localaws.timestream.counts import Count
from localaws.timestream.service import Timestream
from tests.unit.localaws.timestream.conftest import NEW_YEAR
from tests.unit.localaws.timestream.memory_s3 import MemoryS3, refusal

NAMES = {"DatabaseName": "iot", "TableName": "late"}
LOCATION = {"BucketName": "rejected", "ObjectKeyPrefix": "late/readings"}
OLD = NEW_YEAR - 30 * 24 * 3600
DAY = 24 * 3600
SAME = (
    "A record already exists with the same time, dimensions, measure name, and record version. "
    "A higher record version must be specified in order to update the measure value. "
    "Specifying record version is supported by the latest SDKs."
)
DIMENSIONS = [{"name": "device", "value": "d1", "dimensionValueType": None}]
COUNTED = {**NAMES, "Operation": "WriteRecords"}


def properties(**location: str) -> dict[str, Any]:
    return {
        "EnableMagneticStoreWrites": True,
        "MagneticStoreRejectedDataLocation": {"S3Configuration": location},
    }


@pytest.fixture
def late(call: Any) -> dict[str, str]:
    """A table that reports what it rejects."""
    call("CreateDatabase", DatabaseName="iot")
    call("CreateTable", **NAMES, MagneticStoreWriteProperties=properties(**LOCATION))
    return NAMES


Write = Callable[..., None]


@pytest.fixture
def write(call: Any) -> Write:
    """Write readings of one device and one time long ago."""

    def write(*values: str, table: str = "late", **more: Any) -> None:
        common = {"Dimensions": [{"Name": "device", "Value": "d1"}], "MeasureName": "temperature", **more}
        records = [{"MeasureValue": value, "Time": str(OLD), "TimeUnit": "SECONDS"} for value in values]
        answer = call(
            "WriteRecords", DatabaseName="iot", TableName=table, CommonAttributes=common, Records=records
        )
        assert answer["RecordsIngested"]["MagneticStore"] == len(values)

    return write


Reported = Callable[[int], list[dict[str, Any]]]


@pytest.fixture
def reported(service: Timestream, s3: MemoryS3) -> Reported:
    """What was put by the time there are so many reports."""

    def reported(count: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + 30
        while len(s3.puts) < count:
            assert time.monotonic() < deadline
            service.work()
            time.sleep(0.001)
        return s3.puts

    return reported


def test_a_conflict_is_reported(
    late: dict[str, str], write: Write, clock: Any, s3: MemoryS3, reported: Reported
) -> None:
    write("20.5", "21.5", "22.5")
    clock.seconds += 5
    [put] = reported(1)
    assert re.fullmatch(r"late/readings/iot/late/2026-01-01-00-00-00-[0-9A-F]{32}\.json", put["Key"])
    assert (put["Bucket"], put["ServerSideEncryption"]) == ("rejected", "AES256")
    record = {
        "dimensions": DIMENSIONS,
        "measureName": "temperature",
        "measureValue": "21.5",
        "measureValues": None,
        "measureValueType": "DOUBLE",
        "time": f"{OLD}000000000",
        "timeUnit": "NANOSECONDS",
        "version": None,
    }
    report = s3.document("rejected", put["Key"])
    assert put["Key"].endswith(f"-{report.pop('reportId')}.json")
    assert report == {"errors": [{"reason": SAME, "records": [record, {**record, "measureValue": "22.5"}]}]}


def test_a_multi_measure_record_is_reported(
    call: Any, late: Any, clock: Any, reported: Reported, s3: Any
) -> None:
    for version, value in ((2, "1"), (1, "7")):
        measures = [{"Name": "count", "Value": value, "Type": "BIGINT"}]
        record = {
            "Dimensions": [{"Name": "device", "Value": "d1", "DimensionValueType": "VARCHAR"}],
            "MeasureName": "m",
            "MeasureValueType": "MULTI",
            "MeasureValues": measures,
            "Time": str(OLD * 1000),
            "Version": version,
        }
        call("WriteRecords", **late, Records=[record])
    clock.seconds += 5
    [put] = reported(1)
    [error] = s3.document("rejected", put["Key"])["errors"]
    assert "The record version 1 is lower than the existing version 2" in error["reason"]
    assert error["records"] == [
        {
            "dimensions": [{"name": "device", "value": "d1", "dimensionValueType": "VARCHAR"}],
            "measureName": "m",
            "measureValue": None,
            "measureValues": [{"name": "count", "value": "7", "type": "BIGINT"}],
            "measureValueType": "MULTI",
            "time": f"{OLD}000000000",
            "timeUnit": "NANOSECONDS",
            "version": 1,
        }
    ]


def test_conflicts_of_some_seconds_are_one_report(
    service: Timestream, late: Any, write: Write, clock: Any, s3: MemoryS3, reported: Reported
) -> None:
    write("1")
    for value in ("2", "3"):
        write(value)
        clock.seconds += 2
    service.work()
    assert s3.puts == []
    clock.seconds += 1
    [put] = reported(1)
    [error] = s3.document("rejected", put["Key"])["errors"]
    assert [record["measureValue"] for record in error["records"]] == ["2", "3"]


def test_tables_have_reports_of_their_own_none_too_big(
    call: Any, late: Any, write: Write, clock: Any, reported: Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejected, "RECORDS_A_REPORT", 2)
    call(
        "CreateTable",
        DatabaseName="iot",
        TableName="other",
        MagneticStoreWriteProperties=properties(**LOCATION),
    )
    for table in ("late", "other"):
        write("1", table=table)
        for value in ("2", "3", "4"):
            write(value, table=table)
    clock.seconds += 5
    keys = [put["Key"].rpartition("/")[0] for put in reported(4)]
    assert sorted(keys) == ["late/readings/iot/late"] * 2 + ["late/readings/iot/other"] * 2


def test_reports_are_encrypted_as_asked(call: Any, write: Write, clock: Any, reported: Reported) -> None:
    call("CreateDatabase", DatabaseName="iot")
    kms = {"BucketName": "rejected", "EncryptionOption": "SSE_KMS", "KmsKeyId": "alias/mine"}
    call("CreateTable", **NAMES, MagneticStoreWriteProperties=properties(**kms))
    write("1", "2")
    clock.seconds += 5
    [put] = reported(1)
    assert put["Key"].startswith("iot/late/")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", "alias/mine")


def test_what_is_rejected_is_counted_without_a_location_too(
    call: Any, service: Timestream, write: Write, clock: Any, s3: MemoryS3
) -> None:
    call("CreateDatabase", DatabaseName="iot")
    call("CreateTable", **NAMES, MagneticStoreWriteProperties={"EnableMagneticStoreWrites": True})
    write("1", "2", "3")
    assert taken(service) == [("MagneticStoreRejectedRecordCount", 2, "Count", COUNTED)]
    assert taken(service) == []
    clock.seconds += 60
    service.work()
    assert s3.puts == []


@pytest.mark.parametrize(
    ("failure", "metric"),
    [
        (refusal("NoSuchBucket"), "MagneticStoreRejectedUploadUserFailures"),
        (refusal("InternalError", 500), "MagneticStoreRejectedUploadSystemFailures"),
        (EndpointConnectionError(endpoint_url="s3"), "MagneticStoreRejectedUploadSystemFailures"),
        (RuntimeError("a defect"), "MagneticStoreRejectedUploadSystemFailures"),
    ],
)
def test_what_s3_refuses_is_tried_again(
    service: Timestream, late: Any, write: Write, clock: Any, s3: MemoryS3, reported: Reported,
    failure: Exception, metric: str,
) -> None:  # fmt: skip
    write("1", "2")
    taken(service)
    s3.failure = failure
    clock.seconds += 5
    assert counted(service) == [(metric, 1, "Count", COUNTED)]
    s3.failure = None
    service.work()
    assert taken(service) == []
    clock.seconds += 60
    reported(1)


def test_what_was_refused_for_a_day_is_given_up_with_an_error(
    service: Timestream, late: Any, write: Write, clock: Any, s3: MemoryS3, caplog: pytest.LogCaptureFixture
) -> None:
    write("1", "2")
    taken(service)
    del s3.buckets["rejected"]
    with caplog.at_level(logging.WARNING):
        for seconds in (5, DAY):
            clock.seconds += seconds
            counted(service)
    levels = [
        (each.levelname, each.getMessage()) for each in caplog.records if "iot.late" in each.getMessage()
    ]
    assert [level for level, _ in levels] == ["WARNING", "ERROR"]
    assert "NoSuchBucket" in levels[1][1]
    s3.buckets["rejected"] = {}
    clock.seconds += DAY
    service.work()
    assert taken(service) == []


def taken(service: Timestream) -> list[Count]:
    """What was counted of rejections, and of nothing else, since the last time."""
    return [count for count in service.counts.take() if count.metric.startswith("MagneticStoreRejected")]


def counted(service: Timestream) -> list[Count]:
    """What is counted next."""
    deadline = time.monotonic() + 30
    while not (counts := taken(service)):
        assert time.monotonic() < deadline
        service.work()
        time.sleep(0.001)
    return counts


def test_what_is_not_reported_yet_outlives_the_process(tmp_path: Path, clock: Any, s3: MemoryS3) -> None:
    def start() -> Timestream:
        return Timestream("0" * 12, "us-east-1", clock, tmp_path, lambda _name: s3)

    first = start()
    first.call("CreateDatabase", {"DatabaseName": "iot"}, "")
    request = {**NAMES, "MagneticStoreWriteProperties": properties(**LOCATION)}
    first.call("CreateTable", request, "")
    for value in ("1", "2"):
        record = {
            "Dimensions": [{"Name": "device", "Value": "d1"}],
            "MeasureName": "m",
            "MeasureValue": value,
            "Time": str(OLD * 1000),
        }
        first.call("WriteRecords", {**NAMES, "Records": [record]}, "")
    first.close()
    clock.seconds += 5
    second = start()
    deadline = time.monotonic() + 30
    while not s3.puts:
        assert time.monotonic() < deadline
        second.work()
        time.sleep(0.001)
    second.close()


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ({"BucketName": "absent"}, "bucket absent .* NoSuchBucket"),
        ({"ObjectKeyPrefix": "late/"}, "must have a BucketName"),
        ({"BucketName": "rejected", "EncryptionOption": "SSE_KMS"}, "KmsKeyId"),
    ],
)
def test_a_location_that_can_take_no_report(
    call: Any, table: dict[str, str], location: dict[str, str], message: str
) -> None:
    writes = properties(**location)
    with pytest.raises(ValidationException, match=message):
        call("UpdateTable", **table, MagneticStoreWriteProperties=writes)
    with pytest.raises(ValidationException, match=message):
        call("CreateTable", DatabaseName="iot", TableName="another", MagneticStoreWriteProperties=writes)
    assert call("DescribeDatabase", DatabaseName="iot")["Database"]["TableCount"] == 1
