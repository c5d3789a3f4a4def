# SPDX-License-Identifier: MIT
"""What happens after a call has been answered, or without one, counted until CloudWatch asks.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/metrics-dimensions.html
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import NamedTuple


class Count(NamedTuple):
    """How much of a metric of AWS/Timestream there was."""

    metric: str
    value: float
    unit: str
    dimensions: dict[str, str]


class Counts:
    """The counts of one account and region."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, tuple[tuple[str, str], ...]]] = Counter()

    def add(self, metric: str, value: int, unit: str, dimensions: dict[str, str]) -> None:
        """Count so much more."""
        with self._lock:
            self._counts[metric, unit, tuple(dimensions.items())] += value

    def take(self) -> list[Count]:
        """What was counted since the last time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return [
            Count(metric, value, unit, dict(dimensions))
            for (metric, unit, dimensions), value in counts.items()
        ]
