# SPDX-License-Identifier: MIT
"""A server to measure, called without an SDK, and what a process used."""

from __future__ import annotations

import http
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import urllib3

from localaws import process, settings, wire

Document = dict[str, Any]


class Server:
    """A running embedded AWS."""

    def __init__(self, instance: process.Instance) -> None:
        self.instance = instance
        self._process = psutil.Process(instance.pid)
        self._connections = urllib3.HTTPConnectionPool(settings.HOST, instance.port, maxsize=2)

    def call(self, operation: str, request: Document) -> Document:
        """Call Timestream; RuntimeError if it refuses."""
        response = self._connections.request(
            "POST", "/", body=json.dumps(request), headers=_headers(operation)
        )
        answer: Document = response.json()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{operation}: {answer}")
        return answer

    def cpu(self) -> float:
        """Seconds of CPU that it has used so far."""
        used = self._process.cpu_times()
        return used.user + used.system

    def memory(self) -> float:
        """MB that are its own."""
        return self._process.memory_full_info().uss / 1e6


@contextmanager
def server(state: Path) -> Iterator[Server]:
    """An embedded AWS on a free port, its state in a folder."""
    try:
        yield Server(process.start(state, port=0))
    finally:
        process.stop(state)


def _headers(operation: str) -> dict[str, str]:
    scope = f"20260101/{settings.REGION}/timestream/aws4_request"
    return {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"{wire.TARGET_PREFIX}.{operation}",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={settings.CREDENTIALS}/{scope}",
    }
