#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manages Lambda functions, and the alias that serves a version which has been tried."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lambda_function
version_added: 0.2.0
short_description: Manage a Lambda function and its serving alias
description:
  - Creates, changes and deletes a function whose package is a zip file of this machine.
  - An unchanged package is never uploaded, a changed setting never touches the code.
  - With O(alias), callers use the alias. What changes is published as a version; the alias moves to it only
    after the version has answered O(smoke_event) without an error. Else the alias stays where it is, and the
    task fails with what the version said.
  - Waits for a role that was made seconds ago to become one that Lambda can take on.
options:
  name:
    description: The function's name, 1 to 64 of a-z, A-Z, 0-9, hyphen and underscore.
    type: str
    required: true
  zip_file:
    description: The package. Needed to create the function.
    type: path
  handler:
    description: What is called, for instance V(module.function). Needed to create the function.
    type: str
  runtime:
    description: The language and its version, for instance V(python3.13). Needed to create the function.
    type: str
  role:
    description: ARN of the role it takes on. Needed to create the function.
    type: str
  architecture:
    description: The processor, V(x86_64) unless set.
    type: str
    choices: [arm64, x86_64]
  description:
    description: What it is for.
    type: str
  memory_size:
    description: Memory in MB, 128 to 10240.
    type: int
  timeout:
    description: Seconds that an invocation may take, 1 to 900.
    type: int
  environment:
    description: Environment variables, texts. Those not named here are removed.
    type: dict
  kms_key_arn:
    description: The key that encrypts the environment variables. An empty string is AWS's own.
    type: str
  subnet_ids:
    description: Subnets of the VPC that it reaches into. An empty list takes it out of the VPC.
    type: list
    elements: str
  security_group_ids:
    description: Its security groups in that VPC.
    type: list
    elements: str
  tracing:
    description: V(Active) samples invocations for X-Ray, V(PassThrough) follows its caller.
    type: str
    choices: [Active, PassThrough]
  dead_letter_arn:
    description:
      - Queue or topic for events of asynchronous invocations that failed every time.
      - An empty string is none.
    type: str
  reserved_concurrency:
    description: How many invocations may run at once, reserved for it; V(-1) reserves none.
    type: int
  on_failure_arn:
    description:
      - Where a record of an asynchronous invocation goes that failed every time. An empty string is nowhere.
      - It belongs to O(alias) if there is one.
    type: str
  maximum_retries:
    description: How often a failed asynchronous invocation is tried again, 0 to 2.
    type: int
  maximum_event_age:
    description: Seconds for which an event of an asynchronous invocation is tried, 60 to 21600.
    type: int
  alias:
    description: The alias that serves the last version that was tried.
    type: str
  smoke_event:
    description: The event that a new version must answer before O(alias) moves to it.
    type: raw
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
- name: A function whose callers only ever meet a version that has been tried
  timeseries.aws.lambda_function:
    name: ingest
    zip_file: build/ingest.zip
    handler: ingest.handler.handle
    runtime: python3.13
    architecture: arm64
    role: arn:aws:iam::123456789012:role/ingest
    memory_size: 256
    timeout: 60
    environment: {LOG_LEVEL: INFO}
    alias: live
    smoke_event: []
    tags: {project: iot}

- name: Give it more time, and nothing else
  timeseries.aws.lambda_function:
    name: ingest
    timeout: 120

- name: Delete it with all its versions
  timeseries.aws.lambda_function:
    name: ingest
    state: absent
"""

RETURN = r"""
function:
  description: The function, as it is or, in check mode, as it would be.
  returned: unless it is absent
  type: dict
  contains:
    arn:
      description: The function's ARN.
      returned: always
      type: str
      sample: arn:aws:lambda:eu-west-1:123456789012:function:ingest
    code_sha256:
      description: Checksum of its package, in base64.
      returned: always
      type: str
      sample: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    alias:
      description: The serving alias, null without one.
      returned: always
      type: dict
      contains:
        name:
          description: The alias's name.
          returned: always
          type: str
          sample: live
        current:
          description: Whether it serves the function as it is described here.
          returned: always
          type: bool
          sample: true
    settings:
      description: Its configuration under the names of the options, so far as AWS reports it.
      returned: always
      type: dict
      sample: {memory_size: 256, timeout: 60}
    reserved_concurrency:
      description: How many invocations are reserved for it, V(-1) if none are.
      returned: always
      type: int
      sample: -1
    asynchronous:
      description: What becomes of asynchronous invocations.
      returned: always
      type: dict
      sample: {maximum_event_age: 21600, maximum_retries: 2, on_failure_arn: ""}
    tags:
      description: The function's tags.
      returned: always
      type: dict
      sample: {project: iot}
