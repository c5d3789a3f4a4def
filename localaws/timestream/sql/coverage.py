# SPDX-License-Identifier: MIT
"""What a statement covers of its tables: the rows that it cannot do without, by their time and partition key.

A condition counts where it holds for a table's rows before anything else is done with them, in the SELECT of
the table or further out, and only if it compares the column itself with constants: like AWS's, ours is not
pruned by functions of a column, nor by LIKE.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/query-insights-optimize-data-access-pattern.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.pushdown_predicates import pushdown_predicates
from sqlglot.optimizer.qualify_columns import qualify_columns
from sqlglot.optimizer.qualify_tables import qualify_tables

from localaws.timestream.sql.terms import SCHEMA, engine, text

TIME = "time"

_LOW = (exp.GT, exp.GTE)
_HIGH = (exp.LT, exp.LTE)
_TURNED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
}


@dataclass(frozen=True)
class Scan:
    """One reading of a table. `table` is the engine's name of it."""

    table: str
    conditions: tuple[exp.Expr, ...]

    def bounds(self) -> str:
        """A query for the first and the last time that are read, in nanoseconds since 1970.

        Null where the statement names none.
        """
        lows, highs = [], []
        for comparison in self._comparisons(TIME):
            if isinstance(comparison, (*_LOW, exp.EQ)):
                lows.append(comparison.expression)
            if isinstance(comparison, (*_HIGH, exp.EQ)):
                highs.append(comparison.expression)
        return f"SELECT {_nanoseconds('greatest', lows)}, {_nanoseconds('least', highs)}"

    def of_key(self, key: str) -> str:
        """The condition on the partition key, in the engine's terms: `true` if there is none."""
        return _all(each for each in self.conditions if _picks(each, key))

    def where(self, key: str) -> str:
        """The condition on time and partition key together."""
        return _all([*self._comparisons(TIME), *(each for each in self.conditions if _picks(each, key))])

    def _comparisons(self, column: str) -> Iterator[exp.Expr]:
        """The comparisons of a column with a constant, the column on the left."""
        for each in self.conditions:
            if not isinstance(each, tuple(_TURNED)):
                continue
            left, right = each.this, each.expression
            if _is(left, column) and _constant(right):
                yield each
            elif _is(right, column) and _constant(left):
                yield _TURNED[type(each)](this=right, expression=left)


def scans(query: exp.Expr) -> list[Scan]:
    """The readings of tables in a translated query, in the order of their mention."""
    found = _tables(query)
    if len(found) == 1 and _is_of(query, found[0]):
        return [Scan(found[0].name, tuple(_conditions(query)))]
    return [
        Scan(table.name, tuple(_conditions(table.find_ancestor(exp.Select))))
        for table in _tables(_pushed(query))
    ]


def _tables(query: exp.Expr) -> list[exp.Table]:
    return [table for table in query.find_all(exp.Table, bfs=False) if table.db == SCHEMA]


def _is_of(query: exp.Expr, table: exp.Table) -> bool:
    """Whether a query is of that one table and nothing else, so that its conditions are the table's."""
    source = query.args.get("from_")
    if source is None or query.args.get("joins") or source.this.alias_column_names:
        return False
    inner = source.this.this  # what the translation makes of a table: a subquery of its columns
    return isinstance(inner, exp.Select) and table.parent is inner.args.get("from_")


def _pushed(query: exp.Expr) -> exp.Expr:
    """The query with each condition as near to its table as it can be."""
    qualified = qualify_tables(query.copy())
    try:
        qualify_columns(qualified, schema={}, expand_alias_refs=False)
        return pushdown_predicates(qualified)
    except SqlglotError:  # a construct that the optimizer doesn't know: then nothing is known of the rows
        return query


def _conditions(select: exp.Expr | None) -> Iterator[exp.Expr]:
    """What must hold of each row."""
    where = select and select.args.get("where")
    if where is not None:
        condition = where.this.unnest()
        for each in condition.flatten() if isinstance(condition, exp.And) else [condition]:
            yield from _parts(each.unnest())


def _parts(condition: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(condition, exp.Between):
        yield exp.GTE(this=condition.this, expression=condition.args["low"])
        yield exp.LTE(this=condition.this, expression=condition.args["high"])
    else:
        yield condition


def _picks(condition: exp.Expr, column: str) -> bool:
    """Whether a condition names the values of a column that it lets pass."""
    match condition:
        case exp.EQ():
            sides = condition.this, condition.expression
            return any(_is(one, column) and _constant(other) for one, other in (sides, sides[::-1]))
        case exp.In():
            return _is(condition.this, column) and all(map(_constant, condition.expressions or [condition]))
        case exp.Or():
            return all(_picks(each.unnest(), column) for each in condition.flatten())
    return False


def _is(node: exp.Expr, column: str) -> bool:
    return isinstance(node, exp.Column) and node.name.lower() == column.lower()


def _constant(node: exp.Expr) -> bool:
    return node.find(exp.Column, exp.Query) is None


def _all(conditions: Iterator[exp.Expr] | list[exp.Expr]) -> str:
    given = [each.copy() for each in conditions]
    return text(exp.and_(*given)) if given else "true"


def _nanoseconds(which: str, times: list[exp.Expr]) -> str:
    if not times:
        return "NULL"
    moments = [exp.TryCast(this=time.copy(), to=exp.Var(this="TIMESTAMP_NS")) for time in times]
    return text(engine("epoch_ns", engine(which, *moments)))
