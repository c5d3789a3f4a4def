# SPDX-License-Identifier: MIT
"""The states of alarms: what follows when one changes, in the history, in composite alarms and in actions.

Actions are put into `outbox` and taken when nothing is locked. Those of a composite alarm wait, or stay
away, as its suppressor says.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from localaws.cloudwatch.alarms import Alarms
from localaws.cloudwatch.errors import InvalidFormatFault
from localaws.cloudwatch.evaluation import ALARM, OK, State
from localaws.cloudwatch.history import History
from localaws.cloudwatch.reasons import CREATED, long_date, timestamp
from localaws.cloudwatch.rules import compile_rule
from localaws.documents import Documents

HELD = "held"
WAIT, EXTENSION, SUPPRESSED = "WaitPeriod", "ExtensionPeriod", "Alarm"

Document = dict[str, Any]


@dataclass(frozen=True)
class Notice:
    """Actions to be taken: an alarm as it is, and the state it was in before."""

    alarm: Document
    old: State


class States:
    """The states of one account and region's alarms; times are in seconds since 1970."""

    def __init__(self, alarms: Alarms, history: History, documents: Documents) -> None:
        self._alarms = alarms
        self._history = history
        self._documents = documents
        self._held = documents.all(HELD)
        self._path: list[str] = []
        self.outbox: list[Notice] = []

    def set_alarm_state(self, request: Document, at: float) -> None:
        """SetAlarmState, which lasts until the alarm is evaluated next."""
        data = request.get("StateReasonData")
        try:
            json.loads(data or "{}")
        except ValueError:
            raise InvalidFormatFault("StateReasonData is not JSON") from None
        alarm = self._alarms.named(request["AlarmName"])
        self.change(alarm, request["StateValue"], request["StateReason"], data, at, told=True)

    def change(
        self, alarm: Document, state: State, reason: str, data: str | None, at: float, *, told: bool = False
    ) -> None:
        """Have an alarm be in a state: nothing follows if it was already, but that it gets its first reason.

        :param told: whether someone says so; their reason counts in any case.
        """
        before = dict(alarm)
        if state == before["StateValue"] and not told and before["StateReason"] != CREATED:
            return
        alarm.pop("StateReasonData", None)
        alarm |= {"StateValue": state, "StateReason": reason, "StateUpdatedTimestamp": at}
        alarm |= {"StateReasonData": data} if data else {}
        if state != before["StateValue"]:
            alarm["StateTransitionedTimestamp"] = at
            self._history.changed(before, alarm, at)
            self._act(alarm, before["StateValue"], at)
        self._alarms.keep(alarm)
        if state != before["StateValue"]:
            self._spread(alarm, at)

    def configured(self, alarm: Document, at: float, *, created: bool) -> None:
        """Evaluate a composite alarm that is new or was changed; actions held back until then are no more."""
        if not created:
            self.release(alarm["AlarmName"])
        state = self._evaluated(alarm)
        verb = "created and its" if created else "updated and its new"
        reason = f"{alarm['AlarmArn']} was {verb} alarm rule evaluates to {state}"
        names = compile_rule(alarm["AlarmRule"]).agreeing(self._alarms.state, state == ALARM)
        self.change(alarm, state, reason, self._triggering(names), at)

    def release(self, name: str) -> None:
        """Forget the actions that an alarm holds back."""
        if self._held.pop(name, None):
            self._documents.delete(HELD, name)

    def tick(self, now: float) -> None:
        """Take the actions whose waiting is over."""
        for name, held in list(self._held.items()):
            if held["by"] != SUPPRESSED and held["until"] <= now:
                alarm = self._alarms.named(name)
                self.release(name)
                self._unmark(alarm)
                self._notify(alarm, held["old"])

    # Composite alarms

    def _spread(self, alarm: Document, at: float) -> None:
        """Let a change reach the alarms that this one suppresses, and the composite alarms above it.

        It ends where it comes back to an alarm that it came from.
        """
        self._suppress(alarm, at)
        if alarm["AlarmName"] in self._path:
            return
        self._path.append(alarm["AlarmName"])
        for parent in self._alarms.parents(alarm["AlarmName"]):
            state = self._evaluated(parent)
            if state != parent["StateValue"]:
                reason = f"{alarm['AlarmArn']} transitioned to {alarm['StateValue']} at {long_date(at)}"
                self.change(parent, state, reason, self._triggering(self._since(parent, state, alarm)), at)
        self._path.pop()

    def _evaluated(self, alarm: Document) -> State:
        return ALARM if compile_rule(alarm["AlarmRule"]).holds(self._alarms.state) else OK

    def _since(self, parent: Document, state: State, alarm: Document) -> list[str]:
        """The children that changed since the parent last did, and agree with its new state."""
        since = parent.get("StateTransitionedTimestamp", 0)
        names = compile_rule(parent["AlarmRule"]).agreeing(self._alarms.state, state == ALARM)
        return [
            name
            for name in names
            if name == alarm["AlarmName"]
            or self._alarms.named(name).get("StateTransitionedTimestamp", 0) > since
        ]

    def _triggering(self, names: list[str]) -> str:
        """StateReasonData of a composite alarm: the children, the last changed one first."""
        alarms = [alarm for name in names if (alarm := self._alarms.get(name))]
        alarms.sort(key=lambda alarm: float(alarm["StateUpdatedTimestamp"]), reverse=True)
        described = [
            {
                "arn": alarm["AlarmArn"],
                "state": {
                    "value": alarm["StateValue"],
                    "timestamp": timestamp(alarm["StateUpdatedTimestamp"]),
                },
            }
            for alarm in alarms
        ]
        return json.dumps({"triggeringAlarms": described}, separators=(",", ":"))

    # Actions

    def _act(self, alarm: Document, old: State, at: float) -> None:
        """Take an alarm's actions, or hold them back; what it held back so far is no more."""
        self.release(alarm["AlarmName"])
        self._unmark(alarm)
        if "ActionsSuppressor" not in alarm:
            self._notify(alarm, old)
        elif self._alarms.state(_name(alarm["ActionsSuppressor"])) == ALARM:
            self._hold(alarm, SUPPRESSED, old)
        else:
            self._hold(alarm, WAIT, old, at + alarm["ActionsSuppressorWaitPeriod"])

    def _notify(self, alarm: Document, old: State) -> None:
        if alarm["ActionsEnabled"]:
            self.outbox.append(Notice(dict(alarm), old))

    def _suppress(self, suppressor: Document, at: float) -> None:
        """Let the alarms that have this one as suppressor go on holding back, or begin to stop doing so."""
        for alarm in self._alarms.composite_alarms():
            held = self._held.get(alarm["AlarmName"])
            if held is None or _name(alarm.get("ActionsSuppressor", "")) != suppressor["AlarmName"]:
                continue
            if suppressor["StateValue"] == ALARM:
                self._hold(alarm, SUPPRESSED, held["old"])
            elif held["by"] == SUPPRESSED:
                self._hold(alarm, EXTENSION, held["old"], at + alarm["ActionsSuppressorExtensionPeriod"])

    def _hold(self, alarm: Document, by: str, old: State, until: float | None = None) -> None:
        held = {"by": by, "old": old, "until": until}
        self._held[alarm["AlarmName"]] = held
        self._documents.put(HELD, alarm["AlarmName"], held)
        alarm |= {"ActionsSuppressedBy": by, "ActionsSuppressedReason": f"Actions suppressed by {by}"}
        self._alarms.keep(alarm)

    def _unmark(self, alarm: Document) -> None:
        for member in ("ActionsSuppressedBy", "ActionsSuppressedReason"):
            alarm.pop(member, None)
        self._alarms.keep(alarm)


def _name(alarm: str) -> str:
    """The name of an alarm given by name or ARN."""
    return alarm.split(":alarm:", 1)[-1]
