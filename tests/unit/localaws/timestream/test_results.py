# SPDX-License-Identifier: MIT
"""Results, kept and read in pages of rows and of bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.errors import QueryExecutionException, ValidationException
from localaws.timestream import results
from localaws.timestream.results import Result

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])


def batches(sizes: list[int], text: str = "") -> Iterator[pa.RecordBatch]:
    start = 0
    for size in sizes:
        yield pa.record_batch([range(start, start + size), [text] * size], schema=SCHEMA)
        start += size


def numbers(rows: list[dict[str, Any]]) -> list[int]:
    return [int(row["Data"][0]["ScalarValue"]) for row in rows]


@given(st.lists(st.integers(0, 1500), max_size=4), st.integers(0, 4000), st.none() | st.integers(0, 1000))
def test_a_page_is_the_rows_from_one_on(sizes: list[int], start: int, limit: int | None) -> None:
    result = Result(SCHEMA, batches(sizes), None)
    assert result.rows == sum(sizes)
    start = min(start, result.rows)
    end = result.rows if limit is None else min(start + limit, result.rows)
    rows, following = result.page(start, limit)
    assert numbers(rows) == list(range(start, end))
    assert following == end
    result.close()


def test_pages_have_less_than_a_megabyte(tmp_path: Path) -> None:
    result = Result(SCHEMA, batches([300, 700], text="é" * 5_000), tmp_path)
    assert not result.is_one_page
    seen, start = [], 0
    while start < result.rows:
        expected = min(33, result.rows - start)  # each row has 30,000 bytes, as JSON writes them, and a few
        rows, start = result.page(start, None)
        assert len(json.dumps({"ColumnInfo": result.columns, "Rows": rows})) <= 10**6
        assert len(rows) == expected
        seen += numbers(rows)
    assert seen == list(range(1000))


def test_a_row_that_is_larger_than_a_page_fails_the_query() -> None:
    result = Result(SCHEMA, batches([1], text="x" * 10**6), None)
    with pytest.raises(ValidationException, match="max page response size has been exceeded"):
        result.page(0, None)


def test_too_much_data_fails_the_query(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "RESULT_BYTES", 100_000)
    endless = (next(batches([1000], text="x")) for _ in iter(int, 1))
    with pytest.raises(QueryExecutionException, match="larger than"):
        Result(SCHEMA, endless, None)


def test_a_result_that_finds_no_room_fails_the_query(tmp_path: Path) -> None:
    with pytest.raises(QueryExecutionException, match="no room for the result"):
        Result(SCHEMA, batches([10_000], text="x" * 100), tmp_path / "nowhere")


def test_too_much_metadata_fails_the_query() -> None:
    schema = pa.schema([(f"column {n}", pa.int64()) for n in range(3000)])
    with pytest.raises(ValidationException, match="larger than 100 KB"):
        Result(schema, [], None)


def test_a_large_result_leaves_no_file_behind(tmp_path: Path) -> None:
    result = Result(SCHEMA, batches([20_000], text="x" * 100), tmp_path)
    assert result.page(19_999, None)[1] == 20_000
    assert list(tmp_path.iterdir()) == []


def test_the_size_of_its_values() -> None:
    row = pa.struct([("a", pa.float64()), ("b", pa.bool_())])
    batch = pa.record_batch(
        {
            "text": pa.array(["é", None, "abc"]),
            "time": pa.array([1, None, 2], pa.timestamp("ns")),
            "list": pa.array([["x"], [], ["yz", ""]]),
            "row": pa.array([{"a": 1.0, "b": True}, None, {"a": None, "b": False}], row),
            "nothing": pa.nulls(3),
        }
    )
    assert Result(batch.schema, [batch], None).data_bytes() == (2 + 3) + 16 + (1 + 2) + (8 + 1 + 1)
