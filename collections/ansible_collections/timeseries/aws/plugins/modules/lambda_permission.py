#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages single statements of a Lambda function's resource policy."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lambda_permission
version_added: 0.1.0
short_description: Manage a statement of a Lambda function's resource policy
description:
  - Lets a service or account invoke a function, or takes that right away.
  - AWS cannot change a statement; this module then removes it and adds the new one.
  - The function itself is not managed. In check mode it need not exist yet.
options:
  function_name:
    description: The function's name or ARN.
    type: str
    required: true
  statement_id:
    description: The statement's name in the policy.
    type: str
    required: true
  action:
    description: What is allowed, V(lambda:InvokeFunction) unless set.
    type: str
  principal:
    description:
      - To whom it is allowed, a service such as V(iot.amazonaws.com), an account or an ARN.
      - Needed to add a statement.
    type: str
  source_arn:
    description:
      - ARN of the resource on whose behalf a service may call, with C(*) and C(?) as wildcards.
      - An empty string removes the condition.
    type: str
  source_account:
    description:
      - Account that owns the resource on whose behalf a service may call.
      - An empty string removes the condition.
    type: str
  qualifier:
    description: A version or an alias of the function, to which the statement is limited.
    type: str
author:
  - The timeseries-ansible authors (@timeseries-ansible)
extends_documentation_fragment:
  - timeseries.aws.resource
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Let one IoT rule of this account invoke the function
  timeseries.aws.lambda_permission:
    function_name: ingest
    statement_id: iot-rule-sensors
    principal: iot.amazonaws.com
    source_arn: arn:aws:iot:eu-west-1:123456789012:rule/sensors
    source_account: "123456789012"

- name: Take the right away
  timeseries.aws.lambda_permission:
    function_name: ingest
    statement_id: iot-rule-sensors
    state: absent
"""

RETURN = r"""
permission:
  description: The statement, as it is or, in check mode, as it would be.
  returned: unless it is absent
  type: dict
  contains:
    function_name:
      description: The function, as the task names it.
      returned: always
      type: str
      sample: ingest
    qualifier:
      description: Version or alias, empty if the statement is about the function.
      returned: always
      type: str
      sample: live
    statement_id:
      description: The statement's name.
      returned: always
      type: str
      sample: iot-rule-sensors
    action:
      description: What is allowed.
      returned: always
      type: str
      sample: lambda:InvokeFunction
    principal:
      description: To whom it is allowed.
      returned: always
      type: str
      sample: iot.amazonaws.com
    source_arn:
      description: On behalf of which resource, empty for any.
      returned: always
      type: str
      sample: arn:aws:iot:eu-west-1:123456789012:rule/sensors
    source_account:
      description: On behalf of whose resource, empty for anyone's.
      returned: always
      type: str
      sample: "123456789012"
"""

import json
import re
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.timeseries.aws.plugins.module_utils.planning import require_for_creation
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    STATE_ARGUMENT,
    Resource,
    error_handler,
    given,
    retrying_client,
    run,
)

LambdaErrors = error_handler("ResourceNotFoundException")

# The conditions Lambda writes for AddPermission's parameters, in lower case: it is not consistent in that.
CONDITIONS = {"aws:sourcearn": "source_arn", "aws:sourceaccount": "source_account"}
ACCOUNT_ROOT = re.compile(r"^arn:[^:]+:iam::(\d{12}):root$")


def principal_of(statement: dict[str, Any]) -> str:
    """A statement's principal as AddPermission takes it: Lambda stores an account as the ARN of its root."""
    principal = statement["Principal"]
    name = principal if isinstance(principal, str) else next(iter(principal.values()))
    return ACCOUNT_ROOT.sub(r"\1", name)


