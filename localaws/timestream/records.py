# SPDX-License-Identifier: MIT
"""From a WriteRecords request to records: common attributes merged, values parsed, names and sizes checked.

What is wrong with the request as a whole is a ValidationException and stores nothing. What is wrong with
one record is its `refusal`, the reason that stands in RejectedRecords, and the others are stored.

AWS's quotas allow 2 KB of a record's dimensions, 2,048 bytes of its values, and 2 KB of the record: the first
two hold here, since the last, of whatever it is meant to be, would leave no room for them.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_WriteRecords.html,
.../API_Record.html, .../ts-limits.html (limits, reserved names), .../supported-data-types.html and
.../metering-and-pricing.writes.html
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from localaws.errors import ValidationException
from localaws.timestream.keys import Series
from localaws.timestream.schema import ScalarType

Value = str | float | int | bool
Pairs = tuple[tuple[str, str], ...]

NANOSECONDS = {"SECONDS": 10**9, "MILLISECONDS": 10**6, "MICROSECONDS": 10**3, "NANOSECONDS": 1}
INT64 = 2**63
BOOLEANS = {"true": True, "false": False}

DIMENSION_NAME_BYTES = 60
MEASURE_NAME_BYTES = 256
MEASURES_A_RECORD = 256
DIMENSIONS_BYTES = 2048
VALUES_BYTES = 2048
TOO_MANY_BYTES = f"The values of the record have more than {VALUES_BYTES} bytes."

RESERVED_NAMES = {"time", "measure_value", "ts_non_existent_col"}
RESERVED_PREFIXES = ("ts_", "measure_name", "measure_value")

SCALARS: dict[str, ScalarType] = {
    "DOUBLE": "double",
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "VARCHAR": "varchar",
    "TIMESTAMP": "timestamp",
}
SINGLE_COLUMNS = {kind: f"measure_value::{scalar}" for kind, scalar in SCALARS.items()}

TIME_BYTES = 8
BYTES = {"DOUBLE": 8, "BIGINT": 8, "BOOLEAN": 1, "TIMESTAMP": 8}
"""By which AWS meters values, but for text, of which it takes the UTF-8."""
UNIT = 1024
"""Writes are metered by KiB, each request rounded up."""


@dataclass(frozen=True, eq=False)
class Dimensions:
    """The dimensions of a record. Columns are in lower case, since SQL can't tell `Host` from `host`."""

    pairs: Pairs
    """As they were written."""
    values: dict[str, str]
    """By column."""
    columns: tuple[str, ...]
    key: Pairs
    """Columns and values, in the order of the columns."""
    size: int
    refusal: str | None


@dataclass(frozen=True, eq=False)
class Measures:
    """What records of the same measures have in common."""

    name: str
    multi: bool
    given: Pairs
    """Column and type of each, as they were written."""
    columns: tuple[tuple[str, ScalarType], ...]
    texts: tuple[int, ...]
    """The places of those whose values are text."""
    names_size: int
    values_size: int
    """Of the values that aren't text."""
    refusal: str | None

    @cached_property
    def by_name(self) -> list[int]:
        """Their places in the order of their columns' names."""
        return sorted(range(len(self.columns)), key=self.columns.__getitem__)

    @cached_property
    def hasher(self) -> hashlib.blake2b:
        """A hash of their columns, to be gone on with."""
        return hashlib.blake2b(repr(sorted(self.columns)).encode(), digest_size=8)


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
    values: tuple[Value, ...]
    """What to store, by the columns of `measures`."""
    size: int
    """Bytes by which AWS meters it: time, names and values of dimensions and measures."""
    common: int
    """How many of these are of attributes that all records of the request have in common."""
    digest: int
    """A number of 64 bits, the same in every process, that tells its values from others."""
    refusal: str | None

    @property
    def series(self) -> Series:
        """What its key is but for the time."""
        return self.measures.name, self.dimensions.key


def parse(request: Mapping[str, Any], required: str | None = None) -> Iterator[Record]:
    """The records of a request, whose shape has been validated.

    :param required: the dimension that each must have, if the table's partition key enforces one.
    :raises ValidationException: a record lacks a member, has an unreadable time or value, or names something
        twice or by a reserved name.
    """
    common = _Common(request.get("CommonAttributes") or {})
    for index, own in enumerate(request["Records"]):
        record = _record(index, common, _given(own))
        if required is not None and required.lower() not in record.dimensions.values:
            record.refusal = f"The record lacks the dimension {required}, which the partition key requires."
        yield record


