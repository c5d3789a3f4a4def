# SPDX-License-Identifier: MIT
"""What a field of a CSV file says: a number, a time, or nothing."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from demo.message import EPOCH, milliseconds

NOTHING = {"", "na", "n/a", "nan", "null", "none", "-"}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
FIRST_EPOCH = 10**8  # 1973: what is smaller counts something else, or is a date such as 20150202
OTHER_FORMATS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
)
"""Beside ISO 8601, what can be read in one way only. 02/03/2015 can't; `time_format` is for such files."""


def is_nothing(text: str) -> bool:
    """Whether a field is empty, or says in one of the usual ways that it has no value."""
    return text.strip().lower() in NOTHING


def number(text: str, decimal_comma: bool = False) -> float | None:
    """A finite number, or None. Whole ones stay whole, as a sensor would send them."""
    text = text.strip().replace(",", ".") if decimal_comma else text.strip()
    if not NUMBER.fullmatch(text) or not math.isfinite(value := float(text)):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def time_ms(text: str, time_format: str | None = None) -> int:
    """A time as milliseconds since the epoch; ValueError if it can't be read. Without a zone it is UTC.

    It may be ISO 8601, or an epoch in seconds, milliseconds, microseconds or nanoseconds, told apart by their
    size; with `time_format`, as `datetime.strptime` reads it, nothing else.
    """
    try:
        time = _time(text.strip(), time_format)
        return milliseconds(time if time.tzinfo else time.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        expected = f"not in the format {time_format}" if time_format else "neither ISO 8601 nor an epoch"
        raise ValueError(f"its time is {expected}: {shortened(text)}") from None


def shortened(text: str, length: int = 40) -> str:
    """A foreign text, fit to be shown: its start, quoted, nothing that could steer a terminal."""
    return ascii(text if len(text) <= length else text[: length - 3] + "...")


def _time(text: str, time_format: str | None) -> datetime:
    if time_format:
        return datetime.strptime(text, time_format)
    if NUMBER.fullmatch(text) and float(text) >= FIRST_EPOCH:
        return _from_epoch(float(text))
    for other in OTHER_FORMATS:
        try:
            return datetime.strptime(text, other)
        except ValueError:
            continue
    return datetime.fromisoformat(text)


def _from_epoch(count: float) -> datetime:
    """The unit is the coarsest that does not put the time beyond the year 5000."""
    unit = next((unit for unit in (1, 10**3, 10**6) if count / unit < 10**11), 10**9)
    return EPOCH + timedelta(milliseconds=round(count * 1000 / unit))
