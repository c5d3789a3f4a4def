#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages IAM roles with their trust policy and inline policies."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: iam_role
version_added: 0.1.0
short_description: Manage an IAM role with its trust policy and inline policies
description:
  - Creates, changes and deletes a role, its trust policy and its inline policies in one task.
  - Policies are compared by what they say. A string and a list of one, the order of a list, and quotes around
    a number or boolean make no difference.
  - Managed policies are left alone, but are detached before the role is deleted.
options:
  name:
    description: The role's name, unique in the account whatever its path.
    type: str
    required: true
  trust_policy:
    description:
      - The policy document that says who may assume the role.
      - Needed to create a role.
    type: dict
  inline_policies:
    description: Policy documents by the name each has in the role.
    type: dict
  purge_policies:
    description: Whether to delete inline policies that O(inline_policies), if it is set, does not name.
    type: bool
    default: true
  description:
    description: What the role is for, at most 1000 characters.
    type: str
  path:
    description: The role's path, V(/) unless set. It cannot be changed.
    type: str
  permissions_boundary:
    description: ARN of the managed policy that limits what the role may do. An empty string removes it.
    type: str
  max_session_duration:
    description: How long a session of the role may last, 3600 to 43200 seconds. AWS's default is 3600.
    type: int
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
- name: Let Lambda functions write to one Timestream table
  timeseries.aws.iam_role:
    name: ingest
    description: Of the function that stores readings
    trust_policy:
      Version: "2012-10-17"
      Statement:
        Effect: Allow
        Principal: {Service: lambda.amazonaws.com}
        Action: sts:AssumeRole
    inline_policies:
      write-readings:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: timestream:WriteRecords
          Resource: arn:aws:timestream:eu-west-1:123456789012:database/iot/table/sensor-data
    tags: {project: iot}

- name: Remove a role with its policies
  timeseries.aws.iam_role:
    name: ingest
    state: absent
"""

RETURN = r"""
role:
  description: The role, as it is or, in check mode, as it would be.
  returned: unless it is absent
  type: dict
  contains:
    arn:
      description: The role's ARN.
      returned: always
      type: str
      sample: arn:aws:iam::123456789012:role/ingest
    name:
      description: The role's name.
      returned: always
      type: str
      sample: ingest
    path:
      description: The role's path.
      returned: always
      type: str
      sample: /
    description:
      description: What the role is for.
      returned: always
      type: str
      sample: Of the function that stores readings
    trust_policy:
      description: Who may assume the role.
      returned: always
      type: dict
      sample: {Version: "2012-10-17", Statement: []}
    inline_policies:
      description: The inline policies by name.
      returned: always
      type: dict
      sample: {write-readings: {Version: "2012-10-17", Statement: []}}
    permissions_boundary:
      description: ARN of the permissions boundary, empty without one.
      returned: always
      type: str
      sample: arn:aws:iam::123456789012:policy/boundary
    max_session_duration:
      description: How long a session may last, in seconds.
      returned: always
      type: int
      sample: 3600
    tags:
      description: The role's tags.
      returned: always
      type: dict
      sample: {project: iot}
"""

import json
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.iam import (
    IAMErrorHandler,
    detach_iam_role_policy,
    get_iam_role,
    list_iam_role_attached_policies,
    list_iam_role_policies,
)
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.timeseries.aws.plugins.module_utils.planning import (
    Policy,
    plan_policy,
    require_for_creation,
)
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    STATE_ARGUMENT,
    TAG_ARGUMENTS,
    Resource,
    given,
    plan_tags,
    predicted_arn,
    retrying_client,
    run,
    write_tags,
)


def describe(role: dict[str, Any], inline_policies: dict[str, Policy]) -> Resource:
    """A role as this module returns it, from IAM's description."""
    return {
        "arn": role["Arn"],
        "name": role["RoleName"],
        "path": role["Path"],
        "description": role.get("Description", ""),
        "trust_policy": role["AssumeRolePolicyDocument"],
        "inline_policies": inline_policies,
        "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        "max_session_duration": role["MaxSessionDuration"],
        "tags": boto3_tag_list_to_ansible_dict(role.get("Tags", [])),
    }


def new_role(params: dict[str, Any]) -> Resource:
    """A role that only has what cannot be changed later, and IAM's defaults."""
    require_for_creation(params, f"role {params['name']}", "trust_policy")
    return {
        "arn": None,
        "name": params["name"],
        "path": params["path"] or "/",
        "description": "",
        "trust_policy": None,
        "inline_policies": {},
        "permissions_boundary": "",
        "max_session_duration": 3600,
        "tags": {},
    }


def plan_inline_policies(
    current: dict[str, Policy], desired: dict[str, Policy] | None, purge: bool
) -> dict[str, Policy]:
    """The inline policies a role will have."""
    if desired is None:
        return current
    kept = {} if purge else {name: policy for name, policy in current.items() if name not in desired}
    return kept | {name: plan_policy(current.get(name), policy) or policy for name, policy in desired.items()}


def plan(role: Resource, params: dict[str, Any]) -> Resource:
    """The role as it will be."""
    if params["path"] not in (None, role["path"]):
        raise AnsibleAWSError(
            message=f"role {role['name']} has the path {role['path']}, which cannot become {params['path']}"
        )
    simple = ("description", "permissions_boundary", "max_session_duration")
    return {
        **role,
        **given(**{name: params[name] for name in simple}),
        "trust_policy": plan_policy(role["trust_policy"], params["trust_policy"]),
        "inline_policies": plan_inline_policies(
            role["inline_policies"], params["inline_policies"], params["purge_policies"]
        ),
        "tags": plan_tags(role["tags"], params["tags"], params["purge_tags"]),
    }


