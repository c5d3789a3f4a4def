# SPDX-License-Identifier: MIT
from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ingest.payloads import is_queue_batch, measures, messages

NOW = 1_800_000_000 * 10**9
DIMENSIONS = ("device_id", "location")
SERIES = {"device_id": "s1", "location": "hall"}


def queue_record(body: object, message_id: str = "m1", sent: str = "1700000000123") -> dict[str, Any]:
    """A record of an SQS event, as https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html shows it."""
    return {
        "messageId": message_id,
        "receiptHandle": "AQEB",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": sent},
        "eventSource": "aws:sqs",
    }


def bodies(event: object) -> list[object]:
    return [message.body for message in messages(event, NOW)]


def error_document(payload: bytes) -> dict[str, Any]:
    """What an error action gets: https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html"""
    return {
        "ruleName": "direct",
        "topic": "topic/sensors",
        "cloudwatchTraceId": "7e146a2c",
        "base64OriginalPayload": base64.b64encode(payload).decode(),
        "failures": [{"failedAction": "TimestreamAction", "failedResource": "t", "errorMessage": "no"}],
    }


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"temperature": 1, "humidity": 2}, [("temperature", 1), ("humidity", 2)]),
        ({"sensors": {"temperature": 1, "humidity": 2}}, [("temperature", 1), ("humidity", 2)]),
        ({"measurements": {"temperature": 1}}, [("temperature", 1)]),
        ({"metric_name": "temperature", "measurement": 1}, [("temperature", 1)]),
        ({"metric_name": "temperature", "value": 1}, [("temperature", 1)]),
        ({"measurement": "temperature", "value": 1}, [("temperature", 1)]),
        ({"measurement": 1}, [("value", 1)]),
        ({"value": 1}, [("value", 1)]),
        ({"sensors": {"a": 1}, "measurements": {"b": 2}, "c": 3}, [("a", 1), ("b", 2), ("c", 3)]),
        ({"sensors": {"temperature": 1}, "temperature": 2}, [("temperature", 1), ("temperature", 2)]),
        ({"metric_name": "temperature"}, [("temperature", None)]),
        ({"metric_name": "a", "measurement": 1, "value": 2}, [("a", 1), ("value", 2)]),
        ({"sensors": 5}, [("sensors", 5)]),
        ({"sensors": {}}, []),
        ({"timestamp": 1, "received_at": 2}, []),
    ],
)
def test_measures_in_every_form(form: dict[str, object], expected: list[tuple[str, object]]) -> None:
    assert list(measures(SERIES | form, DIMENSIONS)) == expected


def test_an_event_is_one_message_or_a_list_of_them() -> None:
    assert bodies({"a": 1}) == [{"a": 1}]
    assert bodies([{"a": 1}, 5, []]) == [{"a": 1}, 5, []]
    assert bodies([]) == []


def test_a_queue_batch_has_a_message_a_body_or_several() -> None:
    event = {"Records": [queue_record([{"a": 1}, {"a": 2}], "x"), queue_record({"a": 3}, "y")]}
    assert is_queue_batch(event)
    found = messages(event, NOW)
    assert [(it.index, it.body, it.queue_id) for it in found] == [
        (0, {"a": 1}, "x"),
        (1, {"a": 2}, "x"),
        (2, {"a": 3}, "y"),
    ]


@pytest.mark.parametrize("body", ["", "not JSON", "{", "[" * 100_000])
def test_a_body_that_is_no_json_stays_text(body: str) -> None:
    assert bodies({"Records": [queue_record(body)]}) == [body]


@pytest.mark.parametrize("record", [5, None, {"kinesis": {}}, {"messageId": "m1", "eventSource": "aws:sqs"}])
def test_a_record_without_a_body_is_a_message_to_be_refused(record: object) -> None:
    assert bodies({"Records": [record]}) == [record]


def test_only_a_batch_of_identified_messages_counts_as_a_queues() -> None:
    assert not is_queue_batch({"Records": [{"body": "{}"}]})
    assert not is_queue_batch({"Records": 5})
    assert not is_queue_batch([])


def test_the_report_of_an_earlier_failure_gives_back_its_message() -> None:
    message = SERIES | {"temperature": 1}
    from_rule = error_document(json.dumps(message).encode())
    from_lambda = {
        "version": "1.0",
        "requestContext": {"condition": "RetriesExhausted"},
        "requestPayload": message,
    }
    assert bodies(from_rule) == bodies(from_lambda) == [message]
    assert bodies({"Records": [queue_record(from_rule)]}) == [message]
    assert bodies(from_lambda | {"requestPayload": [message, message]}) == [message, message]


@pytest.mark.parametrize("encoded", ["%", "/w=="])  # no base64; no UTF-8
def test_a_report_that_cannot_be_opened_stays_as_it_is(encoded: str) -> None:
    document = error_document(b"") | {"base64OriginalPayload": encoded}
    assert bodies(document) == [document]


def test_messages_of_an_event_are_received_at_distinct_times() -> None:
    assert [it.received_ns for it in messages([{}, {}, {}], NOW)] == [NOW, NOW + 1, NOW + 2]


def test_a_redelivered_message_keeps_its_time_of_receipt() -> None:
    first, second = queue_record([{}, {}], "x"), queue_record({}, "y")
    together = [it.received_ns for it in messages({"Records": [first, second]}, NOW)]
    assert [it.received_ns for it in messages({"Records": [first]}, NOW + 10**12)] == together[:2]
    assert [it.received_ns for it in messages({"Records": [second]}, NOW + 10**12)] == together[2:]
    assert len(set(together)) == 3
    assert {time // 10**6 for time in together} == {1_700_000_000_123}


def test_records_of_no_queue_are_received_at_distinct_times() -> None:
    event = {"Records": [{"body": "{}"}, {"body": "[{}, {}]"}]}
    assert [it.received_ns for it in messages(event, NOW)] == [NOW, NOW + 1, NOW + 2]
