# SPDX-License-Identifier: MIT
"""Limits of tables as the page ts-limits.html of the developer guide has them."""

from typing import Any

import pytest

from filter_plugins.timestream_tables import FilterModule

FILTERS = FilterModule().filters()
BY_DEVICE = {"type": "DIMENSION", "name": "device_id", "enforcement": "REQUIRED"}


def faults(*lists: Any) -> list[str]:
    return FILTERS["timestream_table_faults"](lists, "stack")


def test_what_timestream_takes_is_no_fault() -> None:
    every = {
        "name": "a.b-C_1",
        "database": "other",
        "memory_store_retention_hours": 8766,
        "magnetic_store_retention_days": "73000",
        "magnetic_store_writes": False,
        "partition_key": [BY_DEVICE],
        "tags": {"owner": "me"},
    }
    rollup = {"name": "hourly", "source": "abc", "record_model": "single", "scheduled_query": "q"}
    assert faults([{"name": "abc"}], [every, {"name": "abc", "database": "other"}], [rollup], []) == []


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({}, "table None: name=None can't be used; allowed: 3 to 256 of"),
        ({"name": "ab"}, "table ab: name=ab can't be used; allowed: 3 to 256 of"),
        ({"name": "a b c"}, "name=a b c can't be used"),
        ({"name": "abc", "database": "x" * 257}, "can't be used; allowed: 3 to 256 of"),
        ({"name": "abc", "memory_store_retention_hours": 0}, "allowed: 1 to 8766"),
        ({"name": "abc", "memory_store_retention_hours": 8767}, "allowed: 1 to 8766"),
        ({"name": "abc", "magnetic_store_retention_days": 73001}, "allowed: 1 to 73000"),
        ({"name": "abc", "magnetic_store_retention_days": "soon"}, "allowed: 1 to 73000"),
        ({"name": "abc", "magnetic_store_writes": "maybe"}, "allowed: true, false"),
        ({"name": "abc", "tags": "mine"}, "allowed: a mapping of names to texts"),
        ({"name": "abc", "retention": 1}, "retention is none of its settings; allowed: name, database"),
        ({"name": "abc", "partition_key": "device_id"}, "allowed: a list of no or one mapping"),
        ({"name": "abc", "partition_key": [{"type": "DIMENSION"}]}, "allowed: a name with type DIMENSION"),
    ],
)
def test_what_timestream_refuses_is_a_fault(table: dict[str, Any], fault: str) -> None:
    [found] = faults([table])
    assert fault in found


def test_a_table_is_there_once() -> None:
    assert faults([{"name": "abc"}], [{"name": "abc", "database": "stack"}]) == [
        "table abc: it is there 2 times in the database stack; allowed: once"
    ]


@pytest.mark.parametrize("tables", ["abc", {"name": "abc"}, ["abc"], 1])
def test_tables_are_lists_of_mappings(tables: Any) -> None:
    assert faults([{"name": "abc"}], tables) == [
        f"more_tables={tables} can't be used; allowed: a list of mappings"
    ]


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ([BY_DEVICE, BY_DEVICE], "a list of no or one mapping"),
        ([{"type": "TIME"}], "type DIMENSION or MEASURE"),
        ([{"type": "MEASURE", "name": "device_id"}], "a name with type DIMENSION, and only with that"),
        ([BY_DEVICE | {"enforcement": "ALWAYS"}], "enforcement REQUIRED or OPTIONAL"),
    ],
)
def test_a_partition_key_is_of_one_of_two_types(keys: Any, fault: str) -> None:
    [found] = FILTERS["timestream_partition_key_faults"](keys)
    assert found.startswith(f"partition_key={keys} can't be used; allowed: {fault}")


@pytest.mark.parametrize("keys", [[], [BY_DEVICE], [{"type": "MEASURE"}]])
def test_no_key_or_one_is_a_partition_key(keys: Any) -> None:
    assert FILTERS["timestream_partition_key_faults"](keys) == []
