#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages tables of Amazon Timestream for LiveAnalytics."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: timestream_table
version_added: 0.1.0
short_description: Manage tables of Amazon Timestream for LiveAnalytics
description:
  - Creates, changes and deletes tables of Amazon Timestream for LiveAnalytics.
  - Deleting a table deletes its data.
  - AWS closed the service to new customers on 20 June 2025.
    On an account that may not use it the module fails, and says so.
options:
  name:
    description:
      - The name of the table.
      - 3 to 256 letters, digits, underscores, dots and hyphens.
    type: str
    required: true
  database:
    description: The name of its database.
    type: str
    required: true
  memory_store_retention_hours:
    description:
      - For how many hours data stays in the memory store, 1 to 8766.
      - A new table has V(6) if this is not set.
    type: int
  magnetic_store_retention_days:
    description:
      - For how many days data stays in the magnetic store, 1 to 73000.
      - A new table has V(73000) if this is not set.
    type: int
  magnetic_store_writes:
    description:
      - Whether records older than the memory store are accepted, and stored in the magnetic store.
      - A new table refuses them if this is not set.
    type: bool
  magnetic_store_rejected_data_location:
    description:
      - Where Timestream reports records that it took for the magnetic store and could not store after all.
      - It goes with O(magnetic_store_writes=true), and is forgotten when that is turned off.
    type: dict
    suboptions:
      bucket:
        description: The name of the S3 bucket.
        type: str
        required: true
      prefix:
        description: What the keys of the objects start with.
        type: str
      encryption:
        description:
          - How the objects are encrypted.
          - V(SSE_S3) if this was never set.
        type: str
        choices: [SSE_S3, SSE_KMS]
      kms_key_id:
        description: The KMS key for V(SSE_KMS).
        type: str
  partition_key:
    description:
      - By what Timestream partitions the table.
      - Names, types and order are chosen when the table is created; if they differ later, the module fails.
        O(partition_key[].enforcement) can change.
      - A new table is partitioned by measure name if this is not set.
    type: list
    elements: dict
    suboptions:
      type:
        description: Whether a dimension or the measure name is the key.
        type: str
        choices: [DIMENSION, MEASURE]
        required: true
      name:
        description: The name of the dimension.
        type: str
      enforcement:
        description:
          - Whether a record must have the dimension.
          - V(OPTIONAL) if this was never set.
        type: str
        choices: [REQUIRED, OPTIONAL]
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
- name: Keep a day in memory and a year in the magnetic store, and take late readings
  timeseries.aws.timestream_table:
    database: iot-timeseries-prod
    name: sensor-data
    memory_store_retention_hours: 24
    magnetic_store_retention_days: 365
    magnetic_store_writes: true
    magnetic_store_rejected_data_location:
      bucket: iot-timeseries-prod-rejected
      prefix: sensor-data
    tags:
      Project: iot-timeseries

- name: Partition by device
  timeseries.aws.timestream_table:
    database: iot-timeseries-prod
    name: by-device
    partition_key:
      - type: DIMENSION
        name: device_id
        enforcement: REQUIRED

- name: Delete a table and its data
  timeseries.aws.timestream_table:
    database: iot-timeseries-prod
    name: sensor-data
    state: absent
"""

RETURN = r"""
table:
  description: The table. In a check run, as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
      sample: sensor-data
    database:
      description: The name of its database.
      type: str
      returned: always
      sample: iot-timeseries-prod
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:timestream:us-east-1:123456789012:database/iot-timeseries-prod/table/sensor-data
    memory_store_retention_hours:
      description: For how many hours data stays in the memory store.
      type: int
      returned: always
      sample: 24
    magnetic_store_retention_days:
      description: For how many days data stays in the magnetic store.
      type: int
      returned: always
      sample: 365
    magnetic_store_writes:
      description: Whether records older than the memory store are accepted.
      type: bool
      returned: always
      sample: true
    magnetic_store_rejected_data_location:
      description: Where Timestream reports what it could not store; null if nowhere.
      type: dict
      returned: always
      sample: {bucket: iot-timeseries-prod-rejected, prefix: sensor-data, encryption: SSE_S3}
    partition_key:
      description: By what the table is partitioned.
      type: list
      elements: dict
      returned: always
      sample: [{type: MEASURE}]
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
    TimestreamError,
    TimestreamErrorHandler,
    get_tags,
    set_tags,
)

