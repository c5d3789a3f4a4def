# SPDX-License-Identifier: MIT
"""The server as a process of this machine: starting it, finding it, stopping it.

A running server holds a lock on `server.json` in its state folder, and has written its process id and port
there. The kernel drops the lock when the process ends, however it ends: so a process id that is read while
the lock is held is the server's, and no one else's. Two servers never share a state folder; any number run
side by side in folders of their own.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from localaws import settings

START_SECONDS = 30
STOP_SECONDS = 10
LOG_TAIL_LINES = 15
PROJECT = Path(__file__).resolve().parent.parent


class ServerError(Exception):
    """The server could not be started, stopped or asked; the message is for the user."""


@dataclass(frozen=True)
class Instance:
    """A running server."""

    pid: int
    port: int

    @property
    def endpoint(self) -> str:
        """The URL that clients call."""
        return settings.endpoint(self.port)

    def ask(self, method: str, path: str) -> dict[str, Any]:
        """Call one of the server's own pages, past any proxy, and return its JSON."""
        connection = http.client.HTTPConnection(settings.HOST, self.port, timeout=START_SECONDS)
        try:
            connection.request(method, path)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ServerError(f"{self.endpoint} does not answer: {error}") from error
        finally:
            connection.close()
        return answer


@contextmanager
def claimed(state: Path) -> Iterator[IO[str]]:
    """Hold a state folder's lock; the file is for `publish`. ServerError if another server holds it."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "server.json").open("a+") as lock:
        if not _claim(lock):
            raise ServerError(f"another server runs in {state}")
        lock.truncate(0)
        yield lock


def publish(lock: IO[str], instance: Instance) -> None:
    """Let others find this server."""
    lock.write(json.dumps(asdict(instance)))
    lock.flush()


def find(state: Path) -> Instance | None:
    """The server that runs in a state folder, if one does."""
    try:
        with (state / "server.json").open() as lock:
            return None if _lock(lock, fcntl.LOCK_SH) else Instance(**json.loads(lock.read()))
    except (FileNotFoundError, json.JSONDecodeError):  # never started; still starting
        return None


def start(state: Path, port: int) -> Instance:
    """Start a detached server and wait until it answers. Port 0 takes any free one."""
    state.mkdir(parents=True, exist_ok=True)
    log = state / "server.log"
    command = [sys.executable, "-m", "localaws.server", "--port", str(port), "--state", str(state.resolve())]
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603
            command,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ServerError(f"the server ended at its start:\n{_tail(log)}")
        instance = find(state)
        if instance is not None and _answers(instance):
            return instance
        time.sleep(0.02)
    child.kill()
    raise ServerError(f"the server did not answer within {START_SECONDS} s:\n{_tail(log)}")


def stop(state: Path) -> bool:
    """Stop the server of a state folder; False if there was none."""
    instance = find(state)
    if instance is None:
        return False
    os.kill(instance.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while find(state) is not None:
        if time.monotonic() > deadline:
            os.kill(instance.pid, signal.SIGKILL)
        time.sleep(0.02)
    return True


def _claim(file: IO[str]) -> bool:
    """Take the lock for good; `find` holds it for a moment when it looks, so try for a second."""
    deadline = time.monotonic() + 1
    while not _lock(file, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _answers(instance: Instance) -> bool:
    try:
        return bool(instance.ask("GET", "/_localaws/status")["pid"] == instance.pid)
    except ServerError:
        return False


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])
