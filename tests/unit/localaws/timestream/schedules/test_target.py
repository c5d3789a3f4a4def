# SPDX-License-Identifier: MIT
"""Mappings of results: the examples of the guide, each with two rows of a result.

https://docs.aws.amazon.com/timestream/latest/developerguide/scheduledqueries-mappings.html
"""

from __future__ import annotations

from typing import Any

import pytest

from localaws.errors import ValidationException
from localaws.timestream.schedules.target import Target, line, nanoseconds

HOUR = "2026-01-01 00:00:00.000000000"
TIME = "1767225600000000000"

DOUBLE, VARCHAR, TIMESTAMP = "DOUBLE", "VARCHAR", "TIMESTAMP"


def columns(**types: str) -> list[dict[str, Any]]:
    return [{"Name": name, "Type": {"ScalarType": type_}} for name, type_ in types.items()]


def row(*values: str | None) -> dict[str, Any]:
    return {"Data": [{"NullValue": True} if value is None else {"ScalarValue": value} for value in values]}


def target(**more: Any) -> Target:
    timestream = {
        "DatabaseName": "derived",
        "TableName": "dashboard_metrics_1h_agg",
        "TimeColumn": "hour",
        "DimensionMappings": [{"Name": "region", "DimensionValueType": "VARCHAR"}],
        **more,
    }
    return Target({"TimestreamConfiguration": timestream})


def attribute(source: str, target: str | None = None, kind: str = DOUBLE) -> dict[str, str]:
    named = {"TargetMultiMeasureAttributeName": target} if target else {}
    return {"SourceColumn": source, "MeasureValueType": kind, **named}


def written(name: str, region: str = "eu", **measure: Any) -> dict[str, Any]:
    return {
        "MeasureName": name,
        "Time": TIME,
        "Dimensions": [{"Name": "region", "Value": region}],
        **measure,
    }


def multi(name: str, **values: str) -> dict[str, Any]:
    measures = [{"Name": each, "Type": DOUBLE, "Value": value} for each, value in values.items()]
    return written(name, MeasureValueType="MULTI", MeasureValues=measures)


def single(name: str, value: str) -> dict[str, Any]:
    return written(name, MeasureValueType=DOUBLE, MeasureValue=value)


def test_a_target_measure_name_for_multi_measure_records() -> None:
    attributes = [
        attribute("avg_mem_cached_1h", "avgMemCached"),
        attribute("min_mem_free_1h"),
        attribute("sum_1h", "totalDiskWrites"),
    ]
    mappings = {"TargetMultiMeasureName": "dashboard-metrics", "MultiMeasureAttributeMappings": attributes}
    records = target(MultiMeasureMappings=mappings).bind(
        columns(
            region=VARCHAR, hour=TIMESTAMP, avg_mem_cached_1h=DOUBLE, min_mem_free_1h=DOUBLE, sum_1h=DOUBLE
        )
    )
    assert records(row("eu", HOUR, "1.0", "2.0", "3.0")) == [
        multi("dashboard-metrics", avgMemCached="1.0", min_mem_free_1h="2.0", totalDiskWrites="3.0")
    ]
    assert records(row("eu", HOUR, None, "2.0", None)) == [multi("dashboard-metrics", min_mem_free_1h="2.0")]


def test_the_measure_name_of_the_result_in_multi_measure_records() -> None:
    attributes = [attribute("avg_1h"), attribute("min_1h", "p0_1h")]
    records = target(
        MeasureNameColumn="measure_name", MultiMeasureMappings={"MultiMeasureAttributeMappings": attributes}
    ).bind(columns(region=VARCHAR, hour=TIMESTAMP, measure_name=VARCHAR, avg_1h=DOUBLE, min_1h=DOUBLE))
    assert records(row("eu", HOUR, "memory_cached", "1.0", None)) == [multi("memory_cached", avg_1h="1.0")]
    assert records(row("eu", HOUR, "cpu_idle", None, "2.0")) == [multi("cpu_idle", p0_1h="2.0")]
    with pytest.raises(ValueError, match="no measure name"):
        records(row("eu", HOUR, None, "1.0", "2.0"))


