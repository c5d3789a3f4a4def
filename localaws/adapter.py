# SPDX-License-Identifier: MIT
"""Where the embedded AWS is put together: ministack serves every API but those that are ours.

This is the only module that imports ministack, and it changes it while it runs instead of copying from it.
Its version is pinned exactly, and a test names each symbol used here that has changed.
"""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ministack import app
from ministack.core import iam_evaluator, persistence, responses, router
from ministack.services import cloudwatch, iot, lambda_svc, sns, sqs

from localaws import services, settings, wire
from localaws.cloudwatch import wire as cloudwatch_wire
from localaws.cloudwatch.service import CloudWatch, members_of
from localaws.errors import AwsError
from localaws.iot import engine
from localaws.iot.errors import ActionError, SqlParseError, UnsupportedActionError
from localaws.iot.message import Message
from localaws.iot.timestream_action import write_request
from localaws.iot.topics import basic_ingest
from localaws.metrics import Gauge, Metered, of_queue
from localaws.snapshots import Snapshots

ERROR_MESSAGE_BYTES = 1024
MAX_ACTIONS = 10  # https://docs.aws.amazon.com/general/latest/gr/iot-core.html#rule-limits
TURNS = threading.BoundedSemaphore(2 * (os.cpu_count() or 1))
LONGEST_WAIT_SECONDS = 10
SQL_VERSION = "2015-10-08"  # of a rule that names none

Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[wire.HttpAnswer]]

application = app.app
log = logging.getLogger(__name__)


def install() -> None:
    """Put what is ours in the place of ministack's. Once a process."""
    check_version()
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
    cloudwatch._alarms = Alarms()
    cloudwatch.cloudformation_delete_dashboard = delete_dashboard
    cloudwatch.cloudformation_delete_metric_alarm = delete_alarm
    cloudwatch.cloudformation_put_dashboard = put_dashboard
    cloudwatch.cloudformation_put_metric_alarm = put_alarm
    cloudwatch.cloudformation_set_metric_alarm_tags = tag_alarm
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


def check_version() -> None:
    """Say so if another ministack wrote the state; it reads its own older states, and refuses newer ones."""
    file = Path(os.environ["LOCALAWS_DATA"]) / "version.json"
    ours = {"ministack": version("ministack")}
    theirs = json.loads(file.read_text()) if file.exists() else ours
    if theirs != ours:
        log.warning("the state was written by ministack %(ministack)s", theirs)
        log.warning(
            "this is ministack %(ministack)s: see below what it can't read; a reset starts anew", ours
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(ours))


@cache
def snapshots() -> Snapshots:
    """The files of ministack's services."""
    return Snapshots(Path(persistence.STATE_DIR), app._build_persistence_save_dict, encode)


def save_all(_ministacks: Callable[..., None], _states: Any) -> None:
    """Save, as the server stops."""
    snapshots().save()


def encode(service: str, state: Any) -> str:
    """The state of a service as ministack reads it, in a hundredth of the time that its own writing takes."""
    content = {"__ministack_format__": persistence._state_format_version(service), "payload": state}
    return json.dumps(content, default=persistence._json_default)


# Services: ours, and those that nobody has


class Handlers(dict[str, Handler]):
    """The handlers by service; for a service that the embedded AWS lacks, one that says so."""

    def get(self, service: str, default: Any = None) -> Any:
        """A handler, always."""
        return super().get(service, default) or partial(refuse, service)


async def refuse(service: str, method: str, path: str, headers: dict[str, str], *_: Any) -> wire.HttpAnswer:
    """Answer a call that the embedded AWS has nothing for, in the protocol of the call."""
    code, message = "UnknownOperationException", f"the embedded AWS has no {service}: {method} {path}"
    if "form-urlencoded" in headers.get("content-type", ""):
        text = (
            f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        )
        return 501, {"Content-Type": "text/xml"}, text.encode()
    content = json.dumps({"__type": code, "message": message})
    return 501, {"Content-Type": "application/json", "x-amzn-errortype": code}, content.encode()


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


