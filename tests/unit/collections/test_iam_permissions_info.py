# SPDX-License-Identifier: MIT
"""The module iam_permissions_info, against the embedded AWS, which simulates policies, too."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

QUEUE = "arn:aws:sqs:us-east-1:000000000000:"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["sqs:Get*", "sqs:CreateQueue"], "Resource": f"{QUEUE}mine"},
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "sqs:GetQueueUrl", "Resource": "*"},
    ],
}
ROLE = "permissions-info"


@pytest.fixture(scope="module")
def keys(aws: Any) -> Iterator[dict[str, str]]:
    """The keys of a role that was taken on."""
    iam = aws.client("iam")
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")["Role"]
    iam.put_role_policy(RoleName=ROLE, PolicyName="p", PolicyDocument=json.dumps(POLICY))
    found = aws.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    yield {
        "access_key": found["AccessKeyId"],
        "secret_key": found["SecretAccessKey"],
        "session_token": found["SessionToken"],
    }
    iam.delete_role_policy(RoleName=ROLE, PolicyName="p")
    iam.delete_role(RoleName=ROLE)


def statements(*names: str) -> list[dict[str, Any]]:
    actions = ["sqs:CreateQueue", "sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:DeleteQueue"]
    return [{"actions": actions, "resource": QUEUE + name} for name in names]


def test_what_is_denied_is_told(run_module: Any, keys: dict[str, str]) -> None:
    result = run_module("iam_permissions_info", statements=statements("mine", "other"), **keys)
    assert (result.get("changed"), result.get("skipped_because")) == (False, ""), result
    assert result["denied"] == [
        f"sqs:CreateQueue on {QUEUE}other",
        f"sqs:DeleteQueue on {QUEUE}mine",
        f"sqs:DeleteQueue on {QUEUE}other",
        f"sqs:GetQueueAttributes on {QUEUE}other",
        f"sqs:GetQueueUrl on {QUEUE}mine",
        f"sqs:GetQueueUrl on {QUEUE}other",
    ]


def test_the_root_user_is_not_simulated(run_module: Any) -> None:
    result = run_module("iam_permissions_info", statements=statements("mine"))
    assert result["denied"] == []
    assert "the caller is arn:aws:iam::000000000000:root" in result["skipped_because"]


def test_a_caller_that_may_not_ask_is_no_failure(aws: Any, run_module: Any) -> None:
    """A role that is gone can't be asked for."""
    gone = aws.client("sts").assume_role(
        RoleArn="arn:aws:iam::000000000000:role/gone", RoleSessionName="test"
    )["Credentials"]
    keys = {
        "access_key": gone["AccessKeyId"],
        "secret_key": gone["SecretAccessKey"],
        "session_token": gone["SessionToken"],
    }
    result = run_module("iam_permissions_info", statements=statements("mine"), **keys)
    assert result["denied"] == []
    assert "gone" in result["skipped_because"]


# https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"EvalDecision": "allowed"}, False),
        ({"EvalDecision": "implicitDeny"}, True),
        ({"EvalDecision": "explicitDeny"}, True),
        ({"EvalDecision": "implicitDeny", "MissingContextValues": []}, True),
        ({"EvalDecision": "implicitDeny", "MissingContextValues": ["iam:PassedToService"]}, False),
    ],
)
def test_what_depends_on_a_condition_is_not_taken_for_denied(result: dict[str, Any], expected: bool) -> None:
    module = importlib.import_module(
        "ansible_collections.timeseries.aws.plugins.modules.iam_permissions_info"
    )
    assert module.refused(result) is expected
