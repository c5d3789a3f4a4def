# SPDX-License-Identifier: MIT
"""A published message and what the rules engine knows about its publishing."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    """A message as it was published.

    :ivar topic: where it was published, the prefix of Basic Ingest included.
    :ivar client_id: the MQTT client's; None if it came over HTTP.
    :ivar principal: the certificate, role session or user that published it.
    :ivar time_ms: when the rules engine received it, in milliseconds since 1970.
    :ivar trace_id: stands in traceid() and in the error action's document.
    """

    topic: str
    payload: bytes
    account: str = "000000000000"
    client_id: str | None = None
    principal: str | None = None
    source_ip: str | None = None
    time_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    trace_id: str = field(default_factory=lambda: str(uuid.uuid4()))
