# SPDX-License-Identifier: MIT
"""Where the embedded AWS is put together: ministack serves every API but those that are ours.

This is the only module that imports ministack, and it changes it while it runs instead of copying from it.
Its version is pinned exactly, and a test names each symbol used here that has changed.
"""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ministack import app
from ministack.core import iam_evaluator, persistence, responses, router
from ministack.services import cloudwatch, iot, lambda_svc, sns, sqs

from localaws import services, settings, wire
from localaws.absent import Handler, Handlers, refuse
from localaws.cloudwatch import wire as cloudwatch_wire
from localaws.cloudwatch.service import CloudWatch
from localaws.cloudwatch.stacks import Alarms, Stacks
from localaws.functions import GONE, a_turn, failure, letter_attributes
from localaws.iot import engine
from localaws.iot.actions import actions
from localaws.iot.errors import ActionError, SqlParseError, UnsupportedActionError
from localaws.iot.message import Message
from localaws.iot.topics import basic_ingest
from localaws.metrics import Gauge, Metered, of_queue
from localaws.snapshots import Snapshots

MAX_ACTIONS = 10  # https://docs.aws.amazon.com/general/latest/gr/iot-core.html#rule-limits
SQL_VERSION = "2015-10-08"  # of a rule that names none

VERSION = version("ministack")

application = app.app
log = logging.getLogger(__name__)


def install() -> None:
    """Put what is ours in the place of ministack's. Once a process."""
    ours = {
        "lambda": partial(serve_lambda, app.SERVICE_HANDLERS["lambda"]),
        "monitoring": serve_cloudwatch,
        "timestream": serve_timestream,
    }
    app.SERVICE_HANDLERS = Handlers(app.SERVICE_HANDLERS | ours)
    router.SERVICE_PATTERNS["timestream"] = {"target_prefixes": [wire.TARGET_PREFIX]}
    # To tell whether a request is signed for a service of AWS's, ministack reads all of botocore: 10 s.
    router._is_aws_service_name = lambda _scope: True
    for module, name, substitute in (
        (app, "_reset_all_state", reset),
        (app, "save_all", save_all),
        (iot, "put_topic_rule", put_topic_rule),
        (iot, "broker_publish", publish),
        (lambda_svc, "_execute_function_dispatch", execute),
        (lambda_svc, "_emit_lambda_metrics", count_throttle),
        (lambda_svc, "_route_async_failure", route_failure),
    ):
        setattr(module, name, partial(substitute, getattr(module, name)))
    stacks = Stacks(asked)
    cloudwatch._alarms = Alarms(here)
    cloudwatch.cloudformation_delete_dashboard = stacks.delete_dashboard
    cloudwatch.cloudformation_delete_metric_alarm = stacks.delete_alarm
    cloudwatch.cloudformation_put_dashboard = stacks.put_dashboard
    cloudwatch.cloudformation_put_metric_alarm = stacks.put_alarm
    cloudwatch.cloudformation_set_metric_alarm_tags = stacks.tag_alarm
    cloudwatch.first_alarm_time = first_alarm_time
    cloudwatch.record_metric = record_metric
    services.OBSERVED.append(queue_gauges)
    iot._evaluate_topic_rules = evaluate_topic_rules
    iot._validate_rule_sql = lambda _sql: None
    iot._unimplemented_sql_functions = lambda _sql: []


def services_there() -> int:
    """How many services there are."""
    return len(app.SERVICE_HANDLERS)


def reset(ministacks: Callable[[], None]) -> None:
    """Empty every service."""
    ministacks()
    services.reset()
    snapshots().forget()


# State: what ministack keeps in memory and in files


@cache
def snapshots() -> Snapshots:
    """The files of ministack's services."""
    return Snapshots(Path(persistence.STATE_DIR), app._build_persistence_save_dict, encode)


def save_all(_ministacks: Callable[..., None], _states: Any) -> None:
    """Save, as the server stops."""
    snapshots().save()


def encode(service: str, state: Any) -> str:
    """The state of a service as ministack reads it, in a fraction of the time that its own writing takes."""
    content = {"__ministack_format__": persistence._state_format_version(service), "payload": state}
    return json.dumps(content, default=persistence._json_default)


# Services: ours, and those that nobody has


def timestream(headers: Mapping[str, str]) -> Metered:
    """The Timestream of the account and region that a request is signed for, which it then is for."""
    responses.set_request_account_id(router.extract_access_key_id(headers))
    responses.set_request_region(router.extract_region(headers))
    return metered_timestream()


async def serve_timestream(
    _method: str, _path: str, headers: dict[str, str], body: bytes, _query: dict[str, list[str]]
) -> wire.HttpAnswer:
    """Answer a Timestream call that comes from within, such as one of Step Functions'."""
    return await asyncio.to_thread(wire.answer, metered_timestream(), headers, body)


def metered_timestream() -> Metered:
    """The Timestream of the account and region that are called, reporting to their CloudWatch."""
    service = services.called(responses.get_account_id(), responses.get_region())
    return Metered(service, partial(here().record, "AWS/Timestream"))


