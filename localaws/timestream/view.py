# SPDX-License-Identifier: MIT
"""What a statement may name: the tables as they are at one moment."""

from __future__ import annotations

from localaws.errors import ValidationException
from localaws.timestream.catalog import Catalog, Table
from localaws.timestream.schema import Relation
from localaws.timestream.store import Store


class View:
    """The tables as one statement sees them: `schema.Relations` on the catalog. `now` is in nanoseconds."""

    def __init__(self, catalog: Catalog, store: Store, now: int) -> None:
        self._catalog = catalog
        self._store = store
        self._now = now
        self.named: dict[str, Table] = {}
        """The tables that the statement has named so far, by their names in the engine."""

    def relation(self, database: str, table: str) -> Relation:
        """The relation of a table, with everything written and nothing past its retention."""
        with self._store.lock:
            try:
                found = self._tables(database, f"{database}.{table}")[table]
            except KeyError:
                raise ValidationException(
                    f"Requested table '{table}' not found for identifier '{database}.{table}'"
                ) from None
            relation = found.store.relation(found.windows(self._now))
            self.named[relation.name] = found
            return relation

    def databases(self) -> list[str]:
        """All database names, sorted."""
        with self._store.lock:
            return sorted(self._catalog.databases)

    def tables(self, database: str) -> list[str]:
        """A database's table names, sorted."""
        with self._store.lock:
            return sorted(self._tables(database, database))

    def _tables(self, database: str, identifier: str) -> dict[str, Table]:
        try:
            return self._catalog.databases[database].tables
        except KeyError:
            raise ValidationException(
                f"Requested database '{database}' not found for identifier '{identifier}'"
            ) from None
