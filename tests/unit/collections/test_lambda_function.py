# SPDX-License-Identifier: MIT
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

RunModule = Callable[..., dict[str, Any]]
Converge = Callable[..., dict[str, Any]]

GOOD = "def handle(event, context):\n    return {'seen': event}\n"
BAD = "def handle(event, context):\n    raise ValueError('not ready')\n"
UNKNOWN = ("arn",)
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def package(folder: Path, source: str) -> str:
    file = folder / f"{uuid4().hex}.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("module.py", source)
    return str(file)


@pytest.fixture
def arguments(tmp_path: Path, aws: Any) -> dict[str, Any]:
    """What makes a function."""
    name = f"function-{uuid4().hex[:12]}"
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    return {
        "name": name,
        "zip_file": package(tmp_path, GOOD),
        "handler": "module.handle",
        "runtime": "python3.12",
        "role": role["Role"]["Arn"],
    }


@pytest.fixture
def observe(arguments: dict[str, Any], aws: Any) -> Callable[[], Any]:
    """What AWS knows of the function, but for what changes by itself."""
    client, name = aws.client("lambda"), arguments["name"]

    def observed() -> Any:
        try:
            found = client.get_function(FunctionName=name)
        except client.exceptions.ResourceNotFoundException:
            return None
        aliases = client.list_aliases(FunctionName=name)["Aliases"]
        versions = client.list_versions_by_function(FunctionName=name)["Versions"]
        configs = client.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]
        return [
            found["Configuration"],
            found.get("Concurrency"),
            found.get("Tags"),
            [(each["Name"], each["FunctionVersion"]) for each in aliases],
            [each["Version"] for each in versions],
            [{name: value for name, value in each.items() if name != "LastModified"} for each in configs],
        ]

    return observed


def live(aws: Any, name: str, event: Any) -> Any:
    """What the function's callers are answered."""
    answer = aws.client("lambda").invoke(
        FunctionName=name, Qualifier="live", Payload=json.dumps(event).encode()
    )
    return json.loads(answer["Payload"].read())


def test_a_function_lives(
    arguments: dict[str, Any], observe: Callable[[], Any], converge: Converge, tmp_path: Path
) -> None:
    made = converge("lambda_function", observe, **arguments)
    assert made["function"]["settings"]["memory_size"] == 128
    settings = {"memory_size": 512, "timeout": 20, "environment": {"LEVEL": 1}, "tags": {"a": "b"}}
    changed = converge("lambda_function", observe, **arguments, **settings)["function"]
    assert changed["settings"]["environment"] == {"LEVEL": "1"}
    reserved = converge("lambda_function", observe, name=arguments["name"], reserved_concurrency=2)
    assert reserved["function"]["reserved_concurrency"] == 2
    assert reserved["function"]["settings"] == changed["settings"]
    converge("lambda_function", observe, name=arguments["name"], reserved_concurrency=-1)
    converge("lambda_function", observe, name=arguments["name"], zip_file=package(tmp_path, BAD))
    converge("lambda_function", observe, name=arguments["name"], maximum_retries=1, maximum_event_age=60)


def test_callers_meet_a_version_that_was_tried(
    arguments: dict[str, Any], observe: Callable[[], Any], converge: Converge, run_module: RunModule,
    aws: Any, tmp_path: Path,
) -> None:  # fmt: skip
    served = {**arguments, "alias": "live", "smoke_event": []}
    converge("lambda_function", observe, **served)
    assert live(aws, arguments["name"], "hello") == {"seen": "hello"}

    failed = run_module("lambda_function", **{**served, "zip_file": package(tmp_path, BAD)})
    assert failed["failed"]
    assert "not ready" in failed["msg"]
    assert "the alias live stays where it is" in failed["msg"]
    assert live(aws, arguments["name"], "hello") == {"seen": "hello"}

    better = package(tmp_path, GOOD.replace("seen", "read"))
    converge("lambda_function", observe, **{**served, "zip_file": better})
    assert live(aws, arguments["name"], "hello") == {"read": "hello"}


def test_what_the_alias_does_not_serve_yet_is_tried_again(
    arguments: dict[str, Any], run_module: RunModule, aws: Any
) -> None:
    served = {**arguments, "alias": "live", "smoke_event": []}
    run_module("lambda_function", **served)
    aws.client("lambda").update_function_configuration(FunctionName=arguments["name"], Timeout=9)
    again = run_module("lambda_function", **served)
    assert again["changed"]
    assert again["diff"]["before"]["alias"] == {"name": "live", "current": False}
    assert again["diff"]["after"]["alias"] == {"name": "live", "current": True}


def test_failed_events_have_a_destination(
    arguments: dict[str, Any], observe: Callable[[], Any], converge: Converge, aws: Any
) -> None:
    queue = aws.client("sqs").create_queue(QueueName=arguments["name"])["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:000000000000:{queue.rsplit('/', 1)[1]}"
    made = converge("lambda_function", observe, **arguments, on_failure_arn=arn, maximum_retries=0)
    assert made["function"]["asynchronous"] == {
        "maximum_event_age": 21600,
        "maximum_retries": 0,
        "on_failure_arn": arn,
    }
    converge("lambda_function", observe, name=arguments["name"], on_failure_arn="")


def test_a_function_is_deleted(
    arguments: dict[str, Any], observe: Callable[[], Any], converge: Converge, run_module: RunModule
) -> None:
    run_module("lambda_function", **arguments, alias="live")
    gone = run_module("lambda_function", check=True, name=arguments["name"], state="absent")
    assert run_module("lambda_function", name=arguments["name"], state="absent") == gone
    assert gone["changed"]
    assert observe() is None
    assert not run_module("lambda_function", name=arguments["name"], state="absent")["changed"]


def test_a_function_is_not_made_of_nothing(arguments: dict[str, Any], run_module: RunModule) -> None:
    missing = run_module("lambda_function", name=arguments["name"])
    assert missing["msg"].endswith("creating it needs zip_file, handler, runtime, role")
    unread = run_module("lambda_function", **{**arguments, "zip_file": "no/such.zip"})
    assert "zip_file=no/such.zip can't be read" in unread["msg"]