# CloudWatch: the API, and what ministack's services use of theirs


async def serve_cloudwatch(
    _method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
) -> wire.HttpAnswer:
    """Answer a CloudWatch call, in a thread."""
    sent = body or urlencode(query, doseq=True).encode()
    return await asyncio.to_thread(cloudwatch_wire.answer, asked, path, headers, sent)


def here() -> CloudWatch:
    """The CloudWatch of the account and region that are called."""
    return services.cloudwatches().at(responses.get_account_id(), responses.get_region())


def asked(operation: str, request: dict[str, Any]) -> CloudWatch:
    """The CloudWatch that is to answer a request: dashboards are those of all regions."""
    if "Dashboard" in operation or ":dashboard/" in request.get("ResourceARN", ""):
        return services.cloudwatches().at(responses.get_account_id(), settings.REGION)
    return here()


def record_metric(
    namespace: str,
    metric_name: str,
    value: float,
    unit: str = "None",
    dimensions: dict[str, str] | None = None,
) -> None:
    """Count a value of a metric of ministack's."""
    here().record(namespace, metric_name, value, unit, dimensions)


def first_alarm_time(alarm_arn: str, start: float, end: float) -> float | None:
    """When an alarm that AppConfig minds was in ALARM first, in seconds since 1970."""
    return here().first_alarm(alarm_arn.split(":alarm:", 1)[-1], start, end)


def queue_gauges() -> Iterator[Gauge]:
    """What CloudWatch tells of queues."""
    now = time.time()
    for (account, region, _), queue in list(sqs._queues.all_items()):
        messages = [
            (now - message["sent_at"], message["visible_at"] - now, bool(message["receive_count"]))
            for message in list(queue["messages"])
        ]
        yield from of_queue(account, region, queue["name"], messages)


# IoT: rules


def put_topic_rule(ministacks: Callable[..., Any], name: str, payload: dict[str, Any], **more: Any) -> Any:
    """Check a rule by our engine and have ministack store it."""
    payload = {"sql": "", "awsIotSqlVersion": SQL_VERSION} | payload
    if len(payload.get("actions", ())) > MAX_ACTIONS:
        raise iot.RuleRepublishError(f"a rule has at most {MAX_ACTIONS} actions")
    try:
        engine.compile_topic_rule(name, payload, ACTIONS)
    except SqlParseError as error:
        raise iot.RuleSqlError(str(error)) from error
    except UnsupportedActionError as error:
        raise iot.RuleRepublishError(str(error)) from error  # answered with InvalidRequestException
    return ministacks(name, payload, **more)


async def publish(
    ministacks: Callable[..., Any], account: str, region: str, topic: str, payload: bytes, **more: Any
) -> None:
    """Publish a message; one of Basic Ingest goes to its rule, and to no subscriber."""
    if basic_ingest(topic) is None:
        await ministacks(account, region, topic, payload, **more)
        return
    with iot._rule_message_scope(more.get("principal")):
        await evaluate_topic_rules(account, region, topic, payload, more.get("client_id"))


async def evaluate_topic_rules(
    account: str, region: str, topic: str, payload: bytes, client_id: str | None = None
) -> None:
    """Let a message fire the rules of its account and region."""
    principal, trace_id = iot._rule_message_identity.get()
    message = Message(
        topic=topic,
        payload=payload or b"",
        account=account,
        client_id=client_id,
        principal=principal,
        source_ip=iot._publish_source_ip.get(),
        trace_id=trace_id,
    )
    rules = [
        engine.compile_topic_rule(rule["ruleName"], rule, ACTIONS)
        for rule in iot._rules_for_account(account, region)
    ]
    with responses.request_scope(account, region):
        await engine.publish(rules, message, ACTIONS, count_iot)


def count_iot(metric: str, dimensions: dict[str, str]) -> None:
    """Count one event in a metric of IoT's."""
    here().record("AWS/IoT", metric, 1, "Count", dimensions)


# IoT: actions


