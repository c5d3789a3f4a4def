# SPDX-License-Identifier: MIT
"""Batch loads and reports of rejected records on a running embedded AWS, which is stopped in their midst."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws, embedded_aws

ROWS = 20_000
HEADER = "time,host,cpu,note\n"
PADDING = "x" * 600
NAMES = {"DatabaseName": "plant", "TableName": "load"}
DEADLINE_SECONDS = 120


@pytest.fixture(scope="module")
def own_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An embedded AWS that may be stopped, with a table of a year and a bucket."""
    with embedded_aws(tmp_path_factory.mktemp("batch-load")) as aws:
        write = aws.client("timestream-write")
        aws.client("s3").create_bucket(Bucket="batch-load")
        write.create_database(DatabaseName="plant")
        location = {"S3Configuration": {"BucketName": "batch-load", "ObjectKeyPrefix": "rejected"}}
        write.create_table(
            **NAMES,
            RetentionProperties={
                "MemoryStoreRetentionPeriodInHours": 1,
                "MagneticStoreRetentionPeriodInDays": 365,
            },
            MagneticStoreWriteProperties={
                "EnableMagneticStoreWrites": True,
                "MagneticStoreRejectedDataLocation": location,
            },
        )
        yield aws


def create(aws: EmbeddedAws) -> str:
    answer = aws.client("timestream-write").create_batch_load_task(
        TargetDatabaseName="plant",
        TargetTableName="load",
        DataModelConfiguration={
            "DataModel": {
                "TimeColumn": "time",
                "DimensionMappings": [{"SourceColumn": "host"}],
                "MixedMeasureMappings": [{"SourceColumn": "cpu", "MeasureValueType": "DOUBLE"}],
            }
        },
        DataSourceConfiguration={
            "DataSourceS3Configuration": {"BucketName": "batch-load", "ObjectKeyPrefix": "source/"},
            "DataFormat": "CSV",
        },
        ReportConfiguration={"ReportS3Configuration": {"BucketName": "batch-load"}},
    )
    task_id: str = answer["TaskId"]
    return task_id


def describe(aws: EmbeddedAws, task_id: str) -> dict[str, Any]:
    answer = aws.client("timestream-write").describe_batch_load_task(TaskId=task_id)
    description: dict[str, Any] = answer["BatchLoadTaskDescription"]
    return description


def test_a_load_of_many_rows_goes_on_after_a_restart(own_aws: EmbeddedAws) -> None:
    first = (time.time_ns() // 10**9 - 30 * 24 * 3600) * 1000
    lines = [f"{first + number},h{number % 7},{number / 8},{PADDING}\n" for number in range(ROWS)]
    own_aws.client("s3").put_object(
        Bucket="batch-load", Key="source/a.csv", Body=(HEADER + "".join(lines)).encode()
    )
    task_id, deadline = create(own_aws), time.monotonic() + DEADLINE_SECONDS
    while not describe(own_aws, task_id)["ProgressReport"]["RecordsProcessed"]:
        assert time.monotonic() < deadline
    own_aws.restart()
    left = describe(own_aws, task_id)
    assert left["TaskStatus"] == "IN_PROGRESS"
    assert 0 < left["ProgressReport"]["RecordsProcessed"] < ROWS
    while (done := describe(own_aws, task_id))["TaskStatus"] == "IN_PROGRESS":
        assert time.monotonic() < deadline
    assert done["TaskStatus"] == "SUCCEEDED"
    assert done["ProgressReport"]["RecordsIngested"] == ROWS
    answer = own_aws.client("timestream-query").query(
        QueryString='SELECT count(*), sum(measure_value::double) FROM "plant"."load"'
    )
    count, total = (float(datum["ScalarValue"]) for datum in answer["Rows"][0]["Data"])
    assert (count, total) == (ROWS, sum(number / 8 for number in range(ROWS)))


def test_rejected_records_are_reported_after_a_restart(own_aws: EmbeddedAws) -> None:
    write, s3 = own_aws.client("timestream-write"), own_aws.client("s3")
    when = str(time.time_ns() // 10**6 - 24 * 3600 * 1000)
    for value in ("1.0", "2.0"):
        record = {
            "Dimensions": [{"Name": "host", "Value": "late"}],
            "MeasureName": "cpu",
            "MeasureValue": value,
            "Time": when,
        }
        ingested = write.write_records(**NAMES, Records=[record])["RecordsIngested"]
        assert ingested["MagneticStore"] == 1
    own_aws.restart()
    own_aws.forward(5)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := s3.list_objects_v2(Bucket="batch-load", Prefix="rejected/").get("Contents")):
        assert time.monotonic() < deadline
    [key] = [each["Key"] for each in found]
    assert key.startswith("rejected/plant/load/")
    report = json.loads(s3.get_object(Bucket="batch-load", Key=key)["Body"].read())
    [error] = report["errors"]
    assert error["reason"].startswith("A record already exists with the same time")
    assert [record["measureValue"] for record in error["records"]] == ["2.0"]
