# SPDX-License-Identifier: MIT
"""The ingest function's report, whole, cut, or missing."""

import json

from demo.message import Key, Message
from demo.refusals import reason_in, refused_by_function

MESSAGES = [Message("d", "l", time, {"t": 1, "h": 2}) for time in (1, 2)]


def key(measure: str, time: int) -> Key:
    return Key("d", "l", measure, time)


def entry(index: int, reason: str, measure: str | None) -> dict[str, object]:
    return {"index": index, "reading": {"metric_name": measure, "measurement": 1}, "reason": reason}


def error(**report: object) -> dict[str, object]:
    return {"errorType": "ReadingsNotStoredError", "errorMessage": json.dumps(report)}


def test_a_reading_has_its_own_reason() -> None:
    found = refused_by_function(MESSAGES, error(received=4, stored=3, rejected=[entry(1, "too old", "h")]))
    assert found == {key("h", 2): "too old"}


def test_a_message_of_which_no_reading_can_be_told() -> None:
    found = refused_by_function(MESSAGES, error(rejected=[{"index": 0, "reason": "no device_id"}]))
    assert found == {key("t", 1): "no device_id", key("h", 1): "no device_id"}


def test_of_a_report_that_is_cut_any_reading_may_be_refused() -> None:
    found = refused_by_function(MESSAGES, error(rejected=[entry(0, "too old", "t")], left_out=2))
    assert found.pop(key("t", 1)) == "too old"
    assert set(found.values()) == {"refused; the function's log says why"}
    assert len(found) == 3


def test_a_function_that_failed_otherwise() -> None:
    found = refused_by_function(MESSAGES, {"errorMessage": "Task timed out after 60.00 seconds"})
    assert set(found.values()) == {"the function failed: Task timed out after 60.00 seconds"}
    assert len(found) == 4


def test_reasons_in_a_text_cut_by_lambda() -> None:
    whole = json.dumps({"rejected": [entry(0, 'a "quoted" reason', "t"), entry(1, "another", "t")]})
    assert reason_in(whole) == 'a "quoted" reason; another'
    assert reason_in(whole[:-20]) == 'a "quoted" reason'
    assert reason_in("out of memory") == "out of memory"
