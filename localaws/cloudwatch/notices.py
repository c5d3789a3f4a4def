# SPDX-License-Identifier: MIT
"""What an alarm's actions are told: the message to an SNS topic, in AWS's JSON.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from botocore.loaders import Loader

from localaws.account import Account
from localaws.cloudwatch.evaluation import State
from localaws.cloudwatch.reasons import timestamp

SUBJECT = 100

Document = dict[str, Any]


def subject(alarm: Document, account: Account) -> str:
    """The subject: `ALARM: "NAME" in US East (N. Virginia)`."""
    text = f'{alarm["StateValue"]}: "{alarm["AlarmName"]}" in {region_name(account.region)}'
    return text[:SUBJECT].encode("ascii", "replace").decode()


def message(alarm: Document, old: State, account: Account) -> str:
    """The message, of an alarm as it is after it was in another state."""
    content: Document = {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription"),
        "AWSAccountId": account.id,
        "AlarmConfigurationUpdatedTimestamp": timestamp(alarm["AlarmConfigurationUpdatedTimestamp"]),
        "NewStateValue": alarm["StateValue"],
        "NewStateReason": alarm["StateReason"],
        "StateChangeTime": timestamp(alarm["StateTransitionedTimestamp"]),
        "Region": region_name(account.region),
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": old,
        "OKActions": alarm["OKActions"],
        "AlarmActions": alarm["AlarmActions"],
        "InsufficientDataActions": alarm["InsufficientDataActions"],
    }
    if "AlarmRule" in alarm:
        content |= {"AlarmRule": alarm["AlarmRule"], "TriggeringChildren": _children(alarm)}
    else:
        content["Trigger"] = _trigger(alarm)
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


@cache
def region_name(region: str) -> str:
    """A region's name, as messages have it: US East (N. Virginia)."""
    for partition in Loader().load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            description: str = partition["regions"][region]["description"]
            return description.replace("Europe", "EU")
    return region


def _trigger(alarm: Document) -> Document:
    """What an alarm is on and when it goes off."""
    trigger: Document = {}
    if "MetricName" in alarm:
        trigger = {"MetricName": alarm["MetricName"], "Namespace": alarm["Namespace"], **_statistic(alarm)}
        trigger |= {"Unit": alarm.get("Unit"), "Dimensions": _dimensions(alarm)}
    names = ("Period", "EvaluationPeriods", "DatapointsToAlarm", "ComparisonOperator", "Threshold")
    trigger |= {name: alarm[name] for name in names if name in alarm}
    if "Metrics" in alarm:
        periods = [query["MetricStat"]["Period"] for query in alarm["Metrics"] if "MetricStat" in query]
        trigger = {"Period": min(periods, default=60), **trigger}
    trigger["TreatMissingData"] = alarm.get("TreatMissingData", "missing")
    trigger["EvaluateLowSampleCountPercentile"] = alarm.get("EvaluateLowSampleCountPercentile", "")
    if "Metrics" in alarm:
        trigger["Metrics"] = [_query(query) for query in alarm["Metrics"]]
    return trigger


def _statistic(alarm: Document) -> Document:
    if "ExtendedStatistic" in alarm:
        return {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": alarm["ExtendedStatistic"]}
    name = "SAMPLE_COUNT" if alarm["Statistic"] == "SampleCount" else alarm["Statistic"].upper()
    return {"StatisticType": "Statistic", "Statistic": name}


def _query(query: Document) -> Document:
    if "MetricStat" not in query:
        return query
    stat = query["MetricStat"]
    metric = {**stat["Metric"], "Dimensions": _dimensions(stat["Metric"])}
    return {**query, "MetricStat": {**stat, "Metric": metric}}


def _dimensions(holder: Document) -> list[Document]:
    return [{"value": item["Value"], "name": item["Name"]} for item in holder.get("Dimensions", ())]


def _children(alarm: Document) -> list[Document]:
    """The alarms that made a composite alarm change."""
    data = json.loads(alarm.get("StateReasonData", "{}"))
    return [
        {
            "Arn": child["arn"],
            "State": {"Value": child["state"]["value"], "Timestamp": child["state"]["timestamp"]},
        }
        for child in data.get("triggeringAlarms", ())
    ]
