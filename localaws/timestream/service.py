# SPDX-License-Identifier: MIT
"""Timestream as one account sees it in one region: both of its APIs behind `Timestream.call`.

It knows no HTTP. An operation of the models that isn't implemented is refused by name.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_Reference.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from localaws.errors import RejectedRecordsException, UnknownOperationException, ValidationException
from localaws.timestream import sql
from localaws.timestream.catalog import Catalog
from localaws.timestream.pages import Pages
from localaws.timestream.records import parse
from localaws.timestream.store import Store
from localaws.timestream.validation import validate
from localaws.timestream.view import View

ENDPOINT_MINUTES = 1440
LEAST_BYTES_METERED = 10_000_000

Document = dict[str, Any]
Operation = Callable[[Document], Document]


class Timestream:
    """The service. `clock` tells the time in nanoseconds since 1970."""

    def __init__(self, account: str, region: str, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._store = Store(sql.connect())
        self._catalog = Catalog(account, region, clock, self._store)
        self._pages = Pages()
        catalog = self._catalog
        self._of_catalog: dict[str, Operation] = {
            "CreateDatabase": catalog.create_database,
            "CreateTable": catalog.create_table,
            "DeleteDatabase": catalog.delete_database,
            "DeleteTable": catalog.delete_table,
            "DescribeDatabase": catalog.describe_database,
            "DescribeTable": catalog.describe_table,
            "ListDatabases": catalog.list_databases,
            "ListTables": catalog.list_tables,
            "ListTagsForResource": catalog.list_tags_for_resource,
            "TagResource": catalog.tag_resource,
            "UntagResource": catalog.untag_resource,
            "UpdateDatabase": catalog.update_database,
            "UpdateTable": catalog.update_table,
        }
        self._of_data: dict[str, Operation] = {
            "CancelQuery": self._cancel_query,
            "Query": self._query,
            "WriteRecords": self._write_records,
        }

    def call(self, operation: str, request: Document, endpoint: str) -> Document:
        """Answer a request of either API, as the JSON protocol writes it: times in epoch seconds.

        :param endpoint: the address that DescribeEndpoints is to answer, such as `http://127.0.0.1:4566`.
        :raises AwsError: the request is refused, or the operation isn't there.
        """
        if operation == "DescribeEndpoints":
            return {"Endpoints": [{"Address": endpoint, "CachePeriodInMinutes": ENDPOINT_MINUTES}]}
        if operation in self._of_catalog:
            validate(operation, request)
            with self._store.lock:
                return self._of_catalog[operation](request)
        if operation in self._of_data:
            validate(operation, request)
            return self._of_data[operation](request)
        raise UnknownOperationException(f"The embedded Timestream does not have the operation {operation}.")

    def summary(self) -> dict[str, int]:
        """How many databases, tables, rows and metered bytes it holds.

        `magnetic_conflicts` counts the records that the magnetic store refused for their version, with which
        WriteRecords does not answer.
        """
        with self._store.lock:
            databases = list(self._catalog.databases.values())
            stores = [table.store for database in databases for table in database.tables.values()]
            return {
                "databases": len(databases),
                "tables": len(stores),
                "rows": sum(store.rows for store in stores),
                "bytes": sum(store.bytes for store in stores),
                "magnetic_conflicts": sum(store.magnetic_conflicts for store in stores),
            }

    def _write_records(self, request: Document) -> Document:
        with self._store.lock:
            table = self._catalog.table(request)
        records = list(parse(request, table.required_dimension))
        outcome = table.store.write(records, table.windows(self._clock()))
        if outcome.rejected:
            raise RejectedRecordsException(
                "One or more records have been rejected. See RejectedRecords for details.",
                RejectedRecords=outcome.rejected,
            )
        return {
            "RecordsIngested": {
                "Total": outcome.memory + outcome.magnetic,
                "MemoryStore": outcome.memory,
                "MagneticStore": outcome.magnetic,
            }
        }

    def _query(self, request: Document) -> Document:
        if (request.get("QueryInsights") or {}).get("Mode", "DISABLED") != "DISABLED":
            raise ValidationException("The embedded Timestream does not have QueryInsights.")
        statement, limit, now = request["QueryString"], request.get("MaxRows"), self._clock()
        if token := request.get("NextToken"):
            return self._pages.following(token, statement, limit, now)
        view = View(self._catalog, self._store, now)
        answer = sql.run(statement, view, self._store.cursor(), now)
        status = {
            "ProgressPercentage": 100.0,
            "CumulativeBytesScanned": view.scanned,
            "CumulativeBytesMetered": max(view.scanned, LEAST_BYTES_METERED),
        }
        members = {"ColumnInfo": answer.columns, "QueryStatus": status}
        return self._pages.first(statement, members, iter(answer.rows), limit, now)

    def _cancel_query(self, request: Document) -> Document:
        return self._pages.cancel(request["QueryId"])
