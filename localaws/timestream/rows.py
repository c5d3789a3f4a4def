# SPDX-License-Identifier: MIT
"""The rows of one table, in DuckDB: added, replaced, counted, dropped, and their keys read back.

Beside the columns that a query sees, a row has what the store needs, by names that no one can write:

    ts_version  the record's version
    ts_digest   a digest of its values
    ts_bytes    the bytes by which AWS meters it
"""

# ruff: noqa: S608 - the names put into statements are the store's own, or quoted
from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

from localaws.timestream.keys import Loaded
from localaws.timestream.records import Record
from localaws.timestream.schema import DUCKDB_TYPES, Column, ScalarType

ARROW_TYPES: dict[ScalarType, pa.DataType] = {
    "varchar": pa.string(),
    "double": pa.float64(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("ns"),
}

ByName = Mapping[str, Column]
"""A table's columns, by their lower-case names."""


class Volume(NamedTuple):
    """How much there is: rows, and the bytes by which AWS meters them."""

    rows: int
    bytes: int


class Rows:
    """The rows of one table. All times are in nanoseconds since 1970.

    :param connection: what to write by; one thread uses it at a time.
    :param number: the table's.
    :ivar name: the table's in DuckDB.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, number: int) -> None:
        self.name = f"table_{number}"
        self._connection = connection

    def create(self) -> None:
        """Make the table, with the columns that every table has."""
        self._execute(
            f"CREATE TABLE {self.name} (measure_name VARCHAR, time TIMESTAMP_NS,"
            " ts_version BIGINT, ts_digest BIGINT, ts_bytes BIGINT)"
        )

    def drop(self) -> None:
        """Delete the table."""
        self._execute(f"DROP TABLE {self.name}")

    def add_columns(self, columns: Iterable[Column]) -> None:
        """Add columns; they are null in the rows that there are."""
        for column in columns:
            kind = DUCKDB_TYPES[column.type]
            self._execute(f"ALTER TABLE {self.name} ADD COLUMN {_quoted(column.name)} {kind}")

    def insert(self, records: Sequence[Record], columns: ByName) -> None:
        """Add records, whose keys no row has."""
        self._load(f"INSERT INTO {self.name} BY NAME SELECT * FROM arrow", _rows(records, columns))

    def delete(self, records: Sequence[Record], columns: ByName) -> Volume:
        """Delete the rows that have the keys of records; how much that was."""
        keys = pa.table(_keys(records, columns))
        times = [record.time for record in records]
        same = (f"old.{name} IS NOT DISTINCT FROM new.{name}" for name in map(_quoted, keys.column_names))
        found = self._load(
            f"DELETE FROM {self.name} AS old USING arrow AS new"
            f" WHERE old.time BETWEEN {_moment(min(times))} AND {_moment(max(times))}"
            f" AND {' AND '.join(same)} RETURNING old.ts_bytes",
            keys,
        )
        return Volume(len(found), sum(size for (size,) in found))

    def drop_before(self, time: int) -> Volume:
        """Delete the rows older than a time; how much that was."""
        dropped = self._volume(f"time < {_moment(time)}")
        self._execute(f"DELETE FROM {self.name} WHERE time < {_moment(time)}")
        return dropped

    def since(self, time: int) -> Volume:
        """How much there is that is not older than a time."""
        return self._volume(f"time >= {_moment(time)}")

    def oldest(self) -> int | None:
        """The time of the oldest row, if there is one."""
        [(oldest,)] = self._execute(f"SELECT epoch_ns(min(time)) FROM {self.name}")
        return oldest  # type: ignore[no-any-return]

    def keys(self, start: int, end: int, columns: ByName) -> Iterator[Loaded]:
        """The keys from one time on, to before another."""
        dimensions = {name: column for name, column in columns.items() if column.role == "dimension"}
        selected = ", ".join(["measure_name", *(_quoted(column.name) for column in dimensions.values())])
        table = self._connection.sql(
            f"SELECT {selected}, list(row(epoch_ns(time), ts_version, ts_digest)) FROM {self.name}"
            f" WHERE time >= {_moment(start)} AND time < {_moment(end)} GROUP BY ALL"
        ).to_arrow_table()
        for batch in table.to_batches():
            *series, entries = batch.columns
            fields = [field.to_numpy() for field in entries.values.flatten()]
            offsets = entries.offsets.to_numpy()
            names, *values = (column.to_pylist() for column in series)
            for place, (name, *row) in enumerate(zip(names, *values, strict=True)):
                pairs = [pair for pair in zip(dimensions, row, strict=True) if pair[1] is not None]
                part = slice(offsets[place], offsets[place + 1])
                order = np.argsort(fields[0][part], kind="stable")
                arrays = (array("q", field[part][order].tobytes()) for field in fields)
                yield Loaded((name, tuple(sorted(pairs))), *arrays)

    def _volume(self, condition: str) -> Volume:
        statement = f"SELECT count(*), coalesce(sum(ts_bytes), 0) FROM {self.name} WHERE {condition}"
        [(rows, size)] = self._execute(statement)
        return Volume(rows, int(size))

    def _load(self, statement: str, arrow: pa.Table) -> list[tuple[Any, ...]]:
        """Run a statement on what is called `arrow` in it."""
        self._connection.register("arrow", arrow)
        try:
            return self._execute(statement)
        finally:
            self._connection.unregister("arrow")

    def _execute(self, statement: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement).fetchall()


def _rows(records: Sequence[Record], columns: ByName) -> pa.Table:
    """Records as rows. Those of the same form are put into columns together."""
    forms: dict[tuple[object, ...], list[Record]] = defaultdict(list)
    for record in records:
        forms[record.dimensions.columns, record.measures.columns].append(record)
    return pa.concat_tables([_form(each, columns) for each in forms.values()], promote_options="default")


def _form(records: list[Record], columns: ByName) -> pa.Table:
    dimensions, measures = records[0].dimensions, records[0].measures
    values = zip(*[record.values for record in records], strict=True)
    return pa.table(
        {
            **_keys(records, {name: columns[name] for name in dimensions.columns}),
            "ts_version": pa.array([record.version for record in records], pa.int64()),
            "ts_digest": pa.array([record.digest for record in records], pa.int64()),
            "ts_bytes": pa.array([record.size for record in records], pa.int64()),
            **{
                columns[name].name: pa.array(column, ARROW_TYPES[kind])
                for (name, kind), column in zip(measures.columns, values, strict=True)
            },
        }
    )


def _keys(records: Sequence[Record], columns: ByName) -> dict[str, pa.Array]:
    """The keys of records: measure name, time, and the dimensions that are among the columns."""
    return {
        "measure_name": pa.array([record.measures.name for record in records], pa.string()),
        "time": pa.array([record.time for record in records], ARROW_TYPES["timestamp"]),
        **{
            column.name: pa.array([record.dimensions.values.get(name) for record in records], pa.string())
            for name, column in columns.items()
            if column.role == "dimension"
        },
    }


def _moment(time: int) -> str:
    return f"make_timestamp_ns({time})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
