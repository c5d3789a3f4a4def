# SPDX-License-Identifier: MIT
"""The answers of Query, read page by page.

A token works for the statement it was given for, up to five times, with the same page each time, and for an
hour; once the next one has been used it works no more.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_Query.html
"""

from __future__ import annotations

import base64
import binascii
import threading
from dataclasses import dataclass, field
from typing import Any, Protocol

from localaws.errors import ConflictException, ValidationException
from localaws.timestream.windows import HOUR

USES = 5
OPEN_QUERIES = 500

Document = dict[str, Any]


class Answer(Protocol):
    """What a query answers, or is going to."""

    def page(self, start: int, limit: int | None) -> tuple[Document, int | None]:
        """A page's members, its Rows from one on; and at which row the next page starts, None at the end.

        While the query is running a page is empty and the next one starts where it did.
        """

    def cancel(self, reason: ConflictException) -> None:
        """Stop the query; from then on the reason is raised."""

    def close(self) -> None:
        """Nothing more will be read."""


@dataclass
class _Query:
    """A query whose answer is being read."""

    id: str
    statement: str
    answer: Answer
    expires: int
    number: int = 1
    """The page last read, where it starts, where the next one does, and how often it was read."""
    start: int = 0
    next: int | None = 0
    uses: int = 0
    cancelled: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class Pages:
    """The queries being read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queries: dict[str, _Query] = {}

    def first(self, query_id: str, statement: str, answer: Answer, limit: int | None, now: int) -> Document:
        """The first page of a new query."""
        query = _Query(query_id, statement, answer, now + HOUR)
        with self._lock:
            self._queries[query_id] = query
        self.expire(now)
        try:
            with query.lock:
                return self._turn(query, limit, now)
        except BaseException:
            self._queries.pop(query_id, None)
            raise

    def again(self, query_id: str, now: int) -> Document | None:
        """The first page of a query once more; None if it isn't kept, or has been read on."""
        query = self._queries.get(query_id)
        if query is None or query.expires <= now or query.cancelled or query.number > 1:
            return None
        with query.lock:
            return self._repeated(query)

    def following(self, token: str, statement: str, limit: int | None, now: int) -> Document:
        """The page of a token.

        :raises ValidationException: the token isn't one, is used up, or belongs to another statement.
        :raises ConflictException: the query was cancelled.
        """
        query_id, number = _parse(token)
        query = self._queries.get(query_id)
        if query is None or query.statement != statement or query.expires <= now:
            raise ValidationException("Invalid pagination token.")
        with query.lock:
            if query.cancelled:
                raise ConflictException("Unable to poll results for a cancelled query.")
            if number == query.number + 1 and query.next is not None:
                query.start, query.number, query.uses = query.next, number, 0
                return self._turn(query, limit, now)
            if number != query.number or number == 1 or query.uses >= USES:
                raise ValidationException("Invalid pagination token.")
            return self._repeated(query)

    def cancel(self, query_id: str) -> Document:
        """CancelQuery: nothing more is read of it. A second time answers with a message.

        :raises ValidationException: the query isn't there, or has been read to its end.
        """
        query = self._queries.get(query_id)
        if query is None or query.next is None:
            raise ValidationException(f"There is no running query {query_id}.")
        if query.cancelled:
            return {"CancellationMessage": f"The query {query_id} was already cancelled."}
        query.cancelled = True
        query.answer.cancel(ConflictException("Unable to poll results for a cancelled query."))
        with query.lock:
            query.answer.close()
        return {}

    def expire(self, now: int) -> None:
        """Forget the queries of which no page has been read for an hour, and the oldest of too many."""
        with self._lock:
            excess = len(self._queries) - OPEN_QUERIES
            old = [
                each
                for number, each in enumerate(self._queries.values())
                if number < excess or each.expires <= now
            ]
            for query in old:
                del self._queries[query.id]
        for query in old:
            with query.lock:
                query.answer.close()

    def _turn(self, query: _Query, limit: int | None, now: int) -> Document:
        """The page that starts where the query is. Its tokens are good for an hour from then on."""
        query.expires = now + HOUR
        members, query.next = query.answer.page(query.start, limit)
        return self._made(query, members)

    def _repeated(self, query: _Query) -> Document:
        """The same page as before."""
        limit = None if query.next is None else query.next - query.start
        members, _ = query.answer.page(query.start, limit)
        return self._made(query, members)

    def _made(self, query: _Query, members: Document) -> Document:
        query.uses += 1
        page = {"QueryId": query.id, **members}
        if query.next is not None:
            page["NextToken"] = _token(query.id, query.number + 1)
        return page


def _token(query_id: str, number: int) -> str:
    return base64.urlsafe_b64encode(f"{query_id}:{number}".encode()).decode()


def _parse(token: str) -> tuple[str, int]:
    try:
        query_id, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        return query_id, int(number)
    except (binascii.Error, ValueError):
        raise ValidationException("Invalid pagination token.") from None
