# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Planning what a resource will be: its policy, and what only its creation must be told. No calls."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies

Policy = dict[str, Any]


def plan_policy(current: Policy | None, desired: Policy | None) -> Policy | None:
    """The policy a resource will have, None for no policy.

    That is the current one, as AWS words it, where the desired one says the same: AWS turns a list of one
    into a string, and neither the order of a list nor quotes around a number or boolean matter. An unset
    policy (None) leaves the current one alone, an empty one removes it.
    """
    if desired is None:
        return current
    if current and desired and not compare_policies(current, desired):
        return current
    return desired or None


def require_for_creation(params: dict[str, Any], resource: str, *names: str) -> None:
    """Refuse to create a resource without the parameters `names`; an existing one may leave them unset."""
    missing = [name for name in names if params[name] is None]
    if missing:
        raise AnsibleAWSError(message=f"{resource} does not exist; creating it needs {', '.join(missing)}")
