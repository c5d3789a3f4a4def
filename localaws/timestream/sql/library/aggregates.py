# SPDX-License-Identifier: MIT
"""Aggregate and window functions.

Their meaning is put in their place in a query, where DISTINCT, ORDER BY, FILTER, OVER and IGNORE NULLS then
apply to each call in capitals, a function of DuckDB's.

Sources: https://docs.aws.amazon.com/timestream/latest/developerguide/aggregate-functions.html,
.../window-functions.html; those not there are Trino's, https://trino.io/docs/current/functions/aggregate.html
"""

from __future__ import annotations

DECLARATIONS = r"""
approx_distinct(x) = COUNT(DISTINCT x)
approx_distinct(x, error double) = COUNT(DISTINCT x)
approx_percentile(x bigint, p double) = QUANTILE_DISC(x, p)
approx_percentile(x double, p double) = QUANTILE_DISC(x, p)
approx_percentile(x bigint, p array(double)) = QUANTILE_DISC(x, p)
approx_percentile(x double, p array(double)) = QUANTILE_DISC(x, p)
approx_percentile(x bigint, w bigint, p double) = timestream._percentile(LIST(row(x, w)), p)
approx_percentile(x double, w bigint, p double) = timestream._percentile(LIST(row(x, w)), p)
approx_percentile(x bigint, w bigint, p array(double)) = timestream._percentiles(LIST(row(x, w)), p)
approx_percentile(x double, w bigint, p array(double)) = timestream._percentiles(LIST(row(x, w)), p)
approx_percentile(x bigint, w bigint, p double, accuracy double) = timestream._percentile(LIST(row(x, w)), p)
approx_percentile(x double, w bigint, p double, accuracy double) = timestream._percentile(LIST(row(x, w)), p)
arbitrary(x) = ANY_VALUE(x)
array_agg(x) = ARRAY_AGG(x)
avg(x double) = AVG(x)
avg(x interval) = timestream._interval(round(AVG(x)))
bitwise_and_agg(x bigint) = BIT_AND(x)
bitwise_or_agg(x bigint) = BIT_OR(x)
bool_and(x boolean) = BOOL_AND(x)
bool_or(x boolean) = BOOL_OR(x)
corr(y double, x double) =
    timestream._finite(REGR_SXY(y, x) / sqrt(REGR_SXX(y, x) * REGR_SYY(y, x)))
count() = COUNT(*)
count(x) = COUNT(x)
count_if(x boolean) = CAST(COUNT_IF(x) AS BIGINT)
covar_pop(y double, x double) = COVAR_POP(y, x)
covar_samp(y double, x double) = COVAR_SAMP(y, x)
create_time_series(t timestamp, x) = timestream._series(LIST(timestream._point(t, x)))
every(x boolean) = BOOL_AND(x)
geometric_mean(x double) = GEOMEAN(x)
histogram(x) = timestream._counts(HISTOGRAM(x))
kurtosis(x double) = KURTOSIS(x)
map_agg(k, x) = timestream._first_of_each(LIST(row(k, x)))
max(x) = MAX(x)
max(x, n bigint) = MAX(x, n)
max_by(x, y) = ARG_MAX_NULL(x, y)
max_by(x, y, n bigint) = ARG_MAX(x, y, n)
min(x) = MIN(x)
min(x, n bigint) = MIN(x, n)
min_by(x, y) = ARG_MIN_NULL(x, y)
min_by(x, y, n bigint) = ARG_MIN(x, y, n)
multimap_agg(k, x) = timestream._all_of_each(LIST(row(k, x)))
regr_avgx(y double, x double) = REGR_AVGX(y, x)
regr_avgy(y double, x double) = REGR_AVGY(y, x)
regr_count(y double, x double) = CAST(REGR_COUNT(y, x) AS BIGINT)
regr_intercept(y double, x double) = timestream._finite(REGR_INTERCEPT(y, x))
regr_r2(y double, x double) = REGR_R2(y, x)
regr_slope(y double, x double) = timestream._finite(REGR_SLOPE(y, x))
regr_sxx(y double, x double) = REGR_SXX(y, x)
regr_sxy(y double, x double) = REGR_SXY(y, x)
regr_syy(y double, x double) = REGR_SYY(y, x)
skewness(x double) = timestream._skewness(timestream._moments(LIST(x)))
stddev(x double) = STDDEV_SAMP(x)
stddev_pop(x double) = STDDEV_POP(x)
stddev_samp(x double) = STDDEV_SAMP(x)
sum(x bigint) = CAST(SUM(x) AS BIGINT)
sum(x double) = SUM(x)
sum(x interval) = timestream._interval(SUM(x))
var_pop(x double) = VAR_POP(x)
var_samp(x double) = VAR_SAMP(x)
variance(x double) = VAR_SAMP(x)
cume_dist() = CUME_DIST()
dense_rank() = DENSE_RANK()
first_value(x) = FIRST_VALUE(x)
lag(x) = LAG(x)
lag(x, n bigint) = LAG(x, n)
lag(x X, n bigint, otherwise X) = LAG(x, n, otherwise)
last_value(x) = LAST_VALUE(x)
lead(x) = LEAD(x)
lead(x, n bigint) = LEAD(x, n)
lead(x X, n bigint, otherwise X) = LEAD(x, n, otherwise)
nth_value(x, n bigint) = NTH_VALUE(x, n)
ntile(n bigint) = NTILE(n)
percent_rank() = PERCENT_RANK()
rank() = RANK()
row_number() = ROW_NUMBER()
"""

