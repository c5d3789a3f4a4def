# SPDX-License-Identifier: MIT
"""What the server answers, and to whom."""

import http.client
import json
from collections.abc import Iterable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import gateway
from localaws.embedded import EmbeddedAws


@pytest.mark.parametrize(
    "host", ["127.0.0.1:4566", "localhost", "bucket.localhost:80", "x.iot.us-east-1.127.0.0.1"]
)
@pytest.mark.parametrize("origin", [None, "http://localhost:3000", "https://127.0.0.1"])
def test_programs_of_this_machine_may_call(host: str, origin: str | None) -> None:
    assert gateway.local(headers(host, origin))


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("rebound.example.com:4566", None),
        ("127.0.0.1.example.com", None),
        ("127.0.0.1:4566", "https://example.com"),
        ("127.0.0.1:4566", "null"),
        ("127.0.0.1:4566", "https://localhost.example.com"),
        ("127.0.0.1:4566", "https://example.com/.localhost"),
    ],
)
def test_web_pages_may_not(host: str, origin: str | None) -> None:
    assert not gateway.local(headers(host, origin))


def headers(host: str, origin: str | None) -> Iterable[tuple[bytes, bytes]]:
    yield b"host", host.encode()
    if origin is not None:
        yield b"Origin", origin.encode()


def test_a_web_page_is_told_so(aws: EmbeddedAws) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", aws.port)
    connection.request("POST", "/_ministack/reset", headers={"Origin": "https://example.com"})
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["message"][:13]) == (403, "only programs")


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("ce", "list_cost_category_definitions", {}),  # JSON
        (
            "quicksight",
            "list_users",
            {"AwsAccountId": "000000000000", "Namespace": "default"},
        ),  # REST with JSON
        ("elasticbeanstalk", "describe_applications", {}),  # Query, with XML
        ("iot", "list_audit_tasks", {"startTime": 0, "endTime": 1}),
        ("cloudwatch", "list_metric_streams", {}),
        ("lambda", "list_code_signing_configs", {}),
    ],
)
def test_an_api_that_it_lacks_answers_with_an_error(
    aws: EmbeddedAws, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    client = aws.client(service)
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**parameters)
    error = caught.value.response["Error"]
    assert error["Code"] not in ("", "501")
    assert error["Message"]
