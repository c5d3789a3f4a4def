# SPDX-License-Identifier: MIT
"""What a sensor says, and the three ways it can say it to the stack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Route(Enum):
    """A way from a sensor to the table."""

    DIRECT = "IoT rule to Timestream"
    CHECKED = "IoT rule to function"
    BATCH = "function, in batches"


class Key(NamedTuple):
    """What tells one reading from every other: Timestream's dimensions, measure name and time."""

    device_id: str
    location: str
    measure: str
    time_ms: int


@dataclass(frozen=True, slots=True)
class Message:
    """The readings of one device at one time, by measure name."""

    device_id: str
    location: str
    time_ms: int
    values: Mapping[str, float]

    def readings(self) -> Iterator[tuple[Key, float]]:
        """Each reading with its key."""
        for measure, value in self.values.items():
            yield Key(self.device_id, self.location, measure, self.time_ms), value


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message and the way it is to go."""

    route: Route
    message: Message


def utc(time_ms: int) -> datetime:
    """Milliseconds since the epoch as a time."""
    return EPOCH + timedelta(milliseconds=time_ms)


def milliseconds(time: datetime) -> int:
    """A time, aware of its zone, as whole milliseconds since the epoch."""
    return (time - EPOCH) // timedelta(milliseconds=1)


def iso(time_ms: int) -> str:
    """A time in ISO 8601, as sensors with a clock of their own send it: 2026-01-01T00:00:00.000Z."""
    return utc(time_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def direct_payload(message: Message) -> str:
    """Flat, time in epoch milliseconds: what the direct rule can store without a function."""
    return json.dumps(_identity(message) | {"timestamp": message.time_ms} | dict(message.values))


def checked_payload(message: Message) -> str:
    """Flat, time in ISO 8601: a timestamp that needs the function."""
    return json.dumps(_identity(message) | {"timestamp": iso(message.time_ms)} | dict(message.values))


def batch_payload(messages: Sequence[Message]) -> str:
    """A list, each message with its readings under `sensors`: what a gateway uploads."""
    return json.dumps(
        [_identity(m) | {"timestamp": iso(m.time_ms), "sensors": dict(m.values)} for m in messages]
    )


def _identity(message: Message) -> dict[str, Any]:
    return {"device_id": message.device_id, "location": message.location}
