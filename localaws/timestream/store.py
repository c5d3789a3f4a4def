# SPDX-License-Identifier: MIT
"""Where records are: a DuckDB, with one table for each Timestream table, behind a journal.

    WriteRecords ──▶ keys decide ──▶ journal ──▶ pending ──(a query looks, or there are many)──▶ DuckDB

Which record replaces which is decided by `keys`, outside DuckDB. What is decided is on disk, in the journal,
when `TableStore.write` returns. DuckDB knows how much of the journal it has: the rest is taken up by the next
process. `Store.lock` serialises writers; a query holds it only until its table is up to date, and then reads
through a cursor of its own, what there was at that moment.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/storage.html
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

import duckdb

from localaws.errors import ResourceNotFoundException
from localaws.timestream.columns import Columns
from localaws.timestream.journal import Entry, Journal
from localaws.timestream.keys import FIRST_REACH, WHOLE, Keys, Loaded, Series
from localaws.timestream.ledger import Kept, Ledger
from localaws.timestream.records import Record, metered
from localaws.timestream.rows import Rows, Volume
from localaws.timestream.schema import Relation
from localaws.timestream.windows import Windows

PENDING_ROWS = 10_000
"""Of one table."""
PENDING_ROWS_OF_ALL = 100_000
CLOSE_SECONDS = 5
SMALL_TABLE_ROWS = 200_000
"""A table of which the keys are loaded as a whole."""

SAME_VERSION = (
    "A record already exists with the same time, dimensions, measure name, and record version. "
    "A higher record version must be specified in order to update the measure value. "
    "Specifying record version is supported by the latest SDKs."
)
LOWER_VERSION = (
    "The record version {} is lower than the existing version {}. A higher version is required to update the "
    "measure value."
)


Key = tuple[Series, int]
log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What became of the records of one request."""

    memory: int = 0
    magnetic: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    """As RejectedRecords has them."""
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    """In the same form, what the magnetic store refused for its version: no answer tells of it."""
    metered: int = 0
    """Bytes by which AWS meters the request."""


class Tiers(NamedTuple):
    """How much a table holds in each of its stores."""

    memory: Volume
    magnetic: Volume