def ask(operation: str, **request: Any) -> dict[str, Any]:
    """Ask CloudWatch for one of ministack's services."""
    return asked(operation, request).call(operation, request)


def record_metric(
    namespace: str,
    metric_name: str,
    value: float,
    unit: str = "None",
    dimensions: dict[str, str] | None = None,
) -> None:
    """Count a value of a metric of ministack's."""
    here().record(namespace, metric_name, value, unit, dimensions)


class Alarms(dict[str, Any]):
    """The alarms of the account and region that are called, as CloudFormation looks them up."""

    def __contains__(self, name: object) -> bool:
        return here().alarms.get(str(name)) is not None

    def __getitem__(self, name: str) -> Any:
        return here().alarms.named(name)


def put_alarm(alarm: dict[str, Any]) -> None:
    """Make or change an alarm of CloudFormation's, which comes as it is described."""
    members = members_of("PutMetricAlarm")
    ask("PutMetricAlarm", **{name: alarm[name] for name in members if alarm.get(name) not in (None, "")})


def delete_alarm(name: str, refuse_dependents: bool = False) -> None:
    """Delete an alarm of CloudFormation's; ValueError fails the deletion of its stack."""
    try:
        ask("DeleteAlarms", AlarmNames=[name])
    except AwsError as error:
        if refuse_dependents:
            raise ValueError(error.message) from error


def tag_alarm(name: str, tags: list[dict[str, str]]) -> None:
    """Give an alarm the tags of its template, and no others."""
    arn = here().alarms.arn(name)
    ask(
        "UntagResource",
        ResourceARN=arn,
        TagKeys=[tag["Key"] for tag in ask("ListTagsForResource", ResourceARN=arn)["Tags"]],
    )
    ask(
        "TagResource",
        ResourceARN=arn,
        Tags=[{"Key": tag["Key"], "Value": tag.get("Value", "")} for tag in tags],
    )


def put_dashboard(name: str, body: str) -> str:
    """Make or change a dashboard of CloudFormation's."""
    ask("PutDashboard", DashboardName=name, DashboardBody=body)
    arn: str = ask("GetDashboard", DashboardName=name)["DashboardArn"]
    return arn


def delete_dashboard(name: str) -> None:
    """Delete a dashboard of CloudFormation's, if it is there."""
    with suppress(AwsError):
        ask("DeleteDashboards", DashboardNames=[name])


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


# IoT: actions. Each acts in the account and region of its message.


async def act_timestream(delivery: engine.Delivery) -> None:
    """Store the payload in Timestream."""
    request = write_request(delivery.parameters, delivery.payload, delivery.message.time_ms)
    await asyncio.to_thread(metered_timestream().call, "WriteRecords", request, "")


async def act_lambda(delivery: engine.Delivery) -> None:
    """Invoke a function, if it permits that, as an event: with retries and a dead-letter queue."""
    arn = delivery.parameters["functionArn"]
    account, region = responses.get_account_id(), responses.get_region()
    function, config, _ = lambda_svc._get_func_record_for_ref_in_scope(arn, account_id=account, region=region)
    if not function:
        raise ActionError(f"Function not found: {arn}")
    caller = iam_evaluator.EvalContext(
        principal_arn="iot.amazonaws.com",
        principal_type="Service",
        principal_account=account,
        action="lambda:InvokeFunction",
        resource_arn=arn,
        region=region,
        service_context={"aws:sourceaccount": account, "aws:sourcearn": iot._topic_rule_arn(delivery.rule)},
    )
    policy = lambda_svc._functions[config["FunctionName"]]["policy"]  # of all its versions and aliases
    verdict = iam_evaluator.evaluate_resource_policy(policy, caller, service=caller.principal_arn)
    if verdict.decision != "Allow":
        raise ActionError(
            f"iot.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: {arn}"
        )
    record = lambda_svc._execution_record_for_config(function, config)
    lambda_svc.invoke_async_with_retry(record, delivery.event)


