#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages SQS queues."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sqs_queue
version_added: 0.1.0
short_description: Manage an SQS queue
description:
  - Creates, changes and deletes a standard queue.
  - AWS refuses to create a queue within 60 seconds after one of its name was deleted; the module then waits.
options:
  name:
    description: The queue's name.
    type: str
    required: true
  policy:
    description: Who may use the queue, as a policy document. An empty one removes it.
    type: dict
  redrive_policy:
    description: Where messages go that are not handled.
    type: dict
    suboptions:
      dead_letter_arn:
        description: ARN of the queue they go to.
        type: str
        required: true
      max_receive_count:
        description: How often a message is received before, 1 to 1000 times.
        type: int
        required: true
  retention_seconds:
    description: How long a message is kept, 60 to 1209600 seconds. AWS's default is 345600, four days.
    type: int
  visibility_timeout:
    description: How long a received message is hidden from others, 0 to 43200 seconds. AWS's default is 30.
    type: int
  sqs_managed_encryption:
    description: Whether SQS's own keys encrypt messages. AWS's default is V(true).
    type: bool
  kms_key_id:
    description: Id, alias or ARN of a KMS key that encrypts messages. An empty string turns that off.
    type: str
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
- name: A queue that keeps what could not be stored for two weeks
  timeseries.aws.sqs_queue:
    name: dead-letters
    retention_seconds: 1209600
    sqs_managed_encryption: true
    policy:
      Version: "2012-10-17"
      Statement:
        Sid: TlsOnly
        Effect: Deny
        Principal: "*"
        Action: sqs:*
        Resource: arn:aws:sqs:eu-west-1:123456789012:dead-letters
        Condition: {Bool: {"aws:SecureTransport": false}}
    tags: {project: iot}

- name: A queue whose messages go there after three attempts
  timeseries.aws.sqs_queue:
    name: readings
    redrive_policy:
      dead_letter_arn: arn:aws:sqs:eu-west-1:123456789012:dead-letters
      max_receive_count: 3

- name: Delete a queue with its messages
  timeseries.aws.sqs_queue:
    name: readings
    state: absent
"""

RETURN = r"""
queue:
  description: The queue, as it is or, in check mode, as it would be.
  returned: unless it is absent
  type: dict
  contains:
    arn:
      description: The queue's ARN.
      returned: always
      type: str
      sample: arn:aws:sqs:eu-west-1:123456789012:dead-letters
    name:
      description: The queue's name.
      returned: always
      type: str
      sample: dead-letters
    policy:
      description: Who may use the queue, null without a policy.
      returned: always
      type: dict
      sample: {Version: "2012-10-17", Statement: []}
    redrive_policy:
      description: Where unhandled messages go, null if nowhere.
      returned: always
      type: dict
      sample: {dead_letter_arn: "arn:aws:sqs:eu-west-1:123456789012:dead-letters", max_receive_count: 3}
    retention_seconds:
      description: How long a message is kept.
      returned: always
      type: int
      sample: 1209600
    visibility_timeout:
      description: How long a received message is hidden from others, in seconds.
      returned: always
      type: int
      sample: 30
    sqs_managed_encryption:
      description: Whether SQS's own keys encrypt messages.
      returned: always
      type: bool
      sample: true
    kms_key_id:
      description: The KMS key that encrypts messages, empty without one.
      returned: always
      type: str
      sample: alias/queues
    tags:
      description: The queue's tags.
      returned: always
      type: dict
      sample: {project: iot}
"""

import json
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.timeseries.aws.plugins.module_utils.planning import plan_policy
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    STATE_ARGUMENT,
    TAG_ARGUMENTS,
    Resource,
    error_handler,
    given,
    plan_tags,
    predicted_arn,
    retrying_client,
    run,
    write_tags,
)

SqsErrors = error_handler("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
DELETED_RECENTLY = ("AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently")

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
DEFAULTS: dict[str, str] = {
    "MessageRetentionPeriod": "345600",
    "VisibilityTimeout": "30",
    "SqsManagedSseEnabled": "true",
}


def describe(attributes: dict[str, str], tags: dict[str, str]) -> Resource:
    """A queue as this module returns it, from SQS's attributes."""
    policy, redrive = attributes.get("Policy"), json.loads(attributes.get("RedrivePolicy") or "null")
    kms_key_id = attributes.get("KmsMasterKeyId", "")
    return {
        "arn": attributes["QueueArn"],
        "name": attributes["QueueArn"].rsplit(":", 1)[1],
        "policy": json.loads(policy) if policy else None,
        "redrive_policy": redrive
        and {
            "dead_letter_arn": redrive["deadLetterTargetArn"],
            "max_receive_count": int(redrive["maxReceiveCount"]),
        },
        "retention_seconds": int(attributes["MessageRetentionPeriod"]),
        "visibility_timeout": int(attributes["VisibilityTimeout"]),
        "sqs_managed_encryption": attributes.get("SqsManagedSseEnabled") == "true" and not kms_key_id,
        "kms_key_id": kms_key_id,
        "tags": tags,
    }


