# SPDX-License-Identifier: MIT
"""What SNS is told of a scheduled query: that it was created, updated, deleted, and how each run went.

    {"type": "AUTO_TRIGGER_SUCCESS", "arn": "...", "nextInvocationEpochSecond": 1637302500,
     "scheduledQueryRunSummary": {"invocationEpochSecond": 1637302440, "triggerTimeMillis": 1637302445697,
       "runStatus": "AUTO_TRIGGER_SUCCESS", "executionStats": {"executionTimeInMillis": 21669, ...}}}

Each message has its type and the query's ARN as message attributes too, `notificationType` and `queryArn`.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/scheduledqueries-notification.html; the
names of members from the message quoted in .../scheduledqueries-concepts.html, the attributes from
github.com/awslabs/amazon-timestream-tools. (Those samples know a type SCHEDULED_QUERY_UPDATED and one
SCHEDULED_QUERY_CREATED; the guide, which is followed here, has SCHEDULED_QUERY_UPDATE and no other.)
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from localaws.errors import ValidationException

CREATING = "SCHEDULED_QUERY_CREATING"
UPDATE = "SCHEDULED_QUERY_UPDATE"
DELETED = "SCHEDULED_QUERY_DELETED"

Document = dict[str, Any]
log = logging.getLogger(__name__)


class Notifications:
    """The notifications of one account and region.

    :param client: a boto3 client of a service, by its name. SNS's is made when it is first needed.
    """

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._make_client = client

    @cached_property
    def _client(self) -> Any:
        return self._make_client("sns")

    def require(self, description: Document) -> None:
        """Tell that a scheduled query is being created.

        :raises ValidationException: the topic takes no message.
        """
        try:
            self._publish(CREATING, description)
        except ClientError as error:
            topic, reason = _topic(description), error.response["Error"]["Message"]
            raise ValidationException(f"The SNS topic {topic} can't be notified: {reason}") from error

    def send(self, type_: str, description: Document, **more: Any) -> None:
        """Tell something; if it can't be told, that is no failure of what it tells of.

        :param description: the scheduled query, as DescribeScheduledQuery describes it.
        """
        try:
            self._publish(type_, description, **more)
        except Exception as error:
            log.warning("%s of %s was not notified: %s", type_, description["Arn"], error)

    def _publish(self, type_: str, description: Document, **more: Any) -> None:
        arn = description["Arn"]
        attributes = {"queryArn": arn, "notificationType": type_}
        self._client.publish(
            TopicArn=_topic(description),
            Message=json.dumps({"type": type_, "arn": arn, **more}),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )


def run_summary(summary: Document) -> Document:
    """A ScheduledQueryRunSummary as notifications have it."""
    times = {
        "invocationEpochSecond": int(summary["InvocationTime"]),
        "triggerTimeMillis": round(summary["TriggerTime"] * 1000),
    }
    others = {name: each for name, each in summary.items() if name not in ("InvocationTime", "TriggerTime")}
    camel: Document = _camel(others)
    return {**times, **camel}


def _topic(description: Document) -> str:
    topic: str = description["NotificationConfiguration"]["SnsConfiguration"]["TopicArn"]
    return topic


def _camel(value: Any) -> Any:
    """The same with the names of members in camel case, beginning small."""
    match value:
        case dict():
            return {name[:1].lower() + name[1:]: _camel(item) for name, item in value.items()}
        case list():
            return [_camel(item) for item in value]
    return value
