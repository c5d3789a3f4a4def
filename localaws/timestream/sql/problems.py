# SPDX-License-Identifier: MIT
"""What is said about a statement that cannot run, in Timestream's words and with its place in the text.

The wordings are those of Timestream where public reports show them ("The query syntax is invalid at line
1:8", "line 1:76: Column 'vehicleName' does not exist"), and elsewhere those of Presto, whose engine it
shares.
"""

from __future__ import annotations

import re

import duckdb
from sqlglot import exp

from localaws.errors import ValidationException
from localaws.timestream.sql.dialect import start_of

OURS = "\x01"
"""The start of a text whose failing conversion to a bigint is an error that a macro of ours raises."""

_COMPLAINTS = (
    # what the engine says, what Timestream does; \1 is the name of a column, whose place is then told too
    (rf"Could not convert string '{OURS}(.*)' to INT64.*", r"\1"),
    (r"Python exception occurred while executing the UDF: ValueError: (.*)", r"\1"),
    (
        r'[Cc]olumn "([^"]+)" must appear in the GROUP BY.*',
        r"'\1' must be an aggregate expression or appear in GROUP BY clause",
    ),
    (r'Ambiguous reference to column name "([^"]+)".*', r"Column '\1' is ambiguous"),
    (r'.*column "([^"]+)" not found.*', r"Column '\1' does not exist"),
    (r".*Division by zero.*", "Division by zero"),
    (r"Could not convert string '\"?(.*?)\"?' to INT64.*", r"Cannot cast '\1' to BIGINT"),
    (r"Could not convert string '\"?(.*?)\"?' to INT32.*", r"Cannot cast '\1' to INTEGER"),
    (r"Could not convert string '(.*)' to (\w+).*", r"Cannot cast '\1' to \2"),
    (r"More than one row returned by a subquery.*", "Scalar sub-query has returned multiple rows"),
    (r"Overflow in \w+ of INT64 \((.*)\).*", r"bigint overflow: \1"),
    (r"Type INT128 with value (\S+) can't be cast.*", r"bigint overflow: \1"),
    (r"Overflow in \w+ of INT32 \((.*)\).*", r"integer overflow: \1"),
    (r".*argument types '(\w+)\(.*", r"Unexpected parameters for function \1"),
    (r".*function call \"(\w+)\(.*", r"Unexpected parameters for function \1"),
)


def position(statement: str, node: exp.Expr | None) -> str:
    """Where a node stands: `line 1:8`."""
    start = (start_of(node) if node else None) or 0
    return f"line {statement.count(chr(10), 0, start) + 1}:{start - statement.rfind(chr(10), 0, start)}"


def problem(
    statement: str, node: exp.Expr | None, message: str, *, syntax: bool = False
) -> ValidationException:
    """The exception that says what is wrong with a node."""
    where = position(statement, node)
    return ValidationException(f"{'The query syntax is invalid at ' if syntax else ''}{where}: {message}")


def from_engine(statement: str, tree: exp.Expr, error: duckdb.Error | OSError) -> ValidationException:
    """The engine's complaint about a statement, as Timestream words it."""
    complaint = (str(error).partition(" Error: ")[2] or str(error)).splitlines()[0]
    for pattern, wording in _COMPLAINTS:
        if found := re.fullmatch(pattern, complaint):
            return _located(statement, tree, found, found.expand(wording))
    return ValidationException(complaint)


def _located(statement: str, tree: exp.Expr, found: re.Match[str], message: str) -> ValidationException:
    name = found[1].lower() if found.groups() else ""
    columns = (column for column in tree.find_all(exp.Column) if column.name.lower() == name)
    column = next(columns, None)
    return problem(statement, column, message) if column else ValidationException(message)
