# SPDX-License-Identifier: MIT
"""Rows in DuckDB: their keys come back, and what has the keys of records can be deleted."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from localaws.timestream.columns import Columns
from localaws.timestream.keys import EARLIEST, END
from localaws.timestream.records import Record, parse
from localaws.timestream.rows import Rows, Volume

CONNECTION = duckdb.connect(config={"threads": 1})
NAMES = st.sampled_from(["device", "Site", 'a "b"'])


def reading(dimensions: dict[str, str], name: str, time: int, version: int) -> dict[str, Any]:
    return {
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "MeasureName": name,
        "MeasureValueType": "BIGINT",
        "MeasureValue": str(version),
        "Time": str(time),
        "TimeUnit": "NANOSECONDS",
        "Version": version,
    }


DIMENSIONS = st.dictionaries(NAMES, st.sampled_from(["", "x", "y"]), min_size=1)
TIMES = st.integers(0, 5) | st.integers(EARLIEST + 3, END - 1)
READINGS = st.builds(reading, DIMENSIONS, st.sampled_from(["m", "n"]), TIMES, st.integers(1, 2**63 - 1))


def filled(given: list[dict[str, Any]]) -> tuple[Rows, Columns, dict[Any, Record]]:
    """Rows of records, the last of each key, and those records."""
    records = {(record.series, record.time): record for record in parse({"Records": given})}
    columns, rows = Columns([], {}), Rows(CONNECTION, 1)
    CONNECTION.execute(f"DROP TABLE IF EXISTS {rows.name}")
    for record in records.values():
        columns.add(record)
    rows.create()
    rows.add_columns(each for each in columns.by_name.values() if each.name not in ("measure_name", "time"))
    rows.insert([*records.values()], columns.by_name)
    return rows, columns, records


@settings(max_examples=40)
@given(st.lists(READINGS, min_size=1), TIMES, TIMES)
def test_keys_come_back(readings: list[dict[str, Any]], start: int, end: int) -> None:
    rows, columns, records = filled(readings)
    expected = {
        key: (record.version, record.digest) for key, record in records.items() if start <= key[1] < end
    }
    found = {}
    for loaded in rows.keys(start, end, columns.by_name):
        assert all(one < other for one, other in pairwise(loaded.times))
        for time, *entry in zip(loaded.times, loaded.versions, loaded.digests, strict=True):
            found[loaded.series, time] = tuple(entry)
    assert found == expected
    assert len({loaded.series for loaded in rows.keys(EARLIEST, END, columns.by_name)}) == len(
        {series for series, _ in records}
    )


@settings(max_examples=40)
@given(st.lists(READINGS, min_size=1), st.lists(READINGS, min_size=1), st.data())
def test_what_has_the_keys_of_records_is_deleted(
    readings: list[dict[str, Any]], others: list[dict[str, Any]], data: st.DataObject
) -> None:
    rows, columns, records = filled(readings)
    doomed = data.draw(st.lists(st.sampled_from([*records.values()]), min_size=1, unique_by=id))
    known = {column.name for column in columns.by_name.values()}
    strangers = [
        record
        for record in parse({"Records": others})
        if (record.series, record.time) not in records
        and {name for name, _ in record.dimensions.pairs} <= known
    ]
    size = sum(record.size for record in doomed)
    assert rows.delete([*doomed, *strangers], columns.by_name) == Volume(len(doomed), size)
    assert rows.since(EARLIEST) == Volume(
        len(records) - len(doomed), sum(record.size for record in records.values()) - size
    )


@given(st.lists(READINGS, min_size=1), TIMES)
@settings(max_examples=20)
def test_what_is_older_than_a_time_can_be_dropped(readings: list[dict[str, Any]], time: int) -> None:
    rows, _, records = filled(readings)
    older = [record.size for record in records.values() if record.time < time]
    younger = {record.time: record.size for record in records.values() if record.time >= time}
    assert rows.since(time).rows == len(records) - len(older)
    assert rows.drop_before(time) == Volume(len(older), sum(older))
    assert rows.oldest() == min(younger, default=None)
