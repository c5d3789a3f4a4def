# SPDX-License-Identifier: MIT
"""The rates of https://docs.aws.amazon.com/timestream/latest/developerguide/ts-limits.html"""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import rates
from localaws.embedded import EmbeddedAws, embedded_aws
from localaws.errors import ThrottlingException

SECOND = 10**9


class Clock:
    """Stands still unless it is moved."""

    now = 0

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def passed(limits: rates.Rates, operation: str, calls: int, request: dict[str, Any] | None = None) -> int:
    """How many of so many calls at once pass."""
    count = 0
    for _ in range(calls):
        try:
            limits.take(operation, request or {})
        except ThrottlingException:
            continue
        count += 1
    return count


@pytest.mark.parametrize(
    ("operation", "a_second"),
    [
        ("CreateDatabase", 1),
        ("UpdateTable", 1),
        ("DeleteScheduledQuery", 1),
        ("DescribeEndpoints", 5),
        ("ListTables", 5),
        ("PrepareQuery", 5),
        ("ExecuteScheduledQuery", 5),
        ("WriteRecords", 20),
        ("Query", 20),
        ("CancelQuery", 20),
    ],
)
def test_as_many_pass_in_a_second_as_aws_lets_pass(clock: Clock, operation: str, a_second: int) -> None:
    limits = rates.Rates(rates.AWS, clock)
    assert passed(limits, operation, 20) == a_second
    clock.now += SECOND // 10
    assert passed(limits, operation, 20) == (20 if a_second == 20 else 0)
    clock.now += 100 * SECOND
    assert passed(limits, operation, 20) == a_second


def test_changes_share_their_rate_and_leave_the_others_alone(clock: Clock) -> None:
    limits = rates.Rates(rates.AWS, clock)
    assert passed(limits, "CreateTable", 1) == 1
    assert passed(limits, "DeleteTable", 1) == 0
    assert passed(limits, "DescribeTable", 9) == 5


@pytest.mark.parametrize(
    "statement",
    ["UNLOAD (SELECT 1) TO 's3://b'", " -- by the day\n unload (SELECT 1)", "/* a\nb */UNLOAD(x)"],
)
def test_one_unload_a_second(clock: Clock, statement: str) -> None:
    limits = rates.Rates(rates.AWS, clock)
    assert passed(limits, "Query", 3, {"QueryString": statement}) == 1
    assert passed(limits, "Query", 3, {"QueryString": "SELECT unload FROM t"}) == 3


def test_one_query_with_insights_a_second(clock: Clock) -> None:
    limits = rates.Rates(rates.AWS, clock)
    with_insights = {"QueryString": "SELECT 1", "QueryInsights": {"Mode": "ENABLED_WITH_RATE_CONTROL"}}
    assert passed(limits, "Query", 3, with_insights) == 1
    assert passed(limits, "Query", 3, {**with_insights, "QueryInsights": {"Mode": "DISABLED"}}) == 3


def test_without_rates_all_pass(clock: Clock) -> None:
    assert passed(rates.Rates(rates.UNLIMITED, clock), "CreateTable", 1000) == 1000


def test_faults_are_for_the_calls_that_were_named() -> None:
    faults = rates.Faults()
    faults.throttle("WriteRecords", 2)
    faults.take("Query")
    for _ in range(2):
        with pytest.raises(ThrottlingException):
            faults.take("WriteRecords")
    faults.take("WriteRecords")


def test_a_throttled_call_is_answered_as_aws_does(aws: EmbeddedAws) -> None:
    aws.throttle("ListDatabases", 1)
    client = aws.client("timestream-write")
    with pytest.raises(client.exceptions.ThrottlingException) as caught:
        client.list_databases()
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert response["Error"]["Message"] == "Request rate limit exceeded"
    assert "Databases" in client.list_databases()


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_boto3_retries_a_throttled_call(aws: EmbeddedAws, mode: str) -> None:
    aws.throttle("ListDatabases", 2)
    client = aws.client("timestream-write", retries={"mode": mode, "total_max_attempts": 4})
    answer = client.list_databases()
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2


@pytest.fixture(scope="module")
def as_slow_as_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with embedded_aws(tmp_path_factory.mktemp("slow"), rates="aws") as running:
        yield running


def test_a_server_can_have_the_rates_of_aws_and_its_clock_lets_time_pass(as_slow_as_aws: EmbeddedAws) -> None:
    client = as_slow_as_aws.client("timestream-write")
    client.create_database(DatabaseName="one")
    with pytest.raises(ClientError, match="rate limit"):
        create_databases(client, 10)
    as_slow_as_aws.forward(1)
    client.create_database(DatabaseName="two")


def create_databases(client: Any, count: int) -> None:
    for number in range(count):
        client.create_database(DatabaseName=f"more-{number}")


def test_another_region_has_a_rate_of_its_own(as_slow_as_aws: EmbeddedAws) -> None:
    as_slow_as_aws.forward(1)
    for region in ("us-west-2", "eu-west-1", "us-east-2"):
        client = as_slow_as_aws.session(region=region).client(
            "timestream-write", endpoint_url=as_slow_as_aws.endpoint
        )
        client.create_database(DatabaseName="plant")
