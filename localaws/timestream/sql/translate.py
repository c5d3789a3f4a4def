# SPDX-License-Identifier: MIT
"""A query of Timestream's, put into DuckDB's terms.

Every node that means something else to DuckDB has a rule in `_RULES`, by its kind; rules are applied from the leaves
up, so a rule sees its operands already translated, and what it makes is not looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from localaws.errors import ValidationException
from localaws.timestream.schema import Relations
from localaws.timestream.sql import functions
from localaws.timestream.sql.dialect import NANOSECONDS
from localaws.timestream.sql.functions import engine, interval, macro
from localaws.timestream.sql.problems import OPERATORS, problem

UNNAMED = "_col#"
"""The name given to a column that has none; its answer calls it `_col0`, `_col1`, by its place."""

MOST_BIGINT = 2**63 - 1

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

EXTRACTS = {"dow": "day_of_week", "doy": "day_of_year", "yow": "year_of_week"}


class Translation:
    """One statement's translation.

    :param relations: the tables it may name.
    :param now_ns: the moment of the query, in nanoseconds since 1970.
    """

    def __init__(self, statement: str, relations: Relations, now_ns: int) -> None:
        self.statement = statement
        self.relations = relations
        self.now_ns = now_ns

    def query(self, tree: exp.Expression) -> exp.Expression:
        """The query in DuckDB's terms; the tree given is not changed."""
        root = exp.Paren(this=tree.copy())
        for node in reversed(list(root.this.bfs())):
            if rule := _RULES.get(type(node)):
                made = rule(self, node)
                if made is not node:
                    node.replace(made)
        return root.this

    def problem(self, node: exp.Expression, message: str) -> ValidationException:
        return problem(self.statement, node, message)

    def table(self, table: exp.Table) -> exp.Expression:
        """A table becomes a subquery of exactly its columns, so that nothing else of the engine's can be seen."""
        if not table.db:
            if table.name.lower() not in _visible_ctes(table):
                raise self.problem(table, "Schema must be specified when session schema is not set")
            return table
        relation = self.relations.relation(table.db, table.name)
        columns = [exp.column(column.name, quoted=True) for column in relation.columns]
        source = exp.Table(this=exp.to_identifier(relation.name, quoted=True))
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
        return exp.select(*columns).from_(source).subquery(alias=alias, copy=False)

    def column(self, column: exp.Column) -> exp.Expression:
        """`database.table.column` is `table.column`: the subquery above has only the table's name."""
        column.set("db", None)
        return column

    def call(self, call: exp.Anonymous) -> exp.Expression:
        try:
            made = functions.build(call.name.lower(), call.expressions, self.now_ns)
        except ValueError as error:
            raise self.problem(call, str(error)) from None
        if made is None:
            raise self.problem(call, f"Function '{call.name}' not registered")
        return made

    def dot(self, dot: exp.Dot) -> exp.Expression:
        if not isinstance(dot.expression, exp.Identifier):
            raise self.problem(dot, "A function cannot be qualified")
        return dot

    def operation(self, node: exp.Expression) -> exp.Expression:
        name, _ = OPERATORS[type(node)]
        if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
            return node
        return macro(name, *(node.args[part] for part in ("this", "expression") if part in node.args))

    def literal(self, literal: exp.Literal) -> exp.Expression:
        """Timestream has no decimals: a number with a point or an exponent is a double."""
        text = literal.name
        if literal.is_string:
            return literal
        if text.isdigit():
            if int(text) > MOST_BIGINT:
                raise self.problem(literal, f"Invalid numeric literal: {text}")
            return literal
        return exp.Literal.number(text if "e" in text.lower() else f"{text}e0")

    def interval(self, node: exp.Interval) -> exp.Expression:
        """`5m` and `INTERVAL '5' MINUTE`."""
        unit, text = node.text("unit").lower(), node.this.name
        try:
            if unit in NANOSECONDS:
                return interval(_scaled(text, NANOSECONDS[unit]))
            return engine("to_months", exp.Literal.number(int(text) * MONTHS[unit]))
        except (KeyError, ValueError):
            raise self.problem(node, f"Invalid interval: {text} {unit}") from None

    def cast(self, cast: exp.Cast) -> exp.Expression:
        kind = cast.to.this
        if kind not in CASTS:
            raise self.problem(cast, f"Unknown type: {cast.to.sql('trino').lower()}")
        made = macro(CASTS[kind], cast.this)
        return engine("try", made) if isinstance(cast, exp.TryCast) else made

    def extract(self, extract: exp.Extract) -> exp.Expression:
        field = extract.name.lower()
        name = EXTRACTS.get(field, field)
        if name not in functions.EXTRACTABLE:
            raise self.problem(extract, f"Invalid EXTRACT field: {field}")
        return macro(name, extract.expression)

    def strpos(self, node: exp.StrPosition) -> exp.Expression:
        return macro("strpos", node.this, node.args["substr"])

    def subscript(self, bracket: exp.Bracket) -> exp.Expression:
        return macro("_subscript", bracket.this, *bracket.expressions)

    def select(self, select: exp.Select) -> exp.Expression:
        """Give the columns without a name one that tells so."""
        select.set("expressions", [_named(projection) for projection in select.expressions])
        return select


Rule = Callable[[Translation, exp.Expression], exp.Expression]

_RULES: dict[type[exp.Expression], Callable[..., exp.Expression]] = {
    **dict.fromkeys(OPERATORS, Translation.operation),
    exp.Anonymous: Translation.call,
    exp.Bracket: Translation.subscript,
    exp.Cast: Translation.cast,
    exp.Column: Translation.column,
    exp.Dot: Translation.dot,
    exp.Extract: Translation.extract,
    exp.Interval: Translation.interval,
    exp.Literal: Translation.literal,
    exp.Select: Translation.select,
    exp.StrPosition: Translation.strpos,
    exp.Table: Translation.table,
    exp.TryCast: Translation.cast,
}


def _scaled(text: str, unit: int) -> int:
    """`1.5` times a unit, exactly."""
    whole, _, fraction = text.partition(".")
    return int(whole or "0") * unit + int(fraction or "0") * unit // 10 ** len(fraction)


def _named(projection: exp.Expression) -> exp.Expression:
    bare = projection.unnest()
    if isinstance(bare, exp.Alias | exp.Column | exp.Star) or isinstance(bare, exp.Dot) and _is_field(bare):
        return bare
    return exp.alias_(projection, UNNAMED, quoted=True)


def _is_field(dot: exp.Dot) -> bool:
    return isinstance(dot.expression, exp.Identifier)


def _visible_ctes(table: exp.Table) -> set[str]:
    """The names of the common table expressions in scope at a table."""
    return {cte.alias.lower() for cte in _ctes_above(table)}


def _ctes_above(node: exp.Expression) -> Iterator[exp.CTE]:
    child = node
    while parent := child.parent:
        if isinstance(parent, exp.With):
            before = parent.expressions.index(child)
            yield from parent.expressions[: before + 1 if parent.recursive else before]
        elif (with_ := parent.args.get("with_")) and with_ is not child:
            yield from with_.expressions
        child = parent
