# SPDX-License-Identifier: MIT
"""The entry point that Lambda calls: `ingest.handler.handle`.

Whatever can be stored of an event is stored. If all of it was, the answer is the counts; if not, the function
raises the report of what is missing, so that Lambda counts an error and retries an asynchronous invocation,
which changes nothing about the readings stored before, and keeps the event as a dead letter in the end. A
queue gets the ids of the messages that failed instead, and redelivers only those.

Source: https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any, Protocol

from ingest.logs import Log
from ingest.payloads import is_queue_batch, messages
from ingest.readings import Reading, Refusal, readings
from ingest.records import Batch, batches
from ingest.report import Report
from ingest.settings import Settings
from ingest.writer import Writer, shared_client


class Context(Protocol):
    """What the function uses of Lambda's context object."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """The time left before Lambda ends the invocation."""


def handle(event: object, context: Context) -> dict[str, Any]:
    """Store an event's readings.

    :param event: any of the forms that `ingest.payloads` lists.
    :return: {"received": n, "stored": n}, or for a queue
        {"batchItemFailures": [{"itemIdentifier": id}, ...]}.
    :raises ReadingsNotStoredError: some readings are not stored; its message is the report as JSON.
    :raises SettingsError: the function's environment is wrong.
    """
    settings = Settings.from_environ(os.environ)
    log = Log(settings.log_level, context.aws_request_id)
    writer = Writer(
        shared_client(),
        settings.database,
        settings.table,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
    )
    report = ingest(event, settings, writer, log)
    if is_queue_batch(event):
        return report.batch_answer()
    if report.refusals:
        raise report.error()
    return dict(report.counts)


def ingest(event: object, settings: Settings, writer: Writer, log: Log) -> Report:
    """Check an event's readings, store the good ones, and log what became of them."""
    started = time.monotonic()
    log.write("DEBUG", "received", payload=event)
    checked = [
        outcome
        for message in messages(event, time.time_ns())
        for outcome in readings(message, settings.dimensions)
    ]
    good = [outcome for outcome in checked if isinstance(outcome, Reading)]
    requests = batches(good, settings.record_model)
    refused = [outcome for outcome in checked if isinstance(outcome, Refusal)] + writer.write(requests)
    report = Report(len(checked), refused, settings.dimensions)
    _log(report, requests, time.monotonic() - started, log)
    return report


def _log(report: Report, requests: Sequence[Batch], seconds: float, log: Log) -> None:
    for entry in report.entries():
        log.write("WARNING", "reading not stored", **entry)
    log.write(
        "ERROR" if report.refusals else "INFO",
        "ingested",
        **report.counts,
        rejected=len(report.refusals),
        requests=len(requests),
        milliseconds=round(seconds * 1000),
    )
