# SPDX-License-Identifier: MIT
"""Why an alarm is in its state, in AWS's words (StateReason) and as JSON (StateReasonData).

The words are those of alarms on AWS as the CloudWatch and EventBridge guides and public code quote them.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from localaws.cloudwatch.evaluation import ALARM, INSUFFICIENT_DATA, Criteria, State, Verdict

COMPARED = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanOrEqualToThreshold": "less than or equal to",
    "LessThanThreshold": "less than",
}
TREATED = {
    "breaching": "Breaching",
    "notBreaching": "NonBreaching",
    "missing": "Missing",
    "ignore": "Ignored",
}
QUOTED = 5
CREATED = "Unchecked: Initial alarm creation"


@dataclass(frozen=True)
class Datapoint:
    """A period of an alarm's metric: when it began, its value, and how many values that is of, if known."""

    time: int
    value: float | None
    samples: float | None = None


def timestamp(seconds: float) -> str:
    """A time as alarms write it: 2019-10-02T17:04:40.985+0000."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def long_date(seconds: float) -> str:
    """A time as in the reason of a composite alarm: Friday 22 July, 2022 15:57:45 UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%A %d %B, %Y %H:%M:%S} UTC"


def text(points: Sequence[Datapoint], verdict: Verdict, state: State, criteria: Criteria, *, of: bool) -> str:
    """StateReason.

    :param points: what was looked at, the oldest first.
    :param state: the state after the evaluation.
    :param of: whether the alarm says how many datapoints must breach (M out of N).
    """
    if state == INSUFFICIENT_DATA:
        unknown = "datapoint was" if criteria.periods == 1 else "datapoints were"
        return f"Insufficient Data: {criteria.periods} {unknown} unknown."
    filled = ""
    if verdict.filled and criteria.missing in TREATED:
        missing = _plural(verdict.filled, "missing datapoint")
        filled = f" and {missing} treated as [{TREATED[criteria.missing]}]"
    counted = _counted(points, verdict, state, criteria)
    if not counted:
        received = _plural(len(verdict.evaluated), "datapoint")
        periods = f"{criteria.periods} period{'s' if criteria.periods > 1 else ''}"
        return f"Threshold Crossed: {received} received for {periods}{filled}."
    needed = _noun(_needed(state, criteria))
    way = "OK -> ALARM" if state == ALARM else "ALARM -> OK"
    minimum = f" (minimum {needed} for {way} transition)" if of else ""
    return f"Threshold Crossed: {_crossing(counted, state, criteria, of=of)}{filled}{minimum}."


def _crossing(counted: Sequence[Datapoint], state: State, criteria: Criteria, *, of: bool) -> str:
    """Which datapoints are on which side of the threshold."""
    number = f"{len(counted)} out of the last {criteria.periods} datapoints" if of else _noun(len(counted))
    quoted = ", ".join(f"{_number(point.value)} ({_date(point.time)})" for point in counted[:QUOTED])
    relation = "was" if len(counted) == 1 else "were"
    relation += "" if state == ALARM else " not"
    threshold = f"{relation} {COMPARED[criteria.comparison]} the threshold ({_number(criteria.threshold)})"
    if not of or len(counted) < QUOTED:
        return f"{number} [{quoted}] {threshold}"
    crossed = "crossed" if state == ALARM else "did not cross"
    return f"{number} {threshold}. The most recent datapoints which {crossed} the threshold: [{quoted}]"


def data(
    points: Sequence[Datapoint],
    verdict: Verdict,
    state: State,
    criteria: Criteria,
    queried: float,
    settings: Mapping[str, Any],
) -> str:
    """StateReasonData.

    :param queried: when, in seconds since 1970.
    :param settings: the alarm's period, and if it has them, unit and statistic.
    """
    evaluated = [points[place] for place in verdict.evaluated]
    content: dict[str, Any] = {"version": "1.0", "queryDate": timestamp(queried)}
    if evaluated:
        content["startDate"] = timestamp(evaluated[-1].time)
    content |= settings
    content["recentDatapoints"] = [point.value for point in reversed(evaluated)]
    content["threshold"] = criteria.threshold
    decisive = _counted(points, verdict, state, criteria) or evaluated
    if not evaluated:
        decisive = list(reversed(points))[: criteria.periods]
    elif state != INSUFFICIENT_DATA:
        decisive = decisive[: _needed(state, criteria)]
    content["evaluatedDatapoints"] = [_described(point) for point in decisive]
    return json.dumps(content, separators=(",", ":"))


def _counted(
    points: Sequence[Datapoint], verdict: Verdict, state: State, criteria: Criteria
) -> list[Datapoint]:
    """The datapoints that speak for the state, the newest first."""
    evaluated = (points[place] for place in verdict.evaluated)
    return [
        point
        for point in evaluated
        if point.value is not None and criteria.breaching(point.value) == (state == ALARM)
    ]


def _needed(state: State, criteria: Criteria) -> int:
    return criteria.datapoints if state == ALARM else criteria.periods - criteria.datapoints + 1


def _described(point: Datapoint) -> dict[str, Any]:
    known = {"sampleCount": point.samples, "value": point.value}
    return {"timestamp": timestamp(point.time)} | {
        name: value for name, value in known.items() if value is not None
    }


def _date(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%d/%m/%y %H:%M:%S}"


def _noun(count: int) -> str:
    return f"{count} datapoint{'' if count == 1 else 's'}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun} was" if count == 1 else f"{count or 'no'} {noun}s were"


def _number(value: float | None) -> str:
    """A double as Java writes it: 5.0, 1.0E7."""
    number = float(value or 0)
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return repr(number)
    mantissa, _, exponent = f"{Decimal(repr(number)).normalize():E}".partition("E")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"
