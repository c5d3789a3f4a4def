# SPDX-License-Identifier: MIT
import json
from typing import Any

import awswrangler as wr
import pandas as pd
import pytest

from localaws.embedded import EmbeddedAws
from tests.awswrangler.conftest import Readings, Table
from tests.awswrangler.test_write import equal

NANOSECONDS = {"SECONDS": 10**9, None: 10**6, "MICROSECONDS": 10**3}


@pytest.fixture
def arguments(table: Table, bucket: str) -> dict[str, Any]:
    """What every load is told."""
    return {
        "path": f"s3://{bucket}/source/",
        "database": table.database,
        "table": table.table,
        "time_col": "time",
        "dimensions_cols": ["site", "rack"],
        "measure_cols": ["temperature", "note"],
        "measure_name_col": "measure_name",
        "report_s3_configuration": {"BucketName": bucket, "ObjectKeyPrefix": "errors"},
        "timestream_batch_load_wait_polling_delay": 0.05,
    }


def frame(readings: Readings) -> pd.DataFrame:
    """Readings that a file can have: their times are numbers."""
    made = readings(note=["a", 'b "c"', "d, e", "ü", "f\ng", "h"], measure_name="weather")
    return made.assign(time=made["time"].dt.floor("s"))


def numbered(made: pd.DataFrame, unit: str | None) -> pd.DataFrame:
    return made.assign(time=made["time"].astype("datetime64[ns]").astype("int64") // NANOSECONDS[unit])


def progress(response: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = response["BatchLoadTaskDescription"]["ProgressReport"]
    return found


@pytest.mark.parametrize("unit", NANOSECONDS)
def test_a_frame_is_loaded(
    aws: EmbeddedAws,
    table: Table,
    readings: Readings,
    arguments: dict[str, Any],
    bucket: str,
    unit: str | None,
) -> None:
    made = frame(readings)
    response = wr.timestream.batch_load(df=numbered(made, unit), time_unit=unit, **arguments)  # type: ignore[arg-type]
    assert response["BatchLoadTaskDescription"]["TaskStatus"] == "SUCCEEDED"
    counts = progress(response)
    assert (counts["RecordsProcessed"], counts["RecordsIngested"]) == (6, 6)
    equal(table.rows(), made)
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=bucket), "its files are gone, no report"


def test_files_that_were_kept_are_loaded_again(
    table: Table, readings: Readings, arguments: dict[str, Any]
) -> None:
    made = frame(readings)
    wr.timestream.batch_load(df=numbered(made, None), keep_files=True, **arguments)
    with pytest.raises(wr.exceptions.InvalidArgument, match="not empty"):
        wr.timestream.batch_load(df=numbered(made, None), **arguments)
    response = wr.timestream.batch_load_from_files(
        **arguments, measure_types=["DOUBLE", "VARCHAR"], record_version=2
    )
    assert progress(response)["RecordsIngested"] == 6
    equal(table.rows(), made)


def test_files_of_another_format_in_partitions(
    table: Table, readings: Readings, arguments: dict[str, Any]
) -> None:
    made = frame(readings)
    paths = wr.s3.to_csv(
        df=numbered(made, None).assign(part=[0, 1, 2] * 2),
        path=arguments["path"],
        partition_cols=["part"],
        index=False,
        dataset=True,
        sep="|",
        quotechar="'",
    )["paths"]
    assert len(paths) == 3
    response = wr.timestream.batch_load_from_files(
        **arguments,
        measure_types=["DOUBLE", "VARCHAR"],
        data_source_csv_configuration={"ColumnSeparator": "|", "QuoteChar": "'"},
    )
    assert progress(response)["RecordsIngested"] == 6
    equal(table.rows(), made)


def test_a_load_with_errors_fails_and_is_reported(
    aws: EmbeddedAws, table: Table, readings: Readings, arguments: dict[str, Any], bucket: str
) -> None:
    made = frame(readings)
    bad = made.assign(time=[*made["time"][:4], *[pd.Timestamp("2020-01-01")] * 2])
    with pytest.raises(wr.exceptions.TimestreamLoadError):
        wr.timestream.batch_load(df=numbered(bad, None), **arguments)
    equal(table.rows(), made[:4])
    s3 = aws.client("s3")
    [key] = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    report = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    assert key == f"errors/{report['taskId']}/error_report.json"
    [file] = report["fileErrors"]
    assert file["fileName"].startswith("source/")
    [error] = file["errors"]
    assert error["reason"].startswith("The record timestamp is outside the time range")
    assert error["lineRanges"] == [[6, 8]], "one note has two lines"


def test_a_table_is_copied_by_unload_and_batch_load(
    aws: EmbeddedAws, table: Table, readings: Readings, arguments: dict[str, Any], bucket: str
) -> None:
    made = frame(readings)
    wr.timestream.batch_load(df=numbered(made, None), **arguments)
    aws.client("timestream-query").query(
        QueryString=f"""
        UNLOAD (SELECT to_nanoseconds(time) AS time, site, rack, measure_name, temperature, note
                FROM "{table.database}"."{table.table}")
        TO 's3://{bucket}/copy/' WITH (format = 'CSV', compression = 'NONE', include_header = 'true')
        """
    )
    wr.timestream.create_table(table.database, "copy", memory_retention_hours=1, magnetic_retention_days=1)
    copied = {**arguments, "path": f"s3://{bucket}/copy/results/", "table": "copy"}
    response = wr.timestream.batch_load_from_files(
        **copied,
        time_unit="NANOSECONDS",
        measure_types=["DOUBLE", "VARCHAR"],
        data_source_csv_configuration={"EscapeChar": "\\"},
    )
    assert progress(response)["RecordsIngested"] == 6
    equal(Table(table.database, "copy").rows(), made)
