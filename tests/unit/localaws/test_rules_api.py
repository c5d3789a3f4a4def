# SPDX-License-Identifier: MIT
"""IoT rules as boto3 sees them, from a published message to where each action leads."""

import io
import json
import socket
import struct
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, Event, Request

from localaws.embedded import EmbeddedAws

WAIT_SECONDS = 20
ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:ingest"
IOT_HOST = "endpoint.iot.us-east-1.127.0.0.1"
RULE = f"arn:aws:iot:us-east-1:{ACCOUNT}:rule/sensors"
TIMESTREAM = {
    "timestream": {
        "roleArn": ROLE,
        "databaseName": "plant",
        "tableName": "readings",
        "dimensions": [{"name": "device_id", "value": "${device_id}"}],
    }
}
WRITES = """
import boto3, time
def handle(event, context):
    boto3.client("timestream-write").write_records(DatabaseName="plant", TableName="readings", Records=[{
        "Dimensions": [{"Name": "device_id", "Value": event["device_id"]}], "MeasureName": "temperature",
        "MeasureValue": str(event["temperature"]), "Time": str(time.time_ns() // 1_000_000)}])
"""
FAILS = """
def handle(event, context):
    raise ValueError("no good: " + event["device_id"])
"""


@pytest.fixture
def aws(aws: EmbeddedAws) -> EmbeddedAws:
    """An embedded AWS with nothing in it but the table `plant`.`readings`."""
    aws.reset()
    write = aws.client("timestream-write")
    write.create_database(DatabaseName="plant")
    write.create_table(DatabaseName="plant", TableName="readings")
    return aws


def make_rule(aws: EmbeddedAws, *actions: dict[str, Any], **payload: Any) -> None:
    sql = "SELECT temperature FROM 'sensors/+'"
    aws.client("iot").create_topic_rule(
        ruleName="sensors", topicRulePayload={"sql": sql, "actions": list(actions), **payload}
    )


def publish(aws: EmbeddedAws, topic: str = "sensors/a", **message: Any) -> None:
    aws.client("iot-data").publish(topic=topic, payload=json.dumps(message))


def readings(aws: EmbeddedAws) -> list[list[str | None]]:
    """Device, measure and value of all that is stored. An empty table has no column device_id yet."""
    reader = aws.client("timestream-query")
    if reader.query(QueryString='SELECT count(*) FROM "plant"."readings"')["Rows"] == [
        {"Data": [{"ScalarValue": "0"}]}
    ]:
        return []
    answer = reader.query(
        QueryString='SELECT device_id, measure_name, measure_value::double FROM "plant"."readings"'
    )
    return [[datum.get("ScalarValue") for datum in row["Data"]] for row in answer["Rows"]]


def publish_by_mqtt(aws: EmbeddedAws, topic: str, payload: bytes) -> None:
    """Publish by MQTT 3.1.1 over WebSocket, with quality of service 1, and wait for the acknowledgement."""
    websocket = WSConnection(ConnectionType.CLIENT)
    connect = b"\x00\x04MQTT\x04\x02\x00\x3c" + mqtt_text("thermometer")
    message = mqtt_text(topic) + b"\x00\x01" + payload
    with socket.create_connection(("127.0.0.1", aws.port), timeout=WAIT_SECONDS) as connection:

        def exchange(event: Event, answer: type[Any]) -> Any:
            connection.sendall(websocket.send(event))
            while True:
                for received_event in websocket.events():
                    if isinstance(received_event, answer):
                        return received_event
                websocket.receive_data(connection.recv(4096))

        exchange(Request(IOT_HOST, "/mqtt", subprotocols=["mqtt"]), AcceptConnection)
        assert exchange(BytesMessage(mqtt_packet(0x10, connect)), BytesMessage).data[0] == 0x20  # CONNACK
        assert exchange(BytesMessage(mqtt_packet(0x32, message)), BytesMessage).data[0] == 0x40  # PUBACK


def mqtt_text(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def mqtt_packet(head: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([head, len(content)]) + content


def make_queue(aws: EmbeddedAws, name: str) -> tuple[str, str]:
    """A queue's URL and ARN."""
    url = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"


def received(aws: EmbeddedAws, url: str) -> dict[str, Any]:
    """The next message of a queue."""
    answer = aws.client("sqs").receive_message(
        QueueUrl=url, WaitTimeSeconds=WAIT_SECONDS, MessageAttributeNames=["All"]
    )
    [message] = answer["Messages"]
    return dict(message)


def make_function(aws: EmbeddedAws, source: str, permit: str | None = RULE, **more: Any) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("code.py", source)
    client = aws.client("lambda")
    client.create_function(
        FunctionName="ingest",
        Runtime="python3.13",
        Handler="code.handle",
        Role=ROLE,
        Code={"ZipFile": code.getvalue()},
        **more,
    )
    if permit:
        client.add_permission(
            FunctionName="ingest",
            StatementId="iot",
            Action="lambda:InvokeFunction",
            Principal="iot.amazonaws.com",
            SourceArn=permit,
            SourceAccount=ACCOUNT,
        )


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.05)
    return found


def total(aws: EmbeddedAws, namespace: str, metric: str, **dimensions: str) -> float:
    """A metric's sum so far."""
    now = time.time()
    answer = aws.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - 3600,
        EndTime=now + 3600,
        Period=86400,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))


