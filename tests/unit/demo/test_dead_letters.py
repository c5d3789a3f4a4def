# SPDX-License-Identifier: MIT
"""The dead-letter queue: what it says about what was sent, among letters of all kinds."""

import base64
import json
import time
from typing import Any

import pytest

from demo.dead_letters import DeadLetters
from demo.message import Key, iso
from demo.stack import Stack

NOON = 1_767_268_800_000
KEYS = [Key("d", "l", "t", NOON), Key("d", "l", "h", NOON), Key("d", "l", "t", NOON + 1)]
MESSAGE = {"device_id": "d", "location": "l", "timestamp": NOON, "t": 1, "h": 2}


def error_action(payload: str, reason: str) -> dict[str, Any]:
    """As IoT writes it: https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html."""
    failures = [{"failedAction": "TimestreamAction", "failedResource": "table", "errorMessage": reason}]
    return {
        "ruleName": "r",
        "base64OriginalPayload": base64.b64encode(payload.encode()).decode(),
        "failures": failures,
    }


def put(stack: Stack, body: str, error: str | None = None) -> None:
    attributes = {"ErrorMessage": {"DataType": "String", "StringValue": error}} if error else {}
    url = stack.outputs["dead_letter_queue_url"]
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)


def reasons(stack: Stack, since: float = 0) -> dict[Key, str]:
    with DeadLetters(stack, since) as letters:
        return letters.reasons(KEYS)


def test_a_rule_s_error_action(stack: Stack) -> None:
    put(stack, json.dumps(error_action(json.dumps(MESSAGE), "no such table")))
    assert reasons(stack) == {KEYS[0]: "no such table", KEYS[1]: "no such table"}


def test_an_event_that_the_function_gave_up_on(stack: Stack) -> None:
    report = json.dumps({"received": 2, "stored": 0, "rejected": [{"index": 0, "reason": "too old"}]})
    put(stack, json.dumps(MESSAGE | {"timestamp": iso(NOON + 1)}), report)
    assert reasons(stack) == {KEYS[2]: "too old"}


def test_a_list_of_messages(stack: Stack) -> None:
    put(stack, json.dumps([MESSAGE, MESSAGE | {"timestamp": NOON + 1}]), "out of memory")
    assert reasons(stack) == dict.fromkeys(KEYS, "out of memory")


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        "1",
        "null",
        "[[]]",
        "{}",
        json.dumps(MESSAGE | {"device_id": "another"}),
        json.dumps(MESSAGE | {"device_id": ["d"]}),
        json.dumps(MESSAGE | {"timestamp": "noon"}),
        json.dumps(error_action("not JSON", "x")),
        json.dumps(error_action("{}", "x") | {"failures": ["x"]}),
        json.dumps({"base64OriginalPayload": "*", "failures": []}),
    ],
)
def test_letters_about_something_else(stack: Stack, body: str) -> None:
    put(stack, body)
    assert reasons(stack) == {}


def test_letters_of_an_earlier_run(stack: Stack) -> None:
    put(stack, json.dumps(MESSAGE))
    assert reasons(stack, since=time.time())
    assert not reasons(stack, since=time.time() + 3600)


def test_what_was_read_can_be_read_again(stack: Stack) -> None:
    for number in range(25):
        put(stack, json.dumps(MESSAGE | {"n": number}))
    for _ in range(2):
        with DeadLetters(stack, 0) as letters:
            assert letters.reasons(KEYS)
            assert not letters.reasons(KEYS)  # not twice by one reader
