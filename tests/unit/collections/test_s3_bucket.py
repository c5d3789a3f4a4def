# SPDX-License-Identifier: MIT
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

RunModule = Callable[..., dict[str, Any]]

TLS_ONLY = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    },
}


@pytest.fixture
def bucket() -> str:
    return f"bucket-{uuid4().hex}"


def rule_ids(aws: Any, bucket: str) -> list[str]:
    rules = aws.client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    return sorted(rule["ID"] for rule in rules)


def test_a_bucket_with_objects_is_only_deleted_by_force(bucket: str, aws: Any, run_module: RunModule) -> None:
    client = aws.client("s3")
    run_module("s3_bucket", name=bucket, versioning=True)
    for content in (b"one", b"two"):
        client.put_object(Bucket=bucket, Key="a", Body=content)
    client.delete_object(Bucket=bucket, Key="a")
    for check in (True, False):
        refused = run_module("s3_bucket", check=check, name=bucket, state="absent")
        assert refused["failed"] is True
        assert refused["msg"] == f"bucket {bucket} is not empty; set force to delete it with what it holds"
    assert run_module("s3_bucket", check=True, name=bucket, state="absent", force=True)["changed"] is True
    assert len(client.list_object_versions(Bucket=bucket)["Versions"]) == 2
    assert run_module("s3_bucket", name=bucket, state="absent", force=True)["changed"] is True
    assert bucket not in [found["Name"] for found in client.list_buckets()["Buckets"]]


def test_more_objects_than_one_call_deletes(bucket: str, aws: Any, run_module: RunModule) -> None:
    client = aws.client("s3")
    run_module("s3_bucket", name=bucket)
    for number in range(1001):
        client.put_object(Bucket=bucket, Key=f"{number}", Body=b"")
    run_module("s3_bucket", name=bucket, state="absent", force=True)
    assert bucket not in [found["Name"] for found in client.list_buckets()["Buckets"]]


def test_what_others_left_open_is_closed(bucket: str, aws: Any, run_module: RunModule) -> None:
    client = aws.client("s3")
    client.create_bucket(Bucket=bucket)
    client.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={"BlockPublicAcls": True, "BlockPublicPolicy": False},
    )
    result = run_module("s3_bucket", name=bucket)
    assert result["diff"]["before"]["public_access_blocked"] is False
    assert result["diff"]["after"]["public_access_blocked"] is True
    block = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert len(block) == 4
    assert all(block.values())
    assert run_module("s3_bucket", name=bucket)["changed"] is False


def test_policy_with_a_boolean_and_its_removal(bucket: str, aws: Any, run_module: RunModule) -> None:
    client = aws.client("s3")
    run_module("s3_bucket", name=bucket, policy=TLS_ONLY)
    quoted = TLS_ONLY["Statement"] | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}  # type: ignore[operator]
    assert run_module("s3_bucket", name=bucket, policy=TLS_ONLY)["changed"] is False
    assert run_module("s3_bucket", name=bucket, policy=TLS_ONLY | {"Statement": quoted})["changed"] is False
    removed = run_module("s3_bucket", name=bucket, policy={})
    assert (removed["changed"], removed["bucket"]["policy"]) == (True, None)
    with pytest.raises(client.exceptions.ClientError, match="NoSuchBucketPolicy"):
        client.get_bucket_policy(Bucket=bucket)
    assert run_module("s3_bucket", name=bucket, policy={})["changed"] is False


def test_lifecycle_rules_of_others_stay(bucket: str, aws: Any, run_module: RunModule) -> None:
    client = aws.client("s3")
    run_module("s3_bucket", name=bucket)
    archive = {
        "ID": "archive",
        "Status": "Enabled",
        "Filter": {"Prefix": "old/"},
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
    }
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [archive]})
    assert run_module("s3_bucket", name=bucket, expire=[])["changed"] is False
    run_module("s3_bucket", name=bucket, expire=[{"prefix": "x/", "days": 3}], abort_uploads_after_days=2)
    assert rule_ids(aws, bucket) == ["abort-incomplete-uploads", "archive", "expire:x/"]
    run_module("s3_bucket", name=bucket, expire=[])
    assert rule_ids(aws, bucket) == ["abort-incomplete-uploads", "archive"]
    run_module("s3_bucket", name=bucket, abort_uploads_after_days=0)
    assert rule_ids(aws, bucket) == ["archive"]


def test_the_order_of_expiry_rules_does_not_matter(bucket: str, run_module: RunModule) -> None:
    rules = [{"prefix": "b/", "days": 2}, {"prefix": "a/", "days": 1}]
    run_module("s3_bucket", name=bucket, expire=rules)
    assert run_module("s3_bucket", name=bucket, expire=rules[::-1])["changed"] is False


def test_a_bucket_is_made_in_its_region(bucket: str, aws: Any, run_module: RunModule) -> None:
    run_module("s3_bucket", name=bucket, region="eu-west-1")
    place = aws.client("s3").get_bucket_location(Bucket=bucket)
    assert place["LocationConstraint"] == "eu-west-1"
