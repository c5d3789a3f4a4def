# SPDX-License-Identifier: MIT
"""PutMetricAlarm and what follows from it: what is refused, described, tagged and remembered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.cloudwatch.errors import (
    InvalidFormatFault,
    InvalidNextToken,
    ResourceNotFound,
    ResourceNotFoundException,
    ValidationError,
)
from localaws.errors import UnknownOperationException
from tests.unit.localaws.cloudwatch.conftest import ALARM, START, TOPIC, Site

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
STAT: dict[str, Any] = {
    "Metric": {"Namespace": "Plant", "MetricName": "Temperature"},
    "Period": 60,
    "Stat": "Sum",
}
OF_METRIC = dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period"))


def math(*queries: dict[str, Any]) -> dict[str, Any]:
    return {**OF_METRIC, "Metrics": list(queries)}


M1 = {"Id": "m1", "MetricStat": STAT, "ReturnData": False}


def test_an_alarm_is_described_as_it_was_made(site: Site) -> None:
    assert site.alarm(AlarmActions=[TOPIC]) == {
        **ALARM,
        "ActionsEnabled": True,
        "AlarmActions": [TOPIC],
        "OKActions": [],
        "InsufficientDataActions": [],
        "Dimensions": [],
        "AlarmArn": f"{ARN}hot",
        "AlarmConfigurationUpdatedTimestamp": START,
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
        "StateUpdatedTimestamp": START,
        "StateTransitionedTimestamp": START,
    }


def test_an_update_replaces_all_but_state_and_tags(site: Site) -> None:
    site.alarm(AlarmDescription="It is hot", Tags=[{"Key": "team", "Value": "a"}])
    site.call("SetAlarmState", AlarmName="hot", StateValue="OK", StateReason="a test")
    site.now += 10
    described = site.alarm(Threshold=60, Tags=[{"Key": "team", "Value": "b"}])
    assert "AlarmDescription" not in described
    assert (described["Threshold"], described["StateValue"]) == (60, "OK")
    assert described["AlarmConfigurationUpdatedTimestamp"] == START + 10
    tags = site.call("ListTagsForResource", ResourceARN=f"{ARN}hot")["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"EvaluationPeriods": None}, "EvaluationPeriods"),
        ({"Threshold": None}, "The parameter Threshold is required"),
        ({"Namespace": None}, "The parameter Namespace is required"),
        ({"Period": None}, "The parameter Period is required"),
        ({"Statistic": None}, "Either Statistic or ExtendedStatistic must be specified"),
        ({"ExtendedStatistic": "p90"}, "Either Statistic or ExtendedStatistic must be specified"),
        ({"Statistic": None, "ExtendedStatistic": "p900"}, "p900 is not one of CloudWatch's"),
        ({"Statistic": "Median"}, "Member must satisfy enum value set"),
        ({"MetricName": None}, "Either MetricName or Metrics must be specified"),
        ({"Metrics": [M1]}, "Either MetricName or Metrics must be specified"),
        ({"TreatMissingData": "sometimes"}, "TreatMissingData must be one of"),
        ({"EvaluateLowSampleCountPercentile": "ignore"}, "is for alarms on a percentile"),
        ({"DatapointsToAlarm": 2}, "DatapointsToAlarm must be less than or equal to EvaluationPeriods"),
        ({"Period": 45}, "or a multiple of 60 seconds, not 45"),
        ({"Period": 1}, "Period must be 10, 20, 30 or a multiple of 60"),
        ({"EvaluationPeriods": 1441}, "more than a day"),
        ({"Period": 3600, "EvaluationPeriods": 169}, "more than seven days"),
        ({"AlarmActions": ["topic"]}, "Invalid arn syntax: topic"),
        ({"AlarmActions": [TOPIC] * 6}, "Member must have length less than or equal to 5"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "of anomaly detection, is not supported"),
        ({"ThresholdMetricId": "m1"}, "ThresholdMetricId is not supported"),
        ({"EvaluationWindow": {"WallClockWindow": {}}}, "WallClockWindow is not supported"),
        ({"Tags": [{"Key": "AWS:x", "Value": ""}]}, "must not start with any case of"),
        (math({**M1, "ReturnData": True}) | {"Namespace": "Plant"}, "Metrics excludes Namespace"),
        (math(M1), "Exactly one element of Metrics must have ReturnData true"),
        (math({**M1, "ReturnData": True}, {"Id": "e", "Expression": "m1 + 1"}), "Exactly one element"),
        (math(M1, {"Id": "e", "Expression": "METRICS()"}), "must be on a single time series"),
        (math(M1, {"Id": "e", "Expression": "MAX(m1)"}), "the result is not a time series"),
        (math(M1, {"Id": "e", "Expression": "SEARCH('', 'Sum')"}), "The function SEARCH is not supported"),
        (math(M1, {"Id": "e", "Expression": "m2"}), "m2 is not the Id of a metric"),
        (
            math(
                {**M1, "Id": "m2", "MetricStat": {**STAT, "Period": 120}},
                M1,
                {"Id": "e", "Expression": "m1 + m2"},
            ),
            "must have the same period",
        ),
        (
            math(*({**M1, "Id": f"m{n}"} for n in range(11)), {"Id": "e", "Expression": "SUM(METRICS())"}),
            "at most 10 metrics",
        ),
    ],
)
def test_what_is_refused(site: Site, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        site.alarm(**changes)
    assert site.call("DescribeAlarms")["MetricAlarms"] == []


def test_an_operation_that_is_not_there_is_named(site: Site) -> None:
    with pytest.raises(UnknownOperationException, match="does not have the operation PutAnomalyDetector"):
        site.call("PutAnomalyDetector")


def test_what_is_not_there(site: Site) -> None:
    with pytest.raises(ResourceNotFound):
        site.call("SetAlarmState", AlarmName="none", StateValue="OK", StateReason="")
    with pytest.raises(ResourceNotFoundException):
        site.call("ListTagsForResource", ResourceARN=f"{ARN}none")
    site.call("DeleteAlarms", AlarmNames=["none"])
    site.alarm()
    with pytest.raises(InvalidFormatFault):
        site.call("SetAlarmState", AlarmName="hot", StateValue="OK", StateReason="", StateReasonData="{")


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        ({}, ["a", "ab", "b"]),
        ({"AlarmNames": ["b", "a", "z"]}, ["a", "b"]),
        ({"AlarmNamePrefix": "a"}, ["a", "ab"]),
        ({"StateValue": "OK"}, ["b"]),
        ({"ActionPrefix": TOPIC[:20]}, ["ab"]),
        ({"AlarmTypes": ["CompositeAlarm"]}, ["c"]),
        ({"AlarmTypes": ["CompositeAlarm", "MetricAlarm"]}, ["a", "ab", "b", "c"]),
    ],
)
def test_which_alarms_are_described(site: Site, request_: dict[str, Any], names: list[str]) -> None:
    for name in ("b", "ab", "a"):
        site.alarm(AlarmName=name, OKActions=[TOPIC] if name == "ab" else [])
    site.call("PutCompositeAlarm", AlarmName="c", AlarmRule="ALARM(a)")
    site.call("SetAlarmState", AlarmName="b", StateValue="OK", StateReason="a test")
    answer = site.call("DescribeAlarms", **request_)
    assert [alarm["AlarmName"] for alarm in answer["MetricAlarms"] + answer["CompositeAlarms"]] == names


def test_alarms_are_described_in_pages(site: Site) -> None:
    for number in range(5):
        site.alarm(AlarmName=str(number))
    names: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        answer = site.call("DescribeAlarms", MaxRecords=2, **token)
        names.append([alarm["AlarmName"] for alarm in answer["MetricAlarms"]])
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert names == [["0", "1"], ["2", "3"], ["4"]]
    with pytest.raises(InvalidNextToken):
        site.call("DescribeAlarms", NextToken="nonsense")


def test_the_alarms_of_a_metric(site: Site) -> None:
    named = [{"Name": "site", "Value": "a"}]
    site.alarm(AlarmName="plain")
    site.alarm(AlarmName="of a", Dimensions=named)
    site.alarm(AlarmName="math", **math({**M1, "ReturnData": True}))
    of = {"Namespace": "Plant", "MetricName": "Temperature"}
    answer = site.call("DescribeAlarmsForMetric", **of)
    assert [alarm["AlarmName"] for alarm in answer["MetricAlarms"]] == ["plain"]
    answer = site.call("DescribeAlarmsForMetric", **of, Dimensions=named, Statistic="Maximum")
    assert [alarm["AlarmName"] for alarm in answer["MetricAlarms"]] == ["of a"]
    assert site.call("DescribeAlarmsForMetric", **of, Statistic="Sum")["MetricAlarms"] == []


def test_the_history_outlives_the_alarm(site: Site) -> None:
    site.alarm()
    site.now += 1
    site.alarm(Threshold=60)
    site.now += 1
    site.call("DeleteAlarms", AlarmNames=["hot"])
    items = site.call("DescribeAlarmHistory")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in items] == [
        'Alarm "hot" deleted',
        'Alarm "hot" updated',
        'Alarm "hot" created',
    ]
    created = json.loads(items[-1]["HistoryData"])
    assert (created["version"], created["type"]) == ("1.0", "Create")
    assert created["createdAlarm"]["okActions"] == []
    assert created["createdAlarm"]["alarmConfigurationUpdatedTimestamp"] == "2026-01-01T00:00:00.000+0000"
    at_one = site.call("DescribeAlarmHistory", StartDate=START + 1, EndDate=START + 1.5)["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in at_one] == ['Alarm "hot" updated']
    site.forward(31 * 24 * 3600)
    assert site.call("DescribeAlarmHistory")["AlarmHistoryItems"] == []


def test_tags(site: Site) -> None:
    site.alarm()
    arn = {"ResourceARN": f"{ARN}hot"}
    site.call("TagResource", **arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    site.call("UntagResource", **arn, TagKeys=["a", "z"])
    assert site.call("ListTagsForResource", **arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    with pytest.raises(ValidationError, match="more than 50"):
        site.call("TagResource", **arn, Tags=[{"Key": str(n), "Value": ""} for n in range(50)])


def test_ten_years_of_nothing_are_soon_over(site: Site) -> None:
    for number in range(300):
        site.alarm(AlarmName=str(number), TreatMissingData="notBreaching", Period=3600)
    site.forward(0)
    site.put(60)
    site.forward(10 * 366 * 24 * 3600)
    assert {site.state(str(number)) for number in range(300)} == {"OK"}
