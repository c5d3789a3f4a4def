# SPDX-License-Identifier: MIT
"""The databases and tables of one account and region.

Each public method is the API operation of that name: it takes the request, its shape already validated, and
returns the answer. A description is kept as the Describe operations answer it.

Source:
https://docs.aws.amazon.com/timestream/latest/developerguide/API_Operations_Amazon_Timestream_Write.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localaws.account import Account
from localaws.documents import Documents
from localaws.errors import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from localaws.timestream import listing
from localaws.timestream.records import parse
from localaws.timestream.store import Store, TableStore
from localaws.timestream.tags import Tags
from localaws.timestream.windows import Windows

DATABASES = 500
TABLES = 50_000

RETENTION = {"MemoryStoreRetentionPeriodInHours": 6, "MagneticStoreRetentionPeriodInDays": 73_000}
MAGNETIC_WRITES = {"EnableMagneticStoreWrites": False}
PARTITION_KEY = {"CompositePartitionKey": [{"Type": "MEASURE"}]}

DATABASE = "database"
TABLE = "table"
"""The kinds of documents. A table's is named by its ARN."""

Document = dict[str, Any]


@dataclass
class Table:
    """A table: how it is described, and its rows."""

    description: Document
    store: TableStore

    def windows(self, now: int) -> Windows:
        """The times it takes at a moment, in nanoseconds since 1970."""
        return Windows.at(now, self.description)

    @property
    def required_dimension(self) -> str | None:
        """The dimension that every record must have, if the partition key requires one."""
        [key] = self.description["Schema"]["CompositePartitionKey"]
        return key["Name"] if key.get("EnforcementInRecord") == "REQUIRED" else None


@dataclass
class Database:
    """A database: how it is described but for TableCount, and its tables."""

    description: Document
    tables: dict[str, Table] = field(default_factory=dict)

    def described(self) -> Document:
        """As DescribeDatabase answers it."""
        return {**self.description, "TableCount": len(self.tables)}


