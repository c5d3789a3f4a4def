# SPDX-License-Identifier: MIT
"""The report on what of a run's result could not be stored: its content and its place in S3.

    {"reportId": "8A72...", "errors": [
        {"reason": "...", "records": [...]},      records that the target table rejected
        {"reason": "...", "rawLine": "a,1.5,"},   rows of which no record can be made
        {"reason": "..."}                         anything else
    ]}

    s3://BUCKET/PREFIX/NAME/INVOCATION TIME/Auto or Manual/TRIGGER TIME

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/scheduledqueries-errorreport.html; of a
record, the report quoted in github.com/awslabs/amazon-timestream-tools, whose records, too, have no version.
(How the times are written in the key is not documented: here as the notifications have them.)
"""

from __future__ import annotations

import secrets
from typing import Any

Document = dict[str, Any]


class ErrorReport:
    """The errors of one run."""

    def __init__(self) -> None:
        self._rejected: dict[str, list[Document]] = {}
        self._others: list[Document] = []

    def __bool__(self) -> bool:
        return bool(self._rejected or self._others)

    def add_record(self, reason: str, record: Document) -> None:
        """Note a record that was rejected, as `rejected.described` has it."""
        self._rejected.setdefault(reason, []).append(record)

    def add_row(self, reason: str, line: str) -> None:
        """Note a row that makes no record."""
        self._others.append({"reason": reason, "rawLine": line})

    def add(self, reason: str) -> None:
        """Note an error that has to do with no row."""
        self._others.append({"reason": reason})

    def document(self) -> Document:
        """The report."""
        rejected = [{"reason": reason, "records": records} for reason, records in self._rejected.items()]
        return {"reportId": secrets.token_hex(16).upper(), "errors": [*rejected, *self._others]}


def place(arn: str, summary: Document, manual: bool) -> str:
    """The key of a run's report, after the prefix.

    :param arn: the scheduled query's.
    :param summary: a ScheduledQueryRunSummary.
    """
    name = arn.rpartition("/")[2]
    invoked, triggered = int(summary["InvocationTime"]), round(summary["TriggerTime"] * 1000)
    return f"{name}/{invoked}/{'Manual' if manual else 'Auto'}/{triggered}"