"""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.timeseries.aws.plugins.module_utils.planning import require_for_creation
from ansible_collections.timeseries.aws.plugins.module_utils.resource import (
    STATE_ARGUMENT,
    TAG_ARGUMENTS,
    Resource,
    error_handler,
    given,
    plan_tags,
    predicted_arn,
    run,
    write_tags,
)

LambdaErrors = error_handler("ResourceNotFoundException")
NONE_RESERVED = -1

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
DEFAULTS: dict[str, Any] = {
    "description": "",
    "memory_size": 128,
    "timeout": 3,
    "environment": {},
    "kms_key_arn": "",
    "subnet_ids": [],
    "security_group_ids": [],
    "tracing": "PassThrough",
    "dead_letter_arn": "",
    "architecture": "x86_64",
}
# https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
ASYNCHRONOUS: dict[str, Any] = {"maximum_event_age": 21600, "maximum_retries": 2, "on_failure_arn": ""}
NEEDED = ("zip_file", "handler", "runtime", "role")


class RoleRetry(AWSRetry):
    """Tries again while the role or its rights have not reached Lambda yet."""

    @staticmethod
    def status_code_from_exception(error: Any) -> Any:
        """A code of our own for what only the message tells from other wrong parameters."""
        unready = re.search("cannot be assumed|execution role does not have permissions", str(error))
        return "RoleNotReady" if unready else AWSRetry.status_code_from_exception(error)


def describe(configuration: dict[str, Any]) -> Resource:
    """A function's settings under the names of the options, from GetFunctionConfiguration."""
    network = configuration.get("VpcConfig") or {}
    return {
        "handler": configuration["Handler"],
        "runtime": configuration["Runtime"],
        "role": configuration["Role"],
        "architecture": (configuration.get("Architectures") or ["x86_64"])[0],
        "description": configuration.get("Description", ""),
        "memory_size": configuration["MemorySize"],
        "timeout": configuration["Timeout"],
        "environment": (configuration.get("Environment") or {}).get("Variables", {}),
        "kms_key_arn": configuration.get("KMSKeyArn") or "",
        "subnet_ids": sorted(network.get("SubnetIds") or []),
        "security_group_ids": sorted(network.get("SecurityGroupIds") or []),
        "tracing": (configuration.get("TracingConfig") or {}).get("Mode", "PassThrough"),
        "dead_letter_arn": (configuration.get("DeadLetterConfig") or {}).get("TargetArn", ""),
    }


def configuration_of(settings: Resource) -> dict[str, Any]:
    """Settings as UpdateFunctionConfiguration takes them."""
    return {
        "Handler": settings["handler"],
        "Runtime": settings["runtime"],
        "Role": settings["role"],
        "Description": settings["description"],
        "MemorySize": settings["memory_size"],
        "Timeout": settings["timeout"],
        "Environment": {"Variables": settings["environment"]},
        "KMSKeyArn": settings["kms_key_arn"],
        "VpcConfig": {
            "SubnetIds": settings["subnet_ids"],
            "SecurityGroupIds": settings["security_group_ids"],
        },
        "TracingConfig": {"Mode": settings["tracing"]},
        "DeadLetterConfig": {"TargetArn": settings["dead_letter_arn"]},
    }


