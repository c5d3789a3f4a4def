# SPDX-License-Identifier: MIT
"""The store of metrics: by minute and dimensions, on disk, coarser with age."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.cloudwatch.metrics import DAY, HOUR, Metric, Metrics
from localaws.cloudwatch.statistics import Summary

START = 1_767_225_600
TEMPERATURE = Metric.of("Plant", "Temperature", {"site": "a"})


def sums(metrics: Metrics, start: int = 0, end: int = 2**40) -> dict[int, float]:
    return {point.time: point.summary.total for point in metrics.points(TEMPERATURE, start, end)}


def test_the_order_of_dimensions_does_not_matter() -> None:
    assert Metric.of("n", "m", {"a": "1", "b": "2"}) == Metric.of("n", "m", {"b": "2", "a": "1"})


def test_other_dimensions_are_another_metric() -> None:
    metrics = Metrics()
    metrics.put(TEMPERATURE, START, "None", Summary.of(1))
    assert metrics.points(Metric.of("Plant", "Temperature", {}), 0, 2**40) == []
    assert metrics.points(Metric.of("Plant", "Temperature", {"site": "a", "x": "y"}), 0, 2**40) == []


def test_values_are_kept_by_minute_or_second() -> None:
    metrics = Metrics()
    for second, value in ((0, 1), (59.9, 2), (60, 4)):
        metrics.put(TEMPERATURE, START + second, "None", Summary.of(value))
    assert sums(metrics) == {START: 3, START + 60: 4}
    metrics.put(TEMPERATURE, START + 121.5, "None", Summary.of(8), resolution=1)
    assert sums(metrics, START + 61) == {START + 121: 8}


def test_units_are_apart() -> None:
    metrics = Metrics()
    metrics.put(TEMPERATURE, START, "Count", Summary.of(1))
    metrics.put(TEMPERATURE, START, "Bytes", Summary.of(2))
    assert [point.unit for point in metrics.points(TEMPERATURE, 0, 2**40)] == ["Bytes", "Count"]
    (point,) = metrics.points(TEMPERATURE, 0, 2**40, "Bytes")
    assert point.summary.total == 2


@given(
    values=st.lists(st.tuples(st.integers(0, 600), st.floats(0, 100)), max_size=30),
    flushes=st.sets(st.integers(0, 30)),
)
def test_a_flush_between_changes_nothing(values: list[tuple[int, float]], flushes: set[int]) -> None:
    apart, together = Metrics(), Metrics()
    for number, (second, value) in enumerate(values):
        for metrics in (apart, together):
            metrics.put(TEMPERATURE, START + second, "None", Summary.of(value))
        if number in flushes:
            apart.flush()
    assert sums(apart) == pytest.approx(sums(together))
    for one, other in zip(
        *(metrics.points(TEMPERATURE, 0, 2**40) for metrics in (apart, together)), strict=True
    ):
        assert one.summary.values == other.summary.values
        assert (one.summary.low, one.summary.high) == (other.summary.low, other.summary.high)


def test_it_is_all_there_again(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path / "metrics.sqlite")
    metrics.put(TEMPERATURE, START, "Count", Summary.of(3.5, 2))
    metrics.close()
    metrics = Metrics(tmp_path / "metrics.sqlite")
    (point,) = metrics.points(TEMPERATURE, START, START + 60)
    assert (point.unit, point.summary) == ("Count", Summary.of(3.5, 2))
    assert metrics.newest(TEMPERATURE) == START
    assert metrics.since(START) == [TEMPERATURE]
    assert metrics.since(START + 1) == []


@pytest.mark.parametrize(
    ("age", "times"),
    [
        (2 * HOUR, [0, 61, 299, 3599]),  # as they came
        (3 * HOUR + 2 * 3600, [0, 60, 240, 3540]),  # minutes
        (15 * DAY + 2 * HOUR, [0, 3300]),  # 5 minutes
        (63 * DAY + 2 * HOUR, [0]),  # hours
        (455 * DAY + 2 * HOUR, []),
    ],
)
def test_they_get_coarser_with_age(age: int, times: list[int]) -> None:
    metrics = Metrics()
    for second in (0, 61, 299, 3599):
        metrics.put(TEMPERATURE, START + second, "None", Summary.of(second), resolution=1)
    metrics.age(START + age)
    assert [time - START for time in sums(metrics)] == times
    if times:
        assert sum(sums(metrics).values()) == 0 + 61 + 299 + 3599
