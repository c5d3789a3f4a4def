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

from localaws.timestream.sql import formats, types
from localaws.timestream.sql.dialect import NANOSECONDS

_UNIT = "CASE lower(unit) " + "".join(f"WHEN '{u}' THEN {n} " for u, n in NANOSECONDS.items()) + "END"

_HELPERS = rf"""
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

_OPERATORS = r"""
_plus(a integer, b integer) = a + b
_plus(a bigint, b bigint) = a + b
_plus(a double, b double) = a + b
_plus(a interval, b interval) = timestream._interval(a + b)
_plus(a timestamp, b interval) = make_timestamp_ns(epoch_ns(a) + CAST(b AS BIGINT))
_plus(a interval, b timestamp) = make_timestamp_ns(epoch_ns(b) + CAST(a AS BIGINT))
_plus(a date, b interval) = a + CAST(b // 86400000000000 AS INTEGER)
_plus(a timestamp, b months) = timestream._shifted(a, b)
_plus(a date, b months) = CAST(a + b AS DATE)
_plus(a months, b months) = a + b
_minus(a integer, b integer) = a - b
_minus(a bigint, b bigint) = a - b
_minus(a double, b double) = a - b
_minus(a interval, b interval) = timestream._interval(a - b)
_minus(a timestamp, b interval) = make_timestamp_ns(epoch_ns(a) - CAST(b AS BIGINT))
_minus(a date, b interval) = a - CAST(b // 86400000000000 AS INTEGER)
_minus(a timestamp, b months) = timestream._shifted(a, -b)
_minus(a date, b months) = CAST(a - b AS DATE)
_minus(a months, b months) = a - b
_minus(a timestamp, b timestamp) = timestream._interval(epoch_ns(a) - epoch_ns(b))
_minus(a date, b date) = timestream._interval((a - b) * 86400000000000)
_times(a integer, b integer) = a * b
_times(a bigint, b bigint) = a * b
_times(a double, b double) = a * b
_times(a interval, b bigint) = timestream._interval(a * b)
_times(a bigint, b interval) = timestream._interval(a * b)
_times(a interval, b double) = timestream._interval(round(a * b))
_times(a double, b interval) = timestream._interval(round(a * b))
_times(a months, b bigint) = a * b
_divide(a integer, b integer) = a // b
_divide(a bigint, b bigint) = a // b
_divide(a double, b double) = a / b
_divide(a interval, b double) = timestream._interval(round(CAST(a AS DOUBLE) / b))
_modulus(a integer, b integer) = a % b
_modulus(a bigint, b bigint) = a % b
_modulus(a double, b double) = a % b
_negate(a integer) = -a
_negate(a bigint) = -a
_negate(a double) = -a
_negate(a interval) = timestream._interval(-a)
_negate(a months) = -a
_subscript(a, i) = CASE WHEN i < 1 THEN error('Array subscript is less than 1: ' || i)
    WHEN i > len(a)
    THEN error('Array subscript must be less than or equal to array length: ' || i || ' > ' || len(a))
    ELSE a[i] END
"""

"""Only with what is declared here: an operator on other types is an error, as in Timestream."""

_CASTS = r"""
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

_TIME = rf"""
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

_MATHEMATICS = r"""
abs(x integer) = abs(x)
abs(x bigint) = abs(x)
abs(x double) = abs(x)
acos(x double) = acos(x)
asin(x double) = asin(x)
atan(x double) = atan(x)
atan2(y double, x double) = atan2(y, x)
bitwise_and(a bigint, b bigint) = a & b
bitwise_not(a bigint) = ~a
bitwise_or(a bigint, b bigint) = a | b
bitwise_xor(a bigint, b bigint) = xor(a, b)
cbrt(x double) = cbrt(x)
ceil(x integer) = x
ceil(x bigint) = x
ceil(x double) = ceil(x)
ceiling(x integer) = x
ceiling(x bigint) = x
ceiling(x double) = ceil(x)
cos(x double) = cos(x)
cosh(x double) = cosh(x)
degrees(x double) = degrees(x)
e() = exp(1e0)
exp(x double) = exp(x)
floor(x integer) = x
floor(x bigint) = x
floor(x double) = floor(x)
infinity() = CAST('Infinity' AS DOUBLE)
is_finite(x double) = isfinite(x)
is_infinite(x double) = isinf(x)
is_nan(x double) = isnan(x)
ln(x double) = ln(x)
log(base double, x double) = ln(x) / ln(base)
log10(x double) = log10(x)
log2(x double) = log2(x)
mod(a integer, b integer) = a % b
mod(a bigint, b bigint) = a % b
mod(a double, b double) = a % b
nan() = CAST('NaN' AS DOUBLE)
pi() = pi()
pow(x double, p double) = pow(x, p)
power(x double, p double) = pow(x, p)
radians(x double) = radians(x)
rand() = random()
random() = random()
random(n bigint) = CAST(floor(random() * n) AS BIGINT)
random(m bigint, n bigint) = m + CAST(floor(random() * (n - m)) AS BIGINT)
round(x integer) = x
round(x bigint) = x
round(x double) = round(x)
round(x double, digits bigint) = round(x, CAST(digits AS INTEGER))
sign(x integer) = CAST(sign(x) AS INTEGER)
sign(x bigint) = CAST(sign(x) AS BIGINT)
sign(x double) = CAST(sign(x) AS DOUBLE)
sin(x double) = sin(x)
sqrt(x double) = sqrt(x)
tan(x double) = tan(x)
tanh(x double) = tanh(x)
truncate(x double) = trunc(x)
"""

_STRINGS = r"""
chr(n bigint) = chr(CAST(n AS INTEGER))
codepoint(s varchar) = unicode(s)
hamming_distance(a varchar, b varchar) = hamming(a, b)
length(s varchar) = length(s)
levenshtein_distance(a varchar, b varchar) = levenshtein(a, b)
lower(s varchar) = lower(s)
lpad(s varchar, size bigint, fill varchar) = lpad(s, CAST(size AS INTEGER), fill)
ltrim(s varchar) = ltrim(s)
regexp_extract(s varchar, pattern varchar) = regexp_extract_all(s, pattern)[1]
regexp_extract(s varchar, pattern varchar, part bigint) =
    regexp_extract_all(s, pattern, CAST(part AS INTEGER))[1]
regexp_extract_all(s varchar, pattern varchar) = regexp_extract_all(s, pattern)
regexp_extract_all(s varchar, pattern varchar, part bigint) =
    regexp_extract_all(s, pattern, CAST(part AS INTEGER))
regexp_like(s varchar, pattern varchar) = regexp_matches(s, pattern)
regexp_replace(s varchar, pattern varchar) = regexp_replace(s, pattern, '', 'g')
regexp_replace(s varchar, pattern varchar, with_ varchar) =
    regexp_replace(s, pattern, regexp_replace(with_, '\$(\d)', '\\\1', 'g'), 'g')
regexp_split(s varchar, pattern varchar) = regexp_split_to_array(s, pattern)
replace(s varchar, search varchar) = replace(s, search, '')
replace(s varchar, search varchar, with_ varchar) = replace(s, search, with_)
reverse(s varchar) = reverse(s)
reverse(a) = list_reverse(a)
rpad(s varchar, size bigint, fill varchar) = rpad(s, CAST(size AS INTEGER), fill)
rtrim(s varchar) = rtrim(s)
split(s varchar, delimiter varchar) = string_split(s, delimiter)
split_part(s varchar, delimiter varchar, i bigint) = string_split(s, delimiter)[i]
strpos(s varchar, part varchar) = strpos(s, part)
substr(s varchar, start bigint) = CASE WHEN start = 0 THEN '' ELSE substr(s, start) END
substr(s varchar, start bigint, size bigint) = CASE WHEN start = 0 THEN '' ELSE substr(s, start, size) END
substring(s varchar, start bigint) = CASE WHEN start = 0 THEN '' ELSE substr(s, start) END
substring(s varchar, start bigint, size bigint) = CASE WHEN start = 0 THEN '' ELSE substr(s, start, size) END
trim(s varchar) = trim(s)
upper(s varchar) = upper(s)
"""

_ARRAYS = r"""
array_distinct(a) = list_distinct(a)
array_join(a, delimiter varchar) = array_to_string(a, delimiter)
array_max(a) = list_max(a)
array_min(a) = list_min(a)
array_position(a, x) = coalesce(list_position(a, x), 0)
array_sort(a) = list_sort(a)
arrays_overlap(a, b) = list_has_any(a, b)
cardinality(a) = len(a)
contains(a, x) = list_contains(a, x)
element_at(a, i) = list_extract(a, i)
flatten(a) = flatten(a)
sequence(start bigint, stop bigint) = generate_series(start, stop)
sequence(start bigint, stop bigint, step bigint) = generate_series(start, stop, step)
sequence(start timestamp, stop timestamp, step interval) = list_transform(
    generate_series(epoch_ns(start), epoch_ns(stop), CAST(step AS BIGINT)), lambda x: make_timestamp_ns(x))
slice(a, start bigint, size bigint) = list_slice(a, start, start + size - 1)
"""

_SERIES = r"""
_point(t, v) = {'time': t, 'value': v}
_before(s, t) = list_filter(s, lambda p: p.time <= t)[-1]
_after(s, t) = list_filter(s, lambda p: p.time >= t)[1]
_ns(p) = epoch_ns(CAST(p.time AS TIMESTAMP_NS))
_between(a, b, t) = CASE WHEN a.time = b.time THEN CAST(a.value AS DOUBLE) ELSE a.value + (b.value - a.value)
    * (epoch_ns(t) - timestream._ns(a)) / (timestream._ns(b) - timestream._ns(a)) END
_linear(s, t) = timestream._between(timestream._before(s, t), timestream._after(s, t), t)
_filled(s, t, x) = coalesce(list_filter(s, lambda p: p.time = t)[1].value, x)
interpolate_fill(s timeseries, t timestamp, x double) = timestream._filled(s, t, x)
interpolate_fill(s timeseries, times array(timestamp), x double) =
    list_transform(times, lambda t: timestream._point(t, timestream._filled(s, t, x)))
interpolate_linear(s timeseries, t timestamp) = timestream._linear(s, t)
interpolate_linear(s timeseries, times array(timestamp)) =
    list_transform(times, lambda t: timestream._point(t, timestream._linear(s, t)))
interpolate_locf(s timeseries, t timestamp) = CAST(timestream._before(s, t).value AS DOUBLE)
interpolate_locf(s timeseries, times array(timestamp)) =
    list_transform(times, lambda t: timestream._point(t, timestream._before(s, t).value))
"""

MACROS = _HELPERS + _OPERATORS + _CASTS + _TIME + _MATHEMATICS + _STRINGS + _ARRAYS + _SERIES

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