def restored(
    pairs: Pairs, measures: tuple[str, bool, Pairs], time: int, version: int, values: Iterable[Value]
) -> Record:
    """A record that was parsed before, when it was in some request.

    :param pairs: its dimensions.
    :param measures: its measure name, whether that is of several measures, and their columns and types.
    """
    return _sized(0, _dimensions(pairs), _measures(*measures), time, version, tuple(values))


def metered(records: Iterable[Record]) -> int:
    """The bytes by which AWS meters a request that stores these: what they have in common counts once.

    Source: https://docs.aws.amazon.com/timestream/latest/developerguide/metering-and-pricing.writes.html
    """
    own = common = 0
    for each in records:
        own += each.size - each.common
        common = max(common, each.common)
    return -(-(own + common) // UNIT) * UNIT


class _Common:
    """The attributes that all records of a request have in common."""

    def __init__(self, attributes: Mapping[str, Any]) -> None:
        self.attributes = _given(attributes)
        self.pairs = _pairs(self.attributes)
        self.size = _pairs_size(self.pairs)

    def size_in(self, own: Mapping[str, Any], record: Record) -> int:
        """How many bytes of a record, whose own attributes are given, are of these."""
        size = self.size
        if "Time" not in own:
            size += TIME_BYTES
        if "MeasureName" not in own:
            size += _size(record.measures.name)
        if "MeasureValue" not in own and "MeasureValues" not in own:
            size += record.size - TIME_BYTES - record.dimensions.size - _size(record.measures.name)
        return size


def _given(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes that are there: null is as good as none."""
    if None in attributes.values():
        return {name: value for name, value in attributes.items() if value is not None}
    return attributes


def _record(index: int, common: _Common, own: Mapping[str, Any]) -> Record:
    merged = {**common.attributes, **own}
    dimensions = _dimensions(common.pairs + _pairs(own))
    name, multi = merged.get("MeasureName"), merged.get("MeasureValueType") == "MULTI"
    if not name:
        raise ValidationException("A measure name is required for every record.")
    given, texts = _several(merged) if multi else _single(merged)
    measures = _measures(name, multi, given)
    unit = NANOSECONDS[merged.get("TimeUnit", "MILLISECONDS")]
    values = _values(given, texts, unit)
    version = merged.get("Version", 1)
    if version < 1:
        raise ValidationException("The version of a record must be 1 or greater.")
    record = _sized(index, dimensions, measures, _time(merged.get("Time"), unit), version, values)
    if common.attributes:
        record.common = common.size_in(own, record)
    return record


def _sized(
    index: int, dimensions: Dimensions, measures: Measures, time: int, version: int, values: tuple[Value, ...]
) -> Record:
    values_size = measures.values_size
    for place in measures.texts:
        values_size += _size(values[place])  # type: ignore[arg-type]
    refusal = (
        dimensions.refusal or measures.refusal or (TOO_MANY_BYTES if values_size > VALUES_BYTES else None)
    )
    size = TIME_BYTES + dimensions.size + measures.names_size + values_size
    digest = _digest(measures, values)
    return Record(index, dimensions, measures, time, version, values, size, 0, digest, refusal)


def _several(merged: Mapping[str, Any]) -> tuple[Pairs, list[str]]:
    """Names and types, and the texts, of the measures of a multi-measure record."""
    measures = merged.get("MeasureValues")
    if not measures or "MeasureValue" in merged:
        raise ValidationException("A record of type MULTI takes MeasureValues, not a MeasureValue.")
    given = tuple([(measure["Name"], measure["Type"]) for measure in measures])
    return given, [measure["Value"] for measure in measures]


def _single(merged: Mapping[str, Any]) -> tuple[Pairs, list[str]]:
    """Column and type, and the text, of the measure of a single-measure record."""
    text, kind = merged.get("MeasureValue"), merged.get("MeasureValueType", "DOUBLE")
    if text is None or merged.get("MeasureValues"):
        raise ValidationException("A record takes one MeasureValue unless its MeasureValueType is MULTI.")
    if kind == "TIMESTAMP":
        raise ValidationException("Measure value type TIMESTAMP is only allowed in multi-measure records.")
    return ((SINGLE_COLUMNS[kind], kind),), [text]


def _pairs(attributes: Mapping[str, Any]) -> Pairs:
    return tuple([(pair["Name"], pair["Value"]) for pair in attributes.get("Dimensions", ())])


def _pairs_size(pairs: Pairs) -> int:
    return sum(_size(text) for pair in pairs for text in pair)


@lru_cache(65_536)
def _dimensions(pairs: Pairs) -> Dimensions:
    """The same few come again and again, so they are worked out once."""
    if not pairs:
        raise ValidationException("At least one dimension is required for a record.")
    values = {name.lower(): value for name, value in pairs}
    if len(values) < len(pairs):
        raise ValidationException("Duplicate dimension names are not allowed in a record.")
    names = [_allowed(name) for name, _ in pairs]
    size = _pairs_size(pairs)
    excess = f"The dimensions of the record have more than {DIMENSIONS_BYTES} bytes."
    return Dimensions(
        pairs=pairs,
        values=values,
        columns=tuple(values),
        key=tuple(sorted(values.items())),
        size=size,
        refusal=_too_long("dimension", names, DIMENSION_NAME_BYTES)
        or (excess if size > DIMENSIONS_BYTES else None),
    )


@lru_cache(65_536)
def _measures(name: str, multi: bool, given: Pairs) -> Measures:
    """As with dimensions: worked out once. `given` has each measure's column and type."""
    if any(kind == "MULTI" for _, kind in given):
        raise ValidationException("A measure of a multi-measure record can't be of type MULTI itself.")
    columns = {column.lower(): SCALARS[kind] for column, kind in given}
    if len(columns) < len(given):
        raise ValidationException("Duplicate measure names are not allowed in a multi-measure record.")
    names = [name, *(_allowed(column) for column, _ in given)] if multi else [name]
    excess = f"A record can't have more than {MEASURES_A_RECORD} measures."
    return Measures(
        name=name,
        multi=multi,
        given=given,
        columns=tuple(columns.items()),
        texts=tuple(place for place, (_, kind) in enumerate(given) if kind == "VARCHAR"),
        names_size=sum(map(_size, names)),
        values_size=sum(BYTES.get(kind, 0) for _, kind in given),
        refusal=_too_long("measure", names, MEASURE_NAME_BYTES)
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


def _values(given: Pairs, texts: list[str], unit: int) -> tuple[Value, ...]:
    """The values, of the types that `given` has, that texts stand for."""
    values = []
    try:
        for (_, kind), text in zip(given, texts, strict=True):
            values.append(READERS[kind](text, unit))
    except (ValueError, KeyError):
        raise ValidationException(f"Invalid measure value for record: '{text}' is not a {kind}.") from None
    return tuple(values)


def _double(text: str, _unit: int) -> float:
    """A double; infinity and NaN can be queried for but, by AWS's list of data types, not written."""
    value = float(text)
    if not math.isfinite(value) or "_" in text or not text.isascii():
        raise ValueError(text)
    return value


def _bigint(text: str, _unit: int) -> int:
    value = _integer(text)
    if not -INT64 <= value < INT64:
        raise ValueError(text)
    return value


def _timestamp(text: str, unit: int) -> int:
    """Nanoseconds since 1970. The engine takes the outermost numbers for infinity."""
    value = _integer(text) * unit
    if not 1 - INT64 < value < INT64 - 1:
        raise ValueError(text)
    return value


READERS: dict[str, Callable[[str, int], Value]] = {
    "DOUBLE": _double,
    "BIGINT": _bigint,
    "BOOLEAN": lambda text, _unit: BOOLEANS[text.lower()],
    "VARCHAR": lambda text, _unit: text,
    "TIMESTAMP": _timestamp,
}


def _integer(text: str) -> int:
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(text)
    return int(text)


def _digest(measures: Measures, values: tuple[Value, ...]) -> int:
    digest = measures.hasher.copy()
    digest.update(repr([values[place] for place in measures.by_name]).encode())
    return int.from_bytes(digest.digest(), "little", signed=True)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
