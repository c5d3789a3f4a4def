# SPDX-License-Identifier: MIT
"""Query and CancelQuery: statements run, and their answers read page by page.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_Query.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localaws.errors import ValidationException
from localaws.timestream import sql
from localaws.timestream.catalog import Catalog
from localaws.timestream.pages import Pages
from localaws.timestream.store import Store
from localaws.timestream.view import View

LEAST_BYTES_METERED = 10_000_000

Document = dict[str, Any]


class Queries:
    """The queries of one account and region."""

    def __init__(self, catalog: Catalog, store: Store, clock: Callable[[], int]) -> None:
        self._catalog = catalog
        self._store = store
        self._clock = clock
        self._pages = Pages()

    def query(self, request: Document) -> Document:
        """Query."""
        if (request.get("QueryInsights") or {}).get("Mode", "DISABLED") != "DISABLED":
            raise ValidationException("The embedded Timestream does not have QueryInsights.")
        statement, limit, now = request["QueryString"], request.get("MaxRows"), self._clock()
        if token := request.get("NextToken"):
            return self._pages.following(token, statement, limit, now)
        view = View(self._catalog, self._store, now)
        answer = sql.run(statement, view, self._store.cursor(), now)
        status = {
            "ProgressPercentage": 100.0,
            "CumulativeBytesScanned": view.scanned,
            "CumulativeBytesMetered": max(view.scanned, LEAST_BYTES_METERED),
        }
        members = {"ColumnInfo": answer.columns, "QueryStatus": status}
        return self._pages.first(statement, members, iter(answer.rows), limit, now)

    def cancel_query(self, request: Document) -> Document:
        """CancelQuery."""
        return self._pages.cancel(request["QueryId"])
