# SPDX-License-Identifier: MIT
"""The rules engine: a message meets the rules, and those it fires run their actions.

What runs an action is handed in, so nothing here knows another service.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-rules.html and .../rule-error-handling.html
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.errors import AwsError
from localaws.iot.errors import ActionError, MessageError, UnsupportedActionError
from localaws.iot.functions import ORIGINAL
from localaws.iot.message import Message
from localaws.iot.sql import RuleSql, compile_rule
from localaws.iot.template import Substitute, compile_parameters
from localaws.iot.topics import basic_ingest, matches

_log = logging.getLogger(__name__)

# Which parameter names the resource that an action is aimed at.
_RESOURCES = {
    "dynamoDBv2": ("putItem", "tableName"),
    "lambda": ("functionArn",),
    "republish": ("topic",),
    "sns": ("targetArn",),
    "sqs": ("queueUrl",),
    "timestream": ("tableName",),
}


@dataclass(frozen=True)
class Delivery:
    """What an action is run with.

    :ivar parameters: the action's own, templates filled in.
    :ivar payload: a JSON value, or bytes: see `RuleSql.select`.
    :ivar message: the message that fired the rule.
    """

    rule: str
    parameters: dict[str, Any]
    payload: Any
    message: Message

    @property
    def event(self) -> Any:
        """The payload for an action that takes JSON only, such as lambda.

        :raises ActionError: if it is not JSON.
        """
        if isinstance(self.payload, bytes):
            raise ActionError("The payload is not JSON, which this action needs: select encode(*, 'base64')")
        return self.payload

    @property
    def body(self) -> bytes:
        """The payload as the bytes that a queue or a topic is sent."""
        return self.payload if isinstance(self.payload, bytes) else json.dumps(self.payload).encode()


Handler = Callable[[Delivery], Awaitable[None]]
"""Runs one kind of action; whatever it raises is the action's failure, its text the error message."""

Count = Callable[[str, dict[str, str]], None]
"""Takes one count of a metric in AWS/IoT and its dimensions."""

Handlers = Mapping[str, Handler]


@dataclass(frozen=True)
class Action:
    """One action of a rule: its kind (`timestream`, `lambda`, ...) and its parameters for a message."""

    kind: str
    parameters: Substitute

    @property
    def type(self) -> str:
        """The kind as metrics have it: `Timestream`, `DynamoDBv2`."""
        return f"{self.kind[0].upper()}{self.kind[1:]}"


@dataclass(frozen=True)
class Rule:
    """A rule, compiled."""

    name: str
    sql: RuleSql
    actions: tuple[Action, ...]
    error_action: Action | None
    enabled: bool

    def takes(self, message: Message) -> bool:
        """Whether the rule is to evaluate a message: its topic matches, or Basic Ingest names the rule."""
        ingest = basic_ingest(message.topic)
        if ingest:
            return self.enabled and ingest[0] == self.name
        topic_filter = self.sql.topic_filter
        return self.enabled and topic_filter is not None and matches(topic_filter, message.topic)


def compile_topic_rule(name: str, payload: Mapping[str, Any], kinds: Iterable[str]) -> Rule:
    """A rule from a TopicRulePayload, or from a TopicRule as GetTopicRule answers it.

    :param kinds: the actions there are handlers for.
    :raises SqlParseError: if its SQL or a template in its actions is wrong.
    :raises UnsupportedActionError: if it has an action of another kind.
    """
    version = payload.get("awsIotSqlVersion") or ORIGINAL
    known = frozenset(kinds)
    error_action = payload.get("errorAction")
    return Rule(
        name=name,
        sql=compile_rule(payload["sql"], version),
        actions=tuple(_compile_action(action, version, known) for action in payload.get("actions") or ()),
        error_action=None if error_action is None else _compile_action(error_action, version, known),
        enabled=not payload.get("ruleDisabled", False),
    )


