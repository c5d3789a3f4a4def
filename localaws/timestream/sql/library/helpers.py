# SPDX-License-Identifier: MIT
"""What the macros of the other files are made of."""

from __future__ import annotations

from localaws.timestream.sql import types
from localaws.timestream.sql.dialect import NANOSECONDS
from localaws.timestream.sql.problems import OURS

_DAY = NANOSECONDS["day"]


def _units(names: list[str]) -> str:
    return "CASE lower(unit) " + "".join(f"WHEN '{name}' THEN {NANOSECONDS[name]} " for name in names) + "END"


MACROS = rf"""
_fail(message) = CAST('{OURS}' || message AS BIGINT)
_fail_text(message) = CAST(timestream._fail(message) AS VARCHAR)
_fail_time(message) = make_timestamp_ns(timestream._fail(message))
_fail_date(message) = DATE '1970-01-01' + CAST(timestream._fail(message) AS INTEGER)
_glued(a, x) = substr(list_reduce(list_filter(a, lambda s: s IS NOT NULL), lambda s, t: s || x || t, ''),
    length(x) + 1)
_floored(ns, width) = ns - ((ns % width) + width) % width
_interval(ns) = CAST(ns AS {types.ENGINE_TYPES["interval"]})
_in_day(ns) = ((ns % {_DAY}) + {_DAY}) % {_DAY}
_clock(ns) = CAST(strftime(make_timestamp_ns(ns), '%H:%M:%S.%n') AS TIME_NS)
_duration(unit varchar) = {_units(sorted(NANOSECONDS))}
_fixed(unit varchar) = {_units([name for name in NANOSECONDS if len(name) > 2])}
_months(unit varchar) = CASE lower(unit) WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 END
_no_field(unit, type_) = timestream._fail('''' || unit || ''' is not a valid ' || type_ || ' field')
_us(t timestamp) = make_timestamp(timestream._floored(epoch_ns(t), 1000) // 1000)
_below_us(t) = epoch_ns(t) - timestream._floored(epoch_ns(t), 1000)
_shifted(t timestamp, m months) = make_timestamp_ns(epoch_ns(timestream._us(t) + m) + timestream._below_us(t))
_digits(x double) = trim(replace(CAST(abs(x) AS VARCHAR), '.', ''), '0')
_scientific(digits varchar, exponent) =
    digits[1] || '.' || coalesce(nullif(digits[2:], ''), '0') || 'E' || exponent
_exponent(text varchar) = CAST(split_part(text, 'e', 2) AS INTEGER)
_mantissa(text varchar) = replace(split_part(text, 'e', 1), '.', '')
_positive(x double) = CASE
    WHEN isnan(x) THEN 'NaN'
    WHEN isinf(x) THEN 'Infinity'
    WHEN x = 0 OR (x >= 1e-3 AND x < 1e7) THEN CAST(x AS VARCHAR)
    WHEN contains(CAST(x AS VARCHAR), 'e') THEN timestream._scientific(
        timestream._mantissa(CAST(x AS VARCHAR)), timestream._exponent(CAST(x AS VARCHAR)))
    WHEN x < 1 THEN timestream._scientific(timestream._digits(x),
        2 - length(regexp_extract(CAST(x AS VARCHAR), '^0\.0*')) - 1)
    ELSE timestream._scientific(timestream._digits(x), strpos(CAST(x AS VARCHAR), '.') - 2) END
_java(x double) = list_transform([x], lambda v:
    CASE WHEN v < 0 THEN '-' || timestream._positive(-v) ELSE timestream._positive(v) END)[1]
_clock_text(ns) = lpad(CAST(ns // 3600000000000 AS VARCHAR), 2, '0')
    || ':' || lpad(CAST(ns // 60000000000 % 60 AS VARCHAR), 2, '0')
    || ':' || lpad(CAST(ns // 1000000000 % 60 AS VARCHAR), 2, '0')
    || '.' || lpad(CAST(ns % 1000000000 AS VARCHAR), 9, '0')
_interval_text(ns) = CASE WHEN ns < 0 THEN '-' ELSE '' END || abs(ns) // {_DAY} || ' '
    || timestream._clock_text(abs(ns) % {_DAY})
_months_text(months) =
    CASE WHEN months < 0 THEN '-' ELSE '' END || abs(months) // 12 || '-' || abs(months) % 12
_zoned(text varchar) = regexp_matches(text, '[+-]\d\d:?\d\d$')
_offset(text varchar) = CASE WHEN timestream._zoned(text) THEN
    (CASE WHEN contains(right(text, 6), '-') THEN -1 ELSE 1 END) * 60000000000
    * (60 * CAST(regexp_extract(text, '[+-](\d\d):?\d\d$', 1) AS BIGINT) + CAST(right(text, 2) AS BIGINT))
    ELSE 0 END
_read_time(text varchar) = make_timestamp_ns(epoch_ns(CAST(
    regexp_replace(trim(text), '\s*(Z|UTC|[+-]\d\d:?\d\d)$', '') AS TIMESTAMP_NS))
    - timestream._offset(trim(text)))
"""

"""`_fail`: an error of ours, as one of the engine's own that TRY can catch, unlike its `error`. It is a
bigint, for wherever that turns into the type that is wanted, and `_fail_...` of another type.
`_us`: DuckDB rounds nanoseconds where it reads a timestamp as one of microseconds, and the last of a year
would fall into the next; so wherever a calendar is asked, what is below a microsecond is cut off first.
`_java`: a double as Java, hence Trino, prints it; the lambda is there to have what it is given made once.
`_glued`: the engine's own way of joining texts takes only a constant between them.
`_floored`: down to a multiple, also below zero."""
