# SPDX-License-Identifier: MIT
"""UNLOAD end to end: what is in S3 is what the query answers.

https://docs.aws.amazon.com/timestream/latest/developerguide/export-unload-concepts.html,
.../export-unload-best-practices.html and .../export-unload-limits.html
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import EndpointConnectionError

from localaws.errors import ConflictException, QueryExecutionException, ValidationException
from localaws.timestream import queries
from localaws.timestream.unload import files as unload_files
from localaws.timestream.unload import target as unload_target
from tests.unit.localaws.timestream.memory_s3 import MemoryS3, refusal

MILLISECONDS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
TABLE = '"iot"."sensor-data"'
BUCKET = "reports"


@pytest.fixture
def filled(call: Any, table: dict[str, str]) -> None:
    """Twelve readings of three devices, with a note on some."""
    for number in range(12):
        values = [{"Name": "temperature", "Type": "DOUBLE", "Value": f"{number}.5"}]
        if number % 3 == 0:
            values.append({"Name": "note", "Type": "VARCHAR", "Value": f'a,"{number}"\\'})
        record = {
            "Dimensions": [{"Name": "device", "Value": f"d{number % 3}"}, {"Name": "site", "Value": "a b/c"}],
            "MeasureName": "m",
            "MeasureValueType": "MULTI",
            "MeasureValues": values,
            "Time": str(MILLISECONDS - number),
        }
        call("WriteRecords", **table, Records=[record])


Files = dict[str, bytes]


def unload(
    call: Any, s3: MemoryS3, query: str, options: str = "", **request: Any
) -> tuple[dict[str, Any], Files]:
    """The answer, and the result files by their place under results/."""
    statement = f"UNLOAD ({query}) TO 's3://{BUCKET}/out/' {f'WITH ({options})' if options else ''}"
    answer = call("Query", QueryString=statement, **request)
    results = {
        key.removeprefix("out/results/"): body
        for key, body in s3.buckets[BUCKET].items()
        if key.startswith("out/results/")
    }
    return answer, results


def cells(answer: dict[str, Any]) -> list[str]:
    [row] = answer["Rows"]
    return [datum["ScalarValue"] for datum in row["Data"]]


def document(s3: MemoryS3, url: str) -> Any:
    return s3.document(BUCKET, url.removeprefix(f"s3://{BUCKET}/"))


def texts(call: Any, query: str) -> list[list[str]]:
    """What the query itself answers, a null as CSV has it."""
    rows = call("Query", QueryString=query)["Rows"]
    return [[datum.get("ScalarValue", "") for datum in row["Data"]] for row in rows]


def parsed(content: bytes) -> list[list[str]]:
    text = gzip.decompress(content).decode()
    return list(csv.reader(io.StringIO(text, newline=""), escapechar="\\", doublequote=False))


ALL = f"SELECT device, time, temperature, note FROM {TABLE} ORDER BY time"


@pytest.mark.usefixtures("filled")
def test_csv_has_what_the_query_answers(call: Any, s3: MemoryS3) -> None:
    answer, files = unload(call, s3, ALL)
    [(name, content)] = files.items()
    assert re.fullmatch(answer["QueryId"] + r"_\d{10}_\w{16}\.gz", name)
    assert parsed(content) == texts(call, ALL)


@pytest.mark.usefixtures("filled")
def test_parquet_has_what_the_query_answers(call: Any, s3: MemoryS3) -> None:
    answer, files = unload(call, s3, ALL, "format = 'PARQUET'")
    [(name, content)] = files.items()
    assert re.fullmatch(answer["QueryId"] + r"_\d{10}_\w{16}\.parquet", name)
    table = pq.read_table(io.BytesIO(content))
    assert table.column("time").type == pa.timestamp("ns")
    found = [
        ["" if value is None else value for value in row]
        for row in zip(*(column.cast(pa.string()).to_pylist() for column in table.columns), strict=True)
    ]
    assert found == texts(call, ALL)


@pytest.mark.usefixtures("filled")
def test_the_answer_names_manifest_and_metadata(call: Any, s3: MemoryS3) -> None:
    answer, files = unload(call, s3, ALL, "compression = 'NONE'")
    assert [(info["Name"], info["Type"]["ScalarType"]) for info in answer["ColumnInfo"]] == [
        ("rows", "BIGINT"), ("metadataFile", "VARCHAR"), ("manifestFile", "VARCHAR"),
    ]  # fmt: skip
    rows, metadata, manifest = cells(answer)
    stem = rf"s3://{BUCKET}/out/{answer['QueryId']}_\d{{10}}_\w{{16}}"
    assert rows == "12"
    assert re.fullmatch(stem + "_metadata.json", metadata)
    assert re.fullmatch(stem + "_manifest.json", manifest)
    [(name, content)] = files.items()
    assert document(s3, manifest) == {
        "result_files": [
            {
                "url": f"s3://{BUCKET}/out/results/{name}",
                "file_metadata": {"content_length_in_bytes": len(content), "row_count": 12},
            }
        ],
        "query_metadata": {
            "total_content_length_in_bytes": len(content),
            "total_row_count": 12,
            "result_format": "CSV",
            "result_version": "Amazon Timestream version 1.0.0",
        },
        "author": {"name": "Amazon Timestream", "manifest_file_version": "1.0"},
    }
    assert document(s3, metadata) == {
        "ColumnInfo": call("Query", QueryString=ALL)["ColumnInfo"],
        "Author": {"Name": "Amazon Timestream", "MetadataFileVersion": "1.0"},
    }


@pytest.mark.usefixtures("filled")
def test_partitions_have_folders_and_their_columns_are_not_in_the_files(call: Any, s3: MemoryS3) -> None:
    query = f"SELECT temperature, site, device FROM {TABLE} ORDER BY temperature"
    answer, files = unload(
        call, s3, query, "partitioned_by = ARRAY['site', 'device'], include_header = 'true'",
        QueryInsights={"Mode": "ENABLED_WITH_RATE_CONTROL"},
    )  # fmt: skip
    found = {name.rsplit("/", 1)[0]: parsed(content) for name, content in files.items()}
    assert found == {
        f"site=a b%2Fc/device=d{n}": [["temperature"], *([f"{i}.5"] for i in range(n, 12, 3))]
        for n in range(3)
    }
    rows, _, manifest = cells(answer)
    assert rows == "12"
    sizes = [each["file_metadata"] for each in document(s3, manifest)["result_files"]]
    assert [size["row_count"] for size in sizes] == [4, 4, 4]
    insights = answer["QueryInsightsResponse"]
    assert insights["UnloadPartitionCount"] == 3
    assert insights["UnloadWrittenRows"] == 12
    assert insights["UnloadWrittenBytes"] == sum(map(len, files.values()))
    assert insights["OutputRows"] == 1


@pytest.mark.usefixtures("filled")
def test_partitions_by_values_of_other_types(call: Any, s3: MemoryS3) -> None:
    columns = "device, bin(time, 1d) AS day, temperature > 5 AS warm, note"
    query = f"SELECT {columns} FROM {TABLE} WHERE temperature < 5"
    _, files = unload(call, s3, query, "partitioned_by = ARRAY['day', 'warm', 'note']")
    assert {name.rsplit("/", 1)[0] for name in files} == {
        "day=2025-12-31 00%3A00%3A00.000000000/warm=false/note=__HIVE_DEFAULT_PARTITION__",
        "day=2025-12-31 00%3A00%3A00.000000000/warm=false/note=a,%223%22%5C",
        "day=2026-01-01 00%3A00%3A00.000000000/warm=false/note=a,%220%22%5C",
    }


@pytest.mark.usefixtures("filled")
def test_nothing_to_unload_is_no_file(call: Any, s3: MemoryS3) -> None:
    answer, files = unload(call, s3, f"SELECT device FROM {TABLE} WHERE temperature > 100")
    assert files == {}
    rows, _, manifest = cells(answer)
    assert rows == "0"
    assert document(s3, manifest)["result_files"] == []


def test_files_have_about_the_size_that_is_asked_for(
    call: Any, s3: MemoryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unload_target, "SMALLEST", 1)
    monkeypatch.setattr(unload_files, "ROWS_AT_ONCE", 100)
    query = "SELECT x, rpad('x', 90, 'y') FROM UNNEST(sequence(1, 10000)) t(x)"
    answer, files = unload(call, s3, query, "compression = 'NONE', max_file_size = '0.1MB'")
    assert cells(answer)[0] == "10000"
    *full, _rest = files.values()
    assert len(full) == 9
    assert all(100_000 <= len(body) < 110_000 for body in full)
    assert sorted(int(row.split(b",")[0]) for body in files.values() for row in body.splitlines()) == list(
        range(1, 10_001)
    )


@pytest.mark.parametrize(
    ("options", "encryption"),
    [
        ("", {"ServerSideEncryption": "AES256"}),
        ("encryption = 'SSE_KMS', kms_key = 'k'", {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "k"}),
        ("encryption = 'SSE_KMS'", {"ServerSideEncryption": "aws:kms"}),
    ],
)
def test_everything_is_encrypted_as_asked(
    call: Any, s3: MemoryS3, options: str, encryption: dict[str, str]
) -> None:
    unload(call, s3, "SELECT 1 AS x", options)
    assert len(s3.puts) == 3
    for put in s3.puts:
        assert {
            name: value for name, value in put.items() if name.startswith(("Server", "SSE"))
        } == encryption


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("query", "options", "message"),
    [
        (f"SELECT device, temperature FROM {TABLE}", "partitioned_by = ARRAY['device']", "last columns"),
        (
            f"SELECT 1 AS a, device, site FROM {TABLE}",
            "partitioned_by = ARRAY['site', 'device']",
            "same order",
        ),
        (f"SELECT device FROM {TABLE}", "partitioned_by = ARRAY['device']", "last columns"),
        (f"SELECT device FROM {TABLE}", "partitioned_by = ARRAY['nothing']", "last columns"),
        ("SELECT 1 AS a, 'é' AS b", "partitioned_by = ARRAY['b']", "ASCII"),
        (
            "SELECT 1 AS a, x FROM UNNEST(sequence(1, 101)) t(x)",
            "partitioned_by = ARRAY['x']",
            "100 partitions",
        ),
        ("SELECT current_time AS x", "", "type time"),
        ("SELECT null AS x", "", "type unknown"),
        (f"SELECT nothing FROM {TABLE}", "", "Column 'nothing' does not exist"),
        ("SELECT 1 / x FROM UNNEST(sequence(-1, 1)) t(x)", "", "Division by zero"),
    ],
)
def test_what_cannot_be_unloaded(call: Any, s3: MemoryS3, query: str, options: str, message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        unload(call, s3, query, options)
    assert not any("manifest" in key for key in s3.buckets[BUCKET])


def test_a_hundred_partitions_are_not_too_many(call: Any, s3: MemoryS3) -> None:
    query = "SELECT x AS a, x FROM UNNEST(sequence(1, 100)) t(x)"
    _, files = unload(call, s3, query, "partitioned_by = ARRAY['x']")
    assert len(files) == 100


def test_a_bucket_that_is_not_there(call: Any) -> None:
    with pytest.raises(ValidationException, match="NoSuchBucket"):
        call("Query", QueryString="UNLOAD (SELECT 1) TO 's3://nowhere/x'")


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (refusal("AccessDenied", 403), ValidationException),
        (refusal("InternalError", 500), QueryExecutionException),
        (EndpointConnectionError(endpoint_url="http://x"), QueryExecutionException),
    ],
)
def test_s3_takes_nothing(
    call: Any, s3: MemoryS3, failure: Exception, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise failure

    monkeypatch.setattr(s3, "put_object", fail)
    with pytest.raises(expected, match="UNLOAD can't write to S3"):
        call("Query", QueryString=f"UNLOAD (SELECT 1 AS x) TO 's3://{BUCKET}/x'")


def test_a_long_unload_is_polled_and_can_be_cancelled(
    call: Any, s3: MemoryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PATIENCE_SECONDS", 0.02)
    monkeypatch.setattr(unload_files, "ROWS_AT_ONCE", 64)
    ten_thousand = "UNNEST(sequence(1, 10000))"
    statement = f"UNLOAD (SELECT a.x, b.y FROM {ten_thousand} a(x), {ten_thousand} b(y)) TO 's3://{BUCKET}/x'"
    page = call("Query", QueryString=statement)
    assert page["Rows"] == []
    call("CancelQuery", QueryId=page["QueryId"])
    with pytest.raises(ConflictException):
        call("Query", QueryString=statement, NextToken=page["NextToken"])
    assert not any("manifest" in key for key in s3.buckets[BUCKET])


def test_the_files_of_a_query_are_told_apart() -> None:
    assert len({unload_files.unique() for _ in range(100)}) == 100


def test_metadata_of_complex_types(call: Any, s3: MemoryS3) -> None:
    query = "SELECT ARRAY[1] AS a, CAST(ROW(1, 'x') AS ROW(n BIGINT, t VARCHAR)) AS r"
    answer, files = unload(call, s3, query, "compression = 'NONE'")
    [content] = files.values()
    assert content == b'[1],"{\\"n\\":1,\\"t\\":\\"x\\"}"\n'
    columns = document(s3, cells(answer)[1])["ColumnInfo"]
    assert json.dumps(columns) == json.dumps(call("Query", QueryString=query)["ColumnInfo"])
