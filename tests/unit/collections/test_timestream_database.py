# SPDX-License-Identifier: MIT
"""The module timestream_database, against the embedded AWS."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

NAME = "module-database"
ARN = f"arn:aws:timestream:us-east-1:000000000000:database/{NAME}"


@pytest.fixture
def timestream(aws: Any) -> Any:
    return aws.client("timestream-write")


@pytest.fixture
def observe(timestream: Any, run_module: Any) -> Any:
    def database() -> Any:
        try:
            found = timestream.describe_database(DatabaseName=NAME)["Database"]
        except timestream.exceptions.ResourceNotFoundException:
            return None
        tags = timestream.list_tags_for_resource(ResourceARN=ARN)["Tags"]
        return found["KmsKeyId"], {tag["Key"]: tag["Value"] for tag in tags}

    yield database
    run_module("timestream_database", name=NAME, state="absent")


@pytest.fixture(scope="module")
def keys(aws: Any) -> list[dict[str, str]]:
    """Two KMS keys, each by every name that it has."""
    kms = aws.client("kms")
    found = []
    for place in range(2):
        key = kms.create_key()["KeyMetadata"]
        kms.create_alias(AliasName=f"alias/module-{place}", TargetKeyId=key["KeyId"])
        found.append({"id": key["KeyId"], "arn": key["Arn"], "alias": f"alias/module-{place}"})
    return found


def test_life(converge: Any, observe: Any) -> None:
    made = converge(
        "timestream_database", observe, name=NAME, tags={"a": "1", "b": "ü"}, unknown=("kms_key_id",)
    )
    assert made["changed"]
    key = made["database"].pop("kms_key_id")
    assert made["database"] == {"name": NAME, "arn": ARN, "table_count": 0, "tags": {"a": "1", "b": "ü"}}
    assert made["diff"]["before"] == {}
    assert observe() == (key, {"a": "1", "b": "ü"})

    gone = converge("timestream_database", observe, name=NAME, state="absent")
    assert gone["changed"]
    assert "database" not in gone
    assert gone["diff"]["after"] == {}
    assert observe() is None


@pytest.mark.parametrize("form", ["id", "arn", "alias"])
def test_the_key_in_each_form(converge: Any, observe: Any, keys: list[dict[str, str]], form: str) -> None:
    first, second = keys
    made = converge("timestream_database", observe, name=NAME, kms_key_id=first[form], tags={"a": "1"})
    assert made["database"]["kms_key_id"] == first["arn"]
    changed = converge("timestream_database", observe, name=NAME, kms_key_id=second[form])
    assert changed["diff"]["before"] == made["database"]
    assert changed["diff"]["after"] == {**made["database"], "kms_key_id": second["arn"]}
    assert observe() == (second["arn"], {"a": "1"})
    assert not converge("timestream_database", observe, name=NAME)["changed"]


@pytest.mark.parametrize(
    ("purge", "expected"), [(True, {"b": "3", "c": "4"}), (False, {"a": "1", "b": "3", "c": "4"})]
)
def test_tags(converge: Any, observe: Any, purge: bool, expected: dict[str, str]) -> None:
    converge("timestream_database", observe, name=NAME, tags={"a": "1", "b": "2"}, unknown=("kms_key_id",))
    converge("timestream_database", observe, name=NAME, tags={"b": 3, "c": "4"}, purge_tags=purge)
    assert observe()[1] == expected
    assert not converge("timestream_database", observe, name=NAME)["changed"]
    converge("timestream_database", observe, name=NAME, tags={})
    assert observe()[1] == {}


def test_a_database_with_tables_is_not_deleted(run_module: Any, observe: Any, timestream: Any) -> None:
    run_module("timestream_database", name=NAME)
    timestream.create_table(DatabaseName=NAME, TableName="readings")
    try:
        result = run_module("timestream_database", name=NAME, state="absent")
        assert result["failed"]
        assert "crashed" not in result
        assert "Failed to delete the database" in result["msg"]
        assert result["error"]["code"] == "ValidationException"
        assert run_module("timestream_database", name=NAME)["database"]["table_count"] == 1
    finally:
        timestream.delete_table(DatabaseName=NAME, TableName="readings")


def test_an_account_that_may_not_use_timestream_is_told_so() -> None:
    message = (
        "Only existing Timestream for LiveAnalytics customers can access the service. Reach out to support."
    )

    class Closed:
        def describe_database(self, **_request: Any) -> None:
            raise ClientError(
                {"Error": {"Code": "AccessDeniedException", "Message": message}}, "DescribeEndpoints"
            )

    module = importlib.import_module("ansible_collections.timeseries.aws.plugins.modules.timestream_database")
    with pytest.raises(Exception, match="closed to new customers on 20 June 2025") as raised:
        module.get_database(Closed(), NAME)
    assert message in str(raised.value)


def test_no_aws_at_all(run_module: Any) -> None:
    result = run_module(
        "timestream_database",
        name=NAME,
        endpoint_url="http://127.0.0.1:9",
        aws_config={"retries": {"max_attempts": 0}},
    )
    assert result["failed"]
    assert "crashed" not in result
    assert "Could not connect to the endpoint URL" in result["msg"]
