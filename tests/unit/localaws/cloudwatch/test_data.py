# SPDX-License-Identifier: MIT
"""PutMetricData, GetMetricData, GetMetricStatistics and ListMetrics."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.cloudwatch.errors import (
    InvalidNextToken,
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    MissingRequiredParameterException,
    ValidationError,
)
from localaws.errors import AwsError
from tests.unit.localaws.cloudwatch.conftest import START, Site

HOUR = 3600
METRIC = {"Namespace": "Plant", "MetricName": "Temperature"}


def statistics(
    site: Site, start: float = START, end: float = START + HOUR, **more: Any
) -> list[dict[str, Any]]:
    request = {**METRIC, "StartTime": start, "EndTime": end, "Period": 300, **more}
    return list(site.call("GetMetricStatistics", **request)["Datapoints"])


def query(id_: str = "m1", stat: str = "Sum", period: int = 300, **more: Any) -> dict[str, Any]:
    return {"Id": id_, "MetricStat": {"Metric": METRIC, "Period": period, "Stat": stat}, **more}


def data(site: Site, *queries: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    window = {"StartTime": START, "EndTime": START + HOUR, **more}
    return list(site.call("GetMetricData", MetricDataQueries=list(queries), **window)["MetricDataResults"])


def test_statistics_by_period(site: Site) -> None:
    for second, value in ((0, 1), (299, 5), (300, 7)):
        site.put(value, at=START + second)
    first, second_one = sorted(
        statistics(site, Statistics=["SampleCount", "Sum", "Average", "Minimum", "Maximum"]),
        key=lambda point: float(point["Timestamp"]),
    )
    assert first == {
        "Timestamp": START,
        "Unit": "None",
        "SampleCount": 2,
        "Sum": 6,
        "Average": 3,
        "Minimum": 1,
        "Maximum": 5,
    }
    assert (second_one["Timestamp"], second_one["Sum"]) == (START + 300, 7)
    (point, _) = statistics(site, ExtendedStatistics=["p50", "PR(:1)"])
    assert point["ExtendedStatistics"] == {"p50": 3, "PR(:1)": 50}


def test_units_are_apart(site: Site) -> None:
    site.put(1, Unit="Count")
    site.put(2, Unit="Bytes")
    assert {point["Unit"]: point["Sum"] for point in statistics(site, Statistics=["Sum"])} == {
        "Count": 1,
        "Bytes": 2,
    }
    assert [point["Sum"] for point in statistics(site, Statistics=["Sum"], Unit="Bytes")] == [2]
    assert statistics(site, Statistics=["Sum"], Unit="Percent") == []


@pytest.mark.parametrize(
    ("age", "rounded"),
    [(0, "12:32:00"), (14 * 24, "12:32:00"), (16 * 24, "12:30:00"), (64 * 24, "12:00:00")],
)
def test_the_start_is_rounded_down_by_its_age(site: Site, age: int, rounded: str) -> None:
    """The reference's own example: 12:32:34."""
    hours, minutes, seconds = map(int, rounded.split(":"))
    wanted = START + hours * HOUR + minutes * 60 + seconds
    site.put(5, at=START)
    site.service.record("Plant", "Temperature", 5, at=wanted)
    site.now = START + 12 * HOUR + age * HOUR + 4000
    start = START + 12 * HOUR + 32 * 60 + 34
    (point,) = statistics(site, start, start + 60, Period=3600, Statistics=["Sum"])
    assert point["Timestamp"] == wanted


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({}, InvalidParameterCombinationException),
        ({"Statistics": ["Sum"], "ExtendedStatistics": ["p50"]}, InvalidParameterCombinationException),
        (
            {"Statistics": ["Sum"], "Period": 60, "end": START + 1441 * 60},
            InvalidParameterCombinationException,
        ),
        ({"Statistics": ["Sum"], "Period": 61}, ValidationError),
        ({"Statistics": ["Sum"], "end": START}, ValidationError),
        ({"Statistics": ["Median"]}, ValidationError),
    ],
)
def test_statistics_that_are_refused(site: Site, more: dict[str, Any], error: type[AwsError]) -> None:
    with pytest.raises(error):
        statistics(site, **more)


def test_series_and_math(site: Site) -> None:
    for number in range(3):
        site.put(number, at=START + 300 * number)
    values, double = data(site, query(), {"Id": "double", "Expression": "m1 * 2", "Label": "Twice"})
    assert values["Timestamps"] == [
        START + 600,
        START + 300,
        START,
    ]  # the newest first, unless asked otherwise
    assert values["Values"] == [2, 1, 0]
    assert (double["Label"], double["Values"], double["StatusCode"]) == ("Twice", [4, 2, 0], "Complete")
    (ascending,) = data(site, query(), ScanBy="TimestampAscending")
    assert ascending["Values"] == [0, 1, 2]


def test_what_is_not_asked_for_is_not_returned(site: Site) -> None:
    site.put(1)
    (only,) = data(site, query(ReturnData=False), {"Id": "e", "Expression": "-m1"})
    assert (only["Id"], only["Values"]) == ("e", [-1])


def test_an_array_has_a_result_for_each_series(site: Site) -> None:
    site.put(1)
    results = data(
        site,
        query("a", ReturnData=False, Label="A"),
        query("b", ReturnData=False),
        {"Id": "all", "Expression": "METRICS() + 1", "Label": "More:"},
    )
    assert [(each["Id"], each["Label"], each["Values"]) for each in results] == [
        ("all", "More: A", [2]),
        ("all", "More: Temperature", [2]),
    ]


