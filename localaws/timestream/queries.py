# SPDX-License-Identifier: MIT
"""Query, CancelQuery and PrepareQuery.

A statement runs in a thread of its own. Who asks for it waits a few seconds; a query that takes longer is
answered with empty pages until it is done, as on AWS.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_Query.html,
.../API_query_CancelQuery.html, .../API_query_PrepareQuery.html and .../ts-limits.html
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from localaws.errors import ConflictException, QueryExecutionException, ValidationException
from localaws.timestream import memory, sql
from localaws.timestream.catalog import Catalog, Table
from localaws.timestream.client_tokens import ClientTokens
from localaws.timestream.executions import Check, Execution
from localaws.timestream.insights import Insights
from localaws.timestream.pages import Pages
from localaws.timestream.results import Result
from localaws.timestream.s3 import S3
from localaws.timestream.store import Store
from localaws.timestream.unload.target import UnloadTarget
from localaws.timestream.unload.unloading import ANSWER, Unloaded, unload
from localaws.timestream.view import View
from localaws.timestream.windows import HOUR

LEAST_BYTES_METERED = 10_000_000
PATIENCE_SECONDS = 5.0
"""How long a request waits for a statement. AWS's own figure is not documented."""

LONGEST = HOUR

INSIGHTS = "ENABLED_WITH_RATE_CONTROL"

Document = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """What a statement came to."""

    result: Result
    unloaded: Unloaded | None = None


class Queries:
    """The queries of one account and region.

    :param clock: tells the time in nanoseconds since 1970.
    :param folder: where large results are kept; None: where the system keeps temporary files.
    """

    def __init__(
        self, catalog: Catalog, store: Store, clock: Callable[[], int], s3: S3, folder: Path | None
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._clock = clock
        self._s3 = s3
        self._folder = folder
        self._pages = Pages()
        self._tokens = ClientTokens()
        self._executions: list[Execution[Done]] = []

    def query(self, request: Document) -> Document:
        """Query."""
        statement, limit, now = request["QueryString"], request.get("MaxRows"), self._clock()
        if token := request.get("NextToken"):
            return self._pages.following(token, statement, limit, now)
        fresh = _query_id()
        query_id = self._tokens.query_of(request, fresh, now)
        if query_id != fresh and (page := self._pages.again(query_id, now)) is not None:
            return page
        answer = self._started(fresh, statement, _wants_insights(request), now)
        return self._pages.first(fresh, statement, answer, limit, now)

    def cancel_query(self, request: Document) -> Document:
        """CancelQuery."""
        return self._pages.cancel(request["QueryId"])

    def prepare_query(self, request: Document) -> Document:
        """PrepareQuery."""
        if not request.get("ValidateOnly"):
            raise ValidationException("ValidateOnly must be true: queries can't be stored.")
        text, view = request["QueryString"], View(self._catalog, self._store, self._clock())
        cursor = self._store.cursor()
        statement = sql.Statement(text, view, cursor, self._clock(), parameters=None)
        if statement.unload:
            UnloadTarget.read(statement.unload)
            columns = [{**info, "Aliased": False} for info in sql.columns(ANSWER)]
        else:
            columns = [
                {**info, **_table_names(view.named.get(origin.table or "")), "Aliased": origin.aliased}
                for info, origin in statement.select_columns()
            ]
        return {"QueryString": text, "Columns": columns, "Parameters": statement.parameters()}

    def work(self) -> None:
        """Stop what runs for too long or needs too much memory, and forget what nobody reads."""
        now, short_of_memory = self._clock(), memory.is_short()
        for execution in self._executions:
            if now - execution.started >= LONGEST:
                execution.stop(QueryExecutionException("The query timed out: it ran for longer than 1 hour."))
            elif short_of_memory:
                execution.stop(QueryExecutionException("The query needs more memory than there is"))
            execution.insist()
        self._pages.expire(now)

    def close(self) -> None:
        """Stop all queries."""
        for execution in self._executions:
            execution.stop(QueryExecutionException("The service was stopped."))

    def _started(self, query_id: str, text: str, insights: bool, now: int) -> _Answer:
        """A statement that has been read and now runs."""
        view, cursor = View(self._catalog, self._store, now), self._store.cursor()
        statement = sql.Statement(text, view, cursor, now)
        target = UnloadTarget.read(statement.unload) if statement.unload else None

        def work(check: Check) -> Done:
            if target:
                return self._unloaded(query_id, statement, target, check)
            batches = statement.batches()
            return Done(Result(batches.schema, _checked(batches, check), self._folder))

        execution = Execution(work, cursor.interrupt, now)
        self._executions = [each for each in self._executions if each.running] + [execution]
        covered = Insights(statement.scans, view.named, self._store.cursor())
        return _Answer(execution, covered, cache(partial(_insights, covered, now)) if insights else None)

    def _unloaded(self, query_id: str, statement: sql.Statement, target: UnloadTarget, check: Check) -> Done:
        unloaded = unload(query_id, statement, target, self._s3, self._folder, check)
        return Done(Result(ANSWER, [unloaded.answer()], self._folder), unloaded)


class _Answer:
    """What a query answers: `pages.Answer`.

    :param insights: what QueryInsights tell of a statement that is done, if they are asked for.
    """

    def __init__(
        self, execution: Execution[Done], covered: Insights, insights: Callable[[Done], Document] | None
    ) -> None:
        self._execution = execution
        self._insights = insights
        self._opened = False
        self._scanned = covered.scanned()  # while the statement runs

    def page(self, start: int, limit: int | None) -> tuple[Document, int | None]:
        """As in `pages.Answer`."""
        if not self._execution.wait(PATIENCE_SECONDS):
            return {"ColumnInfo": [], "Rows": [], "QueryStatus": self._status(0.0)}, start
        done = self._execution.outcome()
        result = done.result
        members = {"ColumnInfo": result.columns, "QueryStatus": self._status(100.0)}
        if self._insights:
            members["QueryInsightsResponse"] = self._insights(done)
        if not self._opened:
            self._opened = True
            if limit is not None and limit < result.rows and not result.is_one_page:
                return {**members, "Rows": []}, start
        rows, following = result.page(start, limit)
        return {**members, "Rows": rows}, following if following < result.rows else None

    def cancel(self, reason: ConflictException) -> None:
        """As in `pages.Answer`."""
        self._execution.stop(reason)

    def close(self) -> None:
        """As in `pages.Answer`."""
        if self._execution.running:
            self._execution.stop(QueryExecutionException("Nobody reads the query's answer any more."))
        if done := self._execution.done:
            done.result.close()

    def _status(self, progress: float) -> Document:
        return {
            "ProgressPercentage": progress,
            "CumulativeBytesScanned": self._scanned,
            "CumulativeBytesMetered": max(self._scanned, LEAST_BYTES_METERED),
        }


def _insights(covered: Insights, now: int, done: Done) -> Document:
    response = covered.response(now)
    response |= {"OutputRows": done.result.rows, "OutputBytes": done.result.data_bytes()}
    return response | (done.unloaded.insights() if done.unloaded else {})


def _checked(batches: sql.Batches, check: Check) -> Iterable[Any]:
    for batch in batches:
        check()
        yield batch


def _wants_insights(request: Document) -> bool:
    return (request.get("QueryInsights") or {}).get("Mode") == INSIGHTS


def _table_names(table: Table | None) -> Document:
    if table is None:
        return {}
    return {name: table.description[name] for name in ("DatabaseName", "TableName")}


def _query_id() -> str:
    return base64.b32encode(secrets.token_bytes(40)).decode()[:63]
