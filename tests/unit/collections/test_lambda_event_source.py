# SPDX-License-Identifier: MIT
import io
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

RunModule = Callable[..., dict[str, Any]]
Converge = Callable[..., dict[str, Any]]


@pytest.fixture
def names(aws: Any) -> dict[str, str]:
    """A function with an alias, and a queue."""
    name = f"fed-{uuid4().hex[:12]}"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("module.py", "def handle(event, context): return {}\n")
    client = aws.client("lambda")
    client.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="module.handle",
        Role="arn:aws:iam::000000000000:role/any",
        Code={"ZipFile": packed.getvalue()},
        Publish=True,
    )
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    aws.client("sqs").create_queue(QueueName=name)
    arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
    return {"function_name": name, "qualifier": "live", "event_source_arn": arn}


@pytest.fixture
def observe(names: dict[str, str], aws: Any) -> Callable[[], Any]:
    def observed() -> Any:
        found = aws.client("lambda").list_event_source_mappings(EventSourceArn=names["event_source_arn"])
        shown = ("FunctionArn", "BatchSize", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes")
        return [
            {name: each.get(name) for name in (*shown, "ScalingConfig", "State")}
            for each in found["EventSourceMappings"]
        ]

    return observed


def test_a_function_is_fed_from_a_queue(
    names: dict[str, str], observe: Callable[[], Any], converge: Converge
) -> None:
    made = converge("lambda_event_source", observe, **names)
    assert made["event_source"]["batch_size"] == 10
    assert [each["FunctionArn"].rsplit(":", 2)[1:] for each in observe()] == [
        [names["function_name"], "live"]
    ]
    settings = {"batch_size": 100, "batching_window": 2, "report_batch_item_failures": True}
    converge("lambda_event_source", observe, **names, **settings, maximum_concurrency=5)
    converge("lambda_event_source", observe, **names, enabled=False)
    [found] = observe()
    assert found["BatchSize"] == 100
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["ScalingConfig"] == {"MaximumConcurrency": 5}
    converge("lambda_event_source", observe, **names, maximum_concurrency=0)


def test_it_is_no_longer_fed(
    names: dict[str, str], observe: Callable[[], Any], run_module: RunModule
) -> None:
    run_module("lambda_event_source", **names)
    gone = run_module("lambda_event_source", check=True, **names, state="absent")
    assert run_module("lambda_event_source", **names, state="absent") == gone
    assert gone["changed"]
    assert observe() == []
    assert not run_module("lambda_event_source", **names, state="absent")["changed"]


def test_neither_needs_to_exist_for_a_prediction(run_module: RunModule) -> None:
    arn = "arn:aws:sqs:us-east-1:000000000000:nowhere"
    predicted = run_module("lambda_event_source", check=True, function_name="none", event_source_arn=arn)
    assert predicted["changed"]
    assert predicted["event_source"]["event_source_arn"] == arn


def test_a_limit_is_told_before_anything_is_done(names: dict[str, str], run_module: RunModule) -> None:
    refused = run_module("lambda_event_source", check=True, **names, batch_size=0)
    assert "BatchSize, value: 0, valid min value: 1" in refused["msg"]
