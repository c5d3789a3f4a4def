# SPDX-License-Identifier: MIT
"""How Lambda functions run here, and what becomes of the events that they fail to process."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ERROR_MESSAGE_BYTES = 1024
TURNS = threading.BoundedSemaphore(2 * (os.cpu_count() or 1))
LONGEST_WAIT_SECONDS = 10


@contextmanager
def a_turn() -> Iterator[None]:
    """Wait for a turn to run a function, so that a burst of events starts few workers, each soon used again.

    A function that waits for another one it invoked holds its turn meanwhile, hence the end to the waiting.
    """
    mine = TURNS.acquire(timeout=LONGEST_WAIT_SECONDS)
    try:
        yield
    finally:
        if mine:
            TURNS.release()


def failure(kind: str, message: str) -> dict[str, Any]:
    """The result of a run that could not be."""
    return {"error": True, "body": {"errorType": kind, "errorMessage": message}}


GONE = failure("ResourceNotFoundException", "The function was deleted.")


def letter_attributes(result: dict[str, Any]) -> dict[str, Any]:
    """What a dead-letter queue is told of the run that failed, beside the event as it was.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
    """
    body = result.get("body")
    error = str(body.get("errorMessage") if isinstance(body, dict) else body).encode()[:ERROR_MESSAGE_BYTES]
    return {
        "RequestID": {"DataType": "String", "StringValue": str(uuid.uuid4())},
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": error.decode(errors="ignore")},
    }
