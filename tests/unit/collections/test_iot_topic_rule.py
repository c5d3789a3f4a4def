# SPDX-License-Identifier: MIT
"""The module iot_topic_rule, against the embedded AWS."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

NAME = "module_rule"
ARN = f"arn:aws:iot:us-east-1:000000000000:rule/{NAME}"
SQL = "SELECT temperature FROM 'module/sensors'"
ROLE = "arn:aws:iam::000000000000:role/rule"
TIMESTREAM = {
    "timestream": {
        "roleArn": ROLE,
        "databaseName": "iot",
        "tableName": "sensor-data",
        "dimensions": [{"name": "device_id", "value": "${device_id}"}],
    }
}
LAMBDA = {"lambda": {"functionArn": "arn:aws:lambda:us-east-1:000000000000:function:ingest"}}
QUEUE = "http://127.0.0.1:4566/000000000000/letters"
SQS = {"sqs": {"roleArn": ROLE, "queueUrl": QUEUE, "useBase64": True}}


@pytest.fixture
def observe(aws: Any, run_module: Any) -> Any:
    iot = aws.client("iot")

    def rule() -> Any:
        try:
            found = iot.get_topic_rule(ruleName=NAME)["rule"]
        except iot.exceptions.UnauthorizedException:
            return None
        del found["createdAt"]
        tags = iot.list_tags_for_resource(resourceArn=ARN)["tags"]
        return found, {tag["Key"]: tag["Value"] for tag in tags}

    yield rule
    run_module("iot_topic_rule", name=NAME, state="absent")


def test_life(converge: Any, observe: Any) -> None:
    made = converge(
        "iot_topic_rule",
        observe,
        name=NAME,
        sql=f"{SQL}\n",
        sql_version="2016-03-23",
        description="Readings",
        actions=[TIMESTREAM],
        error_action=SQS,
        tags={"a": "1 & 2=3", "b": "ü"},
    )
    assert made["changed"]
    assert made["rule"] == {
        "name": NAME,
        "arn": ARN,
        "sql": SQL,
        "sql_version": "2016-03-23",
        "description": "Readings",
        "enabled": True,
        "actions": [TIMESTREAM],
        "error_action": SQS,
        "tags": {"a": "1 & 2=3", "b": "ü"},
    }
    assert made["diff"] == {"before": {}, "after": made["rule"]}
    rule, tags = observe()
    assert (rule["sql"], rule["awsIotSqlVersion"], rule["description"]) == (SQL, "2016-03-23", "Readings")
    assert (rule["ruleDisabled"], rule["actions"], rule["errorAction"]) == (False, [TIMESTREAM], SQS)
    assert tags == {"a": "1 & 2=3", "b": "ü"}

    gone = converge("iot_topic_rule", observe, name=NAME, state="absent")
    assert gone["changed"]
    assert "rule" not in gone
    assert gone["diff"] == {"before": made["rule"], "after": {}}
    assert observe() is None


def test_a_rule_without_settings_has_the_defaults_of_the_api(converge: Any, observe: Any) -> None:
    made = converge("iot_topic_rule", observe, name=NAME, sql=SQL)["rule"]
    del made["sql"]
    assert made == {
        "name": NAME,
        "arn": ARN,
        "sql_version": "2015-10-08",
        "description": "",
        "enabled": True,
        "actions": [],
        "error_action": {},
        "tags": {},
    }


@pytest.mark.parametrize(
    ("setting", "value", "field", "stored"),
    [
        ("sql", "SELECT humidity FROM 'module/sensors'", "sql", "SELECT humidity FROM 'module/sensors'"),
        ("sql_version", "2016-03-23", "awsIotSqlVersion", "2016-03-23"),
        ("description", "Other", "description", "Other"),
        ("description", "", "description", ""),
        ("enabled", False, "ruleDisabled", True),
        ("actions", [LAMBDA], "actions", [LAMBDA]),
        ("actions", [LAMBDA, TIMESTREAM], "actions", [LAMBDA, TIMESTREAM]),
        ("error_action", LAMBDA, "errorAction", LAMBDA),
    ],
)
def test_one_setting_changes_and_the_rest_is_left_alone(
    converge: Any, observe: Any, setting: str, value: Any, field: str, stored: Any
) -> None:
    first = {"sql": SQL, "description": "Readings", "actions": [TIMESTREAM], "error_action": SQS}
    before = converge("iot_topic_rule", observe, name=NAME, **first, tags={"a": "1"})["rule"]
    rule, tags = observe()
    changed = converge("iot_topic_rule", observe, name=NAME, **{setting: value})
    assert changed["changed"]
    assert changed["diff"] == {"before": before, "after": {**before, setting: value}}
    assert observe() == ({**rule, field: stored}, tags)


def test_an_empty_error_action_takes_it_away(converge: Any, observe: Any) -> None:
    converge("iot_topic_rule", observe, name=NAME, sql=SQL, error_action=SQS)
    assert converge("iot_topic_rule", observe, name=NAME, error_action={})["changed"]
    assert not observe()[0].get("errorAction")


def test_a_false_parameter_of_an_action_is_one_not_set(converge: Any, observe: Any) -> None:
    plain = {"sqs": {"roleArn": ROLE, "queueUrl": QUEUE}}
    converge("iot_topic_rule", observe, name=NAME, sql=SQL, actions=[plain])
    said = {"sqs": {**plain["sqs"], "useBase64": False}}
    assert not converge("iot_topic_rule", observe, name=NAME, actions=[said])["changed"]
    assert converge("iot_topic_rule", observe, name=NAME, actions=[SQS])["changed"]
    assert converge("iot_topic_rule", observe, name=NAME, actions=[plain])["changed"]


@pytest.mark.parametrize(
    ("purge", "expected"), [(True, {"b": "3", "c": "4"}), (False, {"a": "1", "b": "3", "c": "4"})]
)
def test_tags(converge: Any, observe: Any, purge: bool, expected: dict[str, str]) -> None:
    converge("iot_topic_rule", observe, name=NAME, sql=SQL, tags={"a": "1", "b": "2"})
    converge("iot_topic_rule", observe, name=NAME, tags={"b": 3, "c": "4"}, purge_tags=purge)
    assert observe()[1] == expected


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": NAME}, "creating one takes sql"),
        (
            {"name": NAME, "sql": SQL, "actions": [{"timeStream": {}}]},
            "Unknown parameter in topicRulePayload",
        ),
        ({"name": NAME, "sql": SQL, "actions": [{"sqs": {"queueUrl": QUEUE}}]}, '"roleArn"'),
        ({"name": NAME, "sql": SQL, "sql_version": "2020-01-01"}, "value of sql_version must be one of"),
        ({"name": "with-hyphen", "sql": SQL}, "regular expression pattern"),
    ],
)
def test_what_cannot_be_fails_in_a_check_run_too(
    run_module: Any, observe: Any, arguments: dict[str, Any], message: str, check: bool
) -> None:
    result = run_module("iot_topic_rule", check=check, **arguments)
    assert result["failed"]
    assert "crashed" not in result
    assert message in result["msg"]
    assert observe() is None


def refusal(message: str) -> ClientError:
    return ClientError({"Error": {"Code": "InvalidRequestException", "Message": message}}, "CreateTopicRule")


class IotThatRefuses:
    """An IoT client whose first calls fail."""

    def __init__(self, *refusals: ClientError) -> None:
        self.refusals = list(refusals)
        self.made: list[dict[str, Any]] = []

    def create_topic_rule(self, aws_retry: bool, **request: Any) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.made.append(request)

    replace_topic_rule = create_topic_rule


@pytest.mark.parametrize("call", ["create_rule", "replace_rule"])
@pytest.mark.parametrize(
    "message",
    [
        f"AWS IoT (iot.amazonaws.com) is unable to assume role (sts:AssumeRole) on resource: {ROLE}.",
        f"iot.amazonaws.com is unable to perform: sts:AssumeRole on resource: {ROLE}",
    ],
)
def test_a_role_that_is_too_new_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, call: str, message: str
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    module = importlib.import_module("ansible_collections.timeseries.aws.plugins.modules.iot_topic_rule")
    client = IotThatRefuses(*[refusal(message)] * 3)
    getattr(module, call)(client, {"ruleName": NAME})
    assert client.made == [{"ruleName": NAME}]
    assert len(waits) == 3

    forever = IotThatRefuses(*[refusal(message)] * 100)
    waits.clear()
    with pytest.raises(Exception, match="Failed to") as raised:
        getattr(module, call)(forever, {"ruleName": NAME})
    assert ROLE in str(raised.value)
    assert sum(waits) < 120


def test_another_refusal_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    module = importlib.import_module("ansible_collections.timeseries.aws.plugins.modules.iot_topic_rule")
    with pytest.raises(Exception, match="Failed to create the rule"):
        module.create_rule(IotThatRefuses(refusal("1 validation error detected")), {"ruleName": NAME})
    assert waits == []
