# SPDX-License-Identifier: MIT
"""Dates and times.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/date-time-functions.html
"""

from __future__ import annotations

from localaws.timestream.sql import formats

MACROS = rf"""
bin(t timestamp, width interval) = make_timestamp_ns(epoch_ns(t) - epoch_ns(t) % CAST(width AS BIGINT))
ago(now timestamp, x interval) = make_timestamp_ns(epoch_ns(now) - CAST(x AS BIGINT))
current_date(now timestamp) = CAST(timestream._us(now) AS DATE)
current_time(now timestamp) = CAST(strftime(now, '%H:%M:%S.%n') AS TIME_NS)
current_timestamp(now timestamp) = now
current_timezone() = 'UTC'
date(x timestamp) = CAST(timestream._us(x) AS DATE)
date(x) = CAST(x AS DATE)
_date_add(unit varchar, n bigint, t timestamp) = make_timestamp_ns(
    epoch_ns(timestream._shifted(t, to_months(CAST(n * coalesce(timestream._months(unit), 0) AS INTEGER))))
    + n * coalesce(timestream._nanoseconds(unit), timestream._known(unit)))
date_add(unit varchar, n bigint, t date) =
    CAST(timestream._us(timestream._date_add(unit, n, CAST(t AS TIMESTAMP_NS))) AS DATE)
date_add(unit varchar, n bigint, t timestamp) = timestream._date_add(unit, n, t)
date_diff(unit varchar, a timestamp, b timestamp) = CASE timestream._known(unit) WHEN 0 THEN coalesce(
    (epoch_ns(b) - epoch_ns(a)) // timestream._nanoseconds(unit),
    date_sub('month', timestream._us(a), timestream._us(b)) // timestream._months(unit)) END
date_format(t timestamp, format varchar) = strftime(t, format)
date_parse(text varchar, format varchar) = CAST(strptime(text, format) AS TIMESTAMP_NS)
date_trunc(unit varchar, t date) = CAST(date_trunc(unit, t) AS DATE)
date_trunc(unit varchar, t timestamp) =
    CAST(date_trunc(CASE timestream._known(unit) WHEN 0 THEN unit END, timestream._us(t)) AS TIMESTAMP_NS)
day(t date) = day(t)
day(t timestamp) = day(timestream._us(t))
day_of_month(t timestamp) = day(timestream._us(t))
day_of_week(t timestamp) = isodow(timestream._us(t))
day_of_year(t timestamp) = dayofyear(timestream._us(t))
dow(t timestamp) = isodow(timestream._us(t))
doy(t timestamp) = dayofyear(timestream._us(t))
format_datetime(t timestamp, format varchar) =
    replace(strftime(t, format),
    '{formats.BELOW_MICROSECONDS}', lpad(CAST(epoch_ns(t) % 1000 AS VARCHAR), 3, '0'))
from_iso8601_date(text varchar) = CAST(text AS DATE)
from_iso8601_timestamp(text varchar) = make_timestamp_ns(
    epoch_ns(CAST(regexp_replace(text, '(Z|[+-]\d\d:?\d\d)$', '') AS TIMESTAMP_NS))
    - timestream._offset(text))
from_milliseconds(x bigint) = make_timestamp_ns(x * 1000000)
from_nanoseconds(x bigint) = make_timestamp_ns(x)
from_unixtime(x double) = make_timestamp_ns(CAST(round(x * 1e9) AS BIGINT))
hour(t timestamp) = hour(timestream._us(t))
last_day_of_month(t date) = last_day(t)
last_day_of_month(t timestamp) = last_day(timestream._us(t))
millisecond(t timestamp) = epoch_ns(t) // 1000000 % 1000
minute(t timestamp) = minute(timestream._us(t))
month(t timestamp) = month(timestream._us(t))
nanosecond(t timestamp) = epoch_ns(t) % 1000000000
now(now timestamp) = now
parse_datetime(text varchar, format varchar) = CAST(strptime(text, format) AS TIMESTAMP_NS)
parse_duration(text varchar) = CASE WHEN regexp_full_match(text, '[0-9]+(\.[0-9]+)?\s*[a-z]+')
    AND timestream._known(regexp_extract(text, '[a-z]+$')) = 0 THEN timestream._interval(
    CAST(regexp_extract(text, '^[0-9.]+') AS DECIMAL(20, 9))
    * timestream._nanoseconds(regexp_extract(text, '[a-z]+$')))
    ELSE error('Invalid duration: ' || text) END
quarter(t timestamp) = quarter(timestream._us(t))
second(t timestamp) = second(timestream._us(t))
to_iso8601(t date) = CAST(t AS VARCHAR)
to_iso8601(t timestamp) = strftime(t, '%Y-%m-%dT%H:%M:%S.%n') || 'Z'
to_milliseconds(x interval) = CAST(x // 1000000 AS BIGINT)
to_milliseconds(x timestamp) = epoch_ns(x) // 1000000
to_nanoseconds(x interval) = CAST(x AS BIGINT)
to_nanoseconds(x timestamp) = epoch_ns(x)
to_unixtime(x timestamp) = epoch_ns(x) / 1e9
week(t timestamp) = week(timestream._us(t))
week_of_year(t timestamp) = week(timestream._us(t))
year(t timestamp) = year(timestream._us(t))
year_of_week(t timestamp) = isoyear(timestream._us(t))
yow(t timestamp) = isoyear(timestream._us(t))
"""
