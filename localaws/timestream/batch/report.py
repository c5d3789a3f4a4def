# SPDX-License-Identifier: MIT
"""The errors of a batch load, as its report in S3 has them: by file and reason, in ranges of lines.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/batch-load-using-error-reports.html
"""

from __future__ import annotations

from typing import Any

RANGES = 10_000
REASON_LENGTH = 500

Document = dict[str, Any]


class Errors:
    """The errors so far.

    :param document: what `document` was when the task was left; it is what is kept of them on disk.
    """

    def __init__(self, document: Document | None = None) -> None:
        self.document: Document = document or {"task": [], "files": {}, "ranges": 0, "unlisted": 0}

    def add_task(self, reason: str) -> None:
        """Note what kept the task from its files. It is the same when the task is carried out again."""
        self.document["task"] = [{"reason": reason[:REASON_LENGTH]}]

    def add(self, file: str, reason: str, first: int, last: int) -> None:
        """Note what is wrong with some lines of a file, counted from 1."""
        reason = reason[:REASON_LENGTH]
        ranges = self.document["files"].get(file, {}).get(reason)
        if ranges and ranges[-1][1] + 1 >= first:
            ranges[-1][1] = max(last, ranges[-1][1])
        elif self.document["ranges"] == RANGES:
            self.document["unlisted"] += 1
        else:
            self.document["files"].setdefault(file, {}).setdefault(reason, []).append([first, last])
            self.document["ranges"] += 1

    def __bool__(self) -> bool:
        return bool(self.document["task"] or self.document["files"])

    def report(self, task: str) -> Document:
        """The report."""
        more = self.document["unlisted"]
        unlisted = [{"reason": f"{more} more errors, in further lines, are not listed."}] if more else []
        return {
            "taskId": task,
            "taskErrors": self.document["task"] + unlisted,
            "fileErrors": [
                {
                    "fileName": file,
                    "errors": [
                        {"reason": reason, "lineRanges": ranges} for reason, ranges in reasons.items()
                    ],
                }
                for file, reasons in self.document["files"].items()
            ],
        }
