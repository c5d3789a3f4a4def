# SPDX-License-Identifier: MIT
"""The journal gives back what it was given, as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localaws.timestream.journal import Entry, Journal
from localaws.timestream.records import Record, parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.one_of(
    st.tuples(st.just("DOUBLE"), DOUBLES.map(repr)),
    st.tuples(st.just("BIGINT"), NUMBERS.map(str)),
    st.tuples(st.just("VARCHAR"), TEXT),
    st.tuples(st.just("BOOLEAN"), st.sampled_from(["true", "false"])),
)


def several(name: str, device: str, values: dict[str, tuple[str, str]], time: int) -> dict[str, Any]:
    return {
        "Dimensions": [{"Name": "Device", "Value": device}],
        "MeasureName": name,
        "MeasureValueType": "MULTI",
        "MeasureValues": [
            {"Name": name, "Type": kind, "Value": text} for name, (kind, text) in values.items()
        ],
        "Time": str(time),
        "TimeUnit": "NANOSECONDS",
    }


def single(name: str, device: str, value: tuple[str, str], time: int) -> dict[str, Any]:
    return {
        "Dimensions": [{"Name": "Device", "Value": device}],
        "MeasureName": name,
        "MeasureValueType": value[0],
        "MeasureValue": value[1],
        "Time": str(time),
        "Version": 7,
    }


NAMES = st.sampled_from(["One", "two"])
GIVEN = st.lists(
    st.builds(several, NAMES, TEXT, st.dictionaries(NAMES, VALUES, min_size=1), NUMBERS)
    | st.builds(single, NAMES, TEXT, VALUES, NUMBERS)
)


def content(record: Record) -> tuple[Any, ...]:
    """All that matters of it later. (repr tells -0.0 from 0.0, and True from 1.)"""
    dimensions, measures = record.dimensions, record.measures
    values = repr(record.values)
    form = measures.name, measures.multi, measures.given, measures.columns
    return dimensions.pairs, form, record.time, record.version, values, record.size, record.digest


@given(GIVEN, st.integers(0, 2**40), st.integers(0, 100))
def test_an_entry_comes_back_as_it_was(records: list[dict[str, Any]], metered: int, conflicts: int) -> None:
    entry = Entry(list(parse({"Records": records})), metered, conflicts)
    journal = Journal()
    journal.append(1, 5, entry)
    [(position, found)] = journal.after(0, 5)
    assert (position, found.metered, found.conflicts) == (1, metered, conflicts)
    assert [*map(content, found.records)] == [*map(content, entry.records)]
    journal.close()


def entry(number: int) -> Entry:
    return Entry([], number, 0)


def test_each_table_has_its_entries_in_order_until_they_are_forgotten(tmp_path: Path) -> None:
    def left() -> dict[int, list[int]]:
        return {table: [found.metered for _, found in journal.after(0, table)] for table in (1, 2, 3)}

    journal = Journal(tmp_path / "journal.sqlite")
    assert journal.last() == 0
    for position in range(1, 10):
        journal.append(position, 1 + position % 3, entry(position))
    assert [position for position, _ in journal.after(3, 1)] == [6, 9]
    journal.forget(5, 2)
    journal.forget_table(3)
    assert left() == {1: [3, 6, 9], 2: [7], 3: []}
    journal.close()
    journal = Journal(tmp_path / "journal.sqlite")
    assert journal.last() == 9
    journal.retain([2, 3])
    assert left() == {1: [], 2: [7], 3: []}
    journal.close()
