# SPDX-License-Identifier: MIT
"""What Timestream reports to CloudWatch about its calls, in the namespace AWS/Timestream.

    SuccessfulRequestLatency  ms    Operation, and DatabaseName and TableName where the call names them
    NumberOfRecords           1     Operation
    UserErrors, SystemErrors  1     Operation

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/metrics-dimensions.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from localaws.errors import AwsError
from localaws.wire import Service

Record = Callable[[str, float, str, dict[str, str]], None]
"""Takes a metric's name, a value, its unit and the dimensions."""

NAMES = ("DatabaseName", "TableName")


class Metered:
    """A Timestream that reports each of its calls."""

    def __init__(self, service: Service, record: Record) -> None:
        self._service = service
        self._record = record

    def call(self, operation: str, request: dict[str, Any], endpoint: str) -> dict[str, Any]:
        """Call the service."""
        dimensions = {"Operation": operation}
        started = time.perf_counter()
        try:
            response = self._service.call(operation, request, endpoint)
        except AwsError:
            self._record("UserErrors", 1, "Count", dimensions)
            raise
        except Exception:
            self._record("SystemErrors", 1, "Count", dimensions)
            raise
        milliseconds = (time.perf_counter() - started) * 1000
        named = {name: request[name] for name in NAMES if name in request}
        self._record("SuccessfulRequestLatency", milliseconds, "Milliseconds", dimensions | named)
        if operation == "WriteRecords":
            self._record("NumberOfRecords", response["RecordsIngested"]["Total"], "Count", dimensions)
        return response
