# SPDX-License-Identifier: MIT
"""CloudWatch as a running embedded AWS has it: its clients, what others report to it, what is kept."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from botocore.exceptions import ClientError

from localaws.embedded import EmbeddedAws, embedded_aws

HOUR = 3600
DEADLINE_SECONDS = 30
ALARM = {
    "AlarmName": "hot",
    "Namespace": "Plant",
    "MetricName": "Temperature",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 50,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "ignore",  # so that a state that is set lasts
}
BODY = json.dumps({"widgets": []})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An embedded AWS of this module's own: its clock is moved."""
    with embedded_aws(tmp_path_factory.mktemp("cloudwatch")) as aws:
        yield aws


@pytest.fixture
def aws(running: EmbeddedAws) -> EmbeddedAws:
    running.reset()
    return running


def put(aws: EmbeddedAws, value: float) -> None:
    datum = {"MetricName": "Temperature", "Value": value}
    aws.client("cloudwatch").put_metric_data(Namespace="Plant", MetricData=[datum])


def state(aws: EmbeddedAws, name: str = "hot") -> str:
    (alarm,) = aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def total(aws: EmbeddedAws, namespace: str, metric: str, statistic: str = "Sum", **dimensions: str) -> float:
    """A statistic of all there is of a metric; 0 if there is nothing."""
    now = aws.instance.ask("GET", "/_localaws/clock")["now"]
    points = aws.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - 24 * HOUR,
        EndTime=now + HOUR,
        Period=48 * HOUR,
        Statistics=[statistic],
    )["Datapoints"]
    return float(points[0][statistic]) if points else 0


def until(holds: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (answer := holds()):
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
    return answer


# Clients


def test_the_aws_cli(aws: EmbeddedAws) -> None:
    def cli(*arguments: str) -> Any:
        command = [str(Path(sys.executable).with_name("aws")), "cloudwatch", *arguments]
        done = subprocess.run(command, env=aws.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    of = ["--namespace", "Plant", "--metric-name", "Temperature"]
    cli("put-metric-alarm", "--alarm-name", "hot", *of, "--statistic", "Maximum", "--period", "60",
        "--evaluation-periods", "1", "--threshold", "50", "--treat-missing-data", "ignore",
        "--comparison-operator", "GreaterThanThreshold")  # fmt: skip
    cli("put-metric-data", *of, "--value", "60", "--dimensions", "site=a")
    cli("set-alarm-state", "--alarm-name", "hot", "--state-value", "ALARM", "--state-reason", "a test")
    (alarm,) = cli("describe-alarms", "--alarm-names", "hot")["MetricAlarms"]
    assert (alarm["StateValue"], alarm["StateReason"]) == ("ALARM", "a test")
    assert cli("list-metrics", "--namespace", "Plant")["Metrics"][0]["Dimensions"] == [
        {"Name": "site", "Value": "a"}
    ]
    now = aws.instance.ask("GET", "/_localaws/clock")["now"]
    window = ["--start-time", str(int(now - HOUR)), "--end-time", str(int(now + HOUR))]
    found = cli("get-metric-statistics", *of, *window, "--period", "60", "--statistics", "Sum", "SampleCount",
                "--dimensions", "Name=site,Value=a")["Datapoints"]  # fmt: skip
    assert [(point["Sum"], point["SampleCount"]) for point in found] == [(60, 1)]


def ask(aws: EmbeddedAws, path: str = "/", body: bytes | None = None, **headers: str) -> bytes:
    signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request, Signature=0"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(aws.endpoint + path, body, {"Authorization": signed, **named})  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_query_protocol(aws: EmbeddedAws, method: str) -> None:
    aws.client("cloudwatch").put_metric_alarm(**ALARM)
    form = urllib.parse.urlencode(
        {"Action": "DescribeAlarms", "Version": "2010-08-01", "AlarmNames.member.1": "hot"}
    )
    if method == "POST":
        answer = ask(aws, "/", form.encode(), Content_Type="application/x-www-form-urlencoded")
    else:
        answer = ask(aws, f"/?{form}")
    names = ElementTree.fromstring(answer).findall(".//{*}MetricAlarms/{*}member/{*}AlarmName")  # noqa: S314
    assert [name.text for name in names] == ["hot"]


def test_the_cbor_protocol(aws: EmbeddedAws) -> None:
    aws.client("cloudwatch").put_metric_alarm(**ALARM)
    answer = ask(
        aws,
        "/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
        b"\xa0",
        Smithy_Protocol="rpc-v2-cbor",
        Content_Type="application/cbor",
    )
    assert b"\x69AlarmName\x63hot" in answer


# What others report


@pytest.fixture
def table(aws: EmbeddedAws) -> dict[str, str]:
    names = {"DatabaseName": "plant", "TableName": "readings"}
    client = aws.client("timestream-write")
    client.create_database(DatabaseName="plant")
    client.create_table(**names)
    return names


def write(aws: EmbeddedAws, table: dict[str, str], *devices: str) -> None:
    aws.client("timestream-write").write_records(
        **table,
        Records=[
            {
                "Dimensions": [{"Name": "device_id", "Value": device}],
                "MeasureName": "temperature",
                "MeasureValue": "1.5",
                "Time": str(int(aws.instance.ask("GET", "/_localaws/clock")["now"] * 1000)),
            }
            for device in devices
        ],
    )


def test_timestream_reports_its_calls(aws: EmbeddedAws, table: dict[str, str]) -> None:
    write(aws, table, "a", "b", "c")
    of_writes = {"Operation": "WriteRecords"}
    latency = total(aws, "AWS/Timestream", "SuccessfulRequestLatency", "SampleCount", **of_writes, **table)
    assert latency == 1
    assert total(aws, "AWS/Timestream", "NumberOfRecords", **of_writes) == 3
    aws.forward(0)
    assert total(aws, "AWS/Timestream", "CumulativeBytesMetered", **of_writes) == 1024  # a request's least
    with pytest.raises(ClientError):
        aws.client("timestream-query").query(QueryString="SELEKT 1")
    assert total(aws, "AWS/Timestream", "UserErrors", Operation="Query") == 1
    aws.client("timestream-query").query(QueryString="SELECT 1")
    assert total(aws, "AWS/Timestream", "SuccessfulRequestLatency", "SampleCount", Operation="Query") == 1


def test_timestream_reports_what_it_stores(aws: EmbeddedAws, table: dict[str, str]) -> None:
    write(aws, table, "a")
    aws.forward(2 * 15 * 60)
    metric = "MemoryCumulativeBytesMetered"
    # time 8, dimension 9 + 1, measure 11 + 8, as facts of AWS's pricing page have it
    assert total(aws, "AWS/Timestream", metric, "Maximum", Operation="Storage") == 8 + 9 + 1 + 11 + 8
    aws.forward(7 * HOUR)  # 6 hours is the memory store's default
    metric = "MagneticCumulativeBytesMetered"
    assert total(aws, "AWS/Timestream", metric, "Maximum", Operation="Storage") == 37


def test_queues_report_what_they_hold(aws: EmbeddedAws) -> None:
    url = aws.client("sqs").create_queue(QueueName="letters")["QueueUrl"]
    for _ in range(3):
        aws.client("sqs").send_message(QueueUrl=url, MessageBody="a letter")
    aws.forward(60)
    metric = "ApproximateNumberOfMessagesVisible"
    assert total(aws, "AWS/SQS", metric, "Maximum", QueueName="letters") == 3


# Other services


def test_a_topic_is_told(aws: EmbeddedAws) -> None:
    sns, sqs, cloudwatch = (aws.client(service) for service in ("sns", "sqs", "cloudwatch"))
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=attributes["QueueArn"])
    cloudwatch.put_metric_alarm(**ALARM, AlarmActions=[topic])
    put(aws, 60)
    aws.forward(60)
    (received,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(received["Body"])
    assert body["Subject"] == 'ALARM: "hot" in US East (N. Virginia)'
    assert json.loads(body["Message"])["NewStateValue"] == "ALARM"


STACK = {
    "Resources": {
        "Hot": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {**ALARM, "Tags": [{"Key": "team", "Value": "a"}]},
        },
        "Plant": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {"DashboardName": "plant", "DashboardBody": BODY},
        },
    }
}


