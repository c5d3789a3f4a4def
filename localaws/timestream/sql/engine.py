# SPDX-License-Identifier: MIT
"""The engine behind the SQL: a DuckDB that can reach nothing but its own tables.

Statements are held to Timestream's grammar before they come here (see `grammar`); what is switched off here
is a second wall. `timestream` is an in-memory catalogue that holds the macros of `library`,
apart from the tables.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from localaws.timestream.sql import functions, java
from localaws.timestream.sql.terms import CATALOGUE

MEMORY = "50%"
"""Of the machine's, what the engine may use. What needs more fails, rather than fill a disk."""

LOCKS = {
    "enable_external_access": "false",
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}


def connect(database: Path | None = None, memory: str = MEMORY) -> duckdb.DuckDBPyConnection:
    """Open a database file, or one in memory; it and its cursors are locked down and know the functions."""
    # Of a killed process the kernel keeps what was written; to wait for the disk is not needed
    connection = duckdb.connect(
        str(database or ":memory:"),
        config={"memory_limit": memory, "temp_directory": "", "fsync_mode": "NONE"},
    )
    for name, value in LOCKS.items():
        connection.execute(f"SET {name} = {value}")
    connection.execute(f"ATTACH ':memory:' AS {CATALOGUE}")
    for function, (parameters, result) in java.FUNCTIONS.items():
        connection.create_function(f"java_{function.__name__}", function, [*parameters], result)
    connection.execute(f"BEGIN; {'; '.join(functions.macros())}; COMMIT")  # far quicker than one by one
    return connection
