# SPDX-License-Identifier: MIT
"""A query of Timestream's, put into DuckDB's terms.

A query is worked through as a reader would: first its common table expressions, then the sources of its
rows, which say what columns there are, then every expression over them, from the leaves up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import duckdb
from sqlglot import exp

from localaws.errors import ValidationException
from localaws.timestream.schema import DUCKDB_TYPES, Relations
from localaws.timestream.sql.expressions import Rules
from localaws.timestream.sql.oracle import Oracle
from localaws.timestream.sql.problems import problem
from localaws.timestream.sql.scope import Scope, fields
from localaws.timestream.sql.terms import SCHEMA, TYPE, engine, quoted

NO_PARAMETERS: Mapping[str, int] = MappingProxyType({})

UNNAMED = "_col#"
"""The name given to a column that has none; the answer calls it `_col0`, `_col1`, by its place."""


class Translation:
    """One statement's translation.

    :param relations: the tables it may name.
    :param connection: asked for the types of expressions; nothing is run on it.
    :param now_ns: the moment of the query, in nanoseconds since 1970.
    :param parameters: the moments that parameters stand for, `scheduled_runtime` for `@scheduled_runtime`;
        None where the query is not to run: each is null then, and `parameter_types` tells what it is for.
    :ivar parameter_types: the types that parameters are used as, as DuckDB writes them.
    """

    def __init__(
        self,
        statement: str,
        relations: Relations,
        connection: duckdb.DuckDBPyConnection,
        now_ns: int,
        parameters: Mapping[str, int] | None = NO_PARAMETERS,
    ) -> None:
        self.statement = statement
        self.relations = relations
        self.oracle = Oracle(statement, connection)
        self.rules = Rules(statement, self.oracle, now_ns, parameters)
        self.parameter_types = self.rules.parameter_types

    def translated(self, tree: exp.Expr) -> exp.Expr:
        """The query in DuckDB's terms; the tree given is not changed."""
        query = tree.copy()
        self._query(query, Scope())
        return query

    def _problem(self, node: exp.Expr, message: str) -> ValidationException:
        return problem(self.statement, node, message)

    def _query(self, query: exp.Expr, outer: Scope) -> None:
        scope = outer.inner()
        if with_ := query.args.get("with_"):
            for cte in with_.expressions:
                self._query(cte.this, scope)
                scope.define(cte, fields(self.oracle.columns(cte.this, scope.ctes), cte.alias_column_names))
        if isinstance(query, exp.Select):
            self._select(query, scope)
        elif isinstance(query, exp.SetOperation | exp.Subquery):
            self._combination(query, scope)
        else:
            raise self._problem(query, f"{type(query).__name__} is not supported here")

    def _combination(self, query: exp.SetOperation | exp.Subquery, scope: Scope) -> None:
        for part in filter(None, (query.this, query.args.get("expression"))):
            self._query(part, scope)
        if order := query.args.get("order"):
            outputs = fields(self.oracle.columns(query.this, scope.ctes), [])
            self._expression(order, scope.ordering(outputs))

    def _select(self, select: exp.Select, scope: Scope) -> None:
        joins = select.args.get("joins", ())
        for clause in filter(None, (select.args.get("from_"), *joins)):
            self._source(clause.this, scope)
        self._expressions((join.args.get("on") for join in joins), scope)
        self._expressions(select.expressions, scope)
        select.set("expressions", [_named(projection) for projection in select.expressions])
        self._expressions((select.args.get(clause) for clause in ("where", "group", "having")), scope)
        self._expressions(select.args.get("windows", ()), scope)
        if order := select.args.get("order"):
            outputs = {
                p.alias.lower(): self.oracle.type(p.this)
                for p in select.expressions
                if isinstance(p, exp.Alias)
            }
            self._expression(order, scope.ordering(outputs))

    def _source(self, source: exp.Expr, scope: Scope) -> None:
        """Translate one source of rows; from then on the scope knows its columns."""
        if isinstance(source, exp.Table):
            self._table(source, scope)
            return
        if isinstance(source, exp.Subquery):
            self._query(source.this, scope)
            columns = self.oracle.columns(source.this, scope.ctes)
        elif isinstance(source, exp.Unnest):
            self._expressions(source.expressions, scope)
            parts = [self.oracle.elements(array) for array in source.expressions]
            columns = [column for part in parts for column in part]
            source = _unnested(source, [[name for name, _ in part] for part in parts])
        elif isinstance(source, exp.Values):
            self._expressions(source.expressions, scope)
            columns = self.oracle.columns(source, scope.ctes)
        else:
            raise self._problem(source, f"{type(source).__name__} is not supported here")
        scope.sources[source.alias.lower()] = fields(columns, source.alias_column_names)

    def _table(self, table: exp.Table, scope: Scope) -> None:
        """A table becomes a subquery of exactly its columns, so that nothing else of it can be seen."""
        alias = table.args.get("alias") or exp.TableAlias(this=quoted(table.name))
        renamed = table.alias_column_names
        if not isinstance(table.this, exp.Identifier):
            raise self._problem(table, f"Table function '{table.this.name}' not registered")
        if table.db:
            relation = self.relations.relation(table.db, table.name)
            typed = [(column.name, DUCKDB_TYPES[column.type]) for column in relation.columns]
            names = [exp.column(quoted(name)) for name, _ in typed]
            rows = exp.select(*names).from_(_engine_table(relation.name))
            table.replace(exp.Subquery(this=rows, alias=alias))
            scope.sources[alias.name.lower()] = fields(typed, renamed)
        elif (columns := scope.tables.get(table.name.lower())) is not None:
            scope.sources[alias.name.lower()] = fields(columns.items(), renamed)
        else:
            raise self._problem(table, "Schema must be specified when session schema is not set")

    def _expressions(self, nodes: Iterable[exp.Expr | None], scope: Scope) -> None:
        for node in list(nodes):
            if node is not None:
                self._expression(node, scope)

    def _expression(self, node: exp.Expr, scope: Scope) -> None:
        """Translate an expression in place."""
        if isinstance(node, exp.Query):
            self._query(node, scope)
        elif isinstance(node, exp.Column):
            self._column(node, scope)
        else:
            if not isinstance(node, exp.Interval):  # its number is part of its name
                self._expressions(node.iter_expressions(), scope)
            made = self.rules.applied(node)
            if made is not node:
                made.meta.setdefault("start", node.meta.get("start", 0))
                node.replace(made)

    def _column(self, column: exp.Column, scope: Scope) -> None:
        """Find out a column's type; `database.table.column` is `table.column` from here on."""
        column.set("db", None)
        if isinstance(column.this, exp.Star):
            if column.table.lower() not in scope.sources:
                raise self._problem(column, f"Table '{column.table}' not found")
            return
        type_ = scope.type(column.table, column.name) or self._field(column, scope)
        if type_ is None:
            raise self._problem(column, f"Column '{_written(column)}' does not exist")
        column.meta[TYPE] = type_

    def _field(self, column: exp.Column, scope: Scope) -> str | None:
        """The type of a row's field, written like a table's column."""
        row = scope.type("", column.table) if column.table else None
        return dict(self.oracle.fields(row, column)).get(column.name) if row else None


