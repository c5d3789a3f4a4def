# SPDX-License-Identifier: MIT
"""Maps. Timestream documents none, nor has an answer a shape for one: they are Trino's, within a query.

Source: https://trino.io/docs/current/functions/map.html
"""

from __future__ import annotations

MACROS = r"""
cardinality(m map(K, V)) = len(map_keys(m))
element_at(m map(K, V), k K) = m[k]
map() = map()
map(k array(K), v array(V)) = map(k, list_slice(v, 1, CASE WHEN len(k) = len(v) THEN len(v)
    ELSE timestream._fail('Key and value arrays must be the same length') END))
map_entries(m map(K, V)) = list_transform(map_entries(m), lambda e: row(e.key, e.value))
map_from_entries(a array(E)) = map_from_entries(a)
map_keys(m map(K, V)) = map_keys(m)
map_values(m map(K, V)) = map_values(m)
_subscript(m map(K, V), k K) = list_extract(map_extract(m, k), CASE WHEN map_contains(m, k) THEN 1
    ELSE timestream._fail('Key not present in map: ' || k) END)
"""
