# SPDX-License-Identifier: MIT
"""Dates and times.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/date-time-functions.html
"""

from __future__ import annotations

from localaws.timestream.sql.dialect import NANOSECONDS
from localaws.timestream.sql.formats import FRACTION, SEPARATOR

_SECOND, _MINUTE, _HOUR, _DAY = (NANOSECONDS[unit] for unit in ("second", "minute", "hour", "day"))

_CALENDAR = {
    # what a date or timestamp has, what the engine calls it
    "day": "day", "day_of_month": "day", "day_of_week": "isodow", "day_of_year": "dayofyear",
    "dow": "isodow", "doy": "dayofyear", "month": "month", "quarter": "quarter", "week": "week",
    "week_of_year": "week", "year": "year", "year_of_week": "isoyear", "yow": "isoyear",
}  # fmt: skip
_CLOCK = {
    # what a timestamp, time or interval has, of the nanoseconds n
    "hour": f"n // {_HOUR} % 24", "minute": f"n // {_MINUTE} % 60", "second": f"n // {_SECOND} % 60",
    "millisecond": "n // 1000000 % 1000", "nanosecond": f"n % {_SECOND}",
}  # fmt: skip

_EXTRACTION = "".join(
    f"{name}(t timestamp) = {engine}(timestream._us(t))\n{name}(t date) = {engine}(t)\n"
    for name, engine in _CALENDAR.items()
) + "".join(
    f"_{name}(n) = {of}\n"
    f"{name}(t timestamp) = timestream._{name}(timestream._in_day(epoch_ns(t)))\n"
    f"{name}(t time) = timestream._{name}(epoch_ns(t))\n"
    f"{name}(t interval) = timestream._{name}(CAST(t AS BIGINT))\n"
    for name, of in _CLOCK.items()
)

_MONTHS = "['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']"

_READING = rf"""
_year(text) = CASE WHEN text[1] = '~' THEN 1970 + (CAST(text[2:] AS BIGINT) + 30) % 100
    ELSE CAST(text AS BIGINT) END
_month(text) = CASE WHEN regexp_full_match(text, '\d+') THEN CAST(text AS BIGINT)
    ELSE coalesce(list_position({_MONTHS}, lower(left(text, 3))),
    timestream._fail('Invalid format: "' || text || '" is no month')) END
_hour_of(text, half) = CASE WHEN half = '' THEN CAST(text AS BIGINT)
    ELSE CAST(text AS BIGINT) % 12 + CASE lower(half) WHEN 'pm' THEN 12 ELSE 0 END END
_date_of(p) = CASE WHEN p[10] = ''
    THEN make_date(timestream._year(p[1]), timestream._month(p[2]), CAST(p[3] AS BIGINT))
    ELSE make_date(timestream._year(p[1]), 1, 1) + (CAST(p[10] AS INTEGER) - 1) END
_local(p) = epoch_ns(CAST(timestream._date_of(p) AS TIMESTAMP_NS)) + timestream._hour_of(p[4], p[5]) * {_HOUR}
    + CAST(p[6] AS BIGINT) * {_MINUTE} + CAST(p[7] AS BIGINT) * {_SECOND} + CAST(rpad(p[8], 9, '0') AS BIGINT)
_in_utc(ns, zone) = make_timestamp_ns(CASE WHEN zone IN ('', 'Z', 'UTC', 'GMT') THEN ns
    WHEN timestream._zoned(zone) THEN ns - timestream._offset(zone)
    ELSE ns - timestream._floored(ns, 1000)
    + epoch_ns(timezone(zone, make_timestamp(timestream._floored(ns, 1000) // 1000))) END)
_moment(p) = list_transform([timestream._local(p)], lambda ns: timestream._in_utc(ns, p[9]))[1]
_read(text, plan) = CASE WHEN regexp_matches(text, split_part(plan, '{SEPARATOR}', 1))
    THEN list_transform([string_split(regexp_replace(text, split_part(plan, '{SEPARATOR}', 1),
        split_part(plan, '{SEPARATOR}', 2)), ',')], lambda p: timestream._moment(p))[1]
    ELSE timestream._fail_time('Invalid format: "' || text || '"') END
"""