async def act_sqs(delivery: engine.Delivery) -> None:
    """Send the payload to a queue."""
    url = delivery.parameters["queueUrl"]
    if url.endswith(".fifo"):
        raise ActionError(f"the sqs action does not support FIFO queues: {url}")
    as_base64 = delivery.parameters.get("useBase64")
    body = base64.b64encode(delivery.body) if as_base64 else delivery.body
    try:
        sqs._act_send_message({"MessageBody": body.decode()}, url)
    except sqs._Err as error:
        raise ActionError(f"{error.code}: {error.message}") from error


async def act_sns(delivery: engine.Delivery) -> None:
    """Publish the payload to an SNS topic."""
    topic = delivery.parameters["targetArn"]
    structure = delivery.parameters.get("messageFormat", "RAW")
    text = delivery.body.decode()
    if sns.publish_internal(topic, text, message_structure="json" if structure == "JSON" else "") is None:
        raise ActionError(f"Topic does not exist: {topic}")


async def act_republish(delivery: engine.Delivery) -> None:
    """Publish the payload to another topic; `$$` at its start stands for the `$` of a reserved one."""
    topic = delivery.parameters["topic"]
    depth = iot._republish_depth.get()
    if depth == iot._MAX_REPUBLISH_DEPTH:
        raise ActionError(
            f"the message has been republished {depth} times: rules that republish to each other?"
        )
    account, region = responses.get_account_id(), responses.get_region()
    principal = iot._rule_role_principal(account, delivery.parameters["roleArn"])
    token = iot._republish_depth.set(depth + 1)
    try:
        qos = int(delivery.parameters.get("qos") or 0)
        await iot.broker_publish(
            account, region, topic.replace("$$", "$", 1), delivery.body, qos=qos, principal=principal
        )
    finally:
        iot._republish_depth.reset(token)


async def act_dynamodb(delivery: engine.Delivery) -> None:
    """Put the payload into a table, each of its attributes a column."""
    if not isinstance(delivery.event, dict):
        raise ActionError("the payload of a dynamoDBv2 action must be a JSON object")
    account, region = responses.get_account_id(), responses.get_region()
    iot._dispatch_rule_dynamodb(account, region, delivery.rule, delivery.parameters, delivery.event)


ACTIONS: dict[str, engine.Handler] = {
    "dynamoDBv2": act_dynamodb,
    "lambda": act_lambda,
    "republish": act_republish,
    "sns": act_sns,
    "sqs": act_sqs,
    "timestream": act_timestream,
}


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


@contextmanager
def a_turn() -> Iterator[None]:
    """Wait for a turn to run a function, so that a burst of events starts few workers, each soon used again.

    A function that waits for another one it invoked holds its turn meanwhile, hence the end to the waiting.
    """
    mine = TURNS.acquire(timeout=LONGEST_WAIT_SECONDS)
    try:
        yield
    finally:
        if mine:
            TURNS.release()


def failure(kind: str, message: str) -> dict[str, Any]:
    """The result of a run that could not be."""
    return {"error": True, "body": {"errorType": kind, "errorMessage": message}}


GONE = failure("ResourceNotFoundException", "The function was deleted.")
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
    Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
    """
    if result is GONE:  # and with the function, the events that waited for it
        return
    config = lambda_svc._functions[function]["config"]
    if target != config.get("DeadLetterConfig", {}).get("TargetArn"):
        ministacks(target, function, event, result)
        return
    body = result.get("body")
    error = str(body.get("errorMessage") if isinstance(body, dict) else body).encode()[:ERROR_MESSAGE_BYTES]
    attributes = {
        "RequestID": {"DataType": "String", "StringValue": str(uuid.uuid4())},
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": error.decode(errors="ignore")},
    }
    try:
        send_letter(target, json.dumps(event), attributes)
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
