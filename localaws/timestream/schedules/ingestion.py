# SPDX-License-Identifier: MIT
"""The result of a run stored in its target table, by WriteRecords, a hundred records at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from localaws.errors import RejectedRecordsException, ValidationException
from localaws.timestream.records import Record, metered, parse
from localaws.timestream.rejected import described
from localaws.timestream.schedules.error_report import ErrorReport
from localaws.timestream.schedules.target import Records, Target, line
from localaws.timestream.writes import Writes

RECORDS_A_REQUEST = 100

Document = dict[str, Any]


class Ingestion:
    """The storing of one result.

    :param version: of all records.
    :param report: where errors are noted.
    :ivar records: how many have been stored so far.
    :ivar bytes: how many have been metered so far.
    """

    def __init__(self, writes: Writes, target: Target, version: int, report: ErrorReport) -> None:
        self._writes = writes
        self._target = target
        self._common = target.common(version)
        self._report = report
        self.records = 0
        self.bytes = 0

    def store(self, columns: list[Document], rows: Iterable[Document]) -> None:
        """Store what can be stored of a result, and note what can't.

        :raises AwsError: the columns don't fit the target, or there is no such table.
        """
        records = self._records(self._target.bind(columns), rows)
        while request := list(itertools.islice(records, RECORDS_A_REQUEST)):
            self._write([record for record, _ in request], metered(parsed for _, parsed in request))

    def _records(self, of_row: Records, rows: Iterable[Document]) -> Iterator[tuple[Document, Record]]:
        """Records as WriteRecords takes them, and parsed: one that can't be would fail a whole request."""
        for row in rows:
            try:
                yield from [(record, self._parsed(record)) for record in of_row(row)]
            except (ValueError, ValidationException) as error:
                self._report.add_row(str(error), line(row))

    def _parsed(self, record: Document) -> Record:
        [parsed] = parse({"CommonAttributes": self._common, "Records": [record]})
        return parsed

    def _write(self, records: list[Document], size: int) -> None:
        request = {**self._target.names, "CommonAttributes": self._common, "Records": records}
        rejections: list[Document] = []
        try:
            self._writes.write_records(request)
        except RejectedRecordsException as error:
            rejections = error.fields["RejectedRecords"]
        unversioned = {"CommonAttributes": {**self._common, "Version": None}, "Records": records}
        for each in rejections:
            self._report.add_record(each["Reason"], described(unversioned, each["RecordIndex"]))
        self.records += len(records) - len(rejections)
        self.bytes += size