"""approx_distinct and approx_percentile are exact, hence within the error Timestream allows itself.
skewness: Trino's is the population's, DuckDB's the sample's; by Trino's own algorithm, to the last digit."""

MACROS = r"""
_finite(x) = CASE WHEN isfinite(x) THEN x END
_series(points) = list_sort(points)
_weighted(pairs) = list_sort(list_filter(pairs, lambda p: p[1] IS NOT NULL AND p[2] IS NOT NULL))
_reached(pairs, least) = list_reduce(pairs,
    lambda state, pair: CASE WHEN state.sum >= least THEN state
    ELSE {'sum': state.sum + pair[2], 'value': pair[1]} END, {'sum': CAST(0 AS BIGINT), 'value': NULL}).value
_percentile(pairs, p) = timestream._reached(timestream._weighted(pairs),
    greatest(1, p * list_sum(list_transform(timestream._weighted(pairs), lambda x: x[2]))))
_percentiles(pairs, ps) = list_transform(ps, lambda p: timestream._percentile(pairs, p))
_moments(a) = list_reduce(list_filter(a, lambda x: x IS NOT NULL), lambda m, x: {'n': m.n + 1,
    'mean': m.mean + (x - m.mean) / (m.n + 1),
    'm2': m.m2 + (x - m.mean) * ((x - m.mean) / (m.n + 1)) * m.n,
    'm3': m.m3 + (x - m.mean) * ((x - m.mean) / (m.n + 1)) * m.n * ((x - m.mean) / (m.n + 1)) * (m.n - 1)
    - 3 * ((x - m.mean) / (m.n + 1)) * m.m2}, {'n': 0, 'mean': 0e0, 'm2': 0e0, 'm3': 0e0})
_skewness(m) = CASE WHEN m.n >= 3 THEN sqrt(m.n) * m.m3 / pow(m.m2, 1.5e0) END
_counts(m) = map(map_keys(m), list_transform(map_values(m), lambda n: CAST(n AS BIGINT)))
_keys(pairs) = list_distinct(list_transform(pairs, lambda p: p[1]))
_first_of_each(pairs) = map(timestream._keys(pairs), list_transform(timestream._keys(pairs),
    lambda k: list_filter(pairs, lambda p: p[1] = k)[1][2]))
_all_of_each(pairs) = map(timestream._keys(pairs), list_transform(timestream._keys(pairs),
    lambda k: list_transform(list_filter(pairs, lambda p: p[1] = k), lambda p: p[2])))
"""
