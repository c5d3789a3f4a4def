# SPDX-License-Identifier: MIT
import time
from typing import Any

import awswrangler as wr
import numpy as np
import pandas as pd
import pytest

from tests.awswrangler.conftest import Readings, Table


def write(table: Table, frame: pd.DataFrame, **more: Any) -> list[dict[str, Any]]:
    arguments = {
        "time_col": "time",
        "measure_col": "temperature",
        "dimensions_cols": ["site", "rack"],
        **more,
    }
    return wr.timestream.write(df=frame, database=table.database, table=table.table, **arguments)


def equal(found: pd.DataFrame, written: pd.DataFrame) -> None:
    """The same values, whatever their types in pandas; dimensions and names are text."""
    texts = {name: str for name in ("site", "rack", "measure_name") if name in written}
    columns = list(written.columns)
    pd.testing.assert_frame_equal(
        found[columns].sort_values("time", ignore_index=True),
        written.astype(texts).sort_values("time", ignore_index=True),
        check_dtype=False,
    )


def test_single_measure_records(table: Table, readings: Readings) -> None:
    frame = readings(250)
    assert write(table, frame) == []
    found = table.rows("time, site, rack, measure_name, measure_value::double AS temperature")
    equal(found, frame)
    assert set(found["measure_name"]) == {"temperature"}


def test_multi_measure_records_of_all_types(table: Table, readings: Readings) -> None:
    frame = readings(
        humidity=[40, 41, 42, 43, 44, 45],
        ok=[True, False] * 3,
        note=["fine", 'a "b"', "ü", "x", "y", "z"],
        seen=[pd.Timestamp("2020-02-29 12:34:56.789")] * 6,
    )
    measures = ["temperature", "humidity", "ok", "note", "seen"]
    assert write(table, frame, measure_col=measures, measure_name="weather") == []
    found = table.rows()
    equal(found, frame)
    assert set(found["measure_name"]) == {"weather"}
    assert pd.api.types.is_datetime64_any_dtype(found["seen"])
    assert pd.api.types.is_bool_dtype(found["ok"])


def test_missing_values_are_not_written(table: Table, readings: Readings) -> None:
    frame = readings(3, temperature=[None, np.nan, 1.5], humidity=[None, 2.5, np.nan])
    assert write(table, frame, measure_col=["temperature", "humidity"]) == []
    equal(table.rows(), frame.dropna(how="all", subset=["temperature", "humidity"]))


@pytest.mark.parametrize("unit", [None, "SECONDS", "MILLISECONDS", "MICROSECONDS"])
def test_time_units(table: Table, readings: Readings, unit: Any) -> None:
    finest = {None: "1ms", "SECONDS": "1s", "MILLISECONDS": "1ms", "MICROSECONDS": "1us"}[unit]
    frame = readings(3)
    frame["time"] = frame["time"].dt.floor("s") + pd.Timedelta(finest)
    assert write(table, frame, time_unit=unit) == []
    equal(table.rows("time, site, rack, measure_value::double AS temperature"), frame)


def test_versions(table: Table, readings: Readings) -> None:
    first = readings(3)
    changed = first.assign(temperature=[first["temperature"][0], first["temperature"][1], -1.0])
    assert write(table, first) == []
    [rejected] = write(table, changed, use_threads=False)
    assert (rejected["RecordIndex"], rejected["ExistingVersion"]) == (2, 1)
    assert rejected["Reason"].startswith("A record already exists with the same time, dimensions")
    select = "time, site, rack, measure_value::double AS temperature"
    equal(table.rows(select), first)
    assert write(table, changed, version=2) == []
    equal(table.rows(select), changed)


def test_dimensions_in_common_and_in_the_frame(table: Table, readings: Readings) -> None:
    common = {"Dimensions": [{"Name": "region", "Value": "eu"}, {"Name": "host", "Value": "h1"}]}
    frame = readings()
    assert write(table, frame, common_attributes=common) == []
    equal(
        table.rows("time, site, rack, region, host, measure_value::double AS temperature"),
        frame.assign(region="eu", host="h1"),
    )


MEASURES = [
    {"Name": "cpu", "Value": "12.0", "Type": "DOUBLE"},
    {"Name": "up", "Value": "true", "Type": "BOOLEAN"},
]


@pytest.mark.parametrize(
    ("common", "arguments", "expected"),
    [
        (
            {"Dimensions": [{"Name": "site", "Value": "s"}], "MeasureName": "cpu"},
            {"time_col": "time", "measure_col": ["temperature"]},
            {"site": "s", "measure_name": "cpu"},
        ),
        (
            {"MeasureName": "cpu", "MeasureValue": "13.5", "MeasureValueType": "DOUBLE"},
            {"time_col": "time", "dimensions_cols": ["site"]},
            {"measure_value::double": 13.5, "measure_name": "cpu"},
        ),
        (
            {"MeasureName": "m", "MeasureValues": MEASURES, "MeasureValueType": "MULTI"},
            {"time_col": "time", "dimensions_cols": ["site"]},
            {"cpu": 12.0, "up": True, "measure_name": "m"},
        ),
        (
            {"Time": str(round(time.time())), "TimeUnit": "SECONDS"},
            {"measure_col": "temperature", "dimensions_cols": ["time"]},
            {"measure_name": "temperature"},
        ),
    ],
)
def test_common_attributes_stand_for_columns(
    table: Table,
    readings: Readings,
    common: dict[str, Any],
    arguments: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    frame = readings(3)
    if arguments.get("dimensions_cols") == ["time"]:
        frame, arguments = (
            frame.rename(columns={"time": "moment"}),
            {**arguments, "dimensions_cols": ["moment"]},
        )
    rejected = wr.timestream.write(
        df=frame, database=table.database, table=table.table, common_attributes=common, **arguments
    )
    assert rejected == []
    found = table.rows()
    assert len(found) == 3
    for column, value in expected.items():
        assert list(found[column]) == [value] * 3
