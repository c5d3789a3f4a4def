# SPDX-License-Identifier: MIT
"""A request is held against the model, and refused in AWS's words."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.errors import SerializationException, UnknownOperationException, ValidationException
from localaws.timestream.validation import validate

RECORD = {"MeasureName": "temperature", "MeasureValue": "1", "Time": "1"}


def refusal(operation: str, request: dict[str, Any]) -> str:
    with pytest.raises(ValidationException) as caught:
        validate(operation, request)
    return caught.value.message


def write(**record: Any) -> dict[str, Any]:
    return {"DatabaseName": "iot", "TableName": "sensors", "Records": [{**RECORD, **record}]}


def test_a_good_request_passes() -> None:
    validate("WriteRecords", write(Dimensions=[{"Name": "device_id", "Value": "d1"}]))


def test_an_enumeration_is_refused_as_aws_words_it() -> None:
    # The message as AWS sent it, quoted in public code that was tested against it.
    assert refusal(
        "WriteRecords", write(Dimensions=[{"Name": "a", "Value": "b", "DimensionValueType": "X"}])
    ) == (
        "1 validation error detected: Value 'X' at 'records.1.member.dimensions.1.member.dimensionValueType' "
        "failed to satisfy constraint: Member must satisfy enum value set: [VARCHAR]"
    )


def test_every_fault_is_listed() -> None:
    message = refusal("CreateTable", {"TableName": "a b c", "RetentionProperties": {}})
    assert message.startswith("4 validation errors detected: ")
    for path in (
        "databaseName",
        "tableName",
        "retentionProperties.memoryStoreRetentionPeriodInHours",
        "retentionProperties.magneticStoreRetentionPeriodInDays",
    ):
        assert f"at '{path}' failed to satisfy constraint" in message


@pytest.mark.parametrize(
    ("hours", "days", "constraint"),
    [
        (0, 1, "Member must have value greater than or equal to 1"),
        (8767, 1, "Member must have value less than or equal to 8766"),
        (1, 0, "Member must have value greater than or equal to 1"),
        (1, 73001, "Member must have value less than or equal to 73000"),
    ],
)
def test_retention_has_limits(hours: int, days: int, constraint: str) -> None:
    retention = {"MemoryStoreRetentionPeriodInHours": hours, "MagneticStoreRetentionPeriodInDays": days}
    request = {"DatabaseName": "iot", "TableName": "sensors", "RetentionProperties": retention}
    assert constraint in refusal("CreateTable", request)


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("ab", "Member must have length greater than or equal to 3"),
        ("a" * 257, "Member must have length less than or equal to 256"),
        ("a b c", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
    ],
)
def test_names_have_rules(name: str, constraint: str) -> None:
    assert constraint in refusal("CreateDatabase", {"DatabaseName": name})


@pytest.mark.parametrize("count", [0, 101])
def test_a_write_has_1_to_100_records(count: int) -> None:
    request = {"DatabaseName": "iot", "TableName": "sensors", "Records": [RECORD] * count}
    assert "at 'records' failed to satisfy constraint: Member must have length" in refusal(
        "WriteRecords", request
    )


@pytest.mark.parametrize(
    "record",
    [
        {"MeasureValue": 1.5},
        {"Version": "1"},
        {"Version": 2**63},
        {"Dimensions": {}},
        {"MeasureValues": ["x"]},
        {"MeasureValue": "\ud800"},
    ],
)
def test_another_json_type_is_a_serialization_error(record: dict[str, Any]) -> None:
    with pytest.raises(SerializationException):
        validate("WriteRecords", write(**record))


def test_null_and_unknown_members_are_as_good_as_absent() -> None:
    validate("WriteRecords", write(Version=None, Colour="red"))


def test_an_operation_of_neither_api_is_named() -> None:
    with pytest.raises(UnknownOperationException, match="PutRecords"):
        validate("PutRecords", {})
