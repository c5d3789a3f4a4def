# SPDX-License-Identifier: MIT
"""From an event to messages, and from a message to its measures, in all the forms they come in.

Events: one message, a list of them, or a batch from a queue (`Records`, whose bodies hold one or a list). A
message may also lie inside the report of an earlier failure: what an IoT rule's error action gets
(`base64OriginalPayload`) and what Lambda keeps of an asynchronous invocation (`requestPayload`).

Messages: fields for the dimensions, `timestamp` if the device knows the time, and measures in any of these
forms, also together:

    nested      {"sensors": {"temperature": 21.5, "humidity": 40}}, or "measurements"
    generic     {"metric_name": "temperature", "measurement": 21.5}; without metric_name it is called "value"
                {"metric_name": "temperature", "value": 21.5}
                {"measurement": "temperature", "value": 21.5}
    flat        {"temperature": 21.5, "humidity": 40}: every other field

Without `timestamp` a message's time is its `received_at` (an IoT rule adds it by `SELECT *, timestamp() AS
received_at`), else the time its queue took it, else the time of the invocation. Only the last is another time
when the message comes again: who invokes the function asynchronously sends one of the first two.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html,
https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html and
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

TIME_FIELDS = ("timestamp", "received_at")

_CONTAINERS = ("sensors", "measurements")
_MILLISECOND = 10**6  # in nanoseconds


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an event.

    :ivar index: its position among the event's messages.
    :ivar body: what it says; any JSON, checked by no one yet. Text that isn't JSON stays text.
    :ivar received_ns: its time should it have none of its own, in nanoseconds since the epoch; each message
        of an event has another, so that two without a time never fall on each other.
    :ivar queue_id: the id of the queue's message it came in, if any.
    """

    index: int
    body: object
    received_ns: int
    queue_id: str | None = None


def messages(event: object, now_ns: int) -> list[Message]:
    """The messages of an event; `now_ns` is the time of the invocation."""
    if not is_batch(event):
        return [Message(index, body, now_ns + index) for index, body in enumerate(_bodies(event))]
    found = [(record, *it) for record in event["Records"] for it in enumerate(_record_bodies(record))]
    return [
        Message(index, body, _sent_ns(record, position) or now_ns + index, _queue_id(record))
        for index, (record, position, body) in enumerate(found)
    ]


def is_batch(event: object) -> TypeGuard[dict[str, list[Any]]]:
    """Whether the event is a batch of records."""
    return isinstance(event, dict) and isinstance(event.get("Records"), list)


def is_queue_batch(event: object) -> bool:
    """Whether the event is a batch from a queue, which awaits the ids of the messages that failed."""
    return is_batch(event) and all(_queue_id(record) for record in event["Records"])


def measures(body: Mapping[str, object], dimensions: Collection[str]) -> Iterator[tuple[object, object]]:
    """The measures of a message, as pairs of name and value; neither is checked."""
    rest = {name: value for name, value in body.items() if name not in dimensions and name not in TIME_FIELDS}
    for container in _CONTAINERS:
        if isinstance(nested := rest.get(container), dict):
            yield from nested.items()
            del rest[container]
    if "metric_name" in rest:
        name = rest.pop("metric_name")
        yield name, rest.pop("measurement" if "measurement" in rest else "value", None)
    elif isinstance(rest.get("measurement"), str) and "value" in rest:
        yield rest.pop("measurement"), rest.pop("value")
    elif "measurement" in rest:
        yield "value", rest.pop("measurement")
    yield from rest.items()


def _bodies(document: object) -> list[object]:
    """The messages in a document: the items of a list, or the document itself."""
    while (inner := _enclosed(document)) is not None:
        document = inner
    return document if isinstance(document, list) else [document]


def _enclosed(document: object) -> object:
    """What the report of an earlier failure encloses; None if the document is no such report."""
    match document:
        case {"base64OriginalPayload": str(encoded)}:
            try:
                return _parsed(base64.b64decode(encoded, validate=True).decode())
            except ValueError:
                return None
        case {"requestContext": dict(), "requestPayload": payload}:
            return payload
    return None


def _record_bodies(record: object) -> list[object]:
    body = record.get("body") if isinstance(record, dict) else None
    return _bodies(_parsed(body)) if isinstance(body, str) else [record]


def _parsed(text: str) -> object:
    """The JSON that the text holds, or the text itself, to be refused later as no object."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _queue_id(record: object) -> str | None:
    match record:
        case {"eventSource": "aws:sqs", "messageId": str(message_id)}:
            return message_id
    return None


def _sent_ns(record: object, position: int) -> int | None:
    """When the queue took the message at a position of a record's body: the same in every delivery.

    A queue counts milliseconds: the message id spreads those of one millisecond over its nanoseconds.
    """
    match record:
        case {"messageId": str(message_id), "attributes": {"SentTimestamp": str(sent)}} if sent.isdecimal():
            return int(sent) * _MILLISECOND + zlib.crc32(message_id.encode()) % _MILLISECOND + position
    return None