MACROS = rf"""
_bin_number(t, width) = CASE WHEN t < TIMESTAMP_NS '1970-01-01'
    THEN (epoch_ns(t) - CAST(width AS BIGINT) + 1) // CAST(width AS BIGINT)
    ELSE epoch_ns(t) // CAST(width AS BIGINT) END
bin(t timestamp, width interval) = make_timestamp_ns(timestream._bin_number(t, width) * CAST(width AS BIGINT))
ago(now timestamp, x interval) = make_timestamp_ns(epoch_ns(now) - CAST(x AS BIGINT))
current_date(now timestamp) = CAST(timestream._us(now) AS DATE)
current_time(now timestamp) = CAST(strftime(now, '%H:%M:%S.%n') AS TIME_NS)
current_timestamp(now timestamp) = now
current_timezone() = 'UTC'
localtime(now timestamp) = CAST(strftime(now, '%H:%M:%S.%n') AS TIME_NS)
localtimestamp(now timestamp) = now
now(now timestamp) = now
date(x timestamp) = CAST(timestream._us(x) AS DATE)
date(x date) = x
date(x varchar) = timestream._to_date(x)
_date_add(unit, n, t) = CASE
    WHEN timestream._months(unit) IS NOT NULL
    THEN timestream._shifted(t, to_months(CAST(n * timestream._months(unit) AS INTEGER)))
    WHEN timestream._fixed(unit) IS NOT NULL THEN make_timestamp_ns(epoch_ns(t) + n * timestream._fixed(unit))
    ELSE make_timestamp_ns(timestream._no_field(unit, 'TIMESTAMP')) END
date_add(unit varchar, n bigint, t timestamp) = timestream._date_add(unit, n, t)
date_add(unit varchar, n bigint, t date) = CAST(CASE
    WHEN coalesce(timestream._months(unit), timestream._fixed(unit) // {_DAY}) > 0
    THEN timestream._us(timestream._date_add(unit, n, CAST(t AS TIMESTAMP_NS)))
    ELSE make_timestamp(timestream._no_field(unit, 'DATE')) END AS DATE)
date_add(unit varchar, n bigint, t time) = timestream._clock(CASE WHEN timestream._fixed(unit) < {_DAY}
    THEN timestream._in_day(epoch_ns(t) + n * timestream._fixed(unit))
    ELSE timestream._no_field(unit, 'TIME') END)
_late(a, b) = to_microseconds(CASE WHEN timestream._below_us(a) > timestream._below_us(b) THEN 1 ELSE 0 END)
_months_to(a, b) = date_sub('month', timestream._us(a) + timestream._late(a, b), timestream._us(b))
date_diff(unit varchar, a timestamp, b timestamp) = CASE
    WHEN timestream._months(unit) IS NOT NULL
    THEN CASE WHEN a <= b THEN timestream._months_to(a, b) ELSE -timestream._months_to(b, a) END
    // timestream._months(unit)
    WHEN timestream._fixed(unit) IS NOT NULL
    THEN CAST((CAST(epoch_ns(b) AS HUGEINT) - epoch_ns(a)) // timestream._fixed(unit) AS BIGINT)
    ELSE timestream._no_field(unit, 'TIMESTAMP') END
date_diff(unit varchar, a date, b date) = CASE
    WHEN timestream._months(unit) IS NOT NULL THEN date_sub('month', a, b) // timestream._months(unit)
    WHEN timestream._fixed(unit) >= {_DAY} THEN (b - a) // (timestream._fixed(unit) // {_DAY})
    ELSE timestream._no_field(unit, 'DATE') END
date_diff(unit varchar, a time, b time) = CASE
    WHEN timestream._fixed(unit) < {_DAY} THEN (epoch_ns(b) - epoch_ns(a)) // timestream._fixed(unit)
    ELSE timestream._no_field(unit, 'TIME') END
_calendar(unit) = CASE lower(unit) WHEN 'month' THEN 'month' WHEN 'quarter' THEN 'quarter'
    WHEN 'year' THEN 'year' ELSE 'week' END
date_trunc(unit varchar, t timestamp) = CASE
    WHEN lower(unit) IN ('week', 'month', 'quarter', 'year')
    THEN CAST(date_trunc(timestream._calendar(unit), timestream._us(t)) AS TIMESTAMP_NS)
    WHEN timestream._fixed(unit) IS NOT NULL
    THEN make_timestamp_ns(timestream._floored(epoch_ns(t), timestream._fixed(unit)))
    ELSE make_timestamp_ns(timestream._no_field(unit, 'TIMESTAMP')) END
date_trunc(unit varchar, t date) = CASE
    WHEN lower(unit) = 'day' THEN t
    WHEN lower(unit) IN ('week', 'month', 'quarter', 'year')
    THEN CAST(date_trunc(timestream._calendar(unit), t) AS DATE)
    ELSE CAST(make_timestamp(timestream._no_field(unit, 'DATE')) AS DATE) END
date_trunc(unit varchar, t time) = timestream._clock(CASE WHEN timestream._fixed(unit) < {_DAY}
    THEN timestream._floored(epoch_ns(t), timestream._fixed(unit))
    ELSE timestream._no_field(unit, 'TIME') END)
_fraction(t, digits) = rpad(left(lpad(CAST(timestream._in_day(epoch_ns(t)) % {_SECOND} AS VARCHAR), 9, '0'),
    CAST(digits AS INTEGER)), CAST(digits AS INTEGER), '0')
_written(t, plan) = CASE split_part(plan, '{SEPARATOR}', 2) WHEN ''
    THEN strftime(t, split_part(plan, '{SEPARATOR}', 1))
    ELSE replace(strftime(t, split_part(plan, '{SEPARATOR}', 1)), '{FRACTION}',
        timestream._fraction(t, split_part(plan, '{SEPARATOR}', 2))) END
{_READING}
date_format(t timestamp, format varchar) = timestream._written(t, format)
date_parse(text varchar, format varchar) = timestream._read(text, format)
format_datetime(t timestamp, format varchar) = timestream._written(t, format)
parse_datetime(text varchar, format varchar) = timestream._read(text, format)
from_iso8601_date(text varchar) = timestream._to_date(text)
from_iso8601_timestamp(text varchar) = timestream._to_timestamp(text)
from_milliseconds(x bigint) = make_timestamp_ns(x * 1000000)
from_nanoseconds(x bigint) = make_timestamp_ns(x)
from_unixtime(x double) = make_timestamp_ns(CAST(round(x * 1e9) AS BIGINT))
last_day_of_month(t date) = last_day(t)
last_day_of_month(t timestamp) = last_day(timestream._us(t))
parse_duration(text varchar) = CASE WHEN regexp_full_match(text, '[0-9]+(\.[0-9]+)?\s*[a-z]+')
    AND timestream._duration(regexp_extract(text, '[a-z]+$')) IS NOT NULL THEN timestream._interval(
    CAST(regexp_extract(text, '^[0-9.]+') AS DECIMAL(28, 9))
    * timestream._duration(regexp_extract(text, '[a-z]+$')))
    ELSE timestream._interval(timestream._fail('Invalid duration: ' || text)) END
to_iso8601(t date) = CAST(t AS VARCHAR)
to_iso8601(t timestamp) = strftime(t, '%Y-%m-%dT%H:%M:%S.%n') || 'Z'
to_milliseconds(x interval) = CAST(x AS BIGINT) // 1000000
to_milliseconds(x timestamp) = timestream._floored(epoch_ns(x), 1000000) // 1000000
to_nanoseconds(x interval) = CAST(x AS BIGINT)
to_nanoseconds(x timestamp) = epoch_ns(x)
to_unixtime(x timestamp) = epoch_ns(x) / 1e9
{_EXTRACTION}day(x interval) = CAST(x AS BIGINT) // {_DAY}
day_of_month(x interval) = CAST(x AS BIGINT) // {_DAY}
month(x months) = month(x)
year(x months) = year(x)
"""
