# SPDX-License-Identifier: MIT
"""Timestream's answers as Python values.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/API_query_Datum.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from demo.stack import Stack

Value = str | int | float | bool | datetime | None


@dataclass(frozen=True)
class Answer:
    """Column names and rows of values: float, int, bool, datetime (UTC, to the microsecond), str or None."""

    columns: list[str]
    rows: list[tuple[Value, ...]]


def query(stack: Stack, sql: str) -> Answer:
    """Run a query and read all its pages."""
    pages = stack.client("timestream-query").get_paginator("query").paginate(QueryString=sql)
    columns: list[dict[str, Any]] = []
    rows: list[tuple[Value, ...]] = []
    for page in pages:
        columns = page["ColumnInfo"]
        readers = [_READERS.get(column["Type"].get("ScalarType", ""), str) for column in columns]
        rows += [
            tuple(_value(datum, reader) for datum, reader in zip(row["Data"], readers, strict=True))
            for row in page["Rows"]
        ]
    return Answer([column["Name"] for column in columns], rows)


def _value(datum: dict[str, Any], reader: Callable[[str], Value]) -> Value:
    if "ScalarValue" in datum:
        return reader(datum["ScalarValue"])
    return None if datum.get("NullValue") else str(datum)


def _timestamp(text: str) -> datetime:
    return datetime.fromisoformat(text[:26]).replace(tzinfo=UTC)


_READERS: dict[str, Callable[[str], Value]] = {
    "DOUBLE": float,
    "BIGINT": int,
    "INTEGER": int,
    "BOOLEAN": lambda text: text == "true",
    "TIMESTAMP": _timestamp,
}
