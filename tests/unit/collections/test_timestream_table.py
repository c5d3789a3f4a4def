# SPDX-License-Identifier: MIT
"""The module timestream_table, against the embedded AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

DATABASE, NAME = "module-tables", "readings"
ARN = f"arn:aws:timestream:us-east-1:000000000000:database/{DATABASE}/table/{NAME}"
LOCATION = {"bucket": "module-rejected", "prefix": "late/readings", "encryption": "SSE_S3"}
DEVICE = {"type": "DIMENSION", "name": "device_id", "enforcement": "REQUIRED"}


@pytest.fixture(scope="module")
def timestream(aws: Any) -> Iterator[Any]:
    client = aws.client("timestream-write")
    client.create_database(DatabaseName=DATABASE)
    aws.client("s3").create_bucket(Bucket=LOCATION["bucket"])
    yield client
    client.delete_database(DatabaseName=DATABASE)


@pytest.fixture
def observe(timestream: Any, run_module: Any) -> Any:
    def table() -> Any:
        try:
            found = timestream.describe_table(DatabaseName=DATABASE, TableName=NAME)["Table"]
        except timestream.exceptions.ResourceNotFoundException:
            return None
        tags = timestream.list_tags_for_resource(ResourceARN=ARN)["Tags"]
        return {
            "retention": found["RetentionProperties"],
            "magnetic": found["MagneticStoreWriteProperties"],
            "schema": found.get("Schema"),
            "tags": {tag["Key"]: tag["Value"] for tag in tags},
        }

    yield table
    run_module("timestream_table", database=DATABASE, name=NAME, state="absent")


@pytest.fixture
def apply(converge: Any, observe: Any) -> Any:
    def apply(**arguments: Any) -> Any:
        return converge("timestream_table", observe, database=DATABASE, name=NAME, **arguments)

    return apply


def retention(hours: int, days: int) -> dict[str, int]:
    return {"MemoryStoreRetentionPeriodInHours": hours, "MagneticStoreRetentionPeriodInDays": days}


def test_life(apply: Any, observe: Any) -> None:
    made = apply(
        memory_store_retention_hours=24,
        magnetic_store_retention_days=365,
        magnetic_store_writes=True,
        magnetic_store_rejected_data_location=LOCATION,
        partition_key=[DEVICE],
        tags={"a": "1"},
    )
    assert made["changed"]
    assert made["table"] == {
        "name": NAME,
        "database": DATABASE,
        "arn": ARN,
        "memory_store_retention_hours": 24,
        "magnetic_store_retention_days": 365,
        "magnetic_store_writes": True,
        "magnetic_store_rejected_data_location": LOCATION,
        "partition_key": [DEVICE],
        "tags": {"a": "1"},
    }
    assert made["diff"] == {"before": {}, "after": made["table"]}
    s3 = {"BucketName": "module-rejected", "ObjectKeyPrefix": "late/readings", "EncryptionOption": "SSE_S3"}
    key = {"Type": "DIMENSION", "Name": "device_id", "EnforcementInRecord": "REQUIRED"}
    assert observe() == {
        "retention": retention(24, 365),
        "magnetic": {
            "EnableMagneticStoreWrites": True,
            "MagneticStoreRejectedDataLocation": {"S3Configuration": s3},
        },
        "schema": {"CompositePartitionKey": [key]},
        "tags": {"a": "1"},
    }

    gone = apply(state="absent")
    assert gone["changed"]
    assert "table" not in gone
    assert gone["diff"] == {"before": made["table"], "after": {}}
    assert observe() is None


def test_a_table_without_settings_has_the_defaults_of_timestream(apply: Any, observe: Any) -> None:
    made = apply()["table"]
    assert made == {
        "name": NAME,
        "database": DATABASE,
        "arn": ARN,
        "memory_store_retention_hours": 6,
        "magnetic_store_retention_days": 73000,
        "magnetic_store_writes": False,
        "magnetic_store_rejected_data_location": None,
        "partition_key": [{"type": "MEASURE"}],
        "tags": {},
    }
    assert observe()["retention"] == retention(6, 73000)


def test_a_table_that_another_tool_made_is_left_alone(apply: Any, timestream: Any) -> None:
    timestream.create_table(DatabaseName=DATABASE, TableName=NAME)
    assert not apply()["changed"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"memory_store_retention_hours": 48}, {"retention": retention(48, 365)}),
        ({"magnetic_store_retention_days": 7}, {"retention": retention(24, 7)}),
        ({"magnetic_store_writes": False}, {"magnetic": {"EnableMagneticStoreWrites": False}}),
    ],
)
def test_one_setting_changes_and_the_rest_is_left_alone(
    apply: Any, observe: Any, settings: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = apply(
        memory_store_retention_hours=24,
        magnetic_store_retention_days=365,
        magnetic_store_writes=True,
        tags={"a": "1"},
    )["table"]
    state = observe()
    changed = apply(**settings)
    assert changed["changed"]
    assert changed["diff"] == {"before": before, "after": before | settings}
    assert observe() == state | expected


def test_the_location_of_rejected_data(apply: Any, observe: Any, aws: Any) -> None:
    apply(magnetic_store_writes=True, memory_store_retention_hours=24)
    assert apply(magnetic_store_rejected_data_location={"bucket": LOCATION["bucket"]})["changed"]
    moved = apply(magnetic_store_rejected_data_location={"bucket": LOCATION["bucket"], "prefix": "other"})
    assert moved["diff"]["before"]["magnetic_store_rejected_data_location"] == {
        "bucket": "module-rejected",
        "encryption": "SSE_S3",
    }
    assert moved["table"]["memory_store_retention_hours"] == 24

    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    kms = {"bucket": LOCATION["bucket"], "encryption": "SSE_KMS", "kms_key_id": key}
    assert apply(magnetic_store_rejected_data_location=kms)["table"][
        "magnetic_store_rejected_data_location"
    ] == {**kms, "prefix": "other"}
    stored = observe()["magnetic"]["MagneticStoreRejectedDataLocation"]["S3Configuration"]
    assert stored == {
        "BucketName": "module-rejected",
        "ObjectKeyPrefix": "other",
        "EncryptionOption": "SSE_KMS",
        "KmsKeyId": key,
    }

    plain = apply(
        magnetic_store_rejected_data_location={"bucket": LOCATION["bucket"], "encryption": "SSE_S3"}
    )
    assert "kms_key_id" not in plain["table"]["magnetic_store_rejected_data_location"]
    assert apply(magnetic_store_writes=False)["table"]["magnetic_store_rejected_data_location"] is None


def test_the_enforcement_of_the_partition_key_can_change(apply: Any, observe: Any) -> None:
    made = apply(partition_key=[{"type": "DIMENSION", "name": "device_id"}])
    assert made["table"]["partition_key"] == [{**DEVICE, "enforcement": "OPTIONAL"}]
    changed = apply(partition_key=[DEVICE])
    assert changed["changed"]
    assert observe()["schema"]["CompositePartitionKey"][0]["EnforcementInRecord"] == "REQUIRED"
    assert not apply(partition_key=[{"type": "DIMENSION", "name": "device_id"}])["changed"]
    assert not apply(memory_store_retention_hours=6)["changed"]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("other", [[{"type": "MEASURE"}], [{**DEVICE, "name": "location"}], [DEVICE] * 2])
def test_the_rest_of_the_partition_key_cannot(
    run_module: Any, apply: Any, observe: Any, other: list[dict[str, str]], check: bool
) -> None:
    apply(partition_key=[DEVICE])
    before = observe()
    result = run_module(
        "timestream_table",
        check=check,
        database=DATABASE,
        name=NAME,
        partition_key=other,
        memory_store_retention_hours=12,
    )
    assert result["failed"]
    assert "can't be changed after its creation" in result["msg"]
    assert observe() == before


@pytest.mark.parametrize(
    ("purge", "expected"), [(True, {"b": "3", "c": "4"}), (False, {"a": "1", "b": "3", "c": "4"})]
)
def test_tags(apply: Any, observe: Any, purge: bool, expected: dict[str, str]) -> None:
    apply(tags={"a": "1", "b": "2"})
    apply(tags={"b": 3, "c": "4"}, purge_tags=purge)
    assert observe()["tags"] == expected
    assert not apply(magnetic_store_writes=False)["changed"]


def test_an_empty_account(run_module: Any) -> None:
    """The database that a check run did not make is no reason for the check run of its table to fail."""
    predicted = run_module("timestream_table", check=True, database="no-such-database", name=NAME)
    assert predicted["changed"]
    assert predicted["table"]["arn"].endswith("database/no-such-database/table/readings")
    real = run_module("timestream_table", database="no-such-database", name=NAME)
    assert real["failed"]
    assert real["error"]["code"] == "ResourceNotFoundException"
    assert not run_module("timestream_table", database="no-such-database", name=NAME, state="absent")[
        "changed"
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"partition_key": [{"type": "DIMENSION"}]}, "name"),
        (
            {"magnetic_store_rejected_data_location": {"bucket": "b", "encryption": "SSE_KMS"}},
            "kms_key_id",
        ),
        ({"magnetic_store_rejected_data_location": {"prefix": "p"}}, "bucket"),
    ],
)
def test_arguments_that_lack_something(run_module: Any, arguments: dict[str, Any], message: str) -> None:
    result = run_module("timestream_table", database=DATABASE, name=NAME, **arguments)
    assert result["failed"]
    assert message in result["msg"]
