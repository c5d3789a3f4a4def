# SPDX-License-Identifier: MIT
"""The table of Timestream's functions: what each means in DuckDB. What is not in it cannot be called.

A function is declared once:

MACROS          by its signature, in Timestream's types, and its meaning, in DuckDB's SQL. The same name twice
                is an overload, an indented line goes on, a leading underscore keeps a helper out of reach of
                queries. A macro may use those declared before it.
AGGREGATES      likewise, the functions of many rows, which may carry DISTINCT, ORDER BY, FILTER and OVER.
ENGINE          by name, what DuckDB calls the same and takes any number of arguments.
functions.BUILT by Python, where the number of arguments varies.
lambdas         those that take a lambda.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/reference.html
"""

from __future__ import annotations

from localaws.timestream.sql import formats
from localaws.timestream.sql.library import (
    aggregates,
    arrays,
    casts,
    helpers,
    maps,
    mathematics,
    operators,
    regexes,
    series,
    strings,
    time,
    urls,
)

_PARTS = (
    helpers, operators, casts, time, mathematics, strings, regexes, urls, arrays, maps, series, aggregates,
)  # fmt: skip

MACROS = "".join(part.MACROS for part in _PARTS)

AGGREGATES = aggregates.DECLARATIONS

ENGINE = {"coalesce", "nullif", "try"}

ALIKE = {"coalesce", "greatest", "least", "nullif"}
"""Of those and of the built ones, those whose arguments are of one type."""

TEXTS = {"array_join"}
"""The functions whose first argument, an array, is read as one of texts."""

SIGNS = {
    "_plus": "+", "_minus": "-", "_times": "*", "_divide": "/", "_modulus": "%", "_negate": "-",
    "_joined": "||", "_subscript": "[]",
}  # fmt: skip
"""The macros that are operators, as queries write them."""

CLOCK = {
    "ago", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "now",
}  # fmt: skip
"""The macros whose first argument is the moment of the query."""

PATTERNS = {
    "date_format": formats.written_mysql,
    "date_parse": formats.read_mysql,
    "format_datetime": formats.written_joda,
    "parse_datetime": formats.read_joda,
}
"""The macros whose last argument is a date's pattern, and who makes the plan of it that they carry out."""

EXTRACTABLE = {
    "year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy",
    "year_of_week", "yow", "hour", "minute", "second", "millisecond", "nanosecond",
}  # fmt: skip
"""The fields of EXTRACT, each also a function."""
