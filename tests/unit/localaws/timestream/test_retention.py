# SPDX-License-Identifier: MIT
"""Retention: from the memory store to the magnetic store, and out of that, whether or not a query looks."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.errors import RejectedRecordsException
from localaws.timestream.service import Timestream
from tests.unit.localaws.timestream.conftest import NEW_YEAR, Clock

HOUR = 3600
DAY = 24 * HOUR
SIZE = 8 + len("device_idd1") + len("count") + 8
"""Metered bytes of a record."""


def record(age: float) -> dict[str, Any]:
    return {
        "Dimensions": [{"Name": "device_id", "Value": "d1"}],
        "MeasureName": "count",
        "MeasureValueType": "BIGINT",
        "MeasureValue": "1",
        "Time": str(round((NEW_YEAR - age) * 1000)),
    }


@pytest.fixture
def written(call: Any, table: dict[str, str]) -> dict[str, str]:
    """A table with records of now, of some hours ago, and of a year ago."""
    call("WriteRecords", **table, Records=[record(0), record(10 * HOUR), record(365 * DAY)])
    return table


def retain(call: Any, table: dict[str, str], hours: int, days: int) -> None:
    retention = {"MemoryStoreRetentionPeriodInHours": hours, "MagneticStoreRetentionPeriodInDays": days}
    call("UpdateTable", **table, RetentionProperties=retention)


def stored(service: Timestream) -> tuple[int, int]:
    """Records in the memory store, and in the magnetic store."""
    memory, magnetic = service.stored()
    [line] = service.summary()
    assert (line["memory_bytes"], line["magnetic_bytes"]) == (memory, magnetic)
    assert line["records"] * SIZE == memory + magnetic
    assert memory % SIZE == 0
    return memory // SIZE, magnetic // SIZE


@pytest.mark.usefixtures("written")
def test_records_grow_old(service: Timestream, clock: Clock) -> None:
    assert stored(service) == (2, 1)
    clock.seconds += 14 * HOUR
    assert stored(service) == (2, 1)
    clock.seconds += 1
    assert stored(service) == (1, 2)
    clock.seconds = NEW_YEAR + DAY + 1
    service.work()
    assert stored(service) == (0, 2)


@pytest.mark.usefixtures("written")
def test_what_is_too_old_goes_without_a_query(service: Timestream, clock: Clock) -> None:
    rows = service._catalog.databases["iot"].tables["sensor-data"].store
    service.work()
    clock.seconds += 366 * DAY - 10 * HOUR
    service.work()
    assert rows.rows == 2
    clock.seconds += 60
    service.work()
    assert (rows.rows, rows.bytes) == (1, SIZE)
    assert rows.metered == 1024, "what was metered stays metered"


def test_a_shorter_retention_drops_and_a_longer_one_brings_nothing_back(
    call: Any, service: Timestream, written: dict[str, str], clock: Clock
) -> None:
    retain(call, written, hours=1, days=1)
    clock.seconds += 60
    service.work()
    assert stored(service) == (1, 1)
    retain(call, written, hours=24, days=365)
    assert stored(service) == (2, 0)
    # What was dropped can be written again, in any version
    call("WriteRecords", **written, Records=[{**record(364 * DAY), "MeasureValue": "2"}])
    assert stored(service) == (2, 1)


def test_windows_follow_the_retention(call: Any, written: dict[str, str]) -> None:
    retain(call, written, hours=1, days=1)
    with pytest.raises(RejectedRecordsException):
        call("WriteRecords", **written, Records=[record(26 * HOUR)])
    answer = call("WriteRecords", **written, Records=[record(25 * HOUR), record(HOUR)])
    assert answer["RecordsIngested"] == {"Total": 2, "MemoryStore": 1, "MagneticStore": 1}
    retain(call, written, hours=2, days=1)
    call("WriteRecords", **written, Records=[record(26 * HOUR)])
