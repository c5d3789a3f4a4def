# SPDX-License-Identifier: MIT
"""The books: every reading that was sent is in the end stored or reported; what is neither is missing.

A reading counts as stored when the table answers with the value that was sent, not when a service said thank
you.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from math import isclose

from demo.dead_letters import DeadLetters
from demo.message import Delivery, Key, Route, milliseconds
from demo.query import query
from demo.stack import Stack

PAUSES = (0.1, 0.2, 0.5, 1.0)
"""Seconds between looks at the table; the last again and again."""


class Ledger:
    """What was sent, and what became of each reading."""

    def __init__(self, deliveries: Iterable[Delivery]) -> None:
        self.opened = time.time()
        self.routes: dict[Key, Route] = {}
        self.messages: Counter[Route] = Counter()
        self.waiting: dict[Key, float] = {}
        self.stored: set[Key] = set()
        self.reported: dict[Key, str] = {}
        for delivery in deliveries:
            self.messages[delivery.route] += 1
            for key, value in delivery.message.readings():
                self.routes[key] = delivery.route
                self.waiting[key] = value

    def report(self, reasons: Mapping[Key, str]) -> None:
        """Book readings as reported with a reason, those among them that still wait."""
        for key, reason in reasons.items():
            if self.waiting.pop(key, None) is not None:
                self.reported[key] = reason

    def find(self, key: Key, value: float) -> None:
        """Book a reading of the table as stored, if it waits and has this value."""
        if key in self.waiting and isclose(self.waiting[key], value, rel_tol=1e-12, abs_tol=1e-300):
            del self.waiting[key]
            self.stored.add(key)

    def count(self, keys: Iterable[Key]) -> Counter[Route]:
        """How many of the keys went each way."""
        return Counter(self.routes[key] for key in keys)


def settle(
    stack: Stack,
    ledger: Ledger,
    claims: Mapping[Key, str],
    patience: float,
    progress: Callable[[int], None] = lambda waiting: None,
) -> None:
    """Look at the table and the dead letters until nothing waits, or nothing moved for `patience` seconds.

    `claims` says which readings may not be stored and why; if the table does not have them, they count as
    reported. `progress` is told after each look how many readings still wait.
    """
    moved = time.monotonic()
    looks = 0
    with DeadLetters(stack, ledger.opened) as letters:
        while ledger.waiting and time.monotonic() - moved < patience:
            before = len(ledger.waiting)
            # Letters first: whoever gives up on part of a message has stored the rest by then. What a letter
            # is about and the table does not have is what was refused.
            refused = {**letters.reasons(ledger.waiting), **claims}
            _look(stack, ledger)
            ledger.report(refused)
            progress(len(ledger.waiting))
            if len(ledger.waiting) < before:
                moved = time.monotonic()
            elif ledger.waiting:
                time.sleep(PAUSES[min(looks, len(PAUSES) - 1)])
            looks += 1


def _look(stack: Stack, ledger: Ledger) -> None:
    """Find what waits, in the span of time it is in."""
    times = [key.time_ms for key in ledger.waiting]
    sql = f"""
        SELECT device_id, location, measure_name, time, measure_value::double
        FROM "{stack.database}"."{stack.table}"
        WHERE time BETWEEN from_milliseconds({min(times)}) AND from_milliseconds({max(times)})
            AND measure_value::double IS NOT NULL
    """  # noqa: S608
    for device_id, location, measure, moment, value in query(stack, sql).rows:
        if isinstance(moment, datetime) and isinstance(value, float):
            ledger.find(Key(str(device_id), str(location), str(measure), milliseconds(moment)), value)
