# SPDX-License-Identifier: MIT
"""The rows that a query answers, kept until they have been read: in memory if few, else in a file.

They are Arrow record batches, and become Query's rows when a page of them is asked for.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/ts-limits.html,
.../API_query_Query.html
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from pyarrow import types

from localaws.errors import QueryExecutionException, ValidationException
from localaws.timestream import sql

PAGE_BYTES = 10**6
METADATA_BYTES = 100_000
RESULT_BYTES = 5 * 10**9
MEMORY_BYTES = 128 * 1024
"""What of a result is kept in memory at most."""

ROWS_AT_ONCE = 512

Document = dict[str, Any]


class Result:
    """A result, complete.

    :param batches: read to their end; what they raise is passed on.
    :param folder: where a large result's file is, which has no name and ends with the process.
    :raises ValidationException: its ColumnInfo is larger than a result's metadata may be.
    :raises QueryExecutionException: there is more data than a result may have.
    """

    def __init__(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch], folder: Path | None) -> None:
        self.columns = sql.columns(schema)
        if len(json.dumps(self.columns)) > METADATA_BYTES:
            raise ValidationException(f"The result's metadata is larger than {METADATA_BYTES // 1000} KB.")
        self._file = SpooledTemporaryFile(MEMORY_BYTES, dir=None if folder is None else str(folder))  # noqa: SIM115 - closed by close()
        self._starts, self._stored = [0], 0
        try:
            with pa.ipc.new_file(self._file, schema) as writer:
                for batch in batches:
                    self._add(writer, batch)
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise QueryExecutionException(f"There is no room for the result: {error.strerror}") from error
            raise
        self._reader = pa.ipc.open_file(self._file)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self._starts[-1]

    @property
    def is_one_page(self) -> bool:
        """Whether all of it fits into a page, but for the number of rows."""
        return self._stored <= PAGE_BYTES

    def data_bytes(self) -> int:
        """The size of its values: 8 bytes a number or time, 1 a boolean, a text's UTF-8 length."""
        return sum(_size(column) for batch in self._batches(0) for column in batch.columns)

    def page(self, start: int, limit: int | None) -> tuple[list[Document], int]:
        """Rows from one on, at most so many and at most a page's bytes; and which row is next.

        :raises ValidationException: a row is larger than a page may be.
        """
        page: list[Document] = []
        room = PAGE_BYTES - len(json.dumps(self.columns))
        for rows in self._rows(start, start + limit if limit is not None else self.rows):
            size = len(json.dumps(rows))
            if size <= room:
                page += rows
                room -= size
                continue
            for row in rows:
                room -= len(json.dumps(row)) + len(", ")
                if room < 0:
                    break
                page.append(row)
            if not page:
                raise ValidationException(
                    "Query aborted as max page response size has been exceeded by the output result row"
                )
            break
        return page, start + len(page)

    def close(self) -> None:
        """Let go of the rows."""
        self._file.close()

    def _add(self, writer: pa.RecordBatchWriter, batch: pa.RecordBatch) -> None:
        if not batch.num_rows:
            return
        writer.write_batch(batch)
        self._starts.append(self.rows + batch.num_rows)
        self._stored = self._file.tell()
        if self._stored > RESULT_BYTES:
            raise QueryExecutionException(
                f"The result is larger than {RESULT_BYTES // 10**9} GB, the most that a query may answer."
            )

    def _batches(self, first: int) -> Iterator[pa.RecordBatch]:
        for number in range(first, self._reader.num_record_batches):
            yield self._reader.get_batch(number)

    def _rows(self, start: int, end: int) -> Iterator[list[Document]]:
        """The rows of a range, some at once."""
        first = bisect_right(self._starts, start) - 1
        for number, batch in enumerate(self._batches(first), first):
            low, high = max(start - self._starts[number], 0), min(end - self._starts[number], batch.num_rows)
            for at in range(low, high, ROWS_AT_ONCE):
                yield sql.rows(batch.slice(at, min(ROWS_AT_ONCE, high - at)))
            if self._starts[number + 1] >= end:
                return


def _size(column: pa.Array) -> int:
    type_ = column.type
    present = len(column) - column.null_count
    if types.is_string(type_):
        return int(pc.sum(pc.binary_length(column)).as_py() or 0)
    if types.is_list(type_):
        return _size(column.flatten())
    if types.is_struct(type_):
        return sum(map(_size, column.flatten()))
    return 0 if types.is_null(type_) else present * (1 if types.is_boolean(type_) else 8)
