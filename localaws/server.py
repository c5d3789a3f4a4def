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
import json
import logging
import os
import re
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from localaws import process, settings

if TYPE_CHECKING:
    from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope

KEEP_ALIVE_SECONDS = 75
WORK_SECONDS = 0.2
STATUS_PATH = "/_localaws/status"
log = logging.getLogger(__name__)
LOOPBACK = re.compile(r"([^/@]+\.)?(127\.0\.0\.1|localhost)(:\d+)?")


def main() -> None:
    """Serve until a SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True, help="0 takes any free port")
    parser.add_argument("--state", type=Path, required=True, help="its folder: lock, log, scratch files")
    options = parser.parse_args()
    try:
        with process.claimed(options.state) as lock:
            listener = listen(options.port)
            port = listener.getsockname()[1]
            inhabit(environment(port, options.state))
            process.publish(lock, process.Instance(os.getpid(), port))
            asyncio.run(serve(application(), configuration(listener)))
    except process.ServerError as error:
        sys.exit(str(error))


def listen(port: int) -> socket.socket:
    """A socket bound to the loopback address; ServerError if the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.HOST, port))
        listener.listen()
    except OSError as error:
        raise process.ServerError(f"cannot listen on {settings.HOST}:{port}: {error.strerror}") from error
    return listener


def environment(port: int, state: Path) -> dict[str, str]:
    """The server's whole environment; Lambda functions start from it."""
    scratch = state / "scratch"
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "AWS_ACCESS_KEY_ID": settings.CREDENTIALS,
        "AWS_SECRET_ACCESS_KEY": settings.CREDENTIALS,
        "BIND_HOST": settings.HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": settings.HOST,
        "MINISTACK_ACCOUNT_ID": settings.ACCOUNT,
        "MINISTACK_REGION": settings.REGION,
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",  # AWS waits a minute
        "DOCKER_HOST": f"unix://{scratch}/no-docker",  # at start it would remove containers that aren't ours
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "S3_DATA_DIR": str(scratch / "s3"),
        "STATE_DIR": str(scratch / "state"),
        "LOCALAWS_DATA": str(state / "data"),
    }


def inhabit(variables: dict[str, str]) -> None:
    """Replace this process's environment, and empty its scratch folder."""
    scratch = Path(variables["TMPDIR"])
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    os.environ.clear()
    os.environ.update(variables)


def configuration(listener: socket.socket) -> Config:
    """How Hypercorn serves: on our socket, with connections that SDKs can keep open."""
    # Of a socket taken over by its descriptor asyncio knows the protocol, and so sets TCP_NODELAY: without it
    # an answer, sent as head and body, waits 40 ms for the client's delayed acknowledgement.
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    return config


def application() -> Any:
    """The ASGI application: the embedded AWS, and beside it a page of the server's own about itself."""
    from localaws import adapter  # reads the environment as it is imported

    adapter.install()
    threading.Thread(target=work, args=[adapter.work], daemon=True).start()
    started = time.time()

    async def serve_request(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "lifespan" and not local(scope["headers"]):
            await refuse(scope, send)
        elif scope["type"] == "http" and scope["path"] == STATUS_PATH:
            await answer(send, 200, {"pid": os.getpid(), "started": started, **adapter.status()})
        else:
            await adapter.application(scope, receive, send)

    return serve_request


def work(due: Callable[[], None]) -> None:
    """Do, as long as the process lives, what is due and no request asks for."""
    while True:
        try:
            due()
        except Exception:
            log.exception("what was due failed")
        time.sleep(WORK_SECONDS)


def local(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request is a program's of this machine.

    A web page in this machine's browser reaches loopback too, as another origin or by a name of its own that
    leads here; and who can create a function runs code.
    """
    values = {name.lower(): value.decode("latin-1") for name, value in headers}
    origin = values.get(b"origin")
    return bool(LOOPBACK.fullmatch(values.get(b"host", settings.HOST))) and (
        origin is None or bool(LOOPBACK.fullmatch(origin.partition("://")[2]))
    )


async def refuse(scope: Scope, send: ASGISendCallable) -> None:
    """Turn a web page away."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": None})
    else:
        await answer(send, 403, {"message": "only programs of this machine may call, not web pages"})


async def answer(send: ASGISendCallable, status: int, content: dict[str, Any]) -> None:
    """Send a JSON document."""
    body = json.dumps(content).encode()
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": head, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})


if __name__ == "__main__":
    main()
