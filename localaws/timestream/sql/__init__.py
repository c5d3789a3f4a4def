# SPDX-License-Identifier: MIT
"""Timestream's SQL: read by sqlglot, held to a grammar, run by DuckDB, answered in Timestream's shapes.

query        running one statement
dialect      how the text is read               grammar    which syntax may run
library      what functions there are           functions  calls of them
types        what types there are               oracle     what types things have
scope        what names mean                    translate  the query in DuckDB's terms
expressions  its expressions                    terms      pieces of DuckDB's SQL
engine       the DuckDB, locked down            render     answers in Timestream's shapes
catalogue    SHOW and DESCRIBE                  problems   what is said about a bad statement
coverage     what of its tables it covers       origins    which columns its columns are
calls        which overload is meant            formats    patterns of dates
conversions  casts                              java       Java's regular expressions
aggregation  functions of many rows             regexes    when the engine's will do
lambdas      functions that take lambdas        sharing    large arguments, written once
"""

from localaws.timestream.sql.coverage import Scan
from localaws.timestream.sql.dialect import Unload
from localaws.timestream.sql.engine import connect
from localaws.timestream.sql.query import Answer, Batches, Statement, columns, rows, run
from localaws.timestream.sql.render import data

__all__ = [
    "Answer",
    "Batches",
    "Scan",
    "Statement",
    "Unload",
    "columns",
    "connect",
    "data",
    "rows",
    "run",
]
