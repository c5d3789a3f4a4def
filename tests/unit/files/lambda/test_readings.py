# SPDX-License-Identifier: MIT
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest.payloads import Message
from ingest.readings import Origin, Reading, Refusal, readings

DIMENSIONS = ("device_id", "location")
SERIES = {"device_id": "s1", "location": "hall"}
NOW = 1_800_000_000 * 10**9


def outcomes(body: object) -> list[Reading | Refusal]:
    return readings(Message(0, body, NOW), DIMENSIONS)


def stored(body: object) -> dict[str, tuple[str, str]]:
    """The type and value of each measure of a message that has nothing wrong."""
    found = [it for it in outcomes(body) if isinstance(it, Reading)]
    assert len(found) == len(outcomes(body))
    return {it.measure: (it.type, it.value) for it in found}


def reasons(body: object) -> list[str]:
    return [it.reason for it in outcomes(body) if isinstance(it, Refusal)]


ANY_NUMBER = "allowed: a number that a double can hold, a boolean or text"
ANY_NAME = "allowed: text of 1 to 2048 bytes, or a number"
RESERVED = "is reserved; allowed: not time, nor a start of measure_name, measure_value, ts_"

MALFORMED_MESSAGES: list[tuple[object, str]] = [
    (None, "message: null is not an object; allowed: a JSON object"),
    (5, "message: 5 is not an object; allowed: a JSON object"),
    (True, "message: true is not an object; allowed: a JSON object"),
    ("{broken", 'message: "{broken" is not an object; allowed: a JSON object'),
    ([], "message: [] is not an object; allowed: a JSON object"),
    ({}, "message: {} has no measure; allowed: one or more"),
    ({"sensors": {}}, "message: {'sensors': {}} has no measure; allowed: one or more"),
    ({"device_id": "s1", "v": 1}, f"location: is missing; {ANY_NAME}"),
    (SERIES | {"device_id": "", "v": 1}, f'device_id: "" is not a name; {ANY_NAME}'),
    (SERIES | {"device_id": " ", "v": 1}, f'device_id: " " is not a name; {ANY_NAME}'),
    (SERIES | {"device_id": None, "v": 1}, f"device_id: null is not a name; {ANY_NAME}"),
    (SERIES | {"device_id": True, "v": 1}, f"device_id: true is not a name; {ANY_NAME}"),
    (SERIES | {"device_id": ["s1"], "v": 1}, f"device_id: ['s1'] is not a name; {ANY_NAME}"),
    (SERIES | {"device_id": float("nan"), "v": 1}, f"device_id: nan is not a name; {ANY_NAME}"),
    (SERIES | {"device_id": "\ud800", "v": 1}, f'device_id: "\\ud800" is not a name; {ANY_NAME}'),
    (SERIES | {"device_id": "é" * 1025, "v": 1}, f"has 2050 bytes; {ANY_NAME}"),
    (SERIES | {"timestamp": "soon", "v": 1}, 'timestamp: "soon" is not a time; allowed: ISO 8601 such as'),
    (SERIES | {"timestamp": None, "v": 1}, "timestamp: null is not a time; allowed: ISO 8601 such as"),
    (SERIES | {"timestamp": "", "v": 1}, 'timestamp: "" is not a time; allowed: ISO 8601 such as'),
    (SERIES | {"timestamp": True, "v": 1}, "timestamp: true is not a time; allowed: ISO 8601 such as"),
    (SERIES | {"timestamp": {}, "v": 1}, "timestamp: {} is not a time; allowed: ISO 8601 such as"),
    (SERIES | {"timestamp": "2026-02-30", "v": 1}, 'timestamp: "2026-02-30" is not a time (day'),
    (SERIES | {"timestamp": -1, "v": 1}, "timestamp: -1 is out of range; allowed: 1970-01-01 to 2262-04-11"),
    (SERIES | {"timestamp": "9999-01-01", "v": 1}, 'timestamp: "9999-01-01" is out of range; allowed: 1970-'),
    (
        SERIES | {"received_at": "soon", "v": 1},
        'received_at: "soon" is not a time; allowed: ISO 8601 such as',
    ),
]

MALFORMED_MEASURES = [
    ("v", None, "v: null is not a value; allowed: a number, a boolean or text"),
    ("v", [1], "v: [1] is not a value; allowed: a number, a boolean or text"),
    ("v", {"c": 1}, "v: {'c': 1} is not a value; allowed: a number, a boolean or text"),
    ("v", float("nan"), f"v: nan is not a finite number; {ANY_NUMBER}"),
    ("v", float("inf"), f"v: inf is not a finite number; {ANY_NUMBER}"),
    ("v", float("-inf"), f"v: -inf is not a finite number; {ANY_NUMBER}"),
    ("v", 10**309, "is not a finite number"),
    ("v", "1e400", f'v: "1e400" is not a finite number; {ANY_NUMBER}'),
    ("v", "NaN", f'v: "NaN" is not a finite number; {ANY_NUMBER}'),
    ("v", "-Infinity", f'v: "-Infinity" is not a finite number; {ANY_NUMBER}'),
    ("v", "", 'v: "" is not text; allowed: Unicode text of 1 or more characters'),
    ("v", "\udfff", 'v: "\\udfff" is not text; allowed: Unicode text of 1 or more characters'),
    ("v", "é" * 1025, "has 2050 bytes; allowed: at most 2048"),
    ("", 1, 'measure name: "" is empty; allowed: a name'),
    (" ", 1, 'measure name: " " is empty; allowed: a name'),
    ("a:b", 1, 'measure name: "a:b" has a colon; allowed: any other character'),
    ("é" * 129, 1, "has 258 bytes; allowed: at most 256"),
    ("\ud800", 1, 'measure name: "\\ud800" has half of a surrogate pair; allowed: Unicode text'),
    ("time", 1, f'measure name: "time" {RESERVED}'),
    ("ts_x", 1, f'measure name: "ts_x" {RESERVED}'),
    ("measure_name", 1, f'measure name: "measure_name" {RESERVED}'),
    ("measure_value::double", 1, 'measure name: "measure_value::double" has a colon'),
    ("measure_value_x", 1, f'measure name: "measure_value_x" {RESERVED}'),
    ("device_id", 1, 'measure name: "device_id" is a dimension; allowed: a name that no dimension has'),
]


