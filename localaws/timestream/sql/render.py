# SPDX-License-Identifier: MIT
"""Answers in Timestream's shapes: Arrow columns -> ColumnInfo and Datum.

Sources: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_ColumnInfo.html,
.../API_query_Datum.html
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import types

from localaws.errors import ValidationException
from localaws.timestream.sql.types import INTERVAL_PRECISION

ColumnInfo = dict[str, Any]
Datum = dict[str, Any]

NULL: Datum = {"NullValue": True}

_PLAIN: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    # those whose text Arrow makes as Trino does
    (types.is_boolean, "BOOLEAN"),
    (types.is_int64, "BIGINT"),
    (types.is_integer, "INTEGER"),
    (types.is_string, "VARCHAR"),
    (types.is_timestamp, "TIMESTAMP"),
    (types.is_date, "DATE"),
    (types.is_time, "TIME"),
    (types.is_null, "UNKNOWN"),
)


def double(value: float) -> str:
    """A double as Trino prints it: 25.0, 1.0E10, 1.2345E-4, NaN, Infinity."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = _decimal(value)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _decimal(value: float) -> tuple[str, str, int]:
    """The shortest digits that name a double, and the exponent of the first one."""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole) - 1 if whole != "0" else -(len(fraction) - len(fraction.lstrip("0")) + 1)
    return "-" if value < 0 else "", digits.rstrip("0"), leading + int(exponent or "0")


def interval(nanoseconds: int) -> str:
    """An interval of days to seconds as Timestream prints it: 1 00:42:00.000000000."""
    sign = "-" if nanoseconds < 0 else ""
    seconds, fraction = divmod(abs(nanoseconds), 10**9)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{sign}{day} {hour:02}:{minute:02}:{second:02}.{fraction:09}"


def months(interval_: Any) -> str:
    """An interval of months as Trino prints it, years-months: 1-2."""
    sign = "-" if interval_.months < 0 else ""
    return f"{sign}{abs(interval_.months) // 12}-{abs(interval_.months) % 12}"


def _is_interval(type_: pa.DataType) -> bool:
    return bool(types.is_decimal(type_) and type_.precision == INTERVAL_PRECISION)


_PRINTED: tuple[tuple[Callable[[pa.DataType], bool], str, Callable[[Any], str]], ...] = (
    # those whose text is made here, each from its Python value
    (types.is_floating, "DOUBLE", double),
    (_is_interval, "INTERVAL_DAY_TO_SECOND", lambda value: interval(int(value))),
    (types.is_interval, "INTERVAL_YEAR_TO_MONTH", months),
)


def column_info(name: str | None, type_: pa.DataType) -> ColumnInfo:
    """The name and type of a column; there is no name within an array, nor for a row's field without one."""
    info: ColumnInfo = {} if name is None else {"Name": name}
    return {**info, "Type": _type(type_)}


def _type(type_: pa.DataType) -> dict[str, Any]:
    if _is_series(type_):
        return {"TimeSeriesMeasureValueColumnInfo": column_info(None, type_.value_type["value"].type)}
    if types.is_list(type_):
        return {"ArrayColumnInfo": column_info(None, type_.value_type)}
    if types.is_map(type_):
        raise ValidationException("A column of type map cannot be returned")
    if types.is_struct(type_):
        return {"RowColumnInfo": [column_info(name, field.type) for name, field in _fields(type_)]}
    for fits, name in _PLAIN:
        if fits(type_):
            return {"ScalarType": name}
    for fits, name, _ in _PRINTED:
        if fits(type_):
            return {"ScalarType": name}
    raise ValidationException(f"A column of type {type_} cannot be returned")


def _fields(row: pa.StructType) -> list[tuple[str | None, pa.Field]]:
    """A row's fields and their names; DuckDB calls those without one element1, element2, ..."""
    nameless = all(field.name == f"element{i}" for i, field in enumerate(row, 1))
    return [(None if nameless else field.name, field) for field in row]


def data(column: pa.Array) -> list[Datum]:
    """A column's values, one Datum each."""
    type_ = column.type
    if _is_series(type_):
        return _lists(column, "TimeSeriesValue", _points)
    if types.is_list(type_):
        return _lists(column, "ArrayValue", data)
    if types.is_struct(type_):
        return _rows(column)
    for fits, _, text in _PRINTED:
        if fits(type_):
            return [NULL if value is None else {"ScalarValue": text(value)} for value in column.to_pylist()]
    texts = column.cast(pa.string()).to_pylist()
    return [NULL if text is None else {"ScalarValue": text} for text in texts]


def _is_series(type_: pa.DataType) -> bool:
    """A time series is an array of rows of a time and a value."""
    if not types.is_list(type_) or not types.is_struct(type_.value_type):
        return False
    point = list(type_.value_type)
    return [field.name for field in point] == ["time", "value"] and bool(types.is_timestamp(point[0].type))


def _lists(column: pa.ListArray, key: str, of_items: Callable[[pa.Array], list[Datum]]) -> list[Datum]:
    items = of_items(column.flatten())
    answers, start = [], 0
    for length in column.value_lengths().to_pylist():
        answers.append(NULL if length is None else {key: items[start : start + length]})
        start += length or 0
    return answers


def _points(column: pa.StructArray) -> list[Datum]:
    times, values = (data(field) for field in column.flatten())
    if NULL in times:
        raise ValidationException("A point of a time series has no time")
    return [{"Time": time["ScalarValue"], "Value": value} for time, value in zip(times, values, strict=True)]


def _rows(column: pa.StructArray) -> list[Datum]:
    fields = [data(field) for field in column.flatten()]
    return [
        {"RowValue": {"Data": list(values)}} if valid else NULL
        for valid, values in zip(column.is_valid().to_pylist(), zip(*fields, strict=True), strict=True)
    ]
