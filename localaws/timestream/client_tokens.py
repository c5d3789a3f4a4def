# SPDX-License-Identifier: MIT
"""The ClientTokens of Query: a request that is made again within five minutes has the answer of the first.

For five minutes a token is for the same request only; then, up to four hours, it can't be used; later it is
new. The latest ten thousand are remembered, since SDKs make up one for every request.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_Query.html
"""

from __future__ import annotations

import json
import threading
from typing import Any, NamedTuple

from localaws.errors import ValidationException
from localaws.timestream.windows import HOUR, MINUTE

IDEMPOTENCY = 5 * MINUTE
MEMORY = 4 * HOUR
REMEMBERED = 10_000

Document = dict[str, Any]


class _Use(NamedTuple):
    request: int
    query_id: str
    expires: int


class ClientTokens:
    """The tokens of one account and region. Times are in nanoseconds since 1970."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[str, _Use] = {}

    def query_of(self, request: Document, query_id: str, now: int) -> str:
        """The query that a request is for: the one given, or that of the same request before.

        :raises ValidationException: the token was used for another request, or too long ago.
        """
        token = request.get("ClientToken")
        if token is None:
            return query_id
        fingerprint = hash(json.dumps(request, sort_keys=True))
        with self._lock:
            use = self._uses.get(token)
            if use is None or use.expires <= now:
                self._keep(token, _Use(fingerprint, query_id, now + MEMORY))
                return query_id
        if use.request != fingerprint:
            raise ValidationException("The ClientToken was used for a request with other parameters.")
        if use.expires - MEMORY + IDEMPOTENCY <= now:
            raise ValidationException("The ClientToken was used more than 5 minutes ago.")
        return use.query_id

    def _keep(self, token: str, use: _Use) -> None:
        self._uses.pop(token, None)
        self._uses[token] = use
        if len(self._uses) > REMEMBERED:
            del self._uses[next(iter(self._uses))]
