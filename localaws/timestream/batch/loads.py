# SPDX-License-Identifier: MIT
"""The batch load tasks of one account and region: created, carried out, described, resumed.

    CREATED ──▶ IN_PROGRESS ──▶ SUCCEEDED, or FAILED if there was an error in any row
                  ▲     │
                  │     └──▶ PROGRESS_STOPPED, when S3 fails: it can be resumed for a while
                  └── PENDING_RESUME ◀┘

`work` starts them, two at a time, each in a thread. A task outlives the process: what was in progress goes on
from its last step when the service is there again.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/batch-load.html, .../ts-limits.html and
.../API_CreateBatchLoadTask.html. (Not documented: how long a task can be resumed, and for how long a
ClientToken is remembered; of scheduled queries' tokens, 8 hours.)
"""

from __future__ import annotations

import copy
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localaws.documents import Documents
from localaws.errors import (
    ConflictException,
    ResourceNotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from localaws.timestream import listing
from localaws.timestream.batch.data_model import DataModel
from localaws.timestream.batch.report import Errors
from localaws.timestream.batch.rows import Format
from localaws.timestream.batch.task import Loading, TaskError, place, progress
from localaws.timestream.catalog import Catalog, Table
from localaws.timestream.counts import Counts
from localaws.timestream.s3 import S3, reason
from localaws.timestream.store import Store

KIND = "batch_load"
ACTIVE = ("CREATED", "IN_PROGRESS", "PENDING_RESUME")
ACTIVE_A_TABLE = 5
ACTIVE_AN_ACCOUNT = 10
AT_ONCE = 2
RESUMABLE_SECONDS = 24 * 3600
TOKEN_SECONDS = 8 * 3600
MODEL_BYTES = 1024**2

METRICS = (
    ("NumberOfRecords", "RecordsIngested", "Count"),
    ("CumulativeBytesMetered", "BytesMetered", "Bytes"),
)
"""What CloudWatch is told of the progress."""

Document = dict[str, Any]
log = logging.getLogger(__name__)


class _ClosedError(Exception):
    """The service lets go of its state: no step may be taken any more."""


class BatchLoads:
    """The tasks; the public methods named like operations answer them."""

    def __init__(
        self,
        catalog: Catalog,
        store: Store,
        documents: Documents,
        clock: Callable[[], int],
        s3: S3,
        counts: Counts,
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._documents = documents
        self._clock = clock
        self._s3 = s3
        self._counts = counts
        self._lock = threading.RLock()
        self._closed = False
        self._running: set[str] = set()
        self._tasks: dict[str, Document] = documents.all(KIND)

    # Operations

    def create_batch_load_task(self, request: Document) -> Document:
        """CreateBatchLoadTask."""
        content = {name: value for name, value in request.items() if name != "ClientToken"}
        token = request.get("ClientToken")
        with self._lock:
            if existing := self._of_token(token, content):
                return {"TaskId": existing}
        description, model = self._described(request)
        with self._lock:
            if existing := self._of_token(token, content):
                return {"TaskId": existing}
            self._require_room(description)
            task_id = secrets.token_hex(16).upper()
            task = {
                "Description": {"TaskId": task_id, **description, "CreationTime": self._now()},
                "Model": model.description,
                "Token": token,
                "Request": content,
                "Files": None,
                "Place": place(),
                "Bytes": 0,
                "Errors": Errors().document,
            }
            with self._step(task):
                self._tasks[task_id] = task
        return {"TaskId": task_id}

    def describe_batch_load_task(self, request: Document) -> Document:
        """DescribeBatchLoadTask."""
        with self._lock:
            return {"BatchLoadTaskDescription": copy.deepcopy(self._task(request)["Description"])}

    def list_batch_load_tasks(self, request: Document) -> Document:
        """ListBatchLoadTasks, in the order of their creation."""
        status = request.get("TaskStatus")
        with self._lock:
            descriptions = [task["Description"] for task in self._tasks.values()]
            named = [
                (f"{each['CreationTime']:015.3f}/{each['TaskId']}", _summary(each))
                for each in descriptions
                if status in (None, each["TaskStatus"])
            ]
        return listing.page("BatchLoadTasks", named, request)

    def resume_batch_load_task(self, request: Document) -> Document:
        """ResumeBatchLoadTask: what has stopped goes on from where it stopped."""
        with self._lock:
            task = self._task(request)
            description = task["Description"]
            if description["TaskStatus"] != "PROGRESS_STOPPED":
                raise ValidationException(
                    f"A batch load task that is {description['TaskStatus']} can't be resumed."
                )
            if description["ResumableUntil"] <= self._now():
                raise ValidationException(
                    "The time by which the batch load task could be resumed has passed."
                )
            with self._step(task):
                del description["ResumableUntil"], description["ErrorMessage"]
                description["TaskStatus"] = "PENDING_RESUME"
        return {}

    # Their work

    def work(self) -> None:
        """Start what waits, without waiting for it."""
        with self._lock:
            waiting = [
                task_id
                for task_id, task in self._tasks.items()
                if task["Description"]["TaskStatus"] in ACTIVE and task_id not in self._running
            ]
            for task_id in waiting[: AT_ONCE - len(self._running)]:
                self._running.add(task_id)
                threading.Thread(target=self._carry_out, args=[task_id], daemon=True).start()

    def close(self) -> None:
        """Let go of the state: after this nothing is stored or noted any more."""
        with self._lock:
            self._closed = True

    def _carry_out(self, task_id: str) -> None:
        task = self._tasks[task_id]
        try:
            with self._step(task):
                task["Description"]["TaskStatus"] = "IN_PROGRESS"
            end = self._run(task)
            with self._step(task):
                task["Description"].update(end)
                if end["TaskStatus"] != "PROGRESS_STOPPED":
                    task.update(Files=[], Errors=Errors().document)
        except _ClosedError:
            pass
        finally:
            with self._lock:
                self._running.discard(task_id)

    def _run(self, task: Document) -> Document:
        """Carry a task out; what its description says after that."""
        step = partial(self._step, task)
        loading = Loading(task, self._s3, self._clock, partial(self._target, task["Description"]), step)
        try:
            loading.run()
        except TaskError as error:
            return {"TaskStatus": "FAILED", "ErrorMessage": str(error)}
        except ClientError as error:
            return self._stopped(reason(error))
        except BotoCoreError as error:
            return self._stopped(str(error))
        except _ClosedError:
            raise
        except Exception:
            log.exception("the batch load task %s stopped", task["Description"]["TaskId"])
            return self._stopped("An internal error stopped the task.")
        if not loading.errors:
            return {"TaskStatus": "SUCCEEDED"}
        return {"TaskStatus": "FAILED", **_message(loading.errors)}

    def _stopped(self, message: str) -> Document:
        until = self._now() + RESUMABLE_SECONDS
        return {"TaskStatus": "PROGRESS_STOPPED", "ErrorMessage": message, "ResumableUntil": until}

    @contextmanager
    def _step(self, task: Document) -> Iterator[None]:
        """Within it a task may be changed; what it is by the end is kept."""
        with self._lock:
            if self._closed:
                raise _ClosedError
            before = dict(task["Description"]["ProgressReport"])
            yield
            self._count(before, task["Description"]["ProgressReport"])
            task["Description"]["LastUpdatedTime"] = self._now()
            self._documents.put(KIND, task["Description"]["TaskId"], task)

    def _count(self, before: Document, after: Document) -> None:
        for metric, name, unit in METRICS:
            if more := after[name] - before[name]:
                self._counts.add(metric, more, unit, {"Operation": "BatchLoad"})

    def _target(self, description: Document) -> Table:
        with self._store.lock:
            return self._catalog.table(
                {
                    "DatabaseName": description["TargetDatabaseName"],
                    "TableName": description["TargetTableName"],
                }
            )

    # What a request asks for

    def _described(self, request: Document) -> tuple[Document, DataModel]:
        """A request as its description will have it, and the data model that it names."""
        source, report = request["DataSourceConfiguration"], request["ReportConfiguration"]
        version = request.get("RecordVersion", 1)
        if version < 1:
            raise ValidationException("RecordVersion must be 1 or greater.")
        Format(source.get("CsvConfiguration") or {})
        report_bucket = _report_bucket(report)
        table = self._target(request)
        self._s3.require(source["DataSourceS3Configuration"]["BucketName"])
        self._s3.require(report_bucket)
        configuration, model = self._model(request.get("DataModelConfiguration") or {})
        if table.required_dimension is not None and not model.has_dimension(table.required_dimension):
            raise ValidationException(
                f"The data model has no mapping of {table.required_dimension}, the table's partition key."
            )
        description = {
            "DataSourceConfiguration": {**source, "CsvConfiguration": source.get("CsvConfiguration") or {}},
            "ProgressReport": progress(),
            "ReportConfiguration": {
                "ReportS3Configuration": {"EncryptionOption": "SSE_S3", **report["ReportS3Configuration"]}
            },
            "DataModelConfiguration": configuration,
            "TargetDatabaseName": request["TargetDatabaseName"],
            "TargetTableName": request["TargetTableName"],
            "TaskStatus": "CREATED",
            "RecordVersion": version,
        }
        return description, model

    def _model(self, configuration: Document) -> tuple[Document, DataModel]:
        """A DataModelConfiguration as it is described, and its model."""
        inline, stored = configuration.get("DataModel"), configuration.get("DataModelS3Configuration")
        if bool(inline) == bool(stored):
            raise ValidationException(
                "DataModelConfiguration must have either a DataModel or a DataModelS3Configuration."
            )
        if inline:
            model = DataModel(inline)
            return {"DataModel": model.description}, model
        bucket, key = (stored or {}).get("BucketName"), (stored or {}).get("ObjectKey")
        if not bucket or not key:
            raise ValidationException("DataModelS3Configuration must have a BucketName and an ObjectKey.")
        try:
            content = self._s3.read(bucket, key, MODEL_BYTES)
        except ClientError as error:
            raise ValidationException(
                f"The data model s3://{bucket}/{key} can't be read: {reason(error)}"
            ) from error
        return configuration, DataModel.read(content)

    def _of_token(self, token: str | None, content: Document) -> str | None:
        """The task that was created with a token.

        :raises ConflictException: by another request.
        """
        for task_id, task in self._tasks.items():
            recent = task["Description"]["CreationTime"] > self._now() - TOKEN_SECONDS
            if token is not None and token == task["Token"] and recent:
                if task["Request"] != content:
                    raise ConflictException("The ClientToken was already used with other parameters.")
                return task_id
        return None

    def _require_room(self, description: Document) -> None:
        target = ("TargetDatabaseName", "TargetTableName")
        active = [
            task["Description"]
            for task in self._tasks.values()
            if task["Description"]["TaskStatus"] in ACTIVE
        ]
        same = [each for each in active if all(each[name] == description[name] for name in target)]
        if len(same) >= ACTIVE_A_TABLE:
            raise ServiceQuotaExceededException(
                f"A table can't have more than {ACTIVE_A_TABLE} active batch load tasks."
            )
        if len(active) >= ACTIVE_AN_ACCOUNT:
            raise ServiceQuotaExceededException(
                f"An account can't have more than {ACTIVE_AN_ACCOUNT} active batch load tasks."
            )

    def _task(self, request: Document) -> Document:
        try:
            return self._tasks[request["TaskId"]]
        except KeyError:
            raise ResourceNotFoundException(
                f"The batch load task {request['TaskId']} does not exist."
            ) from None

    def _now(self) -> float:
        return self._clock() // 10**6 / 1000


def _report_bucket(configuration: Document) -> str:
    """The bucket of a ReportConfiguration."""
    s3 = configuration.get("ReportS3Configuration")
    if not s3:
        raise ValidationException("ReportConfiguration must have a ReportS3Configuration.")
    if s3.get("EncryptionOption") == "SSE_KMS" and not s3.get("KmsKeyId"):
        raise ValidationException("With the EncryptionOption SSE_KMS a KmsKeyId must be given.")
    bucket: str = s3["BucketName"]
    return bucket


def _summary(description: Document) -> Document:
    """A task as ListBatchLoadTasks shows it."""
    same = ("TaskId", "TaskStatus", "CreationTime", "LastUpdatedTime", "ResumableUntil")
    return {
        "DatabaseName": description["TargetDatabaseName"],
        "TableName": description["TargetTableName"],
        **{name: description[name] for name in same if name in description},
    }


def _message(errors: Errors) -> Document:
    """What a description says of errors: only why the task didn't get to its files."""
    return {"ErrorMessage": errors.document["task"][0]["reason"]} if errors.document["task"] else {}
