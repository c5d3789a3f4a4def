#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages CloudWatch alarms on a metric or on metric math."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cloudwatch_metric_alarm
version_added: 0.1.0
short_description: Manage a CloudWatch alarm on a metric or on metric math
description:
  - Creates, changes and deletes an alarm on one metric, or on an expression over several (O(metrics)).
  - An alarm that is changed keeps its state until CloudWatch evaluates it again.
options:
  name:
    description: The alarm's name.
    type: str
    required: true
  description:
    description: What the alarm means and what to do, at most 1024 characters.
    type: str
  namespace:
    description: Namespace of the metric.
    type: str
  metric_name:
    description: Name of the metric.
    type: str
  dimensions:
    description: Dimensions of the metric, values by name. All that the metric has must be given.
    type: dict
  statistic:
    description: How the values of a period become one.
    type: str
    choices: [SampleCount, Average, Sum, Minimum, Maximum]
  extended_statistic:
    description: As O(statistic), but a percentile such as V(p99) or a trimmed statistic such as V(tm90).
    type: str
  period:
    description: Length of a period in seconds, 10, 20, 30 or a multiple of 60.
    type: int
  unit:
    description: Only values of this unit count. Usually better left unset.
    type: str
  metrics:
    description:
      - Metrics and expressions of an alarm on metric math, each with the keys that botocore's
        C(put_metric_alarm) takes. Exactly one has C(ReturnData) true, which is what it is unless said.
      - Replaces the alarm's one metric, as O(metric_name) replaces an alarm's metric math.
    type: list
    elements: dict
  evaluation_periods:
    description: How many of the last periods count.
    type: int
  datapoints_to_alarm:
    description: In how many of them the threshold must be passed, all of them unless set. V(0) unsets it.
    type: int
  threshold:
    description: With what a period's value is compared.
    type: float
  comparison_operator:
    description: How it is compared.
    type: str
    choices:
      - GreaterThanOrEqualToThreshold
      - GreaterThanThreshold
      - LessThanThreshold
      - LessThanOrEqualToThreshold
  treat_missing_data:
    description: What a period without values means. AWS's default is V(missing).
    type: str
    choices: [missing, ignore, breaching, notBreaching]
  evaluate_low_sample_count_percentile:
    description: Whether a percentile of very few values counts. AWS's default is V(evaluate).
    type: str
    choices: [evaluate, ignore]
  actions_enabled:
    description: Whether the alarm's actions are taken. AWS's default is V(true).
    type: bool
  alarm_actions:
    description: ARNs of what to do when the alarm goes off, such as an SNS topic.
    type: list
    elements: str
  ok_actions:
    description: ARNs of what to do when it is over.
    type: list
    elements: str
  insufficient_data_actions:
    description: ARNs of what to do when there is no telling.
    type: list
    elements: str
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
- name: Tell when a function fails
  timeseries.aws.cloudwatch_metric_alarm:
    name: Timestream-IngestErrors
    description: The ingest function raised an error. Its log says which readings it could not store.
    namespace: AWS/Lambda
    metric_name: Errors
    dimensions: {FunctionName: timestream-ingest}
    statistic: Sum
    period: 300
    evaluation_periods: 1
    threshold: 0
    comparison_operator: GreaterThanThreshold
    treat_missing_data: notBreaching
    alarm_actions: [arn:aws:sns:eu-west-1:123456789012:alarms]

- name: Tell when more than one in a hundred invocations fails
  timeseries.aws.cloudwatch_metric_alarm:
    name: Timestream-IngestErrorRate
    metrics:
      - Id: rate
        Expression: 100 * errors / invocations
        Label: Failed invocations (%)
      - Id: errors
        ReturnData: false
        MetricStat:
          Metric:
            Namespace: AWS/Lambda
            MetricName: Errors
            Dimensions: [{Name: FunctionName, Value: timestream-ingest}]
          Period: 300
          Stat: Sum
      - Id: invocations
        ReturnData: false
        MetricStat:
          Metric:
            Namespace: AWS/Lambda
            MetricName: Invocations
            Dimensions: [{Name: FunctionName, Value: timestream-ingest}]
          Period: 300
          Stat: Sum
    evaluation_periods: 3
    datapoints_to_alarm: 2
    threshold: 1
    comparison_operator: GreaterThanThreshold

- name: Remove an alarm
  timeseries.aws.cloudwatch_metric_alarm:
    name: Timestream-IngestErrors
    state: absent
