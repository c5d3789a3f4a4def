# SPDX-License-Identifier: MIT
"""Makes, changes and deletes alarms: PutMetricAlarm, PutCompositeAlarm, DeleteAlarms and the like.

What the real CloudWatch has and this one lacks is refused by name.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from localaws.cloudwatch.alarms import ACTIONS, Alarms, children
from localaws.cloudwatch.errors import ValidationError
from localaws.cloudwatch.evaluation import COMPARISONS
from localaws.cloudwatch.history import History
from localaws.cloudwatch.metrics import DAY, HOUR
from localaws.cloudwatch.queries import check_period
from localaws.cloudwatch.reasons import CREATED
from localaws.cloudwatch.series import Series
from localaws.cloudwatch.states import States
from localaws.cloudwatch.tags import Tags
from localaws.cloudwatch.watch import Watch, Watched

SHORT_PERIODS = (10, 20, 30)
LONGEST = 7 * DAY
MATH_METRICS = 10
LACKING = ("EvaluationCriteria", "EvaluationInterval", "ThresholdMetricId", "WarmUpConfiguration")
OF_METRIC = ("Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic")
CHOICES = {
    "TreatMissingData": ("breaching", "notBreaching", "ignore", "missing"),
    "EvaluateLowSampleCountPercentile": ("evaluate", "ignore"),
}

Document = dict[str, Any]


class Configuration:
    """The operations that configure the alarms of one account and region; times are in seconds since 1970."""

    def __init__(self, alarms: Alarms, states: States, history: History, tags: Tags, watch: Watch) -> None:
        self._alarms = alarms
        self._states = states
        self._history = history
        self._tags = tags
        self._watch = watch

    def put_metric_alarm(self, request: Document, at: float) -> None:
        """PutMetricAlarm: an alarm that is there keeps its state and tags, and nothing else."""
        _check_metric_alarm(request)
        subject = {} if "Metrics" in request else {"Dimensions": request.get("Dimensions", [])}
        self._put({**request, **subject, "Threshold": float(request["Threshold"])}, at)
        self._watch.forget(request["AlarmName"])

    def put_composite_alarm(self, request: Document, at: float) -> None:
        """PutCompositeAlarm, which evaluates the alarm at once."""
        _check_suppressor(request)
        missing = [name for name in children(request) if self._alarms.get(name) is None]
        if missing:
            arns = ", ".join(map(self._alarms.arn, missing))
            raise ValidationError(
                f"Could not save the composite alarm as alarms [{arns}] in the alarm rule do not exist"
            )
        created = self._alarms.get(request["AlarmName"]) is None
        alarm = self._put(request, at)
        self._states.configured(alarm, at, created=created)

    def delete_alarms(self, request: Document, at: float) -> None:
        """DeleteAlarms; a name that is none is no error, an alarm that a composite one needs is."""
        alarms = [alarm for name in request["AlarmNames"] if (alarm := self._alarms.get(name))]
        composites = sum("AlarmRule" in alarm for alarm in alarms)
        if composites > 1:
            raise ValidationError(
                f"Cannot delete [{composites}] Composite Alarms as only one composite alarm delete is "
                "allowed in single request"
            )
        for alarm in alarms:
            name = alarm["AlarmName"]
            if self._alarms.parents(name):
                raise ValidationError(
                    f"Cannot delete {name} as there are composite alarm(s) depending on it."
                )
        for alarm in alarms:
            name = alarm["AlarmName"]
            self._states.release(name)
            self._watch.forget(name)
            self._alarms.drop(name)
            self._tags.drop(alarm["AlarmArn"])
            self._history.configured(alarm, "Delete", at)

    def enable_actions(self, request: Document, *, enabled: bool) -> None:
        """EnableAlarmActions and DisableAlarmActions."""
        for name in request["AlarmNames"]:
            if alarm := self._alarms.get(name):
                self._alarms.keep(alarm | {"ActionsEnabled": enabled})

    def _put(self, request: Document, at: float) -> Document:
        name = request["AlarmName"]
        old = self._alarms.get(name)
        if old and ("AlarmRule" in old) != ("AlarmRule" in request):
            raise ValidationError(f"There is an alarm of another type that has the name {name}")
        alarm = {member: value for member, value in request.items() if member != "Tags"}
        alarm = {"ActionsEnabled": True, **{actions: [] for actions in ACTIONS.values()}, **alarm}
        alarm |= {"AlarmArn": self._alarms.arn(name), "AlarmConfigurationUpdatedTimestamp": at}
        alarm |= {"StateValue": "INSUFFICIENT_DATA", "StateReason": CREATED, "StateUpdatedTimestamp": at}
        alarm |= {"StateTransitionedTimestamp": at}
        kept = (
            "StateValue",
            "StateReason",
            "StateReasonData",
            "StateUpdatedTimestamp",
            "StateTransitionedTimestamp",
        )
        alarm |= {member: old[member] for member in kept if member in old} if old else {}
        _check_actions(alarm)
        if old is None:
            self._tags.put(alarm["AlarmArn"], request.get("Tags", ()))
        self._alarms.keep(alarm)
        self._history.configured(alarm, "Update" if old else "Create", at)
        return alarm


def _check_metric_alarm(request: Document) -> None:
    for member in LACKING:
        _refuse_if(member in request, f"{member} is not supported by the embedded CloudWatch")
    window = request.get("EvaluationWindow", {})
    _refuse_if("WallClockWindow" in window, "WallClockWindow is not supported by the embedded CloudWatch")
    operator = request["ComparisonOperator"]
    _refuse_if(
        operator not in COMPARISONS,
        f"The operator {operator}, of anomaly detection, is not supported by the embedded CloudWatch",
    )
    for member in ("EvaluationPeriods", "Threshold"):
        _refuse_if(member not in request, f"The parameter {member} is required")
    for member, choices in CHOICES.items():
        given = request.get(member, choices[0])
        _refuse_if(given not in choices, f"{member} must be one of {', '.join(choices)}, not {given}")
    _refuse_if(
        request.get("DatapointsToAlarm", 0) > request["EvaluationPeriods"],
        "DatapointsToAlarm must be less than or equal to EvaluationPeriods",
    )
    _refuse_if(
        ("MetricName" in request) == ("Metrics" in request), "Either MetricName or Metrics must be specified"
    )
    (_check_math if "Metrics" in request else _check_metric)(request)
    period = Watched({"Dimensions": [], **request}).queries.period
    check_period(period, SHORT_PERIODS)
    longest = DAY if period < HOUR else LONGEST
    _refuse_if(
        period * request["EvaluationPeriods"] > longest,
        f"Metrics cannot be checked across more than {'a day' if longest == DAY else 'seven days'} "
        "(EvaluationPeriods * Period must be <= "
        f"{longest}).",
    )


def _check_metric(request: Document) -> None:
    for member in ("Namespace", "Period"):
        _refuse_if(member not in request, f"The parameter {member} is required")
    _refuse_if(
        ("Statistic" in request) == ("ExtendedStatistic" in request),
        "Either Statistic or ExtendedStatistic must be specified",
    )
    _refuse_if(
        "EvaluateLowSampleCountPercentile" in request
        and not re.match("p[0-9]", request.get("ExtendedStatistic", "")),
        "EvaluateLowSampleCountPercentile is for alarms on a percentile",
    )


def _check_math(request: Document) -> None:
    excluded = [member for member in OF_METRIC if member in request]
    _refuse_if(bool(excluded), f"Metrics excludes {', '.join(excluded)}")
    queries = Watched(request).queries
    _refuse_if(len(queries.returned) != 1, "Exactly one element of Metrics must have ReturnData true")
    _refuse_if(len(queries.stats) > MATH_METRICS, f"An alarm can be on at most {MATH_METRICS} metrics")
    _refuse_if(
        len({stat.period for stat in queries.stats.values()}) > 1,
        "All metrics of an alarm must have the same period",
    )
    (result,) = queries.empty().values()
    _refuse_if(not isinstance(result, Series), "An alarm must be on a single time series")


def _check_suppressor(request: Document) -> None:
    members = ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
    given = [member for member in members if member in request]
    _refuse_if(
        len(given) != (2 if "ActionsSuppressor" in request else 0),
        "ActionsSuppressor, ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod go together",
    )


def _check_actions(alarm: Document) -> None:
    actions: Iterable[str] = (arn for member in ACTIONS.values() for arn in alarm[member])
    for arn in actions:
        _refuse_if(not arn.startswith("arn:"), f"Invalid arn syntax: {arn}")


def _refuse_if(wrong: bool, message: str) -> None:
    if wrong:
        raise ValidationError(message)
