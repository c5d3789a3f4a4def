# SPDX-License-Identifier: MIT
"""The commands of the recipe's README, with the AWS CLI, corrected where they are wrong.

Names come from `outputs/` in place of CloudFormation's outputs, and waiting is polling in place of `sleep`.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws
from tests.conftest import Stack, local_playbooks
from tests.stack.listing import left

DEADLINE_SECONDS = 30
SENSORS = {"temperature": 25.5, "humidity": 65.2, "pressure": 1013.25, "vibration": 0.05}


def cli(aws: EmbeddedAws, *arguments: str) -> Any:
    """What an `aws` command prints, read as JSON."""
    command = [str(Path(sys.executable).with_name("aws")), *arguments]
    done = subprocess.run(command, env=aws.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def eventually(ask: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    """The first answer that holds; the test fails if none does in time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)
    return answer


def readings(stack: Stack, device: str) -> list[list[str]]:
    """A device's readings as the recipe's query lists them: location, measure, value, time."""
    outputs = stack.outputs
    answer = cli(
        stack.aws,
        "timestream-query",
        "query",
        "--query-string",
        "SELECT location, measure_name, measure_value::double, time"
        f' FROM "{outputs["database"]}"."{outputs["table"]}"'
        f" WHERE device_id = '{device}' AND time >= ago(1h) ORDER BY measure_name",
    )
    return [[datum["ScalarValue"] for datum in row["Data"]] for row in answer["Rows"]]