@IAMErrorHandler.common_error_handler("get inline policy")
def get_inline_policy(client: Any, role_name: str, name: str) -> Policy:
    """One inline policy's document."""
    answer = client.get_role_policy(RoleName=role_name, PolicyName=name, aws_retry=True)
    return answer["PolicyDocument"]


def get_role(client: Any, name: str) -> Resource | None:
    """The role with its inline policies, None if there is none."""
    role = get_iam_role(client, name)
    if role is None:
        return None
    names = list_iam_role_policies(client, name)
    return describe(role, {policy: get_inline_policy(client, name, policy) for policy in names})


@IAMErrorHandler.common_error_handler("create role")
def create_role(client: Any, role: Resource) -> Resource:
    """Create a role without its inline policies; returns it with its ARN."""
    answer = client.create_role(
        RoleName=role["name"],
        Path=role["path"],
        Description=role["description"],
        AssumeRolePolicyDocument=json.dumps(role["trust_policy"]),
        MaxSessionDuration=role["max_session_duration"],
        Tags=ansible_dict_to_boto3_tag_list(role["tags"]),
        **given(PermissionsBoundary=role["permissions_boundary"] or None),
        aws_retry=True,
    )
    client.get_waiter("role_exists").wait(RoleName=role["name"])
    return role | {"arn": answer["Role"]["Arn"]}


@IAMErrorHandler.common_error_handler("update trust policy")
def ensure_trust_policy(client: Any, role: Resource, planned: Resource) -> None:
    """Make the trust policy the planned one."""
    if role["trust_policy"] != planned["trust_policy"]:
        document = json.dumps(planned["trust_policy"])
        client.update_assume_role_policy(RoleName=role["name"], PolicyDocument=document, aws_retry=True)


@IAMErrorHandler.common_error_handler("update role")
def ensure_settings(client: Any, role: Resource, planned: Resource) -> None:
    """Make description and session duration the planned ones."""
    settings = ("description", "max_session_duration")
    if any(role[setting] != planned[setting] for setting in settings):
        # IAM resets the duration if it is not given.
        client.update_role(
            RoleName=role["name"],
            Description=planned["description"],
            MaxSessionDuration=planned["max_session_duration"],
            aws_retry=True,
        )


@IAMErrorHandler.common_error_handler("set permissions boundary")
def ensure_permissions_boundary(client: Any, role: Resource, planned: Resource) -> None:
    """Make the permissions boundary the planned one, or remove it."""
    boundary = planned["permissions_boundary"]
    if role["permissions_boundary"] == boundary:
        return
    if boundary:
        client.put_role_permissions_boundary(
            RoleName=role["name"], PermissionsBoundary=boundary, aws_retry=True
        )
    else:
        client.delete_role_permissions_boundary(RoleName=role["name"], aws_retry=True)


@IAMErrorHandler.common_error_handler("write inline policies")
def ensure_inline_policies(client: Any, role: Resource, planned: Resource) -> None:
    """Make the inline policies the planned ones, and delete those not planned."""
    current, desired = role["inline_policies"], planned["inline_policies"]
    for name in current.keys() - desired.keys():
        client.delete_role_policy(RoleName=role["name"], PolicyName=name, aws_retry=True)
    for name, policy in desired.items():
        if current.get(name) != policy:
            client.put_role_policy(
                RoleName=role["name"], PolicyName=name, PolicyDocument=json.dumps(policy), aws_retry=True
            )


@IAMErrorHandler.common_error_handler("tag role")
def ensure_tags(client: Any, role: Resource, planned: Resource) -> None:
    """Make the tags the planned ones."""
    name = role["name"]
    write_tags(
        role["tags"],
        planned["tags"],
        set_tags=lambda tags: client.tag_role(RoleName=name, Tags=tags, aws_retry=True),
        remove_keys=lambda keys: client.untag_role(RoleName=name, TagKeys=keys, aws_retry=True),
    )


@IAMErrorHandler.deletion_error_handler("delete role")
def delete_role(client: Any, role: Resource) -> None:
    """Delete a role, before it what IAM wants gone first."""
    for policy in list_iam_role_attached_policies(client, role["name"]):
        detach_iam_role_policy(client, policy["PolicyArn"], role["name"])
    ensure_inline_policies(client, role, role | {"inline_policies": {}})
    client.delete_role(RoleName=role["name"], aws_retry=True)


def ensure_present(module: AnsibleAWSModule, client: Any, role: Resource | None) -> Resource:
    """Create or change the role, and return it as it then is."""
    planned = plan(role or new_role(module.params), module.params)
    if role is None and module.check_mode:
        path = f"role{planned['path']}{planned['name']}"
        return planned | {"arn": predicted_arn(module, "iam", path, regional=False)}
    if role is None:
        planned = create_role(client, planned)
        role = planned | {"inline_policies": {}}
    if not module.check_mode:
        ensure_trust_policy(client, role, planned)
        ensure_settings(client, role, planned)
        ensure_permissions_boundary(client, role, planned)
        ensure_inline_policies(client, role, planned)
        ensure_tags(client, role, planned)
    return planned


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """Make the role what the task asks for; returns it before and after."""
    client = retrying_client(module, "iam")
    role = get_role(client, module.params["name"])
    if module.params["state"] == "present":
        return role, ensure_present(module, client, role)
    if role is not None and not module.check_mode:
        delete_role(client, role)
    return role, None


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"required": True},
            "trust_policy": {"type": "dict"},
            "inline_policies": {"type": "dict"},
            "purge_policies": {"type": "bool", "default": True},
            "description": {},
            "path": {},
            "permissions_boundary": {},
            "max_session_duration": {"type": "int"},
            **STATE_ARGUMENT,
            **TAG_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    run(module, "role", ensure)


if __name__ == "__main__":
    main()
