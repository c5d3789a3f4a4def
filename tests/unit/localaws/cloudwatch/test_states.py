# SPDX-License-Identifier: MIT
"""Composite alarms, and the examples of how a suppressor holds their actions back.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.cloudwatch.errors import ValidationError
from tests.unit.localaws.cloudwatch.conftest import START, TOPIC, Site

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"


def set_state(site: Site, name: str, state: str) -> None:
    site.call("SetAlarmState", AlarmName=name, StateValue=state, StateReason="a test")


def composite(site: Site, rule: str, **more: Any) -> None:
    actions = {"AlarmActions": [TOPIC], "OKActions": [TOPIC]}
    site.call("PutCompositeAlarm", AlarmName="both", AlarmRule=rule, **actions, **more)


@pytest.fixture
def children(site: Site) -> Site:
    """Two alarms that no metric moves, in OK, and one to suppress with."""
    for name in ("a", "b", "suppressor"):
        site.alarm(AlarmName=name, TreatMissingData="ignore")
        set_state(site, name, "OK")
    return site


def test_it_is_evaluated_as_it_is_made(children: Site) -> None:
    composite(children, "ALARM(a) AND ALARM(b)")
    described = children.described("both")
    assert (described["StateValue"], described["StateReason"]) == (
        "OK",
        f"{ARN}both was created and its alarm rule evaluates to OK",
    )
    assert children.changes("both") == ["INSUFFICIENT_DATA to OK"]


def test_it_follows_its_children(children: Site) -> None:
    composite(children, "ALARM(a) AND ALARM(b)")
    children.now = START + 24 * 3600 + 1.394
    set_state(children, "a", "ALARM")
    assert children.state("both") == "OK"
    children.now += 60
    set_state(children, "b", "ALARM")
    described = children.described("both")
    assert described["StateValue"] == "ALARM"
    assert described["StateReason"] == (
        f"{ARN}b transitioned to ALARM at Friday 02 January, 2026 00:01:01 UTC"
    )
    assert json.loads(described["StateReasonData"])["triggeringAlarms"] == [
        {"arn": f"{ARN}b", "state": {"value": "ALARM", "timestamp": "2026-01-02T00:01:01.394+0000"}},
        {"arn": f"{ARN}a", "state": {"value": "ALARM", "timestamp": "2026-01-02T00:00:01.394+0000"}},
    ]
    assert children.notices[-1]["Message"]["TriggeringChildren"] == [
        {"Arn": f"{ARN}b", "State": {"Value": "ALARM", "Timestamp": "2026-01-02T00:01:01.394+0000"}},
        {"Arn": f"{ARN}a", "State": {"Value": "ALARM", "Timestamp": "2026-01-02T00:00:01.394+0000"}},
    ]
    set_state(children, "a", "OK")
    assert children.state("both") == "OK"


def test_it_may_be_a_child_itself(children: Site) -> None:
    composite(children, "ALARM(a)")
    children.call("PutCompositeAlarm", AlarmName="top", AlarmRule=f"NOT ALARM({ARN}both)")
    assert children.state("top") == "ALARM"
    set_state(children, "a", "ALARM")
    assert children.state("top") == "OK"


def test_a_cycle_comes_to_an_end(children: Site) -> None:
    composite(children, "ALARM(a)")
    children.call("PutCompositeAlarm", AlarmName="top", AlarmRule="ALARM(both)")
    composite(children, "ALARM(a) OR NOT ALARM(top)")
    set_state(children, "a", "ALARM")
    set_state(children, "a", "OK")
    with pytest.raises(ValidationError, match="Cannot delete both as there are composite"):
        children.call("DeleteAlarms", AlarmNames=["both"])


def test_children_must_be_there_and_stay(children: Site) -> None:
    with pytest.raises(ValidationError) as caught:
        composite(children, "ALARM(a) OR ALARM(nowhere)")
    assert caught.value.message == (
        f"Could not save the composite alarm as alarms [{ARN}nowhere] in the alarm rule do not exist"
    )
    composite(children, "ALARM(a)")
    with pytest.raises(ValidationError, match="Cannot delete a as there are composite"):
        children.call("DeleteAlarms", AlarmNames=["a", "b"])
    assert children.state("b") == "OK"
    children.call("DeleteAlarms", AlarmNames=["both"])
    children.call("DeleteAlarms", AlarmNames=["a", "b"])


def test_relatives(children: Site) -> None:
    composite(children, "ALARM(a) OR ALARM(b)")
    answer = children.call("DescribeAlarms", ChildrenOfAlarmName="both")
    assert [alarm["AlarmName"] for alarm in answer["MetricAlarms"]] == ["a", "b"]
    answer = children.call("DescribeAlarms", ParentsOfAlarmName="a")
    assert [alarm["AlarmName"] for alarm in answer["CompositeAlarms"]] == ["both"]


# Suppression, by the numbers of AWS's examples: WaitPeriod is 2 time units, ExtensionPeriod 3

UNIT = 10
SUPPRESSED = {
    "ActionsSuppressor": "suppressor",
    "ActionsSuppressorWaitPeriod": 2 * UNIT,
    "ActionsSuppressorExtensionPeriod": 3 * UNIT,
}
Event = tuple[int, str, str]


def play(site: Site, *events: Event, until: int) -> list[tuple[int, str]]:
    """The actions that were taken, and when, as alarms change their states at times."""
    composite(site, "ALARM(a)", **SUPPRESSED)
    site.forward(10 * UNIT)
    site.notices.clear()
    site.now = START + 1000 * UNIT
    taken: list[tuple[int, str]] = []
    for unit in range(until + 1):
        for time, name, state in events:
            if time == unit:
                set_state(site, name, state)
        site.forward(0)
        taken += [(unit, notice["Message"]["NewStateValue"]) for notice in site.notices]
        site.notices.clear()
        site.now += UNIT
    return taken


@pytest.mark.parametrize(
    ("events", "taken"),
    [
        ([(2, "a", "ALARM")], [(4, "ALARM")]),  # 1: not suppressed after WaitPeriod
        ([(2, "a", "ALARM"), (3, "suppressor", "ALARM")], []),  # 2: by the alarm before WaitPeriod expires
        ([(2, "a", "ALARM"), (3, "a", "OK")], [(5, "OK")]),  # 3: a transition within WaitPeriod
        ([(0, "suppressor", "ALARM"), (2, "a", "ALARM")], []),  # 4: by the alarm
        (  # 5: not suppressed after ExtensionPeriod
            [(2, "a", "ALARM"), (3, "suppressor", "ALARM"), (6, "suppressor", "OK")],
            [(9, "ALARM")],
        ),
        (  # 6: a transition within ExtensionPeriod
            [(2, "a", "ALARM"), (3, "suppressor", "ALARM"), (6, "suppressor", "OK"), (7, "a", "OK")],
            [(9, "OK")],
        ),
    ],
)
def test_aws_s_examples(children: Site, events: list[Event], taken: list[tuple[int, str]]) -> None:
    assert play(children, *events, until=12) == taken


def test_who_holds_actions_back_is_told(children: Site) -> None:
    play(children, (2, "a", "ALARM"), until=2)
    described = children.described("both")
    assert described["ActionsSuppressedBy"] == "WaitPeriod"
    assert described["ActionsSuppressedReason"] == "Actions suppressed by WaitPeriod"
    children.forward(2 * UNIT)
    assert "ActionsSuppressedBy" not in children.described("both")


def test_a_suppressor_needs_its_periods(children: Site) -> None:
    with pytest.raises(ValidationError, match="go together"):
        composite(children, "ALARM(a)", ActionsSuppressor="suppressor")
