#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages databases of Amazon Timestream for LiveAnalytics."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: timestream_database
version_added: 0.1.0
short_description: Manage databases of Amazon Timestream for LiveAnalytics
description:
  - Creates, changes and deletes databases of Amazon Timestream for LiveAnalytics.
  - AWS deletes only a database without tables.
  - AWS closed the service to new customers on 20 June 2025.
    On an account that may not use it the module fails, and says so.
options:
  name:
    description:
      - The name of the database.
      - 3 to 256 letters, digits, underscores, dots and hyphens.
    type: str
    required: true
  kms_key_id:
    description:
      - The KMS key that encrypts the data, as key ID, key ARN, alias name or alias ARN.
      - Without it, a new database uses a key that Timestream manages in the account.
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
- name: Create a database
  timeseries.aws.timestream_database:
    name: iot-timeseries-prod
    tags:
      Project: iot-timeseries

- name: Encrypt it with a key of one's own
  timeseries.aws.timestream_database:
    name: iot-timeseries-prod
    kms_key_id: alias/iot-timeseries

- name: Delete it
  timeseries.aws.timestream_database:
    name: iot-timeseries-prod
    state: absent
"""

RETURN = r"""
database:
  description: The database. In a check run, as it would be.
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
      sample: arn:aws:timestream:us-east-1:123456789012:database/iot-timeseries-prod
    kms_key_id:
      description:
        - The ARN of the KMS key.
        - Null in a check run that would create the database with the key that Timestream chooses.
      type: str
      returned: always
      sample: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    table_count:
      description: How many tables it has.
      type: int
      returned: always
      sample: 1
    tags:
      description: Its tags.
      type: dict
      returned: always
      sample: {Project: iot-timeseries}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    STATE_ARGUMENT,
    TAG_ARGUMENTS,
    Resource,
    Tags,
    given,
    plan_tags,
    predicted_arn,
    retrying_client,
    run,
)
from ansible_collections.timeseries.aws.plugins.module_utils.timestream import (
    TimestreamErrorHandler,
    find_key,
    get_tags,
    set_tags,
)


def from_aws(database: dict[str, Any], tags: Tags) -> Resource:
    """A database as this module returns it, of what the API answers."""
    return {
        "name": database["DatabaseName"],
        "arn": database["Arn"],
        "kms_key_id": database.get("KmsKeyId"),
        "table_count": database.get("TableCount", 0),
        "tags": tags,
    }


@TimestreamErrorHandler.list_error_handler("describe the database")
def get_database(client: Any, name: str) -> Resource | None:
    """The database, or None if there is none."""
    database = client.describe_database(aws_retry=True, DatabaseName=name)["Database"]
    return from_aws(database, get_tags(client, database["Arn"]))


@TimestreamErrorHandler.common_error_handler("create the database")
def create_database(client: Any, name: str, key: str | None, tags: Tags) -> Resource:
    """Create it; the database as it now is."""
    request = given(KmsKeyId=key, Tags=ansible_dict_to_boto3_tag_list(tags) or None)
    return from_aws(client.create_database(aws_retry=True, DatabaseName=name, **request)["Database"], tags)


@TimestreamErrorHandler.common_error_handler("change the key of the database")
def update_key(client: Any, name: str, key: str) -> None:
    """Have Timestream encrypt the database with another key."""
    client.update_database(aws_retry=True, DatabaseName=name, KmsKeyId=key)


@TimestreamErrorHandler.deletion_error_handler("delete the database")
def delete_database(client: Any, name: str) -> None:
    """Delete it, which AWS does only if it has no tables."""
    client.delete_database(aws_retry=True, DatabaseName=name)


def ensure_created(module: AnsibleAWSModule, client: Any, name: str, key: str | None) -> Resource:
    """The database that is made, or in a check run would be made."""
    tags = plan_tags({}, module.params["tags"], module.params["purge_tags"])
    if not module.check_mode:
        return create_database(client, name, key, tags)
    arn = predicted_arn(module, "timestream", f"database/{name}")
    return from_aws(given(DatabaseName=name, Arn=arn, KmsKeyId=key), tags)


def ensure_updated(module: AnsibleAWSModule, client: Any, before: Resource, key: str | None) -> Resource:
    """The database with the key and tags it should have."""
    tags = plan_tags(before["tags"], module.params["tags"], module.params["purge_tags"])
    planned = {**before, **given(kms_key_id=key), "tags": tags}
    if not module.check_mode:
        if planned["kms_key_id"] != before["kms_key_id"]:
            update_key(client, before["name"], planned["kms_key_id"])
        set_tags(client, before["arn"], before["tags"], tags)
    return planned


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """The database before and after."""
    client = retrying_client(module, "timestream-write")
    name, key = module.params["name"], module.params["kms_key_id"]
    before = get_database(client, name)
    if module.params["state"] == "absent":
        if before is not None and not module.check_mode:
            delete_database(client, name)
        return before, None
    key = key and find_key(module, key)
    if before is None:
        return None, ensure_created(module, client, name, key)
    return before, ensure_updated(module, client, before, key)


def main() -> None:
    """Run the module."""
    arguments = {"name": {"required": True}, "kms_key_id": {}, **STATE_ARGUMENT, **TAG_ARGUMENTS}
    run(AnsibleAWSModule(argument_spec=arguments, supports_check_mode=True), "database", ensure)


if __name__ == "__main__":
    main()
