# SPDX-License-Identifier: MIT
"""The rules as they are deployed: one of the two on a topic takes each message."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.iot.engine import compile_topic_rule
from localaws.iot.message import Message
from localaws.iot.sql import compile_rule
from tests.conftest import Stack

NUMBERS = st.integers() | st.floats(-1e300, 1e300)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text() | st.sampled_from(["25", "1E3", "none", ""])
ANYTHING = st.recursive(SCALARS, lambda some: st.lists(some) | st.dictionaries(st.text(), some), max_leaves=4)
NAMES = ("timestamp", "device_id", "location", "temperature", "humidity")
MESSAGES = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, ANYTHING)) | ANYTHING


@pytest.fixture(scope="module")
def rules(stack: Stack) -> dict[str, dict[str, Any]]:
    client = stack.aws.client("iot")
    return {
        kind: client.get_topic_rule(ruleName=name)["rule"] for kind, name in stack.outputs["rules"].items()
    }


def takes(rule: dict[str, Any], payload: Any) -> bool:
    message = Message("topic/sensors", json.dumps(payload).encode())
    return compile_rule(rule["sql"], rule["awsIotSqlVersion"]).matches(message)


@given(payload=MESSAGES)
def test_exactly_one_rule_takes_each_message(rules: dict[str, dict[str, Any]], payload: Any) -> None:
    assert takes(rules["direct"], payload) is not takes(rules["checked"], payload)


@pytest.mark.parametrize(
    ("change", "direct"),
    [
        ({}, True),
        ({"timestamp": 1_767_268_800}, True),
        ({"timestamp": 1_767_268_800_123}, True),
        ({"timestamp": 1_767_268_800.5}, True),
        ({"timestamp": 1_767_268_800_123_456}, False),
        ({"timestamp": -5}, False),
        ({"timestamp": None}, False),
        ({"timestamp": "2026-01-01T12:00:00Z"}, False),
        ({"device_id": ""}, False),
        ({"device_id": 7}, False),
        ({"location": None}, False),
        ({"temperature": 25}, True),
        ({"temperature": "hot"}, False),
        ({"temperature": True}, False),
        ({"sensors": {"temperature": 1}}, True),
    ],
)
def test_which_messages_the_direct_rule_takes(
    rules: dict[str, dict[str, Any]], change: dict[str, Any], direct: bool
) -> None:
    message = {"device_id": "a", "location": "b", "temperature": 25.5} | change
    assert takes(rules["direct"], message) is direct
    assert takes(rules["checked"], message) is not direct


def test_nested_readings_alone_go_to_the_function(rules: dict[str, dict[str, Any]]) -> None:
    message = {"device_id": "a", "location": "b", "sensors": {"temperature": 25.5}}
    assert takes(rules["checked"], message)


def test_the_rules_are_valid_with_their_templates(rules: dict[str, dict[str, Any]]) -> None:
    for name, rule in rules.items():
        compile_topic_rule(name, rule, ("timestream", "lambda", "sqs"))
