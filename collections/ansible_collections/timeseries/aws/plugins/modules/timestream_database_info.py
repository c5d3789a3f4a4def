#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists the databases of Amazon Timestream for LiveAnalytics."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: timestream_database_info
version_added: 0.1.0
short_description: List the databases of Amazon Timestream for LiveAnalytics
description:
  - Lists all databases of an account in a region.
  - On an account that may not use Timestream for LiveAnalytics it fails, and says so.
options: {}
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
- name: List the databases
  timeseries.aws.timestream_database_info:
  register: timestream

- name: Count all tables
  ansible.builtin.debug:
    msg: "{{ timestream.databases | sum(attribute='table_count') }}"
"""

RETURN = r"""
databases:
  description: The databases.
  returned: success
  type: list
  elements: dict
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
      sample: arn:aws:timestream:us-east-1:123456789012:database/iot-timeseries-prod
    table_count:
      description: How many tables it has.
      type: int
      returned: always
      sample: 1
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.timeseries.aws.plugins.module_utils.resource import retrying_client
from ansible_collections.timeseries.aws.plugins.module_utils.timestream import TimestreamErrorHandler


@TimestreamErrorHandler.common_error_handler("list the databases")
def databases(client: Any) -> list[dict[str, Any]]:
    """All databases, as the module returns them.

    https://docs.aws.amazon.com/timestream/latest/developerguide/API_ListDatabases.html
    """
    found: list[dict[str, Any]] = []
    request: dict[str, Any] = {"MaxResults": 20}  # the most there is
    while True:
        page = client.list_databases(aws_retry=True, **request)
        found += page["Databases"]
        if not page.get("NextToken"):
            break
        request["NextToken"] = page["NextToken"]
    return [
        {"name": each["DatabaseName"], "arn": each["Arn"], "table_count": each.get("TableCount", 0)}
        for each in found
    ]


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec={}, supports_check_mode=True)
    try:
        module.exit_json(changed=False, databases=databases(retrying_client(module, "timestream-write")))
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)


if __name__ == "__main__":
    main()
