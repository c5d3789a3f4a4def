# SPDX-License-Identifier: MIT
"""From requests to the table: WriteRecords, and what it didn't store.

botocore retries what is transient (throttling, server errors, a lost connection). After that:

    some records rejected    each with Timestream's reason; the others are stored
    the request invalid      sent again in halves, until the record at fault is alone; the others are stored
    anything else            nothing more is sent, and every reading not yet stored is reported as such

Nothing is sent either once the invocation's time is nearly up, since a killed function reports nothing.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_WriteRecords.html (its errors) and
https://docs.aws.amazon.com/timestream/latest/developerguide/code-samples.write.html
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from ingest.readings import Refusal
from ingest.records import Batch, parameters

if TYPE_CHECKING:
    from mypy_boto3_timestream_write import TimestreamWriteClient

SECONDS_TO_REPORT = 0.5  # kept back from the invocation's time

# Four tries of at most 10 seconds, and the pauses between, stay below the function's default timeout, 60 s.
CLIENT_CONFIG = Config(
    connect_timeout=2,
    read_timeout=8,
    retries={"mode": "adaptive", "total_max_attempts": 4},
    tcp_keepalive=True,
)


@cache
def shared_client() -> TimestreamWriteClient:
    """The client of this execution environment, whose connection the next invocation uses again."""
    return boto3.client("timestream-write", config=CLIENT_CONFIG)


@dataclass(frozen=True)
class Writer:
    """Writes to one table.

    :ivar seconds_left: how long the invocation may still run.
    """

    client: TimestreamWriteClient
    database: str
    table: str
    seconds_left: Callable[[], float]

    def write(self, batches: Iterable[Batch]) -> list[Refusal]:
        """Store what can be stored, and answer what was not, with reasons."""
        refused: list[Refusal] = []
        pending = deque(batches)
        while pending:
            batch = pending.popleft()
            if self.seconds_left() < SECONDS_TO_REPORT:
                return refused + _unsent([batch, *pending], "the invocation's time is up")
            try:
                refused += self._send(batch)
            except (ClientError, BotoCoreError) as error:
                if not _is_invalid(error):
                    return refused + _unsent([batch, *pending], _reason(error))
                if len(batch) == 1:
                    refused += _refusals(batch, _reason(error))
                else:
                    middle = len(batch) // 2
                    pending.extendleft((batch[middle:], batch[:middle]))
        return refused

    def _send(self, batch: Batch) -> list[Refusal]:
        """Write a batch; the readings of the records that Timestream rejects."""
        try:
            self.client.write_records(DatabaseName=self.database, TableName=self.table, **parameters(batch))
        except self.client.exceptions.RejectedRecordsException as error:
            return _rejected(batch, cast("dict[str, Any]", error.response)["RejectedRecords"])
        return []


def _rejected(batch: Batch, records: Iterable[dict[str, Any]]) -> list[Refusal]:
    reasons = {record["RecordIndex"]: f"rejected by Timestream: {record['Reason']}" for record in records}
    return [refusal for index, reason in reasons.items() for refusal in _refusals([batch[index]], reason)]


def _refusals(batch: Batch, reason: str) -> list[Refusal]:
    return [Refusal(reading.origin, reason) for record in batch for reading in record.readings]


def _unsent(batches: Iterable[Batch], reason: str) -> list[Refusal]:
    return [refusal for batch in batches for refusal in _refusals(batch, f"not stored: {reason}")]


def _is_invalid(error: ClientError | BotoCoreError) -> bool:
    """Whether the request itself is at fault, as botocore or Timestream finds."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] == "ValidationException"
    return isinstance(error, ParamValidationError)


def _reason(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return f"{error.response['Error']['Code']}: {error.response['Error'].get('Message', '')}"
    return f"{type(error).__name__}: {error}"
