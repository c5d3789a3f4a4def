# SPDX-License-Identifier: MIT
"""One batch load task being carried out, from the place where it was left.

A task is a document that says how far it came: which file, which byte, what was counted, which errors there
were. It changes in steps, each of which stores some rows and says so; whatever ends the process between two
steps, the rows after the last one are stored again, to no effect, since they have the versions they had.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/batch-load-concepts.html and
https://docs.aws.amazon.com/timestream/latest/developerguide/ts-limits.html#limits.batch-load
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from localaws.errors import ResourceNotFoundException, ValidationException
from localaws.timestream.batch.data_model import Cells, DataModel, Records
from localaws.timestream.batch.report import Errors
from localaws.timestream.batch.rows import Format, Row
from localaws.timestream.catalog import Table
from localaws.timestream.records import Record, parse
from localaws.timestream.s3 import S3, is_users, reason

FILES = 100
FILE_BYTES = 5 * 1024**3
TASK_BYTES = 100 * 1024**3
ROWS_A_STEP = 1000
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
REPORT = "error_report.json"

Document = dict[str, Any]


class TaskError(Exception):
    """What keeps a task from ever being done; the message says why."""


class _FileError(Exception):
    """What keeps a file, or the rest of it, from being loaded; the message says why."""


class _Located(NamedTuple):
    """A record as WriteRecords takes it, and the lines that it comes from."""

    record: Document
    row: Row


class Loading:
    """A task being carried out.

    :param task: its document, which is changed within steps only.
    :param target: tells the table as it is by now.
    :param step: a context in which the task may be changed and rows may be stored, kept when it ends.
    :ivar errors: the errors so far.
    """

    def __init__(
        self,
        task: Document,
        s3: S3,
        clock: Callable[[], int],
        target: Callable[[], Table],
        step: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._task = task
        self._description: Document = task["Description"]
        self._s3 = s3
        self._clock = clock
        self._target = target
        self._step = step
        source = self._description["DataSourceConfiguration"]
        self._bucket: str = source["DataSourceS3Configuration"]["BucketName"]
        self._prefix: str = source["DataSourceS3Configuration"].get("ObjectKeyPrefix", "")
        self._format = Format(source["CsvConfiguration"])
        self._model = DataModel(task["Model"])
        self._common = self._model.common(self._description["RecordVersion"])
        self.errors = Errors(task["Errors"])

    def run(self) -> None:
        """Do what is left of it, and write the report.

        :raises TaskError: it can't be done.
        :raises BotoCoreError, ClientError: S3 fails; what isn't done yet can be done later.
        """
        try:
            self._list()
            while self._task["Place"]["File"] < len(self._task["Files"]):
                self._load(self._task["Files"][self._task["Place"]["File"]])
        except (TaskError, ResourceNotFoundException) as error:  # which may be the table, deleted meanwhile
            with self._step():
                self.errors.add_task(str(error))
        if self.errors:
            self._report()

    def _list(self) -> None:
        if self._task["Files"] is not None:
            return
        listed = self._objects()
        if not listed:
            raise TaskError(f"There are no files in s3://{self._bucket}/{self._prefix}.")
        if len(listed) > FILES:
            raise TaskError(f"A batch load task can't have more than {FILES} files.")
        if sum(each["Size"] for each in listed) > TASK_BYTES:
            raise TaskError("The files of a batch load task can't have more than 100 GB together.")
        with self._step():
            self._task["Files"] = [{name: each[name] for name in ("Key", "Size", "ETag")} for each in listed]

    def _objects(self) -> list[Document]:
        """The files, but for what stands for a folder; one more than may be, if there are too many."""
        try:
            objects = self._s3.objects(self._bucket, self._prefix)
            files = (each for each in objects if each["Size"] or not each["Key"].endswith("/"))
            return list(itertools.islice(files, FILES + 1))
        except ClientError as error:
            if is_users(error):
                raise TaskError(f"The S3 bucket {self._bucket} can't be read: {reason(error)}") from error
            raise

    def _load(self, file: Document) -> None:
        """Load what is left of a file."""
        problem = None
        try:
            self._rows(file)
        except _FileError as error:
            problem = str(error)
        except ClientError as error:
            if not is_users(error):
                raise
            problem = reason(error)
        with self._step():
            if problem is not None:
                self._count("FileFailures")
                line = self._task["Place"]["Line"] or 1
                self.errors.add(file["Key"], problem, line, line)
            self._task["Place"] = place(self._task["Place"]["File"] + 1)

    def _rows(self, file: Document) -> None:
        """Store a file's rows; _FileError if it is no file that can be loaded."""
        if file["Size"] > FILE_BYTES:
            raise _FileError("A file of a batch load task can't have more than 5 GB.")
        if not file["Size"]:
            raise _FileError("The file is empty.")
        at = self._task["Place"]
        chunks = self._s3.chunks(self._bucket, file["Key"], file["ETag"], file["Size"], at["Offset"])
        if not at["Offset"]:
            first = next(chunks)
            if first.startswith(BYTE_ORDER_MARKS):
                raise _FileError("The file begins with a byte order mark.")
            chunks = itertools.chain([first], chunks)
        rows = self._format.rows(chunks, at["Line"], at["Offset"])
        if not at["Offset"]:
            self._head(next(rows, None))
        header: list[str] = self._task["Place"]["Header"]
        try:
            records = self._model.bind(header)
        except ValueError as error:
            raise _FileError(str(error)) from error
        while batch := list(itertools.islice(rows, ROWS_A_STEP)):
            self._store(file["Key"], batch, len(header), records)

    def _head(self, row: Row | None) -> None:
        """Note a file's columns, by its first row."""
        if row is None or row.problem:
            raise _FileError(row.problem if row and row.problem else "The file has no header.")
        with self._step():
            self._task["Place"].update(Line=row.last, Offset=row.end, Header=row.values)

    def _store(self, file: str, rows: list[Row], columns: int, records: Records) -> None:
        located, failed = self._located(rows, columns, records)
        required = self._target().required_dimension
        parsed, kept = self._parsed(located, required, failed)
        with self._step():
            table = self._target()
            windows = table.windows(self._clock()).of_batch_load()
            outcome = table.store.write(parsed, windows)
            for row, problem in failed:
                self.errors.add(file, problem, row.first, row.last)
            refused = outcome.rejected + outcome.conflicts
            for each in refused:
                row = kept[each["RecordIndex"]].row
                self.errors.add(file, each["Reason"], row.first, row.last)
            self._count("RecordsProcessed", len(parsed) + len(failed))
            self._count("RecordsIngested", len(parsed) - len(refused))
            self._count("RecordIngestionFailures", len(refused))
            self._count("ParseFailures", len(failed))
            self._meter(sum(record.size for record in parsed))
            self._task["Place"].update(Line=rows[-1].last, Offset=rows[-1].end)

    def _located(
        self, rows: list[Row], columns: int, records: Records
    ) -> tuple[list[_Located], list[tuple[Row, str]]]:
        """The records of rows; and the rows that have none, with the reason."""
        located: list[_Located] = []
        failed: list[tuple[Row, str]] = []
        for row in rows:
            try:
                made = records(self._cells(row, columns))
                located.extend(_Located(record, row) for record in made)
            except ValueError as error:
                failed.append((row, str(error)))
        return located, failed

    def _cells(self, row: Row, columns: int) -> Cells:
        if row.problem is not None:
            raise ValueError(row.problem)
        if len(row.values) != columns:
            raise ValueError(f"The row has {len(row.values)} values, the header {columns}.")
        return [self._format.value(text) for text in row.values]

    def _parsed(
        self, located: list[_Located], required: str | None, failed: list[tuple[Row, str]]
    ) -> tuple[list[Record], list[_Located]]:
        """The records whose values can be read, and where each comes from; the others' rows fail too."""
        try:
            return self._parse(located, required), located
        except ValidationException:  # of one of them, which is to be found
            kept = []
            for each in located:
                try:
                    self._parse([each], required)
                    kept.append(each)
                except ValidationException as error:
                    failed.append((each.row, error.message))
            return self._parse(kept, required), kept

    def _parse(self, located: Iterable[_Located], required: str | None) -> list[Record]:
        records = [each.record for each in located]
        return list(parse({"CommonAttributes": self._common, "Records": records}, required))

    def _report(self) -> None:
        configuration = self._description["ReportConfiguration"]["ReportS3Configuration"]
        task = self._description["TaskId"]
        try:
            self._s3.write_json(configuration, f"{task}/{REPORT}", self.errors.report(task))
        except ClientError as error:
            if not is_users(error):
                raise
            raise TaskError(f"The error report can't be written: {reason(error)}") from error

    def _count(self, name: str, more: int = 1) -> None:
        self._description["ProgressReport"][name] += more

    def _meter(self, size: int) -> None:
        """Count bytes as WriteRecords does, rounded up to the KiB that writes are billed by."""
        self._task["Bytes"] += size
        self._description["ProgressReport"]["BytesMetered"] = -(-self._task["Bytes"] // 1024) * 1024


def place(file: int = 0) -> Document:
    """The beginning of a file, by its number."""
    return {"File": file, "Line": 0, "Offset": 0, "Header": []}


def progress() -> Document:
    """The progress of a task that has made none."""
    counts = ("RecordsProcessed", "RecordsIngested", "ParseFailures", "RecordIngestionFailures")
    return dict.fromkeys((*counts, "FileFailures", "BytesMetered"), 0)
