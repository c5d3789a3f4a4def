# SPDX-License-Identifier: MIT
"""Evaluates the metric alarms: each minute, those with a period of less than a minute each 10 seconds.

Periods end with the last full minute, or 10 seconds, that has passed: AWS's sliding window. If the clock
was moved on, the evaluations that would have been meanwhile are made up for.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import logging
from typing import Any

from localaws.cloudwatch import reasons
from localaws.cloudwatch.alarms import Alarms
from localaws.cloudwatch.evaluation import EXTRA_PERIODS, Criteria, Verdict, evaluate
from localaws.cloudwatch.metrics import MINUTE, Metrics
from localaws.cloudwatch.queries import Queries
from localaws.cloudwatch.reasons import CREATED, Datapoint
from localaws.cloudwatch.series import Series
from localaws.cloudwatch.states import States

SHORT_STEP = 10
ALWAYS_IGNORING = "AWS/DynamoDB"

Document = dict[str, Any]
log = logging.getLogger(__name__)


class Watched:
    """An alarm as it is evaluated.

    :ivar step: how often, in seconds.
    :raises ValidationError: what it is on can't be evaluated.
    """

    def __init__(self, alarm: Document) -> None:
        self.queries = Queries(alarm["Metrics"] if "Metrics" in alarm else [_query(alarm)])
        ignoring = alarm.get("Namespace") == ALWAYS_IGNORING
        periods: int = alarm["EvaluationPeriods"]
        self.criteria = Criteria(
            periods=periods,
            datapoints=alarm.get("DatapointsToAlarm", periods),
            missing="ignore" if ignoring else alarm.get("TreatMissingData", "missing"),
            comparison=alarm["ComparisonOperator"],
            threshold=float(alarm["Threshold"]),
        )
        self.step = SHORT_STEP if self.queries.period < MINUTE else MINUTE
        self._length = self.queries.period * (self.criteria.periods + EXTRA_PERIODS)
        self._fewest = _fewest(alarm)

    def points(self, metrics: Metrics, at: float) -> list[Datapoint]:
        """The periods that an evaluation then looks at, the oldest first."""
        end = int(at // self.step * self.step)
        start, period = end - self._length, self.queries.period
        if stat := self.queries.single:
            found = stat.summaries(metrics, start, end)
            known = {
                time: Datapoint(time, stat.value(values), values.count) for time, values in found.items()
            }
        else:
            (result,) = self.queries.results(metrics, start, end).values()
            points = result.points if isinstance(result, Series) else {}
            known = {time: Datapoint(time, value) for time, value in points.items()}
        return [known.get(time, Datapoint(time, None)) for time in range(start, end, period)]

    def suffices(self, points: list[Datapoint]) -> bool:
        """Whether there are enough values for a percentile, if the alarm is to mind that."""
        evaluated = points[EXTRA_PERIODS:]
        return sum(point.samples or 0 for point in evaluated) >= self._fewest

    def settled(self, metrics: Metrics) -> float:
        """From when on no evaluation differs from the one before, unless values come in."""
        newest = [metrics.newest(stat.metric) for stat in self.queries.stats.values()]
        last = max((time for time in newest if time), default=0)
        return last + self._length + 2 * self.queries.period


class Watch:
    """Evaluates the alarms of one account and region; times are in seconds since 1970."""

    def __init__(self, alarms: Alarms, states: States, metrics: Metrics) -> None:
        self._alarms = alarms
        self._states = states
        self._metrics = metrics
        self._watched: dict[str, Watched] = {}
        self._last: float | None = None

    def forget(self, name: str) -> None:
        """Take an alarm as new: it was made, changed or deleted."""
        self._watched.pop(name, None)

    def work(self, now: float) -> None:
        """Evaluate what is due by now, and at once what is new."""
        for alarm in self._alarms.metric_alarms():
            if alarm["AlarmName"] not in self._watched:
                self._watched[alarm["AlarmName"]] = Watched(alarm)
                self._evaluate(alarm, now)
        step = min((watched.step for watched in self._watched.values()), default=MINUTE)
        last, self._last = self._last or now, now
        latest = int(now // step * step)
        if latest > last:
            self._make_up(int(last // step + 1) * step, latest, step)
            self._evaluate_all(latest)
        self._states.tick(now)

    def _make_up(self, start: int, end: int, step: int) -> None:
        """Make up for the evaluations from then to before then, but for those that change nothing."""
        settled = {name: watched.settled(self._metrics) for name, watched in self._watched.items()}
        for at in range(start, min(end, int(max(settled.values(), default=0))), step):
            self._states.tick(at)
            self._evaluate_all(at, settled)

    def _evaluate_all(self, at: int, settled: dict[str, float] | None = None) -> None:
        for alarm in self._alarms.metric_alarms():
            name = alarm["AlarmName"]
            if at % self._watched[name].step == 0 and (settled is None or at < settled[name]):
                self._evaluate(alarm, at)

    def _evaluate(self, alarm: Document, at: float) -> None:
        watched = self._watched[alarm["AlarmName"]]
        try:
            points = watched.points(self._metrics, at)
        except Exception:
            log.exception("the alarm %s could not be evaluated", alarm["AlarmName"])
            return
        verdict = evaluate([point.value for point in points], watched.criteria)
        if verdict.state == alarm["StateValue"] and alarm["StateReason"] != CREATED:
            return
        if verdict.state is not None and watched.suffices(points):
            self._change(alarm, watched, points, verdict, at)

    def _change(
        self, alarm: Document, watched: Watched, points: list[Datapoint], verdict: Verdict, at: float
    ) -> None:
        """Have the alarm be in the state that its datapoints call for."""
        state = verdict.state or alarm["StateValue"]
        of = "DatapointsToAlarm" in alarm
        text = reasons.text(points, verdict, state, watched.criteria, of=of)
        data = reasons.data(points, verdict, state, watched.criteria, at, _settings(alarm, watched))
        self._states.change(alarm, state, text, data, at)


def _query(alarm: Document) -> Document:
    """The one metric of an alarm, as a query."""
    metric = {name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions")}
    stat = {"Metric": metric, "Period": alarm["Period"]}
    stat |= {"Stat": alarm.get("ExtendedStatistic") or alarm["Statistic"]}
    stat |= {"Unit": alarm["Unit"]} if "Unit" in alarm else {}
    return {"Id": "m1", "MetricStat": stat}


def _settings(alarm: Document, watched: Watched) -> Document:
    """What StateReasonData tells of the alarm."""
    told = {"unit": alarm.get("Unit"), "statistic": alarm.get("ExtendedStatistic") or alarm.get("Statistic")}
    return {name: value for name, value in told.items() if value} | {"period": watched.queries.period}


def _fewest(alarm: Document) -> float:
    """How many values a percentile needs, if the alarm is to ignore it with fewer.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
    """
    statistic = alarm.get("ExtendedStatistic", "")
    if alarm.get("EvaluateLowSampleCountPercentile") != "ignore" or not statistic.startswith("p"):
        return 0
    share = float(statistic[1:]) / 100
    if 0.5 <= share < 1:
        return round(10 / (1 - share), 6)
    return round(10 / share, 6) if 0 < share < 0.5 else 0
