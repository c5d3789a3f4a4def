# SPDX-License-Identifier: MIT
"""A stack made by hand, by boto3 calls, is taken over under its own names: nothing is made anew or lost."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from localaws.embedded import EmbeddedAws, embedded_aws
from tests.conftest import local_playbooks
from tests.playbooks import Playbooks

pytestmark = pytest.mark.prove

DATABASE, TABLE = "SensorDB", "Readings"
FUNCTION, FUNCTION_ROLE, RULE_ROLE = "ProcessSensorData", "SensorLambdaRole", "SensorRuleRole"
RULE, TOPIC, BUCKET, LETTERS = "SensorRule", "SensorAlerts", "sensor-reports-by-hand", "SensorDeadLetters"
ALARM = "Timestream-IngestErrors-iot-timeseries-local"
SETTINGS = {
    "database_name": DATABASE,
    "table_name": TABLE,
    "function_name": FUNCTION,
    "function_role_name": FUNCTION_ROLE,
    "rule_role_name": RULE_ROLE,
    "checked_rule_name": RULE,
    "alarm_topic_name": TOPIC,
    "rejected_data_bucket_name": BUCKET,
    "dead_letter_queue_name": LETTERS,
}

READINGS = 5
CODE = """
import boto3, json, time

def lambda_handler(event, context):
    return {"statusCode": 200, "body": json.dumps("ok")}
"""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """An account of this module's own."""
    with embedded_aws(tmp_path_factory.mktemp("adoption")) as running:
        build(running)
        yield running


@pytest.fixture(scope="module")
def site(account: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Playbooks:
    playbooks = local_playbooks(account, tmp_path_factory.mktemp("adoption-outputs"))
    return Playbooks(playbooks.environ, playbooks.outputs_folder, SETTINGS)


def trust(service: str) -> str:
    """A trust policy as people write it, bound to nothing."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def package() -> bytes:
    """A function's ZIP file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("lambda_function.py", CODE)
    return file.getvalue()


def build(aws: EmbeddedAws) -> None:
    """The recipe, by hand, with settings unlike the project's; its table has readings."""
    write, iam, sns = aws.client("timestream-write"), aws.client("iam"), aws.client("sns")
    write.create_database(DatabaseName=DATABASE, Tags=[{"Key": "Owner", "Value": "someone"}])
    retention = {"MemoryStoreRetentionPeriodInHours": 12, "MagneticStoreRetentionPeriodInDays": 7}
    write.create_table(DatabaseName=DATABASE, TableName=TABLE, RetentionProperties=retention)
    dimensions = [{"Name": "device_id", "Value": "d1"}, {"Name": "location", "Value": "roof"}]
    now = int(time.time() * 1000)
    records = [
        {"MeasureName": "temperature", "MeasureValue": str(20.5 + minute), "Time": str(now - minute * 60000)}
        for minute in range(READINGS)
    ]
    write.write_records(
        DatabaseName=DATABASE, TableName=TABLE, CommonAttributes={"Dimensions": dimensions}, Records=records
    )

    aws.client("s3").create_bucket(Bucket=BUCKET)
    aws.client("s3").put_object(Bucket=BUCKET, Key="old/report.json", Body=b"{}")
    queue = aws.client("sqs").create_queue(QueueName=LETTERS)["QueueUrl"]
    aws.client("sqs").send_message(QueueUrl=queue, MessageBody='{"device_id": "lost"}')
    topic = sns.create_topic(Name=TOPIC)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="on-call@example.com")

    for role, service in ((FUNCTION_ROLE, "lambda.amazonaws.com"), (RULE_ROLE, "iot.amazonaws.com")):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust(service))
        everything = {"Effect": "Allow", "Action": "timestream:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
        iam.put_role_policy(RoleName=role, PolicyName="TimestreamAccess", PolicyDocument=policy)
    function = aws.client("lambda").create_function(
        FunctionName=FUNCTION,
        Runtime="python3.11",
        Role=iam.get_role(RoleName=FUNCTION_ROLE)["Role"]["Arn"],
        Handler="lambda_function.lambda_handler",
        Code={"ZipFile": package()},
        Timeout=3,
        Environment={"Variables": {"DATABASE_NAME": DATABASE, "STAGE": "old"}},
    )
    aws.client("lambda").add_permission(
        FunctionName=FUNCTION,
        StatementId="iot",
        Action="lambda:InvokeFunction",
        Principal="iot.amazonaws.com",
    )
    aws.client("lambda").invoke(FunctionName=FUNCTION, Payload=b"{}")
    aws.client("iot").create_topic_rule(
        ruleName=RULE,
        topicRulePayload={
            "sql": "SELECT * FROM 'topic/sensors'",
            "awsIotSqlVersion": "2016-03-23",
            "actions": [{"lambda": {"functionArn": function["FunctionArn"]}}],
        },
    )
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=ALARM,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": FUNCTION}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=3,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
    )


