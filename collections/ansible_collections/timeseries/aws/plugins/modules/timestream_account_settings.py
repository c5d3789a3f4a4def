#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Limits what queries of Amazon Timestream for LiveAnalytics may cost an account."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: timestream_account_settings
version_added: 0.2.0
short_description: Limit the query compute units of Amazon Timestream for LiveAnalytics
description:
  - Sets how many Timestream compute units (TCUs) all queries of the account in the region may use at once.
    AWS bills them by the hour, so this is a guard on the bill, and on how quick queries are.
  - It is a setting of the whole account, for each of its databases.
  - A lower limit can take 24 hours to be effective.
  - An account that still pays by bytes scanned pays by compute units from then on, and can't go back.
options:
  max_query_tcu:
    description: The compute units, a multiple of 4 from 4 to 1000.
    type: int
    required: true
attributes:
  check_mode:
    description: Predicts exactly what a real run would do, and returns what it would return.
    support: full
  diff_mode:
    description: Returns the settings before and after.
    support: full
author:
  - The timeseries-ansible authors (@timeseries-ansible)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Use 16 compute units at most
  timeseries.aws.timestream_account_settings:
    max_query_tcu: 16
"""

RETURN = r"""
settings:
  description: The account's settings, as they are or, in check mode, as they would be.
  returned: success
  type: dict
  contains:
    max_query_tcu:
      description: Compute units that queries may use at once.
      returned: always
      type: int
      sample: 16
    query_pricing_model:
      description: What queries are billed by, V(COMPUTE_UNITS) or V(BYTES_SCANNED).
      returned: always
      type: str
      sample: COMPUTE_UNITS
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.timeseries.aws.plugins.module_utils.resource import Resource, retrying_client, run
from ansible_collections.timeseries.aws.plugins.module_utils.timestream import (
    TimestreamError,
    TimestreamErrorHandler,
)


@TimestreamErrorHandler.common_error_handler("describe the account's settings")
def describe(client: Any) -> Resource:
    """The settings as this module returns them.

    https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_DescribeAccountSettings.html
    """
    answer = client.describe_account_settings(aws_retry=True)
    return {
        "max_query_tcu": answer.get("MaxQueryTCU"),
        "query_pricing_model": answer.get("QueryPricingModel"),
    }


@TimestreamErrorHandler.common_error_handler("update the account's settings")
def update(client: Any, units: int) -> None:
    """Set the limit."""
    client.update_account_settings(aws_retry=True, MaxQueryTCU=units)


def require_capacity(units: int) -> None:
    """Refuse what AWS would refuse, in check mode too.

    https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_UpdateAccountSettings.html
    """
    if units % 4 or not 4 <= units <= 1000:
        raise TimestreamError(f"max_query_tcu={units} can't be used; allowed: a multiple of 4 from 4 to 1000")


def ensure(module: AnsibleAWSModule) -> tuple[Resource, Resource]:
    """The settings before and after."""
    units = module.params["max_query_tcu"]
    require_capacity(units)
    client = retrying_client(module, "timestream-query")
    before = describe(client)
    # Setting a limit is what moves an account to compute units
    after = {"max_query_tcu": units, "query_pricing_model": "COMPUTE_UNITS"}
    if after != before and not module.check_mode:
        update(client, units)
    return before, after


def main() -> None:
    """Run the module."""
    arguments = {"max_query_tcu": {"type": "int", "required": True}}
    run(AnsibleAWSModule(argument_spec=arguments, supports_check_mode=True), "settings", ensure)


if __name__ == "__main__":
    main()
