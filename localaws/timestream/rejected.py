# SPDX-License-Identifier: MIT
"""Reports on records that the magnetic store refused for their version, written to S3 some seconds later.

WriteRecords doesn't answer with them; a table's MagneticStoreRejectedDataLocation says where they go:

    s3://BUCKET/PREFIX/DATABASE/TABLE/2026-01-01-00-00-00-REPORT.json

What waits to be written is on disk. When S3 refuses, it is tried again every minute, for a day.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/troubleshoot-rejectedrecords.html and
.../metrics-dimensions.html. AWS documents neither the key nor the content of these reports; the content is
that of a scheduled query's error report, .../scheduledqueries-errorreport.html.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from localaws.documents import Documents
from localaws.errors import ValidationException
from localaws.timestream.counts import Counts
from localaws.timestream.records import NANOSECONDS
from localaws.timestream.s3 import S3, is_users
from localaws.timestream.windows import DAY, MINUTE

KIND = "rejected_records"
GATHERED = 5 * 10**9
"""For how long rejections are gathered into one report, in nanoseconds."""
RECORDS_A_REPORT = 1000

REJECTED = "MagneticStoreRejectedRecordCount"
USER_FAILURES = "MagneticStoreRejectedUploadUserFailures"
SYSTEM_FAILURES = "MagneticStoreRejectedUploadSystemFailures"

Document = dict[str, Any]
log = logging.getLogger(__name__)


class RejectedReports:
    """The reports of one account and region that are to be written."""

    def __init__(self, documents: Documents, clock: Callable[[], int], s3: S3, counts: Counts) -> None:
        self._documents = documents
        self._clock = clock
        self._s3 = s3
        self._lock = threading.Lock()
        self._waiting: dict[str, Document] = documents.all(KIND)
        self._not_before = 0
        self._sending = False
        self._closed = False
        self._counts = counts

    def checked(self, request: Document) -> Document:
        """A CreateTable or UpdateTable request, unless its rejected data could never be reported.

        :raises ValidationException: there is no such bucket, or no key to encrypt with.
        """
        location = _location(request)
        if location is None:
            return request
        if not location.get("BucketName"):
            raise ValidationException("MagneticStoreRejectedDataLocation must have a BucketName.")
        if location.get("EncryptionOption") == "SSE_KMS" and not location.get("KmsKeyId"):
            raise ValidationException("With the EncryptionOption SSE_KMS a KmsKeyId must be given.")
        self._s3.require(location["BucketName"])
        return request

    def add(self, table: Document, request: Document, conflicts: list[Document]) -> None:
        """Take note of rejected records.

        :param table: as DescribeTable describes it.
        :param request: the WriteRecords request that they were in.
        :param conflicts: RecordIndex and Reason of each.
        """
        names = [table["DatabaseName"], table["TableName"]]
        location, now = _location(table), self._clock()
        self._count(REJECTED, len(conflicts), names)
        with self._lock:
            if location is None or self._closed:
                return
            waiting = {
                "Names": names,
                "Location": location,
                "Time": now,
                "Errors": [[each["Reason"], described(request, each["RecordIndex"])] for each in conflicts],
            }
            name = f"{now:020}-{secrets.token_hex(8)}"
            self._waiting[name] = waiting
            self._documents.put(KIND, name, waiting)

    def work(self) -> None:
        """Begin to write what was gathered for long enough, without waiting for it."""
        now = self._clock()
        with self._lock:
            oldest = min((each["Time"] for each in self._waiting.values()), default=now)
            if self._sending or self._closed or now < max(oldest + GATHERED, self._not_before):
                return
            if not self._waiting:
                return
            self._sending = True
        threading.Thread(target=self._send, daemon=True).start()

    def close(self) -> None:
        """Let go of the state: after this nothing is noted any more."""
        with self._lock:
            self._closed = True

    def _send(self) -> None:
        try:
            with self._lock:
                waiting = dict(sorted(self._waiting.items()))
            for names in _reports(waiting):
                self._send_one(names, [waiting[name] for name in names])
        finally:
            with self._lock:
                self._sending = False

    def _send_one(self, names: list[str], gathered: list[Document]) -> None:
        """Write one report; if that fails it stays, until it is too old."""
        database, table = gathered[0]["Names"]
        time, report_id = gathered[0]["Time"], secrets.token_hex(16).upper()
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time // 1000)
        name = f"{database}/{table}/{moment:%Y-%m-%d-%H-%M-%S}-{report_id}.json"
        try:
            self._s3.write_json(gathered[0]["Location"], name, _report(report_id, gathered))
        except Exception as error:
            if not self._failed(error, database, table, time):
                return
        with self._lock:
            if not self._closed:
                for each in names:
                    del self._waiting[each]
                    self._documents.delete(KIND, each)

    def _failed(self, error: Exception, database: str, table: str, time: int) -> bool:
        """Note that a report could not be written; whether it never will be."""
        users = isinstance(error, ClientError) and is_users(error)
        now = self._clock()
        with self._lock:
            self._not_before = now + MINUTE
        self._count(USER_FAILURES if users else SYSTEM_FAILURES, 1, [database, table])
        never = time <= now - DAY
        level, when = (logging.ERROR, "never") if never else (logging.WARNING, "not yet")
        log.log(level, "rejected records of %s.%s are %s reported: %s", database, table, when, error)
        return never

    def _count(self, metric: str, value: int, names: list[str]) -> None:
        dimensions = {"DatabaseName": names[0], "TableName": names[1], "Operation": "WriteRecords"}
        self._counts.add(metric, value, "Count", dimensions)


def described(request: Mapping[str, Any], index: int) -> Document:
    """A record of a WriteRecords request as an error report has it."""
    common, own = request.get("CommonAttributes") or {}, request["Records"][index]
    merged = {**common, **{name: value for name, value in own.items() if value is not None}}
    pairs = [*(common.get("Dimensions") or ()), *(own.get("Dimensions") or ())]
    unit = NANOSECONDS[merged.get("TimeUnit", "MILLISECONDS")]
    values = merged.get("MeasureValues")
    return {
        "dimensions": [
            {
                "name": pair["Name"],
                "value": pair["Value"],
                "dimensionValueType": pair.get("DimensionValueType"),
            }
            for pair in pairs
        ],
        "measureName": merged.get("MeasureName"),
        "measureValue": merged.get("MeasureValue"),
        "measureValues": values
        and [{"name": each["Name"], "value": each["Value"], "type": each["Type"]} for each in values],
        "measureValueType": merged.get("MeasureValueType", "DOUBLE"),
        "time": str(int(merged["Time"]) * unit),
        "timeUnit": "NANOSECONDS",
        "version": merged.get("Version"),
    }


def _location(table: Document) -> Document | None:
    """The S3Configuration of the rejected data of a table, or of a request for one."""
    properties = table.get("MagneticStoreWriteProperties") or {}
    location = properties.get("MagneticStoreRejectedDataLocation") or {}
    configuration: Document | None = location.get("S3Configuration")
    return configuration


def _reports(waiting: dict[str, Document]) -> list[list[str]]:
    """The names of what goes into one report each: of one table and place, and not too much of it."""
    reports: list[list[str]] = []
    open_: dict[str, tuple[list[str], int]] = {}
    for name, each in waiting.items():
        target = repr((each["Names"], each["Location"]))
        names, size = open_.get(target, ([], RECORDS_A_REPORT))
        if size >= RECORDS_A_REPORT:
            names, size = [], 0
            reports.append(names)
        names.append(name)
        open_[target] = names, size + len(each["Errors"])
    return reports


def _report(report_id: str, gathered: list[Document]) -> Document:
    """A report: the records by the reason why they were refused."""
    by_reason: dict[str, list[Document]] = {}
    for each in gathered:
        for why, record in each["Errors"]:
            by_reason.setdefault(why, []).append(record)
    return {
        "reportId": report_id,
        "errors": [{"reason": why, "records": records} for why, records in by_reason.items()],
    }
