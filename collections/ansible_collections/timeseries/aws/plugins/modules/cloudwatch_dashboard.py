#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages dashboards of Amazon CloudWatch."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cloudwatch_dashboard
version_added: 0.1.0
short_description: Manage dashboards of Amazon CloudWatch
description:
  - Creates, changes and deletes dashboards of Amazon CloudWatch.
  - Dashboards are global, so a name can be used once an account, whatever the region.
options:
  name:
    description:
      - The name of the dashboard.
      - Up to 255 letters, digits, hyphens and underscores.
    type: str
    required: true
  body:
    description:
      - The whole body of the dashboard, as a dictionary or as JSON.
        See U(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html).
      - Bodies are compared by meaning; order of keys and white space do not matter.
      - Required to create a dashboard.
    type: json
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
- name: Show how many readings come in
  timeseries.aws.cloudwatch_dashboard:
    name: iot-timeseries-prod
    body:
      widgets:
        - type: metric
          width: 12
          height: 6
          properties:
            title: Writes a minute
            region: us-east-1
            stat: SampleCount
            period: 60
            metrics:
              - [AWS/Timestream, SuccessfulRequestLatency, Operation, WriteRecords]

- name: Delete a dashboard
  timeseries.aws.cloudwatch_dashboard:
    name: iot-timeseries-prod
    state: absent
"""

RETURN = r"""
dashboard:
  description: The dashboard. In a check run, as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
      sample: iot-timeseries-prod
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:cloudwatch::123456789012:dashboard/iot-timeseries-prod
    body:
      description: Its body.
      type: dict
      returned: always
      sample: {widgets: []}
    tags:
      description: Its tags.
      type: dict
      returned: always
      sample: {Project: iot-timeseries}
"""

import json
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    STATE_ARGUMENT,
    TAG_ARGUMENTS,
    Resource,
    Tags,
    error_handler,
    plan_tags,
    predicted_arn,
    retrying_client,
    run,
    write_tags,
)

# The code of DashboardNotFoundError.
DashboardErrorHandler = error_handler("ResourceNotFound")


def parsed(body: str | None) -> dict[str, Any] | None:
    """The `body` option as a dictionary; AnsibleAWSError if it is no JSON object."""
    if body is None:
        return None
    try:
        found = json.loads(body)
    except ValueError as error:
        raise AnsibleAWSError(message=f"body is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise AnsibleAWSError(message="body must be a dictionary, or the JSON of one")
    return found


@DashboardErrorHandler.list_error_handler("list the tags of the dashboard", {})
def get_tags(client: Any, arn: str) -> Tags:
    """The tags of a dashboard; none where CloudWatch knows nothing of tags on dashboards."""
    tags: Tags = boto3_tag_list_to_ansible_dict(
        client.list_tags_for_resource(aws_retry=True, ResourceARN=arn)["Tags"]
    )
    return tags


@DashboardErrorHandler.list_error_handler("get the dashboard")
def get_dashboard(client: Any, name: str) -> Resource | None:
    """The dashboard, or None if there is none."""
    answer = client.get_dashboard(aws_retry=True, DashboardName=name)
    arn = answer["DashboardArn"]
    return {
        "name": name,
        "arn": arn,
        "body": json.loads(answer["DashboardBody"]),
        "tags": get_tags(client, arn),
    }


@DashboardErrorHandler.common_error_handler("put the dashboard")
def put_dashboard(client: Any, name: str, body: dict[str, Any]) -> list[str]:
    """Write the body; what CloudWatch has to remark on it."""
    answer = client.put_dashboard(aws_retry=True, DashboardName=name, DashboardBody=json.dumps(body))
    remarks = answer.get("DashboardValidationMessages", [])
    return [f"{remark.get('DataPath', '')}: {remark['Message']}" for remark in remarks]


@DashboardErrorHandler.common_error_handler("set the tags of the dashboard")
def set_tags(client: Any, arn: str, current: Tags, planned: Tags) -> None:
    """Make the `current` tags the `planned` ones."""
    write_tags(
        current,
        planned,
        set_tags=lambda tags: client.tag_resource(aws_retry=True, ResourceARN=arn, Tags=tags),
        remove_keys=lambda keys: client.untag_resource(aws_retry=True, ResourceARN=arn, TagKeys=keys),
    )


@DashboardErrorHandler.deletion_error_handler("delete the dashboard")
def delete_dashboard(client: Any, name: str) -> None:
    """Delete it."""
    client.delete_dashboards(aws_retry=True, DashboardNames=[name])


def absent_dashboard(module: AnsibleAWSModule, name: str) -> Resource:
    """What a dashboard that does not exist starts from."""
    arn = predicted_arn(module, "cloudwatch", f"dashboard/{name}", regional=False)
    return {"name": name, "arn": arn, "body": None, "tags": {}}


def ensure_present(module: AnsibleAWSModule, client: Any, current: Resource) -> Resource:
    """The dashboard with the body and tags it should have."""
    params = module.params
    body = parsed(params["body"])
    planned = {
        **current,
        "body": current["body"] if body is None else body,
        "tags": plan_tags(current["tags"], params["tags"], params["purge_tags"]),
    }
    if planned["body"] is None:
        raise AnsibleAWSError(message=f"There is no dashboard {current['name']}; creating one takes body")
    if not module.check_mode:
        if planned["body"] != current["body"]:
            for remark in put_dashboard(client, current["name"], planned["body"]):
                module.warn(remark)
        set_tags(client, current["arn"], current["tags"], planned["tags"])
    return planned


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """The dashboard before and after."""
    client = retrying_client(module, "cloudwatch")
    name = module.params["name"]
    before = get_dashboard(client, name)
    if module.params["state"] == "absent":
        if before is not None and not module.check_mode:
            delete_dashboard(client, name)
        return before, None
    return before, ensure_present(module, client, before or absent_dashboard(module, name))


def main() -> None:
    """Run the module."""
    arguments = {"name": {"required": True}, "body": {"type": "json"}, **STATE_ARGUMENT, **TAG_ARGUMENTS}
    run(AnsibleAWSModule(argument_spec=arguments, supports_check_mode=True), "dashboard", ensure)


if __name__ == "__main__":
    main()