def conditions_of(statement: dict[str, Any]) -> dict[str, str]:
    """A statement's conditions by the names of this module's options."""
    stored = {
        key.lower(): value
        for operator in statement.get("Condition", {}).values()
        for key, value in operator.items()
    }
    if unknown := sorted(stored.keys() - CONDITIONS.keys()):
        raise AnsibleAWSError(message=f"statement {statement['Sid']} has unknown conditions: {unknown}")
    return {CONDITIONS[key]: value for key, value in stored.items()}


def describe(statement: dict[str, Any], function_name: str, qualifier: str) -> Resource:
    """A permission as this module returns it, from a statement of the policy."""
    return {
        "function_name": function_name,
        "qualifier": qualifier,
        "statement_id": statement["Sid"],
        "action": statement["Action"],
        "principal": principal_of(statement),
        "source_arn": "",
        "source_account": "",
        **conditions_of(statement),
    }


def new_permission(params: dict[str, Any]) -> Resource:
    """A permission that says nothing yet."""
    require_for_creation(params, f"statement {params['statement_id']}", "principal")
    return {
        "function_name": params["function_name"],
        "qualifier": params["qualifier"] or "",
        "statement_id": params["statement_id"],
        "action": "lambda:InvokeFunction",
        "source_arn": "",
        "source_account": "",
    }


def plan(permission: Resource, params: dict[str, Any]) -> Resource:
    """The permission as it will be."""
    options = ("action", "principal", "source_arn", "source_account")
    desired = given(**{name: params[name] for name in options})
    if "principal" in desired:
        desired["principal"] = ACCOUNT_ROOT.sub(r"\1", desired["principal"])
    return permission | desired


@LambdaErrors.list_error_handler("get the function's policy", [])
def get_statements(client: Any, function_name: str, qualifier: str) -> list[dict[str, Any]]:
    """The statements of a function's policy, none if there is no policy or no function."""
    scope = given(Qualifier=qualifier or None)
    answer = client.get_policy(FunctionName=function_name, **scope, aws_retry=True)
    return json.loads(answer["Policy"])["Statement"]


def get_permission(client: Any, params: dict[str, Any]) -> Resource | None:
    """The permission, None if the function has no such statement."""
    qualifier = params["qualifier"] or ""
    for statement in get_statements(client, params["function_name"], qualifier):
        if statement["Sid"] == params["statement_id"]:
            return describe(statement, params["function_name"], qualifier)
    return None


@LambdaErrors.common_error_handler("add the permission")
def add_permission(client: Any, permission: Resource) -> None:
    """Add a statement to the function's policy."""
    client.add_permission(
        FunctionName=permission["function_name"],
        StatementId=permission["statement_id"],
        Action=permission["action"],
        Principal=permission["principal"],
        **given(
            Qualifier=permission["qualifier"] or None,
            SourceArn=permission["source_arn"] or None,
            SourceAccount=permission["source_account"] or None,
        ),
        aws_retry=True,
    )


@LambdaErrors.deletion_error_handler("remove the permission")
def remove_permission(client: Any, permission: Resource) -> None:
    """Remove a statement from the function's policy."""
    client.remove_permission(
        FunctionName=permission["function_name"],
        StatementId=permission["statement_id"],
        **given(Qualifier=permission["qualifier"] or None),
        aws_retry=True,
    )


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """Make the statement what the task asks for; returns it before and after."""
    client = retrying_client(module, "lambda")
    params = module.params
    permission = get_permission(client, params)
    planned = plan(permission or new_permission(params), params) if params["state"] == "present" else None
    if planned != permission and not module.check_mode:
        if permission is not None:
            remove_permission(client, permission)
        if planned is not None:
            add_permission(client, planned)
    return permission, planned


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "function_name": {"required": True},
            "statement_id": {"required": True},
            "action": {},
            "principal": {},
            "source_arn": {},
            "source_account": {},
            "qualifier": {},
            **STATE_ARGUMENT,
        },
        supports_check_mode=True,
    )
    run(module, "permission", ensure)


if __name__ == "__main__":
    main()
