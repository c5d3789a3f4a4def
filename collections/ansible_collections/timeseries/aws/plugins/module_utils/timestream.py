# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the Timestream modules share: errors in plain words, keys, and tags."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    Tags,
    error_handler,
    retrying_client,
    write_tags,
)

# https://docs.aws.amazon.com/timestream/latest/developerguide/AmazonTimestreamForLiveAnalytics-availability-change.html
CLOSED = "Only existing Timestream for LiveAnalytics customers can access the service"
CLOSED_MEANS = (
    "This AWS account may not use Amazon Timestream for LiveAnalytics, which AWS closed to new customers on"
    " 20 June 2025. Use an account whose payer account used it before that date, or Amazon Timestream for"
    " InfluxDB. Nothing was changed"
)


class TimestreamError(AnsibleAWSError):
    """A call to Timestream that failed; says what to do about it where AWS's message alone does not."""

    def __init__(self, message: str | None = None, exception: Exception | None = None, **kwargs: Any) -> None:
        if CLOSED in str(exception):
            message = CLOSED_MEANS
        super().__init__(message=message, exception=exception, **kwargs)


TimestreamErrorHandler = error_handler("ResourceNotFoundException", error=TimestreamError)
KmsErrorHandler = error_handler("NotFoundException")


def find_key(module: AnsibleAWSModule, key: str) -> str:
    """A KMS key as Timestream will name it: the ARN, whether given by ID, ARN, alias or the alias's ARN.

    A key that does not exist is left as given, for Timestream to refuse.
    """
    return key if ":key/" in key else describe_key(retrying_client(module, "kms"), key) or key


@KmsErrorHandler.list_error_handler("describe the KMS key")
def describe_key(client: Any, key: str) -> str | None:
    """The ARN of a key, None if there is none."""
    arn: str = client.describe_key(aws_retry=True, KeyId=key)["KeyMetadata"]["Arn"]
    return arn


@TimestreamErrorHandler.common_error_handler("list tags")
def get_tags(client: Any, arn: str) -> Tags:
    """The tags of a database or table."""
    tags: Tags = boto3_tag_list_to_ansible_dict(
        client.list_tags_for_resource(aws_retry=True, ResourceARN=arn)["Tags"]
    )
    return tags


@TimestreamErrorHandler.common_error_handler("set tags")
def set_tags(client: Any, arn: str, current: Tags, planned: Tags) -> None:
    """Make the `current` tags of a database or table the `planned` ones."""
    write_tags(
        current,
        planned,
        set_tags=lambda tags: client.tag_resource(aws_retry=True, ResourceARN=arn, Tags=tags),
        remove_keys=lambda keys: client.untag_resource(aws_retry=True, ResourceARN=arn, TagKeys=keys),
    )


@TimestreamErrorHandler.common_error_handler("run the query")
def pages(client: Any, query: str) -> list[dict[str, Any]]:
    """All pages of the answer. Some may be without rows: Timestream answers so while a query is running."""
    answers = [client.query(aws_retry=True, QueryString=query)]
    while "NextToken" in answers[-1]:
        token = answers[-1]["NextToken"]
        answers.append(client.query(aws_retry=True, QueryString=query, NextToken=token))
    return answers
