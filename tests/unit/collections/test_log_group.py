# SPDX-License-Identifier: MIT
from collections.abc import Callable
from typing import Any

RunModule = Callable[..., dict[str, Any]]


def test_an_impossible_retention_touches_nothing(aws: Any, run_module: RunModule) -> None:
    run_module("log_group", name="/f/one", retention_days=14)
    refused = run_module("log_group", name="/f/one", retention_days=33)
    assert refused["failed"] is True
    assert "retention_days must be one of" in refused["msg"]
    (group,) = aws.client("logs").describe_log_groups(logGroupNamePrefix="/f/one")["logGroups"]
    assert group["retentionInDays"] == 14
    run_module("log_group", name="/f/one", state="absent")


def test_a_longer_name_is_another_group(aws: Any, run_module: RunModule) -> None:
    run_module("log_group", name="/f/one-more", retention_days=14)
    assert run_module("log_group", name="/f/one", state="absent")["changed"] is False
    assert run_module("log_group", name="/f/one")["log_group"]["retention_days"] == 0
    assert run_module("log_group", name="/f/one", state="absent")["changed"] is True
    (group,) = aws.client("logs").describe_log_groups(logGroupNamePrefix="/f/one")["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == ("/f/one-more", 14)
    run_module("log_group", name="/f/one-more", state="absent")
