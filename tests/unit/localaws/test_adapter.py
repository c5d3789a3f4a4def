# SPDX-License-Identifier: MIT
"""What localaws/adapter.py rests on in ministack, most of it not public: if a version changes it, this fails.

The adapter's own source says which symbols those are; which parameters it counts on is said below.
"""

import ast
import asyncio
import base64
import importlib
import inspect
import json
import time
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ministack  # type: ignore[import-untyped]
import pytest

from localaws import adapter, process, server
from localaws.state import State

TREE = ast.parse((process.PROJECT / "localaws/adapter.py").read_text())

PARAMETERS = {
    "app._build_persistence_save_dict": "",
    "app._reset_all_state": "",
    "app.save_all": "services",
    "cloudwatch.cloudformation_delete_dashboard": "name",
    "cloudwatch.cloudformation_delete_metric_alarm": "name, refuse_dependents",
    "cloudwatch.cloudformation_put_dashboard": "name, body",
    "cloudwatch.cloudformation_put_metric_alarm": "alarm",
    "cloudwatch.cloudformation_set_metric_alarm_tags": "name, tags",
    "cloudwatch.first_alarm_time": "alarm_arn, start, end",
    "cloudwatch.record_metric": "namespace, metric_name, value, unit, dimensions",
    "iam_evaluator.evaluate_resource_policy": "doc, ctx, service",
    "iot._dispatch_rule_dynamodb": "account_id, region, rule_name, spec, event",
    "iot._evaluate_topic_rules": "account_id, region, topic, payload, client_id",
    "iot._rule_message_scope": "principal",
    "iot._rule_role_principal": "account_id, role_arn",
    "iot._rules_for_account": "account_id, region",
    "iot._topic_rule_arn": "name",
    "iot._unimplemented_sql_functions": "sql",
    "iot._validate_rule_sql": "sql",
    "iot.broker_publish": "account_id, region, topic, payload, qos, retain, properties, client_id, principal",
    "iot.put_topic_rule": "name, payload, created_at",
    "lambda_svc._emit_lambda_metrics": "function_name, duration_ms, error, throttle",
    "lambda_svc._execute_function_dispatch": "func, config, event, request_id, started",
    "lambda_svc._execution_record_for_config": "func, config",
    "lambda_svc._get_func_record_for_ref_in_scope": "function_ref, account_id, region",
    "lambda_svc._route_async_failure": "target_arn, func_name, event, result",
    "lambda_svc.invoke_async_with_retry": "func, event",
    "persistence._json_default": "obj",
    "persistence._state_format_version": "service",
    "responses.request_scope": "account_id, region",
    "responses.set_request_account_id": "access_key_id",
    "responses.set_request_region": "region",
    "router.extract_access_key_id": "headers",
    "router.extract_region": "headers",
    "router._is_aws_service_name": "scope_name",
    "sns.publish_internal": "topic_arn, message, subject, message_structure, message_attributes",
    "sqs._act_send_message": "data, qurl",
    "sqs._queue_by_arn": "arn",
}


def ministack_modules() -> dict[str, Any]:
    """The modules of ministack that the adapter imports, by the names it gives them."""
    return {
        alias.name: importlib.import_module(f"{statement.module}.{alias.name}")
        for statement in ast.walk(TREE)
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith("ministack")
        for alias in statement.names
    }


def used_symbols() -> Iterator[str]:
    """Each `module.symbol` of ministack that the adapter names, as attribute or as (module, "symbol")."""
    modules = ministack_modules()
    for node in ast.walk(TREE):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=symbol) if module in modules:
                yield f"{module}.{symbol}"
            case ast.Tuple(elts=[ast.Name(id=module), ast.Constant(value=str(symbol)), _]) if (
                module in modules
            ):
                yield f"{module}.{symbol}"


def resolve(symbol: str) -> Any:
    module, _, name = symbol.partition(".")
    return getattr(ministack_modules()[module], name, None)


def test_the_version_is_pinned_exactly() -> None:
    project = tomllib.loads((process.PROJECT / "pyproject.toml").read_text())
    assert f"ministack=={version('ministack')}" in project["project"]["dependencies"]


@pytest.mark.parametrize("symbol", sorted(set(used_symbols())))
def test_ministack_has_the_symbol(symbol: str) -> None:
    assert resolve(symbol) is not None, f"ministack.{symbol} is gone: see localaws/adapter.py"


@pytest.mark.parametrize("symbol", sorted(PARAMETERS))
def test_the_function_takes_the_parameters(symbol: str) -> None:
    assert symbol in set(used_symbols()), f"the adapter no longer uses {symbol}"
    parameters = list(inspect.signature(resolve(symbol)).parameters)
    wanted = PARAMETERS[symbol].split(", ") if PARAMETERS[symbol] else []
    missing = [name for name in wanted if name not in parameters]
    assert not missing, f"ministack.{symbol} lacks {missing}, it takes {parameters}: see localaws/adapter.py"


