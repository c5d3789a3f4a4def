# SPDX-License-Identifier: MIT
"""The answers of Query, read page by page.

A page ends at MaxRows rows or about 1 MB. A token works for the statement it was given for, up to five
times and for an hour; once the next one has been used it works no more.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_Query.html
"""

from __future__ import annotations

import base64
import binascii
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from localaws.errors import ConflictException, ValidationException
from localaws.timestream.windows import HOUR

PAGE_BYTES = 10**6
USES = 5
OPEN_QUERIES = 1000

Document = dict[str, Any]


@dataclass
class _Query:
    """A query whose answer has more than one page."""

    statement: str
    answer: Document
    """The members that every page has."""
    rows: Iterator[Document]
    expires: int
    ahead: Document | None = None
    """The first row of the next page."""
    number: int = 0
    """The page last read, from 1, and how often it was read."""
    uses: int = 0
    page: Document = field(default_factory=dict)
    cancelled: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class Pages:
    """The queries being read."""

    def __init__(self) -> None:
        self._queries: dict[str, _Query] = {}

    def first(
        self, statement: str, answer: Document, rows: Iterator[Document], limit: int | None, now: int
    ) -> Document:
        """The first page of a new answer, whose members but for QueryId and Rows are given."""
        query_id = base64.b32encode(secrets.token_bytes(30)).decode()
        query = _Query(statement, {"QueryId": query_id, **answer}, rows, now + HOUR)
        query.ahead = next(rows, None)
        page = self._turn(query, limit)
        if "NextToken" in page:
            self._evict(now)
            self._queries[query_id] = query
        return page

    def following(self, token: str, statement: str, limit: int | None, now: int) -> Document:
        """The page of a token.

        :raises ValidationException: the token isn't one, is used up, or belongs to another statement.
        :raises ConflictException: the query was cancelled.
        """
        query_id, number = _parse(token)
        query = self._queries.get(query_id)
        if query is None or query.statement != statement or query.expires <= now:
            raise ValidationException("Invalid pagination token.")
        if query.cancelled:
            raise ConflictException("Unable to poll results for a cancelled query.")
        with query.lock:
            if number == query.number + 1 and query.ahead is not None:
                return self._turn(query, limit)
            if number != query.number or query.uses >= USES:
                raise ValidationException("Invalid pagination token.")
            query.uses += 1
            return query.page

    def cancel(self, query_id: str) -> Document:
        """CancelQuery: nothing more is read of it. A second time answers with a message."""
        query = self._queries.get(query_id)
        if query is None:
            raise ValidationException(f"There is no running query {query_id}.")
        if query.cancelled:
            return {"CancellationMessage": f"The query {query_id} was already cancelled."}
        with query.lock:
            query.cancelled, query.rows, query.ahead, query.page = True, iter(()), None, {}
        return {}

    def _turn(self, query: _Query, limit: int | None) -> Document:
        """Read on by one page."""
        rows: list[Document] = []
        size = 0
        while query.ahead is not None and size < PAGE_BYTES and (limit is None or len(rows) < limit):
            rows.append(query.ahead)
            size += len(str(query.ahead))
            query.ahead = next(query.rows, None)
        query.number, query.uses = query.number + 1, 1
        query.page = {**query.answer, "Rows": rows}
        if query.ahead is not None:
            query.page["NextToken"] = _token(query.answer["QueryId"], query.number + 1)
        return query.page

    def _evict(self, now: int) -> None:
        for query_id, query in list(self._queries.items()):
            if query.expires <= now or len(self._queries) >= OPEN_QUERIES:
                self._queries.pop(query_id, None)


def _token(query_id: str, number: int) -> str:
    return base64.urlsafe_b64encode(f"{query_id}:{number}".encode()).decode()


def _parse(token: str) -> tuple[str, int]:
    try:
        query_id, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        return query_id, int(number)
    except (binascii.Error, ValueError):
        raise ValidationException("Invalid pagination token.") from None
