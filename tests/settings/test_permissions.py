# SPDX-License-Identifier: MIT
"""The preflight finds out whether the account has room and the credentials suffice."""

import json

import pytest

from localaws.embedded import EmbeddedAws
from tests.playbooks import Playbooks

ROLE = "preflight-deploys"


@pytest.mark.parametrize(
    ("policy", "denied"),
    [
        ({"Effect": "Allow", "Action": "*", "Resource": "*"}, ""),
        (
            {"Effect": "Allow", "NotAction": "timestream:CreateTable", "Resource": "*"},
            "may not do timestream:CreateTable on arn:aws:timestream:us-east-1:000000000000:database/"
            "iot-timeseries-local/table/sensor-data, which a deploy needs",
        ),
    ],
)
def test_permissions(playbooks: Playbooks, aws: EmbeddedAws, policy: dict[str, str], denied: str) -> None:
    iam = aws.client("iam")
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    iam.put_role_policy(RoleName=ROLE, PolicyName="p", PolicyDocument=document)
    try:
        run = playbooks.run("playbooks/preflight.yml", aws_assume_role_arn=role)
    finally:
        iam.delete_role_policy(RoleName=ROLE, PolicyName="p")
        iam.delete_role(RoleName=ROLE)
    assert (run.code != 0) == bool(denied), run.failure
    assert denied in run.failure


def test_an_account_with_as_many_databases_as_aws_allows(playbooks: Playbooks, aws: EmbeddedAws) -> None:
    """500 databases an account in a region: one more is told of before anything is made."""
    timestream = aws.session(region="ap-south-1").client("timestream-write", endpoint_url=aws.endpoint)
    names = [f"crowd-{place:03}" for place in range(500)]
    for name in names:
        timestream.create_database(DatabaseName=name)
    try:
        run = playbooks.run("playbooks/preflight.yml", aws_region="ap-south-1")
    finally:
        for name in names:
            timestream.delete_database(DatabaseName=name)
    assert run.code != 0
    assert "databases: account 000000000000 would have 501 in ap-south-1, and AWS allows 500" in run.failure


def test_collections_of_other_versions_are_named(playbooks: Playbooks) -> None:
    needed = {"collections": [{"name": "amazon.aws", "version": ">=99.0.0,<100.0.0"}]}
    run = playbooks.run("playbooks/preflight.yml", needed=needed)
    assert run.code != 0
    assert "allowed: >=99.0.0,<100.0.0" in run.failure
