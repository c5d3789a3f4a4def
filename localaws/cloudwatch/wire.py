# SPDX-License-Identifier: MIT
"""CloudWatch's three protocols: from an HTTP request to a call of the service, and back in the same one.

    JSON    of boto3 and the AWS CLI: `X-Amz-Target: GraniteServiceVersion20100801.OPERATION`
    CBOR    of other new SDKs: the path ends with `/operation/OPERATION`
    Query   of older SDKs: a form with `Action=OPERATION`, answered in XML

In the service times are seconds since 1970, in each protocol they are what its model says.

Source: https://smithy.io/2.0/aws/protocols/index.html
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from botocore.model import ListShape, MapShape, Shape, ShapeResolver, StructureShape
from botocore.utils import parse_to_aware_datetime

from localaws.cloudwatch.service import model
from localaws.errors import AwsError, SerializationException, UnknownOperationException
from localaws.wire import HttpAnswer

TARGET_PREFIX = "GraniteServiceVersion20100801"
NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"
FAILURE = "InternalServiceFault"
SERVER_ERROR = 500

Document = dict[str, Any]
log = logging.getLogger(__name__)


class Service(Protocol):
    """What answers the calls."""

    def call(self, operation: str, request: Document) -> Document:
        """The response to a request; AwsError if there is none."""


def answer(
    choose: Callable[[str, Document], Service], path: str, headers: Mapping[str, str], body: bytes
) -> HttpAnswer:
    """Call the service as an HTTP request says.

    :param choose: the service that is to answer an operation and its request.
    :param headers: by lower-case names.
    :param body: or, of a Query request by GET, the query string.
    """
    protocol = _protocol(headers)
    operation = "a malformed request"
    try:
        operation = protocol.operation(path, headers, body)
        if operation not in model().operation_names:
            raise UnknownOperationException(f"CloudWatch has no operation {operation}.")  # noqa: TRY301
        request = protocol.request(operation, body)
        response = choose(operation, request).call(operation, request)
        return 200, *protocol.response(operation, response)
    except AwsError as error:
        return _error(protocol, error.code, error.message, error.status)
    except Exception as error:
        log.exception("CloudWatch failed at %s", operation)
        return _error(protocol, FAILURE, f"{type(error).__name__}: {error}", SERVER_ERROR)


def _error(protocol: type[_Json], name: str, message: str, status: int) -> HttpAnswer:
    """An error's answer: of one that the model knows, with the code and status that it has there."""
    known = model().shape_for(name).metadata["error"] if name in model().shape_names else {}
    status = known.get("httpStatusCode", status)
    return status, *protocol.error(name, known.get("code", name), message, status)


def _protocol(headers: Mapping[str, str]) -> type[_Json]:
    if "cbor" in headers.get("smithy-protocol", "") or "cbor" in headers.get("content-type", ""):
        return _Cbor
    return _Json if "x-amz-target" in headers else _Query


Written = tuple[dict[str, str], bytes]


class _Json:
    """AWS JSON 1.0."""

    content_type = "application/x-amz-json-1.0"

    @classmethod
    def operation(cls, _path: str, headers: Mapping[str, str], _body: bytes) -> str:
        """The operation that a request names."""
        return headers["x-amz-target"].rpartition(".")[2]

    @classmethod
    def request(cls, operation: str, body: bytes) -> Document:
        """The members of a request."""
        try:
            request = cls.read(body)
        except ValueError as error:
            raise SerializationException(f"the body is malformed: {error}") from error
        if not isinstance(request, dict):
            raise SerializationException("the body is not an object")
        return {name: value for name, value in request.items() if value is not None}

    @classmethod
    def read(cls, body: bytes) -> Any:
        """What a body holds."""
        return json.loads(body or b"{}")

    @classmethod
    def response(cls, _operation: str, response: Document) -> Written:
        """An answer."""
        return {"Content-Type": cls.content_type}, json.dumps(response).encode()

    @classmethod
    def error(cls, name: str, code: str, message: str, status: int) -> Written:
        """An error's answer."""
        fault = "Sender" if status < SERVER_ERROR else "Receiver"
        headers = {"Content-Type": cls.content_type, "x-amzn-query-error": f"{code};{fault}"}
        return headers, json.dumps({"__type": name, "message": message}).encode()


