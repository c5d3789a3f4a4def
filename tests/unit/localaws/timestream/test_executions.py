# SPDX-License-Identifier: MIT
"""Work in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from localaws.errors import ConflictException
from localaws.timestream.executions import Execution

DEADLINE = 30.0


class Engine:
    """Something to wait for that loses an interruption which comes too early."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.interrupted = threading.Event()

    def run(self, _check: Callable[[], None]) -> str:
        self.interrupted.clear()
        self.go.set()
        if self.interrupted.wait(DEADLINE):
            raise RuntimeError("INTERRUPT")
        return "done"


def test_work_comes_to_an_outcome() -> None:
    execution = Execution(lambda _check: 42, lambda: None, started=7)
    assert execution.wait(DEADLINE)
    assert (execution.outcome(), execution.done, execution.started) == (42, 42, 7)
    assert not execution.running


def test_its_error_is_raised_to_who_asks() -> None:
    def work(_check: Callable[[], None]) -> None:
        raise ConflictException("no")

    execution = Execution(work, lambda: None, started=0)
    execution.wait(DEADLINE)
    assert execution.done is None
    for _ in range(2):
        with pytest.raises(ConflictException, match="no"):
            execution.outcome()


def test_it_is_not_waited_for_for_ever() -> None:
    engine = Engine()
    execution = Execution(engine.run, engine.interrupted.set, started=0)
    assert not execution.wait(0)
    assert execution.running
    execution.stop(ConflictException("stopped"))


def test_it_is_stopped_however_early() -> None:
    engine = Engine()
    execution = Execution(engine.run, engine.interrupted.set, started=0)
    execution.stop(ConflictException("stopped"))
    assert execution.wait(DEADLINE)
    with pytest.raises(ConflictException, match="stopped"):
        execution.outcome()


def test_work_stops_itself_where_there_is_nothing_to_interrupt() -> None:
    def work(check: Callable[[], None]) -> None:
        while True:
            check()

    execution = Execution(work, lambda: None, started=0)
    execution.stop(ConflictException("stopped"))
    assert execution.wait(DEADLINE)
    execution.stop(ConflictException("again"))
    with pytest.raises(ConflictException, match="stopped"):
        execution.outcome()
