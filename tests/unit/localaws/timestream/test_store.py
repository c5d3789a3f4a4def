# SPDX-License-Identifier: MIT
"""Rows: versions and upserts, types, windows, retention, many threads."""

from __future__ import annotations

import threading
from typing import Any

import duckdb
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from localaws.timestream.records import parse
from localaws.timestream.store import Outcome, Store, TableStore
from localaws.timestream.windows import Windows

KIB = 1024
SECOND = 10**9
HOUR = 3600 * SECOND
DAY = 24 * HOUR
NOW = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z

SAME_VERSION = (
    "A record already exists with the same time, dimensions, measure name, and record version. "
    "A higher record version must be specified in order to update the measure value. "
    "Specifying record version is supported by the latest SDKs."
)

ENGINE = Store(duckdb.connect(config={"threads": 1}))


def windows(now: int = NOW, magnetic_writes: bool = True) -> Windows:
    retention = {"MemoryStoreRetentionPeriodInHours": 24, "MagneticStoreRetentionPeriodInDays": 7}
    writes = {"EnableMagneticStoreWrites": magnetic_writes}
    return Windows.at(now, {"RetentionProperties": retention, "MagneticStoreWriteProperties": writes})


@pytest.fixture
def store() -> Store:
    return Store(duckdb.connect())


@pytest.fixture
def table(store: Store) -> TableStore:
    return store.table("arn")


def reading(value: object = 1.0, *, device: str = "d1", age: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "Dimensions": [{"Name": "device_id", "Value": device}],
        "MeasureName": "temperature",
        "MeasureValue": str(value),
        "Time": str(NOW - age),
        "TimeUnit": "NANOSECONDS",
        **more,
    }


def write(table: TableStore, *records: dict[str, Any], at: Windows | None = None) -> Outcome:
    return table.write(parse({"Records": list(records)}), at or windows())


def rows(store: Store, table: TableStore, columns: str, now: int = NOW) -> list[tuple[Any, ...]]:
    relation = table.relation(windows(now))
    return store.cursor().execute(f"SELECT {columns} FROM {relation.name} ORDER BY ALL").fetchall()


VALUE = '"measure_value::double"'


def test_rows_have_the_columns_of_the_schema_in_describes_order(store: Store, table: TableStore) -> None:
    write(table, reading(), reading("3", MeasureName="count", MeasureValueType="BIGINT"))
    write(
        table,
        reading(
            MeasureName="on",
            MeasureValue="true",
            MeasureValueType="BOOLEAN",
            Dimensions=[{"Name": "Location", "Value": "lab"}],
        ),
    )
    columns = table.relation(windows()).columns
    assert [(column.name, column.type) for column in columns] == [
        ("device_id", "varchar"),
        ("Location", "varchar"),
        ("measure_name", "varchar"),
        ("time", "timestamp"),
        ("measure_value::double", "double"),
        ("measure_value::bigint", "bigint"),
        ("measure_value::boolean", "boolean"),
    ]
    names = ", ".join(f'"{column.name}"' for column in columns if column.name != "time")
    assert rows(store, table, names) == [
        ("d1", None, "count", None, 3, None),
        ("d1", None, "temperature", 1.0, None, None),
        (None, "lab", "on", None, None, True),
    ]


Text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=15)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(Text.filter(lambda name: not set(name) & {":", "\0"}), Text, min_size=1, max_size=3))
@example({"rowid": "1", "İ": "2", "\u017felect": "3"})
@example({'a "quoted"; DROP TABLE': "x'y", "Drop": "\0"})
def test_names_and_values_are_any_text(dimensions: dict[str, str]) -> None:
    assume(len({name.lower() for name in dimensions}) == len(dimensions))
    assume(not any(name.lower().startswith(("time", "ts_", "measure_")) for name in dimensions))
    table = ENGINE.table("arn")
    given = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    assert write(table, reading(1, Dimensions=given)).memory == 1
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in dimensions)
    assert rows(ENGINE, table, quoted) == [tuple(dimensions.values())]
    assert write(table, reading(2, Dimensions=given, Version=2)).memory == 1
    assert rows(ENGINE, table, VALUE) == [(2.0,)]


def test_time_is_kept_to_the_nanosecond(store: Store, table: TableStore) -> None:
    write(table, reading(age=1))
    assert rows(store, table, "epoch_ns(time)") == [(NOW - 1,)]


def test_the_same_value_again_is_accepted_and_stored_once(store: Store, table: TableStore) -> None:
    for _ in range(2):
        assert write(table, reading(5), reading(5)) == Outcome(memory=2, metered=KIB)
        assert rows(store, table, VALUE) == [(5.0,)]


