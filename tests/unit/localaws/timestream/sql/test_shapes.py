# SPDX-License-Identifier: MIT
"""Answers have AWS's shapes: ColumnInfo and Datum, and each type its text."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.timestream.sql import Answer, render

Ask = Callable[[str], Answer]


def test_names_and_types_of_columns(ask: Ask) -> None:
    answer = ask(
        'SELECT device_id, measure_value::double, time AS "At", count(*), 1 + 1, bin(time, 1h) '
        'FROM "iot"."sensor-data" GROUP BY 1, 2, 3 LIMIT 1'
    )
    assert [(column["Name"], column["Type"]["ScalarType"]) for column in answer.columns] == [
        ("device_id", "VARCHAR"),
        ("measure_value::double", "DOUBLE"),
        ("At", "TIMESTAMP"),
        ("_col3", "BIGINT"),
        ("_col4", "INTEGER"),
        ("_col5", "TIMESTAMP"),
    ]


def test_columns_without_a_name_keep_their_place_through_a_subquery(ask: Ask) -> None:
    answer = ask("SELECT * FROM (SELECT 1 AS a, 2, 3)")
    assert [column["Name"] for column in answer.columns] == ["a", "_col1", "_col2"]


@pytest.mark.parametrize(
    ("expression", "type_", "datum"),
    [
        ("1", {"ScalarType": "INTEGER"}, {"ScalarValue": "1"}),
        ("3000000000", {"ScalarType": "BIGINT"}, {"ScalarValue": "3000000000"}),
        ("25.0", {"ScalarType": "DOUBLE"}, {"ScalarValue": "25.0"}),
        ("true", {"ScalarType": "BOOLEAN"}, {"ScalarValue": "true"}),
        ("'x'", {"ScalarType": "VARCHAR"}, {"ScalarValue": "x"}),
        ("DATE '2026-01-01'", {"ScalarType": "DATE"}, {"ScalarValue": "2026-01-01"}),
        ("current_time", {"ScalarType": "TIME"}, {"ScalarValue": "12:00:00.123456789"}),
        ("now()", {"ScalarType": "TIMESTAMP"}, {"ScalarValue": "2026-01-01 12:00:00.123456789"}),
        ("5m", {"ScalarType": "INTERVAL_DAY_TO_SECOND"}, {"ScalarValue": "0 00:05:00.000000000"}),
        ("INTERVAL '1' YEAR", {"ScalarType": "INTERVAL_YEAR_TO_MONTH"}, {"ScalarValue": "1-0"}),
        ("NULL", {"ScalarType": "UNKNOWN"}, {"NullValue": True}),
        (
            "ARRAY[1.5, NULL]",
            {"ArrayColumnInfo": {"Type": {"ScalarType": "DOUBLE"}}},
            {"ArrayValue": [{"ScalarValue": "1.5"}, {"NullValue": True}]},
        ),
    ],
)
def test_a_value_of_each_type(
    ask: Ask, expression: str, type_: dict[str, Any], datum: dict[str, Any]
) -> None:
    answer = ask(f"SELECT {expression} AS x")
    assert answer.columns == [{"Name": "x", "Type": type_}]
    assert answer.rows == [{"Data": [datum]}]


def test_an_answer_without_rows_has_its_columns(ask: Ask) -> None:
    answer = ask("SELECT time FROM iot.fleet WHERE false")
    assert answer.columns == [{"Name": "time", "Type": {"ScalarType": "TIMESTAMP"}}]
    assert answer.rows == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # Java's Double.toString, https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Double.html
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (25.0, "25.0"),
        (0.001, "0.001"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (1e10, "1.0E10"),
        (123456789012345680.0, "1.2345678901234568E17"),
        (0.0009999, "9.999E-4"),
        (-1.5e-300, "-1.5E-300"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_doubles(value: float, text: str) -> None:
    assert render.double(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_double_is_that_double(value: float) -> None:
    text = render.double(value)
    assert float(text) == value
    mantissa = text.partition("E")[0].lstrip("-")
    assert ("E" in text) == (value != 0 and not 1e-3 <= abs(value) < 1e7)
    assert "." in mantissa
    assert "E" not in text or 1 <= Decimal(mantissa) < 10


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_cast_prints_as_the_answer_does(ask: Ask, value: float) -> None:
    (row,) = ask(f"SELECT CAST(CAST('{value!r}' AS double) AS varchar)").rows
    assert row["Data"] == [{"ScalarValue": render.double(value)}]
