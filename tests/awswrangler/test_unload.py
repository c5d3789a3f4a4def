# SPDX-License-Identifier: MIT
from typing import Any, Literal

import awswrangler as wr
import pandas as pd
import pytest

from localaws.embedded import EmbeddedAws
from tests.awswrangler.conftest import Readings, Table
from tests.awswrangler.test_write import equal

Format = Literal["CSV", "PARQUET"] | None


NOTES = ["a", "b, c", "d e", "ü", None, "f"]


def fill(table: Table, frame: pd.DataFrame) -> None:
    wr.timestream.write(
        df=frame,
        database=table.database,
        table=table.table,
        time_col="time",
        measure_col=["temperature", "note"],
        dimensions_cols=["site", "rack"],
        measure_name="weather",
    )


def statement(table: Table) -> str:
    return f'SELECT time, temperature, note, site, rack FROM "{table.database}"."{table.table}"'


@pytest.mark.parametrize("format_", [None, "CSV", "PARQUET"])
@pytest.mark.parametrize("partitions", [None, ["rack"], ["site", "rack"]])
def test_what_is_unloaded_is_read(
    aws: EmbeddedAws,
    table: Table,
    readings: Readings,
    bucket: str,
    format_: Format,
    partitions: list[str] | None,
) -> None:
    frame = readings(note=NOTES)
    fill(table, frame)
    found = wr.timestream.unload(
        statement(table), f"s3://{bucket}/unloaded", format_, partition_cols=partitions
    )
    assert isinstance(found, pd.DataFrame)
    texts = found.astype({"site": str, "rack": str})
    equal(texts.assign(time=pd.to_datetime(found["time"])), frame)
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=bucket), "its files are gone"


def test_chunks(table: Table, readings: Readings, bucket: str) -> None:
    fill(table, readings(note=NOTES))
    # With chunks it deletes its files, unless told to keep them, before they are read
    chunks: Any = wr.timestream.unload(
        statement(table), f"s3://{bucket}/unloaded", chunked=2, keep_files=True
    )
    assert [len(chunk) for chunk in chunks] == [2, 2, 2]


@pytest.mark.parametrize("compression", ["GZIP", "NONE"])
def test_files(
    aws: EmbeddedAws,
    table: Table,
    readings: Readings,
    bucket: str,
    compression: Literal["GZIP", "NONE"],
) -> None:
    frame = readings(note=["a", "b|c", 'd "e"', "ü", None, "f\\g"])
    fill(table, frame)
    wr.timestream.unload_to_files(
        statement(table),
        f"s3://{bucket}/unloaded/",
        unload_format="CSV",
        compression=compression,
        field_delimiter="|",
    )
    found = wr.s3.read_csv(
        f"s3://{bucket}/unloaded/results/",
        sep="|",
        header=None,
        names=["time", "temperature", "note", "site", "rack"],
        escapechar="\\",
    )
    equal(found.astype({"rack": str}).assign(time=pd.to_datetime(found["time"])), frame)
    keys = [each["Key"] for each in aws.client("s3").list_objects_v2(Bucket=bucket)["Contents"]]
    assert len([key for key in keys if key.endswith("_manifest.json")]) == 1
    assert len([key for key in keys if key.endswith("_metadata.json")]) == 1
