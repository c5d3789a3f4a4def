# SPDX-License-Identifier: MIT
"""The demo's course: send, wait until it is stored, report, ask."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from demo import report
from demo.ledger import Ledger, settle
from demo.message import Delivery, Message, Route, utc
from demo.query import query
from demo.questions import Question, questions, window
from demo.routes import send
from demo.stack import Stack

PUBLISHED = 2000
"""Messages of a file that are published one by one, at most; batches, for the rest, are far quicker."""


def split(messages: Sequence[Message]) -> list[Delivery]:
    """Messages in order of time, as a gateway sends them after an outage: the older ones in batches, then the
    live ones each by itself.
    """
    live = len(messages) - min((len(messages) + 1) // 2, PUBLISHED)
    return [
        Delivery(Route.BATCH if index < live else Route.DIRECT, message)
        for index, message in enumerate(messages)
    ]


def play(stack: Stack, deliveries: Sequence[Delivery], console: Console, patience: float) -> bool:
    """Send, wait, and show all there is to show; answers whether every reading is stored or reported."""
    started = time.monotonic()
    ledger = deliver(stack, deliveries, console, patience)
    seconds = time.monotonic() - started
    now = datetime.now(UTC)
    report.heading(console, "What went in, and what became of it")
    report.what_went_in(console, ledger, seconds)
    report.what_is_not_stored(console, ledger)
    report.what_is_stored(console, stack, ledger, now)
    first = min(key.time_ms for key in ledger.routes)
    look_back = window(utc(first), now)
    report.heading(console, "What the readings say")
    ask(stack, console, questions(), stack.table, look_back)
    report.heading(console, "What to try next")
    report.what_next(console, stack)
    return not ledger.waiting


def deliver(stack: Stack, deliveries: Sequence[Delivery], console: Console, patience: float) -> Ledger:
    """Send, and wait until every reading is stored or reported, or none has been for `patience` seconds."""
    ledger = Ledger(deliveries)
    columns = (TextColumn("  {task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        totals = Counter(delivery.route for delivery in deliveries)
        bars = {
            route: progress.add_task(route.value, total=totals[route]) for route in Route if totals[route]
        }
        found = progress.add_task("found in the table", total=len(ledger.waiting))
        claims = send(stack, deliveries, lambda route, count: progress.advance(bars[route], count))
        settle(
            stack,
            ledger,
            claims,
            patience,
            lambda waiting: progress.update(found, completed=len(ledger.routes) - waiting),
        )
    return ledger


def ask(stack: Stack, console: Console, asked: Sequence[Question], table: str, look_back: str) -> None:
    """Ask questions of a table, and show the answers."""
    for question in asked:
        started = time.monotonic()
        with console.status(question.text):
            found = query(stack, question.sql(stack.database, table, look_back))
        report.answer(console, question, found, time.monotonic() - started)
