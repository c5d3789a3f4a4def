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
from localaws.state import State

START_SECONDS = 30
STOP_SECONDS = 10
LOG_TAIL_LINES = 15
PROJECT = Path(__file__).resolve().parent.parent
INSTALLED = not (PROJECT / "pyproject.toml").exists()
STATE = Path(os.environ.get("LOCALAWS_STATE") or (Path.home() if INSTALLED else PROJECT) / ".localaws")
"""The state folder, unless a command names another."""


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

    def ask(self, method: str, path: str, **members: Any) -> dict[str, Any]:
        """Call one of the server's own pages, past any proxy, and return its JSON."""
        connection = http.client.HTTPConnection(settings.HOST, self.port, timeout=START_SECONDS)
        try:
            connection.request(method, path, json.dumps(members))
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ServerError(f"{self.endpoint} does not answer: {error}") from error
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise ServerError(str(answer.get("message")))
        return answer


@contextmanager
def claimed(state: State) -> Iterator[IO[str]]:
    """Hold a state folder's lock; the file is for `publish`. ServerError if another server holds it."""
    state.folder.mkdir(parents=True, exist_ok=True)
    with state.lock.open("a+") as lock:
        if not _claim(lock):
            raise ServerError(f"another server runs in {state.folder}")
        lock.truncate(0)
        yield lock


def publish(lock: IO[str], instance: Instance) -> None:
    """Let others find this server."""
    lock.write(json.dumps(asdict(instance)))
    lock.flush()


def find(state: Path) -> Instance | None:
    """The server that runs in a state folder, if one does."""
    try:
        with State(state).lock.open() as lock:
            return None if _lock(lock, fcntl.LOCK_SH) else Instance(**json.loads(lock.read()))
    except (FileNotFoundError, json.JSONDecodeError):  # never started; still starting
        return None


def last_port(state: Path) -> int | None:
    """The port of the server that runs in a state folder, or was the last to: URLs in the state hold it."""
    try:
        port: int = json.loads(State(state).lock.read_text())["port"]
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return port


def start(state: Path, port: int, rates: str = settings.RATES[0]) -> Instance:
    """Start a detached server and wait until it answers. Port 0 takes any free one."""
    state.mkdir(parents=True, exist_ok=True)
    log = State(state).log
    options = ["--port", str(port), "--state", str(state.resolve()), "--rates", rates]
    command = [sys.executable, "-m", "localaws.server", *options]
    with log.open("ab") as output:
        begin = output.tell()
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
        instance = find(state)
        if instance is not None and _answers(instance):
            return instance  # ours, or one that was started at the same time and came first
        if instance is None and child.poll() is not None:
            raise ServerError(f"the server ended at its start:\n{_tail(log, begin)}")
        time.sleep(0.02)
    child.kill()
    raise ServerError(f"the server did not answer within {START_SECONDS} s:\n{_tail(log, begin)}")


def stop(state: Path) -> bool:
    """Stop the server of a state folder; False if there was none."""
    instance = find(state)
    if instance is None:
        return False
    os.kill(instance.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while find(state) == instance:
        if time.monotonic() > deadline:
            os.kill(instance.pid, signal.SIGKILL)
        time.sleep(0.02)
    return True


def _claim(file: IO[str]) -> bool:
    """Take the lock for good, unless a server has it; `find`, which only looks, shares it for a moment."""
    while not _lock(file, fcntl.LOCK_EX):
        if not _lock(file, fcntl.LOCK_SH):
            return False
        fcntl.flock(file, fcntl.LOCK_UN)
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


def _tail(log: Path, begin: int) -> str:
    text = log.read_bytes()[begin:].decode(errors="replace")
    return "\n".join(text.splitlines()[-LOG_TAIL_LINES:])
