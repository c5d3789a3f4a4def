# SPDX-License-Identifier: MIT
"""Databases, tables and tags behave as the API reference says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from localaws.errors import (
    AwsError,
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from localaws.timestream.service import Timestream
from tests.unit.localaws.timestream.memory_kms import ALIAS_ARN, DISABLED_ID, KEY_ARN, KEY_ID

DATABASE_ARN = "arn:aws:timestream:us-east-1:000000000000:database/iot"
TABLE_ARN = f"{DATABASE_ARN}/table/sensor-data"
NEW_YEAR = 1_767_225_600.0


def pages(call: Any, operation: str, member: str, **request: Any) -> Iterator[list[dict[str, Any]]]:
    while True:
        answer = call(operation, **request)
        yield answer[member]
        if "NextToken" not in answer:
            return
        request["NextToken"] = answer["NextToken"]


def test_a_database_is_described(call: Any) -> None:
    created = call("CreateDatabase", DatabaseName="iot")["Database"]
    assert call("DescribeDatabase", DatabaseName="iot")["Database"] == created
    assert created.pop("KmsKeyId").startswith("arn:aws:kms:us-east-1:000000000000:key/")
    assert created == {
        "Arn": DATABASE_ARN,
        "DatabaseName": "iot",
        "TableCount": 0,
        "CreationTime": NEW_YEAR,
        "LastUpdatedTime": NEW_YEAR,
    }


def test_a_table_has_awss_defaults(call: Any) -> None:
    call("CreateDatabase", DatabaseName="iot")
    created = call("CreateTable", DatabaseName="iot", TableName="sensor-data")["Table"]
    assert created == call("DescribeTable", DatabaseName="iot", TableName="sensor-data")["Table"]
    assert created == {
        "Arn": TABLE_ARN,
        "DatabaseName": "iot",
        "TableName": "sensor-data",
        "TableStatus": "ACTIVE",
        "RetentionProperties": {
            "MemoryStoreRetentionPeriodInHours": 6,
            "MagneticStoreRetentionPeriodInDays": 73000,
        },
        "MagneticStoreWriteProperties": {"EnableMagneticStoreWrites": False},
        "Schema": {"CompositePartitionKey": [{"Type": "MEASURE"}]},
        "CreationTime": NEW_YEAR,
        "LastUpdatedTime": NEW_YEAR,
    }
    assert call("DescribeDatabase", DatabaseName="iot")["Database"]["TableCount"] == 1


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("error", "operation", "request_"),
    [
        (ConflictException, "CreateDatabase", {"DatabaseName": "iot"}),
        (ConflictException, "CreateTable", {"DatabaseName": "iot", "TableName": "sensor-data"}),
        (ResourceNotFoundException, "DescribeDatabase", {"DatabaseName": "none"}),
        (ResourceNotFoundException, "UpdateDatabase", {"DatabaseName": "none", "KmsKeyId": "alias/mine"}),
        (ResourceNotFoundException, "DeleteDatabase", {"DatabaseName": "none"}),
        (ResourceNotFoundException, "CreateTable", {"DatabaseName": "none", "TableName": "sensors"}),
        (ResourceNotFoundException, "ListTables", {"DatabaseName": "none"}),
        (ResourceNotFoundException, "DescribeTable", {"DatabaseName": "iot", "TableName": "none"}),
        (ResourceNotFoundException, "UpdateTable", {"DatabaseName": "iot", "TableName": "none"}),
        (ResourceNotFoundException, "DeleteTable", {"DatabaseName": "none", "TableName": "sensor-data"}),
        (ResourceNotFoundException, "ListTagsForResource", {"ResourceARN": f"{DATABASE_ARN}x"}),
        (ResourceNotFoundException, "TagResource", {"ResourceARN": f"{TABLE_ARN}x", "Tags": []}),
        (ResourceNotFoundException, "UntagResource", {"ResourceARN": f"{TABLE_ARN}x", "TagKeys": []}),
        (ValidationException, "DeleteDatabase", {"DatabaseName": "iot"}),
        (ValidationException, "ListDatabases", {"NextToken": "§"}),
        (ValidationException, "ListDatabases", {"MaxResults": 21}),
    ],
)
def test_what_cannot_be_done_has_its_error(
    call: Any, error: type[AwsError], operation: str, request_: dict[str, Any]
) -> None:
    with pytest.raises(error) as caught:
        call(operation, **request_)
    assert caught.value.code == error.__name__


@pytest.mark.usefixtures("table")
def test_missing_things_are_named(call: Any) -> None:
    with pytest.raises(ResourceNotFoundException, match=r"^The table none does not exist\.$"):
        call("DescribeTable", DatabaseName="iot", TableName="none")
    with pytest.raises(ResourceNotFoundException, match=r"^The database none does not exist\.$"):
        call("DescribeTable", DatabaseName="none", TableName="none")


def test_a_table_and_then_its_database_can_be_deleted(call: Any, table: dict[str, str]) -> None:
    call("DeleteTable", **table)
    assert call("ListTables", DatabaseName="iot")["Tables"] == []
    call("DeleteDatabase", DatabaseName="iot")
    assert call("ListDatabases")["Databases"] == []
    with pytest.raises(ResourceNotFoundException):
        call("ListTagsForResource", ResourceARN=DATABASE_ARN)


def test_an_update_changes_only_what_it_names(call: Any, clock: Any, table: dict[str, str]) -> None:
    before = call("DescribeTable", **table)["Table"]
    clock.seconds += 60
    retention = {"MemoryStoreRetentionPeriodInHours": 48, "MagneticStoreRetentionPeriodInDays": 7}
    after = call("UpdateTable", **table, RetentionProperties=retention)["Table"]
    assert after == {**before, "RetentionProperties": retention, "LastUpdatedTime": NEW_YEAR + 60}
    location = {"S3Configuration": {"BucketName": "rejected", "EncryptionOption": "SSE_S3"}}
    writes = {"EnableMagneticStoreWrites": True, "MagneticStoreRejectedDataLocation": location}
    again = call("UpdateTable", **table, MagneticStoreWriteProperties=writes)["Table"]
    assert again == {**after, "MagneticStoreWriteProperties": writes}
    assert call("DescribeTable", **table)["Table"] == again


@pytest.mark.parametrize("given", [KEY_ID, "alias/mine", KEY_ARN, ALIAS_ARN])
def test_a_database_can_get_another_key(call: Any, clock: Any, given: str) -> None:
    before = call("CreateDatabase", DatabaseName="iot")["Database"]
    clock.seconds += 1.5
    after = call("UpdateDatabase", DatabaseName="iot", KmsKeyId=given)["Database"]
    assert after == {**before, "KmsKeyId": KEY_ARN, "LastUpdatedTime": NEW_YEAR + 1.5}
    clock.seconds += 1
    assert call("UpdateDatabase", DatabaseName="iot", KmsKeyId=KEY_ARN)["Database"] == after


def test_a_database_is_made_with_a_key(call: Any) -> None:
    made = call("CreateDatabase", DatabaseName="iot", KmsKeyId="alias/mine")["Database"]
    assert made["KmsKeyId"] == KEY_ARN


@pytest.mark.parametrize("given", ["alias/none", DISABLED_ID])
def test_a_key_must_be_there_and_enabled(call: Any, given: str) -> None:
    with pytest.raises(ValidationException, match=given):
        call("CreateDatabase", DatabaseName="iot", KmsKeyId=given)
    call("CreateDatabase", DatabaseName="iot")
    with pytest.raises(ValidationException, match=given):
        call("UpdateDatabase", DatabaseName="iot", KmsKeyId=given)


def test_lists_come_in_pages_by_name(call: Any) -> None:
    names = [f"database-{number:02}" for number in range(23)]
    for name in reversed(names):
        call("CreateDatabase", DatabaseName=name)
    found = list(pages(call, "ListDatabases", "Databases"))
    assert [len(page) for page in found] == [20, 3]
    assert [each["DatabaseName"] for page in found for each in page] == names
    assert [len(page) for page in pages(call, "ListDatabases", "Databases", MaxResults=10)] == [10, 10, 3]


def test_tables_are_listed_of_one_database_or_all(call: Any) -> None:
    for database in ("one", "two"):
        call("CreateDatabase", DatabaseName=database)
        for name in ("aaa", "bbb"):
            call("CreateTable", DatabaseName=database, TableName=name)

    def listed(**request: Any) -> list[tuple[str, str]]:
        found = pages(call, "ListTables", "Tables", MaxResults=1, **request)
        return [(each["DatabaseName"], each["TableName"]) for page in found for each in page]

    assert listed() == [("one", "aaa"), ("one", "bbb"), ("two", "aaa"), ("two", "bbb")]
    assert listed(DatabaseName="two") == [("two", "aaa"), ("two", "bbb")]


def test_tags_are_added_replaced_and_removed(call: Any) -> None:
    call("CreateDatabase", DatabaseName="iot", Tags=[{"Key": "env", "Value": "dev"}])
    call(
        "TagResource",
        ResourceARN=DATABASE_ARN,
        Tags=[{"Key": "env", "Value": "prod"}, {"Key": "team", "Value": ""}],
    )
    tags = call("ListTagsForResource", ResourceARN=DATABASE_ARN)["Tags"]
    assert tags == [{"Key": "env", "Value": "prod"}, {"Key": "team", "Value": ""}]
    call("UntagResource", ResourceARN=DATABASE_ARN, TagKeys=["env", "none"])
    assert call("ListTagsForResource", ResourceARN=DATABASE_ARN)["Tags"] == [{"Key": "team", "Value": ""}]


@pytest.mark.usefixtures("table")
def test_tags_have_rules(call: Any) -> None:
    with pytest.raises(ValidationException, match="aws:mine"):
        call("TagResource", ResourceARN=TABLE_ARN, Tags=[{"Key": "aws:mine", "Value": "x"}])
    call("TagResource", ResourceARN=TABLE_ARN, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(200)])
    with pytest.raises(ServiceQuotaExceededException):
        call("TagResource", ResourceARN=TABLE_ARN, Tags=[{"Key": "one-more", "Value": ""}])
    with pytest.raises(ValidationException):
        call("CreateDatabase", DatabaseName="new", Tags=[{"Key": "aws:mine", "Value": "x"}])
    with pytest.raises(ResourceNotFoundException):
        call("DescribeDatabase", DatabaseName="new")


def test_a_partition_key_can_be_a_dimension(call: Any) -> None:
    call("CreateDatabase", DatabaseName="iot")
    names = {"DatabaseName": "iot", "TableName": "sensor-data"}
    key = {"Type": "DIMENSION", "Name": "device_id", "EnforcementInRecord": "REQUIRED"}
    created = call("CreateTable", **names, Schema={"CompositePartitionKey": [key]})["Table"]
    assert created["Schema"] == {"CompositePartitionKey": [key]}
    relaxed = {**key, "EnforcementInRecord": "OPTIONAL"}
    updated = call("UpdateTable", **names, Schema={"CompositePartitionKey": [relaxed]})["Table"]
    assert updated["Schema"] == {"CompositePartitionKey": [relaxed]}
    with pytest.raises(ValidationException, match="can't be changed"):
        call("UpdateTable", **names, Schema={"CompositePartitionKey": [{**key, "Name": "location"}]})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            [{"Type": "DIMENSION", "Name": name} for name in "ab"],
            # As AWS answered: https://github.com/aws/aws-sdk/issues/759
            "You have specified too many partition keys to be used in your composite partition key. "
            "Only 1 partition keys can be specified.",
        ),
        ([{"Type": "DIMENSION"}], "takes a Name"),
        ([{"Type": "DIMENSION", "Name": "time"}], "reserved"),
        ([{"Type": "DIMENSION", "Name": "d" * 61}], "longer than 60 bytes"),
        ([{"Type": "MEASURE", "Name": "a"}], "takes no Name"),
        ([{"Type": "MEASURE", "EnforcementInRecord": "REQUIRED"}], "takes no Name"),
    ],
)
def test_a_partition_key_has_rules(call: Any, keys: list[dict[str, str]], message: str) -> None:
    call("CreateDatabase", DatabaseName="iot")
    with pytest.raises(ValidationException, match=message):
        call("CreateTable", DatabaseName="iot", TableName="sensors", Schema={"CompositePartitionKey": keys})


def test_an_account_has_at_most_500_databases(call: Any) -> None:
    for number in range(500):
        call("CreateDatabase", DatabaseName=f"database-{number}")
    with pytest.raises(ServiceQuotaExceededException):
        call("CreateDatabase", DatabaseName="one-more")


def test_arns_follow_the_regions_partition() -> None:
    service = Timestream("123456789012", "us-gov-west-1")
    created = service.call("CreateDatabase", {"DatabaseName": "iot"}, "")["Database"]
    assert created["Arn"] == "arn:aws-us-gov:timestream:us-gov-west-1:123456789012:database/iot"
