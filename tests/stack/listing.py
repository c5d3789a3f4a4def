# SPDX-License-Identifier: MIT
"""What an account holds, asked of each service by itself."""

from collections.abc import Callable
from typing import Any

Client = Callable[[str], Any]


def everything(client: Client) -> dict[str, list[str]]:
    """The names of all resources of each kind that a stack has."""
    return {
        "alarms": names(client("cloudwatch").describe_alarms()["MetricAlarms"], "AlarmName"),
        "buckets": names(client("s3").list_buckets()["Buckets"], "Name"),
        "dashboards": names(client("cloudwatch").list_dashboards()["DashboardEntries"], "DashboardName"),
        "databases": names(client("timestream-write").list_databases()["Databases"], "DatabaseName"),
        "functions": names(client("lambda").list_functions()["Functions"], "FunctionName"),
        "log groups": names(client("logs").describe_log_groups()["logGroups"], "logGroupName"),
        "policies": names(client("iam").list_policies(Scope="Local")["Policies"], "PolicyName"),
        "queues": sorted(client("sqs").list_queues().get("QueueUrls", [])),
        "roles": names(client("iam").list_roles()["Roles"], "RoleName"),
        "rules": names(client("iot").list_topic_rules()["rules"], "ruleName"),
        "scheduled queries": names(
            client("timestream-query").list_scheduled_queries()["ScheduledQueries"], "Name"
        ),
        "subscriptions": names(client("sns").list_subscriptions()["Subscriptions"], "SubscriptionArn"),
        "tables": names(client("timestream-write").list_tables()["Tables"], "TableName"),
        "topics": names(client("sns").list_topics()["Topics"], "TopicArn"),
    }


def left(client: Client, stack: str) -> list[str]:
    """What an account holds of one stack, whichever service it is in."""
    spellings = (stack, stack.replace("-", "_"))
    return [
        name
        for kind in everything(client).values()
        for name in kind
        if any(text in name for text in spellings)
    ]


def names(resources: list[dict[str, Any]], key: str) -> list[str]:
    """The resources' names, sorted."""
    return sorted(str(resource[key]) for resource in resources)
