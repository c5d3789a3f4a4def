# SPDX-License-Identifier: MIT
"""Arrays, and the operator that joins them.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/array-functions.html,
.../array-operators.html; those not there are Trino's, https://trino.io/docs/current/functions/array.html
"""

from __future__ import annotations

MACROS = r"""
_has_null(a) = len(a) > len(list_filter(a, lambda x: x IS NOT NULL))
_from_one(i) = CASE WHEN i = 0 THEN timestream._fail('SQL array indices start at 1') ELSE i END
_place_in(i, length) = CASE WHEN i < 0 THEN timestream._fail('Array subscript is negative: ' || i)
    WHEN i > length THEN timestream._fail(
    'Array subscript must be less than or equal to array length: ' || i || ' > ' || length)
    ELSE timestream._from_one(i) END
_start(i, length) = CASE WHEN abs(i) > length THEN length + 1 WHEN i < 0 THEN length + i + 1
    ELSE timestream._from_one(i) END
_length(n) =
    CASE WHEN n < 0 THEN timestream._fail('length must be greater than or equal to 0') ELSE n END
_count(n) = CASE WHEN n < 0 THEN timestream._fail('count argument of repeat function must be non-negative')
    WHEN n > 10000
    THEN timestream._fail('count argument of repeat function must be less than or equal to 10000') ELSE n END
_once(a) = list_filter(a, lambda x, i: list_position(a, x) = i)
_within(a, x) = CASE WHEN x IS NULL THEN timestream._has_null(a) ELSE list_contains(a, x) END
array_distinct(a array(E)) = timestream._once(a)
array_except(a array(E), b array(E)) =
    timestream._once(list_filter(a, lambda x: NOT timestream._within(b, x)))
array_intersect(a array(E), b array(E)) =
    timestream._once(list_filter(a, lambda x: timestream._within(b, x)))
array_join(a array(varchar), delimiter varchar) = timestream._glued(a, delimiter)
array_join(a array(varchar), delimiter varchar, null_replacement varchar) =
    timestream._glued(list_transform(a, lambda x: coalesce(x, null_replacement)), delimiter)
array_max(a array(E)) = CASE WHEN NOT timestream._has_null(a) THEN list_max(a) END
array_min(a array(E)) = CASE WHEN NOT timestream._has_null(a) THEN list_min(a) END
array_position(a array(E), x E) = CASE WHEN a IS NOT NULL AND x IS NOT NULL
    THEN coalesce(CAST(list_position(a, x) AS BIGINT), 0) END
array_remove(a array(E), x E) = CASE WHEN x IS NOT NULL THEN list_filter(a, lambda y: y <> x OR y IS NULL) END
array_sort(a array(E)) = list_sort(a, 'ASC', 'NULLS LAST')
array_union(a array(E), b array(E)) = CASE WHEN a IS NOT NULL AND b IS NOT NULL
    THEN timestream._once(list_concat(a, b)) END
arrays_overlap(a array(E), b array(E)) = CASE WHEN list_has_any(a, b) THEN true
    WHEN timestream._has_null(a) OR timestream._has_null(b) THEN NULL ELSE false END
cardinality(a array(E)) = len(a)
contains(a array(E), x E) = CASE WHEN list_contains(a, x) THEN true
    WHEN timestream._has_null(a) THEN NULL ELSE list_contains(a, x) END
element_at(a array(E), i bigint) = list_extract(a, timestream._from_one(i))
flatten(a array(array(E))) = flatten(a)
repeat(x E, n bigint) = list_transform(range(timestream._count(n)), lambda i: x)
reverse(a array(E)) = list_reverse(a)
_step(start, stop, step) = CASE WHEN step = 0 THEN timestream._fail('step must not be zero')
    WHEN (stop < start) <> (step < 0) AND start <> stop
    THEN timestream._fail('sequence stop value should be greater than or equal to start value '
    || 'if step is greater than zero otherwise stop should be less than or equal to start')
    WHEN (stop - start) // step >= 10000
    THEN timestream._fail('result of sequence function must not have more than 10000 entries') ELSE step END
_sequence(start, stop, step) = generate_series(start, stop, timestream._step(start, stop, step))
_towards(start, stop) = CASE WHEN start <= stop THEN 1 ELSE -1 END
_instants(start, stop, step) = list_transform(
    timestream._sequence(epoch_ns(start), epoch_ns(stop), step), lambda x: make_timestamp_ns(x))
sequence(start bigint, stop bigint) = timestream._sequence(start, stop, timestream._towards(start, stop))
sequence(start bigint, stop bigint, step bigint) = timestream._sequence(start, stop, step)
sequence(start timestamp, stop timestamp) =
    timestream._instants(start, stop, 86400000000000 * timestream._towards(start, stop))
sequence(start timestamp, stop timestamp, step interval) =
    timestream._instants(start, stop, CAST(step AS BIGINT))
shuffle(a array(E)) =
    list_transform(list_sort(list_transform(a, lambda x: row(random(), x))), lambda p: p[2])
slice(a array(E), start bigint, size bigint) =
    list_slice(a, timestream._start(start, len(a)),
    timestream._start(start, len(a)) + timestream._length(size) - 1)
_subscript(a array(E), i bigint) = list_extract(a, timestream._place_in(i, len(a)))
_joined(a varchar, b varchar) = a || b
_joined(a array(E), b array(E)) = a || b
_joined(a array(E), x E) = CASE WHEN a IS NOT NULL THEN list_append(a, x) END
_joined(x E, a array(E)) = CASE WHEN a IS NOT NULL THEN list_prepend(x, a) END
"""
