#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages Timestream's scheduled queries."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: timestream_scheduled_query
version_added: 0.2.0
short_description: Manage a scheduled query of Amazon Timestream for LiveAnalytics
description:
  - Creates, changes and deletes a query that Timestream runs on a schedule, storing the result in a table.
  - Timestream can only enable and disable a scheduled query. For any other change this module deletes it and
    creates it anew, under another ARN; the table keeps what has been stored.
  - A scheduled query is known by its name.
options:
  name:
    description: The scheduled query's name.
    type: str
    required: true
  query:
    description:
      - The statement. C(@scheduled_runtime) in it is the time it runs for.
      - Needed to create the scheduled query, as are O(schedule), O(role), O(notification_topic), O(target)
        and O(error_report).
    type: str
  schedule:
    description: When it runs, as C(rate(1 hour)) or C(cron(0/30 * * * ? *)), in UTC.
    type: str
  role:
    description: ARN of the role it takes on to query, store, notify and report.
    type: str
  notification_topic:
    description: ARN of the SNS topic that is told of runs.
    type: str
  target:
    description: Where the result goes, and as what.
    type: dict
    suboptions:
      database:
        description: The table's database.
        type: str
        required: true
      table:
        description: The table.
        type: str
        required: true
      time_column:
        description: The column with the records' time.
        type: str
        required: true
      dimensions:
        description: Columns that become dimensions.
        type: list
        elements: str
        required: true
      measure_name:
        description: The measure name of every record, which then has all of O(target.measures).
        type: str
      measure_name_column:
        description: The column with the records' measure name.
        type: str
      measures:
        description: Columns that become measures.
        type: list
        elements: dict
        required: true
        suboptions:
          column:
            description: The column.
            type: str
            required: true
          type:
            description: The measure's type.
            type: str
            required: true
            choices: [BIGINT, BOOLEAN, DOUBLE, TIMESTAMP, VARCHAR]
  error_report:
    description: Where in S3 reports on failed runs go.
    type: dict
    suboptions:
      bucket:
        description: The bucket.
        type: str
        required: true
      prefix:
        description: What the reports' keys begin with.
        type: str
        default: ""
  kms_key_id:
    description: Key that encrypts the scheduled query, by id, alias or ARN. Timestream's own unless set.
    type: str
  enabled:
    description: Whether it runs.
    type: bool
    default: true
author:
  - The timeseries-ansible authors (@timeseries-ansible)
extends_documentation_fragment:
  - timeseries.aws.resource
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Hourly means of every measure
  timeseries.aws.timestream_scheduled_query:
    name: hourly
    query: |-
      SELECT device_id, measure_name AS measure, bin(time, 1h) AS hour, avg(measure_value::double) AS mean
      FROM "iot"."sensor-data"
      WHERE time BETWEEN bin(@scheduled_runtime, 1h) - 1h AND bin(@scheduled_runtime, 1h) - 1ns
      GROUP BY 1, 2, 3
    schedule: rate(1 hour)
    role: arn:aws:iam::123456789012:role/hourly
    notification_topic: arn:aws:sns:eu-west-1:123456789012:runs
    target:
      database: iot
      table: hourly
      time_column: hour
      dimensions: [device_id]
      measure_name_column: measure
      measures: [{column: mean, type: DOUBLE}]
    error_report: {bucket: reports, prefix: hourly}

- name: Stop it for now
  timeseries.aws.timestream_scheduled_query:
    name: hourly
    enabled: false

- name: Delete it
  timeseries.aws.timestream_scheduled_query:
    name: hourly
    state: absent
