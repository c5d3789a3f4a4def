# SPDX-License-Identifier: MIT
"""WriteRecords: what is stored, and what is refused with which words."""

from typing import Any

import pytest

from tests.conform.places import Place, Table, now_ms, record, refusal

MINUTE_MS = 60_000
SAME_VERSION = (
    "A record already exists with the same time, dimensions, measure name, and record version. "
    "A higher record version must be specified in order to update the measure value."
)


def test_what_was_ingested_is_counted(place: Place) -> None:
    assert place.table().write(record("a"), record("b")) == {"Total": 2, "MemoryStore": 2, "MagneticStore": 0}


def test_versions(place: Place) -> None:
    table, when = place.table(), str(now_ms())
    table.write(record(value="1", Time=when))
    assert table.rejected(record(value="1", Time=when)) == [], "the same again is no conflict"
    [conflict] = table.rejected(record(value="2", Time=when))
    assert (conflict["RecordIndex"], conflict["ExistingVersion"]) == (0, 1)
    assert conflict["Reason"].startswith(SAME_VERSION)
    table.write(record(value="3", Time=when, Version=5))
    [lower] = table.rejected(record(value="4", Time=when, Version=4))
    assert lower["ExistingVersion"] == 5
    assert table.rows("measure_value::double", 1) == [["3.0"]]


def test_the_records_beside_a_rejected_one_are_stored(place: Place) -> None:
    table, now = place.table(), now_ms()
    late = record(value="2", Time=str(now - 7 * 60 * MINUTE_MS))
    [rejected] = table.rejected(record(value="1"), late, record("other", "3"))
    assert rejected["RecordIndex"] == 1
    assert sorted(table.rows("measure_value::double", 2)) == [["1.0"], ["3.0"]]


@pytest.mark.parametrize(
    ("minutes", "reason"),
    [
        (-7 * 60, "The record timestamp is outside the time range"),
        (20, "The record timestamp is outside the time range"),
    ],
)
def test_times_outside_of_the_windows(table: Table, minutes: int, reason: str) -> None:
    [rejected] = table.rejected(record("window", Time=str(now_ms() + minutes * MINUTE_MS)))
    assert rejected["Reason"].startswith(reason)


def test_fourteen_minutes_ahead_are_accepted(table: Table) -> None:
    assert table.rejected(record("ahead", Time=str(now_ms() + 14 * MINUTE_MS))) == []


@pytest.mark.parametrize(
    ("unit", "factor", "digits"),
    [
        ("SECONDS", 1, ".000000000"),
        ("MILLISECONDS", 10**3, ".000000000"),
        ("MICROSECONDS", 10**6, ".000000000"),
        ("NANOSECONDS", 10**9, ".000000000"),
    ],
)
def test_units_of_time(place: Place, unit: str, factor: int, digits: str) -> None:
    table, seconds = place.table(), now_ms() // 1000
    table.write(record(Time=str(seconds * factor), TimeUnit=unit))
    statement = f"time, to_milliseconds(time) = {seconds * 1000}"
    [[time, same]] = table.rows(statement, 1)
    assert (str(time)[-10:], same) == (digits, "true")


def test_a_nanosecond_is_kept(place: Place) -> None:
    table, nanoseconds = place.table(), now_ms() * 10**6 + 123_456
    table.write(record(Time=str(nanoseconds), TimeUnit="NANOSECONDS"))
    [[time]] = table.rows("time", 1)
    assert str(time)[-9:] == f"{nanoseconds % 10**9:09}"


@pytest.mark.parametrize(
    ("kind", "sent", "read"),
    [
        ("DOUBLE", "21.50", "21.5"),
        ("DOUBLE", "1e300", "1.0E300"),
        ("BIGINT", "9223372036854775807", "9223372036854775807"),
        ("BOOLEAN", "true", "true"),
        ("VARCHAR", "Grüße", "Grüße"),
    ],
)
def test_types_of_measures(place: Place, kind: str, sent: str, read: str) -> None:
    table = place.table()
    table.write(record("m", sent, MeasureValueType=kind))
    assert table.rows(f"measure_value::{kind.lower()}", 1) == [[read]]


