# SPDX-License-Identifier: MIT
"""Batch loads carried out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from localaws.timestream.service import Timestream

MODEL = {
    "TimeColumn": "timestamp",
    "TimeUnit": "SECONDS",
    "DimensionMappings": [
        {"SourceColumn": "vehicle"},
        {"SourceColumn": "registration", "DestinationColumn": "license"},
    ],
    "MultiMeasureMappings": {
        "TargetMultiMeasureName": "mva_measure_name",
        "MultiMeasureAttributeMappings": [
            {
                "SourceColumn": "wgt",
                "TargetMultiMeasureAttributeName": "weight",
                "MeasureValueType": "DOUBLE",
            },
            {"SourceColumn": "spd", "TargetMultiMeasureAttributeName": "speed", "MeasureValueType": "DOUBLE"},
            {
                "SourceColumn": "fuel_consumption",
                "TargetMultiMeasureAttributeName": "fuel",
                "MeasureValueType": "DOUBLE",
            },
            {"SourceColumn": "miles", "MeasureValueType": "BIGINT"},
        ],
    },
}
"""That of https://docs.aws.amazon.com/timestream/latest/developerguide/batch-load-using-cli.html."""

HEADER = "timestamp,vehicle,registration,wgt,spd,fuel_consumption,miles\n"
DAY = 24 * 3600
DEADLINE_SECONDS = 30


@pytest.fixture
def request_(table: dict[str, str]) -> dict[str, Any]:
    """A request for a batch load of the bucket `source`."""
    return {
        "TargetDatabaseName": table["DatabaseName"],
        "TargetTableName": table["TableName"],
        "DataModelConfiguration": {"DataModel": MODEL},
        "DataSourceConfiguration": {
            "DataSourceS3Configuration": {"BucketName": "source"},
            "DataFormat": "CSV",
        },
        "ReportConfiguration": {"ReportS3Configuration": {"BucketName": "reports"}},
    }


Describe = Callable[[str], dict[str, Any]]


@pytest.fixture
def described(call: Any) -> Describe:
    def described(task_id: str) -> dict[str, Any]:
        description: dict[str, Any] = call("DescribeBatchLoadTask", TaskId=task_id)[
            "BatchLoadTaskDescription"
        ]
        return description

    return described


@pytest.fixture
def finished(service: Timestream, described: Describe) -> Describe:
    """Let a task be carried out; its description after that."""

    def finished(task_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (description := described(task_id))["TaskStatus"] in (
            "CREATED",
            "IN_PROGRESS",
            "PENDING_RESUME",
        ):
            assert time.monotonic() < deadline, description
            service.work()
            time.sleep(0.001)
        return description

    return finished


@pytest.fixture
def load(call: Any, request_: dict[str, Any], finished: Describe) -> Callable[..., dict[str, Any]]:
    """Create a task, with members of the request replaced, and let it be carried out."""

    def load(**changes: Any) -> dict[str, Any]:
        return finished(call("CreateBatchLoadTask", **{**request_, **changes})["TaskId"])

    return load
