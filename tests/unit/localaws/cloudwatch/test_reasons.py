# SPDX-License-Identifier: MIT
"""StateReason and StateReasonData, as alarms on AWS had them; public code and AWS's guides quote them."""

# ruff: noqa: E501 - the sentences are AWS's
from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from localaws.cloudwatch import reasons
from localaws.cloudwatch.evaluation import Criteria, State, Verdict, evaluate
from localaws.cloudwatch.reasons import Datapoint

GREATER = "GreaterThanThreshold"


def second(text: str) -> int:
    return int(datetime.strptime(text, "%d/%m/%y %H:%M:%S").replace(tzinfo=UTC).timestamp())


def evaluated(
    criteria: Criteria, newest: str, period: int, *values: float | None, samples: float = 1
) -> tuple[list[Datapoint], Verdict]:
    """The datapoints of the last periods, the oldest first, and what they come to."""
    begin = second(newest) - period * (len(values) - 1)
    points = [
        Datapoint(begin + period * n, value, None if value is None else samples)
        for n, value in enumerate(values)
    ]
    return points, evaluate(values, criteria)


def reason(criteria: Criteria, newest: str, period: int, *values: float | None, of: bool = False) -> str:
    points, verdict = evaluated(criteria, newest, period, *values)
    state: State = verdict.state or "OK"
    return reasons.text(points, verdict, state, criteria, of=of)


@pytest.mark.parametrize(
    ("criteria", "newest", "period", "values", "of", "expected"),
    [
        (
            Criteria(1, 1, "missing", GREATER, 50.0),
            "02/10/19 16:59:00",
            300,
            [None, None, 99.50160229693434],
            True,
            "Threshold Crossed: 1 out of the last 1 datapoints [99.50160229693434 (02/10/19 16:59:00)] was greater "
            "than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition).",
        ),
        (
            Criteria(1, 1, "missing", GREATER, 50.0),
            "01/10/19 13:46:00",
            300,
            [None, None, 0.0666851903306472],
            True,
            "Threshold Crossed: 1 out of the last 1 datapoints [0.0666851903306472 (01/10/19 13:46:00)] was not "
            "greater than the threshold (50.0) (minimum 1 datapoint for ALARM -> OK transition).",
        ),
        (
            Criteria(20, 1, "notBreaching", "GreaterThanOrEqualToThreshold", 1.0),
            "16/03/24 12:15:00",
            60,
            [None] * 21 + [613.0],
            True,
            "Threshold Crossed: 1 out of the last 20 datapoints [613.0 (16/03/24 12:15:00)] was greater than or "
            "equal to the threshold (1.0) and 19 missing datapoints were treated as [NonBreaching] (minimum 1 "
            "datapoint for OK -> ALARM transition).",
        ),
        (
            Criteria(3, 3, "missing", GREATER, 0.0),
            "19/08/26 05:50:00",
            180,
            [None, None, 1.0, 3.0, 2.0],
            False,
            "Threshold Crossed: 3 datapoints [2.0 (19/08/26 05:50:00), 3.0 (19/08/26 05:47:00), 1.0 (19/08/26 "
            "05:44:00)] were greater than the threshold (0.0).",
        ),
        (
            Criteria(8, 8, "breaching", "LessThanOrEqualToThreshold", 0.0),
            "19/08/26 09:36:00",
            900,
            [None] * 9 + [2.0],
            False,
            "Threshold Crossed: 1 datapoint [2.0 (19/08/26 09:36:00)] was not less than or equal to the threshold "
            "(0.0) and 7 missing datapoints were treated as [Breaching].",
        ),
        (
            Criteria(8, 8, "breaching", "LessThanOrEqualToThreshold", 0.0),
            "19/08/26 07:59:00",
            900,
            [None] * 10,
            False,
            "Threshold Crossed: no datapoints were received for 8 periods and 8 missing datapoints were treated as "
            "[Breaching].",
        ),
        (
            Criteria(1, 1, "notBreaching", GREATER, 0.0),
            "16/09/18 00:21:00",
            60,
            [None] * 3,
            False,
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as "
            "[NonBreaching].",
        ),
        (
            Criteria(3, 2, "breaching", GREATER, 0.0),
            "05/09/26 10:00:00",
            60,
            [None, None, None, None, 0.0],
            True,
            "Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were treated as "
            "[Breaching].",
        ),
        (
            Criteria(5, 5, "missing", GREATER, 10.0),
            "14/10/21 14:44:00",
            300,
            [None] * 7,
            False,
            "Insufficient Data: 5 datapoints were unknown.",
        ),
        (
            Criteria(1, 1, "missing", GREATER, 10.0),
            "14/10/21 14:44:00",
            300,
            [None] * 3,
            False,
            "Insufficient Data: 1 datapoint was unknown.",
        ),
        (
            Criteria(5, 5, "missing", "LessThanThreshold", 65.0),
            "29/04/20 23:32:00",
            60,
            [None, None, 0.0, 0.0, 0.0, 0.0, 0.0],
            True,
            "Threshold Crossed: 5 out of the last 5 datapoints were less than the threshold (65.0). The most recent "
            "datapoints which crossed the threshold: [0.0 (29/04/20 23:32:00), 0.0 (29/04/20 23:31:00), 0.0 "
            "(29/04/20 23:30:00), 0.0 (29/04/20 23:29:00), 0.0 (29/04/20 23:28:00)] (minimum 5 datapoints for OK -> "
            "ALARM transition).",
        ),
    ],
)
def test_the_words(
    criteria: Criteria, newest: str, period: int, values: list[float | None], of: bool, expected: str
) -> None:
    assert reason(criteria, newest, period, *values, of=of) == expected