LOCATION_ARGUMENTS: dict[str, Any] = {
    "bucket": {"required": True},
    "prefix": {},
    "encryption": {"choices": ["SSE_S3", "SSE_KMS"]},
    "kms_key_id": {},
}
PARTITION_KEY_ARGUMENTS: dict[str, Any] = {
    "type": {"choices": ["DIMENSION", "MEASURE"], "required": True},
    "name": {},
    "enforcement": {"choices": ["REQUIRED", "OPTIONAL"]},
}
ARGUMENTS: dict[str, Any] = {
    "name": {"required": True},
    "database": {"required": True},
    "memory_store_retention_hours": {"type": "int"},
    "magnetic_store_retention_days": {"type": "int"},
    "magnetic_store_writes": {"type": "bool"},
    "magnetic_store_rejected_data_location": {
        "type": "dict",
        "options": LOCATION_ARGUMENTS,
        "required_if": [("encryption", "SSE_KMS", ["kms_key_id"])],
    },
    "partition_key": {
        "type": "list",
        "elements": "dict",
        "no_log": False,
        "options": PARTITION_KEY_ARGUMENTS,
        "required_if": [("type", "DIMENSION", ["name"])],
    },
    **STATE_ARGUMENT,
    **TAG_ARGUMENTS,
}
# What Timestream gives a table that is created without settings.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-timestream-table.html
DEFAULTS: Resource = {
    "memory_store_retention_hours": 6,
    "magnetic_store_retention_days": 73000,
    "magnetic_store_writes": False,
    "magnetic_store_rejected_data_location": None,
    "partition_key": [{"type": "MEASURE"}],
    "tags": {},
}


def location_from_aws(location: dict[str, Any]) -> Resource | None:
    """A MagneticStoreRejectedDataLocation as this module returns it."""
    s3 = location.get("S3Configuration") or {}
    found = given(
        bucket=s3.get("BucketName"),
        prefix=s3.get("ObjectKeyPrefix"),
        encryption=s3.get("EncryptionOption"),
        kms_key_id=s3.get("KmsKeyId"),
    )
    return found or None


def location_to_aws(location: Resource) -> dict[str, Any]:
    """The same, the other way."""
    return {
        "S3Configuration": given(
            BucketName=location["bucket"],
            ObjectKeyPrefix=location.get("prefix"),
            EncryptionOption=location["encryption"],
            KmsKeyId=location.get("kms_key_id"),
        )
    }


def partition_key_from_aws(schema: dict[str, Any]) -> list[Resource]:
    """A Schema's composite partition key as this module returns it."""
    keys = [
        given(type=key["Type"], name=key.get("Name"), enforcement=key.get("EnforcementInRecord"))
        for key in schema.get("CompositePartitionKey", [])
    ]
    return keys or DEFAULTS["partition_key"]


def partition_key_to_aws(keys: list[Resource]) -> dict[str, Any]:
    """The same, the other way."""
    return {
        "CompositePartitionKey": [
            given(Type=key["type"], Name=key.get("name"), EnforcementInRecord=key.get("enforcement"))
            for key in keys
        ]
    }


def from_aws(table: dict[str, Any], tags: Tags) -> Resource:
    """A table as this module returns it, of what the API answers."""
    retention = table["RetentionProperties"]
    magnetic = table.get("MagneticStoreWriteProperties") or {}
    return {
        "name": table["TableName"],
        "database": table["DatabaseName"],
        "arn": table["Arn"],
        "memory_store_retention_hours": retention["MemoryStoreRetentionPeriodInHours"],
        "magnetic_store_retention_days": retention["MagneticStoreRetentionPeriodInDays"],
        "magnetic_store_writes": magnetic.get("EnableMagneticStoreWrites", False),
        "magnetic_store_rejected_data_location": location_from_aws(
            magnetic.get("MagneticStoreRejectedDataLocation") or {}
        ),
        "partition_key": partition_key_from_aws(table.get("Schema") or {}),
        "tags": tags,
    }


def to_aws(table: Resource) -> dict[str, Any]:
    """A table's settings as CreateTable and UpdateTable take them: whole structures, keyed by parameter."""
    location = table["magnetic_store_rejected_data_location"]
    return {
        "RetentionProperties": {
            "MemoryStoreRetentionPeriodInHours": table["memory_store_retention_hours"],
            "MagneticStoreRetentionPeriodInDays": table["magnetic_store_retention_days"],
        },
        "MagneticStoreWriteProperties": given(
            EnableMagneticStoreWrites=table["magnetic_store_writes"],
            MagneticStoreRejectedDataLocation=location and location_to_aws(location),
        ),
        "Schema": partition_key_to_aws(table["partition_key"]),
    }


def plan_location(current: Resource | None, desired: Resource | None, writes: bool) -> Resource | None:
    """The location a table will have: none without magnetic store writes, and a KMS key only for SSE_KMS."""
    if not writes or not (current or desired):
        return None
    planned = {"encryption": "SSE_S3"} | (current or {}) | given(**(desired or {}))
    if planned["encryption"] == "SSE_S3":
        planned.pop("kms_key_id", None)
    return planned


