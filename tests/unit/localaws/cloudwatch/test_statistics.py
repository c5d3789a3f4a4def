# SPDX-License-Identifier: MIT
"""Statistics, held to numpy's arithmetic and to AWS's definitions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.cloudwatch.statistics import DISTINCT, Summary, statistic

VALUES = st.lists(st.integers(0, 50).map(float), min_size=1, max_size=40)
SHARES = st.integers(0, 1000).map(lambda tenths: tenths / 10)


def summary(values: list[float]) -> Summary:
    first, *rest = (Summary.of(value) for value in values)
    for each in rest:
        first.add(each)
    return first


def compute(name: str, values: list[float]) -> float | None:
    return statistic(name)(summary(values))


@given(values=VALUES)
def test_the_five_basic_ones(values: list[float]) -> None:
    assert compute("SampleCount", values) == len(values)
    assert compute("Sum", values) == sum(values)
    assert compute("Minimum", values) == min(values)
    assert compute("Maximum", values) == max(values)
    assert compute("Average", values) == pytest.approx(np.mean(values))


@given(values=VALUES, share=SHARES)
def test_percentiles_lie_between_neighbours_in_proportion(values: list[float], share: float) -> None:
    assert compute(f"p{share}", values) == pytest.approx(np.percentile(values, share))


@given(values=VALUES, low=SHARES, high=SHARES)
def test_trimmed_and_winsorized(values: list[float], low: float, high: float) -> None:
    low, high = sorted((low, high))
    bounds = np.percentile(values, [low, high])
    inside = [value for value in values if bounds[0] <= value <= bounds[1]]
    if all(not math.isclose(value, bound) or value == bound for value in values for bound in bounds):
        expected = float(np.mean(inside)) if inside else None
        assert compute(f"TM({low}%:{high}%)", values) == (expected and pytest.approx(expected))
        assert compute(f"TC({low}%:{high}%)", values) == len(inside)
        assert compute(f"TS({low}%:{high}%)", values) == pytest.approx(sum(inside))
    assert compute(f"WM({low}%:{high}%)", values) == pytest.approx(np.mean(np.clip(values, *bounds)))


HUNDRED = [float(value) for value in range(1, 101)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tm90", np.mean(range(1, 91))),  # without the 10 % with the highest values
        ("TM(2%:98%)", np.mean(range(3, 99))),
        ("TM(10%:)", np.mean(range(11, 101))),
        ("tm99", np.mean(range(1, 100))),
        ("TM(:99%)", np.mean(range(1, 100))),
        ("IQM", np.mean(range(26, 76))),
        ("tc90", 90),
        ("ts90", sum(range(1, 91))),
        ("TS(80%:)", sum(range(81, 101))),
        ("TM(15:20)", np.mean(range(16, 21))),  # above the lower bound, up to and with the higher one
        ("TC(80:500)", 20),
        ("TC(:5)", 5),
        ("PR(:30)", 30),
        ("PR(10:20)", 10),
        ("WM(10:20)", (10 * 10 + sum(range(11, 21)) + 80 * 20) / 100),
    ],
)
def test_what_aws_defines(name: str, expected: float) -> None:
    assert compute(name, HUNDRED) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["p101", "p", "TM(:)", "tm", "PR(10%:20%)", "pr90", "Median", "TM(a:b)", ""])
def test_what_is_no_statistic(name: str) -> None:
    with pytest.raises(ValueError, match="is not one of CloudWatch's"):
        statistic(name)


def test_counts_weigh() -> None:
    heavy = Summary.of(2.0, 3)
    heavy.add(Summary.of(10.0))
    assert statistic("p50")(heavy) == np.percentile([2, 2, 2, 10], 50)
    assert statistic("Average")(heavy) == 4


def test_a_statistic_set_has_percentiles_only_if_it_tells_its_values() -> None:
    assert statistic("p90")(Summary.of_set(3, 15, 5, 5)) == 5
    assert statistic("p90")(Summary.of_set(3, 15, 4, 6)) is None
    assert statistic("Average")(Summary.of_set(3, 15, 4, 6)) == 5


def test_negative_values_have_no_percentiles() -> None:
    assert compute("p50", [-1.0, 2.0]) is None
    assert compute("Minimum", [-1.0, 2.0]) == -1


def test_many_distinct_values_are_kept_to_three_digits() -> None:
    values = [1 + number / 7000 for number in range(7000)]
    kept = summary(values)
    assert kept.values is not None
    assert len(kept.values) <= DISTINCT + 101  # 1.00 to 2.00
    assert statistic("p90")(kept) == pytest.approx(np.percentile(values, 90), rel=0.005)
    assert statistic("Sum")(kept) == pytest.approx(sum(values))
