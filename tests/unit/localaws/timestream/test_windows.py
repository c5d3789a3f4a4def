# SPDX-License-Identifier: MIT
"""The windows of both stores, from the retention that AWS documents."""

from __future__ import annotations

import pytest

from localaws.timestream.windows import Windows

SECOND = 10**9
HOUR = 3600 * SECOND
NOW = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z


def windows(magnetic_writes: bool) -> Windows:
    retention = {"MemoryStoreRetentionPeriodInHours": 12, "MagneticStoreRetentionPeriodInDays": 5}
    writes = {"EnableMagneticStoreWrites": magnetic_writes}
    return Windows.at(NOW, {"RetentionProperties": retention, "MagneticStoreWriteProperties": writes})


@pytest.mark.parametrize("time", [NOW - 12 * HOUR, NOW, NOW + 15 * 60 * SECOND - 1])
def test_both_ends_of_the_memory_store(time: int) -> None:
    assert windows(False).refusal(time) is None
    assert windows(False).in_memory(time)


@pytest.mark.parametrize("time", [NOW - 12 * HOUR - 1, NOW + 15 * 60 * SECOND, -(10**30), 10**30])
def test_outside_the_memory_store(time: int) -> None:
    assert windows(False).refusal(time) == (
        "The record timestamp is outside the time range "
        "[2025-12-31T12:00:00.000Z, 2026-01-01T00:15:00.000Z) of the memory store."
    )


def test_magnetic_writes_open_the_magnetic_stores_retention_too() -> None:
    start = NOW - 132 * HOUR  # 5 days before the memory store's 12 hours
    assert windows(True).refusal(start) is None
    assert not windows(True).in_memory(start)
    assert windows(True).refusal(start - 1) == (
        "The record timestamp is outside the time range "
        "[2025-12-26T12:00:00.000Z, 2026-01-01T00:15:00.000Z) of the data ingestion window."
    )


@pytest.mark.parametrize("magnetic_writes", [False, True])
def test_a_batch_load_goes_to_the_magnetic_store_whatever_its_times(magnetic_writes: bool) -> None:
    windows_ = windows(magnetic_writes).of_batch_load()
    for time in (NOW - 132 * HOUR, NOW):
        assert windows_.refusal(time) is None
        assert not windows_.in_memory(time)
    for time in (NOW - 132 * HOUR - 1, NOW + 15 * 60 * SECOND):
        assert "of the data ingestion window" in str(windows_.refusal(time))
