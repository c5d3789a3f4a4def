# SPDX-License-Identifier: MIT
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

RunModule = Callable[..., dict[str, Any]]
Converge = Callable[..., dict[str, Any]]

ACCOUNT = "000000000000"
UNKNOWN = ("arn",)


@pytest.fixture
def arguments(aws: Any) -> dict[str, Any]:
    """An hourly roll-up, and what it needs: a table of readings, one for the result, topic and bucket."""
    name = f"hourly-{uuid4().hex[:12]}"
    write = aws.client("timestream-write")
    write.create_database(DatabaseName=name)
    for table in ("readings", "hourly"):
        write.create_table(DatabaseName=name, TableName=table)
    record = {
        "Dimensions": [{"Name": "device_id", "Value": "one"}],
        "MeasureName": "temperature",
        "MeasureValue": "21.5",
        "Time": str(int(time.time() * 1000)),
    }
    write.write_records(DatabaseName=name, TableName="readings", Records=[record])
    aws.client("sns").create_topic(Name=name)
    aws.client("s3").create_bucket(Bucket=name)
    return {
        "name": name,
        "query": "SELECT device_id, measure_name AS measure, bin(time, 1h) AS hour,"
        f' avg(measure_value::double) AS mean FROM "{name}"."readings"'
        " WHERE time > @scheduled_runtime - 1h GROUP BY 1, 2, 3",
        "schedule": "rate(1 hour)",
        "role": f"arn:aws:iam::{ACCOUNT}:role/hourly",
        "notification_topic": f"arn:aws:sns:us-east-1:{ACCOUNT}:{name}",
        "target": {
            "database": name,
            "table": "hourly",
            "time_column": "hour",
            "dimensions": ["device_id"],
            "measure_name_column": "measure",
            "measures": [{"column": "mean", "type": "DOUBLE"}],
        },
        "error_report": {"bucket": name, "prefix": "reports"},
    }


@pytest.fixture
def observe(arguments: dict[str, Any], aws: Any) -> Callable[[], Any]:
    """What Timestream has of that name: its ARN and what was asked for."""
    client = aws.client("timestream-query")
    asked = ("Arn", "QueryString", "ScheduleConfiguration", "State", "TargetConfiguration")

    def observed() -> Any:
        pages = client.get_paginator("list_scheduled_queries").paginate()
        arns = [
            each["Arn"]
            for page in pages
            for each in page["ScheduledQueries"]
            if each["Name"] == arguments["name"]
        ]
        found = [client.describe_scheduled_query(ScheduledQueryArn=arn)["ScheduledQuery"] for arn in arns]
        tags = [client.list_tags_for_resource(ResourceARN=arn)["Tags"] for arn in arns]
        return [{name: each[name] for name in asked} for each in found], tags

    return observed


def test_a_scheduled_query_lives(
    arguments: dict[str, Any], observe: Callable[[], Any], converge: Converge
) -> None:
    made = converge("timestream_scheduled_query", observe, UNKNOWN, **arguments)["scheduled_query"]
    assert made["arn"].startswith(
        f"arn:aws:timestream:us-east-1:{ACCOUNT}:scheduled-query/{arguments['name']}"
    )

    stopped = converge("timestream_scheduled_query", observe, name=arguments["name"], enabled=False)
    assert stopped["scheduled_query"]["arn"] == made["arn"]
    converge("timestream_scheduled_query", observe, name=arguments["name"], tags={"project": "iot"})
    assert observe()[1] == [[{"Key": "project", "Value": "iot"}]]


def test_another_schedule_takes_another_scheduled_query(
    arguments: dict[str, Any], observe: Callable[[], Any], converge: Converge, run_module: RunModule
) -> None:
    made = run_module("timestream_scheduled_query", **arguments, tags={"project": "iot"})["scheduled_query"]
    daily = {"name": arguments["name"], "schedule": "cron(0 3 * * ? *)"}
    changed = converge("timestream_scheduled_query", observe, UNKNOWN, **daily)["scheduled_query"]
    assert changed["arn"] != made["arn"]
    [found], [tags] = observe()
    assert found["ScheduleConfiguration"] == {"ScheduleExpression": "cron(0 3 * * ? *)"}
    assert tags == [{"Key": "project", "Value": "iot"}]


def test_its_key_in_each_form(
    arguments: dict[str, Any], observe: Callable[[], Any], converge: Converge, aws: Any
) -> None:
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]
    alias = f"alias/{arguments['name']}"
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    made = converge("timestream_scheduled_query", observe, UNKNOWN, **arguments, kms_key_id=alias)
    assert made["scheduled_query"]["kms_key_id"] == key["Arn"]
    for form in (key["KeyId"], key["Arn"]):
        same = converge("timestream_scheduled_query", observe, name=arguments["name"], kms_key_id=form)
        assert not same["changed"]


def test_it_is_deleted(arguments: dict[str, Any], observe: Callable[[], Any], run_module: RunModule) -> None:
    run_module("timestream_scheduled_query", **arguments)
    gone = run_module("timestream_scheduled_query", check=True, name=arguments["name"], state="absent")
    assert run_module("timestream_scheduled_query", name=arguments["name"], state="absent") == gone
    assert gone["changed"]
    assert observe() == ([], [])
    assert not run_module("timestream_scheduled_query", name=arguments["name"], state="absent")["changed"]


def test_what_timestream_refuses_is_told(arguments: dict[str, Any], run_module: RunModule) -> None:
    refused = run_module("timestream_scheduled_query", **{**arguments, "query": "SELECT nonsense"})
    assert "nonsense" in refused["msg"]
    missing = run_module("timestream_scheduled_query", name="none")
    assert missing["msg"].startswith("The scheduled query none does not exist; creating it needs query")