def plan(queue: Resource, params: dict[str, Any]) -> Resource:
    """The queue as it will be; either kind of encryption ends the other."""
    options = (
        "redrive_policy",
        "retention_seconds",
        "visibility_timeout",
        "sqs_managed_encryption",
        "kms_key_id",
    )
    planned = {
        **queue,
        **given(**{name: params[name] for name in options}),
        "policy": plan_policy(queue["policy"], params["policy"]),
        "tags": plan_tags(queue["tags"], params["tags"], params["purge_tags"]),
    }
    if params["sqs_managed_encryption"]:
        planned["kms_key_id"] = ""
    elif planned["kms_key_id"]:
        planned["sqs_managed_encryption"] = False
    return planned


def attributes_of(queue: Resource) -> dict[str, str]:
    """A queue's attributes as SQS takes them; an empty string is none.

    SQS turns its own encryption off by itself where a KMS key is named, and refuses to be told both.
    """
    managed = (
        {} if queue["kms_key_id"] else {"SqsManagedSseEnabled": str(queue["sqs_managed_encryption"]).lower()}
    )
    redrive = queue["redrive_policy"] and {
        "deadLetterTargetArn": queue["redrive_policy"]["dead_letter_arn"],
        "maxReceiveCount": queue["redrive_policy"]["max_receive_count"],
    }
    return {
        "Policy": json.dumps(queue["policy"]) if queue["policy"] else "",
        "RedrivePolicy": json.dumps(redrive) if redrive else "",
        "MessageRetentionPeriod": str(queue["retention_seconds"]),
        "VisibilityTimeout": str(queue["visibility_timeout"]),
        "KmsMasterKeyId": queue["kms_key_id"],
        **managed,
    }


@SqsErrors.list_error_handler("find the queue")
def get_url(client: Any, name: str) -> str | None:
    """The queue's URL, None if there is no queue."""
    url: str = client.get_queue_url(QueueName=name, aws_retry=True)["QueueUrl"]
    return url


@SqsErrors.list_error_handler("get the queue")
def get_queue(client: Any, url: str) -> Resource | None:
    """The queue, None if it has just been deleted."""
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"], aws_retry=True)[
        "Attributes"
    ]
    return describe(attributes, client.list_queue_tags(QueueUrl=url, aws_retry=True).get("Tags", {}))


@SqsErrors.common_error_handler("create the queue")
def create_queue(client: Any, planned: Resource) -> None:
    """Create the queue with all it should have."""
    attributes = {name: value for name, value in attributes_of(planned).items() if value}
    client.create_queue(
        QueueName=planned["name"], Attributes=attributes, tags=planned["tags"], aws_retry=True
    )


@SqsErrors.common_error_handler("change the queue")
def ensure_attributes(client: Any, url: str, queue: Resource, planned: Resource) -> None:
    """Make the attributes the planned ones."""
    current = attributes_of(queue)
    changes = {name: value for name, value in attributes_of(planned).items() if value != current.get(name)}
    if changes:
        client.set_queue_attributes(QueueUrl=url, Attributes=changes, aws_retry=True)


@SqsErrors.common_error_handler("tag the queue")
def ensure_tags(client: Any, url: str, queue: Resource, planned: Resource) -> None:
    """Make the tags the planned ones."""
    write_tags(
        queue["tags"],
        planned["tags"],
        set_tags=lambda tags: client.tag_queue(
            QueueUrl=url, Tags=boto3_tag_list_to_ansible_dict(tags), aws_retry=True
        ),
        remove_keys=lambda keys: client.untag_queue(QueueUrl=url, TagKeys=keys, aws_retry=True),
    )


@SqsErrors.deletion_error_handler("delete the queue")
def delete_queue(client: Any, url: str) -> None:
    """Delete the queue with its messages."""
    client.delete_queue(QueueUrl=url, aws_retry=True)


def ensure_created(module: AnsibleAWSModule, client: Any) -> Resource:
    """Create the queue, and return it as it then is."""
    arn = predicted_arn(module, "sqs", module.params["name"])
    planned = plan(describe({"QueueArn": arn, **DEFAULTS}, {}), module.params)
    if not module.check_mode:
        create_queue(client, planned)
    return planned


def ensure_updated(module: AnsibleAWSModule, client: Any, url: str, queue: Resource) -> Resource:
    """Change the queue, and return it as it then is."""
    planned = plan(queue, module.params)
    if not module.check_mode:
        ensure_attributes(client, url, queue, planned)
        ensure_tags(client, url, queue, planned)
    return planned


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """Make the queue what the task asks for; returns it before and after."""
    client = retrying_client(module, "sqs", *DELETED_RECENTLY)
    url = get_url(client, module.params["name"])
    queue = get_queue(client, url) if url else None
    if module.params["state"] == "present":
        if url is None or queue is None:
            return None, ensure_created(module, client)
        return queue, ensure_updated(module, client, url, queue)
    if url and not module.check_mode:
        delete_queue(client, url)
    return queue, None


def main() -> None:
    """Run the module."""
    redrive_policy = {
        "dead_letter_arn": {"required": True},
        "max_receive_count": {"type": "int", "required": True},
    }
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"required": True},
            "policy": {"type": "dict"},
            "redrive_policy": {"type": "dict", "options": redrive_policy},
            "retention_seconds": {"type": "int"},
            "visibility_timeout": {"type": "int"},
            "sqs_managed_encryption": {"type": "bool"},
            "kms_key_id": {},
            **STATE_ARGUMENT,
            **TAG_ARGUMENTS,
        },
        mutually_exclusive=[("sqs_managed_encryption", "kms_key_id")],
        supports_check_mode=True,
    )
    run(module, "queue", ensure)


if __name__ == "__main__":
    main()
