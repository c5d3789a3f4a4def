# SPDX-License-Identifier: MIT
"""The messages to SNS topics, as AWS sent them; public code quotes them."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from localaws.account import Account
from localaws.cloudwatch import notices

IRELAND = Account("123456712345", "eu-west-1")


def seconds(text: str) -> float:
    return pd.Timestamp(text, tz="UTC").timestamp()


ALARM: dict[str, Any] = {
    "AlarmName": "event-filter-errors",
    "AlarmDescription": "The lambda has had at least 1 error within the last 5 minutes!",
    "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456712345:alarm:event-filter-errors",
    "AlarmConfigurationUpdatedTimestamp": seconds("2023-08-17 08:47:29.454"),
    "StateValue": "OK",
    "StateReason": "Threshold Crossed: 1 datapoint [0.0 (19/03/24 17:14:00)] was not greater than or equal "
    "to the threshold (1.0).",
    "StateTransitionedTimestamp": seconds("2024-03-19 17:19:14.422"),
    "OKActions": ["arn:aws:sns:eu-west-1:123456712345:aws-alerts"],
    "AlarmActions": ["arn:aws:sns:eu-west-1:123456712345:aws-alerts"],
    "InsufficientDataActions": [],
    "MetricName": "Errors",
    "Namespace": "AWS/Lambda",
    "Statistic": "Sum",
    "Dimensions": [{"Name": "FunctionName", "Value": "event-filter"}],
    "Period": 300,
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "Threshold": 1.0,
    "TreatMissingData": "notBreaching",
}


def test_of_one_metric() -> None:
    assert json.loads(notices.message(ALARM, "ALARM", IRELAND)) == {
        "AlarmName": "event-filter-errors",
        "AlarmDescription": "The lambda has had at least 1 error within the last 5 minutes!",
        "AWSAccountId": "123456712345",
        "AlarmConfigurationUpdatedTimestamp": "2023-08-17T08:47:29.454+0000",
        "NewStateValue": "OK",
        "NewStateReason": "Threshold Crossed: 1 datapoint [0.0 (19/03/24 17:14:00)] was not greater than or "
        "equal to the threshold (1.0).",
        "StateChangeTime": "2024-03-19T17:19:14.422+0000",
        "Region": "EU (Ireland)",
        "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456712345:alarm:event-filter-errors",
        "OldStateValue": "ALARM",
        "OKActions": ["arn:aws:sns:eu-west-1:123456712345:aws-alerts"],
        "AlarmActions": ["arn:aws:sns:eu-west-1:123456712345:aws-alerts"],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "Errors",
            "Namespace": "AWS/Lambda",
            "StatisticType": "Statistic",
            "Statistic": "SUM",
            "Unit": None,
            "Dimensions": [{"value": "event-filter", "name": "FunctionName"}],
            "Period": 300,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Threshold": 1.0,
            "TreatMissingData": "notBreaching",
            "EvaluateLowSampleCountPercentile": "",
        },
    }


def trigger(**changes: Any) -> dict[str, Any]:
    alarm = {name: value for name, value in {**ALARM, **changes}.items() if value is not None}
    found: dict[str, Any] = json.loads(notices.message(alarm, "OK", IRELAND))["Trigger"]
    return found


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"Statistic": "SampleCount"}, {"StatisticType": "Statistic", "Statistic": "SAMPLE_COUNT"}),
        (
            {"Statistic": None, "ExtendedStatistic": "p90"},
            {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": "p90"},
        ),
        ({"DatapointsToAlarm": 1}, {"DatapointsToAlarm": 1}),
        ({"Unit": "Count"}, {"Unit": "Count"}),
    ],
)
def test_what_a_trigger_may_have(changes: dict[str, Any], told: dict[str, Any]) -> None:
    found = trigger(**changes)
    assert {name: found[name] for name in told} == told


def test_of_metric_math() -> None:
    metric = {"Namespace": "AWS/NetworkELB", "MetricName": "HealthyHostCount"}
    dimensions = [{"Name": "TargetGroup", "Value": "tg"}, {"Name": "LoadBalancer", "Value": "lb"}]
    expression = {"Id": "expr_1", "Expression": "100*(healthy/fleet)", "ReturnData": True}
    healthy: dict[str, Any] = {"Id": "healthy", "Label": "HealthyHostCount", "ReturnData": False}
    stat = {"Period": 60, "Stat": "Average"}
    single = ("MetricName", "Namespace", "Statistic", "Dimensions", "Period")
    found = trigger(
        **dict.fromkeys(single),
        EvaluationPeriods=5,
        Metrics=[
            expression,
            {**healthy, "MetricStat": {"Metric": {**metric, "Dimensions": dimensions}, **stat}},
        ],
    )
    named = [{"value": "tg", "name": "TargetGroup"}, {"value": "lb", "name": "LoadBalancer"}]
    assert found == {
        "Period": 60,
        "EvaluationPeriods": 5,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1.0,
        "TreatMissingData": "notBreaching",
        "EvaluateLowSampleCountPercentile": "",
        "Metrics": [
            expression,
            {**healthy, "MetricStat": {"Metric": {**metric, "Dimensions": named}, **stat}},
        ],
    }


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("us-east-1", "US East (N. Virginia)"),
        ("eu-central-1", "EU (Frankfurt)"),
        ("ap-southeast-1", "Asia Pacific (Singapore)"),
        ("us-gov-west-1", "AWS GovCloud (US-West)"),
        ("mars-north-1", "mars-north-1"),
    ],
)
def test_regions(region: str, name: str) -> None:
    assert notices.region_name(region) == name


def test_a_subject_fits_sns() -> None:
    assert notices.subject(ALARM, IRELAND) == ('OK: "event-filter-errors" in EU (Ireland)')
    assert len(notices.subject({**ALARM, "AlarmName": "n" * 255}, IRELAND)) == 100
    assert notices.subject({**ALARM, "AlarmName": "heiß"}, IRELAND).isascii()
