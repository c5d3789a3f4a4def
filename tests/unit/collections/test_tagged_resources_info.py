# SPDX-License-Identifier: MIT
"""The module tagged_resources_info, against the embedded AWS."""

from __future__ import annotations

from typing import Any


def test_what_carries_all_of_the_tags_is_found(aws: Any, run_module: Any) -> None:
    sqs, sns = aws.client("sqs"), aws.client("sns")
    tags = {"project": "tagged-info", "environment": "test", "size": "1"}
    queue = sqs.create_queue(QueueName="tagged-info", tags=tags)["QueueUrl"]
    other = sqs.create_queue(QueueName="tagged-other", tags={**tags, "environment": "else"})["QueueUrl"]
    topic = sns.create_topic(
        Name="tagged-info", Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )["TopicArn"]
    try:
        wanted = {"project": "tagged-info", "environment": "test", "size": 1}
        result = run_module("tagged_resources_info", tags=wanted)
        arn = "arn:aws:sqs:us-east-1:000000000000:tagged-info"
        assert result == {**result, "changed": False, "arns": sorted([topic, arn])}
        nothing = run_module("tagged_resources_info", check=True, tags={"project": "tagged-nothing"})
        assert nothing["arns"] == []
    finally:
        for url in (queue, other):
            sqs.delete_queue(QueueUrl=url)
        sns.delete_topic(TopicArn=topic)
