# SPDX-License-Identifier: MIT
"""ARNs and URLs as AWS's service authorization reference and documents spell them."""

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from filter_plugins.arn import FilterModule

FILTERS = FilterModule().filters()
SITE = {"region": "us-east-1", "account_id": "123456789012"}


@pytest.mark.parametrize(
    ("kind", "name", "parents", "arn"),
    [
        ("cloudwatch_alarm_arn", "a", {}, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"),
        ("iam_role_arn", "r", {}, "arn:aws:iam::123456789012:role/r"),
        ("iot_rule_arn", "r", {}, "arn:aws:iot:us-east-1:123456789012:rule/r"),
        ("lambda_function_arn", "f", {}, "arn:aws:lambda:us-east-1:123456789012:function:f"),
        ("log_group_arn", "/aws/lambda/f", {}, "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f"),
        ("s3_bucket_arn", "b", {}, "arn:aws:s3:::b"),
        ("sns_topic_arn", "t", {}, "arn:aws:sns:us-east-1:123456789012:t"),
        ("sqs_queue_arn", "q", {}, "arn:aws:sqs:us-east-1:123456789012:q"),
        (
            "timestream_scheduled_query_arn",
            "q",
            {},
            "arn:aws:timestream:us-east-1:123456789012:scheduled-query/q-*",
        ),
        (
            "timestream_table_arn",
            "t",
            {"database": "d"},
            "arn:aws:timestream:us-east-1:123456789012:database/d/table/t",
        ),
    ],
)
def test_each_kind(kind: str, name: str, parents: dict[str, str], arn: str) -> None:
    assert FILTERS[kind](name, SITE, **parents) == arn


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-central-1", "aws"),
        ("us-gov-west-1", "aws-us-gov"),
        ("cn-north-1", "aws-cn"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
    ],
)
def test_the_partition_comes_from_the_region(region: str, partition: str) -> None:
    arn = FILTERS["sqs_queue_arn"]("q", SITE | {"region": region})
    assert arn == f"arn:{partition}:sqs:{region}:123456789012:q"


def test_a_queue_url() -> None:
    url = FILTERS["sqs_queue_url"]
    assert url("q", SITE) == "https://sqs.us-east-1.amazonaws.com/123456789012/q"
    china = SITE | {"region": "cn-north-1"}
    assert url("q", china) == "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q"
    local = SITE | {"endpoint_url": "http://127.0.0.1:4566"}
    assert url("q", local) == "http://127.0.0.1:4566/123456789012/q"


@pytest.mark.parametrize(
    ("kind", "name", "site", "complaint"),
    [
        ("sqs_queue_arn", "q", {"account_id": "123456789012"}, "the site has no region"),
        ("sqs_queue_arn", "q", {"region": "us-east-1"}, "account_id must be 12 digits, not ''"),
        ("iam_role_arn", "r", SITE | {"account_id": "1234"}, "account_id must be 12 digits, not '1234'"),
        ("sqs_queue_arn", "", SITE, "a name is empty"),
        ("timestream_table_arn", "t", SITE, "database= is missing"),
    ],
)
def test_what_is_missing_is_named(kind: str, name: str, site: dict[str, Any], complaint: str) -> None:
    with pytest.raises(AnsibleFilterError, match=complaint):
        FILTERS[kind](name, site)


def test_tables_are_in_the_database_they_name_or_the_given_one() -> None:
    tables = [{"name": "a"}, {"name": "b", "database": "other"}]
    assert FILTERS["timestream_table_arns"](tables, SITE, "stack") == [
        "arn:aws:timestream:us-east-1:123456789012:database/stack/table/a",
        "arn:aws:timestream:us-east-1:123456789012:database/other/table/b",
    ]
