#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages CloudWatch log groups."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: log_group
version_added: 0.1.0
short_description: Manage a CloudWatch log group
description:
  - Creates, changes and deletes a log group.
options:
  name:
    description: The log group's name. A Lambda function logs to C(/aws/lambda/) and its own name.
    type: str
    required: true
  retention_days:
    description: After how many days a log event is deleted. V(0), which is AWS's default, means never.
    type: int
    choices: [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096,
      1827, 2192, 2557, 2922, 3288, 3653]
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
- name: Keep a function's log for two weeks
  timeseries.aws.log_group:
    name: /aws/lambda/ingest
    retention_days: 14
    tags: {project: iot}

- name: Delete a log
  timeseries.aws.log_group:
    name: /aws/lambda/ingest
    state: absent
"""

RETURN = r"""
log_group:
  description: The log group, as it is or, in check mode, as it would be.
  returned: unless it is absent
  type: dict
  contains:
    arn:
      description: The log group's ARN.
      returned: always
      type: str
      sample: arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/ingest
    name:
      description: The log group's name.
      returned: always
      type: str
      sample: /aws/lambda/ingest
    retention_days:
      description: After how many days a log event is deleted, 0 for never.
      returned: always
      type: int
      sample: 14
    tags:
      description: The log group's tags.
      returned: always
      type: dict
      sample: {project: iot}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
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

LogsErrors = error_handler("ResourceNotFoundException")

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTION_DAYS = [
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
]
FOR_EVER = 0


def plan(log_group: Resource, params: dict[str, Any]) -> Resource:
    """The log group as it will be."""
    return {
        **log_group,
        **given(retention_days=params["retention_days"]),
        "tags": plan_tags(log_group["tags"], params["tags"], params["purge_tags"]),
    }


@LogsErrors.common_error_handler("describe the log group")
def get_log_group(client: Any, name: str) -> Resource | None:
    """The log group, None if there is none."""
    # The groups come in alphabetical order: one of just this name is the first that begins with it.
    answer = client.describe_log_groups(logGroupNamePrefix=name, limit=1, aws_retry=True)
    for group in answer["logGroups"]:
        if group["logGroupName"] == name:
            # CloudWatch Logs marks this ARN as meaning the group's streams; its other calls refuse it so.
            arn = group["arn"].removesuffix(":*")
            tags = client.list_tags_for_resource(resourceArn=arn, aws_retry=True)["tags"]
            retention = group.get("retentionInDays", FOR_EVER)
            return {"arn": arn, "name": name, "retention_days": retention, "tags": tags}
    return None


@LogsErrors.common_error_handler("create the log group")
def create_log_group(client: Any, planned: Resource) -> None:
    """Create a log group that keeps events for ever."""
    tags = given(tags=planned["tags"] or None)
    client.create_log_group(logGroupName=planned["name"], **tags, aws_retry=True)


@LogsErrors.common_error_handler("set the log group's retention")
def ensure_retention(client: Any, log_group: Resource, planned: Resource) -> None:
    """Make the retention the planned one."""
    name, days = planned["name"], planned["retention_days"]
    if days == log_group["retention_days"]:
        return
    if days == FOR_EVER:
        client.delete_retention_policy(logGroupName=name, aws_retry=True)
    else:
        client.put_retention_policy(logGroupName=name, retentionInDays=days, aws_retry=True)


@LogsErrors.common_error_handler("tag the log group")
def ensure_tags(client: Any, log_group: Resource, planned: Resource) -> None:
    """Make the tags the planned ones."""
    arn = log_group["arn"]
    write_tags(
        log_group["tags"],
        planned["tags"],
        set_tags=lambda tags: client.tag_resource(
            resourceArn=arn, tags=boto3_tag_list_to_ansible_dict(tags), aws_retry=True
        ),
        remove_keys=lambda keys: client.untag_resource(resourceArn=arn, tagKeys=keys, aws_retry=True),
    )


@LogsErrors.deletion_error_handler("delete the log group")
def delete_log_group(client: Any, name: str) -> None:
    """Delete the log group with its events."""
    client.delete_log_group(logGroupName=name, aws_retry=True)


def ensure_created(module: AnsibleAWSModule, client: Any) -> Resource:
    """Create the log group, and return it as it then is."""
    name = module.params["name"]
    arn = predicted_arn(module, "logs", f"log-group:{name}")
    bare: Resource = {"arn": arn, "name": name, "retention_days": FOR_EVER, "tags": {}}
    planned = plan(bare, module.params)
    if not module.check_mode:
        create_log_group(client, planned)
        ensure_retention(client, bare, planned)
    return planned


def ensure_updated(module: AnsibleAWSModule, client: Any, log_group: Resource) -> Resource:
    """Change the log group, and return it as it then is."""
    planned = plan(log_group, module.params)
    if not module.check_mode:
        ensure_retention(client, log_group, planned)
        ensure_tags(client, log_group, planned)
    return planned


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """Make the log group what the task asks for; returns it before and after."""
    client = retrying_client(module, "logs")
    log_group = get_log_group(client, module.params["name"])
    if module.params["state"] == "present":
        if log_group is None:
            return None, ensure_created(module, client)
        return log_group, ensure_updated(module, client, log_group)
    if log_group is not None and not module.check_mode:
        delete_log_group(client, log_group["name"])
    return log_group, None


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"required": True},
            "retention_days": {"type": "int", "choices": [FOR_EVER, *RETENTION_DAYS]},
            **STATE_ARGUMENT,
            **TAG_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    run(module, "log_group", ensure)


if __name__ == "__main__":
    main()
