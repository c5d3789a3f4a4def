# SPDX-License-Identifier: MIT
"""What names mean at a place in a query: its columns and their types, as DuckDB writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlglot import exp

Fields = dict[str, str]
"""Column name in lower case -> type. Names are not case-sensitive."""


def fields(columns: Iterable[tuple[str, str]], renamed: list[str]) -> Fields:
    """Columns, under the names that an alias such as `t(a, b)` gives to the first of them."""
    given = list(columns)
    names = [*renamed, *(name for name, _ in given[len(renamed) :])]
    return {name.lower(): type_ for name, (_, type_) in zip(names, given, strict=False)}


@dataclass(frozen=True)
class Scope:
    """The sources of one SELECT and what encloses it.

    :ivar ctes: the common table expressions in reach, in the order of their definition.
    :ivar tables: their columns, by their names.
    :ivar sources: the columns of each source of rows, by its alias.
    :ivar outputs: the columns that the SELECT itself names, which ORDER BY may use.
    """

    outer: Scope | None = None
    ctes: list[exp.CTE] = field(default_factory=list)
    tables: dict[str, Fields] = field(default_factory=dict)
    sources: dict[str, Fields] = field(default_factory=dict)
    outputs: Fields = field(default_factory=dict)

    def inner(self) -> Scope:
        """The scope of a query within this one."""
        return Scope(self, list(self.ctes), dict(self.tables))

    def define(self, cte: exp.CTE, columns: Fields) -> None:
        """From here on, a common table expression can be named."""
        self.ctes.append(cte)
        self.tables[cte.alias.lower()] = columns

    def ordering(self, outputs: Fields) -> Scope:
        """This scope as ORDER BY sees it."""
        return replace(self, outputs=outputs)

    def type(self, qualifier: str, name: str) -> str | None:
        """The type of a column; None if there is no such column, here or further out."""
        found = self._own(qualifier.lower(), name.lower())
        if found is None and self.outer is not None:
            return self.outer.type(qualifier, name)
        return found

    def _own(self, qualifier: str, name: str) -> str | None:
        if qualifier:
            return self.sources.get(qualifier, {}).get(name)
        everywhere = (self.outputs, *self.sources.values())
        return next((columns[name] for columns in everywhere if name in columns), None)
