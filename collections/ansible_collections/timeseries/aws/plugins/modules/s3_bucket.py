#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages private S3 buckets."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: s3_bucket
version_added: 0.1.0
short_description: Manage a private S3 bucket
description:
  - Creates, changes and deletes a bucket that is encrypted, owned by its account and closed to the public.
  - Public access is always blocked, and access control lists are always off.
options:
  name:
    description: The bucket's name, unique among all accounts.
    type: str
    required: true
  kms_key_arn:
    description:
      - ARN of the KMS key that encrypts new objects. An empty string means S3's own keys (SSE-S3).
      - A new bucket uses S3's own keys if this is not set.
    type: str
  policy:
    description: The bucket's policy document. An empty one removes it.
    type: dict
  expire:
    description:
      - After how many days objects are deleted. An empty list means never.
      - In a bucket with versioning, previous versions are deleted as many days after they were replaced.
      - Lifecycle rules that do something else are left alone.
    type: list
    elements: dict
    suboptions:
      prefix:
        description: How the names of the objects begin. Every object is meant if this is empty.
        type: str
        default: ""
      days:
        description: Days since an object was made.
        type: int
        required: true
  abort_uploads_after_days:
    description: After how many days an incomplete multipart upload is given up. V(0) means never.
    type: int
  versioning:
    description: Whether previous versions of objects are kept.
    type: bool
  force:
    description: Whether a bucket is emptied, with all versions, before it is deleted.
    type: bool
    default: false
author:
  - The timeseries-ansible authors (@timeseries-ansible)
