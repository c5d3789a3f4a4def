# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules share: a resource is read, its next state planned, the difference written, both reported.

A module hands `run()` a function that answers with the resource before and after. A plan is pure and the
same with and without check mode, so a check run predicts what a real run does; only writes ask for the mode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

try:
    from botocore.exceptions import ParamValidationError
    from botocore.validate import ParamValidator
except ImportError:
    pass  # AnsibleAWSModule says so.

from ansible.module_utils.common.text.converters import to_text
from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.iam import get_aws_account_info
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    compare_aws_tags,
)

Resource = dict[str, Any]
Tags = dict[str, str]

STATE_ARGUMENT: dict[str, Any] = {"state": {"choices": ["present", "absent"], "default": "present"}}
TAG_ARGUMENTS: dict[str, Any] = {
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def error_handler(*missing: str, error: type[AnsibleAWSError] = AnsibleAWSError) -> type[AWSErrorHandler]:
    """Decorators for API calls of a service whose "no such resource" has the error codes `missing`.

    A call that fails otherwise raises `error`, which `run()` reports.
    """

    class Handler(AWSErrorHandler):
        _CUSTOM_EXCEPTION = error

        @classmethod
        def _is_missing(cls) -> type[Exception]:
            return is_boto3_error_code(missing)

    return Handler


def retrying_client(module: AnsibleAWSModule, service: str, *retry_on: str) -> Any:
    """A boto3 client whose calls take `aws_retry=True`, and are then repeated for a while.

    :param retry_on: error codes to repeat on, besides those that say that AWS is throttling or out of order.
    """
    codes = ["ThrottlingException", *retry_on]
    retry = AWSRetry.jittered_backoff(retries=8, delay=1, max_delay=15, catch_extra_error_codes=codes)
    return module.client(service, retry_decorator=retry)


@AWSErrorHandler.common_error_handler("understand the parameters")
def validate_request(client: Any, operation: str, request: dict[str, Any]) -> None:
    """Check a request as boto3 would before it sends it, so that a check run finds what is misspelt."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())


def given(**settings: Any) -> dict[str, Any]:
    """The settings that were set: an unset parameter (None) leaves its attribute alone."""
    return {name: value for name, value in settings.items() if value is not None}


def plan_tags(current: Mapping[str, str], desired: Mapping[str, Any] | None, purge: bool) -> Tags:
    """The tags a resource will have; AWS's own (`aws:...`) are never purged."""
    if desired is None:
        return dict(current)
    to_set, to_remove = compare_aws_tags(current, desired, purge)
    kept = {key: value for key, value in current.items() if key not in to_remove}
    return kept | {key: to_text(value) for key, value in to_set.items()}


def write_tags(
    current: Mapping[str, str],
    planned: Mapping[str, str],
    set_tags: Callable[[list[dict[str, str]]], Any],
    remove_keys: Callable[[list[str]], Any],
) -> None:
    """Make `current` tags the `planned` ones; `set_tags` is handed boto3's list of Key and Value."""
    to_set, to_remove = compare_aws_tags(current, planned)
    if to_remove:
        remove_keys(to_remove)
    if to_set:
        set_tags(ansible_dict_to_boto3_tag_list(to_set))


def predicted_arn(module: AnsibleAWSModule, service: str, resource: str, *, regional: bool = True) -> str:
    """The ARN a resource of this account will have, for a check run; STS knows account and partition."""
    account, partition = get_aws_account_info(module)
    region = module.region if regional else ""
    return f"arn:{partition}:{service}:{region}:{account}:{resource}"


def run(
    module: AnsibleAWSModule,
    key: str,
    ensure: Callable[[AnsibleAWSModule], tuple[Resource | None, Resource | None]],
) -> None:
    """Do a module's work and end it.

    :param key: under which the resource is returned, unless it is absent afterwards.
    :param ensure: answers with the resource before and after, None where there is none. They differ exactly
        if something changed, so they hold nothing that changes by itself.
    """
    try:
        before, after = ensure(module)
    except AnsibleAWSError as error:
        module.fail_json_aws_error(error)
    result: dict[str, Any] = {"changed": before != after}
    if after is not None:
        result[key] = after
    if module._diff:
        result["diff"] = {"before": before or {}, "after": after or {}}
    module.exit_json(**result)
