# SPDX-License-Identifier: MIT
"""What was acknowledged and is not yet in DuckDB, on disk.

To insert a request's hundred records into DuckDB costs nearly as much as thousands; to note them here costs
a tenth of a millisecond. An entry has reached the file, as a whole, when `append` returns. When the process
was killed, the entries are what its successor begins with.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from localaws.timestream.records import Dimensions, Measures, Pairs, Record, restored


class Entry(NamedTuple):
    """What one request brought to one table."""

    records: list[Record]
    """Those that changed something."""
    metered: int
    """Bytes by which AWS meters the request."""
    conflicts: int
    """How many records the magnetic store refused for their version."""


class Journal:
    """The entries of one account and region, in a file, or, without one, in memory.

    Not for several threads at once.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._connection = sqlite3.connect(file or ":memory:", check_same_thread=False, isolation_level=None)
        # Of a killed process the kernel keeps what was written; to wait for the disk is not needed
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS entries (position INTEGER PRIMARY KEY, of_table, entry)"
        )

    def append(self, position: int, table: int, entry: Entry) -> None:
        """Note what a table took, at a position higher than any before."""
        self._connection.execute("INSERT INTO entries VALUES (?, ?, ?)", [position, table, _text(entry)])

    def after(self, position: int, table: int) -> list[tuple[int, Entry]]:
        """A table's entries behind a position, in order, each with its own position."""
        found = self._connection.execute(
            "SELECT position, entry FROM entries WHERE of_table = ? AND position > ? ORDER BY position",
            [table, position],
        )
        return [(at, _entry(text)) for at, text in found]

    def last(self) -> int:
        """The last position that an entry has, or 0."""
        [(position,)] = self._connection.execute("SELECT coalesce(max(position), 0) FROM entries")
        return int(position)

    def forget(self, position: int, table: int) -> None:
        """Drop a table's entries up to a position."""
        self._connection.execute(
            "DELETE FROM entries WHERE of_table = ? AND position <= ?", [table, position]
        )

    def forget_table(self, table: int) -> None:
        """Drop a table's entries."""
        self._connection.execute("DELETE FROM entries WHERE of_table = ?", [table])

    def retain(self, tables: Iterable[int]) -> None:
        """Drop the entries of all other tables."""
        self._connection.execute(
            "DELETE FROM entries WHERE of_table NOT IN (SELECT value FROM json_each(?))",
            [json.dumps([*tables])],
        )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def _text(entry: Entry) -> str:
    """An entry as JSON. Dimensions and measures, which records have in common, are there once each."""
    dimensions: dict[Dimensions, int] = {}
    measures: dict[Measures, int] = {}
    rows = [
        (
            dimensions.setdefault(record.dimensions, len(dimensions)),
            measures.setdefault(record.measures, len(measures)),
            record.time,
            record.version,
            record.values,
        )
        for record in entry.records
    ]
    pairs = [each.pairs for each in dimensions]
    forms = [(each.name, each.multi, each.given) for each in measures]
    return json.dumps((pairs, forms, rows, entry.metered, entry.conflicts))


def _entry(text: str) -> Entry:
    dimensions, forms, rows, metered, conflicts = json.loads(text)
    pairs = [_pairs(each) for each in dimensions]
    measures = [(name, multi, _pairs(given)) for name, multi, given in forms]
    records = [
        restored(pairs[of_dimensions], measures[of_measures], time, version, values)
        for of_dimensions, of_measures, time, version, values in rows
    ]
    return Entry(records, metered, conflicts)


def _pairs(pairs: list[list[str]]) -> Pairs:
    return tuple([(name, other) for name, other in pairs])
