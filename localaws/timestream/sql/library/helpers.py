# SPDX-License-Identifier: MIT
"""What the macros of the other files are made of."""

from __future__ import annotations

from localaws.timestream.sql import types
from localaws.timestream.sql.dialect import NANOSECONDS

_UNIT = "CASE lower(unit) " + "".join(f"WHEN '{u}' THEN {n} " for u, n in NANOSECONDS.items()) + "END"

MACROS = rf"""
_interval(ns) = CAST(ns AS {types.ENGINE_TYPES["interval"]})
_nanoseconds(unit varchar) = {_UNIT}
_months(unit varchar) = CASE lower(unit) WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 END
_known(unit varchar) = CASE WHEN timestream._nanoseconds(unit) IS NULL AND timestream._months(unit) IS NULL
    THEN error('''' || unit || ''' is not a valid TIMESTAMP field') ELSE 0 END
_us(t timestamp) = make_timestamp(epoch_ns(t) // 1000)
_shifted(t timestamp, m months) = make_timestamp_ns(epoch_ns(timestream._us(t) + m) + epoch_ns(t) % 1000)
_digits(x double) = trim(replace(CAST(abs(x) AS VARCHAR), '.', ''), '0')
_scientific(digits varchar, exponent) =
    digits[1] || '.' || coalesce(nullif(digits[2:], ''), '0') || 'E' || exponent
_exponent(text varchar) = CAST(split_part(text, 'e', 2) AS INTEGER)
_mantissa(text varchar) = replace(split_part(text, 'e', 1), '.', '')
_java(x double) = CASE
    WHEN isnan(x) THEN 'NaN'
    WHEN isinf(x) THEN 'Infinity'
    WHEN x = 0 OR (x >= 1e-3 AND x < 1e7) THEN CAST(x AS VARCHAR)
    WHEN contains(CAST(x AS VARCHAR), 'e') THEN timestream._scientific(
        timestream._mantissa(CAST(x AS VARCHAR)), timestream._exponent(CAST(x AS VARCHAR)))
    WHEN x < 1 THEN timestream._scientific(timestream._digits(x),
        2 - length(regexp_extract(CAST(x AS VARCHAR), '^0\.0*')) - 1)
    ELSE timestream._scientific(timestream._digits(x), strpos(CAST(x AS VARCHAR), '.') - 2) END
_offset(text varchar) = CASE WHEN regexp_matches(text, '[+-]\d\d:?\d\d$') THEN
    (CASE WHEN contains(right(text, 6), '-') THEN -1 ELSE 1 END) * 60000000000
    * (60 * CAST(regexp_extract(text, '[+-](\d\d):?\d\d$', 1) AS BIGINT) + CAST(right(text, 2) AS BIGINT))
    ELSE 0 END
"""

"""`_us`: DuckDB rounds nanoseconds where it reads a timestamp as one of microseconds, and the last of a year
would fall into the next; so wherever a calendar is asked, what is below a microsecond is cut off first.
`_java`: a double as Trino prints it."""
