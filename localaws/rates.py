# SPDX-License-Identifier: MIT
"""How many requests a second are answered: as many as come, or as many as AWS answers.

By AWS's own rates an account has, in a region, one request a second that creates, updates or deletes, five
that list, describe, prepare or execute a scheduled query, one UNLOAD, and one query with insights. Writes and
other queries have no such rate. Tests can besides have the next calls of an operation throttled, whatever the
rates.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/ts-limits.html
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from localaws.errors import ThrottlingException
from localaws.wire import Service

AWS = {"change": 1, "look": 5, "unload": 1, "insights": 1}
"""Requests a second, by the kind of operation."""

UNLIMITED: dict[str, int] = {}
BY_NAME = {"unlimited": UNLIMITED, "aws": AWS}

INSIGHTS = "ENABLED_WITH_RATE_CONTROL"
UNLOAD = re.compile(r"(\s|--[^\n]*\n|/\*.*?\*/)*UNLOAD\b", re.IGNORECASE | re.DOTALL)


class Rates:
    """The rates of one account and region, as token buckets that hold a second's requests.

    :param rates: requests a second by kind of operation; a kind that isn't there has no limit.
    :param clock: tells the time in nanoseconds since 1970.
    """

    def __init__(self, rates: dict[str, int], clock: Callable[[], int]) -> None:
        self._rates = rates
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = {kind: float(rate) for kind, rate in rates.items()}
        self._filled = clock()

    def take(self, operation: str, request: dict[str, Any]) -> None:
        """Let a request pass; ThrottlingException if it comes too soon."""
        rated = kind(operation, request)
        if rated not in self._rates:
            return
        with self._lock:
            self._fill()
            if self._tokens[rated] < 1:
                raise ThrottlingException
            self._tokens[rated] -= 1

    def _fill(self) -> None:
        now = self._clock()
        seconds, self._filled = (now - self._filled) / 10**9, now
        for rated, rate in self._rates.items():
            self._tokens[rated] = min(rate, self._tokens[rated] + seconds * rate)


class Faults:
    """Calls that tests want throttled, by operation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()

    def throttle(self, operation: str, calls: int) -> None:
        """Have the next calls of an operation throttled, whoever makes them."""
        with self._lock:
            self._calls[operation] = calls

    def take(self, operation: str) -> None:
        """Let a call pass; ThrottlingException if it is one of those."""
        with self._lock:
            if self._calls[operation] > 0:
                self._calls[operation] -= 1
                raise ThrottlingException

    def reset(self) -> None:
        """Let every call pass."""
        self._calls.clear()


class Throttled:
    """A service that answers no faster than its rates."""

    def __init__(self, service: Service, rates: Rates, faults: Faults) -> None:
        self._service = service
        self._rates = rates
        self._faults = faults

    def call(self, operation: str, request: dict[str, Any], endpoint: str) -> dict[str, Any]:
        """Call the service, or raise ThrottlingException."""
        self._faults.take(operation)
        self._rates.take(operation, request)
        return self._service.call(operation, request, endpoint)


def kind(operation: str, request: dict[str, Any]) -> str | None:
    """The kind of operation whose rate a request is held to; None: it is held to none."""
    if operation.startswith(("Create", "Update", "Delete")):
        return "change"
    if operation.startswith(("List", "Describe", "Prepare", "Execute")):
        return "look"
    if operation == "Query" and UNLOAD.match(str(request.get("QueryString"))):
        return "unload"
    if operation == "Query" and (request.get("QueryInsights") or {}).get("Mode") == INSIGHTS:
        return "insights"
    return None