def test_a_message_is_stored_by_the_timestream_action(aws: EmbeddedAws) -> None:
    make_rule(aws, TIMESTREAM)
    publish(aws, device_id="d1", temperature=21.5)
    assert readings(aws) == [["d1", "temperature", "21.5"]]
    assert total(aws, "AWS/IoT", "Success", RuleName="sensors", ActionType="Timestream") == 1


def test_a_message_may_come_by_mqtt(aws: EmbeddedAws) -> None:
    url, _ = make_queue(aws, "who")
    action = {"sqs": {"roleArn": ROLE, "queueUrl": url, "useBase64": False}}
    make_rule(aws, TIMESTREAM, action, sql="SELECT temperature, clientid() AS client FROM 'sensors/+'")
    publish_by_mqtt(aws, "sensors/a", b'{"device_id": "d6", "temperature": 3.5}')
    assert json.loads(received(aws, url)["Body"]) == {"temperature": 3.5, "client": "thermometer"}
    assert ["d6", "temperature", "3.5"] in readings(aws)


def test_basic_ingest_names_its_rule(aws: EmbeddedAws) -> None:
    make_rule(aws, TIMESTREAM)
    publish(aws, topic="$aws/rules/sensors/whatever", device_id="d1", temperature=21.5)
    assert len(readings(aws)) == 1


def test_a_disabled_rule_rests_until_it_is_enabled(aws: EmbeddedAws) -> None:
    make_rule(aws, TIMESTREAM, ruleDisabled=True)
    publish(aws, device_id="d1", temperature=1.5)
    aws.client("iot").enable_topic_rule(ruleName="sensors")
    publish(aws, device_id="d1", temperature=2.5)
    assert readings(aws) == [["d1", "temperature", "2.5"]]


def test_what_cannot_be_stored_reaches_the_error_action(aws: EmbeddedAws) -> None:
    url, _ = make_queue(aws, "dead")
    make_rule(aws, TIMESTREAM, errorAction={"sqs": {"roleArn": ROLE, "queueUrl": url}})
    publish(aws, temperature=21.5)  # has no device_id
    document = json.loads(received(aws, url)["Body"])
    assert (document["ruleName"], document["topic"]) == ("sensors", "sensors/a")
    [failure] = document["failures"]
    assert failure["failedAction"] == "TimestreamAction"
    assert "device_id" in failure["errorMessage"]


def test_a_function_is_invoked_and_reaches_timestream(aws: EmbeddedAws) -> None:
    make_function(aws, WRITES, Timeout=30)
    make_rule(aws, {"lambda": {"functionArn": FUNCTION}}, sql="SELECT * FROM 'sensors/+'")
    publish(aws, device_id="d2", temperature=5.5)
    assert eventually(lambda: readings(aws)) == [["d2", "temperature", "5.5"]]


def test_a_failing_function_is_retried_counted_and_ends_in_its_dead_letter_queue(aws: EmbeddedAws) -> None:
    url, arn = make_queue(aws, "dead")
    make_function(aws, FAILS, DeadLetterConfig={"TargetArn": arn})
    make_rule(aws, {"lambda": {"functionArn": FUNCTION}}, sql="SELECT * FROM 'sensors/+'")
    publish(aws, device_id="d3")
    letter = received(aws, url)
    assert json.loads(letter["Body"]) == {"device_id": "d3"}
    attributes = letter["MessageAttributes"]
    assert attributes["ErrorMessage"]["StringValue"] == "no good: d3"
    assert attributes["ErrorCode"]["StringValue"] == "200"
    assert attributes["RequestID"]["StringValue"]
    assert total(aws, "AWS/Lambda", "Errors", FunctionName="ingest") == 3  # the first try and two retries
    assert total(aws, "AWS/Lambda", "Invocations", FunctionName="ingest") == 3


def test_a_lost_dead_letter_is_counted(aws: EmbeddedAws) -> None:
    make_function(aws, FAILS, DeadLetterConfig={"TargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:nowhere"})
    aws.client("lambda").invoke(FunctionName="ingest", InvocationType="Event", Payload=b'{"device_id": "d"}')
    assert eventually(lambda: total(aws, "AWS/Lambda", "DeadLetterErrors", FunctionName="ingest")) == 1


@pytest.mark.parametrize("permit", [None, RULE + "_other"])
def test_a_function_must_permit_the_rule(aws: EmbeddedAws, permit: str | None) -> None:
    url, _ = make_queue(aws, "dead")
    make_function(aws, FAILS, permit=permit)
    make_rule(
        aws,
        {"lambda": {"functionArn": FUNCTION}},
        errorAction={"sqs": {"roleArn": ROLE, "queueUrl": url}},
    )
    publish(aws, device_id="d4", temperature=1)
    [failure] = json.loads(received(aws, url)["Body"])["failures"]
    assert "not authorized to perform: lambda:InvokeFunction" in failure["errorMessage"]


