# SPDX-License-Identifier: MIT
"""What state an alarm's datapoints call for: M out of N, and what of the N is missing.

More periods are looked at than the N that are evaluated, so that a datapoint that is late does not count as
missing: AWS's examples look at 5 for N = 3, and say that it depends. Two more are looked at here.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

EXTRA_PERIODS = 2

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
OK: State = "OK"
ALARM: State = "ALARM"
INSUFFICIENT_DATA: State = "INSUFFICIENT_DATA"

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}


@dataclass(frozen=True)
class Criteria:
    """What an alarm is set to.

    :ivar periods: how many datapoints are evaluated, N.
    :ivar datapoints: how many of them must breach, M.
    :ivar missing: what a missing one is: missing, ignore, breaching or notBreaching.
    """

    periods: int
    datapoints: int
    missing: str
    comparison: str
    threshold: float

    def breaching(self, value: float) -> bool:
        """Whether a value is outside of what it should be."""
        return COMPARISONS[self.comparison](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """What an evaluation comes to.

    :ivar state: the state to be in, None to stay in the present one.
    :ivar evaluated: the places of the datapoints that were evaluated, the newest first.
    :ivar filled: how many missing ones stood in for datapoints.
    """

    state: State | None
    evaluated: tuple[int, ...]
    filled: int


def evaluate(values: Sequence[float | None], criteria: Criteria) -> Verdict:
    """Evaluate the datapoints of the last N + EXTRA_PERIODS periods.

    :param values: of each period, the oldest first; None where there is none.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None][-criteria.periods :]
    evaluated = tuple(place for place, _ in reversed(known))
    breaches = [criteria.breaching(value) for _, value in known]
    oldest = len(values) - evaluated[-1] if evaluated else 0
    return Verdict(_state(breaches, oldest, criteria), evaluated, criteria.periods - len(known))


def _state(breaches: Sequence[bool], oldest: int, criteria: Criteria) -> State | None:
    """The state.

    :param breaches: whether each of the N datapoints that is there breaches.
    :param oldest: the age of the oldest one in periods, 1 for that of the newest period.
    """
    missing = criteria.periods - len(breaches)
    counted = sum(breaches) + (missing if criteria.missing == "breaching" else 0)
    if counted >= criteria.datapoints:
        return ALARM
    if not missing or criteria.missing in ("breaching", "notBreaching") or not all(breaches):
        return OK
    if criteria.missing == "ignore":
        return None
    # Nothing but breaching datapoints, and too few of them: the alarm goes off once the oldest one is as old
    # as M, and is not decided before, since the next one may not breach.
    return ALARM if breaches and oldest >= criteria.datapoints else INSUFFICIENT_DATA
