# SPDX-License-Identifier: MIT
"""The module timestream_account_settings, against the embedded AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

# https://docs.aws.amazon.com/timestream/latest/developerguide/ts-limits.html
DEFAULT = 200


@pytest.fixture
def query(aws: Any) -> Iterator[Any]:
    client = aws.client("timestream-query")
    yield client
    client.update_account_settings(MaxQueryTCU=DEFAULT)


def test_life(query: Any, converge: Any) -> None:
    def observe() -> int:
        units: int = query.describe_account_settings()["MaxQueryTCU"]
        return units

    limited = converge("timestream_account_settings", observe, max_query_tcu=16)
    assert limited["changed"]
    assert limited["diff"]["before"] == {"max_query_tcu": DEFAULT, "query_pricing_model": "COMPUTE_UNITS"}
    assert limited["settings"] == {"max_query_tcu": 16, "query_pricing_model": "COMPUTE_UNITS"}
    assert observe() == 16
    assert converge("timestream_account_settings", observe, max_query_tcu=4)["changed"]


@pytest.mark.parametrize("units", [0, 2, 10, 1004])
@pytest.mark.parametrize("check", [True, False])
def test_what_aws_would_refuse(run_module: Any, units: int, check: bool) -> None:
    refused = run_module("timestream_account_settings", check=check, max_query_tcu=units)
    assert refused["failed"]
    assert f"max_query_tcu={units} can't be used; allowed: a multiple of 4 from 4 to 1000" in refused["msg"]
