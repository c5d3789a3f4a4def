# SPDX-License-Identifier: MIT
"""Which records a table holds: the version and a digest of the values of each, by series and time.

A record's key is its dimensions, its measure name and its time. The first two name a series; within a
series the times are kept sorted in plain arrays, 24 bytes a record, so that the usual record, newer than
all before it, is appended in constant time whatever the table's size. A primary key in DuckDB costs more
with every row.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import NamedTuple

# A measure name and the dimensions' names and values, sorted.
Series = tuple[str, tuple[tuple[str, str], ...]]


class Entry(NamedTuple):
    """What is known of a stored record."""

    version: int
    digest: int


class _Records:
    """The records of one series, in parallel arrays sorted by time."""

    __slots__ = ("digests", "times", "versions")

    def __init__(self) -> None:
        self.times = array("q")
        self.versions = array("q")
        self.digests = array("q")

    def find(self, time: int) -> tuple[int, bool]:
        """The place of a time, and whether there is a record of it."""
        times = self.times
        if not times or time > times[-1]:
            return len(times), False
        place = bisect_left(times, time)
        return place, times[place] == time


class Keys:
    """The keys of one table."""

    def __init__(self) -> None:
        self._series: dict[Series, _Records] = {}
        self.count = 0

    def get(self, series: Series, time: int) -> Entry | None:
        """The entry of a key, or None if the table has no such record."""
        records = self._series.get(series)
        if records is None:
            return None
        place, found = records.find(time)
        return Entry(records.versions[place], records.digests[place]) if found else None

    def put(self, series: Series, time: int, entry: Entry) -> None:
        """Set the entry of a key, new or not."""
        records = self._series.get(series)
        if records is None:
            records = self._series[series] = _Records()
        place, found = records.find(time)
        if found:
            records.versions[place], records.digests[place] = entry
            return
        records.times.insert(place, time)
        records.versions.insert(place, entry.version)
        records.digests.insert(place, entry.digest)
        self.count += 1

    def drop_before(self, time: int) -> None:
        """Forget every record older than a time."""
        for series, records in list(self._series.items()):
            place, _ = records.find(time)
            if not place:
                continue
            del records.times[:place], records.versions[:place], records.digests[:place]
            self.count -= place
            if not records.times:
                del self._series[series]