def test_a_cloudformation_stack_has_its_alarms_here(aws: EmbeddedAws) -> None:
    cloudformation, cloudwatch = aws.client("cloudformation"), aws.client("cloudwatch")
    cloudformation.create_stack(StackName="plant", TemplateBody=json.dumps(STACK))
    until(lambda: cloudwatch.list_dashboards()["DashboardEntries"])
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert {name: alarm[name] for name in ALARM} == ALARM
    tags = cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert {"Key": "team", "Value": "a"} in tags
    put(aws, 60)
    aws.forward(60)
    assert state(aws) == "ALARM"
    cloudformation.delete_stack(StackName="plant")
    until(lambda: not cloudwatch.describe_alarms()["MetricAlarms"])
    until(lambda: not cloudwatch.list_dashboards()["DashboardEntries"])


# What is kept, and apart


def test_accounts_and_regions_are_apart_but_for_dashboards(aws: EmbeddedAws) -> None:
    aws.client("cloudwatch").put_metric_alarm(**ALARM)
    aws.client("cloudwatch").put_dashboard(DashboardName="plant", DashboardBody=BODY)

    def elsewhere(**where: str) -> Any:
        return aws.session(**where).client("cloudwatch", endpoint_url=aws.endpoint)

    ireland, other = elsewhere(region="eu-west-1"), elsewhere(account="123456789012")
    assert ireland.describe_alarms()["MetricAlarms"] == other.describe_alarms()["MetricAlarms"] == []
    assert [entry["DashboardName"] for entry in ireland.list_dashboards()["DashboardEntries"]] == ["plant"]
    assert other.list_dashboards()["DashboardEntries"] == []


@pytest.mark.parametrize("end", [EmbeddedAws.restart, EmbeddedAws.kill])
def test_it_outlives_the_server(aws: EmbeddedAws, end: Callable[[EmbeddedAws], None]) -> None:
    client = aws.client("cloudwatch")
    client.put_metric_alarm(**ALARM)
    client.put_dashboard(DashboardName="plant", DashboardBody=BODY)
    client.set_alarm_state(AlarmName="hot", StateValue="ALARM", StateReason="a test")
    put(aws, 60)
    end(aws)
    assert state(aws) == "ALARM"
    assert client.get_dashboard(DashboardName="plant")["DashboardBody"] == BODY
    assert total(aws, "Plant", "Temperature") == 60
    summaries = [item["HistorySummary"] for item in client.describe_alarm_history()["AlarmHistoryItems"]]
    assert 'Alarm "hot" created' in summaries


def test_a_reset_empties_it(aws: EmbeddedAws) -> None:
    aws.client("cloudwatch").put_metric_alarm(**ALARM)
    put(aws, 60)
    aws.reset()
    assert aws.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert aws.client("cloudwatch").list_metrics()["Metrics"] == []
