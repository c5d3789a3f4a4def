# SPDX-License-Identifier: MIT
"""The key index holds what a dictionary would, in any order of times."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import groupby, pairwise

from hypothesis import given
from hypothesis import strategies as st

from localaws.timestream.keys import WHOLE, Entry, Keys, Loaded, Series

SERIES = st.sampled_from([("temperature", (("device", name),)) for name in "abc"])
TIMES = st.integers(-(2**63), 2**63 - 3) | st.integers(0, 20)
ENTRIES = st.builds(Entry, st.integers(1, 2**63 - 1), st.integers(-(2**63), 2**63 - 1))


def nothing(_start: int, _end: int) -> list[Loaded]:
    return []


@given(st.lists(st.tuples(SERIES, TIMES, ENTRIES)), TIMES)
def test_it_holds_what_a_dictionary_would(offers: list[tuple[Series, int, Entry]], cut: int) -> None:
    keys, expected = Keys(nothing, None), dict[tuple[Series, int], Entry]()
    for series, time, entry in offers:
        existing = expected.get((series, time))
        assert keys.offer(series, time, *entry) == existing
        if existing is None or existing.version < entry.version:
            expected[series, time] = entry
    keys.drop_before(cut)
    for (series, time), entry in expected.items():
        assert keys.offer(series, time, 0, 0) == (entry if time >= cut else None)


@given(
    st.dictionaries(st.tuples(SERIES, TIMES), ENTRIES),
    st.lists(st.tuples(SERIES, TIMES, ENTRIES)),
    st.integers(1, 30) | st.integers(1, WHOLE),
)
def test_keys_that_were_there_before_are_known(
    stored: dict[tuple[Series, int], Entry], offers: list[tuple[Series, int, Entry]], reach: int
) -> None:
    asked: list[tuple[int, int]] = []

    def load(start: int, end: int) -> Iterator[Loaded]:
        asked.append((start, end))
        found = sorted((series, time) for series, time in stored if start <= time < end)
        for series, group in groupby(found, key=lambda key: key[0]):
            times = [time for _, time in group]
            entries = [stored[series, time] for time in times]
            versions = array("q", [entry.version for entry in entries])
            yield Loaded(series, array("q", times), versions, array("q", [entry.digest for entry in entries]))

    newest = max((time for _, time in stored), default=None)
    keys, expected = Keys(load, newest, reach), dict(stored)
    for series, time, entry in offers:
        existing = expected.get((series, time))
        assert keys.offer(series, time, *entry) == existing
        if existing is None or existing.version < entry.version:
            expected[series, time] = entry
    assert all(one[0] < one[1] <= other[0] for one, other in pairwise(sorted(asked))), "each time once"
    assert all(end <= newest + 1 for _, end in asked if newest is not None), "what is newer is known"
    assert len(asked) <= len(offers)
