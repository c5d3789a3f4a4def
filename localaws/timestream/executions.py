# SPDX-License-Identifier: MIT
"""Statements at work, each in a thread of its own, so that a long one can be waited for, or stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from localaws.errors import AwsError

T = TypeVar("T")
Check = Callable[[], None]
"""Called by work every now and then; it raises if the work is to stop."""

STOPPING_SECONDS = 1.0
INSISTENCE_SECONDS = 0.05


class Execution(Generic[T]):
    """Work that goes on until it is done or stopped.

    :param work: does it.
    :param interrupt: stops what `work` waits for.
    :param started: when, in nanoseconds since 1970.
    """

    def __init__(self, work: Callable[[Check], T], interrupt: Callable[[], None], started: int) -> None:
        self.started = started
        self._interrupt = interrupt
        self._future: Future[T] = Future()
        self._reason: AwsError | None = None
        threading.Thread(target=self._run, args=[work], daemon=True, name="query").start()

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return not self._future.done()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for its end; False if it hasn't come by then."""
        return bool(wait([self._future], seconds).done)

    def outcome(self) -> T:
        """What it came to, when it has ended; raises the error that it failed with or was stopped for."""
        return self._future.result()

    @property
    def done(self) -> T | None:
        """What it came to, if it has come to anything."""
        return None if self.running or self._future.exception() else self._future.result()

    def stop(self, reason: AwsError) -> None:
        """Have it end with an error. What can't be interrupted may go on for a while."""
        self._reason = self._reason or reason
        # An interruption that comes before the engine begins with the statement is lost on it
        for _ in range(round(STOPPING_SECONDS / INSISTENCE_SECONDS)):
            self.insist()
            if self.wait(INSISTENCE_SECONDS):
                break

    def insist(self) -> None:
        """Interrupt it once more, if it is to stop and hasn't."""
        if self._reason is not None and self.running:
            self._interrupt()

    def _run(self, work: Callable[[Check], T]) -> None:
        try:
            self._future.set_result(work(self._check))
        except BaseException as error:
            self._future.set_exception(self._reason or error)

    def _check(self) -> None:
        if self._reason is not None:
            raise self._reason
