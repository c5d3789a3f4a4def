# SPDX-License-Identifier: MIT
"""What became of alarms: their configurations, states and actions, kept for 30 days, also of deleted ones.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
"""

from __future__ import annotations

import json
import re
from itertools import count
from typing import Any

from localaws.cloudwatch import paging
from localaws.cloudwatch.evaluation import ALARM
from localaws.cloudwatch.reasons import timestamp
from localaws.documents import Documents

KIND = "history"
RETENTION = 30 * 24 * 3600
VERBS = {"Create": "created", "Update": "updated", "Delete": "deleted"}
LONGEST_DATA = 4095

Document = dict[str, Any]


class History:
    """The history of one account and region; times are in seconds since 1970."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._items = documents.all(KIND)
        self._numbers = count()

    def configured(self, alarm: Document, what: str, at: float) -> None:
        """An alarm was made, changed or deleted: `what` is Create, Update or Delete."""
        verb = VERBS[what]
        data = {"version": "1.0", "type": what, f"{verb}Alarm": _camel(alarm)}
        self._add(alarm, "ConfigurationUpdate", f'Alarm "{alarm["AlarmName"]}" {verb}', data, at)

    def changed(self, before: Document, alarm: Document, at: float) -> None:
        """An alarm changed its state; `before` is how it was."""
        old, new = before["StateValue"], alarm["StateValue"]
        data = {"version": "1.0", "oldState": _state(before), "newState": _state(alarm)}
        self._add(alarm, "StateUpdate", f"Alarm updated from {old} to {new}", data, at)

    def acted(self, alarm: Document, arn: str, message: str, error: str | None, at: float) -> None:
        """An action was taken, or, if there is an error, failed."""
        summary = f"Successfully executed action {arn}"
        if error:
            summary = f'Failed to execute action {arn}. Received error: "{error}"'
        data = {
            "actionState": "Failed" if error else "Succeeded",
            "stateUpdateTimestamp": round(alarm["StateUpdatedTimestamp"] * 1000),
            "notificationResource": arn,
            "publishedMessage": None if error else message,
            "error": error,
        }
        self._add(alarm, "Action", summary[:255], data, at)

    def describe_alarm_history(self, request: Document) -> Document:
        """DescribeAlarmHistory, the newest first unless asked otherwise."""
        types = request.get("AlarmTypes") or ["MetricAlarm"]
        start, end = request.get("StartDate", float("-inf")), request.get("EndDate", float("inf"))
        found = [
            (name, item)
            for name, item in sorted(self._items.items())
            if ("AlarmName" not in request or item["AlarmName"] == request["AlarmName"])
            and (item["AlarmType"] in types or "AlarmName" in request)
            and request.get("HistoryItemType") in (None, item["HistoryItemType"])
            and start <= item["Timestamp"] <= end
        ]
        if request.get("ScanBy", "TimestampDescending") == "TimestampDescending":
            found.reverse()
        return paging.page("AlarmHistoryItems", found, request)

    def first_alarm(self, name: str, start: float, end: float) -> float | None:
        """When, between two times, an alarm was in ALARM first; None if it was not."""
        changes = [
            (item["Timestamp"], json.loads(item["HistoryData"])["newState"]["stateValue"])
            for _, item in sorted(self._items.items())
            if item["AlarmName"] == name and item["HistoryItemType"] == "StateUpdate"
        ]
        states = [state for time, state in changes if time <= start]
        if states and states[-1] == ALARM:
            return start
        return next((time for time, state in changes if start < time <= end and state == ALARM), None)

    def forget(self, now: float) -> None:
        """Forget what is too old."""
        for name, item in list(self._items.items()):
            if item["Timestamp"] < now - RETENTION:
                del self._items[name]
                self._documents.delete(KIND, name)

    def _add(self, alarm: Document, kind: str, summary: str, data: Document, at: float) -> None:
        item = {
            "AlarmName": alarm["AlarmName"],
            "AlarmType": "CompositeAlarm" if "AlarmRule" in alarm else "MetricAlarm",
            "Timestamp": at,
            "HistoryItemType": kind,
            "HistorySummary": summary,
            "HistoryData": json.dumps(data, separators=(",", ":"))[:LONGEST_DATA],
        }
        name = f"{at:020.6f}-{len(self._items):06}-{next(self._numbers):06}"
        self._items[name] = item
        self._documents.put(KIND, name, item)


def _state(alarm: Document) -> Document:
    state = {"stateValue": alarm["StateValue"], "stateReason": alarm["StateReason"]}
    if "StateReasonData" in alarm:
        state["stateReasonData"] = json.loads(alarm["StateReasonData"])
    return state


def _camel(value: Any) -> Any:
    """A description as the history has it: names in camel case, times as text."""
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        re.sub("^[A-Z]+(?![a-z])|^[A-Z]", lambda found: found[0].lower(), name): (
            timestamp(item) if name.endswith("Timestamp") else _camel(item)
        )
        for name, item in value.items()
    }
