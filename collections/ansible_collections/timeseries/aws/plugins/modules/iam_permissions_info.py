#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks IAM what the credentials in use may not do."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: iam_permissions_info
version_added: 0.1.0
short_description: Ask IAM which actions the caller may not do
description:
  - Simulates the policies of whoever the credentials in use belong to, before anything is done with them.
  - Policies of resources, of sessions and of VPC endpoints are not among what AWS simulates.
  - An action that is allowed under a condition is not taken for denied.
  - The caller needs C(iam:SimulatePrincipalPolicy), and C(iam:GetRole) if it is a role.
  - Without them, and for the root user, whom AWS does not simulate, nothing is denied and RV(skipped_because)
    says why.
options:
  statements:
    description: What is to be done.
    type: list
    elements: dict
    required: true
    suboptions:
      actions:
        description: Actions as policies name them.
        type: list
        elements: str
        required: true
      resource:
        description: The ARN of what they are done to, or V(*) for actions that take no resource.
        type: str
        required: true
attributes:
  check_mode:
    description: Only reads.
    support: full
  diff_mode:
    description: Nothing changes.
    support: none
author:
  - The timeseries-ansible authors (@timeseries-ansible)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: What may not be done
  timeseries.aws.iam_permissions_info:
    statements:
      - actions: [timestream:CreateTable, timestream:DeleteTable]
        resource: arn:aws:timestream:us-east-1:123456789012:database/iot-timeseries-prod/table/sensor-data
  register: permissions
  failed_when: permissions.denied | length > 0
"""

RETURN = r"""
denied:
  description: What the caller may not do, each as C(ACTION on RESOURCE).
  returned: success
  type: list
  elements: str
  sample: ["sqs:DeleteQueue on arn:aws:sqs:us-east-1:123456789012:dead-letters"]
skipped_because:
  description: Why AWS could not be asked; empty if it was.
  returned: success
  type: str
  sample: ""
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

try:  # noqa: SIM105 - Ansible's own checks know this form
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    pass  # AnsibleAWSModule says so.

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.timeseries.aws.plugins.module_utils.resource import retrying_client

CALLS_AT_ONCE = 4


class CannotAskError(Exception):
    """AWS can't be asked; the message says why."""


def principal(iam: Any, caller: str) -> str:
    """The ARN of the user or role that a caller's ARN stands for; CannotAskError if it is neither."""
    resource = caller.split(":", 5)[5]
    kind, _, name = resource.partition("/")
    if kind == "user":
        return caller
    if kind == "assumed-role":  # whose ARN lacks the role's path
        arn: str = iam.get_role(aws_retry=True, RoleName=name.split("/")[0])["Role"]["Arn"]
        return arn
    raise CannotAskError(f"AWS simulates users and roles, and the caller is {caller}")


def refused(result: dict[str, Any]) -> bool:
    """Whether an action is denied whatever the conditions; some are known only when it is done."""
    return result["EvalDecision"] != "allowed" and not result.get("MissingContextValues")


def denied(iam: Any, arn: str, statement: dict[str, Any]) -> list[str]:
    """What of a statement a principal may not do.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    answer = iam.simulate_principal_policy(
        aws_retry=True,
        PolicySourceArn=arn,
        ActionNames=statement["actions"],
        ResourceArns=[statement["resource"]],
        MaxItems=1000,
    )
    results = filter(refused, answer["EvaluationResults"])
    return [f"{result['EvalActionName']} on {statement['resource']}" for result in results]


def ask(module: AnsibleAWSModule) -> dict[str, Any]:
    """The module's result."""
    caller = retrying_client(module, "sts").get_caller_identity(aws_retry=True)["Arn"]
    iam = retrying_client(module, "iam")
    try:
        arn = principal(iam, caller)
        with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
            found = list(pool.map(lambda each: denied(iam, arn, each), module.params["statements"]))
    except CannotAskError as reason:
        return {"denied": [], "skipped_because": str(reason)}
    except (BotoCoreError, ClientError) as error:
        return {"denied": [], "skipped_because": str(error)}
    return {"denied": sorted(action for actions in found for action in actions), "skipped_because": ""}


def main() -> None:
    """Run the module."""
    statement = {
        "actions": {"type": "list", "elements": "str", "required": True},
        "resource": {"required": True},
    }
    arguments = {"statements": {"type": "list", "elements": "dict", "required": True, "options": statement}}
    module = AnsibleAWSModule(argument_spec=arguments, supports_check_mode=True)
    try:
        module.exit_json(changed=False, **ask(module))
    except (BotoCoreError, ClientError) as error:
        module.fail_json_aws(error, msg="Failed to learn who the caller is")


if __name__ == "__main__":
    main()