def plan_partition_key(current: list[Resource] | None, desired: list[Resource] | None) -> list[Resource]:
    """The partition key a table will have; `current` is None for a table that is to be created.

    TimestreamError if that takes more than AWS can change.
    """
    if desired is None:
        return current or DEFAULTS["partition_key"]

    def fixed(keys: list[Resource]) -> list[tuple[str, str | None]]:
        return [(key["type"], key.get("name")) for key in keys]

    if current is None:
        current = [{"enforcement": "OPTIONAL"} if key["type"] == "DIMENSION" else {} for key in desired]
    elif fixed(current) != fixed(desired):
        raise TimestreamError(
            "The partition key of a table can't be changed after its creation, except for enforcement:"
            f" it is {current}"
        )
    return [present | given(**wanted) for present, wanted in zip(current, desired, strict=True)]


def plan(before: Resource | None, params: dict[str, Any]) -> Resource:
    """A table's settings and tags as they will be; `before` is None for a table that is to be created."""
    current = before or DEFAULTS
    planned = current | given(
        memory_store_retention_hours=params["memory_store_retention_hours"],
        magnetic_store_retention_days=params["magnetic_store_retention_days"],
        magnetic_store_writes=params["magnetic_store_writes"],
    )
    return planned | {
        "magnetic_store_rejected_data_location": plan_location(
            current["magnetic_store_rejected_data_location"],
            params["magnetic_store_rejected_data_location"],
            planned["magnetic_store_writes"],
        ),
        "partition_key": plan_partition_key(
            before["partition_key"] if before else None, params["partition_key"]
        ),
        "tags": plan_tags(current["tags"], params["tags"], params["purge_tags"]),
    }


@TimestreamErrorHandler.list_error_handler("describe the table")
def get_table(client: Any, database: str, name: str) -> Resource | None:
    """The table, or None if it or its database does not exist."""
    table = client.describe_table(aws_retry=True, DatabaseName=database, TableName=name)["Table"]
    return from_aws(table, get_tags(client, table["Arn"]))


@TimestreamErrorHandler.common_error_handler("create the table")
def create_table(client: Any, database: str, name: str, planned: Resource) -> Resource:
    """Create it; the table as it now is."""
    request = to_aws(planned) | given(Tags=ansible_dict_to_boto3_tag_list(planned["tags"]) or None)
    answer = client.create_table(aws_retry=True, DatabaseName=database, TableName=name, **request)
    return from_aws(answer["Table"], planned["tags"])


@TimestreamErrorHandler.common_error_handler("update the table")
def update_settings(client: Any, before: Resource, planned: Resource) -> None:
    """Write the structures in which something differs, each whole."""
    current = to_aws(before)
    request = {name: value for name, value in to_aws(planned).items() if value != current[name]}
    if request:
        client.update_table(
            aws_retry=True, DatabaseName=before["database"], TableName=before["name"], **request
        )


@TimestreamErrorHandler.deletion_error_handler("delete the table")
def delete_table(client: Any, database: str, name: str) -> None:
    """Delete it with its data."""
    client.delete_table(aws_retry=True, DatabaseName=database, TableName=name)


def ensure_created(module: AnsibleAWSModule, client: Any, database: str, name: str) -> Resource:
    """The table that is made, or in a check run would be made."""
    planned = plan(None, module.params)
    if not module.check_mode:
        return create_table(client, database, name, planned)
    arn = predicted_arn(module, "timestream", f"database/{database}/table/{name}")
    return from_aws(
        {"DatabaseName": database, "TableName": name, "Arn": arn, **to_aws(planned)}, planned["tags"]
    )


def ensure_updated(module: AnsibleAWSModule, client: Any, before: Resource) -> Resource:
    """The table with the settings and tags it should have."""
    planned = plan(before, module.params)
    if not module.check_mode:
        update_settings(client, before, planned)
        set_tags(client, before["arn"], before["tags"], planned["tags"])
    return planned


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """The table before and after."""
    client = retrying_client(module, "timestream-write")
    database, name = module.params["database"], module.params["name"]
    before = get_table(client, database, name)
    if module.params["state"] == "absent":
        if before is not None and not module.check_mode:
            delete_table(client, database, name)
        return before, None
    if before is None:
        return None, ensure_created(module, client, database, name)
    return before, ensure_updated(module, client, before)


def main() -> None:
    """Run the module."""
    run(AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True), "table", ensure)


if __name__ == "__main__":
    main()