def test_the_other_actions_lead_on(aws: EmbeddedAws) -> None:
    url, arn = make_queue(aws, "copies")
    topic = aws.client("sns").create_topic(Name="copies")["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    aws.client("dynamodb").create_table(
        TableName="copies",
        KeySchema=[{"AttributeName": "device_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "device_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    make_rule(
        aws,
        {"sns": {"roleArn": ROLE, "targetArn": topic}},
        {"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "copies"}}},
        {"republish": {"roleArn": ROLE, "topic": "again/${device_id}"}},
        sql="SELECT * FROM 'sensors/+'",
    )
    aws.client("iot").create_topic_rule(
        ruleName="again",
        topicRulePayload={
            "sql": "SELECT topic(2) AS device FROM 'again/#'",
            "actions": [{"sqs": {"roleArn": ROLE, "queueUrl": url, "useBase64": False}}],
        },
    )
    publish(aws, device_id="d5", n=1)
    bodies = sorted(received(aws, url)["Body"] for _ in range(2))
    assert json.loads(json.loads(bodies[0])["Message"]) == {"device_id": "d5", "n": 1}
    assert json.loads(bodies[1]) == {"device": "d5"}
    item = aws.client("dynamodb").get_item(TableName="copies", Key={"device_id": {"S": "d5"}})["Item"]
    assert item == {"device_id": {"S": "d5"}, "n": {"N": "1"}}


def test_rules_that_republish_to_each_other_come_to_an_end(aws: EmbeddedAws) -> None:
    url, _ = make_queue(aws, "dead")
    error_action = {"sqs": {"roleArn": ROLE, "queueUrl": url}}
    for name, source, target in (("ping", "a", "b"), ("pong", "b", "a")):
        aws.client("iot").create_topic_rule(
            ruleName=name,
            topicRulePayload={
                "sql": f"SELECT * FROM '{source}'",
                "actions": [{"republish": {"roleArn": ROLE, "topic": target}}],
                "errorAction": error_action,
            },
        )
    publish(aws, topic="a")
    assert "republished" in json.loads(received(aws, url)["Body"])["failures"][0]["errorMessage"]


def test_a_rule_is_read_back_as_it_was_made(aws: EmbeddedAws) -> None:
    iot = aws.client("iot")
    payload = {
        "sql": "SELECT temperature FROM 'sensors/+'",
        "description": "to Timestream",
        "actions": [TIMESTREAM],
        "ruleDisabled": False,
        "awsIotSqlVersion": "2016-03-23",
        "errorAction": {"republish": {"roleArn": ROLE, "topic": "failed", "qos": 1}},
    }
    iot.create_topic_rule(ruleName="sensors", topicRulePayload=payload, tags="project=plant&env=local")
    answer = iot.get_topic_rule(ruleName="sensors")
    assert answer["ruleArn"] == RULE
    assert answer["rule"].pop("createdAt")
    assert answer["rule"] == {"ruleName": "sensors", **payload}
    tags = {tag["Key"]: tag["Value"] for tag in iot.list_tags_for_resource(resourceArn=RULE)["tags"]}
    assert tags == {"project": "plant", "env": "local"}


def test_a_rule_without_a_sql_version_has_the_original_one(aws: EmbeddedAws) -> None:
    make_rule(aws, TIMESTREAM)
    assert aws.client("iot").get_topic_rule(ruleName="sensors")["rule"]["awsIotSqlVersion"] == "2015-10-08"


@pytest.mark.parametrize(
    ("payload", "code", "says"),
    [
        ({"sql": "SELEKT 1 FROM 'a'"}, "SqlParseException", "SELEKT"),
        ({"actions": [TIMESTREAM] * 11}, "InvalidRequestException", "10 actions"),
        ({"sql": "SELECT no_such_function(1) FROM 'a'"}, "SqlParseException", "no_such_function"),
        (
            {"actions": [{"kinesis": {"roleArn": ROLE, "streamName": "s"}}]},
            "InvalidRequestException",
            "kinesis",
        ),
        (
            {"errorAction": {"s3": {"roleArn": ROLE, "bucketName": "b", "key": "k"}}},
            "InvalidRequestException",
            "s3",
        ),
    ],
)
def test_what_the_engine_cannot_run_is_refused(
    aws: EmbeddedAws, payload: dict[str, Any], code: str, says: str
) -> None:
    whole = {"sql": "SELECT * FROM 'a'", "actions": [TIMESTREAM], **payload}
    iot = aws.client("iot")
    with pytest.raises(ClientError, match=says) as caught:
        iot.create_topic_rule(ruleName="sensors", topicRulePayload=whole)
    assert caught.value.response["Error"]["Code"] == code
    make_rule(aws, TIMESTREAM)
    with pytest.raises(ClientError, match=says) as caught:
        iot.replace_topic_rule(ruleName="sensors", topicRulePayload=whole)
    assert caught.value.response["Error"]["Code"] == code
