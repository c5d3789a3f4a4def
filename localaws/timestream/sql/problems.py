# SPDX-License-Identifier: MIT
"""What is said about a statement that cannot run, in Timestream's words and with its place in the text.

The wordings are those of Timestream where they are known from public reports ("The query syntax is invalid at line
1:8", "line 1:76: Column 'vehicleName' does not exist"), and of Presto, whose engine it shares, elsewhere.
"""

from __future__ import annotations

import re

import duckdb
from sqlglot import exp

from localaws.errors import ValidationException
from localaws.timestream.sql import functions

OPERATORS = {
    exp.Add: ("_plus", "+"),
    exp.Sub: ("_minus", "-"),
    exp.Mul: ("_times", "*"),
    exp.Div: ("_divide", "/"),
    exp.Mod: ("_modulus", "%"),
    exp.Neg: ("_negate", "-"),
}
"""The operators that are macros in the engine: their macros and how they are written."""

SYMBOLS = dict(OPERATORS.values())


def position(statement: str, node: exp.Expression | None) -> str:
    """Where a node stands: `line 1:8`."""
    starts = (part.meta["start"] for part in (node.walk() if node else ()) if "start" in part.meta)
    start = min(starts, default=0)
    before = statement[:start]
    return f"line {before.count(chr(10)) + 1}:{start - before.rfind(chr(10))}"


def problem(
    statement: str, node: exp.Expression | None, message: str, *, syntax: bool = False
) -> ValidationException:
    """The exception that says what is wrong with a node."""
    where = position(statement, node)
    prefix = f"The query syntax is invalid at {where}" if syntax else where
    return ValidationException(f"{prefix}: {message}")


def from_engine(statement: str, tree: exp.Expression, error: duckdb.Error) -> ValidationException:
    """The engine's complaint about a statement, as Timestream words it."""
    text = str(error).partition(" Error: ")[2] or str(error)
    for pattern, kind, message in _COMPLAINTS:
        if found := re.search(pattern, text):
            name = found[1] if found.groups() else ""
            culprit = next((node for node in tree.find_all(kind) if node.name == name), None) if kind else None
            return problem(statement, culprit, message(found)) if kind else ValidationException(message(found))
    return ValidationException(text.splitlines()[0])


def _unfitting(found: re.Match[str]) -> str:
    name = found[1]
    if name in SYMBOLS:
        return f"'{SYMBOLS[name]}' cannot be applied to these types"
    return f"Unexpected parameters for function {name}. Expected: {functions.expected(name)}"


_COMPLAINTS = (
    (r'Referenced column "([^"]+)" not found', exp.Column, lambda m: f"Column '{m[1]}' does not exist"),
    (r'does not have a column named "([^"]+)"', exp.Column, lambda m: f"Column '{m[1]}' does not exist"),
    (r'Referenced table "([^"]+)" not found', exp.Column, lambda m: f"Relation '{m[1]}' does not exist"),
    (
        r'column "([^"]+)" must appear in the GROUP BY',
        exp.Column,
        lambda m: f"'{m[1]}' must be an aggregate expression or appear in GROUP BY clause",
    ),
    (r"Ambiguous reference to column name \"([^\"]+)\"", exp.Column, lambda m: f"Column '{m[1]}' is ambiguous"),
    (r"Macro (\w+)\(\) does not support", exp.Anonymous, _unfitting),
    (r"Division by zero", None, lambda _: "Division by zero"),
    (r"Could not convert string '(.*)' to (\w+)", None, lambda m: f"Cannot cast '{m[1]}' to {m[2]}"),
    (r"More than one row returned by a subquery", None, lambda _: "Scalar sub-query has returned multiple rows"),
    (r"Overflow in \w+ of INT64 \((.*)\)", None, lambda m: f"bigint overflow: {m[1]}"),
    (r"Overflow in \w+ of INT32 \((.*)\)", None, lambda m: f"integer overflow: {m[1]}"),
)