"""

RETURN = r"""
alarm:
  description:
    - The alarm, as it is or, in check mode, as it would be.
    - Each option is a key; one that the alarm does not have is null, or empty if it is a list or dictionary.
  returned: unless it is absent
  type: dict
  contains:
    arn:
      description: The alarm's ARN.
      returned: always
      type: str
      sample: arn:aws:cloudwatch:eu-west-1:123456789012:alarm:Timestream-IngestErrors
    name:
      description: The alarm's name.
      returned: always
      type: str
      sample: Timestream-IngestErrors
    namespace:
      description: Namespace of the metric, null for metric math.
      returned: always
      type: str
      sample: AWS/Lambda
    metric_name:
      description: Name of the metric, null for metric math.
      returned: always
      type: str
      sample: Errors
    dimensions:
      description: Dimensions of the metric.
      returned: always
      type: dict
      sample: {FunctionName: timestream-ingest}
    metrics:
      description: Metrics and expressions of metric math, by their Id.
      returned: always
      type: list
      elements: dict
      sample: []
    tags:
      description: The alarm's tags.
      returned: always
      type: dict
      sample: {project: iot}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.timeseries.aws.plugins.module_utils.planning import require_for_creation
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    STATE_ARGUMENT,
    TAG_ARGUMENTS,
    Resource,
    error_handler,
    given,
    plan_tags,
    predicted_arn,
    retrying_client,
    run,
    validate_request,
    write_tags,
)

CloudWatchErrors = error_handler("ResourceNotFound", "ResourceNotFoundException")

# CloudWatch's names for this module's options, where the values are the same.
ATTRIBUTES = {
    "description": "AlarmDescription",
    "namespace": "Namespace",
    "metric_name": "MetricName",
    "statistic": "Statistic",
    "extended_statistic": "ExtendedStatistic",
    "period": "Period",
    "unit": "Unit",
    "evaluation_periods": "EvaluationPeriods",
    "datapoints_to_alarm": "DatapointsToAlarm",
    "threshold": "Threshold",
    "comparison_operator": "ComparisonOperator",
    "treat_missing_data": "TreatMissingData",
    "evaluate_low_sample_count_percentile": "EvaluateLowSampleCountPercentile",
    "actions_enabled": "ActionsEnabled",
    "alarm_actions": "AlarmActions",
    "ok_actions": "OKActions",
    "insufficient_data_actions": "InsufficientDataActions",
}
ACTIONS = ("alarm_actions", "ok_actions", "insufficient_data_actions")
NO_METRIC: Resource = dict.fromkeys(
    ("namespace", "metric_name", "statistic", "extended_statistic", "period", "unit"), None
) | {"dimensions": {}}

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
DEFAULTS: Resource = {
    "description": "",
    "treat_missing_data": "missing",
    "actions_enabled": True,
    **{actions: [] for actions in ACTIONS},
}


def dimension_list(dimensions: dict[str, Any]) -> list[dict[str, str]]:
    """Dimensions as CloudWatch takes them."""
    return [{"Name": name, "Value": str(value)} for name, value in sorted(dimensions.items())]


def normal_query(query: dict[str, Any]) -> dict[str, Any]:
    """One metric or expression of metric math, with defaults spelt out and dimensions in order."""
    normal = {"ReturnData": True, **given(**query)}
    if "MetricStat" in normal:
        metric = normal["MetricStat"]["Metric"]
        dimensions = sorted(metric.get("Dimensions", []), key=lambda dimension: dimension["Name"])
        normal["MetricStat"] = normal["MetricStat"] | {"Metric": metric | {"Dimensions": dimensions}}
    return normal


