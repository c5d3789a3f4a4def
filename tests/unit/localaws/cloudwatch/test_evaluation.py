# SPDX-License-Identifier: MIT
"""Every row of AWS's tables on missing data, and the rule they illustrate read by brute force.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.cloudwatch.evaluation import COMPARISONS, EXTRA_PERIODS, Criteria, evaluate

VALUES = {"0": 0.0, "X": 1.0, "-": None}
RETAINED = None
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def state(points: str, datapoints: int, missing: str, periods: int = 3) -> str | None:
    """The state that `0 - X` and so on call for, the newest on the right; None to retain the present one."""
    criteria = Criteria(periods, datapoints, missing, "GreaterThanThreshold", 0)
    return evaluate([VALUES[point] for point in points.split()], criteria).state


THREE_OF_THREE = [
    ("0 - X - X", "OK", "OK", "OK", "OK"),
    ("0 - - - -", "OK", "OK", "OK", "OK"),
    ("- - - - -", "INSUFFICIENT_DATA", RETAINED, "ALARM", "OK"),
    ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("- - X - -", "ALARM", RETAINED, "ALARM", "OK"),
]
TWO_OF_THREE = [
    ("0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 - X - -", "OK", "OK", "ALARM", "OK"),
    ("- - - - 0", "OK", "OK", "ALARM", "OK"),
    ("- - - X -", "ALARM", RETAINED, "ALARM", "OK"),
]
# The guide's former tables had these rows, which say what the present text leaves open
FORMER = [("- - - - X", "INSUFFICIENT_DATA", RETAINED, "ALARM", "OK")]

ROWS = [
    (points, datapoints, treatment, expected)
    for datapoints, rows in ((3, THREE_OF_THREE + FORMER), (2, TWO_OF_THREE + FORMER))
    for points, *states in rows
    for treatment, expected in zip(TREATMENTS, states, strict=True)
]


@pytest.mark.parametrize(("points", "datapoints", "missing", "expected"), ROWS)
def test_aws_s_tables(points: str, datapoints: int, missing: str, expected: str | None) -> None:
    assert state(points, datapoints, missing) == expected


@pytest.mark.parametrize("points", ["- - - - X", "- - - X -"])
def test_no_alarm_before_the_next_datapoint_could_be_good(points: str) -> None:
    assert state(points, 3, "missing") != "ALARM"


def test_the_examples_look_at_five_periods_for_three() -> None:
    assert 3 + EXTRA_PERIODS == 5


# Brute force: the present text, sentence by sentence


def expected_state(points: str, periods: int, datapoints: int, missing: str) -> str | None:
    real = points.replace("-", "")
    if len(real) >= periods:  # the most recent real ones, and the treatment is not needed
        return "ALARM" if real[-periods:].count("X") >= datapoints else "OK"
    if missing in ("breaching", "notBreaching"):  # the missing are filled in, as few times as possible
        filled = real + ("X" if missing == "breaching" else "0") * (periods - len(real))
        return "ALARM" if filled.count("X") >= datapoints else "OK"
    if "0" in real or real.count("X") >= datapoints:
        return "ALARM" if real.count("X") >= datapoints else "OK"
    if missing == "ignore":
        return None
    # only breaching ones: the oldest must be at least as old as the value of Datapoints to Alarm
    old_enough = "X" in points[: len(points) - datapoints + 1]
    return "ALARM" if old_enough else "INSUFFICIENT_DATA"


@given(data=st.data(), periods=st.integers(1, 6), missing=st.sampled_from(TREATMENTS))
def test_m_out_of_n(data: st.DataObject, periods: int, missing: str) -> None:
    datapoints = data.draw(st.integers(1, periods))
    length = periods + EXTRA_PERIODS
    points = data.draw(st.text("0X-", min_size=length, max_size=length))
    found = state(" ".join(points), datapoints, missing, periods)
    assert found == expected_state(points, periods, datapoints, missing)


@given(points=st.text("0X", min_size=7, max_size=7), datapoints=st.integers(1, 5))
def test_without_gaps_any_m_of_the_last_n_do(points: str, datapoints: int) -> None:
    choices = combinations(points[-5:], datapoints)
    alarm = any(all(point == "X" for point in choice) for choice in choices)
    assert state(" ".join(points), datapoints, "missing", 5) == ("ALARM" if alarm else "OK")


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", [False, False, True]),
        ("GreaterThanOrEqualToThreshold", [False, True, True]),
        ("LessThanThreshold", [True, False, False]),
        ("LessThanOrEqualToThreshold", [True, True, False]),
    ],
)
def test_comparisons(comparison: str, breaching: list[bool]) -> None:
    criteria = Criteria(1, 1, "missing", comparison, 5)
    assert [criteria.breaching(value) for value in (4, 5, 6)] == breaching
    assert len(COMPARISONS) == 4