def plan(function: Resource, params: dict[str, Any]) -> Resource:
    """The function as it will be; its alias, if it is to have one, then serves that."""
    wanted = {name: params[name] for name in (*function["settings"], *ASYNCHRONOUS)}
    if wanted["environment"] is not None:
        wanted["environment"] = {key: to_text(value) for key, value in wanted["environment"].items()}
    for name in ("subnet_ids", "security_group_ids"):
        wanted[name] = None if wanted[name] is None else sorted(wanted[name])
    planned = {
        **function,
        **given(reserved_concurrency=params["reserved_concurrency"]),
        "settings": {
            **function["settings"],
            **given(**{name: wanted[name] for name in function["settings"]}),
        },
        "asynchronous": {
            **function["asynchronous"],
            **given(**{name: wanted[name] for name in ASYNCHRONOUS}),
        },
        "tags": plan_tags(function["tags"], params["tags"], params["purge_tags"]),
    }
    if params["zip_file"]:
        planned["code_sha256"] = sha256(package(params))
    if params["alias"]:
        planned["alias"] = {"name": params["alias"], "current": True}
    return planned


def package(params: dict[str, Any]) -> bytes:
    """The zip file; AnsibleAWSError if it can't be read."""
    try:
        return Path(params["zip_file"]).read_bytes()
    except OSError as error:
        raise AnsibleAWSError(message=f"zip_file={params['zip_file']} can't be read: {error}") from error


def sha256(code: bytes) -> str:
    """A package's checksum as Lambda's CodeSha256."""
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


