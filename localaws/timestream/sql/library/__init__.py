# SPDX-License-Identifier: MIT
"""The table of Timestream's functions: what each means in DuckDB. What is not in it cannot be called.

A function is declared once:

MACROS          by its signature, in Timestream's types, and its meaning, in DuckDB's SQL. The same name twice
                is an overload, an indented line goes on, a leading underscore keeps a helper out of reach of
                queries. A macro may use those declared before it.
ENGINE          by the name of a function of DuckDB's that means the same: mostly aggregates and window
                functions, which may carry DISTINCT, ORDER BY, FILTER and OVER.
functions.BUILT by Python, where the number of arguments varies.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/reference.html
"""

from __future__ import annotations

from localaws.timestream.sql import formats
from localaws.timestream.sql.library import (
    arrays,
    casts,
    helpers,
    mathematics,
    operators,
    series,
    strings,
    time,
)

MACROS = "".join(
    part.MACROS for part in (helpers, operators, casts, time, mathematics, strings, arrays, series)
)

AGGREGATES = {
    "approx_percentile": "quantile_disc",  # exact, hence within the error Timestream allows itself
    "arbitrary": "any_value",
    "array_agg": "array_agg",
    "avg": "avg",
    "bitwise_and_agg": "bit_and",
    "bitwise_or_agg": "bit_or",
    "bool_and": "bool_and",
    "bool_or": "bool_or",
    "corr": "corr",
    "count": "count",
    "count_if": "count_if",
    "covar_pop": "covar_pop",
    "covar_samp": "covar_samp",
    "every": "bool_and",
    "geometric_mean": "geomean",
    "kurtosis": "kurtosis",
    "max": "max",
    "min": "min",
    "regr_intercept": "regr_intercept",
    "regr_slope": "regr_slope",
    "skewness": "skewness",
    "stddev": "stddev_samp",
    "stddev_pop": "stddev_pop",
    "stddev_samp": "stddev_samp",
    "sum": "sum",
    "var_pop": "var_pop",
    "var_samp": "var_samp",
    "variance": "var_samp",
}
WINDOW_FUNCTIONS = (
    "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile",
    "lag", "lead", "first_value", "last_value", "nth_value",
)  # fmt: skip

ENGINE = {
    **AGGREGATES,
    **{name: name for name in WINDOW_FUNCTIONS},
    "coalesce": "coalesce",
    "nullif": "nullif",
    "try": "try",
}

SUMS = {"sum", "count_if"}
"""The engine's functions whose result is wider than Timestream's."""

CLOCK = {"ago", "current_date", "current_time", "current_timestamp", "now"}
"""The macros whose first argument is the moment of the query."""

PATTERNS = {
    "date_format": formats.mysql,
    "date_parse": formats.mysql,
    "format_datetime": formats.joda,
    "parse_datetime": formats.joda,
}
"""The macros whose last argument is a date's pattern, and who puts it into strftime's notation."""

EXTRACTABLE = {
    "year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy",
    "year_of_week", "yow", "hour", "minute", "second", "millisecond", "nanosecond",
}  # fmt: skip
"""The fields of EXTRACT, each also a function."""
