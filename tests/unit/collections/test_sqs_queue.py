# SPDX-License-Identifier: MIT
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

RunModule = Callable[..., dict[str, Any]]
QUEUES = "arn:aws:sqs:us-east-1:000000000000"


@pytest.fixture
def queue() -> str:
    return f"queue-{uuid4().hex}"


def attributes(aws: Any, name: str) -> dict[str, str]:
    client = aws.client("sqs")
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    found: dict[str, str] = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return found


def test_dead_letters_go_to_another_queue(queue: str, aws: Any, run_module: RunModule) -> None:
    run_module("sqs_queue", name=f"{queue}-dead")
    redrive = {"dead_letter_arn": f"{QUEUES}:{queue}-dead", "max_receive_count": 3}
    predicted = run_module("sqs_queue", check=True, name=queue, redrive_policy=redrive)
    assert run_module("sqs_queue", name=queue, redrive_policy=redrive) == predicted
    assert predicted["queue"]["redrive_policy"] == redrive
    stored = json.loads(attributes(aws, queue)["RedrivePolicy"])
    assert stored == {"deadLetterTargetArn": redrive["dead_letter_arn"], "maxReceiveCount": 3}
    assert run_module("sqs_queue", name=queue, redrive_policy=redrive)["changed"] is False
    four = redrive | {"max_receive_count": 4}
    assert run_module("sqs_queue", name=queue, redrive_policy=four)["changed"] is True
    assert json.loads(attributes(aws, queue)["RedrivePolicy"])["maxReceiveCount"] == 4


def test_a_new_queue_has_the_defaults_of_aws(queue: str, run_module: RunModule) -> None:
    predicted = run_module("sqs_queue", check=True, name=queue)
    assert run_module("sqs_queue", name=queue) == predicted
    assert predicted["queue"] == {
        "arn": f"{QUEUES}:{queue}",
        "name": queue,
        "policy": None,
        "redrive_policy": None,
        "retention_seconds": 345600,
        "visibility_timeout": 30,
        "sqs_managed_encryption": True,
        "kms_key_id": "",
        "tags": {},
    }
    assert run_module("sqs_queue", name=queue)["changed"] is False


def test_the_two_kinds_of_encryption_replace_each_other(queue: str, aws: Any, run_module: RunModule) -> None:
    run_module("sqs_queue", name=queue)
    with_key = run_module("sqs_queue", name=queue, kms_key_id="alias/mine")["queue"]
    assert (with_key["kms_key_id"], with_key["sqs_managed_encryption"]) == ("alias/mine", False)
    assert attributes(aws, queue)["KmsMasterKeyId"] == "alias/mine"
    assert run_module("sqs_queue", name=queue, kms_key_id="alias/mine")["changed"] is False
    managed = run_module("sqs_queue", name=queue, sqs_managed_encryption=True)["queue"]
    assert (managed["kms_key_id"], managed["sqs_managed_encryption"]) == ("", True)
    assert (attributes(aws, queue)["KmsMasterKeyId"], attributes(aws, queue)["SqsManagedSseEnabled"]) == (
        "",
        "true",
    )
    assert run_module("sqs_queue", name=queue, sqs_managed_encryption=True)["changed"] is False
    both = run_module("sqs_queue", name=queue, sqs_managed_encryption=True, kms_key_id="alias/mine")
    assert "mutually exclusive" in both["msg"]


def test_an_empty_policy_removes_the_policy(queue: str, aws: Any, run_module: RunModule) -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    run_module("sqs_queue", name=queue, policy={"Version": "2012-10-17", "Statement": [statement]})
    assert "Policy" in attributes(aws, queue)
    removed = run_module("sqs_queue", name=queue, policy={})
    assert (removed["changed"], removed["queue"]["policy"]) == (True, None)
    assert "Policy" not in attributes(aws, queue)
    assert run_module("sqs_queue", name=queue, policy={})["changed"] is False