def test_different_multi_measure_records_of_a_row() -> None:
    mappings = [
        {
            "MeasureValueType": "MULTI",
            "TargetMeasureName": "mem_aggregates",
            "MultiMeasureAttributeMappings": [attribute("avg_mem", "avgMemCached"), attribute("min_mem")],
        },
        {
            "MeasureValueType": "MULTI",
            "TargetMeasureName": "disk_aggregates",
            "MultiMeasureAttributeMappings": [attribute("disk")],
        },
    ]
    records = target(MixedMeasureMappings=mappings).bind(
        columns(region=VARCHAR, hour=TIMESTAMP, avg_mem=DOUBLE, min_mem=DOUBLE, disk=DOUBLE)
    )
    assert records(row("eu", HOUR, "1.0", "2.0", "3.0")) == [
        multi("mem_aggregates", avgMemCached="1.0", min_mem="2.0"),
        multi("disk_aggregates", disk="3.0"),
    ]
    assert records(row("eu", HOUR, None, None, "3.0")) == [multi("disk_aggregates", disk="3.0")]
    with pytest.raises(ValueError, match="no measure value"):
        records(row("eu", HOUR, None, None, None))


def test_single_measure_records_by_the_measure_name_of_the_result() -> None:
    mappings = [
        {
            "MeasureName": "memory_cached",
            "MeasureValueType": DOUBLE,
            "SourceColumn": "avg_1h",
            "TargetMeasureName": "AvgMemCached",
        },
        {"MeasureName": "disk_used", "MeasureValueType": DOUBLE, "SourceColumn": "avg_1h"},
        {"MeasureName": "cpu_idle", "MeasureValueType": DOUBLE, "SourceColumn": "min_1h"},
    ]
    records = target(MeasureNameColumn="measure_name", MixedMeasureMappings=mappings).bind(
        columns(region=VARCHAR, hour=TIMESTAMP, measure_name=VARCHAR, avg_1h=DOUBLE, min_1h=DOUBLE)
    )
    assert records(row("eu", HOUR, "memory_cached", "1.0", None)) == [single("AvgMemCached", "1.0")]
    assert records(row("eu", HOUR, "disk_used", "2.0", None)) == [single("disk_used", "2.0")]
    assert records(row("eu", HOUR, "cpu_idle", None, "3.0")) == [single("cpu_idle", "3.0")]
    with pytest.raises(ValueError, match="No mapping has the measure name cpu_user"):
        records(row("eu", HOUR, "cpu_user", "1.0", "2.0"))


def test_single_measure_records_by_the_columns_of_the_result() -> None:
    mappings = [
        {"MeasureValueType": DOUBLE, "SourceColumn": "avg_mem_cached_1h"},
        {
            "MeasureValueType": DOUBLE,
            "SourceColumn": "sum_1h",
            "TargetMeasureName": "total_disk_io_writes_1h",
        },
    ]
    records = target(MixedMeasureMappings=mappings).bind(
        columns(region=VARCHAR, hour=TIMESTAMP, avg_mem_cached_1h=DOUBLE, sum_1h=DOUBLE)
    )
    assert records(row("eu", HOUR, "1.0", "2.0")) == [
        single("avg_mem_cached_1h", "1.0"),
        single("total_disk_io_writes_1h", "2.0"),
    ]
    assert records(row("eu", HOUR, None, "2.0")) == [single("total_disk_io_writes_1h", "2.0")]


