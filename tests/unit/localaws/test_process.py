# SPDX-License-Identifier: MIT
"""The server as a process: found only while it runs, harmless to start and stop twice, on loopback only."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localaws import process
from localaws.state import State

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    process.stop(tmp_path / "state")


@pytest.fixture
def localaws(state: Path) -> Command:
    """Runs `python -m localaws COMMAND`, in an environment as a user's may be."""

    def run(command: str, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "localaws", command, "--state", str(state), *options],
            cwd=process.PROJECT,
            env={"PATH": os.environ["PATH"], "LOG_LEVEL": "chatty", "DEBUG": "1", "AWS_PROFILE": "work"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def taken_port() -> tuple[socket.socket, int]:
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, listener.getsockname()[1]


def test_a_second_up_is_harmless_and_so_is_a_second_down(localaws: Command, state: Path) -> None:
    assert localaws("up", "--port", "0").returncode == 0
    first = process.find(state)
    again = localaws("up", "--port", "0")
    assert (again.returncode, process.find(state)) == (0, first)
    assert "up already" in again.stdout

    assert localaws("down").stdout == "stopped\n"
    assert process.find(state) is None
    assert (localaws("down").returncode, localaws("down").stdout) == (0, "not up\n")


def test_two_that_start_at_once_share_one_server(state: Path) -> None:
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda _: process.start(state, 0), range(2))
    assert first == second == process.find(state)


def test_a_taken_port_is_an_error_that_names_it(localaws: Command) -> None:
    listener, port = taken_port()
    with listener:
        result = localaws("up", "--port", str(port))
    assert result.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in result.stderr


def test_up_at_another_port_than_it_is_at_is_an_error(localaws: Command, state: Path) -> None:
    process.start(state, 0)
    result = localaws("up", "--port", "1")
    assert result.returncode == 1
    assert "stop that first" in result.stderr


def test_one_state_folder_has_one_server(state: Path) -> None:
    process.start(state, 0)
    with pytest.raises(process.ServerError, match="another server runs in"), process.claimed(State(state)):
        pass


def test_a_server_that_was_killed_is_not_found(state: Path) -> None:
    instance = process.start(state, 0)
    os.kill(instance.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while process.find(state) is not None:
        assert time.monotonic() < deadline
    assert process.stop(state) is False


def test_status_tells_up_from_down_by_its_exit_code(localaws: Command, state: Path) -> None:
    assert localaws("status").returncode == 3
    instance = process.start(state, 0)
    result = localaws("status")
    assert result.returncode == 0
    assert instance.endpoint in result.stdout


def test_reset_needs_a_server(localaws: Command) -> None:
    result = localaws("reset")
    assert (result.returncode, result.stderr) == (1, "localaws: not up: nothing to reset\n")


def test_the_exports_are_for_a_shell(localaws: Command) -> None:
    exports = localaws("env", "--port", "4567").stdout
    script = exports + 'echo "$AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID $AWS_REGION ${AWS_PROFILE-none}"'
    shell = subprocess.run(
        ["sh", "-c", script], env={"AWS_PROFILE": "work"}, capture_output=True, text=True, check=True
    )
    assert shell.stdout == "http://127.0.0.1:4567 test us-east-1 none\n"


def test_it_listens_on_loopback_only(state: Path) -> None:
    instance = process.start(state, 0)
    with socket.create_connection(("127.0.0.1", instance.port)):
        pass
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", instance.port)):  # noqa: PT011
        pass
