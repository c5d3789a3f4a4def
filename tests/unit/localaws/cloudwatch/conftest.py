# SPDX-License-Identifier: MIT
"""A CloudWatch with a clock that is set by hand, and an SNS that remembers what it was told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localaws.cloudwatch.service import CloudWatch

START = 1_767_225_600  # 2026-01-01 00:00:00 UTC, a full hour

TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
ALARM = {
    "AlarmName": "hot",
    "Namespace": "Plant",
    "MetricName": "Temperature",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 50,
    "ComparisonOperator": "GreaterThanThreshold",
}


class Site:
    """A CloudWatch of an account and region, without a server around it."""

    def __init__(self, folder: Path | None = None) -> None:
        self.now = float(START)
        self.notices: list[dict[str, Any]] = []
        self.fails = False
        self.service = CloudWatch(
            "123456789012", "us-east-1", lambda: round(self.now * 10**9), folder, lambda _: self
        )

    def publish(self, **request: Any) -> None:
        """SNS's Publish."""
        if self.fails:
            raise RuntimeError("Topic does not exist")
        self.notices.append({**request, "Message": json.loads(request["Message"])})

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        return self.service.call(operation, request)

    def forward(self, seconds: float) -> None:
        self.now += seconds
        self.service.work()

    def put(self, value: float, name: str = "Temperature", at: float | None = None, **datum: Any) -> None:
        datum |= {"MetricName": name, "Value": value}
        self.call("PutMetricData", Namespace="Plant", MetricData=[datum | ({"Timestamp": at} if at else {})])

    def alarm(self, **changes: Any) -> dict[str, Any]:
        """Make an alarm, and describe it."""
        request = {**ALARM, **changes}
        self.call("PutMetricAlarm", **{name: value for name, value in request.items() if value is not None})
        return self.described(request["AlarmName"])

    def described(self, name: str = "hot") -> dict[str, Any]:
        answer = self.call("DescribeAlarms", AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        (alarm,) = answer["MetricAlarms"] + answer["CompositeAlarms"]
        return dict(alarm)

    def state(self, name: str = "hot") -> str:
        return str(self.described(name)["StateValue"])

    def changes(self, name: str = "hot") -> list[str]:
        """From which state to which an alarm went, the first change first."""
        items = self.call("DescribeAlarmHistory", AlarmName=name, ScanBy="TimestampAscending")
        updates = [item for item in items["AlarmHistoryItems"] if item["HistoryItemType"] == "StateUpdate"]
        return [item["HistorySummary"].removeprefix("Alarm updated from ") for item in updates]


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.service.close()


@pytest.fixture
def reopened(tmp_path: Path) -> Callable[[], Site]:
    """Each call gives the same account and region anew, from its folder."""
    return lambda: Site(tmp_path)
