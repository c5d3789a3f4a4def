# SPDX-License-Identifier: MIT
"""Which rules fire, what their actions get, and what becomes of failures."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter
from typing import Any

import pytest

from localaws.errors import RejectedRecordsException
from localaws.iot.engine import Delivery, Handler, Rule, compile_topic_rule, publish
from localaws.iot.errors import SqlParseError, UnsupportedActionError
from localaws.iot.message import Message

KINDS = ("lambda", "sqs", "timestream")
TO_FUNCTION = {"lambda": {"functionArn": "arn:function"}}
TO_QUEUE = {"sqs": {"queueUrl": "https://queue", "roleArn": "arn:role", "useBase64": False}}
TO_TABLE = {
    "timestream": {
        "tableName": "t-${topic(1)}",
        "databaseName": "db",
        "roleArn": "arn:role",
        "dimensions": [],
    }
}


def rule(name: str = "r", sql: str = "SELECT * FROM 'a/+'", **more: Any) -> Rule:
    payload = {"sql": sql, "actions": [TO_FUNCTION], "awsIotSqlVersion": "2016-03-23"} | more
    return compile_topic_rule(name, payload, KINDS)


class World:
    """What ran, what was counted, and what is to fail."""

    def __init__(self, **failing: Exception) -> None:
        self.failing = failing
        self.ran: list[tuple[str, str, Any]] = []
        self.counts: Counter[tuple[str, ...]] = Counter()

    def handler(self, kind: str) -> Handler:
        async def run(delivery: Delivery) -> None:
            payload = delivery.event if kind == "lambda" else json.loads(delivery.body)
            if kind in self.failing:
                raise self.failing[kind]
            self.ran.append((delivery.rule, kind, payload))

        return run

    def publish(self, *rules: Rule, topic: str = "a/b", payload: bytes = b'{"t": 1}', **more: Any) -> None:
        message = Message(topic, payload, **more)
        handlers = {kind: self.handler(kind) for kind in KINDS}
        asyncio.run(publish(rules, message, handlers, self.count))

    def count(self, metric: str, dimensions: dict[str, str]) -> None:
        self.counts[metric, *dimensions.values()] += 1


def test_rules_fire_by_topic_condition_and_state() -> None:
    world = World()
    world.publish(
        rule("taken"),
        rule("elsewhere", "SELECT * FROM 'b/#'"),
        rule("conditional", "SELECT t FROM 'a/#' WHERE t = 1"),
        rule("unmet", "SELECT * FROM 'a/#' WHERE t = 2"),
        rule("undefined", "SELECT * FROM 'a/#' WHERE absent = 2"),
        rule("disabled", ruleDisabled=True),
        rule("ingest_only", "SELECT *"),
    )
    assert world.ran == [("taken", "lambda", {"t": 1}), ("conditional", "lambda", {"t": 1})]
    assert world.counts == {
        ("TopicMatch", "taken"): 1,
        ("TopicMatch", "conditional"): 1,
        ("TopicMatch", "unmet"): 1,
        ("TopicMatch", "undefined"): 1,
        ("Success", "taken", "Lambda"): 1,
        ("Success", "conditional", "Lambda"): 1,
    }


def test_basic_ingest_reaches_the_named_rule_only() -> None:
    world = World()
    rules = rule("taken"), rule("named", "SELECT topic() AS topic")
    world.publish(*rules, topic="$aws/rules/named/a/b")
    assert world.ran == [("named", "lambda", {"topic": "a/b"})]


@pytest.mark.parametrize("state", [{}, {"ruleDisabled": True}])
def test_basic_ingest_to_no_rule_is_counted(state: dict[str, Any]) -> None:
    world = World()
    world.publish(rule("off" if state else "other", **state), topic="$aws/rules/off/a")
    assert not world.ran
    assert world.counts == {("RuleNotFound", "off"): 1}


def test_a_message_that_cannot_be_read_is_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.publish(
        rule("broken", "SELECT t FROM 'a/b'", errorAction=TO_QUEUE), rule("raw"), payload=b"not JSON"
    )
    assert not world.ran
    assert world.counts["ParseError", "broken"] == 1
    assert "IoT rule broken cannot evaluate a message on a/b" in caplog.text
    # `SELECT *` passes it on, but a function takes JSON only.
    assert world.counts["Failure", "raw", "Lambda"] == 1


@pytest.mark.parametrize("depth", [10, 100, 1_000, 10_000])
def test_however_deep_a_message_is_it_leaves_a_trace(depth: int) -> None:
    world = World()
    world.publish(rule("r", "SELECT t FROM 'a/b'"), payload=b'{"t":' + b"[" * depth + b"]" * depth + b"}")
    counts = world.counts
    assert (
        counts["Success", "r", "Lambda"] + counts["Failure", "r", "Lambda"] + counts["ParseError", "r"] == 1
    )


def test_one_document_reports_all_failures_of_a_message() -> None:
    rejected = RejectedRecordsException("Some were rejected.", RejectedRecords=[{"Reason": "too old"}])
    world = World(timestream=rejected, **{"lambda": RuntimeError("no such function")})
    failing = rule("r", actions=[TO_TABLE, TO_FUNCTION, TO_QUEUE], errorAction=TO_QUEUE)
    world.publish(failing, client_id="device-1", source_ip="192.0.2.1", trace_id="trace")
    assert world.ran == [
        ("r", "sqs", {"t": 1}),
        (
            "r",
            "sqs",
            {
                "ruleName": "r",
                "topic": "a/b",
                "cloudwatchTraceId": "trace",
                "clientId": "device-1",
                "sourceIp": "192.0.2.1",
                "base64OriginalPayload": base64.b64encode(b'{"t": 1}').decode(),
                "failures": [
                    {
                        "failedAction": "TimestreamAction",
                        "failedResource": "t-a",
                        "errorMessage": "RejectedRecordsException: Some were rejected. "
                        '{"RejectedRecords": [{"Reason": "too old"}]}',
                    },
                    {
                        "failedAction": "LambdaAction",
                        "failedResource": "arn:function",
                        "errorMessage": "no such function",
                    },
                ],
            },
        ),
    ]
    assert world.counts == {
        ("TopicMatch", "r"): 1,
        ("Failure", "r", "Timestream"): 1,
        ("Failure", "r", "Lambda"): 1,
        ("Success", "r", "Sqs"): 1,
        ("ErrorActionSuccess", "r", "Sqs"): 1,
    }


def test_a_failing_error_action_is_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    world = World(sqs=RuntimeError("no queue"), **{"lambda": ValueError()})
    world.publish(rule("r", errorAction=TO_QUEUE))
    assert not world.ran
    assert world.counts["ErrorActionFailure", "r", "Sqs"] == 1
    assert "SqsAction failed: no queue" in caplog.text


def test_a_failure_of_one_rule_leaves_the_others_alone() -> None:
    world = World(timestream=RuntimeError("down"))
    world.publish(rule("first", actions=[TO_TABLE]), rule("second"))
    assert world.ran == [("second", "lambda", {"t": 1})]


def test_the_default_version_is_2015() -> None:
    payload = {"sql": "SELECT isUndefined(a) FROM 'a'", "actions": []}
    with pytest.raises(SqlParseError, match="2015-10-08"):
        compile_topic_rule("r", payload, KINDS)
    compile_topic_rule("r", payload | {"awsIotSqlVersion": "2016-03-23"}, KINDS)


@pytest.mark.parametrize("actions", [[{"s3": {}}], [{}], [{"lambda": {}, "sqs": {}}]])
def test_actions_that_there_are_not_are_refused(actions: list[dict[str, Any]]) -> None:
    with pytest.raises(UnsupportedActionError, match="An action must be one of lambda, sqs, timestream"):
        rule(actions=actions)
    with pytest.raises(UnsupportedActionError):
        rule(errorAction=actions[0])


def test_a_template_of_an_action_is_checked_with_the_rule() -> None:
    with pytest.raises(SqlParseError, match="nope"):
        rule(actions=[{"sqs": {"queueUrl": "${nope()}"}}])
