# SPDX-License-Identifier: MIT
"""What the store and the SQL agree on: the columns of a table and the relation that holds them.

A table's relation in DuckDB has exactly the columns that a Timestream query sees, under the same names:

    dimensions         VARCHAR, one a dimension name
    measure_name       VARCHAR
    time               TIMESTAMP_NS, UTC
    measure_value::T   single-measure values, one column a type T written so far
    multi-measure      one column a measure, under the measure's name

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/concepts.html and .../writes.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

ScalarType = Literal["varchar", "double", "bigint", "boolean", "timestamp"]
Role = Literal["dimension", "measure_name", "time", "measure"]

DUCKDB_TYPES: dict[ScalarType, str] = {
    "varchar": "VARCHAR",
    "double": "DOUBLE",
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP_NS",
}


@dataclass(frozen=True)
class Column:
    """One column of a table: its name and type as Timestream's DESCRIBE shows them."""

    name: str
    type: ScalarType
    role: Role

    @property
    def is_single(self) -> bool:
        """Whether it holds the values of single-measure records."""
        return self.name == f"measure_value::{self.type}"


@dataclass(frozen=True)
class Relation:
    """Where a table's rows are: `name` is the DuckDB table, not quoted, `columns` in DESCRIBE's order."""

    name: str
    columns: tuple[Column, ...]


class Relations(Protocol):
    """The tables a statement may name."""

    def relation(self, database: str, table: str) -> Relation:
        """The relation of a table; ValidationException, worded as AWS words it, if there is none."""

    def databases(self) -> list[str]:
        """All database names, sorted."""

    def tables(self, database: str) -> list[str]:
        """A database's table names, sorted; ValidationException if there is no such database."""
