# SPDX-License-Identifier: MIT
"""A query of Timestream's, put into DuckDB's terms.

A query is worked through as a reader would: first its common table expressions, then the sources of its
rows, which say what columns there are, then every expression over them, from the leaves up. A node that
means something else to DuckDB has a rule in `_RULES`, by its kind. Each column knows its type, so the type
of any expression can be asked of the engine; that is how overloaded functions and operators are told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import duckdb
from sqlglot import exp

from localaws.errors import ValidationException
from localaws.timestream.schema import DUCKDB_TYPES, Relations
from localaws.timestream.sql import functions, library, types
from localaws.timestream.sql.dialect import NANOSECONDS
from localaws.timestream.sql.functions import engine, macro
from localaws.timestream.sql.problems import from_engine, problem
from localaws.timestream.sql.scope import Scope, fields

UNNAMED = "_col#"
"""The name given to a column that has none; the answer calls it `_col0`, `_col1`, by its place."""

MOST_BIGINT = 2**63 - 1

OPERATORS: dict[type[exp.Expr], tuple[str, str]] = {
    exp.Add: ("_plus", "+"),
    exp.Sub: ("_minus", "-"),
    exp.Mul: ("_times", "*"),
    exp.Div: ("_divide", "/"),
    exp.Mod: ("_modulus", "%"),
    exp.Neg: ("_negate", "-"),
}

COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}

CASTS = {
    exp.DType.BIGINT: "_to_bigint",
    exp.DType.BOOLEAN: "_to_boolean",
    exp.DType.DATE: "_to_date",
    exp.DType.DOUBLE: "_to_double",
    exp.DType.INT: "_to_integer",
    exp.DType.TIME: "_to_time",
    exp.DType.TIMESTAMP: "_to_timestamp",
    exp.DType.VARCHAR: "_to_varchar",
}

MONTHS = {"month": 1, "year": 12}

_TYPE = "engine_type"
"""The key of a column's type in its node's meta data."""

_TYPES: dict[str, str] = {}
"""The types of expressions that have been asked for, by their text."""

_MOST_TYPES = 10_000


class Translation:
    """One statement's translation.

    :param relations: the tables it may name.
    :param connection: asked for the types of expressions; nothing is run on it.
    :param now_ns: the moment of the query, in nanoseconds since 1970.
    """

    def __init__(
        self, statement: str, relations: Relations, connection: duckdb.DuckDBPyConnection, now_ns: int
    ) -> None:
        self.statement = statement
        self.relations = relations
        self.connection = connection
        self.now = engine("make_timestamp_ns", exp.Literal.number(now_ns))

    def translated(self, tree: exp.Expr) -> str:
        """The query in DuckDB's SQL; the tree given is not changed."""
        query = tree.copy()
        self._query(query, Scope())
        return _text(query)

    def problem(self, node: exp.Expr, message: str) -> ValidationException:
        """What is wrong with a node of the statement."""
        return problem(self.statement, node, message)

    # queries and the sources of their rows

    def _query(self, query: exp.Expr, outer: Scope) -> None:
        scope = outer.inner()
        if with_ := query.args.get("with_"):
            for cte in with_.expressions:
                self._query(cte.this, scope)
                scope.define(cte, fields(self._columns(cte.this, scope), cte.alias_column_names))
        if isinstance(query, exp.Select):
            self._select(query, scope)
        elif isinstance(query, exp.SetOperation | exp.Subquery):
            self._combination(query, scope)
        else:
            raise self.problem(query, f"{type(query).__name__} is not supported here")

    def _combination(self, query: exp.SetOperation | exp.Subquery, scope: Scope) -> None:
        for part in filter(None, (query.this, query.args.get("expression"))):
            self._query(part, scope)
        if order := query.args.get("order"):
            outputs = fields(self._columns(query.this, scope), [])
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
                p.alias.lower(): self.type(p.this) for p in select.expressions if isinstance(p, exp.Alias)
            }
            self._expression(order, scope.ordering(outputs))

    def _source(self, source: exp.Expr, scope: Scope) -> None:
        """Translate one source of rows; from then on the scope knows its columns."""
        if isinstance(source, exp.Table):
            self._table(source, scope)
            return
        if isinstance(source, exp.Subquery):
            self._query(source.this, scope)
            columns = self._columns(source.this, scope)
        elif isinstance(source, exp.Unnest):
            self._expressions(source.expressions, scope)
            parts = [self._elements(array) for array in source.expressions]
            columns = [column for part in parts for column in part]
            source = _unnested(source, [[name for name, _ in part] for part in parts])
        elif isinstance(source, exp.Values):
            self._expressions(source.expressions, scope)
            columns = self._columns(source, scope)
        else:
            raise self.problem(source, f"{type(source).__name__} is not supported here")
        scope.sources[source.alias.lower()] = fields(columns, source.alias_column_names)

    def _table(self, table: exp.Table, scope: Scope) -> None:
        """A table becomes a subquery of exactly its columns, so that nothing else of it can be seen."""
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
        renamed = table.alias_column_names
        if not isinstance(table.this, exp.Identifier):
            raise self.problem(table, f"Table function '{table.this.name}' not registered")
        if table.db:
            relation = self.relations.relation(table.db, table.name)
            typed = [(column.name, DUCKDB_TYPES[column.type]) for column in relation.columns]
            names = [exp.column(exp.to_identifier(name, quoted=True)) for name, _ in typed]
            rows = exp.select(*names).from_(_engine_table(relation.name))
            table.replace(exp.Subquery(this=rows, alias=alias))
            scope.sources[alias.name.lower()] = fields(typed, renamed)
        elif (columns := scope.tables.get(table.name.lower())) is not None:
            scope.sources[alias.name.lower()] = fields(columns.items(), renamed)
        else:
            raise self.problem(table, "Schema must be specified when session schema is not set")

    # types

    def _columns(self, rows: exp.Expr, scope: Scope) -> list[tuple[str, str]]:
        """The columns that a translated query has, by name and type."""
        with_ = "WITH " + ", ".join(map(_text, scope.ctes)) if scope.ctes else ""
        source = _text(rows) if isinstance(rows, exp.Values) else f"({_text(rows)})"
        return self._described(f"{with_} SELECT * FROM {source}", rows)  # noqa: S608  (translated)

    def type(self, node: exp.Expr) -> str:
        """The type of a translated expression, as DuckDB writes it.

        It is asked for with every column replaced by a null of its type: it depends on nothing but the text.
        """
        if isinstance(node, exp.Column):
            return str(node.meta[_TYPE])
        probe = _text(node.copy().transform(self._typed_null))
        if probe not in _TYPES:
            if len(_TYPES) > _MOST_TYPES:
                _TYPES.clear()
            _TYPES[probe] = self._described(f"SELECT {probe}", node)[0][1]
        return _TYPES[probe]

    def _typed_null(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return _null(node.meta[_TYPE])
        if isinstance(node, exp.Predicate | exp.Connector | exp.Not):
            return _null("BOOLEAN")
        if isinstance(node, exp.Query):
            return _null(self.type(_first_column(node)))
        if isinstance(node, exp.Window):
            node.set("alias", None)  # a named window is defined elsewhere, and says nothing of the type
        return node

    def _elements(self, array: exp.Expr) -> list[tuple[str, str]]:
        """The columns that an array's elements become: a row's fields, or one without a name."""
        element = self.type(engine("unnest", array.copy()))
        return self._fields(element, array) or [("", element)]

    def _fields(self, type_: str, node: exp.Expr) -> list[tuple[str, str]]:
        """The fields of a type, by name and type; none if it is not a row's."""
        if not type_.startswith("STRUCT"):
            return []
        return self._described(f"SELECT r.* FROM (SELECT CAST(NULL AS {type_}) AS r)", node)  # noqa: S608  (a type)

    def _described(self, text: str, node: exp.Expr) -> list[tuple[str, str]]:
        try:
            relation = self.connection.sql(text)
        except duckdb.Error as error:
            raise from_engine(self.statement, node, error) from None
        return list(zip(relation.columns, map(str, relation.types), strict=True))

    # expressions

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
            self._expressions(node.iter_expressions(), scope)
            if rule := _RULES.get(type(node)):
                made = rule(self, node)
                if made is not node:
                    node.replace(made)

    def _column(self, column: exp.Column, scope: Scope) -> None:
        """Find out a column's type; `database.table.column` is `table.column` from here on."""
        column.set("db", None)
        if isinstance(column.this, exp.Star):
            if column.table.lower() not in scope.sources:
                raise self.problem(column, f"Table '{column.table}' not found")
            return
        type_ = scope.type(column.table, column.name) or self._field(column, scope)
        if type_ is None:
            raise self.problem(column, f"Column '{_written(column)}' does not exist")
        column.meta[_TYPE] = type_

    def _field(self, column: exp.Column, scope: Scope) -> str | None:
        """The type of a row's field, written like a table's column."""
        row = scope.type("", column.table) if column.table else None
        return dict(self._fields(row, column)).get(column.name) if row else None

    def _call(self, call: exp.Anonymous) -> exp.Expr:
        name, arguments = call.name.lower(), call.expressions
        if translate := library.PATTERNS.get(name):
            arguments = arguments[:1] + [self._pattern(pattern, translate) for pattern in arguments[1:]]
        if name in library.CLOCK:
            arguments = [self.now.copy(), *arguments]
        if name in functions.OVERLOADS and not name.startswith("_"):
            return self._overloaded(call, name, arguments)
        try:
            made = functions.build(name, arguments)
        except TypeError:
            raise self.problem(call, f"Unexpected number of arguments for function {name}") from None
        if made is None:
            raise self.problem(call, f"Function '{call.name}' not registered")
        return self._summed(made, call)

    def _pattern(self, pattern: exp.Expr, translate: Callable[[str], str]) -> exp.Expr:
        if not pattern.is_string:
            raise self.problem(pattern, "The format of a date must be a literal")
        try:
            return exp.Literal.string(translate(pattern.name))
        except ValueError as error:
            raise self.problem(pattern, str(error)) from None

    def _overloaded(self, node: exp.Expr, name: str, arguments: list[exp.Expr]) -> exp.Expr:
        """The call of the overload whose parameters are nearest to the types of the arguments."""
        given = [self.type(argument) for argument in arguments]
        found = functions.nearest(name, given)
        if found is None:
            raise self.problem(node, _unfitting(node, name, given))
        wanted = [
            argument if cast is None else _cast(argument, cast)
            for argument, cast in zip(arguments, found.casts, strict=True)
        ]
        return macro(found.macro, *wanted)

    def _operation(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Neg) and node.this.is_number:
            return node
        operands = [node.args[part] for part in ("this", "expression") if part in node.args]
        return self._overloaded(node, OPERATORS[type(node)][0], operands)

    def _summed(self, node: exp.Expr, written: exp.Expr) -> exp.Expr:
        """A sum is of its operands' type in Timestream, of a wider one in DuckDB."""
        if isinstance(written.parent, _AROUND_A_CALL) or not _is_sum(node):
            return node
        type_ = types.SUMS.get(self.type(node))
        return _cast(node.copy(), type_) if type_ else node

    def _around(self, node: exp.Expr) -> exp.Expr:
        return self._summed(node, node)

    def _comparison(self, node: exp.Expr) -> exp.Expr:
        """The engine would compare a text with a number by reading a number out of it."""
        if not isinstance(node.expression, exp.Any | exp.All):
            left, right = self.type(node.this), self.type(node.expression)
            if not types.comparable(left, right):
                shown = f"{types.name(left)}, {types.name(right)}"
                raise self.problem(node, f"'{COMPARISONS[type(node)]}' cannot be applied to {shown}")
        return node

    def _literal(self, literal: exp.Literal) -> exp.Expr:
        """Timestream has no decimals: a number with a point or an exponent is a double."""
        text = literal.name
        if literal.is_string:
            return literal
        if text.isdigit():
            if int(text) > MOST_BIGINT:
                raise self.problem(literal, f"Invalid numeric literal: {text}")
            return literal
        return exp.Literal.number(text if "e" in text.lower() else f"{text}e0")

    def _interval(self, node: exp.Interval) -> exp.Expr:
        """`5m` and `INTERVAL '5' MINUTE`."""
        unit, text = node.text("unit").lower(), node.this.name.lower().removesuffix("e0")
        try:
            if unit in NANOSECONDS:
                return macro("_interval", exp.Literal.number(_scaled(text, NANOSECONDS[unit])))
            return engine("to_months", exp.Literal.number(int(text) * MONTHS[unit]))
        except (KeyError, ValueError):
            raise self.problem(node, f"Invalid interval: {text} {unit}") from None

    def _conversion(self, cast: exp.Cast) -> exp.Expr:
        kind = cast.to.this
        if kind not in CASTS or cast.to.expressions:
            raise self.problem(cast, f"Unknown type: {cast.to.sql('trino').lower()}")
        made = self._overloaded(cast, CASTS[kind], [cast.this])
        return engine("try", made) if isinstance(cast, exp.TryCast) else made

    def _extract(self, extract: exp.Extract) -> exp.Expr:
        name = extract.name.lower()
        if name not in library.EXTRACTABLE:
            raise self.problem(extract, f"Invalid EXTRACT field: {name}")
        return self._overloaded(extract, name, [extract.expression])

    def _strpos(self, node: exp.StrPosition) -> exp.Expr:
        return self._overloaded(node, "strpos", [node.this, node.args["substr"]])

    def _subscript(self, bracket: exp.Bracket) -> exp.Expr:
        return self._overloaded(bracket, "_subscript", [bracket.this, *bracket.expressions])

    def _dot(self, dot: exp.Dot) -> exp.Expr:
        if not isinstance(dot.expression, exp.Identifier):
            raise self.problem(dot, "The name of a function cannot be qualified")
        return dot


_AROUND_A_CALL = (exp.Window, exp.Filter, exp.IgnoreNulls, exp.RespectNulls)

_RULES: dict[type[exp.Expr], Callable[[Translation, Any], exp.Expr]] = {
    **dict.fromkeys(OPERATORS, Translation._operation),
    **dict.fromkeys(COMPARISONS, Translation._comparison),
    **dict.fromkeys(_AROUND_A_CALL, Translation._around),
    exp.Anonymous: Translation._call,
    exp.Bracket: Translation._subscript,
    exp.Cast: Translation._conversion,
    exp.Dot: Translation._dot,
    exp.Extract: Translation._extract,
    exp.Interval: Translation._interval,
    exp.Literal: Translation._literal,
    exp.StrPosition: Translation._strpos,
    exp.TryCast: Translation._conversion,
}


def _engine_table(name: str) -> exp.Table:
    """A table of the store's, by its schema too: no common table expression can take its place."""
    return exp.Table(this=exp.to_identifier(name, quoted=True), db=exp.to_identifier("main", quoted=True))


def _unnested(source: exp.Unnest, parts: list[list[str]]) -> exp.Expr:
    """The engine unnests several arrays side by side, and rows into their fields, only in a SELECT.

    :param parts: for each array the fields of its elements, "" for an element that is no row.
    """
    elements = [exp.to_identifier(f"_{i}", quoted=True) for i in range(len(parts))]
    arrays = [exp.alias_(engine("unnest", a), e) for a, e in zip(source.expressions, elements, strict=True)]
    columns = [
        exp.column(exp.to_identifier(name, quoted=True), table=element) if name else exp.column(element)
        for element, names in zip(elements, parts, strict=True)
        for name in names
    ]
    rows = exp.select(*columns).from_(exp.select(*arrays).subquery())
    made = exp.Subquery(this=rows, alias=source.args.get("alias"))
    source.replace(made)
    return made


def _text(node: exp.Expr) -> str:
    return node.sql(dialect="duckdb", identify=True, normalize_functions=False, comments=False)


def _null(type_: str) -> exp.Expr:
    return _cast(exp.Null(), type_)


def _cast(node: exp.Expr, type_: str) -> exp.Expr:
    """A cast of the engine's own, to a type as it writes it."""
    return exp.Cast(this=node, to=exp.Var(this=type_))


def _scaled(text: str, unit: int) -> int:
    """`1.5` times a unit, exactly."""
    whole, _, fraction = text.partition(".")
    parts: int = 10 ** len(fraction)
    return int(whole or "0") * unit + int(fraction or "0") * unit // parts


def _named(projection: exp.Expr) -> exp.Expr:
    bare = projection.unnest()
    if isinstance(bare, exp.Alias | exp.Column | exp.Star):
        return bare
    if isinstance(bare, exp.Dot) and isinstance(bare.expression, exp.Identifier):
        return bare
    return exp.alias_(projection, UNNAMED, quoted=True)


def _first_column(query: exp.Expr) -> exp.Expr:
    while not isinstance(query, exp.Select):
        query = query.this
    first: exp.Expr = query.expressions[0]
    return first.unalias()


def _is_sum(node: exp.Expr) -> bool:
    while isinstance(node, _AROUND_A_CALL):
        node = node.this
    return isinstance(node, exp.Anonymous) and node.name in library.SUMS


def _written(column: exp.Column) -> str:
    return ".".join(part.name for part in column.parts)


def _unfitting(node: exp.Expr, name: str, given: list[str]) -> str:
    shown = ", ".join(map(types.name, given))
    if type(node) in OPERATORS:
        return f"'{OPERATORS[type(node)][1]}' cannot be applied to {shown}"
    if isinstance(node, exp.Cast):
        return f"Cannot cast {shown} to {node.to.sql('trino').lower()}"
    if name in library.CLOCK:
        shown = ", ".join(map(types.name, given[1:]))
    return f"Unexpected parameters ({shown}) for function {name}. Expected: {functions.expected(name)}"