def test_another_value_needs_a_higher_version(store: Store, table: TableStore) -> None:
    write(table, reading(5))
    outcome = write(table, reading(6), reading(7, device="d2"))
    assert outcome.rejected == [{"RecordIndex": 0, "Reason": SAME_VERSION, "ExistingVersion": 1}]
    assert outcome.memory == 1
    assert write(table, reading(6, Version=3)) == Outcome(memory=1, metered=KIB)
    assert rows(store, table, VALUE) == [(6.0,), (7.0,)]
    # As AWS words it: https://github.com/aws/aws-sdk-pandas/issues/2018
    assert write(table, reading(8, Version=2)).rejected == [
        {
            "RecordIndex": 0,
            "Reason": "The record version 2 is lower than the existing version 3. "
            "A higher version is required to update the measure value.",
            "ExistingVersion": 3,
        }
    ]


def test_the_same_value_with_a_higher_version_raises_the_version(table: TableStore) -> None:
    write(table, reading(5))
    assert write(table, reading(5, Version=9)) == Outcome(memory=1, metered=KIB)
    assert write(table, reading(6, Version=8)).rejected[0]["ExistingVersion"] == 9


UPSERT = st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.integers(1, 4), st.integers(0, 2))
REQUESTS = st.lists(st.lists(UPSERT, min_size=1, max_size=6), min_size=1, max_size=10)


@settings(max_examples=50, deadline=None)
@given(REQUESTS, st.sets(st.integers(0, 10)))
def test_upserts_end_as_versions_say(
    requests: list[list[tuple[str, int, int, int]]], looks: set[int]
) -> None:
    """However writes and queries alternate: the rows are those of a dictionary under AWS's rule."""
    table = ENGINE.table("arn")
    expected: dict[tuple[str, int], tuple[int, int | None]] = {}
    for number, request in enumerate(requests):
        refused = []
        for index, (device, age, version, value) in enumerate(request):
            old_version, old_value = expected.get((device, age), (0, None))
            if value != old_value and version <= old_version:
                refused.append((index, old_version))
            else:
                expected[device, age] = (max(version, old_version), value)
        outcome = write(
            table, *(reading(value, device=device, age=age, Version=v) for device, age, v, value in request)
        )
        assert [(each["RecordIndex"], each["ExistingVersion"]) for each in outcome.rejected] == refused
        if number in looks:
            table.relation(windows())
    found = rows(ENGINE, table, f"device_id, epoch_ns(time), {VALUE}")
    assert found == sorted((device, NOW - age, value) for (device, age), (_, value) in expected.items())
    assert table.rows == len(expected)


def test_both_stores_are_counted(table: TableStore) -> None:
    assert write(table, reading(), reading(age=25 * HOUR)) == Outcome(memory=1, magnetic=1, metered=KIB)


def test_without_magnetic_writes_late_records_are_refused(table: TableStore) -> None:
    outcome = write(table, reading(), reading(age=25 * HOUR), at=windows(magnetic_writes=False))
    assert outcome.memory == 1
    assert outcome.rejected == [
        {
            "RecordIndex": 1,
            "Reason": "The record timestamp is outside the time range "
            "[2025-12-31T00:00:00.000Z, 2026-01-01T00:15:00.000Z) of the memory store.",
        }
    ]


def test_a_version_conflict_in_the_magnetic_store_is_not_answered(store: Store, table: TableStore) -> None:
    write(table, reading(1, age=25 * HOUR))
    outcome = write(table, reading(2, age=25 * HOUR))
    assert (outcome.magnetic, outcome.rejected) == (1, [])
    [conflict] = outcome.conflicts
    assert conflict["Reason"].startswith("A record already exists with the same time, dimensions")
    assert (conflict["RecordIndex"], conflict["ExistingVersion"]) == (0, 1)
    assert rows(store, table, VALUE) == [(1.0,)]
    assert table.magnetic_conflicts == 1


def test_a_measure_name_keeps_its_type(table: TableStore) -> None:
    write(table, reading(1))
    for change in (
        {"MeasureValueType": "BIGINT"},
        {
            "MeasureValueType": "MULTI",
            "MeasureValue": None,
            "MeasureValues": [{"Name": "x", "Type": "DOUBLE", "Value": "1"}],
        },
    ):
        [rejected] = write(table, reading(1, age=5, **change)).rejected
        assert "temperature already exists" in rejected["Reason"]


def test_a_column_keeps_its_type_and_role(table: TableStore) -> None:
    def multi(name: str, measure: str, kind: str) -> dict[str, Any]:
        values = [{"Name": measure, "Type": kind, "Value": "1"}]
        return reading(
            None, MeasureName=name, MeasureValue=None, MeasureValueType="MULTI", MeasureValues=values
        )

    assert write(table, multi("one", "x", "DOUBLE")).memory == 1
    for conflict in (multi("two", "x", "BIGINT"), multi("three", "device_id", "VARCHAR")):
        [rejected] = write(table, conflict).rejected
        assert "already exists" in rejected["Reason"]
    assert write(table, multi("two", "x", "DOUBLE")).memory == 1


