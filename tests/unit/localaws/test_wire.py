# SPDX-License-Identifier: MIT
"""AWS JSON 1.0 as https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html describes it."""

import json
from typing import Any

import pytest

from localaws import wire
from localaws.errors import RejectedRecordsException, ValidationException

REASON = {"RecordIndex": 0, "Reason": "too old"}


class Service:
    """Stands in for Timestream: answers with what it was called with, or raises."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def call(self, operation: str, request: dict[str, Any], endpoint: str) -> dict[str, Any]:
        if self.error:
            raise self.error
        return {"operation": operation, "request": request, "endpoint": endpoint}


def answer(service: Service, target: str | None, body: bytes = b"{}") -> tuple[int, dict[str, Any]]:
    headers = {"host": "127.0.0.1:4566"} | ({} if target is None else {"x-amz-target": target})
    status, head, content = wire.answer(service, headers, body)
    assert head["Content-Type"] == "application/x-amz-json-1.0"
    members = json.loads(content)
    if status != 200:
        namespace, _, members["__type"] = members["__type"].partition("#")
        assert namespace == "com.amazonaws.timestream.v20181101"
    return status, members


def test_the_target_names_the_operation_and_the_body_its_members() -> None:
    status, content = answer(Service(), "Timestream_20181101.Query", b'{"QueryString": "SELECT 1"}')
    assert (status, content["operation"]) == (200, "Query")
    assert content["request"] == {"QueryString": "SELECT 1"}


def test_the_service_learns_the_endpoint_that_the_client_called() -> None:
    assert answer(Service(), "Timestream_20181101.X")[1]["endpoint"] == "http://127.0.0.1:4566"


def test_an_empty_body_has_no_members() -> None:
    assert answer(Service(), "Timestream_20181101.X", b"")[1]["request"] == {}


@pytest.mark.parametrize("target", [None, "", "Query", "Timestream_20181101.", "DynamoDB_20120810.Query"])
def test_a_target_that_names_no_operation_of_timestreams(target: str | None) -> None:
    status, content = answer(Service(), target)
    assert (status, content["__type"]) == (400, "UnknownOperationException")


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff"])
def test_a_body_that_is_no_json_object(body: bytes) -> None:
    status, content = answer(Service(), "Timestream_20181101.Query", body)
    assert (status, content["__type"]) == (400, "SerializationException")


def test_an_error_carries_its_code_its_status_and_its_members() -> None:
    error = RejectedRecordsException("One or more records have been rejected.", RejectedRecords=[REASON])
    status, content = answer(Service(error), "Timestream_20181101.WriteRecords")
    assert status == RejectedRecordsException.status
    assert content == {
        "__type": "RejectedRecordsException",
        "Message": "One or more records have been rejected.",
        "RejectedRecords": [REASON],
    }
    assert answer(Service(ValidationException("no")), "Timestream_20181101.Query")[0] == 400


def test_a_fault_of_our_own_is_not_the_clients() -> None:
    status, content = answer(Service(ZeroDivisionError("oops")), "Timestream_20181101.Query")
    assert (status, content["__type"]) == (500, "InternalServerException")
    assert "ZeroDivisionError: oops" in content["Message"]