def test_every_function_that_is_called_or_replaced_is_listed() -> None:
    functions = {symbol for symbol in used_symbols() if inspect.isfunction(resolve(symbol))}
    assert functions - set(PARAMETERS) == {"app.app", "responses.get_account_id", "responses.get_region"}


OWN = {"PATH", "LANG", "HOME", "TMPDIR", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "DOCKER_HOST"}
"""Variables of the server's environment that are not only ministack's."""


def test_ministack_reads_the_variables_that_the_server_sets() -> None:
    variables = server.environment(4566, State(Path("state")), "unlimited")
    source = "".join(path.read_text() for path in Path(ministack.__path__[0]).rglob("*.py"))
    ignored = [name for name in variables if not name.startswith("LOCALAWS_") and f'"{name}"' not in source]
    assert set(ignored) <= OWN, "ministack no longer knows these: see localaws/server.py"


def ministacks(service: str, operation: str, **members: Any) -> None:
    """Have a service of ministack's answer a call of the JSON protocol."""
    headers = {"x-amz-target": operation, "content-type": "application/x-amz-json-1.0"}
    handler = ministack_modules()["app"].SERVICE_HANDLERS[service]
    status, _, body = asyncio.run(handler("POST", "/", headers, json.dumps(members).encode(), {}))
    assert status == 200, body


def test_a_queue_is_as_the_gauges_read_it() -> None:
    sqs = ministack_modules()["sqs"]
    try:
        ministacks("sqs", "AmazonSQS.CreateQueue", QueueName="contract")
        url = next(queue["url"] for _, queue in sqs._queues.all_items() if queue["name"] == "contract")
        ministacks("sqs", "AmazonSQS.SendMessage", QueueUrl=url, MessageBody="hello")
        [((account, region, _), queue)] = sqs._queues.all_items()
        assert (account, region) == ("000000000000", "us-east-1")
        [message] = queue["messages"]
        assert 0 <= time.time() - message["sent_at"] < 60
        assert message["visible_at"] <= time.time()
        assert message["receive_count"] == 0
    finally:
        sqs.reset()


def test_a_function_is_as_its_runs_read_it() -> None:
    functions = ministack_modules()["lambda_svc"]
    members = {
        "FunctionName": "contract",
        "Role": "arn:aws:iam::000000000000:role/r",
        "Runtime": "python3.12",
        "Handler": "f.h",
        "Code": {"ZipFile": base64.b64encode(b"PK\x05\x06" + bytes(18)).decode()},
    }
    handler = ministack_modules()["app"].SERVICE_HANDLERS["lambda"]
    try:
        answer = asyncio.run(handler("POST", "/2015-03-31/functions", {}, json.dumps(members).encode(), {}))
        assert answer[0] == 201, answer
        function = functions._functions.get("contract")
        assert {"policy", "code_zip", "config"} <= set(function)
        assert {"FunctionName", "FunctionArn"} <= set(function["config"])
    finally:
        functions.reset()


def test_a_rule_is_as_the_engine_reads_it() -> None:
    iot = ministack_modules()["iot"]
    payload = {"sql": "SELECT * FROM 'a'", "actions": [{"republish": {"topic": "b", "roleArn": "r"}}]}
    try:
        iot.put_topic_rule("contract", payload)
        [rule] = iot._rules_for_account("000000000000", "us-east-1")
        assert (rule["ruleName"], rule["sql"], rule["actions"]) == (
            "contract",
            payload["sql"],
            payload["actions"],
        )
    finally:
        iot.reset()


def test_a_state_is_written_as_ministack_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    persistence, responses = ministack_modules()["persistence"], ministack_modules()["responses"]
    monkeypatch.setattr(persistence, "PERSIST_STATE", True)
    monkeypatch.setattr(persistence, "STATE_DIR", str(tmp_path))
    stored = responses.AccountRegionScopedDict()
    with responses.request_scope("111111111111", "eu-west-1"):
        stored["name", 1] = {"bytes": b"\x00\xff", "text": "Grüße"}
    (tmp_path / "sqs.json").write_text(adapter.encode("sqs", {"queues": stored}))
    loaded = persistence.load_state("sqs")["queues"]
    with responses.request_scope("111111111111", "eu-west-1"):
        assert loaded["name", 1] == {"bytes": b"\x00\xff", "text": "Grüße"}
    assert ("name", 1) not in loaded


def test_it_is_the_only_module_that_imports_ministack() -> None:
    importing = [
        path.name
        for path in (process.PROJECT / "localaws").rglob("*.py")
        if "ministack" in {name.partition(".")[0] for name in imports(ast.parse(path.read_text()))}
    ]
    assert importing == ["adapter.py"]


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(module)):
                yield module
