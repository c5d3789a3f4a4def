#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages SNS topics."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sns_topic
version_added: 0.1.0
short_description: Manage an SNS topic
description:
  - Creates, changes and deletes a standard topic. Its subscriptions are left alone, but end with the topic.
options:
  name:
    description: The topic's name.
    type: str
    required: true
  display_name:
    description: The sender's name in messages by text and mail.
    type: str
  policy:
    description: Who may use the topic, as a policy document. A new topic may be used by its account alone.
    type: dict
  kms_key_id:
    description:
      - Id, alias or ARN of the KMS key that encrypts messages. An empty string turns that off.
      - CloudWatch alarms can use a customer's key whose policy lets them, but not V(alias/aws/sns).
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
- name: A topic that alarms of this account notify
  timeseries.aws.sns_topic:
    name: alarms
    display_name: Time series
    policy:
      Version: "2012-10-17"
      Statement:
        Effect: Allow
        Principal: {Service: cloudwatch.amazonaws.com}
        Action: sns:Publish
        Resource: arn:aws:sns:eu-west-1:123456789012:alarms
        Condition: {StringEquals: {"aws:SourceAccount": "123456789012"}}
    tags: {project: iot}

- name: Delete the topic
  timeseries.aws.sns_topic:
    name: alarms
    state: absent
"""

RETURN = r"""
topic:
  description: The topic, as it is or, in check mode, as it would be.
  returned: unless it is absent
  type: dict
  contains:
    arn:
      description: The topic's ARN.
      returned: always
      type: str
      sample: arn:aws:sns:eu-west-1:123456789012:alarms
    name:
      description: The topic's name.
      returned: always
      type: str
      sample: alarms
    display_name:
      description: The sender's name, empty if it has none.
      returned: always
      type: str
      sample: Time series
    policy:
      description: Who may use the topic, null where a check run leaves that to SNS.
      returned: always
      type: dict
      sample: {Version: "2012-10-17", Statement: []}
    kms_key_id:
      description: The KMS key, empty if messages are not encrypted with one.
      returned: always
      type: str
      sample: alias/alarms
    tags:
      description: The topic's tags.
      returned: always
      type: dict
      sample: {project: iot}
"""

import json
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
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

SnsErrors = error_handler("NotFound", "NotFoundException")


def describe(attributes: dict[str, str], tags: dict[str, str]) -> Resource:
    """A topic as this module returns it, from SNS's attributes."""
    policy = attributes.get("Policy")
    return {
        "arn": attributes["TopicArn"],
        "name": attributes["TopicArn"].rsplit(":", 1)[1],
        "display_name": attributes.get("DisplayName", ""),
        "policy": json.loads(policy) if policy else None,
        "kms_key_id": attributes.get("KmsMasterKeyId", ""),
        "tags": tags,
    }


def plan(topic: Resource, params: dict[str, Any]) -> Resource:
    """The topic as it will be."""
    return {
        **topic,
        **given(display_name=params["display_name"], kms_key_id=params["kms_key_id"]),
        "policy": plan_policy(topic["policy"], params["policy"]),
        "tags": plan_tags(topic["tags"], params["tags"], params["purge_tags"]),
    }


def attributes_of(topic: Resource) -> dict[str, str]:
    """A topic's attributes as SNS takes them; it always has some policy."""
    policy = given(Policy=json.dumps(topic["policy"]) if topic["policy"] else None)
    return {"DisplayName": topic["display_name"], "KmsMasterKeyId": topic["kms_key_id"], **policy}


@SnsErrors.list_error_handler("get the topic")
def get_topic(client: Any, arn: str) -> Resource | None:
    """The topic, None if there is none."""
    attributes = client.get_topic_attributes(TopicArn=arn, aws_retry=True)["Attributes"]
    tags = client.list_tags_for_resource(ResourceArn=arn, aws_retry=True)["Tags"]
    return describe(attributes, boto3_tag_list_to_ansible_dict(tags))


@SnsErrors.common_error_handler("create the topic")
def create_topic(client: Any, planned: Resource) -> None:
    """Create the topic with all it should have."""
    attributes = {name: value for name, value in attributes_of(planned).items() if value}
    tags = ansible_dict_to_boto3_tag_list(planned["tags"])
    client.create_topic(Name=planned["name"], Attributes=attributes, Tags=tags, aws_retry=True)


@SnsErrors.common_error_handler("change the topic")
def ensure_attributes(client: Any, topic: Resource, planned: Resource) -> None:
    """Make the attributes the planned ones."""
    current = attributes_of(topic)
    for name, value in attributes_of(planned).items():
        if value != current.get(name):
            client.set_topic_attributes(
                TopicArn=topic["arn"], AttributeName=name, AttributeValue=value, aws_retry=True
            )


@SnsErrors.common_error_handler("tag the topic")
def ensure_tags(client: Any, topic: Resource, planned: Resource) -> None:
    """Make the tags the planned ones."""
    arn = topic["arn"]
    write_tags(
        topic["tags"],
        planned["tags"],
        set_tags=lambda tags: client.tag_resource(ResourceArn=arn, Tags=tags, aws_retry=True),
        remove_keys=lambda keys: client.untag_resource(ResourceArn=arn, TagKeys=keys, aws_retry=True),
    )


@SnsErrors.deletion_error_handler("delete the topic")
def delete_topic(client: Any, arn: str) -> None:
    """Delete the topic."""
    client.delete_topic(TopicArn=arn, aws_retry=True)


def ensure_present(
    module: AnsibleAWSModule, client: Any, topic: Resource | None, arn: str
) -> Resource | None:
    """Create or change the topic, and return it as it then is."""
    planned = plan(topic or describe({"TopicArn": arn}, {}), module.params)
    if module.check_mode:
        return planned
    if topic is None:
        create_topic(client, planned)
        return get_topic(client, arn)
    ensure_attributes(client, topic, planned)
    ensure_tags(client, topic, planned)
    return planned


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """Make the topic what the task asks for; returns it before and after."""
    client = retrying_client(module, "sns")
    arn = predicted_arn(module, "sns", module.params["name"])
    topic = get_topic(client, arn)
    if module.params["state"] == "present":
        return topic, ensure_present(module, client, topic, arn)
    if topic is not None and not module.check_mode:
        delete_topic(client, arn)
    return topic, None


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"required": True},
            "display_name": {},
            "policy": {"type": "dict"},
            "kms_key_id": {},
            **STATE_ARGUMENT,
            **TAG_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    run(module, "topic", ensure)


if __name__ == "__main__":
    main()