"""

RETURN = r"""
scheduled_query:
  description: The scheduled query, as it is or, in check mode, as it would be.
  returned: unless it is absent
  type: dict
  contains:
    arn:
      description: Its ARN, null as long as only AWS knows it.
      returned: always
      type: str
      sample: arn:aws:timestream:eu-west-1:123456789012:scheduled-query/hourly-1a2b3c4d5e6f7a8b
    name:
      description: Its name.
      returned: always
      type: str
      sample: hourly
    query:
      description: The statement.
      returned: always
      type: str
      sample: SELECT 1
    schedule:
      description: When it runs.
      returned: always
      type: str
      sample: rate(1 hour)
    role:
      description: ARN of the role it takes on.
      returned: always
      type: str
      sample: arn:aws:iam::123456789012:role/hourly
    notification_topic:
      description: ARN of the topic that is told of runs.
      returned: always
      type: str
      sample: arn:aws:sns:eu-west-1:123456789012:runs
    target:
      description: Where the result goes, as Timestream describes it.
      returned: always
      type: dict
      sample: {DatabaseName: iot, TableName: hourly, TimeColumn: hour}
    error_report:
      description: Where reports on failed runs go.
      returned: always
      type: dict
      sample: {bucket: reports, prefix: hourly}
    kms_key_id:
      description: ARN of the key that encrypts it, null for Timestream's own.
      returned: always
      type: str
      sample: null
    enabled:
      description: Whether it runs.
      returned: always
      type: bool
      sample: true
    tags:
      description: Its tags.
      returned: always
      type: dict
      sample: {project: iot}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.timeseries.aws.plugins.module_utils.planning import require_for_creation
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    STATE_ARGUMENT,
    TAG_ARGUMENTS,
    Resource,
    given,
    plan_tags,
    retrying_client,
    run,
    validate_request,
)
from ansible_collections.timeseries.aws.plugins.module_utils.timestream import (
    TimestreamErrorHandler,
    find_key,
    get_tags,
    set_tags,
)

NEEDED = ("query", "schedule", "role", "notification_topic", "target", "error_report")
CHANGEABLE = ("arn", "enabled", "tags")
"""What does not need another scheduled query."""


def target_of(target: dict[str, Any]) -> dict[str, Any]:
    """The option as Timestream describes it."""
    measures = [
        {"SourceColumn": measure["column"], "MeasureValueType": measure["type"]}
        for measure in target["measures"]
    ]
    return {
        "DatabaseName": target["database"],
        "TableName": target["table"],
        "TimeColumn": target["time_column"],
        "DimensionMappings": [
            {"Name": name, "DimensionValueType": "VARCHAR"} for name in target["dimensions"]
        ],
        **given(MeasureNameColumn=target["measure_name_column"]),
        "MultiMeasureMappings": given(
            TargetMultiMeasureName=target["measure_name"], MultiMeasureAttributeMappings=measures
        ),
    }


def describe(query: dict[str, Any], tags: dict[str, str]) -> Resource:
    """A scheduled query as this module returns it, from DescribeScheduledQuery."""
    report = query["ErrorReportConfiguration"]["S3Configuration"]
    return {
        "arn": query["Arn"],
        "name": query["Name"],
        "query": query["QueryString"],
        "schedule": query["ScheduleConfiguration"]["ScheduleExpression"],
        "role": query["ScheduledQueryExecutionRoleArn"],
        "notification_topic": query["NotificationConfiguration"]["SnsConfiguration"]["TopicArn"],
        "target": query.get("TargetConfiguration", {}).get("TimestreamConfiguration"),
        "error_report": {"bucket": report["BucketName"], "prefix": report.get("ObjectKeyPrefix", "")},
        "kms_key_id": query.get("KmsKeyId"),
        "enabled": query["State"] == "ENABLED",
        "tags": tags,
    }


def plan(query: Resource, params: dict[str, Any]) -> Resource:
    """The scheduled query as it will be."""
    names = ("query", "schedule", "role", "notification_topic", "error_report", "kms_key_id", "enabled")
    return {
        **query,
        **given(**{name: params[name] for name in names}),
        **({"target": target_of(params["target"])} if params["target"] else {}),
        "tags": plan_tags(query["tags"], params["tags"], params["purge_tags"]),
    }


def request_of(query: Resource) -> dict[str, Any]:
    """What CreateScheduledQuery takes."""
    report = query["error_report"]
    configuration = {"BucketName": report["bucket"], **given(ObjectKeyPrefix=report["prefix"] or None)}
    return {
        "Name": query["name"],
        "QueryString": query["query"],
        "ScheduleConfiguration": {"ScheduleExpression": query["schedule"]},
        "NotificationConfiguration": {"SnsConfiguration": {"TopicArn": query["notification_topic"]}},
        "TargetConfiguration": {"TimestreamConfiguration": query["target"]},
        "ScheduledQueryExecutionRoleArn": query["role"],
        "ErrorReportConfiguration": {"S3Configuration": configuration},
        "Tags": ansible_dict_to_boto3_tag_list(query["tags"]),
        **given(KmsKeyId=query["kms_key_id"]),
    }


