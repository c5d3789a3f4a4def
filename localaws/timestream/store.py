# SPDX-License-Identifier: MIT
"""Where rows are: an in-memory DuckDB, one table for each Timestream table.

Writes gather in a list and reach DuckDB by Arrow when a query looks or the list is long: an insertion of
one request's hundred records costs nearly as much as one of thousands. Which record replaces which is
decided by `keys`, outside DuckDB. `Store.lock` serialises writers; a query holds it only until its tables
are up to date, and then reads through a cursor of its own.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/storage.html
"""

# ruff: noqa: S608 - the names put into statements are the store's own, or quoted
from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from localaws.timestream.columns import Columns
from localaws.timestream.keys import Entry, Keys, Series
from localaws.timestream.records import Record, Value
from localaws.timestream.schema import DUCKDB_TYPES, Column, Relation, ScalarType
from localaws.timestream.windows import Windows

PENDING_ROWS = 10_000

ARROW_TYPES: dict[ScalarType, pa.DataType] = {
    "varchar": pa.string(),
    "double": pa.float64(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("ns"),
}

SAME_VERSION = (
    "A record already exists with the same time, dimensions, measure name, and record version. "
    "A higher record version must be specified in order to update the measure value. "
    "Specifying record version is supported by the latest SDKs."
)
LOWER_VERSION = (
    "The record version {} is lower than the existing version {}. A higher version is required to update the "
    "measure value."
)

Row = dict[str, Value]


@dataclass
class Outcome:
    """What became of the records of one request."""

    memory: int = 0
    magnetic: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    """As RejectedRecords has them."""
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    """In the same form, what the magnetic store refused for its version: no answer tells of it."""

    def reject(self, record: Record, reason: str) -> None:
        """Note that a record was not stored."""
        self.rejected.append({"RecordIndex": record.index, "Reason": reason})


class Store:
    """The rows of one account and region, in an engine of their own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.lock = threading.RLock()
        self.connection = connection
        self._numbers = itertools.count(1)

    def table(self, _arn: str) -> TableStore:
        """The rows of a table; of a new one, none."""
        return TableStore(self, f"table_{next(self._numbers)}")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection to read by, beside all others."""
        return self.connection.cursor()

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


class TableStore:
    """The rows of one table."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._columns = Columns()
        self._keys = Keys()
        self._pending: dict[tuple[Series, int], Row] = {}
        self._replaced: list[Row] = []
        self._oldest: int | None = None
        self._in_engine = {"measure_name", "time"}
        self.bytes = 0
        """Bytes by which AWS would meter what the table holds."""
        self.magnetic_conflicts = 0
        """Records that the magnetic store refused for their version: AWS doesn't answer with them."""
        self._execute(f"CREATE TABLE {name} (measure_name VARCHAR, time TIMESTAMP_NS)")

    @property
    def rows(self) -> int:
        """How many records the table holds."""
        return self._keys.count

    def write(self, records: Iterable[Record], windows: Windows) -> Outcome:
        """Store each record that nothing speaks against."""
        outcome = Outcome()
        with self._store.lock:
            for record in records:
                reason = record.refusal or windows.refusal(record.time) or self._columns.admit(record)
                if reason:
                    outcome.reject(record, reason)
                else:
                    self._put(record, windows.in_memory(record.time), outcome)
            if len(self._pending) >= PENDING_ROWS:
                self._flush()
        return outcome

    def relation(self, windows: Windows) -> Relation:
        """The table as a query sees it: everything written, nothing past its retention."""
        with self._store.lock:
            self._flush()
            if self._oldest is not None and self._oldest < windows.start:
                self._drop_before(windows.start)
            return Relation(self._name, self._columns.ordered())

    def drop(self) -> None:
        """Delete the table."""
        with self._store.lock:
            self._execute(f"DROP TABLE {self._name}")

    def _put(self, record: Record, in_memory: bool, outcome: Outcome) -> None:
        key, entry = (record.series, record.time), Entry(record.version, record.digest)
        existing = self._keys.get(*key)
        if existing and existing.digest != entry.digest and existing.version >= entry.version:
            reason = SAME_VERSION
            if existing.version > entry.version:
                reason = LOWER_VERSION.format(entry.version, existing.version)
            refused = {"RecordIndex": record.index, "Reason": reason, "ExistingVersion": existing.version}
            if in_memory:
                outcome.rejected.append(refused)
                return
            outcome.conflicts.append(refused)
            self.magnetic_conflicts += 1
        elif existing is None or existing.version < entry.version:
            self._keys.put(*key, entry)
            self._stage(record, replaces=existing is not None)
        outcome.memory += in_memory
        outcome.magnetic += not in_memory

    def _stage(self, record: Record, replaces: bool) -> None:
        row: Row = {
            **record.dimensions.values,
            "measure_name": record.measures.name,
            "time": record.time,
            **record.values,
        }
        key = record.series, record.time
        if replaces and key not in self._pending:
            self._replaced.append(row)
        if not replaces:
            self.bytes += record.size
        self._pending[key] = row
        self._oldest = record.time if self._oldest is None else min(self._oldest, record.time)

    def _flush(self) -> None:
        """Bring what is pending into DuckDB, all of it or nothing."""
        if not self._pending:
            return
        self._add_columns()
        columns = list(self._columns.by_name.items())
        rows = self._arrow(columns, list(self._pending.values()))
        replaced = self._arrow([each for each in columns if each[1].role != "measure"], self._replaced)
        with self._store.transaction():
            if self._replaced:
                quoted = map(_quoted, replaced.column_names)
                same = " AND ".join(f"old.{name} IS NOT DISTINCT FROM new.{name}" for name in quoted)
                self._load(f"DELETE FROM {self._name} AS old USING arrow AS new WHERE {same}", replaced)
            self._load(f"INSERT INTO {self._name} BY NAME SELECT * FROM arrow", rows)
        self._pending, self._replaced = {}, []

    def _add_columns(self) -> None:
        for name, column in self._columns.by_name.items():
            if name not in self._in_engine:
                kind = DUCKDB_TYPES[column.type]
                self._execute(f"ALTER TABLE {self._name} ADD COLUMN {_quoted(column.name)} {kind}")
                self._in_engine.add(name)

    def _arrow(self, columns: list[tuple[str, Column]], rows: list[Row]) -> pa.Table:
        return pa.table(
            {
                column.name: pa.array([row.get(name) for row in rows], ARROW_TYPES[column.type])
                for name, column in columns
            }
        )

    def _drop_before(self, time: int) -> None:
        """Delete what has outlived the magnetic store's retention."""
        before = self.rows
        self._keys.drop_before(time)
        self._execute(f"DELETE FROM {self._name} WHERE epoch_ns(time) < {time}")
        self.bytes = self.bytes * self.rows // before if before else 0
        [(self._oldest,)] = self._execute(f"SELECT epoch_ns(min(time)) FROM {self._name}").fetchall()

    def _load(self, statement: str, table: pa.Table) -> None:
        self._store.connection.register("arrow", table)
        self._execute(statement)
        self._store.connection.unregister("arrow")

    def _execute(self, statement: str) -> duckdb.DuckDBPyConnection:
        return self._store.connection.execute(statement)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
