#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages what feeds a Lambda function from a queue."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lambda_event_source
version_added: 0.2.0
short_description: Let Lambda feed a function from an SQS queue
description:
  - Creates, changes and deletes the event source mapping between a queue and a function.
  - There is at most one between the two, so they are its name.
  - In check mode neither needs to exist yet.
options:
  function_name:
    description: The function's name.
    type: str
    required: true
  qualifier:
    description: The version or alias that is invoked.
    type: str
  event_source_arn:
    description: ARN of the queue.
    type: str
    required: true
  batch_size:
    description:
      - Messages an invocation at most, 1 to 10000; above 10 it needs O(batching_window).
      - AWS's default is 10.
    type: int
  batching_window:
    description: Seconds to gather a batch, 0 to 300. AWS's default is 0.
    type: int
  report_batch_item_failures:
    description:
      - Whether the function names the messages that failed; else a failure is that of the whole batch.
    type: bool
  maximum_concurrency:
    description: How many invocations the queue may cause at once, 2 to 1000; V(0) is no limit of its own.
    type: int
  enabled:
    description: Whether messages are read. AWS's default is V(true).
    type: bool
author:
  - The timeseries-ansible authors (@timeseries-ansible)
extends_documentation_fragment:
  - timeseries.aws.resource
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Feed the function by the hundred, at most ten at a time
  timeseries.aws.lambda_event_source:
    function_name: ingest
    qualifier: live
    event_source_arn: arn:aws:sqs:eu-west-1:123456789012:readings
    batch_size: 100
    batching_window: 1
    report_batch_item_failures: true
    maximum_concurrency: 10

- name: Stop feeding it
  timeseries.aws.lambda_event_source:
    function_name: ingest
    qualifier: live
    event_source_arn: arn:aws:sqs:eu-west-1:123456789012:readings
    state: absent
"""

RETURN = r"""
event_source:
  description: The mapping, as it is or, in check mode, as it would be.
  returned: unless it is absent
  type: dict
  contains:
    function:
      description: The function that is invoked, with its qualifier.
      returned: always
      type: str
      sample: ingest:live
    event_source_arn:
      description: ARN of the queue.
      returned: always
      type: str
      sample: arn:aws:sqs:eu-west-1:123456789012:readings
    batch_size:
      description: Messages an invocation at most.
      returned: always
      type: int
      sample: 100
    batching_window:
      description: Seconds to gather a batch.
      returned: always
      type: int
      sample: 1
    report_batch_item_failures:
      description: Whether the function names the messages that failed.
      returned: always
      type: bool
      sample: true
    maximum_concurrency:
      description: Invocations that the queue may cause at once, V(0) without a limit.
      returned: always
      type: int
      sample: 10
    enabled:
      description: Whether messages are read.
      returned: always
      type: bool
      sample: true
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    STATE_ARGUMENT,
    Resource,
    error_handler,
    given,
    retrying_client,
    run,
    validate_request,
)

LambdaErrors = error_handler("ResourceNotFoundException")

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
DEFAULTS: dict[str, Any] = {
    "batch_size": 10,
    "batching_window": 0,
    "report_batch_item_failures": False,
    "maximum_concurrency": 0,
    "enabled": True,
}


def function_of(params: dict[str, Any]) -> str:
    """The function with its qualifier."""
    return ":".join(filter(None, (params["function_name"], params["qualifier"])))


def describe(mapping: dict[str, Any], function: str) -> Resource:
    """A mapping under the names of the options, from Lambda's description."""
    return {
        "function": function,
        "event_source_arn": mapping["EventSourceArn"],
        "batch_size": mapping["BatchSize"],
        "batching_window": mapping.get("MaximumBatchingWindowInSeconds", 0),
        "report_batch_item_failures": "ReportBatchItemFailures"
        in (mapping.get("FunctionResponseTypes") or []),
        "maximum_concurrency": (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency", 0),
        "enabled": mapping["State"] in ("Enabled", "Enabling", "Creating", "Updating"),
    }


def request_of(source: Resource) -> dict[str, Any]:
    """A mapping as Lambda takes it, new or changed."""
    concurrency = source["maximum_concurrency"]
    return {
        "FunctionName": source["function"],
        "BatchSize": source["batch_size"],
        "MaximumBatchingWindowInSeconds": source["batching_window"],
        "FunctionResponseTypes": ["ReportBatchItemFailures"] if source["report_batch_item_failures"] else [],
        "ScalingConfig": {"MaximumConcurrency": concurrency} if concurrency else {},
        "Enabled": source["enabled"],
    }


@LambdaErrors.list_error_handler("find the event source")
def find(client: Any, params: dict[str, Any]) -> dict[str, Any] | None:
    """Lambda's description of the mapping, None if there is none."""
    found = client.list_event_source_mappings(
        FunctionName=function_of(params), EventSourceArn=params["event_source_arn"], aws_retry=True
    )
    mappings = [each for each in found["EventSourceMappings"] if each["State"] != "Deleting"]
    return mappings[0] if mappings else None


@LambdaErrors.common_error_handler("add the event source")
def create(client: Any, planned: Resource) -> None:
    """Create the mapping."""
    client.create_event_source_mapping(
        EventSourceArn=planned["event_source_arn"], **request_of(planned), aws_retry=True
    )


@LambdaErrors.common_error_handler("change the event source")
def update(client: Any, uuid: str, planned: Resource) -> None:
    """Change the mapping."""
    client.update_event_source_mapping(UUID=uuid, **request_of(planned), aws_retry=True)


@LambdaErrors.deletion_error_handler("delete the event source")
def delete(client: Any, uuid: str) -> None:
    """Delete the mapping; messages stay in the queue."""
    client.delete_event_source_mapping(UUID=uuid, aws_retry=True)


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """Make the mapping what the task asks for; returns it before and after."""
    params = module.params
    # A mapping that is changing or going refuses other changes for a while
    client = retrying_client(module, "lambda", "ResourceInUseException", "ResourceConflictException")
    mapping = find(client, params)
    current = mapping and describe(mapping, function_of(params))
    if params["state"] == "absent":
        if mapping and not module.check_mode:
            delete(client, mapping["UUID"])
        return current, None
    nothing = {"function": function_of(params), "event_source_arn": params["event_source_arn"], **DEFAULTS}
    planned = {**(current or nothing), **given(**{name: params[name] for name in DEFAULTS})}
    arn = {"EventSourceArn": planned["event_source_arn"]}
    validate_request(client, "CreateEventSourceMapping", arn | request_of(planned))
    if not module.check_mode:
        if not mapping:
            create(client, planned)
        elif planned != current:
            update(client, mapping["UUID"], planned)
    return current, planned


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "function_name": {"required": True},
            "qualifier": {},
            "event_source_arn": {"required": True},
            "batch_size": {"type": "int"},
            "batching_window": {"type": "int"},
            "report_batch_item_failures": {"type": "bool"},
            "maximum_concurrency": {"type": "int"},
            "enabled": {"type": "bool"},
            **STATE_ARGUMENT,
        },
        supports_check_mode=True,
    )
    run(module, "event_source", ensure)


if __name__ == "__main__":
    main()
