# SPDX-License-Identifier: MIT
"""One run of a scheduled query: its query, the storing of the result, the report on what went wrong.

    the query or the target fails     non-recoverable: no report, and the scheduled query can't go on
    rows or records are refused       the others are stored; a report goes to S3
    anything else goes wrong          a report goes to S3

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/scheduledqueries-errorreport.html and
.../metrics-dimensions.html. (The reasons that AWS gives for a failure are not documented.)
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from localaws.errors import AwsError, ResourceNotFoundException, ValidationException
from localaws.timestream import sql
from localaws.timestream.catalog import Catalog, Table
from localaws.timestream.counts import Counts
from localaws.timestream.insights import Insights
from localaws.timestream.queries import LEAST_BYTES_METERED
from localaws.timestream.results import Result
from localaws.timestream.s3 import S3
from localaws.timestream.schedules.error_report import ErrorReport, place
from localaws.timestream.schedules.ingestion import Ingestion
from localaws.timestream.schedules.target import Target
from localaws.timestream.store import Store
from localaws.timestream.view import View
from localaws.timestream.writes import Writes

RUNTIME = "scheduled_runtime"
INCOMPLETE = "Not all of the query result could be stored: see the error report."
INTERNAL = "An internal error occurred."
STATS = (
    "ExecutionTimeInMillis",
    "DataWrites",
    "BytesMetered",
    "CumulativeBytesScanned",
    "RecordsIngested",
    "QueryResultRows",
)

Document = dict[str, Any]
log = logging.getLogger(__name__)


class Run(NamedTuple):
    """What is to be run."""

    description: Document
    """The scheduled query, as DescribeScheduledQuery describes it."""
    invocation: float
    """The time that it runs for, in seconds since 1970."""
    manual: bool
    insights: bool
    """Whether QueryInsights are wanted."""
    version: int
    """Of the records that it writes."""


class Outcome(NamedTuple):
    """What came of a run."""

    summary: Document
    """Its ScheduledQueryRunSummary."""
    recoverable: bool
    """Whether it makes sense to run the scheduled query again."""


class Runner:
    """Runs scheduled queries of one account and region.

    :param folder: where large results are kept while they are stored; None: where the system has such files.
    """

    def __init__(
        self,
        catalog: Catalog,
        store: Store,
        writes: Writes,
        clock: Callable[[], int],
        s3: S3,
        counts: Counts,
        folder: Path | None,
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._writes = writes
        self._clock = clock
        self._s3 = s3
        self._counts = counts
        self._folder = folder

    def require(self, request: Document) -> None:
        """Refuse a CreateScheduledQuery request for what could never run.

        :raises ValidationException: with the reason.
        """
        target = _target(request)
        if target:
            self._require_table(target)
        statement, _ = self._statement(request, self._clock())
        if statement.unload:
            raise ValidationException("UNLOAD can't be scheduled.")
        columns = [column for column, _ in statement.select_columns()]
        if target:
            target.bind(columns)
        report = request["ErrorReportConfiguration"]["S3Configuration"]
        if report.get("EncryptionOption") == "SSE_KMS" and not request.get("KmsKeyId"):
            raise ValidationException("With the EncryptionOption SSE_KMS a KmsKeyId must be given.")
        self._s3.require(report["BucketName"])

    def run(self, run: Run) -> Outcome:
        """Run it, to its end whatever happens."""
        started = time.perf_counter()
        stats = dict.fromkeys(STATS, 0)
        summary: Document = {
            "InvocationTime": run.invocation,
            "TriggerTime": self._clock() // 10**6 / 1000,
            "ExecutionStats": stats,
        }
        report, recoverable = ErrorReport(), True
        try:
            self._carry_out(run, summary, report)
            failure = INCOMPLETE if report else None
        except AwsError as error:
            failure, recoverable = error.message, False
            self._count("UserErrors", 1)
        except Exception:
            self._count("SystemErrors", 1)
            log.exception("the scheduled query %s failed", run.description["Arn"])
            failure = INTERNAL
            report.add(INTERNAL)
        stats["ExecutionTimeInMillis"] = round((time.perf_counter() - started) * 1000)
        ended = "FAILURE" if failure else "SUCCESS"
        summary["RunStatus"] = f"{'MANUAL' if run.manual else 'AUTO'}_TRIGGER_{ended}"
        if failure:
            summary["FailureReason"] = failure
        if report and recoverable:
            self._write(report, run, summary)
        self._count("NumberOfRecords", stats["RecordsIngested"])
        self._count("CumulativeBytesMetered", stats["BytesMetered"], "Bytes")
        return Outcome(summary, recoverable)

    def _carry_out(self, run: Run, summary: Document, report: ErrorReport) -> None:
        statement, tables = self._statement(run.description, round(run.invocation * 1000) * 10**6)
        batches = statement.batches()
        result = Result(batches.schema, batches, self._folder)
        try:
            self._measure(result, Insights(statement.scans, tables, self._store.cursor()), run, summary)
            self._ingest(result, run, summary["ExecutionStats"], report)
        finally:
            result.close()

    def _measure(self, result: Result, covered: Insights, run: Run, summary: Document) -> None:
        scanned = covered.scanned()
        summary["ExecutionStats"].update(
            BytesMetered=max(scanned, LEAST_BYTES_METERED),
            CumulativeBytesScanned=scanned,
            QueryResultRows=result.rows,
        )
        if run.insights:
            output = {"OutputRows": result.rows, "OutputBytes": result.data_bytes()}
            summary["QueryInsightsResponse"] = {**covered.response(self._clock()), **output}

    def _ingest(self, result: Result, run: Run, stats: dict[str, int], report: ErrorReport) -> None:
        if target := _target(run.description):
            ingestion = Ingestion(self._writes, target, run.version, report)
            try:
                ingestion.store(result.columns, _rows(result))
            finally:
                stats.update(DataWrites=ingestion.bytes, RecordsIngested=ingestion.records)

    def _write(self, report: ErrorReport, run: Run, summary: Document) -> None:
        """Write a run's report, and say in its summary where it is."""
        configuration: Document = run.description["ErrorReportConfiguration"]["S3Configuration"]
        key_id = {"KmsKeyId": run.description["KmsKeyId"]} if "KmsKeyId" in run.description else {}
        name = place(run.description["Arn"], summary, run.manual)
        try:
            key = self._s3.write_json({**configuration, **key_id}, name, report.document())
        except Exception as error:
            log.warning("the error report of %s was not written: %s", run.description["Arn"], error)
            summary["FailureReason"] += f" It could not be written: {error}"
            return
        location = {"BucketName": configuration["BucketName"], "ObjectKey": key}
        summary["ErrorReportLocation"] = {"S3ReportLocation": location}

    def _count(self, metric: str, value: int, unit: str = "Count") -> None:
        if value:
            self._counts.add(metric, value, unit, {"Operation": "ScheduledQuery"})

    def _statement(self, described: Document, runtime: int) -> tuple[sql.Statement, dict[str, Table]]:
        """The query, with `@scheduled_runtime` in nanoseconds since 1970, and the tables that it names."""
        now = self._clock()
        view = View(self._catalog, self._store, now)
        statement = described["QueryString"]
        return sql.Statement(statement, view, self._store.cursor(), now, {RUNTIME: runtime}), view.named

    def _require_table(self, target: Target) -> None:
        with self._store.lock:
            try:
                key = self._catalog.table(target.names).required_dimension
            except ResourceNotFoundException as error:
                raise ValidationException(error.message) from None
        if key is not None and not target.has_dimension(key):
            raise ValidationException(f"There is no mapping of {key}, the target table's partition key.")


def _rows(result: Result) -> Iterator[Document]:
    """All rows, some of them in memory at a time."""
    start = 0
    while start < result.rows:
        rows, start = result.page(start, None)
        yield from rows


def _target(described: Document) -> Target | None:
    """The target of a scheduled query, by its description or the request to create it."""
    configuration = described.get("TargetConfiguration")
    return Target(configuration) if configuration else None
