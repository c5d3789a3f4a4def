# SPDX-License-Identifier: MIT
"""The server's own pages, under /_localaws/: what it holds, and what tests may do to it.

    GET  status                                    all that `python -m localaws status` shows
    GET  clock                                     how far the clock has been moved on
    POST clock    {"forward_seconds": N}           move it on; what comes due is done when this answers
    POST throttle {"operation": NAME, "calls": N}  throttle the next N calls of a Timestream operation

The clock is that of the services that are ours: Timestream's retention, scheduled queries and rates,
CloudWatch's alarms. ministack's services and functions go by the machine's.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from localaws import adapter, services

Document = dict[str, Any]

FURTHEST_SECONDS = 10 * 366 * 24 * 3600


class Pages:
    """The pages.

    :param counts: of the requests answered so far, `requests` and `errors`.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._started = time.time()
        self._pages: dict[tuple[str, str], Callable[[Document], Document]] = {
            ("GET", "/_localaws/status"): self._status,
            ("GET", "/_localaws/clock"): clock,
            ("POST", "/_localaws/clock"): forward,
            ("POST", "/_localaws/throttle"): throttle,
        }

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Document]:
        """The HTTP status and content of a page."""
        page = self._pages.get((method, path))
        if page is None:
            return 404, {"message": f"there is no {method} {path}"}
        try:
            return 200, page(json.loads(body or b"{}"))
        except (KeyError, TypeError, ValueError) as error:
            return 400, {"message": f"{path} does not take that: {error}"}

    def _status(self, _request: Document) -> Document:
        return {
            "pid": os.getpid(),
            "started": self._started,
            "peak_memory_bytes": peak_memory(),
            "state": str(Path(os.environ["LOCALAWS_DATA"]).parent),
            "requests": self._counts["requests"],
            "errors": self._counts["errors"],
            "services": adapter.services_there(),
            "clock_ahead_seconds": services.CLOCK.ahead_seconds,
            "timestream": services.summary(),
        }


def clock(_request: Document) -> Document:
    """How far the clock is ahead of the machine's, and the time by it."""
    return {"ahead_seconds": services.CLOCK.ahead_seconds, "now": services.CLOCK() / 10**9}


def forward(request: Document) -> Document:
    """Move the clock on."""
    seconds = float(request["forward_seconds"])
    if not 0 <= seconds <= FURTHEST_SECONDS:
        raise ValueError(f"forward_seconds must be between 0 and {FURTHEST_SECONDS}")
    services.forward(seconds)
    return clock(request)


def throttle(request: Document) -> Document:
    """Throttle the next calls of an operation."""
    services.FAULTS.throttle(str(request["operation"]), int(request["calls"]))
    return {}


def peak_memory() -> int:
    """Bytes of the most memory that this process has had resident."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
