# SPDX-License-Identifier: MIT
"""The books: what was sent is stored, or reported with its reason, or missing."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from demo.ledger import Ledger, settle
from demo.message import Delivery, Key, Message, Route
from demo.routes import send
from demo.stack import Stack

MINUTE = 60_000
HOUR = 60 * MINUTE
VALUES = {"temperature": 21.5, "humidity": 40, "pressure": 1013.25, "vibration": 0.1}


def messages(device: str, *ages_ms: int, **values: float) -> list[Message]:
    now = time.time_ns() // 1_000_000
    return [Message(device, "lab", now - age, values or VALUES) for age in ages_ms]


def sent(stack: Stack, route: Route, messages: Sequence[Message], patience: float = 30) -> Ledger:
    deliveries = [Delivery(route, message) for message in messages]
    ledger = Ledger(deliveries)
    settle(stack, ledger, send(stack, deliveries, lambda route, count: None), patience)
    assert len(ledger.routes) == len(ledger.stored) + len(ledger.reported) + len(ledger.waiting)
    return ledger


class TestBooks:
    def test_a_reading_is_booked_once(self) -> None:
        message = Message("d", "l", 1, {"a": 1, "b": 2, "c": 3})
        ledger = Ledger([Delivery(Route.DIRECT, message)])
        a, b, c = (key for key, _ in message.readings())
        ledger.find(a, 1.0)
        ledger.report({a: "late", b: "refused"})
        ledger.find(b, 2.0)
        assert (ledger.stored, ledger.reported, set(ledger.waiting)) == ({a}, {b: "refused"}, {c})
        assert ledger.count(ledger.stored) == {Route.DIRECT: 1}

    def test_another_value_or_another_s_reading_is_not_what_was_sent(self) -> None:
        ledger = Ledger([Delivery(Route.BATCH, Message("d", "l", 1, {"a": 1}))])
        ledger.find(Key("d", "l", "a", 1), 2.0)
        ledger.find(Key("e", "l", "a", 1), 1.0)
        assert ledger.waiting


class TestSettling:
    @pytest.mark.parametrize("route", Route)
    def test_all_is_stored(self, stack: Stack, route: Route) -> None:
        ledger = sent(stack, route, messages(f"good-{route.name}", 0, MINUTE, 30 * HOUR))
        assert len(ledger.stored) == 12
        assert not ledger.waiting

    @pytest.mark.parametrize("route", Route)
    def test_the_same_again_is_stored_too(self, stack: Stack, route: Route) -> None:
        again = messages(f"again-{route.name}", 0)
        assert len(sent(stack, route, again).stored) == len(sent(stack, route, again).stored) == 4

    @pytest.mark.parametrize("route", Route)
    def test_what_timestream_refuses_is_reported(self, stack: Stack, route: Route) -> None:
        """Another value at the same time: one reading of four, the others are as before."""
        first = messages(f"other-{route.name}", 0)
        sent(stack, route, first)
        ledger = sent(stack, route, [replace(first[0], values=VALUES | {"humidity": 41})])
        assert {key.measure: reason for key, reason in ledger.reported.items()}.keys() == {"humidity"}
        assert "already exists" in next(iter(ledger.reported.values()))
        assert len(ledger.stored) == 3

    @pytest.mark.parametrize("route", Route)
    def test_what_is_too_old_for_the_table_is_reported(self, stack: Stack, route: Route) -> None:
        ledger = sent(stack, route, messages(f"old-{route.name}", 0, 400 * 24 * HOUR))
        assert len(ledger.stored) == len(ledger.reported) == 4
        assert all("outside the time range" in reason for reason in ledger.reported.values())

    @pytest.mark.parametrize("route", Route)
    def test_what_no_service_takes_is_reported(self, stack: Stack, route: Route) -> None:
        nowhere = Stack(
            {
                **stack.outputs,
                "topics": {"direct": "not/#/a/topic", "ingest": "not/#/a/topic"},
                "function": "none",
            },
            stack.client,
        )
        ledger = sent(nowhere, route, messages("nowhere", 0))
        assert len(ledger.reported) == 4
        assert all(reason.startswith("not sent: ") for reason in ledger.reported.values())

    def test_what_nobody_listens_to_is_missing(self, stack: Stack) -> None:
        deaf = Stack({**stack.outputs, "topics": {"direct": "topic/nobody"}}, stack.client)
        assert len(sent(deaf, Route.DIRECT, messages("unheard", 0), patience=0.5).waiting) == 4

    def test_batches_of_a_thousand(self, stack: Stack) -> None:
        ledger = sent(stack, Route.BATCH, messages("batch", *range(0, 500_000, 1000)))
        assert len(ledger.stored) == 2000

    def test_dead_letters_are_left_in_their_queue(self, stack: Stack) -> None:
        sent(stack, Route.DIRECT, messages("letter", 400 * 24 * HOUR))
        assert letters(stack)
        sent(stack, Route.DIRECT, messages("letter", 500 * 24 * HOUR))
        assert len(letters(stack)) == 2


def letters(stack: Stack) -> list[dict[str, Any]]:
    queue, url = stack.client("sqs"), stack.outputs["dead_letter_queue_url"]
    return list(
        queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
    )
