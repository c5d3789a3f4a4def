# SPDX-License-Identifier: MIT
"""The module timestream_export: all rows of a table arrive in S3, or it fails."""

from __future__ import annotations

import gzip
import importlib
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

DATABASE, TABLE, BUCKET = "module-export", "readings", "module-export"
ROWS = 250
ARGUMENTS = {"database": DATABASE, "table": TABLE, "destination": f"s3://{BUCKET}/it's/kept"}


@pytest.fixture(scope="module")
def readings(aws: Any) -> Iterator[None]:
    """A table of 250 readings, an empty one, and a bucket."""
    timestream, s3 = aws.client("timestream-write"), aws.client("s3")
    timestream.create_database(DatabaseName=DATABASE)
    for table in (TABLE, "empty"):
        timestream.create_table(DatabaseName=DATABASE, TableName=table)
    now = time.time_ns() // 10**6
    records = [{"Time": str(now - place), "MeasureValue": str(place / 2)} for place in range(ROWS)]
    common = {"Dimensions": [{"Name": "device_id", "Value": "sensor-1"}], "MeasureName": "temperature"}
    for start in range(0, ROWS, 100):
        timestream.write_records(
            DatabaseName=DATABASE,
            TableName=TABLE,
            CommonAttributes=common,
            Records=records[start : start + 100],
        )
    s3.create_bucket(Bucket=BUCKET)
    yield
    for found in keys(aws):
        s3.delete_object(Bucket=BUCKET, Key=found)
    s3.delete_bucket(Bucket=BUCKET)
    for table in (TABLE, "empty"):
        timestream.delete_table(DatabaseName=DATABASE, TableName=table)
    timestream.delete_database(DatabaseName=DATABASE)


def keys(aws: Any) -> list[str]:
    return [found["Key"] for found in aws.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def content(aws: Any, url: str) -> bytes:
    key = url.removeprefix(f"s3://{BUCKET}/")
    read: bytes = aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return read


def values(kind: str, content: bytes) -> list[float]:
    if kind == "PARQUET":
        found: list[float] = pq.read_table(io.BytesIO(content))["measure_value::double"].to_pylist()
        return found
    return [float(line.split(",")[-1]) for line in gzip.decompress(content).decode().splitlines()]


@pytest.mark.parametrize("kind", ["PARQUET", "CSV"])
def test_every_row_arrives(aws: Any, run_module: Any, readings: None, kind: str) -> None:
    before = keys(aws)
    predicted = run_module("timestream_export", check=True, format=kind, **ARGUMENTS)
    assert (predicted["changed"], predicted["rows"], predicted["manifest"]) == (True, ROWS, None)
    assert keys(aws) == before
    real = run_module("timestream_export", format=kind, **ARGUMENTS)
    assert (real.get("changed"), real.get("rows")) == (True, ROWS), real
    assert real["manifest"].startswith(ARGUMENTS["destination"])
    files = json.loads(content(aws, real["manifest"]))["result_files"]
    found = [value for file in files for value in values(kind, content(aws, file["url"]))]
    assert sorted(found) == [place / 2 for place in range(ROWS)]


@pytest.mark.parametrize(
    ("database", "table"), [(DATABASE, "empty"), (DATABASE, "none"), ("none-at-all", "t-1")]
)
@pytest.mark.parametrize("check", [True, False])
def test_nothing_to_export(run_module: Any, readings: None, database: str, table: str, check: bool) -> None:
    arguments = {**ARGUMENTS, "database": database, "table": table}
    result = run_module("timestream_export", check=check, **arguments)
    assert (result.get("changed"), result.get("rows"), result.get("manifest")) == (False, 0, None), result


@pytest.mark.parametrize(
    ("destination", "message"),
    [("s3://no-such-bucket-anywhere/x", "bucket"), ("file:///tmp", "Failed to run the query")],
)
def test_a_destination_that_cannot_be(
    run_module: Any, readings: None, destination: str, message: str
) -> None:
    result = run_module("timestream_export", **{**ARGUMENTS, "destination": destination})
    assert result["failed"]
    assert "crashed" not in result
    assert message in result["msg"]


@pytest.mark.parametrize(
    "counts", [{"counted before": 3, "unloaded": 2}, {"unloaded": 3, "in the files": 2, "counted after": 3}]
)
def test_counts_that_differ_fail(counts: dict[str, int]) -> None:
    module = importlib.import_module("ansible_collections.timeseries.aws.plugins.modules.timestream_export")
    with pytest.raises(module.TimestreamError, match=r"can't be trusted, see s3://b/m.*unloaded [23]"):
        module.require_agreement("t", "s3://b/m", counts)


def test_counts_that_agree_pass() -> None:
    module = importlib.import_module("ansible_collections.timeseries.aws.plugins.modules.timestream_export")
    module.require_agreement("t", "s3://b/m", {"counted before": 3, "unloaded": 3, "counted after": 3})
