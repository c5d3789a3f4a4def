# SPDX-License-Identifier: MIT
"""Metrics and expressions over them, as GetMetricData and alarms have them.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from localaws.cloudwatch.errors import ValidationError
from localaws.cloudwatch.functions import Scope
from localaws.cloudwatch.mathematics import Evaluate, compile_expression
from localaws.cloudwatch.metrics import MINUTE, Metric, Metrics
from localaws.cloudwatch.series import MathError, Series, Value
from localaws.cloudwatch.statistics import Statistic, Summary, statistic

SHORT_PERIODS = (1, 5, 10, 20, 30)

Document = dict[str, Any]


def dimensions(items: list[Document] | None) -> dict[str, str]:
    """Dimensions as a dictionary."""
    return {item["Name"]: item["Value"] for item in items or ()}


class MetricStat:
    """A statistic of one metric.

    :raises ValidationError: the period or the statistic is none.
    """

    def __init__(self, query: Document) -> None:
        stat, metric = query["MetricStat"], query["MetricStat"]["Metric"]
        self.metric = Metric.of(
            metric.get("Namespace", ""), metric.get("MetricName", ""), dimensions(metric.get("Dimensions"))
        )
        self.period: int = stat["Period"]
        self.unit: str | None = stat.get("Unit")
        self.label: str = query.get("Label") or self.metric.name
        self._statistic = _statistic(stat["Stat"])
        check_period(self.period, SHORT_PERIODS)

    def summaries(self, metrics: Metrics, start: int, end: int) -> dict[int, Summary]:
        """The values of each period that has some, by its start; periods begin at `start`."""
        found: dict[int, Summary] = {}
        for point in metrics.points(self.metric, start, end, self.unit):
            begin = start + (point.time - start) // self.period * self.period
            if begin in found:
                found[begin].add(point.summary)
            else:
                found[begin] = point.summary
        return found

    def value(self, summary: Summary) -> float | None:
        """What a period's values come to."""
        return self._statistic(summary)

    def series(self, metrics: Metrics, start: int, end: int) -> Series:
        """The statistic by period."""
        values = ((t, self.value(summary)) for t, summary in self.summaries(metrics, start, end).items())
        return Series({t: value for t, value in values if value is not None}, self.label, self.period)


class Queries:
    """The queries of one request or alarm, checked.

    :ivar stats: the metrics by Id.
    :ivar period: of the metrics, or of an expression on none, in seconds.
    :ivar returned: the Ids whose data is asked for.
    :raises ValidationError: they can't be.
    """

    def __init__(self, queries: list[Document]) -> None:
        for query in queries:
            _check(query)
        self._queries = {query["Id"]: query for query in queries}
        if len(self._queries) < len(queries):
            raise ValidationError("The values for parameter id in MetricDataQueries are not unique.")
        self.stats = {id_: MetricStat(query) for id_, query in self._queries.items() if "MetricStat" in query}
        self._expressions = {
            id_: _compiled(id_, query["Expression"])
            for id_, query in self._queries.items()
            if "Expression" in query
        }
        periods = [stat.period for stat in self.stats.values()]
        periods += [query["Period"] for query in queries if "Period" in query and "Expression" in query]
        self.period: int = min(periods, default=MINUTE)
        self.returned = [id_ for id_, query in self._queries.items() if query.get("ReturnData", True)]
        self.empty()  # whether values are of the right kinds does not depend on the data

    @property
    def single(self) -> MetricStat | None:
        """The metric, if there is nothing but one."""
        return next(iter(self.stats.values())) if len(self._queries) == len(self.stats) == 1 else None

    def label(self, id_: str) -> str:
        """The label of a query."""
        return str(self._queries[id_].get("Label") or (self.stats[id_].label if id_ in self.stats else id_))

    def results(self, metrics: Metrics, start: int, end: int) -> dict[str, Series | list[Series]]:
        """The results that are asked for, by Id; periods begin at `start`."""
        stats = {id_: stat.series(metrics, start, end) for id_, stat in self.stats.items()}
        return self._evaluate(stats, start, end)

    def empty(self) -> dict[str, Series | list[Series]]:
        """The results where there is no data."""
        stats = {id_: Series({}, period=stat.period) for id_, stat in self.stats.items()}
        return self._evaluate(stats, 0, 0)

    def _evaluate(self, stats: dict[str, Series], start: int, end: int) -> dict[str, Series | list[Series]]:
        under_way: list[str] = []

        @cache
        def named(id_: str) -> Value:
            if id_ in stats:
                return stats[id_]
            if id_ not in self._expressions:
                raise MathError(f"{id_} is not the Id of a metric or expression")
            if id_ in under_way:
                raise MathError(f"{id_} refers to itself")
            under_way.append(id_)
            value = self._expressions[id_](scope)
            under_way.pop()
            return value

        scope = Scope(named, stats, start, end, self.period)
        return {id_: _data(id_, named) for id_ in self.returned}


def check_period(period: int, short: tuple[int, ...]) -> None:
    """Refuse a period that is neither one of the short ones nor whole minutes."""
    if period not in short and (period % MINUTE or not period):
        raise ValidationError(
            f"Period must be {', '.join(map(str, short))} or a multiple of 60 seconds, not {period}"
        )


def _data(id_: str, named: Any) -> Series | list[Series]:
    try:
        value = named(id_)
    except MathError as error:
        raise ValidationError(f"Error in expression '{id_}': {error}") from error
    if not isinstance(value, Series | list):
        raise ValidationError(f"Error in expression '{id_}': the result is not a time series")
    return value


def _compiled(id_: str, expression: str) -> Evaluate:
    try:
        return compile_expression(expression)
    except MathError as error:
        raise ValidationError(f"Error in expression '{id_}': {error}") from error


def _statistic(name: str) -> Statistic:
    try:
        return statistic(name)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _check(query: Document) -> None:
    if not re.fullmatch("[a-z][a-zA-Z0-9_]*", query["Id"]):
        raise ValidationError(
            f"The Id {query['Id']} does not begin with a lower-case letter or has other than [a-zA-Z0-9_]"
        )
    if ("MetricStat" in query) == ("Expression" in query):
        raise ValidationError(f"The query {query['Id']} needs either MetricStat or Expression")
    if "AccountId" in query:
        raise ValidationError(
            "AccountId is not supported by the embedded CloudWatch: it has no monitoring accounts"
        )
