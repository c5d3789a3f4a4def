# SPDX-License-Identifier: MIT
"""Query's answers in pages: tokens as the API reference describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.errors import ConflictException, ValidationException
from localaws.timestream.pages import OPEN_QUERIES, Pages

HOUR = 3600 * 10**9
STATEMENT = "SELECT 1"


@dataclass
class Answer:
    """So many rows, that come after so many empty pages."""

    rows: int
    delays: int = 0
    cancelled: bool = False
    closed: bool = False

    def page(self, start: int, limit: int | None) -> tuple[dict[str, Any], int | None]:
        if self.delays:
            self.delays -= 1
            return {"Rows": []}, start
        end = self.rows if limit is None else min(start + limit, self.rows)
        return {"Rows": list(range(start, end))}, end if end < self.rows else None

    def cancel(self, reason: ConflictException) -> None:
        self.cancelled = True

    def close(self) -> None:
        self.closed = True


def opened(pages: Pages, answer: Answer, limit: int | None = 2, query_id: str = "Q") -> dict[str, Any]:
    return pages.first(query_id, STATEMENT, answer, limit, now=0)


@given(st.integers(0, 30), st.integers(1, 10), st.integers(0, 3))
def test_pages_together_are_the_answer(count: int, limit: int, delays: int) -> None:
    pages = Pages()
    page = opened(pages, Answer(count, delays), limit)
    rows, empty = list(page["Rows"]), 0
    while token := page.get("NextToken"):
        empty += not page["Rows"]
        page = pages.following(token, STATEMENT, limit, now=0)
        assert page["QueryId"] == "Q"
        rows += page["Rows"]
    assert rows == list(range(count))
    assert empty == delays


def test_a_token_can_be_used_five_times_with_the_same_answer() -> None:
    pages = Pages()
    token = opened(pages, Answer(9))["NextToken"]
    answers = [pages.following(token, STATEMENT, 2, now=0) for _ in range(5)]
    assert answers[0]["Rows"] == [2, 3]
    assert all(answer == answers[0] for answer in answers)
    with pytest.raises(ValidationException, match="Invalid pagination token"):
        pages.following(token, STATEMENT, 2, now=0)


def test_a_page_that_was_empty_since_the_query_ran_stays_empty() -> None:
    pages = Pages()
    token = opened(pages, Answer(2, delays=2))["NextToken"]
    answers = [pages.following(token, STATEMENT, 2, now=0) for _ in range(2)]
    assert [answer["Rows"] for answer in answers] == [[], []]
    assert pages.following(answers[0]["NextToken"], STATEMENT, 2, now=0)["Rows"] == [0, 1]


def test_a_token_is_void_once_the_next_is_used() -> None:
    pages = Pages()
    token = opened(pages, Answer(9))["NextToken"]
    following = pages.following(token, STATEMENT, 2, now=0)["NextToken"]
    pages.following(following, STATEMENT, 2, now=0)
    with pytest.raises(ValidationException, match="Invalid pagination token"):
        pages.following(token, STATEMENT, 2, now=0)


@pytest.mark.parametrize(("statement", "now"), [("SELECT 2", 0), (STATEMENT, HOUR)])
def test_a_token_is_for_its_statement_and_an_hour(statement: str, now: int) -> None:
    pages = Pages()
    token = opened(pages, Answer(9))["NextToken"]
    with pytest.raises(ValidationException, match="Invalid pagination token"):
        pages.following(token, statement, 2, now)


@pytest.mark.parametrize("token", ["x", "AAAA", "bm9uZTox", "UTox", "§"])
def test_a_made_up_token(token: str) -> None:
    pages = Pages()
    opened(pages, Answer(9))
    with pytest.raises(ValidationException, match="Invalid pagination token"):
        pages.following(token, STATEMENT, None, now=0)


def test_a_query_that_is_asked_for_again_has_the_same_page() -> None:
    pages = Pages()
    page = opened(pages, Answer(9))
    assert pages.again("Q", now=0) == page
    assert pages.again("Q", now=HOUR) is None
    assert pages.again("another", now=0) is None
    pages.following(page["NextToken"], STATEMENT, 2, now=0)
    assert pages.again("Q", now=0) is None


def test_a_cancelled_query_is_not_read_on() -> None:
    pages, answer = Pages(), Answer(9)
    token = opened(pages, answer)["NextToken"]
    assert pages.cancel("Q") == {}
    assert (answer.cancelled, answer.closed) == (True, True)
    assert "already" in pages.cancel("Q")["CancellationMessage"]
    with pytest.raises(ConflictException, match="Unable to poll results for a cancelled query"):
        pages.following(token, STATEMENT, 2, now=0)


@pytest.mark.parametrize("query_id", ["Q", "another"])
def test_a_query_that_is_not_running_cannot_be_cancelled(query_id: str) -> None:
    pages = Pages()
    opened(pages, Answer(1))
    with pytest.raises(ValidationException):
        pages.cancel(query_id)


def test_only_so_many_queries_are_kept() -> None:
    pages, first = Pages(), Answer(9)
    token = opened(pages, first)["NextToken"]
    others = [opened(pages, Answer(9), query_id=f"Q{n}")["NextToken"] for n in range(OPEN_QUERIES)]
    assert first.closed
    with pytest.raises(ValidationException, match="Invalid pagination token"):
        pages.following(token, STATEMENT, 2, now=0)
    assert pages.following(others[0], STATEMENT, 2, now=0)["Rows"] == [2, 3]


def test_queries_are_forgotten_an_hour_after_they_were_read() -> None:
    pages, answer = Pages(), Answer(9)
    token = opened(pages, answer)["NextToken"]
    pages.expire(HOUR - 1)
    pages.following(token, STATEMENT, 2, now=HOUR - 1)
    pages.expire(2 * HOUR - 2)
    assert not answer.closed
    pages.expire(2 * HOUR - 1)
    assert answer.closed
