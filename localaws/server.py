# SPDX-License-Identifier: MIT
"""The server process: serves the embedded AWS over HTTP, to this machine alone.

    python -m localaws.server --port 4566 --state .localaws

It runs in the foreground; `python -m localaws up` runs it detached. The caller's environment stays outside:
neither a profile or real credentials, which Lambda functions would inherit, nor variables such as LOG_LEVEL,
which mean something else to the software inside.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config

from localaws import process, settings
from localaws.state import State

KEEP_ALIVE_SECONDS = 75
WORK_SECONDS = 0.2
LOG_SECONDS = 10
log = logging.getLogger(__name__)


def main() -> None:
    """Serve until a SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True, help="0 takes any free port")
    parser.add_argument("--state", type=Path, required=True, help="its folder, see localaws/state.py")
    parser.add_argument("--rates", choices=settings.RATES, default=settings.RATES[0])
    options = parser.parse_args()
    state = State(options.state.resolve())
    try:
        listener = listen(options.port)
        port = listener.getsockname()[1]
        with process.claimed(state) as lock:
            state.empty_scratch()
            inhabit(environment(port, state, options.rates))
            process.publish(lock, process.Instance(os.getpid(), port))
            run(state, listener)
    except process.ServerError as error:
        sys.exit(str(error))


def run(state: State, listener: socket.socket) -> None:
    """Serve, with threads beside it that do what no request asks for."""
    from localaws import adapter, services  # they read the environment as they are imported
    from localaws.gateway import Gateway

    state.note_version(adapter.VERSION)
    adapter.install()
    services.begin()
    in_background(lambda: every(WORK_SECONDS, services.work))
    in_background(lambda: every(LOG_SECONDS, state.bound_log))
    in_background(adapter.snapshots().keep)
    gc.freeze()  # what is there now stays, so that no collection need look at it: a tenth of a write's time
    try:
        asyncio.run(serve(Gateway(), configuration(listener)))
    finally:
        services.close()


def listen(port: int) -> socket.socket:
    """A socket bound to the loopback address; ServerError if the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.HOST, port))
        listener.listen()
    except OSError as error:
        raise process.ServerError(
            f"cannot listen on {settings.HOST}:{port}: {error.strerror}.\n"
            "Stop what does, or take another port: up --port N; 0 takes any that is free"
        ) from error
    return listener


def environment(port: int, state: State, rates: str) -> dict[str, str]:
    """The server's whole environment; Lambda functions start from it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(state.scratch),
        "TMPDIR": str(state.scratch),
        "AWS_ACCESS_KEY_ID": settings.CREDENTIALS,
        "AWS_SECRET_ACCESS_KEY": settings.CREDENTIALS,
        "BIND_HOST": settings.HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": settings.HOST,
        "MINISTACK_ACCOUNT_ID": settings.ACCOUNT,
        "MINISTACK_REGION": settings.REGION,
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",  # AWS waits a minute
        # At its start it would remove containers that aren't ours
        "DOCKER_HOST": f"unix://{state.scratch}/no-docker",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state.data / "ministack"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state.data / "s3"),
        "LOCALAWS_DATA": str(state.data),
        "LOCALAWS_RATES": rates,
    }


def inhabit(variables: dict[str, str]) -> None:
    """Replace this process's environment."""
    os.environ.clear()
    os.environ.update(variables)


def configuration(listener: socket.socket) -> Config:
    """How Hypercorn serves: on our socket, with connections that SDKs can keep open."""
    # Of a socket taken over by its descriptor asyncio knows the protocol, and so sets TCP_NODELAY: without it
    # an answer, sent as head and body, waits 40 ms for the client's delayed acknowledgement.
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.errorlog = logging.getLogger("hypercorn.error")  # or it would print beside what it logs
    return config


def in_background(do: Callable[[], None]) -> None:
    """Do something in a thread that ends with the process."""
    threading.Thread(target=do, daemon=True).start()


def every(seconds: float, do: Callable[[], None]) -> None:
    """Do something again and again, whether or not it succeeds."""
    while True:
        try:
            do()
        except Exception:
            log.exception("what was due failed")
        time.sleep(seconds)


if __name__ == "__main__":
    main()
