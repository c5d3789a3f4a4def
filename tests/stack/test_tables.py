# SPDX-License-Identifier: MIT
"""Tables of one list, in databases of theirs, with a key and rights that follow; the account's limit."""

import json
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws
from tests.playbooks import Playbooks
from tests.stack.listing import left

pytestmark = pytest.mark.prove

STACK = "many-tables-local"
BY_DEVICE = [{"type": "DIMENSION", "name": "device_id", "enforcement": "REQUIRED"}]
MORE_TABLES = [
    {
        "name": "events",
        "memory_store_retention_hours": 6,
        "magnetic_store_writes": False,
        "partition_key": [{"type": "DIMENSION", "name": "site", "enforcement": "OPTIONAL"}],
        "tags": {"owner": "events"},
    },
    {"name": "archive", "database": "many-tables-archive", "magnetic_store_retention_days": 3650},
]


def tables(write: Any) -> dict[str, dict[str, Any]]:
    """The tables of the stack's databases, by database and name."""
    found = write.list_tables(MaxResults=20)["Tables"]
    return {
        f"{table['DatabaseName']}/{table['TableName']}": table
        for table in found
        if table["DatabaseName"].startswith("many-tables")
    }


def test_tables_are_as_the_list_says(aws: EmbeddedAws, playbooks: Playbooks) -> None:
    write, query = aws.client("timestream-write"), aws.client("timestream-query")
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    limit = query.describe_account_settings()["MaxQueryTCU"]
    settings: dict[str, Any] = {
        "project_name": "many-tables",
        "memory_store_retention_hours": 48,
        "partition_key": BY_DEVICE,
        "more_tables": MORE_TABLES,
        "database_kms_key": key,
        "query_compute_units": 16,
    }
    check = playbooks.deploy("--check", **settings)
    assert playbooks.deploy(**settings).changed == check.changed
    assert playbooks.deploy(**settings).changed == []

    found = tables(write)
    stack, archive = f"{STACK}/", "many-tables-archive/"
    assert sorted(found) == [
        f"{archive}archive",
        f"{stack}events",
        f"{stack}sensor-data",
        f"{stack}sensor-data-hourly",
    ]
    retention = {name: tuple(table["RetentionProperties"].values()) for name, table in found.items()}
    assert retention == {
        f"{stack}sensor-data": (48, 365),
        f"{stack}sensor-data-hourly": (48, 1825),
        f"{stack}events": (6, 365),
        f"{archive}archive": (48, 3650),
    }
    late = {
        name: table["MagneticStoreWriteProperties"]["EnableMagneticStoreWrites"]
        for name, table in found.items()
    }
    assert late == {name: name != f"{stack}events" for name in found}
    keys = {name: table["Schema"]["CompositePartitionKey"][0] for name, table in found.items()}
    by_device = {"Type": "DIMENSION", "Name": "device_id", "EnforcementInRecord": "REQUIRED"}
    by_site = {"Type": "DIMENSION", "Name": "site", "EnforcementInRecord": "OPTIONAL"}
    assert keys == {name: by_site if name == f"{stack}events" else by_device for name in found}
    tags = write.list_tags_for_resource(ResourceARN=found[f"{stack}events"]["Arn"])["Tags"]
    assert {"Key": "owner", "Value": "events"} in tags
    assert {"Key": "project", "Value": "many-tables"} in tags
    databases = [write.describe_database(DatabaseName=name)["Database"] for name in (STACK, archive[:-1])]
    assert [database["KmsKeyId"] for database in databases] == [key, key]
    assert query.describe_account_settings()["MaxQueryTCU"] == 16

    written = [table["Arn"] for name, table in found.items() if "hourly" not in name]
    for role, policy in (("ingest", "ingest"), ("rules", "rules")):
        statements = statements_of(aws, f"{STACK}-{role}-us-east-1", policy)
        assert sorted(statements["WriteRecords"]["Resource"]) == sorted(written)
        assert statements["UseKey"]["Resource"] == key
    rollups = statements_of(aws, f"{STACK}-rollups-us-east-1", "rollups")
    assert rollups["ReadTables"]["Resource"] == [found[f"{stack}sensor-data"]["Arn"]]
    assert rollups["WriteRollups"]["Resource"] == [found[f"{stack}sensor-data-hourly"]["Arn"]]

    playbooks.destroy(**settings)
    assert left(aws.client, "many-tables") == []
    # The account's, so no stack's to undo
    assert query.describe_account_settings()["MaxQueryTCU"] == 16
    query.update_account_settings(MaxQueryTCU=limit)


def statements_of(aws: EmbeddedAws, role: str, policy: str) -> dict[str, Any]:
    """The statements of a role's inline policy, by their Sid."""
    document = aws.client("iam").get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    return {statement["Sid"]: statement for statement in document["Statement"]}
