# SPDX-License-Identifier: MIT
"""Each protocol, as botocore's own clients write requests and read answers in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from localaws.cloudwatch import wire
from localaws.cloudwatch.errors import DashboardNotFoundError, InvalidParameterValueException, ValidationError
from localaws.cloudwatch.service import model

PROTOCOLS = ("json", "smithy-rpc-v2-cbor", "query")
TIME = datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
SECONDS = TIME.timestamp()


class Service:
    """Remembers a request, and answers with what it was made with, or raises it."""

    def __init__(self, outcome: dict[str, Any] | Exception) -> None:
        self.outcome = outcome
        self.request: dict[str, Any] = {}

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.request = request
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def exchange(
    protocol: str, operation: str, request: dict[str, Any], outcome: dict[str, Any] | Exception
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the service gets, and what the client gets."""
    service = Service(outcome)
    sent = create_serializer(protocol).serialize_to_request(request, model().operation_model(operation))
    body = sent["body"]
    if isinstance(body, dict):  # a form
        body = "&".join(f"{key}={value}" for key, value in body.items()).encode()
    headers = {name.lower(): value for name, value in sent["headers"].items()}
    status, headers, content = wire.answer(
        lambda *_: service, sent["url_path"], headers, body.encode() if isinstance(body, str) else body
    )
    answer = {"status_code": status, "headers": headers, "body": content}
    parser: Any = create_parser(protocol)
    parsed = parser.parse(answer, model().operation_model(operation).output_shape)
    assert parsed.pop("ResponseMetadata")["HTTPStatusCode"] == status
    return service.request, dict(parsed)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_requests(protocol: str) -> None:
    request = {
        "Namespace": "Plant",
        "MetricData": [
            {
                "MetricName": "Temperature",
                "Dimensions": [{"Name": "site", "Value": "a"}],
                "Timestamp": TIME,
                "Values": [1.5, 2.0],
                "StorageResolution": 1,
            }
        ],
    }
    received, answered = exchange(protocol, "PutMetricData", request, {})
    (datum,) = received["MetricData"]
    # the query protocol's clients leave out what is below a second
    assert datum.pop("Timestamp") in (SECONDS, pytest.approx(SECONDS, abs=1e-3))
    assert received == {
        "Namespace": "Plant",
        "MetricData": [
            {
                "MetricName": "Temperature",
                "Dimensions": [{"Name": "site", "Value": "a"}],
                "Values": [1.5, 2],
                "StorageResolution": 1,
            }
        ],
    }
    assert answered == {}


ALARM = {
    "AlarmName": "hot",
    "ActionsEnabled": True,
    "AlarmActions": [],
    "Dimensions": [{"Name": "site", "Value": "a & b"}],
    "EvaluationPeriods": 2,
    "Threshold": 50.5,
    "StateUpdatedTimestamp": SECONDS,
}
STATISTICS = {
    "Label": "Temperature",
    "Datapoints": [{"Timestamp": SECONDS, "Unit": "None", "ExtendedStatistics": {"p90": 1.5, "p99": 2.0}}],
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("operation", "member", "response", "time"),
    [
        ("DescribeAlarms", "MetricAlarms", {"MetricAlarms": [ALARM]}, "StateUpdatedTimestamp"),
        ("GetMetricStatistics", "Datapoints", STATISTICS, "Timestamp"),
    ],
)
def test_answers(protocol: str, operation: str, member: str, response: dict[str, Any], time: str) -> None:
    request = {"AlarmNames": ["hot"]}
    if operation == "GetMetricStatistics":
        request = {"Namespace": "n", "MetricName": "m", "StartTime": 0, "EndTime": 1, "Period": 60}  # type: ignore[dict-item]
    _, answered = exchange(protocol, operation, request, response)
    ((found,), (sent,)) = answered[member], response[member]
    assert found.pop(time).timestamp() == pytest.approx(SECONDS, abs=1e-3)
    assert found == {name: value for name, value in sent.items() if name != time}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (DashboardNotFoundError("none"), "ResourceNotFound", 404),
        (InvalidParameterValueException("no"), "InvalidParameterValue", 400),
        (ValidationError("no <b>"), "ValidationError", 400),
        (KeyError("oops"), "InternalServiceError", 500),
    ],
)
def test_errors(protocol: str, error: Exception, code: str, status: int) -> None:
    service = Service(error)
    sent: Callable[..., Any] = create_serializer(protocol).serialize_to_request
    request = sent({"DashboardName": "none"}, model().operation_model("GetDashboard"))
    body = request["body"]
    body = b"Action=GetDashboard&DashboardName=none" if isinstance(body, dict) else body
    headers = {name.lower(): value for name, value in request["headers"].items()}
    found, headers, content = wire.answer(
        lambda *_: service, request["url_path"], headers, body.encode() if isinstance(body, str) else body
    )
    assert found == status
    answer = {"status_code": found, "headers": headers, "body": content}
    parser: Any = create_parser(protocol)
    parsed = parser.parse(answer, None)["Error"]
    query_code = headers.get("x-amzn-query-error", f"{parsed['Code']};").partition(";")[0]
    assert query_code == code
    assert parsed["Message"] == (f"KeyError: {error}" if status == 500 else str(error))


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({"x-amz-target": "GraniteServiceVersion20100801.Nonsense"}, b"{}", b"UnknownOperationException"),
        ({"x-amz-target": "GraniteServiceVersion20100801.ListMetrics"}, b"{", b"SerializationException"),
        ({"x-amz-target": "GraniteServiceVersion20100801.ListMetrics"}, b"[]", b"SerializationException"),
        ({}, b"Action=Nonsense", b"UnknownOperationException"),
        ({}, b"Action=DescribeAlarms&MaxRecords=many", b"SerializationException"),
        ({"content-type": "application/cbor"}, b"\xff", b"UnknownOperationException"),
    ],
)
def test_what_is_malformed(headers: dict[str, str], body: bytes, code: bytes) -> None:
    status, _, content = wire.answer(lambda *_: Service({}), "/", headers, body)
    assert status == 400
    assert code in content
