# SPDX-License-Identifier: MIT
"""The time of a reading: every form a message may have it in, to whole nanoseconds since the epoch.

ISO 8601    2026-01-31T12:00:00.123456789+02:00; without a zone it is UTC; the fraction (to nine digits), the
            seconds or the whole time of day may be missing
a number    since the epoch, in JSON or as text, with or without a fraction; its size tells its unit:
            below 1e11 seconds, below 1e14 milliseconds, below 1e17 microseconds, otherwise nanoseconds

The bounds put the years 1973 to 5138 in reach of each unit without overlap. Text is converted exactly; a JSON
number with a fraction is exact as far as a double is (about 0.2 microseconds for epoch seconds).
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from decimal import Decimal

SECOND = 10**9  # in nanoseconds
LATEST = 2**63 - 1  # Timestream's time is a signed 64-bit count of nanoseconds: to 2262-04-11
ALLOWED = (
    "ISO 8601 such as 2026-01-31T12:00:00.123456789Z, or a number of seconds, milliseconds, microseconds or "
    "nanoseconds since 1970-01-01T00:00:00Z"
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = ((10**11, SECOND), (10**14, 10**6), (10**17, 10**3))  # a bound, and the unit of numbers below it
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_ISO = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"([T ](?P<time>\d\d:\d\d(:\d\d)?)((?<=:\d\d:\d\d)[.,](?P<fraction>\d{1,9}))?"
    r" ?(?P<zone>Z|[+-]\d\d(:?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)


def nanoseconds(value: object) -> int:
    """The time in nanoseconds since the epoch.

    :raises ValueError: it is in no known form, or before 1970 or after 2262; the message follows the value in
    a
        sentence.
    """
    number = _number(value)
    time = _scaled(number) if number is not None else _iso(value)
    if not 0 <= time <= LATEST:
        raise ValueError("is out of range; allowed: 1970-01-01 to 2262-04-11")
    return time


def _number(value: object) -> Decimal | None:
    """The number that the value is or spells; None if it is something else."""
    match value:
        case bool():
            return None
        case int():
            return Decimal(value)
        case float() if math.isfinite(value):
            return Decimal(repr(value))
        case str() if _NUMBER.fullmatch(value.strip()):
            return Decimal(value.strip())
    return None


def _scaled(number: Decimal) -> int:
    """A number of units since the epoch in nanoseconds, rounded to a whole one."""
    if not 0 <= number <= LATEST:
        return -1
    unit = next((unit for bound, unit in _UNITS if number < bound), 1)
    return int((number * unit).to_integral_value())


def _iso(value: object) -> int:
    match = _ISO.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"is not a time; allowed: {ALLOWED}")
    zone = (match["zone"] or "Z").upper()
    try:
        moment = datetime.fromisoformat(f"{match['date']}T{match['time'] or '00:00'}{zone}")
    except ValueError as fault:
        raise ValueError(f"is not a time ({fault}); allowed: {ALLOWED}") from None
    elapsed = moment - _EPOCH
    fraction = int((match["fraction"] or "").ljust(9, "0"))
    return (elapsed.days * 86_400 + elapsed.seconds) * SECOND + fraction
