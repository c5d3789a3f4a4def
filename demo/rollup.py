# SPDX-License-Identifier: MIT
"""The hourly roll-up, run at once rather than when its hour comes.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_ExecuteScheduledQuery.html
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from demo.stack import Client, Stack, StackError

PAUSE_SECONDS = 0.2


def run(stack: Stack, patience: float) -> None:
    """Roll up the last full hours, and wait until they are stored.

    :raises StackError: there is no roll-up yet, it failed, or it took longer than `patience` seconds.
    """
    client = stack.client("timestream-query")
    arn, now = _find(client, stack), datetime.now(UTC).replace(microsecond=0)
    client.execute_scheduled_query(ScheduledQueryArn=arn, InvocationTime=now)
    deadline = time.monotonic() + patience
    while not (summary := _run_since(client, arn, now)):
        if time.monotonic() > deadline:
            raise StackError(f"the scheduled query {arn} has not run for {patience:g} s")
        time.sleep(PAUSE_SECONDS)
    if "FailureReason" in summary:
        raise StackError(f"the scheduled query {arn} failed: {summary['FailureReason']}")


def _find(client: Client, stack: Stack) -> str:
    """The ARN of the scheduled query that fills the roll-up's table."""
    target = {"DatabaseName": stack.database, "TableName": stack.rollup_table}
    for page in client.get_paginator("list_scheduled_queries").paginate():
        for query in page["ScheduledQueries"]:
            if query.get("TargetDestination", {}).get("TimestreamDestination") == target:
                return str(query["Arn"])
    raise StackError(
        f"nothing fills {stack.rollup_table} yet: run ansible-playbook deploy.yml now that there are readings"
    )


def _run_since(client: Client, arn: str, invocation: datetime) -> dict[str, Any] | None:
    """The summary of the last run, None if it was for an earlier time."""
    described = client.describe_scheduled_query(ScheduledQueryArn=arn)["ScheduledQuery"]
    summary: dict[str, Any] = described.get("LastRunSummary", {})
    return summary if summary and summary["InvocationTime"] >= invocation else None