def test_what_is_refused_leaves_no_column(store: Store, table: TableStore) -> None:
    def state(name: str, version: int) -> dict[str, Any]:
        values = [{"Name": name, "Type": "BIGINT", "Value": "1"}]
        return reading(
            None, MeasureValue=None, MeasureValueType="MULTI", MeasureValues=values, Version=version
        )

    assert write(table, state("a", 2), state("b", 1)).rejected[0]["RecordIndex"] == 1
    names = [column.name for column in table.relation(windows()).columns]
    assert names == ["device_id", "measure_name", "time", "a"]


def test_a_table_has_at_most_128_dimensions(table: TableStore) -> None:
    def dimensions(numbers: range) -> list[dict[str, str]]:
        return [{"Name": f"d{n}", "Value": "x"} for n in numbers]

    assert write(table, reading(Dimensions=dimensions(range(128)))).memory == 1
    [rejected] = write(table, reading(Dimensions=dimensions(range(128, 129)))).rejected
    assert "more than 128 dimensions" in rejected["Reason"]


def test_a_table_has_at_most_1024_columns_of_multi_measure_records(table: TableStore) -> None:
    def several(numbers: range) -> dict[str, Any]:
        values = [{"Name": f"m{n}", "Type": "BOOLEAN", "Value": "true"} for n in numbers]
        return reading(
            None, age=numbers.start, MeasureValue=None, MeasureValueType="MULTI", MeasureValues=values
        )

    for first in range(0, 1024, 256):
        assert write(table, several(range(first, first + 256))).memory == 1
    assert write(table, reading(MeasureName="single")).memory == 1
    [rejected] = write(table, several(range(1024, 1025))).rejected
    assert "more than 1024 multi-measure attributes" in rejected["Reason"]


def test_a_table_has_at_most_8192_measure_names(table: TableStore) -> None:
    for first in range(0, 8192, 4096):
        records = [reading(MeasureName=f"name {n}") for n in range(first, first + 4096)]
        assert write(table, *records).memory == 4096
    assert write(table, reading(MeasureName="name 0", age=1)).memory == 1
    [rejected] = write(table, reading(MeasureName="name 8192")).rejected
    assert "more than 8192 measure names" in rejected["Reason"]


def test_rows_past_both_retentions_are_gone(store: Store, table: TableStore) -> None:
    write(table, reading(1, age=8 * DAY), reading(2, age=7 * DAY), reading(3))
    assert rows(store, table, VALUE) == [(1.0,), (2.0,), (3.0,)]
    bytes_before = table.bytes
    assert rows(store, table, VALUE, now=NOW + SECOND) == [(2.0,), (3.0,)]
    assert (table.rows, table.bytes) == (2, bytes_before * 2 // 3)
    assert rows(store, table, VALUE, now=NOW + 9 * DAY) == []
    assert (table.rows, table.bytes) == (0, 0)


def test_a_long_list_of_pending_rows_reaches_the_engine_by_itself(store: Store, table: TableStore) -> None:
    for batch in range(101):
        write(table, *(reading(n, age=batch * 100 + n) for n in range(100)))
    [(in_engine,)] = store.cursor().execute("SELECT count(*) FROM table_1").fetchall()
    assert in_engine == 10_000
    assert rows(store, table, "count(*)") == [(10_100,)]


def test_a_dropped_table_leaves_nothing(store: Store, table: TableStore) -> None:
    write(table, reading())
    table.drop()
    assert store.cursor().execute("SHOW TABLES").fetchall() == []


def test_what_fails_half_way_changes_nothing(store: Store, table: TableStore) -> None:
    write(table, reading(1))
    table.relation(windows())
    with pytest.raises(duckdb.Error), store.transaction():  # noqa: PT012
        store.connection.execute("DELETE FROM table_1")
        store.connection.execute("DELETE FROM nowhere")
    assert rows(store, table, VALUE) == [(1.0,)]


def test_writers_and_readers_do_not_disturb_each_other(store: Store, table: TableStore) -> None:
    """Eight writers, each with its own device and new columns; readers see whole requests only."""
    failures: list[BaseException] = []

    def writer(number: int) -> None:
        for batch in range(10):
            extra = {"Name": f"extra_{number}", "Value": "x"}
            device = {"Name": "device_id", "Value": f"d{number}"}
            write(table, *(reading(age=batch * 10 + n, Dimensions=[device, extra]) for n in range(10)))

    def reader() -> None:
        for _ in range(20):
            relation = table.relation(windows())
            query = f"SELECT count(*) FROM {relation.name} GROUP BY device_id"
            assert all(count % 10 == 0 for (count,) in store.cursor().execute(query).fetchall())

    def guarded(work: Any, *arguments: Any) -> None:
        try:
            work(*arguments)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(writer, number)) for number in range(8)]
    threads += [threading.Thread(target=guarded, args=(reader,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert rows(store, table, "count(*)") == [(800,)]
