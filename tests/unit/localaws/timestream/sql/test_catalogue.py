# SPDX-License-Identifier: MIT
"""SHOW and DESCRIBE."""

from collections.abc import Callable
from typing import Any

import pytest

Values = Callable[[str], list[tuple[Any, ...]]]

DIMENSIONS = [("device_id", "varchar"), ("location", "varchar")]


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("SHOW DATABASES", ["iot", "other"]),
        ("show databases like 'i%'", ["iot"]),
        ('SHOW TABLES FROM "iot"', ["fleet", "sensor-data"]),
        ("SHOW TABLES FROM iot LIKE 'sensor_data'", ["sensor-data"]),
        ("SHOW TABLES", ["fleet", "sensor-data"]),
        ("SHOW TABLES FROM other", []),
    ],
)
def test_names(values: Values, statement: str, names: list[str]) -> None:
    assert [row[0] for row in values(statement)] == names


def test_measures(values: Values) -> None:
    measures = values('SHOW MEASURES FROM "iot"."sensor-data"')
    assert [row[0] for row in measures] == ["humidity", "pressure", "temperature", "vibration"]
    assert {row[1] for row in measures} == {"multi"}
    assert all(row[2] == DIMENSIONS for row in measures)
    assert values("SHOW MEASURES FROM iot.fleet LIKE 'fit%'") == [("fitting", "multi", DIMENSIONS[:1])]


def test_describe(values: Values) -> None:
    assert values('DESCRIBE "iot"."sensor-data"') == [
        ("device_id", "varchar", "DIMENSION"),
        ("location", "varchar", "DIMENSION"),
        ("measure_name", "varchar", "MEASURE_NAME"),
        ("time", "timestamp", "TIMESTAMP"),
        ("measure_value::double", "double", "MEASURE_VALUE"),
        ("measure_value::bigint", "bigint", "MEASURE_VALUE"),
    ]
    assert values("DESC iot.fleet")[-1] == ("fitted", "boolean", "MULTI")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DESCRIBE iot.nothing", "The table iot.nothing does not exist."),
        ("DESCRIBE fleet", "line 1:10: A table is named as database.table"),
        ("SHOW MEASURES", "line 1:1: A table is named as database.table"),
        ("SHOW ALL TABLES", "The query syntax is invalid at line 1:6, near 'ALL'"),
    ],
)
def test_refusals(refusal: Callable[[str], str], statement: str, message: str) -> None:
    assert refusal(statement) == message