@pytest.mark.parametrize(("body", "reason"), MALFORMED_MESSAGES)
def test_a_malformed_message_is_refused_with_its_reason(body: object, reason: str) -> None:
    (found,) = reasons(body)
    assert reason in found
    assert len(found) < 500


@pytest.mark.parametrize(("name", "value", "reason"), MALFORMED_MEASURES)
def test_a_malformed_measure_is_refused_and_the_others_are_not(name: str, value: object, reason: str) -> None:
    first, bad, last = outcomes(SERIES | {"sensors": {"first": 1, name: value, "last": 2}})
    assert isinstance(first, Reading)
    assert isinstance(last, Reading)
    assert isinstance(bad, Refusal)
    assert reason in bad.reason
    assert len(bad.reason) < 500


def test_a_measure_name_that_is_no_text_is_refused() -> None:
    assert reasons(SERIES | {"metric_name": 5, "measurement": 1}) == [
        "measure name: 5 is not text; allowed: text"
    ]


def test_what_is_wrong_with_a_message_refuses_each_of_its_readings() -> None:
    assert len(reasons({"device_id": "s1", "a": 1, "b": 2, "c": None})) == 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (25, ("DOUBLE", "25.0")),
        (25.0, ("DOUBLE", "25.0")),
        ("25", ("DOUBLE", "25.0")),
        (" -2.5e1 ", ("DOUBLE", "-25.0")),
        (0.1, ("DOUBLE", "0.1")),
        (2**53 + 1, ("DOUBLE", "9007199254740992.0")),  # the nearest double
        (True, ("BOOLEAN", "true")),
        (False, ("BOOLEAN", "false")),
        ("open", ("VARCHAR", "open")),
        ("1_000", ("VARCHAR", "1_000")),
        ("٢٥", ("VARCHAR", "٢٥")),
        ("x" * 2048, ("VARCHAR", "x" * 2048)),
    ],
)
def test_types(value: object, expected: tuple[str, str]) -> None:
    assert stored(SERIES | {"v": value}) == {"v": expected}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_keeps_every_bit(value: float) -> None:
    ((_, text),) = stored(SERIES | {"v": value}).values()
    assert float(text).hex() == value.hex()


@pytest.mark.parametrize(("value", "text"), [(7, "7"), (7.0, "7"), (7.5, "7.5"), ("é" * 1024, "é" * 1024)])
def test_a_dimension_may_be_a_number(value: object, text: str) -> None:
    (reading,) = outcomes(SERIES | {"device_id": value, "v": 1})
    assert isinstance(reading, Reading)
    assert reading.dimensions == (("device_id", text), ("location", "hall"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"timestamp": 1_700_000_000, "received_at": 1_700_000_001}, 1_700_000_000 * 10**9),
        ({"received_at": 1_700_000_001_000}, 1_700_000_001 * 10**9),
        ({}, NOW),
    ],
)
def test_the_time_is_the_devices_else_the_rules_else_that_of_receipt(
    fields: dict[str, object], expected: int
) -> None:
    (reading,) = outcomes(SERIES | fields | {"v": 1})
    assert isinstance(reading, Reading)
    assert reading.time_ns == expected


@pytest.mark.parametrize(
    "body",
    [
        SERIES | {"timestamp": "2026-01-01T00:00:00Z", "sensors": {"temperature": 21.5, "door": "open"}},
        SERIES | {"temperature": 21.5, "humidity": 40},
        SERIES | {"received_at": 1_700_000_000_123, "metric_name": "temperature", "measurement": 21.5},
        SERIES | {"sensors": {"temperature": 1, "measurement": 2, "sensors": 3}},
    ],
)
def test_a_reading_can_be_sent_again_by_itself(body: object) -> None:
    for reading in outcomes(body):
        assert isinstance(reading, Reading)
        (again,) = readings(Message(0, reading.origin.document(DIMENSIONS), NOW + 10**9), DIMENSIONS)
        assert isinstance(again, Reading)
        assert (again.dimensions, again.time_ns, again.measure, again.type, again.value) == (
            reading.dimensions,
            reading.time_ns,
            reading.measure,
            reading.type,
            reading.value,
        )


def test_a_message_without_measures_is_reported_whole() -> None:
    assert Origin(Message(0, "junk", NOW)).document(DIMENSIONS) == "junk"
