# SPDX-License-Identifier: MIT
"""ClientTokens, by the times that the API reference gives them."""

from __future__ import annotations

import pytest

from localaws.errors import ValidationException
from localaws.timestream import client_tokens
from localaws.timestream.client_tokens import ClientTokens

MINUTE = 60 * 10**9
REQUEST = {"QueryString": "SELECT 1", "ClientToken": "x" * 32}


@pytest.fixture
def tokens() -> ClientTokens:
    used = ClientTokens()
    assert used.query_of(REQUEST, "Q1", 0) == "Q1"
    return used


def test_the_same_request_is_for_the_same_query(tokens: ClientTokens) -> None:
    assert tokens.query_of(dict(REQUEST), "Q2", 5 * MINUTE - 1) == "Q1"


@pytest.mark.parametrize("change", [{"QueryString": "SELECT 2"}, {"MaxRows": 5}])
def test_other_parameters_are_refused(tokens: ClientTokens, change: dict[str, object]) -> None:
    with pytest.raises(ValidationException, match="other parameters"):
        tokens.query_of({**REQUEST, **change}, "Q2", 1)


@pytest.mark.parametrize("now", [5 * MINUTE, 240 * MINUTE - 1])
def test_after_five_minutes_it_is_refused(tokens: ClientTokens, now: int) -> None:
    with pytest.raises(ValidationException, match="5 minutes"):
        tokens.query_of(REQUEST, "Q2", now)


def test_after_four_hours_it_is_new(tokens: ClientTokens) -> None:
    assert tokens.query_of({**REQUEST, "MaxRows": 1}, "Q2", 240 * MINUTE) == "Q2"
    assert tokens.query_of({**REQUEST, "MaxRows": 1}, "Q3", 241 * MINUTE) == "Q2"


def test_without_a_token_every_request_is_new(tokens: ClientTokens) -> None:
    assert tokens.query_of({"QueryString": "SELECT 1"}, "Q2", 0) == "Q2"


def test_only_the_latest_are_remembered(monkeypatch: pytest.MonkeyPatch, tokens: ClientTokens) -> None:
    monkeypatch.setattr(client_tokens, "REMEMBERED", 3)
    for number in range(3):
        tokens.query_of({**REQUEST, "ClientToken": str(number)}, "Q", 0)
    assert tokens.query_of({**REQUEST, "MaxRows": 1}, "Q2", 0) == "Q2"
