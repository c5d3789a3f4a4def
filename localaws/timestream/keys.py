# SPDX-License-Identifier: MIT
"""Which records a table holds: the version and a digest of the values of each, by series and time.

A record's key is its dimensions, its measure name and its time. The first two name a series; within a
series the times are kept sorted in plain arrays, 24 bytes a record, so that the usual record, newer than
all before it, is appended in constant time whatever the table's size. A primary key in DuckDB costs more
with every row.

Of a table that was there before the process, the keys are read back when a record may need them, which of
records in the order of their times are the latest few. So there is a time from which on all keys are known:

                    loaded on demand, twice as far each time     known
    ──────────┼─────────────────────┼──────────────┼──────────────────────────▶ time
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import NamedTuple

# A measure name and the dimensions' names and values, sorted.
Series = tuple[str, tuple[tuple[str, str], ...]]

EARLIEST, END = -(2**63), 2**63 - 2
FIRST_REACH = 60 * 10**9
WHOLE = END - EARLIEST


class Entry(NamedTuple):
    """What is known of a stored record."""

    version: int
    digest: int


class Loaded(NamedTuple):
    """The keys of a series, in arrays sorted by time: all of them within some span of time."""

    series: Series
    times: array[int]
    versions: array[int]
    digests: array[int]


Load = Callable[[int, int], Iterable[Loaded]]
"""Reads the keys from one time on, to before another, both in nanoseconds."""


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

    def insert(self, place: int, time: int, version: int, digest: int) -> None:
        self.times.insert(place, time)
        self.versions.insert(place, version)
        self.digests.insert(place, digest)

    def prepend(self, loaded: Loaded) -> None:
        self.times = loaded.times + self.times
        self.versions = loaded.versions + self.versions
        self.digests = loaded.digests + self.digests


class Keys:
    """The keys of one table.

    :param load: reads those that were there before; without it there were none.
    :param reach: how far before a record keys are loaded at first, in nanoseconds.
    """

    def __init__(self, load: Load | None = None, reach: int = FIRST_REACH) -> None:
        self._series: dict[Series, _Records] = {}
        self._load: Load = load or (lambda _start, _end: ())
        self._known_from = END if load else EARLIEST
        self._reach = reach

    def offer(self, series: Series, time: int, version: int, digest: int) -> Entry | None:
        """Set the entry of a key, unless the one that it has is of the same or a higher version.

        :returns: the entry that the key had.
        """
        if time < self._known_from:
            self._extend(time)
        records = self._series.get(series)
        if records is None:
            records = self._series[series] = _Records()
        place, found = records.find(time)
        if not found:
            records.insert(place, time, version, digest)
            return None
        existing = Entry(records.versions[place], records.digests[place])
        if version > existing.version:
            records.versions[place], records.digests[place] = version, digest
        return existing

    def drop_before(self, time: int) -> None:
        """Forget every record older than a time."""
        for series, records in list(self._series.items()):
            place, _ = records.find(time)
            if not place:
                continue
            del records.times[:place], records.versions[:place], records.digests[:place]
            if not records.times:
                del self._series[series]

    def _extend(self, time: int) -> None:
        """Have all keys from a time on, and from some while before it."""
        start = max(time - self._reach, EARLIEST)
        self._reach *= 2
        for loaded in self._load(start, self._known_from):
            self._series.setdefault(loaded.series, _Records()).prepend(loaded)
        self._known_from = start
