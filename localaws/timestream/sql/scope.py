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
    """The sources of one SELECT and what encloses it; or the parameters of a lambda.

    :ivar ctes: the common table expressions in reach, in the order of their definition.
    :ivar tables: their columns, by their names.
    :ivar sources: the columns of each source of rows, by its alias, or by its place if it has none.
    :ivar outputs: the columns that the SELECT itself names, which ORDER BY may use.
    :ivar parameters: for each parameter of a lambda what stands for it.
    """

    outer: Scope | None = None
    ctes: list[exp.CTE] = field(default_factory=list)
    tables: dict[str, Fields] = field(default_factory=dict)
    sources: dict[str, Fields] = field(default_factory=dict)
    outputs: Fields = field(default_factory=dict)
    parameters: dict[str, exp.Column] = field(default_factory=dict)

    def inner(self) -> Scope:
        """The scope of a query within this one."""
        return Scope(self, list(self.ctes), dict(self.tables))

    def within_lambda(self, parameters: dict[str, exp.Column]) -> Scope:
        """The scope of a lambda's body."""
        return replace(self.inner(), parameters={name.lower(): node for name, node in parameters.items()})

    @property
    def lambdas(self) -> int:
        """How many lambdas this is within."""
        return bool(self.parameters) + (self.outer.lambdas if self.outer else 0)

    def define(self, cte: exp.CTE, columns: Fields) -> None:
        """From here on, a common table expression can be named."""
        self.ctes.append(cte)
        self.tables[cte.alias.lower()] = columns

    def add(self, alias: str, columns: Fields) -> None:
        """From here on, a source's columns can be named."""
        self.sources[alias.lower() or f"#{len(self.sources)}"] = columns

    def ordering(self, outputs: Fields) -> Scope:
        """This scope as ORDER BY sees it."""
        return replace(self, outputs=outputs)

    def type(self, qualifier: str, name: str) -> str | None:
        """The type of a column; None if there is no such column, here or further out."""
        found = self._own(qualifier.lower(), name.lower())
        if found is None and self.outer is not None:
            return self.outer.type(qualifier, name)
        return found

    def parameter(self, name: str) -> exp.Column | None:
        """What stands for a parameter of a lambda that this is in; None if there is no such."""
        found = self.parameters.get(name.lower())
        if found is None and self.outer is not None:
            return self.outer.parameter(name)
        return found

    def _own(self, qualifier: str, name: str) -> str | None:
        if qualifier:
            return self.sources.get(qualifier, {}).get(name)
        everywhere = (self.outputs, *self.sources.values())
        return next((columns[name] for columns in everywhere if name in columns), None)
