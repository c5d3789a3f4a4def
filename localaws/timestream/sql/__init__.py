# SPDX-License-Identifier: MIT
"""Timestream's SQL: read by sqlglot, held to Timestream's grammar, run by DuckDB, answered in Timestream's shapes.

    dialect    how the text is read           grammar    what syntax may run
    functions  what functions there are       translate  the query in DuckDB's terms
    engine     the DuckDB, locked down        render     its answer in Timestream's shapes
    catalogue  SHOW and DESCRIBE              problems   what is said about a bad statement
"""

from localaws.timestream.sql.engine import connect
from localaws.timestream.sql.query import Answer, run

__all__ = ["Answer", "connect", "run"]
