# SPDX-License-Identifier: MIT
"""The key index holds what a dictionary would, in any order of times."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localaws.timestream.keys import Entry, Keys, Series

SERIES = st.sampled_from([("temperature", (("device", name),)) for name in "abc"])
TIMES = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 20)
ENTRIES = st.builds(Entry, st.integers(1, 2**63 - 1), st.integers(-(2**63), 2**63 - 1))


@given(st.lists(st.tuples(SERIES, TIMES, ENTRIES)), TIMES)
def test_it_holds_what_a_dictionary_would(puts: list[tuple[Series, int, Entry]], cut: int) -> None:
    keys, expected = Keys(), {}
    for series, time, entry in puts:
        keys.put(series, time, entry)
        expected[series, time] = entry
    assert keys.count == len(expected)
    assert all(keys.get(*key) == entry for key, entry in expected.items())
    keys.drop_before(cut)
    kept = {key: entry for key, entry in expected.items() if key[1] >= cut}
    assert keys.count == len(kept)
    assert all(keys.get(*key) == kept.get(key) for key in expected)
