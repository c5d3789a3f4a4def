# SPDX-License-Identifier: MIT
"""Operators and subscripts. An operator on types that are not declared here is an error, as in Timestream.

Sources: https://docs.aws.amazon.com/timestream/latest/developerguide/mathematical-operators.html,
.../date-time-operators.html, .../array-operators.html
"""

from __future__ import annotations

from localaws.timestream.sql.dialect import NANOSECONDS

_DAY = NANOSECONDS["day"]

MACROS = rf"""
_days(x interval) = CASE WHEN CAST(x AS BIGINT) % {_DAY} = 0 THEN CAST(CAST(x AS BIGINT) // {_DAY} AS INTEGER)
    ELSE CAST(timestream._fail('Cannot add hour, minutes or seconds to a date') AS INTEGER) END
_plus(a integer, b integer) = a + b
_plus(a bigint, b bigint) = a + b
_plus(a double, b double) = a + b
_plus(a interval, b interval) = timestream._interval(a + b)
_plus(a months, b months) = a + b
_plus(a timestamp, b interval) = make_timestamp_ns(epoch_ns(a) + CAST(b AS BIGINT))
_plus(a interval, b timestamp) = make_timestamp_ns(epoch_ns(b) + CAST(a AS BIGINT))
_plus(a date, b interval) = a + timestream._days(b)
_plus(a interval, b date) = b + timestream._days(a)
_plus(a time, b interval) = timestream._clock(timestream._in_day(epoch_ns(a) + CAST(b AS BIGINT)))
_plus(a interval, b time) = timestream._clock(timestream._in_day(epoch_ns(b) + CAST(a AS BIGINT)))
_plus(a timestamp, b months) = timestream._shifted(a, b)
_plus(a months, b timestamp) = timestream._shifted(b, a)
_plus(a date, b months) = CAST(a + b AS DATE)
_plus(a months, b date) = CAST(b + a AS DATE)
_minus(a integer, b integer) = a - b
_minus(a bigint, b bigint) = a - b
_minus(a double, b double) = a - b
_minus(a interval, b interval) = timestream._interval(a - b)
_minus(a months, b months) = a - b
_minus(a timestamp, b interval) = make_timestamp_ns(epoch_ns(a) - CAST(b AS BIGINT))
_minus(a date, b interval) = a - timestream._days(b)
_minus(a time, b interval) = timestream._clock(timestream._in_day(epoch_ns(a) - CAST(b AS BIGINT)))
_minus(a timestamp, b months) = timestream._shifted(a, -b)
_minus(a date, b months) = CAST(a - b AS DATE)
_times(a integer, b integer) = a * b
_times(a bigint, b bigint) = a * b
_times(a double, b double) = a * b
_times(a interval, b bigint) = timestream._interval(a * b)
_times(a bigint, b interval) = timestream._interval(a * b)
_times(a interval, b double) = timestream._interval(round(a * b))
_times(a double, b interval) = timestream._interval(round(a * b))
_times(a months, b bigint) = a * b
_times(a bigint, b months) = a * b
_divide(a integer, b integer) = a // b
_divide(a bigint, b bigint) = a // b
_divide(a double, b double) = a / b
_divide(a interval, b double) = timestream._interval(round(CAST(a AS DOUBLE) / b))
_modulus(a integer, b integer) = a % CASE b WHEN -1 THEN 1 ELSE b END
_modulus(a bigint, b bigint) = a % CASE b WHEN -1 THEN 1 ELSE b END
_modulus(a double, b double) = a % b
_negate(a integer) = -a
_negate(a bigint) = -a
_negate(a double) = -a
_negate(a interval) = timestream._interval(-a)
_negate(a months) = -a
"""

"""`_modulus`: the engine would divide the least integer by -1, which overflows."""
