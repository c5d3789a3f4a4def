# SPDX-License-Identifier: MIT
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

actions = st.lists(
    st.sampled_from(["s3:GetObject", "s3:PutObject", "sqs:SendMessage"]), min_size=1, unique=True
)
statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": actions,
        "Resource": st.lists(
            st.sampled_from(["arn:aws:s3:::a", "arn:aws:s3:::a/*"]), min_size=1, unique=True
        ),
    },
    optional={
        "Principal": st.fixed_dictionaries({"Service": st.sampled_from(["iot.amazonaws.com"])}),
        "Condition": st.fixed_dictionaries(
            {"Bool": st.fixed_dictionaries({"aws:SecureTransport": st.booleans()})}
        ),
    },
)
policies = st.builds(
    lambda items: {"Version": "2012-10-17", "Statement": items}, st.lists(statements, min_size=1, max_size=3)
)


@pytest.fixture(scope="module")
def planning() -> Any:
    return import_module("ansible_collections.timeseries.aws.plugins.module_utils.planning")


def otherwise_written(value: Any) -> Any:
    """The same policy: lists turned round or, of one, dropped; booleans quoted."""
    if isinstance(value, dict):
        return {key: otherwise_written(item) for key, item in reversed(value.items())}
    if isinstance(value, list):
        items = [otherwise_written(item) for item in reversed(value)]
        return items[0] if len(items) == 1 else items
    return str(value).lower() if isinstance(value, bool) else value


@given(policy=policies)
def test_a_policy_otherwise_written_is_no_change(planning: Any, policy: dict[str, Any]) -> None:
    assert planning.plan_policy(policy, otherwise_written(policy)) is policy
    assert planning.plan_policy(otherwise_written(policy), policy) == otherwise_written(policy)


@given(policy=policies, index=st.integers(min_value=0, max_value=2))
def test_a_policy_that_says_something_else_is_a_change(
    planning: Any, policy: dict[str, Any], index: int
) -> None:
    changed = policy["Statement"][:]
    index %= len(changed)
    changed[index] = changed[index] | {"Action": ["iot:Publish"]}
    desired = policy | {"Statement": changed}
    assert planning.plan_policy(policy, desired) == desired


@given(policy=policies)
def test_unset_leaves_a_policy_alone_and_empty_removes_it(planning: Any, policy: dict[str, Any]) -> None:
    assert planning.plan_policy(policy, None) is policy
    assert planning.plan_policy(policy, {}) is None
    assert planning.plan_policy(None, policy) == policy
    assert planning.plan_policy(None, None) is None
    assert planning.plan_policy(None, {}) is None


def test_creation_names_all_that_is_missing(planning: Any) -> None:
    planning.require_for_creation({"a": 0, "b": ""}, "thing t", "a", "b")
    with pytest.raises(planning.AnsibleAWSError, match="thing t does not exist; creating it needs a, c"):
        planning.require_for_creation({"a": None, "b": 1, "c": None}, "thing t", "a", "b", "c")
