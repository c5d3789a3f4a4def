# SPDX-License-Identifier: MIT
"""The alarms of one account and region, as documents that are described as they are kept.

A composite alarm is one with an AlarmRule.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
"""

from __future__ import annotations

from typing import Any

from localaws.account import Account
from localaws.cloudwatch import paging
from localaws.cloudwatch.errors import ResourceNotFound, ValidationError
from localaws.cloudwatch.queries import dimensions
from localaws.cloudwatch.rules import compile_rule
from localaws.documents import Documents

KIND = "alarms"
ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
METRIC_ALARM = "MetricAlarm"
COMPOSITE_ALARM = "CompositeAlarm"

Document = dict[str, Any]


class Alarms:
    """The alarms by name."""

    def __init__(self, account: Account, documents: Documents) -> None:
        self._account = account
        self._documents = documents
        self._alarms: dict[str, Document] = documents.all(KIND)

    def arn(self, name: str) -> str:
        """The ARN of an alarm of that name."""
        return self._account.arn(f"alarm:{name}", "cloudwatch")

    def get(self, name: str) -> Document | None:
        """An alarm by its name."""
        return self._alarms.get(name)

    def named(self, name: str) -> Document:
        """An alarm that has to be there."""
        try:
            return self._alarms[name]
        except KeyError:
            raise ResourceNotFound(f"Alarm not found: {name}") from None

    def metric_alarms(self) -> list[Document]:
        """All but the composite alarms."""
        return [alarm for alarm in self._alarms.values() if "AlarmRule" not in alarm]

    def composite_alarms(self) -> list[Document]:
        """The composite alarms."""
        return [alarm for alarm in self._alarms.values() if "AlarmRule" in alarm]

    def parents(self, name: str) -> list[Document]:
        """The composite alarms whose rule has an alarm."""
        return [alarm for alarm in self.composite_alarms() if name in children(alarm)]

    def state(self, name: str) -> str | None:
        """The state of an alarm, None if it is not there."""
        alarm = self._alarms.get(name)
        return str(alarm["StateValue"]) if alarm else None

    def keep(self, alarm: Document) -> None:
        """Keep an alarm as it is now."""
        self._alarms[alarm["AlarmName"]] = alarm
        self._documents.put(KIND, alarm["AlarmName"], alarm)

    def drop(self, name: str) -> None:
        """Forget an alarm."""
        del self._alarms[name]
        self._documents.delete(KIND, name)

    def describe_alarms(self, request: Document) -> Document:
        """DescribeAlarms: by default the metric alarms."""
        kinship = [name for name in ("ChildrenOfAlarmName", "ParentsOfAlarmName") if name in request]
        if kinship and request.keys() - {*kinship, "MaxRecords", "NextToken"}:
            raise ValidationError(f"{kinship[0]} goes with no other parameters than MaxRecords and NextToken")
        if "AlarmNames" in request and "AlarmNamePrefix" in request:
            raise ValidationError("AlarmNamePrefix and AlarmNames exclude each other")
        related = sorted(self._related(request), key=lambda item: item[0])
        found = [(name, alarm) for name, alarm in related if _matches(alarm, request)]
        answer = paging.page("Alarms", found, request)
        alarms = answer.pop("Alarms")
        return {
            "MetricAlarms": [alarm for alarm in alarms if "AlarmRule" not in alarm],
            "CompositeAlarms": [alarm for alarm in alarms if "AlarmRule" in alarm],
            **answer,
        }

    def describe_alarms_for_metric(self, request: Document) -> Document:
        """DescribeAlarmsForMetric: those on that one metric, not on metric math with it."""
        wanted = dimensions(request.get("Dimensions"))
        options = ("Namespace", "MetricName", "Statistic", "ExtendedStatistic", "Period", "Unit")
        found = [
            dict(alarm)
            for alarm in self.metric_alarms()
            if dimensions(alarm.get("Dimensions")) == wanted
            and all(alarm.get(name) == request[name] for name in options if name in request)
        ]
        return {"MetricAlarms": sorted(found, key=lambda alarm: str(alarm["AlarmName"]))}

    def _related(self, request: Document) -> list[tuple[str, Document]]:
        """The alarms that a request may mean; of relatives only what AWS tells of them."""
        if "ChildrenOfAlarmName" in request:
            names = children(self.named(request["ChildrenOfAlarmName"]))
            told = ["AlarmName", "AlarmArn", "AlarmRule", "StateValue", "StateUpdatedTimestamp"]
        elif "ParentsOfAlarmName" in request:
            parents = self.parents(self.named(request["ParentsOfAlarmName"])["AlarmName"])
            names = [alarm["AlarmName"] for alarm in parents]
            told = ["AlarmName", "AlarmArn", "AlarmRule"]
        else:
            return [(name, dict(alarm)) for name, alarm in self._alarms.items()]
        alarms = [self._alarms[name] for name in names if name in self._alarms]
        return [(a["AlarmName"], {member: a[member] for member in told if member in a}) for a in alarms]


def children(alarm: Document) -> list[str]:
    """The names of the alarms in a composite alarm's rule."""
    return compile_rule(alarm["AlarmRule"]).children if "AlarmRule" in alarm else []


def _matches(alarm: Document, request: Document) -> bool:
    if "ChildrenOfAlarmName" in request or "ParentsOfAlarmName" in request:
        return True
    kind = COMPOSITE_ALARM if "AlarmRule" in alarm else METRIC_ALARM
    actions = [arn for member in ACTIONS.values() for arn in alarm[member]]
    prefix = request.get("ActionPrefix", "")
    return (
        kind in request.get("AlarmTypes", [METRIC_ALARM])
        and ("AlarmNames" not in request or alarm["AlarmName"] in request["AlarmNames"])
        and alarm["AlarmName"].startswith(request.get("AlarmNamePrefix", ""))
        and request.get("StateValue") in (None, alarm["StateValue"])
        and (not prefix or any(arn.startswith(prefix) for arn in actions))
    )
