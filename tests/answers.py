# SPDX-License-Identifier: MIT
"""What a query answers, in the plain terms that the reference of functions is written in."""

from typing import Any


def type_name(type_: dict[str, Any]) -> str:
    """`varchar`, `array(bigint)`, `row(bigint, varchar)`, `timeseries(double)`."""
    if scalar := type_.get("ScalarType"):
        return str(scalar).lower().replace("_", " ")
    if element := type_.get("ArrayColumnInfo"):
        return f"array({type_name(element['Type'])})"
    if element := type_.get("TimeSeriesMeasureValueColumnInfo"):
        return f"timeseries({type_name(element['Type'])})"
    return f"row({', '.join(type_name(field['Type']) for field in type_['RowColumnInfo'])})"


def plain(datum: dict[str, Any]) -> Any:
    """Text as it prints, None, a list, {row: [..]}, or points {time, value}."""
    if "ArrayValue" in datum:
        return [plain(item) for item in datum["ArrayValue"]]
    if "RowValue" in datum:
        return {"row": [plain(item) for item in datum["RowValue"]["Data"]]}
    if "TimeSeriesValue" in datum:
        return [{"time": point["Time"], "value": plain(point["Value"])} for point in datum["TimeSeriesValue"]]
    return None if datum == {"NullValue": True} else datum["ScalarValue"]
