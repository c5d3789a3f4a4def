# SPDX-License-Identifier: MIT
"""Sending: messages published to IoT one by one, or handed to the function in batches."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from botocore.exceptions import BotoCoreError, ClientError

from demo.message import (
    Delivery,
    Key,
    Message,
    Route,
    batch_payload,
    checked_payload,
    direct_payload,
)
from demo.refusals import refused_by_function
from demo.stack import WORKERS, Stack

BATCH_READINGS = 1000
"""Readings a batch: ten of Timestream's requests, and far below the 6 MB of an invocation's payload."""

Refusals = dict[Key, str]


def send(stack: Stack, deliveries: Sequence[Delivery], sent: Callable[[Route, int], None]) -> Refusals:
    """Send all, some at a time; answers with the readings that may not be stored, and why.

    `sent` is told of messages that are out, by their route and number.
    """
    refusals: Refusals = {}
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="send") as pool:
        jobs = {
            pool.submit(_deliver, stack, route, messages): (route, len(messages))
            for route, messages in _jobs(deliveries)
        }
        for job in as_completed(jobs):
            refusals |= job.result()
            sent(*jobs[job])
    return refusals


def _jobs(deliveries: Sequence[Delivery]) -> Iterator[tuple[Route, list[Message]]]:
    """What is sent at once: a message, or on the batch route as many as a batch may hold."""
    batch: list[Message] = []
    readings = 0
    for delivery in deliveries:
        if delivery.route is not Route.BATCH:
            yield delivery.route, [delivery.message]
            continue
        batch.append(delivery.message)
        readings += len(delivery.message.values)
        if readings >= BATCH_READINGS:
            yield Route.BATCH, batch
            batch, readings = [], 0
    if batch:
        yield Route.BATCH, batch


def _deliver(stack: Stack, route: Route, messages: list[Message]) -> Refusals:
    try:
        if route is Route.BATCH:
            return _invoke(stack, messages)
        payload = {Route.DIRECT: direct_payload, Route.CHECKED: checked_payload}[route]
        topic = stack.outputs["topics"]["direct" if route is Route.DIRECT else "ingest"]
        stack.client("iot-data").publish(topic=topic, qos=1, payload=payload(messages[0]))
    except (ClientError, BotoCoreError) as error:
        return {key: f"not sent: {error}" for message in messages for key, _ in message.readings()}
    return {}


def _invoke(stack: Stack, messages: list[Message]) -> Refusals:
    answer = stack.client("lambda").invoke(
        FunctionName=stack.outputs["function"], Payload=batch_payload(messages)
    )
    body = json.loads(answer["Payload"].read())
    return refused_by_function(messages, body) if "FunctionError" in answer else {}
