# SPDX-License-Identifier: MIT
"""What UNLOAD writes into files: CSV as its page shows it, Parquet as pyarrow reads it.

https://docs.aws.amazon.com/timestream/latest/developerguide/export-unload-concepts.html
"""

from __future__ import annotations

import csv
import gzip
import io
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.errors import ValidationException
from localaws.timestream.unload import formats
from localaws.timestream.unload.target import UnloadTarget

TIME = pa.timestamp("ns")
POINTS = pa.list_(pa.struct([("time", TIME), ("value", pa.float64())]))
PLAIN = {"compression": "NONE"}


def written(batch: pa.RecordBatch, **options: Any) -> bytes:
    file = io.BytesIO()
    writer = formats.writer(file, batch.schema, UnloadTarget("bucket", "", **options))
    writer.write(batch)
    writer.close()
    return file.getvalue()


def line(value: Any, type_: pa.DataType, **options: Any) -> str:
    """A value as the only one of a CSV file."""
    content = written(pa.record_batch([pa.array([value], type_)], names=["v"]), **PLAIN, **options)
    return content.decode().removesuffix("\n")


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        ("Time,stream", pa.string(), '"Time,stream"'),
        ('Time"stream', pa.string(), r"Time\"stream"),
        ("Time\\stream", pa.string(), r"Time\\stream"),
        ("two\nlines", pa.string(), '"two\nlines"'),
        (23.0, pa.float64(), "23.0"),
        (1e21, pa.float64(), "1.0E21"),
        (True, pa.bool_(), "true"),
        (7, pa.int64(), "7"),
        (10, TIME, "1970-01-01 00:00:00.000000010"),
        (Decimal(86_400_000_000_001), pa.decimal128(20, 0), "1 00:00:00.000000001"),
        ([23, 24, 25], pa.list_(pa.int64()), '"[23,24,25]"'),
        ({"x": 23.0, "y": "hello"}, pa.struct([("x", pa.float64()), ("y", pa.string())]),
         r'"{\"x\":23.0,\"y\":\"hello\"}"'),
        ([{"time": 10, "value": 100.0}, {"time": 12, "value": 120.0}], POINTS,
         r'"[{\"time\":\"1970-01-01 00:00:00.000000010Z\",\"value\":100.0},'
         r'{\"time\":\"1970-01-01 00:00:00.000000012Z\",\"value\":120.0}]"'),
        ([[True, None], None], pa.list_(pa.list_(pa.bool_())), '"[[true,null],null]"'),
        ([float("nan")], pa.list_(pa.float64()), r"[\"NaN\"]"),
    ],
)  # fmt: skip
def test_values_in_csv(value: Any, type_: pa.DataType, expected: str) -> None:
    assert line(value, type_) == expected


def test_another_delimiter_and_escape_character() -> None:
    assert line('a|b,c"d~e\\f', pa.string(), field_delimiter="|", escaped_by="~") == r'"a|b,c~"d~~e\f"'


def test_a_null_is_nothing() -> None:
    batch = pa.record_batch({"a": pa.array([None, "x"], pa.string()), "b": pa.array([1, None], pa.int64())})
    assert written(batch, **PLAIN) == b",1\nx,\n"


def test_headers_follow_the_same_rules() -> None:
    batch = pa.record_batch({"a,b": [1], 'c"d': [2]})
    assert written(batch, **PLAIN, include_header=True) == b'"a,b",c\\"d\n1,2\n'


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
HARD = st.text(',;|"\\~\n\r\t ax', max_size=6)
CHARACTERS = st.sampled_from([(",", "\\"), (";", "\\"), ("|", "~"), ("\t", "^")])


@given(st.lists(st.tuples(TEXTS | HARD, HARD), min_size=1, max_size=5), CHARACTERS, st.booleans())
def test_what_is_written_as_csv_is_read_from_it(
    rows: list[tuple[str, str]], characters: tuple[str, str], zipped: bool
) -> None:
    delimiter, escape = characters
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    content = written(
        pa.record_batch(columns, names=["a", "b"]),
        compression="GZIP" if zipped else "NONE",
        field_delimiter=delimiter,
        escaped_by=escape,
    )
    text = (gzip.decompress(content) if zipped else content).decode()
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, escapechar=escape, doublequote=False, strict=True
    )
    assert [tuple(row) for row in reader] == rows


@pytest.mark.parametrize(("compression", "codec"), [("GZIP", "GZIP"), ("NONE", "UNCOMPRESSED")])
def test_parquet_keeps_types(compression: str, codec: str) -> None:
    batch = pa.record_batch(
        {
            "measure_value::double": pa.array([1.5, None]),
            "time": pa.array([1, 2**62], TIME),
            "series": pa.array([[{"time": 1, "value": 2.0}], None], POINTS),
            "row": pa.array([{"a": 1, "b": [True]}, None]),
            "text": pa.array(["é", None]),
        }
    )
    file = pq.ParquetFile(io.BytesIO(written(batch, format="PARQUET", compression=compression)))
    assert file.read().to_batches()[0].equals(batch)
    group = file.metadata.row_group(0)
    assert {group.column(i).compression for i in range(group.num_columns)} == {codec}
    assert group.column(1).physical_type == "INT96"


def test_intervals_are_texts_in_parquet() -> None:
    batch = pa.record_batch({"i": pa.array([Decimal(10**9), None], pa.decimal128(20, 0))})
    table = pq.read_table(io.BytesIO(written(batch, format="PARQUET")))
    assert table.to_pydict() == {"i": ["0 00:00:01.000000000", None]}


@pytest.mark.parametrize(
    "type_",
    [pa.time64("ns"), pa.null(), pa.list_(pa.time64("ns")), pa.struct([("a", pa.list_(pa.null()))])],
)
def test_the_types_time_and_unknown_are_refused(type_: pa.DataType) -> None:
    with pytest.raises(ValidationException, match="'x'"):
        formats.require_types(pa.schema([("ok", pa.string()), ("x", type_)]))


def test_other_types_are_not() -> None:
    formats.require_types(pa.schema([("a", POINTS), ("b", pa.date32()), ("c", pa.struct([("d", TIME)]))]))


def test_dates() -> None:
    assert line(datetime(2026, 1, 2).date(), pa.date32()) == "2026-01-02"
