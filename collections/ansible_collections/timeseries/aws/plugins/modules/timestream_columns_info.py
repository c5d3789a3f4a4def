#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tells which columns a table of Amazon Timestream for LiveAnalytics has by now."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: timestream_columns_info
version_added: 0.2.0
short_description: Tell the columns of a table of Amazon Timestream for LiveAnalytics
description:
  - Tells the columns that a table has, with their types.
  - A table gets a column with the first record that fills it, and Timestream takes no scheduled query that
    names a column its table does not have yet. Ask for them here before such a query is made.
  - A table that does not exist has none.
options:
  name:
    description: The name of the table.
    type: str
    required: true
  database:
    description: The name of its database.
    type: str
    required: true
attributes:
  check_mode:
    description: It only reads.
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
- name: Ask for the columns
  timeseries.aws.timestream_columns_info:
    database: iot-timeseries-prod
    name: sensor-data
  register: found

- name: Say whether a decimal has been stored
  ansible.builtin.debug:
    msg: "{{ 'measure_value::double' in found.columns }}"
"""

RETURN = r"""
columns:
  description: The type of each column, by its name, in the order of the table.
  returned: success
  type: dict
  sample: {device_id: varchar, measure_name: varchar, time: timestamp, "measure_value::double": double}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.timeseries.aws.plugins.module_utils.resource import retrying_client
from ansible_collections.timeseries.aws.plugins.module_utils.timestream import TimestreamErrorHandler


@TimestreamErrorHandler.list_error_handler("describe the table", default_value=False)
def exists(client: Any, database: str, name: str) -> bool:
    """Whether there is such a table."""
    client.describe_table(aws_retry=True, DatabaseName=database, TableName=name)
    return True


@TimestreamErrorHandler.common_error_handler("describe the columns")
def describe(client: Any, database: str, name: str) -> dict[str, str]:
    """The type of each column, by its name.

    https://docs.aws.amazon.com/timestream/latest/developerguide/supported-sql-constructs.DESCRIBE.html
    """
    pages = client.get_paginator("query").paginate(QueryString=f'DESCRIBE "{database}"."{name}"')
    rows = [[datum["ScalarValue"] for datum in row["Data"][:2]] for page in pages for row in page["Rows"]]
    return dict(rows)


def columns(module: AnsibleAWSModule) -> dict[str, str]:
    """The columns of the table that the task names."""
    table = module.params["database"], module.params["name"]
    if not exists(retrying_client(module, "timestream-write"), *table):
        return {}
    return describe(retrying_client(module, "timestream-query"), *table)


def main() -> None:
    """Run the module."""
    arguments = {"name": {"required": True}, "database": {"required": True}}
    module = AnsibleAWSModule(argument_spec=arguments, supports_check_mode=True)
    try:
        module.exit_json(changed=False, columns=columns(module))
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)


if __name__ == "__main__":
    main()
