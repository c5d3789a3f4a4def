# SPDX-License-Identifier: MIT
"""The query API as boto3 sees it, with the S3 beside it."""

from __future__ import annotations

import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd
import pytest
from botocore.exceptions import ClientError

from localaws.embedded import EmbeddedAws

TABLE = '"plant"."readings"'
TEN_THOUSAND = "UNNEST(sequence(1, 10000))"
LONG = f"SELECT sum(a.x) FROM {TEN_THOUSAND} a(x), {TEN_THOUSAND} b(y), {TEN_THOUSAND} c(z)"


@pytest.fixture
def aws(aws: EmbeddedAws) -> EmbeddedAws:
    """An embedded AWS with a bucket `unloads` and 300 readings of three devices in `plant`.`readings`."""
    aws.reset()
    aws.client("s3").create_bucket(Bucket="unloads")
    write = aws.client("timestream-write")
    write.create_database(DatabaseName="plant")
    write.create_table(DatabaseName="plant", TableName="readings")
    now = time.time_ns() // 10**6
    for device in range(3):
        written(write, f"d{device}", now, 100)
    return aws


def written(client: Any, device: str, now: int, count: int) -> None:
    client.write_records(
        DatabaseName="plant",
        TableName="readings",
        CommonAttributes={"Dimensions": [{"Name": "device", "Value": device}], "MeasureName": "temperature"},
        Records=[{"MeasureValue": f"{n}.25", "Time": str(now - n)} for n in range(count)],
    )


def frame(aws: EmbeddedAws, statement: str) -> pd.DataFrame:
    """What a query answers, page by page."""
    pages = aws.client("timestream-query").get_paginator("query").paginate(QueryString=statement)
    rows = [[datum["ScalarValue"] for datum in row["Data"]] for page in pages for row in page["Rows"]]
    names = [info["Name"] for info in next(iter(pages))["ColumnInfo"]]
    return pd.DataFrame(rows, columns=names)


@pytest.mark.parametrize("format_", ["CSV", "PARQUET"])
def test_unload_to_s3_is_what_the_query_answers(aws: EmbeddedAws, format_: str) -> None:
    query = f"SELECT time, measure_value::double AS t, device FROM {TABLE} ORDER BY device, time"
    statement = (
        f"UNLOAD ({query}) TO 's3://unloads/{format_}' "
        f"WITH (format = '{format_}', partitioned_by = ARRAY['device'])"
    )
    [[rows, metadata, manifest]] = frame(aws, statement).to_numpy().tolist()
    assert rows == "300"

    s3 = aws.client("s3")

    def content(url: str) -> bytes:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    parts = []
    for file in json.loads(content(manifest))["result_files"]:
        body = io.BytesIO(content(file["url"]))
        if format_ == "PARQUET":
            part = pd.read_parquet(body)
        else:
            part = pd.read_csv(body, names=["time", "t"], header=None, compression="gzip")
        assert len(part) == file["file_metadata"]["row_count"]
        parts.append(part.assign(device=file["url"].split("/device=")[1].split("/")[0]))
    found = (
        pd.concat(parts).astype({"time": "datetime64[ns]"}).sort_values(["device", "time"], ignore_index=True)
    )
    expected = frame(aws, query).astype({"time": "datetime64[ns]", "t": float})
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    names = [column["Name"] for column in json.loads(content(metadata))["ColumnInfo"]]
    assert names == ["time", "t", "device"]


def test_a_bucket_that_is_not_there_is_the_callers_fault(aws: EmbeddedAws) -> None:
    client = aws.client("timestream-query")
    with pytest.raises(client.exceptions.ValidationException, match="NoSuchBucket"):
        client.query(QueryString="UNLOAD (SELECT 1 AS x) TO 's3://nowhere/x'")


def test_long_queries_keep_nobody_waiting_and_can_be_cancelled(aws: EmbeddedAws) -> None:
    def started(_: int) -> dict[str, Any]:
        answer: dict[str, Any] = aws.client("timestream-query").query(QueryString=LONG)
        return answer

    with ThreadPoolExecutor(12) as pool:
        long = pool.map(started, range(12))
        written(aws.client("timestream-write"), "d3", time.time_ns() // 10**6, 10)
        assert frame(aws, f"SELECT count(*) AS n FROM {TABLE}").n[0] == "310"
        client = aws.client("timestream-query")
        for page in long:
            assert (page["Rows"], page["QueryStatus"]["ProgressPercentage"]) == ([], 0.0)
            client.cancel_query(QueryId=page["QueryId"])
            with pytest.raises(client.exceptions.ConflictException):
                client.query(QueryString=LONG, NextToken=page["NextToken"])


@pytest.mark.parametrize(
    "statement", ["SELECT rpad('x', 2000000000, 'y')", "SELECT sequence(1, 1000000000000)"]
)
def test_the_server_survives_what_would_take_too_much_memory(aws: EmbeddedAws, statement: str) -> None:
    with pytest.raises(ClientError) as caught:
        aws.client("timestream-query").query(QueryString=statement)
    assert caught.value.response["Error"]["Code"] in {"ValidationException", "QueryExecutionException"}
    assert frame(aws, "SELECT 1 AS x").x[0] == "1"


def test_prepare_query_and_account_settings(aws: EmbeddedAws) -> None:
    client = aws.client("timestream-query")
    prepared = client.prepare_query(
        QueryString=f"SELECT device FROM {TABLE} WHERE time > @t", ValidateOnly=True
    )
    assert prepared["Parameters"] == [{"Name": "t", "Type": {"ScalarType": "TIMESTAMP"}}]
    client.update_account_settings(MaxQueryTCU=8)
    assert client.describe_account_settings()["MaxQueryTCU"] == 8