def _engine_table(name: str) -> exp.Table:
    """A table of the store's, by its schema too: no common table expression can take its place."""
    return exp.Table(this=quoted(name), db=quoted(SCHEMA))


def _unnested(source: exp.Unnest, parts: list[list[str]]) -> exp.Expr:
    """The engine unnests several arrays side by side, and rows into their fields, only in a SELECT.

    :param parts: for each array the fields of its elements, "" for an element that is no row.
    """
    elements = [quoted(f"_{i}") for i in range(len(parts))]
    arrays = [exp.alias_(engine("unnest", a), e) for a, e in zip(source.expressions, elements, strict=True)]
    columns = [
        exp.column(quoted(name), table=element) if name else exp.column(element)
        for element, names in zip(elements, parts, strict=True)
        for name in names
    ]
    rows = exp.select(*columns).from_(exp.select(*arrays).subquery())
    made = exp.Subquery(this=rows, alias=source.args.get("alias"))
    source.replace(made)
    return made


def _named(projection: exp.Expr) -> exp.Expr:
    """A column of the answer, with a name that says so if it has none."""
    bare = projection.unnest()
    if isinstance(bare, exp.Alias | exp.Column | exp.Star):
        return bare
    field = bare.this if isinstance(bare, exp.Cast) and isinstance(bare.this, exp.Dot) else None
    return exp.alias_(projection, field.name if field else UNNAMED, quoted=True)


def _written(column: exp.Column) -> str:
    return ".".join(part.name for part in column.parts)
