#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages the rules of AWS IoT Core."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: iot_topic_rule
version_added: 0.1.0
short_description: Manage rules of AWS IoT Core
description:
  - Creates, changes and deletes the rules by which AWS IoT Core acts on messages.
  - The parameters of a call are checked in check mode too, so a misspelt action is found by a check run.
options:
  name:
    description:
      - The name of the rule.
      - 1 to 128 letters, digits and underscores; AWS refuses hyphens.
    type: str
    required: true
  sql:
    description:
      - The SQL that chooses and shapes the messages.
      - Required to create a rule.
    type: str
  sql_version:
    description:
      - The version of the SQL engine.
      - A new rule has V(2015-10-08), the default of the API, if this is not set.
    type: str
    choices: ["2015-10-08", "2016-03-23", "beta"]
  description:
    description: What the rule is for.
    type: str
  enabled:
    description:
      - Whether the rule is active.
      - A new rule is, if this is not set.
    type: bool
  actions:
    description:
      - What to do with a message, up to ten actions.
      - Each is a dictionary with one key, the kind of action, named in camel case as the API names it and its
        parameters.
        See U(https://docs.aws.amazon.com/iot/latest/apireference/API_Action.html).
      - A parameter that is false, zero or empty is the same as one not set.
    type: list
    elements: dict
  error_action:
    description:
      - What to do with a message if an action failed, like one of O(actions).
      - An empty dictionary takes it away.
    type: dict
notes:
  - A role that was just created can take some seconds until AWS IoT may assume it.
    The module repeats a call that is refused for that reason, for about a minute.
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
- name: Store temperatures in Timestream, and what can't be stored in a queue
  timeseries.aws.iot_topic_rule:
    name: iot_timeseries_prod_timestream_sensors
    description: Readings of the sensors
    sql: SELECT temperature * 1.0 AS temperature FROM 'topic/sensors'
    sql_version: "2015-10-08"
    actions:
      - timestream:
          roleArn: arn:aws:iam::123456789012:role/iot-timeseries-prod-rule
          databaseName: iot-timeseries-prod
          tableName: sensor-data
          dimensions:
            - name: device_id
              value: ${device_id}
    error_action:
      sqs:
        roleArn: arn:aws:iam::123456789012:role/iot-timeseries-prod-rule
        queueUrl: https://sqs.us-east-1.amazonaws.com/123456789012/dead-letters

- name: Turn it off
  timeseries.aws.iot_topic_rule:
    name: iot_timeseries_prod_timestream_sensors
    enabled: false

- name: Delete it
  timeseries.aws.iot_topic_rule:
    name: iot_timeseries_prod_timestream_sensors
    state: absent
"""

RETURN = r"""
rule:
  description: The rule. In a check run, as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
      sample: iot_timeseries_prod_timestream_sensors
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:iot:us-east-1:123456789012:rule/iot_timeseries_prod_timestream_sensors
    sql:
      description: Its SQL.
      type: str
      returned: always
      sample: SELECT temperature * 1.0 AS temperature FROM 'topic/sensors'
    sql_version:
      description: The version of the SQL engine.
      type: str
      returned: always
      sample: "2015-10-08"
    description:
      description: What it is for.
      type: str
      returned: always
      sample: Readings of the sensors
    enabled:
      description: Whether it is active.
      type: bool
      returned: always
      sample: true
    actions:
      description: Its actions.
      type: list
      elements: dict
      returned: always
      sample: [{lambda: {functionArn: "arn:aws:lambda:us-east-1:123456789012:function:ingest"}}]
    error_action:
      description: Its error action; an empty dictionary if it has none.
      type: dict
      returned: always
      sample: {republish: {roleArn: "arn:aws:iam::123456789012:role/rule", topic: errors}}
    tags:
      description: Its tags.
      type: dict
      returned: always
      sample: {Project: iot-timeseries}
"""

import re
from typing import Any
from urllib.parse import quote, urlencode

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    STATE_ARGUMENT,
    TAG_ARGUMENTS,
    Resource,
    Tags,
    error_handler,
    given,
    plan_tags,
    predicted_arn,
    retrying_client,
    run,
    validate_request,
    write_tags,
)

ARGUMENTS: dict[str, Any] = {
    "name": {"required": True},
    "sql": {},
    "sql_version": {"choices": ["2015-10-08", "2016-03-23", "beta"]},
    "description": {},
    "enabled": {"type": "bool"},
    "actions": {"type": "list", "elements": "dict"},
    "error_action": {"type": "dict"},
    **STATE_ARGUMENT,
    **TAG_ARGUMENTS,
}
# https://docs.aws.amazon.com/iot/latest/apireference/API_TopicRulePayload.html
DEFAULTS: Resource = {
    "sql": None,
    "sql_version": "2015-10-08",
    "description": "",
    "enabled": True,
    "actions": [],
    "error_action": {},
    "tags": {},
}
# An InvalidRequestException with one of two messages: "AWS IoT (iot.amazonaws.com) is unable to assume role
# (sts:AssumeRole) on resource: X" or "iot.amazonaws.com is unable to perform: sts:AssumeRole on resource: X".
CANNOT_ASSUME = re.compile(r"unable to (assume role|perform: sts:AssumeRole)", re.IGNORECASE)

IotErrorHandler = error_handler("ResourceNotFoundException")


class UntilRoleCanBeAssumed(AWSRetry):
    """Repeats a call that AWS IoT refused because it can't assume a role of it, and no other."""

    @staticmethod
    def status_code_from_exception(error: Any) -> str:
        """The text by which `found` knows the error, since its code is shared with others."""
        return str(error)

    @staticmethod
    def found(response_code: str, catch_extra_error_codes: list[str] | None = None) -> bool:
        """Whether that is the error."""
        return CANNOT_ASSUME.search(response_code) is not None


def without_unset(setting: Any) -> Any:
    """A setting without what is null, false, zero or empty, which AWS may leave out, or add as a default."""
    if isinstance(setting, dict):
        items = {key: without_unset(value) for key, value in setting.items()}
        return {key: value for key, value in items.items() if value}
    if isinstance(setting, list):
        return [without_unset(item) for item in setting]
    return setting


def comparable(action: dict[str, Any] | None) -> dict[str, Any] | None:
    """An action in the form in which actions are compared: its kind, and the parameters that are set."""
    return action and {kind: without_unset(parameters) for kind, parameters in action.items()}


def from_aws(answer: dict[str, Any], tags: Tags) -> Resource:
    """A rule as this module returns it, of what the API answers."""
    rule = answer["rule"]
    return {
        "name": rule["ruleName"],
        "arn": answer["ruleArn"],
        "sql": rule["sql"],
        "sql_version": rule["awsIotSqlVersion"],
        "description": rule.get("description") or "",
        "enabled": not rule["ruleDisabled"],
        "actions": [comparable(action) for action in rule["actions"]],
        "error_action": comparable(rule.get("errorAction")) or {},
        "tags": tags,
    }


def to_aws(rule: Resource) -> dict[str, Any]:
    """A rule's TopicRulePayload."""
    return {
        "sql": rule["sql"],
        "awsIotSqlVersion": rule["sql_version"],
        "description": rule["description"],
        "ruleDisabled": not rule["enabled"],
        "actions": rule["actions"],
    } | given(errorAction=rule["error_action"] or None)


def plan(current: Resource, params: dict[str, Any]) -> Resource:
    """The rule as it will be."""
    actions = params["actions"]
    settings = given(
        sql=params["sql"] and params["sql"].strip(),
        sql_version=params["sql_version"],
        description=params["description"],
        enabled=params["enabled"],
        actions=actions and [comparable(action) for action in actions],
        error_action=comparable(params["error_action"]),
    )
    return {**current, **settings, "tags": plan_tags(current["tags"], params["tags"], params["purge_tags"])}


@IotErrorHandler.common_error_handler("list rules")
def rule_exists(client: Any, name: str) -> bool:
    """Whether the account has a rule of that name."""
    answers = client.get_paginator("list_topic_rules").paginate()
    return any(rule["ruleName"] == name for answer in answers for rule in answer.get("rules", []))


@IotErrorHandler.common_error_handler("list the tags of the rule")
def get_tags(client: Any, arn: str) -> Tags:
    """The tags of a rule."""
    answers = client.get_paginator("list_tags_for_resource").paginate(resourceArn=arn)
    found = [tag for answer in answers for tag in answer.get("tags", [])]
    tags: Tags = boto3_tag_list_to_ansible_dict(found)
    return tags


@IotErrorHandler.list_error_handler("get the rule")
def get_rule(client: Any, name: str) -> Resource | None:
    """The rule, or None if there is none."""
    try:
        answer = client.get_topic_rule(aws_retry=True, ruleName=name)
    except is_boto3_error_code("UnauthorizedException"):
        # AWS's answer to someone who may not, and for a rule that does not exist.
        if rule_exists(client, name):
            raise
        return None
    return from_aws(answer, get_tags(client, answer["ruleArn"]))


@IotErrorHandler.common_error_handler("create the rule")
@UntilRoleCanBeAssumed.jittered_backoff(retries=12, delay=2, max_delay=12)
def create_rule(client: Any, request: dict[str, Any]) -> None:
    """Create it."""
    client.create_topic_rule(aws_retry=True, **request)


@IotErrorHandler.common_error_handler("replace the rule")
@UntilRoleCanBeAssumed.jittered_backoff(retries=12, delay=2, max_delay=12)
def replace_rule(client: Any, request: dict[str, Any]) -> None:
    """Change it, all of it but its tags."""
    client.replace_topic_rule(aws_retry=True, **request)


@IotErrorHandler.common_error_handler("set the tags of the rule")
def set_tags(client: Any, arn: str, current: Tags, planned: Tags) -> None:
    """Make the `current` tags the `planned` ones."""
    write_tags(
        current,
        planned,
        set_tags=lambda tags: client.tag_resource(aws_retry=True, resourceArn=arn, tags=tags),
        remove_keys=lambda keys: client.untag_resource(aws_retry=True, resourceArn=arn, tagKeys=keys),
    )


@IotErrorHandler.deletion_error_handler("delete the rule")
def delete_rule(client: Any, name: str) -> None:
    """Delete it."""
    client.delete_topic_rule(aws_retry=True, ruleName=name)


def ensure_created(module: AnsibleAWSModule, client: Any, name: str) -> Resource:
    """The rule that is made, or in a check run would be made."""
    planned = plan(DEFAULTS, module.params)
    if planned["sql"] is None:
        raise AnsibleAWSError(message=f"There is no rule {name}; creating one takes sql")
    tags = urlencode(planned["tags"], quote_via=quote)
    request = {"ruleName": name, "topicRulePayload": to_aws(planned)} | given(tags=tags or None)
    validate_request(client, "CreateTopicRule", request)
    if not module.check_mode:
        create_rule(client, request)
    return {"name": name, "arn": predicted_arn(module, "iot", f"rule/{name}"), **planned}


def ensure_updated(module: AnsibleAWSModule, client: Any, before: Resource) -> Resource:
    """The rule with the settings and tags it should have."""
    planned = plan(before, module.params)
    request = {"ruleName": before["name"], "topicRulePayload": to_aws(planned)}
    validate_request(client, "ReplaceTopicRule", request)
    if not module.check_mode:
        if to_aws(planned) != to_aws(before):
            replace_rule(client, request)
        set_tags(client, before["arn"], before["tags"], planned["tags"])
    return planned


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """The rule before and after."""
    # Two changes of a rule at once, such as its tags just after its creation, can collide.
    client = retrying_client(module, "iot", "ConflictingResourceUpdateException")
    name = module.params["name"]
    before = get_rule(client, name)
    if module.params["state"] == "absent":
        if before is not None and not module.check_mode:
            delete_rule(client, name)
        return before, None
    if before is None:
        return None, ensure_created(module, client, name)
    return before, ensure_updated(module, client, before)


def main() -> None:
    """Run the module."""
    run(AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True), "rule", ensure)


if __name__ == "__main__":
    main()
