# SPDX-License-Identifier: MIT
"""Time series: interpolation, derivatives, integrals, correlation.

Sources: https://docs.aws.amazon.com/timestream/latest/developerguide/timeseries-specific-constructs.functions.interpolation.html,
.../timeseries-specific-constructs.functions.derivatives.html, .../....integrals.html, .../....correlation.html
"""

# ruff: noqa: E501 - the address of a page
from __future__ import annotations

MACROS = r"""
_point(t, v) = {'time': t, 'value': v}
_when(p) = epoch_ns(CAST(p.time AS TIMESTAMP_NS))
_moments_of(s) = list_transform(s, lambda p: timestream._when(p))
_values_of(s) = list_transform(s, lambda p: CAST(p.value AS DOUBLE))
_curve(s) = {'n': timestream._moments_of(s), 'a': timestream._values_of(s)}
_place(c, t) = len(list_filter(c.n, lambda x: x <= t))
_exact(c, t, i) = CASE WHEN i > 0 AND c.n[i] = t THEN c.a[i] END
_between(c, t, i) =
    CASE WHEN i < len(c.n) THEN c.a[i] + (c.a[i + 1] - c.a[i]) * ((t - c.n[i]) / (c.n[i + 1] - c.n[i])) END
_linear(c, t) = list_transform([timestream._place(c, t)],
    lambda i: coalesce(timestream._exact(c, t, i), timestream._between(c, t, i)))[1]
_locf(c, t) = c.a[timestream._place(c, t)]
_fill(c, t, x) = list_transform([timestream._place(c, t)], lambda i: coalesce(timestream._exact(c, t, i), x))[1]
_h(n, i) = (n[i + 1] - n[i]) / 1e9
_slope(c, i) = (c.a[i + 1] - c.a[i]) / timestream._h(c.n, i)
_pivot(c, s, i) = 2 * (c.n[i + 1] - c.n[i - 1]) / 1e9 - timestream._h(c.n, i - 1) * s.mu[-1]
_forward(c) = list_reduce(range(2, len(c.n)), lambda s, i: {
    'mu': list_append(s.mu, timestream._h(c.n, i) / timestream._pivot(c, s, i)),
    'z': list_append(s.z, (3 * (timestream._slope(c, i) - timestream._slope(c, i - 1))
        - timestream._h(c.n, i - 1) * s.z[-1]) / timestream._pivot(c, s, i))}, {'mu': [0e0], 'z': [0e0]})
_backward(f) = list_reduce(list_reverse(range(1, len(f.z) + 1)),
    lambda k, j: list_prepend(f.z[j] - f.mu[j] * k[1], k), [0e0])
_spline_curve(c) = {'n': c.n, 'a': c.a, 'k': list_transform([timestream._forward(c)], lambda f: timestream._backward(f))[1]}
_cubic(c, x, i) = c.a[i] + x * (timestream._slope(c, i)
    - timestream._h(c.n, i) * (c.k[i + 1] + 2 * c.k[i]) / 3
    + x * (c.k[i] + x * (c.k[i + 1] - c.k[i]) / (3 * timestream._h(c.n, i))))
_spline(c, t) = list_transform([timestream._place(c, t)], lambda i: CASE WHEN i > 0 AND c.n[i] = t THEN c.a[i]
    WHEN i > 0 AND i < len(c.n) THEN timestream._cubic(c, (t - c.n[i]) / 1e9, i) END)[1]
_on(s, curve) = CASE WHEN s IS NOT NULL THEN [curve] END
interpolate_fill(s timeseries(double), t timestamp, x double) =
    list_transform(timestream._on(s, timestream._curve(s)), lambda c: timestream._fill(c, epoch_ns(t), x))[1]
interpolate_fill(s timeseries(double), times array(timestamp), x double) =
    list_transform(timestream._on(s, timestream._curve(s)), lambda c: list_transform(times,
    lambda t: timestream._point(t, timestream._fill(c, epoch_ns(t), x))))[1]
interpolate_linear(s timeseries(double), t timestamp) =
    list_transform(timestream._on(s, timestream._curve(s)), lambda c: timestream._linear(c, epoch_ns(t)))[1]
interpolate_linear(s timeseries(double), times array(timestamp)) =
    list_transform(timestream._on(s, timestream._curve(s)), lambda c: list_transform(times,
    lambda t: timestream._point(t, timestream._linear(c, epoch_ns(t)))))[1]
interpolate_locf(s timeseries(double), t timestamp) =
    list_transform(timestream._on(s, timestream._curve(s)), lambda c: timestream._locf(c, epoch_ns(t)))[1]
interpolate_locf(s timeseries(double), times array(timestamp)) =
    list_transform(timestream._on(s, timestream._curve(s)), lambda c: list_transform(times,
    lambda t: timestream._point(t, timestream._locf(c, epoch_ns(t)))))[1]
interpolate_spline_cubic(s timeseries(double), t timestamp) = list_transform(
    timestream._on(s, timestream._spline_curve(timestream._curve(s))), lambda c: timestream._spline(c, epoch_ns(t)))[1]
interpolate_spline_cubic(s timeseries(double), times array(timestamp)) = list_transform(
    timestream._on(s, timestream._spline_curve(timestream._curve(s))), lambda c: list_transform(times,
    lambda t: timestream._point(t, timestream._spline(c, epoch_ns(t)))))[1]
_steps(s) = list_transform(s[2:], lambda p, i: {'time': p.time, 'ns': timestream._when(p) - timestream._when(s[i]),
    'from': CAST(s[i].value AS DOUBLE), 'to': CAST(p.value AS DOUBLE)})
derivative_linear(s timeseries(double), step interval) = list_transform(timestream._steps(s),
    lambda p: timestream._point(p.time, (p.to - p.from) / (p.ns / CAST(step AS DOUBLE))))
non_negative_derivative_linear(s timeseries(double), step interval) =
    list_filter(timestream.derivative_linear(s, step), lambda p: p.value >= 0)
_area(s) = CASE WHEN s IS NOT NULL THEN coalesce(list_sum(list_transform(timestream._steps(s),
    lambda p: (p.from + p.to) / 2 * p.ns)), 0e0) END
integral_trapezoidal(s timeseries(double)) = timestream._area(s) / 1e9
integral_trapezoidal(s timeseries(double), step interval) = timestream._area(s) / CAST(step AS DOUBLE)
_from_mean(a) = list_transform([list_avg(a)], lambda m: list_transform(a, lambda x: x - m))[1]
_product(a, b) = list_sum(list_transform(a, lambda x, i: x * b[i]))
_pearson(a, b) = timestream._product(a, b) / sqrt(timestream._product(a, a) * timestream._product(b, b))
_ranks(a) = list_transform(a, lambda x: len(list_filter(a, lambda y: y < x))
    + (len(list_filter(a, lambda y: y = x)) + 1) / 2)
_same_moments(s, r) = CASE WHEN timestream._moments_of(s) = timestream._moments_of(r) THEN true
    WHEN s IS NOT NULL AND r IS NOT NULL
    THEN timestream._fail('The time series must have the same timestamps') = 0 END
correlate_pearson(s timeseries(double), r timeseries(double)) = CASE WHEN timestream._same_moments(s, r) THEN
    timestream._pearson(timestream._from_mean(timestream._values_of(s)), timestream._from_mean(timestream._values_of(r))) END
correlate_spearman(s timeseries(double), r timeseries(double)) = CASE WHEN timestream._same_moments(s, r) THEN
    timestream._pearson(timestream._from_mean(timestream._ranks(timestream._values_of(s))),
    timestream._from_mean(timestream._ranks(timestream._values_of(r)))) END
"""

"""A curve is a series as two arrays, bound to a name so that it is made once: `n` has its moments in
nanoseconds, `a` its values; a spline's has in `k` the coefficients of the natural cubic spline's squares.
A moment's place is the number of points up to it. Outside of the series there is no value."""
