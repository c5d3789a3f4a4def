# SPDX-License-Identifier: MIT
"""Timestream's protocol, AWS JSON 1.0: from an HTTP request to a call of the service, and back.

Both SDK clients, timestream-write and timestream-query, speak to one service: the header
`X-Amz-Target: Timestream_20181101.OPERATION` names the operation, the body holds its members.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from localaws.errors import AwsError, SerializationException, UnknownOperationException

TARGET_PREFIX = "Timestream_20181101"
NAMESPACE = "com.amazonaws.timestream.v20181101"
log = logging.getLogger(__name__)

HttpAnswer = tuple[int, dict[str, str], bytes]


class Service(Protocol):
    """What answers the calls."""

    def call(self, operation: str, request: dict[str, Any], endpoint: str) -> dict[str, Any]:
        """The response to a request; AwsError if there is none. `endpoint` is where the client reached us."""


class InternalServerException(AwsError):  # noqa: N818 - the name is AWS's
    """A fault of the service's own."""

    status = 500


def answer(service: Service, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
    """Call the service as an HTTP request says. `headers` has lower-case names."""
    try:
        response = service.call(operation(headers), members(body), f"http://{headers['host']}")
    except AwsError as error:
        return _error(error)
    except Exception as error:
        log.exception("Timestream failed at %s", headers.get("x-amz-target"))
        return _error(InternalServerException(f"{type(error).__name__}: {error}"))
    return _http(200, response)


def operation(headers: Mapping[str, str]) -> str:
    """The operation that a request names."""
    prefix, _, name = headers.get("x-amz-target", "").partition(".")
    if prefix != TARGET_PREFIX or not name:
        raise UnknownOperationException(f"X-Amz-Target must be {TARGET_PREFIX}.OPERATION")
    return name


def members(body: bytes) -> dict[str, Any]:
    """The members of a request's body; an empty body has none."""
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise SerializationException(f"the body is not JSON: {error}") from error
    if not isinstance(request, dict):
        raise SerializationException("the body is not a JSON object")
    return request


def _error(error: AwsError) -> HttpAnswer:
    kind = f"{NAMESPACE}#{error.code}"
    return _http(error.status, {"__type": kind, "Message": error.message, **error.fields})


def _http(status: int, content: dict[str, Any]) -> HttpAnswer:
    return status, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(content).encode()
