# SPDX-License-Identifier: MIT
"""When alarms are evaluated, over what, and what they tell: with a clock that is set by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.localaws.cloudwatch.conftest import START, TOPIC, Site

NO_CHANGE = "INSUFFICIENT_DATA"


def test_an_alarm_begins_without_data(site: Site) -> None:
    alarm = site.alarm()
    assert (alarm["StateValue"], alarm["StateReason"]) == (NO_CHANGE, "Unchecked: Initial alarm creation")
    site.forward(0)
    assert site.described()["StateReason"] == "Insufficient Data: 1 datapoint was unknown."
    assert site.changes() == []


def test_it_goes_off_at_the_end_of_the_minute_and_comes_back(site: Site) -> None:
    site.alarm()
    site.put(40)
    site.put(60)
    site.forward(59)
    assert site.state() == NO_CHANGE
    site.forward(1)
    assert site.state() == "ALARM"
    assert "[60.0 (01/01/26 00:00:00)]" in site.described()["StateReason"]
    site.put(30)
    site.forward(60)
    assert site.state() == "OK"
    assert site.changes() == ["INSUFFICIENT_DATA to ALARM", "ALARM to OK"]


def test_periods_slide_by_the_minute(site: Site) -> None:
    site.alarm(Period=300, Statistic="Sum", TreatMissingData="notBreaching")
    site.now += 90
    site.put(60)
    site.forward(30)
    assert site.state() == "ALARM"  # of the five minutes that end with 00:02
    site.forward(240)
    assert site.state() == "ALARM"  # 00:01 is in the five minutes that end with 00:06
    assert site.described()["StateUpdatedTimestamp"] == START + 120


def test_two_more_periods_are_looked_at(site: Site) -> None:
    site.alarm(TreatMissingData="breaching")
    site.put(40)
    site.forward(60)
    assert site.state() == "OK"
    site.forward(120)
    assert site.state() == "OK"
    site.forward(60)
    assert site.state() == "ALARM"
    assert site.described()["StateReason"] == (
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
        "[Breaching]."
    )


@pytest.mark.parametrize(
    "dimensions",
    [[], [{"Name": "site", "Value": "b"}], [{"Name": "site", "Value": "a"}, {"Name": "x", "Value": "y"}]],
)
def test_other_dimensions_stay_silent(site: Site, dimensions: list[dict[str, str]]) -> None:
    site.alarm(Dimensions=dimensions)
    site.alarm(AlarmName="right", Dimensions=[{"Name": "site", "Value": "a"}])
    site.put(60, Dimensions=[{"Name": "site", "Value": "a"}])
    site.forward(60)
    assert (site.state("right"), site.state()) == ("ALARM", NO_CHANGE)
    assert site.changes() == []


def test_only_values_of_the_unit_count(site: Site) -> None:
    site.alarm(Unit="Percent")
    site.alarm(AlarmName="any")
    site.put(60, Unit="Count")
    site.forward(60)
    assert (site.state("any"), site.state()) == ("ALARM", NO_CHANGE)


@pytest.mark.parametrize(
    ("statistic", "threshold", "state"),
    [
        ({"Statistic": "Sum"}, 59, "ALARM"),
        ({"Statistic": "SampleCount"}, 3, "OK"),
        ({"Statistic": "Average"}, 19, "ALARM"),
        ({"Statistic": "Minimum"}, 10, "OK"),
        ({"ExtendedStatistic": "p50"}, 19, "ALARM"),  # of 10, 20, 30
        ({"ExtendedStatistic": "p50"}, 20, "OK"),
        ({"ExtendedStatistic": "TM(20:)"}, 29, "ALARM"),
        ({"ExtendedStatistic": "PR(:20)"}, 66, "ALARM"),
        ({"ExtendedStatistic": "tc99"}, 2, "OK"),
    ],
)
def test_statistics(site: Site, statistic: dict[str, str], threshold: float, state: str) -> None:
    site.alarm(**{"Statistic": None, **statistic}, Threshold=threshold)
    for value in (10, 20, 30):
        site.put(value)
    site.forward(60)
    assert site.state() == state


@pytest.mark.parametrize(("values", "state"), [(99, NO_CHANGE), (100, "ALARM")])
def test_a_percentile_can_wait_for_enough_values(site: Site, values: int, state: str) -> None:
    """For p90 that is 10/(1-0.9)."""
    site.alarm(Statistic=None, ExtendedStatistic="p90", EvaluateLowSampleCountPercentile="ignore")
    for _ in range(values):
        site.put(60)
    site.forward(60)
    assert site.state() == state


def test_two_out_of_three(site: Site) -> None:
    site.alarm(EvaluationPeriods=3, DatapointsToAlarm=2)
    for value in (60, 40):
        site.put(value)
        site.forward(60)
    assert site.state() == "OK"
    site.put(60)
    site.forward(60)
    assert site.state() == "ALARM"
    assert "2 out of the last 3 datapoints" in site.described()["StateReason"]


def test_seconds(site: Site) -> None:
    site.alarm(Period=10)
    site.put(60, StorageResolution=1)
    site.forward(9)
    assert site.state() == NO_CHANGE
    site.forward(1)
    assert site.state() == "ALARM"


@pytest.mark.parametrize("treatment", ["missing", "ignore", "breaching", "notBreaching"])
def test_dynamodb_s_missing_data_are_ignored(site: Site, treatment: str) -> None:
    site.alarm(Namespace="AWS/DynamoDB", TreatMissingData=treatment)
    site.forward(600)
    assert site.state() == NO_CHANGE


# Metric math

MATH: list[dict[str, Any]] = [
    {"Id": "rate", "Expression": "100 * errors / FILL(calls, 0)", "Label": "Errors in a hundred calls"},
    *(
        {
            "Id": name,
            "MetricStat": {
                "Metric": {"Namespace": "Plant", "MetricName": name, "Dimensions": []},
                "Period": 60,
                "Stat": "Sum",
            },
            "ReturnData": False,
        }
        for name in ("errors", "calls")
    ),
]
OF_MATH = {
    "Metrics": MATH,
    "Threshold": 10,
    **dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period")),
}


def test_metric_math(site: Site) -> None:
    site.alarm(**OF_MATH)
    for errors, state in ((1, "OK"), (3, "ALARM"), (2, "OK")):
        site.put(errors, "errors")
        site.put(20, "calls")
        site.forward(60)
        assert site.state() == state
    assert site.described()["Metrics"] == MATH


def test_a_division_by_nothing_is_no_datapoint(site: Site) -> None:
    site.alarm(**OF_MATH)
    site.put(5, "errors")
    site.forward(60)
    assert site.state() == NO_CHANGE


def test_filling_makes_silence_tell_within_a_period(site: Site) -> None:
    filled = [{"Id": "filled", "Expression": "FILL(calls, 0)"}, MATH[2]]
    site.alarm(**{**OF_MATH, "Metrics": filled, "Threshold": 1, "ComparisonOperator": "LessThanThreshold"})
    site.put(20, "calls")
    site.forward(60)
    assert site.state() == "OK"
    site.forward(60)
    assert site.state() == "ALARM"


# Time


def test_what_would_have_been_meanwhile_is_made_up_for(site: Site) -> None:
    site.alarm(TreatMissingData="notBreaching", AlarmActions=[TOPIC], OKActions=[TOPIC])
    site.forward(0)
    site.put(60, at=START + 600)
    site.forward(24 * 3600)
    assert site.changes() == ["INSUFFICIENT_DATA to OK", "OK to ALARM", "ALARM to OK"]
    _, alarm, ok = site.notices
    assert alarm["Message"]["StateChangeTime"] == "2026-01-01T00:11:00.000+0000"
    assert ok["Message"]["StateChangeTime"] == "2026-01-01T00:14:00.000+0000"


def test_a_changed_alarm_is_evaluated_anew(site: Site) -> None:
    site.alarm()
    site.put(60)
    site.forward(60)
    assert site.alarm(Threshold=70)["StateValue"] == "ALARM"
    site.forward(0.2)
    assert site.state() == "OK"


def test_everything_is_there_after_a_restart(reopened: Callable[[], Site]) -> None:
    before = reopened()
    before.alarm(AlarmActions=[TOPIC])
    before.put(60)
    before.forward(60)
    described, changes = before.described(), before.changes()
    before.service.close()
    after = reopened()
    after.now = before.now
    assert after.described() == described
    assert after.changes() == changes
    after.forward(30)
    after.put(30)
    after.forward(60)
    assert after.state() == "OK"


# Actions

ACTIONS = {
    "AlarmActions": [TOPIC],
    "OKActions": [f"{TOPIC}-over"],
    "InsufficientDataActions": [f"{TOPIC}-lost"],
}


def test_each_state_has_its_actions(site: Site) -> None:
    site.alarm(**ACTIONS)
    for value in (60, 30):
        site.put(value)
        site.forward(60)
    site.forward(180)
    assert [notice["TopicArn"] for notice in site.notices] == [TOPIC, f"{TOPIC}-over", f"{TOPIC}-lost"]
    assert site.notices[0]["Subject"] == 'ALARM: "hot" in US East (N. Virginia)'


def test_actions_can_be_off(site: Site) -> None:
    site.alarm(**ACTIONS)
    site.call("DisableAlarmActions", AlarmNames=["hot"])
    site.put(60)
    site.forward(60)
    assert (site.state(), site.notices) == ("ALARM", [])
    site.call("EnableAlarmActions", AlarmNames=["hot"])
    site.put(30)
    site.forward(60)
    assert [notice["Message"]["NewStateValue"] for notice in site.notices] == ["OK"]


def test_a_state_that_is_set_lasts_until_the_next_evaluation(site: Site) -> None:
    site.alarm(**ACTIONS)
    site.put(30)
    site.forward(60)
    site.call(
        "SetAlarmState", AlarmName="hot", StateValue="ALARM", StateReason="a test", StateReasonData='{"a": 1}'
    )
    described = site.described()
    assert (described["StateValue"], described["StateReason"]) == ("ALARM", "a test")
    assert site.notices[-1]["Message"]["NewStateReason"] == "a test"
    site.forward(59)
    assert site.state() == "ALARM"
    site.forward(1)
    assert site.state() == "OK"


def test_the_history_has_actions_that_worked_and_that_failed(site: Site) -> None:
    site.alarm(AlarmActions=[TOPIC, "arn:aws:automate:us-east-1:ec2:stop"])
    site.fails = True
    site.put(60)
    site.forward(60)
    items = site.call("DescribeAlarmHistory", HistoryItemType="Action")["AlarmHistoryItems"]
    assert {item["HistorySummary"] for item in items} == {
        f'Failed to execute action {TOPIC}. Received error: "Topic does not exist"',
        "Failed to execute action arn:aws:automate:us-east-1:ec2:stop. "
        'Received error: "the embedded CloudWatch takes only actions of SNS"',
    }
    site.fails = False
    site.call("SetAlarmState", AlarmName="hot", StateValue="OK", StateReason="a test")
    site.call("SetAlarmState", AlarmName="hot", StateValue="ALARM", StateReason="a test")
    items = site.call("DescribeAlarmHistory", HistoryItemType="Action")["AlarmHistoryItems"]
    assert f"Successfully executed action {TOPIC}" in {item["HistorySummary"] for item in items}