def test_each_type_of_measure() -> None:
    kinds = {"d": DOUBLE, "i": "BIGINT", "b": "BOOLEAN", "v": VARCHAR, "t": TIMESTAMP}
    attributes = [attribute(column, kind=kind) for column, kind in kinds.items()]
    mappings = {"TargetMultiMeasureName": "all", "MultiMeasureAttributeMappings": attributes}
    records = target(MultiMeasureMappings=mappings).bind(columns(region=VARCHAR, hour=TIMESTAMP, **kinds))
    [record] = records(row("eu", HOUR, "1.0", "2", "true", "x", "2026-01-01 00:00:00.123456789"))
    values = [(each["Name"], each["Type"], each["Value"]) for each in record["MeasureValues"]]
    assert values == [
        ("d", "DOUBLE", "1.0"),
        ("i", "BIGINT", "2"),
        ("b", "BOOLEAN", "true"),
        ("v", "VARCHAR", "x"),
        ("t", "TIMESTAMP", "1767225600123456789"),
    ]


@pytest.mark.parametrize(
    ("column", "measure", "fits"),
    [
        ("INTEGER", "BIGINT", True),
        ("INTEGER", "DOUBLE", True),
        ("BIGINT", "DOUBLE", True),
        ("UNKNOWN", "DOUBLE", True),
        ("DOUBLE", "BIGINT", False),
        ("DOUBLE", "VARCHAR", False),
        ("VARCHAR", "DOUBLE", False),
        ("DATE", "TIMESTAMP", False),
        ("BOOLEAN", "BIGINT", False),
    ],
)
def test_which_column_becomes_which_measure(column: str, measure: str, fits: bool) -> None:
    mappings = {
        "TargetMultiMeasureName": "x",
        "MultiMeasureAttributeMappings": [attribute("m", kind=measure)],
    }
    made = target(MultiMeasureMappings=mappings)
    result = columns(region=VARCHAR, hour=TIMESTAMP, m=column)
    if fits:
        made.bind(result)
    else:
        with pytest.raises(
            ValidationException, match=f"m of the query result, {column}, can't become {measure}"
        ):
            made.bind(result)


def test_columns_that_nothing_is_made_of_may_be_of_any_type_and_name() -> None:
    mappings = [{"MeasureValueType": DOUBLE, "SourceColumn": "m"}]
    array = {"Name": "a", "Type": {"ArrayColumnInfo": {"Type": {"ScalarType": DOUBLE}}}}
    result = [*columns(region=VARCHAR, hour=TIMESTAMP, m=DOUBLE), array, array]
    records = target(MixedMeasureMappings=mappings).bind(result)
    values = row("eu", HOUR, "1.0")
    arrays = [{"ArrayValue": [{"ScalarValue": "1.0"}]}, {"NullValue": True}]
    assert records({"Data": [*values["Data"], *arrays]}) == [single("m", "1.0")]


def test_a_column_twice() -> None:
    mappings = [{"MeasureValueType": DOUBLE, "SourceColumn": "m"}]
    result = columns(region=VARCHAR, hour=TIMESTAMP, m=DOUBLE)
    with pytest.raises(ValidationException, match="repeats the column m"):
        target(MixedMeasureMappings=mappings).bind([*result, result[-1]])


def test_a_null_dimension_is_left_out() -> None:
    mappings = [{"MeasureValueType": DOUBLE, "SourceColumn": "m"}]
    records = target(MixedMeasureMappings=mappings).bind(columns(region=VARCHAR, hour=TIMESTAMP, m=DOUBLE))
    assert records(row(None, HOUR, "1.0")) == [{**single("m", "1.0"), "Dimensions": []}]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1970-01-01 00:00:00.000000000", 0),
        ("1970-01-01 00:00:00.000000001", 1),
        ("1969-12-31 23:59:59.999999999", -1),
        ("2026-01-01 00:00:00.123456789", 1_767_225_600_123_456_789),
    ],
)
def test_timestamps_to_the_nanosecond(text: str, time: int) -> None:
    assert nanoseconds(text) == str(time)


def test_a_row_as_a_line() -> None:
    assert line(row("a", None, 'b "c", d', "1.5")) == 'a,,"b ""c"", d",1.5'
