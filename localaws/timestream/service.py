# SPDX-License-Identifier: MIT
"""Timestream as one account sees it in one region: both of its APIs behind `Timestream.call`.

It knows no HTTP. An operation of the models that isn't implemented is refused by name.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_Reference.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from localaws.account import Account
from localaws.documents import Documents
from localaws.errors import UnknownOperationException
from localaws.timestream import sql
from localaws.timestream.account_settings import AccountSettings
from localaws.timestream.batch.loads import BatchLoads
from localaws.timestream.catalog import Catalog, Database
from localaws.timestream.counts import Counts
from localaws.timestream.journal import Journal
from localaws.timestream.kms import Kms
from localaws.timestream.queries import Queries
from localaws.timestream.rejected import RejectedReports
from localaws.timestream.retention import Retention
from localaws.timestream.s3 import S3
from localaws.timestream.schedules.notifications import Notifications
from localaws.timestream.schedules.runs import Runner
from localaws.timestream.schedules.scheduled_queries import ScheduledQueries
from localaws.timestream.store import Store
from localaws.timestream.tags import Tags
from localaws.timestream.validation import validate
from localaws.timestream.writes import Writes

ENDPOINT_MINUTES = 1440

Document = dict[str, Any]
Operation = Callable[[Document], Document]


def alone(service: str) -> Any:
    """The other services of a Timestream that has none beside it."""
    raise LookupError(f"There is no {service} beside this Timestream.")


class Timestream:
    """The service.

    :param account: 12 digits.
    :param clock: tells the time in nanoseconds since 1970.
    :param folder: where its state is kept; without one, in memory.
    :param client: a boto3 client of another service (s3, sns) of the same account and region, by its name.
    :ivar counts: what is counted for CloudWatch.
    """

    def __init__(
        self,
        account: str,
        region: str,
        clock: Callable[[], int] = time.time_ns,
        folder: Path | None = None,
        client: Callable[[str], Any] = alone,
    ) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._documents = Documents(folder and folder / "documents.sqlite")
        self._store = Store(
            sql.connect(folder and folder / "rows.duckdb"), Journal(folder and folder / "journal.sqlite")
        )
        self._tags = tags = Tags(self._documents)
        owner = Account(account, region)
        self._clock = clock
        self._catalog = catalog = Catalog(owner, clock, self._store, self._documents, tags)
        self._retention = Retention(catalog, self._store, clock)
        s3 = S3(client)
        self._queries = queries = Queries(catalog, self._store, clock, s3, folder)
        self._settings = settings = AccountSettings(region, self._documents, clock, client)
        self.counts = Counts()
        self._rejected = rejected = RejectedReports(self._documents, clock, s3, self.counts)
        writes = Writes(catalog, self._store, clock, rejected, self.counts)
        self._batch_loads = loads = BatchLoads(catalog, self._store, self._documents, clock, s3, self.counts)
        kms = Kms(client)
        self._scheduled_queries = scheduled = ScheduledQueries(
            owner,
            clock,
            self._documents,
            tags,
            kms,
            Runner(catalog, self._store, writes, clock, s3, self.counts, folder),
            Notifications(client),
        )
        self._prepared: dict[str, Operation] = {  # by other services, so not while writers wait
            "CreateDatabase": kms.resolved,
            "CreateTable": rejected.checked,
            "UpdateDatabase": kms.resolved,
            "UpdateTable": rejected.checked,
        }
        self._of_catalog: dict[str, Operation] = {
            "CreateDatabase": catalog.create_database,
            "CreateTable": catalog.create_table,
            "DeleteDatabase": catalog.delete_database,
            "DeleteTable": catalog.delete_table,
            "DescribeDatabase": catalog.describe_database,
            "DescribeTable": catalog.describe_table,
            "ListDatabases": catalog.list_databases,
            "ListTables": catalog.list_tables,
            "ListTagsForResource": tags.list_tags_for_resource,
            "TagResource": tags.tag_resource,
            "UntagResource": tags.untag_resource,
            "UpdateDatabase": catalog.update_database,
            "UpdateTable": catalog.update_table,
        }
        self._of_data: dict[str, Operation] = {
            "CancelQuery": queries.cancel_query,
            "CreateBatchLoadTask": loads.create_batch_load_task,
            "CreateScheduledQuery": scheduled.create_scheduled_query,
            "DeleteScheduledQuery": scheduled.delete_scheduled_query,
            "DescribeAccountSettings": settings.describe_account_settings,
            "DescribeBatchLoadTask": loads.describe_batch_load_task,
            "DescribeScheduledQuery": scheduled.describe_scheduled_query,
            "ExecuteScheduledQuery": scheduled.execute_scheduled_query,
            "ListBatchLoadTasks": loads.list_batch_load_tasks,
            "ListScheduledQueries": scheduled.list_scheduled_queries,
            "PrepareQuery": queries.prepare_query,
            "Query": queries.query,
            "ResumeBatchLoadTask": loads.resume_batch_load_task,
            "UpdateAccountSettings": settings.update_account_settings,
            "UpdateScheduledQuery": scheduled.update_scheduled_query,
            "WriteRecords": writes.write_records,
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
            if operation in self._prepared:
                request = self._prepared[operation](request)
            with self._store.lock:
                return self._of_catalog[operation](request)
        if operation in self._of_data:
            validate(operation, request)
            return self._of_data[operation](request)
        raise UnknownOperationException(f"The embedded Timestream does not have the operation {operation}.")

    def work(self) -> None:
        """Do what is due by now and no call waits for. The server calls it every fraction of a second."""
        self._retention.work()
        self._queries.work()
        self._settings.work()
        self._batch_loads.work()
        self._rejected.work()
        self._scheduled_queries.work()

    def close(self) -> None:
        """Let go of the state, which stays in its folder."""
        self._queries.close()
        self._batch_loads.close()
        self._rejected.close()
        self._scheduled_queries.close()
        self._store.close()
        self._documents.close()

    def summary(self) -> list[Document]:
        """What it holds: a line for each table, and for each database that has none.

        The bytes of the two stores are those by which AWS meters what is stored, `metered_bytes` those of all
        writes so far; `magnetic_conflicts` counts the records that the magnetic store refused for their
        version, with which WriteRecords does not answer.
        """
        now = self._clock()
        with self._store.lock:
            return [line for each in self._catalog.databases.items() for line in _lines(*each, now)]

    def stored(self) -> tuple[int, int]:
        """The bytes in the memory stores and in the magnetic stores of all tables, as AWS meters them."""
        with self._store.lock:
            tables = [
                table for database in self._catalog.databases.values() for table in database.tables.values()
            ]
            tiers = [table.store.tiers(table.windows(self._clock())) for table in tables]
        return sum(tier.memory.bytes for tier in tiers), sum(tier.magnetic.bytes for tier in tiers)


def _lines(name: str, database: Database, now: int) -> Iterator[Document]:
    named = {"database": name}
    if not database.tables:
        yield named
    for name, table in database.tables.items():
        tiers = table.store.tiers(table.windows(now))
        yield {
            **named,
            "table": name,
            "records": tiers.memory.rows + tiers.magnetic.rows,
            "memory_bytes": tiers.memory.bytes,
            "magnetic_bytes": tiers.magnetic.bytes,
            "metered_bytes": table.store.metered,
            "magnetic_conflicts": table.store.magnetic_conflicts,
        }
