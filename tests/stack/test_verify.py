# SPDX-License-Identifier: MIT
"""verify.yml passes on a stack as configured, and names what was changed behind its back."""

import pytest

from tests.conftest import Stack
from tests.playbooks import succeeded


@pytest.fixture
def stack(stack: Stack) -> Stack:
    """With its roll-up, if readings have come since it was deployed."""
    stack.playbooks.deploy()
    return stack


def test_a_stack_as_configured_passes(stack: Stack) -> None:
    run = succeeded(stack.playbooks.run("playbooks/verify.yml"))
    found = next(result["found.rows"] for name, result in run.results if name == "What was found")
    routes = {row["device_id"].rpartition("-")[0] for row in found}
    assert routes == {"verify-direct", "verify-lambda"}
    assert {row["reading"] for row in found} == {1.5}
    assert len(found) == 2 * len(stack.outputs["measures"])


def test_what_was_changed_by_hand_is_named(stack: Stack) -> None:
    client = stack.aws.client("timestream-write")
    table = {"DatabaseName": stack.outputs["database"], "TableName": stack.outputs["table"]}
    properties = client.describe_table(**table)["Table"]["RetentionProperties"]
    client.update_table(**table, RetentionProperties=properties | {"MemoryStoreRetentionPeriodInHours": 6})
    run = stack.playbooks.run("playbooks/verify.yml")
    assert run.code != 0
    assert "the changed tasks above differ from the settings" in run.failure
    assert run.changed == [("timestream : Table", "sensor-data")]
    retention = client.describe_table(**table)["Table"]["RetentionProperties"]
    assert retention["MemoryStoreRetentionPeriodInHours"] == 6, "verifying changes nothing"
    assert stack.playbooks.deploy().changed == run.changed