def identities(aws: EmbeddedAws) -> dict[str, Any]:
    """By what each resource shows that it is the one that was there: ARN, id, time of its creation."""
    write, iam = aws.client("timestream-write"), aws.client("iam")
    topic = f"arn:aws:sns:us-east-1:000000000000:{TOPIC}"
    database = write.describe_database(DatabaseName=DATABASE)["Database"]
    table = write.describe_table(DatabaseName=DATABASE, TableName=TABLE)["Table"]
    queue = aws.client("sqs").get_queue_url(QueueName=LETTERS)["QueueUrl"]
    roles = [iam.get_role(RoleName=name)["Role"] for name in (FUNCTION_ROLE, RULE_ROLE)]
    alarms = aws.client("cloudwatch").describe_alarms(AlarmNames=[ALARM])["MetricAlarms"]
    created = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["CreatedTimestamp"])
    return {
        "database": (database["Arn"], database["CreationTime"], database["KmsKeyId"]),
        "table": (table["Arn"], table["CreationTime"]),
        "roles": [(role["Arn"], role["RoleId"], role["CreateDate"]) for role in roles],
        "function": aws.client("lambda").get_function(FunctionName=FUNCTION)["Configuration"]["FunctionArn"],
        # ReplaceTopicRule is what changes a rule, and the embedded AWS tells of it as of a creation
        "rule": aws.client("iot").get_topic_rule(ruleName=RULE)["ruleArn"],
        "alarm": [alarm["AlarmArn"] for alarm in alarms],
        "queue": created["Attributes"],
        "subscriptions": aws.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"],
        "buckets": aws.client("s3").list_buckets()["Buckets"],
        "objects": [each["Key"] for each in aws.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]],
    }


def temperatures(aws: EmbeddedAws, device: str) -> list[float]:
    """The readings that the table has of a device, the newest first."""
    statement = (
        f'SELECT measure_value::double FROM "{DATABASE}"."{TABLE}"'
        f" WHERE device_id = '{device}' ORDER BY time DESC"
    )
    rows = aws.client("timestream-query").query(QueryString=statement)["Rows"]
    return [float(row["Data"][0]["ScalarValue"]) for row in rows]


def test_a_deploy_takes_over_what_there_is(account: EmbeddedAws, site: Playbooks) -> None:
    before = identities(account)
    check = site.deploy("--check", "--diff")
    real = site.deploy("--diff")
    assert check.changed == real.changed
    assert ("timestream : Roll-up", "Readings-hourly") in real.changed  # since there are readings
    assert identities(account) == before
    assert temperatures(account, "d1") == [20.5 + minute for minute in range(READINGS)]


def test_a_second_deploy_changes_nothing(site: Playbooks) -> None:
    assert site.deploy().changed == []


def test_it_works_as_any_other_stack(account: EmbeddedAws, site: Playbooks) -> None:
    tags = account.client("timestream-write").list_tags_for_resource(
        ResourceARN=f"arn:aws:timestream:us-east-1:000000000000:database/{DATABASE}"
    )["Tags"]
    assert {"Key": "managed-by", "Value": "ansible"} in tags
    outputs = json.loads((site.outputs_folder / "local-us-east-1.json").read_text())
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())  # by which it is the function's to store
    message = {"device_id": "new", "location": "roof", "timestamp": now, "temperature": 1}
    account.client("iot-data").publish(topic=outputs["topics"]["direct"], payload=json.dumps(message))
    deadline = time.monotonic() + 30
    while not (found := temperatures(account, "new")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found == [1.0]
