# SPDX-License-Identifier: MIT
"""Calls within calls grow no faster than the statement, and what is nested too deeply is refused at once."""

from collections.abc import Callable

import duckdb
import pytest

from localaws.timestream.schema import Relations
from localaws.timestream.sql import grammar, sharing
from localaws.timestream.sql.translate import Translation

Refusal = Callable[[str], str]

NESTED = {
    "abs": ("abs(", "1", ")"),
    "date_trunc": ("date_trunc('day', ", "now()", ")"),
    "date_add": ("date_add('month', 1, ", "now()", ")"),
    "array_union": ("array_union(", "ARRAY[1]", ", ARRAY[2])"),
    "slice": ("slice(", "ARRAY[1]", ", 1, 1)"),
    "subscript": ("ARRAY[", "1", "][1]"),
    "greatest": ("greatest(", "1", ", 2)"),
    "transform": ("transform(", "ARRAY[1]", ", x -> x + 1)"),
    "reduce": ("reduce(", "ARRAY[1]", ", ARRAY[1], (s, x) -> s, s -> s || 1)"),
}


@pytest.mark.parametrize("name", NESTED)
def test_twice_as_deep_is_not_much_more_than_twice_as_large(
    tables: Relations, connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    before, inner, after = NESTED[name]

    def size(depth: int) -> int:
        statement = f"SELECT {before * depth}{inner}{after * depth}"
        return sharing.size(
            Translation(statement, tables, connection, 0).translated(grammar.parse(statement))
        )

    assert size(16) < 3 * size(8)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT " + "(" * 3000 + "1" + ")" * 3000,
        "SELECT " + "transform(ARRAY[1], x -> " * 30 + "x" + ")" * 30,
        "SELECT CAST(" + "ARRAY[" * 30 + "1" + "]" * 30 + " AS " + "ARRAY(" * 30 + "bigint" + ")" * 30 + ")",
        "SELECT " + "ARRAY[" * 500 + "]" * 500,
        "SELECT " + "ROW(" * 500 + "1" + ")" * 500,
    ],
)
def test_what_is_nested_too_deeply_is_refused(refusal: Refusal, statement: str) -> None:
    assert refusal(statement).endswith("The query is too deeply nested")


def test_a_long_chain_of_conditions_is_not_deep(
    tables: Relations, connection: duckdb.DuckDBPyConnection
) -> None:
    statement = "SELECT 1 FROM iot.fleet WHERE " + " OR ".join(f"device_id = 'd{i}'" for i in range(1000))
    assert Translation(statement, tables, connection, 0).translated(grammar.parse(statement))
