# SPDX-License-Identifier: MIT
"""The types of Timestream's values, how they stand in DuckDB, and which widen to which.

An interval of days to seconds is a whole number of nanoseconds, as DECIMAL(20, 0), a type that nothing else
has: DuckDB's own INTERVAL keeps microseconds. An interval of months is DuckDB's INTERVAL. A row with names
is a STRUCT, one without a TUPLE; a time series is an array of rows of a time and a value.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/supported-data-types.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from duckdb.sqltypes import DuckDBPyType

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
}
UNKNOWN = ENGINE_TYPES["unknown"]

NAMES = {engine: name for name, engine in ENGINE_TYPES.items()} | {
    ENGINE_TYPES["interval"]: "interval day to second",
    ENGINE_TYPES["months"]: "interval year to month",
}

WIDER = {
    "INTEGER": ("BIGINT", "DOUBLE"),
    "BIGINT": ("DOUBLE",),
    "DATE": ("TIMESTAMP_NS",),
    "VARCHAR": ("TIMESTAMP_NS",),
}
"""What a type turns into where it must, the nearest first."""

_TEXT_READ = 20
"""How far a text is from what is read out of it: any other way is nearer."""

Bindings = dict[str, str]
"""What the variables of a signature, such as E in `contains(array(E), E)`, stand for."""


@lru_cache(maxsize=4096)
def parts(type_: str) -> tuple[tuple[str, str], ...]:
    """The named types within a type: an array's element, a map's key and value, a row's fields."""
    if not type_.endswith("]") and not type_.startswith(("STRUCT(", "TUPLE(", "MAP(")):
        return ()
    return tuple((name, str(part)) for name, part in DuckDBPyType(type_).children)


def element(type_: str) -> str | None:
    """The type of an array's elements; None if it is no array. Those of an unknown are unknown."""
    if type_ == UNKNOWN:
        return UNKNOWN
    return parts(type_)[0][1] if type_.endswith("]") else None


def entry(type_: str) -> tuple[str, str] | None:
    """The types of a map's keys and values; None if it is no map."""
    if type_ == UNKNOWN:
        return UNKNOWN, UNKNOWN
    return (parts(type_)[0][1], parts(type_)[1][1]) if is_map(type_) else None


def fields(type_: str) -> tuple[tuple[str, str], ...]:
    """The names and types of a row's fields, "" for one without a name; none if it is no row."""
    return parts(type_) if is_row(type_) else ()


def is_row(type_: str) -> bool:
    """Whether it is a row, or the null that could be one."""
    return type_.startswith(("STRUCT(", "TUPLE(")) and not type_.endswith("]")


def is_map(type_: str) -> bool:
    """Whether it is a map."""
    return type_.startswith("MAP(") and not type_.endswith("]")


def series_value(type_: str) -> str | None:
    """The type of a time series' values; None if it is no time series."""
    point = fields(element(type_) or "")
    names, kinds = [name for name, _ in point], [kind for _, kind in point]
    return kinds[1] if names == ["time", "value"] and kinds[0] == "TIMESTAMP_NS" else None


def name(engine_type: str) -> str:
    """A type of the engine's as Timestream writes it."""
    if value := series_value(engine_type):
        return f"timeseries({name(value)})"
    if engine_type.endswith("]"):
        return f"array({name(parts(engine_type)[0][1])})"
    if within := parts(engine_type):
        if is_map(engine_type):
            return f"map({', '.join(name(part) for _, part in within)})"
        return f"row({', '.join(f'{field} {name(part)}'.lstrip() for field, part in within)})"
    return NAMES.get(engine_type, engine_type.lower())


def common(one: str, other: str) -> str | None:
    """The type that both turn into; None if there is none."""
    if one == other or other == UNKNOWN:
        return one
    if one == UNKNOWN or other in WIDER.get(one, ()):
        return other
    if one in WIDER.get(other, ()):
        return one
    ones, others = parts(one), parts(other)
    if not ones or len(ones) != len(others) or _constructor(one) != _constructor(other):
        return None
    within = [common(a, b) for (_, a), (_, b) in zip(ones, others, strict=True)]
    return (
        None
        if None in within
        else one
        if all(b == a for (_, a), b in zip(ones, within, strict=True))
        else other
    )


def _constructor(type_: str) -> str:
    if type_.endswith("]"):
        return "array"
    return "map" if is_map(type_) else "row" if is_row(type_) else type_


def comparable(one: str, other: str) -> bool:
    """Whether values of two types can be compared. A text may be written for a time."""
    if "VARCHAR" in (one, other):
        return bool({one, other} & {"TIMESTAMP_NS", "DATE", "TIME_NS", UNKNOWN}) or one == other
    ones, others = parts(one), parts(other)
    if ones and _constructor(one) == _constructor(other) and len(ones) == len(others):
        return all(comparable(a, b) for (_, a), (_, b) in zip(ones, others, strict=True))
    return common(one, other) is not None


def distance(given: str, wanted: str | None, bound: Bindings) -> int | None:
    """How far a value is from a parameter's type, where no type takes all; None: it does not fit.

    :param wanted: as Timestream writes it, with variables: `double`, `array(E)`, `map(K, V)`, `E`.
    :param bound: what the variables are already known to stand for; what is found out is put there.
    """
    if wanted is None:
        return 5
    if len(wanted) == 1:
        found = common(bound.get(wanted, UNKNOWN), given)
        bound[wanted] = found or UNKNOWN
        return None if found is None else 5
    if wanted == "timeseries":
        return 1 if given == UNKNOWN else None if series_value(given) is None else 0
    if wanted.startswith("timeseries("):
        value = UNKNOWN if given == UNKNOWN else series_value(given)
        return None if value is None else distance(value, wanted[len("timeseries(") : -1], bound)
    if composite := re.fullmatch(r"(array|map)\((.*)\)", wanted):
        return _composite_distance(given, composite[1], composite[2].split(", "), bound)
    engine = ENGINE_TYPES[wanted]
    if given == engine:
        return 0
    if given == UNKNOWN:
        return 1
    wider = WIDER.get(given, ())
    if engine not in wider:
        return None
    return _TEXT_READ if given == "VARCHAR" else 1 + wider.index(engine)


def _composite_distance(given: str, kind: str, wanted: list[str], bound: Bindings) -> int | None:
    if given != UNKNOWN and _constructor(given) != kind:
        return None
    within = [part for _, part in parts(given)] or [UNKNOWN] * len(wanted)
    distances = {want: distance(part, want, bound) for part, want in zip(within, wanted, strict=True)}
    if None in distances.values():
        return None
    return sum(away or 0 for want, away in distances.items() if len(want) > 1)


def cast(given: str, wanted: str | None, bound: Bindings) -> str | None:
    """The type of the engine's that a fitting argument must be cast to; None if it may stay as it is."""
    array = re.fullmatch(r"array\((\w+)\)", wanted or "")
    inner = array[1] if array else wanted or ""
    engine = bound.get(inner) or ENGINE_TYPES.get(inner)
    if engine is None or UNKNOWN in (engine, given):
        return ENGINE_TYPES.get(wanted or "") if given == UNKNOWN else None
    if array:
        engine += "[]"
    return None if engine == given else engine