class Lambda:
    """The calls for one function."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        decorator = RoleRetry.jittered_backoff(
            retries=12,
            delay=1,
            max_delay=10,
            # Another change may still be under way
            catch_extra_error_codes=["RoleNotReady", "ResourceConflictException", "TooManyRequestsException"],
        )
        self.name: str = module.params["name"]
        self.alias: str | None = module.params["alias"]
        self.client: Any = module.client("lambda", retry_decorator=decorator)

    @LambdaErrors.list_error_handler("get the function")
    def get(self) -> Resource | None:
        """The function, None if there is none."""
        found = self.client.get_function(FunctionName=self.name, aws_retry=True)
        configuration = found["Configuration"]
        reserved = found.get("Concurrency", {}).get("ReservedConcurrentExecutions", NONE_RESERVED)
        return {
            "arn": configuration["FunctionArn"],
            "code_sha256": configuration["CodeSha256"],
            "settings": describe(configuration),
            "reserved_concurrency": reserved,
            "asynchronous": self.asynchronous() or ASYNCHRONOUS,
            "alias": self.alias and {"name": self.alias, "current": self.serves(configuration)},
            "tags": found.get("Tags", {}),
        }

    @LambdaErrors.list_error_handler("get how it is invoked")
    def asynchronous(self) -> Resource | None:
        """What becomes of asynchronous invocations; None if nothing was said of it."""
        found = self.client.get_function_event_invoke_config(**self.qualified(), aws_retry=True)
        destinations = found.get("DestinationConfig") or {}
        return {
            "maximum_event_age": found.get("MaximumEventAgeInSeconds", ASYNCHRONOUS["maximum_event_age"]),
            "maximum_retries": found.get("MaximumRetryAttempts", ASYNCHRONOUS["maximum_retries"]),
            "on_failure_arn": (destinations.get("OnFailure") or {}).get("Destination", ""),
        }

    def qualified(self) -> dict[str, str]:
        """The function as its callers name it: by its alias, if it has one."""
        return {"FunctionName": self.name, **({"Qualifier": self.alias} if self.alias else {})}

    def serves(self, configuration: dict[str, Any]) -> bool:
        """Whether the alias serves what the function is."""
        served = self.served()
        return bool(
            served
            and served["CodeSha256"] == configuration["CodeSha256"]
            and describe(served) == describe(configuration)
        )

    @LambdaErrors.list_error_handler("get what the alias serves")
    def served(self) -> dict[str, Any] | None:
        """The configuration of the version that the alias points to, None without an alias."""
        found: dict[str, Any] = self.client.get_function_configuration(**self.qualified(), aws_retry=True)
        return found

    @LambdaErrors.common_error_handler("create the function")
    def create(self, planned: Resource, code: bytes) -> None:
        """Create the function with all it should have."""
        configuration = configuration_of(planned["settings"])
        self.client.create_function(
            FunctionName=self.name,
            Code={"ZipFile": code},
            Architectures=[planned["settings"]["architecture"]],
            Tags=planned["tags"],
            **{name: value for name, value in configuration.items() if value},
            aws_retry=True,
        )
        self.client.get_waiter("function_active_v2").wait(FunctionName=self.name)

    @LambdaErrors.common_error_handler("upload the package")
    def ensure_code(self, function: Resource, planned: Resource, code: bytes) -> None:
        """Upload the package, if it or its processor differs."""
        architecture = planned["settings"]["architecture"]
        if (function["code_sha256"], function["settings"]["architecture"]) != (
            planned["code_sha256"],
            architecture,
        ):
            self.client.update_function_code(
                FunctionName=self.name, ZipFile=code, Architectures=[architecture], aws_retry=True
            )
            self.client.get_waiter("function_updated_v2").wait(FunctionName=self.name)

    @LambdaErrors.common_error_handler("change the function")
    def ensure_configuration(self, function: Resource, planned: Resource) -> None:
        """Change what differs in the configuration."""
        current, wanted = configuration_of(function["settings"]), configuration_of(planned["settings"])
        changes = {name: value for name, value in wanted.items() if value != current[name]}
        if changes:
            self.client.update_function_configuration(FunctionName=self.name, **changes, aws_retry=True)
            self.client.get_waiter("function_updated_v2").wait(FunctionName=self.name)

    @LambdaErrors.common_error_handler("reserve its concurrency")
    def ensure_concurrency(self, function: Resource, planned: Resource) -> None:
        """Reserve as many invocations as planned."""
        reserved = planned["reserved_concurrency"]
        if reserved == function["reserved_concurrency"]:
            return
        if reserved == NONE_RESERVED:
            self.client.delete_function_concurrency(FunctionName=self.name, aws_retry=True)
        else:
            self.client.put_function_concurrency(
                FunctionName=self.name, ReservedConcurrentExecutions=reserved, aws_retry=True
            )

    @LambdaErrors.common_error_handler("say what becomes of asynchronous invocations")
    def ensure_asynchronous(self, function: Resource, planned: Resource) -> None:
        """Set retries, age and destination."""
        wanted = planned["asynchronous"]
        if wanted == function["asynchronous"]:
            return
        destination = {"OnFailure": {"Destination": wanted["on_failure_arn"]}}
        self.client.put_function_event_invoke_config(
            **self.qualified(),
            MaximumEventAgeInSeconds=wanted["maximum_event_age"],
            MaximumRetryAttempts=wanted["maximum_retries"],
            DestinationConfig=destination if wanted["on_failure_arn"] else {},
            aws_retry=True,
        )

    @LambdaErrors.common_error_handler("publish a version")
    def publish(self, code_sha256: str) -> str:
        """The version made of the function as it is."""
        made = self.client.publish_version(FunctionName=self.name, CodeSha256=code_sha256, aws_retry=True)
        version: str = made["Version"]
        self.client.get_waiter("published_version_active").wait(FunctionName=self.name, Qualifier=version)
        return version

    @LambdaErrors.common_error_handler("try the new version")
    def smoke(self, version: str, event: Any) -> None:
        """Invoke a version; AnsibleAWSError if it fails."""
        answer = self.client.invoke(
            FunctionName=self.name,
            Qualifier=version,
            LogType="Tail",
            Payload=json.dumps(event).encode(),
            aws_retry=True,
        )
        if "FunctionError" in answer:
            said = answer["Payload"].read().decode(errors="replace")
            log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
            raise AnsibleAWSError(
                message=f"Version {version} of {self.name} failed its smoke_event, so the alias {self.alias} "
                f"stays where it is. The version answered: {said} Its log: {log}"
            )

    @LambdaErrors.common_error_handler("move the alias")
    def move_alias(self, version: str) -> None:
        """Let the alias serve a version."""
        target = {"FunctionName": self.name, "Name": self.alias, "FunctionVersion": version}
        if self.served() is None:
            self.client.create_alias(**target, aws_retry=True)
        else:
            self.client.update_alias(**target, aws_retry=True)

    @LambdaErrors.common_error_handler("tag the function")
    def ensure_tags(self, function: Resource, planned: Resource) -> None:
        """Make the tags the planned ones."""
        arn = function["arn"]
        write_tags(
            function["tags"],
            planned["tags"],
            set_tags=lambda tags: self.client.tag_resource(
                Resource=arn, Tags=boto3_tag_list_to_ansible_dict(tags), aws_retry=True
            ),
            remove_keys=lambda keys: self.client.untag_resource(Resource=arn, TagKeys=keys, aws_retry=True),
        )

    @LambdaErrors.deletion_error_handler("delete the function")
    def delete(self) -> None:
        """Delete the function with its versions and aliases."""
        self.client.delete_function(FunctionName=self.name, aws_retry=True)


def ensure_alias(calls: Lambda, function: Resource, planned: Resource, params: dict[str, Any]) -> None:
    """Publish, try and serve what the function is now, unless the alias serves that."""
    if planned["alias"] == function["alias"] and served_parts(planned) == served_parts(function):
        return
    if planned["alias"]:
        version = calls.publish(planned["code_sha256"])
        if params["smoke_event"] is not None:
            calls.smoke(version, params["smoke_event"])
        calls.move_alias(version)


def served_parts(function: Resource) -> tuple[Any, ...]:
    """What of a function a version keeps."""
    return function["code_sha256"], function["settings"]


def ensure_created(module: AnsibleAWSModule, calls: Lambda) -> Resource:
    """Create the function, and return it as it then is."""
    params = module.params
    require_for_creation(params, f"The function {calls.name}", *NEEDED)
    nothing: Resource = {
        "arn": predicted_arn(module, "lambda", f"function:{calls.name}"),
        "code_sha256": "",
        "settings": {**dict.fromkeys(("handler", "runtime", "role")), **DEFAULTS},
        "reserved_concurrency": NONE_RESERVED,
        "asynchronous": ASYNCHRONOUS,
        "alias": None,
        "tags": {},
    }
    planned = plan(nothing, params)
    if not module.check_mode:
        calls.create(planned, package(params))
        write_rest(calls, nothing, planned, params)
    return planned


def ensure_updated(module: AnsibleAWSModule, calls: Lambda, function: Resource) -> Resource:
    """Change the function, and return it as it then is."""
    params = module.params
    planned = plan(function, params)
    if not module.check_mode:
        if params["zip_file"]:
            calls.ensure_code(function, planned, package(params))
        calls.ensure_configuration(function, planned)
        calls.ensure_tags(function, planned)
        write_rest(calls, function, planned, params)
    return planned


def write_rest(calls: Lambda, function: Resource, planned: Resource, params: dict[str, Any]) -> None:
    """What is the same for a function made just now and one that was there."""
    calls.ensure_concurrency(function, planned)
    ensure_alias(calls, function, planned, params)
    calls.ensure_asynchronous(function, planned)


def ensure(module: AnsibleAWSModule) -> tuple[Resource | None, Resource | None]:
    """Make the function what the task asks for; returns it before and after."""
    calls = Lambda(module)
    function = calls.get()
    if module.params["state"] == "present":
        if function is None:
            return None, ensure_created(module, calls)
        return function, ensure_updated(module, calls, function)
    if function and not module.check_mode:
        calls.delete()
    return function, None


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"required": True},
            "zip_file": {"type": "path"},
            "handler": {},
            "runtime": {},
            "role": {},
            "architecture": {"choices": ["arm64", "x86_64"]},
            "description": {},
            "memory_size": {"type": "int"},
            "timeout": {"type": "int"},
            "environment": {"type": "dict"},
            "kms_key_arn": {"no_log": False},
            "subnet_ids": {"type": "list", "elements": "str"},
            "security_group_ids": {"type": "list", "elements": "str"},
            "tracing": {"choices": ["Active", "PassThrough"]},
            "dead_letter_arn": {},
            "reserved_concurrency": {"type": "int"},
            "on_failure_arn": {},
            "maximum_retries": {"type": "int"},
            "maximum_event_age": {"type": "int"},
            "alias": {},
            "smoke_event": {"type": "raw"},
            **STATE_ARGUMENT,
            **TAG_ARGUMENTS,
        },
        required_together=[("subnet_ids", "security_group_ids")],
        required_by={"smoke_event": ["alias"]},
        supports_check_mode=True,
    )
    run(module, "function", ensure)


if __name__ == "__main__":
    main()
