# SPDX-License-Identifier: MIT
"""Which records a table holds: the version and a digest of the values of each, by series and time.

A record's key is its dimensions, its measure name and its time. The first two name a series; within a
series the times are kept sorted in plain arrays, 24 bytes a record, so that the usual record, newer than
all before it, is appended in constant time whatever the table's size. A primary key in DuckDB costs more
with every row.

Of a table that was there before the process, keys are read back when a record may need them, those of some
while around its time; of records in the order of their times none does. So there are spans of time of which
all keys are known, the last of which has no end:

    ─────┼═══ known ═══┼─────────┼═══════ known ═══════════▶ time
                                 └ the newest record before the process
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from operator import itemgetter
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
"""Reads the keys from one time on, to before another, in nanoseconds."""


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

    def splice(self, loaded: Loaded) -> None:
        """Put in records of a span of time of which none are here."""
        place = bisect_left(self.times, loaded.times[0])
        self.times[place:place] = loaded.times
        self.versions[place:place] = loaded.versions
        self.digests[place:place] = loaded.digests


class Keys:
    """The keys of one table.

    :param load: reads those that were there before.
    :param newest: the time of the newest of those; None if there are none.
    :param reach: how far around a record keys are loaded at first, in nanoseconds; twice as far each time.
    """

    def __init__(self, load: Load, newest: int | None, reach: int = FIRST_REACH) -> None:
        self._series: dict[Series, _Records] = {}
        self._load = load
        self._known = [(EARLIEST if newest is None else newest + 1, END)]
        self._known_to_the_end = self._known[-1][0]
        self._reach = reach

    def offer(self, series: Series, time: int, version: int, digest: int) -> Entry | None:
        """Set the entry of a key, unless the one that it has is of the same or a higher version.

        :returns: the entry that the key had.
        """
        if time < self._known_to_the_end:
            self._require(time)
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

    def _require(self, time: int) -> None:
        """Have the keys of a time known, and of some while around it."""
        place = bisect_right(self._known, time, key=itemgetter(0))
        known_to = self._known[place - 1][1] if place else EARLIEST
        if time < known_to:
            return
        start, end = max(time - self._reach, known_to), min(time + self._reach, self._known[place][0])
        for loaded in self._load(start, end):
            self._series.setdefault(loaded.series, _Records()).splice(loaded)
        self._reach *= 2
        self._known.insert(place, (start, end))
        self._known = _joined(self._known)
        self._known_to_the_end = self._known[-1][0]


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans, in order, with those that meet made one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            start, _ = joined.pop()
        joined.append((start, end))
    return joined
