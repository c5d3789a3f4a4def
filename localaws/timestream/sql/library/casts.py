# SPDX-License-Identifier: MIT
"""Conversions: CAST, TRY_CAST. What is not declared here cannot be cast.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/conversion-functions.html, and for what
becomes what, Trino's operators of each type.
"""

from __future__ import annotations

_DAY = r"\d{4,6}-\d{1,2}-\d{1,2}"
_CLOCK = r"\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,9})?)?"
_DATE = rf"\s*{_DAY}\s*"
_TIME = rf"\s*{_CLOCK}\s*"
_TIMESTAMP = rf"\s*{_DAY}([ T]{_CLOCK}\s*(Z|UTC|[+-]\d\d:?\d\d)?)?\s*"
_DOUBLE = r"\s*[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?)\s*"

MACROS = rf"""
_uncastable(x, type_) = timestream._fail('Cannot cast ''' || x || ''' to ' || type_)
_to_varchar(x varchar) = x
_to_varchar(x integer) = CAST(x AS VARCHAR)
_to_varchar(x bigint) = CAST(x AS VARCHAR)
_to_varchar(x double) = timestream._java(x)
_to_varchar(x boolean) = CAST(x AS VARCHAR)
_to_varchar(x date) = CAST(x AS VARCHAR)
_to_varchar(x time) = timestream._clock_text(epoch_ns(x))
_to_varchar(x timestamp) = strftime(x, '%Y-%m-%d %H:%M:%S.%n')
_to_varchar(x interval) = timestream._interval_text(CAST(x AS BIGINT))
_to_varchar(x months) = timestream._months_text(12 * year(x) + month(x))
_to_bigint(x varchar) = CASE WHEN regexp_full_match(trim(x), '[+-]?[0-9]+') THEN CAST(x AS BIGINT)
    ELSE timestream._uncastable(x, 'BIGINT') END
_to_bigint(x integer) = CAST(x AS BIGINT)
_to_bigint(x bigint) = x
_to_bigint(x double) = CASE WHEN x >= -9223372036854775808e0 AND x < 9223372036854775808e0
    THEN CAST(round(x) AS BIGINT)
    ELSE timestream._fail('Unable to cast ' || timestream._java(x) || ' to bigint') END
_to_bigint(x boolean) = CAST(x AS BIGINT)
_narrow(x, shown) = CASE WHEN x BETWEEN -2147483648 AND 2147483647 THEN CAST(x AS INTEGER)
    ELSE CAST(timestream._fail('Out of range for integer: ' || shown) AS INTEGER) END
_to_integer(x varchar) = CASE WHEN regexp_full_match(trim(x), '[+-]?[0-9]+') THEN CAST(x AS INTEGER)
    ELSE CAST(timestream._uncastable(x, 'INT') AS INTEGER) END
_to_integer(x integer) = x
_to_integer(x bigint) = timestream._narrow(x, x)
_to_integer(x double) = CASE WHEN isnan(x)
    THEN CAST(timestream._fail('Cannot cast double NaN to integer') AS INTEGER)
    ELSE timestream._narrow(round(x), timestream._java(x)) END
_to_integer(x boolean) = CAST(x AS INTEGER)
_to_double(x varchar) = CASE WHEN regexp_full_match(x, '{_DOUBLE}')
    THEN CAST(regexp_replace(trim(x), '([0-9.])[dDfF]$', '\1') AS DOUBLE)
    ELSE CAST(timestream._uncastable(x, 'DOUBLE') AS DOUBLE) END
_to_double(x integer) = CAST(x AS DOUBLE)
_to_double(x bigint) = CAST(x AS DOUBLE)
_to_double(x double) = x
_to_double(x boolean) = CAST(x AS DOUBLE)
_to_boolean(x varchar) = CASE WHEN lower(x) IN ('t', 'true', '1') THEN true
    WHEN lower(x) IN ('f', 'false', '0') THEN false
    ELSE CAST(timestream._uncastable(x, 'BOOLEAN') AS BOOLEAN) END
_to_boolean(x integer) = x <> 0
_to_boolean(x bigint) = x <> 0
_to_boolean(x double) = x <> 0
_to_boolean(x boolean) = x
_to_timestamp(x varchar) = CASE WHEN regexp_full_match(x, '{_TIMESTAMP}') THEN timestream._read_time(x)
    ELSE timestream._fail_time('Value cannot be cast to timestamp: ' || x) END
_to_timestamp(x timestamp) = x
_to_timestamp(x date) = CAST(x AS TIMESTAMP_NS)
_to_date(x varchar) = CASE WHEN regexp_full_match(x, '{_DATE}') THEN CAST(x AS DATE)
    ELSE timestream._fail_date('Value cannot be cast to date: ' || x) END
_to_date(x date) = x
_to_date(x timestamp) = CAST(timestream._us(x) AS DATE)
_to_time(x varchar) = CASE WHEN regexp_full_match(x, '{_TIME}') THEN CAST(trim(x) AS TIME_NS)
    ELSE timestream._clock(timestream._fail('Value cannot be cast to time: ' || x)) END
_to_time(x time) = x
_to_time(x timestamp) = CAST(strftime(x, '%H:%M:%S.%n') AS TIME_NS)
"""
