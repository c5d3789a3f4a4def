# SPDX-License-Identifier: MIT
"""From readings to WriteRecords requests.

    single   a record a reading; MeasureName is the measure's
    multi    a record for all readings of one series and time; MeasureName is `readings`, a column a measure

A request has at most 100 records. What all of them share goes into CommonAttributes, which is metered once a
request, so the records are put in order of series and time first. Time is in nanoseconds, the unit in which
every form of timestamp is exact. Version is left at its default, 1: the same reading again is accepted and
changes nothing, another value for the same series, measure and time is rejected, and the first one stays.

Sources: https://docs.aws.amazon.com/timestream/latest/developerguide/API_WriteRecords.html and
https://docs.aws.amazon.com/timestream/latest/developerguide/metering-and-pricing.writes.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.readings import Dimensions, Reading
from ingest.settings import RecordModel

MAX_RECORDS = 100
MULTI_MEASURE_NAME = "readings"

Fields = dict[str, Any]  # a Record of the API

_SHAREABLE = ("MeasureName", "MeasureValueType", "Time", "TimeUnit")


@dataclass(frozen=True, slots=True)
class Record:
    """One record, complete by itself, and the readings it stores."""

    readings: tuple[Reading, ...]
    fields: Fields


Batch = Sequence[Record]  # the records of one request


def batches(readings: Iterable[Reading], model: RecordModel) -> list[Batch]:
    """The readings as records, in as few requests as can be."""
    ordered = sorted(readings, key=lambda reading: (reading.dimensions, reading.measure, reading.time_ns))
    records = [_single(reading) for reading in ordered] if model == "single" else _multi(ordered)
    return [records[start : start + MAX_RECORDS] for start in range(0, len(records), MAX_RECORDS)]


def parameters(batch: Batch) -> dict[str, Any]:
    """A request's CommonAttributes, what the records share, and its Records, the rest of each."""
    first, *others = (record.fields for record in batch)
    common = {name: first[name] for name in _SHAREABLE if all(it[name] == first[name] for it in others)}
    shared = [it for it in first["Dimensions"] if all(it in other["Dimensions"] for other in others)]
    if shared:
        common["Dimensions"] = shared
    return {"CommonAttributes": common, "Records": [_own(record.fields, common) for record in batch]}


def _own(fields: Fields, common: Fields) -> Fields:
    """What a record has beyond the common attributes."""
    own = {name: value for name, value in fields.items() if common.get(name) != value}
    if "Dimensions" in own:
        own["Dimensions"] = [it for it in own["Dimensions"] if it not in common.get("Dimensions", ())]
    return own


def _base(dimensions: Dimensions, time_ns: int) -> Fields:
    return {
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
        "Time": str(time_ns),
        "TimeUnit": "NANOSECONDS",
    }


def _single(reading: Reading) -> Record:
    fields = _base(reading.dimensions, reading.time_ns)
    fields["MeasureName"] = reading.measure
    fields["MeasureValueType"] = reading.type
    fields["MeasureValue"] = reading.value
    return Record((reading,), fields)


def _multi(readings: Iterable[Reading]) -> list[Record]:
    """A record for each series and time.

    A second value of one measure opens another record, for Timestream to reject; the same value does not.
    """
    rows: dict[tuple[Dimensions, int], list[_Row]] = {}
    for reading in readings:
        alike = rows.setdefault((reading.dimensions, reading.time_ns), [])
        row = next((row for row in alike if row.takes(reading)), None)
        if row is None:
            alike.append(row := _Row())
        row.add(reading)
    return [row.record(*key) for key, alike in sorted(rows.items()) for row in alike]


class _Row:
    """A multi-measure record in the making: at most one value a measure."""

    def __init__(self) -> None:
        self._readings: list[Reading] = []
        self._values: dict[str, tuple[str, str]] = {}

    def takes(self, reading: Reading) -> bool:
        value = (reading.type, reading.value)
        return self._values.get(reading.measure, value) == value

    def add(self, reading: Reading) -> None:
        self._readings.append(reading)
        self._values[reading.measure] = (reading.type, reading.value)

    def record(self, dimensions: Dimensions, time_ns: int) -> Record:
        fields = _base(dimensions, time_ns)
        fields["MeasureName"] = MULTI_MEASURE_NAME
        fields["MeasureValueType"] = "MULTI"
        fields["MeasureValues"] = [
            {"Name": name, "Type": kind, "Value": value} for name, (kind, value) in self._values.items()
        ]
        return Record(tuple(self._readings), fields)
