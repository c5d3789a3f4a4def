# SPDX-License-Identifier: MIT
"""The actions of rules, each on a service beside IoT, in the account and region of the message.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-rule-actions.html
"""

from __future__ import annotations

import asyncio
import base64
from typing import Any, Protocol

from localaws.iot.engine import Delivery, Handler
from localaws.iot.errors import ActionError
from localaws.iot.timestream_action import write_request


class Beside(Protocol):
    """The services beside IoT; what they refuse is raised."""

    def write_records(self, request: dict[str, Any]) -> None:
        """Timestream's WriteRecords."""

    def invoke(self, function_arn: str, rule: str, event: Any) -> None:
        """Invoke a function for a rule, if it permits that, as an event."""

    def send_message(self, queue_url: str, body: str) -> None:
        """Send to a queue."""

    def notify(self, topic_arn: str, text: str, structure: str) -> None:
        """Publish to an SNS topic."""

    def put_item(self, rule: str, parameters: dict[str, Any], item: dict[str, Any]) -> None:
        """Put an item into DynamoDB's table."""

    async def republish(self, topic: str, body: bytes, qos: int, role_arn: str) -> None:
        """Publish another message of the rule's."""


def actions(beside: Beside) -> dict[str, Handler]:
    """What runs an action, by its kind."""

    async def timestream(delivery: Delivery) -> None:
        request = write_request(delivery.parameters, delivery.payload, delivery.message.time_ms)
        await asyncio.to_thread(beside.write_records, request)

    async def invoke(delivery: Delivery) -> None:
        beside.invoke(delivery.parameters["functionArn"], delivery.rule, delivery.event)

    async def sqs(delivery: Delivery) -> None:
        url = delivery.parameters["queueUrl"]
        if url.endswith(".fifo"):
            raise ActionError(f"the sqs action does not support FIFO queues: {url}")
        as_base64 = delivery.parameters.get("useBase64")
        body = base64.b64encode(delivery.body) if as_base64 else delivery.body
        beside.send_message(url, body.decode())

    async def sns(delivery: Delivery) -> None:
        structure = "json" if delivery.parameters.get("messageFormat") == "JSON" else ""
        beside.notify(delivery.parameters["targetArn"], delivery.body.decode(), structure)

    async def dynamodb(delivery: Delivery) -> None:
        if not isinstance(delivery.event, dict):
            raise ActionError("the payload of a dynamoDBv2 action must be a JSON object")
        beside.put_item(delivery.rule, delivery.parameters, delivery.event)

    async def republish(delivery: Delivery) -> None:
        topic = delivery.parameters["topic"].replace("$$", "$", 1)  # how a reserved topic is written
        qos = int(delivery.parameters.get("qos") or 0)
        await beside.republish(topic, delivery.body, qos, delivery.parameters["roleArn"])

    return {
        "dynamoDBv2": dynamodb,
        "lambda": invoke,
        "republish": republish,
        "sns": sns,
        "sqs": sqs,
        "timestream": timestream,
    }
