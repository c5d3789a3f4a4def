# SPDX-License-Identifier: MIT
"""The types of Timestream's values, how they stand in DuckDB, and which widen to which.

An interval of days to seconds is a whole number of nanoseconds, as DECIMAL(20, 0), a type that nothing else
has: DuckDB's own INTERVAL keeps microseconds. An interval of months is DuckDB's INTERVAL.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/supported-data-types.html
"""

from __future__ import annotations

import re

INTERVAL_PRECISION = 20

ENGINE_TYPES = {
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "varchar": "VARCHAR",
    "date": "DATE",
    "time": "TIME_NS",
    "timestamp": "TIMESTAMP_NS",
    "interval": f"DECIMAL({INTERVAL_PRECISION},0)",
    "months": "INTERVAL",
    "unknown": '"NULL"',
    "array(timestamp)": "TIMESTAMP_NS[]",
    "timeseries": "TIMESERIES",  # any array of rows of a time and a value
}

_SERIES = re.compile(r'STRUCT\("time" TIMESTAMP_NS, "value" (.*)\)\[\]')

NAMES = {engine: name for name, engine in ENGINE_TYPES.items()} | {"INTERVAL": "interval year to month"}

WIDER = {
    "INTEGER": ("BIGINT", "DOUBLE"),
    "BIGINT": ("DOUBLE",),
    "DATE": ("TIMESTAMP_NS",),
}
"""What a type turns into where it must, the nearest first."""

SUMS = {"HUGEINT": "BIGINT", "DECIMAL(38,0)": ENGINE_TYPES["interval"]}
"""What DuckDB makes of a sum, and what Timestream does."""


def name(engine_type: str) -> str:
    """A type of the engine's as Timestream writes it."""
    if series := _SERIES.fullmatch(engine_type):
        return f"timeseries({name(series[1])})"
    if engine_type.endswith("[]"):
        return f"array({name(engine_type[:-2])})"
    return NAMES.get(engine_type, engine_type.lower())


def comparable(one: str, other: str) -> bool:
    """Whether values of two types can be compared. A text may be written for a time."""
    if one == other or not {one, other} <= NAMES.keys():
        return True
    if "VARCHAR" in (one, other):
        return bool({one, other} & {"TIMESTAMP_NS", "DATE", "TIME_NS", ENGINE_TYPES["unknown"]})
    return distance(one, other) is not None or distance(other, one) is not None


def distance(given: str, wanted: str | None) -> int | None:
    """How far a value is from a parameter's type, where no type takes all; None: it does not fit."""
    if wanted is None:
        return 5
    if given == wanted or (wanted == ENGINE_TYPES["timeseries"] and _SERIES.fullmatch(given)):
        return 0
    if given == ENGINE_TYPES["unknown"]:
        return 1
    wider = WIDER.get(given, ())
    return 1 + wider.index(wanted) if wanted in wider else None
