# SPDX-License-Identifier: MIT
import uuid
from typing import Any

import awswrangler as wr
import pytest

from localaws.embedded import EmbeddedAws
from tests.awswrangler.conftest import Table

MAGNETIC_WRITES = {"EnableMagneticStoreWrites": True}


def test_a_database_is_made_listed_and_deleted(aws: EmbeddedAws) -> None:
    name, key = f"wrangler-{uuid.uuid4()}", aws.client("kms").create_key()["KeyMetadata"]
    arn = wr.timestream.create_database(name, kms_key_id=key["KeyId"], tags={"team": "heat", "stage": "dev"})
    assert arn == f"arn:aws:timestream:us-east-1:000000000000:database/{name}"
    client = aws.client("timestream-write")
    described = client.describe_database(DatabaseName=name)["Database"]
    assert described["KmsKeyId"] == key["Arn"]
    tags = client.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"team": "heat", "stage": "dev"}
    assert name in wr.timestream.list_databases()
    wr.timestream.delete_database(name)
    assert name not in wr.timestream.list_databases()


def test_lists_of_many_pages(aws: EmbeddedAws) -> None:
    client, names = aws.client("timestream-write"), [f"wrangler-{uuid.uuid4()}" for _ in range(23)]
    for name in names:
        client.create_database(DatabaseName=name)
    assert set(names) <= set(wr.timestream.list_databases())
    tables = [f"table-{number:02}" for number in range(23)]
    for table in tables:
        client.create_table(DatabaseName=names[0], TableName=table)
    assert wr.timestream.list_tables(database=names[0]) == tables
    assert set(tables) <= set(wr.timestream.list_tables())


@pytest.mark.parametrize("more", [None, {"MagneticStoreWriteProperties": MAGNETIC_WRITES}])
def test_a_table_is_made_listed_and_deleted(
    aws: EmbeddedAws, table: Table, more: dict[str, Any] | None
) -> None:
    arn = wr.timestream.create_table(
        table.database, "second", 3, 7, tags={"a": "b"}, timestream_additional_kwargs=more
    )
    client = aws.client("timestream-write")
    described = client.describe_table(DatabaseName=table.database, TableName="second")["Table"]
    assert described["Arn"] == arn
    assert described["RetentionProperties"] == {
        "MemoryStoreRetentionPeriodInHours": 3,
        "MagneticStoreRetentionPeriodInDays": 7,
    }
    assert described["MagneticStoreWriteProperties"]["EnableMagneticStoreWrites"] is (more is not None)
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert wr.timestream.list_tables(database=table.database) == [table.table, "second"]
    wr.timestream.delete_table(table.database, "second")
    assert wr.timestream.list_tables(database=table.database) == [table.table]
