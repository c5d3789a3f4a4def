# SPDX-License-Identifier: MIT
"""From a message to its readings, each checked: ready to be stored, or refused with the reason.

A reason names the field, its value and what is allowed. What is wrong with a dimension or the time of a
message refuses all of its readings; what is wrong with one measure leaves the others as they are. Only what
can be told from the reading itself is checked here: the table's retention, for one, is Timestream's to check.

Types: a number is a DOUBLE, whole or not, and so is text that spells one (the direct IoT rule's arithmetic
takes it as one too); true and false are BOOLEAN; other text is VARCHAR.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_Record.html
"""

from __future__ import annotations

import json
import math
import re
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ingest.names import is_unicode, name_fault
from ingest.payloads import TIME_FIELDS, Message, measures
from ingest.timestamps import nanoseconds

MeasureType = Literal["DOUBLE", "BOOLEAN", "VARCHAR"]
Dimensions = tuple[tuple[str, str], ...]  # names and values

MEASURE_NAME_BYTES = 256
VALUE_BYTES = 2048

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_NOT_A_NUMBER = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_FINITE = "is not a finite number; allowed: a number that a double can hold, a boolean or text"


class RefusedError(ValueError):
    """A field can't be taken; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a reading came from; without a measure, a whole message in which none could be told apart."""

    message: Message
    measure: tuple[object, object] | None = None

    def document(self, dimensions: tuple[str, ...]) -> object:
        """The reading by itself, as a message that can be sent again."""
        if self.measure is None or not isinstance(self.message.body, dict):
            return self.message.body
        body = self.message.body
        kept = {name: body[name] for name in (*dimensions, *TIME_FIELDS) if name in body}
        if not any(field in kept for field in TIME_FIELDS):
            kept["timestamp"] = self.message.received_ns
        name, value = self.measure
        return kept | {"metric_name": name, "measurement": value}


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one measure of one series at one time, as Timestream takes it."""

    origin: Origin
    dimensions: Dimensions
    time_ns: int
    measure: str
    type: MeasureType
    value: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reading that is not stored, and why."""

    origin: Origin
    reason: str


def readings(message: Message, dimensions: tuple[str, ...]) -> list[Reading | Refusal]:
    """The readings of a message, whose series the fields named by `dimensions` tell. Never empty."""
    body = message.body
    if not isinstance(body, dict):
        return [Refusal(Origin(message), f"message: {shown(body)} is not an object; allowed: a JSON object")]
    pairs = list(measures(body, dimensions))
    if not pairs:
        return [Refusal(Origin(message), f"message: {shown(body)} has no measure; allowed: one or more")]
    try:
        series = tuple((name, _dimension(name, body)) for name in dimensions)
        time_ns = _time(message, body)
    except RefusedError as fault:
        return [Refusal(Origin(message, pair), str(fault)) for pair in pairs]
    return [_reading(Origin(message, pair), series, time_ns, *pair) for pair in pairs]


def _reading(
    origin: Origin, series: Dimensions, time_ns: int, name: object, value: object
) -> Reading | Refusal:
    try:
        measure = _measure_name(name, series)
        return Reading(origin, series, time_ns, measure, *_typed(measure, value))
    except RefusedError as fault:
        return Refusal(origin, str(fault))


def _dimension(name: str, body: Mapping[str, object]) -> str:
    """The value of a dimension; a number, as some devices have for an id, becomes text."""
    allowed = f"allowed: text of 1 to {VALUE_BYTES} bytes, or a number"
    if name not in body:
        raise RefusedError(f"{name}: is missing; {allowed}")
    value = body[name]
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 7 and 7.0 are one device
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        value = str(value)
    if not isinstance(value, str) or not value.strip() or not is_unicode(value):
        raise RefusedError(f"{name}: {shown(value)} is not a name; {allowed}")
    if (size := len(value.encode())) > VALUE_BYTES:
        raise RefusedError(f"{name}: {shown(value)} has {size} bytes; {allowed}")
    return value


def _time(message: Message, body: Mapping[str, object]) -> int:
    """The time of a message in nanoseconds since the epoch: its own, or else that of its receipt."""
    for field in TIME_FIELDS:
        if field in body:
            try:
                return nanoseconds(body[field])
            except ValueError as fault:
                raise RefusedError(f"{field}: {shown(body[field])} {fault}") from None
    return message.received_ns


def _measure_name(name: object, series: Dimensions) -> str:
    if not isinstance(name, str):
        raise RefusedError(f"measure name: {shown(name)} is not text; allowed: text")
    if fault := name_fault(name, MEASURE_NAME_BYTES):
        raise RefusedError(f"measure name: {shown(name)} {fault}")
    if name in dict(series):
        raise RefusedError(
            f"measure name: {shown(name)} is a dimension; allowed: a name that no dimension has"
        )
    return name


def _typed(measure: str, value: object) -> tuple[MeasureType, str]:
    """The type of a value and its text, as WriteRecords has them."""
    match value:
        case bool():
            return "BOOLEAN", str(value).lower()
        case int() | float():
            return "DOUBLE", _double(measure, value)
        case str() if _NUMBER.fullmatch(value.strip()):
            return "DOUBLE", _double(measure, value)
        case str():
            return "VARCHAR", _text(measure, value)
    raise RefusedError(f"{measure}: {shown(value)} is not a value; allowed: a number, a boolean or text")


def _double(measure: str, value: float | str) -> str:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise RefusedError(f"{measure}: {shown(value)} {_FINITE}")
    return repr(number)


def _text(measure: str, value: str) -> str:
    if _NOT_A_NUMBER.fullmatch(value.strip()):
        raise RefusedError(f"{measure}: {shown(value)} {_FINITE}")
    if not value or not is_unicode(value):
        raise RefusedError(
            f"{measure}: {shown(value)} is not text; allowed: Unicode text of 1 or more characters"
        )
    if (size := len(value.encode())) > VALUE_BYTES:
        raise RefusedError(f"{measure}: {shown(value)} has {size} bytes; allowed: at most {VALUE_BYTES}")
    return value


_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxdict, _SHORT.maxlist, _SHORT.maxstring, _SHORT.maxlong = 3, 8, 8, 80, 80


def shown(value: object) -> str:
    """A value as a reason shows it, cut to a readable length."""
    is_short_text = isinstance(value, str) and len(value) <= _SHORT.maxstring
    if is_short_text or isinstance(value, bool | None):
        return json.dumps(value)
    return _SHORT.repr(value)
