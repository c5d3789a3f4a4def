# SPDX-License-Identifier: MIT
"""Rows into files: those of one partition into a folder of its own, as many files as their size demands.

A file is written on this machine's disk and goes to S3 when it is full, so that no more than a batch of rows
is in memory.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/export-unload-concepts.html and
.../export-unload-limits.html
"""

from __future__ import annotations

import json
import re
import secrets
import string
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import quote

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from localaws.errors import ValidationException
from localaws.timestream import sql
from localaws.timestream.s3 import S3
from localaws.timestream.unload.formats import Writer, writer
from localaws.timestream.unload.target import UnloadTarget

MOST_PARTITIONS = 100
ROWS_AT_ONCE = 4096
NULL = "__HIVE_DEFAULT_PARTITION__"

_LETTERS = string.ascii_letters + string.digits
_SPECIAL = re.compile(r"""[\x00-\x1f"#%'*/:=?\\\x7f{\[\]^]""")

Document = dict[str, Any]


class Files:
    """The files of one UNLOAD.

    :param schema: of all rows, the partitions' columns last.
    :param folder: where files are while they are written; None: where the system keeps temporary files.
    :ivar written: the files in S3, as the manifest lists them.
    """

    def __init__(
        self, query_id: str, schema: pa.Schema, target: UnloadTarget, s3: S3, folder: Path | None
    ) -> None:
        count = len(schema) - len(target.partitioned_by)
        if target.partitioned_by and (schema.names[count:] != target.partitioned_by or not count):
            raise ValidationException(
                "The columns of partitioned_by must be the last columns of the query, in the same order"
            )
        self._query_id = query_id
        self._schema = pa.schema(list(schema)[:count])
        self._target = target
        self._s3 = s3
        self._folder = folder
        self._open: dict[str, _File] = {}
        self.partitions: set[str] = set()
        self.written: list[Document] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Write rows, each to its partition.

        :raises ValidationException: there are too many partitions, or the name of one can't be a key of S3's.
        """
        for partition, rows in self._parted(batch):
            for at in range(0, rows.num_rows, ROWS_AT_ONCE):
                file = self._open.get(partition) or self._new(partition)
                file.write(rows.slice(at, ROWS_AT_ONCE))
                if file.size >= self._target.max_file_size:
                    self._finish(partition)

    def finish(self) -> None:
        """Bring to S3 what isn't there yet."""
        for partition in list(self._open):
            self._finish(partition)

    def close(self) -> None:
        """Let go of the files that are still on this machine."""
        for file in self._open.values():
            file.close()

    def _parted(self, batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
        """The rows of each partition, without the partitions' columns."""
        count = len(self._schema)
        rows = batch.select(range(count))
        if count == batch.num_columns:
            yield "", rows
            return
        names = _folders(batch.select(range(count, batch.num_columns)), self._target.partitioned_by)
        for name in dict.fromkeys(names.to_pylist()):
            yield name, rows.filter(pc.equal(names, name))

    def _new(self, partition: str) -> _File:
        self.partitions.add(partition)
        if len(self.partitions) > MOST_PARTITIONS:
            raise ValidationException(f"UNLOAD can't write more than {MOST_PARTITIONS} partitions")
        if not partition.isascii():
            raise ValidationException(f"A partition's values may have ASCII characters only: {partition}")
        self._open[partition] = file = _File(self._schema, self._target, self._folder)
        return file

    def _finish(self, partition: str) -> None:
        file = self._open.pop(partition)
        name = f"{self._query_id}_{unique()}.{self._target.extension}"
        key = self._target.key("/".join(filter(None, ("results", partition, name))))
        try:
            size = file.complete()
            self._s3.upload(self._target.bucket, key, file.file, **encryption(self._target))
        finally:
            file.close()
        metadata = {"content_length_in_bytes": size, "row_count": file.rows}
        self.written.append({"url": self._target.url(key), "file_metadata": metadata})


class _File:
    """One file, on this machine."""

    def __init__(self, schema: pa.Schema, target: UnloadTarget, folder: Path | None) -> None:
        self.file: IO[bytes] = TemporaryFile(dir=folder)  # noqa: SIM115 - closed by close()
        self.rows = 0
        self._writer: Writer = writer(self.file, schema, target)

    @property
    def size(self) -> int:
        """How many bytes have been written so far."""
        return self.file.tell()

    def write(self, rows: pa.RecordBatch) -> None:
        self._writer.write(rows)
        self.rows += rows.num_rows

    def complete(self) -> int:
        """Write the file's end; its size is returned, and it is ready to be read."""
        self._writer.close()
        size = self.size
        self.file.seek(0)
        return size

    def close(self) -> None:
        self.file.close()


def unique() -> str:
    """What tells the files of one query apart: digits and letters, as in the names that AWS gives."""
    digits, letters = secrets.randbelow(10**10), "".join(secrets.choice(_LETTERS) for _ in range(16))
    return f"{digits:010}_{letters}"


def encryption(target: UnloadTarget) -> Document:
    """How S3 is to encrypt what it gets, as its requests say that."""
    if target.encryption == "SSE_S3":
        return {"ServerSideEncryption": "AES256"}
    key = {"SSEKMSKeyId": target.kms_key} if target.kms_key else {}
    return {"ServerSideEncryption": "aws:kms", **key}


def _folders(values: pa.RecordBatch, names: list[str]) -> pa.Array:
    """The folder of each row: `column=value/column=value`."""
    rows = (row["Data"] for row in sql.rows(values))
    return pa.array(
        ["/".join(f"{_safe(n)}={_value(d)}" for n, d in zip(names, row, strict=True)) for row in rows],
        pa.string(),
    )


def _value(datum: Document) -> str:
    if "NullValue" in datum:
        return NULL
    return _safe(datum["ScalarValue"] if "ScalarValue" in datum else json.dumps(datum)) or NULL


def _safe(text: str) -> str:
    """A text as Hive writes it in the names of partitions: what has a meaning there as %XX."""
    return _SPECIAL.sub(lambda found: quote(found[0], safe=""), text)
