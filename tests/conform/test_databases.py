# SPDX-License-Identifier: MIT
"""Databases, tables and tags: what is answered, refused, and paged."""

from typing import Any

import pytest

from tests.conform.places import Place, Table, refusal


def test_a_database_is_described(place: Place) -> None:
    database = place.write.describe_database(DatabaseName=place.database)["Database"]
    assert set(database) == {
        "Arn", "CreationTime", "DatabaseName", "KmsKeyId", "LastUpdatedTime", "TableCount"
    }  # fmt: skip
    suffix = f":timestream:{place.session.region_name}:{place.account}:database/{place.database}"
    assert database["Arn"].endswith(suffix)


def test_a_table_is_described_with_its_defaults(place: Place, table: Table) -> None:
    described = place.write.describe_table(**table.names)["Table"]
    assert set(described) == {
        "Arn", "CreationTime", "DatabaseName", "LastUpdatedTime", "MagneticStoreWriteProperties",
        "RetentionProperties", "Schema", "TableName", "TableStatus",
    }  # fmt: skip
    assert described["TableStatus"] == "ACTIVE"
    assert described["RetentionProperties"] == {
        "MemoryStoreRetentionPeriodInHours": 6,
        "MagneticStoreRetentionPeriodInDays": 73000,
    }
    assert described["MagneticStoreWriteProperties"] == {"EnableMagneticStoreWrites": False}
    assert described["Schema"] == {"CompositePartitionKey": [{"Type": "MEASURE"}]}


def test_what_exists_or_does_not(place: Place, table: Table) -> None:
    assert refusal(place.write.create_database, DatabaseName=place.database)[0] == "ConflictException"
    assert refusal(place.write.create_table, **table.names)[0] == "ConflictException"
    nowhere = {"DatabaseName": place.database, "TableName": "nowhere"}
    assert refusal(place.write.describe_table, **nowhere)[0] == "ResourceNotFoundException"
    assert refusal(place.write.describe_database, DatabaseName="nowhere")[0] == "ResourceNotFoundException"


def test_a_database_with_tables_is_not_deleted(place: Place, table: Table) -> None:
    assert refusal(place.write.delete_database, DatabaseName=place.database)[0] == "ValidationException"


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("ab", "Member must have length greater than or equal to 3"),
        ("x" * 257, "Member must have length less than or equal to 256"),
        ("a b c", "Member must satisfy regular expression pattern"),
    ],
)
def test_names_that_cannot_be(place: Place, name: str, constraint: str) -> None:
    code, message = refusal(place.write.create_database, DatabaseName=name)
    assert code == "ValidationException"
    assert constraint in message


@pytest.mark.parametrize(
    "retention",
    [
        {"MemoryStoreRetentionPeriodInHours": 0, "MagneticStoreRetentionPeriodInDays": 1},
        {"MemoryStoreRetentionPeriodInHours": 8767, "MagneticStoreRetentionPeriodInDays": 1},
        {"MemoryStoreRetentionPeriodInHours": 1, "MagneticStoreRetentionPeriodInDays": 73001},
    ],
)
def test_retention_that_cannot_be(place: Place, retention: dict[str, int]) -> None:
    names = {"DatabaseName": place.database, "TableName": "retention"}
    assert (
        refusal(place.write.create_table, **names, RetentionProperties=retention)[0] == "ValidationException"
    )


def test_an_update_changes_what_it_names(place: Place) -> None:
    table = place.table()
    retention = {"MemoryStoreRetentionPeriodInHours": 2, "MagneticStoreRetentionPeriodInDays": 3}
    updated = place.write.update_table(**table.names, RetentionProperties=retention)["Table"]
    assert updated["RetentionProperties"] == retention
    assert updated["MagneticStoreWriteProperties"] == {"EnableMagneticStoreWrites": False}


def test_tables_are_listed_page_by_page(place: Place) -> None:
    made = {place.table().name, place.table().name}
    listed: set[str] = set()
    request: dict[str, Any] = {"DatabaseName": place.database, "MaxResults": 1}
    while True:
        answer = place.write.list_tables(**request)
        assert len(answer["Tables"]) <= 1
        listed |= {table["TableName"] for table in answer["Tables"]}
        if "NextToken" not in answer:
            break
        request["NextToken"] = answer["NextToken"]
    assert made <= listed


def test_a_token_that_is_none(place: Place) -> None:
    code, _ = refusal(place.write.list_tables, DatabaseName=place.database, NextToken="no-token")
    assert code == "ValidationException"


def test_tags_come_and_go(place: Place, table: Table) -> None:
    arn = place.write.describe_table(**table.names)["Table"]["Arn"]
    place.write.tag_resource(
        ResourceARN=arn, Tags=[{"Key": "owner", "Value": "a"}, {"Key": "cost", "Value": "b"}]
    )
    place.write.tag_resource(ResourceARN=arn, Tags=[{"Key": "owner", "Value": "c"}])
    place.write.untag_resource(ResourceARN=arn, TagKeys=["cost"])
    assert place.write.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "owner", "Value": "c"}]


def test_endpoints_are_told(place: Place) -> None:
    for client in (place.write, place.query):
        [endpoint] = client.describe_endpoints()["Endpoints"]
        assert endpoint["CachePeriodInMinutes"] == 1440
