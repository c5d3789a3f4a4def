# SPDX-License-Identifier: MIT
"""From a WriteRecords request to records: common attributes merged, values parsed, names and sizes checked.

What is wrong with the request as a whole is a ValidationException and stores nothing. What is wrong with
one record is its `refusal`, the reason that stands in RejectedRecords, and the others are stored.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_WriteRecords.html,
.../API_Record.html, .../ts-limits.html (limits, reserved names) and .../supported-data-types.html
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from localaws.errors import ValidationException
from localaws.timestream.keys import Series
from localaws.timestream.schema import ScalarType

Value = str | float | int | bool

NANOSECONDS = {"SECONDS": 10**9, "MILLISECONDS": 10**6, "MICROSECONDS": 10**3, "NANOSECONDS": 1}
INT64 = 2**63
BOOLEANS = {"true": True, "false": False}

DIMENSION_NAME_BYTES = 60
MEASURE_NAME_BYTES = 256
MEASURES_A_RECORD = 256
RECORD_BYTES = 2048
TOO_BIG = f"The record's dimensions and values have more than {RECORD_BYTES} bytes."

RESERVED_NAMES = {"time", "measure_value", "ts_non_existent_col"}
RESERVED_PREFIXES = ("ts_", "measure_name", "measure_value")

SCALARS: dict[str, ScalarType] = {
    "DOUBLE": "double",
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "VARCHAR": "varchar",
    "TIMESTAMP": "timestamp",
}


class Dimensions(NamedTuple):
    """The dimensions of a record. Columns are in lower case, since SQL can't tell `Host` from `host`."""

    values: dict[str, str]
    """By column."""
    names: dict[str, str]
    """The columns' names as written."""
    key: tuple[tuple[str, str], ...]
    size: int
    refusal: str | None


class Measures(NamedTuple):
    """What records of the same measures have in common."""

    name: str
    multi: bool
    columns: tuple[tuple[str, ScalarType], ...]
    written: tuple[str, ...]
    """The columns' names as written."""
    names_size: int
    refusal: str | None


@dataclass(slots=True)
class Record:
    """One record, ready to be stored."""

    index: int
    """Its place in the request, from 0."""
    dimensions: Dimensions
    measures: Measures
    time: int
    """Nanoseconds since 1970, UTC."""
    version: int
    values: dict[str, Value]
    """What to store, by measure column."""
    size: int
    """Bytes by which AWS meters it: time, names and values of dimensions and measures."""
    refusal: str | None

    @property
    def series(self) -> Series:
        """What its key is but for the time."""
        return self.measures.name, self.dimensions.key

    @property
    def digest(self) -> int:
        """A number that tells its values from others; of their text, since hash(-1) == hash(-2)."""
        return hash(repr(sorted(self.values.items())))


def parse(request: Mapping[str, Any], required: str | None = None) -> Iterator[Record]:
    """The records of a request, whose shape has been validated.

    :param required: the dimension that each must have, if the table's partition key enforces one.
    :raises ValidationException: a record lacks a member, has an unreadable time or value, or names something
        twice or by a reserved name.
    """
    common = request.get("CommonAttributes") or {}
    for index, own in enumerate(request["Records"]):
        record = _record(index, common, own)
        if required is not None and required.lower() not in record.dimensions.values:
            record.refusal = f"The record lacks the dimension {required}, which the partition key requires."
        yield record


def _record(index: int, common: Mapping[str, Any], own: Mapping[str, Any]) -> Record:
    merged = {**common, **{name: value for name, value in own.items() if value is not None}}
    pairs = [*(common.get("Dimensions") or ()), *(own.get("Dimensions") or ())]
    dimensions = _dimensions(tuple([(pair["Name"], pair["Value"]) for pair in pairs]))
    name, multi = merged.get("MeasureName"), merged.get("MeasureValueType") == "MULTI"
    if not name:
        raise ValidationException("A measure name is required for every record.")
    given = _several(merged) if multi else _single(merged)
    measures = _measures(name, multi, tuple([(column, kind) for column, kind, _ in given]))

    unit = NANOSECONDS[merged.get("TimeUnit", "MILLISECONDS")]
    values = {
        column: _value(kind, text, unit)
        for (column, _), (_, kind, text) in zip(measures.columns, given, strict=True)
    }
    values_size = sum(map(_size, values.values()))
    too_big = dimensions.size + values_size > RECORD_BYTES
    return Record(
        index=index,
        dimensions=dimensions,
        measures=measures,
        time=_time(merged.get("Time"), unit),
        version=merged.get("Version", 1),
        values=values,
        size=8 + dimensions.size + measures.names_size + values_size,
        refusal=dimensions.refusal or measures.refusal or (TOO_BIG if too_big else None),
    )


