# SPDX-License-Identifier: MIT
"""Rows as UNLOAD writes them to files: CSV and Parquet.

CSV: a value with the delimiter or a line break in it is put into quotes; quotes and escape characters within
values are escaped; a null is nothing. Arrays, rows and time series are JSON.
Parquet: a timestamp is an INT96, a time series an array of rows of time and value.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/export-unload-concepts.html and
.../export-unload-best-practices.html
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import IO, Any, Protocol

import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import types

from localaws.errors import ValidationException
from localaws.timestream import sql
from localaws.timestream.unload.target import QUOTE, UnloadTarget

_LINE_BREAKS = "\r\n"
_NUMBERS = {"BIGINT": int, "INTEGER": int, "DOUBLE": float}
_NONE_IN_UNLOAD = {"TIME", "UNKNOWN"}

Document = dict[str, Any]


class Writer(Protocol):
    """Writes rows into one file."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""

    def close(self) -> None:
        """Write what is still missing; the file itself stays open."""


class CsvWriter:
    """CSV, compressed or not, into a binary file."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, target: UnloadTarget) -> None:
        self._columns = sql.columns(schema)
        self._zip = gzip.GzipFile(fileobj=file, mode="wb", mtime=0) if target.compression == "GZIP" else None
        self._text = io.TextIOWrapper(self._zip or file, "utf-8", newline="", write_through=True)
        self._rows = csv.writer(
            _Lines(self._text),
            delimiter=target.field_delimiter,
            quotechar=QUOTE,
            doublequote=False,
            escapechar=target.escaped_by,
            lineterminator=_LINE_BREAKS,
        )
        if target.include_header:
            self._rows.writerow(schema.names)

    def write(self, batch: pa.RecordBatch) -> None:
        """As in `Writer`."""
        self._rows.writerows(
            [_cell(datum, info["Type"]) for datum, info in zip(row["Data"], self._columns, strict=True)]
            for row in sql.rows(batch)
        )

    def close(self) -> None:
        """As in `Writer`."""
        self._text.flush()
        self._text.detach()
        if self._zip:
            self._zip.close()


class _Lines:
    """Lines that end with a line feed, though `csv` quotes whatever has any line break in it."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def write(self, line: str) -> None:
        self._text.write(line.removesuffix(_LINE_BREAKS) + "\n")


class ParquetWriter:
    """Parquet into a binary file."""

    def __init__(self, file: IO[bytes], schema: pa.Schema, target: UnloadTarget) -> None:
        self._schema = pa.schema([field.with_type(_stored(field.type)) for field in schema])
        import pyarrow.parquet as pq  # type: ignore[import-untyped]  # 0.1 s, not of every server's start

        self._writer = pq.ParquetWriter(
            file,
            self._schema,
            compression="gzip" if target.compression == "GZIP" else "none",
            use_deprecated_int96_timestamps=True,
        )

    def write(self, batch: pa.RecordBatch) -> None:
        """As in `Writer`."""
        columns = [_printed(column) for column in batch.columns]
        self._writer.write_batch(pa.record_batch(columns, schema=self._schema))

    def close(self) -> None:
        """As in `Writer`."""
        self._writer.close()


def writer(file: IO[bytes], schema: pa.Schema, target: UnloadTarget) -> Writer:
    """What writes rows of that schema into a file."""
    return (ParquetWriter if target.format == "PARQUET" else CsvWriter)(file, schema, target)


def require_types(schema: pa.Schema) -> None:
    """Refuse the types that UNLOAD doesn't have.

    :raises ValidationException: a column is of such a type, or has something of it.
    """
    for info in sql.columns(schema):
        for unfit in _NONE_IN_UNLOAD & set(_scalars(info["Type"])):
            raise ValidationException(
                f"UNLOAD does not support the type {unfit.lower()}, which the column '{info['Name']}' has"
            )


def _scalars(type_: Document) -> list[str]:
    if "ScalarType" in type_:
        return [type_["ScalarType"]]
    parts = type_.get("RowColumnInfo") or list(type_.values())
    return [scalar for part in parts for scalar in _scalars(part["Type"])]


def _cell(datum: Document, type_: Document) -> str | None:
    """A datum as it stands in CSV."""
    if "NullValue" in datum:
        return None
    scalar: str | None = datum.get("ScalarValue")
    return scalar if scalar is not None else json.dumps(_json(datum, type_), separators=(",", ":"))


def _json(datum: Document, type_: Document) -> Any:
    match datum:
        case {"NullValue": _}:
            return None
        case {"ScalarValue": text}:
            return _scalar(text, type_["ScalarType"])
        case {"ArrayValue": items}:
            return [_json(item, type_["ArrayColumnInfo"]["Type"]) for item in items]
        case {"RowValue": row}:
            fields = enumerate(zip(row["Data"], type_["RowColumnInfo"], strict=True))
            return {info.get("Name") or f"field{i}": _json(item, info["Type"]) for i, (item, info) in fields}
    value_type = type_["TimeSeriesMeasureValueColumnInfo"]["Type"]
    return [
        {"time": f"{point['Time']}Z", "value": _json(point["Value"], value_type)}
        for point in datum["TimeSeriesValue"]
    ]


def _scalar(text: str, type_: str) -> Any:
    if type_ == "BOOLEAN":
        return text == "true"
    if type_ in _NUMBERS and text not in {"NaN", "Infinity", "-Infinity"}:
        return _NUMBERS[type_](text)
    return f"{text}Z" if type_ == "TIMESTAMP" else text


def _stored(type_: pa.DataType) -> pa.DataType:
    """The type in the file: an interval, which Parquet lacks, is a text."""
    return pa.string() if types.is_decimal(type_) or types.is_interval(type_) else type_


def _printed(column: pa.Array) -> pa.Array:
    if _stored(column.type) == column.type:
        return column
    return pa.array([datum.get("ScalarValue") for datum in sql.data(column)], pa.string())
