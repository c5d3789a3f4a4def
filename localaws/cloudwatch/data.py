# SPDX-License-Identifier: MIT
"""PutMetricData, GetMetricData, GetMetricStatistics and ListMetrics.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Iterator
from typing import Any

from localaws.cloudwatch.errors import (
    InvalidNextToken,
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    MissingRequiredParameterException,
    ValidationError,
)
from localaws.cloudwatch.metrics import DAY, HOUR, MINUTE, Metric, Metrics
from localaws.cloudwatch.queries import SHORT_PERIODS, Queries, check_period, dimensions
from localaws.cloudwatch.statistics import BASIC, Summary, statistic

LISTED_DAYS = 14
LISTED = 500
DATAPOINTS = 100_800
STATISTICS_DATAPOINTS = 1_440
VALUES = 150
LARGEST = 2.0**360
ROUNDING = ((63 * DAY, HOUR), (15 * DAY, 5 * MINUTE))

Document = dict[str, Any]


class Data:
    """The operations on the data of one account and region; `clock` is in seconds since 1970."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float]) -> None:
        self._metrics = metrics
        self._clock = clock

    def put_metric_data(self, request: Document) -> Document:
        """PutMetricData: all of it, or, if a part is refused, nothing."""
        if "EntityMetricData" in request:
            raise ValidationError("EntityMetricData is not supported by the embedded CloudWatch")
        if not request.get("MetricData"):
            raise MissingRequiredParameterException("The parameter MetricData is required.")
        data = [(datum, list(_summaries(n, datum))) for n, datum in enumerate(request["MetricData"], 1)]
        times = [self._time(n, datum) for n, (datum, _) in enumerate(data, 1)]
        for (datum, summaries), time in zip(data, times, strict=True):
            metric = Metric.of(request["Namespace"], datum["MetricName"], dimensions(datum.get("Dimensions")))
            resolution = 1 if datum.get("StorageResolution") == 1 else MINUTE
            for summary in summaries:
                self._metrics.put(metric, time, datum.get("Unit", "None"), summary, resolution)
        self._metrics.flush()
        return {}

    def get_metric_data(self, request: Document) -> Document:
        """GetMetricData, in pages of MaxDatapoints."""
        queries = Queries(request["MetricDataQueries"])
        start, end = self._range(request, queries.period)
        descending = request.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        rows = []
        for id_, result in queries.results(self._metrics, start, end).items():
            label = queries.label(id_)
            for series in result if isinstance(result, list) else [result]:
                several = f"{label} {series.label}".strip() if isinstance(result, list) else label
                rows.append((id_, several, sorted(series.points.items(), reverse=descending)))
        return _page(rows, _offset(request.get("NextToken")), request.get("MaxDatapoints", DATAPOINTS))

    def get_metric_statistics(self, request: Document) -> Document:
        """GetMetricStatistics: each unit that the metric has apart."""
        basic, extended = request.get("Statistics", []), request.get("ExtendedStatistics", [])
        if bool(basic) == bool(extended):
            raise InvalidParameterCombinationException(
                "Must specify either Statistics or ExtendedStatistics, but not both."
            )
        period = request["Period"]
        check_period(period, SHORT_PERIODS)
        start, end = self._range(request, period)
        asked = math.ceil((end - start) / period)
        if asked > STATISTICS_DATAPOINTS:
            raise InvalidParameterCombinationException(
                f"You have requested up to {asked:,} datapoints, which exceeds the limit of "
                f"{STATISTICS_DATAPOINTS:,}. You may reduce the datapoints requested by increasing Period, "
                "or decreasing the time range."
            )
        metric = Metric.of(request["Namespace"], request["MetricName"], dimensions(request.get("Dimensions")))
        found: dict[tuple[int, str], Summary] = {}
        for point in self._metrics.points(metric, start, end, request.get("Unit")):
            key = start + (point.time - start) // period * period, point.unit
            if key in found:
                found[key].add(point.summary)
            else:
                found[key] = point.summary
        datapoints = [
            {"Timestamp": time, "Unit": unit, **_statistics(summary, basic, extended)}
            for (time, unit), summary in found.items()
        ]
        return {"Label": request["MetricName"], "Datapoints": datapoints}

    def list_metrics(self, request: Document) -> Document:
        """ListMetrics: what has had data in the last two weeks, or, if asked so, three hours."""
        age = 3 * HOUR if "RecentlyActive" in request else LISTED_DAYS * DAY
        wanted = [(item["Name"], item.get("Value")) for item in request.get("Dimensions", ())]
        listed = [
            metric
            for metric in self._metrics.since(self._clock() - age)
            if request.get("Namespace") in (None, metric.namespace)
            and request.get("MetricName") in (None, metric.name)
            and all(_has(metric, name, value) for name, value in wanted)
        ]
        offset = _offset(request.get("NextToken"))
        answer: Document = {"Metrics": [_described(metric) for metric in listed[offset : offset + LISTED]]}
        if len(listed) > offset + LISTED:
            answer["NextToken"] = _token(offset + LISTED)
        return answer

    def _time(self, number: int, datum: Document) -> float:
        now = self._clock()
        time = float(datum.get("Timestamp", now))
        if not now - 14 * DAY <= time <= now + 2 * HOUR:
            raise InvalidParameterValueException(
                f"The parameter MetricData.member.{number}.Timestamp must specify a time within the past two "
                "weeks or the next two hours."
            )
        return time

    def _range(self, request: Document, period: int) -> tuple[int, int]:
        """From which second to before which one is asked: the start is rounded down by its age."""
        start, end = request["StartTime"], request["EndTime"]
        if start >= end:
            raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
        step = period if period < MINUTE else MINUTE
        for age, coarse in ROUNDING:
            if self._clock() - start > age:
                step = coarse
                break
        return int(start // step * step), math.ceil(end)


def _summaries(number: int, datum: Document) -> Iterator[Summary]:
    """What a datum holds: a value, or values with counts, or a statistic set."""
    parameter = f"The parameter MetricData.member.{number}"
    given = [name for name in ("Value", "Values", "StatisticValues") if name in datum]
    if len(given) != 1:
        text = f"{parameter} must have one of Value, Values and StatisticValues."
        raise (InvalidParameterCombinationException if given else MissingRequiredParameterException)(text)
    if given == ["StatisticValues"]:
        numbers = [
            float(datum["StatisticValues"][name]) for name in ("SampleCount", "Sum", "Minimum", "Maximum")
        ]
        _check_numbers(parameter, numbers)
        yield Summary.of_set(*numbers)
        return
    values = [float(value) for value in datum.get("Values", [datum.get("Value")])]
    counts = [float(count) for count in datum.get("Counts", [1] * len(values))]
    if len(counts) != len(values) or len(values) > VALUES:
        raise InvalidParameterValueException(
            f"{parameter} must have as many Counts as Values, and at most {VALUES}."
        )
    _check_numbers(parameter, values + counts)
    yield from (Summary.of(value, count) for value, count in zip(values, counts, strict=True) if count > 0)


def _check_numbers(parameter: str, numbers: list[float]) -> None:
    for number in numbers:
        if not abs(number) <= LARGEST:  # NaN compares as false
            raise InvalidParameterValueException(
                f"{parameter} has the value {number}: it must be a number between -2^360 and 2^360."
            )


def _statistics(summary: Summary, basic: list[str], extended: list[str]) -> Document:
    answer: Document = {name: BASIC[name](summary) for name in basic}
    if extended:
        try:
            values = {name: statistic(name)(summary) for name in extended}
        except ValueError as error:
            raise InvalidParameterValueException(str(error)) from error
        answer["ExtendedStatistics"] = {name: value for name, value in values.items() if value is not None}
    return answer


def _has(metric: Metric, name: str, value: str | None) -> bool:
    return any(name == own and value in (None, held) for own, held in metric.dimensions)


def _described(metric: Metric) -> Document:
    named = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": named}


def _page(rows: list[tuple[str, str, list[tuple[int, float]]]], offset: int, limit: int) -> Document:
    """GetMetricData's answer: at most `limit` points after the first `offset` ones, over all series."""
    results, begin = [], 0
    for id_, label, points in rows:
        part = points[max(0, offset - begin) : max(0, offset + limit - begin)]
        begin += len(points)
        results.append(
            {
                "Id": id_,
                "Label": label,
                "Timestamps": [time for time, _ in part],
                "Values": [value for _, value in part],
                "StatusCode": "Complete" if begin <= offset + limit else "PartialData",
            }
        )
    answer: Document = {"MetricDataResults": results, "Messages": []}
    if begin > offset + limit:
        answer["NextToken"] = _token(offset + limit)
    return answer


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode()


def _offset(token: str | None) -> int:
    try:
        return int(base64.urlsafe_b64decode(token)) if token else 0
    except (binascii.Error, ValueError):
        raise InvalidNextToken("The NextToken is invalid.") from None
