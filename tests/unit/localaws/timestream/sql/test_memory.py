# SPDX-License-Identifier: MIT
"""Statements that need more memory than the engine has: they fail, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from localaws.errors import QueryExecutionException
from localaws.timestream import sql
from localaws.timestream.schema import Relations

NOW = 1_767_268_800_123_456_789
THOUSANDS = "UNNEST(sequence(1, 10000))"


@pytest.fixture(scope="module")
def small() -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine with little memory."""
    connection = sql.connect(memory="64MB")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        f"SELECT a.x, b.y FROM {THOUSANDS} a(x), {THOUSANDS} b(y) ORDER BY a.x + b.y",
        f"SELECT DISTINCT a.x * 100000 + b.y FROM {THOUSANDS} a(x), {THOUSANDS} b(y)",
        f"SELECT array_agg(a.x) FROM {THOUSANDS} a(x), {THOUSANDS} b(y)",
        f"SELECT count(DISTINCT rpad(CAST(x AS VARCHAR), 100000, 'y')) FROM {THOUSANDS} a(x)",
    ],
)
def test_what_does_not_fit_fails(
    small: duckdb.DuckDBPyConnection,
    tables: Relations,
    statement: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(QueryExecutionException, match="more memory than there is"):
        for _ in sql.Statement(statement, tables, small.cursor(), NOW).batches():
            pass
    assert list(tmp_path.iterdir()) == []
    answer = sql.run(f"SELECT sum(x) FROM {THOUSANDS} t(x)", tables, small.cursor(), NOW)
    assert answer.rows == [{"Data": [{"ScalarValue": "50005000"}]}]


def test_a_long_answer_does_not_pile_up(small: duckdb.DuckDBPyConnection, tables: Relations) -> None:
    statement = f"SELECT a.x, rpad('x', 100, 'y') FROM {THOUSANDS} a(x), UNNEST(sequence(1, 500)) b(y)"
    batches = sql.Statement(statement, tables, small.cursor(), NOW).batches()
    assert sum(batch.num_rows for batch in batches) == 5_000_000  # 600 MB of them
