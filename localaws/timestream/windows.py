# SPDX-License-Identifier: MIT
"""Which times a table takes, and in which of its two stores a record lands.

             start                    memory_start            now   end
    ───────────┼──────── magnetic ──────────┼────── memory ─────┼──────┼──▶ time
               └ both retentions ago        └ memory retention  └ 15 minutes ahead

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/storage.html and .../ts-limits.html.
(Answers seen from AWS name a memory store window that is 40 minutes longer than the retention; how those
lie about it is not documented, so the documented bounds hold here.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

MINUTE = 60 * 10**9
HOUR = 60 * MINUTE
DAY = 24 * HOUR

FUTURE = 15 * MINUTE


@dataclass(frozen=True)
class Windows:
    """The windows of a table at one moment; all times in nanoseconds since 1970."""

    start: int
    memory_start: int
    end: int
    magnetic_writes: bool

    @classmethod
    def at(cls, now: int, table: Mapping[str, Any]) -> Windows:
        """The windows of a table, given as DescribeTable answers it."""
        retention = table["RetentionProperties"]
        memory_start = now - retention["MemoryStoreRetentionPeriodInHours"] * HOUR
        return cls(
            start=memory_start - retention["MagneticStoreRetentionPeriodInDays"] * DAY,
            memory_start=memory_start,
            end=now + FUTURE,
            magnetic_writes=table["MagneticStoreWriteProperties"]["EnableMagneticStoreWrites"],
        )

    def of_batch_load(self) -> Windows:
        """The windows for a batch load: all of it goes to the magnetic store, whatever its time."""
        return replace(self, memory_start=self.end, magnetic_writes=True)

    def in_memory(self, time: int) -> bool:
        """Whether a record of this time belongs to the memory store."""
        return time >= self.memory_start

    def refusal(self, time: int) -> str | None:
        """The reason why a record of this time can't be stored, if it can't."""
        start = self.start if self.magnetic_writes else self.memory_start
        if start <= time < self.end:
            return None
        window = "data ingestion window" if self.magnetic_writes else "memory store"
        return (
            "The record timestamp is outside the time range "
            f"[{_iso(start)}, {_iso(self.end)}) of the {window}."
        )


def _iso(time: int) -> str:
    """As AWS prints it: to the millisecond, in UTC."""
    moment = datetime(1970, 1, 1) + timedelta(milliseconds=time // 10**6)
    return moment.isoformat(timespec="milliseconds") + "Z"
