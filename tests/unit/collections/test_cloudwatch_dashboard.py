# SPDX-License-Identifier: MIT
"""The module cloudwatch_dashboard, against the embedded AWS."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

NAME = "module-dashboard"
ARN = f"arn:aws:cloudwatch::000000000000:dashboard/{NAME}"
BODY = {"widgets": [{"type": "text", "width": 6, "height": 3, "properties": {"markdown": "# Hello"}}]}
OTHER: dict[str, Any] = {"widgets": []}


@pytest.fixture
def observe(aws: Any, run_module: Any) -> Any:
    cloudwatch = aws.client("cloudwatch")

    def dashboard() -> Any:
        try:
            return json.loads(cloudwatch.get_dashboard(DashboardName=NAME)["DashboardBody"])
        except cloudwatch.exceptions.ResourceNotFound:
            return None

    yield dashboard
    run_module("cloudwatch_dashboard", name=NAME, state="absent")


def test_life(converge: Any, observe: Any) -> None:
    made = converge("cloudwatch_dashboard", observe, name=NAME, body=BODY)
    assert made["changed"]
    assert made["dashboard"] == {"name": NAME, "arn": ARN, "body": BODY, "tags": {}}
    assert made["diff"] == {"before": {}, "after": made["dashboard"]}
    assert observe() == BODY

    changed = converge("cloudwatch_dashboard", observe, name=NAME, body=OTHER)
    assert changed["diff"]["before"]["body"] == BODY
    assert observe() == OTHER

    assert not converge("cloudwatch_dashboard", observe, name=NAME)["changed"]

    gone = converge("cloudwatch_dashboard", observe, name=NAME, state="absent")
    assert gone["changed"]
    assert gone["diff"]["after"] == {}
    assert observe() is None


class Tagged:
    """CloudWatch's tags of one dashboard, which the embedded AWS does not have."""

    def __init__(self, tags: dict[str, str]) -> None:
        self.tags = tags

    def list_tags_for_resource(self, *, aws_retry: bool, ResourceARN: str) -> Any:  # noqa: N803
        assert ResourceARN == ARN
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()]}

    def tag_resource(self, *, aws_retry: bool, ResourceARN: str, Tags: list[dict[str, str]]) -> None:  # noqa: N803
        assert ResourceARN == ARN
        self.tags |= {tag["Key"]: tag["Value"] for tag in Tags}

    def untag_resource(self, *, aws_retry: bool, ResourceARN: str, TagKeys: list[str]) -> None:  # noqa: N803
        assert ResourceARN == ARN
        for key in TagKeys:
            del self.tags[key]


@pytest.mark.parametrize(
    ("purge", "expected"),
    [(True, {"b": "3", "c": "4", "aws:x": "y"}), (False, {"a": "1", "b": "3", "c": "4", "aws:x": "y"})],
)
def test_tags(purge: bool, expected: dict[str, str]) -> None:
    module = importlib.import_module(
        "ansible_collections.timeseries.aws.plugins.modules.cloudwatch_dashboard"
    )
    cloudwatch = Tagged({"a": "1", "b": "2", "aws:x": "y"})
    current = module.get_tags(cloudwatch, ARN)
    module.set_tags(cloudwatch, ARN, current, module.plan_tags(current, {"b": 3, "c": "4"}, purge))
    assert cloudwatch.tags == expected


def test_bodies_are_compared_by_meaning(converge: Any, observe: Any) -> None:
    converge("cloudwatch_dashboard", observe, name=NAME, body=BODY)
    same = json.dumps(dict(reversed(BODY["widgets"][0].items())), indent=4)
    same = f'{{"widgets": [{same}]}}'
    assert not converge("cloudwatch_dashboard", observe, name=NAME, body=same)["changed"]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "creating one takes body"),
        ("{widgets", "body is not JSON"),
        ("[]", "body must be a dictionary"),
    ],
)
def test_bodies_that_cannot_be(run_module: Any, body: str | None, message: str, check: bool) -> None:
    result = run_module("cloudwatch_dashboard", check=check, name="no-dashboard", body=body)
    assert result["failed"]
    assert message in result["msg"]