class _Cbor(_Json):
    """Smithy RPC v2 CBOR, by botocore's reader and writer."""

    @classmethod
    def operation(cls, path: str, _headers: Mapping[str, str], _body: bytes) -> str:
        return path.rpartition("/")[2]

    @classmethod
    def read(cls, body: bytes) -> Any:
        from botocore.parsers import (
            ResponseParserError,
            RpcV2CBORParser,
        )  # a tenth of a second, seldom needed

        parser = RpcV2CBORParser()
        try:
            return _seconds(parser.parse_data_item(parser.get_peekable_stream_from_bytes(body or b"\xa0")))
        except ResponseParserError as error:
            raise ValueError(error) from error

    @classmethod
    def response(cls, operation: str, response: Document) -> Written:
        return cls._written(model().operation_model(operation).output_shape, response)

    @classmethod
    def error(cls, name: str, code: str, message: str, status: int) -> Written:
        headers, _ = super().error(name, code, message, status)
        more, body = cls._written(_ERROR, {"__type": name, "message": message})
        return headers | more, body

    @classmethod
    def _written(cls, shape: Shape | None, content: Document) -> Written:
        from botocore.serialize import RpcV2CBORSerializer

        body = bytearray()
        RpcV2CBORSerializer()._serialize_data_item(body, content, shape or _ERROR)  # type: ignore[attr-defined]
        return {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, bytes(body)


class _Query(_Json):
    """AWS Query."""

    @classmethod
    def operation(cls, _path: str, _headers: Mapping[str, str], body: bytes) -> str:
        return dict(parse_qsl(body.decode())).get("Action", "")

    @classmethod
    def request(cls, operation: str, body: bytes) -> Document:
        tree: Document = {}
        for key, value in parse_qsl(body.decode(), keep_blank_values=True):
            *path, last = key.split(".")
            branch = tree
            for part in path:
                branch = branch.setdefault(part, {})
            branch[last] = value
        try:
            request: Document = _from_text(model().operation_model(operation).input_shape, tree)
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise SerializationException(f"the request is malformed: {error}") from error
        return request

    @classmethod
    def response(cls, operation: str, response: Document) -> Written:
        shape = model().operation_model(operation).output_shape
        root = ElementTree.Element(f"{operation}Response", xmlns=NAMESPACE)
        if shape is not None:
            _to_xml(ElementTree.SubElement(root, f"{operation}Result"), shape, response)
        metadata = ElementTree.SubElement(root, "ResponseMetadata")
        ElementTree.SubElement(metadata, "RequestId").text = str(uuid.uuid4())
        return cls._written(root)

    @classmethod
    def error(cls, name: str, code: str, message: str, status: int) -> Written:
        root = ElementTree.Element("ErrorResponse", xmlns=NAMESPACE)
        error = ElementTree.SubElement(root, "Error")
        fault = "Sender" if status < SERVER_ERROR else "Receiver"
        for tag, text in (("Type", fault), ("Code", code), ("Message", message)):
            ElementTree.SubElement(error, tag).text = text
        ElementTree.SubElement(root, "RequestId").text = str(uuid.uuid4())
        return cls._written(root)

    @classmethod
    def _written(cls, root: ElementTree.Element) -> Written:
        return {"Content-Type": "text/xml"}, ElementTree.tostring(root, encoding="utf-8")


def _seconds(value: Any) -> Any:
    """A value with its times as seconds since 1970."""
    match value:
        case dict():
            return {name: _seconds(item) for name, item in value.items()}
        case list():
            return [_seconds(item) for item in value]
        case datetime():
            return value.timestamp()
    return value


def _from_text(shape: Shape | None, value: Any) -> Any:
    """A value of a Query request, where all is text: of a structure by member, of a list by number."""
    match shape:
        case StructureShape():
            members = shape.members
            return {name: _from_text(members[name], item) for name, item in value.items() if name in members}
        case ListShape():
            items = sorted(value["member"].items(), key=lambda item: int(item[0])) if value else []
            return [_from_text(shape.member, item) for _, item in items]
    return _SCALARS.get(shape.type_name if shape else "string", str)(value)


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _time(text: str) -> float:
    return parse_to_aware_datetime(text).timestamp()


_SCALARS: dict[str, Callable[[str], Any]] = {
    "boolean": _boolean,
    "double": float,
    "integer": int,
    "long": int,
    "timestamp": _time,
}


def _to_xml(parent: ElementTree.Element, shape: Shape, value: Any) -> None:
    """Write a value into an element."""
    match shape:
        case StructureShape():
            for name, item in value.items():
                _to_xml(ElementTree.SubElement(parent, name), shape.members[name], item)
        case ListShape():
            for item in value:
                _to_xml(ElementTree.SubElement(parent, "member"), shape.member, item)
        case MapShape():
            for key, item in value.items():
                entry = ElementTree.SubElement(parent, "entry")
                _to_xml(ElementTree.SubElement(entry, "key"), shape.key, key)
                _to_xml(ElementTree.SubElement(entry, "value"), shape.value, item)
        case _ if shape.type_name == "timestamp":
            text = datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds")
            parent.text = text.replace("+00:00", "Z")
        case _:
            parent.text = str(value).lower() if shape.type_name == "boolean" else str(value)


_ERROR = StructureShape(
    "Error",
    {"type": "structure", "members": {"__type": {"shape": "Text"}, "message": {"shape": "Text"}}},
    ShapeResolver({"Text": {"type": "string"}}),  # type: ignore[dict-item]
)
