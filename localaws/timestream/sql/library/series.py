# SPDX-License-Identifier: MIT
"""Time series.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/timeseries-specific-constructs.functions.html
"""

from __future__ import annotations

MACROS = r"""
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
