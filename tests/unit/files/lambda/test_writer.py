# SPDX-License-Identifier: MIT
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from ingest.payloads import Message
from ingest.readings import Origin, Reading
from ingest.records import batches
from ingest.writer import CLIENT_CONFIG, Writer


def reading(index: int, value: str = "1.0", measure: str = "temperature") -> Reading:
    return Reading(Origin(Message(index, {}, 0)), (("device_id", "s1"),), index, measure, "DOUBLE", value)


def refused(writer: Writer, readings: list[Reading]) -> dict[int, str]:
    """The reasons by index of the messages whose readings are not stored."""
    return {it.origin.message.index: it.reason for it in writer.write(batches(readings, "single"))}


def test_what_is_good_is_stored(writer: Writer, table: Any) -> None:
    assert refused(writer, [reading(i) for i in range(250)]) == {}
    assert len(table.rows) == 250
    assert [len(request["Records"]) for request in table.requests] == [100, 100, 50]
    assert {(it["DatabaseName"], it["TableName"]) for it in table.requests} == {("db", "sensor-data")}


def test_a_rejection_is_that_of_its_reading(writer: Writer, table: Any) -> None:
    assert refused(writer, [reading(i) for i in range(150)]) == {}
    changed = [reading(i, value="2.0" if i in (7, 120) else "1.0") for i in range(160)]
    reasons = refused(writer, changed)
    assert reasons.keys() == {7, 120}
    assert all(
        "rejected by Timestream: A record already exists with the same time" in it for it in reasons.values()
    )
    assert len(table.rows) == 160


@pytest.mark.parametrize("bad", [{0}, {99}, {3, 4, 77}, {250}, set(range(5))])
def test_an_invalid_record_does_not_stop_the_others(writer: Writer, table: Any, bad: set[int]) -> None:
    def fault(records: list[dict[str, Any]]) -> tuple[str, str, int] | None:
        wrong = any(int(record["Time"]) in bad for record in records)
        return ("ValidationException", "One record is invalid.", 400) if wrong else None

    table.fault = fault
    reasons = refused(writer, [reading(i) for i in range(251)])
    assert reasons == dict.fromkeys(bad, "ValidationException: One record is invalid.")
    assert len(table.rows) == 251 - len(bad)


def test_what_botocore_will_not_send_does_not_stop_the_others(writer: Writer, table: Any) -> None:
    reasons = refused(writer, [reading(0), reading(1, measure=""), reading(2)])
    assert reasons.keys() == {1}
    assert reasons[1].startswith("ParamValidationError: ")
    assert len(table.rows) == 2


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 429),
        ("InternalServerException", 500),
        ("AccessDeniedException", 403),
        ("ResourceNotFoundException", 404),
    ],
)
def test_after_a_failure_all_that_is_not_stored_is_reported(
    writer: Writer, table: Any, code: str, status: int
) -> None:
    table.fault = lambda _: (code, "Try later.", status) if len(table.requests) == 2 else None
    reasons = refused(writer, [reading(i) for i in range(350)])
    assert reasons == dict.fromkeys(range(100, 350), f"not stored: {code}: Try later.")
    assert len(table.rows) == 100
    assert len(table.requests) == 2


def test_a_service_out_of_reach_is_reported(writer: Writer, table: Any) -> None:
    def unreachable(_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    table.fault = unreachable
    reasons = refused(writer, [reading(0), reading(1)])
    expected = (
        'not stored: EndpointConnectionError: Could not connect to the endpoint URL: "http://127.0.0.1:1"'
    )
    assert reasons == dict.fromkeys([0, 1], expected)


def test_nothing_is_sent_when_the_time_is_up(writer: Writer, table: Any) -> None:
    clock = iter([10.0, 0.1])
    reasons = refused(replace(writer, seconds_left=lambda: next(clock)), [reading(i) for i in range(101)])
    assert reasons == {100: "not stored: the invocation's time is up"}
    assert len(table.rows) == 100


def test_the_tries_of_one_request_fit_into_the_default_timeout() -> None:
    config: Any = CLIENT_CONFIG
    attempts = config.retries["total_max_attempts"]
    pauses = sum(2**retry for retry in range(attempts - 1))  # botocore's longest, seconds
    assert attempts * (config.connect_timeout + config.read_timeout) + pauses < 60
    assert config.retries["mode"] == "adaptive"
