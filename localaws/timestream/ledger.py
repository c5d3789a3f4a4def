# SPDX-License-Identifier: MIT
"""What DuckDB holds of each table beside its rows: how it is found again, its columns, its totals.

It changes in the transactions that change rows, so that the two agree whatever ends the process.
"""

# ruff: noqa: S608 - the names put into statements are the ledger's own
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from typing import Any

import duckdb

from localaws.timestream.schema import Column


@dataclass(frozen=True)
class Totals:
    """What a table amounts to."""

    applied: int = 0
    """The position in the journal up to which all of it is in DuckDB."""
    rows: int = 0
    bytes: int = 0
    """By which AWS would meter what is stored."""
    oldest: int | None = None
    """The time of the oldest row, in nanoseconds since 1970."""
    newest: int | None = None
    """A time that no row is newer than."""
    metered: int = 0
    """Bytes by which AWS meters all that was written so far."""
    conflicts: int = 0
    """How many records the magnetic store refused for their version."""


@dataclass
class Kept:
    """What is there of a table."""

    number: int
    totals: Totals = Totals()
    columns: list[Column] = field(default_factory=list)
    """But for the two that every table has."""
    measure_types: dict[str, str] = field(default_factory=dict)


class Ledger:
    """All tables of one account and region. Not for several threads at once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        totals = ", ".join(f"{each.name} BIGINT" for each in fields(Totals))
        connection.execute(
            "CREATE SCHEMA IF NOT EXISTS ledger;"
            f"CREATE TABLE IF NOT EXISTS ledger.tables (arn VARCHAR, number BIGINT, {totals});"
            "CREATE TABLE IF NOT EXISTS ledger.columns"
            " (number BIGINT, name VARCHAR, type VARCHAR, role VARCHAR);"
            "CREATE TABLE IF NOT EXISTS ledger.measures (number BIGINT, name VARCHAR, type VARCHAR)"
        )

    def tables(self) -> dict[str, Kept]:
        """All tables, by their ARNs."""
        found = {
            arn: Kept(number, Totals(*totals))
            for arn, number, *totals in self._execute("SELECT * FROM ledger.tables ORDER BY rowid")
        }
        numbered = {kept.number: kept for kept in found.values()}
        for number, *column in self._execute("SELECT * FROM ledger.columns ORDER BY rowid"):
            numbered[number].columns.append(Column(*column))
        for number, name, kind in self._execute("SELECT * FROM ledger.measures ORDER BY rowid"):
            numbered[number].measure_types[name] = kind
        return found

    def add(self, arn: str, number: int) -> None:
        """Note a table that has nothing yet."""
        values = (arn, number, *astuple(Totals()))
        self._execute(f"INSERT INTO ledger.tables VALUES ({', '.join('?' * len(values))})", values)

    def remove(self, number: int) -> None:
        """Forget a table."""
        for part in ("tables", "columns", "measures"):
            self._execute(f"DELETE FROM ledger.{part} WHERE number = ?", [number])

    def put(self, number: int, totals: Totals) -> None:
        """Note what a table amounts to by now."""
        values = ", ".join(f"{each.name} = ?" for each in fields(Totals))
        self._execute(f"UPDATE ledger.tables SET {values} WHERE number = ?", [*astuple(totals), number])

    def extend(self, number: int, columns: Sequence[Column], measure_types: Mapping[str, str]) -> None:
        """Note columns and measure names that are new to a table."""
        if columns:
            parts = map(list, zip(*map(astuple, columns), strict=True))
            self._execute(
                "INSERT INTO ledger.columns SELECT ?, unnest(?), unnest(?), unnest(?)", [number, *parts]
            )
        if measure_types:
            values = [number, [*measure_types.keys()], [*measure_types.values()]]
            self._execute("INSERT INTO ledger.measures SELECT ?, unnest(?), unnest(?)", values)

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()