class Beside:
    """What rules act on, in the account and region of their message: `iot.actions.Beside`."""

    def write_records(self, request: dict[str, Any]) -> None:
        """Store records in Timestream."""
        metered_timestream().call("WriteRecords", request, "")

    def invoke(self, function_arn: str, rule: str, event: Any) -> None:
        """Invoke a function, if it permits that, as an event: with retries and a dead-letter queue."""
        account, region = responses.get_account_id(), responses.get_region()
        function, config, _ = lambda_svc._get_func_record_for_ref_in_scope(
            function_arn, account_id=account, region=region
        )
        if not function:
            raise ActionError(f"Function not found: {function_arn}")
        caller = iam_evaluator.EvalContext(
            principal_arn="iot.amazonaws.com",
            principal_type="Service",
            principal_account=account,
            action="lambda:InvokeFunction",
            resource_arn=function_arn,
            region=region,
            service_context={"aws:sourceaccount": account, "aws:sourcearn": iot._topic_rule_arn(rule)},
        )
        policy = lambda_svc._functions[config["FunctionName"]]["policy"]  # of all its versions and aliases
        verdict = iam_evaluator.evaluate_resource_policy(policy, caller, service=caller.principal_arn)
        if verdict.decision != "Allow":
            raise ActionError(
                "iot.amazonaws.com is not authorized to perform: lambda:InvokeFunction "
                f"on resource: {function_arn}"
            )
        lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), event)

    def send_message(self, queue_url: str, body: str) -> None:
        """Send to a queue."""
        try:
            sqs._act_send_message({"MessageBody": body}, queue_url)
        except sqs._Err as error:
            raise ActionError(f"{error.code}: {error.message}") from error

    def notify(self, topic_arn: str, text: str, structure: str) -> None:
        """Publish to an SNS topic."""
        if sns.publish_internal(topic_arn, text, message_structure=structure) is None:
            raise ActionError(f"Topic does not exist: {topic_arn}")

    def put_item(self, rule: str, parameters: dict[str, Any], item: dict[str, Any]) -> None:
        """Put an item into a table, each of its attributes a column."""
        account, region = responses.get_account_id(), responses.get_region()
        iot._dispatch_rule_dynamodb(account, region, rule, parameters, item)

    async def republish(self, topic: str, body: bytes, qos: int, role_arn: str) -> None:
        """Publish a message of a rule's, unless rules go round in circles."""
        depth = iot._republish_depth.get()
        if depth == iot._MAX_REPUBLISH_DEPTH:
            raise ActionError(
                f"the message has been republished {depth} times: rules that republish to each other?"
            )
        account, region = responses.get_account_id(), responses.get_region()
        principal = iot._rule_role_principal(account, role_arn)
        token = iot._republish_depth.set(depth + 1)
        try:
            await iot.broker_publish(account, region, topic, body, qos=qos, principal=principal)
        finally:
            iot._republish_depth.reset(token)


ACTIONS = actions(Beside())


# Lambda


async def serve_lambda(ministacks: Handler, method: str, path: str, *request: Any) -> wire.HttpAnswer:
    """Answer a Lambda call. Of code signing there is only that a function has none."""
    if "/code-signing-config" in path and (method != "GET" or "/functions/" not in path):
        return await refuse("code signing", method, path, *request)
    return await ministacks(method, path, *request)


def execute(ministacks: Callable[..., Any], func: Any, config: Any, event: Any, *rest: Any) -> dict[str, Any]:
    """Run a function once and count it, whoever invoked it: ministack counts no retries nor their errors."""
    name, started = config["FunctionName"], time.monotonic()
    current = lambda_svc._functions.get(name)
    # Deleted, or since then made anew; a version has no policy of its own
    if current is None or func.get("policy", current["policy"]) is not current["policy"]:
        return GONE
    if config.get("Version", "$LATEST") == "$LATEST":  # a retry may be of an event from before an update
        config = current["config"] | {"FunctionArn": config["FunctionArn"]}
        func = func | {"code_zip": current["code_zip"], "config": config}
    with a_turn():
        result: dict[str, Any] = ministacks(func, config, event, *rest)
    snapshots().changed()
    body = result.get("body")
    if isinstance(body, dict) and str(body.get("body")).startswith("Mock response"):
        result = failure("Runtime.Unsupported", f"the embedded AWS cannot run it: {body['body']}")
    if lambda_svc._functions.get(name) is current:  # no reset has ended the run
        emit_metrics(name, (time.monotonic() - started) * 1000, bool(result.get("error")), False)
    return result


emit_metrics = lambda_svc._emit_lambda_metrics


def count_throttle(ministacks: Callable[..., None], *arguments: Any, throttle: bool, **rest: Any) -> None:
    """What is left of ministack's own counting."""
    if throttle:
        ministacks(*arguments, throttle=throttle, **rest)


def route_failure(
    ministacks: Callable[..., None], target: str, function: str, event: Any, result: dict[str, Any]
) -> None:
    """Send on an event that every retry failed to process.

    A dead-letter queue gets the event as it was, with what went wrong as attributes; ministack would send it
    the document that is for an on-failure destination.
    """
    if result is GONE:  # and with the function, the events that waited for it
        return
    config = lambda_svc._functions[function]["config"]
    if target != config.get("DeadLetterConfig", {}).get("TargetArn"):
        ministacks(target, function, event, result)
        return
    try:
        send_letter(target, json.dumps(event), letter_attributes(result))
    except Exception as fault:
        log.warning("Lambda %s: the dead-letter queue %s took no message: %s", function, target, fault)
        here().record("AWS/Lambda", "DeadLetterErrors", 1, "Count", {"FunctionName": function})


def send_letter(target: str, body: str, attributes: dict[str, Any]) -> None:
    """Send to a queue or topic of the embedded AWS."""
    if target.split(":")[2] == "sns":
        if sns.publish_internal(target, body, message_attributes=attributes) is None:
            raise LookupError("there is no such topic")
        return
    queue = sqs._queue_by_arn(target)
    if queue is None:
        raise LookupError("there is no such queue")
    sqs._act_send_message({"MessageBody": body, "MessageAttributes": attributes}, queue["url"])
