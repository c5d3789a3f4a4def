# SPDX-License-Identifier: MIT
"""The answers of List operations, page by page: a token is the name of the last item of the page before."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from localaws.errors import ValidationException

PAGE = 20

Document = dict[str, Any]


def page(member: str, items: Iterable[tuple[str, Document]], request: Document) -> Document:
    """The items after NextToken's, at most MaxResults, by name.

    :param member: the answer's member that has the items.
    :param items: each with its name.
    :raises ValidationException: NextToken is not a token.
    """
    after = _untoken(request.get("NextToken"))
    rest = sorted((item for item in items if item[0] > after), key=lambda item: item[0])
    items_of_page = rest[: request.get("MaxResults") or PAGE]
    answer: Document = {member: [description for _, description in items_of_page]}
    if len(rest) > len(items_of_page):
        answer["NextToken"] = base64.urlsafe_b64encode(items_of_page[-1][0].encode()).decode()
    return answer


def _untoken(token: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(token or "").decode()
    except (binascii.Error, ValueError):
        raise ValidationException("Invalid pagination token.") from None
