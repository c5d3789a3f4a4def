# SPDX-License-Identifier: MIT
"""From a WriteRecords request to records: common attributes merged, values parsed, names and sizes checked.

What is wrong with the request as a whole is a ValidationException and stores nothing. What is wrong with
one record is its `refusal`, the reason that stands in RejectedRecords, and the others are stored.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_WriteRecords.html,
.../API_Record.html, .../ts-limits.html (limits, reserved names) and .../supported-data-types.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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

RESERVED_NAMES = {"time", "measure_value", "ts_non_existent_col"}
RESERVED_PREFIXES = ("ts_", "measure_name", "measure_value")

SCALARS: dict[str, ScalarType] = {
    "DOUBLE": "double",
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "VARCHAR": "varchar",
    "TIMESTAMP": "timestamp",
}


@dataclass(slots=True)
class Record:
    """One record, ready to be stored.

    Column names are in lower case, since SQL cannot tell `Host` from `host`; `names` has them as written.
    """

    index: int
    """Its place in the request, from 0."""
    series: Series
    dimensions: dict[str, str]
    measure_name: str
    time: int
    """Nanoseconds since 1970, UTC."""
    version: int
    values: dict[str, Value]
    """The measure columns and what to store in them."""
    types: tuple[tuple[str, ScalarType], ...]
    """The measure columns and their types."""
    names: dict[str, str]
    multi: bool
    size: int
    """Bytes by which AWS meters it: time, names and values of dimensions and measures."""
    refusal: str | None

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
        if required is not None and required.lower() not in record.dimensions:
            record.refusal = f"The record lacks the dimension {required}, which the partition key requires."
        yield record


def _record(index: int, common: Mapping[str, Any], own: Mapping[str, Any]) -> Record:
    merged = {**common, **{name: value for name, value in own.items() if value is not None}}
    pairs = (common.get("Dimensions") or []) + (own.get("Dimensions") or [])
    dimensions = {pair["Name"].lower(): pair["Value"] for pair in pairs}
    if len(dimensions) < len(pairs):
        raise ValidationException("Duplicate dimension names are not allowed in a record.")
    names = {pair["Name"].lower(): _column(pair["Name"]) for pair in pairs}

    measure_name = merged.get("MeasureName")
    if not measure_name:
        raise ValidationException("A measure name is required for every record.")
    unit = NANOSECONDS[merged.get("TimeUnit", "MILLISECONDS")]
    multi = merged.get("MeasureValueType") == "MULTI"
    measures = _measures(merged, multi)
    values: dict[str, Value] = {}
    types: list[tuple[str, ScalarType]] = []
    for name, kind, text in measures:
        column = name.lower()
        values[column] = _value(kind, text, unit)
        types.append((column, SCALARS[kind]))
        names[column] = name
    if len(values) < len(measures):
        raise ValidationException("Duplicate measure names are not allowed in a multi-measure record.")

    pairs_size = sum(_size(name) + _size(value) for name, value in dimensions.items())
    values_size = sum(map(_size, values.values()))
    names_size = sum(map(_size, values)) if multi else _size(measure_name)
    return Record(
        index=index,
        series=(measure_name, tuple(sorted(dimensions.items()))),
        dimensions=dimensions,
        measure_name=measure_name,
        time=_time(merged.get("Time"), unit),
        version=merged.get("Version", 1),
        values=values,
        types=tuple(types),
        names=names,
        multi=multi,
        size=8 + pairs_size + names_size + values_size,
        refusal=_over_limits(dimensions, [measure_name, *values] if multi else [measure_name])
        or (_too_big(pairs_size + values_size)),
    )


def _measures(merged: Mapping[str, Any], multi: bool) -> Sequence[tuple[str, str, str]]:
    """Column, type and text of each measure of a record."""
    several, single = merged.get("MeasureValues"), merged.get("MeasureValue")
    if multi:
        if not several or single is not None:
            raise ValidationException("A record of type MULTI takes MeasureValues, not a MeasureValue.")
        if any(each["Type"] == "MULTI" for each in several):
            raise ValidationException("A measure of a multi-measure record can't be of type MULTI itself.")
        return [(_column(each["Name"]), each["Type"], each["Value"]) for each in several]
    if several or single is None:
        raise ValidationException("A record takes one MeasureValue unless its MeasureValueType is MULTI.")
    kind = merged.get("MeasureValueType", "DOUBLE")
    if kind == "TIMESTAMP":
        raise ValidationException("Measure value type TIMESTAMP is only allowed in multi-measure records.")
    return [(f"measure_value::{kind.lower()}", kind, single)]


@lru_cache(4096)
def _column(name: str) -> str:
    """A column's name, if it is not one of Timestream's own."""
    lower = name.lower()
    if lower in RESERVED_NAMES or lower.startswith(RESERVED_PREFIXES) or ":" in name:
        raise ValidationException(f"The name {name} is reserved: it can't name a dimension or a measure.")
    return name


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


def _over_limits(dimensions: dict[str, str], measures: Sequence[str]) -> str | None:
    for name in dimensions:
        if _size(name) > DIMENSION_NAME_BYTES:
            return f"The dimension name {name} is longer than {DIMENSION_NAME_BYTES} bytes."
    for name in measures:
        if _size(name) > MEASURE_NAME_BYTES:
            return f"The measure name {name} is longer than {MEASURE_NAME_BYTES} bytes."
    if len(measures) > MEASURES_A_RECORD + 1:
        return f"A record can't have more than {MEASURES_A_RECORD} measures."
    return None


def _too_big(size: int) -> str | None:
    return f"The record has {size} bytes, more than {RECORD_BYTES}." if size > RECORD_BYTES else None
