# SPDX-License-Identifier: MIT
"""The values of a metric in one period, and what a statistic makes of them.

Percentiles and their kin need the values themselves. A published statistic set tells them only if all its
values are equal, and with any negative value there are no such statistics.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

DISTINCT = 500
"""How many distinct values of a period are kept; further ones are kept to three significant digits."""


@dataclass(slots=True)
class Summary:
    """Values of one period.

    :ivar values: how often each value occurs; None if that isn't known.
    """

    count: float
    total: float
    low: float
    high: float
    values: dict[float, float] | None

    @classmethod
    def of(cls, value: float, count: float = 1) -> Summary:
        """A value, as often as `count` says."""
        return cls(count, value * count, value, value, {value: count})

    @classmethod
    def of_set(cls, count: float, total: float, low: float, high: float) -> Summary:
        """A statistic set, as PutMetricData takes it."""
        return cls(count, total, low, high, {low: count} if low == high and total == low * count else None)

    def add(self, other: Summary) -> None:
        """Take in the values of another one."""
        self.count += other.count
        self.total += other.total
        self.low = min(self.low, other.low)
        self.high = max(self.high, other.high)
        if self.values is None or other.values is None:
            self.values = None
            return
        for value, count in other.values.items():
            kept = value if len(self.values) < DISTINCT else float(f"{value:.3g}")
            self.values[kept] = self.values.get(kept, 0) + count


Statistic = Callable[[Summary], float | None]
"""A statistic of a period's values; None if the values don't tell it."""

BASIC: dict[str, Statistic] = {
    "SampleCount": lambda summary: summary.count,
    "Average": lambda summary: summary.total / summary.count,
    "Sum": lambda summary: summary.total,
    "Minimum": lambda summary: summary.low,
    "Maximum": lambda summary: summary.high,
}

_ONE_BOUND = re.compile(r"(p|tm|wm|tc|ts)(\d{1,3}(?:\.\d{1,10})?)")
_NUMBER = r"\d+(?:\.\d+)?"
_TWO_BOUNDS = re.compile(rf"(TM|WM|TC|TS|PR)\((?:({_NUMBER}%)?:({_NUMBER}%)?|({_NUMBER})?:({_NUMBER})?)\)")


@lru_cache(maxsize=1024)
def statistic(name: str) -> Statistic:
    """A statistic by its name: Sum, p99.9, tm90, TM(10%:90%), TC(80:500), PR(:300), IQM and so on.

    :raises ValueError: there is none of that name.
    """
    if name in BASIC:
        return BASIC[name]
    if name == "IQM":
        return statistic("TM(25%:75%)")
    if (one := _ONE_BOUND.fullmatch(name)) and float(one[2]) <= 100:
        kind, share = one[1], float(one[2])
        if kind == "p":
            return _of_values(lambda values: percentile(values, share))
        return _bounded(kind.upper(), lambda values: (float("-inf"), percentile(values, share)))
    if two := _TWO_BOUNDS.fullmatch(name):
        kind, lowest, highest, low, high = two.groups()
        if (lowest or highest) and kind != "PR":
            return _bounded(kind, _percentiles(lowest, highest))
        if low or high:
            fixed = float(low or "-inf"), float(high or "inf")
            return _bounded(kind, lambda _: fixed, exclusive=True)
    raise ValueError(f"The statistic {name} is not one of CloudWatch's")


def percentile(values: dict[float, float], share: float) -> float:
    """The value below which that share of them, 0 to 100, lies; between two neighbours in proportion."""
    ordered = sorted(values)
    ranks = list(accumulate(values[value] for value in ordered))
    rank = share / 100 * (ranks[-1] - 1)
    below = ordered[min(bisect_right(ranks, int(rank)), len(ordered) - 1)]
    above = ordered[min(bisect_right(ranks, int(rank) + 1), len(ordered) - 1)]
    return below + (rank - int(rank)) * (above - below)


Bounds = Callable[[dict[float, float]], tuple[float, float]]


def _percentiles(low: str | None, high: str | None) -> Bounds:
    lowest, highest = (float(share.rstrip("%")) if share else None for share in (low, high))
    return lambda values: (
        float("-inf") if lowest is None else percentile(values, lowest),
        float("inf") if highest is None else percentile(values, highest),
    )


def _bounded(kind: str, bounds: Bounds, *, exclusive: bool = False) -> Statistic:
    """A statistic of what lies between two bounds, the lower one of which may not belong to it."""

    def apply(values: dict[float, float]) -> float | None:
        low, high = bounds(values)
        if kind == "WM":
            return _mean((min(max(value, low), high), count) for value, count in values.items())
        inside = {
            value: count
            for value, count in values.items()
            if (low < value if exclusive else low <= value) and value <= high
        }
        return _OF_INSIDE[kind](inside, values)

    return _of_values(apply)


def _mean(weighted: Iterable[tuple[float, float]]) -> float | None:
    pairs = list(weighted)
    count = sum(weight for _, weight in pairs)
    return sum(value * weight for value, weight in pairs) / count if count else None


_OF_INSIDE: dict[str, Callable[[dict[float, float], dict[float, float]], float | None]] = {
    "TM": lambda inside, _: _mean(inside.items()),
    "TC": lambda inside, _: sum(inside.values()),
    "TS": lambda inside, _: sum(value * count for value, count in inside.items()),
    "PR": lambda inside, values: 100 * sum(inside.values()) / sum(values.values()),
}


def _of_values(apply: Callable[[dict[float, float]], float | None]) -> Statistic:
    return lambda summary: apply(summary.values) if summary.values and summary.low >= 0 else None
