# SPDX-License-Identifier: MIT
"""The functions of metric math, by name.

Where AWS says "of a time series: a scalar; of an array: a time series", the function folds; where it says
the same of each point, it maps.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate, pairwise

from localaws.cloudwatch.series import MathError, Series, Value, kind, series, times

Function = Callable[..., Value]
"""Takes the scope and the arguments."""

UNSUPPORTED = frozenset(
    ("ANOMALY_DETECTION_BAND", "DB_PERF_INSIGHTS", "INSIGHT_RULE_METRIC", "LAMBDA", "SEARCH", "SERVICE_QUOTA")
)
KEYWORDS = frozenset(("ASC", "DESC", "LINEAR", "REPEAT", "AVG", "MAX", "MIN", "SUM"))


@dataclass(frozen=True)
class Scope:
    """What an expression is evaluated over.

    :ivar named: the value of a metric or another expression by its Id.
    :ivar metrics: the metrics of the request by their Ids.
    :ivar start: of the time that is asked for, in seconds since 1970; `end` does not belong to it.
    """

    named: Callable[[str], Value]
    metrics: Mapping[str, Series]
    start: int
    end: int
    period: int

    def grid(self) -> range:
        """When a series without gaps has its points."""
        return range(self.start, self.end, self.period)


def call(name: str, scope: Scope, arguments: Sequence[Value]) -> Value:
    """The result of a function.

    :raises MathError: it doesn't take such arguments.
    """
    try:
        return FUNCTIONS[name](scope, *arguments)
    except TypeError as error:
        kinds = ", ".join(map(kind, arguments)) or "nothing"
        raise MathError(f"The function {name} does not take {kinds}") from error


def _each(apply: Callable[[Series], Series]) -> Function:
    """Does the same to one series and to each of an array."""

    def function(_: Scope, value: Value) -> Value:
        return [apply(one) for one in value] if isinstance(value, list) else apply(_series(value))

    return function


def _points(apply: Callable[[float], float | None]) -> Function:
    return _each(lambda one: one.mapped(apply))


def _fold(apply: Callable[[Sequence[float]], float], *, zeros: bool = False) -> Function:
    """Makes a number of one series, and of an array a series; `zeros` stand there for missing values."""

    def function(_: Scope, value: Value) -> Value:
        if not isinstance(value, list):
            points = list(_series(value).points.values())
            return apply(points) if points else math.nan
        lacking = [0.0] if zeros else []

        def at(time: int) -> float:
            held = [[one.points[time]] if time in one.points else lacking for one in value]
            return apply([number for numbers in held for number in numbers])

        return series((time, at(time)) for time in times(value))

    return function


def _steps(apply: Callable[[float, float], float]) -> Function:
    """A series of what each point and the one before it, some seconds ago, make: of their two differences."""

    def steps(one: Series) -> Series:
        pairs = pairwise(one.points.items())
        return series(
            ((time, apply(value - before, time - then)) for (then, before), (time, value) in pairs), one.label
        )

    return _each(steps)


def _running_sum(one: Series) -> Series:
    return replace(
        one, points=dict(zip(one.points, accumulate(one.points.values()), strict=True)), period=None
    )


def _logarithm(apply: Callable[[float], float]) -> Function:
    return _points(lambda value: apply(value) if value > 0 else None)


def _calendar(field: Callable[[datetime], float]) -> Function:
    def function(scope: Scope, value: Value) -> Value:
        return series(
            ((time, field(datetime.fromtimestamp(time, UTC))) for time in scope.grid()), _series(value).label
        )

    return function


# Filling


def _fill(scope: Scope, value: Value, filler: Value) -> Value:
    if isinstance(value, list):
        return [_filled(scope, one, filler) for one in value]
    return _filled(scope, _series(value), filler)


def _filled(scope: Scope, one: Series, filler: Value) -> Series:
    match filler:
        case float():
            found: Iterator[tuple[int, float | None]] = ((t, one.points.get(t, filler)) for t in scope.grid())
        case Series():
            found = ((t, one.points.get(t, filler.points.get(t))) for t in scope.grid())
        case "REPEAT" | "LINEAR":
            found = ((t, _between(one, t, linear=filler == "LINEAR")) for t in scope.grid())
        case _:
            raise TypeError
    return series(found, one.label)


def _between(one: Series, time: int, *, linear: bool) -> float | None:
    """The value at a time, or the one before it, or the one on the line to the next."""
    known = list(one.points)
    place = bisect_right(known, time)
    if place == 0:
        return None
    before = known[place - 1]
    if before == time or not linear:
        return one.points[before]
    if place == len(known):
        return None
    after, value = known[place], one.points[before]
    return value + (one.points[after] - value) * (time - before) / (after - before)


# Choosing


def _if(_: Scope, condition: Value, then: Value, otherwise: Value | None = None) -> Value:
    if isinstance(condition, float):
        chosen = then if condition else otherwise
        return Series({}) if chosen is None else chosen
    points = _series(condition).points
    return series((time, _chosen(time, bool(value), then, otherwise)) for time, value in points.items())


def _chosen(time: int, holds: bool, then: Value, otherwise: Value | None) -> float | None:
    chosen = then if holds else otherwise
    if isinstance(chosen, float) or chosen is None:
        return chosen
    return _series(chosen).points.get(time, 0.0 if holds else None)


def _metrics(scope: Scope, part: Value = "") -> Value:
    if not isinstance(part, str):
        raise TypeError
    return [one for id_, one in scope.metrics.items() if part in id_]


def _sort(scope: Scope, value: Value, by: Value, order: Value, limit: Value = math.inf) -> Value:
    if by not in ("AVG", "MAX", "MIN", "SUM") or order not in ("ASC", "DESC"):
        raise TypeError

    def rank(one: Series) -> tuple[bool, float]:
        number = FUNCTIONS[str(by)](scope, one)
        if not isinstance(number, float) or math.isnan(number):  # without values: last, whichever way
            return True, 0
        return False, number if order == "ASC" else -number

    ordered = sorted(_array(value), key=rank)
    return ordered[: None if limit == math.inf else _whole(limit)]


def _slice(_: Scope, value: Value, start: Value, end: Value | None = None) -> Value:
    return _array(value)[_whole(start) : None if end is None else _whole(end)]


def _period(_: Scope, value: Value) -> Value:
    period = _series(value).period
    if period is None:
        raise MathError("PERIOD takes a metric, not the result of an expression")
    return float(period)


def _end(position: int) -> Function:
    def function(_: Scope, value: Value) -> Value:
        array = _array(value)
        return array[position] if array else Series({})

    return function


def _time_series(scope: Scope, value: Value) -> Value:
    if not isinstance(value, float):
        raise TypeError
    return series((time, value) for time in scope.grid())


def _series(value: Value) -> Series:
    if not isinstance(value, Series):
        raise TypeError
    return value


def _array(value: Value) -> list[Series]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _whole(value: Value) -> int:
    if not isinstance(value, float):
        raise TypeError
    return int(value)


FUNCTIONS: dict[str, Function] = {
    "ABS": _points(abs),
    "AVG": _fold(statistics.fmean, zeros=True),
    "CEIL": _points(lambda value: float(math.ceil(value))),
    "DATAPOINT_COUNT": _fold(lambda values: float(len(values))),
    "DATE": _calendar(lambda time: time.day),
    "DAY": _calendar(datetime.isoweekday),
    "DIFF": _steps(lambda change, _: change),
    "DIFF_TIME": _steps(lambda _, seconds: seconds),
    "EPOCH": _calendar(datetime.timestamp),
    "FILL": _fill,
    "FIRST": _end(0),
    "FLOOR": _points(lambda value: float(math.floor(value))),
    "HOUR": _calendar(lambda time: time.hour),
    "IF": _if,
    "LAST": _end(-1),
    "LOG": _logarithm(math.log),
    "LOG10": _logarithm(math.log10),
    "MAX": _fold(max),
    "METRICS": _metrics,
    "METRIC_COUNT": lambda _, value: float(len(_array(value))),
    "MIN": _fold(min),
    "MINUTE": _calendar(lambda time: time.minute),
    "MONTH": _calendar(lambda time: time.month),
    "PERIOD": _period,
    "RATE": _steps(lambda change, seconds: change / seconds),
    "REMOVE_EMPTY": lambda _, value: [one for one in _array(value) if one.points],
    "RUNNING_SUM": _each(_running_sum),
    "SLICE": _slice,
    "SORT": _sort,
    "STDDEV": _fold(statistics.pstdev),
    "SUM": _fold(math.fsum),
    "TIME_SERIES": _time_series,
    "YEAR": _calendar(lambda time: time.year),
}
