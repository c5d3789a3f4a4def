# SPDX-License-Identifier: MIT
"""What became of an event's readings: the function's answer, its error, and its log.

Always received = stored + rejected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from ingest.jsontext import to_json
from ingest.readings import Refusal

# Lambda puts the first KiB of an error's message on a dead letter, and cuts the record of a failed
# asynchronous invocation at 256 KiB, the event included. The log has the report in full.
MESSAGE_BYTES = 16_384
READING_BYTES = 1_024


class ReadingsNotStoredError(Exception):
    """Some readings of the event are not stored; the message is the report, as JSON."""


@dataclass(frozen=True)
class Report:
    """The outcome of one event.

    :ivar received: readings that came in.
    :ivar refusals: those not stored.
    :ivar dimensions: the names of the fields that say which series.
    """

    received: int
    refusals: Sequence[Refusal]
    dimensions: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """The readings received and stored."""
        return {"received": self.received, "stored": self.received - len(self.refusals)}

    def entries(self) -> list[dict[str, Any]]:
        """Each reading that is not stored: the index of its message, itself, and why."""
        return [
            {
                "index": refusal.origin.message.index,
                "reason": refusal.reason,
                "reading": refusal.origin.document(self.dimensions),
            }
            for refusal in self.refusals
        ]

    def batch_answer(self) -> dict[str, list[dict[str, str]]]:
        """The answer to a queue: the ids of the messages of which a reading is not stored."""
        failed = dict.fromkeys(refusal.origin.message.queue_id or "" for refusal in self.refusals)
        return {"batchItemFailures": [{"itemIdentifier": queue_id} for queue_id in failed]}

    def error(self) -> ReadingsNotStoredError:
        """The report as an error, cut to MESSAGE_BYTES: first long readings, then whole entries, counted."""
        entries = self.entries()
        shortened = [_shortened(entry) for entry in entries]
        sizes = accumulate(len(to_json(entry)) + len(", ") for entry in shortened)
        fitting = sum(size <= MESSAGE_BYTES for size in sizes)
        report: dict[str, Any] = self.counts | {"rejected": shortened[:fitting]}
        if fitting < len(entries):
            report["left_out"] = len(entries) - fitting
        return ReadingsNotStoredError(to_json(report))


def _shortened(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without its reading, if that is long."""
    if len(to_json(entry["reading"])) <= READING_BYTES:
        return entry
    return {"index": entry["index"], "reason": entry["reason"]}