def normal_metrics(metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Metric math in one form, whatever the order it is written in."""
    return sorted((normal_query(query) for query in metrics), key=lambda query: query["Id"])


def normal_alarm(alarm: Resource) -> Resource:
    """An alarm in one form: a percentile excludes a statistic, and metric math the alarm's own metric."""
    if alarm["metrics"]:
        alarm = alarm | NO_METRIC
    if alarm["extended_statistic"]:
        alarm = alarm | {"statistic": None}
    return alarm | {actions: sorted(alarm[actions]) for actions in ACTIONS}


def describe(alarm: dict[str, Any], tags: dict[str, str]) -> Resource:
    """An alarm as this module returns it, from CloudWatch's description."""
    known = given(**{option: alarm.get(attribute) for option, attribute in ATTRIBUTES.items()})
    return normal_alarm(
        {
            "arn": alarm["AlarmArn"],
            "name": alarm["AlarmName"],
            **dict.fromkeys(ATTRIBUTES),
            **DEFAULTS,
            **known,
            "dimensions": {item["Name"]: item["Value"] for item in alarm.get("Dimensions", [])},
            "metrics": normal_metrics(alarm.get("Metrics", [])),
            "tags": tags,
        }
    )


def new_alarm(params: dict[str, Any]) -> Resource:
    """An alarm on nothing."""
    needed = ["evaluation_periods", "threshold", "comparison_operator"]
    if not params["metrics"]:
        needed += ["namespace", "metric_name", "period"]
        needed += [] if params["extended_statistic"] else ["statistic"]
    require_for_creation(params, f"alarm {params['name']}", *needed)
    return describe({"AlarmArn": None, "AlarmName": params["name"]}, {})


def plan(alarm: Resource, params: dict[str, Any]) -> Resource:
    """The alarm as it will be."""
    desired = given(**{option: params[option] for option in ATTRIBUTES})
    planned = {**alarm, **desired, "tags": plan_tags(alarm["tags"], params["tags"], params["purge_tags"])}
    if params["dimensions"] is not None:
        planned["dimensions"] = {name: str(value) for name, value in params["dimensions"].items()}
    if params["metrics"] is not None:
        planned["metrics"] = normal_metrics(params["metrics"])
    if params["metric_name"] is not None:
        planned["metrics"] = []
    if params["statistic"] is not None:
        planned["extended_statistic"] = None
    planned["datapoints_to_alarm"] = planned["datapoints_to_alarm"] or None
    return normal_alarm(planned)


def request(alarm: Resource) -> dict[str, Any]:
    """What PutMetricAlarm is to be told; it replaces all but the tags."""
    simple = given(**{attribute: alarm[option] for option, attribute in ATTRIBUTES.items()})
    subject = {"Metrics": alarm["metrics"]} if alarm["metrics"] else {}
    if alarm["dimensions"]:
        subject["Dimensions"] = dimension_list(alarm["dimensions"])
    return {"AlarmName": alarm["name"], **simple, **subject}


@CloudWatchErrors.common_error_handler("describe the alarm")
def get_alarm(client: Any, name: str) -> Resource | None:
    """The alarm, None if there is none."""
    alarms = client.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm"], aws_retry=True)
    for alarm in alarms["MetricAlarms"]:
        tags = client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"], aws_retry=True)["Tags"]
        return describe(alarm, boto3_tag_list_to_ansible_dict(tags))
    return None


@CloudWatchErrors.common_error_handler("describe the alarm to CloudWatch")
def validate(client: Any, alarm: Resource) -> None:
    """Check what botocore can check of an alarm, such as the keys of metric math."""
    validate_request(client, "PutMetricAlarm", request(alarm))


@CloudWatchErrors.common_error_handler("create the alarm")
def create_alarm(client: Any, alarm: Resource) -> Resource | None:
    """Create an alarm; returns it as CloudWatch then has it."""
    tags = ansible_dict_to_boto3_tag_list(alarm["tags"])
    client.put_metric_alarm(**request(alarm), **given(Tags=tags or None), aws_retry=True)
    return get_alarm(client, alarm["name"])


@CloudWatchErrors.common_error_handler("change the alarm")
def update_alarm(client: Any, alarm: Resource, planned: Resource) -> None:
    """Make the alarm the planned one."""
    if request(alarm) != request(planned):
        client.put_metric_alarm(**request(planned), aws_retry=True)
    arn = alarm["arn"]
    write_tags(
        alarm["tags"],
        planned["tags"],
        set_tags=lambda tags: client.tag_resource(ResourceARN=arn, Tags=tags, aws_retry=True),
        remove_keys=lambda keys: client.untag_resource(ResourceARN=arn, TagKeys=keys, aws_retry=True),
    )


@CloudWatchErrors.deletion_error_handler("delete the alarm")
def delete_alarm(client: Any, name: str) -> None:
    """Delete the alarm."""
    client.delete_alarms(AlarmNames=[name], aws_retry=True)


def ensure_present(module: AnsibleAWSModule, client: Any, alarm: Resource | None) -> Resource | None:
    """Create or change the alarm, and return it as it then is."""
    planned = plan(alarm or new_alarm(module.params), module.params)
    validate(client, planned)
    if alarm is None:
        if not module.check_mode:
            return create_alarm(client, planned)
        return planned | {"arn": predicted_arn(module, "cloudwatch", f"alarm:{planned['name']}")}
    if not module.check_mode:
        update_alarm(client, alarm, planned)
    return planned


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """Make the alarm what the task asks for; returns it before and after."""
    client = retrying_client(module, "cloudwatch")
    alarm = get_alarm(client, module.params["name"])
    if module.params["state"] == "present":
        return alarm, ensure_present(module, client, alarm)
    if alarm is not None and not module.check_mode:
        delete_alarm(client, alarm["name"])
    return alarm, None


ARGUMENTS: dict[str, Any] = {
    "name": {"required": True},
    "description": {},
    "namespace": {},
    "metric_name": {},
    "dimensions": {"type": "dict"},
    "statistic": {"choices": ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]},
    "extended_statistic": {},
    "period": {"type": "int"},
    "unit": {},
    "metrics": {"type": "list", "elements": "dict"},
    "evaluation_periods": {"type": "int"},
    "datapoints_to_alarm": {"type": "int"},
    "threshold": {"type": "float"},
    "comparison_operator": {
        "choices": [
            "GreaterThanOrEqualToThreshold",
            "GreaterThanThreshold",
            "LessThanThreshold",
            "LessThanOrEqualToThreshold",
        ]
    },
    "treat_missing_data": {"choices": ["missing", "ignore", "breaching", "notBreaching"]},
    "evaluate_low_sample_count_percentile": {"choices": ["evaluate", "ignore"]},
    "actions_enabled": {"type": "bool"},
    **{actions: {"type": "list", "elements": "str"} for actions in ACTIONS},
    **STATE_ARGUMENT,
    **TAG_ARGUMENTS,
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENTS,
        mutually_exclusive=[("metric_name", "metrics"), ("statistic", "extended_statistic")],
        supports_check_mode=True,
    )
    run(module, "alarm", ensure)


if __name__ == "__main__":
    main()
