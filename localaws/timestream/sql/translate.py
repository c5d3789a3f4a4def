# SPDX-License-Identifier: MIT
"""A query of Timestream's, put into DuckDB's terms.

A query is worked through as a reader would: first its common table expressions, then the sources of its
rows, which say what columns there are, then every expression over them, from the leaves up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType

import duckdb
from sqlglot import exp

from localaws.errors import ValidationException
from localaws.timestream.schema import DUCKDB_TYPES, Relations
from localaws.timestream.sql import types
from localaws.timestream.sql.calls import unfitting
from localaws.timestream.sql.dialect import start_of
from localaws.timestream.sql.expressions import Rules
from localaws.timestream.sql.lambdas import HIGHER_ORDER, Function
from localaws.timestream.sql.oracle import Columns, Oracle
from localaws.timestream.sql.problems import problem
from localaws.timestream.sql.scope import Scope, fields
from localaws.timestream.sql.terms import (
    MOST_LAMBDAS,
    SCHEMA,
    TYPE,
    column,
    engine,
    field,
    macro,
    macro_call,
    quoted,
)

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
        whole = exp.Paren(this=tree.copy())
        self._query(whole.this, Scope())
        query: exp.Expr = whole.this.pop()
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
        elif isinstance(query, exp.Values):
            self._values(query, scope)
            query.replace(_with_unnamed_columns(query))
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
        self._grouping(select.args.get("group"))
        names = [_name(projection) for projection in select.expressions]
        self._expressions(select.expressions, scope)
        select.set("expressions", list(map(_named, select.expressions, names)))
        self._expressions((select.args.get(clause) for clause in ("where", "group", "having")), scope)
        _number_bins(select)
        self._expressions(select.args.get("windows", ()), scope)
        if order := select.args.get("order"):
            outputs = {
                p.alias.lower(): self.oracle.type(p.this)
                for p in select.expressions
                if isinstance(p, exp.Alias)
            }
            self._expression(order, scope.ordering(outputs))

    def _grouping(self, group: exp.Group | None) -> None:
        """`GROUP BY ALL x` is `GROUP BY x`; and so is DISTINCT, unless there are several sets of columns."""
        if group is None or group.args.get("all") is None:
            return
        sets = any(group.args.get(kind) for kind in ("grouping_sets", "cube", "rollup"))
        if not group.expressions or (sets and not group.args["all"]):
            raise self._problem(group, "GROUP BY ALL or DISTINCT of this is not supported")
        group.set("all", None)

    def _source(self, source: exp.Expr, scope: Scope) -> None:
        """Translate one source of rows; from then on the scope knows its columns."""
        if isinstance(source, exp.Table):
            self._table(source, scope)
            return
        if isinstance(
            source.args.get("offset"), exp.Identifier
        ):  # the name of the place is one more column's
            source.args["alias"].append("columns", source.args["offset"])
        alias, renamed = source.alias, source.alias_column_names
        if isinstance(source, exp.Subquery):
            self._query(source.this, scope)
            columns = self.oracle.columns(source.this, scope.ctes)
        elif isinstance(source, exp.Unnest):
            columns = self._unnest(source, scope)
        elif isinstance(source, exp.Values):
            self._values(source, scope)
            columns = self.oracle.columns(source, scope.ctes)
        else:
            raise self._problem(source, f"{type(source).__name__} is not supported here")
        scope.add(alias, fields(columns, renamed))

    def _values(self, values: exp.Values, scope: Scope) -> None:
        """`VALUES (('a', 1))` has a row as an item's only value: the item is the row."""
        for item in values.expressions:
            if len(item.expressions) == 1 and isinstance(item.expressions[0], exp.Tuple):
                item.replace(item.expressions[0])
        self._expressions(values.expressions, scope)

    def _unnest(self, unnest: exp.Unnest, scope: Scope) -> Columns:
        """The engine unnests several arrays side by side only in a SELECT: the source becomes one.

        A row turns into its fields, and so does an entry of a map; WITH ORDINALITY adds the place.
        """
        self._expressions(unnest.expressions, scope)
        ordinality = unnest.args.get("offset")
        arrays: list[exp.Expr] = []
        columns: list[tuple[exp.Expr, str, str]] = []
        for array in unnest.expressions:
            is_map = types.is_map(self.oracle.type(array))
            arrays.append(engine("map_entries", array.copy()) if is_map else array.copy())
            element = types.element(self.oracle.type(arrays[-1]))
            if element is None:
                raise self._problem(array, f"Cannot unnest type: {types.name(self.oracle.type(array))}")
            item = exp.column(quoted(f"_{len(arrays)}"))
            parts = enumerate(types.fields(element), 1)
            columns += [(field(item, i, type_), name, type_) for i, (name, type_) in parts] or [
                (item, "", element)
            ]
        if ordinality:
            lengths = [engine("len", array.copy()) for array in arrays]
            arrays.append(engine("generate_series", exp.Literal.number(1), engine("greatest", *lengths)))
            columns.append((exp.column(quoted(f"_{len(arrays)}")), "", "BIGINT"))
        rows = exp.select(*(exp.alias_(node, quoted(name or UNNAMED)) for node, name, _ in columns)).from_(
            exp.select(
                *(exp.alias_(engine("unnest", array), quoted(f"_{i}")) for i, array in enumerate(arrays, 1))
            ).subquery()
        )
        unnest.replace(exp.Subquery(this=rows, alias=unnest.args.get("alias")))
        return [(name, type_) for _, name, type_ in columns]

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
            scope.add(alias.name, fields(typed, renamed))
        elif (columns := scope.tables.get(table.name.lower())) is not None:
            scope.add(alias.name, fields(columns.items(), renamed))
        else:
            raise self._problem(table, "Schema must be specified when session schema is not set")

    def _expressions(self, nodes: Iterable[exp.Expr | None], scope: Scope) -> None:
        for node in list(nodes):
            if node is not None:
                self._expression(node, scope)

    def _expression(self, node: exp.Expr, scope: Scope) -> None:
        """Translate an expression in place."""
        if isinstance(node, exp.Query | exp.Values):
            self._query(node, scope)
        elif isinstance(node, exp.Column):
            self._column(node, scope)
        elif isinstance(node, exp.Connector):  # a chain of conditions may be long
            self._expressions(node.flatten(unnest=False), scope)
        elif isinstance(node, exp.Lambda):
            raise self._problem(node, "A lambda expression is not expected here")
        elif isinstance(node, exp.Anonymous) and any(isinstance(x, exp.Lambda) for x in node.expressions):
            _put(self._higher_order(node, scope), node)
        else:
            if not isinstance(node, exp.Interval):  # its number is part of its name
                self._expressions(node.iter_expressions(), scope)
            _put(self.rules.applied(node), node)

    def _column(self, column: exp.Column, scope: Scope) -> None:
        """Find out what a name means: a lambda's parameter, or a column; whatever more it has are fields.

        `database.table.column` is `table.column` from here on.
        """
        if isinstance(column.this, exp.Star):
            if column.table.lower() not in scope.sources:
                raise self._problem(column, f"Table '{column.table}' not found")
            _put(exp.Column(this=exp.Star(), table=column.args["table"].copy()), column)
            return
        names = [part.name for part in column.parts]
        parameter = scope.parameter(names[0])
        made: exp.Expr
        made, rest = (parameter.copy(), names[1:]) if parameter else self._own_column(column, scope)
        for name in rest:
            made = self.rules.field(made, name, column)
        _put(made, column)

    def _own_column(self, column: exp.Column, scope: Scope) -> tuple[exp.Expr, list[str]]:
        """A column of a source, and the names that follow its own."""
        parts = column.parts
        for count in range(min(len(parts), 3), 0, -1):
            qualifier = parts[count - 2] if count > 1 else None
            type_ = scope.type(qualifier.name if qualifier else "", parts[count - 1].name)
            if type_ is not None:
                found = exp.Column(this=parts[count - 1].copy(), table=qualifier and qualifier.copy())
                found.meta[TYPE] = type_
                return found, [part.name for part in parts[count:]]
        raise self._problem(column, f"Column '{_written(column)}' does not exist")

    def _higher_order(self, call: exp.Anonymous, scope: Scope) -> exp.Expr:
        """The call of a function that takes lambdas: what these take follows from its other arguments."""
        name, arguments = call.name.lower(), call.expressions
        declared = HIGHER_ORDER.get(name)
        if declared is None:
            raise self._problem(call, f"Function '{call.name}' not registered for lambda expressions")
        self._expressions((x for x in arguments if not isinstance(x, exp.Lambda)), scope)
        made = declared.applied(
            [partial(self._function, x, scope) if isinstance(x, exp.Lambda) else x for x in call.expressions],
            self.oracle.type,
        )
        if made is None:
            given = (
                "function" if isinstance(x, exp.Lambda) else self.oracle.type(x) for x in call.expressions
            )
            raise self._problem(call, unfitting(call, name, list(given), declared.expected(name)))
        return made

    def _function(self, lambda_: exp.Lambda, scope: Scope, given: list[str]) -> Function:
        """A lambda whose parameters are of the types given."""
        written = [parameter.name for parameter in lambda_.expressions]
        if len(written) != len(given):
            raise self._problem(lambda_, f"A lambda expression of {len(given)} parameters is expected")
        parameters = {
            name: column(self.rules.fresh(name), type_) for name, type_ in zip(written, given, strict=True)
        }
        body = exp.Paren(this=lambda_.this.copy())
        inner = scope.within_lambda(parameters)
        if inner.lambdas > MOST_LAMBDAS:
            raise self._problem(lambda_, "The query is too deeply nested")
        self._expression(body, inner)
        names = [parameter.name for parameter in parameters.values()]
        return Function(names, body, self.oracle.type(body))