def test_pages(site: Site) -> None:
    for number in range(5):
        site.put(number, at=START + 300 * number)
    queries = [query("a"), query("b", "Maximum")]
    found: dict[str, list[float]] = {"a": [], "b": []}
    token: dict[str, Any] = {}
    pages = 0
    while pages == 0 or token:
        answer = site.call(
            "GetMetricData",
            MetricDataQueries=queries,
            StartTime=START,
            EndTime=START + HOUR,
            MaxDatapoints=3,
            **token,
        )
        for each in answer["MetricDataResults"]:
            found[each["Id"]] += each["Values"]
        token = {"NextToken": answer["NextToken"]} if "NextToken" in answer else {}
        pages += 1
    assert pages == 4
    assert found == {"a": [4, 3, 2, 1, 0], "b": [4, 3, 2, 1, 0]}
    with pytest.raises(InvalidNextToken):
        data(site, *queries, NextToken="?")


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        ([query("M1")], "does not begin with a lower-case letter"),
        ([query(), query()], "are not unique"),
        ([{"Id": "m1"}], "needs either MetricStat or Expression"),
        ([query(stat="Median")], "Median is not one of CloudWatch's"),
        ([query(period=45)], "Period must be"),
        ([query(AccountId="1" * 12)], "AccountId is not supported"),
        ([{"Id": "e", "Expression": "m9"}], "Error in expression 'e': m9 is not the Id"),
        ([{"Id": "e", "Expression": "e + 1"}], "refers to itself"),
        ([query(), {"Id": "e", "Expression": "SUM(m1)"}], "the result is not a time series"),
        ([{"Id": "e", "Expression": "SEARCH('x', 'Sum', 300)"}], "The function SEARCH is not supported"),
    ],
)
def test_queries_that_are_refused(site: Site, queries: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        data(site, *queries)


def test_values_with_counts_and_statistic_sets(site: Site) -> None:
    site.call(
        "PutMetricData",
        Namespace="Plant",
        MetricData=[
            {"MetricName": "Temperature", "Values": [10, 20], "Counts": [3, 1]},
            {
                "MetricName": "Temperature",
                "StatisticValues": {"SampleCount": 2, "Sum": 100, "Minimum": 40, "Maximum": 60},
            },
        ],
    )
    (point,) = statistics(site, Statistics=["SampleCount", "Sum", "Minimum", "Maximum"])
    assert (point["SampleCount"], point["Sum"], point["Minimum"], point["Maximum"]) == (6, 150, 10, 60)


@pytest.mark.parametrize(
    ("datum", "error"),
    [
        ({}, MissingRequiredParameterException),
        ({"Value": 1, "Values": [1]}, InvalidParameterCombinationException),
        ({"Values": [1, 2], "Counts": [1]}, InvalidParameterValueException),
        ({"Values": list(range(151))}, InvalidParameterValueException),
        ({"Value": float("nan")}, InvalidParameterValueException),
        ({"Value": float("inf")}, InvalidParameterValueException),
        ({"Value": 2.0**361}, InvalidParameterValueException),
        ({"Value": 1, "Timestamp": START - 15 * 24 * HOUR}, InvalidParameterValueException),
        ({"Value": 1, "Timestamp": START + 3 * HOUR}, InvalidParameterValueException),
        ({"Value": 1, "Unit": "Furlongs"}, ValidationError),
        ({"Value": 1, "Dimensions": [{"Name": str(n), "Value": "x"} for n in range(31)]}, ValidationError),
    ],
)
def test_data_that_are_refused_as_a_whole(site: Site, datum: dict[str, Any], error: type[AwsError]) -> None:
    good = {"MetricName": "Temperature", "Value": 1}
    with pytest.raises(error):
        site.call(
            "PutMetricData", Namespace="Plant", MetricData=[good, {"MetricName": "Temperature", **datum}]
        )
    assert statistics(site, Statistics=["Sum"]) == []


def listed(site: Site, **request: Any) -> list[tuple[str, dict[str, str]]]:
    return [
        (metric["MetricName"], {item["Name"]: item["Value"] for item in metric["Dimensions"]})
        for metric in site.call("ListMetrics", **request)["Metrics"]
    ]


def test_metrics_are_listed_for_two_weeks(site: Site) -> None:
    site.put(1, Dimensions=[{"Name": "site", "Value": "a"}, {"Name": "line", "Value": "1"}])
    site.put(1, Dimensions=[{"Name": "site", "Value": "b"}])
    site.put(1, "Humidity")
    assert len(listed(site)) == 3
    assert listed(site, MetricName="Humidity") == [("Humidity", {})]
    assert listed(site, Dimensions=[{"Name": "site"}]) == [
        ("Temperature", {"line": "1", "site": "a"}),
        ("Temperature", {"site": "b"}),
    ]
    assert listed(site, Dimensions=[{"Name": "site", "Value": "b"}]) == [("Temperature", {"site": "b"})]
    assert listed(site, Namespace="Other") == []
    site.now += 4 * HOUR
    assert listed(site, RecentlyActive="PT3H") == []
    assert len(listed(site)) == 3
    site.now += 14 * 24 * HOUR
    assert listed(site) == []


def test_metrics_are_listed_by_500(site: Site) -> None:
    for number in range(501):
        site.service.record("Plant", f"m{number:03}", 1)
    first = site.call("ListMetrics")
    rest = site.call("ListMetrics", NextToken=first["NextToken"])
    assert (len(first["Metrics"]), len(rest["Metrics"]), "NextToken" in rest) == (500, 1, False)
