# SPDX-License-Identifier: MIT
"""A stack for the demo, made by the plainest of means: what `deploy.yml` makes, without Ansible."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from demo.stack import Stack, load

LAMBDA = Path(__file__).resolve().parents[3] / "files" / "lambda"
MEASURES = ["temperature", "humidity", "pressure", "vibration"]
ACCOUNT, REGION = "000000000000", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/demo"


@pytest.fixture(scope="session")
def deployed(aws: Any, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """One stack for all tests: each uses devices of its own."""
    outputs = {
        "environment": "local",
        "project": "demo",
        "region": REGION,
        "account_id": ACCOUNT,
        "endpoint_url": aws.endpoint,
        "database": "demo-local",
        "table": "sensor-data",
        "function": "timestream-ingest-demo-local",
        "topics": {"direct": "demo/sensors", "ingest": "demo/sensors/ingest"},
        "dead_letter_queue_url": aws.client("sqs").create_queue(QueueName="demo-dead-letters")["QueueUrl"],
        "measures": MEASURES,
        "dimensions": ["device_id", "location"],
        "record_model": "single",
    }
    path = tmp_path_factory.mktemp("outputs") / "local.json"
    path.write_text(json.dumps(outputs))
    stack = load(path)
    make_table(stack)
    make_function(stack)
    make_rules(stack)
    return stack


@pytest.fixture
def stack(deployed: Stack) -> Stack:
    """The stack, its dead-letter queue empty."""
    url = deployed.outputs["dead_letter_queue_url"]
    deployed.client("sqs").purge_queue(QueueUrl=url)
    return deployed


def make_table(stack: Stack) -> None:
    writer = stack.client("timestream-write")
    writer.create_database(DatabaseName=stack.database)
    writer.create_table(
        DatabaseName=stack.database,
        TableName=stack.table,
        RetentionProperties={
            "MemoryStoreRetentionPeriodInHours": 24,
            "MagneticStoreRetentionPeriodInDays": 365,
        },
        MagneticStoreWriteProperties={"EnableMagneticStoreWrites": True},
    )


def make_function(stack: Stack) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        for path in sorted(LAMBDA.rglob("*.py")):
            archive.write(path, path.relative_to(LAMBDA))
    stack.client("iam").create_role(RoleName="demo", AssumeRolePolicyDocument=trust("lambda", "iot"))
    stack.client("lambda").create_function(
        FunctionName=stack.outputs["function"],
        Runtime="python3.12",
        Handler="ingest.handler.handle",
        Role=ROLE,
        Timeout=60,
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"DATABASE_NAME": stack.database, "TABLE_NAME": stack.table}},
        DeadLetterConfig={"TargetArn": queue_arn(stack)},
    )


def make_rules(stack: Stack) -> None:
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{stack.outputs['function']}"
    stack.client("lambda").add_permission(
        FunctionName=function,
        StatementId="iot",
        Action="lambda:InvokeFunction",
        Principal="iot.amazonaws.com",
    )
    rules = {
        "direct": (
            f"SELECT {', '.join(f'{name} * 1.0 AS {name}' for name in MEASURES)} FROM 'demo/sensors'",
            {
                "timestream": {
                    "roleArn": ROLE,
                    "databaseName": stack.database,
                    "tableName": stack.table,
                    "dimensions": [{"name": n, "value": f"${{{n}}}"} for n in ("device_id", "location")],
                    "timestamp": {"value": "${timestamp}", "unit": "MILLISECONDS"},
                }
            },
        ),
        "ingest": ("SELECT * FROM 'demo/sensors/ingest'", {"lambda": {"functionArn": function}}),
    }
    for name, (sql, action) in rules.items():
        stack.client("iot").create_topic_rule(
            ruleName=f"demo_{name}",
            topicRulePayload={
                "sql": sql,
                "awsIotSqlVersion": "2015-10-08",
                "actions": [action],
                "errorAction": {
                    "sqs": {
                        "roleArn": ROLE,
                        "queueUrl": stack.outputs["dead_letter_queue_url"],
                        "useBase64": False,
                    }
                },
            },
        )


def queue_arn(stack: Stack) -> str:
    url = stack.outputs["dead_letter_queue_url"]
    attributes = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])[
        "Attributes"
    ]
    return str(attributes["QueueArn"])


def trust(*services: str) -> str:
    principals = [f"{service}.amazonaws.com" for service in services]
    statement = {"Effect": "Allow", "Principal": {"Service": principals}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