class Catalog:
    """Databases and tables. `clock` tells the time in nanoseconds since 1970."""

    def __init__(
        self, account: Account, clock: Callable[[], int], store: Store, documents: Documents, tags: Tags
    ) -> None:
        self._account = account
        self._clock = clock
        self._store = store
        self._documents = documents
        self._tags = tags
        self.databases = {name: Database(each) for name, each in documents.all(DATABASE).items()}
        for description in documents.all(TABLE).values():
            database, name = self.databases[description["DatabaseName"]], description["TableName"]
            database.tables[name] = Table(description, store.table(description["Arn"]))
        store.drop_left()

    # Databases

    def create_database(self, request: Document) -> Document:
        """CreateDatabase."""
        name = request["DatabaseName"]
        if name in self.databases:
            raise ConflictException(f"The database {name} already exists.")
        if len(self.databases) >= DATABASES:
            raise ServiceQuotaExceededException(f"An account can't have more than {DATABASES} databases.")
        arn = self._account.arn(f"database/{name}")
        self._tags.put(arn, request.get("Tags") or [])
        description = {
            "Arn": arn,
            "DatabaseName": name,
            "KmsKeyId": request.get("KmsKeyId") or self._managed_key(),
            **self._created(),
        }
        self.databases[name] = Database(description)
        self._documents.put(DATABASE, name, description)
        return {"Database": self.databases[name].described()}

    def describe_database(self, request: Document) -> Document:
        """DescribeDatabase."""
        return {"Database": self._database(request).described()}

    def list_databases(self, request: Document) -> Document:
        """ListDatabases, by name."""
        named = ((name, database.described()) for name, database in self.databases.items())
        return listing.page("Databases", named, request)

    def update_database(self, request: Document) -> Document:
        """UpdateDatabase: another key. With the same key nothing is updated."""
        database, key = self._database(request), request["KmsKeyId"]
        if key != database.description["KmsKeyId"]:
            database.description = {**database.description, "KmsKeyId": key, "LastUpdatedTime": self._now()}
            self._documents.put(DATABASE, request["DatabaseName"], database.description)
        return {"Database": database.described()}

    def delete_database(self, request: Document) -> Document:
        """DeleteDatabase, if it has no tables."""
        database = self._database(request)
        if database.tables:
            raise ValidationException(
                f"The database {request['DatabaseName']} can't be deleted: delete its tables first."
            )
        del self.databases[request["DatabaseName"]]
        self._documents.delete(DATABASE, request["DatabaseName"])
        self._tags.drop(database.description["Arn"])
        return {}

    # Tables

    def create_table(self, request: Document) -> Document:
        """CreateTable."""
        database, name = self._database(request), request["TableName"]
        if name in database.tables:
            raise ConflictException(f"The table {name} already exists.")
        if sum(len(each.tables) for each in self.databases.values()) >= TABLES:
            raise ServiceQuotaExceededException(f"An account can't have more than {TABLES} tables.")
        schema = _schema(request.get("Schema") or PARTITION_KEY)
        arn = f"{database.description['Arn']}/table/{name}"
        self._tags.put(arn, request.get("Tags") or [])
        description = {
            "Arn": arn,
            "TableName": name,
            "DatabaseName": request["DatabaseName"],
            "TableStatus": "ACTIVE",
            "RetentionProperties": request.get("RetentionProperties") or RETENTION,
            "MagneticStoreWriteProperties": request.get("MagneticStoreWriteProperties") or MAGNETIC_WRITES,
            "Schema": schema,
            **self._created(),
        }
        database.tables[name] = Table(description, self._store.table(arn))
        self._documents.put(TABLE, arn, description)
        return {"Table": description}

    def describe_table(self, request: Document) -> Document:
        """DescribeTable."""
        return {"Table": self.table(request).description}

    def list_tables(self, request: Document) -> Document:
        """ListTables, of one database or of all, by name."""
        databases = [self._database(request)] if request.get("DatabaseName") else self.databases.values()
        tables = (table.description for database in databases for table in database.tables.values())
        named = ((f"{each['DatabaseName']}/{each['TableName']}", each) for each in tables)
        return listing.page("Tables", named, request)

    def update_table(self, request: Document) -> Document:
        """UpdateTable: replaces the structures it is given, and leaves the others."""
        table = self.table(request)
        names = ("RetentionProperties", "MagneticStoreWriteProperties", "Schema")
        changes = {name: request[name] for name in names if request.get(name)}
        if "Schema" in changes:
            changes["Schema"] = _schema(changes["Schema"])
            if _fixed(changes["Schema"]) != _fixed(table.description["Schema"]):
                raise ValidationException("The type and name of a table's partition key can't be changed.")
        table.description = {**table.description, **changes, "LastUpdatedTime": self._now()}
        self._documents.put(TABLE, table.description["Arn"], table.description)
        return {"Table": table.description}

    def delete_table(self, request: Document) -> Document:
        """DeleteTable, with all its rows."""
        table = self.table(request)
        del self.databases[request["DatabaseName"]].tables[request["TableName"]]
        self._documents.delete(TABLE, table.description["Arn"])
        self._tags.drop(table.description["Arn"])
        table.store.drop()
        return {}

    # What other parts ask

    def table(self, request: Document) -> Table:
        """The table that a request names.

        :raises ResourceNotFoundException: there is no such database or table.
        """
        name = request["TableName"]
        try:
            return self._database(request).tables[name]
        except KeyError:
            raise ResourceNotFoundException(f"The table {name} does not exist.") from None

    def _database(self, request: Document) -> Database:
        name = request["DatabaseName"]
        try:
            return self.databases[name]
        except KeyError:
            raise ResourceNotFoundException(f"The database {name} does not exist.") from None

    def _created(self) -> Document:
        return dict.fromkeys(("CreationTime", "LastUpdatedTime"), self._now())

    def _now(self) -> float:
        return self._clock() // 10**6 / 1000

    def _managed_key(self) -> str:
        """The ARN of the key that Timestream manages for the account."""
        key = uuid.uuid5(uuid.NAMESPACE_OID, f"{self._account.id}/{self._account.region}")
        return self._account.arn(f"key/{key}", "kms")


def _schema(schema: Document) -> Document:
    """A schema as DescribeTable answers it.

    Source: https://docs.aws.amazon.com/timestream/latest/developerguide/customer-defined-partition-keys.html
    """
    keys = schema.get("CompositePartitionKey") or PARTITION_KEY["CompositePartitionKey"]
    if len(keys) > 1:
        raise ValidationException(
            "You have specified too many partition keys to be used in your composite partition key. "
            "Only 1 partition keys can be specified."
        )
    [key] = keys
    if key["Type"] == "MEASURE" and (key.get("Name") or key.get("EnforcementInRecord")):
        raise ValidationException("A partition key of type MEASURE takes no Name and no EnforcementInRecord.")
    if key["Type"] == "DIMENSION":
        if not key.get("Name"):
            raise ValidationException("A partition key of type DIMENSION takes a Name.")
        _require_dimension(key["Name"])
        key = {"EnforcementInRecord": "OPTIONAL", **key}
    return {"CompositePartitionKey": [key]}


def _require_dimension(name: str) -> None:
    """Refuse a name that no dimension can have."""
    dimension = {"Name": name, "Value": "-"}
    sample = {"Dimensions": [dimension], "MeasureName": "-", "MeasureValue": "0", "Time": "0"}
    [record] = parse({"Records": [sample]})
    if record.refusal:
        raise ValidationException(record.refusal)


def _fixed(schema: Document) -> list[tuple[str, str | None]]:
    return [(key["Type"], key.get("Name")) for key in schema["CompositePartitionKey"]]
