# SPDX-License-Identifier: MIT
from collections.abc import Callable
from typing import Any

RunModule = Callable[..., dict[str, Any]]


def test_a_topic_keeps_the_policy_sns_gave_it(aws: Any, run_module: RunModule) -> None:
    predicted = run_module("sns_topic", check=True, name="t")
    made = run_module("sns_topic", name="t")
    assert predicted["topic"] | {"policy": made["topic"]["policy"]} == made["topic"]
    assert made["topic"]["policy"]["Id"] == "__default_policy_ID"
    assert run_module("sns_topic", name="t", kms_key_id="alias/mine")["topic"]["policy"]["Id"] == (
        "__default_policy_ID"
    )
    attributes = aws.client("sns").get_topic_attributes(TopicArn=made["topic"]["arn"])["Attributes"]
    assert attributes["KmsMasterKeyId"] == "alias/mine"
    assert run_module("sns_topic", name="t", kms_key_id="")["topic"]["kms_key_id"] == ""
    assert run_module("sns_topic", name="t", kms_key_id="")["changed"] is False
    run_module("sns_topic", name="t", state="absent")


def test_subscriptions_are_left_alone(aws: Any, run_module: RunModule) -> None:
    client = aws.client("sns")
    arn = run_module("sns_topic", name="t")["topic"]["arn"]
    queue = "arn:aws:sqs:us-east-1:000000000000:q"
    client.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)
    run_module("sns_topic", name="t", display_name="Changed")
    endpoints = [
        item["Endpoint"] for item in client.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    ]
    assert endpoints == [queue]
    run_module("sns_topic", name="t", state="absent")
