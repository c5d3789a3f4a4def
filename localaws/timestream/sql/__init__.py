# SPDX-License-Identifier: MIT
"""Timestream's SQL: read by sqlglot, held to a grammar, run by DuckDB, answered in Timestream's shapes.

query      running one statement
grammar    which syntax may run               dialect    how the text is read
library    what functions there are           functions  calls of them
types      what types there are               scope      what names mean
translate  the query in DuckDB's terms        engine     the DuckDB, locked down
render     answers in Timestream's shapes     catalogue  SHOW and DESCRIBE
problems   what is said about a bad statement
"""

from localaws.timestream.sql.engine import connect
from localaws.timestream.sql.query import Answer, run

__all__ = ["Answer", "connect", "run"]
