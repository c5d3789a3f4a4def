# SPDX-License-Identifier: MIT
"""What the embedded AWS lacks: its calls are answered with an error that names them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from localaws.wire import HttpAnswer

Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[HttpAnswer]]
"""Answers the calls of a service: method, path, headers in lower case, body and query are given."""


class Handlers(dict[str, Handler]):
    """The handlers by service; for a service that isn't there, one that says so."""

    def get(self, service: str, default: Any = None) -> Any:
        """A handler, always."""
        return super().get(service, default) or partial(refuse, service)


async def refuse(service: str, method: str, path: str, headers: dict[str, str], *_: Any) -> HttpAnswer:
    """Refuse a call, in the protocol of the call."""
    code, message = "UnknownOperationException", f"the embedded AWS has no {service}: {method} {path}"
    if "form-urlencoded" in headers.get("content-type", ""):
        text = (
            f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        )
        return 501, {"Content-Type": "text/xml"}, text.encode()
    content = json.dumps({"__type": code, "message": message})
    return 501, {"Content-Type": "application/json", "x-amzn-errortype": code}, content.encode()