def _several(merged: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name, type and text of each measure of a multi-measure record."""
    measures = merged.get("MeasureValues")
    if not measures or merged.get("MeasureValue") is not None:
        raise ValidationException("A record of type MULTI takes MeasureValues, not a MeasureValue.")
    return [(each["Name"], each["Type"], each["Value"]) for each in measures]


def _single(merged: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Column, type and text of the measure of a single-measure record."""
    text, kind = merged.get("MeasureValue"), merged.get("MeasureValueType", "DOUBLE")
    if text is None or merged.get("MeasureValues"):
        raise ValidationException("A record takes one MeasureValue unless its MeasureValueType is MULTI.")
    if kind == "TIMESTAMP":
        raise ValidationException("Measure value type TIMESTAMP is only allowed in multi-measure records.")
    return [(f"measure_value::{kind.lower()}", kind, text)]


@lru_cache(65_536)
def _dimensions(pairs: tuple[tuple[str, str], ...]) -> Dimensions:
    """The same few come again and again, so they are worked out once."""
    values = {name.lower(): value for name, value in pairs}
    if len(values) < len(pairs):
        raise ValidationException("Duplicate dimension names are not allowed in a record.")
    names = [_allowed(name) for name, _ in pairs]
    return Dimensions(
        values=values,
        names=dict(zip(values, names, strict=True)),
        key=tuple(sorted(values.items())),
        size=sum(_size(text) for pair in pairs for text in pair),
        refusal=_too_long("dimension", names, DIMENSION_NAME_BYTES),
    )


@lru_cache(65_536)
def _measures(name: str, multi: bool, given: tuple[tuple[str, str], ...]) -> Measures:
    """As with dimensions: worked out once. `given` has each measure's name and type."""
    if any(kind == "MULTI" for _, kind in given):
        raise ValidationException("A measure of a multi-measure record can't be of type MULTI itself.")
    columns = {column.lower(): SCALARS[kind] for column, kind in given}
    if len(columns) < len(given):
        raise ValidationException("Duplicate measure names are not allowed in a multi-measure record.")
    written = tuple(_allowed(column) if multi else column for column, _ in given)
    excess = f"A record can't have more than {MEASURES_A_RECORD} measures."
    return Measures(
        name=name,
        multi=multi,
        columns=tuple(columns.items()),
        written=written,
        names_size=sum(map(_size, written)) if multi else _size(name),
        refusal=_too_long("measure", [name, *written], MEASURE_NAME_BYTES)
        or (excess if len(given) > MEASURES_A_RECORD else None),
    )


def _allowed(name: str) -> str:
    """A column's name, if it is not one of Timestream's own. (No engine can take a NUL in one.)"""
    lower = name.lower()
    if lower in RESERVED_NAMES or lower.startswith(RESERVED_PREFIXES) or ":" in name or "\0" in name:
        raise ValidationException(f"The name {name} is reserved: it can't name a dimension or a measure.")
    return name


def _too_long(kind: str, names: Iterable[str], limit: int) -> str | None:
    for name in names:
        if _size(name) > limit:
            return f"The {kind} name {name} is longer than {limit} bytes."
    return None


def _time(text: str | None, unit: int) -> int:
    try:
        return _integer(text or "") * unit
    except ValueError:
        raise ValidationException("Invalid time for record.") from None


def _value(kind: str, text: str, unit: int) -> Value:
    try:
        match kind:
            case "DOUBLE":
                return _double(text)
            case "BIGINT":
                return _fitting(_integer(text))
            case "BOOLEAN":
                return BOOLEANS[text.lower()]
            case "TIMESTAMP":
                return _fitting(_integer(text) * unit)
    except (ValueError, KeyError):
        raise ValidationException(f"Invalid measure value for record: '{text}' is not a {kind}.") from None
    return text


def _double(text: str) -> float:
    """A double; infinity and NaN can be queried for but, by AWS's list of data types, not written."""
    value = float(text)
    if "_" in text or not math.isfinite(value):
        raise ValueError(text)
    return value


def _integer(text: str) -> int:
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(text)
    return int(text)


def _fitting(value: int) -> int:
    if not -INT64 <= value < INT64:
        raise ValueError(value)
    return value


def _size(value: Value) -> int:
    if type(value) is str:
        return len(value) if value.isascii() else len(value.encode())
    return 1 if type(value) is bool else 8
