# SPDX-License-Identifier: MIT
"""UNLOAD from its query's rows to its answer.

    FOLDER/results/[COLUMN=VALUE/...]QUERYID_UNIQUE.csv | .gz | .parquet
    FOLDER/QUERYID_UNIQUE_manifest.json      the files, with their rows and bytes; not there if it failed
    FOLDER/QUERYID_UNIQUE_metadata.json      the columns

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/export-unload-concepts.html
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError

from localaws.errors import QueryExecutionException, ValidationException
from localaws.timestream import s3 as s3_errors
from localaws.timestream import sql
from localaws.timestream.executions import Check
from localaws.timestream.s3 import S3
from localaws.timestream.unload.files import Files, encryption, unique
from localaws.timestream.unload.formats import require_types
from localaws.timestream.unload.target import UnloadTarget

ROWS_A_BATCH = 65_536

ANSWER = pa.schema([("rows", pa.int64()), ("metadataFile", pa.string()), ("manifestFile", pa.string())])
"""The columns of what UNLOAD answers."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Unloaded:
    """What was written."""

    rows: int
    bytes: int
    partitions: int
    metadata_file: str
    manifest_file: str

    def answer(self) -> pa.RecordBatch:
        """The one row that UNLOAD answers."""
        row = {"rows": self.rows, "metadataFile": self.metadata_file, "manifestFile": self.manifest_file}
        return pa.RecordBatch.from_pylist([row], ANSWER)

    def insights(self) -> Document:
        """The members of QueryInsightsResponse that tell of it."""
        return {
            "UnloadPartitionCount": self.partitions,
            "UnloadWrittenRows": self.rows,
            "UnloadWrittenBytes": self.bytes,
        }


def unload(
    query_id: str,
    statement: sql.Statement,
    target: UnloadTarget,
    s3: S3,
    folder: Path | None,
    check: Check,
) -> Unloaded:
    """Carry out an UNLOAD statement.

    :param folder: where files are while they are written.
    :param check: called between batches; it raises if nothing more is to be done.
    :raises ValidationException: the bucket can't be written to, or the rows can't be unloaded like that.
    :raises QueryExecutionException: S3 failed.
    """
    s3.require(target.bucket)
    batches = statement.batches(ROWS_A_BATCH)
    require_types(batches.schema)
    files = Files(query_id, batches.schema, target, s3, folder)
    try:
        for batch in batches:
            check()
            files.add(batch)
        files.finish()
        return _described(query_id, batches.columns, files, target, s3)
    except ClientError as error:
        failure = ValidationException if s3_errors.is_users(error) else QueryExecutionException
        raise failure(f"UNLOAD can't write to S3: {s3_errors.reason(error)}") from error
    except BotoCoreError as error:
        raise QueryExecutionException(f"UNLOAD can't write to S3: {error}") from error
    finally:
        files.close()


def _described(
    query_id: str, columns: list[Document], files: Files, target: UnloadTarget, s3: S3
) -> Unloaded:
    """Write the metadata and the manifest."""
    sizes = [file["file_metadata"] for file in files.written]
    rows = sum(size["row_count"] for size in sizes)
    bytes_ = sum(size["content_length_in_bytes"] for size in sizes)
    metadata = {
        "ColumnInfo": columns,
        "Author": {"Name": "Amazon Timestream", "MetadataFileVersion": "1.0"},
    }
    manifest = {
        "result_files": files.written,
        "query_metadata": {
            "total_content_length_in_bytes": bytes_,
            "total_row_count": rows,
            "result_format": target.format,
            "result_version": "Amazon Timestream version 1.0.0",
        },
        "author": {"name": "Amazon Timestream", "manifest_file_version": "1.0"},
    }
    stem = target.key(f"{query_id}_{unique()}")
    for name, document in (("metadata", metadata), ("manifest", manifest)):
        body = io.BytesIO(json.dumps(document, indent=2).encode())
        s3.upload(target.bucket, f"{stem}_{name}.json", body, **encryption(target))
    return Unloaded(
        rows=rows,
        bytes=bytes_,
        partitions=len(files.partitions) if target.partitioned_by else 0,
        metadata_file=target.url(f"{stem}_metadata.json"),
        manifest_file=target.url(f"{stem}_manifest.json"),
    )
