# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters that construct the ARNs and URLs of the stack's resources from their names.

A site is a mapping with the keys `region` and `account_id`, and `endpoint_url` where AWS is the embedded one.
Every filter takes a resource's name and the site:

    {{ 'sensor-data' | timestream_table_arn(aws_site, database='iot-timeseries-dev') }}

That of a scheduled query is a pattern: AWS adds characters of its own to the name.

Source: the resource types of https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from ansible.errors import AnsibleFilterError

REGIONAL, ACCOUNT_WIDE, GLOBAL = "{region}:{account_id}", ":{account_id}", ":"

# filter -> service, what stands between service and resource, resource
ARNS = {
    "cloudwatch_alarm_arn": ("cloudwatch", REGIONAL, "alarm:{name}"),
    "iam_role_arn": ("iam", ACCOUNT_WIDE, "role/{name}"),
    "iot_rule_arn": ("iot", REGIONAL, "rule/{name}"),
    "lambda_alias_arn": ("lambda", REGIONAL, "function:{function}:{name}"),
    "lambda_function_arn": ("lambda", REGIONAL, "function:{name}"),
    "log_group_arn": ("logs", REGIONAL, "log-group:{name}"),
    "s3_bucket_arn": ("s3", GLOBAL, "{name}"),
    "sns_topic_arn": ("sns", REGIONAL, "{name}"),
    "sqs_queue_arn": ("sqs", REGIONAL, "{name}"),
    "timestream_scheduled_query_arn": ("timestream", REGIONAL, "scheduled-query/{name}-*"),
    "timestream_table_arn": ("timestream", REGIONAL, "database/{database}/table/{name}"),
}

PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b"}


def aws_partition(region: str) -> str:
    """The partition of a region: `us-gov-west-1` gives `aws-us-gov`, most give `aws`."""
    return next((name for prefix, name in PARTITIONS.items() if region.startswith(prefix)), "aws")


def arn(kind: str, name: str, site: Mapping[str, str], **parents: str) -> str:
    """The ARN of the resource `name` of a kind in `ARNS`.

    :param site: `region`, and `account_id` (12 digits) where the kind's ARN has one.
    :param parents: names of what it lies in, such as `database` for a table.
    :raises AnsibleFilterError: a name, the region or the account id is missing or malformed.
    """
    service, scope, resource = ARNS[kind]
    fields = {"region": site.get("region", ""), "account_id": str(site.get("account_id", ""))}
    if not fields["region"]:
        raise AnsibleFilterError(f"{kind}: the site has no region: {dict(site)}")
    if "{account_id}" in scope and not (fields["account_id"].isdigit() and len(fields["account_id"]) == 12):
        raise AnsibleFilterError(f"{kind}: account_id must be 12 digits, not {fields['account_id']!r}")
    try:
        path = resource.format(name=name, **parents)
    except KeyError as missing:
        raise AnsibleFilterError(f"{kind}: {missing.args[0]}= is missing") from missing
    if not all([name, *parents.values()]):
        raise AnsibleFilterError(f"{kind}: a name is empty in {path!r}")
    return f"arn:{aws_partition(fields['region'])}:{service}:{scope.format(**fields)}:{path}"


def timestream_table_arns(
    tables: Iterable[Mapping[str, Any]], site: Mapping[str, str], database: str
) -> list[str]:
    """The ARNs of tables, each a mapping with a `name` and perhaps a `database`, else in the one given."""
    places = ((table["name"], table.get("database", database)) for table in tables)
    return [arn("timestream_table_arn", name, site, database=place) for name, place in places]


def sqs_queue_url(name: str, site: Mapping[str, str]) -> str:
    """The URL of a queue; AWS's own host unless the site has an `endpoint_url`."""
    region = site["region"]
    suffix = "amazonaws.com.cn" if aws_partition(region) == "aws-cn" else "amazonaws.com"
    endpoint = site.get("endpoint_url") or f"https://sqs.{region}.{suffix}"
    return f"{endpoint}/{site['account_id']}/{name}"


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name -> filter."""
        arns = {kind: partial(arn, kind) for kind in ARNS}
        return {**arns, "sqs_queue_url": sqs_queue_url, "timestream_table_arns": timestream_table_arns}
