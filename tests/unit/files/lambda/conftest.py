# SPDX-License-Identifier: MIT
"""A Timestream table of a few lines behind a real boto3 client: it keeps records as WriteRecords does."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from ingest.settings import Settings
from ingest.writer import Writer

if TYPE_CHECKING:
    from mypy_boto3_timestream_write import TimestreamWriteClient

CONFLICT = (
    "A record already exists with the same time, dimensions, measure name, and record version. A higher "
    "record version must be specified in order to update the measure value."
)


class Table:
    """What WriteRecords stored, by key, and the requests that it took.

    :ivar fault: given a request's records, merged, an error's name, message and HTTP status, or None.
    """

    def __init__(self) -> None:
        self.rows: dict[tuple[Any, ...], Any] = {}
        self.requests: list[dict[str, Any]] = []
        self.fault: Callable[[list[dict[str, Any]]], tuple[str, str, int] | None] = lambda _: None

    def answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        body: Any = request.body
        asked = json.loads(body)
        self.requests.append(asked)
        records = merged(asked)
        if fault := self.fault(records):
            name, message, status = fault
            return _response(request, status, {"__type": name, "message": message})
        rejected = [
            {"RecordIndex": i, "Reason": CONFLICT} for i, it in enumerate(records) if not self._store(it)
        ]
        if rejected:
            problem = {"__type": "RejectedRecordsException", "message": "", "RejectedRecords": rejected}
            return _response(request, 419, problem)
        return _response(request, 200, {"RecordsIngested": {"Total": len(records)}})

    def _store(self, record: dict[str, Any]) -> bool:
        dimensions = tuple(sorted((it["Name"], it["Value"]) for it in record["Dimensions"]))
        key = (dimensions, record["MeasureName"], record["Time"], record["TimeUnit"])
        value = (record["MeasureValueType"], record.get("MeasureValue") or record["MeasureValues"])
        return bool(self.rows.setdefault(key, value) == value)

    def values(self) -> dict[str, Any]:
        """The stored values by measure name, for tests that store one series at one time."""
        return {name: value for (_, name, _, _), (_, value) in self.rows.items()}


def merged(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of a request, each with the common attributes, as WriteRecords reads them."""
    common = request.get("CommonAttributes", {})
    return [
        common | record | {"Dimensions": common.get("Dimensions", []) + record.get("Dimensions", [])}
        for record in request["Records"]
    ]


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _response(request: AWSPreparedRequest, status: int, body: dict[str, Any]) -> AWSResponse:
    return AWSResponse(request.url, status, HTTPHeaders(), _Raw(json.dumps(body).encode()))


@pytest.fixture(scope="session")
def offline_client() -> TimestreamWriteClient:
    return boto3.client(
        "timestream-write",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def table(offline_client: TimestreamWriteClient) -> Iterator[Table]:
    table = Table()
    events: Any = offline_client.meta.events
    events.register("before-send.timestream-write", table.answer)
    yield table
    events.unregister("before-send.timestream-write", table.answer)


@pytest.fixture
def writer(offline_client: TimestreamWriteClient, table: Table) -> Writer:
    return Writer(offline_client, "db", "sensor-data", seconds_left=lambda: 60.0)


@pytest.fixture
def settings() -> Settings:
    return Settings.from_environ({"DATABASE_NAME": "db", "TABLE_NAME": "sensor-data"})
