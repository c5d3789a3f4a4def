# SPDX-License-Identifier: MIT
"""What is described rather than measured (databases, tables, tags, scheduled queries), kept on disk.

A document is a JSON object under a kind and a name. A put or a delete has reached the file, as a whole, when
the call returns; SQLite sees to that, and to a process that is killed meanwhile.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

Document = dict[str, Any]


class Documents:
    """The documents of one account and region, in a file, or, without one, in memory."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(file or ":memory:", check_same_thread=False, isolation_level=None)
        # Of a killed process the kernel keeps what was written; to wait for the disk is not needed
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS documents"
            " (kind, name, document, PRIMARY KEY (kind, name)) WITHOUT ROWID"
        )

    def all(self, kind: str) -> dict[str, Document]:
        """Every document of a kind, by its name."""
        with self._lock:
            found = self._connection.execute("SELECT name, document FROM documents WHERE kind = ?", [kind])
            return {name: json.loads(document) for name, document in found}

    def put(self, kind: str, name: str, document: Document) -> None:
        """Keep a document, in the place of the one that has its name."""
        with self._lock:
            self._connection.execute(
                "REPLACE INTO documents VALUES (?, ?, ?)", [kind, name, json.dumps(document)]
            )

    def delete(self, kind: str, name: str) -> None:
        """Forget a document."""
        with self._lock:
            self._connection.execute("DELETE FROM documents WHERE kind = ? AND name = ?", [kind, name])

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
