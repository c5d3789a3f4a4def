# SPDX-License-Identifier: MIT
"""WriteRecords: from a request to stored records, and what is answered.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_WriteRecords.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localaws.errors import RejectedRecordsException
from localaws.timestream.catalog import Catalog
from localaws.timestream.counts import Counts
from localaws.timestream.records import parse
from localaws.timestream.rejected import RejectedReports
from localaws.timestream.store import Store

Document = dict[str, Any]


class Writes:
    """The writes to the tables of one account and region; the bytes that AWS would meter are counted."""

    def __init__(
        self,
        catalog: Catalog,
        store: Store,
        clock: Callable[[], int],
        rejected: RejectedReports,
        counts: Counts,
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._clock = clock
        self._rejected = rejected
        self._counts = counts

    def write_records(self, request: Document) -> Document:
        """WriteRecords."""
        with self._store.lock:
            table = self._catalog.table(request)
        records = list(parse(request, table.required_dimension))
        outcome = table.store.write(records, table.windows(self._clock()))
        self._counts.add("CumulativeBytesMetered", outcome.metered, "Bytes", {"Operation": "WriteRecords"})
        if outcome.conflicts:
            self._rejected.add(table.description, request, outcome.conflicts)
        if outcome.rejected:
            raise RejectedRecordsException(
                "One or more records have been rejected. See RejectedRecords for details.",
                RejectedRecords=outcome.rejected,
            )
        return {
            "RecordsIngested": {
                "Total": outcome.memory + outcome.magnetic,
                "MemoryStore": outcome.memory,
                "MagneticStore": outcome.magnetic,
            }
        }
