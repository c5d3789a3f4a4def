# SPDX-License-Identifier: MIT
"""What types things have: asked of the engine, which binds the question and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
from sqlglot import exp

from localaws.timestream.sql.problems import from_engine
from localaws.timestream.sql.terms import TYPE, null, text

Columns = list[tuple[str, str]]
"""Names and types, as DuckDB writes them."""

_KNOWN: dict[str, str] = {}
"""The types of expressions that have been asked for, by their text."""

_MOST_KNOWN = 10_000


class Oracle:
    """Knows the types of the translated parts of one statement."""

    def __init__(self, statement: str, connection: duckdb.DuckDBPyConnection) -> None:
        self.statement = statement
        self.connection = connection

    def type(self, node: exp.Expr) -> str:
        """The type of an expression.

        It is asked for with every column replaced by a null of its type: it depends on nothing but the text.
        """
        if isinstance(node, exp.Column):
            return str(node.meta[TYPE])
        probe = text(node.copy().transform(self._typed_null))
        if probe not in _KNOWN:
            if len(_KNOWN) > _MOST_KNOWN:
                _KNOWN.clear()
            _KNOWN[probe] = self._bound(f"SELECT {probe}", node)[0][1]
        return _KNOWN[probe]

    def columns(self, rows: exp.Expr, ctes: Iterable[exp.CTE]) -> Columns:
        """The columns of a query, given the common table expressions in its reach."""
        with_ = ", ".join(map(text, ctes))
        source = text(rows) if isinstance(rows, exp.Values) else f"({text(rows)})"
        return self._bound(f"{'WITH ' if with_ else ''}{with_} SELECT * FROM {source}", rows)  # noqa: S608

    def matches_nothing(self, pattern: str) -> bool | None:
        """Whether a regular expression matches an empty text; None: it is none of the engine's."""
        try:
            found = self.connection.sql("SELECT regexp_matches('', ?)", params=[pattern]).fetchall()
        except duckdb.Error:
            return None
        return bool(found[0][0])

    def _typed_null(self, node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):  # one without a type is bound by a lambda in the question itself
            return null(node.meta[TYPE]) if TYPE in node.meta else node
        if isinstance(node, exp.Predicate | exp.Connector | exp.Not):
            return null("BOOLEAN")
        if isinstance(node, exp.Query):
            return null(self.type(_first_column(node)))
        if isinstance(node, exp.Window):
            node.set("alias", None)  # a named window is defined elsewhere, and says nothing of the type
        return node

    def _bound(self, question: str, node: exp.Expr) -> Columns:
        try:
            relation = self.connection.sql(question)
        except duckdb.Error as error:
            raise from_engine(self.statement, node, error) from None
        return list(zip(relation.columns, map(str, relation.types), strict=True))


def _first_column(query: exp.Expr) -> exp.Expr:
    while not isinstance(query, exp.Select):
        query = query.this
    first: exp.Expr = query.expressions[0]
    return first.unalias()
