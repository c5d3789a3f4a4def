# SPDX-License-Identifier: MIT
"""Where the columns of an answer come from: which column of which table, and whether they were renamed.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_SelectColumn.html
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify_columns import qualify_columns
from sqlglot.optimizer.qualify_tables import qualify_tables
from sqlglot.optimizer.scope import Scope, build_scope

from localaws.timestream.sql.terms import SCHEMA

_WRITTEN = "written"
"""The key under which an alias that stands in the statement says so."""


@dataclass(frozen=True)
class Origin:
    """Where a column comes from. `table` is the engine's name; None: from no table's column."""

    table: str | None
    aliased: bool


NOWHERE = Origin(None, aliased=False)


def mark(tree: exp.Expr) -> None:
    """Remember of a statement's aliases, before it is translated, that they are the statement's own."""
    for alias in tree.find_all(exp.Alias):
        alias.meta[_WRITTEN] = True


def of(query: exp.Expr, count: int) -> list[Origin]:
    """The origins of a translated query's columns, of which there are so many."""
    qualified = qualify_tables(query.copy())
    try:
        qualify_columns(qualified, schema={}, expand_alias_refs=False)
        scope = build_scope(qualified)
    except SqlglotError:
        scope = None
    found = [_origin(each, scope) for each in _selects(scope)] if scope else []
    return found if len(found) == count else [NOWHERE] * count


def _origin(projection: exp.Expr, scope: Scope) -> Origin:
    return Origin(_table(projection.unalias(), scope), aliased=projection.meta.get(_WRITTEN, False))


def _table(node: exp.Expr, scope: Scope) -> str | None:
    """The table of a column, through whatever subqueries it came."""
    while scope.set_operation_scopes:
        scope = scope.set_operation_scopes[0]
    if not isinstance(node, exp.Column):
        return None
    source = scope.sources.get(node.table) if node.table else _only(scope)
    if isinstance(source, exp.Table):
        return source.name if source.db == SCHEMA else None
    if source is None:
        return None
    inner = next((each for each in _selects(source) if each.alias_or_name == node.name), None)
    return _table(inner.unalias(), source) if inner is not None else None


def _only(scope: Scope) -> exp.Table | Scope | None:
    """The source of a column that names none."""
    selected = [source for _, source in scope.selected_sources.values()]
    return selected[0] if len(selected) == 1 else None


def _selects(scope: Scope) -> list[exp.Expr]:
    return list(scope.expression.selects) if isinstance(scope.expression, exp.Query) else []
