# SPDX-License-Identifier: MIT
"""Conversions: CAST, TRY_CAST.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/conversion-functions.html
"""

from __future__ import annotations

MACROS = r"""
_whole(x) = CASE WHEN regexp_full_match(x, '[+-]?[0-9]+') THEN x ELSE '"' || x || '"' END
_to_varchar(x double) = CASE WHEN x < 0 THEN '-' || timestream._java(-x) ELSE timestream._java(x) END
_to_varchar(x bigint) = CAST(x AS VARCHAR)
_to_varchar(x timestamp) = strftime(x, '%Y-%m-%d %H:%M:%S.%n')
_to_varchar(x) = CAST(x AS VARCHAR)
_to_bigint(x double) = CAST(round(x) AS BIGINT)
_to_bigint(x varchar) = CAST(timestream._whole(x) AS BIGINT)
_to_bigint(x) = CAST(x AS BIGINT)
_to_integer(x double) = CAST(round(x) AS INTEGER)
_to_integer(x varchar) = CAST(timestream._whole(x) AS INTEGER)
_to_integer(x) = CAST(x AS INTEGER)
_to_double(x) = CAST(x AS DOUBLE)
_to_boolean(x) = CAST(x AS BOOLEAN)
_to_timestamp(x) = CAST(x AS TIMESTAMP_NS)
_to_date(x timestamp) = CAST(timestream._us(x) AS DATE)
_to_date(x) = CAST(x AS DATE)
_to_time(x timestamp) = CAST(strftime(x, '%H:%M:%S.%n') AS TIME_NS)
_to_time(x) = CAST(x AS TIME_NS)
"""

"""`_whole`: DuckDB would round the number 2.5 in a text to a bigint, Trino refuses it; quoted, both do."""