def invoke(stack: Stack, folder: Path, payload: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the recipe's invocation prints, and what it writes into response.json."""
    (folder / "test-data.json").write_text(json.dumps(payload))
    answer = cli(
        stack.aws,
        "lambda",
        "invoke",
        "--function-name",
        stack.outputs["function"],
        "--payload",  # version 2 of the CLI wants --cli-binary-format raw-in-base64-out too
        f"file://{folder / 'test-data.json'}",
        str(folder / "response.json"),
    )
    return answer, json.loads((folder / "response.json").read_text())


def datapoints(stack: Stack, namespace: str, metric: str, dimension: str, statistic: str) -> list[float]:
    """A metric of the last hour. The recipe's times are local ones that AWS takes for UTC; these say UTC."""
    now = datetime.now(UTC)
    answer = cli(
        stack.aws,
        "cloudwatch",
        "get-metric-statistics",
        "--namespace",
        namespace,
        "--metric-name",
        metric,
        "--dimensions",
        dimension,
        "--start-time",
        (now - timedelta(hours=1)).isoformat(),
        "--end-time",
        (now + timedelta(minutes=1)).isoformat(),
        "--period",
        "300",
        "--statistics",
        statistic,
    )
    return [point[statistic] for point in answer["Datapoints"]]


def test_1_infrastructure(stack: Stack) -> None:
    databases = cli(stack.aws, "timestream-write", "list-databases", "--query", "Databases[].DatabaseName")
    assert stack.outputs["database"] in databases
    functions = cli(
        stack.aws,
        "lambda",
        "list-functions",
        "--query",
        "Functions[?contains(FunctionName, `timestream`)].FunctionName",
    )
    assert stack.outputs["function"] in functions
    # the recipe asks for Rules and RuleName, which the answer does not have
    rules = cli(
        stack.aws, "iot", "list-topic-rules", "--query", "rules[?contains(ruleName, `timestream`)].ruleName"
    )
    assert set(stack.outputs["rules"].values()) <= set(rules)


def test_2_and_3_ingestion_and_query(stack: Stack, tmp_path: Path) -> None:
    payload = {"device_id": "test-sensor-001", "location": "test-facility", "sensors": SENSORS}
    answer, response = invoke(stack, tmp_path, payload)
    assert answer["StatusCode"] == 200
    assert "FunctionError" not in answer
    assert response == {"received": 4, "stored": 4}
    rows = readings(stack, "test-sensor-001")
    assert {name: float(value) for _, name, value, _ in rows} == SENSORS
    assert {location for location, *_ in rows} == {"test-facility"}


@pytest.mark.parametrize("stamped", ["now", "not at all"])
def test_4_iot_integration(stack: Stack, stamped: str) -> None:
    """The recipe's message is of 2024, which no memory store takes any more: here it is of a minute ago.

    With an ISO time it goes through the function; without one, the direct rule stores it.
    """
    device = f"iot-sensor-{stamped.replace(' ', '-')}"
    time_sent = (datetime.now(UTC) - timedelta(minutes=1)).replace(microsecond=0)
    message: dict[str, Any] = {
        "device_id": device,
        "location": "production-line-1",
        "temperature": 26.5,
        "humidity": 72.0,
        "pressure": 1012,
    }
    if stamped == "now":
        message["timestamp"] = time_sent.strftime("%Y-%m-%dT%H:%M:%SZ")
    cli(stack.aws, "iot-data", "publish", "--topic", "topic/sensors", "--payload", json.dumps(message))
    rows = eventually(lambda: readings(stack, device), lambda rows: len(rows) == 3)
    assert [(name, value) for _, name, value, _ in rows] == [
        ("humidity", "72.0"),
        ("pressure", "1012.0"),
        ("temperature", "26.5"),
    ]
    if stamped == "now":
        assert {when for *_, when in rows} == {time_sent.strftime("%Y-%m-%d %H:%M:%S.000000000")}


def test_logs_and_errors(stack: Stack, tmp_path: Path) -> None:
    """The recipe's message of 2024 as it stands: refused with its reason, logged, and counted as an error."""
    name = stack.outputs["function"]
    message = {
        "device_id": "iot-sensor-001",
        "location": "production-line-1",
        "timestamp": "2024-01-01T12:00:00Z",
        "temperature": 26.5,
    }
    answer, response = invoke(stack, tmp_path, message)
    assert answer["FunctionError"] == "Unhandled"
    [refusal] = json.loads(response["errorMessage"])["rejected"]
    assert "outside the time range" in refusal["reason"]
    groups = cli(
        stack.aws,
        "logs",
        "describe-log-groups",
        "--log-group-name-prefix",
        "/aws/lambda/timestream",
        "--query",
        "logGroups[].logGroupName",
    )
    assert f"/aws/lambda/{name}" in groups
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    eventually(
        lambda: cli(
            stack.aws,
            "logs",
            "filter-log-events",
            "--log-group-name",
            f"/aws/lambda/{name}",
            "--start-time",
            str(int(hour_ago.timestamp() * 1000)),
        )["events"],
        lambda events: any("outside the time range" in event["message"] for event in events),
    )
    eventually(
        lambda: datapoints(stack, "AWS/Lambda", "Errors", f"Name=FunctionName,Value={name}", "Sum"),
        lambda sums: sum(sums) >= 1,
    )


def test_query_metrics(stack: Stack) -> None:
    """The recipe's QueryLatency does not exist: AWS times queries by SuccessfulRequestLatency."""
    cli(stack.aws, "timestream-query", "query", "--query-string", "SELECT 1")
    metric = ("AWS/Timestream", "SuccessfulRequestLatency", "Name=Operation,Value=Query", "SampleCount")
    eventually(lambda: datapoints(stack, *metric), lambda counts: sum(counts) >= 1)
    assert datapoints(stack, "AWS/Timestream", "QueryLatency", *metric[2:]) == []


def test_permissions(stack: Stack) -> None:
    """The recipe asks of all resources, where a role of least privilege may not write: ask of the table."""
    outputs = stack.outputs
    [role] = cli(
        stack.aws,
        "lambda",
        "list-functions",
        "--query",
        f"Functions[?FunctionName==`{outputs['function']}`].Role",
    )
    table = (
        f"arn:aws:timestream:{outputs['region']}:{outputs['account_id']}"
        f":database/{outputs['database']}/table/{outputs['table']}"
    )
    decisions = {
        resource: cli(
            stack.aws,
            "iam",
            "simulate-principal-policy",
            "--policy-source-arn",
            role,
            "--action-names",
            "timestream:WriteRecords",
            "timestream:DescribeEndpoints",
            "timestream:DeleteTable",
            "--resource-arns",
            resource,
            "--query",
            "EvaluationResults[].EvalDecision",
        )
        for resource in (table, "*")
    }
    assert decisions == {
        table: ["allowed", "allowed", "implicitDeny"],
        "*": ["implicitDeny", "allowed", "implicitDeny"],
    }


def test_alarms(stack: Stack) -> None:
    # the recipe's own names lack what tells its environments apart
    alarms = cli(
        stack.aws,
        "cloudwatch",
        "describe-alarms",
        "--alarm-names",
        "Timestream-IngestionRate-iot-timeseries-local",
        "Timestream-QueryLatency-iot-timeseries-local",
    )["MetricAlarms"]
    assert [alarm["MetricName"] for alarm in alarms] == ["SuccessfulRequestLatency"] * 2
    assert all(alarm["AlarmActions"] == [stack.outputs["alarm_topic_arn"]] for alarm in alarms)


def test_cleanup(aws: EmbeddedAws, tmp_path: Path) -> None:
    """The recipe's checks after a cleanup, of a stack beside the one of the other tests."""
    other = local_playbooks(aws, tmp_path)
    names = {"project_name": "cleaned-up", "direct_topic": "cleaned/up", "ingest_topic": "cleaned/up/ingest"}
    other.deploy(**names)
    asked = [
        ("timestream-write", "list-databases", "--query", "Databases[?contains(DatabaseName, `cleaned-up`)]"),
        ("lambda", "list-functions", "--query", "Functions[?contains(FunctionName, `cleaned-up`)]"),
        ("iot", "list-topic-rules", "--query", "rules[?contains(ruleName, `cleaned_up`)]"),
        (
            "cloudwatch",
            "describe-alarms",
            "--query",
            "MetricAlarms",
            "--alarm-names",
            "Timestream-IngestionRate-cleaned-up-local",
            "Timestream-QueryLatency-cleaned-up-local",
        ),
    ]
    assert all(cli(aws, *command) for command in asked)
    assert len(left(aws.client, "cleaned-up")) > len(asked)
    other.destroy(**names)
    assert left(aws.client, "cleaned-up") == []
    assert [cli(aws, *command) for command in asked] == [[], [], [], []]