def test_a_record_of_several_measures(place: Place) -> None:
    table, when = place.table(), now_ms()
    values = [
        {"Name": "temperature", "Value": "21.5", "Type": "DOUBLE"},
        {"Name": "count", "Value": "7", "Type": "BIGINT"},
        {"Name": "fitted", "Value": "2026-01-01 00:00:00.000000001", "Type": "VARCHAR"},
        {"Name": "seen", "Value": str(when), "Type": "TIMESTAMP"},
    ]
    several = {"MeasureName": "readings", "MeasureValueType": "MULTI", "MeasureValues": values}
    table.write({"Dimensions": [{"Name": "device_id", "Value": "d1"}], "Time": str(when), **several})
    [[temperature, count, name]] = table.rows('temperature, "count", measure_name', 1)
    assert (temperature, count, name) == ("21.5", "7", "readings")


def test_common_attributes_stand_in_for_what_a_record_lacks(place: Place) -> None:
    table = place.table()
    common = {"Dimensions": [{"Name": "site", "Value": "hall"}], "MeasureName": "t", "Time": str(now_ms())}
    table.write({"Dimensions": [{"Name": "device_id", "Value": "d1"}], "MeasureValue": "1"}, **common)
    assert table.rows("site, device_id, measure_name", 1) == [["hall", "d1", "t"]]


def test_a_measure_name_keeps_its_type(place: Place) -> None:
    table = place.table()
    table.write(record("kept", "1.5", MeasureValueType="DOUBLE"))
    [rejected] = table.rejected(record("kept", "1", MeasureValueType="BIGINT"))
    assert rejected["RecordIndex"] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"MeasureValue": "warm"},
        {"MeasureValue": "1.5", "MeasureValueType": "BIGINT"},
        {"MeasureValue": "yes", "MeasureValueType": "BOOLEAN"},
        {"Dimensions": [{"Name": "time", "Value": "x"}]},
        {"Dimensions": [{"Name": "ts_mine", "Value": "x"}]},
        {"Dimensions": [{"Name": "measure_value", "Value": "x"}]},
        {"Dimensions": [{"Name": "device_id", "Value": "a"}, {"Name": "device_id", "Value": "b"}]},
        {"Time": "soon"},
        {"Time": "-1"},
        {"TimeUnit": "HOURS"},
        {"MeasureName": ""},
    ],
    ids=str,
)
def test_records_that_cannot_be(table: Table, change: dict[str, Any]) -> None:
    code, _ = refusal(table.place.write.write_records, **table.names, Records=[record() | change])
    assert code in ("ValidationException", "RejectedRecordsException")


def test_a_dimension_may_not_be_in_both(table: Table) -> None:
    dimension = [{"Name": "device_id", "Value": "d1"}]
    request = {"CommonAttributes": {"Dimensions": dimension}, "Records": [record()]}
    code, _ = refusal(table.place.write.write_records, **table.names, **request)
    assert code == "ValidationException"


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (
            [record(str(number)) for number in range(101)],
            "at 'records' failed to satisfy constraint: Member must have length less than or equal to 100",
        ),
        ([], "at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    ],
    ids=["101", "none"],
)
def test_how_many_records_a_request_has(table: Table, records: list[Any], words: str) -> None:
    code, message = refusal(table.place.write.write_records, **table.names, Records=records)
    assert code == "ValidationException"
    assert words in message


def test_a_table_that_is_not_there(place: Place) -> None:
    names = {"DatabaseName": place.database, "TableName": "nowhere"}
    code, _ = refusal(place.write.write_records, **names, Records=[record()])
    assert code == "ResourceNotFoundException"
