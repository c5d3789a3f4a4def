# SPDX-License-Identifier: MIT
"""SHOW DATABASES, SHOW TABLES, SHOW MEASURES and DESCRIBE.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/supported-sql-constructs.SHOW.html,
.../supported-sql-constructs.DESCRIBE.html
"""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from sqlglot import exp

from localaws.timestream.schema import Column, Relation, Relations
from localaws.timestream.sql.problems import problem

_ROLES = {"dimension": "DIMENSION", "measure_name": "MEASURE_NAME", "time": "TIMESTAMP"}

_DIMENSIONS = pa.list_(pa.struct([("dimension_name", pa.string()), ("data_type", pa.string())]))


def answer(
    statement: str, tree: exp.Show | exp.Describe, relations: Relations, connection: duckdb.DuckDBPyConnection
) -> pa.Table:
    """The answer's rows, the names in it held to the LIKE pattern if there is one."""
    if isinstance(tree, exp.Describe):
        return _described(_relation(statement, tree, relations))
    subject = tree.args["name"]
    if subject == "DATABASES":
        names = pa.table({"Database": relations.databases()}, schema=pa.schema([("Database", pa.string())]))
    elif subject == "TABLES":
        names = _tables(tree, relations)
    else:
        names = _measures(_relation(statement, tree, relations), connection)
    return _like(names, tree.text("like")) if tree.args.get("like") else names


def _relation(statement: str, tree: exp.Expr, relations: Relations) -> Relation:
    table = tree.this
    if not isinstance(table, exp.Table) or not table.db:
        raise problem(statement, table, "A table is named as database.table")
    return relations.relation(table.db, table.name)


def _described(relation: Relation) -> pa.Table:
    return pa.table(
        {
            "Column": [column.name for column in relation.columns],
            "Type": [column.type for column in relation.columns],
            "Timestream attribute type": [_role(column) for column in relation.columns],
        }
    )


def _role(column: Column) -> str:
    """The measures of multi-measure records have columns of their own."""
    return _ROLES.get(column.role) or ("MEASURE_VALUE" if _is_single(column) else "MULTI")


def _is_single(column: Column) -> bool:
    return column.name == f"measure_value::{column.type}"


def _tables(tree: exp.Show, relations: Relations) -> pa.Table:
    databases = [tree.this.name] if tree.this else relations.databases()
    pairs = [(database, table) for database in databases for table in relations.tables(database)]
    schema = pa.schema([("Table", pa.string())])
    return pa.table({"Table": [table for _, table in pairs]}, schema=schema)


def _measures(relation: Relation, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Each measure name, the type of its value (`multi` for a multi-measure record) and its dimensions."""
    values = [column for column in relation.columns if column.role == "measure"]
    dimensions = [column for column in relation.columns if column.role == "dimension"]
    present = [f"bool_or({_quoted(column)} IS NOT NULL)" for column in (*values, *dimensions)]
    names = ", ".join(["measure_name", *present])
    found = connection.execute(
        f'SELECT {names} FROM "{relation.name}" GROUP BY measure_name ORDER BY measure_name'  # noqa: S608
    ).fetchall()
    return pa.table(
        {
            "measure_name": [row[0] for row in found],
            "data_type": [_measure_type(values, row[1:]) for row in found],
            "dimensions": [
                [
                    {"dimension_name": column.name, "data_type": column.type}
                    for column, has in zip(dimensions, row[1 + len(values) :], strict=True)
                    if has
                ]
                for row in found
            ],
        },
        schema=pa.schema(
            [("measure_name", pa.string()), ("data_type", pa.string()), ("dimensions", _DIMENSIONS)]
        ),
    )


def _measure_type(values: list[Column], present: tuple[bool, ...]) -> str:
    used = [column for column, has in zip(values, present, strict=False) if has]
    return used[0].type if len(used) == 1 and _is_single(used[0]) else "multi"


def _quoted(column: Column) -> str:
    return '"' + column.name.replace('"', '""') + '"'


def _like(table: pa.Table, pattern: str) -> pa.Table:
    """The rows whose first column matches: `%` is any text, `_` any character."""
    expression = re.compile(re.escape(pattern).replace("%", ".*").replace("_", "."), re.DOTALL)
    return table.filter(
        pa.array([bool(expression.fullmatch(name)) for name in table.column(0).to_pylist()], pa.bool_())
    )