class Store:
    """The rows of one account and region, in an engine of their own.

    :param connection: of that engine.
    :param journal: of what is not yet in it.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, journal: Journal | None = None) -> None:
        self.lock = threading.RLock()
        self.connection = connection
        self.journal = journal or Journal()
        self.ledger = Ledger(connection)
        self.pending = 0
        """How many records are in the journal only."""
        self._cursors: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()
        self._tables: set[TableStore] = set()
        self._left = self.ledger.tables()
        numbers = [kept.number for kept in self._left.values()]
        self.journal.retain(numbers)
        applied = [kept.totals.applied for kept in self._left.values()]
        self._numbers = itertools.count(1 + max(numbers, default=0))
        self._positions = itertools.count(1 + max([self.journal.last(), *applied]))

    def table(self, arn: str) -> TableStore:
        """The rows of a table: those that were left there, or, of a new one, none."""
        with self.lock:
            kept = self._left.pop(arn) if arn in self._left else self._added(arn)
            table = TableStore(self, kept)
            self._tables.add(table)
            return table

    def drop_left(self) -> None:
        """Delete the tables that nobody has asked for: their making, or their deletion, was cut short."""
        with self.lock:
            while self._left:
                _, kept = self._left.popitem()
                self._delete(kept.number)

    def drop(self, table: TableStore) -> None:
        """Delete a table."""
        with self.lock:
            self._tables.discard(table)
            self.pending -= table.pending
            self._delete(table.number)

    def require(self, table: TableStore) -> None:
        """ResourceNotFoundException for a table that was deleted since it was looked up."""
        if table not in self._tables:
            raise ResourceNotFoundException("The table does not exist.")

    def note(self, table: int, entry: Entry) -> int:
        """Have an entry on disk; returns its position in the journal."""
        position = next(self._positions)
        self.journal.append(position, table, entry)
        return position

    def flush(self) -> None:
        """Bring all that is pending into DuckDB."""
        with self.lock:
            for table in self._tables:
                table.flush()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection to read by, beside all others."""
        with self.lock:
            cursor = self.connection.cursor()
            self._cursors.add(cursor)
            return cursor

    def close(self) -> None:
        """Let go of the state. Queries that run end with an error, if they can be stopped."""
        with self.lock:
            try:
                self.flush()
            except duckdb.Error:
                log.exception("what is pending stays in the journal")
            self.journal.close()
            deadline = time.monotonic() + CLOSE_SECONDS
            while not self._closed():
                if time.monotonic() > deadline:
                    log.warning("a query that can't be stopped keeps the rows' file open")
                    return
                time.sleep(0.01)

    def _closed(self) -> bool:
        """Close the engine, unless a query keeps it."""
        for cursor in list(self._cursors):
            with suppress(duckdb.ConnectionException):  # closed already
                cursor.interrupt()
        try:
            self.connection.close()
        except duckdb.ResourceInUseException:
            return False
        return True

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done within becomes visible at once, or not at all."""
        self.connection.begin()
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def _added(self, arn: str) -> Kept:
        kept = Kept(next(self._numbers))
        with self.transaction():
            Rows(self.connection, kept.number).create()
            self.ledger.add(arn, kept.number)
        return kept

    def _delete(self, number: int) -> None:
        with self.transaction():
            Rows(self.connection, number).drop()
            self.ledger.remove(number)
        self.journal.forget_table(number)


class TableStore:
    """The rows of one table.

    :param kept: what DuckDB has of it. What the journal has beyond that is taken up at once.
    """

    def __init__(self, store: Store, kept: Kept) -> None:
        self.number = kept.number
        self._store = store
        self._rows = Rows(store.connection, kept.number)
        self._columns = Columns(kept.columns, kept.measure_types)
        self._columns_flushed = len(self._columns.by_name)
        self._measures_flushed = len(self._columns.measure_types)
        reach = WHOLE if kept.totals.rows < SMALL_TABLE_ROWS else FIRST_REACH
        self._keys = Keys(self._keys_kept, kept.totals.newest, reach)
        self._totals = kept.totals
        """Of what is pending too, but for rows, bytes and times."""
        self._flushed = kept.totals.applied
        self._pending: list[Record] = []
        self._replaced: dict[Key, Record] = {}
        """The pending ones whose keys are older than they."""
        self._added = Volume(0, 0)
        """What of the pending ones is new."""
        self._oldest, self._newest = kept.totals.oldest, kept.totals.newest
        for position, entry in store.journal.after(kept.totals.applied, kept.number):
            for record in entry.records:
                self._offer(record)
            self._count(position, entry)

    @property
    def rows(self) -> int:
        """How many records the table holds."""
        return self._totals.rows + self._added.rows

    @property
    def bytes(self) -> int:
        """Bytes by which AWS would meter what the table holds."""
        return self._totals.bytes + self._added.bytes

    @property
    def pending(self) -> int:
        """How many records are in the journal only."""
        return len(self._pending)

    @property
    def metered(self) -> int:
        """Bytes by which AWS meters all that was ever written to it."""
        return self._totals.metered

    @property
    def magnetic_conflicts(self) -> int:
        """Records that the magnetic store refused for their version: AWS doesn't answer with them."""
        return self._totals.conflicts

    def write(self, records: Iterable[Record], windows: Windows) -> Outcome:
        """Store each record that nothing speaks against."""
        outcome = Outcome()
        with self._store.lock:
            self._store.require(self)
            taken = [record for record in records if self._take(record, windows, outcome)]
            outcome.metered = metered(taken)
            if taken or outcome.conflicts:
                entry = Entry(taken, outcome.metered, len(outcome.conflicts))
                self._count(self._store.note(self.number, entry), entry)
            if len(self._pending) >= PENDING_ROWS:
                self.flush()
            if self._store.pending >= PENDING_ROWS_OF_ALL:
                self._store.flush()
        return outcome

    def relation(self, windows: Windows) -> Relation:
        """The table as a query sees it: everything written, nothing past its retention."""
        with self._store.lock:
            self.flush()
            self.expire(windows)
            return Relation(self._rows.name, self._columns.ordered())

    def tiers(self, windows: Windows) -> Tiers:
        """How much is in the memory store, and how much in the magnetic store."""
        with self._store.lock:
            self.flush()
            self.expire(windows)
            memory = self._rows.since(windows.memory_start)
            return Tiers(memory, Volume(self.rows - memory.rows, self.bytes - memory.bytes))

    def expire(self, windows: Windows) -> None:
        """Drop what has outlived the magnetic store's retention."""
        with self._store.lock:
            if self._oldest is None or self._oldest >= windows.start:
                return
            self.flush()
            with self._store.transaction():
                dropped = self._rows.drop_before(windows.start)
                totals = replace(
                    self._totals,
                    rows=self._totals.rows - dropped.rows,
                    bytes=self._totals.bytes - dropped.bytes,
                    oldest=self._rows.oldest(),
                )
                self._store.ledger.put(self.number, totals)
            self._totals, self._oldest = totals, totals.oldest
            self._keys.drop_before(windows.start)

    def drop(self) -> None:
        """Delete the table."""
        self._store.drop(self)

    def flush(self) -> None:
        """Bring what is pending into DuckDB, all of it or nothing."""
        with self._store.lock:
            if self._flushed == self._totals.applied:
                return
            columns = dict(islice(self._columns.by_name.items(), self._columns_flushed, None))
            measure_types = dict(islice(self._columns.measure_types.items(), self._measures_flushed, None))
            with self._store.transaction():
                self._rows.add_columns(columns.values())
                self._store.ledger.extend(self.number, [*columns.values()], measure_types)
                change = self._flush_records()
                totals = replace(
                    self._totals,
                    rows=self._totals.rows + change.rows,
                    bytes=self._totals.bytes + change.bytes,
                    oldest=self._oldest,
                    newest=self._newest,
                )
                self._store.ledger.put(self.number, totals)
            self._totals = totals
            self._columns_flushed += len(columns)
            self._measures_flushed += len(measure_types)
            self._flushed = totals.applied
            self._store.pending -= self.pending
            self._pending, self._replaced, self._added = [], {}, Volume(0, 0)
            self._store.journal.forget(totals.applied, self.number)

    def _flush_records(self) -> Volume:
        """Put the last version of each pending record in its row; by how much the table grows."""
        records, columns = self._pending, self._columns.by_name
        deleted = Volume(0, 0)
        if self._replaced:
            records = [*{(record.series, record.time): record for record in records}.values()]
            deleted = self._rows.delete([*self._replaced.values()], columns)
        if records:
            self._rows.insert(records, columns)
        size = sum(record.size for record in records)
        return Volume(len(records) - deleted.rows, size - deleted.bytes)

    def _take(self, record: Record, windows: Windows, outcome: Outcome) -> bool:
        """Whether a record is stored, or is there already; if not, the outcome says why."""
        reason = record.refusal or windows.refusal(record.time) or self._columns.refusal(record)
        if reason:
            outcome.rejected.append({"RecordIndex": record.index, "Reason": reason})
            return False
        in_memory = windows.in_memory(record.time)
        existing = self._offer(record)
        if existing is not None:
            lower = LOWER_VERSION.format(record.version, existing)
            reason = SAME_VERSION if existing == record.version else lower
            refused = {"RecordIndex": record.index, "Reason": reason, "ExistingVersion": existing}
            if in_memory:
                outcome.rejected.append(refused)
                return False
            outcome.conflicts.append(refused)
        outcome.memory += in_memory
        outcome.magnetic += not in_memory
        return existing is None

    def _offer(self, record: Record) -> int | None:
        """Store a record, or its version; the version of the one with other values that it can't replace."""
        existing = self._keys.offer(record.series, record.time, record.version, record.digest)
        if existing is None:
            self._added = Volume(self._added.rows + 1, self._added.bytes + record.size)
            if self._oldest is None or record.time < self._oldest:
                self._oldest = record.time
            if self._newest is None or record.time > self._newest:
                self._newest = record.time
        elif existing.version < record.version:
            self._replaced[record.series, record.time] = record
        else:
            return existing.version if existing.digest != record.digest else None
        self._columns.add(record)
        self._pending.append(record)
        self._store.pending += 1
        return None

    def _count(self, position: int, entry: Entry) -> None:
        """Add what the journal notes of a request to the totals."""
        self._totals = replace(
            self._totals,
            applied=position,
            metered=self._totals.metered + entry.metered,
            conflicts=self._totals.conflicts + entry.conflicts,
        )

    def _keys_kept(self, start: int, end: int) -> Iterable[Loaded]:
        flushed = dict(islice(self._columns.by_name.items(), self._columns_flushed))
        return self._rows.keys(start, end, flushed)
