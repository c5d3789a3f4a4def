# SPDX-License-Identifier: MIT
"""The records that are written: four measures each, from a fleet of devices, in the order of their times."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

DEVICES = 1_000
BATCH = 100
HOURS = 20
"""What the records span, up to now: all of them belong to the memory store."""

DATABASE, TABLE = "bench", "readings"
MEASURES = ("temperature", "humidity", "pressure", "vibration")

Document = dict[str, Any]


def table_requests() -> Iterator[tuple[str, Document]]:
    """What makes the table: operations and their requests."""
    yield "CreateDatabase", {"DatabaseName": DATABASE}
    retention = {"MemoryStoreRetentionPeriodInHours": 24, "MagneticStoreRetentionPeriodInDays": 365}
    names = {"DatabaseName": DATABASE, "TableName": TABLE}
    yield "CreateTable", {**names, "RetentionProperties": retention}


def device(number: int) -> str:
    """The name of a device."""
    return f"device-{number % DEVICES:04}"


def values(number: int) -> tuple[float, ...]:
    """The values of a record, by `MEASURES`."""
    swing = math.sin(number / DEVICES / 50)
    return round(21 + 4 * swing, 2), round(48 - 9 * swing, 2), round(1013 + 2 * swing, 2), 0.02 * (number % 7)


def times(count: int) -> range:
    """The times of so many records, in ms since 1970."""
    now = int(time.time() * 1000)
    step = max(HOURS * 3_600_000 // count, 1)
    return range(now - count * step, now, step)


def batches(numbers: range) -> list[range]:
    """The numbers of records, by the request."""
    return [numbers[first : first + BATCH] for first in range(0, len(numbers), BATCH)]


def request(numbers: range, times_ms: range) -> Document:
    """The WriteRecords request with those of the records that `numbers` names."""
    return {
        "DatabaseName": DATABASE,
        "TableName": TABLE,
        "CommonAttributes": {"MeasureName": "readings", "MeasureValueType": "MULTI"},
        "Records": [_record(number, times_ms[number]) for number in numbers],
    }


def _record(number: int, time_ms: int) -> Document:
    return {
        "Dimensions": [
            {"Name": "device_id", "Value": device(number)},
            {"Name": "location", "Value": f"site-{number % 3}"},
        ],
        "MeasureValues": [
            {"Name": name, "Value": repr(value), "Type": "DOUBLE"}
            for name, value in zip(MEASURES, values(number), strict=True)
        ],
        "Time": str(time_ms),
    }
