# SPDX-License-Identifier: MIT
"""What localaws/adapter.py rests on in ministack, most of it not public: if a version changes it, this fails.

The adapter's own source says which symbols those are; which parameters it counts on is said below.
"""

import ast
import importlib
import inspect
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest

from localaws import process

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
