# SPDX-License-Identifier: MIT
"""A small store to query: the readings of three devices, under another table's secrets."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from localaws.errors import ValidationException
from localaws.timestream import sql
from localaws.timestream.schema import Column, Relation

NOW = 1_767_268_800_123_456_789  # 2026-01-01 12:00:00.123456789
MARKER = "TOP-SECRET"

SENSORS = Relation(
    "t1",
    (
        Column("device_id", "varchar", "dimension"),
        Column("location", "varchar", "dimension"),
        Column("measure_name", "varchar", "measure_name"),
        Column("time", "timestamp", "time"),
        Column("measure_value::double", "double", "measure"),
        Column("measure_value::bigint", "bigint", "measure"),
    ),
)
FLEET = Relation(
    "t2",
    (
        Column("device_id", "varchar", "dimension"),
        Column("measure_name", "varchar", "measure_name"),
        Column("time", "timestamp", "time"),
        Column("model", "varchar", "measure"),
        Column("fitted", "boolean", "measure"),
    ),
)


class Tables:
    """The relations of one account: database `iot` with tables `sensor-data` and `fleet`."""

    def relation(self, database: str, table: str) -> Relation:
        found = {"sensor-data": SENSORS, "fleet": FLEET}.get(table)
        if database != "iot" or found is None:
            raise ValidationException(f"The table {database}.{table} does not exist.")
        return found

    def databases(self) -> list[str]:
        return ["iot", "other"]

    def tables(self, database: str) -> list[str]:
        return ["fleet", "sensor-data"] if database == "iot" else []


def readings() -> pd.DataFrame:
    """Two days of readings, one every 13 minutes and a nanosecond, of four measures in turn."""
    step, start = 13 * 60 * 10**9 + 1, NOW - 2 * 86400 * 10**9
    rows = [
        {
            "device_id": f"d{i % 3}",
            "location": "rome" if i % 5 < 3 else "oslo",
            "measure_name": ("temperature", "humidity", "pressure", "vibration")[i % 4],
            "time": start + i * step,
            "value": 20 + (i * 37 % 101) / 8,
            "whole": i if i % 7 == 0 else None,
        }
        for i in range(221)
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    return readings()


@pytest.fixture(scope="session")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    opened = sql.connect()
    opened.register("frame", readings())
    opened.execute(
        """CREATE TABLE t1 AS SELECT device_id, location, measure_name, make_timestamp_ns(time) AS time,
        value AS "measure_value::double", CAST(whole AS BIGINT) AS "measure_value::bigint", 7 AS _version
        FROM frame"""
    )
    opened.execute(
        """CREATE TABLE t2 AS SELECT 'd' || i AS device_id, 'fitting' AS measure_name,
        make_timestamp_ns(1) AS time, 'model ' || i AS model, i = 1 AS fitted FROM range(3) r(i)"""
    )
    opened.execute("CREATE TABLE secrets AS SELECT ? AS text", [MARKER])
    opened.unregister("frame")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def tables() -> Tables:
    return Tables()


Ask = Callable[[str], sql.Answer]
Values = Callable[[str], list[tuple[Any, ...]]]
Refusal = Callable[[str], str]


@pytest.fixture(scope="session")
def ask(connection: duckdb.DuckDBPyConnection) -> Ask:
    """A statement -> its answer, as of `NOW`."""
    return lambda statement: sql.run(statement, Tables(), connection.cursor(), NOW)


def value(datum: dict[str, Any]) -> Any:
    """A datum in plain terms: text, None, a list, or a tuple for a row."""
    if "ArrayValue" in datum:
        return [value(item) for item in datum["ArrayValue"]]
    if "RowValue" in datum:
        return tuple(value(item) for item in datum["RowValue"]["Data"])
    return None if datum == {"NullValue": True} else datum["ScalarValue"]


@pytest.fixture(scope="session")
def values(ask: Ask) -> Values:
    """A statement -> its rows, in plain terms."""
    return lambda statement: [tuple(map(value, row["Data"])) for row in ask(statement).rows]


@pytest.fixture(scope="session")
def refusal(ask: Ask) -> Refusal:
    """A statement that must be refused -> what is said about it."""

    def refused(statement: str) -> str:
        with pytest.raises(ValidationException) as caught:
            ask(statement)
        return caught.value.message

    return refused


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    """A file of the host's that no statement may read."""
    file = tmp_path / "secret.csv"
    file.write_text(f"text\n{MARKER}\n")
    return file