def _number_bins(select: exp.Select) -> None:
    """Group by the numbers of bins, not by their times: DuckDB is faster at it, knowing how few there are."""
    group = select.args.get("group")
    for key in list(group.expressions) if group else ():
        by_place = key.is_int and 0 < int(key.name) <= len(select.expressions)
        column = select.expressions[int(key.name) - 1].unalias() if by_place else key
        called = macro_call(column)
        if called and called.name == "bin":
            key.replace(macro("_bin_number", *(argument.copy() for argument in called.expressions)))


def _engine_table(name: str) -> exp.Table:
    """A table of the store's, by its schema too: no common table expression can take its place."""
    return exp.Table(this=quoted(name), db=quoted(SCHEMA))


def _with_unnamed_columns(values: exp.Values) -> exp.Expr:
    """VALUES as a query, of columns without names."""
    width = len(values.expressions[0].expressions)
    alias = exp.TableAlias(this=quoted("values"), columns=[quoted(f"{UNNAMED}{i}") for i in range(width)])
    return exp.select("*").from_(exp.Values(expressions=values.expressions, alias=alias))


def _put(made: exp.Expr, node: exp.Expr) -> None:
    """Put what a node means into its place; it is still said to stand where the node stood."""
    if made is not node:
        made.meta.setdefault("start", start_of(node) or 0)
        node.replace(made)


def _name(projection: exp.Expr) -> str:
    """The name that a column of the answer has of itself: a column's or a field's."""
    bare = projection.unnest()
    return bare.name if isinstance(bare, exp.Column | exp.Dot) else UNNAMED


def _named(projection: exp.Expr, name: str) -> exp.Expr:
    """A column of the answer, under a name."""
    bare = projection.unnest()
    if isinstance(bare, exp.Alias | exp.Column | exp.Star):
        return bare
    return exp.alias_(projection, name, quoted=True)


def _written(column: exp.Column) -> str:
    return ".".join(part.name for part in column.parts)
