# SPDX-License-Identifier: MIT
"""Percentiles, defaults and metric math of alarms.

The embedded CloudWatch stores no metric math, so that is tested where it is decided: what the module asks
for, described as AWS would describe it, must need no change.
"""

import random
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

RunModule = Callable[..., dict[str, Any]]

LATENCY = {
    "name": "latency",
    "namespace": "AWS/Timestream",
    "metric_name": "SuccessfulRequestLatency",
    "dimensions": {"Operation": "Query"},
    "extended_statistic": "p99",
    "period": 300,
    "evaluation_periods": 3,
    "datapoints_to_alarm": 2,
    "threshold": 5000,
    "comparison_operator": "GreaterThanThreshold",
}


@pytest.fixture(scope="module")
def module() -> Any:
    return import_module("ansible_collections.timeseries.aws.plugins.modules.cloudwatch_metric_alarm")


@pytest.fixture
def alarms(aws: Any) -> Iterator[Callable[[], Any]]:
    client = aws.client("cloudwatch")
    yield lambda: client.describe_alarms(AlarmNames=["latency"])["MetricAlarms"]
    client.delete_alarms(AlarmNames=["latency"])


def test_a_percentile_and_a_statistic_replace_each_other(
    alarms: Callable[[], Any], run_module: RunModule
) -> None:
    made = run_module("cloudwatch_metric_alarm", **LATENCY)
    assert (made["alarm"]["extended_statistic"], made["alarm"]["statistic"]) == ("p99", None)
    assert alarms()[0]["ExtendedStatistic"] == "p99"
    assert run_module("cloudwatch_metric_alarm", **LATENCY)["changed"] is False
    average = run_module("cloudwatch_metric_alarm", name="latency", statistic="Average")
    assert (average["alarm"]["extended_statistic"], average["alarm"]["statistic"]) == (None, "Average")
    assert (alarms()[0].get("ExtendedStatistic"), alarms()[0]["Statistic"]) == (None, "Average")
    assert run_module("cloudwatch_metric_alarm", name="latency", statistic="Average")["changed"] is False


def test_datapoints_to_alarm_can_be_unset(alarms: Callable[[], Any], run_module: RunModule) -> None:
    run_module("cloudwatch_metric_alarm", **LATENCY)
    assert alarms()[0]["DatapointsToAlarm"] == 2
    unset = run_module("cloudwatch_metric_alarm", name="latency", datapoints_to_alarm=0)
    assert (unset["changed"], unset["alarm"]["datapoints_to_alarm"]) == (True, None)
    assert "DatapointsToAlarm" not in alarms()[0]
    assert run_module("cloudwatch_metric_alarm", name="latency", datapoints_to_alarm=0)["changed"] is False


def test_the_order_of_actions_does_not_matter(alarms: Callable[[], Any], run_module: RunModule) -> None:
    topics = [f"arn:aws:sns:us-east-1:000000000000:{name}" for name in "ba"]
    run_module("cloudwatch_metric_alarm", **LATENCY, alarm_actions=topics, insufficient_data_actions=topics)
    assert alarms()[0]["InsufficientDataActions"] == sorted(topics)
    again = run_module("cloudwatch_metric_alarm", **LATENCY, alarm_actions=topics[::-1])
    assert again["changed"] is False


def test_what_a_new_alarm_needs(run_module: RunModule) -> None:
    for check in (True, False):
        result = run_module("cloudwatch_metric_alarm", check=check, name="latency", threshold=1)
        assert result["msg"] == (
            "alarm latency does not exist; creating it needs evaluation_periods, comparison_operator, "
            "namespace, metric_name, period, statistic"
        )


def test_a_misspelt_key_of_metric_math_is_found_in_check_mode_too(run_module: RunModule) -> None:
    metrics = [{"Id": "e", "Expresion": "TIME_SERIES(1)"}]
    for check in (True, False):
        result = run_module("cloudwatch_metric_alarm", check=check, name="math", metrics=metrics, **SETTINGS)
        assert result["failed"] is True
        assert 'Unknown parameter in Metrics[0]: "Expresion"' in result["msg"]