@TimestreamErrorHandler.common_error_handler("find the scheduled query")
def find_arn(client: Any, name: str) -> str | None:
    """The ARN of the scheduled query of a name, None if there is none."""
    request: dict[str, str] = {}
    while True:
        page = client.list_scheduled_queries(aws_retry=True, **request)
        for query in page["ScheduledQueries"]:
            if query["Name"] == name:
                arn: str = query["Arn"]
                return arn
        if "NextToken" not in page:
            return None
        request = {"NextToken": page["NextToken"]}


@TimestreamErrorHandler.list_error_handler("describe the scheduled query")
def get_query(client: Any, arn: str) -> Resource | None:
    """The scheduled query, None if it has just been deleted."""
    query = client.describe_scheduled_query(aws_retry=True, ScheduledQueryArn=arn)["ScheduledQuery"]
    return describe(query, get_tags(client, arn))


@TimestreamErrorHandler.common_error_handler("create the scheduled query")
def create(client: Any, planned: Resource) -> str:
    """Create it; its ARN."""
    arn: str = client.create_scheduled_query(aws_retry=True, **request_of(planned))["Arn"]
    return arn


@TimestreamErrorHandler.common_error_handler("enable or disable the scheduled query")
def switch(client: Any, arn: str, enabled: bool) -> None:
    """Let it run, or not."""
    state = "ENABLED" if enabled else "DISABLED"
    client.update_scheduled_query(aws_retry=True, ScheduledQueryArn=arn, State=state)


@TimestreamErrorHandler.deletion_error_handler("delete the scheduled query")
def delete(client: Any, arn: str) -> None:
    """Delete it; what it stored stays."""
    client.delete_scheduled_query(aws_retry=True, ScheduledQueryArn=arn)


def ensure_created(module: AnsibleAWSModule, client: Any, planned: Resource) -> Resource:
    """Create it, and return it as it then is."""
    validate_request(client, "CreateScheduledQuery", {"ClientToken": "0" * 36, **request_of(planned)})
    if module.check_mode:
        return {**planned, "arn": None}
    arn = create(client, planned)
    if not planned["enabled"]:
        switch(client, arn, enabled=False)
    return {**planned, "arn": arn}


def ensure_updated(module: AnsibleAWSModule, client: Any, query: Resource, planned: Resource) -> Resource:
    """Change it, if need be by another one in its place, and return it as it then is."""
    if any(planned[name] != query[name] for name in planned if name not in CHANGEABLE):
        if not module.check_mode:
            delete(client, query["arn"])
        return ensure_created(module, client, planned)
    if not module.check_mode:
        if planned["enabled"] != query["enabled"]:
            switch(client, query["arn"], planned["enabled"])
        set_tags(client, query["arn"], query["tags"], planned["tags"])
    return planned


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """Make the scheduled query what the task asks for; returns it before and after."""
    params = dict(module.params)
    client = retrying_client(module, "timestream-query")
    arn = find_arn(client, params["name"])
    query = get_query(client, arn) if arn else None
    if params["state"] == "absent":
        if query and not module.check_mode:
            delete(client, query["arn"])
        return query, None
    params["kms_key_id"] = params["kms_key_id"] and find_key(module, params["kms_key_id"])
    if query:
        return query, ensure_updated(module, client, query, plan(query, params))
    require_for_creation(params, f"The scheduled query {params['name']}", *NEEDED)
    nothing = {"arn": None, "name": params["name"], "kms_key_id": None, "tags": {}}
    return None, ensure_created(module, client, plan(nothing, params))


def main() -> None:
    """Run the module."""
    types = ["BIGINT", "BOOLEAN", "DOUBLE", "TIMESTAMP", "VARCHAR"]
    measure = {"column": {"required": True}, "type": {"required": True, "choices": types}}
    target = {
        "database": {"required": True},
        "table": {"required": True},
        "time_column": {"required": True},
        "dimensions": {"type": "list", "elements": "str", "required": True},
        "measure_name": {},
        "measure_name_column": {},
        "measures": {"type": "list", "elements": "dict", "options": measure, "required": True},
    }
    report = {"bucket": {"required": True}, "prefix": {"default": ""}}
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"required": True},
            "query": {},
            "schedule": {},
            "role": {},
            "notification_topic": {},
            "target": {
                "type": "dict",
                "options": target,
                "mutually_exclusive": [("measure_name", "measure_name_column")],
                "required_one_of": [("measure_name", "measure_name_column")],
            },
            "error_report": {"type": "dict", "options": report},
            "kms_key_id": {},
            "enabled": {"type": "bool", "default": True},
            **STATE_ARGUMENT,
            **TAG_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    run(module, "scheduled_query", ensure)


if __name__ == "__main__":
    main()
