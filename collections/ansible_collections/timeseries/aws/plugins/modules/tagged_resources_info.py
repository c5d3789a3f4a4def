#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds resources by their tags."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: tagged_resources_info
version_added: 0.1.0
short_description: Find resources by their tags
description:
  - Lists the resources of a region that carry all of some tags, of whichever service.
  - It knows what takes part in the Resource Groups Tagging API, which IAM roles and dashboards do not.
  - AWS may list a resource for some minutes after its deletion.
options:
  tags:
    description: The tags, each with its value.
    type: dict
    required: true
attributes:
  check_mode:
    description: Only reads.
    support: full
  diff_mode:
    description: Nothing changes.
    support: none
author:
  - The timeseries-ansible authors (@timeseries-ansible)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: What a stack consists of
  timeseries.aws.tagged_resources_info:
    tags:
      project: iot-timeseries
      environment: prod
"""

RETURN = r"""
arns:
  description: The ARNs of the resources, sorted.
  returned: success
  type: list
  elements: str
  sample: ["arn:aws:sqs:us-east-1:123456789012:timestream-dead-letters-iot-timeseries-prod"]
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.timeseries.aws.plugins.module_utils.resource import error_handler, retrying_client

TaggingErrorHandler = error_handler()


@TaggingErrorHandler.common_error_handler("find resources by their tags")
def find(client: Any, tags: dict[str, Any]) -> list[str]:
    """The ARNs of what carries all of the tags.

    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
    """
    filters = [{"Key": key, "Values": [str(value)]} for key, value in tags.items()]
    pages = client.get_paginator("get_resources").paginate(TagFilters=filters)
    return sorted(found["ResourceARN"] for page in pages for found in page["ResourceTagMappingList"])


def main() -> None:
    """Run the module."""
    arguments = {"tags": {"type": "dict", "required": True}}
    module = AnsibleAWSModule(argument_spec=arguments, supports_check_mode=True)
    try:
        client = retrying_client(module, "resourcegroupstaggingapi")
        module.exit_json(changed=False, arns=find(client, module.params["tags"]))
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)


if __name__ == "__main__":
    main()