names = st.from_regex(r"\A[a-z][a-zA-Z0-9_]{0,9}\Z")
dimensions = st.dictionaries(st.sampled_from(["FunctionName", "DatabaseName", "TableName"]), names)
metric_stats = st.fixed_dictionaries(
    {
        "Metric": st.builds(
            lambda name, values: {
                "Namespace": "AWS/Lambda",
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in values.items()],
            },
            names,
            dimensions,
        ),
        "Period": st.sampled_from([60, 300]),
        "Stat": st.sampled_from(["Sum", "p99"]),
    }
)
queries = st.dictionaries(names, metric_stats, min_size=1, max_size=4)
OPTIONS = (
    *("description", "namespace", "metric_name", "dimensions", "statistic", "extended_statistic", "period"),
    *("unit", "metrics", "evaluation_periods", "datapoints_to_alarm", "threshold", "comparison_operator"),
    *("treat_missing_data", "evaluate_low_sample_count_percentile", "actions_enabled", "alarm_actions"),
    *("ok_actions", "insufficient_data_actions", "tags"),
)
SETTINGS = {"evaluation_periods": 2, "threshold": 1.0, "comparison_operator": "GreaterThanThreshold"}


def parameters(**given_ones: Any) -> dict[str, Any]:
    return {**dict.fromkeys(OPTIONS), "name": "math", "purge_tags": True, **given_ones}


def as_aws_describes(request: dict[str, Any], shuffled: random.Random) -> dict[str, Any]:
    """DescribeAlarms' answer after a PutMetricAlarm: lists in any order, defaults spelt out."""
    metrics = [{"ReturnData": True, **query} for query in request["Metrics"]]
    shuffled.shuffle(metrics)
    for query in metrics:
        if "MetricStat" in query:
            shuffled.shuffle(query["MetricStat"]["Metric"]["Dimensions"])
    described = {"ActionsEnabled": True, "AlarmActions": [], "OKActions": [], "InsufficientDataActions": []}
    return {**described, **request, "Metrics": metrics, "AlarmArn": "arn", "StateValue": "OK"}


@given(stats=queries, shuffled=st.randoms(use_true_random=False))
def test_metric_math_needs_no_second_change(
    module: Any, stats: dict[str, Any], shuffled: random.Random
) -> None:
    total = {"Id": "total", "Expression": "SUM(METRICS())", "Label": "All"}
    metrics = [
        total,
        *({"Id": f"m_{key}", "MetricStat": stat, "ReturnData": False} for key, stat in stats.items()),
    ]
    wanted = parameters(metrics=metrics, **SETTINGS)
    planned = module.plan(module.new_alarm(wanted), wanted)
    request = module.request(planned)
    assert {query["Id"] for query in request["Metrics"]} == {query["Id"] for query in metrics}
    assert not request.keys() & {"Namespace", "MetricName", "Dimensions", "Statistic", "Period"}

    described = module.describe(as_aws_describes(request, shuffled), {})
    assert module.plan(described, wanted) == described
    assert module.plan(described, parameters()) == described, "what is unset is left alone"
    changed = module.plan(
        described, parameters(metrics=[total | {"Expression": "AVG(METRICS())"}, *metrics[1:]])
    )
    assert {key for key in described if changed[key] != described[key]} == {"metrics"}


def test_a_metric_and_metric_math_replace_each_other(module: Any) -> None:
    single = module.describe({"AlarmArn": "arn", "AlarmName": "math"}, {}) | {
        key: LATENCY[key]
        for key in ("namespace", "metric_name", "dimensions", "extended_statistic", "period")
    }
    math = module.plan(single, parameters(metrics=[{"Id": "e", "Expression": "TIME_SERIES(1)"}]))
    assert math["metrics"] == [{"Id": "e", "Expression": "TIME_SERIES(1)", "ReturnData": True}]
    assert (math["namespace"], math["metric_name"], math["dimensions"]) == (None, None, {})
    back = module.plan(math, parameters(**{key: LATENCY[key] for key in LATENCY if key != "name"}))
    assert (back["metrics"], back["metric_name"]) == ([], "SuccessfulRequestLatency")
