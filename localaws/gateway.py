# SPDX-License-Identifier: MIT
"""The door: every request comes through here, to what is to answer it, and into the log.

Timestream's go to our service by a short way; the server's own pages are `pages`; all else is ministack's.
Each kind of work waits in a pool of threads of its own, so that long queries hold up no write.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, TypeVar

from localaws import adapter, settings, wire
from localaws.pages import Pages

if TYPE_CHECKING:
    from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

LOOPBACK = re.compile(r"([^/@]+\.)?(127\.0\.0\.1|localhost)(:\d+)?")
CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")
ACTION = re.compile(rb"(?:^|&)Action=(\w+)")

ACCOUNT_DIGITS = 12

READS = ("Describe", "Get", "GET", "HEAD", "List")
"""What changes nothing, by the beginning of the operation's or method's name."""
LONG = {"Query", "PrepareQuery"}
QUERIES = ThreadPoolExecutor(64, "query")  # most of them wait, each a few seconds
CALLS = ThreadPoolExecutor(8, "call")

log = logging.getLogger("request")
Answer = TypeVar("Answer")


class Gateway:
    """The ASGI application."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._pages = Pages(self._counts)

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer one request, or, of ASGI's lifespan, all there is of it."""
        if scope["type"] == "lifespan":
            await adapter.application(scope, receive, send)
        elif not local(scope["headers"]):
            await refuse(scope, send)
        elif scope["type"] == "websocket":
            await adapter.application(scope, receive, send)
        elif scope["path"].startswith("/_localaws/"):
            await self._page(scope, receive, send)
        else:
            exchange = Exchange(scope, receive, send)
            try:
                await exchange.run()
            finally:
                self._counts["requests"] += 1
                self._counts["errors"] += exchange.status >= 400
                exchange.note()

    async def _page(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        body = await read(receive)
        status, content = await in_pool(CALLS, self._pages.answer, scope["method"], scope["path"], body)
        await answer(send, status, {"Content-Type": "application/json"}, json.dumps(content).encode())


class Exchange:
    """A request, its answer, and what the log says of them."""

    def __init__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        self.status = 0
        self._scope = scope
        self._receive = receive
        self._send = send
        self._began = time.perf_counter()
        self._headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        target = self._headers.get("x-amz-target", "")
        self._is_timestreams = target.startswith(wire.TARGET_PREFIX)
        self._operation = target.rpartition(".")[2]

    async def run(self) -> None:
        """Have the request answered."""
        if self._is_timestreams:
            await self._timestream()
        else:
            await adapter.application(self._scope, self._listen, self._answer)
            if not (self._operation or self._scope["method"]).startswith(READS):
                adapter.snapshots().changed()

    def note(self) -> None:
        """Write the line of the log."""
        milliseconds = (time.perf_counter() - self._began) * 1000
        key, region, service = self._signed()
        account = key if len(key) == ACCOUNT_DIGITS and key.isdigit() else settings.ACCOUNT
        elsewhere = (account, region) != (settings.ACCOUNT, settings.REGION)
        log.info(
            "%s %s %d %.1f ms%s",
            "timestream" if self._is_timestreams else service,
            self._operation or f"{self._scope['method']} {self._scope['path']}",
            self.status,
            milliseconds,
            f" {account} {region}" if elsewhere else "",
        )

    def _signed(self) -> tuple[str, ...]:
        """The access key, region and service that the request is signed for."""
        found = CREDENTIAL.search(self._headers.get("authorization", ""))
        return found.groups() if found else ("", settings.REGION, "unsigned")

    async def _timestream(self) -> None:
        """Answer a Timestream call."""
        service = adapter.timestream(self._headers)
        pool = QUERIES if self._operation in LONG else CALLS
        body = await read(self._receive)
        status, headers, content = await in_pool(pool, wire.answer, service, self._headers, body)
        await answer(self._answer, status, headers, content)

    async def _listen(self) -> Any:
        """What comes of the request; on its way, the operation's name in the Query protocol."""
        message: Any = await self._receive()
        if not self._operation and (found := ACTION.search(message.get("body", b""))):
            self._operation = found[1].decode()
        return message

    async def _answer(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


async def in_pool(pool: ThreadPoolExecutor, do: Callable[..., Answer], *arguments: Any) -> Answer:
    """Have something done in a thread of a pool, for the account and region of this request."""
    context = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(pool, context.run, do, *arguments)


async def read(receive: ASGIReceiveCallable) -> bytes:
    """A request's whole body."""
    chunks, more = [], True
    while more:
        message: Any = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


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
        content = b'{"message": "only programs of this machine may call, not web pages"}'
        await answer(send, 403, {"Content-Type": "application/json"}, content)


async def answer(send: ASGISendCallable, status: int, headers: dict[str, str], body: bytes) -> None:
    """Send an answer."""
    more = {
        "Content-Length": str(len(body)),
        "Date": formatdate(usegmt=True),
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    head = [(name.encode(), value.encode()) for name, value in (headers | more).items()]
    await send({"type": "http.response.start", "status": status, "headers": head, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
