# SPDX-License-Identifier: MIT
"""The time that the embedded services go by: the machine's, unless someone moves it on."""

from __future__ import annotations

import time


class Clock:
    """Tells the time in nanoseconds since 1970."""

    def __init__(self) -> None:
        self._ahead = 0

    def __call__(self) -> int:
        """The time by now."""
        return time.time_ns() + self._ahead

    @property
    def ahead_seconds(self) -> float:
        """How far it has been moved on."""
        return self._ahead / 10**9

    def forward(self, seconds: float) -> None:
        """Let time pass at once: what would have happened meanwhile happens as soon as it is looked for."""
        self._ahead += round(seconds * 10**9)

    def reset(self) -> None:
        """Go by the machine's time again."""
        self._ahead = 0
