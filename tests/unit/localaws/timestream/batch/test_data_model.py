# SPDX-License-Identifier: MIT
import json
from typing import Any

import pytest

from localaws.errors import ValidationException
from localaws.timestream.batch.data_model import DataModel
from tests.unit.localaws.timestream.batch.conftest import MODEL

DIMENSIONS = [{"SourceColumn": "host"}]
CPU = {"SourceColumn": "cpu", "MeasureValueType": "DOUBLE"}
UP = {"SourceColumn": "up", "MeasureValueType": "BOOLEAN"}
HEADER = ["time", "host", "name", "cpu", "up"]


def model(**members: Any) -> DataModel:
    return DataModel({"TimeColumn": "time", "DimensionMappings": DIMENSIONS, **members})


def multi(*attributes: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"MultiMeasureMappings": {"MultiMeasureAttributeMappings": list(attributes), **members}}


def record(name: str, **measure: Any) -> dict[str, Any]:
    return {
        "Time": "5",
        "Dimensions": [{"Name": "host", "Value": "h1"}],
        "MeasureName": name,
        **measure,
    }


def test_a_row_becomes_a_multi_measure_record() -> None:
    mapping = {**CPU, "TargetMultiMeasureAttributeName": "load"}
    records = model(**multi(mapping, UP, TargetMultiMeasureName="metrics")).bind(HEADER)
    assert records(["5", "h1", "-", "0.5", "true"]) == [
        record(
            "metrics",
            MeasureValueType="MULTI",
            MeasureValues=[
                {"Name": "load", "Type": "DOUBLE", "Value": "0.5"},
                {"Name": "up", "Type": "BOOLEAN", "Value": "true"},
            ],
        )
    ]


def test_the_measure_name_comes_from_its_column() -> None:
    bound = model(**multi(CPU, TargetMultiMeasureName="not this"), MeasureNameColumn="name").bind(HEADER)
    [found] = bound(["5", "h1", "n1", "0.5", "true"])
    assert found["MeasureName"] == "n1"
    with pytest.raises(ValueError, match="no measure name"):
        bound(["5", "h1", None, "0.5", "true"])


def test_a_row_becomes_a_record_for_each_mixed_mapping() -> None:
    mappings = [
        CPU,
        {**UP, "TargetMeasureName": "is_up"},
        {
            "MeasureName": "both",
            "MeasureValueType": "MULTI",
            "MultiMeasureAttributeMappings": [CPU, UP],
        },
    ]
    both = [
        {"Name": "cpu", "Type": "DOUBLE", "Value": "0.5"},
        {"Name": "up", "Type": "BOOLEAN", "Value": "true"},
    ]
    assert model(MixedMeasureMappings=mappings).bind(HEADER)(["5", "h1", "-", "0.5", "true"]) == [
        record("cpu", MeasureValueType="DOUBLE", MeasureValue="0.5"),
        record("is_up", MeasureValueType="BOOLEAN", MeasureValue="true"),
        record("both", MeasureValueType="MULTI", MeasureValues=both),
    ]


def test_a_measure_name_column_chooses_among_mixed_mappings() -> None:
    mappings = [{**CPU, "MeasureName": "c"}, {**UP, "MeasureName": "u", "TargetMeasureName": "is_up"}]
    records = model(MixedMeasureMappings=mappings, MeasureNameColumn="name").bind(HEADER)
    cells = ["0.5", "true"]
    assert records(["5", "h1", "c", *cells]) == [record("c", MeasureValueType="DOUBLE", MeasureValue="0.5")]
    assert records(["5", "h1", "u", *cells]) == [
        record("is_up", MeasureValueType="BOOLEAN", MeasureValue="true")
    ]
    with pytest.raises(ValueError, match="No mapping has the measure name other"):
        records(["5", "h1", "other", *cells])


def test_nulls_are_left_out() -> None:
    records = model(**multi(CPU, UP, TargetMultiMeasureName="m")).bind(HEADER)
    [found] = records(["5", None, "-", None, "true"])
    assert found["Dimensions"] == []
    assert [each["Name"] for each in found["MeasureValues"]] == ["up"]
    with pytest.raises(ValueError, match="no measure value"):
        records(["5", "h1", "-", None, None])
    with pytest.raises(ValueError, match="no time"):
        records([None, "h1", "-", "1", "true"])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (["time", "host", "name", "up"], "lacks the column cpu"),
        (["time", "host", "cpu", "up", "cpu"], "repeats the column cpu"),
    ],
)
def test_a_file_must_have_the_columns_once(header: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        model(**multi(CPU, UP, TargetMultiMeasureName="m")).bind(header)


def test_what_is_left_out_is_described() -> None:
    described = DataModel({**MODEL, "TimeUnit": "SECONDS"}).description
    assert described["DimensionMappings"] == [
        {"SourceColumn": "vehicle", "DestinationColumn": "vehicle"},
        {"SourceColumn": "registration", "DestinationColumn": "license"},
    ]
    attributes = described["MultiMeasureMappings"]["MultiMeasureAttributeMappings"]
    assert attributes[-1] == {
        "SourceColumn": "miles",
        "TargetMultiMeasureAttributeName": "miles",
        "MeasureValueType": "BIGINT",
    }
    assert model(MixedMeasureMappings=[CPU]).description["TimeUnit"] == "MILLISECONDS"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"TimeColumn": None, "MixedMeasureMappings": [CPU]}, "TimeColumn"),
        ({}, "either"),
        ({"MixedMeasureMappings": [CPU], **multi(CPU, TargetMultiMeasureName="m")}, "either"),
        (multi(CPU), "TargetMultiMeasureName or a MeasureNameColumn"),
        (multi({"SourceColumn": "cpu"}, TargetMultiMeasureName="m"), "must have a MeasureValueType"),
        ({"MixedMeasureMappings": [{"MeasureValueType": "DOUBLE"}]}, "SourceColumn"),
        ({"MixedMeasureMappings": [CPU], "MeasureNameColumn": "name"}, "must have a MeasureName"),
        ({"MixedMeasureMappings": [{"MeasureValueType": "MULTI"}]}, "must have a MeasureName"),
        (
            {"MixedMeasureMappings": [{"MeasureValueType": "MULTI", "MeasureName": "m"}]},
            "MultiMeasureAttributeMappings",
        ),
        ({"MixedMeasureMappings": [{**CPU, "MeasureValueType": "TIMESTAMP"}]}, "TIMESTAMP"),
        ({"MixedMeasureMappings": [CPU], "DimensionMappings": [{"DestinationColumn": "d"}]}, "SourceColumn"),
        ({"MixedMeasureMappings": [CPU], "DimensionMappings": DIMENSIONS * 2}, "Duplicate dimension"),
        ({"MixedMeasureMappings": [CPU], "DimensionMappings": [{"SourceColumn": "time"}]}, "reserved"),
        ({"MixedMeasureMappings": [CPU], "DimensionMappings": [{"SourceColumn": "d" * 61}]}, "longer than"),
        (multi(CPU, CPU, TargetMultiMeasureName="m"), "Duplicate measure names"),
    ],
)
def test_models_that_can_make_no_record(members: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        model(**members)


def test_a_model_can_be_read_from_a_file() -> None:
    assert DataModel.read(json.dumps(MODEL).encode()).description == DataModel(MODEL).description


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b'{"TimeColumn": 1}',
        b"{}",
        json.dumps({**MODEL, "TimeUnit": "HOURS"}).encode(),
    ],
)
def test_files_that_are_no_model(content: bytes) -> None:
    with pytest.raises(ValidationException):
        DataModel.read(content)
