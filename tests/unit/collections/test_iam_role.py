# SPDX-License-Identifier: MIT
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

RunModule = Callable[..., dict[str, Any]]

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
READ = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "true"}},
        }
    ],
}
READ_OTHERWISE_WRITTEN = {
    "Version": "2012-10-17",
    "Statement": {
        "Action": ["s3:ListBucket", "s3:GetObject"],
        "Resource": ["*"],
        "Effect": "Allow",
        "Condition": {"Bool": {"aws:SecureTransport": True}},
    },
}


@pytest.fixture
def role() -> str:
    return f"role-{uuid4().hex}"


def test_policies_that_say_the_same_are_the_same(role: str, run_module: RunModule) -> None:
    run_module("iam_role", name=role, trust_policy=TRUST, inline_policies={"read": READ})
    trust = TRUST | {"Statement": [TRUST["Statement"][0] | {"Action": ["sts:AssumeRole"]}]}  # type: ignore[operator]
    again = run_module(
        "iam_role", name=role, trust_policy=trust, inline_policies={"read": READ_OTHERWISE_WRITTEN}
    )
    assert again["changed"] is False
    assert again["diff"]["before"] == again["diff"]["after"]


def test_policies_are_only_purged_when_told(role: str, aws: Any, run_module: RunModule) -> None:
    run_module("iam_role", name=role, trust_policy=TRUST, inline_policies={"a": READ})
    more = run_module("iam_role", name=role, inline_policies={"b": READ}, purge_policies=False)
    assert sorted(more["role"]["inline_policies"]) == ["a", "b"]
    assert sorted(aws.client("iam").list_role_policies(RoleName=role)["PolicyNames"]) == ["a", "b"]
    assert run_module("iam_role", name=role, inline_policies={}, purge_policies=False)["changed"] is False
    assert run_module("iam_role", name=role, description="d")["role"]["inline_policies"].keys() == {"a", "b"}
    run_module("iam_role", name=role, inline_policies={})
    assert aws.client("iam").list_role_policies(RoleName=role)["PolicyNames"] == []


def test_path_is_part_of_the_arn_and_stays(role: str, run_module: RunModule) -> None:
    predicted = run_module("iam_role", check=True, name=role, trust_policy=TRUST, path="/iot/")
    assert predicted["role"]["arn"] == f"arn:aws:iam::000000000000:role/iot/{role}"
    assert run_module("iam_role", name=role, trust_policy=TRUST, path="/iot/") == predicted
    assert run_module("iam_role", name=role, path="/iot/")["changed"] is False
    for check in (True, False):
        result = run_module("iam_role", check=check, name=role, path="/other/")
        assert result["msg"] == f"role {role} has the path /iot/, which cannot become /other/"


def test_a_new_role_needs_a_trust_policy(role: str, run_module: RunModule) -> None:
    for check in (True, False):
        result = run_module("iam_role", check=check, name=role, description="d")
        assert result["msg"] == f"role {role} does not exist; creating it needs trust_policy"


def test_permissions_boundary(role: str, aws: Any, run_module: RunModule) -> None:
    client = aws.client("iam")
    arn = client.create_policy(PolicyName=f"limit-{role}", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]

    def boundary() -> Any:
        return (
            client.get_role(RoleName=role)["Role"]
            .get("PermissionsBoundary", {})
            .get("PermissionsBoundaryArn")
        )

    run_module("iam_role", name=role, trust_policy=TRUST, permissions_boundary=arn)
    assert boundary() == arn
    assert run_module("iam_role", name=role, permissions_boundary=arn)["changed"] is False
    assert run_module("iam_role", name=role, permissions_boundary="")["changed"] is True
    assert boundary() is None
    assert run_module("iam_role", name=role, permissions_boundary=arn)["changed"] is True
    assert boundary() == arn


def test_deletion_lets_go_of_managed_policies(role: str, aws: Any, run_module: RunModule) -> None:
    client = aws.client("iam")
    arn = client.create_policy(PolicyName=f"shared-{role}", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    run_module("iam_role", name=role, trust_policy=TRUST, inline_policies={"a": READ})
    client.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert run_module("iam_role", name=role, state="absent")["changed"] is True
    assert role not in [found["RoleName"] for found in client.list_roles()["Roles"]]
    assert client.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0


def test_a_policy_that_iam_refuses_is_told(role: str, run_module: RunModule) -> None:
    result = run_module("iam_role", name=role, trust_policy=TRUST, permissions_boundary="not-an-arn")
    assert result["failed"] is True
    assert result["msg"].startswith("Failed to create role")
