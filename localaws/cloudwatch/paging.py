# SPDX-License-Identifier: MIT
"""The answers of CloudWatch's Describe operations, page by page: a token names the last item before."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from localaws.cloudwatch.errors import InvalidNextToken

MOST = 100

Document = dict[str, Any]


def page(member: str, items: Sequence[tuple[str, Document]], request: Document) -> Document:
    """The items, each with a name of its own, after NextToken's; at most MaxRecords."""
    start = 0
    if "NextToken" in request:
        names = [name for name, _ in items]
        start = names.index(_name(request["NextToken"], names)) + 1
    end = start + request.get("MaxRecords", MOST)
    answer: Document = {member: [item for _, item in items[start:end]]}
    if end < len(items):
        answer["NextToken"] = base64.urlsafe_b64encode(items[end - 1][0].encode()).decode()
    return answer


def _name(token: str, names: Sequence[str]) -> str:
    try:
        name = base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, ValueError):
        name = ""
    if name not in names:
        raise InvalidNextToken("The next token specified is invalid.")
    return name