def test_large_numbers_are_written_as_java_does() -> None:
    assert "[1.23456789E8 (" in reason(
        Criteria(1, 1, "missing", GREATER, 1e7), "16/09/18 00:21:00", 60, 123456789.0
    )
    assert "threshold (1.0E7)" in reason(
        Criteria(1, 1, "missing", GREATER, 1e7), "16/09/18 00:21:00", 60, 123456789.0
    )


@pytest.mark.parametrize(
    ("criteria", "newest", "values", "samples", "settings", "queried", "expected"),
    [
        (
            Criteria(2, 2, "missing", GREATER, 10.0),
            "17/01/22 14:42:00",
            [None, None, 11.488333333333333, 15.398333333333332],
            5,
            {"statistic": "Average", "period": 300},
            second("17/01/22 14:48:42") + 0.271,
            {
                "version": "1.0",
                "queryDate": "2022-01-17T14:48:42.271+0000",
                "startDate": "2022-01-17T14:37:00.000+0000",
                "statistic": "Average",
                "period": 300,
                "recentDatapoints": [11.488333333333333, 15.398333333333332],
                "threshold": 10.0,
                "evaluatedDatapoints": [
                    {
                        "timestamp": "2022-01-17T14:42:00.000+0000",
                        "sampleCount": 5.0,
                        "value": 15.398333333333332,
                    },
                    {
                        "timestamp": "2022-01-17T14:37:00.000+0000",
                        "sampleCount": 5.0,
                        "value": 11.488333333333333,
                    },
                ],
            },
        ),
        (
            Criteria(2, 2, "missing", GREATER, 42.0),
            "09/01/23 14:02:00",
            [None, None, 1.0, 0.0],
            1,
            {"statistic": "Sum", "period": 60},
            second("09/01/23 14:07:25") + 0.504,
            {
                "version": "1.0",
                "queryDate": "2023-01-09T14:07:25.504+0000",
                "startDate": "2023-01-09T14:01:00.000+0000",
                "statistic": "Sum",
                "period": 60,
                "recentDatapoints": [1.0, 0.0],
                "threshold": 42.0,
                "evaluatedDatapoints": [
                    {"timestamp": "2023-01-09T14:02:00.000+0000", "sampleCount": 1.0, "value": 0.0}
                ],
            },
        ),
        (
            Criteria(5, 5, "missing", GREATER, 10.0),
            "14/10/21 14:49:00",
            [None] * 7,
            1,
            {"statistic": "Maximum", "period": 300},
            second("14/10/21 14:49:54") + 0.786,
            {
                "version": "1.0",
                "queryDate": "2021-10-14T14:49:54.786+0000",
                "statistic": "Maximum",
                "period": 300,
                "recentDatapoints": [],
                "threshold": 10.0,
                "evaluatedDatapoints": [
                    {"timestamp": f"2021-10-14T14:{minute}:00.000+0000"} for minute in (49, 44, 39, 34, 29)
                ],
            },
        ),
    ],
)
def test_the_data(
    criteria: Criteria,
    newest: str,
    values: list[float | None],
    samples: float,
    settings: dict[str, Any],
    queried: float,
    expected: dict[str, Any],
) -> None:
    points, verdict = evaluated(criteria, newest, settings["period"], *values, samples=samples)
    assert verdict.state is not None
    found = reasons.data(points, verdict, verdict.state, criteria, queried, settings)
    assert json.loads(found) == expected
    assert list(json.loads(found)) == list(expected)
    assert ": " not in found