def _compile_action(action: Mapping[str, Any], version: str, known: frozenset[str]) -> Action:
    given = {kind: parameters for kind, parameters in action.items() if parameters is not None}
    if len(given) != 1 or not known.issuperset(given):
        named = ", ".join(given) or "nothing"
        raise UnsupportedActionError(f"An action must be one of {', '.join(sorted(known))}, not {named}")
    [(kind, parameters)] = given.items()
    return Action(kind, compile_parameters(parameters, version))


async def publish(rules: Iterable[Rule], message: Message, handlers: Handlers, count: Count) -> None:
    """Run the actions of every rule that a message fires, and of their error actions where one fails.

    A rule that cannot evaluate the message runs nothing, not even its error action, as on AWS; it is logged
    and counted (ParseError). So is a message of Basic Ingest whose rule is missing or off (RuleNotFound).

    :param rules: the rules of the message's account and region.
    :param handlers: what runs an action, by kind.
    """
    taking = [rule for rule in rules if rule.takes(message)]
    ingest = basic_ingest(message.topic)
    if ingest and not taking:
        _log.warning("no enabled IoT rule %s for a message on %s", ingest[0], message.topic)
        count("RuleNotFound", {"RuleName": ingest[0]})
    for rule in taking:
        count("TopicMatch", {"RuleName": rule.name})
        try:
            fires = rule.sql.matches(message)
            selected = rule.sql.select(message) if fires else None
        except (MessageError, RecursionError) as error:  # the latter for JSON nested hundreds of levels deep
            _log.warning("IoT rule %s cannot evaluate a message on %s: %s", rule.name, message.topic, error)
            count("ParseError", {"RuleName": rule.name})
            continue
        if fires:
            await _run(rule, selected, message, handlers, count)


async def _run(rule: Rule, payload: Any, message: Message, handlers: Handlers, count: Count) -> None:
    failures = []
    for action in rule.actions:
        failure = await _failure(rule, action, payload, message, handlers)
        count("Failure" if failure else "Success", {"RuleName": rule.name, "ActionType": action.type})
        if failure:
            failures.append(failure)
    if failures and rule.error_action:
        document = _error_document(rule, message, failures)
        failure = await _failure(rule, rule.error_action, document, message, handlers)
        metric = "ErrorActionFailure" if failure else "ErrorActionSuccess"
        count(metric, {"RuleName": rule.name, "ActionType": rule.error_action.type})


async def _failure(
    rule: Rule, action: Action, payload: Any, message: Message, handlers: Handlers
) -> dict[str, str] | None:
    """Run an action; what went wrong, as the error document has it, or None."""
    parameters = action.parameters(message)
    try:
        await handlers[action.kind](Delivery(rule.name, parameters, payload, message))
    except Exception as error:
        _log.warning("IoT rule %s: %sAction failed: %s", rule.name, action.type, error)
        return {
            "failedAction": f"{action.type}Action",
            "failedResource": _resource(action.kind, parameters),
            "errorMessage": _describe(error),
        }
    return None


def _resource(kind: str, parameters: Any) -> str:
    for key in _RESOURCES.get(kind, ()):
        parameters = parameters.get(key, {})
    return parameters if isinstance(parameters, str) else ""


def _describe(error: Exception) -> str:
    """An error's text; of a service's, with its code and details: which records were rejected, and why."""
    if not isinstance(error, AwsError):
        return str(error) or type(error).__name__
    details = f" {json.dumps(error.fields)}" if error.fields else ""
    return f"{error.code}: {error.message}{details}"


def _error_document(rule: Rule, message: Message, failures: list[dict[str, str]]) -> dict[str, Any]:
    """One document for all that failed of a rule and a message.

    https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html#rule-error-message-format
    """
    return {
        "ruleName": rule.name,
        "topic": message.topic,
        "cloudwatchTraceId": message.trace_id,
        "clientId": message.client_id or "N/A",
        "sourceIp": message.source_ip or "",
        "base64OriginalPayload": base64.b64encode(message.payload).decode("ascii"),
        "failures": failures,
    }
