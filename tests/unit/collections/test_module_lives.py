# SPDX-License-Identifier: MIT
"""The life of each resource: predicted, made, left alone, changed, tagged, deleted; boto3 bears witness."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

Arguments = dict[str, Any]
RunModule = Callable[..., dict[str, Any]]


def policy(action: str, **more: Any) -> dict[str, Any]:
    statement = {"Sid": "One", "Effect": "Allow", "Action": action, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def tag_dict(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def read_role(aws: Any) -> dict[str, Any] | None:
    client = aws.client("iam")
    try:
        role = client.get_role(RoleName="life")["Role"]
    except client.exceptions.NoSuchEntityException:
        return None
    names = client.list_role_policies(RoleName="life")["PolicyNames"]
    return {
        "arn": role["Arn"],
        "description": role.get("Description"),
        "duration": role["MaxSessionDuration"],
        "trust": role["AssumeRolePolicyDocument"],
        "inline": {
            name: client.get_role_policy(RoleName="life", PolicyName=name)["PolicyDocument"] for name in names
        },
        "boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "tags": tag_dict(role.get("Tags", [])),
    }


def read_bucket(aws: Any) -> dict[str, Any] | None:
    client = aws.client("s3")
    if "life-of-a-bucket" not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]:
        return None
    where = {"Bucket": "life-of-a-bucket"}
    rule = client.get_bucket_encryption(**where)["ServerSideEncryptionConfiguration"]["Rules"][0]
    encryption = rule["ApplyServerSideEncryptionByDefault"]
    block = client.get_public_access_block(**where)["PublicAccessBlockConfiguration"]
    owners = client.get_bucket_ownership_controls(**where)["OwnershipControls"]["Rules"]
    rules = client.get_bucket_lifecycle_configuration(**where)["Rules"]
    return {
        "encryption": encryption["SSEAlgorithm"],
        "key": encryption.get("KMSMasterKeyID"),
        "blocked": all(block.values()) and len(block) == 4,
        "ownership": owners[0]["ObjectOwnership"],
        "policy": json.loads(client.get_bucket_policy(**where)["Policy"]),
        "expire": {
            rule["Filter"]["Prefix"]: rule["Expiration"]["Days"] for rule in rules if "Expiration" in rule
        },
        "abort": [
            rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
            for rule in rules
            if "AbortIncompleteMultipartUpload" in rule
        ],
        "versioning": client.get_bucket_versioning(**where).get("Status"),
        "tags": tag_dict(client.get_bucket_tagging(**where)["TagSet"]),
    }


def read_alarm(aws: Any) -> dict[str, Any] | None:
    client = aws.client("cloudwatch")
    alarms = client.describe_alarms(AlarmNames=["life"])["MetricAlarms"]
    if not alarms:
        return None
    names = (
        *("AlarmDescription", "Namespace", "MetricName", "Dimensions", "Statistic", "Period", "Threshold"),
        *("EvaluationPeriods", "ComparisonOperator", "TreatMissingData", "AlarmActions", "OKActions"),
    )
    tags = client.list_tags_for_resource(ResourceARN=alarms[0]["AlarmArn"])["Tags"]
    return {**{name: alarms[0].get(name) for name in names}, "tags": tag_dict(tags)}


def read_log_group(aws: Any) -> dict[str, Any] | None:
    client = aws.client("logs")
    groups = client.describe_log_groups(logGroupNamePrefix="/aws/lambda/life")["logGroups"]
    if not groups:
        return None
    tags = client.list_tags_for_resource(resourceArn=groups[0]["arn"].removesuffix(":*"))["tags"]
    return {"retention": groups[0].get("retentionInDays"), "tags": tags}


def read_topic(aws: Any) -> dict[str, Any] | None:
    client = aws.client("sns")
    arn = "arn:aws:sns:us-east-1:000000000000:life"
    try:
        attributes = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    except client.exceptions.NotFoundException:
        return None
    return {
        "display_name": attributes["DisplayName"],
        "policy": json.loads(attributes["Policy"]),
        "tags": tag_dict(client.list_tags_for_resource(ResourceArn=arn)["Tags"]),
    }


def read_queue(aws: Any) -> dict[str, Any] | None:
    client = aws.client("sqs")
    try:
        url = client.get_queue_url(QueueName="life")["QueueUrl"]
    except ClientError:
        return None
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {
        "policy": json.loads(attributes["Policy"]),
        "retention": attributes["MessageRetentionPeriod"],
        "visibility": attributes["VisibilityTimeout"],
        "managed": attributes.get("SqsManagedSseEnabled"),
        "key": attributes.get("KmsMasterKeyId") or None,
        "tags": client.list_queue_tags(QueueUrl=url).get("Tags", {}),
    }


@dataclass(frozen=True)
class Life:
    """A resource, how to make it, what boto3 then says, and changes of it with what they change there."""

    module: str
    key: str
    read: Callable[[Any], dict[str, Any] | None]
    name: str
    arn: str
    arguments: Arguments
    made: dict[str, Any]
    changes: list[tuple[Arguments, dict[str, Any]]] = field(default_factory=list)


TRUST = policy("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
QUEUE_POLICY = policy("sqs:SendMessage", Principal={"Service": "iot.amazonaws.com"}, Resource="*")
TOPIC_POLICY = policy("sns:Publish", Principal={"Service": "cloudwatch.amazonaws.com"}, Resource="*")
BUCKET_POLICY = policy(
    "s3:PutObject", Principal={"AWS": "000000000000"}, Resource="arn:aws:s3:::life-of-a-bucket/*"
)
KEY = "arn:aws:kms:us-east-1:000000000000:key/0a1b2c3d-0000-0000-0000-000000000000"
TOPIC = "arn:aws:sns:us-east-1:000000000000:alarms"

LIVES = [
    Life(
        module="iam_role",
        key="role",
        read=read_role,
        name="life",
        arn="arn:aws:iam::000000000000:role/life",
        arguments={
            "trust_policy": TRUST,
            "inline_policies": {"a": policy("s3:GetObject", Resource="arn:aws:s3:::b/*")},
            "description": "one",
        },
        made={
            "arn": "arn:aws:iam::000000000000:role/life",
            "trust": TRUST,
            "inline": {"a": policy("s3:GetObject", Resource="arn:aws:s3:::b/*")},
            "description": "one",
            "duration": 3600,
            "boundary": None,
        },
        changes=[
            ({"description": "two"}, {"description": "two"}),
            ({"max_session_duration": 7200}, {"duration": 7200}),
            (
                {"trust_policy": policy("sts:AssumeRole", Principal={"Service": "iot.amazonaws.com"})},
                {"trust": policy("sts:AssumeRole", Principal={"Service": "iot.amazonaws.com"})},
            ),
            (
                {"inline_policies": {"b": policy("s3:PutObject", Resource="arn:aws:s3:::b/*")}},
                {"inline": {"b": policy("s3:PutObject", Resource="arn:aws:s3:::b/*")}},
            ),
        ],
    ),
    Life(
        module="s3_bucket",
        key="bucket",
        read=read_bucket,
        name="life-of-a-bucket",
        arn="arn:aws:s3:::life-of-a-bucket",
        arguments={"policy": BUCKET_POLICY, "expire": [{"days": 30}], "abort_uploads_after_days": 7},
        made={
            "encryption": "AES256",
            "key": None,
            "blocked": True,
            "ownership": "BucketOwnerEnforced",
            "policy": BUCKET_POLICY,
            "expire": {"": 30},
            "abort": [7],
            "versioning": None,
        },
        changes=[
            ({"kms_key_arn": KEY}, {"encryption": "aws:kms", "key": KEY}),
            ({"kms_key_arn": ""}, {"encryption": "AES256", "key": None}),
            ({"expire": [{"days": 9}, {"prefix": "a/", "days": 8}]}, {"expire": {"": 9, "a/": 8}}),
            ({"abort_uploads_after_days": 0}, {"abort": []}),
            ({"versioning": True}, {"versioning": "Enabled"}),
            ({"versioning": False}, {"versioning": "Suspended"}),
        ],
    ),
    Life(
        module="cloudwatch_metric_alarm",
        key="alarm",
        read=read_alarm,
        name="life",
        arn="arn:aws:cloudwatch:us-east-1:000000000000:alarm:life",
        arguments={
            "description": "one",
            "namespace": "AWS/Lambda",
            "metric_name": "Errors",
            "dimensions": {"FunctionName": "f"},
            "statistic": "Sum",
            "period": 300,
            "evaluation_periods": 2,
            "threshold": 0,
            "comparison_operator": "GreaterThanThreshold",
            "treat_missing_data": "notBreaching",
            "alarm_actions": [TOPIC],
        },
        made={
            "AlarmDescription": "one",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 2,
            "Threshold": 0.0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [TOPIC],
            "OKActions": [],
        },
        changes=[
            ({"description": "two"}, {"AlarmDescription": "two"}),
            ({"threshold": 1.5}, {"Threshold": 1.5}),
            ({"dimensions": {"FunctionName": "g"}}, {"Dimensions": [{"Name": "FunctionName", "Value": "g"}]}),
            ({"treat_missing_data": "breaching"}, {"TreatMissingData": "breaching"}),
            ({"alarm_actions": [], "ok_actions": [TOPIC]}, {"AlarmActions": [], "OKActions": [TOPIC]}),
        ],
    ),
    Life(
        module="log_group",
        key="log_group",
        read=read_log_group,
        name="/aws/lambda/life",
        arn="arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/life",
        arguments={"retention_days": 14},
        made={"retention": 14},
        changes=[({"retention_days": 30}, {"retention": 30}), ({"retention_days": 0}, {"retention": None})],
    ),
    Life(
        module="sns_topic",
        key="topic",
        read=read_topic,
        name="life",
        arn="arn:aws:sns:us-east-1:000000000000:life",
        arguments={"display_name": "one", "policy": TOPIC_POLICY},
        made={"display_name": "one", "policy": TOPIC_POLICY},
        changes=[
            ({"display_name": "two"}, {"display_name": "two"}),
            (
                {"policy": policy("sns:Publish", Principal={"AWS": "000000000000"}, Resource="*")},
                {"policy": policy("sns:Publish", Principal={"AWS": "000000000000"}, Resource="*")},
            ),
        ],
    ),
    Life(
        module="sqs_queue",
        key="queue",
        read=read_queue,
        name="life",
        arn="arn:aws:sqs:us-east-1:000000000000:life",
        arguments={"retention_seconds": 1209600, "policy": QUEUE_POLICY, "sqs_managed_encryption": True},
        made={
            "retention": "1209600",
            "policy": QUEUE_POLICY,
            "visibility": "30",
            "managed": "true",
            "key": None,
        },
        changes=[
            ({"retention_seconds": 60}, {"retention": "60"}),
            ({"visibility_timeout": 90}, {"visibility": "90"}),
        ],
    ),
]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.module)
def test_life(life: Life, aws: Any, run_module: RunModule) -> None:
    def run(check: bool = False, **arguments: Any) -> dict[str, Any]:
        result = run_module(life.module, check=check, name=life.name, **arguments)
        assert "failed" not in result, result
        return result

    wanted = life.arguments | {"tags": {"project": "iot", "owner": "me"}}
    made = life.made | {"tags": {"project": "iot", "owner": "me"}}

    predicted = run(check=True, **wanted)
    assert life.read(aws) is None
    created = run(**wanted)
    assert life.read(aws) == made
    assert created[life.key]["arn"] == life.arn
    assert created["diff"] == {"before": {}, "after": created[life.key]}
    assert predicted == created

    again = run(**wanted)
    assert again["changed"] is False
    assert again["diff"]["before"] == again["diff"]["after"] == created[life.key] == again[life.key]
    assert run(state="present")["changed"] is False, "what is unset is left alone"
    assert life.read(aws) == made

    retag = {"tags": {"project": "iot", "stage": "dev"}}
    changes = [
        *life.changes,
        (retag | {"purge_tags": False}, {"tags": {"project": "iot", "owner": "me", "stage": "dev"}}),
        (retag, {"tags": {"project": "iot", "stage": "dev"}}),
    ]
    for change, effect in changes:
        before = life.read(aws)
        predicted = run(check=True, **change)
        assert life.read(aws) == before == made
        assert run(**change) == predicted, change
        assert predicted["changed"] is True
        assert predicted["diff"]["before"] != predicted["diff"]["after"]
        made |= effect
        assert life.read(aws) == made
        assert run(**change)["changed"] is False, change

    assert run(check=True, state="absent")["changed"] is True
    assert life.read(aws) == made
    gone = run(state="absent")
    assert (gone["changed"], gone["diff"]["after"]) == (True, {})
    assert life.read(aws) is None
    again = run(state="absent")
    assert (again["changed"], again["diff"]) == (False, {"before": {}, "after": {}})
