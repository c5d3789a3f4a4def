# SPDX-License-Identifier: MIT
"""Arrays.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/array-functions.html
"""

from __future__ import annotations

MACROS = r"""
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
