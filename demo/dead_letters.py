# SPDX-License-Identifier: MIT
"""The queue of what could not be stored: read, matched with what was sent, and left as it was."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterator
from types import TracebackType
from typing import Any

from demo import cells
from demo.message import Key
from demo.refusals import reason_in
from demo.stack import Stack

HOLD = 300
"""Seconds for which a letter stays hidden once read, lest it be read again; `DeadLetters` gives it back."""


SKEW = 60
"""Seconds by which this machine's clock and the queue's may differ."""


class DeadLetters:
    """A look into a stack's dead-letter queue. On leaving, what was read is visible again.

    Letters from before `since`, in seconds since the epoch, are of earlier readings, even if they look alike.
    """

    def __init__(self, stack: Stack, since: float) -> None:
        self._since_ms = (since - SKEW) * 1000
        self._url = stack.outputs["dead_letter_queue_url"]
        self._queue = stack.client("sqs")
        self._held: list[str] = []

    def __enter__(self) -> DeadLetters:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for start in range(0, len(self._held), 10):
            entries = [
                {"Id": str(index), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                for index, handle in enumerate(self._held[start : start + 10])
            ]
            self._queue.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)

    def reasons(self, keys: Collection[Key]) -> dict[Key, str]:
        """Why readings were not stored: those of the keys that letters not read before are about."""
        letters = {identity: reason for letter in self._new() for identity, reason in _about(letter)}
        return {
            key: letters[identity]
            for key in keys
            if (identity := (key.device_id, key.location, key.time_ms)) in letters
        }

    def _new(self) -> Iterator[dict[str, Any]]:
        while messages := self._queue.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HOLD,
            AttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        ).get("Messages"):
            self._held += [message["ReceiptHandle"] for message in messages]
            yield from (m for m in messages if int(m["Attributes"]["SentTimestamp"]) >= self._since_ms)


def _about(letter: dict[str, Any]) -> Iterator[tuple[tuple[str, str, int], str]]:
    """Device, location and time of each message in a letter, with the reason; none if it is another's."""
    try:
        body = json.loads(letter["Body"])
        reason = _reason(letter, body)
        for message in _messages(body):
            time = cells.time_ms(str(message["timestamp"]))
            yield (str(message["device_id"]), str(message["location"]), time), reason
    except (ValueError, KeyError, TypeError):
        return


def _messages(body: Any) -> list[Any]:
    """What the sensor had sent: the error action encloses it, a failed invocation's letter is it."""
    if isinstance(body, dict) and "base64OriginalPayload" in body:
        body = json.loads(base64.b64decode(body["base64OriginalPayload"]))
    return body if isinstance(body, list) else [body]


def _reason(letter: dict[str, Any], body: Any) -> str:
    """As the rule's error action or, in an attribute of the letter, Lambda gives it.

    Sources: https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html and
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    if isinstance(body, dict) and "failures" in body:
        return "; ".join(str(failure["errorMessage"]) for failure in body["failures"])
    attribute = letter.get("MessageAttributes", {}).get("ErrorMessage", {})
    return reason_in(str(attribute.get("StringValue", "in the dead-letter queue")))
