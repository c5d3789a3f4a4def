# SPDX-License-Identifier: MIT
"""What an embedded AWS holds survives it, as ministack's services and ours keep it."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws, embedded_aws
from localaws.state import State

QUEUE = "letters"
TOPIC = "arn:aws:sns:us-east-1:000000000000:alarms"
FUNCTION = "def handle(event, context): return {'got': event}"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with embedded_aws(tmp_path_factory.mktemp("kept")) as running:
        yield running


@pytest.fixture
def filled(aws: EmbeddedAws) -> EmbeddedAws:
    """An embedded AWS with something in each of the services that a stack has."""
    aws.reset()
    role = aws.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    queue = aws.client("sqs").create_queue(QueueName=QUEUE)["QueueUrl"]
    aws.client("sqs").send_message(QueueUrl=queue, MessageBody="first")
    aws.client("sns").create_topic(Name="alarms")
    aws.client("s3").create_bucket(Bucket="reports")
    aws.client("s3").put_object(Bucket="reports", Key="a/b.txt", Body=b"\x00late", Metadata={"why": "late"})
    aws.client("logs").create_log_group(logGroupName="/aws/lambda/echo")
    aws.client("lambda").create_function(
        FunctionName="echo", Role=role, Runtime="python3.12", Handler="echo.handle", Code={"ZipFile": code()}
    )
    action = {"sqs": {"queueUrl": queue, "roleArn": role}}
    aws.client("iot").create_topic_rule(
        ruleName="sensors", topicRulePayload={"sql": "SELECT * FROM 'sensors'", "actions": [action]}
    )
    database = aws.client("timestream-write")
    database.create_database(DatabaseName="plant", Tags=[{"Key": "owner", "Value": "ops"}])
    database.create_table(DatabaseName="plant", TableName="readings")
    return aws


def code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("echo.py", FUNCTION)
    return packed.getvalue()


def messages(aws: EmbeddedAws) -> list[str]:
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    received = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0, MaxNumberOfMessages=10)
    return sorted(message["Body"] for message in received.get("Messages", []))


def invoke(aws: EmbeddedAws, event: Any) -> Any:
    answer = aws.client("lambda").invoke(FunctionName="echo", Payload=json.dumps(event))
    return json.loads(answer["Payload"].read())


def check(aws: EmbeddedAws) -> None:
    """All that was filled in is there and works."""
    assert messages(aws) == ["first"]
    assert [topic["TopicArn"] for topic in aws.client("sns").list_topics()["Topics"]] == [TOPIC]
    stored = aws.client("s3").get_object(Bucket="reports", Key="a/b.txt")
    assert (stored["Body"].read(), stored["Metadata"]) == (b"\x00late", {"why": "late"})
    assert [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]] == ["role"]
    assert invoke(aws, {"a": 1}) == {"got": {"a": 1}}
    aws.client("iot-data").publish(topic="sensors", payload=b'{"t":21.5}')
    assert [json.loads(text) for text in messages(aws) if text != "first"] == [{"t": 21.5}]
    database = aws.client("timestream-write")
    assert [table["TableName"] for table in database.list_tables()["Tables"]] == ["readings"]
    arn = database.describe_database(DatabaseName="plant")["Database"]["Arn"]
    assert database.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "owner", "Value": "ops"}]


def saved(aws: EmbeddedAws, service: str) -> str:
    file = State(aws.state).data / "ministack" / f"{service}.json"
    return file.read_text() if file.exists() else ""


def test_all_is_there_after_down_and_up(filled: EmbeddedAws) -> None:
    filled.restart()
    check(filled)


def test_what_was_saved_is_there_after_a_kill(filled: EmbeddedAws) -> None:
    last = {"lambda": '"echo"', "sqs": '"first"', "iot": "'sensors'", "sns": TOPIC, "logs": "/aws/lambda"}
    last["cloudwatch_logs"] = last.pop("logs")
    deadline = time.monotonic() + 20
    while not all(text in saved(filled, service) for service, text in last.items()):
        assert time.monotonic() < deadline, "what changed is saved within seconds"
    filled.kill()
    check(filled)


def test_objects_survive_a_kill_at_once(filled: EmbeddedAws) -> None:
    filled.restart()
    filled.client("s3").put_object(Bucket="reports", Key="last", Body=b"words")
    filled.kill()
    assert filled.client("s3").get_object(Bucket="reports", Key="last")["Body"].read() == b"words"


def test_a_reset_leaves_nothing_to_come_back(filled: EmbeddedAws) -> None:
    filled.restart()
    filled.reset()
    filled.restart()
    assert filled.client("sqs").list_queues().get("QueueUrls", []) == []
    assert filled.client("s3").list_buckets()["Buckets"] == []
    assert filled.client("lambda").list_functions()["Functions"] == []
    assert filled.client("timestream-write").list_databases()["Databases"] == []


def test_a_state_of_another_ministack_is_taken_over_and_spoken_of(filled: EmbeddedAws) -> None:
    version = State(filled.state).data / "version.json"
    version.write_text('{"ministack": "0.0.1"}')
    filled.restart()
    check(filled)
    assert "the state was written by ministack 0.0.1" in State(filled.state).log.read_text()


def test_scratch_stays_scratch(filled: EmbeddedAws) -> None:
    invoke(filled, {})
    leftover = State(filled.state).scratch / "leftover"
    leftover.touch()
    filled.restart()
    assert not leftover.exists()
