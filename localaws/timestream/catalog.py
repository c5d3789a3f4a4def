# SPDX-License-Identifier: MIT
"""The databases and tables of one account and region, and their tags.

Each public method is the API operation of that name: it takes the request, its shape already validated, and
returns the answer. A description is kept as the Describe operations answer it.

Source:
https://docs.aws.amazon.com/timestream/latest/developerguide/API_Operations_Amazon_Timestream_Write.html
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from localaws.errors import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from localaws.timestream.store import Store, TableStore
from localaws.timestream.windows import Windows

DATABASES = 500
TABLES = 50_000
TAGS = 200
PAGE = 20

PARTITIONS = {"us-gov": "aws-us-gov", "cn": "aws-cn"}

RETENTION = {"MemoryStoreRetentionPeriodInHours": 6, "MagneticStoreRetentionPeriodInDays": 73_000}
MAGNETIC_WRITES = {"EnableMagneticStoreWrites": False}
PARTITION_KEY = {"CompositePartitionKey": [{"Type": "MEASURE"}]}

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
    """Databases, tables and tags. `clock` tells the time in nanoseconds since 1970."""

    def __init__(self, account: str, region: str, clock: Callable[[], int], store: Store) -> None:
        self.databases: dict[str, Database] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self._account = account
        self._region = region
        self._clock = clock
        self._store = store

    # Databases

    def create_database(self, request: Document) -> Document:
        """CreateDatabase."""
        name = request["DatabaseName"]
        if name in self.databases:
            raise ConflictException(f"The database {name} already exists.")
        if len(self.databases) >= DATABASES:
            raise ServiceQuotaExceededException(f"An account can't have more than {DATABASES} databases.")
        arn = self._arn("timestream", f"database/{name}")
        self._tag(arn, request.get("Tags") or [])
        description = {
            "Arn": arn,
            "DatabaseName": name,
            "KmsKeyId": self._key_arn(request.get("KmsKeyId")),
            **self._created(),
        }
        self.databases[name] = Database(description)
        return {"Database": self.databases[name].described()}

    def describe_database(self, request: Document) -> Document:
        """DescribeDatabase."""
        return {"Database": self._database(request).described()}

    def list_databases(self, request: Document) -> Document:
        """ListDatabases, by name."""
        named = ((name, database.described()) for name, database in self.databases.items())
        return _page("Databases", named, request)

    def update_database(self, request: Document) -> Document:
        """UpdateDatabase: another key."""
        database = self._database(request)
        database.description["KmsKeyId"] = self._key_arn(request["KmsKeyId"])
        database.description["LastUpdatedTime"] = self._now()
        return {"Database": database.described()}

    def delete_database(self, request: Document) -> Document:
        """DeleteDatabase, if it has no tables."""
        database = self._database(request)
        if database.tables:
            raise ValidationException(
                f"The database {request['DatabaseName']} can't be deleted: delete its tables first."
            )
        del self.databases[request["DatabaseName"]]
        del self._tags[database.description["Arn"]]
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
        self._tag(arn, request.get("Tags") or [])
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
        database.tables[name] = Table(description, self._store.table())
        return {"Table": description}

    def describe_table(self, request: Document) -> Document:
        """DescribeTable."""
        return {"Table": self.table(request).description}

    def list_tables(self, request: Document) -> Document:
        """ListTables, of one database or of all, by name."""
        databases = [self._database(request)] if request.get("DatabaseName") else self.databases.values()
        tables = (table.description for database in databases for table in database.tables.values())
        named = ((f"{each['DatabaseName']}/{each['TableName']}", each) for each in tables)
        return _page("Tables", named, request)

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
        return {"Table": table.description}

    def delete_table(self, request: Document) -> Document:
        """DeleteTable, with all its rows."""
        table = self.table(request)
        table.store.drop()
        del self.databases[request["DatabaseName"]].tables[request["TableName"]]
        del self._tags[table.description["Arn"]]
        return {}

    # Tags

    def tag_resource(self, request: Document) -> Document:
        """TagResource: adds tags, and replaces those of the same key."""
        self._tagged(request)
        self._tag(request["ResourceARN"], request["Tags"])
        return {}

    def untag_resource(self, request: Document) -> Document:
        """UntagResource; a key that isn't there is no error."""
        tags = self._tagged(request)
        for key in request["TagKeys"]:
            tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, request: Document) -> Document:
        """ListTagsForResource."""
        return {"Tags": [{"Key": key, "Value": value} for key, value in self._tagged(request).items()]}

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

    def _tagged(self, request: Document) -> dict[str, str]:
        arn = request["ResourceARN"]
        try:
            return self._tags[arn]
        except KeyError:
            raise ResourceNotFoundException(f"The resource {arn} does not exist.") from None

    def _tag(self, arn: str, tags: Iterable[Document]) -> None:
        merged = {**self._tags.get(arn, {}), **{tag["Key"]: tag["Value"] for tag in tags}}
        if reserved := [key for key in merged if key.lower().startswith("aws:")]:
            raise ValidationException(f"The tag key {reserved[0]} is reserved: it begins with aws:.")
        if len(merged) > TAGS:
            raise ServiceQuotaExceededException(f"A resource can't have more than {TAGS} tags.")
        self._tags[arn] = merged

    def _created(self) -> Document:
        return dict.fromkeys(("CreationTime", "LastUpdatedTime"), self._now())

    def _now(self) -> float:
        return self._clock() // 10**6 / 1000

    def _arn(self, service: str, resource: str) -> str:
        area = self._region.rsplit("-", 2)[0]
        return f"arn:{PARTITIONS.get(area, 'aws')}:{service}:{self._region}:{self._account}:{resource}"

    def _key_arn(self, key: str | None) -> str:
        """A key, by id, alias or ARN, as an ARN; None is the key that Timestream manages for the account."""
        if key is None:
            key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self._account}/{self._region}"))
        if key.startswith("arn:"):
            return key
        return self._arn("kms", key if key.startswith("alias/") else f"key/{key}")


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
        key = {"EnforcementInRecord": "OPTIONAL", **key}
    return {"CompositePartitionKey": [key]}


def _fixed(schema: Document) -> list[tuple[str, str | None]]:
    return [(key["Type"], key.get("Name")) for key in schema["CompositePartitionKey"]]


def _page(member: str, items: Iterable[tuple[str, Document]], request: Document) -> Document:
    """The items after NextToken's, at most MaxResults, by name."""
    after = _untoken(request.get("NextToken"))
    rest = sorted((item for item in items if item[0] > after), key=lambda item: item[0])
    page = rest[: request.get("MaxResults") or PAGE]
    answer: Document = {member: [description for _, description in page]}
    if len(rest) > len(page):
        answer["NextToken"] = base64.urlsafe_b64encode(page[-1][0].encode()).decode()
    return answer


def _untoken(token: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(token or "").decode()
    except (binascii.Error, ValueError):
        raise ValidationException("Invalid pagination token.") from None
