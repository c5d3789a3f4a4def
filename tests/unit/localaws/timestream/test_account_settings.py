# SPDX-License-Identifier: MIT
"""Account settings, as the developer guide describes their limits and the way of a change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localaws.documents import Documents
from localaws.errors import ValidationException
from localaws.timestream.account_settings import AccountSettings
from localaws.timestream.service import Timestream

HOUR = 3600
TOPIC = "arn:aws:sns:ap-south-1:000000000000:capacity"
NOTIFICATION = {"RoleArn": "arn:aws:iam::000000000000:role/notify", "SnsConfiguration": {"TopicArn": TOPIC}}


class Sns:
    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []

    def __call__(self, service: str) -> Sns:
        assert service == "sns"
        return self

    def publish(self, **request: str) -> None:
        self.messages.append(request)


@pytest.fixture
def sns() -> Sns:
    return Sns()


@pytest.fixture
def mumbai(clock: Any, sns: Sns) -> AccountSettings:
    return AccountSettings("ap-south-1", Documents(), clock, sns)


def provision(settings: AccountSettings, target: int, **more: Any) -> dict[str, Any]:
    capacity = {"TargetQueryTCU": target, **more}
    request = {"QueryCompute": {"ComputeMode": "PROVISIONED", "ProvisionedCapacity": capacity}}
    return settings.update_account_settings(request)["QueryCompute"]["ProvisionedCapacity"]  # type: ignore[no-any-return]


def test_the_defaults(call: Any) -> None:
    assert call("DescribeAccountSettings") == {
        "MaxQueryTCU": 200,
        "QueryPricingModel": "COMPUTE_UNITS",
        "QueryCompute": {"ComputeMode": "ON_DEMAND"},
    }


@pytest.mark.parametrize("units", [4, 8, 1000])
def test_the_most_units(call: Any, units: int) -> None:
    answer = call("UpdateAccountSettings", MaxQueryTCU=units, QueryPricingModel="COMPUTE_UNITS")
    assert answer["MaxQueryTCU"] == units
    assert call("DescribeAccountSettings") == answer


@pytest.mark.parametrize(
    "request_",
    [
        {"MaxQueryTCU": 0},
        {"MaxQueryTCU": 6},
        {"MaxQueryTCU": 1004},
        {"QueryPricingModel": "BYTES_SCANNED"},
        {"QueryCompute": {"ComputeMode": "PROVISIONED"}},
        {"QueryCompute": {"ProvisionedCapacity": {"TargetQueryTCU": 4}}},
    ],
)
def test_what_cannot_be_set(call: Any, request_: dict[str, Any]) -> None:
    with pytest.raises(ValidationException):
        call("UpdateAccountSettings", **request_)
    assert call("DescribeAccountSettings")["MaxQueryTCU"] == 200


def test_settings_survive_a_restart(tmp_path: Path, clock: Any) -> None:
    first = Timestream("000000000000", "us-east-1", clock, tmp_path)
    first.call("UpdateAccountSettings", {"MaxQueryTCU": 64}, "")
    first.close()
    second = Timestream("000000000000", "us-east-1", clock, tmp_path)
    assert second.call("DescribeAccountSettings", {}, "")["MaxQueryTCU"] == 64
    second.close()


def test_provisioned_capacity_comes_after_a_while_and_is_notified(mumbai: AccountSettings, sns: Sns) -> None:
    assert mumbai.describe_account_settings({})["QueryCompute"] == {
        "ComputeMode": "PROVISIONED",
        "ProvisionedCapacity": {"ActiveQueryTCU": 0},
    }
    assert provision(mumbai, 8, NotificationConfiguration=NOTIFICATION) == {
        "ActiveQueryTCU": 0,
        "NotificationConfiguration": NOTIFICATION,
        "LastUpdate": {"TargetQueryTCU": 8, "Status": "PENDING"},
    }
    mumbai.work()
    mumbai.work()
    capacity = mumbai.describe_account_settings({})["QueryCompute"]["ProvisionedCapacity"]
    assert capacity["ActiveQueryTCU"] == 8
    assert capacity["LastUpdate"] == {"TargetQueryTCU": 8, "Status": "SUCCEEDED"}
    [message] = sns.messages
    assert message["TopicArn"] == TOPIC
    assert json.loads(message["Message"])["ProvisionedCapacity"] == capacity


def test_capacity_can_be_decreased_after_an_hour(mumbai: AccountSettings, clock: Any) -> None:
    provision(mumbai, 8)
    mumbai.work()
    clock.seconds += 600
    provision(mumbai, 12)
    mumbai.work()
    clock.seconds += HOUR - 1
    provision(mumbai, 12)  # the same once more has no effect
    with pytest.raises(ValidationException, match="an hour"):
        provision(mumbai, 8)
    clock.seconds += 1
    assert provision(mumbai, 0)["LastUpdate"]["TargetQueryTCU"] == 0


@pytest.mark.parametrize("target", [-4, 2, 1004])
def test_capacity_that_cannot_be(mumbai: AccountSettings, target: int) -> None:
    with pytest.raises(ValidationException, match="TargetQueryTCU"):
        provision(mumbai, target)


def test_the_one_region_with_provisioned_capacity_has_no_other(mumbai: AccountSettings) -> None:
    with pytest.raises(ValidationException, match="ON_DEMAND is not available"):
        mumbai.update_account_settings({"QueryCompute": {"ComputeMode": "ON_DEMAND"}})
