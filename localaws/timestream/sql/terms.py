# SPDX-License-Identifier: MIT
"""Pieces of syntax in DuckDB's terms, and their text."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel
from sqlglot.generators.duckdb import DuckDBGenerator

CATALOGUE = "timestream"
"""The engine's catalogue that holds the macros; `library` names it too."""

SCHEMA = "main"
"""The engine's schema that holds the store's tables."""

TYPE = "engine_type"
"""The key under which a column's node keeps its type."""

AGGREGATE = "aggregate"
"""The key that marks a call of an aggregate or window function of the engine's."""


MOST_LAMBDAS = 6
"""How many lambdas may stand within each other: the time DuckDB takes to bind them doubles with each."""


def engine(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A call of one of DuckDB's own functions."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def macro(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A call of one of the macros."""
    return exp.Dot(this=exp.to_identifier(CATALOGUE), expression=engine(name, *arguments))


def macro_call(node: exp.Expr) -> exp.Anonymous | None:
    """The call within what `macro` made; None if it is something else."""
    called = node.expression if isinstance(node, exp.Dot) else None
    return called if isinstance(called, exp.Anonymous) and node.this.name == CATALOGUE else None


def cast(node: exp.Expr, type_: str) -> exp.Expr:
    """A cast to a type as DuckDB writes it."""
    return exp.Cast(this=node, to=exp.Var(this=type_))


def null(type_: str) -> exp.Expr:
    """A null of a type."""
    return cast(exp.Null(), type_)


def lambda_(names: list[str], body: exp.Expr) -> exp.Expr:
    """A lambda as an argument of one of DuckDB's functions."""
    return exp.Lambda(this=body, expressions=[quoted(name) for name in names])


def column(name: str, type_: str) -> exp.Column:
    """A lambda's parameter, of a type."""
    node = exp.column(quoted(name))
    node.meta[TYPE] = type_
    return node


def field(row: exp.Expr, place: int, type_: str) -> exp.Expr:
    """A row's field, the first has place 1. Its type is made plain, or a null row's would be of no type."""
    return cast(engine("struct_extract_at", row.copy(), exp.Literal.number(place)), type_)


def quoted(name: str) -> exp.Identifier:
    """A name, whatever is in it."""
    return exp.to_identifier(name, quoted=True)


class _Generator(DuckDBGenerator):
    def ignorenulls_sql(self, expression: exp.IgnoreNulls) -> str:
        """As the last words within a call's parentheses."""
        return f"{self.sql(expression, 'this')} IGNORE NULLS"


class _Engine(DuckDB):
    Generator = _Generator


def text(node: exp.Expr) -> str:
    """DuckDB's SQL; UnsupportedError if there is something that sqlglot would leave out of it."""
    return node.sql(
        dialect=_Engine,
        identify=True,
        normalize_functions=False,
        comments=False,
        unsupported_level=ErrorLevel.RAISE,
    )
