# SPDX-License-Identifier: MIT
"""Query's answers in pages: tokens as the API reference describes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.errors import ConflictException, ValidationException
from localaws.timestream.pages import Pages

HOUR = 3600 * 10**9
STATEMENT = "SELECT 1"


def row(number: int, padding: str = "") -> dict[str, Any]:
    return {"Data": [{"ScalarValue": f"{number}{padding}"}]}


def opened(pages: Pages, count: int, limit: int | None) -> dict[str, Any]:
    return pages.first(STATEMENT, {"ColumnInfo": []}, iter(map(row, range(count))), limit, now=0)


@given(st.integers(0, 30), st.integers(1, 10))
def test_pages_together_are_the_answer(count: int, limit: int) -> None:
    pages = Pages()
    page = opened(pages, count, limit)
    rows, query_id = list(page["Rows"]), page["QueryId"]
    while token := page.get("NextToken"):
        assert len(page["Rows"]) == limit
        page = pages.following(token, STATEMENT, limit, now=0)
        assert (page["QueryId"], page["ColumnInfo"]) == (query_id, [])
        rows += page["Rows"]
    assert rows == [row(number) for number in range(count)]


def test_a_page_ends_at_about_a_megabyte() -> None:
    rows = iter([row(number, "x" * 100_000) for number in range(15)])
    assert len(Pages().first(STATEMENT, {}, rows, None, now=0)["Rows"]) == 10


def test_a_token_can_be_used_five_times_with_the_same_answer() -> None:
    pages = Pages()
    token = opened(pages, 9, 2)["NextToken"]
    answers = [pages.following(token, STATEMENT, 2, now=0) for _ in range(5)]
    assert all(answer == answers[0] for answer in answers)
    with pytest.raises(ValidationException, match="Invalid pagination token"):
        pages.following(token, STATEMENT, 2, now=0)


def test_a_token_is_void_once_the_next_is_used() -> None:
    pages = Pages()
    token = opened(pages, 9, 2)["NextToken"]
    following = pages.following(token, STATEMENT, 2, now=0)["NextToken"]
    pages.following(following, STATEMENT, 2, now=0)
    with pytest.raises(ValidationException, match="Invalid pagination token"):
        pages.following(token, STATEMENT, 2, now=0)


@pytest.mark.parametrize(("statement", "now"), [("SELECT 2", 0), (STATEMENT, HOUR)])
def test_a_token_is_for_its_statement_and_an_hour(statement: str, now: int) -> None:
    pages = Pages()
    token = opened(pages, 9, 2)["NextToken"]
    with pytest.raises(ValidationException, match="Invalid pagination token"):
        pages.following(token, statement, 2, now)


@pytest.mark.parametrize("token", ["x", "AAAA", "bm9uZTox", "§"])
def test_a_made_up_token(token: str) -> None:
    with pytest.raises(ValidationException, match="Invalid pagination token"):
        Pages().following(token, STATEMENT, None, now=0)


def test_a_cancelled_query_is_not_read_on() -> None:
    pages = Pages()
    page = opened(pages, 9, 2)
    assert pages.cancel(page["QueryId"]) == {}
    assert "already" in pages.cancel(page["QueryId"])["CancellationMessage"]
    with pytest.raises(ConflictException, match="Unable to poll results for a cancelled query"):
        pages.following(page["NextToken"], STATEMENT, 2, now=0)


def test_a_query_that_is_not_running_cannot_be_cancelled() -> None:
    pages = Pages()
    with pytest.raises(ValidationException):
        pages.cancel(opened(pages, 1, 2)["QueryId"])


def test_only_so_many_queries_are_kept() -> None:
    pages = Pages()
    tokens = [opened(pages, 2, 1)["NextToken"] for _ in range(1001)]
    with pytest.raises(ValidationException):
        pages.following(tokens[0], STATEMENT, 1, now=0)
    assert pages.following(tokens[-1], STATEMENT, 1, now=0)["Rows"] == [row(1)]
