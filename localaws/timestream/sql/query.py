# SPDX-License-Identifier: MIT
"""Running one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from sqlglot import exp
from sqlglot.errors import UnsupportedError

from localaws.errors import ValidationException
from localaws.timestream.schema import Relations
from localaws.timestream.sql import catalogue, grammar, problems, render
from localaws.timestream.sql.translate import UNNAMED, Translation


@dataclass(frozen=True)
class Answer:
    """What a statement answers: Timestream's ColumnInfo, one a column, and Row, one a row."""

    columns: list[dict[str, Any]]
    rows: list[dict[str, Any]]


def run(statement: str, relations: Relations, connection: duckdb.DuckDBPyConnection, now_ns: int) -> Answer:
    """Run a statement of Timestream's SQL.

    :param relations: the tables it may name.
    :param connection: a cursor, of its own, of a connection that `engine.connect` opened.
    :param now_ns: what `now()` is, in nanoseconds since 1970.
    :raises ValidationException: the statement is not one, or fails on the data.
    """
    try:
        tree = grammar.parse(statement)
        if isinstance(tree, exp.Show | exp.Describe):
            return _answer(catalogue.answer(statement, tree, relations, connection))
        text = Translation(statement, relations, connection, now_ns).translated(tree)
    except RecursionError:
        raise ValidationException("The query is too deeply nested") from None
    except UnsupportedError as error:
        raise ValidationException(str(error)) from None
    try:
        table = connection.sql(text).to_arrow_table()
    except (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError) as error:
        raise problems.from_engine(statement, tree, error) from None
    except duckdb.OutOfMemoryException:
        raise ValidationException("The query needs more memory than there is") from None
    return _answer(table)


def _answer(table: pa.Table) -> Answer:
    columns = [
        render.column_info(f"_col{i}" if field.name.startswith(UNNAMED) else field.name, field.type)
        for i, field in enumerate(table.schema)
    ]
    data = [render.data(column.combine_chunks()) for column in table.columns]
    return Answer(columns, [{"Data": list(row)} for row in zip(*data, strict=True)])