extends_documentation_fragment:
  - timeseries.aws.resource
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: A bucket that is read over TLS only and keeps objects for a month
  timeseries.aws.s3_bucket:
    name: rejected-records-123456789012
    policy:
      Version: "2012-10-17"
      Statement:
        Sid: TlsOnly
        Effect: Deny
        Principal: "*"
        Action: s3:*
        Resource:
          - arn:aws:s3:::rejected-records-123456789012
          - arn:aws:s3:::rejected-records-123456789012/*
        Condition: {Bool: {"aws:SecureTransport": false}}
    expire:
      - days: 30
    abort_uploads_after_days: 7
    tags: {project: iot}

- name: Delete the bucket and all that is in it
  timeseries.aws.s3_bucket:
    name: rejected-records-123456789012
    state: absent
    force: true
"""

RETURN = r"""
bucket:
  description: The bucket, as it is or, in check mode, as it would be.
  returned: unless it is absent
  type: dict
  contains:
    arn:
      description: The bucket's ARN.
      returned: always
      type: str
      sample: arn:aws:s3:::rejected-records-123456789012
    name:
      description: The bucket's name.
      returned: always
      type: str
      sample: rejected-records-123456789012
    encryption:
      description: V(AES256) for S3's own keys, V(aws:kms) for a KMS key.
      returned: always
      type: str
      sample: AES256
    kms_key_arn:
      description: The KMS key, empty for S3's own keys.
      returned: always
      type: str
      sample: arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d
    public_access_blocked:
      description: Whether all public access is blocked.
      returned: always
      type: bool
      sample: true
    object_ownership:
      description: Who owns objects. V(BucketOwnerEnforced) means that access control lists are off.
      returned: always
      type: str
      sample: BucketOwnerEnforced
    policy:
      description: The bucket's policy, null if there is none.
      returned: always
      type: dict
      sample: {Version: "2012-10-17", Statement: []}
    expire:
      description: After how many days objects are deleted, by prefix.
      returned: always
      type: list
      elements: dict
      sample: [{prefix: "", days: 30}]
    abort_uploads_after_days:
      description: After how many days incomplete uploads are given up, 0 for never.
      returned: always
      type: int
      sample: 7
    versioning:
      description: Whether previous versions are kept.
      returned: always
      type: bool
      sample: false
    tags:
      description: The bucket's tags.
      returned: always
      type: dict
      sample: {project: iot}
"""

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.timeseries.aws.plugins.module_utils.planning import Policy, plan_policy
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    STATE_ARGUMENT,
    TAG_ARGUMENTS,
    Resource,
    error_handler,
    given,
    plan_tags,
    retrying_client,
    run,
)

S3Errors = error_handler(
    "404",
    "NoSuchBucket",
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
)

BLOCK_ALL = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
OWNER_ENFORCED = "BucketOwnerEnforced"

# Rules of these names are this module's, any other is left alone.
EXPIRE_RULE = "expire:"
ABORT_RULE = "abort-incomplete-uploads"

# What DeleteObjects takes, https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
DELETED_AT_ONCE = 1000

Rule = dict[str, Any]


def new_bucket(name: str, partition: str) -> Resource:
    """A bucket of which nothing has been set."""
    return {
        "arn": f"arn:{partition}:s3:::{name}",
        "name": name,
        "encryption": None,
        "kms_key_arn": "",
        "public_access_blocked": False,
        "object_ownership": None,
        "policy": None,
        "expire": [],
        "abort_uploads_after_days": 0,
        "versioning": False,
        "tags": {},
    }


def plan(bucket: Resource, params: dict[str, Any]) -> Resource:
    """The bucket as it will be."""
    planned = {
        **bucket,
        **given(**{name: params[name] for name in ("kms_key_arn", "abort_uploads_after_days", "versioning")}),
        "public_access_blocked": True,
        "object_ownership": OWNER_ENFORCED,
        "policy": plan_policy(bucket["policy"], params["policy"]),
        "tags": plan_tags(bucket["tags"], params["tags"], params["purge_tags"]),
    }
    if params["expire"] is not None:
        planned["expire"] = sorted(params["expire"], key=lambda rule: rule["prefix"])
    planned["encryption"] = "aws:kms" if planned["kms_key_arn"] else "AES256"
    return planned


def is_ours(rule: Rule) -> bool:
    """Whether a lifecycle rule is one that this module writes."""
    return rule.get("ID") == ABORT_RULE or rule.get("ID", "").startswith(EXPIRE_RULE)


def lifecycle_of(rules: list[Rule]) -> Resource:
    """What this module's lifecycle rules do, by the names of its options."""
    active = [rule for rule in rules if is_ours(rule) and rule["Status"] == "Enabled"]
    expire = [
        {"prefix": rule["Filter"].get("Prefix", ""), "days": rule["Expiration"]["Days"]}
        for rule in active
        if "Expiration" in rule
    ]
    aborts = [rule["AbortIncompleteMultipartUpload"] for rule in active if rule["ID"] == ABORT_RULE]
    return {
        "expire": sorted(expire, key=lambda rule: rule["prefix"]),
        "abort_uploads_after_days": aborts[0]["DaysAfterInitiation"] if aborts else 0,
    }


def lifecycle_rules(bucket: Resource) -> list[Rule]:
    """The lifecycle rules that do what a bucket should."""
    rules: list[Rule] = [
        {
            "ID": f"{EXPIRE_RULE}{rule['prefix']}",
            "Status": "Enabled",
            "Filter": {"Prefix": rule["prefix"]},
            "Expiration": {"Days": rule["days"]},
            "NoncurrentVersionExpiration": {"NoncurrentDays": rule["days"]},
        }
        for rule in bucket["expire"]
    ]
    if days := bucket["abort_uploads_after_days"]:
        abort = {"DaysAfterInitiation": days}
        rules.append(
            {
                "ID": ABORT_RULE,
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "AbortIncompleteMultipartUpload": abort,
            }
        )
    return rules


@S3Errors.list_error_handler("find the bucket", False)
def bucket_exists(client: Any, name: str) -> bool:
    """Whether there is such a bucket, and it may be used."""
    client.head_bucket(Bucket=name, aws_retry=True)
    return True


@S3Errors.list_error_handler("get the bucket's encryption", {})
def get_encryption(client: Any, name: str) -> Resource:
    """How new objects are encrypted."""
    answer = client.get_bucket_encryption(Bucket=name, aws_retry=True)
    default = answer["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    return {"encryption": default["SSEAlgorithm"], "kms_key_arn": default.get("KMSMasterKeyID", "")}


@S3Errors.list_error_handler("get the bucket's public access block", False)
def is_public_access_blocked(client: Any, name: str) -> bool:
    """Whether all four kinds of public access are blocked."""
    answer = client.get_public_access_block(Bucket=name, aws_retry=True)
    return bool(answer["PublicAccessBlockConfiguration"] == BLOCK_ALL)


@S3Errors.list_error_handler("get the bucket's ownership controls")
def get_object_ownership(client: Any, name: str) -> str | None:
    """Who owns the bucket's objects."""
    answer = client.get_bucket_ownership_controls(Bucket=name, aws_retry=True)
    ownership: str = answer["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
    return ownership


@S3Errors.list_error_handler("get the bucket's policy")
def get_policy(client: Any, name: str) -> Policy | None:
    """The bucket's policy, None without one."""
    policy: Policy = json.loads(client.get_bucket_policy(Bucket=name, aws_retry=True)["Policy"])
    return policy


@S3Errors.list_error_handler("get the bucket's lifecycle", [])
def get_lifecycle_rules(client: Any, name: str) -> list[Rule]:
    """All lifecycle rules, this module's and others."""
    rules: list[Rule] = client.get_bucket_lifecycle_configuration(Bucket=name, aws_retry=True)["Rules"]
    return rules


@S3Errors.list_error_handler("get the bucket's versioning", False)
def is_versioned(client: Any, name: str) -> bool:
    """Whether previous versions are kept."""
    return bool(client.get_bucket_versioning(Bucket=name, aws_retry=True).get("Status") == "Enabled")


@S3Errors.list_error_handler("get the bucket's tags", {})
def get_tags(client: Any, name: str) -> dict[str, str]:
    """The bucket's tags."""
    tags: dict[str, str] = boto3_tag_list_to_ansible_dict(
        client.get_bucket_tagging(Bucket=name, aws_retry=True)["TagSet"]
    )
    return tags


def get_bucket(client: Any, empty: Resource) -> Resource | None:
    """The bucket as it is, None if there is none; `empty` is the same bucket with nothing set."""
    name = empty["name"]
    if not bucket_exists(client, name):
        return None
    return {
        **empty,
        **get_encryption(client, name),
        **lifecycle_of(get_lifecycle_rules(client, name)),
        "public_access_blocked": is_public_access_blocked(client, name),
        "object_ownership": get_object_ownership(client, name),
        "policy": get_policy(client, name),
        "versioning": is_versioned(client, name),
        "tags": get_tags(client, name),
    }


@S3Errors.common_error_handler("create the bucket")
def create_bucket(client: Any, name: str, region: str) -> None:
    """Create a bucket with nothing set, and wait until it is there."""
    # us-east-1 is the one region that may not be named.
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=name, ObjectOwnership=OWNER_ENFORCED, **place, aws_retry=True)
    client.get_waiter("bucket_exists").wait(Bucket=name)


@S3Errors.common_error_handler("encrypt the bucket")
def ensure_encryption(client: Any, bucket: Resource, planned: Resource) -> None:
    """Make the encryption the planned one; with a KMS key, through a bucket key, which saves calls of KMS."""
    if all(bucket[aspect] == planned[aspect] for aspect in ("encryption", "kms_key_arn")):
        return
    key = given(KMSMasterKeyID=planned["kms_key_arn"] or None)
    default = {"SSEAlgorithm": planned["encryption"], **key}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bool(key)}
    client.put_bucket_encryption(
        Bucket=bucket["name"], ServerSideEncryptionConfiguration={"Rules": [rule]}, aws_retry=True
    )


@S3Errors.common_error_handler("make the bucket private")
def ensure_private(client: Any, bucket: Resource, planned: Resource) -> None:
    """Block public access and turn access control lists off."""
    if bucket["public_access_blocked"] != planned["public_access_blocked"]:
        client.put_public_access_block(
            Bucket=bucket["name"], PublicAccessBlockConfiguration=BLOCK_ALL, aws_retry=True
        )
    if bucket["object_ownership"] != planned["object_ownership"]:
        controls = {"Rules": [{"ObjectOwnership": OWNER_ENFORCED}]}
        client.put_bucket_ownership_controls(
            Bucket=bucket["name"], OwnershipControls=controls, aws_retry=True
        )


@S3Errors.common_error_handler("set the bucket's policy")
def ensure_policy(client: Any, bucket: Resource, planned: Resource) -> None:
    """Make the policy the planned one, or remove it."""
    if bucket["policy"] == planned["policy"]:
        return
    if planned["policy"]:
        policy = json.dumps(planned["policy"])
        client.put_bucket_policy(Bucket=bucket["name"], Policy=policy, aws_retry=True)
    else:
        client.delete_bucket_policy(Bucket=bucket["name"], aws_retry=True)


@S3Errors.common_error_handler("set the bucket's lifecycle")
def ensure_lifecycle(client: Any, bucket: Resource, planned: Resource) -> None:
    """Make this module's lifecycle rules the planned ones; others stay."""
    if all(bucket[aspect] == planned[aspect] for aspect in ("expire", "abort_uploads_after_days")):
        return
    others = [rule for rule in get_lifecycle_rules(client, bucket["name"]) if not is_ours(rule)]
    if rules := others + lifecycle_rules(planned):
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket["name"], LifecycleConfiguration={"Rules": rules}, aws_retry=True
        )
    else:
        client.delete_bucket_lifecycle(Bucket=bucket["name"], aws_retry=True)


@S3Errors.common_error_handler("set the bucket's versioning")
def ensure_versioning(client: Any, bucket: Resource, planned: Resource) -> None:
    """Turn versioning on, or suspend it."""
    if bucket["versioning"] != planned["versioning"]:
        status = {"Status": "Enabled" if planned["versioning"] else "Suspended"}
        client.put_bucket_versioning(Bucket=bucket["name"], VersioningConfiguration=status, aws_retry=True)


@S3Errors.common_error_handler("tag the bucket")
def ensure_tags(client: Any, bucket: Resource, planned: Resource) -> None:
    """Make the tags the planned ones; S3 only takes them all at once."""
    if bucket["tags"] == planned["tags"]:
        return
    if planned["tags"]:
        tags = {"TagSet": ansible_dict_to_boto3_tag_list(planned["tags"])}
        client.put_bucket_tagging(Bucket=bucket["name"], Tagging=tags, aws_retry=True)
    else:
        client.delete_bucket_tagging(Bucket=bucket["name"], aws_retry=True)


def stored_versions(client: Any, name: str) -> Iterable[dict[str, str]]:
    """Every version and delete marker in a bucket, as DeleteObjects takes them."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        for version in page.get("Versions", []) + page.get("DeleteMarkers", []):
            yield {"Key": version["Key"], "VersionId": version["VersionId"]}


@S3Errors.common_error_handler("list the bucket's objects")
def refuse_if_not_empty(client: Any, name: str) -> None:
    """Raise an error if there is anything in a bucket."""
    if any(True for _ in stored_versions(client, name)):
        raise AnsibleAWSError(
            message=f"bucket {name} is not empty; set force to delete it with what it holds"
        )


@S3Errors.common_error_handler("empty the bucket")
def empty_bucket(client: Any, name: str) -> None:
    """Delete everything in a bucket, with all versions."""
    versions = iter(stored_versions(client, name))
    while batch := list(islice(versions, DELETED_AT_ONCE)):
        answer = client.delete_objects(Bucket=name, Delete={"Objects": batch, "Quiet": True}, aws_retry=True)
        if errors := answer.get("Errors"):
            raise AnsibleAWSError(message=f"cannot delete {errors[0]['Key']}: {errors[0]['Message']}")


@S3Errors.deletion_error_handler("delete the bucket")
def delete_bucket(client: Any, name: str) -> None:
    """Delete an empty bucket."""
    client.delete_bucket(Bucket=name, aws_retry=True)


def ensure_absent(module: AnsibleAWSModule, client: Any, name: str) -> None:
    """Delete the bucket, if need be with what it holds."""
    if not module.params["force"]:
        refuse_if_not_empty(client, name)
    elif not module.check_mode:
        empty_bucket(client, name)
    if not module.check_mode:
        delete_bucket(client, name)


def ensure_present(
    module: AnsibleAWSModule, client: Any, bucket: Resource | None, empty: Resource
) -> Resource:
    """Create or change the bucket, and return it as it then is."""
    planned = plan(bucket or empty, module.params)
    if module.check_mode:
        return planned
    if bucket is None:
        create_bucket(client, empty["name"], module.region)
    for write in (
        ensure_encryption,
        ensure_private,
        ensure_versioning,
        ensure_policy,
        ensure_lifecycle,
        ensure_tags,
    ):
        write(client, bucket or empty, planned)
    return planned


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """Make the bucket what the task asks for; returns it before and after."""
    # S3 answers OperationAborted while it is still busy with an earlier change.
    client = retrying_client(module, "s3", "OperationAborted")
    empty = new_bucket(module.params["name"], client.meta.partition)
    bucket = get_bucket(client, empty)
    if module.params["state"] == "present":
        return bucket, ensure_present(module, client, bucket, empty)
    if bucket is not None:
        ensure_absent(module, client, bucket["name"])
    return bucket, None


def main() -> None:
    """Run the module."""
    expire = {"prefix": {"default": ""}, "days": {"type": "int", "required": True}}
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"required": True},
            "kms_key_arn": {"no_log": False},
            "policy": {"type": "dict"},
            "expire": {"type": "list", "elements": "dict", "options": expire},
            "abort_uploads_after_days": {"type": "int"},
            "versioning": {"type": "bool"},
            "force": {"type": "bool", "default": False},
            **STATE_ARGUMENT,
            **TAG_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    run(module, "bucket", ensure)


if __name__ == "__main__":
    main()
