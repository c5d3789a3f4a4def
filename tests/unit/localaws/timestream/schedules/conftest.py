# SPDX-License-Identifier: MIT
"""A Timestream with S3, KMS and SNS beside it, and an hourly roll-up to schedule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localaws.timestream.service import Timestream
from tests.unit.localaws.timestream.memory_kms import MemoryKms
from tests.unit.localaws.timestream.memory_s3 import MemoryS3
from tests.unit.localaws.timestream.memory_sns import MemorySns

TOPIC = "arn:aws:sns:us-east-1:000000000000:scheduled"
ROLE = "arn:aws:iam::000000000000:role/scheduled"
NEW_YEAR = 1_767_225_600  # 2026-01-01T00:00:00Z
HOUR = 3600

ROLL_UP = """
    SELECT device_id, bin(time, 1h) AS hour, avg(measure_value::double) AS mean, count(*) AS n
    FROM iot."sensor-data"
    WHERE time >= @scheduled_runtime - 2h AND time < @scheduled_runtime
    GROUP BY device_id, bin(time, 1h)
"""
TARGET = {
    "DatabaseName": "derived",
    "TableName": "hourly",
    "TimeColumn": "hour",
    "DimensionMappings": [{"Name": "device_id", "DimensionValueType": "VARCHAR"}],
    "MultiMeasureMappings": {
        "TargetMultiMeasureName": "temperature",
        "MultiMeasureAttributeMappings": [
            {"SourceColumn": "mean", "MeasureValueType": "DOUBLE"},
            {
                "SourceColumn": "n",
                "MeasureValueType": "BIGINT",
                "TargetMultiMeasureAttributeName": "readings",
            },
        ],
    },
}


@pytest.fixture
def sns() -> MemorySns:
    """The SNS beside it."""
    return MemorySns({TOPIC: []})


class Beside:
    """The services beside a Timestream."""

    def __init__(self, s3: MemoryS3, sns: MemorySns) -> None:
        self._clients: dict[str, Any] = {"s3": s3, "kms": MemoryKms(), "sns": sns}

    def __call__(self, service: str) -> Any:
        return self._clients[service]


@pytest.fixture
def beside(s3: MemoryS3, sns: MemorySns) -> Beside:
    return Beside(s3, sns)


@pytest.fixture
def service(clock: Any, beside: Beside, tmp_path: Path) -> Iterator[Timestream]:
    service = Timestream("000000000000", "us-east-1", clock, tmp_path / "state", beside)
    yield service
    service.close()


@pytest.fixture
def tables(call: Any, table: dict[str, str]) -> dict[str, str]:
    """The source, with a reading at each full hour and half hour from 22:00 to 2:00, and the target."""
    call("CreateDatabase", DatabaseName="derived")
    call(
        "CreateTable",
        DatabaseName="derived",
        TableName="hourly",
        RetentionProperties={
            "MemoryStoreRetentionPeriodInHours": 24,
            "MagneticStoreRetentionPeriodInDays": 365,
        },
    )
    return table


@pytest.fixture
def request_(tables: dict[str, str]) -> dict[str, Any]:
    """A CreateScheduledQuery request: an hourly roll-up at each full hour."""
    return {
        "Name": "hourly-roll-up",
        "QueryString": ROLL_UP,
        "ScheduleConfiguration": {"ScheduleExpression": "cron(0 * * * ? *)"},
        "NotificationConfiguration": {"SnsConfiguration": {"TopicArn": TOPIC}},
        "TargetConfiguration": {"TimestreamConfiguration": TARGET},
        "ScheduledQueryExecutionRoleArn": ROLE,
        "ErrorReportConfiguration": {"S3Configuration": {"BucketName": "reports", "ObjectKeyPrefix": "sq"}},
    }
