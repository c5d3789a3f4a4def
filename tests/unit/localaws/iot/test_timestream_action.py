# SPDX-License-Identifier: MIT
"""Records, by https://docs.aws.amazon.com/iot/latest/developerguide/timestream-rule-action.html."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.iot.errors import ActionError
from localaws.iot.timestream_action import write_request

ACTION = {
    "roleArn": "arn:aws:iam::123456789012:role/aws_iot_timestream",
    "tableName": "devices_metrics",
    "dimensions": [
        {"name": "device_id", "value": "iotconsole-159EXAMPLE738-0"},
        {"name": "device_firmware_sku", "value": "My Static Metadata"},
    ],
    "databaseName": "record_devices",
}
NOW = 1598481736423


def records(payload: Any) -> dict[str, tuple[str, str]]:
    request = write_request(ACTION, payload, NOW)
    return {
        each["MeasureName"]: (each["MeasureValueType"], each["MeasureValue"]) for each in request["Records"]
    }


def test_the_documented_example() -> None:
    payload = {
        "boolean_value": True,
        "integer_value": 123456789012,
        "double_value": 123.456789012,
        "string_value": "String value",
        "boolean_value_as_string": "true",
        "integer_value_as_string": "123456789012",
        "array of strings": ["red", "green", "blue"],
        "complex_value": {"simple_element": 42, "array_of_integers": [23, 36, 56, 72]},
    }
    assert records(payload) == {
        "boolean_value": ("BOOLEAN", "true"),
        "integer_value": ("BIGINT", "123456789012"),
        "double_value": ("DOUBLE", "123.456789012"),
        "string_value": ("VARCHAR", "String value"),
        "boolean_value_as_string": ("VARCHAR", "true"),
        "integer_value_as_string": ("VARCHAR", "123456789012"),
        "array of strings": ("VARCHAR", '["red","green","blue"]'),
        "complex_value": ("VARCHAR", '{"simple_element":42,"array_of_integers":[23,36,56,72]}'),
    }


def test_what_the_records_have_in_common() -> None:
    request = write_request(ACTION, {"t": 1}, NOW)
    assert (request["DatabaseName"], request["TableName"]) == ("record_devices", "devices_metrics")
    assert request["CommonAttributes"] == {
        "Dimensions": [
            {"Name": "device_id", "Value": "iotconsole-159EXAMPLE738-0"},
            {"Name": "device_firmware_sku", "Value": "My Static Metadata"},
        ],
        "Time": str(NOW),
        "TimeUnit": "MILLISECONDS",
    }


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ({"value": "1700000000000"}, ("1700000000000", "MILLISECONDS")),
        ({"value": "1700000000", "unit": "SECONDS"}, ("1700000000", "SECONDS")),
        ({"value": "-1", "unit": "NANOSECONDS"}, ("-1", "NANOSECONDS")),
    ],
)
def test_a_time_of_its_own(timestamp: dict[str, str], expected: tuple[str, str]) -> None:
    common = write_request(ACTION | {"timestamp": timestamp}, {"t": 1}, NOW)["CommonAttributes"]
    assert (common["Time"], common["TimeUnit"]) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_keeps_every_digit(value: float) -> None:
    kind, text = records({"v": value})["v"]
    assert kind == "DOUBLE"
    assert float(text) == value


@pytest.mark.parametrize("value", ["", "2026-01-01T00:00:00Z", "1700000000.5", "1.7E12", " 1", "\u0661"])
def test_a_time_that_is_no_whole_number_is_an_error(value: str) -> None:
    with pytest.raises(ActionError, match="timestamp must be a whole number"):
        write_request(ACTION | {"timestamp": {"value": value}}, {"t": 1}, NOW)


def test_a_dimension_without_a_value_is_an_error() -> None:
    dimensions = [
        {"name": "device_id", "value": ""},
        {"name": "location", "value": "x"},
        {"name": "c", "value": ""},
    ]
    with pytest.raises(ActionError, match=r"no value for the dimension\(s\) device_id, c"):
        write_request(ACTION | {"dimensions": dimensions}, {"t": 1}, NOW)


@pytest.mark.parametrize("payload", [[1], "text", 5, None, b"\xff"])
def test_a_payload_that_is_no_object_is_an_error(payload: Any) -> None:
    with pytest.raises(ActionError, match="must be a JSON object"):
        write_request(ACTION, payload, NOW)


@pytest.mark.parametrize("count", [0, 101])
def test_a_request_has_1_to_100_records(count: int) -> None:
    with pytest.raises(ActionError, match=f"writes 1 to 100 values, not {count}"):
        write_request(ACTION, {f"m{i}": i for i in range(count)} | {"nothing": None}, NOW)
    assert (
        len(write_request(ACTION, {f"m{i}": i for i in range(100)} | {"nothing": None}, NOW)["Records"])
        == 100
    )
