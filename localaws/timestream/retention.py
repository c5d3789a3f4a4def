# SPDX-License-Identifier: MIT
"""What has outlived the magnetic store's retention goes, whether or not a query looks.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/storage.html
"""

from __future__ import annotations

from collections.abc import Callable

from localaws.timestream.catalog import Catalog
from localaws.timestream.store import Store
from localaws.timestream.windows import MINUTE


class Retention:
    """The retention of all tables of one account and region. `clock` tells the time in nanoseconds."""

    def __init__(self, catalog: Catalog, store: Store, clock: Callable[[], int]) -> None:
        self._catalog = catalog
        self._store = store
        self._clock = clock
        self._not_before = 0

    def work(self) -> None:
        """Drop what is due, every minute by the clock."""
        now = self._clock()
        if now < self._not_before:
            return
        self._not_before = now + MINUTE
        with self._store.lock:
            for database in self._catalog.databases.values():
                for table in database.tables.values():
                    table.store.expire(table.windows(now))
